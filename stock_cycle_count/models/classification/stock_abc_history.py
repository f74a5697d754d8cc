from odoo import fields, models


class StockAbcHistory(models.Model):
    """One change of a product's effective class. Rows are added, never changed."""

    _name = "stock.abc.history"
    _description = "ABC Class Change"
    _order = "date desc, id desc"
    _inherit = "stock.cycle.count.append.only.mixin"
    _log_access = False

    profile_id = fields.Many2one("stock.abc.profile", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, ondelete="cascade", index=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user)
    old_class = fields.Char("From")
    new_class = fields.Char("To")
    cause = fields.Selection(
        [("computed", "Classification"), ("manual", "Set by hand"), ("expired", "End of a manual class")],
        required=True)
    note = fields.Char()
