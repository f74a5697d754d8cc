from datetime import datetime, time, timedelta

import pytz

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount

from ... import queries
from ...tools import forecast, workdays
from ..mixins.stock_cycle_count_policy_mixin import POLICIES

#: The working day before the first due day, and levelling behind the last one: so many calendar days are looked at
#: beyond both.
CALENDAR_MARGIN = 60
#: Work is given days at most so far ahead; what has no place until then is reported as uncounted.
CALENDAR_AHEAD = timedelta(days=730)


class StockCycleCountPlan(models.Model):
    """A schedule: which locations of a warehouse are counted, how often, by whom, and how much a day.

    Stock administrators configure plans, supervisors those of their warehouses. Whoever may change a plan may run it:
    schedule and generate check for that and write what follows as superuser.
    """

    _name = "stock.cycle.count.plan"
    _description = "Cycle Count Plan"
    _inherit = ["stock.cycle.count.request.mixin", "stock.cycle.count.logged.mixin", "stock.cycle.count.policy.mixin",
                "stock.cycle.count.cron.mixin", "stock.cycle.count.plan.sheets", "stock.cycle.count.plan.answers",
                "stock.cycle.count.plan.ranking", "stock.cycle.count.plan.draw", "stock.cycle.count.plan.templates",
                "stock.cycle.count.plan.labels", "stock.cycle.count.plan.hands", "stock.cycle.count.plan.scope", "mail.thread",
                "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, tracking=True, check_company=False,
        default=lambda self: self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1))
    company_id = fields.Many2one(related="warehouse_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    location_ids = fields.Many2many(
        "stock.location", string="Locations", check_company=True,
        domain="[('warehouse_id', '=', warehouse_id), ('usage', 'in', ('view', 'internal', 'transit'))]",
        help="Locations to count, with all below them. Empty: the whole warehouse. Where plans overlap, the one "
             "with the more specific location governs.")
    profile_id = fields.Many2one(
        "stock.abc.profile", string="ABC Profile", check_company=True, tracking=True,
        help="Its classes say how often a product is counted. Empty: location frequency, or the yearly inventory.")
    calendar_id = fields.Many2one(
        "resource.calendar", string="Working Days", required=True, check_company=True,
        default=lambda self: self.env.company.resource_calendar_id,
        help="Counts fall on its working days; its public holidays stay empty.")
    daily_capacity = fields.Integer(
        "Counts per Day", required=True, default=50, tracking=True,
        help="So many positions (a product in a location) can be counted on a working day when all counters are there; those on "
             "leave take their share of them along.")
    grace_days = fields.Integer(
        "Grace Period (working days)", required=True, default=5,
        help="A count may be made so many working days after it is due before it is late.")
    horizon_days = fields.Integer(
        "Sheets ahead (days)", required=True, default=7,
        help="Count sheets are made for what is scheduled within so many days.")
    forecast_days = fields.Integer(
        "Forecast (days)", required=True, default=90, help="How far ahead workload and lateness are looked at.")
    sheet_size = fields.Integer("Lines per Sheet", required=True, default=40)
    grouping = fields.Selection(
        [("location", "Location: bins are kept whole"),
         ("zone", "Zone: one zone a sheet, small ones together"),
         ("product", "Product: all its bins together")],
        required=True, default="location")
    counter_ids = fields.Many2many(
        "res.users", string="Counters", check_company=True, help="Sheets are given to them in turn.",
        domain=lambda self: [("groups_id", "in", self.env.ref("stock_cycle_count.group_counter").ids)])

    last_schedule_date = fields.Datetime("Scheduled On", readonly=True, copy=False)
    last_generate_date = fields.Datetime("Sheets Made On", readonly=True, copy=False)
    late_count = fields.Integer("Late Counts", readonly=True, copy=False)
    late_value = fields.Monetary(readonly=True, copy=False)
    uncounted_count = fields.Integer("Uncounted Positions", readonly=True, copy=False)
    uncounted_value = fields.Monetary(readonly=True, copy=False)
    archived_count = fields.Integer("Archived Products in Stock", readonly=True, copy=False)
    archived_value = fields.Monetary(readonly=True, copy=False)
    needed_capacity = fields.Integer("Needed Counts per Day", readonly=True, copy=False)
    shortfall_message = fields.Char(compute="_compute_shortfall_message")
    position_ids = fields.One2many("stock.cycle.count.position", "plan_id", "Positions")
    position_count = fields.Integer(compute="_compute_counts")
    count_ids = fields.One2many("stock.cycle.count", "plan_id", "Sheets")
    open_count = fields.Integer("Open Sheets", compute="_compute_counts")

    _sql_constraints = [
        ("capacity_positive", "CHECK (daily_capacity > 0)", "“Counts per Day” must be at least 1."),
        ("grace_positive", "CHECK (grace_days >= 0)", "“Grace Period (working days)” cannot be negative."),
        ("horizon_positive", "CHECK (horizon_days >= 0)", "“Sheets ahead (days)” cannot be negative."),
        ("forecast_range", "CHECK (forecast_days BETWEEN 1 AND 730)", "“Forecast (days)” must be from 1 to 730."),
        ("recounts_positive", "CHECK (recount_rounds >= 0)", "“Recounts” cannot be negative."),
        ("sheet_positive", "CHECK (sheet_size > 0)", "“Lines per Sheet” must be at least 1."),
    ]

    def _compute_counts(self):
        positions = dict(self.env["stock.cycle.count.position"]._read_group(
            [("plan_id", "in", self.ids)], ["plan_id"], ["__count"]))
        sheets = dict(self.env["stock.cycle.count"]._read_group(
            [("plan_id", "in", self.ids), ("state", "not in", ("done", "cancel"))], ["plan_id"], ["__count"]))
        for plan in self:
            plan.position_count = positions.get(plan, 0)
            plan.open_count = sheets.get(plan, 0)

    @api.depends(
        "late_count", "late_value", "uncounted_count", "uncounted_value", "archived_count", "archived_value",
        "needed_capacity", "daily_capacity")
    def _compute_shortfall_message(self):
        """What is late or left out, and what would do; empty when all fits."""
        for plan in self:
            sentences = []
            if plan.late_count:
                sentences.append(_(
                    "Counted late within the next %(days)s days: %(positions)s, worth %(value)s.",
                    days=plan.forecast_days, positions=plan._say_positions(plan.late_count),
                    value=format_amount(self.env, plan.late_value, plan.currency_id)))
            if plan.uncounted_count:
                sentences.append(_(
                    "Due but not counted within the next %(days)s days: %(positions)s, worth %(value)s.",
                    days=plan.forecast_days, positions=plan._say_positions(plan.uncounted_count),
                    value=format_amount(self.env, plan.uncounted_value, plan.currency_id)))
            if plan.late_count or plan.uncounted_count:
                sentences.append(plan._say_missing())
            if plan.archived_count:
                sentences.append(_(
                    "Archived products with stock are not counted: %(number)s, worth %(value)s. Unarchive them.",
                    number=plan.archived_count, value=format_amount(self.env, plan.archived_value, plan.currency_id)))
            if plan.needed_capacity > plan.daily_capacity:
                sentences.append(_(
                    "To keep every interval takes %(needed)s counts a day; the plan has %(capacity)s.",
                    needed=plan.needed_capacity, capacity=plan.daily_capacity))
            plan.shortfall_message = " ".join(filter(None, sentences))

    @api.constrains("name", "counter_ids")
    def _check_counters(self):
        for plan in self:
            if not plan.counter_ids:
                raise ValidationError(_(
                    "Plan %(plan)s: choose at least one user in “Counters”; sheets are given to them in turn.",
                    plan=plan.name))

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for plan in self:
            today = fields.Date.context_today(plan)
            if not plan._get_working_days(today, today + timedelta(days=CALENDAR_MARGIN)):
                raise ValidationError(_(
                    "Plan %(plan)s: calendar %(calendar)s in “Working Days” has no working day in the next "
                    "%(days)s days. Add working hours to it, or choose another one.",
                    plan=plan.name, calendar=plan.calendar_id.name, days=CALENDAR_MARGIN))

    @api.constrains("location_ids", "warehouse_id")
    def _check_locations(self):
        for plan in self:
            foreign = plan.location_ids.filtered(lambda location: location.warehouse_id != plan.warehouse_id)
            if foreign:
                raise ValidationError(_(
                    "Plan %(plan)s: %(locations)s in “Locations” is not in warehouse %(warehouse)s.",
                    plan=plan.name, locations=", ".join(foreign.mapped("display_name")),
                    warehouse=plan.warehouse_id.name))

    # CRUD

    @api.model
    def _get_logged_fields(self):
        return {*POLICIES, "active", "control_target", "draws_from", "ranking", "event_share"}

    def write(self, vals):
        result = super().write(vals)
        if not vals.get("active", True):
            self._release_positions()
            for plan in self:
                plan.sudo()._withdraw_lines([])
        return result

    def unlink(self):
        self._release_positions()
        return super().unlink()

    # Actions

    def action_schedule(self):
        """Bring positions, due dates and the levelled calendar of these plans up to date.

        :return: an action that says what was found
        :raise AccessError: when the user is no supervisor
        :raise UserError: when a plan cannot be scheduled, naming the field
        """
        self._check_may_run()
        scopes = self._get_scopes()
        self.env["stock.abc.assignment"]._expire_manual()
        self.profile_id.sudo()._classify_first()
        for plan in self:
            plan.sudo()._schedule(scopes.get(plan.id, []))
        return self._answer({plan: plan.sudo()._say_scheduled() for plan in self})

    def action_view_positions(self):
        """Open the positions of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_position_action")
        return dict(action, domain=[("plan_id", "=", self.id)], context={})

    def action_view_counts(self):
        """Open the sheets of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_action")
        return dict(action, domain=[("plan_id", "=", self.id)], context={"default_plan_id": self.id})

    @api.model
    def get_forecast_chart(self, plan_id):
        """Data of the workload chart: counts by working day and class against the capacity.

        :return: dict with ``capacity``, ``days`` (ISO dates) and ``classes``: ``id``
            (False: no class), ``name`` and ``counts`` by day
        """
        plan = self.browse(plan_id)
        plan.check_access_rule("read")
        today = plan._get_today()
        until = today + timedelta(days=plan.forecast_days)
        days = plan._get_work_days(today, until)
        groups = self.env["stock.cycle.count.position"]._read_group(
            [("plan_id", "=", plan.id), ("scheduled_date", "<=", until)],
            ["scheduled_date:day", "interval_days", "abc_class_id"], ["__count"])
        load = forecast.workload(
            [(max(day, today), interval, abc_class, number) for day, interval, abc_class, number in groups],
            days, until)
        shown = sorted({day for day, _class in load} | {day for day in days.days if today <= day <= until})
        classes = sorted({abc_class for _day, abc_class in load},
                         key=lambda abc_class: (not abc_class, abc_class.cumulative_share))
        return {
            "capacity": plan.daily_capacity,
            "days": [day.isoformat() for day in shown],
            "classes": [
                {"id": abc_class.id, "name": abc_class.name or _("No class"),
                 "counts": [load[day, abc_class] for day in shown]}
                for abc_class in classes],
        }

    # Business

    def _check_may_run(self):
        """Whoever may change a plan may run it; that what follows is written as superuser changes nothing of it."""
        if not self.check_access_rights("write", raise_exception=False):
            raise AccessError(_("Only count supervisors can schedule counts and make sheets."))
        self.check_access_rule("write")

    def _get_zone(self):
        """Time zone in which the plan works: its calendar's."""
        self.ensure_one()
        return pytz.timezone(self.calendar_id.sudo().tz or "UTC")

    def _get_today(self):
        """Today where the plan works."""
        return datetime.now(self._get_zone()).date()

    def _get_working_days(self, first, last):
        """Days from ``first`` to ``last`` on which somebody works by the plan's calendar."""
        self.ensure_one()
        zone = self._get_zone()
        intervals = self.calendar_id.sudo()._work_intervals_batch(
            zone.localize(datetime.combine(first, time.min)), zone.localize(datetime.combine(last, time.max)))[False]
        return sorted({start.date() for start, _stop, _meta in intervals})

    def _get_work_days(self, first, last, slots=0):
        """Working days of the plan around today, from ``first`` to ``last`` and some days more at both ends.

        :param slots: look further ahead until there are so many working days from today on, within two years
        :raise UserError: when there is no working day to come
        """
        today = self._get_today()
        last += timedelta(days=CALENDAR_MARGIN) + self.grace_days * timedelta(weeks=1)
        if slots:
            # Five working days a week, some of them holidays: more than enough in one look for usual calendars.
            last = max(last, min(last + timedelta(days=slots * 2), today + CALENDAR_AHEAD))
        days = self._get_working_days(min(first, today) - timedelta(days=CALENDAR_MARGIN), max(last, today))
        if not days or days[-1] < today:
            raise UserError(_(
                "Plan %(plan)s: calendar %(calendar)s in “Working Days” has no working day to come. Add working "
                "hours to it, or choose another one.", plan=self.name, calendar=self.calendar_id.name))
        return workdays.WorkDays(days, today)

    def _schedule(self, scope):
        """Schedule one plan over the locations of its scope."""
        self.ensure_one()
        self.env.flush_all()
        self._begin_job()
        self._check_counters()
        self._withdraw_lines(scope)
        position = self.env["stock.cycle.count.position"]
        position._refresh(self, scope)
        summary = {**position._level(self, scope), **position._get_archived(self, scope)}
        self.env["stock.quant"]._sync_positions(queries.schedule.of_plan(self.id))
        self.env.invalidate_all()
        changed = {name: value for name, value in summary.items() if self[name] != value}
        self.write(dict(changed, last_schedule_date=fields.Datetime.now()))

    # Cron

    @api.model
    def _cron_schedule(self):
        """Schedule every active plan once a day."""
        self._run_pending("action_schedule", "last_schedule_date")

    @api.model
    def _cron_generate(self):
        """Make the sheets of every active plan once a day."""
        self._run_pending("action_generate", "last_generate_date")
