from odoo import models

from ..models.context import KEEP_COUNTER, WRITER_KEY


class StockInventoryConflict(models.TransientModel):
    """Who solves a conflict decides which number of a count holds. That makes nobody else its counter, who could
    otherwise approve the own count.
    """

    _inherit = "stock.inventory.conflict"

    def action_keep_counted_quantity(self):
        kept = self.with_context(**{WRITER_KEY: KEEP_COUNTER})
        return super(StockInventoryConflict, kept).action_keep_counted_quantity()

    def action_keep_difference(self):
        kept = self.with_context(**{WRITER_KEY: KEEP_COUNTER})
        return super(StockInventoryConflict, kept).action_keep_difference()
