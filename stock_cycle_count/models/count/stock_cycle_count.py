from collections import defaultdict

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..constants import KEY_FIELDS, LEVEL_GROUPS, OPEN_STATES, TO_COUNT_STATES

#: Which state may follow which; ``_transition`` is the only way from one to the next.
TRANSITIONS = {
    "draft": ("in_progress", "cancel"),
    "in_progress": ("review", "cancel"),
    "review": ("in_progress", "done", "cancel"),
    "done": (),
    "cancel": (),
}


class StockCycleCount(models.Model):
    """A count sheet: stock keys for one counter on one day.

    Plans make sheets; supervisors may make, reassign, reopen and cancel them. Counters see their own, those that they
    joined and those that nobody has, and work on them through the actions only. Every action ``x`` has a
    ``_refuse_x()`` that says why it is refused, a ``can_x`` for the views and a check that raises.
    """

    _name = "stock.cycle.count"
    _description = "Count Sheet"
    _inherit = ["stock.cycle.count.guard", "stock.cycle.count.lock", "stock.cycle.count.paper", "mail.thread",
                "mail.activity.mixin"]
    _order = "scheduled_date, id"
    _check_company_auto = True
    # Whoever counts a sheet may say something about it, with a photo.
    _mail_post_access = "read"

    # Identity
    name = fields.Char(required=True, readonly=True, copy=False, index="trigram", default=lambda self: _("New"))
    plan_id = fields.Many2one("stock.cycle.count.plan", readonly=True, copy=False, ondelete="restrict", index=True)
    origin = fields.Selection(
        [("plan", "Plan"), ("manual", "Made by hand"), ("inventory", "Physical Inventory"),
         ("transfer", "Held Transfer or Reversal")],
        required=True, readonly=True, copy=False, default="manual")
    inventory_name = fields.Char(
        "Inventory Reference", readonly=True, copy=False, help="What Physical Inventory calls the moves of its counts.")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company)
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True, index=True)

    # Policies, taken from the plan when the sheet is made
    blind = fields.Boolean(
        "Blind Count", default=True, tracking=True, help="Counters are not shown the quantity that is expected.")
    uncounted_policy = fields.Selection(
        [("leave", "Leave them due"), ("zero", "Count them as 0")], "Lines Not Counted", required=True,
        default="leave", help="What closing the sheet does with lines that nobody counted; it asks first.")
    recount_rounds = fields.Integer(
        "Recounts", default=2, help="At most so many recounts of a line; two counts that agree settle it earlier.")

    # Who and when
    user_id = fields.Many2one("res.users", "Counter", tracking=True, index=True, check_company=True)
    participant_ids = fields.Many2many("res.users", string="Joined By", readonly=True, copy=False)
    scheduled_date = fields.Date(required=True, default=fields.Date.context_today, tracking=True, index=True)
    start_date = fields.Datetime("Started On", readonly=True, copy=False)
    close_date = fields.Datetime("Counted On", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "To Count"), ("in_progress", "Counting"), ("review", "Counted"), ("done", "Done"),
         ("cancel", "Cancelled")],
        required=True, readonly=True, copy=False, default="draft", tracking=True, index=True,
        group_expand="_group_expand_state")

    # Lines
    line_ids = fields.One2many("stock.cycle.count.line", "count_id", "Lines")
    line_count = fields.Integer("Number of Lines", compute="_compute_line_count", store=True)
    # Not stored: people who count one sheet at once would all write on its row, and wait for each other.
    counted_count = fields.Integer("Counted Lines", compute="_compute_progress")
    recount_count = fields.Integer("Lines to Recount", compute="_compute_progress")
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    location_summary = fields.Char("Where", compute="_compute_location_summary")
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")
    can_start = fields.Boolean(compute="_compute_can")
    can_join = fields.Boolean(compute="_compute_can")
    can_take_over = fields.Boolean(compute="_compute_can")
    can_close = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")
    can_recount = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_finalize = fields.Boolean(compute="_compute_can")

    # Result
    currency_id = fields.Many2one(related="company_id.currency_id")
    accounting_date = fields.Date(
        tracking=True, help="Date of the journal entries, where stock is valued. Empty: the day of posting.")
    transfer_ids = fields.One2many(
        "stock.cycle.count.transfer", "count_id", "Transfers", groups="stock_cycle_count.group_supervisor")
    waiting_count = fields.Integer(
        "Lines to Approve", compute="_compute_progress", groups="stock_cycle_count.group_supervisor")
    adjustment_value = fields.Monetary(
        compute="_compute_values", groups="stock_cycle_count.group_supervisor")
    transfer_value = fields.Monetary(
        compute="_compute_values", groups="stock_cycle_count.group_supervisor")

    @api.depends("line_ids.state")
    def _compute_line_count(self):
        numbers = dict(self.env["stock.cycle.count.line"]._read_group(
            [("count_id", "in", self.ids), ("state", "!=", "cancel")], ["count_id"], ["__count"]))
        for count in self:
            count.line_count = numbers.get(count._origin, 0)

    @api.depends("line_ids.state")
    def _compute_progress(self):
        states = {}
        # What became of its lines is hidden from the counter of a blind sheet; how many were counted is not.
        for count, state, number in self.env["stock.cycle.count.line"].sudo()._read_group(
                [("count_id", "in", self.ids)], ["count_id", "state"], ["__count"]):
            states.setdefault(count.id, {})[state] = number
        for count in self:
            numbers = states.get(count._origin.id, {})
            total = sum(numbers.values()) - numbers.get("cancel", 0)
            count.counted_count = total - sum(numbers.get(state, 0) for state in TO_COUNT_STATES)
            count.recount_count = numbers.get("recount", 0)
            count.waiting_count = numbers.get("to_approve", 0)
            count.progress = 100 * count.counted_count / total if total else 0

    @api.depends("line_ids.adjustment_value", "line_ids.target_transfer_ids")
    def _compute_values(self):
        """Net value of the adjustments, and gross value of what only changes place."""
        for count in self:
            lines = count.line_ids.filtered(lambda line: line.state not in ("cancel", "rejected"))
            count.adjustment_value = sum(lines.mapped("adjustment_value"))
            count.transfer_value = sum(
                transfer.quantity * transfer.target_line_id.unit_cost
                for transfer in lines.target_transfer_ids if transfer.selected)

    @api.depends("line_ids.location_id")
    def _compute_location_summary(self):
        """First and last location in walking order."""
        places = defaultdict(list)
        for count, location, sequence in self.env["stock.cycle.count.line"].sudo()._read_group(
                [("count_id", "in", self.ids)], ["count_id", "location_id"], ["sequence:min"]):
            places[count.id].append((sequence, location.id, location.display_name))
        for count in self:
            names = [name for _sequence, _id, name in sorted(places[count._origin.id])]
            count.location_summary = " … ".join(names[:1] + names[1:][-1:])

    @api.depends("user_id", "participant_ids")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for count in self:
            count.is_mine = self.env.user in count.user_id | count.participant_ids

    def _search_is_mine(self, operator, value):
        mine = (operator == "=") == bool(value)
        domain = ["|", ("user_id", "=", self.env.uid), ("participant_ids", "in", self.env.uid)]
        return domain if mine else ["!", *domain]

    @api.depends("state", "user_id", "participant_ids", "line_ids.state")
    @api.depends_context("uid")
    def _compute_can(self):
        for count in self:
            for action in ("start", "join", "take_over", "close", "reopen", "recount", "cancel", "finalize"):
                count[f"can_{action}"] = not getattr(count, f"_refuse_{action}")()

    @api.model
    def _group_expand_state(self, states, domain, order):
        return [state for state, _label in self._fields["state"].selection if state != "cancel"]

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env.ref("stock_cycle_count.sequence_stock_cycle_count").sudo()
        for vals in vals_list:
            if not self.env.su:
                self._check_written(set(vals) - {"company_id"})
            if not vals.get("name") or vals["name"] == _("New"):
                vals["name"] = sequence._next()
        counts = super().create(vals_list)
        counts._remind()
        return counts

    def write(self, vals):
        if not self.env.su:
            self._check_written(set(vals))
            if {"user_id", "scheduled_date", "accounting_date"} & set(vals):
                self._check_not_ended()
            if "accounting_date" in vals:
                self._check_not_approved()
            if {"blind", "warehouse_id", "uncounted_policy", "recount_rounds", "lock_mode"} & set(vals):
                self._check_not_started()
        reassigned = self.browse()
        if "user_id" in vals:
            reassigned = self.filtered(lambda count: count.user_id.id != vals["user_id"])
        result = super().write(vals)
        reassigned._follow_user()
        if "scheduled_date" in vals:
            self.sudo().activity_reschedule(
                ["stock_cycle_count.mail_activity_count"], date_deadline=vals["scheduled_date"])
        return result

    @api.model
    def _check_written(self, names):
        """Nobody writes states or evidence by hand, whatever rights on the model say."""
        forbidden = names & self._get_guarded_fields()
        if forbidden:
            self.env["stock.cycle.count.refusal"]._log("write on a count sheet", ", ".join(sorted(forbidden)))
            raise AccessError(_(
                "On count sheets, %(fields)s cannot be written; use the buttons.",
                fields=", ".join(sorted(forbidden))))

    def _check_not_started(self):
        """Refuse to change what a started sheet rests on.

        :raise UserError: naming the sheet
        """
        started = self.filtered(lambda count: count.state != "draft")
        if started:
            raise UserError(_(
                "Sheet %(name)s has been started: its lines and policies can no longer be changed. Cancel it instead.",
                name=started[0].name))

    def _check_mine(self):
        """Refuse those who do not count this sheet now.

        :raise UserError: naming the sheet
        """
        if self.state != "in_progress" or not self.is_mine:
            raise UserError(_("%(name)s is not being counted by you. Start or join it first.", name=self.name))

    def _check_not_ended(self):
        """Refuse to change who counted what when.

        :raise UserError: naming the sheet
        """
        for count in self.filtered(lambda count: count.state in ("done", "cancel")):
            raise UserError(_("Sheet %(name)s has ended and is evidence: it is no longer changed.", name=count.name))

    def _check_not_approved(self):
        """Refuse to change the date of postings that somebody approved.

        :raise UserError: naming the sheet
        """
        approvals = self.sudo().line_ids.approval_ids.filtered(lambda approval: approval.decision == "approve")
        for count in approvals.line_id.count_id:
            raise UserError(_(
                "Differences of sheet %(name)s are approved for the accounting date that it has.", name=count.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        started = self.filtered(lambda count: count.state not in ("draft", "cancel") or count.sudo().line_ids.entry_ids)
        if started:
            raise UserError(_(
                "Sheet %(name)s has been counted and is evidence. Cancel it instead.", name=started[0].name))

    # Actions

    def action_start(self):
        """Begin counting; a sheet that nobody has becomes the user's."""
        for count in self:
            count._check_can("start")
            counter = count.user_id or self.env.user
            count.sudo().write({"user_id": counter.id, "start_date": fields.Datetime.now()})
            count.sudo()._transition("in_progress")
        return True

    def action_join(self):
        """Count along with whoever has the sheet."""
        for count in self:
            count._check_can("join")
            count._join()
        return True

    def action_take_over(self):
        """Count instead of whoever has the sheet."""
        for count in self:
            count._check_can("take_over")
            previous = count.user_id
            count.sudo().write({"user_id": self.env.uid})
            count.sudo()._tell(_(
                "%(user)s took the sheet over from %(previous)s.", user=self.env.user.name,
                previous=previous.name or "-"))
        return True

    def action_close(self):
        """End counting. Lines that nobody counted are asked about first.

        :return: an action that asks, or True when the sheet is closed
        """
        self.ensure_one()
        self._check_can("close")
        if self._get_uncounted():
            return self._ask_close(_("Lines Not Counted"))
        self._close()
        return True

    def _ask_close(self, name, **defaults):
        """Say what closing means before it is done."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "stock.cycle.count.close",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_count_id": self.id, **{f"default_{key}": value for key, value in defaults.items()}},
        }

    def action_reopen(self):
        """Let a counted sheet be counted on."""
        for count in self:
            count._check_can("reopen")
            count.sudo()._transition("in_progress")
            count._get_lines("counted")._forget_verdict()
            count._remind()
        return True

    def action_recount(self):
        """Open the choice of lines and counter for a recount."""
        self.ensure_one()
        self._check_can("recount")
        return {
            "type": "ir.actions.act_window",
            "name": _("Recount"),
            "res_model": "stock.cycle.count.recount",
            "view_mode": "form",
            "target": "new",
            "context": {"default_count_id": self.id},
        }

    def action_cancel(self):
        """Cancel sheets: nothing of them is posted, and their positions are due again at the next schedule."""
        for count in self:
            count._check_can("cancel")
            count.sudo()._transition("cancel")
            count.sudo().line_ids._cancel()
            count.sudo().activity_unlink(["stock_cycle_count.mail_activity_approve"])
            count._remind()
        return True

    def action_finalize(self):
        """Post what may pass; the sheet is done when nothing of it waits any more.

        :return: an action that says what remains and asks when the sheet is still being counted, else True
        """
        for count in self:
            count._check_can("finalize")
            if count.state == "in_progress":
                count._check_can("close")
                return count._ask_close(_("Finalize"), finalize=True)
        self.sudo()._finalize()
        return self._notify_stuck() or True

    def _notify_stuck(self):
        """Say which lines could not be posted, and why; an action, or None when there are none."""
        lines = self._get_lines("counted", "approved").filtered("post_error")
        if not lines:
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": _("%(lines)s lines could not be posted", lines=len(lines)),
                "message": "\n".join(lines[:5].mapped("post_error")),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # What refuses an action: a sentence, or False

    def _is_supervisor(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group("stock_cycle_count.group_supervisor")

    def _refuse_start(self):
        if self.state != "draft":
            return _("Sheet %(name)s has been started already.", name=self.name)
        if not self.line_ids:
            return _("Sheet %(name)s has no lines. Add what is to be counted.", name=self.name)
        if self.user_id and self.user_id != self.env.user and self.env.uid != SUPERUSER_ID:
            return _("Sheet %(name)s is %(counter)s's. Take it over first.",
                     name=self.name, counter=self.user_id.name)
        return False

    def _refuse_join(self):
        if self.state not in ("draft", "in_progress") or not self.user_id:
            return _("Sheet %(name)s is not being counted by anybody.", name=self.name)
        if self.env.user in self.user_id | self.participant_ids:
            return _("You count sheet %(name)s already.", name=self.name)
        return self._refuse_stranger()

    def _refuse_take_over(self):
        if self.state not in ("draft", "in_progress"):
            return _("Sheet %(name)s is not being counted any more.", name=self.name)
        if self.user_id == self.env.user:
            return _("Sheet %(name)s is yours already.", name=self.name)
        return self._refuse_stranger()

    def _refuse_close(self):
        if self.state != "in_progress":
            return _("Sheet %(name)s is not being counted.", name=self.name)
        if self.env.user not in self.user_id | self.participant_ids and not self._is_supervisor():
            return _("Sheet %(name)s is counted by %(counter)s.", name=self.name, counter=self.user_id.name)
        if not self._is_supervisor():
            others = self._get_lines("recount").filtered(
                lambda line: line.user_id != self.env.user and (line.user_id or self.env.user in line._get_counters()))
            if others:
                return _("%(lines)s lines of sheet %(name)s are still to be recounted by somebody else.",
                         lines=len(others), name=self.name)
        return False

    def _refuse_reopen(self):
        if self.state != "review":
            return _("Only a counted sheet can be reopened; %(name)s is not.", name=self.name)
        return self._refuse_others_than_supervisor()

    def _refuse_recount(self):
        if self.state not in ("in_progress", "review"):
            return _("Sheet %(name)s has nothing to recount now.", name=self.name)
        if not self.line_ids.filtered(lambda line: line.state in ("counted", "to_approve")):
            return _("No line of sheet %(name)s has been counted yet.", name=self.name)
        return self._refuse_others_than_supervisor()

    def _refuse_cancel(self):
        if self.state in ("done", "cancel"):
            return _("Sheet %(name)s has ended already.", name=self.name)
        return self._refuse_others_than_supervisor()

    def _refuse_finalize(self):
        if self.state not in ("in_progress", "review"):
            return _("Sheet %(name)s has nothing to post.", name=self.name)
        return self._refuse_others_than_supervisor()

    def _refuse_stranger(self):
        if not self.env.user.has_group("stock_cycle_count.group_counter"):
            return _("Only counters can do this.")
        return False

    def _refuse_others_than_supervisor(self):
        if not self._is_supervisor():
            return _("Only count supervisors can do this.")
        return False

    def _check_can(self, action):
        """Raise what refuses an action.

        :raise UserError: with the reason
        :raise AccessError: when the user cannot see the sheet
        """
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        refusal = getattr(self, f"_refuse_{action}")()
        if refusal:
            raise UserError(refusal)

    # Business

    def _transition(self, to):
        """Move sheets to a state.

        :raise UserError: when the state cannot follow the present one
        """
        names = dict(self._fields["state"]._description_selection(self.env))
        for count in self:
            if to not in TRANSITIONS[count.state]:
                raise UserError(_(
                    "Sheet %(name)s is “%(state)s” and cannot become “%(to)s”.",
                    name=count.name, state=names[count.state], to=names[to]))
        self.write({"state": to})
        self._follow_lock()

    def _join(self):
        """Let the user count along, visibly."""
        self.sudo().participant_ids |= self.env.user
        self.sudo()._tell(_("%(user)s counts along.", user=self.env.user.name))

    def _tell(self, message):
        """Say in the chatter what happened."""
        self.message_post(body=message, author_id=self.env.user.partner_id.id)

    def _follow_user(self):
        """Lines that wait for the sheet's counter follow it; the counter gets an activity."""
        for count in self.sudo():
            count.line_ids.filtered(lambda line: line.state == "pending").write({"user_id": count.user_id.id})
        self._remind()

    def _remind(self):
        """Give whoever has to count an activity, and take it from whoever has not. In sets, without mails."""
        sheets = self.sudo().with_context(mail_activity_quick_update=True)
        sheets.activity_unlink(["stock_cycle_count.mail_activity_count"])
        sheets.filtered(lambda count: count.state in ("draft", "in_progress") and count.user_id)._schedule_activities(
            lambda count: (count.user_id, False))

    def _schedule_activities(self, get_values):
        """Create an activity on each of these sheets at once.

        :param get_values: gives user and summary for a sheet; the default summary when that is False
        """
        kind = self.env.ref("stock_cycle_count.mail_activity_count")
        values = []
        for count in self:
            user, summary = get_values(count)
            values.append({
                "res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": count.id,
                "res_name": count.display_name,              # else it is written after, with a query a sheet
                "activity_type_id": kind.id, "summary": summary or kind.summary, "automated": True,
                "date_deadline": count.scheduled_date, "user_id": user.id})
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(values)

    def _get_lines(self, *states):
        """Lines of these sheets in some states, found in the database: a sheet may have thousands."""
        return self.env["stock.cycle.count.line"].sudo().search(
            [("count_id", "in", self.ids), ("state", "in", states)])

    def _get_uncounted(self):
        """Lines that wait for a count; those skipped with a cause have an answer already."""
        return self._get_lines(*TO_COUNT_STATES).filtered(lambda line: not line.skip_reason)

    def _close(self, policy="leave"):
        """End counting.

        :param policy: ``zero`` counts the lines that nobody counted as 0; ``leave`` leaves them due: they are
            cancelled here, and come back with the next schedule. A line that waits for a recount keeps the result of
            its last round.
        """
        self.ensure_one()
        count = self.sudo()
        pending = self._get_uncounted().filtered(lambda line: line.state == "pending")
        if policy == "zero" and pending:
            if self.env.user not in count.user_id | count.participant_ids:
                # Whoever counts lines as 0 is a counter of them, and does not approve them.
                self._join()
            self.env["stock.cycle.count.entry"]._record(
                [{"line": line.with_env(self.env), "quantity": 0} for line in pending], "close")
        count._get_lines("recount")._keep_last_round()
        count._get_lines("pending")._transition("cancel")
        count.write({"close_date": fields.Datetime.now()})
        count._transition("review")
        count.activity_unlink(["stock_cycle_count.mail_activity_count"])
        count._judge_lines()

    def _judge_lines(self):
        """Judge what was counted: recounts go out, what needs approval is held, the rest is posted when nothing
        else waits on the sheet, so that what is small passes at once.
        """
        lines = self._get_lines("counted")
        transfers = self.env["stock.cycle.count.transfer"]
        # What was proposed for earlier numbers, also of lines that match by now.
        partners = transfers._drop(lines)
        lines -= lines._accept_matches()
        transfers._propose(lines)
        lines._judge()
        partners._judge_again()
        self._send_to_recount(lines.filtered(lambda line: line.verdict == "recount"))
        for count in self.filtered(lambda count: count.state == "review"):
            if not count.waiting_count and not count.transfer_ids and not any(
                    line._refuse_without_cause() for line in lines if line.count_id == count):
                count._finalize()

    def _finalize(self):
        """Post what may pass of these sheets, and end those of which nothing waits; the others say on themselves why."""
        lines = self._get_lines("counted", "approved")
        lines._post()
        for line in lines.filtered(lambda line: line.state in ("counted", "approved") and not line.post_error):
            refusal = line._refuse_without_cause((line._get_valid_approvals()[:1]).comment)
            if refusal:
                line.post_error = _("%(line)s: %(refusal)s", line=line.display_name, refusal=refusal)
        self._end_if_settled()

    def _end_if_settled(self):
        """End counted sheets whose lines are all posted, rejected or cancelled."""
        for count in self.sudo():
            if count.state == "review" and not count._get_lines(*OPEN_STATES):
                count._transition("done")
                count.activity_unlink([
                    "stock_cycle_count.mail_activity_count", "stock_cycle_count.mail_activity_approve"])

    def _follow_decisions(self):
        """After a decision: counts made outside of a sheet are posted at once, the others when it is finalized."""
        for count in self.sudo():
            if count.origin in ("inventory", "transfer"):
                count._finalize()
            else:
                count._ask_approvers()
            count._end_if_settled()

    def _ask_approvers(self):
        """Give somebody who can decide an activity on each of these sheets: a supervisor for the first level, a
        controller for the second, never one who counted the lines or approved them before.
        """
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        for count in self.sudo():
            waiting = count.line_ids.filtered(lambda line: line.state == "to_approve")
            count.activity_unlink(["stock_cycle_count.mail_activity_approve"])
            for level, lines in waiting.grouped(lambda line: 2 if line.escalated else line.pending_level).items():
                approver = count._get_approvers(level, lines)[:1]
                if approver:
                    count.activity_schedule(
                        user_id=approver.id, activity_type_id=kind.id,
                        summary=_("Differences to approve: %(lines)s", lines=len(lines)))

    def _get_approvers(self, level, lines):
        """Users who may decide on lines on a level; for the first, those first who are not on the second."""
        involved = lines._get_counters() | lines._get_valid_approvals().user_id
        users = self.env.ref(LEVEL_GROUPS[level]).sudo().users.filtered(
            lambda user: user.active and self.company_id in user.company_ids and user.id != SUPERUSER_ID)
        if not self.company_id.cycle_count_self_approval:
            users -= involved
        controllers = self.env.ref(LEVEL_GROUPS[2]).sudo().users
        return users.sorted(lambda user: (level == 1 and user in controllers, user.id))

    @api.model
    def _cron_escalate(self):
        """Remind approvers of what waits for longer than the company's working days, and ask the next level."""
        for company in self.env["res.company"].search(
                [("cycle_count_escalation_days", ">", 0), ("resource_calendar_id", "!=", False)]):
            latest = company.resource_calendar_id.plan_days(
                -company.cycle_count_escalation_days - 1, fields.Datetime.now(), compute_leaves=True)
            lines = self.env["stock.cycle.count.line"].search([
                ("company_id", "=", company.id), ("state", "=", "to_approve"), ("escalated", "=", False),
                ("to_approve_date", "<=", latest)])
            lines.escalated = True
            for count, waiting in lines.grouped("count_id").items():
                count._tell(_(
                    "%(lines)s differences have been waiting for approval for more than %(days)s working days; the "
                    "next level is asked.", lines=len(waiting), days=company.cycle_count_escalation_days))
            lines.count_id._ask_approvers()

    def _send_to_recount(self, lines, user=None):
        """Start a new round for lines of these sheets and let the sheets be counted on."""
        if not lines:
            return
        lines.sudo()._start_round(user)
        sheets = lines.sudo().count_id
        sheets.filtered(lambda count: count.state == "review")._transition("in_progress")
        for count in sheets:
            own = lines.sudo().filtered(lambda line: line.count_id == count)
            counters = own.user_id
            count._tell(_(
                "%(lines)s lines are recounted by %(counters)s.", lines=len(own),
                counters=", ".join(counters.mapped("name")) or _("whoever did not count them")))
            for counter in counters:
                number = len(own.filtered(lambda line: line.user_id == counter))
                count._schedule_activities(lambda _count: (counter, _("Recount %(lines)s lines", lines=number)))
            count._ask_for_recounter(own.filtered(lambda line: not line.user_id))

    def _ask_for_recounter(self, lines):
        """Let a supervisor find somebody for lines that no counter of the plan may recount."""
        if not lines:
            return
        asked = self.env.user if self.env.user.has_group("stock_cycle_count.group_supervisor") else (
            self._get_approvers(1, lines)[:1])
        if asked:
            self._schedule_activities(lambda _count: (asked, _(
                "Choose who recounts %(lines)s lines", lines=len(lines))))

    # Counting

    def _find_line(self, key):
        """Open line of this sheet for a stock key (ids in the order of ``KEY_FIELDS``)."""
        domain = [(name, "=", value) for name, value in zip(KEY_FIELDS, key)]
        return self.env["stock.cycle.count.line"].sudo().search(
            [("count_id", "=", self.id), ("state", "in", OPEN_STATES), *domain], limit=1)

    def _add_found(self, location, product, lot=None, package=None, owner=None):
        """Add what no line expects, on the spot; its expected quantity is what the books show there.

        :raise UserError: when it stands on another open sheet, naming the sheet and its counter
        """
        self.ensure_one()
        values = {
            "count_id": self.id, "location_id": location.id, "product_id": product.id,
            "lot_id": lot.id if lot else False, "package_id": package.id if package else False,
            "owner_id": owner.id if owner else False,
        }
        line = self.env["stock.cycle.count.line"].sudo()
        domain = [(name, "=", value) for name, value in values.items() if name != "count_id"]
        other = line.search([*domain, ("state", "in", OPEN_STATES)], limit=1)
        other._fetch_columns()
        if other.count_id == self:
            return other.with_env(self.env)
        if other:
            other._refuse_taken()
        last = line.search_fetch([("count_id", "=", self.id)], ["sequence"], order="sequence DESC", limit=1)
        values.update(selection_reason="found", user_id=self.env.uid, sequence=last.sequence + 1)
        line = line.create(values)
        line._check_key()
        if self.lock_mode == "block":
            self._follow_lock()
        return line.with_env(self.env)
