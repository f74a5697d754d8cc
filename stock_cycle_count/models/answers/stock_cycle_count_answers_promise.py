from odoo import _, fields, models
from odoo.tools import SQL, format_date

from ... import queries
from ...tools.words import say_number
from .figure import POSITION, RESULT, Figure


class StockCycleCountAnswersPromise(models.AbstractModel):
    """What counting promises, and whether it is kept: everything within a year, and each by its deadline."""

    _name = "stock.cycle.count.answers.promise"
    _description = "Coverage and Punctuality"

    # Facts

    def _read_promise(self, window):
        """Positions: ``(number, counted, value, value counted, late, value late, late by a deadline of the time, earliest
        deadline of the late)``.
        """
        def read():
            position = self.env[POSITION]
            rows = queries.run(self.env, queries.answers.promise(
                position._search(window.scope()), position._search(self._get_overdue_domain(window)),
                window.start_of(window.year), window.first, self._get_costs()))
            totals = [0, 0, 0.0, 0.0, 0, 0.0, 0]
            for company_id, *numbers, _deadline in rows:
                for index, number in enumerate(numbers):
                    totals[index] += window.convert(company_id, number) if index in (2, 3, 5) else number
            return (*totals, min((row[-1] for row in rows if row[-1]), default=None))

        return window.get("promise", read)

    def _get_costs(self):
        """Costs of all products in the companies: a statement of ``company_id, product_id, cost``."""
        return SQL(" UNION ALL ").join(
            SQL("SELECT %s AS company_id, cost.* FROM (%s) cost", company.id, queries.abc_classification.cost_in(company))
            for company in self.env.companies)

    # Figures

    def _get_promise_figures(self, window):
        return {
            "coverage": self._get_coverage(window), "coverage_value": self._get_coverage_value(window),
            "never": self._get_never(window),
            "on_time": self._get_on_time(window), "overdue": self._get_overdue(window)}

    def _get_covered_domain(self, window):
        return [*window.scope(), (
            "last_count_date", ">=", fields.Datetime.to_string(window.start_of(window.year)))]

    def _get_overdue_domain(self, window):
        return [*window.scope(), ("is_late", "=", True)]

    def _get_coverage(self, window):
        """Share of the active positions that were counted within a year."""
        number, counted, *_rest = self._read_promise(window)
        return Figure(
            POSITION, self._get_covered_domain(window), counted, 100 * counted / number if number else None)

    def _get_coverage_value(self, window):
        """Share of the stock of the active positions, in value, that was counted within a year."""
        _number, counted, value, covered, *_rest = self._read_promise(window)
        return Figure(
            POSITION, self._get_covered_domain(window), counted, 100 * covered / value if value > 0 else None)

    def _get_never(self, window):
        """Positions that were never counted."""
        domain = [*window.scope(), ("last_count_date", "=", False)]
        number = self.env[POSITION].search_count(domain)
        return Figure(POSITION, domain, number, number)

    def _get_overdue(self, window):
        """Value of the positions past their deadline; ``number`` says how many they are."""
        *_rest, late, value, _late_now, _deadline = self._read_promise(window)
        return Figure(POSITION, self._get_overdue_domain(window), late, value)

    def _get_on_time(self, window):
        """Share of the deadlines of the time that were kept; those that are still open and passed were not."""
        domain = [
            *window.scope(), ("state", "=", "posted"), ("deadline_date", ">=", str(window.first)),
            ("deadline_date", "<=", str(window.today))]
        [(counted, kept)] = window.get("on_time", lambda: self.env[RESULT]._read_group(
            domain, [], ["on_time:count", "on_time:sum"]))
        due = counted + self._read_promise(window)[-2]
        return Figure(RESULT, domain, counted, (kept or 0) / due if due else None)

    # Tile

    def _get_promise_tile(self, window):
        """*Promise*."""
        title, number = _("Promise"), self._read_promise(window)[0]
        definition = _(
            "Value of the stock of all positions of plans, as the books show it now at cost, that was counted in the last "
            "365 days. On time: deadlines of the last %(days)s days that were kept, by those that passed or were met. "
            "Positions that were counted and wait for a decision are not overdue.", days=window.days)
        if not number:
            return self._make_tile(
                window, "promise", title, "none",
                _("No plan knows any stock yet. Schedule one, and what was counted of it within a year is shown here."),
                definition, rows=[])
        by_value, by_number, overdue = (
            self._get_coverage_value(window), self._get_coverage(window), self._get_overdue(window))
        # Without a cost there is no value to be counted.
        figure = by_number if by_value.value is None else by_value
        share = self._format_percent(figure.value, 0)
        parts = [
            _("%(share)s of the positions counted within 12 months", share=share) if figure is by_number
            else _("%(share)s of the value counted within 12 months", share=share)]
        parts.append(
            _("%(number)s overdue, the oldest since %(day)s", number=overdue.number,
              day=format_date(self.env, self._read_promise(window)[-1])) if overdue.number else _("none overdue"))
        short = sum(plan.late_count + plan.uncounted_count for plan in window.asked_plans)
        if short:
            parts.append(_("capacity lacks for %(positions)s", positions=say_number(
                self.env, short, _("1 position"), _("%s positions"))))
        state = "warn" if overdue.number or short else "good"
        rows = [
            self._make_row(_("Positions counted within 12 months"), self._format_percent(by_number.value, 1), by_number),
            self._make_row(
                _("Overdue, in value"), self._format_money(window, overdue.value), overdue)]
        on_time = self._get_on_time(window)
        if on_time.value is not None:
            rows.append(self._make_row(_("On time"), self._format_percent(on_time.value, 1), on_time))
        return self._make_tile(
            window, "promise", title, state, "; ".join(parts) + ".", definition, figure, share, rows=rows)

    def _make_row(self, label, text, figure):
        """A figure as a line of a tile."""
        return {
            "label": label, "text": text, "count": figure.number, "domain": figure.domain, "model": figure.model,
            "action": self._open(figure, label)}
