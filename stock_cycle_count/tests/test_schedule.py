from collections import Counter
from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import NOW, TODAY, CycleCountCase


class ScheduleCase(CycleCountCase):
    """A plan for the whole warehouse with more capacity than work, and classes of 30, 91 and 365 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.make_profile()
        cls.class_a, cls.class_b, cls.class_c = cls.profile.class_ids
        cls.plan = cls.make_plan(profile_id=cls.profile.id)

    def make_stock(self, abc_class=None, location=None, quantity=10, **values):
        """A product of a class with stock in one bin."""
        product = self.make_product(**values)
        self.make_quant(product, location, quantity)
        if abc_class:
            self.set_class(product, abc_class)
        return product

    def schedule(self, plan=None):
        (plan or self.plan).action_schedule()

    def scheduled(self, product, location=None):
        return self.position(product, location).scheduled_date

    def set_last_count(self, product, day, location=None):
        """Say when a product was counted last; the schedule has to know the position already."""
        self.position(product, location).last_count_date = datetime.combine(day, datetime.min.time()).replace(hour=6)

    def count(self, product, quantity=None, location=None, user=None):
        """Count in core's Physical Inventory, as a stock administrator; what is there unless a quantity is given."""
        quant = self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "=", (location or self.bin).id)])
        quant = self.as_user(user or self.manager, quant, inventory_mode=True)
        quant.inventory_quantity = quant.quantity if quantity is None else quantity
        quant.action_apply_inventory()


class TestDueDates(ScheduleCase):

    def test_due_is_the_last_count_plus_the_interval_of_the_class(self):
        products = [self.make_stock(abc_class) for abc_class in (self.class_a, self.class_b, self.class_c)]
        for product in products:
            self.count(product)
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
        self.count(product, 7)
        self.assertEqual(self.position(product).last_count_date, NOW)
        self.assertEqual(self.scheduled(product), date(2024, 4, 3), "at once, before the next schedule")

    def test_counts_made_before_anything_was_scheduled_are_counts(self):
        counted, adjusted = self.make_stock(self.class_a), self.make_stock(self.class_a)
        self.count(counted)
        self.count(adjusted, 7)
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
        self.deliver(product, 1, source=self.bin)
        self.move(product, 1, self.bins[1], self.bin)
        self.env["stock.quant"].search([("location_id", "=", self.bins[1].id)]).move_quants(self.bins[2])
        self.schedule()
        self.assertFalse(self.position(product).last_count_date)
        self.assertFalse(self.position(product, self.bins[2]).last_count_date)

    def test_counts_of_a_place_that_no_plan_governed_are_counts(self):
        self.bin.cycle_count_excluded = True
        product = self.make_stock(self.class_a)
        self.count(product)
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
        self.count(product)
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

    def test_first_counts_spread_over_the_first_interval(self):
        products = self.make_products(60)
        for product in products:
            self.make_quant(product)
            self.set_class(product, self.class_a)
        self.schedule()
        positions = self.plan.position_ids
        self.assertEqual(len(positions), 60)
        days = Counter(positions.mapped("due_date"))
        self.assertGreaterEqual(min(days), date(2024, 3, 1), "a due day of a weekend is the Friday before")
        self.assertLess(max(days), TODAY + timedelta(days=30))
        weeks = Counter(day.isocalendar().week for day in positions.mapped("due_date"))
        for week in (11, 12, 13):
            self.assertAlmostEqual(weeks[week], 14, delta=4, msg="60 in 30 days are 14 a week")
        dates = {position: position.due_date for position in positions}
        self.clock.move_to(NOW + timedelta(days=9))
        self.schedule()
        self.assertEqual({position: position.due_date for position in positions}, dates, "whatever day it is")

    def test_a_place_that_comes_back_spreads_its_first_counts_anew(self):
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
        self.count(self.product)
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
        self.count(self.product, 0)
        self.clock.move_to(NOW + timedelta(hours=1))
        self.schedule()
        position = self.position(self.product)
        self.assertFalse(position.active)
        self.call(self.supervisor, position, "write", {"manual_date": "2024-03-20"})
        self.schedule()
        self.assertTrue(position.active)
        self.assertEqual(position.scheduled_date, date(2024, 3, 20))

    def test_core_dating_a_quant_is_no_request(self):
        self.count(self.product)
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
        for user in (self.employee, self.counter, self.worker, self.manager, self.stranger):
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


