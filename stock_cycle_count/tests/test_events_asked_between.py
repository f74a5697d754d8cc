"""What happens between the question to a picker and the answer: nothing is counted twice, by whom it does not concern, or of
another time than that of the question.
"""
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_planning import NOW
from .test_events_asked import AskedCase


@tagged("post_install", "-at_install")
class TestAskedBetween(AskedCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.write({"daily_capacity": 100, "event_share": 100})
        cls.second_picker = cls.make_user("floor_second_picker", "stock.group_stock_user")

    def setUp(self):
        super().setUp()
        self.goods = self.add_goods(quantity=3)

    def pass_minutes(self, number):
        self.clock.move_to(NOW + timedelta(minutes=number))

    def come_and_go(self, position):
        self.pass_minutes(5)
        self.receive(position.product_id, position.location_id, 8)
        self.pass_minutes(6)
        self.deliver(position.product_id, position.location_id, 8)

    def get_happenings(self):
        """What happens, and what is counted there by then: ``{name: (function of the position, states of its lines)}``."""
        def get_key(position):
            return position.product_id, position.location_id

        return {
            "a sheet by hand": (lambda position: self.make_sheet(get_key(position)), ["pending"]),
            "a sheet that is begun": (lambda position: self.make_sheet(get_key(position), start=True), ["pending"]),
            "a request": (lambda position: self.as_user(self.supervisor, self.env["stock.quant"].sudo().new({
                "product_id": position.product_id.id, "location_id": position.location_id.id,
                "company_id": self.company.id}))._request_count(NOW.date())
                or position._make_requested(NOW.date()), ["pending"]),
            "stock came, and went": (self.come_and_go, []),
            "a day passed": (lambda position: self.clock.move_to(NOW + timedelta(days=1, minutes=1)), []),
            "the place is excluded": (lambda position: position.location_id.write({"cycle_count_excluded": True}), []),
            "the product is archived": (lambda position: position.product_id.write({"active": False}), []),
            "the plan asks no more": (lambda position: self.plan.write({"event_asked": False}), []),
            "the plan ranks no more": (lambda position: self.plan.write({"ranking": "none"}), []),
            "the plan is archived": (lambda position: self.plan.write({"active": False}), []),
        }

    def test_nothing_is_to_be_confirmed_any_more(self):
        """Nobody is asked, and who answers all the same is told so; nothing is counted, nor asked for, by that."""
        for name, (happen, states) in self.get_happenings().items():
            for answer in ("empty", "left"):
                with self.subTest(happened=name, answer=answer), self.cr.savepoint() as savepoint:
                    picking = self.take_last(self.goods)
                    question = self.as_user(self.picker, picking).cycle_count_question_id
                    self.assertTrue(question)
                    happen(self.goods)
                    self.assertFalse(self.get_question(picking))
                    action = self.tap(picking, answer, question_id=question)
                    self.env.flush_all()
                    self.env.invalidate_all()
                    self.assertEqual(action["params"]["type"], "warning")
                    self.assertEqual(self.goods.line_ids.mapped("state"), states)
                    self.assertEqual(self.env["stock.cycle.count.event"].search(
                        [("position_id", "=", self.goods.id)]).mapped(lambda event: (event.kind, event.state)),
                        [("asked", "stale")])
                    savepoint.rollback()
                self.env.invalidate_all()
                self.clock.move_to(NOW)

    def test_whoever_took_it_last_is_asked(self):
        """Not whoever took the last before something came again."""
        first = self.take_last(self.goods)
        question = self.as_user(self.picker, first).cycle_count_question_id
        self.pass_minutes(5)
        self.receive(self.goods.product_id, self.bin, 8)
        self.pass_minutes(6)
        second = self.take_last(self.goods, user=self.second_picker)
        self.assertFalse(self.get_question(first))
        self.assertTrue(self.get_question(second, self.second_picker))
        with self.assertRaisesRegex(UserError, "Nothing is asked here"):
            self.tap(first, "empty", question_id=question)
        self.as_user(self.second_picker, second, stock_cycle_count_question=question).action_cycle_count_empty()
        self.assertEqual((self.goods.line_ids.counted_by_id, self.goods.line_ids.state), (self.second_picker, "posted"))

    def test_other_counts_of_the_place_are_in_nobodys_way(self):
        """A bin that a sheet blocks for something else is asked about, and answered."""
        other = self.add_goods(quantity=3)
        picking = self.take_last(self.goods)
        self.make_sheet((other.product_id, self.bin), start=True, lock_mode="block")
        self.tap(picking, "empty")
        self.assertEqual(self.goods.line_ids.state, "posted")

    def test_whoever_counts_no_more_is_not_asked(self):
        picking = self.take_last(self.goods)
        question = self.as_user(self.picker, picking).cycle_count_question_id
        self.picker.groups_id = [Command.set(self.env.ref("stock_cycle_count.group_auditor").ids)]
        self.assertFalse(self.get_question(picking))
        with self.assertRaisesRegex(UserError, "nobody else can tell"):
            self.tap(picking, "empty", question_id=question)
        self.assertFalse(self.goods.line_ids)

    def test_whoever_leaves_takes_no_answer_along(self):
        picking = self.take_last(self.goods, user=self.second_picker)
        self.as_user(self.second_picker, picking, stock_cycle_count_question=self.as_user(
            self.second_picker, picking).cycle_count_question_id).action_cycle_count_left()
        self.env.flush_all()
        self.second_picker.unlink()
        event = self.get_events()
        self.assertEqual((event.kind, event.position_id, event.user_id.id), ("left", self.goods, False))
        self.assertEqual(self.generate().filtered(lambda line: line.position_id == self.goods).selection_reason, "event")

    def test_one_transfer_at_a_time(self):
        pickings = self.take_last(self.goods) | self.take_last(self.add_goods(quantity=3))
        for some in (pickings, pickings.browse()):
            with self.assertRaisesRegex(UserError, "one at a time"):
                self.as_user(self.picker, some).action_cycle_count_empty()

    def test_other_transfers_ask_nothing(self):
        """Neither one that is not done, nor one that is not stored, whoever opens it."""
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.out_type_id.id, "location_id": self.stock.id,
            "location_dest_id": self.customer.id})
        for user in (self.picker, self.supervisor, self.manager):
            for one in (picking, picking.browse(), picking.new({"picking_type_id": self.warehouse.out_type_id.id})):
                self.assertEqual(self.as_user(user, one).mapped("cycle_count_question"), [False] if one else [])

    def test_kinds_of_stock(self):
        """Lots, packages, owners and other units leave an empty place all the same."""
        package = self.env["stock.quant.package"].create({"name": "Pack"})
        kilogram = self.env.ref("uom.product_uom_kgm")
        for product, number, key in (
            (self.lot_product, 12, {"lot": self.lot}), (self.serial_product, 1, {"lot": self.serial}),
            (self.make_product(), 12, {"package": package}),
            (self.make_product(uom_id=kilogram.id, uom_po_id=kilogram.id), 1.5, {}),
            (self.make_product(), 12, {"owner": self.env["res.partner"].create({"name": "Owner"})}),
        ):
            with self.subTest(key=key):
                self.receive(product, self.bin, number, **key)
                self.schedule()
                position = self.position(product)
                self.tap(self.take_last(position), "empty")
                self.assertEqual(
                    (position.line_ids.state, position.line_ids.variance_qty, position.last_count_date), ("posted", 0, NOW))

    def test_days_are_the_plans(self):
        """As many a day as the share of events: of the day where the plan works, which ends at its midnight."""
        self.plan.write({"daily_capacity": 20, "event_share": 5})
        goods = [self.goods, self.add_goods(quantity=2), self.add_goods(quantity=2)]
        for zone, midnight in (("Pacific/Auckland", 11), ("America/Los_Angeles", 8)):
            with self.subTest(zone=zone), self.cr.savepoint() as savepoint:
                self.calendar.tz = zone
                asked = []
                for hours, position in zip((2, 21, 25), goods):
                    self.clock.move_to(datetime(2024, 3, 5, midnight) + timedelta(hours=hours))
                    asked.append(bool(self.get_question(self.take_last(position))))
                self.assertEqual(asked, [True, False, True])
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_day_that_is_told_is_the_plans(self):
        """What happened on the morning of the 5th in Auckland happened on the 5th."""
        self.calendar.tz = "Pacific/Auckland"
        self.tap(self.take_last(self.goods), "left")
        self.get_events().sudo().date = datetime(2024, 3, 4, 20)
        self.clock.move_to(datetime(2024, 3, 4, 21))
        line = self.generate().filtered(lambda line: line.position_id == self.goods)
        self.assertEqual(line.selection_facts["event_day"], "2024-03-05")
