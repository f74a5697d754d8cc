from odoo import models


class StockRequestCount(models.TransientModel):
    _inherit = "stock.request.count"

    def action_request_count(self):
        """As core, and make the sheets at once: for whoever is named, else for the next in turn."""
        result = super().action_request_count()
        positions = self.env["stock.cycle.count.position"].sudo().union(*self.quant_ids._get_count_positions().values())
        positions._make_requested(self.inventory_date, self.user_id, [("id", "in", self.quant_ids.ids)])
        return result
