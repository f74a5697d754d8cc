"""Sheets reach somebody who is there; what a person asked for stays with whom it was asked of."""
from datetime import date, datetime, time, timedelta

from odoo import Command
from odoo.tests import Form

from .common_planning import NOW, TODAY
from .test_sheets import SheetCase


class HandoverCase(SheetCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = (cls.counter | cls.second).sorted("id")
        cls.plan.write({"counter_ids": [Command.set(cls.people.ids)], "sheet_size": 1})

    def grant_leave(self, user, first, last, **values):
        resource = self.env["resource.resource"].create({
            "name": user.name, "user_id": user.id, "company_id": self.company.id, "calendar_id": self.calendar.id})
        return self.env["resource.calendar.leaves"].create({
            "name": "Time off", "resource_id": resource.id, "calendar_id": self.calendar.id, "company_id": self.company.id,
            "date_from": datetime.combine(first, time(6)), "date_to": datetime.combine(last, time(18)), **values})

    def hand_on(self):
        self.env["stock.cycle.count"]._cron_hand_on()
        self.env.flush_all()
        self.env.invalidate_all()

    def overdue(self, sheet):
        kind = self.env.ref("stock_cycle_count.mail_activity_overdue")
        return sheet.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)


class TestHandover(HandoverCase):

    def test_new_sheets_go_to_those_who_are_there(self):
        self.grant_leave(self.second, TODAY, TODAY + timedelta(days=1))
        self.make_due(*self.bins[:4])
        self.assertEqual(self.generate().user_id, self.counter)
        self.make_due(*self.bins[4:6], day=TODAY + timedelta(days=2))
        self.assertIn(self.second, self.generate().user_id, "back on that day")

    def test_who_only_works_elsewhere_is_there(self):
        self.grant_leave(self.second, TODAY, TODAY, time_type="other")
        self.make_due(*self.bins[:2])
        self.assertEqual(self.generate().user_id, self.people)

    def test_where_all_are_away_sheets_are_made_all_the_same(self):
        for user in self.people:
            self.grant_leave(user, TODAY, TODAY)
        self.make_due(*self.bins[:2])
        self.assertEqual(self.generate().user_id, self.people)

    def test_open_sheets_of_who_is_away_or_left_are_handed_on(self):
        for name, begin in (("draft", False), ("started", True)):
            for leave in (True, False):
                with self.subTest(name, leave=leave):
                    self.second.active = True
                    self.make_due(self.bins[0], self.bins[1])
                    sheets = self.generate()
                    sheet = sheets.filtered(lambda sheet: sheet.user_id == self.second)
                    if begin:
                        sheet.with_user(self.second).action_start()
                    if leave:
                        gone = self.grant_leave(self.second, TODAY, TODAY + timedelta(days=9))
                    else:
                        self.second.active = False
                    self.hand_on()
                    self.assertEqual((sheet.user_id, sheet.line_ids.user_id), (self.counter, self.counter))
                    self.assertIn(self.counter, sheet.activity_ids.user_id)
                    self.assertNotIn(self.second, sheet.activity_ids.user_id)
                    if leave:
                        gone.unlink()
                    sheets.action_cancel()

    def test_a_sheet_of_a_day_after_the_leave_stays(self):
        self.make_due(*self.bins[:2], day=TODAY + timedelta(days=4))
        sheets = self.generate()
        before = sheets.mapped("user_id")
        self.grant_leave(self.second, TODAY, TODAY + timedelta(days=2))
        self.hand_on()
        self.assertEqual(sheets.mapped("user_id"), before)
        self.assertEqual(before, self.people)

    def test_recounts_of_who_is_away_are_handed_on(self):
        third = self.make_user("floor_third", "stock_cycle_count.group_counter")
        self.plan.write({"counter_ids": [Command.link(third.id)], "recount_rounds": 2})
        self.make_due(self.bins[0])
        sheet = self.generate()
        sheet.user_id = self.counter
        sheet.with_user(self.counter).action_start()
        self.count(sheet.line_ids, 3)
        self.env["stock.cycle.count"]._send_to_recount(sheet.line_ids, self.second)
        self.grant_leave(self.second, TODAY, TODAY)
        self.hand_on()
        self.assertEqual(sheet.line_ids.user_id, third)
        self.assertIn(third, sheet.activity_ids.user_id)

    def test_new_recounts_go_to_those_who_are_there(self):
        self.plan.recount_rounds = 2
        self.make_due(self.bins[0])
        sheet = self.generate()
        sheet.user_id = self.counter
        sheet.with_user(self.counter).action_start()
        self.count(sheet.line_ids, 3)
        self.grant_leave(self.second, TODAY, TODAY)
        sheet.with_user(self.supervisor)._send_to_recount(sheet.line_ids.with_user(self.supervisor))
        self.assertFalse(sheet.line_ids.user_id, "nobody who is there may")
        self.assertIn(self.supervisor, sheet.activity_ids.user_id)

    def test_overdue_sheets_reach_a_supervisor_once(self):
        self.make_due(self.bins[0])
        sheet = self.generate()
        self.hand_on()
        self.assertFalse(self.overdue(sheet), "it is for today")
        self.clock.move_to(NOW + timedelta(days=1))
        for _run in range(2):
            self.hand_on()
            self.assertEqual(len(self.overdue(sheet)), 1)
        self.assertTrue(self.overdue(sheet).user_id.has_group("stock_cycle_count.group_supervisor"))
        sheet.with_user(sheet.user_id).action_start()
        self.count(sheet.line_ids, 10)
        sheet.with_user(sheet.user_id).action_close()
        self.assertFalse(self.overdue(sheet))

    def test_a_weekend_makes_nothing_overdue(self):
        friday = date(2024, 3, 8)
        self.make_due(self.bins[0], day=friday)
        sheet = self.generate()
        for day, named in ((9, 0), (10, 0), (11, 1)):
            self.clock.move_to(datetime(2024, 3, day, 9))
            self.hand_on()
            self.assertEqual(len(self.overdue(sheet)), named, day)

    def test_nobody_is_idle_beside_what_is_overdue(self):
        self.make_due(*self.bins[:4])
        sheets = self.generate()
        sheets.write({"user_id": self.counter.id})
        self.clock.move_to(NOW + timedelta(days=1))
        self.hand_on()
        self.assertEqual(sheets.mapped("user_id"), self.people)

    def test_sheets_of_an_archived_plan_and_of_excluded_places_are_released(self):
        for how in ("archive", "exclude"):
            with self.subTest(how):
                other = self.make_plan(name="Zone", location_ids=[Command.set(self.bins[5].ids)])
                product = self.make_due(self.bins[5])
                other.action_schedule()
                self.position(product, self.bins[5]).manual_date = TODAY
                sheet = self.generate(other)
                self.assertIn(product, sheet.line_ids.product_id)
                if how == "archive":
                    other.action_archive()
                else:
                    self.bins[5].cycle_count_excluded = True
                    other.action_schedule()
                self.assertEqual((sheet.state, set(sheet.line_ids.mapped("state"))), ("cancel", {"cancel"}))
                self.plan.action_schedule()
                if how == "archive":
                    self.position(product, self.bins[5]).manual_date = TODAY
                    self.assertEqual(self.generate().line_ids.product_id, product, "the plan that takes over counts it")
                    self.plan.count_ids.action_cancel()


