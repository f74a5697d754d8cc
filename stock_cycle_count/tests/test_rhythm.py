"""The day of counting makes the rhythm, however long a decision takes, and whatever rested or waits."""
from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .common_planning import NOW, TODAY
from .common_schedule import ScheduleCase


@tagged("post_install", "-at_install")
class TestRhythm(ScheduleCase):

    gate = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stock.cycle.count.tolerance"].search([]).active = False
        cls.reason = cls.env["stock.cycle.count.reason"].create(
            {"code": "TEST", "name": "Lost", "root_cause": "misplaced"})

    def _make_sheet(self, *products):
        return self.make_sheet(*((product, self.bin) for product in products), start=True)

    def _count_one(self, quantity):
        """A product of ten pieces that is scheduled, counted and closed: it, and its sheet."""
        product = self.make_stock(self.class_a)
        self.schedule()
        sheet = self._make_sheet(product)
        self._close(sheet, quantity)
        return product, sheet

    def _close(self, sheet, *quantities):
        for line, quantity in zip(sheet.line_ids, quantities):
            self.count(line, quantity)
        sheet.with_user(sheet.user_id).action_close()
        self.env.flush_all()
        self.env.invalidate_all()

    def _decide(self, line):
        line.with_user(self.supervisor).reason_id = self.reason
        line.with_user(self.supervisor).action_approve("seen")
        line.count_id.with_user(self.supervisor).action_finalize()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_last_count_is_the_day_of_counting(self):
        product, sheet = self._count_one(7)
        self.clock.move_to(NOW + timedelta(days=14))
        self._decide(sheet.line_ids)
        self.assertEqual(sheet.line_ids.state, "posted")
        for when in ("at once", "after the next schedule"):
            with self.subTest(when):
                position = self.position(product)
                self.assertEqual(position.last_count_date.date(), TODAY)
                self.assertEqual(position.due_date, date(2024, 4, 3))
            self.clock.move_to(NOW + timedelta(days=15))
            self.schedule()
        self.assertEqual(self.bin.last_inventory_date, TODAY)

    def test_a_posting_of_a_place_without_position_counts_as_of_its_count(self):
        product = self.make_stock(self.class_a)
        sheet = self._make_sheet(product)
        self._close(sheet, 7)
        self.clock.move_to(NOW + timedelta(days=14))
        self._decide(sheet.line_ids)
        self.schedule()
        self.assertEqual(self.position(product).last_count_date.date(), TODAY)

    def test_a_request_made_after_the_count_stays(self):
        """It was asked for again while a decision was waited for."""
        product, sheet = self._count_one(7)
        self.clock.move_to(NOW + timedelta(days=1))
        position = self.position(product)
        position.manual_date = TODAY + timedelta(days=5)
        self.clock.move_to(NOW + timedelta(days=2))
        self._decide(sheet.line_ids)
        self.schedule()
        self.assertEqual((position.last_count_date.date(), position.due_reason), (TODAY, "manual"))
        self.assertEqual(position.due_date, TODAY + timedelta(days=5))

    def test_matches_settle_while_their_sheet_waits(self):
        products = [self.make_stock(self.class_a) for _number in range(4)]
        self.schedule()
        sheet = self._make_sheet(*products)
        self._close(sheet, 7, 10, 10, 10)
        self.assertEqual(sheet.state, "review")
        self.assertEqual(sheet.line_ids.mapped("state"), ["to_approve", "posted", "posted", "posted"])
        self.clock.move_to(NOW + timedelta(days=14))
        self.schedule()
        for product in products[1:]:
            position = self.position(product)
            self.assertEqual((position.last_count_date.date(), position.is_late), (TODAY, False))
            self.assertEqual(position.due_date, date(2024, 4, 3))
        self._decide(sheet.line_ids[0])
        self.assertEqual(sheet.state, "done")

    def test_what_waits_for_a_decision_is_not_late(self):
        """Counted in time, decided late: it is late again when the count is rejected."""
        product = self.make_stock(self.class_a)
        self.schedule()
        sheet = self._make_sheet(product)
        position = self.position(product)
        late = [("id", "=", position.id), ("is_late", "=", True)]
        self.clock.move_to(NOW + timedelta(days=60))
        self.schedule()
        self.assertTrue(position.is_late)
        self.assertEqual((self.plan.late_count, position.search(late)), (1, position))
        self._close(sheet, 7)
        self.schedule()
        self.assertEqual(sheet.line_ids.state, "to_approve")
        self.assertFalse(position.is_late)
        self.assertEqual((self.plan.late_count, position.search(late)), (0, position.browse()))
        self.assertEqual(position.search([late[0], ("is_late", "=", False)]), position)
        since = sheet.line_ids.to_approve_date
        self.clock.move_to(NOW + timedelta(days=63))
        sheet.line_ids._judge_again()
        self.assertEqual(sheet.line_ids.to_approve_date, since, "judging it again makes nobody wait anew")
        sheet.line_ids.with_user(self.supervisor).action_reject("counted in the wrong bin")
        self.schedule()
        self.assertTrue(position.is_late)
        self.assertEqual(self.plan.late_count, 1)

    def test_what_was_counted_to_nothing_rests_though_it_was_posted_later(self):
        product, sheet = self._count_one(0)
        self.clock.move_to(NOW + timedelta(days=3))
        self._decide(sheet.line_ids)
        self.env["stock.quant"]._unlink_zero_quants()
        self.schedule()
        self.assertFalse(self.position(product).active)

    def test_what_moved_between_count_and_posting_does_not_rest(self):
        product, sheet = self._count_one(0)
        self.clock.move_to(NOW + timedelta(days=1))
        self.receive(product, self.bin, 5)
        self.clock.move_to(NOW + timedelta(days=2))
        self.deliver(product, self.bin, 5)
        self.clock.move_to(NOW + timedelta(days=3))
        self._decide(sheet.line_ids)
        self.env["stock.quant"]._unlink_zero_quants()
        self.schedule()
        self.assertTrue(self.position(product).active, "nobody looked since goods came and went")

    def test_what_comes_back_is_due_within_an_interval(self):
        products = [self.make_stock(self.class_a) for _number in range(6)]
        self.schedule()
        sheet = self._make_sheet(*products)
        self._close(sheet, *[10] * 6)
        for product in products:
            self.deliver(product, self.bin, 10)
        self._close(self._make_sheet(*products), *[0] * 6)
        self.env["stock.quant"]._unlink_zero_quants()
        self.clock.move_to(datetime(2024, 3, 20, 9, 0))
        self.schedule()
        self.assertFalse(any(self.position(product).active for product in products))
        back = datetime(2024, 10, 1, 9, 0)
        self.clock.move_to(back)
        for product in products:
            self.receive(product, self.bin, 5)
        self.schedule()
        days = []
        for product in products:
            position = self.position(product)
            self.assertFalse(position.is_late)
            days.append((position.due_date - back.date()).days)
        self.assertTrue(all(0 <= day <= 30 for day in days), days)
        self.assertGreater(len(set(days)), 3, "they are spread")

    def test_an_excluded_place_that_comes_back_is_not_late(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.set_last_count(product, TODAY - timedelta(days=20))
        self.bin.cycle_count_excluded = True
        self.schedule()
        self.clock.move_to(NOW + timedelta(days=90))
        self.bin.cycle_count_excluded = False
        self.schedule()
        position = self.position(product)
        self.assertTrue(position.active)
        self.assertFalse(position.is_late)

    def test_late_sheets_are_late(self):
        """Positions on sheets that nobody counts are late, though each has its day."""
        products = [self.make_stock(self.class_a) for _number in range(5)]
        self.schedule()
        for product in products:
            self.set_last_count(product, TODAY - timedelta(days=28))
        self.schedule()
        self.plan.action_generate()
        self.clock.move_to(NOW + timedelta(days=28))
        self.schedule()
        self.assertEqual(self.plan.late_count, 5)
        self.assertEqual(len(self.plan.position_ids.filtered("is_late")), 5)
        self.assertIn("5 positions", self.plan.shortfall_message)

    def test_a_hit_stays_a_hit(self):
        """Accuracy of the past does not change with a limit."""
        self.class_a.hit_tolerance = 5
        products = [self.make_stock(self.class_a, quantity=100) for _number in range(2)]
        self.schedule()
        sheet = self._make_sheet(*products)
        self._close(sheet, 96, 94)
        self.assertEqual(sheet.line_ids.mapped("is_hit"), [True, False])
        for limit in (1, 50):
            self.class_a.hit_tolerance = limit
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(sheet.line_ids.mapped("is_hit"), [True, False])



@tagged("post_install", "-at_install")
class TestVisits(ScheduleCase):
    """One walk, not seven: what lies near in place and time is counted with what is due."""

    def _make_due(self, place, days):
        """A product that is due in so many days."""
        product = self.make_stock(self.class_a, location=place)
        self.schedule()
        self.set_last_count(product, TODAY + timedelta(days=days - 30), location=place)
        return product

    def _generate(self):
        self.schedule()
        before = self.plan.count_ids
        self.plan.action_generate()
        return self.plan.count_ids - before

    def test_what_is_due_near_a_visit_joins_it(self):
        self.plan.write({"horizon_days": 1, "grouping": "zone", "sheet_size": 4})
        same = self._make_due(self.bins[0], 1)
        later = self._make_due(self.bins[0], 4)          # in the bin that is visited
        beside = self._make_due(self.bins[1], 3)         # in the zone that is visited
        far = self._make_due(self.bins[3], 3)            # in another zone
        beyond = self._make_due(self.bins[1], 9)         # after the grace days of the visit
        sheet = self._generate()
        self.assertEqual(len(sheet), 1)
        self.assertEqual(sheet.line_ids.product_id, same | later | beside)
        for product, place in ((same, self.bins[0]), (later, self.bins[0]), (beside, self.bins[1])):
            self.assertEqual(self.position(product, place).scheduled_date, sheet.scheduled_date)
        for product in far | beyond:
            self.assertFalse(sheet.line_ids.filtered(lambda line: line.product_id == product))
        self.assertFalse(self._generate(), "run again, it adds nothing")

    def test_a_walk_for_little_takes_along_what_lies_elsewhere(self):
        self.plan.write({"horizon_days": 1, "grouping": "zone", "sheet_size": 6})
        near = [self._make_due(self.bins[0], 1), self._make_due(self.bins[0], 2)]
        far = [self._make_due(self.bins[3], days) for days in (2, 3)]
        farther = self._make_due(self.bins[4], 4)
        sheet = self._generate()
        self.assertEqual(sheet.line_ids.product_id, self.env["product.product"].union(*near, *far))
        self.assertNotIn(farther, sheet.line_ids.product_id, "two thirds of a sheet are worth a walk")

    def test_two_days_of_one_bin_are_one_visit(self):
        self.plan.horizon_days = 7
        for days in (1, 2, 3, 4):
            self._make_due(self.bins[0], days)
        sheet = self._generate()
        self.assertEqual((len(sheet), sheet.line_count), (1, 4))
        self.assertEqual(sheet.scheduled_date, TODAY + timedelta(days=1))

    def test_a_visit_stays_within_the_capacity(self):
        self.plan.write({"horizon_days": 7, "daily_capacity": 2})
        for days in (1, 2, 3, 4):
            self._make_due(self.bins[0], days)
        sheets = self._generate()
        self.assertEqual([sheet.line_count for sheet in sheets], [2, 2])

    def test_neighbours_fill_a_sheet_and_open_no_other(self):
        self.plan.write({"horizon_days": 1, "sheet_size": 3})
        self._make_due(self.bins[0], 1)
        for number in range(5):
            self._make_due(self.bins[1 + number % 2], 3)
        sheet = self._generate()
        self.assertEqual((len(sheet), sheet.line_count), (1, 3))

    def test_bins_of_a_product_are_one_visit(self):
        self.plan.write({"horizon_days": 1, "grouping": "product", "sheet_size": 3})
        product = self._make_due(self.bins[0], 1)
        self.make_quant(product, self.bins[4])
        self.schedule()
        self.set_last_count(product, TODAY - timedelta(days=26), location=self.bins[4])
        self._make_due(self.bins[0], 3)
        sheet = self._generate()
        self.assertEqual(sheet.line_ids.product_id, product)
        self.assertEqual(sheet.line_ids.location_id, self.bins[0] | self.bins[4])
