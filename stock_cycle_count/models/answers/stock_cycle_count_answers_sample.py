from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import _, models

from ... import queries
from ...tools import draw as drawing
from ...tools import statistics
from .figure import RESULT, Figure

#: Fewer random counts than this say too little.
FEW = 30
#: Less than this share of the drawn positions counted, in percent, and what was left out may matter.
ANSWERED = 95
#: How many of the sums of a sample, at its end, are squares of money, and after them money.
SQUARES, MONEY = 3, 4
#: So far back draws are read, for the chart.
HISTORY = timedelta(days=1100)


class Sample(NamedTuple):
    """Random counts of some days: positions, their lines, sums of weights, hits, and values in error and in the books.

    ``told`` are the positions of which a risk was foretold: their misses, what was found and foretold, and the squares and
    products of these.
    """

    number: int = 0
    lines: int = 0
    weights: float = 0.0
    hit_weights: float = 0.0
    exact_weights: float = 0.0
    squares: float = 0.0
    hits: int = 0
    exacts: int = 0
    told: int = 0
    told_misses: int = 0
    found_squares: float = 0.0
    products: float = 0.0
    risk_squares: float = 0.0
    found: float = 0.0
    risk: float = 0.0
    error: float = 0.0
    book: float = 0.0

    def plus(self, other):
        return Sample(*(one + more for one, more in zip(self, other)))


