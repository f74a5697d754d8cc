"""One mail a day for each person, with what waits for that person, and a switch for each kind of message."""
from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestDailyMail(GateCase):

    def setUp(self):
        super().setUp()
        # A Monday, on which everybody works.
        self.monday = fields.Date.today() + timedelta(days=7 - fields.Date.today().weekday())
        self.clock = self.startPatcher(freeze_time(datetime.combine(self.monday, time(6, 30))))
        self.env["mail.activity"].search([("res_model", "=", "stock.cycle.count")]).unlink()
        self.env["ir.config_parameter"].set_param("stock_cycle_count.mail_date", False)
        self.held = self._close_with((90, self.product))
        self.asked = self.held.activity_ids.user_id
        self.due = self.make_sheet((self.other_product, self.bin_b), scheduled_date=fields.Date.today())
        self.later = self.make_sheet(
            (self.other_product, self.bin_c), scheduled_date=fields.Date.today() + timedelta(days=3))

    def _send(self):
        """Mails of a run: ``{person: message}``."""
        last = self.env["mail.message"].search([], order="id desc", limit=1).id
        self.env["stock.cycle.count"]._cron_send_mails()
        messages = self.env["mail.message"].search([("id", ">", last), ("message_type", "=", "user_notification")])
        self.assertTrue(all(len(message.notified_partner_ids) == 1 for message in messages))
        return {message.notified_partner_ids: message for message in messages}

    def test_each_person_gets_one_mail_with_what_waits(self):
        sent = self._send()
        self.assertEqual(set(sent), {self.asked.partner_id, self.counter.partner_id})
        own = sent[self.counter.partner_id].body
        self.assertIn(self.due.name, own)
        self.assertNotIn(self.later.name, own)
        self.assertNotIn(self.held.name, own, "who counted blind hears nothing of it")
        self.assertIn("Differences to approve on level 1: 1", sent[self.asked.partner_id].body)

    def test_a_second_run_of_the_day_sends_nothing(self):
        self.assertTrue(self._send())
        self.assertFalse(self._send())

    def test_nobody_is_mailed_on_days_without_work(self):
        """Neither at the weekend, nor on the company's holiday; where no hours are known, on every day."""
        sent = []
        for day in range(7):
            self.clock.move_to(datetime.combine(self.monday + timedelta(days=day), time(6, 30)))
            if day == 2:
                self.env["resource.calendar.leaves"].create({
                    "name": "Holiday", "calendar_id": self.company.resource_calendar_id.id, "company_id": self.company.id,
                    "date_from": datetime.combine(fields.Date.today(), time.min),
                    "date_to": datetime.combine(fields.Date.today(), time.max)})
            sent.append(bool(self._send()))
        self.assertEqual(sent, [True, True, False, True, True, False, False])
        self.company.resource_calendar_id = False
        self.env["ir.config_parameter"].set_param("stock_cycle_count.mail_date", False)
        self.assertTrue(self._send())

    def test_who_is_away_is_not_mailed(self):
        resource = self.env["resource.resource"].create({
            "name": "Counter", "user_id": self.counter.id, "company_id": self.company.id,
            "calendar_id": self.company.resource_calendar_id.id})
        self.env["resource.calendar.leaves"].create({
            "name": "Ill", "resource_id": resource.id, "calendar_id": resource.calendar_id.id,
            "company_id": self.company.id, "date_from": datetime.combine(self.monday, time.min),
            "date_to": datetime.combine(self.monday, time.max)})
        self.assertEqual(set(self._send()), {self.asked.partner_id})

    def test_the_company_may_switch_mails_off(self):
        self.company.cycle_count_daily_mail = False
        self.assertFalse(self._send())

    def test_the_company_may_switch_activities_off(self):
        self.company.cycle_count_activities = False
        quiet = self._close_with((3, self.other_product, self.bin_a))
        self.assertEqual(quiet.line_ids.state, "to_approve")
        self.assertFalse(quiet.activity_ids)
        self.assertRegex(self.as_user(self.supervisor, quiet).waits_for, r"level 1")
