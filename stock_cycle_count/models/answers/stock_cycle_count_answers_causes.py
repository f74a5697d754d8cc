from collections import Counter, defaultdict
from typing import NamedTuple

from odoo import _, api, models

from ... import queries
from ...tools.words import say_number
from ..constants import STOCK_USAGES
from .figure import FINAL, MOVE, RESULT, Figure

#: Fewer differences than this are listed, and no curve is drawn of them.
LEAST_DIFFERENCES = 10
#: Causes that say that nobody knows where it went.
UNEXPLAINED = ("unknown", "theft")
#: What is summed of results, by the names of their measures.
SUMS = ("hit", "first_hit", "slip", "recounted", "reversed", "difference", "difference_value", "gross", "gain", "loss", "net",
        "transfer_value", "auto", "auto_value")
MONEY = {"difference_value", "gross", "gain", "loss", "net", "transfer_value", "auto_value"}


class Group(NamedTuple):
    """Results that have these in common, and sums of their measures. ``hit`` and the like are numbers of lines here."""

    cause: "str | bool"
    selection: str
    is_control: bool
    sums: Counter


class StockCycleCountAnswersCauses(models.AbstractModel):
    """Why records were wrong, and what was lost."""

    _name = "stock.cycle.count.answers.causes"
    _description = "Causes of Differences"

    # Facts

    def _get_count_domain(self, window):
        """Domain of all results within the time that is asked of that are settled: what waits is one for random counts alone."""
        return [*window.scope(), *window.since(), ("state", "in", FINAL)]

    def _read_counts(self, window):
        """Results of the time, by cause and by why they were counted: list of ``Group``, in one statement."""
        def read():
            rows = self.env[RESULT]._read_group(
                self._get_count_domain(window), ["company_id", "root_cause", "selection_reason", "is_control"],
                ["__count", "hit:count", *(f"{name}:sum" for name in SUMS)])
            groups = []
            for company, cause, selection, is_control, number, counted, *sums in rows:
                values = dict(zip(SUMS, sums), lines=number, counted=counted)
                groups.append(Group(cause, selection, is_control, Counter({
                    name: window.convert(company.id, value) if name in MONEY
                    else (value or 0) / 100 if name in ("hit", "first_hit", "slip", "recounted", "reversed") else value or 0
                    for name, value in values.items()})))
            return groups

        return window.get("counts", read)

    def _sum_counts(self, window, condition=lambda group: True):
        """Sums over the groups that meet a condition."""
        total = Counter()
        for group in filter(condition, self._read_counts(window)):
            for name, value in group.sums.items():
                total[name] += value
        return total

    # Figures

    def _get_cause_figures(self, window):
        return {
            **{name: self._get_money(window, name) for name in ("gross", "gain", "loss", "net", "transfer_value")},
            "scrapped": self._get_scrapped(window), "unexplained": self._get_unexplained(window),
            "unknown": self._get_unknown(window),
            "unexplained_of_issues": self._get_unexplained_of_issues(window)}

    def _get_differences_domain(self, window):
        return [*self._get_count_domain(window), ("difference", "=", 1)]

    def _get_money(self, window, name):
        """Sum of a measure of all differences that were posted, in the currency of the company."""
        total = self._sum_counts(window)
        return Figure(RESULT, self._get_differences_domain(window), int(total["difference"]), total[name])

    def _get_scrapped(self, window):
        """Value at cost of what was scrapped, to be read beside the losses: what is scrapped is missing in no count. Of whole
        warehouses: None where plans are asked of.
        """
        domain = [
            ("company_id", "in", window.company_ids), *window.since(), ("state", "=", "done"),
            ("location_dest_id.scrap_location", "=", True), ("location_id.usage", "in", STOCK_USAGES)]
        if window.warehouse_ids:
            domain.append(("location_id.warehouse_id", "in", window.warehouse_ids))
        rows = queries.run(self.env, queries.answers.scrapped(self.env[MOVE]._search(domain), self._get_costs()))
        value = sum(window.convert(company_id, worth) for company_id, _moves, worth in rows)
        return Figure(MOVE, domain, sum(row[1] for row in rows), None if window.plan_ids else value)

    @api.model
    def _say_scrapped(self, filters):
        """What was scrapped beside what counts lost, in one sentence.

        :param filters: of ``get_page``
        """
        window = self._get_window(filters)
        scrapped = self._get_scrapped(window)
        return _(
            "%(scrapped)s scrapped in %(moves)s, beside %(lost)s that counts found missing.",
            scrapped=self._format_money(window, scrapped.value), moves=say_number(
                self.env, scrapped.number, _("1 move"), _("%s moves")),
            lost=self._format_money(window, -self._get_money(window, "loss").value))

    def _get_unexplained(self, window):
        """What was lost and nobody knows where, less what was found in the same way: positive for a loss."""
        total = self._sum_counts(window, lambda group: group.cause in UNEXPLAINED)
        domain = [*self._get_differences_domain(window), ("root_cause", "in", UNEXPLAINED)]
        return Figure(RESULT, domain, int(total["difference"]), -total["net"])

    def _get_unexplained_of_issues(self, window):
        """Unexplained loss per 1,000 of the goods that left for customers and production, at cost; of whole companies, for
        nobody says from which plan's places goods were to leave.
        """
        unexplained = self._get_unexplained(window)
        if window.warehouse_ids or window.plan_ids:
            return unexplained._replace(value=None)
        issued = sum(window.convert(company_id, value) for company_id, value in window.get("issued", lambda: queries.run(
            self.env, queries.answers.issued(window.company_ids, window.start_of(window.first), self._get_costs()))))
        return unexplained._replace(value=1000 * unexplained.value / issued if issued > 0 else None)

    def _get_unknown(self, window):
        """Share of the differences, in value, whose cause nobody named."""
        unknown, total = self._sum_counts(window, lambda group: group.cause == "unknown"), self._sum_counts(window)
        domain = [*self._get_differences_domain(window), ("root_cause", "=", "unknown")]
        return Figure(
            RESULT, domain, int(unknown["difference"]),
            100 * unknown["difference_value"] / total["difference_value"] if total["difference_value"] > 0 else None)

    def _get_bars(self, window):
        """Causes with their part of the differences in value, the largest first; a curve from ten differences on."""
        by_cause = defaultdict(Counter)
        for group in self._read_counts(window):
            if group.sums["difference"]:
                by_cause[group.cause].update(group.sums)
        total = sum(sums["difference_value"] for sums in by_cause.values())
        has_curve = sum(sums["difference"] for sums in by_cause.values()) >= LEAST_DIFFERENCES and total > 0
        names = dict(self.env[RESULT]._fields["root_cause"]._description_selection(self.env))
        bars, cumulative = [], 0.0
        for cause, sums in sorted(
                by_cause.items(), key=lambda item: (-item[1]["difference_value"], -item[1]["difference"], item[0])):
            share = 100 * sums["difference_value"] / total if total > 0 else False
            cumulative += share or 0.0
            bars.append({
                "label": names[cause], "cause": cause, "share": share,
                "value": self.env.company.currency_id.round(sums["difference_value"]),
                "cumulative": cumulative if has_curve else False, "lines": int(sums["difference"]),
                "domain": [*self._get_differences_domain(window), ("root_cause", "=", cause)],
                "is_unknown": cause == "unknown"})
        return bars

    # Tile

    def _get_why_tile(self, window):
        """*Why*."""
        bars, gross = self._get_bars(window), self._get_money(window, "gross")
        definition = _(
            "Differences that were posted in the last %(days)s days, in value without sign and with what was found in another "
            "place, by the cause of their reason; where nobody gave one, it is unknown. Losses and gains are adjustments only. "
            "Rejected differences and opening stock are left out.", days=window.days)
        if not bars:
            return self._make_tile(
                window, "why", _("Why"), "none",
                _("No differences in the last %(days)s days. Reasons that people give are added up here.", days=window.days),
                definition, bars=[])
        named = sorted(bars[:3] + [bar for bar in bars[3:] if bar["is_unknown"]], key=lambda bar: not bar["is_unknown"])
        # Without a cost nothing has a share.
        parts = ", ".join(
            f"{bar['label']} {self._format_percent(bar['share'], 0) if bar['share'] is not False else bar['lines']}"
            for bar in named)
        text = _("%(loss)s lost", loss=self._format_money(window, -self._get_money(window, "loss").value))
        sentence = _(
            "%(causes)s; losses %(loss)s, gains %(gain)s in %(days)s days.", causes=parts, days=window.days,
            loss=self._format_money(window, -self._get_money(window, "loss").value),
            gain=self._format_money(window, self._get_money(window, "gain").value))
        unknown = self._get_unknown(window).value
        state = "warn" if unknown is not None and unknown > 50 else "told"
        return self._make_tile(
            window, "why", _("Why"), state, sentence, definition, gross._replace(value=self._get_money(window, "loss").value),
            text, bars=bars, may_own=self.env["stock.cycle.count.cause"].check_access_rights("create", raise_exception=False))
