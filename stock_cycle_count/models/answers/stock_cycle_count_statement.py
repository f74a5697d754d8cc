import csv
import io
from collections import defaultdict
from decimal import Decimal

from odoo import _, api, models
from odoo.tools import format_date, formatLang

from ... import queries
from ...tools import statement as stating
from ...tools.statement import Stratum
from ...tools.words import say_number


class StockCycleCountStatement(models.AbstractModel):
    """What an auditor is told of the value of stock: the most valuable positions were counted in full, of the rest random ones
    were. It says what the data say and what they do not say; whether that is enough is for the auditor.
    """

    _name = "stock.cycle.count.statement"
    _description = "Statement for Auditors"

    @api.model
    def _get_statements(self, pack):
        """Statements of a company and its warehouses.

        :param pack: company and period, as an audit pack has them
        :return: ``{code of the warehouse, or False for the company: tools.statement.Statement}``, the company's first; a
            warehouse without positions has none
        """
        top, rest = defaultdict(list), defaultdict(list)
        for code, is_top, plan_id, _plan, _class, *numbers in queries.run(self.env, queries.audit_books.strata(pack)):
            stratum = Stratum(plan_id or 0, *(float(number) if isinstance(number, Decimal) else number for number in numbers))
            for scope in (code or "", False):
                (top if is_top else rest)[scope].append(stratum)
        return {code: stating.state(top[code], rest[code]) for code in [False, *sorted({*top, *rest} - {False})]}

    @api.model
    def _list(self, pack, code, said):
        """Figures of a statement by name, as they are written to a file; empty where nothing can be said."""
        def percent(share):
            return "" if share is None else f"{100 * share:.4f}"

        def amount(value):
            return "" if value is None else f"{value:.2f}"

        return {
            "scope": "company" if code is False else "warehouse", "warehouse": code or "",
            "from": pack.date_from, "to": pack.date_to,
            "positions": said.positions, "value": amount(said.value),
            "top_positions": said.top.positions, "top_value": amount(said.top.value),
            "top_counted": said.top.counted, "top_counted_value": amount(said.top.counted_value),
            "top_found": amount(said.top.found), "sampled_positions": said.sampled,
            "unsampled_positions": said.unsampled, "unsampled_value": amount(said.unsampled_value),
            "random_counts": said.number, "misses": said.misses, "book": amount(said.book),
            "estimate": amount(said.estimate), "error": amount(said.error),
            "sampling_error_percent": percent(said.sampling_error),
            "sampling_error_limit": pack.company_id.cycle_count_sampling_limit,
            "deviation_percent": percent(said.deviation), "deviation_limit": pack.company_id.cycle_count_deviation_limit,
            "right_at_least_percent": percent(said.bound) if said.number else "", "is_rough": "t" if said.is_rough else "f"}

    @api.model
    def _write(self, pack, known):
        """Statements as CSV."""
        text = io.StringIO()
        rows = [self._list(pack, code, said) for code, said in known.items()]
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    @api.model
    def _get_unplanned(self, pack):
        """Value of the stock of today that no plan counts, as ``{code of the warehouse, or False for all: value}``."""
        values = defaultdict(float)
        for code, value in queries.run(self.env, queries.audit_books.unplanned_values(pack)):
            values[code or ""] += float(value)
            values[False] += float(value)
        return values

    # Words

    @api.model
    def _say(self, pack, code, said, unplanned):
        """A statement in sentences, what weighs most first."""
        def amount(value):
            return f"{formatLang(self.env, value, digits=0)}\N{NO-BREAK SPACE}{pack.company_id.currency_id.name}"

        sentences = [_(
            "The books show %(value)s in %(positions)s on %(day)s.", value=amount(said.value),
            positions=self._say_positions(said.positions), day=format_date(self.env, pack.date_to))]
        if unplanned[code]:
            sentences.append(_("Stock worth %(value)s is in no plan, and not in this statement.", value=amount(unplanned[code])))
        sentences += self._say_top(said.top, amount)
        sentences += self._say_sample(pack, said, amount)
        sentences.append(_("Whether this is accepted is for the auditor to say."))
        return sentences

    @api.model
    def _say_top(self, top, amount):
        """What was counted of the positions that are to be counted in full."""
        if not top.positions:
            return [_("None of them has a value, so that none had to be counted in full.")]
        facts = {"positions": self._say_positions(top.positions), "value": amount(top.value), "counted": top.counted,
                 "found": amount(top.found), "rest": amount(top.value - top.counted_value)}
        if top.counted == top.positions:
            return [_("The first 30%% of the value, %(positions)s worth %(value)s, was counted in full in the period; "
                      "the last counts found %(found)s.", **facts)]
        return [_("Of the first 30%% of the value, %(positions)s worth %(value)s, %(counted)s were counted in the period, "
                  "and those worth %(rest)s were not: the estimate takes these as the books show them. The last counts found "
                  "%(found)s.", **facts)]

    @api.model
    def _say_sample(self, pack, said, amount):
        """What random counts say of the others."""
        if not said.number:
            return [_("Nothing was counted at random in the period, so that nothing is estimated.")]
        bound = _("%(right)s of %(number)s random counts were right: with a certainty of 95%%, at least %(bound)s of the records "
                  "are.", right=said.number - said.misses, number=said.number,
                  bound=self.env["stock.cycle.count.answers"]._format_percent(100 * said.bound))
        if said.estimate is None:
            return [bound, _("These are too few to estimate a value from.")]
        company = pack.company_id
        facts = {
            "estimate": amount(said.estimate), "positions": self._say_positions(said.sampled),
            "deviation": self._judge(said.deviation, company.cycle_count_deviation_limit),
            "error": self._judge(said.sampling_error, company.cycle_count_sampling_limit)}
        if said.sampling_error is None:
            verdict = _("For the rest, %(positions)s, random counts estimate a value of %(estimate)s in all; books "
                        "%(deviation)s. They found no difference of value, so that no sampling error can be told.", **facts)
        else:
            verdict = _("For the rest, %(positions)s, random counts estimate a value of %(estimate)s in all: sampling error "
                        "%(error)s, books %(deviation)s.", **facts)
        sentences = [bound, verdict] if said.is_rough else [verdict, bound]
        if said.is_rough and said.sampling_error is not None:
            sentences.append(_(
                "The sampling error is rough: there are fewer than %(few)s misses.", few=stating.FEW_MISSES))
        if said.unsampled:
            sentences.append(_(
                "Of %(positions)s worth %(value)s too few were counted at random: the estimate takes them as the books show "
                "them.", positions=self._say_positions(said.unsampled), value=amount(said.unsampled_value)))
        return sentences

    @api.model
    def _say_positions(self, number):
        return say_number(self.env, number, _("1 position"), _("%s positions"))

    @api.model
    def _judge(self, share, limit):
        """A share beside what an auditor takes."""
        if share is None:
            return _("cannot be told")
        percent = self.env["stock.cycle.count.answers"]._format_percent
        facts = {"share": percent(100 * share, 2), "limit": percent(limit, 2)}
        return (_("%(share)s (limit %(limit)s)", **facts) if abs(100 * share) <= limit
                else _("%(share)s (above the limit of %(limit)s)", **facts))
