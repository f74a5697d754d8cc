from datetime import date, timedelta
from typing import NamedTuple

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ... import queries
from ...tools import due, levelling, schedule, timezones
from ..constants import OPEN_STATES
from .stock_cycle_count_plan import CALENDAR_AHEAD

#: Positions overdue for longer are treated as overdue for so many days: no calendar is read before that.
CALENDAR_PAST = timedelta(days=730)
#: Rows written by core are looked at again for so long, since a transaction may commit after a later one.
COUNT_OVERLAP = timedelta(days=1)
#: From so many new rows on, what the planner knows of the table no longer holds.
MANY = 10_000
#: Lines that were counted, and wait for what becomes of them.
COUNTED = [("state", "in", [state for state in OPEN_STATES if state != "pending"])]


class _Stored(NamedTuple):
    """A row of ``queries.schedule.read_positions``."""

    id: int
    last: "date | None"
    since: date
    requested: "date | None" = None
    class_interval: "int | None" = None
    frequency: "int | None" = None
    interval: "int | None" = None
    due: "date | None" = None
    reason: "str | None" = None
    deadline: "date | None" = None
    scheduled: "date | None" = None
    opened: "date | None" = None
    is_counted: bool = False

    @property
    def dates(self):
        """Dates as they are stored, to see what changes."""
        return self[6:11]


class _Found(NamedTuple):
    """Stock without a position: what is stored of it besides dates, and the row to schedule."""

    key: tuple                                           # location, warehouse, product, class, last count
    row: _Stored


