from collections import Counter
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date, formatLang

from ... import queries
from ...tools.words import say_number
from ..constants import LEVEL_GROUPS

ACTIVITY = "stock_cycle_count.mail_activity_cause"
#: Days in which a cause is to be dealt with, where nobody says another.
DAYS = 14
#: Differences of so many days before it was changed are compared with those of at most as many after.
COMPARED_DAYS = 90
#: What differences a cause is about; each narrows them.
SCOPE = ("root_cause", "reason_id", "product_id", "location_id", "warehouse_id")
#: What only closing and opening again write.
ENDING = {"state", "closed_date", "closed_by_id"}


class StockCycleCountCause(models.Model):
    """What makes records wrong, with somebody who changes it until a day. It says which differences it explains, so that
    everybody sees whether they came back after it was changed.
    """

    _name = "stock.cycle.count.cause"
    _description = "Root Cause"
    _inherit = [
        "stock.cycle.count.protected.mixin", "stock.cycle.count.followers.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "state desc, date_deadline, id"
    _check_company_auto = True

    name = fields.Char("What Goes Wrong", required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Owner", required=True, tracking=True, check_company=True, default=lambda self: self.env.user,
        domain=lambda self: [("groups_id", "in", self.env.ref(LEVEL_GROUPS[1]).ids)], help="Sees that it is changed.")
    date_deadline = fields.Date(
        "Due", required=True, tracking=True, default=lambda self: fields.Date.context_today(self) + timedelta(days=DAYS))
    state = fields.Selection(
        [("open", "Open"), ("done", "Done")], required=True, readonly=True, default="open", tracking=True, copy=False)
    change = fields.Text("What Was Changed", tracking=True, copy=False)
    closed_date = fields.Datetime("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", "Closed By", readonly=True, copy=False)

    root_cause = fields.Selection(
        lambda self: self.env["stock.cycle.count.reason"]._fields["root_cause"]._description_selection(self.env),
        "Cause", tracking=True)
    reason_id = fields.Many2one("stock.cycle.count.reason", "Reason", check_company=True, ondelete="restrict", tracking=True)
    product_id = fields.Many2one("product.product", check_company=True, ondelete="restrict", tracking=True)
    location_id = fields.Many2one(
        "stock.location", check_company=True, ondelete="restrict", tracking=True, help="With all places below it.")
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True, ondelete="restrict", tracking=True)
    line_ids = fields.Many2many(
        "stock.cycle.count.line", "stock_cycle_count_cause_line_rel", "cause_id", "line_id", "Seen On", check_company=True,
        help="Count lines that led to it.")

    hint_id = fields.Many2one("stock.cycle.count.hint", "Hint", ondelete="set null", check_company=True, index="btree_not_null")

    before_count = fields.Integer("Differences Before", compute="_compute_outcome")
    before_value = fields.Monetary("Value Before", compute="_compute_outcome")
    since_count = fields.Integer("Differences Since", compute="_compute_outcome")
    since_value = fields.Monetary("Value Since", compute="_compute_outcome")
    outcome = fields.Char(
        "Did It Come Back?", compute="_compute_outcome",
        help="Differences that were posted of this cause, product or place, without sign and with what was found elsewhere: of "
             "90 days before it was changed, and of at most as many since.")

    @api.depends("state", "closed_date", *SCOPE)
    def _compute_outcome(self):
        effects = {row[0]: row[1:] for row in queries.run(self.env, queries.causes.effects(
            self.ids, fields.Datetime.now(), COMPARED_DAYS))} if self.ids else {}
        for cause in self:
            before, before_value, since, since_value = effects.get(cause._origin.id, (0, 0, 0, 0))
            cause.before_count, cause.before_value = before, before_value
            cause.since_count, cause.since_value = since, since_value
            cause.outcome = cause._say_outcome()

    def _say_outcome(self):
        """What was different before and since, in one sentence."""
        before = self._say_differences(self.before_count, self.before_value)
        if self.state == "open":
            return _("Last %(days)s days: %(differences)s.", differences=before, days=COMPARED_DAYS)
        days = min((fields.Datetime.now() - self.closed_date).days, COMPARED_DAYS)
        return _(
            "Before: %(before)s in %(days)s days. Since: %(since)s in %(since_days)s.", before=before, days=COMPARED_DAYS,
            since=self._say_differences(self.since_count, self.since_value),
            since_days=say_number(self.env, days, _("1 day"), _("%s days")))

    def _say_differences(self, number, value):
        if not number:
            return _("no differences")
        return _(
            "%(differences)s, %(value)s", value=formatLang(self.env, value, currency_obj=self.currency_id),
            differences=say_number(self.env, number, _("1 difference"), _("%s differences")))

    @api.constrains(*SCOPE)
    def _check_scope(self):
        """A cause of nothing could never be seen to come back."""
        for cause in self:
            if not any(cause[name] for name in SCOPE):
                raise ValidationError(_(
                    "%(cause)s: say which differences it explains: a cause, a reason, a product, a location or a warehouse.",
                    cause=cause.name))

    @api.constrains("user_id")
    def _check_owner(self):
        """Counters learn nothing of what counts found."""
        for cause in self:
            if not cause.user_id.has_group(LEVEL_GROUPS[1]):
                raise ValidationError(_(
                    "%(person)s cannot own a root cause. Choose a count supervisor or a controller.",
                    person=cause.user_id.name))

    @api.constrains("state", "change")
    def _check_change(self):
        """What was changed stays said, for those who ask whether it came back."""
        for cause in self:
            refusal = cause.state == "done" and cause._why_not_without_change()
            if refusal:
                raise ValidationError(refusal)

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        self._check_ending(set().union(*vals_list))
        causes = super().create(vals_list)
        causes._sync_activities()
        causes.hint_id.sudo()._lead_to_cause()
        return causes

    def unlink(self):
        hints = self.hint_id.sudo()
        result = super().unlink()
        hints._lose_cause()
        return result

    def write(self, vals):
        self._check_ending(set(vals))
        hints = self.hint_id.sudo()
        result = super().write(vals)
        (self.hint_id.sudo() - hints)._lead_to_cause()
        (hints - self.hint_id.sudo())._lose_cause()
        if {"name", "user_id", "date_deadline", "state"} & set(vals):
            self._sync_activities()
        return result

    def _check_ending(self, names):
        """:raise AccessError: when a request says itself who closed a cause"""
        if names & ENDING and not self.env.su:
            raise AccessError(_("A root cause is closed by “Close”, once it says what was changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        done = self.filtered(lambda cause: cause.state == "done")[:1]
        if done:
            raise UserError(_("%(cause)s is done, and stays for those who ask whether it came back.", cause=done.name))

    # Actions

    def action_close(self):
        """Say that these causes were dealt with.

        :raise AccessError: for those who may not write them
        :raise UserError: for one that does not say what was changed
        """
        self._check_may_end()
        for cause in self:
            refusal = cause._why_not_close()
            if refusal:
                raise UserError(refusal)
        self.sudo().write({"state": "done", "closed_date": fields.Datetime.now(), "closed_by_id": self.env.uid})
        return True

    def action_reopen(self):
        """Work on these causes again, with what was changed for a beginning.

        :raise AccessError: for those who may not write them
        """
        self._check_may_end()
        self.sudo().write({"state": "open", "closed_date": False, "closed_by_id": False})
        return True

    def action_view_before(self):
        """Open the differences before it was changed."""
        return self._open_results(_("Before"), "before")

    def action_view_since(self):
        """Open the differences since it was changed."""
        return self._open_results(_("Since"), "since")

    @api.model
    def _open_new(self, lines, values):
        """An action that shows a new root cause, filled in.

        :param lines: count lines that it was seen on
        :param values: records or names by field of its scope
        """
        values = {name: value for name, value in values.items() if value}
        names = [value.display_name if isinstance(value, models.BaseModel) else value for value in values.values()]
        return {
            "type": "ir.actions.act_window", "name": _("Root Cause"), "res_model": self._name, "views": [[False, "form"]],
            "context": {
                "default_name": ", ".join(names), "default_line_ids": [fields.Command.set(sorted(lines.ids))],
                "default_company_id": (lines.company_id[:1] or self.env.company).id,
                **{f"default_{name}": value.id if isinstance(value, models.BaseModel) else value
                   for name, value in values.items()}}}

    # Business

    def _check_may_end(self):
        """:raise AccessError: for those who may not write these causes; being the superuser is no role"""
        causes = self.sudo(False)
        causes.check_access_rights("write")
        causes.check_access_rule("write")

    def _why_not_close(self):
        """Why this cause is not closed; or False."""
        self.ensure_one()
        if self.state == "done":
            return _("%(cause)s is done already.", cause=self.name)
        return self._why_not_without_change()

    def _why_not_without_change(self):
        """Why this cause is not done while it says nothing of what was changed; False when it does."""
        if (self.change or "").strip():
            return False
        return _("%(cause)s: say what was changed first, so that others can keep to it.", cause=self.name)

    def _open_results(self, label, side):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_result_action")
        return dict(
            action, name=f"{self.name}: {label}", domain=self._get_effect_domain(side), context={},
            views=[(False, "list"), (False, "kanban"), (False, "form")])

    def _get_effect_domain(self, side):
        """Domain of the differences that a cause explains, before it was changed or since."""
        now = fields.Datetime.now()
        turn, reach = self.closed_date or now, timedelta(days=COMPARED_DAYS)
        first, last = (turn - reach, turn) if side == "before" else (turn, min(turn + reach, now))
        domain = [
            ("company_id", "=", self.company_id.id), ("difference", "=", 1), ("date", ">=", fields.Datetime.to_string(first)),
            ("date", "<", fields.Datetime.to_string(last))]
        for name in SCOPE:
            value = self[name]
            if value:
                operator = "child_of" if name == "location_id" else "="
                domain.append((name, operator, value.id if isinstance(value, models.BaseModel) else value))
        return domain

    def _sync_activities(self):
        """Ask the owners of open causes, and nobody for those that are done."""
        self.activity_unlink([ACTIVITY])
        for cause in self.filtered(lambda cause: cause.state == "open"):
            cause.with_context(mail_activity_quick_update=True).activity_schedule(
                ACTIVITY, date_deadline=cause.date_deadline, user_id=cause.user_id.id, summary=cause.name)

    @api.model
    def _hand_on(self):
        """Give open causes whose owner left, or lost the role, to the controller of the company with fewest of them, else to
        a supervisor. Where nobody is, they wait.
        """
        waiting = self.search([("state", "=", "open")])
        load = Counter(cause.user_id for cause in waiting)
        for cause in waiting.filtered(lambda cause: not cause._may_own(cause.user_id)):
            people = next(filter(None, (
                self.env.ref(LEVEL_GROUPS[level]).users.filtered(cause._may_own) for level in (2, 1))), ())
            if people:
                cause.user_id = min(people, key=lambda user: (load[user], user.id))
                load[cause.user_id] += 1

    def _may_own(self, user):
        """Whether somebody is there who may see that it is changed."""
        return user.active and user.has_group(LEVEL_GROUPS[1]) and self.company_id in user.company_ids

    @api.model
    def _get_summary(self, warehouse, first, last):
        """What a review keeps of the causes of a warehouse: those that are open, and those that were closed in a period or
        the three months before it, with whether they came back. Those about people are nobody's but the controllers'.
        """
        names = dict(self._fields["root_cause"]._description_selection(self.env))
        causes = self.search([
            ("company_id", "=", warehouse.company_id.id), ("warehouse_id", "in", (warehouse.id, False)),
            "|", ("hint_id", "=", False), ("hint_id.counter_id", "=", False), "|",
            ("location_id", "=", False), ("location_id", "child_of", warehouse.view_location_id.id), "|",
            ("state", "=", "open"), ("closed_date", ">=", first - timedelta(days=COMPARED_DAYS))])
        return [{
            "name": cause.name, "cause": names.get(cause.root_cause) or cause.reason_id.name or "",
            "owner": cause.user_id.name, "due": cause.date_deadline, "is_late": cause._is_late(last), "state": cause.state,
            "change": cause.change or "", "closed": cause.closed_date and format_date(self.env, cause.closed_date) or "",
            "closed_by": cause.closed_by_id.name or "", "outcome": cause.outcome} for cause in causes]

    def _is_late(self, day):
        """Whether it should have been dealt with by a day."""
        return self.state == "open" and self.date_deadline <= day
