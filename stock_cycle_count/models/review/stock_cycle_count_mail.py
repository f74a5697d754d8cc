import pytz

from odoo import _, api, fields, models

from ...tools.words import say_number

#: Activities that a person is mailed about.
KINDS = ("count", "approve", "overdue")
#: Day of the last mails.
LAST_DAY = "stock_cycle_count.mail_date"


class StockCycleCountMail(models.AbstractModel):
    """One mail a working day for each person, with all that waits for that person; who has nothing to do, or is away, gets
    none. Nothing else that counting asks of somebody is mailed.
    """

    _name = "stock.cycle.count.mail"
    _description = "Daily Mail about Count Sheets"

    @api.model
    def _cron_send_mails(self):
        """Send the mails of today, once however often it runs."""
        today = fields.Date.today()
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param(LAST_DAY) == fields.Date.to_string(today):
            return
        parameters.set_param(LAST_DAY, fields.Date.to_string(today))
        waiting = self._get_waiting_activities().grouped("user_id")
        away = self.env["res.users"].union(*waiting)._get_cycle_count_absences([today], pytz.utc)
        for user, activities in waiting.items():
            if (user.id, today) in away:
                continue
            self.with_context(lang=user.lang)._send_daily_mail(user, activities)

    @api.model
    def _get_waiting_activities(self):
        """Activities on sheets that are due, and all that wait for a decision, where the company wants mails and works
        today.
        """
        today = fields.Date.today()
        kinds = [self.env.ref(f"stock_cycle_count.mail_activity_{kind}").id for kind in KINDS]
        approve = self.env.ref("stock_cycle_count.mail_activity_approve")
        activities = self.env["mail.activity"].sudo().search([
            ("res_model", "=", "stock.cycle.count"), ("activity_type_id", "in", kinds), ("user_id.active", "=", True),
            "|", ("activity_type_id", "=", approve.id), ("date_deadline", "<=", today)],
            order="date_deadline, id")
        sheets = self.sudo().search([
            ("id", "in", activities.mapped("res_id")), ("company_id.cycle_count_daily_mail", "=", True)])
        works = {company: company._is_working_day(today) for company in sheets.company_id}
        sheets = sheets.filtered(lambda sheet: works[sheet.company_id])
        return activities.filtered(lambda activity: activity.res_id in sheets._ids)

    @api.model
    def _send_daily_mail(self, user, activities):
        """Mail a person what waits, with a link to each sheet; as Odoo notifies that person."""
        body = self.env["ir.qweb"]._render("stock_cycle_count.daily_mail", {
            "activities": activities, "user": user, "base_url": self.get_base_url()})
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids, body=body,
            subject=say_number(self.env, len(activities), _("Counting: 1 thing waits for you"), _(
                "Counting: %s things wait for you")))
