from collections import Counter
from math import ceil

from odoo import fields, models

from ... import queries
from ...tools import draw, timezones, visits
from ..constants import OPEN_STATES


class StockCycleCountPlanDraw(models.AbstractModel):
    """Plans draw some of their positions at random each working day: how right the records are is read off these alone.

    All active positions have the same chance, whether they are due, open or empty. Those that stand on an open line stay
    there; the others are mixed among what is counted that day, so that nobody who counts can tell them from the rest.
    """

    _name = "stock.cycle.count.plan.draw"
    _description = "Random Draws of Count Plans"

    control_target = fields.Integer(
        "Random Counts a Quarter", required=True, default=200, tracking=True,
        help="So many positions are drawn at random each quarter, and counted blind among the others: how right the records "
             "are is known from these alone. 200 say it to within 3 points where 95 of 100 are right. A day takes at least "
             "2 and at most 20 % of “Counts per Day” for them. 0: none.")

    _sql_constraints = [
        ("control_positive", "CHECK (control_target >= 0)", "“Random Counts a Quarter” cannot be negative."),
    ]

    def _get_day(self, moment):
        """Day of a moment where the plan works."""
        return timezones.day_of(moment, self._get_zone())

    def _get_pace(self, day):
        """How many positions are drawn a day in the quarter of a day, and on that day: none, where nobody works then."""
        self.ensure_one()
        first = fields.Date.start_of(day, "quarter")
        days = self._get_working_days(first, fields.Date.end_of(day, "quarter")) if self.control_target else []
        return draw.Pace(
            self.control_target, self.daily_capacity, days.index(day) + 1 if day in days else 0, len(days))

    def _get_due_capacity(self):
        """Positions a day that are left for what is due: at least one."""
        return max(self.daily_capacity - self._get_draw_room(), 1)

    def _get_drawn_share(self):
        """Positions of a day that random draws take at most."""
        return ceil(self._get_pace(self._get_today()).rate)

    def _get_draw_room(self):
        """Places of a day to come that are kept free for its random draws; never the only one."""
        return max(min(self._get_drawn_share(), self.daily_capacity - 1), 0)

    def _draw_control(self, answer_by):
        """Draw the positions of today, once, and put those that stand on no open line onto today's sheets.

        A day on which this does not run has no draw; the days after draw what they would have drawn anyway.

        :param answer_by: day by which they are to be counted
        :return: values of the lines that no sheet of today can take in: they want one
        """
        self.ensure_one()
        today = self._get_today()
        pace = self._get_pace(today)
        Draw = self.env["stock.cycle.count.draw"].sudo()
        if not pace.number or Draw.search_count([("plan_id", "=", self.id), ("day", "=", today)], limit=1):
            return []
        frame = self.env["stock.cycle.count.position"].search([("plan_id", "=", self.id)], order="id")
        seed, picked = Draw._pick(self, today, frame.ids, pace.number)
        if not picked:
            return []
        positions = frame.browse(position_id for _rank, position_id in picked)
        values = self._prepare_lines(positions)
        opened = self.env["stock.cycle.count.line"].search([
            ("position_id", "in", positions.ids), ("company_id", "=", self.company_id.id), ("state", "in", OPEN_STATES),
            ("draw_id", "=", False)])
        made = Draw._keep(self, today, pace, seed, frame, picked, answer_by, standing=positions - opened.position_id - (
            positions.browse(line["position_id"] for line in values)))
        queries.run(self.env, queries.draws.mark_lines(made.id, opened.ids))
        later = positions.filtered(lambda position: not position.scheduled_date or position.scheduled_date > today)
        for line in values:
            line.update(draw_id=made.id, draw_weight=1, user_id=False)
            if line["position_id"] in later._ids:
                line["selection_reason"] = "control"
        moved = later & positions.browse(line["position_id"] for line in values)
        moved.write({"scheduled_date": today})
        moved._sync_quants()
        return self._mix_in(values, today)

    def _mix_in(self, values, today):
        """Put lines onto those sheets of today that nobody has touched.

        :return: the values for which there is no such sheet
        """
        sheets = self._get_untouched_sheets([("scheduled_date", "=", today)]) if values else ()
        return self._put_onto(values, sheets) if sheets else values

    def _join_visits(self, values, planned):
        """Visits of today on which drawn positions are counted: of their area where there is one, or else any.

        :param planned: the visits of what is due, by position
        """
        today = self._get_today()
        Position = self.env["stock.cycle.count.position"]
        drawn = Position.browse({line["position_id"] for line in values})
        others = Position.browse(key for key, visit in planned.items() if visit.day == today) if drawn else drawn
        zones = (drawn | others).location_id._get_zones(self.warehouse_id)
        visits_of_today = {self._get_area(position, zones): planned[position.id] for position in others}
        usual = next(iter(visits_of_today.values()), visits.Visit(today, 0))
        return {
            position.id: visits_of_today.get(self._get_area(position, zones), usual) for position in drawn}

    def _get_reserved_load(self, days, drawn):
        """Positions by day that are kept free for random draws: on later days their share; today's are drawn already.

        :param drawn: positions that were drawn today and get lines yet
        """
        today, share = self._get_today(), self.daily_capacity - self._get_due_capacity()
        return Counter({day: share for day in days if day > today}) + Counter({today: drawn})
