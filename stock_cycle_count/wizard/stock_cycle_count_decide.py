from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ..tools import notifications

#: What became of many lines is told of some.
MOST_SENTENCES = 3


class StockCycleCountDecide(models.TransientModel):
    """Decides on one line or many at once, with one reason and comment. The lines themselves check who may."""

    _name = "stock.cycle.count.decide"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Decide on Differences"

    line_ids = fields.Many2many("stock.cycle.count.line", string="Lines", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_totals")
    currency_id = fields.Many2one(related="company_id.currency_id")
    reason_id = fields.Many2one(
        "stock.cycle.count.reason", "Reason", help="For the lines that have none yet.")
    proposed_reason_ids = fields.Many2many(
        "stock.cycle.count.reason", string="Proposed Reasons", compute="_compute_proposed_reason_ids")
    reason_needed = fields.Boolean(compute="_compute_proposed_reason_ids")
    comment = fields.Char()
    gain_value = fields.Monetary("Surplus", compute="_compute_totals")
    loss_value = fields.Monetary("Shortage", compute="_compute_totals")

    @api.depends("line_ids")
    def _compute_totals(self):
        for wizard in self:
            values = wizard.line_ids.mapped("variance_value")
            wizard.company_id = wizard.line_ids.company_id[:1]
            wizard.gain_value = sum(value for value in values if value > 0)
            wizard.loss_value = sum(value for value in values if value < 0)

    @api.depends("line_ids")
    def _compute_proposed_reason_ids(self):
        for wizard in self:
            wizard.proposed_reason_ids = wizard.env["stock.cycle.count.reason"]._propose(wizard.line_ids)
            wizard.reason_needed = any(not line.reason_id and line._needs_reason() for line in wizard.line_ids)

    def _get_lines(self):
        """The chosen lines.

        :raise UserError: when none is chosen
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(_("Choose at least one line."))
        return self.line_ids

    def action_approve(self):
        """Approve all lines; when one cannot be, none is."""
        lines = self._get_lines()
        if self.reason_id:
            lines.filtered(lambda line: not line.reason_id and line._needs_reason()).write(
                {"reason_id": self.reason_id.id})
        lines.action_approve(self.comment)
        return self._tell(lines, _("Approved"))

    @api.model
    def _tell(self, lines, title):
        """Say what became of lines, and who acts next."""
        lines.invalidate_recordset(["waits_for"])
        sentences = dict.fromkeys(lines.mapped("waits_for"))
        return notifications.done(
            " ".join(list(sentences)[:MOST_SENTENCES]), title, {"type": "ir.actions.act_window_close"})

    def action_reject(self):
        """Reject all lines.

        :raise UserError: without a comment
        """
        lines = self._get_lines()
        if not (self.comment or "").strip():
            raise UserError(_("Say in the comment why the differences are rejected."))
        lines.action_reject(self.comment)
        return self._tell(lines, _("Rejected"))

    def action_recount(self):
        """Have all lines counted once more, by somebody else."""
        lines = self._get_lines()
        lines.action_send_to_recount(self.comment)
        return self._tell(lines, _("Counted again"))
