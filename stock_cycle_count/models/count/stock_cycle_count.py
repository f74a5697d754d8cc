from collections import defaultdict

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.numbers import whole_percent
from ..constants import OPEN_STATES, TO_COUNT_STATES

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
    ``_why_not_x()`` that says why it is refused, a ``can_x`` for the views and a check that raises.
    """

    _name = "stock.cycle.count"
    _description = "Count Sheet"
    _inherit = ["stock.cycle.count.protected.mixin", "stock.cycle.count.policy.mixin", "stock.cycle.count.lock",
                "stock.cycle.count.print", "stock.cycle.count.actions", "stock.cycle.count.review",
                "stock.cycle.count.asking", "stock.cycle.count.desk", "stock.cycle.count.mail", "stock.cycle.count.waits",
                "stock.cycle.count.chatter", "stock.cycle.count.handover", "stock.cycle.count.now", "stock.cycle.count.journal",
                "stock.cycle.count.comments.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "scheduled_date, id"
    _check_company_auto = True

    # Identity
    name = fields.Char(required=True, readonly=True, copy=False, index="trigram", default=lambda self: _("New"))
    plan_id = fields.Many2one("stock.cycle.count.plan", readonly=True, copy=False, ondelete="restrict", index=True)
    origin = fields.Selection(
        [("plan", "Plan"), ("manual", "Made by hand"), ("inventory", "Physical Inventory"),
         ("held_move", "Held Move or Reversal")],
        required=True, readonly=True, copy=False, default="manual")
    inventory_name = fields.Char(
        "Inventory Reference", readonly=True, copy=False, help="What Physical Inventory calls the moves of its counts.")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company)
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True, index=True)

    # Who and when
    user_id = fields.Many2one("res.users", "Counter", tracking=True, index=True, check_company=True)
    participant_ids = fields.Many2many("res.users", string="Joined By", readonly=True, copy=False)
    closed_to_ids = fields.Many2many(
        "res.users", "stock_cycle_count_closed_to_rel", string="Counted Before It Was Closed", readonly=True, copy=False,
        groups="stock_cycle_count.group_approver",
        help="Whoever counted a blind sheet until it was closed does not see what others recount of it.")
    scheduled_date = fields.Date(required=True, default=fields.Date.context_today, tracking=True, index=True)
    start_date = fields.Datetime("Started On", readonly=True, copy=False)
    close_date = fields.Datetime("Counted On", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "To Count"), ("in_progress", "Counting"), ("review", "Counted"), ("done", "Done"),
         ("cancel", "Cancelled")],
        required=True, readonly=True, copy=False, default="draft", tracking=True, index=True)

    # Lines
    line_ids = fields.One2many("stock.cycle.count.line", "count_id", "Lines")
    line_count = fields.Integer("Number of Lines", compute="_compute_line_count", store=True)
    has_lots = fields.Boolean(compute="_compute_has_keys")
    has_packages = fields.Boolean(compute="_compute_has_keys")
    has_owners = fields.Boolean(compute="_compute_has_keys")
    has_reasons = fields.Boolean(compute="_compute_has_keys")
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
        "stock.cycle.count.transfer", "count_id", "Transfers", groups="stock_cycle_count.group_approver")
    waiting_count = fields.Integer(
        "Lines to Approve", compute="_compute_progress", groups="stock_cycle_count.group_approver")
    adjustment_value = fields.Monetary(
        compute="_compute_values", groups="stock_cycle_count.group_approver")
    transfer_value = fields.Monetary(
        compute="_compute_values", groups="stock_cycle_count.group_approver")

    # Not on the states of lines, which every count changes: those that cancel a line say so.
    @api.depends("line_ids")
    def _compute_line_count(self):
        numbers = dict(self.env["stock.cycle.count.line"]._read_group(
            [("count_id", "in", self.ids), ("state", "!=", "cancel")], ["count_id"], ["__count"]))
        for count in self:
            count.line_count = numbers.get(count._origin, 0)

    @api.depends("line_ids.lot_id", "line_ids.package_id", "line_ids.owner_id", "line_ids.reason_id")
    def _compute_has_keys(self):
        for count in self:
            for name, key in (
                ("has_lots", "lot_id"), ("has_packages", "package_id"), ("has_owners", "owner_id"), ("has_reasons", "reason_id"),
            ):
                count[name] = any(line[key] for line in count.line_ids)

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
            count.progress = whole_percent(count.counted_count / total) if total else 0

    @api.depends("line_ids.adjustment_value", "line_ids.target_transfer_ids")
    def _compute_values(self):
        """Net value of the adjustments, and gross value of what only changes place."""
        for count in self:
            lines = count.line_ids.filtered(lambda line: line.state not in ("cancel", "rejected"))
            count.adjustment_value = sum(lines.mapped("adjustment_value"))
            count.transfer_value = sum(
                count.currency_id.round(transfer.quantity * transfer.target_line_id.unit_cost)
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
        # What somebody else recounts is not for whoever counted it before, blind or not.
        others = self.sudo()._search([("state", "=", "in_progress"), ("closed_to_ids", "in", self.env.uid)])
        domain = ["&", ("id", "not in", others),
                  "|", ("user_id", "=", self.env.uid), ("participant_ids", "in", self.env.uid)]
        return domain if mine else ["!", *domain]

    @api.depends("state", "user_id", "participant_ids", "line_ids.state")
    @api.depends_context("uid")
    def _compute_can(self):
        for count in self:
            for action in ("start", "join", "take_over", "close", "reopen", "recount", "cancel", "finalize"):
                count[f"can_{action}"] = not getattr(count, f"_why_not_{action}")()

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        self._check_sent(vals_list)
        sequence = self.env.ref("stock_cycle_count.sequence_stock_cycle_count").sudo()
        for vals in vals_list:
            if not self.env.su:
                self._check_written(set(vals) - {"company_id"})
            if not vals.get("name") or vals["name"] == _("New"):
                vals["name"] = sequence._next()
        counts = super().create(vals_list)
        counts._derive_warehouse()
        counts._sync_count_activities()
        return counts

    def write(self, vals):
        self._check_sent([vals])
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
        if reassigned:
            reassigned._sync_counters()
        if "scheduled_date" in vals:
            self.sudo().activity_reschedule(
                ["stock_cycle_count.mail_activity_count"], date_deadline=vals["scheduled_date"])
        return result

    @api.model
    def _check_written(self, names):
        """Nobody writes states or evidence by hand, whatever rights on the model say."""
        forbidden = names & self._get_protected_fields()
        if forbidden:
            self.env["stock.cycle.count.audit.log"]._log("write on a count sheet", ", ".join(sorted(forbidden)))
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
        self.line_ids._check_not_drawn()

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
        self._sign_changes()
        self._sync_locks()

    def _join(self):
        """Let the user count along, visibly."""
        self.sudo().participant_ids |= self.env.user
        self.sudo()._log_note(_("%(user)s joined the count.", user=self.env.user.name))

    def _sync_counters(self):
        """Lines that wait for the sheet's counter follow it; the counter gets an activity."""
        for count in self.sudo():
            count.line_ids.filtered(lambda line: line.state == "pending").write({"user_id": count.user_id.id})
        self._sync_count_activities()

    def _sync_count_activities(self):
        """Give whoever has to count an activity, and take it from whoever has not. In sets, without mails."""
        sheets = self.sudo().with_context(mail_activity_quick_update=True)
        sheets.activity_unlink(["stock_cycle_count.mail_activity_count", "stock_cycle_count.mail_activity_overdue"])
        sheets.filtered(lambda count: count.state in ("draft", "in_progress") and count.user_id)._schedule_activities(
            lambda count: (count.user_id, False))

    def _schedule_activities(self, get_values):
        """Create an activity on each of these sheets at once.

        :param get_values: gives user and summary for a sheet; the default summary when that is False
        """
        kind = self.env.ref("stock_cycle_count.mail_activity_count")
        values = []
        for count in self.filtered("company_id.cycle_count_activities"):
            user, summary = get_values(count)
            values.append({
                "res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": count.id,
                "res_name": count.display_name,              # else it is written after, with a query a sheet
                "activity_type_id": kind.id, "summary": summary or kind.summary, "automated": True,
                "date_deadline": count.scheduled_date, "user_id": user.id})
        # Nobody's own: whoever made an activity may read and delete it.
        self.env["mail.activity"].with_user(SUPERUSER_ID).with_context(mail_activity_quick_update=True).create(values)

    # Counting

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
        # What was settled on this sheet is not counted on it a second time.
        domain += ["|", ("state", "in", OPEN_STATES), "&", ("count_id", "=", self.id), ("state", "!=", "cancel")]
        other = line.search(domain, limit=1)
        other._fetch_columns()
        if other.count_id == self:
            return other.with_env(self.env)
        if other:
            other._raise_taken()
        last = line.search_fetch([("count_id", "=", self.id)], ["sequence"], order="sequence DESC", limit=1)
        values.update(selection_reason="found", user_id=self.env.uid, sequence=last.sequence + 1)
        line = line._create_found(values)
        line._check_key()
        if self.lock_mode == "block":
            self._sync_locks()
        return line.with_env(self.env)
