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

    Beside them some empty bins are drawn: places of which the books show nothing. Such a bin gets the line of what stood there
    last, or, where nothing did, of something else that the plan counts; whoever counts it cannot tell it from other lines.
    """

    _name = "stock.cycle.count.plan.draw"
    _description = "Random Draws of Count Plans"

    control_target = fields.Integer(
        "Random Counts a Quarter", required=True, default=200, tracking=True,
        help="So many positions are drawn at random each quarter, and counted blind among the others: how right the records "
             "are is known from these alone. 200 say it to within 3 points where 95 of 100 are right. A day takes at least "
             "2 and at most 20 % of “Counts per Day” for them. 0: none.")

    draws_from = fields.Date(
        "Random Draws From", readonly=True, copy=False, tracking=True,
        help="The first day on which positions are drawn at random. "
             "The set-up page lets it begin a day later, so that it can be undone.")

    _sql_constraints = [
        ("control_positive", "CHECK (control_target >= 0)", "“Random Counts a Quarter” cannot be negative."),
        # Who wants none says so in “Random Counts a Quarter”. Days are the plan's, and begin up to 14 hours before the server's.
        ("draws_soon", "CHECK (draws_from <= (create_date + interval '2 days')::date)",
         "Positions are drawn at random from the day on after the plan was made, at the latest."),
    ]

    def _get_day(self, moment):
        """Day of a moment where the plan works."""
        return timezones.day_of(moment, self._get_zone())

    def _get_pace(self, day, kind="position"):
        """How many positions, or empty bins, are drawn a day in the quarter of a day, and on that day: none, where nobody works
        then.
        """
        self.ensure_one()
        first = fields.Date.start_of(day, "quarter")
        days = self._get_working_days(first, fields.Date.end_of(day, "quarter")) if self.control_target else []
        return draw.Pace(
            self.control_target, self.daily_capacity, days.index(day) + 1 if day in days else 0, len(days),
            100 if kind == "position" else self.company_id.cycle_count_bin_share)

    def _get_due_capacity(self):
        """Positions a day that are left for what is due: at least one."""
        return max(self.daily_capacity - self._get_draw_room(), 1)

    def _get_drawn_share(self):
        """Positions of a day that random draws take at most, empty bins included."""
        today = self._get_today()
        return ceil(sum(self._get_pace(today, kind).rate for kind in draw.METHODS))

    def _get_draw_room(self):
        """Places of a day to come that are kept free for its random draws; never the only one."""
        return max(min(self._get_drawn_share(), self.daily_capacity - 1), 0)

    def _draw_control(self, answer_by):
        """Draw positions and empty bins of today, each once, and put those that stand on no open line onto today's sheets.

        A day on which this does not run has no draw; the days after draw what they would have drawn anyway.

        :param answer_by: day by which they are to be counted
        :return: values of the lines that no sheet of today can take in: they want one
        """
        self.ensure_one()
        today = self._get_today()
        if self.draws_from and today < self.draws_from:
            return []
        values = self._draw_positions(today, answer_by) + self._draw_bins(today, answer_by)
        return self._mix_in(values, today)

    def _draw_positions(self, today, answer_by):
        """Draw positions; see ``_draw_control``.

        :return: values of lines for those that stand on none
        """
        frame = self.env["stock.cycle.count.position"].search([("plan_id", "=", self.id)], order="id")
        positions, keep = self._draw("position", frame, today, answer_by)
        if not positions:
            return []
        values, made = self._take_lines(positions, keep)
        later = positions.filtered(lambda position: not position.scheduled_date or position.scheduled_date > today)
        for line in values:
            line.update(draw_id=made.id, draw_weight=1, user_id=False)
            if line["position_id"] in later._ids:
                line["selection_reason"] = "control"
        moved = later & positions.browse(line["position_id"] for line in values)
        moved.write({"scheduled_date": today})
        moved._sync_quants()
        return values

    def _draw_bins(self, today, answer_by):
        """Draw empty bins; see ``_draw_control``. The books show nothing there: what is counted makes a difference.

        :return: values of lines for those that stand on none
        """
        if not self._get_pace(today, "bin").number:
            return []
        Location = self.env["stock.location"]
        frame = Location.browse(row[0] for row in queries.run(self.env, queries.draws.empty_bins(
            self._get_scopes().get(self.id, []))))
        others = self.env["stock.cycle.count.position"].search([
            ("plan_id", "=", self.id), ("product_id.tracking", "=", "none")], order="id")
        bins, keep = self._draw("bin", frame if others else Location, today, answer_by)
        if not bins:
            return []
        values, made = self._take_lines(self._get_bin_positions(bins, others), keep)
        for line in values:
            line.update(draw_id=made.id, draw_weight=1, user_id=False, selection_reason="bin", due_date=False)
        return values

    def _draw(self, kind, frame, today, answer_by):
        """Draw some of a frame, unless that was done today.

        :return: what was drawn, and a function that keeps the draw, given what of it has a line
        """
        pace = self._get_pace(today, kind)
        Draw = self.env["stock.cycle.count.draw"].sudo()
        if not pace.number or Draw.search_count(
                [("plan_id", "=", self.id), ("day", "=", today), ("kind", "=", kind)], limit=1):
            return frame.browse(), None
        seed, picked = Draw._pick(self, today, frame.ids, pace.number, kind)
        drawn = frame.browse(number for _rank, number in picked)
        return drawn, lambda lined: Draw._keep(
            self, today, pace, seed, frame, picked, answer_by, standing=drawn - (
                lined if kind == "position" else lined.location_id), kind=kind)

    def _take_lines(self, positions, keep):
        """Take open lines of positions that were drawn into their draw.

        :param keep: keeps the draw
        :return: values of lines for those that stand on none, and the draw
        """
        values = self._prepare_lines(positions)
        opened = self.env["stock.cycle.count.line"].search([
            ("position_id", "in", positions.ids), ("company_id", "=", self.company_id.id), ("state", "in", OPEN_STATES),
            ("draw_id", "=", False)])
        made = keep(opened.position_id | positions.browse(line["position_id"] for line in values))
        queries.run(self.env, queries.draws.mark_lines(made.id, opened.ids))
        return values, made

    def _get_bin_positions(self, bins, others):
        """Positions, which rest, on whose lines empty bins are counted: of what stood there last, but for what has lots. A line
        of that without a number would tell that nothing is expected.

        :param others: positions of the plan, for whose products is asked where nothing did
        """
        Position = self.env["stock.cycle.count.position"].sudo().with_context(active_test=False)
        known = Position.search([
            ("location_id", "in", bins.ids), ("company_id", "=", self.company_id.id), ("product_id.active", "=", True),
            ("product_id.type", "=", "product"), ("product_id.tracking", "=", "none")],
            order="last_count_date DESC NULLS LAST, id DESC")
        places = {}
        for position in known:
            places.setdefault(position.location_id, position)
        made = Position.create([{
            "company_id": self.company_id.id, "plan_id": self.id, "location_id": place.id, "active": False,
            "product_id": other.product_id.id, "abc_class_id": other.abc_class_id.id}
            for place in bins if place not in places for other in [others[place.id % len(others)]]])
        return Position.concat(*places.values(), made).with_env(self.env)

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
