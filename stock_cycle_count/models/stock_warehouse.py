from odoo import api, models

from .constants import LEVEL_GROUPS


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    @api.model
    def action_open_cycle_count_today(self):
        """Open what the user's day begins with: due sheets for who plans and approves, the scanner for who counts."""
        oversees = self.env.user.has_group(LEVEL_GROUPS[1])
        action = self.env["ir.actions.actions"]._for_xml_id(
            "stock_cycle_count.stock_cycle_count_action" if oversees else
            "stock_cycle_count.stock_cycle_count_scanner_action")
        return dict(action, context={"search_default_due": 1}) if oversees else action

    def write(self, vals):
        if "view_location_id" in vals:
            self.env["stock.cycle.count.gate"]._check_view_location(vals["view_location_id"], self)
        return super().write(vals)
