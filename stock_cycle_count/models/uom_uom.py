from odoo import models


class UomUom(models.Model):
    _inherit = "uom.uom"

    def write(self, vals):
        if vals.get("rounding"):
            self.env["stock.cycle.count.gate"]._check_rounding(vals["rounding"], self)
        return super().write(vals)
