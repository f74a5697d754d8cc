from collections import Counter
from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common_planning import NOW, TODAY
from .common_schedule import ScheduleCase


class TestLevelling(ScheduleCase):

    def make_many(self, number, abc_class, last=None):
        products = self.make_products(number, cost=2)
        self.env["stock.quant"].create(
            [{"product_id": product.id, "location_id": self.bin.id, "quantity": 5} for product in products])
        for product in products:
            self.set_class(product, abc_class)
        self.schedule()
        if last:
            for product in products:
                self.set_last_count(product, last)
            self.schedule()
        return products

    def load(self):
        return Counter(self.plan.position_ids.mapped("scheduled_date"))

    def test_no_day_above_the_capacity(self):
        self.plan.write({"daily_capacity": 4, "grace_days": 5})
        self.make_many(20, self.class_a, TODAY)
        self.assertEqual(self.load(), {date(2024, 4, day): 4 for day in (3, 4, 5, 8, 9)})
        self.assertEqual(set(self.plan.position_ids.mapped("deadline_date")), {date(2024, 4, 10)})
        self.assertFalse(self.plan.late_count or self.plan.uncounted_count or self.plan.shortfall_message)
        self.assertEqual(self.plan.needed_capacity, 1)

    def test_leave_takes_its_share_along(self):
        """Half of a day's counts while one of two is away, none while both are; and nothing is late for that."""
        self.plan.write({
            "daily_capacity": 4, "grace_days": 5, "counter_ids": [Command.set((self.counter | self.second).ids)]})
        self.make_many(20, self.class_a, TODAY)
        self.grant_leave(self.second, date(2024, 4, 4), date(2024, 4, 5))
        self.schedule()
        self.assertEqual(self.load(), {
            date(2024, 4, 3): 4, date(2024, 4, 4): 2, date(2024, 4, 5): 2, **{date(2024, 4, day): 4 for day in (8, 9, 10)}})
        self.grant_leave(self.counter, date(2024, 4, 4), date(2024, 4, 5))
        self.schedule()
        self.assertEqual(self.load(), {date(2024, 4, day): 4 for day in (2, 3, 8, 9, 10)})
        self.assertFalse(self.plan.late_count or self.plan.uncounted_count or self.plan.shortfall_message)
        self.assertEqual(self.plan.needed_capacity, 1, "of people who are there")
        self.grant_leave(self.supervisor, date(2024, 4, 8), date(2024, 4, 9))
        self.schedule()
        self.assertEqual(self.load()[date(2024, 4, 8)], 4, "whoever does not count is missed by no count")

    def test_what_leave_makes_late_says_so(self):
        self.plan.write({
            "daily_capacity": 3, "grace_days": 0, "forecast_days": 7,
            "counter_ids": [Command.set((self.counter | self.second).ids)]})
        self.make_many(9, self.class_a, date(2024, 2, 5))           # due on 6 March, the third working day
        self.assertFalse(self.plan.shortfall_message)
        self.grant_leave(self.second, TODAY, date(2024, 3, 5))
        self.schedule()
        self.assertEqual(self.load(), {date(2024, 3, day): number for day, number in ((4, 2), (5, 2), (6, 3), (7, 2))})
        self.assertEqual(self.plan.late_count, 2)
        self.assertIn(
            "Counters are away on 2 of the working days until then, first on 03/04/2024.", self.plan.shortfall_message)

    def test_sheets_hold_what_those_make_who_are_there(self):
        """Also of what lies by the way."""
        self.plan.write({
            "daily_capacity": 4, "grace_days": 5, "counter_ids": [Command.set((self.counter | self.second).ids)]})
        self.grant_leave(self.second, TODAY, date(2024, 3, 6))
        self.make_many(30, self.class_a)
        self.plan.action_generate()
        numbers = Counter()
        for sheet in self.plan.count_ids:
            numbers[sheet.scheduled_date] += len(sheet.line_ids)
            self.assertFalse(sheet.user_id == self.second and sheet.scheduled_date <= date(2024, 3, 6))
        self.assertEqual(
            [numbers[date(2024, 3, day)] for day in (4, 5, 6, 7, 8, 11)], [2, 2, 2, 4, 4, 4])

    def test_earlier_when_later_would_be_late(self):
        self.plan.write({"daily_capacity": 4, "grace_days": 1})
        self.make_many(16, self.class_a, TODAY)
        self.assertEqual(self.load(), {date(2024, 4, day): 4 for day in (1, 2, 3, 4)})

    def test_what_does_not_fit_is_reported(self):
        self.plan.write({"daily_capacity": 2, "grace_days": 0, "forecast_days": 7})
        self.make_many(10, self.class_a, date(2024, 2, 5))          # due on 6 March, the third working day
        self.assertEqual(self.load(), {
            date(2024, 3, day): 2 for day in (4, 5, 6, 7, 8)})
        self.assertEqual((self.plan.late_count, self.plan.late_value), (4, 4 * 5 * 2))
        self.assertEqual((self.plan.uncounted_count, self.plan.uncounted_value), (0, 0))
        self.assertEqual(self.plan.needed_capacity, 4, "10 in 3 days")
        self.assertIn("4 counts", self.plan.shortfall_message)
        self.assertIn("takes 4 counts a day", self.plan.shortfall_message)
        self.plan.forecast_days = 3
        self.schedule()
        self.assertEqual((self.plan.late_count, self.plan.late_value), (2, 20), "on 7 March, the last day looked at")
        self.assertEqual((self.plan.uncounted_count, self.plan.uncounted_value), (2, 20))
        self.assertIn("2 positions", self.plan.shortfall_message)
        self.plan.daily_capacity = self.plan.needed_capacity
        self.schedule()
        self.assertFalse(self.plan.late_count or self.plan.uncounted_count or self.plan.shortfall_message)

    def test_value_is_that_of_the_company(self):
        self.plan.write({"daily_capacity": 1, "grace_days": 0})
        products = self.make_many(2, self.class_a, date(2024, 2, 5) - timedelta(days=2))
        for product in products:
            product.with_company(self.other_company).standard_price = 99
        self.position(products[0]).manual_date = TODAY
        self.position(products[1]).manual_date = TODAY
        self.clock.move_to(NOW + timedelta(days=3))
        self.schedule()
        self.assertEqual((self.plan.late_count, self.plan.late_value), (2, 20), "kept on their day, which has passed")
        self.assertEqual(self.plan.position_ids.mapped("is_late"), [True, True])

    def test_overdue_counts_come_first(self):
        self.plan.write({"daily_capacity": 1, "grace_days": 0})
        products = self.make_many(3, self.class_a, TODAY)
        for product, last in zip(products, (date(2023, 12, 1), date(2020, 1, 1), date(2023, 6, 1))):
            self.set_last_count(product, last)
        self.schedule()
        self.assertEqual([self.scheduled(product) for product in products],
                         [date(2024, 3, 6), date(2024, 3, 4), date(2024, 3, 5)])

    def test_a_long_float_reaches_its_whole_length(self):
        self.plan.grace_days = 200
        product = self.make_many(1, self.class_a, TODAY)
        self.assertEqual(self.position(product).due_date, date(2024, 4, 3))
        self.assertEqual(self.position(product).deadline_date, date(2025, 1, 8), "200 working days of 5 a week")

    def test_a_calendar_of_one_day_a_week(self):
        self.plan.write({"grace_days": 20, "calendar_id": self.make_calendar("Wednesdays", [2]).id})
        product = self.make_many(1, self.class_a, TODAY)
        self.assertEqual(self.scheduled(product), date(2024, 4, 3))
        self.assertEqual(self.position(product).deadline_date, date(2024, 4, 3) + timedelta(weeks=20))

    def test_holidays_are_empty(self):
        self.plan.write({"daily_capacity": 2, "grace_days": 3})
        self.make_holiday(date(2024, 4, 2), date(2024, 4, 4))
        self.make_many(8, self.class_a, TODAY)
        self.assertEqual(self.load(), {date(2024, 4, day): 2 for day in (1, 5, 8, 9)})
        self.assertEqual(set(self.plan.position_ids.mapped("due_date")), {date(2024, 4, 1)})

    def test_holidays_of_the_company_too(self):
        self.env["resource.calendar.leaves"].create({
            "name": "Works outing", "company_id": self.company.id, "calendar_id": False,
            "date_from": datetime(2024, 4, 3), "date_to": datetime(2024, 4, 3, 23, 59, 59)})
        product = self.make_many(1, self.class_a, TODAY)
        self.assertEqual(self.scheduled(product), date(2024, 4, 2))

    def test_leave_of_a_person_is_no_holiday(self):
        resource = self.env["resource.resource"].create({"name": "Ann", "calendar_id": self.calendar.id})
        self.env["resource.calendar.leaves"].create({
            "name": "Ann's leave", "resource_id": resource.id, "calendar_id": self.calendar.id,
            "date_from": datetime(2024, 4, 1), "date_to": datetime(2024, 4, 30)})
        product = self.make_many(1, self.class_a, TODAY)
        self.assertEqual(self.scheduled(product), date(2024, 4, 3))

    def test_days_are_those_of_the_calendar_s_time_zone(self):
        self.class_a.counts_per_year = 365
        product = self.make_many(1, self.class_a)
        for zone, today, due in [
            ("Pacific/Kiritimati", date(2024, 3, 6), date(2024, 3, 7)),     # 14 hours ahead
            ("Pacific/Pago_Pago", date(2024, 3, 5), date(2024, 3, 6)),      # 11 hours behind
        ]:
            with self.subTest(zone=zone):
                self.calendar.tz = zone
                self.clock.move_to(datetime(2024, 3, 5, 10, 30) if today.day == 6 else datetime(2024, 3, 6, 10, 30))
                self.assertEqual(self.plan._get_today(), today)
                self.count_in_inventory(product)
                self.schedule()
                self.assertEqual(self.scheduled(product), due)

    def test_a_sheet_that_is_open_keeps_its_day(self):
        self.plan.write({"daily_capacity": 2, "horizon_days": 60})
        products = self.make_many(4, self.class_a, TODAY)
        self.plan.action_generate()
        days = {product: self.scheduled(product) for product in products}
        for product in products:
            self.set_last_count(product, date(2024, 1, 2))
        self.schedule()
        self.assertEqual({product: self.scheduled(product) for product in products}, days)

    def test_running_again_changes_nothing(self):
        self.plan.daily_capacity = 3
        products = self.make_many(30, self.class_a)
        for product in products[:10]:
            self.set_last_count(product, TODAY - timedelta(days=product.id % 30))
        self.position(products[0]).manual_date = date(2024, 3, 9)
        self.schedule()
        quants = self.env["stock.quant"].search([("product_id", "in", products.ids)])
        self.stamp(self.plan.position_ids)
        self.stamp(quants)
        self.schedule()
        self.assertFalse(self.get_written(self.plan.position_ids))
        self.assertFalse(self.get_written(quants))

    def test_queries_do_not_grow_with_positions(self):
        self.make_many(3, self.class_a)
        self.schedule()
        few = self.count_queries(self.schedule)
        self.make_many(150, self.class_a)
        self.schedule()
        self.assertLessEqual(self.count_queries(self.schedule), few)

    def test_forecast(self):
        self.plan.write({"daily_capacity": 2, "grace_days": 5, "forecast_days": 90})
        self.make_many(3, self.class_a, TODAY)
        chart = self.call(self.worker, self.plan.browse(), "get_forecast_chart", self.plan.id)
        self.assertEqual(chart["capacity"], 2)
        self.assertEqual([one["name"] for one in chart["classes"]], ["A"])
        load = {day: count for day, count in zip(chart["days"], chart["classes"][0]["counts"]) if count}
        self.assertEqual(load, {
            "2024-04-03": 2, "2024-04-04": 1, "2024-05-03": 3, "2024-05-31": 3}, "due again every 30 days")
        self.assertNotIn("2024-03-09", chart["days"])
        self.assertIn("2024-03-08", chart["days"])

    def test_archived_products_with_stock_are_named(self):
        products = self.make_many(3, self.class_a)
        self.assertFalse(self.plan.archived_count)
        products[0].active = False
        self.schedule()
        self.assertEqual((self.plan.archived_count, self.plan.archived_value), (1, 10))
        self.assertIn("products with stock are not counted: 1, worth $\xa010.00", self.plan.shortfall_message)
        products[0].active = True
        self.schedule()
        self.assertFalse(self.plan.archived_count or self.plan.shortfall_message)


