import json
from collections import Counter, defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models

from ...tools import due, forecast, levelling, pareto, presets, schedule
from ...tools.workdays import WorkDays
from ..constants import STOCK_USAGES

#: How far ahead the workload is drawn, in days.
YEAR = 365


class Work(NamedTuple):
    """What a warehouse has to count: its working days, and for each position the class and the days between counts."""

    days: WorkDays
    classes: list
    intervals: list


class StockCycleCountSetupProposals(models.AbstractModel):
    """What the page proposes, from the company's own data."""

    _name = "stock.cycle.count.setup.proposals"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Proposals of the Set-Up of Counting"

    workload = fields.Text(compute="_compute_workload", help="Counts of the next year by day and class, as JSON.")
    has_work = fields.Boolean(compute="_compute_workload")
    workload_note = fields.Char(compute="_compute_workload")

    @api.model
    def _is_value(self, name, value):
        # The page sends back what it was given to draw, which is longer than what people type, and read by nobody.
        return name == "workload" or super()._is_value(name, value)

    @api.model
    def _propose_warehouses(self):
        """Warehouses of the user's companies that no plan counts."""
        planned = self.env["stock.cycle.count.plan"].search([]).warehouse_id
        return self.env["stock.warehouse"].search([
            ("company_id", "in", self.env.companies.ids), ("id", "not in", planned.ids)])

    @api.model
    def _get_people(self, group):
        """Internal users of the present companies who are in a group."""
        return self.env["res.users"].search([
            ("share", "=", False), ("company_ids", "in", self.env.companies.ids),
            ("groups_id", "in", self.env.ref(f"stock_cycle_count.{group}").ids)])

    @api.model
    def _propose_counters(self):
        """Who counts: those who do not approve, where there are such, for nobody decides on what they counted."""
        counters = self._get_people("group_counter")
        return counters - self._get_people("group_decider") or counters

    @api.model
    def _is_alone(self):
        """Whether nobody else works here."""
        return not self.env["res.users"].search_count([
            ("share", "=", False), ("company_ids", "in", self.env.companies.ids), ("id", "!=", self.env.uid)], limit=1)

    @api.model
    def _propose_capacity(self, warehouses, basis, people):
        """Counts a day, the same for each of these warehouses."""
        needs = [1]
        for work in self._get_work(warehouses, basis):
            steady = levelling.steady_capacity(work.intervals, work.days)
            needs.append(presets.daily_capacity(len(work.classes), steady, people))
        return max(needs)

    @api.model
    def _get_work(self, warehouses, basis):
        """What there is to count, with the classes that a new profile gives: list of ``Work``."""
        result = []
        for company, members in warehouses.grouped("company_id").items():
            if not self._get_calendar(company):
                continue
            profile = self._prepare_draft_profile(company, basis)
            classes = profile.class_ids.sorted("cumulative_share")
            boundaries = classes.mapped("cumulative_share")
            metrics, _idle = profile._measure_all(members)
            days = self._get_work_days(company, members[0])
            names = {
                (warehouse.id, ranked.key): ranked.class_index
                for warehouse in members for ranked in pareto.split(metrics[warehouse.id], boundaries)}
            found = defaultdict(list)
            stocks = self.env["stock.quant"].sudo()._read_group([
                ("location_id.warehouse_id", "in", members.ids), ("location_id.usage", "in", STOCK_USAGES),
                ("company_id", "in", (company.id, False)), ("quantity", "!=", 0), ("product_id.active", "=", True)],
                ["location_id", "product_id"])
            for location, product in stocks:
                warehouse_id = location.warehouse_id.id
                found[warehouse_id].append(classes[names.get((warehouse_id, product.id), len(classes) - 1)])
            result += [
                Work(days, [one.name for one in kinds], [due.interval_days(one.counts_per_year) for one in kinds])
                for kinds in found.values()]
        return result

    def _prepare_draft_profile(self, company, basis=None):
        """A profile of a company that is not saved."""
        Profile = self.env["stock.abc.profile"]
        return Profile.new({
            "name": "-", "company_id": company.id, "basis": basis or self.basis or "consumption_value", "history_days": YEAR,
            "class_ids": Profile._default_class_ids(presets.MINIMUMS)})

    @api.model
    def _get_calendar(self, company):
        """Working hours of a company, which need not have chosen any; else some that it may use."""
        return company.resource_calendar_id or self.env["resource.calendar"].search(
            [("company_id", "in", (company.id, False))], limit=1)

    @api.model
    def _get_work_days(self, company, warehouse):
        """Working days of a company for a year, as a new plan of one of its warehouses has them."""
        plan = self.env["stock.cycle.count.plan"].with_company(company).new({
            "name": "-", "warehouse_id": warehouse.id, "calendar_id": self._get_calendar(company).id, "grace_days": 5})
        today = plan._get_today()
        return plan._get_work_days(today, today + timedelta(days=YEAR))

    @api.depends("warehouse_ids", "basis", "daily_capacity")
    def _compute_workload(self):
        for setup in self:
            load, days, positions = Counter(), set(), 0
            capacity = max(setup.daily_capacity, 1)
            warehouses = setup.warehouse_ids._origin
            for work in setup._get_work(warehouses, setup.basis or "consumption_value"):
                work_days = work.days
                today = work_days.days[work_days.offset]
                until = today + timedelta(days=YEAR)
                dates, _needed = schedule.make([
                    schedule.Position(number, None, due.rule(None, today, number, interval, 0, None, spread_first=True))
                    for number, interval in enumerate(work.intervals)], work_days, capacity, 5, first_round=False)
                groups = Counter(
                    (one.scheduled, one.interval, name) for one, name in zip(dates, work.classes) if one.scheduled)
                load += forecast.workload([(*key, number) for key, number in groups.items()], work_days, until)
                days |= {day for day in work_days.days if today <= day <= until}
                positions += len(dates)
            setup.has_work = bool(positions)
            shown = sorted(days)
            setup.workload = json.dumps({
                "capacity": capacity * len(warehouses), "days": [day.isoformat() for day in shown],
                "classes": [{"id": name, "name": name, "counts": [load[day, name] for day in shown]}
                            for name in sorted({name for _day, name in load})]})
            setup.workload_note = setup._say_workload(positions, sum(load.values()))