class StockCycleCountAnswersSample(models.AbstractModel):
    """Figures of the control sample: positions drawn at random are the only counts that tell how right the records are."""

    _name = "stock.cycle.count.answers.sample"
    _description = "Figures of the Control Sample"

    # Facts

    def _read_drawn(self, window):
        """Random counts as far back as the chart looks, of positions and of empty bins: ``{is bin: rows}``; see
        ``_read_sample``.
        """
        def read():
            drawn = {False: [], True: []}
            for is_bin, day, class_id, name, is_over, company_id, *counts in queries.run(
                    self.env, queries.answers.sample(self.env[RESULT]._search(
                        self._get_drawn_domain(window, window.today - HISTORY)), window.today)):
                drawn[is_bin].append((day, (class_id, name), is_over, Sample(
                    *counts[:-SQUARES - MONEY],
                    *(window.convert(company_id, window.convert(company_id, value)) for value in counts[-SQUARES - MONEY:-MONEY]),
                    *(window.convert(company_id, value) for value in counts[-MONEY:]))))
            return drawn

        return window.get("drawn", read)

    def _read_sample(self, window):
        """Random counts of positions by day, class and whether their draw is over:
        ``[(day, (class id, its name), is over, Sample)]``.
        """
        return self._read_drawn(window)[False]

    def _get_drawn_domain(self, window, first, last=None):
        """Domain of the results of what was drawn on some days. A position with several lots has a line for each; they were
        drawn together, so that the day of the draw is that of all.
        """
        return [
            *window.scope(), ("is_answered", "=", True), ("draw_date", ">=", str(first)),
            *([("draw_date", "<=", str(last))] if last else [])]

    def _get_sample_domain(self, window, first, last=None):
        """Domain of the results of positions that were drawn on some days; empty bins say nothing of these."""
        return [*self._get_drawn_domain(window, first, last), ("is_control", "=", True)]

    def _sum_sample(self, window, first, over_only=False):
        """Random counts of the positions that were drawn since a day, of all draws or of those that are over."""
        total = Sample()
        for day, _class, is_over, counts in self._read_sample(window):
            if first <= day and (is_over or not over_only):
                total = total.plus(counts)
        return total

    # Figures

    def _get_sample_figures(self, window):
        return {
            name: getattr(self, f"_get_{name}")(window)
            for name in ("right", "exact", "bound", "answered", "book_error", "held_bins")}

    def _get_right(self, window):
        """Share of the positions that were right within tolerance."""
        counts = self._sum_sample(window, window.first)
        return self._make_share(window, counts, counts.hit_weights)

    def _get_exact(self, window):
        """Share of the positions that were right without any tolerance."""
        counts = self._sum_sample(window, window.first)
        return self._make_share(window, counts, counts.exact_weights)

    def _make_share(self, window, counts, weights):
        share = statistics.weighted(weights, counts.weights, counts.squares)
        return Figure(
            RESULT, self._get_sample_domain(window, window.first), counts.lines,
            *(100 * number for number in share or ()))

    def _get_bound(self, window):
        """What the share of right positions is at least, exactly: what an audit is told."""
        counts = self._sum_sample(window, window.first)
        return Figure(
            RESULT, self._get_sample_domain(window, window.first), counts.lines,
            100 * statistics.exact_low(counts.hits, counts.number) if counts.number else None)

    def _get_answered(self, window):
        """Share of the drawn positions that were counted in time, of draws that are over. Where the rest may be wrong, ``low``
        says how many are right. Positions that stood on an earlier draw's line are counted there.
        """
        draws = window.get("draws", lambda: self.env["stock.cycle.count.draw"].search_fetch(
            [*window.scope(), ("kind", "=", "position"), ("day", ">=", str(window.first)),
             ("answer_by", "<", str(window.today))],
            ["number", "standing_positions"]))
        drawn = sum(draw.number - len(drawing.read_frame(draw.standing_positions or "")) for draw in draws)
        counts = self._sum_sample(window, window.first, over_only=True)
        domain = [*self._get_sample_domain(window, window.first), ("answer_by", "<", str(window.today))]
        return Figure(
            RESULT, domain, counts.lines,
            100 * counts.number / drawn if drawn else None, 100 * counts.hits / drawn if drawn else None)

    def _get_book_error(self, window):
        """Value in error, in percent of the value that the books showed."""
        counts = self._sum_sample(window, window.first)
        return Figure(
            RESULT, self._get_sample_domain(window, window.first), counts.lines,
            100 * counts.error / counts.book if counts.book > 0 else None)

    def _count_bins(self, window):
        """Empty bins that were drawn and counted: ``(number, those that held something)``."""
        counts = [counts for day, _class, _is_over, counts in self._read_drawn(window)[True] if day >= window.first]
        return sum(one.number for one in counts), sum(one.number - one.exacts for one in counts)

    def _get_held_bins(self, window):
        """Share of the random bins of which the books show nothing, and in which something was found all the same; ``number``
        is that of the lines found there.
        """
        number, held = self._count_bins(window)
        domain = [*self._get_drawn_domain(window, window.first), ("is_bin", "=", True), ("exact", "<", 100)]
        return Figure(
            RESULT, domain, self.env[RESULT].search_count(domain) if held else 0, 100 * held / number if number else None)

    def _get_class_rates(self, window):
        """Right positions by class."""
        by_class = defaultdict(Sample)
        for day, abc_class, _is_over, counts in self._read_sample(window):
            if day >= window.first:
                by_class[abc_class] = by_class[abc_class].plus(counts)
        domain = self._get_sample_domain(window, window.first)
        return self._list_rates([
            (name or _("No class"), counts.number, counts.hits,
             statistics.weighted(counts.hit_weights, counts.weights, counts.squares),
             [*domain, ("abc_class_id", "=", class_id or False)])
            for (class_id, name), counts in by_class.items()])

    def _list_rates(self, rows):
        """Rates as clients get them, the largest group first."""
        return [
            {"label": label, "n": number, "hits": hits, "rate": 100 * share.value, "low": 100 * share.low,
             "high": 100 * share.high, "domain": domain}
            for label, number, hits, share, domain in sorted(rows, key=lambda row: (-row[1], row[0])) if share]

    # Tile

    def _get_right_tile(self, window):
        """*Records right*."""
        figure, counts = self._get_right(window), self._sum_sample(window, window.first)
        definition = _(
            "Positions that were right within the hit tolerance of their class, of those drawn at random in the last "
            "%(days)s days and counted in time. A difference is a miss from its count on, whether it waits, was rejected or "
            "cancelled, or is booked; what was chosen for another reason is left out. Without any tolerance: %(exact)s.",
            days=window.days, exact=self._format_percent(self._get_exact(window).value) if counts.number else "-")
        if not counts.number:
            sentence = _(
                "No random counts yet. Plans draw some on their working days, and what they find is shown here."
            ) if any(window.asked_plans.mapped("control_target")) else _(
                "No random counts yet. Give a plan random counts, and what they find is shown here.")
            return self._make_tile(
                window, "right", _("Records right"), "none", sentence, definition, rows=self._list_bins(window))
        answered = self._get_answered(window).value
        parts, state = [], "good"
        if counts.number < FEW:
            # A share of a few, and how far off it may be, would only be taken for what it is not.
            state, text = "few", _("%(hits)s of %(number)s right", hits=counts.hits, number=counts.number)
            parts.append(_("Too few to tell: needs %(few)s random counts, %(number)s so far in the last %(days)s days.",
                           few=FEW, number=counts.number, days=window.days))
        elif counts.hits == counts.number:
            text = _("at least %(share)s", share=self._format_percent(100 * statistics.no_miss_bound(counts.number)))
            parts.append(_("No miss in %(number)s random counts of the last %(days)s days.",
                           number=counts.number, days=window.days))
        else:
            text = self._format_percent(figure.value)
            parts.append(_(
                "%(low)s to %(high)s. %(hits)s of %(number)s random counts of the last %(days)s days.",
                low=self._format_share(figure.low), high=self._format_share(figure.high), hits=counts.hits,
                number=counts.number, days=window.days))
        if answered is not None and answered < ANSWERED:
            state = state if state == "few" else "warn"
            parts.append(_("Only %(share)s of what was drawn was counted in time.", share=self._format_percent(answered, 0)))
        return self._make_tile(
            window, "right", _("Records right"), self._judge_right(window, state), " ".join(parts), definition, figure, text,
            self._phrase_trend(window), rows=self._list_bins(window))

    def _list_bins(self, window):
        """What was found in empty bins, as a line of the tile: no part of how right the records are."""
        number, held = self._count_bins(window)
        return [self._make_row(
            _("Empty bins that held something"), _("%(held)s of %(number)s", held=held, number=number),
            self._get_held_bins(window))] if number else []

    def _judge_right(self, window, state):
        """State of the headline: what its chart signals, if that is worse."""
        signal = self._get_last_signal(window)
        if state == "few" or not signal:
            return state
        return "bad" if signal == "low" else "warn" if signal == "warn" else state
