from collections import Counter
from datetime import timedelta

from odoo import _, models
from odoo.tools import format_date

from ...tools import levelling


class StockCycleCountPlanHands(models.AbstractModel):
    """How much can be counted on which day: counters who are away take their share of “Counts per Day” with them."""

    _name = "stock.cycle.count.plan.hands"
    _description = "Hands of Count Plans"

    def _get_missing(self, days, capacity=None):
        """Counts of these days for which hands are missing, since counters are on leave: a ``Counter`` by day.

        :param days: those before today are left out
        :param capacity: counts of a day on which all are there; “Counts per Day” when None
        """
        self.ensure_one()
        today, people = self._get_today(), self.counter_ids
        away = Counter(day for _user, day in people._get_cycle_count_absences(
            [day for day in days if day >= today], self._get_zone()))
        capacity = self.daily_capacity if capacity is None else capacity
        return Counter({day: levelling.missing(capacity, len(people), number) for day, number in away.items()})

    def _get_missing_due(self, days):
        """The same of what is due alone."""
        return self._get_missing(days, self._get_due_capacity())

    def _get_year_hands(self):
        """Counts of the next 365 days for which there are hands."""
        today = self._get_today()
        days = self._get_working_days(today, today + timedelta(days=364))
        return len(days) * self.daily_capacity - sum(self._get_missing(days).values())

    def _say_missing(self):
        """On which days of the forecast fewer people are there to count; or False."""
        today = self._get_today()
        days = sorted(+self._get_missing(self._get_working_days(today, today + timedelta(days=self.forecast_days))))
        return bool(days) and _(
            "Counters are away on %(days)s of the working days until then, first on %(first)s.", days=len(days),
            first=format_date(self.env, days[0]))