class TestRequestedCounts(HandoverCase):

    def request(self, quant, day=TODAY, user=None):
        wizard = Form(self.env["stock.request.count"].with_user(self.manager).with_context(
            default_quant_ids=[Command.set(quant.ids)]))
        wizard.inventory_date = day
        if user:
            wizard.user_id = user
        wizard.save().action_request_count()
        return self.env["stock.cycle.count.line"].search([("product_id", "=", quant.product_id.id)])

    def test_a_request_makes_a_line_today_for_the_person_it_names(self):
        quant = self.make_quant(self.make_product())
        self.plan.action_schedule()
        line = self.request(quant, user=self.worker)
        self.assertEqual((line.user_id, line.count_id.user_id), (self.worker, self.worker))
        self.assertEqual((line.count_id.scheduled_date, line.selection_reason), (TODAY, "manual"))
        self.assertEqual(self.request(quant, user=self.worker), line, "asked twice, counted once")

    def _make_sheet_of(self, product):
        """Sheet of today that counts a product in its bin."""
        self.make_quant(product)
        self.plan.action_schedule()
        self.position(product).manual_date = TODAY
        return self.generate()

    def test_it_joins_the_sheet_that_counts_its_bin_anyway(self):
        """On the day, or before it: nobody walks to a bin twice. Who asks for a person gets that person's sheet."""
        first, second, third = (self.make_product() for _number in range(3))
        sheet = self._make_sheet_of(first)
        other = next(user for user in self.people if user != sheet.user_id)
        line = self.request(self.make_quant(second))
        self.assertEqual((line.count_id, line.user_id, sheet.line_ids.product_id), (sheet, sheet.user_id, first | second))
        self.assertEqual(sheet.line_ids.mapped("sequence"), [1, 2])
        self.assertEqual(self.request(self.make_quant(third), user=other).count_id.user_id, other)
        self.assertEqual(self.request(self.make_quant(self.make_product()), user=sheet.user_id).count_id, sheet)

    def test_it_joins_neither_another_bin_nor_what_was_begun(self):
        first, second, third = (self.make_product() for _number in range(3))
        sheet = self._make_sheet_of(first)
        elsewhere = self.request(self.make_quant(second, self.bins[5]))
        self.assertNotEqual(elsewhere.count_id, sheet)
        sheet.with_user(sheet.user_id).action_start()
        self.assertNotIn(self.request(self.make_quant(third)).count_id, sheet | elsewhere.count_id)
        self.assertEqual(sheet.line_ids.product_id, first)

    def test_without_a_person_it_goes_to_the_next_in_turn(self):
        quant = self.make_quant(self.make_product())
        self.plan.action_schedule()
        self.assertIn(self.request(quant).user_id, self.people)

    def test_what_no_schedule_knew(self):
        quant = self.make_quant(self.make_product())
        self.assertEqual(self.request(quant, user=self.worker).user_id, self.worker)

    def test_a_later_request_keeps_its_person(self):
        quant = self.make_quant(self.make_product())
        self.plan.action_schedule()
        self.assertFalse(self.request(quant, TODAY + timedelta(days=20), self.worker))
        self.clock.move_to(NOW + timedelta(days=15))
        self.plan.action_schedule()
        sheet = self.generate()
        self.assertEqual((sheet.user_id, sheet.scheduled_date), (self.worker, TODAY + timedelta(days=20)))
