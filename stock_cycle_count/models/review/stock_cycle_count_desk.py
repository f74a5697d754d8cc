from odoo import _, api, fields, models
from odoo.exceptions import UserError


class StockCycleCountDesk(models.AbstractModel):
    """What a sheet offers whoever reviews it: to decide, to choose who recounts, to finalize what is left and to mend what
    could not be posted. A button is there when it does something.
    """

    _name = "stock.cycle.count.desk"
    _description = "Desk of a Count Sheet"

    decide_count = fields.Integer(
        "Lines to Decide On", compute="_compute_desk", groups="stock_cycle_count.group_approver",
        help="Differences that you may decide on now.")
    unassigned_count = fields.Integer(
        "Recounts without a Counter", compute="_compute_desk", groups="stock_cycle_count.group_approver")
    finalize_count = fields.Integer(
        "Lines to Finalize", compute="_compute_desk", groups="stock_cycle_count.group_approver")
    finalize_message = fields.Char(
        "What Finalizing Does", compute="_compute_desk", groups="stock_cycle_count.group_approver")
    problem_ids = fields.Many2many(
        "stock.cycle.count.line", string="Could Not Be Posted", compute="_compute_desk",
        groups="stock_cycle_count.group_approver")

    @api.depends("state", "line_ids.state")
    @api.depends_context("uid", "lang")
    def _compute_desk(self):
        lines = self._get_lines("recount", "to_approve", "approved", "counted").with_env(self.env)
        by_sheet = lines.grouped("count_id")
        for count in self:
            own = by_sheet.get(count._origin, lines.browse())
            left = own.filtered(lambda line: line.state in ("counted", "approved")) if count.state == "review" else own.browse()
            count.decide_count = len(own.filtered("can_decide"))
            count.unassigned_count = len(own.filtered(lambda line: line.state == "recount" and not line.user_id))
            count.problem_ids = left.filtered("post_error")
            count.finalize_count = len(left)
            count.finalize_message = count._phrase_finalize(left, own) if left else False

    def _phrase_finalize(self, left, lines):
        """What *Finalize* will do, before it is pressed.

        :param left: lines that it tries to post
        :param lines: all that are open
        """
        parts = [_(
            "Finalize posts what is left: lines %(number)s, worth %(value)s.", number=len(left),
            value=self.currency_id.format(sum(left.mapped("adjustment_value"))))]
        transfers = self.transfer_ids.filtered(lambda transfer: transfer.selected and not transfer.move_ids)
        if transfers:
            parts.append(_("Transfers that are made: %(number)s.", number=len(transfers)))
        waiting = lines.filtered(lambda line: line.state in ("to_approve", "recount"))
        if waiting:
            parts.append(_("Lines that stay until they are decided: %(number)s.", number=len(waiting)))
        return " ".join(parts)

    def action_decide(self):
        """Open the choice of a decision for all differences of these sheets that the user may decide on.

        :raise UserError: when there are none, saying for whom they wait
        """
        lines = self._get_lines("to_approve", "approved").with_env(self.env).filtered("can_decide")
        if not lines:
            reasons = " ".join(filter(None, self.mapped("waits_for")))
            raise UserError(reasons or _("Nothing here waits for a decision. Choose a sheet that was counted."))
        return lines.action_decide()

    def action_assign_recount(self):
        """Open the choice of who recounts what nobody was found for.

        :raise UserError: for whoever is no supervisor
        """
        self._check_can("recount_choice")
        return self._open_recount(_("Assign Recount"), is_assignment=True)

    def _why_not_recount_choice(self):
        if not self._get_lines("recount").filtered(lambda line: not line.user_id):
            return _("On sheet %(name)s no recount waits for somebody to be chosen.", name=self.name)
        return self._why_not_supervisor()
