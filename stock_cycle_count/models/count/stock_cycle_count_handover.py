from collections import Counter
from datetime import timedelta

from odoo import SUPERUSER_ID, _, api, fields, models

from ..constants import COUNTING_STATES


class StockCycleCountHandover(models.AbstractModel):
    """Sheets whose counter is not there go to somebody who is; supervisors learn which are overdue."""

    _name = "stock.cycle.count.handover"
    _description = "Handing on of Count Sheets"

    @api.model
    def _cron_hand_on(self):
        """Hand on what waits for somebody who is not there, and name to supervisors what is overdue all the same."""
        self.env["stock.cycle.count.cause"]._hand_on()
        sheets = self.search([("state", "in", COUNTING_STATES)], order="scheduled_date, id")
        for plan, planned in sheets.grouped("plan_id").items():
            if plan:
                planned._hand_on(plan)
            planned._remind_overdue(plan)

    def _hand_on(self, plan):
        """Give these sheets of a plan, and their recounts, to counters who are there, each time to who has least to do.

        A sheet is handed on when its counter is away on its day, or when it is overdue, not started, and not all that its
        counter has to do while somebody else has nothing.
        """
        today = plan._get_today()
        days = {sheet: max(sheet.scheduled_date, today) for sheet in self}
        people = plan.counter_ids
        away = (people | self.user_id | self.line_ids.user_id)._get_cycle_count_absences(
            {today, *days.values()}, plan._get_zone())
        load = Counter()
        for sheet in self.filtered(lambda sheet: sheet.scheduled_date <= today):
            load[sheet.user_id] += sheet.line_count
        for sheet in self.filtered("user_id"):
            previous, day = sheet.user_id, days[sheet]
            there = people.filtered(lambda user: (user.id, day) not in away)
            chosen = there.sorted(lambda user: (load[user], user.id))[:1]
            overdue = sheet.state == "draft" and sheet.scheduled_date < today
            if chosen and ((previous.id, day) in away or (
                    overdue and not load[chosen] and load[previous] > sheet.line_count)):
                sheet.user_id = chosen
                load[chosen] += sheet.line_count
                load[previous] -= sheet.line_count
                sheet._log_note(_("Handed on from %(previous)s to %(counter)s.", previous=previous.name, counter=chosen.name))
        recounts = self._get_lines("recount").filtered(lambda line: (line.user_id.id, today) in away)
        recounts._hand_on_recount()

    def _remind_overdue(self, plan):
        """Let a supervisor know of these sheets that a working day has passed by; once, and without a mail."""
        today = plan._get_today() if plan else fields.Date.today()
        days = plan._get_working_days(today - timedelta(weeks=2), today) if plan else [today]
        kind = self.env.ref("stock_cycle_count.mail_activity_overdue")
        overdue = self.filtered("company_id.cycle_count_activities").filtered(
            lambda sheet: days and sheet.scheduled_date < days[-1] and kind not in sheet.activity_ids.activity_type_id)
        values = []
        for sheets in overdue.grouped("company_id").values():
            supervisors = sheets[:1]._get_supervisors(self.line_ids.browse())
            for sheet in sheets:
                asked = (supervisors - sheet.user_id)[:1] or supervisors[:1]
                if asked:
                    values.append({
                        "res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": sheet.id,
                        "res_name": sheet.display_name, "activity_type_id": kind.id, "automated": True,
                        "summary": _("Not counted since %(day)s", day=sheet.scheduled_date), "date_deadline": today,
                        "user_id": asked.id})
        self.env["mail.activity"].with_user(SUPERUSER_ID).with_context(mail_activity_quick_update=True).create(values)
