from collections import defaultdict
from datetime import timedelta

from babel.dates import format_date

from odoo import _, models
from odoo.tools import babel_locale_parse
from odoo.tools.date_utils import start_of

from ...tools import charts, statistics
from .stock_cycle_count_answers_sample import FEW, HISTORY, Sample

#: Lengths of a point, from the shortest, the points of it that are shown, and how many of it are in a quarter.
STEPS = {"week": (26, 13), "month": (24, 3), "quarter": (12, 1)}
#: So many misses a point has to have on average, for a point to say something.
LEAST_MISSES = 3


class StockCycleCountAnswersChart(models.AbstractModel):
    """Records right over time: which points are out of what chance explains, and whether there is a trend."""

    _name = "stock.cycle.count.answers.chart"
    _description = "Chart of the Control Sample"

    # Facts

    def _get_points(self, window):
        """Random counts by week, month or quarter: ``(step, [(first day, Sample, charts.Point)])``, the latest last."""
        return window.get("points", lambda: self._make_points(window))

    def _make_points(self, window):
        by_step = {}
        for step in STEPS:
            by_day = defaultdict(Sample)
            for day, _class, _is_over, counts in self._read_sample(window):
                by_day[start_of(day, step)] = by_day[start_of(day, step)].plus(counts)
            by_step[step] = sorted(by_day.items())
        step = next((step for step, points in by_step.items() if self._says_something(window, points)), "quarter")
        points = by_step[step]
        judged = charts.control([counts.number for _day, counts in points], [counts.hits for _day, counts in points])
        return step, [(day, counts, point) for (day, counts), point in zip(points, judged)][-STEPS[step][0]:]

    def _says_something(self, window, points):
        """Whether points of the last year have enough misses on average."""
        recent = [counts for day, counts in points if day >= window.year]
        return bool(recent) and sum(counts.number - counts.hits for counts in recent) >= LEAST_MISSES * len(recent)

    def _get_last_signal(self, window):
        _step, points = self._get_points(window)
        return points[-1][2].signal if points else ""

    def _get_trend(self, window):
        """Trend of the points of a year, and how many of them are in a quarter; None where it cannot be told."""
        step, points = self._get_points(window)
        recent = [counts for day, counts, _point in points if day >= window.year]
        if sum(counts.number for counts in recent) < FEW or len(recent) < 3:
            return None, 0
        return statistics.trend(
            [counts.number for counts in recent], [counts.hits for counts in recent]), STEPS[step][1]

    # Words

    def _phrase_trend(self, window):
        """The trend in words, or False."""
        found, points = self._get_trend(window)
        if not found:
            return False
        if not found.is_clear:
            return _("no clear change")
        change = self._format_number(100 * abs(found.slope) * points, 1)
        return (_("rising, about %(points)s points a quarter", points=change) if found.slope > 0
                else _("falling, about %(points)s points a quarter", points=change))

    def _name_point(self, step, day):
        """A week, month or quarter in the user's language."""
        if step == "week":
            year, week, _day = day.isocalendar()
            return _("%(year)s week %(week)s", year=year, week=week)
        locale = babel_locale_parse(self.env.context.get("lang") or self.env.user.lang)
        return format_date(day, "MMM y" if step == "month" else "QQQ y", locale=locale)

    # Tile

    def _get_chart_tile(self, window):
        """*Records right over time*."""
        step, points = self._get_points(window)
        title = _("Records right over time")
        definition = _(
            "Random counts by the day of their draw, as far back as they go. A point is compared with the twelve before it: "
            "the limits leave out what chance does once in 740 points, the warning once in 40.")
        if not points:
            return self._make_tile(
                window, "chart", title, "none", _("Nothing yet. Random counts of several weeks make a chart."), definition,
                points=[], centre=False)
        first = max(points[0][0], window.today - HISTORY)
        domain = self._get_sample_domain(window, first)
        total = self._sum_sample(window, first)
        figure = self._get_right(window)._replace(domain=domain, number=total.lines, value=None, low=None, high=None)
        shown = [
            self._show_point(window, day, counts, point, step, following)
            for (day, counts, point), following in zip(points, [day for day, *_rest in points[1:]] + [None])]
        centre = points[-1][2].centre
        return self._make_tile(
            window, "chart", title, self._judge_chart(points), self._phrase_chart(points, step), definition, figure,
            trend=self._phrase_trend(window), points=shown, centre=100 * centre if centre is not None else False)

    def _show_point(self, window, day, counts, point, step, following):
        last = following - timedelta(days=1) if following else None

        def edge(hits, inwards):
            """Share of the number of hits just inside of a limit."""
            return 100 * (hits + inwards) / counts.number if hits is not None else False

        return {
            "label": self._name_point(step, day), "n": counts.number, "hits": counts.hits,
            "rate": 100 * counts.hits / counts.number, "low": edge(point.limits.low, 1), "high": edge(point.limits.high, -1),
            "warn": edge(point.limits.warn, 1), "signal": point.signal,
            "domain": self._get_sample_domain(window, max(day, window.today - HISTORY), last), "lines": counts.lines}

    def _judge_chart(self, points):
        last = points[-1][2]
        return {"low": "bad", "warn": "warn"}.get(last.signal, "few" if last.centre is None else "good")

    def _phrase_chart(self, points, step):
        """Whether the points are inside their limits, and since when not."""
        if points[-1][2].centre is None:
            return _("Still learning: limits are known from the ninth point on, and there are %(number)s.", number=len(points))
        signal = points[-1][2].signal
        if not signal:
            return _("Inside its limits.")
        since = next(
            (day for index, (day, _counts, _point) in enumerate(points)
             if all(point.signal == signal for _day, _counts, point in points[index:])))
        name = self._name_point(step, since)
        return {
            "low": _("Below its limits since %(point)s.", point=name),
            "warn": _("Low in %(point)s: once more of three, and it is a signal.", point=name),
            "high": _("Above its limits since %(point)s.", point=name)}[signal]
