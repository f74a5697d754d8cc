from collections import Counter

from odoo import _, models

from ... import queries
from ...tools import statistics
from ...tools.words import say_number
from .figure import ENTRY, RESULT, Figure

#: With fewer misses in the sample nothing is compared with it.
LEAST_MISSES = 10
#: Of fewer bins no share is told.
FEW_BINS = 5


class StockCycleCountAnswersPays(models.AbstractModel):
    """What counts find, by why they were made, and how well they are made."""

    _name = "stock.cycle.count.answers.pays"
    _description = "What Counting Finds"

    # Figures

    def _get_count_figures(self, window):
        return {
            "first_pass": self._get_first_pass(window), "pace": self._get_pace(window),
            "bins": self._get_bins(window), **{
                name: self._get_part(window, name) for name in ("slip", "recounted", "reversed")}}

    def _get_counted_domain(self, window):
        """Domain of results that counted stock: held moves did not."""
        return [*self._get_count_domain(window), ("hit", ">=", 0)]

    def _get_first_pass(self, window):
        """Share of the counts that were right at first: a figure about counting, not about the records."""
        total = self._sum_counts(window)
        return Figure(
            RESULT, self._get_counted_domain(window), int(total["counted"]),
            100 * total["first_hit"] / total["counted"] if total["counted"] else None)

    def _get_part(self, window, name):
        """Share of the counts that were slips, were recounted, or were changed by a recount."""
        total = self._sum_counts(window)
        return Figure(
            RESULT, [*self._get_counted_domain(window), (name, "=", 100)], int(total[name]),
            100 * total[name] / total["counted"] if total["counted"] else None)

    def _get_pace(self, window):
        """Lines that one person counts in an hour of counting with the scanner."""
        domain = [
            *window.scope("line_id.location_id.warehouse_id", "count_id.plan_id"), *window.since(),
            ("source", "=", "scanner")]
        [(lines, hours)] = window.get("pace", lambda: queries.run(
            self.env, queries.answers.pace(self.env[ENTRY]._search(domain))))
        return Figure(ENTRY, domain, self.env[ENTRY].search_count(domain), lines / hours if hours else None)

    def _get_bins(self, window):
        """Share of the bins in which every line that was counted was right: of all counts, so that it tells no accuracy; None
        of fewer than five bins.
        """
        domain = self._get_counted_domain(window)
        bins = window.get("bins", lambda: self.env[RESULT]._read_group(domain, ["location_id"], ["hit:min"]))
        right = sum(hit == 100 for _location, hit in bins)
        return Figure(
            RESULT, domain, int(self._sum_counts(window)["counted"]), 100 * right / len(bins) if len(bins) >= FEW_BINS else None)

    def _get_yields(self, window):
        """What a count finds on average, by why it was made, random ones first:
        ``[(selection, label, Figure of the value a count, misses a count)]``; random ones have no selection.
        """
        names = dict(self.env[RESULT]._fields["selection_reason"]._description_selection(self.env))
        kinds = [(False, _("Random"), [("is_control", "=", True)], lambda group: group.is_control)]
        for selection in sorted({group.selection for group in self._read_counts(window) if not group.is_control}):
            kinds.append((
                selection, names[selection], [("is_control", "=", False), ("selection_reason", "=", selection)],
                lambda group, selection=selection: not group.is_control and group.selection == selection))
        found = []
        for selection, label, domain, condition in kinds:
            total = self._sum_counts(window, condition)
            if total["counted"]:
                found.append((selection, label, Figure(
                    RESULT, [*self._get_counted_domain(window), *domain], int(total["counted"]),
                    total["difference_value"] / total["counted"]), 1 - total["hit"] / total["counted"]))
        return found

    def _get_rates(self, window, field):
        """Share of hits by a field of the results; see ``get_rates``."""
        if field == "abc_class_id":
            return self._get_class_rates(window)
        is_random = field in ("location_id", "categ_id", "warehouse_id", "plan_id")
        domain = [
            *(self._get_sample_domain(window, window.first) if is_random else self._get_counted_domain(window)),
            (field, "!=", False)]
        results = self.env[RESULT]
        selection = results._fields[field].type == "selection" and dict(results._fields[field]._description_selection(self.env))
        # What was drawn is a position, right when all of its lots are; of other counts each line says something.
        unit = [one for one in ("draw_id", "product_id", "location_id") if is_random and one != field]
        numbers, hits = Counter(), Counter()
        for value, *_unit, lines, right, worst in results._read_group(
                domain, [field, *unit], ["hit:count", "hit:sum", "hit:min"]):
            numbers[value] += 1 if is_random else lines
            hits[value] += worst == 100 if is_random else int((right or 0) / 100)
        return self._list_rates([
            (selection[value] if selection else value.display_name, number, hits[value],
             statistics.wilson(hits[value], number), [*domain, (field, "=", value if selection else value.id)])
            for value, number in numbers.items()])

    # Tiles

    def _get_pays_tile(self, window):
        """*Counting pays*."""
        title = _("Counting pays")
        definition = _(
            "What a count of the last %(days)s days found on average, by why it was made: the value of the differences that "
            "were posted, without sign, and how many records were wrong. Counts that were chosen to find errors tell no "
            "accuracy. With fewer than %(few)s misses in the random counts nothing is compared with them.",
            days=window.days, few=LEAST_MISSES)
        yields = self._get_yields(window)
        if not yields:
            return self._make_tile(
                window, "pays", title, "none",
                _("No counts in the last %(days)s days. What they find is compared here.", days=window.days), definition, rows=[])
        control = self._sum_counts(window, lambda group: group.is_control)
        base = yields[0][2].value if control["counted"] - control["hit"] >= LEAST_MISSES else None
        rows = [
            self._make_row(label, self._phrase_yield(window, figure.value, misses, base), figure)
            for _selection, label, figure, misses in yields]
        figure = self._get_first_pass(window)._replace(value=None)
        parts = [self._phrase_found(window, yields, base, figure.number)]
        risks = self._read_risks(window)
        if risks.positions:
            offenders = self._get_offenders(window)
            parts.append(
                _("Repeat offenders: %(number)s.", number=offenders.number) if offenders.number
                else _("No position keeps erring."))
            rows.append(self._make_row(_("Positions that keep erring"), str(offenders.number), offenders))
        return self._make_tile(window, "pays", title, "good", " ".join(parts), definition, figure, rows=rows)

    def _phrase_found(self, window, yields, base, number):
        """What ranked counts find beside random ones; where that cannot be told, what all counts find."""
        ranked = next((figure for selection, _label, figure, _misses in yields if selection == "ranked"), None)
        if ranked and base:
            return _("Ranked counts find %(times)s times the value of random ones.",
                     times=self._format_number(ranked.value / base, 1))
        return _(
            "%(counts)s found %(value)s each on average; %(first)s were right at the first count.",
            counts=say_number(self.env, number, _("1 count"), _("%s counts")),
            first=self._format_percent(self._get_first_pass(window).value, 0), value=self._format_money(
                window, sum(figure.value * figure.number for _selection, _label, figure, _misses in yields) / number))

    def _phrase_yield(self, window, value, misses, base):
        text = _("%(value)s and %(misses)s wrong a count", value=self._format_money(window, value),
                 misses=self._format_percent(100 * misses, 0))
        if base:
            text = _("%(yield_)s, %(times)s times random", yield_=text, times=self._format_number(value / base, 1))
        return text
