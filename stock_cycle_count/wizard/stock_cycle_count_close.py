from odoo import _, api, fields, models


class StockCycleCountClose(models.TransientModel):
    """Asks what becomes of the lines that nobody counted before a sheet is closed."""

    _name = "stock.cycle.count.close"
    _description = "Close a Count Sheet"

    count_id = fields.Many2one("stock.cycle.count", "Sheet", required=True, ondelete="cascade")
    policy = fields.Selection(related="count_id.uncounted_policy")
    uncounted_count = fields.Integer(compute="_compute_uncounted")
    message = fields.Text(compute="_compute_uncounted")

    @api.depends("count_id")
    def _compute_uncounted(self):
        for wizard in self:
            number = len(wizard.count_id._get_uncounted())
            wizard.uncounted_count = number
            wizard.message = (
                _("%(number)s lines were not counted. Closing counts them as 0: what the books show there becomes a "
                  "difference.", number=number)
                if wizard.policy == "zero" else
                _("%(number)s lines were not counted. Closing leaves them as they are: they stay due, and come back "
                  "on a later sheet.", number=number))

    def action_close(self):
        """Close the sheet by its policy."""
        self.ensure_one()
        self.count_id._check_can("close")
        self.count_id._close(self.policy)
        return {"type": "ir.actions.act_window_close"}