class StockCycleCountPosition(models.Model):
    """What is scheduled: a product in a location of a company.

    Quants come and go, positions stay; they are the only source of truth for due dates. The schedule writes them;
    supervisors only set the manual date.
    """

    _name = "stock.cycle.count.position"
    _inherit = "stock.cycle.count.position.now"
    _description = "Count Position"
    _order = "scheduled_date, location_id, product_id, id"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    plan_id = fields.Many2one("stock.cycle.count.plan", readonly=True, ondelete="set null", index=True)
    location_id = fields.Many2one("stock.location", required=True, readonly=True, ondelete="cascade")
    warehouse_id = fields.Many2one(related="location_id.warehouse_id", store=True)
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade", index=True)
    categ_id = fields.Many2one(related="product_id.categ_id", string="Product Category")
    active = fields.Boolean(
        default=True, readonly=True,
        help="A position rests when it is out of every plan, or when its stock is gone and was counted since.")
    abc_class_id = fields.Many2one("stock.abc.class", "Class", readonly=True, ondelete="set null")
    since_date = fields.Date(
        "In Scope Since", required=True, readonly=True, default=fields.Date.context_today,
        help="The first count of a position is due one interval after this day at the latest.")
    last_count_date = fields.Datetime("Last Count", readonly=True, help="However the count was made.")
    interval_days = fields.Integer(
        "Interval (days)", readonly=True, group_operator="avg",
        help="Days between counts by the class or by the location, whichever is shorter. 0: once a year.")
    due_date = fields.Date("Due", readonly=True, help="By which day the rules want it counted.")
    due_reason = fields.Selection(
        [("class", "Interval of its class"),
         ("location", "Frequency of its location"),
         ("annual", "Yearly inventory"),
         ("manual", "Asked for by a person"),
         ("none", "No rule")],
        readonly=True)
    deadline_date = fields.Date("Deadline", readonly=True, help="Due date plus the plan's grace days.")
    scheduled_date = fields.Date(
        "Next Count", readonly=True, index=True, help="Day given by the schedule, within the plan's capacity.")
    manual_date = fields.Date(
        "Requested Date", help="Count it on this day at the latest. Ends with the next count.")
    manual_set_date = fields.Datetime("Requested On", readonly=True)
    manual_user_id = fields.Many2one("res.users", "Requested By", readonly=True)
    is_late = fields.Boolean(
        "Late", compute="_compute_is_late", search="_search_is_late",
        help="Its deadline has passed, and nobody has counted it. What was counted and waits for a decision is not late.")
    line_ids = fields.One2many("stock.cycle.count.line", "position_id", "Count Lines")

    _sql_constraints = [(
        "key_unique", "UNIQUE (location_id, product_id, company_id)", "A product in a location is scheduled once per company.")]

    @api.depends("deadline_date", "line_ids.state")
    @api.depends_context("uid")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        late = self.filtered(lambda position: position.deadline_date and position.deadline_date < today)
        late -= self.env["stock.cycle.count.line"].sudo().search(
            [("position_id", "in", late.ids), *COUNTED]).position_id if late else late
        for position in self:
            position.is_late = position in late

    def _search_is_late(self, operator, value):
        today = fields.Date.context_today(self)
        counted = self.env["stock.cycle.count.line"].sudo()._search([("position_id", "!=", False), *COUNTED])
        domain = [("deadline_date", "<", today), ("id", "not in", counted.subselect("position_id"))]
        is_late = (operator in ("=", "in")) == bool(value)
        return domain if is_late else ["!", "&", *domain]

    # CRUD

    def write(self, vals):
        if not self.env.su and set(vals) - {"manual_date"}:
            raise AccessError(_(
                "Only the requested date of a position can be changed; the schedule keeps the rest."))
        if "manual_date" in vals:
            vals = dict(
                vals,
                manual_set_date=fields.Datetime.now() if vals["manual_date"] else False,
                manual_user_id=self.env.uid if vals["manual_date"] else False)
        result = super().write(vals)
        if vals.get("manual_date"):
            self._apply_manual_date()
        return result

    # Actions

    def action_view_lines(self):
        """Open the count lines of these positions."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_line_action")
        return dict(action, domain=[("position_id", "in", self.ids)], context={})

    # Business

    @api.model
    def _get_line_values(self, values_list):
        """Position and class of stock keys: ``{(location id, product id): values of a line}``."""
        positions = self.sudo().with_context(active_test=False).search([
            ("location_id", "in", [values["location_id"] for values in values_list]),
            ("product_id", "in", [values["product_id"] for values in values_list])])
        return {
            (position.location_id.id, position.product_id.id): {
                "position_id": position.id, "abc_class_id": position.abc_class_id.id}
            for position in positions}

    def _apply_manual_date(self):  # pylint: disable=missing-return
        """Show a requested date at once; the next schedule makes room around it."""
        for day, positions in self.grouped("manual_date").items():
            later = positions.filtered(lambda position: not position.scheduled_date or position.scheduled_date > day)
            super(StockCycleCountPosition, later.sudo()).write(
                {"due_date": day, "deadline_date": day, "scheduled_date": day, "due_reason": "manual"})
        self._sync_quants()

    def _place_in_plans(self):  # pylint: disable=missing-return
        """Give positions that were asked for before any schedule knew them to the plans that govern their places."""
        homeless = self.filtered(lambda position: not position.plan_id)
        for company, positions in homeless.grouped("company_id").items():
            plans = self.env["stock.cycle.count.plan"].sudo().search([("company_id", "=", company.id)])
            for plan_id, scope in plans._get_scopes().items():
                super(StockCycleCountPosition, positions.filtered(
                    lambda position: position.location_id.id in scope)).write({"plan_id": plan_id, "active": True})

    @api.model
    def _refresh(self, plan, scope):
        """Bring the positions that there are in line with quants, counts and classes.

        :param scope: ids of the locations that the plan governs
        """
        statements, counts = queries.schedule, queries.last_counts
        since = plan.last_schedule_date and plan.last_schedule_date - COUNT_OVERLAP
        uid = self.env.uid
        for statement in (
            statements.retire_positions(plan, scope, uid),
            counts.update_last_counts(plan, scope, counts.of_recent_moves(since)),
            counts.update_last_counts(plan, scope, counts.of_new_positions(plan, scope)),
            statements.sync_positions(plan, scope, uid, plan._get_today()),
        ):
            queries.run(self.env, statement)

    @api.model
    def _level(self, plan, scope):
        """Give every active position of a plan its due date and a day within the capacity; add those that lack.

        A day that a person asked for, and the day of a sheet that is open already, are kept; the rest is levelled
        around them.

        :param scope: ids of the locations that the plan governs
        :return: values for the plan: what will be late or uncounted, and the capacity that would do
        """
        rows = self._read_rows(plan)
        found = self._find_rows(plan, scope)
        rows_and_found = rows + [one.row for one in found]
        dates, needed = self._make_dates(plan, plan._get_due_capacity(), rows_and_found, plan._get_missing_due)
        changed = [(row.id, *fresh) for row, fresh in zip(rows, dates) if row.dates != fresh]
        if changed:
            queries.run(self.env, queries.schedule.write_dates(self.env.uid, zip(*changed)))
        self._store_found(plan, found, dates[len(rows):])
        return dict(
            self._get_shortfall(plan, rows_and_found, dates), needed_capacity=needed + plan._get_drawn_share())

    @api.model
    def _read_rows(self, plan, counts=None):
        """What the schedule has to know about positions.

        :param counts: only those counted just now, see ``queries.schedule.read_positions``; all active ones when None
        """
        rows = queries.run(self.env, queries.schedule.read_positions(plan, OPEN_STATES, plan._get_zone().zone, counts))
        return list(map(_Stored._make, rows))

    @api.model
    def _find_rows(self, plan, scope):
        """Stock of a scope that has no position yet."""
        cost = queries.abc_classification.cost_in(plan.company_id)
        found = queries.run(self.env, queries.schedule.find_positions(plan, scope, cost))
        if not found:
            return []
        counted = {
            (location_id, product_id): moment
            for location_id, product_id, moment in queries.run(self.env, queries.last_counts.last_counts(scope))}
        zone, today = plan._get_zone(), plan._get_today()
        result = []
        for number, location_id, warehouse_id, product_id, class_id, class_interval, frequency in found:
            moment = counted.get((location_id, product_id))
            last = moment and timezones.day_of(moment, zone)
            result.append(_Found(
                (location_id, warehouse_id, product_id, class_id, moment),
                _Stored(number, last, today, class_interval=class_interval, frequency=frequency)))
        return result

    @api.model
    def _make_dates(self, plan, capacity, rows, get_missing=lambda days: None):
        """Compute dates.

        :param rows: list of ``_Stored``
        :param get_missing: gives for working days the counts for which nobody is there
        :return: their dates, and the capacity that would do
        """
        today = plan._get_today()
        annual = self._get_annual_day(plan.company_id)
        is_ranked = plan.ranking != "none"
        known = [
            schedule.Position(
                row.id, row.last,
                due.rule(row.last, row.since, row.id, row.class_interval or 0, row.frequency or 0, annual, is_ranked),
                row.requested, row.opened)
            for row in rows]
        dues = [position.rule.due for position in known if position.rule.due]
        days = plan._get_work_days(
            max(min(dues, default=today), today - CALENDAR_PAST), min(max(dues, default=today), today + CALENDAR_AHEAD),
            len(rows) // capacity)
        dates, needed = schedule.make(known, days, capacity, plan.grace_days, not is_ranked, get_missing(days.days))
        steady = levelling.steady_capacity((fresh.interval for fresh in dates), days)
        return dates, max(needed, steady)

    @api.model
    def _store_found(self, plan, found, dates):
        """Store new positions, once, with their dates."""
        if found:
            columns = zip(*((one.row.id, *one.key, *fresh) for one, fresh in zip(found, dates)))
            queries.run(self.env, queries.schedule.add_positions(plan, self.env.uid, plan._get_today(), columns))
        if len(found) >= MANY:
            queries.run(self.env, queries.schedule.analyze_positions())

    @api.model
    def _get_shortfall(self, plan, rows, dates):
        """Number and value of positions that are or will be late, or not be counted within the forecast. What was to be
        counted on a day that has passed is counted today at the earliest.
        """
        today = plan._get_today()
        end = today + timedelta(days=plan.forecast_days)
        late, uncounted = [], []
        for row, fresh in zip(rows, dates):
            if not fresh.deadline or fresh.deadline > end or row.is_counted:
                continue
            if not fresh.scheduled or fresh.scheduled > end:
                uncounted.append(row.id)
            elif max(fresh.scheduled, today) > fresh.deadline:
                late.append(row.id)
        return {
            "late_count": len(late), "late_value": self._get_value(plan, late),
            "uncounted_count": len(uncounted), "uncounted_value": self._get_value(plan, uncounted),
        }

    @api.model
    def _get_archived(self, plan, scope):
        """Stock in the plan's locations that no schedule knows, since its products are archived."""
        stocks = self.env["stock.quant"].sudo()._read_group(
            [("product_id.active", "=", False), ("location_id", "in", scope), ("quantity", ">", 0),
             ("owner_id", "in", (False, plan.company_id.partner_id.id))],
            ["product_id"], ["quantity:sum"])
        return {
            "archived_count": len(stocks),
            "archived_value": sum(
                quantity * product.with_company(plan.company_id).standard_price for product, quantity in stocks)}

    @api.model
    def _get_value(self, plan, position_ids):
        """Value at cost, in the company's currency, of what the books show on positions."""
        if not position_ids:
            return 0.0
        cost = queries.abc_classification.cost_in(plan.company_id)
        [(value,)] = queries.run(self.env, queries.schedule.positions_value(plan.company_id.id, cost, position_ids))
        return plan.currency_id.round(value)

    @api.model
    def _get_annual_day(self, company):
        """Month and day of the company's yearly inventory, None when it has none."""
        month = company.annual_inventory_month
        return (int(month), company.annual_inventory_day) if month else None

    def _set_counted(self, moments):
        """Note when positions were counted: a request that was made before has its answer, and the next count follows.

        The day is the due day; the next schedule levels it.

        :param moments: ``{position: moment of counting}``; one before the last count that is known changes neither that
            count nor the due day
        """
        if not self:
            return
        self.fetch(["plan_id"])
        dated = []
        for plan, positions in self.filtered("plan_id").grouped("plan_id").items():
            rows = self._read_rows(plan, (positions.ids, list(map(moments.get, positions))))
            dates, _needed = self._make_dates(plan, len(positions), rows)
            dated += [(row.id, moments[self.browse(row.id)], *fresh) for row, fresh in zip(rows, dates)]
        undated = self - self.browse([row[0] for row in dated])
        if dated:
            queries.run(self.env, queries.last_counts.write_dated_counts(self.env.uid, zip(*dated)))
        if undated:
            queries.run(self.env, queries.last_counts.write_counts(self.env.uid, undated.ids, map(moments.get, undated)))
        self._sync_quants()

    def _sync_quants(self):
        """Show the next count and the class of these positions on their quants."""
        if self:
            self.env["stock.quant"]._sync_positions(queries.schedule.of_positions(self.ids))
