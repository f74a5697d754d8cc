from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

from ..tools import timezones

#: What waits for longer is reminded of no further.
MOST_WAITING = timedelta(days=730)


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["stock.cycle.count.logged.mixin", "res.company"]

    cycle_count_adjustment_control = fields.Boolean(
        "Control Inventory Adjustments", default=True,
        help="Every inventory adjustment passes a count line: within tolerance, or approved.")
    cycle_count_control_date = fields.Date(
        "Controlled From", help="Before this day adjustments stay free. Empty: they are controlled at once.")
    cycle_count_manual_moves = fields.Selection(
        [("refuse", "Refuse"), ("hold", "Hold for approval")], "Transfers to and from Inventory Loss",
        required=True, default="refuse",
        help="What happens to transfers between stock and an inventory loss location that no count made. Scrap "
             "orders have a policy of their own.")
    cycle_count_border_moves = fields.Selection(
        [("allow", "Allow and list"), ("hold", "Hold for approval"), ("refuse", "Refuse")],
        "Internal Transfers out of and into Stock", required=True, default="allow",
        help="What happens to internal transfers to or from customers, vendors, production, scrap and transit of no "
             "company, which no receipt, delivery or order explains.")
    cycle_count_scrap_orders = fields.Selection(
        [("allow", "Allow"), ("approve", "By a supervisor who did not make them"), ("refuse", "Refuse")], "Scrap Orders",
        required=True, default="allow", help="Who may validate scrap orders, which take goods out of stock for good.")
    cycle_count_reason_policy = fields.Selection(
        [("out", "When a difference needs approval"), ("always", "For every difference")], "Reason Required",
        required=True, default="out")
    cycle_count_self_approval = fields.Boolean(
        "Allow Self-Approval", help="Whoever counted, or approved before, may approve. The decision says so.")
    cycle_count_level2 = fields.Boolean("Second Level of Approval", default=True)
    cycle_count_level2_value = fields.Monetary(
        "Second Level From", default=1000, help="From this value on a controller approves as well.")
    cycle_count_post_approved = fields.Boolean(
        "Post by the Last Decision", default=True,
        help="The last decision on a sheet posts it. Otherwise, and where there are transfers to choose from, somebody "
             "finalizes it.")
    cycle_count_ad_hoc = fields.Boolean(
        "Counters Count Unplanned", help="Counters may begin to count a bin that nobody asked them to count.")
    cycle_count_activities = fields.Boolean(
        "Activities", default=True, help="Whoever has to count, recount or decide gets an activity on the sheet.")
    cycle_count_daily_mail = fields.Boolean(
        "Daily Mail", default=True, help="One mail a day for each person, with the activities that wait.")
    cycle_count_evidence = fields.Boolean("Evidence Required")
    cycle_count_evidence_value = fields.Monetary(
        "Evidence From", help="From this value on a note or an attachment is wanted.")
    cycle_count_entry_per_sheet = fields.Boolean(
        "One Journal Entry per Sheet",
        help="Where stock is valued automatically: the differences of a sheet are one journal entry per journal, rather "
             "than one entry a stock move.")
    cycle_count_figures_by_person = fields.Boolean(
        "Figures by Person", help="Controllers see results by who counted and who decided.")
    cycle_count_evidence_small = fields.Boolean(
        "Evidence of What Passes Too", help="Also of differences within tolerance, which nobody approves.")
    cycle_count_escalation_days = fields.Integer(
        "Escalate After (working days)", default=3,
        help="Approvers are reminded, and the next level is asked, after so many working days. 0: never.")

    cycle_count_bin_share = fields.Integer(
        "Empty Bins beside 100 Random Positions", default=10,
        help="So many bins of which the books show nothing are drawn at random beside 100 random positions, and counted blind "
             "among the others: what no position can tell. 0: none.")
    cycle_count_sampling_limit = fields.Float(
        "Sampling Error at Most (%)", default=1.0,
        help="What an auditor takes of the sampling error of random counts, in percent of the value of stock, 19 times in 20. "
             "It is compared with in statements, and decides nothing.")
    cycle_count_deviation_limit = fields.Float(
        "Deviation at Most (%)", default=2.0,
        help="What an auditor takes as difference of the books from what counts say that stock is worth, in percent of it. It is "
             "compared with in statements, and decides nothing.")

    cycle_count_setup_date = fields.Datetime(
        "Cycle Counting Set Up On", readonly=True, copy=False,
        help="When the set-up was finished, by its page or by the first posted count. Until then the first stock of every "
             "product passes as opening stock.")
    cycle_count_setup_user_id = fields.Many2one(
        "res.users", "Cycle Counting Set Up By", readonly=True, copy=False, ondelete="set null")

    _sql_constraints = [
        ("cycle_count_values_positive",
         "CHECK (cycle_count_level2_value >= 0 AND cycle_count_evidence_value >= 0 "
         "AND cycle_count_escalation_days >= 0 AND cycle_count_sampling_limit >= 0 AND cycle_count_deviation_limit >= 0)",
         "Values, limits and days of cycle counting cannot be negative."),
        ("cycle_count_bin_share_percent", "CHECK (cycle_count_bin_share BETWEEN 0 AND 100)",
         "“Empty Bins beside 100 Random Positions” is between 0 and 100."),
    ]

    def _get_cycle_count_zone(self):
        """Time zone of the company's days and months: that of its calendar."""
        self.ensure_one()
        return pytz.timezone(self.sudo().resource_calendar_id.tz or "UTC")

    def _get_cycle_count_today(self):
        """Today where the company works."""
        return timezones.day_of(fields.Datetime.now(), self._get_cycle_count_zone())

    def _get_cycle_count_control_start(self):
        """Moment from which on adjustments are controlled, by the company's calendar; None where they are not."""
        self.ensure_one()
        company = self.sudo()
        if not company.cycle_count_adjustment_control:
            return None
        day = company.cycle_count_control_date
        return timezones.to_utc(datetime.combine(day, time.min), company._get_cycle_count_zone()) if day else datetime.min

    def _controls_adjustments(self):
        """Whether adjustments of the company are controlled now."""
        start = self._get_cycle_count_control_start()
        return start is not None and start <= fields.Datetime.now()

    def _get_cycle_count_level2_value(self):
        """Value in company currency from which the second level approves, or None where there is no such level."""
        self.ensure_one()
        return self.cycle_count_level2_value if self.cycle_count_level2 else None

    def _get_cycle_count_reminders(self, since, now):
        """How many reminders there are to have been of what waits since then: one each so many working days."""
        self.ensure_one()
        days, calendar = self.cycle_count_escalation_days, self.resource_calendar_id
        if not calendar:
            return (now - since).days // days
        zone = pytz.timezone(calendar.tz or "UTC")
        intervals = calendar._work_intervals_batch(
            *(pytz.utc.localize(max(moment, now - MOST_WAITING)).astimezone(zone) for moment in (since, now)))[False]
        return max(len({start.date() for start, _stop, _meta in intervals}) - 1, 0) // days

    def _is_working_day(self, day):
        """Whether somebody works on a day by the company's calendar; where it has none, on every day."""
        self.ensure_one()
        calendar = self.resource_calendar_id
        if not calendar:
            return True
        zone = pytz.timezone(calendar.tz or "UTC")
        return bool(calendar._work_intervals_batch(
            *(zone.localize(datetime.combine(day, moment)) for moment in (time.min, time.max)))[False])

    def _takes_opening_stock(self):
        """Whether the first stock of a product is opening stock: until the set-up is finished, or a count was posted."""
        self.ensure_one()
        return not self.cycle_count_setup_date or not self.env["stock.cycle.count.line"].sudo().search_count(
            [("company_id", "=", self.id), ("state", "=", "posted"), ("is_opening", "=", False)], limit=1)

    def _finish_cycle_count_setup(self):
        """Note by whom and when the set-up of these companies was finished, where it is not."""
        self.filtered(lambda company: not company.cycle_count_setup_date).sudo().write({
            "cycle_count_setup_date": fields.Datetime.now(), "cycle_count_setup_user_id": self.env.uid})

    def _reopen_cycle_count_setup(self):
        """Take the end of the set-up of these companies back, where nothing was counted since."""
        self.filtered(lambda company: company._takes_opening_stock()).sudo().write(
            {"cycle_count_setup_date": False, "cycle_count_setup_user_id": False})

    @api.model
    def _get_logged_fields(self):
        return {name for name in self._fields if name.startswith("cycle_count_")}

    def _get_logged_companies(self):
        return self
