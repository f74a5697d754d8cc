from odoo import fields, models


class StockCycleCountExplanation(models.Model):
    """Why something that the check found is as it is, said by somebody who did not do it, and of which numbers it was
    said. Rows are added, never changed, by nobody.
    """

    _name = "stock.cycle.count.explanation"
    _description = "Explanation of an Unexplained Change"
    _order = "id desc"
    _inherit = "stock.cycle.count.append.only.mixin"
    _log_access = False

    finding_id = fields.Many2one("stock.cycle.count.finding", "Change", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="finding_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", "Explained By", required=True, ondelete="restrict")
    date = fields.Datetime("Explained On", required=True, default=fields.Datetime.now)
    note = fields.Text("Explanation", required=True)
    quantity = fields.Float(digits="Product Unit of Measure")
    value = fields.Monetary()
    facts = fields.Char(help="The numbers that were explained. When they change, the change is open again.")
