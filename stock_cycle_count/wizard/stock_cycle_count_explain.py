from odoo import fields, models


class StockCycleCountExplain(models.TransientModel):
    """Asks why changes of stock are right. The changes themselves check who may say so."""

    _name = "stock.cycle.count.explain"
    _description = "Explain Changes of Stock"

    finding_ids = fields.Many2many("stock.cycle.count.finding", string="Changes", required=True)
    note = fields.Text("Explanation", required=True)

    def action_explain(self):
        """Explain all of them; when one cannot be, none is.

        :raise UserError: when the user may not explain one
        """
        self.ensure_one()
        self.finding_ids.action_explain(self.note)
        return {"type": "ir.actions.act_window_close"}
