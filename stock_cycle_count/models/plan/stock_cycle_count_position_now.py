from odoo import models
from odoo.osv import expression


class StockCycleCountPositionNow(models.AbstractModel):
    """Positions are counted at once, without waiting for their day."""

    _name = "stock.cycle.count.position.now"
    _description = "Counting a Position at Once"

    def action_count_now(self):
        """Begin to count these positions at once, on a blind sheet."""
        places = expression.OR([
            [("location_id", "=", position.location_id.id), ("product_id", "=", position.product_id.id)]
            for position in self])
        return self.env["stock.cycle.count"]._open_count_now(self.company_id[:1], places)