class TestScope(ScheduleCase):

    def in_scope(self, product, location=None, plan=None):
        position = self.position(product, location)
        return position.active and position.plan_id == (plan or self.plan)

    def test_the_whole_warehouse(self):
        gate = self.make_location("Gate", self.warehouse.view_location_id, usage="transit")
        places = [self.stock, self.bins[0], self.bins[5], self.warehouse.wh_input_stock_loc_id, gate]
        places[3].active = True
        for place in places:
            with self.subTest(place=place.display_name):
                product = self.make_stock(location=place)
                self.schedule()
                self.assertTrue(self.in_scope(product, place))
                self.assertEqual(self.position(product, place).company_id, self.company)
                self.assertEqual(self.position(product, place).warehouse_id, self.warehouse)

    def test_what_is_no_stock_of_the_warehouse(self):
        loss = self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.company.id)], limit=1)
        second = self.make_warehouse("Second", "SECND")
        for place in (self.customer, self.supplier, loss, second.lot_stock_id, self.other_warehouse.lot_stock_id):
            with self.subTest(place=place.display_name):
                product = self.make_stock(location=place)
                self.schedule()
                self.assertFalse(self.env["stock.cycle.count.position"].search([("product_id", "=", product.id)]))

    def test_only_these_locations_and_those_below(self):
        self.plan.location_ids = self.zone_a
        inside, outside = self.make_stock(location=self.bins[0]), self.make_stock(location=self.bins[4])
        self.schedule()
        self.assertTrue(self.in_scope(inside))
        self.assertFalse(self.position(outside, self.bins[4]))

    def test_archived_locations_of_a_plan_do_not_make_it_a_plan_of_everything(self):
        self.plan.location_ids = self.zone_b
        product = self.make_stock()
        self.zone_b.active = False
        self.schedule()
        self.assertFalse(self.position(product))

    def test_excluded_locations_with_all_below(self):
        product = self.make_stock(location=self.bins[0])
        self.make_quant(product, self.bins[4])
        self.schedule()
        self.zone_a.cycle_count_excluded = True
        self.schedule()
        self.assertFalse(self.position(product, self.bins[0]).active)
        self.assertFalse(self.position(product, self.bins[0]).plan_id)
        self.assertTrue(self.in_scope(product, self.bins[4]))
        self.zone_a.cycle_count_excluded = False
        self.schedule()
        self.assertTrue(self.in_scope(product, self.bins[0]))

    def test_excluded_above_the_locations_of_the_plan(self):
        self.plan.location_ids = self.bins[0]
        self.zone_a.cycle_count_excluded = True
        product = self.make_stock(location=self.bins[0])
        self.schedule()
        self.assertFalse(self.position(product))

    def test_archived_products_rest(self):
        product = self.make_stock()
        self.schedule()
        product.active = False
        self.schedule()
        self.assertFalse(self.position(product).active)
        product.active = True
        self.schedule()
        self.assertTrue(self.in_scope(product))
        archived = self.make_stock()
        archived.active = False
        self.schedule()
        self.assertFalse(self.position(archived))

    def test_other_companies_stay_out(self):
        plan = self.make_plan(
            name="Theirs", warehouse_id=self.other_warehouse.id, counter_ids=[Command.set(self.stranger.ids)],
            calendar_id=self.env["resource.calendar"].create({"name": "Theirs", "company_id": self.other_company.id}).id)
        shelf = self.other_warehouse.lot_stock_id
        product = self.make_stock(location=shelf)
        self.make_quant(product)
        self.schedule(self.plan | plan)
        positions = self.env["stock.cycle.count.position"].search([("product_id", "=", product.id)])
        self.assertEqual(
            {(position.location_id, position.company_id, position.plan_id) for position in positions},
            {(self.bin, self.company, self.plan), (shelf, self.other_company, plan)})

    def test_negative_and_zero_quants_that_matter(self):
        negative = self.make_stock(quantity=-3)
        empty, counted, reserved = self.make_products(3)
        for product in (empty, counted, reserved):
            self.make_quant(product, quantity=5)
            self.make_quant(product, quantity=-5)
        quants = {quant.product_id: quant for quant in self.env["stock.quant"].search(
            [("product_id", "in", (empty | counted | reserved).ids), ("location_id", "=", self.bin.id)])}
        quants[counted].inventory_quantity = 0
        quants[reserved].reserved_quantity = 1
        self.schedule()
        self.assertTrue(self.in_scope(negative))
        self.assertTrue(self.in_scope(counted))
        self.assertTrue(self.in_scope(reserved))
        self.assertFalse(self.position(empty), "a left-over row, nothing was ever here")

    def test_an_empty_bin_is_due_until_it_is_counted(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.clock.move_to(NOW + timedelta(days=1))
        self.count(product)
        self.clock.move_to(NOW + timedelta(days=2))
        self.deliver(product, 10, source=self.bin)
        self.env.flush_all()
        self.env["stock.quant"]._unlink_zero_quants()
        self.assertFalse(self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "=", self.bin.id)]))
        self.schedule()
        position = self.position(product)
        self.assertTrue(position.active, "nobody looked since it was emptied")
        self.assertEqual(position.due_date, date(2024, 4, 4))
        self.clock.move_to(NOW + timedelta(days=3))
        position._set_counted()
        self.schedule()
        self.assertFalse(position.active, "nothing there, and somebody saw it")
        self.clock.move_to(NOW + timedelta(days=4))
        self.make_quant(product)
        self.schedule()
        self.assertTrue(position.active, "stock came back")

    def test_an_empty_bin_that_was_never_counted_stays_due(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.deliver(product, 10, source=self.bin)
        self.env.flush_all()
        self.env["stock.quant"]._unlink_zero_quants()
        self.schedule()
        self.assertTrue(self.in_scope(product))

    def test_counted_to_zero_rests(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.clock.move_to(NOW + timedelta(days=1))
        self.count(product, 0)
        self.schedule()
        self.assertFalse(self.position(product).active)

    def test_the_plan_of_the_more_specific_location_governs(self):
        zone = self.make_plan(name="Zone", location_ids=[Command.set(self.zone_a.ids)], sequence=90)
        one_bin = self.make_plan(name="Bin", location_ids=[Command.set(self.bins[0].ids)], sequence=99)
        product = self.make_stock(location=self.bins[0])
        for place in (self.bins[1], self.bins[3]):
            self.make_quant(product, place)
        for order in ((self.plan, zone, one_bin), (one_bin, zone, self.plan)):
            for plan in order:
                self.schedule(plan)
            self.assertTrue(self.in_scope(product, self.bins[0], one_bin))
            self.assertTrue(self.in_scope(product, self.bins[1], zone))
            self.assertTrue(self.in_scope(product, self.bins[3], self.plan))
        self.assertEqual(self.env["stock.cycle.count.position"].search_count([("product_id", "=", product.id)]), 3)

    def test_of_two_plans_for_one_place_the_first_governs(self):
        second = self.make_plan(name="Second", sequence=99)
        product = self.make_stock()
        self.schedule(second)
        self.schedule(self.plan)
        self.schedule(second)
        self.assertTrue(self.in_scope(product))

    def test_positions_rest_when_their_plan_is_archived_or_deleted(self):
        for end in ("archive", "unlink"):
            with self.subTest(end=end):
                plan = self.make_plan(name=end, location_ids=[Command.set(self.bins[5].ids)])
                product = self.make_stock(location=self.bins[5])
                self.schedule(plan)
                self.assertTrue(self.in_scope(product, self.bins[5], plan))
                position = self.position(product, self.bins[5])
                if end == "archive":
                    plan.action_archive()
                else:
                    plan.unlink()
                self.assertFalse(position.active)
                self.assertFalse(position.plan_id)
                self.schedule()
                self.assertTrue(self.in_scope(product, self.bins[5], self.plan), "another plan takes them over")

    def test_a_plan_takes_locations_of_its_warehouse_only(self):
        second = self.make_warehouse("Second", "SECND")
        with self.assertRaisesRegex(UserError, "Locations"):
            self.plan.location_ids = second.lot_stock_id


class TestMirror(ScheduleCase):

    def test_quants_show_the_next_count_and_the_class(self):
        product = self.make_stock(self.class_b)
        quant = self.env["stock.quant"].search([("product_id", "=", product.id)])
        self.schedule()
        self.assertEqual(quant.inventory_date, self.scheduled(product))
        self.assertEqual(quant.abc_class_id, self.class_b)

    def test_new_quants_too(self):
        product = self.make_stock(self.class_b)
        self.schedule()
        package = self.env["stock.quant.package"].create({"name": "Box"})
        quant = self.make_quant(product, package_id=package)
        self.assertEqual(quant.package_id, package)
        self.assertEqual(quant.inventory_date, self.scheduled(product))
        self.assertEqual(quant.abc_class_id, self.class_b)

    def test_what_is_not_scheduled_keeps_the_date_of_core(self):
        self.bin.cycle_count_excluded = True
        product = self.make_stock(self.class_b)
        quant = self.env["stock.quant"].search([("product_id", "=", product.id)])
        before = quant.inventory_date
        self.assertEqual(before, date(2024, 12, 31))
        self.schedule()
        self.assertEqual(quant.inventory_date, before)
        self.assertFalse(quant.abc_class_id)

    def test_merging_and_deleting_quants_keeps_positions(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.set_last_count(product, TODAY)
        self.schedule()
        day = self.scheduled(product)
        self.env["stock.quant"].create({"product_id": product.id, "location_id": self.bin.id, "quantity": 4})
        domain = [("product_id", "=", product.id), ("location_id", "=", self.bin.id)]
        self.assertEqual(self.env["stock.quant"].search_count(domain), 2)
        self.env["stock.quant"]._merge_quants()
        quant = self.env["stock.quant"].search(domain)
        self.assertEqual((quant.quantity, quant.inventory_date, quant.abc_class_id), (14, day, self.class_a))
        quant.unlink()
        self.assertEqual(self.scheduled(product), day)
        self.assertEqual(self.make_quant(product).inventory_date, day)

    def test_counts_of_one_product_leave_the_dates_of_others(self):
        counted, other = self.make_stock(self.class_a), self.make_stock(self.class_c)
        self.schedule()
        quant = self.env["stock.quant"].search([("product_id", "=", other.id)])
        before = quant.inventory_date
        self.count(counted)
        self.assertEqual(quant.inventory_date, before)
        self.assertEqual(self.position(other).scheduled_date, before)
        self.assertFalse(self.position(other).last_count_date)


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
        self.assertEqual((self.plan.late_count, self.plan.late_value), (0, 0), "kept on their day")
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
                self.count(product)
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


class TestRunning(ScheduleCase):

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["stock.cycle.count.cron.mixin"]), "_commit_progress", lambda job: self.commits.append(job))
        self.commits = []
        (self.env["stock.cycle.count.plan"].search([]) - self.plan).active = False

    def test_supervisors_schedule_and_nobody_else(self):
        product = self.make_stock(self.class_a)
        for user in (self.employee, self.counter, self.worker, self.manager, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, self.plan, "action_schedule")
        self.assertFalse(self.position(product))
        self.call(self.supervisor, self.plan, "action_schedule")
        self.assertTrue(self.position(product))
        self.assertEqual(self.plan.last_schedule_date, NOW)

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
        self.move(product, 1, loss, self.bin, counted, is_inventory=True)
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
