from odoo import models


class StockRequestCount(models.TransientModel):
    _inherit = "stock.request.count"

    def action_request_count(self):
        """As core, and make the sheets at once: for whoever is named, else for the next in turn."""
        result = super().action_request_count()
        positions = self.env["stock.cycle.count.position"].sudo().union(*self.quant_ids._get_count_positions().values())
        unplanned = positions._generate_requested()
        if unplanned:
            self._make_unplanned(unplanned)
        return result

    def _make_unplanned(self, positions):
        """Make sheets of what no plan governs, for whoever is named."""
        Count = self.env["stock.cycle.count"]
        places = {(position.location_id, position.product_id) for position in positions}
        asked = self.quant_ids.filtered(lambda quant: (quant.location_id, quant.product_id) in places)
        for company, quants in asked.sudo().grouped("company_id").items():
            keys = Count._find_keys(company, [("id", "in", quants.ids)])
            free, _taken = Count._split_taken(keys) if keys else ([], None)
            if free:
                Count._make_ad_hoc(company, free, self.user_id, scheduled_date=self.inventory_date)
