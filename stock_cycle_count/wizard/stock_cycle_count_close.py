from odoo import _, api, fields, models

from ..tools import notifications


class StockCycleCountClose(models.TransientModel):
    """Asks what becomes of the lines that nobody counted before a sheet is closed, and before it is posted at once."""

    _name = "stock.cycle.count.close"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Close a Count Sheet"

    count_id = fields.Many2one("stock.cycle.count", "Sheet", required=True, ondelete="cascade")
    policy = fields.Selection(related="count_id.uncounted_policy")
    finalize = fields.Boolean(help="Post what may pass as well.")
    message = fields.Text(compute="_compute_message")

    @api.depends("count_id", "finalize")
    def _compute_message(self):
        for wizard in self:
            wizard.message = "\n".join(wizard._get_sentences())

    def _get_sentences(self):
        """What closing means for the lines that were not counted, for recounts that were not made, and for the rest."""
        self.count_id.check_access_rule("read")
        uncounted = self.count_id._get_uncounted()
        recounts = uncounted.filtered(lambda line: line.state == "recount")
        pending = uncounted - recounts
        if pending and self.policy == "zero":
            yield _("Lines not counted: %(number)s. Closing counts them as 0: what the books show there becomes a "
                    "difference.", number=len(pending))
        elif pending:
            yield _("Lines not counted: %(number)s. Closing leaves them as they are: they stay due, and come back "
                    "on a later sheet.", number=len(pending))
        if recounts:
            yield _("Recounts not made: %(number)s. Closing keeps what the count before found; differences then "
                    "wait for approval.", number=len(recounts))
        if self.finalize:
            yield _("What agrees or is within tolerance is posted now, unless there are transfers to choose from. What needs "
                    "another count or an approval stays open; finalize the sheet again when that is decided.")

    def action_close(self):
        """Close the sheet by its policy; post it if that was asked for."""
        self.ensure_one()
        self.count_id._check_can("close")
        self.count_id._close(self.policy)
        left = self.count_id._leave_closed()
        if left is not True:
            return left
        if self.finalize and self.count_id.can_finalize and self.count_id.state == "review":
            if self.count_id.sudo().transfer_ids:
                return self._show_transfers()
            self.count_id.action_finalize()
        return {"type": "ir.actions.act_window_close"}

    def _show_transfers(self):
        """The sheet, so that a person chooses which transfers are made before anything is posted."""
        return notifications.warning(
            _("What was found elsewhere is proposed as transfers. Untick those that are not to be made, then finalize."),
            _("Transfers to choose from: %(number)s", number=len(self.count_id.transfer_ids)),
            {"type": "ir.actions.act_window", "res_model": self.count_id._name, "res_id": self.count_id.id,
             "view_mode": "form", "views": [(False, "form")], "target": "current"})
