from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import UserError

from ...tools import numbers
from ..constants import LEVEL_GROUPS
from .stock_cycle_count_approval import JUDGED_NUMBERS


class StockCycleCountLineDecision(models.AbstractModel):
    """Who may let a difference into the books.

    Supervisors decide on level 1, controllers on level 2. Nobody decides on what they counted, nor on both levels,
    whatever rights they have, unless the company waives it; then the decision says so.
    """

    _name = "stock.cycle.count.line.decision"
    _description = "Decision on a Count Line"

    reason_id = fields.Many2one(
        "stock.cycle.count.reason", "Reason", copy=False, index="btree_not_null", check_company=True,
        domain="[('root_cause', '!=', 'opening')]")
    evidence_ids = fields.Many2many("ir.attachment", string="Evidence", copy=False)
    # Stays when the line is counted again: whoever does would know that a difference had waited.
    to_approve_date = fields.Datetime(
        "Waiting Since", readonly=True, copy=False, groups="stock_cycle_count.group_approver")
    reminder_step = fields.Integer(
        "Reminders", readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="How often it was reminded of, each time more people.")
    escalated = fields.Boolean(
        compute="_compute_escalated", store=True, groups="stock_cycle_count.group_approver")
    waiting_days = fields.Integer(
        "Days Waiting", compute="_compute_waiting_days", group_operator="max",
        groups="stock_cycle_count.group_approver", help="Calendar days since the line waits for approval.")
    approval_ids = fields.One2many(
        "stock.cycle.count.approval", "line_id", "Decisions", readonly=True,
        groups="stock_cycle_count.group_approver")
    pending_level = fields.Integer(
        compute="_compute_pending_level", groups="stock_cycle_count.group_approver",
        help="Level that has to decide next; 0 when nobody has to.")
    approver_names = fields.Char(
        "Approved By", compute="_compute_approver_names", groups="stock_cycle_count.group_approver",
        help="Of a difference that is approved.")
    can_decide = fields.Boolean(compute="_compute_can_decide", groups="stock_cycle_count.group_approver")

    @api.depends("state", "to_approve_date")
    def _compute_waiting_days(self):
        now = fields.Datetime.now()
        for line in self:
            waits = line.state == "to_approve" and line.to_approve_date
            line.waiting_days = (now - line.to_approve_date).days if waits else 0

    @api.depends("reminder_step")
    def _compute_escalated(self):
        for line in self:
            line.escalated = line.reminder_step > 0

    @api.depends("state", "approval_level", "approval_ids")
    def _compute_pending_level(self):
        for line in self:
            line.pending_level = 0
            if line.state == "to_approve":
                line.pending_level = len(line._get_valid_approvals()) + 1

    @api.depends("state", "approval_level", "approval_ids")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for line in self:
            line.can_decide = not line._why_not_decide()

    @api.depends("state", "approval_ids")
    def _compute_approver_names(self):
        for line in self:
            approved = line.state in ("approved", "posted") and line._get_valid_approvals().user_id
            line.approver_names = ", ".join(approved.mapped("name")) if approved else False

    # Actions

    def action_decide(self):
        """Open the facts and the choice of a decision for these lines."""
        return {
            "type": "ir.actions.act_window",
            "name": _("Decide"),
            "res_model": "stock.cycle.count.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids, "dialog_size": "extra-large"},
        }

    def action_approve(self, comment=False):
        """Approve the difference of these lines on the level that is pending.

        :raise UserError: naming the line and why this user cannot; then none is decided
        """
        lines = self._check_decide()
        moved, _fallen = lines.sudo()._find_moved()
        dead_ends = lines._get_dead_ends()
        for line in lines:
            refusal = moved.get(line)
            if refusal:
                raise UserError(refusal)
            refusal = (
                line._has_post_error() and _("it is approved already.")
                or dead_ends.get(line) or line._why_not_without_cause(comment))
            if refusal:
                raise UserError(_("%(line)s: %(refusal)s", line=line.display_name, refusal=refusal))
        lines._add_decision("approve", comment)
        for line in lines.sudo():
            if len(line._get_valid_approvals()) >= line.approval_level:
                line._transition("approved")
        lines.sudo().count_id._after_decisions()
        return True

    def action_reject(self, comment=False):
        """Let nothing of these lines into the books. They end here; their positions stay due."""
        lines = self._check_decide()
        lines._add_decision("reject", comment)
        # Nobody confirmed what was counted, so that it tells of no right record: rejecting raises no figure.
        lines.sudo()._transition("rejected", is_hit=False, is_exact=False, is_first_hit=False)
        lines.sudo()._drop_transfers()
        lines.sudo().count_id._after_decisions()
        return True

    def action_send_to_recount(self, comment=False):
        """Have these lines counted once more, by somebody else."""
        lines = self._check_decide()
        lines._add_decision("recount", comment)
        self.env["stock.cycle.count"]._send_to_recount(lines)
        return True

    # Business

    def _take_photo(self, name, content):
        """Add a photo to the evidence of the line, or to its sheet where that is fixed. Neither its author nor any other
        counter reads it; who sent it is noted on the sheet.
        """
        line = self.with_user(SUPERUSER_ID).sudo()
        is_fixed = line._is_evidence_fixed()
        owner = line.count_id if is_fixed else line
        file = line.env["ir.attachment"].create(
            {"name": name, "raw": content, "res_model": owner._name, "res_id": owner.id})
        if not is_fixed:
            line.evidence_ids = [fields.Command.link(file.id)]
        self.sudo().count_id._log_note(_(
            "%(user)s sent a photo of %(line)s: %(file)s.", user=self.env.user.name, line=line.display_name, file=name))

    def _get_valid_approvals(self):
        """Approvals of the line that were made on the numbers it has now, in their order."""
        return self.sudo().approval_ids.filtered(
            lambda approval: approval.decision == "approve" and approval._holds()).sorted("id")

    def _has_post_error(self):
        """Whether the line is approved and cannot be posted: it may be rejected or counted again all the same."""
        line = self.sudo()
        return line.state == "approved" and bool(line.post_error)

    def _is_approved(self):
        """Whether everybody whom the level demands has approved the numbers that the line has now."""
        return self.approval_level > 0 and len(self._get_valid_approvals()) >= self.approval_level

    def _check_decide(self):
        """Lock lines and refuse whoever may not decide on them.

        :return: these lines, in the order of their ids
        :raise UserError: naming the line
        """
        lines = self.sorted("id")
        lines.check_access_rights("read")
        lines.check_access_rule("read")
        lines._lock_rows()
        for line in lines:
            refusal = line._why_not_decide()
            if refusal:
                self.env["stock.cycle.count.audit.log"]._log_and_raise(
                    "decide on a line", line.display_name,
                    _("%(line)s: %(refusal)s", line=line.display_name, refusal=refusal), line.sudo().company_id)
        return lines

    def _why_not_decide(self):
        """Why this user cannot decide on the line now, or False. The user is whoever asks, under sudo too."""
        line = self.sudo()
        if self.env.uid == SUPERUSER_ID:
            return _("the system decides nothing: a person does.")
        if line.state != "to_approve" and not line._has_post_error():
            return _("it does not wait for approval.")
        level = line._get_pending_level()
        if not self.env.user.has_group(LEVEL_GROUPS[level]):
            return (_("only count supervisors can decide on it.") if level == 1 else
                    _("only a controller can decide on the second level."))
        if not line.company_id.cycle_count_self_approval:
            if self.env.user._is_same_person(line._get_counters()):
                return _("you counted it, so somebody else decides.")
            if line.state == "to_approve" and self._breaks_four_eyes():
                return _("you approved it on the first level, so somebody else decides on the second.")
        return False

    def _breaks_four_eyes(self):
        """Whether this user counted the line in any round, or approved what it says now."""
        line = self.sudo()
        return self.env.user._is_same_person(line._get_counters() | line._get_valid_approvals().user_id)

    def _why_not_without_cause(self, comment=False):
        """What the line lacks before its difference may pass: reason, note or evidence; or False."""
        line = self.sudo()
        reason = line.reason_id
        if line.is_opening:
            return False
        if not reason:
            return (line._needs_reason() and _("choose a reason for the difference.")
                    or line._asks_evidence_of_small() and line._why_not_without_evidence(comment))
        refusal = reason._why_not(line.variance_qty)
        if refusal:
            return refusal
        if reason.note_required and not (line.note or comment):
            return _("reason %(reason)s wants a note.", reason=reason.display_name)
        if reason.evidence_required and not line.evidence_ids:
            return _("reason %(reason)s wants an attachment, such as a photo.", reason=reason.display_name)
        return line._why_not_without_evidence(comment)

    def _asks_evidence_of_small(self):
        """Whether evidence is wanted of the line though nobody is asked about it."""
        return self.company_id.cycle_count_evidence_small and not self._is_match() and bool(self.adjustment_qty)

    def _why_not_without_evidence(self, comment=False):
        """What a difference lacks that is worth so much that a note or a file is wanted; or False."""
        line, company = self.sudo(), self.sudo().company_id
        is_large = company.cycle_count_evidence and numbers.is_at_most(
            company.cycle_count_evidence_value, abs(line.variance_value), company.currency_id.rounding)
        if is_large and not (line.note or comment or line.evidence_ids):
            return _("from a value of %(value)s on a note or an attachment is wanted.",
                     value=company.currency_id.format(company.cycle_count_evidence_value))
        return False

    def _needs_reason(self):
        """Whether the company wants a reason for this difference."""
        if self._is_match() or not self.adjustment_qty:
            return False
        return self.verdict == "approval" or self.company_id.cycle_count_reason_policy == "always"

    def _add_decision(self, decision, comment):
        """Add a decision row to each of these lines, with the numbers it is made on."""
        waived = {line.id: line._breaks_four_eyes() for line in self}
        self.env["stock.cycle.count.approval"]._make([
            {
                "line_id": line.id,
                "level": line.pending_level,
                "decision": decision,
                "user_id": self.env.uid,
                "comment": comment,
                "self_approval": waived[line.id],
                "entry_id": line.result_entry_id.id,
                "reason_id": line.reason_id.id,
                "review_number": line.review_number,
                **{name: line[name] for name in JUDGED_NUMBERS},
            }
            for line in self.sudo()])
        self.invalidate_recordset(["approval_ids", "pending_level", "can_decide"])

    def _get_waiting_since(self):
        """Since when this line has waited for a decision, False when it was counted or decided on after that: judging it
        again makes nobody wait anew.
        """
        self.ensure_one()
        since, events = self.to_approve_date, [self.count_date, *self.approval_ids.mapped("date")]
        return since and since >= max(filter(None, events), default=since) and since

    def _hold_for_approval(self):
        """Hold these lines until somebody decides. Numbers that come back bring the approvals along that were made on
        them: nobody is asked twice, nor for a level that there is not.
        """
        if not self:
            return
        lines = self._raise_by_sheet()
        approved = lines.filtered(lambda line: line._is_approved())
        approved.filtered(lambda line: line.state != "approved")._transition("approved")
        now = fields.Datetime.now()
        for since, waiting in (lines - approved).grouped(lambda line: line._get_waiting_since() or now).items():
            values = {} if since != now else {"reminder_step": 0}
            waiting._transition("to_approve", to_approve_date=since, **values)
        self.count_id._sync_approval_activities()