class TestRunning(ScheduleCase):

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["stock.cycle.count.cron.mixin"]), "_commit_progress", lambda job: self.commits.append(job))
        self.commits = []
        (self.env["stock.cycle.count.plan"].search([]) - self.plan).active = False

    def test_supervisors_and_administrators_schedule_and_nobody_else(self):
        product = self.make_stock(self.class_a)
        for user in (self.outsider, self.counter, self.worker, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, self.plan, "action_schedule")
        self.assertFalse(self.position(product))
        self.call(self.supervisor, self.plan, "action_schedule")
        self.assertTrue(self.position(product))
        self.assertEqual(self.plan.last_schedule_date, NOW)
        other = self.make_stock(self.class_a)
        self.call(self.manager, self.plan, "action_schedule")
        self.assertTrue(self.position(other))

    def test_the_cron_goes_on_after_a_plan_that_is_broken(self):
        broken = self.make_plan(name="Broken", location_ids=[Command.set(self.zone_a.ids)], sequence=1)
        last = self.make_plan(name="Last", location_ids=[Command.set(self.zone_b.ids)])
        for place in self.bins:
            self.make_stock(self.class_a, place)
        self.env.flush_all()
        self.cr.execute("DELETE FROM res_users_stock_cycle_count_plan_rel WHERE stock_cycle_count_plan_id = %s", [broken.id])
        self.env.invalidate_all()
        with mute_logger("odoo.addons.stock_cycle_count.models.mixins.stock_cycle_count_cron_mixin"):
            self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertEqual(len(self.commits), 3, "each plan is committed for itself")
        self.assertFalse(self.plan.last_error or last.last_error)
        self.assertIn("Counters", broken.last_error)
        self.assertIn("Counters", broken.message_ids[0].body)
        self.assertFalse(broken.position_ids, "nothing half-done")
        self.assertEqual(len(last.position_ids), 3)

    def test_the_cron_reports_a_failure_once(self):
        self.cr.execute("DELETE FROM res_users_stock_cycle_count_plan_rel")
        self.env.invalidate_all()
        for day in range(3):
            self.clock.move_to(NOW + timedelta(days=day))
            with mute_logger("odoo.addons.stock_cycle_count.models.mixins.stock_cycle_count_cron_mixin"):
                self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertEqual(len(self.plan.message_ids.filtered(lambda message: "Counters" in message.body)), 1)
        self.plan.counter_ids = self.counter
        self.clock.move_to(NOW + timedelta(days=3))
        self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertFalse(self.plan.last_error)

    def test_counts_while_a_plan_was_broken_are_counts(self):
        product = self.make_stock(self.class_a)
        self.env["stock.cycle.count.plan"]._cron_schedule()
        self.env.flush_all()
        self.cr.execute("DELETE FROM res_users_stock_cycle_count_plan_rel")
        self.env.invalidate_all()
        # A count of which no position learns but by its moves.
        loss = product.with_company(self.company).property_stock_inventory
        counted = NOW + timedelta(days=1)
        self.move(product, loss, self.bin, 1, when=counted, is_inventory=True)
        self.env.flush_all()
        self.cr.execute("UPDATE stock_move SET write_date = %s WHERE product_id = %s", [counted, product.id])
        for day in range(2, 6):
            self.clock.move_to(NOW + timedelta(days=day))
            with mute_logger("odoo.addons.stock_cycle_count.models.mixins.stock_cycle_count_cron_mixin"):
                self.env["stock.cycle.count.plan"]._cron_schedule()
        self.plan.counter_ids = self.counter
        self.clock.move_to(NOW + timedelta(days=6))
        self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertEqual(self.position(product).last_count_date, counted)

    def test_the_cron_takes_up_where_it_stopped(self):
        second = self.make_plan(name="Second", location_ids=[Command.set(self.zone_b.ids)])
        self.plan.last_schedule_date = NOW
        self.clock.move_to(NOW + timedelta(hours=1))
        self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertEqual(self.plan.last_schedule_date, NOW, "done today already")
        self.assertEqual(second.last_schedule_date, NOW + timedelta(hours=1))
        self.clock.move_to(NOW + timedelta(days=1))
        self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertEqual(self.plan.last_schedule_date, NOW + timedelta(days=1))

    def test_the_cron_leaves_archived_plans(self):
        self.plan.active = False
        self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertFalse(self.plan.last_schedule_date)
