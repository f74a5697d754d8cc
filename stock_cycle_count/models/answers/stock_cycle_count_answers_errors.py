import math
from datetime import timedelta
from typing import NamedTuple

from odoo import _, models

from ... import queries
from ...tools import risk, statistics
from .figure import RESULT, RISK, Figure

#: Random counts of so many days say how right the ranking is; from so many misses on they say within which range.
LOOKED_BACK = timedelta(days=180)
LEAST_MISSES = 30
#: Positions with the most at risk that are named apart.
MOST = 20
#: From so many random counts on the ranking is compared with them.
LEAST_COMPARED = 50


class Risks(NamedTuple):
    """Positions that are ranked: their number, what is at risk, repeat offenders, and what is at risk in a few of them."""

    positions: int = 0
    value: float = 0.0
    offenders: int = 0
    most: float = 0.0
    listed: int = 0


class StockCycleCountAnswersErrors(models.AbstractModel):
    """What is wrong in stock now: what ranking says, put right by what random counts found."""

    _name = "stock.cycle.count.answers.errors"
    _description = "Errors in Stock Now"

    # Facts

    def _read_risks(self, window):
        def read():
            total = Risks()
            for company_id, number, value, offenders, is_most in queries.run(self.env, queries.answers.risks(
                    self.env[RISK]._search(window.scope()), MOST)):
                value = window.convert(company_id, value)
                add = Risks(most=value, listed=1) if is_most else Risks(number, value, offenders)
                total = Risks(*(one + more for one, more in zip(total, add)))
            return total

        return window.get("risks", read)

    def _get_factor(self, window):
        """By what random counts multiply what ranking foretells: ``(tools.statistics.Ratio, misses)``."""
        counts = self._sum_sample(window, window.today - LOOKED_BACK + timedelta(days=1))
        found = statistics.ratio(
            counts.told, counts.found, counts.risk, counts.found_squares, counts.products, counts.risk_squares)
        return statistics.shrink(found, counts.told_misses), counts.told_misses

    # Figures

    def _get_error_figures(self, window):
        return {
            "errors": self._get_errors(window), "offenders": self._get_offenders(window), "honest": self._get_honest(window)}

    def _get_errors(self, window):
        """Value that is in error now, about; its range from thirty misses on."""
        risks, (factor, misses) = self._read_risks(window), self._get_factor(window)
        value = risks.value * factor.value
        spread = math.exp(statistics.Z * factor.log_deviation)
        has_range = misses >= LEAST_MISSES and value > 0
        return Figure(
            RISK, window.scope(), risks.positions, value if risks.positions else None,
            value / spread if has_range else None, value * spread if has_range else None)

    def _get_offenders(self, window):
        """Positions that err more than twice as often as the house, in all probability."""
        number = self._read_risks(window).offenders
        return Figure(RISK, [*window.scope(), ("is_offender", "=", True)], number, number)

    def _get_honest(self, window):
        """Share of the value found in random counts that was found in the fifth with the most at risk, beside the share that
        was foretold of it in ``low``; None of fewer than fifty.
        """
        domain = [*self._get_sample_domain(window, window.first), ("value_at_risk", ">", 0)]
        fifths = window.get("fifths", lambda: queries.run(
            self.env, queries.answers.fifths(self.env[RESULT]._search(domain))))
        number, told, found = (sum(column) for column in zip(*fifths)) if fifths else (0, 0, 0)
        lines = self.env[RESULT].search_count(domain)
        if number < LEAST_COMPARED or not told or not found:
            return Figure(RESULT, domain, lines)
        return Figure(RESULT, domain, lines, 100 * fifths[0][2] / found, 100 * fifths[0][1] / told)

    # Tile

    def _get_errors_tile(self, window):
        """*Errors in stock now*."""
        title, risks, figure = _("Errors in stock now"), self._read_risks(window), self._get_errors(window)
        definition = _(
            "Of all positions of plans that rank by risk: what is likely wrong, by moves and days since the last count and by "
            "what counts found, at cost, times what random counts of the last 180 days found beside what was foretold of them.")
        if not risks.positions:
            return self._make_tile(
                window, "errors", title, "none",
                _("Nothing yet. Let a plan rank what to count by risk, and what is likely wrong in stock is shown here."),
                definition)
        text = _("about %(value)s", value=self._about(window, figure.value))
        parts = []
        if figure.low is None:
            parts.append(_("An estimate of the ranking: random counts have too few misses to say how far off it is."))
        else:
            parts.append(_("%(low)s to %(high)s, about 9 times in 10.", low=self._about(window, figure.low),
                           high=self._about(window, figure.high)))
        stock = self._read_promise(window)[2]
        if stock > 0:
            parts.append(_("%(share)s of stock.", share=self._format_percent(100 * figure.value / stock)))
        if risks.listed == MOST and risks.positions > MOST:
            factor, _misses = self._get_factor(window)
            parts.append(_("%(value)s of it in %(number)s positions.", number=MOST, value=self._about(
                window, risks.most * factor.value)))
        return self._make_tile(
            window, "errors", title, "few" if figure.low is None else "good", " ".join(parts), definition, figure, text)

    def _about(self, window, value):
        """An estimate, in as many digits as it deserves."""
        return self._format_money(window, risk.about(value))
