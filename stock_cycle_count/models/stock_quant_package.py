from odoo import api, fields, models


class StockQuantPackage(models.Model):
    _name = "stock.quant.package"
    _inherit = ["stock.cycle.count.blind.mixin", "stock.quant.package"]

    # What lies in it, and where, is what the books show.
    location_id = fields.Many2one(prefetch=False)
    company_id = fields.Many2one(prefetch=False)
    write_uid = fields.Many2one(prefetch=False)
    write_date = fields.Datetime(prefetch=False)

    @api.model
    def _get_blind_fields(self):
        return {"quant_ids", "location_id", "company_id", "owner_id", "write_uid", "write_date"}
