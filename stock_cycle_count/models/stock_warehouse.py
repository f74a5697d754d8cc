from odoo import models


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    def write(self, vals):
        if "view_location_id" in vals:
            self.env["stock.cycle.count.gate"]._check_view_location(vals["view_location_id"], self)
        return super().write(vals)
