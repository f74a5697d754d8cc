from datetime import timedelta

from odoo import _, api, fields, models

from ...tools import statistics, timezones
from ...tools.words import say_number
from .figure import FINAL, RESULT

#: Days after the set-up that are reviewed apart, and those at their two ends that are compared.
DAYS, END = 90, 30
WEEK = 7


class StockCycleCountReviewStart(models.AbstractModel):
    """The first 90 days after counting was set up, reviewed when they are over, and before that on demand: is counting becoming
    a habit, and are the records becoming right? All that a monthly review says of them, and week by week how much was counted,
    what differed, and how right random counts were.
    """

    _name = "stock.cycle.count.review.start"
    _description = "Review of the First 90 Days"

    kind = fields.Selection(
        [("month", "Month"), ("start", "First 90 days")], required=True, default="month", readonly=True)

    @api.model
    def action_make_start(self):
        """Review the first 90 days of the companies, or what of them is over.

        :return: an action that shows the reviews
        :raise AccessError: for those who do not decide on counts
        """
        self._check_maker()
        made = self.browse()
        for company in self.env.companies:
            first, last = self._get_start(company)
            if first and first <= last:
                made |= self._make_reviews(self._get_reviewed(company), first, last, "start")
        return made._show(_(
            "Counting was set up today or not at all, or no warehouse of these companies has a plan: there is nothing to "
            "review yet."))

    @api.model
    def _cron_make_start(self):
        """Review the first 90 days of companies for which they ended within the last month, once for each warehouse."""
        for company in self.env["res.company"].search([("cycle_count_setup_date", "!=", False)]):
            own = self.with_context(allowed_company_ids=company.ids)
            first, last = own._get_start(company)
            end = first + timedelta(days=DAYS - 1)
            if last == end and company._get_cycle_count_today() - end <= timedelta(days=END):
                done = own.search([("company_id", "=", company.id), ("kind", "=", "start"), ("date_to", "=", end)]).warehouse_id
                own._make_reviews(own._get_reviewed(company) - done, first, last, "start")

    @api.model
    def _get_start(self, company):
        """First day after the set-up of a company, and the last of the 90 that is over; no days before it was set up."""
        moment = company.sudo().cycle_count_setup_date
        if not moment:
            return None, None
        first = timezones.day_of(moment, company._get_cycle_count_zone())
        return first, min(first + timedelta(days=DAYS - 1), company._get_cycle_count_today() - timedelta(days=1))

    # Content

    def _get_start_content(self, warehouse, first, last):
        """Week by week since the set-up, and what changed between the first 30 days and the last."""
        answers = self.env["stock.cycle.count.answers"]
        window = answers._get_window({"days": 365, "warehouse_ids": warehouse.ids})
        zero = {"counts": 0, "differences": 0, "gross": 0.0, "net": 0.0, "random": 0, "right": 0}
        days = {first + timedelta(days=number): dict(zero) for number in range((last - first).days + 1)}
        for day, counts, differences, gross, net in self.env[RESULT]._read_group(
                [*window.scope(), ("state", "in", FINAL),
                 ("date", ">=", fields.Datetime.to_string(window.start_of(first)))],
                ["date:day"], ["lines:sum", "difference:sum", "gross:sum", "net:sum"]):
            if day.date() in days:
                days[day.date()].update(counts=counts, differences=differences, gross=gross, net=net)
        for day, _class, _is_over, sample in answers._read_sample(window):
            if day in days:
                days[day]["random"] += sample.number
                days[day]["right"] += sample.hits

        def add(some):
            return {name: sum(days[day][name] for day in some) for name in zero}

        dates = sorted(days)
        weeks = [dates[at:at + WEEK] for at in range(0, len(dates), WEEK)]
        return {
            "weeks": [{"from": week[0], **{
                name: round(value, 2) for name, value in add(week).items()}} for week in weeks],
            "sentences": self._say_start(add(dates[:END]), add(dates[-END:]), add(dates), len(dates))}

    @api.model
    def _say_start(self, before, after, whole, days):
        """What became of counting, in sentences; what is too little to tell is said to be."""
        sentences = [_(
            "%(counts)s in %(days)s, of which %(differences)s differed.", differences=whole["differences"],
            counts=say_number(self.env, whole["counts"], _("1 count"), _("%s counts")),
            days=say_number(self.env, days, _("1 day"), _("%s days")))]
        if days < 2 * END:
            return [*sentences, _("The first 30 days are compared with the last when there are twice as many.")]
        for name, hits, number in (
            (_("Counts that differed"), "differences", "counts"), (_("Random counts that were right"), "right", "random"),
        ):
            change = statistics.difference(after[hits], after[number], before[hits], before[number])
            if not change:
                sentences.append(_("%(what)s: nothing to compare.", what=name))
                continue
            said = (_("more") if change.low > 0 else _("fewer") if change.high < 0 else _("no clear change"))
            sentences.append(_(
                "%(what)s: %(before)s of %(of)s in the first 30 days, %(after)s of %(last)s in the last 30: %(said)s.",
                what=name, before=before[hits], of=before[number], after=after[hits], last=after[number], said=said))
        return sentences
