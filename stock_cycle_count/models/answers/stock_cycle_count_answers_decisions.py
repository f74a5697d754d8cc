from odoo import _, models

from ... import queries
from ...tools.words import say_number
from .figure import DECISION, LINE, RESULT, Figure

#: Views in which decisions are made.
APPROVE_VIEWS = (
    ("list", "stock_cycle_count.stock_cycle_count_line_view_tree_approve"),
    ("kanban", "stock_cycle_count.stock_cycle_count_line_view_kanban_approve"), ("form", None))
#: What waits for so many days is late.
LONG = 3


class StockCycleCountAnswersDecisions(models.AbstractModel):
    """What waits for a decision, how long decisions take, and what passed without one."""

    _name = "stock.cycle.count.answers.decisions"
    _description = "Figures of Decisions"

    # Facts

    def _get_waiting_domain(self, window):
        return [*window.scope("location_id.warehouse_id", "count_id.plan_id"), ("state", "=", "to_approve")]

    def _get_decided_domain(self, window):
        return [
            *window.scope("line_id.location_id.warehouse_id", "line_id.count_id.plan_id"), *window.since(),
            ("decision", "in", ("approve", "reject"))]

    def _read_decisions(self, window):
        """Rows of ``queries.answers.decisions``."""
        return window.get("decisions", lambda: queries.run(self.env, queries.answers.decisions(
            self.env[LINE]._search(self._get_waiting_domain(window)),
            self.env[DECISION]._search(self._get_decided_domain(window)))))

    def _read_waiting(self, window):
        """Lines that wait: ``(number, value without sign, since when the oldest)``."""
        rows = [row for row in self._read_decisions(window) if row[0]]
        return (
            sum(row[1] for row in rows), sum(window.convert(row[0], row[2]) for row in rows),
            min((row[3] for row in rows if row[3]), default=None))

    def _read_decided(self, window):
        """Decisions of the time: ``(number, rejections, [median hours, hours of nine tenths] or None)``."""
        return next(
            (number, int(rejected), hours)
            for company_id, number, rejected, _since, hours in self._read_decisions(window) if not company_id)

    # Figures

    def _get_decision_figures(self, window):
        return {
            "waiting": self._get_waiting(window), "rejected": self._get_rejected(window),
            "lead_median": self._get_lead(window, 0), "lead_p90": self._get_lead(window, 1),
            "auto": self._get_auto(window)}

    def _get_waiting(self, window):
        """Value of what waits for a decision, without sign."""
        number, value, _since = self._read_waiting(window)
        return Figure(LINE, self._get_waiting_domain(window), number, value)

    def _get_rejected(self, window):
        """Share of the decisions that were rejections."""
        number, rejected, _hours = self._read_decided(window)
        return Figure(
            DECISION, [*self._get_decided_domain(window), ("decision", "=", "reject")], rejected,
            100 * rejected / number if number else None)

    def _get_lead(self, window, which):
        """Hours within which half of the decisions came, or nine tenths of them: waits have long tails."""
        number, _rejected, hours = self._read_decided(window)
        return Figure(DECISION, self._get_decided_domain(window), number, hours[which] if hours else None)

    def _get_auto(self, window):
        """Value without sign that passed within a tolerance, without a person."""
        total = self._sum_counts(window)
        return Figure(RESULT, [*self._get_count_domain(window), ("auto", "=", 1)], int(total["auto"]), total["auto_value"])

    # Tile

    def _get_decide_tile(self, window):
        """*To decide*."""
        waiting, (number, _value, since) = self._get_waiting(window), self._read_waiting(window)
        rows, rejected, auto = [], self._get_rejected(window), self._get_auto(window)
        median, most = self._get_lead(window, 0), self._get_lead(window, 1)
        if median.value is not None:
            rows.append(self._make_row(_("Half decided within"), self._format_hours(median.value), median))
            rows.append(self._make_row(_("Nine tenths decided within"), self._format_hours(most.value), most))
        if rejected.value is not None:
            rows.append(self._make_row(_("Rejected"), self._format_percent(rejected.value, 0), rejected))
        if auto.number:
            rows.append(self._make_row(_("Passed without a person"), self._format_money(window, auto.value), auto))
        definition = _(
            "Differences that wait for an approval, in value without sign. Decided and passed: of the last %(days)s days; hours "
            "go from the wait to the decision, nights included.", days=window.days)
        if not number:
            return self._make_tile(
                window, "decide", _("To decide"), "good" if median.number else "none", _("Nothing waits for a decision."),
                definition, waiting, "0", rows=rows)
        days = (window.now - since).days if since else 0
        value = self._format_money(window, waiting.value)
        if days:
            sentence = _(
                "Waiting: %(number)s, worth %(value)s, the oldest %(days)s.", number=number, value=value,
                days=say_number(self.env, days, _("1 day"), _("%s days")))
        else:
            sentence = _("Waiting: %(number)s, worth %(value)s, none for a day.", number=number, value=value)
        tile = self._make_tile(
            window, "decide", _("To decide"), "warn" if days >= LONG else "good", sentence, definition, waiting, str(number),
            rows=rows)
        return dict(tile, action=self._open(waiting, _("To decide"), APPROVE_VIEWS))

    def _format_hours(self, hours):
        """Hours, or days where they are many."""
        if hours < 48:
            return _("%(hours)s hours", hours=self._format_number(hours, 1))
        return _("%(days)s days", days=self._format_number(hours / 24, 1))
