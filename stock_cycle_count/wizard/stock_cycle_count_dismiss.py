from odoo import fields, models


class StockCycleCountDismiss(models.TransientModel):
    """Asks why hints are dismissed. The hints themselves check who may say so."""

    _name = "stock.cycle.count.dismiss"
    _description = "Dismiss Hints"
    _inherit = "stock.cycle.count.request.mixin"

    hint_ids = fields.Many2many("stock.cycle.count.hint", string="Hints", required=True)
    dismissal = fields.Selection(
        lambda self: self.env["stock.cycle.count.hint"]._fields["dismissal"]._description_selection(self.env),
        "Why", required=True)
    note = fields.Char()

    def action_dismiss(self):
        """Dismiss all of them; when one cannot be, none is.

        :raise UserError: when the user may not dismiss one
        """
        self.ensure_one()
        self.hint_ids.action_dismiss(self.dismissal, self.note)
        return {"type": "ir.actions.act_window_close"}
