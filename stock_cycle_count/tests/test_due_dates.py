from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError

from .common_planning import NOW, TODAY
from .common_schedule import ScheduleCase


class TestDueDates(ScheduleCase):

    def test_due_is_the_last_count_plus_the_interval_of_the_class(self):
        products = [self.make_stock(abc_class) for abc_class in (self.class_a, self.class_b, self.class_c)]
        for product in products:
            self.count_in_inventory(product)
        self.schedule()
        positions = self.env["stock.cycle.count.position"].union(*map(self.position, products))
        self.assertEqual(positions.mapped("last_count_date"), [NOW] * 3)
        self.assertEqual(positions.mapped("interval_days"), [30, 91, 365])
        self.assertEqual(positions.mapped("due_date"), [date(2024, 4, 3), date(2024, 6, 3), date(2025, 3, 4)])
        self.assertEqual(positions.mapped("scheduled_date"), positions.mapped("due_date"))
        self.assertEqual(positions.mapped("due_reason"), ["class"] * 3)
        self.assertEqual(positions.mapped("abc_class_id"), self.profile.class_ids)

    def test_a_count_with_a_difference_is_a_count(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.count_in_inventory(product, 7)
        self.assertEqual(self.position(product).last_count_date, NOW)
        self.assertEqual(self.scheduled(product), date(2024, 4, 3), "at once, before the next schedule")

    def test_counts_made_before_anything_was_scheduled_are_counts(self):
        counted, adjusted = self.make_stock(self.class_a), self.make_stock(self.class_a)
        self.count_in_inventory(counted)
        self.count_in_inventory(adjusted, 7)
        lines = self.env["stock.move.line"].search([("product_id", "in", (counted | adjusted).ids)])
        self.assertEqual(len(lines), 2)
        lines.date = datetime(2024, 2, 19, 8, 0)
        self.schedule()
        for product in (counted, adjusted):
            self.assertEqual(self.position(product).last_count_date, datetime(2024, 2, 19, 8, 0))
            self.assertEqual(self.position(product).due_date, date(2024, 3, 20))

    def test_other_moves_are_no_counts(self):
        product = self.make_stock(self.class_a)
        self.make_quant(product, self.bins[1])
        self.deliver(product, self.bin, 1)
        self.move(product, self.bins[1], self.bin, 1)
        self.env["stock.quant"].search([("location_id", "=", self.bins[1].id)]).move_quants(self.bins[2])
        self.schedule()
        self.assertFalse(self.position(product).last_count_date)
        self.assertFalse(self.position(product, self.bins[2]).last_count_date)

    def test_counts_of_a_place_that_no_plan_governed_are_counts(self):
        self.bin.cycle_count_excluded = True
        product = self.make_stock(self.class_a)
        self.count_in_inventory(product)
        self.clock.move_to(NOW + timedelta(days=20))
        self.schedule()
        self.env.flush_all()
        # The rows of the count are as old as it is.
        self.cr.execute("UPDATE stock_move SET write_date = %s WHERE product_id = %s", [NOW, product.id])
        self.env.invalidate_all()
        self.bin.cycle_count_excluded = False
        self.schedule()
        self.assertEqual(self.position(product).last_count_date, NOW)

    def test_a_due_day_is_a_working_day_within_the_interval(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        for last, due in [
            (date(2024, 2, 15), date(2024, 3, 15)),     # 16 March is a Saturday: the Friday before
            (date(2024, 2, 16), date(2024, 3, 15)),     # Sunday
            (date(2024, 2, 17), date(2024, 3, 18)),
        ]:
            with self.subTest(last=last):
                self.set_last_count(product, last)
                self.schedule()
                self.assertEqual(self.position(product).due_date, due)
                self.assertEqual(self.scheduled(product), due)

    def test_no_second_count_on_the_day_of_the_last(self):
        self.class_a.counts_per_year = 365
        product = self.make_stock(self.class_a)
        self.clock.move_to(datetime(2024, 3, 8, 9))
        self.schedule()
        self.count_in_inventory(product)
        self.schedule()
        self.assertEqual(self.scheduled(product), date(2024, 3, 11), "from Friday to Monday")

    def test_the_frequency_of_the_location_wins_when_it_is_earlier(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        for frequency, due, interval, reason in [
            (7, date(2024, 3, 11), 7, "location"), (30, date(2024, 4, 3), 30, "class"),
            (60, date(2024, 4, 3), 30, "class"), (0, date(2024, 4, 3), 30, "class"),
        ]:
            with self.subTest(frequency=frequency):
                self.bin.cyclic_inventory_frequency = frequency
                self.set_last_count(product, TODAY)
                self.schedule()
                position = self.position(product)
                self.assertEqual((position.due_date, position.interval_days, position.due_reason),
                                 (due, interval, reason))

    def test_without_a_class_location_then_the_yearly_inventory(self):
        product = self.make_stock()
        self.bin.cyclic_inventory_frequency = 10
        self.schedule()
        self.set_last_count(product, TODAY)
        self.schedule()
        position = self.position(product)
        self.assertEqual((position.due_date, position.due_reason), (date(2024, 3, 14), "location"))
        self.bin.cyclic_inventory_frequency = 0
        self.company.write({"annual_inventory_month": "6", "annual_inventory_day": 30})
        self.schedule()
        self.assertEqual((position.due_date, position.due_reason, position.interval_days),
                         (date(2024, 6, 28), "annual", 0), "30 June is a Sunday")
        self.company.annual_inventory_month = False
        self.schedule()
        self.assertEqual((position.due_date, position.scheduled_date, position.due_reason), (False, False, "none"))

    def test_a_change_of_class_moves_the_date(self):
        product = self.make_stock(self.class_c)
        self.schedule()
        self.set_last_count(product, TODAY)
        self.schedule()
        self.assertEqual(self.scheduled(product), date(2025, 3, 4))
        self.env["stock.abc.assignment"].search([("product_id", "=", product.id)]).write(
            {"manual_class_id": self.class_a.id, "manual_reason": "Often wrong"})
        self.schedule()
        self.assertEqual(self.scheduled(product), date(2024, 4, 3))

    def test_a_place_that_comes_back_has_a_whole_interval_anew(self):
        products = self.make_products(10)
        for product in products:
            self.make_quant(product)
            self.set_class(product, self.class_a)
        self.bin.cycle_count_excluded = True
        self.schedule()
        self.bin.cycle_count_excluded = False
        self.schedule()
        self.bin.cycle_count_excluded = True
        self.schedule()
        self.clock.move_to(NOW + timedelta(days=400))
        self.bin.cycle_count_excluded = False
        self.schedule()
        today = TODAY + timedelta(days=400)
        dues = self.plan.position_ids.mapped("due_date")
        self.assertEqual(len(dues), 10)
        self.assertGreaterEqual(min(dues), today - timedelta(days=3))
        self.assertGreater(max(dues), today + timedelta(days=15))


class TestRequests(ScheduleCase):

    def setUp(self):
        super().setUp()
        self.product = self.make_stock(self.class_a)
        self.schedule()
        self.set_last_count(self.product, TODAY)
        self.schedule()
        self.rule_day = self.scheduled(self.product)
        self.assertEqual(self.rule_day, date(2024, 4, 3))
        self.quant = self.env["stock.quant"].search([("product_id", "=", self.product.id)])

    def _check(self, day, user, rerun=True):
        """The request is shown at once and survives the schedule."""
        position = self.position(self.product)
        for again in (False, True)[:1 + rerun]:
            if again:
                self.schedule()
            self.assertEqual(
                (position.scheduled_date, position.due_reason, position.manual_date, position.manual_user_id),
                (day, "manual", day, user))
            self.assertEqual(self.quant.inventory_date, day)

    def test_on_the_position(self):
        self.call(self.supervisor, self.position(self.product), "write", {"manual_date": "2024-03-20"})
        self._check(date(2024, 3, 20), self.supervisor)

    def test_by_requesting_a_count(self):
        wizard = self.call(self.manager, self.env["stock.request.count"], "create", {
            "inventory_date": "2024-03-20", "quant_ids": [Command.set(self.quant.ids)]})
        self.call(self.manager, self.env["stock.request.count"].browse(wizard), "action_request_count")
        self._check(date(2024, 3, 20), self.manager)

    def test_by_the_date_in_physical_inventory(self):
        self.call(self.worker, self.quant, "write", {"inventory_date": "2024-03-20"})
        self._check(date(2024, 3, 20), self.worker)

    def test_on_a_day_without_work(self):
        self.position(self.product).manual_date = date(2024, 3, 23)
        self._check(date(2024, 3, 23), self.env.user)

    def test_in_the_past(self):
        self.position(self.product).manual_date = date(2024, 3, 1)
        self._check(date(2024, 3, 1), self.env.user)

    def test_beyond_the_capacity(self):
        self.plan.daily_capacity = 1
        others = [self.make_stock(self.class_a) for _index in range(3)]
        self.schedule()
        for product in others:
            self.set_last_count(product, TODAY)
            self.position(product).manual_date = date(2024, 3, 20)
        self.position(self.product).manual_date = date(2024, 3, 20)
        self._check(date(2024, 3, 20), self.env.user)
        for product in others:
            self.assertEqual(self.scheduled(product), date(2024, 3, 20))

    def test_the_rule_wins_when_it_is_earlier(self):
        self.position(self.product).manual_date = date(2024, 5, 1)
        self.schedule()
        self.assertEqual(self.scheduled(self.product), self.rule_day)
        self.assertEqual(self.position(self.product).due_reason, "class")
        self.assertEqual(self.quant.inventory_date, self.rule_day)

    def test_levelling_never_pushes_a_request_later(self):
        """A request between the due day and the latest day of the rule."""
        self.plan.write({"daily_capacity": 1, "grace_days": 10})
        others = [self.make_stock(self.class_a) for _index in range(40)]
        self.schedule()
        for product in others:
            self.set_last_count(product, TODAY)
        self.schedule()
        position = self.position(self.product)
        last = max(self.plan.position_ids, key=lambda one: one.scheduled_date)
        self.assertGreater(last.scheduled_date, self.rule_day + timedelta(days=1))
        wanted = self.rule_day + timedelta(days=1)
        (last | position).manual_date = wanted
        self.schedule()
        self.assertLessEqual(last.scheduled_date, wanted)
        self.assertLessEqual(position.scheduled_date, wanted)
        self.assertEqual(last.manual_date, wanted)

    def test_an_open_sheet_never_pushes_a_request_later(self):
        self.plan.horizon_days = 60
        self.plan.action_generate()
        position = self.position(self.product)
        self.assertEqual(position.line_ids.scheduled_date, self.rule_day)
        position.manual_date = date(2024, 3, 20)
        self._check(date(2024, 3, 20), self.env.user)

    def test_a_count_ends_it(self):
        self.position(self.product).manual_date = date(2024, 3, 20)
        self.clock.move_to(datetime(2024, 3, 19, 10))
        self.count_in_inventory(self.product)
        position = self.position(self.product)
        self.assertFalse(position.manual_date or position.manual_user_id or position.manual_set_date)
        self.assertEqual((position.scheduled_date, position.due_reason), (date(2024, 4, 18), "class"))
        self.assertEqual(self.quant.inventory_date, date(2024, 4, 18))
        self.schedule()
        self.assertEqual(position.scheduled_date, date(2024, 4, 18))

    def test_a_count_before_the_request_does_not_end_it(self):
        self.clock.move_to(NOW + timedelta(days=1))
        self.position(self.product).manual_date = date(2024, 3, 20)
        self.schedule()
        self._check(date(2024, 3, 20), self.env.user)

    def test_it_can_be_taken_back(self):
        position = self.position(self.product)
        position.manual_date = date(2024, 3, 20)
        self.call(self.supervisor, position, "write", {"manual_date": False})
        self.schedule()
        self.assertEqual(position.scheduled_date, self.rule_day)

    def test_of_what_was_not_scheduled_yet(self):
        product = self.make_stock(self.class_c, self.bins[1])
        quant = self.env["stock.quant"].search([("product_id", "=", product.id)])
        quant.inventory_date = date(2024, 3, 8)
        self.assertEqual(self.scheduled(product, self.bins[1]), date(2024, 3, 8))
        self.schedule()
        self.assertEqual(self.scheduled(product, self.bins[1]), date(2024, 3, 8))
        self.assertEqual(self.position(product, self.bins[1]).plan_id, self.plan)

    def test_of_a_place_that_rests(self):
        self.count_in_inventory(self.product, 0)
        self.clock.move_to(NOW + timedelta(hours=1))
        self.schedule()
        position = self.position(self.product)
        self.assertFalse(position.active)
        self.call(self.supervisor, position, "write", {"manual_date": "2024-03-20"})
        self.schedule()
        self.assertTrue(position.active)
        self.assertEqual(position.scheduled_date, date(2024, 3, 20))

    def test_core_dating_a_quant_is_no_request(self):
        self.count_in_inventory(self.product)
        self.assertFalse(self.position(self.product).manual_date)
        other = self.make_product()
        self.as_user(self.manager, self.env["stock.quant"], inventory_mode=True).create(
            {"product_id": other.id, "location_id": self.bin.id, "inventory_quantity": 5})
        self.assertFalse(self.position(other).manual_date)

    def test_a_context_key_grants_nothing(self):
        self.call(self.worker, self.quant, "write", {"inventory_date": "2024-03-20"},
                  context={"stock_cycle_count_writer": True, "allowed_company_ids": self.company.ids})
        self.assertEqual(self.position(self.product).manual_date, date(2024, 3, 20))

    def test_nobody_else_writes_positions(self):
        position = self.position(self.product)
        for user in (self.outsider, self.counter, self.worker, self.manager, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, position, "write", {"manual_date": "2024-03-20"})
        for values in (
            {"scheduled_date": "2030-01-01"}, {"due_date": "2030-01-01"}, {"last_count_date": "2030-01-01"},
            {"active": False}, {"plan_id": False}, {"manual_user_id": 1, "manual_date": "2024-03-20"},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.call(self.controller, position, "write", values)
        for method, arguments in (("copy", []), ("unlink", []), ("_set_counted", [])):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.controller, position, method, *arguments)
