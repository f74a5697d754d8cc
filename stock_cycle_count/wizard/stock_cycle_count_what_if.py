from collections import defaultdict
from typing import NamedTuple

from odoo import Command, _, api, fields, models

from .. import queries
from ..tools import planner
from ..tools.numbers import whole_percent

#: Right records of which the width of the interval is spoken, as nobody knows yet how many are.
USUAL_RIGHT = 0.9
#: Of more positions than so many, some stand for all.
MOST_POSITIONS = 20_000
QUARTERS = 4
YEAR = 365


class Place(NamedTuple):
    """A position as the planner sees it; see ``queries.risk.workload``."""

    class_id: "int | None"
    interval: int
    rate: float
    age: float


class Try(NamedTuple):
    """What a plan does: how it chooses, counts a working day, random counts a quarter, counts a year by class."""

    ranking: str
    capacity: int
    random: int
    counts: dict


class StockCycleCountWhatIf(models.TransientModel):
    """What a plan would do that chose, counted or drew otherwise; nothing changes before *Apply*."""

    _name = "stock.cycle.count.what.if"
    _description = "What If a Plan Were Changed"
    _inherit = ["stock.cycle.count.request.mixin"]

    plan_id = fields.Many2one("stock.cycle.count.plan", required=True, readonly=True, ondelete="cascade")
    ranking = fields.Selection(
        selection=lambda self: self.env["stock.cycle.count.plan"]._fields["ranking"]._description_selection(self.env),
        string="What to Count", required=True)
    daily_capacity = fields.Integer("Counts per Day", required=True)
    control_target = fields.Integer("Random Counts a Quarter", required=True)
    class_ids = fields.One2many("stock.cycle.count.what.if.class", "what_if_id", "Classes")
    result = fields.Text("What It Does", compute="_compute_result")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        plan = self.env["stock.cycle.count.plan"].browse(values.get("plan_id")).exists()
        for name in ("ranking", "daily_capacity", "control_target"):
            if plan and name in fields_list:
                values[name] = plan[name]
        if plan and "class_ids" in fields_list:
            values["class_ids"] = [
                Command.create({"class_id": abc_class.id, "counts_per_year": abc_class.counts_per_year})
                for abc_class in plan.profile_id.class_ids]
        return values

    @api.depends("plan_id", "ranking", "daily_capacity", "control_target", "class_ids.counts_per_year")
    def _compute_result(self):
        for wizard in self:
            wizard.result = wizard._say_result()

    # Actions

    def action_propose(self):
        """Fill in counts a year by the square root of what goes wrong in each class, for the same work."""
        self.ensure_one()
        places, scale = self._get_places()
        tried = self._get_try()
        yearly = self._get_yearly(tried, scale)
        frequencies = planner.by_root([place.rate for place in places], yearly / YEAR, [1 / YEAR] * len(places))
        found = defaultdict(list)
        for place, frequency in zip(places, frequencies):
            found[place.class_id].append(frequency * YEAR)
        for line in self.class_ids:
            numbers = found.get(line.class_id.id)
            if numbers:
                line.counts_per_year = planner.usual_counts(sum(numbers) / len(numbers))
        return self._reopen()

    def action_apply(self):
        """Take over what was tried, with the user's own rights: plans are supervisors', classes administrators' to change."""
        self.ensure_one()
        self.plan_id.write({
            name: self[name] for name in ("ranking", "daily_capacity", "control_target") if self[name] != self.plan_id[name]})
        for line in self.class_ids:
            if line.class_id.counts_per_year != line.counts_per_year:
                line.class_id.counts_per_year = line.counts_per_year
        return {"type": "ir.actions.act_window_close"}

    def _reopen(self):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "views": [(False, "form")],
            "target": "new", "name": _("What If")}

    # What it comes to

    def _get_places(self):
        """Positions of the plan, of many only some, and for how many each stands."""
        self.plan_id.check_access_rights("read")
        self.plan_id.check_access_rule("read")
        rows = queries.run(self.env, queries.risk.workload(self.plan_id))
        step = max(1, -(-len(rows) // MOST_POSITIONS))
        return [Place(*row) for row in rows[::step]], len(rows) / max(len(rows[::step]), 1)

    def _get_try(self):
        """What is tried; numbers that make no sense yet, while they are typed, count as the least that does."""
        return Try(
            self.ranking, max(self.daily_capacity, 1), max(self.control_target, 0),
            {line.class_id.id: max(line.counts_per_year, 0) for line in self.class_ids})

    def _get_present(self):
        plan = self.plan_id
        return Try(plan.ranking, plan.daily_capacity, plan.control_target, {
            abc_class.id: abc_class.counts_per_year for abc_class in plan.profile_id.class_ids})

    def _get_working_days(self):
        """Working days of a year, less the part of each on which counters are away."""
        plan = self.plan_id.sudo()
        return max(plan._get_year_hands() / plan.daily_capacity, 1)

    def _get_yearly(self, tried, scale):
        """Counts a year that are not drawn at random, of the positions that stand for all."""
        return max(tried.capacity * self._get_working_days() - self._get_random(tried) * QUARTERS, 1) / scale

    def _get_random(self, tried):
        """Random counts a quarter: at most a fifth of all."""
        return min(tried.random, tried.capacity * self._get_working_days() / QUARTERS / 5)

    def _get_counts(self, tried, places, scale):
        """Counts a day of each place, and those that the classes ask for."""
        wanted = [
            (tried.counts[place.class_id] if place.class_id in tried.counts else YEAR / place.interval if place.interval else 1)
            / YEAR for place in places]
        even = self._get_random(tried) * QUARTERS / YEAR / scale / max(len(places), 1)
        total = self._get_yearly(tried, scale) / YEAR
        if tried.ranking == "none":
            counts = planner.by_need(wanted, total)
        else:
            counts = planner.by_root(
                [place.rate for place in places], total, [max(one - even, 1e-9) for one in wanted])
        return [one + even for one in counts], sum(wanted) * YEAR * scale

    def _say_result(self):
        """What the plan would do, in sentences."""
        if not self.env["stock.cycle.count.risk"].check_access_rights("read", raise_exception=False):
            return False
        places, scale = self._get_places()
        if not places:
            return _("Nothing is ranked yet: schedule the plan and make its sheets, and look again.")
        tried, working = self._get_try(), self._get_working_days()
        counts, wanted = self._get_counts(tried, places, scale)
        random = self._get_random(tried)
        share = whole_percent(wanted / (tried.capacity * working))
        used = sum(counts) * scale * YEAR / working
        covered = sum(one * YEAR >= 0.999 for one in counts)
        sentences = [
            _("Counts a day: %(used)s of %(capacity)s. The classes ask for %(share)s %% of what can be counted.",
              used=round(used, 1), capacity=tried.capacity, share=share),
            _("Counted at least once a year: %(share)s %% of the positions.",
              share=whole_percent(covered / len(places)))]
        if random:
            sentences.append(_(
                "Random counts tell how many records are right to within %(points)s points a quarter, where nine of ten are.",
                points=round(planner.points(USUAL_RIGHT, random), 1)))
        return "\n".join([*sentences, self._say_change(tried, places, scale, counts)])

    def _say_change(self, tried, places, scale, counts):
        """How errors in stock change in the year to come, against the plan as it is."""
        present = self._get_present()
        if "accuracy" in (tried.ranking, present.ranking):
            return _("What becomes of errors in stock is foreseen of plans that count by value or by class.")
        before, _wanted = self._get_counts(present, places, scale)
        rates, ages = [place.rate for place in places], [place.age for place in places]
        now = planner.errors_to_come(rates, before, ages)
        if not now:
            return _("What goes wrong has no value yet, so that nothing can be foreseen.")
        change = round(100 * (planner.errors_to_come(rates, counts, ages) / now - 1))
        if not change:
            return _("Errors in stock over the next twelve months: as with the plan as it is.")
        return _(
            "Errors in stock over the next twelve months, against the plan as it is: about %(change)s %% (%(low)s to "
            "%(high)s %%).",
            change=format(change, "+d"), low=format(max(change - planner.FORECAST_POINTS, -100), "+d"),
            high=format(change + planner.FORECAST_POINTS, "+d"))


class StockCycleCountWhatIfClass(models.TransientModel):
    """How often a class would be counted."""

    _name = "stock.cycle.count.what.if.class"
    _description = "Class of a What-If"
    _inherit = ["stock.cycle.count.request.mixin"]

    what_if_id = fields.Many2one("stock.cycle.count.what.if", required=True, ondelete="cascade")
    class_id = fields.Many2one("stock.abc.class", required=True, readonly=True, ondelete="cascade")
    counts_per_year = fields.Float(required=True, digits=(16, 2))
