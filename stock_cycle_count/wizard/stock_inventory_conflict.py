from odoo import models

from ..models.context import WRITER_KEY, Resolution


class StockInventoryConflict(models.TransientModel):
    """Who solves a conflict decides which number of a count holds, and so has counted too: neither that person nor
    whoever counted before approves it.
    """

    _inherit = "stock.inventory.conflict"

    def action_keep_counted_quantity(self):
        return super(StockInventoryConflict, self._resolving()).action_keep_counted_quantity()

    def action_keep_difference(self):
        return super(StockInventoryConflict, self._resolving()).action_keep_difference()

    def _resolving(self):
        """This wizard, with what was counted until now."""
        counts = {
            quant.id: (quant.inventory_quantity, quant.inventory_quantity - quant.inventory_diff_quantity)
            for quant in self.quant_ids}
        return self.with_context(**{WRITER_KEY: Resolution(counts)})
