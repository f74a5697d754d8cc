"""Whoever takes the last of a place is asked whether it is empty: one tap, and a count of 0 or an event."""
from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_planning import NOW
from .test_events import ALL, EventCase


class AskedCase(EventCase):
    """A plan that asks pickers, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.write({**dict.fromkeys(ALL, False), "event_asked": True, "daily_capacity": 20, "event_share": 10})
        cls.picker = cls.worker

    def take_last(self, *positions, user=None):
        """A delivery of all that the books show, by a user."""
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.out_type_id.id, "location_id": self.stock.id,
            "location_dest_id": self.customer.id, "company_id": self.company.id,
            "move_ids": [(0, 0, {
                "name": "Pick", "product_id": position.product_id.id,
                "product_uom_qty": self.on_hand(position.product_id, position.location_id),
                "product_uom": position.product_id.uom_id.id, "location_id": position.location_id.id,
                "location_dest_id": self.customer.id, "company_id": self.company.id}) for position in positions]})
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.picked = True
        self.as_user(user or self.picker, picking).button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def get_question(self, picking, user=None):
        self.env.invalidate_all()
        return self.as_user(user or self.picker, picking).cycle_count_question

    def tap(self, picking, method, user=None, question_id=None):
        user = user or self.picker
        self.env.invalidate_all()
        question_id = question_id or self.as_user(self.picker, picking).cycle_count_question_id
        picking = self.as_user(user, picking, stock_cycle_count_question=question_id)
        return picking.action_cycle_count_empty() if method == "empty" else picking.action_cycle_count_left()


@tagged("post_install", "-at_install")
class TestAskedPickers(AskedCase):

    def test_yes(self):
        """It is a count of that person like any other: kept, posted, and the place is not counted again."""
        position = self.add_goods(quantity=3, last=40)
        picking = self.take_last(position)
        self.assertEqual(
            self.get_question(picking),
            f"You took the last of {position.product_id.display_name}. Is {self.bin.display_name} empty of it now?")
        answer = self.tap(picking, "empty")
        self.assertIn(f"counted as 0 in {self.bin.display_name}", answer["params"]["message"])
        self.assertEqual(answer["params"]["next"]["type"], "ir.actions.act_window_close", "the question is shown anew")
        line = position.line_ids.filtered(lambda line: line.selection_reason == "asked")
        self.assertEqual((line.state, line.verdict, line.counted_by_id), ("posted", "match", self.picker))
        self.assertEqual((line.expected_qty, line.counted_qty, line.variance_qty, line.is_hit), (0, 0, 0, True))
        self.assertEqual((line.entry_ids.kind, line.entry_ids.user_id, line.count_id.state), ("set", self.picker, "done"))
        self.assertEqual((line.count_id.plan_id, line.count_id.warehouse_id), (self.plan, self.warehouse))
        self.assertEqual(position.last_count_date, NOW)
        self.assertFalse(self.get_question(picking))
        self.assertEqual(self.get_kinds("used"), ["asked"])
        self.assertFalse(self.get_events())
        self.clock.move_to(NOW + timedelta(days=1))
        self.plan.action_schedule()
        self.assertFalse(position.active, "nothing is left to verify")

    def test_no(self):
        """Whatever is there is counted, as an event, by somebody on a blind sheet; it is one row whoever says so."""
        position, other = self.add_goods(quantity=3), self.add_goods(quantity=3)
        picking = self.take_last(position, other)
        self.assertIn("somebody will count it", self.tap(picking, "left")["params"]["message"])
        event = self.get_events().filtered(lambda event: event.kind == "left")
        self.assertEqual((event.position_id, event.user_id), (position, self.picker))
        self.assertFalse(position.line_ids)
        lines = self.generate()
        line = lines.filtered(lambda line: line.position_id == position)
        self.assertEqual((line.selection_reason, line.selection_facts["event"], line.count_id.blind), ("event", "left", True))
        self.assertIn("Not empty, said its picker", line.selection_text)

    def test_one_after_the_other(self):
        """As many as the share of events; each answer is to what was asked when it was given."""
        positions = [self.add_goods(quantity=3) for _number in range(3)]
        picking = self.take_last(*positions)
        self.assertEqual([event.position_id for event in self.get_events()], positions[:2])
        first = self.as_user(self.picker, picking).cycle_count_question_id
        self.tap(picking, "empty")
        self.assertIn(positions[1].product_id.display_name, self.get_question(picking))
        with self.assertRaisesRegex(UserError, "answered already"):
            self.tap(picking, "left", question_id=first)
        self.tap(picking, "empty")
        self.assertFalse(self.get_question(picking))
        with self.assertRaisesRegex(UserError, "Nothing is asked here"):
            self.tap(picking, "empty", question_id=-5)
        late = self.add_goods(quantity=3)
        self.assertFalse(self.get_question(self.take_last(late)), "no more today")
        self.clock.move_to(NOW + timedelta(days=1))
        self.assertTrue(self.get_question(self.take_last(positions[2] if self.on_hand(
            positions[2].product_id, self.bin) else self.add_goods(quantity=2))))

    def test_who_is_asked(self):
        """Only whoever picked, who is a counter; no other user by any right, and not the system."""
        position = self.add_goods(quantity=3)
        picking = self.take_last(position)
        for user in (self.supervisor, self.controller, self.manager):
            self.assertFalse(self.get_question(picking, user))
            for method in ("empty", "left"):
                with self.assertRaisesRegex(UserError, "nobody else can tell"):
                    self.tap(picking, method, user)
        for user in (self.outsider, self.counter, self.stranger):
            with self.assertRaises(AccessError):
                self.tap(picking, "empty", user)
        with self.assertRaises(UserError):
            picking.with_user(1).with_context(
                stock_cycle_count_question=self.get_events().id).action_cycle_count_empty()
        self.assertFalse(position.line_ids)
        other = self.add_goods(quantity=3)
        self.take_last(other, user=self.env.ref("base.user_root"))
        self.assertEqual(self.get_events().position_id, position)
        for user in (self.picker, self.counter):
            with self.assertRaises(AccessError):
                self.as_user(user, self.get_events()).read(["kind"])

    def test_a_question_of_another_transfer(self):
        position, other = self.add_goods(quantity=3), self.add_goods(quantity=3)
        picking, second = self.take_last(position), self.take_last(other)
        with self.assertRaisesRegex(UserError, "Nothing is asked here"):
            self.tap(second, "empty", question_id=self.as_user(self.picker, picking).cycle_count_question_id)

    def test_when_nothing_is_asked(self):
        """Not where the plan does not want it, something is left, it stands on a sheet, or no transfer was picked."""
        part, opened, moved = self.add_goods(quantity=9), self.add_goods(quantity=3), self.add_goods(quantity=3)
        self.make_sheet((opened.product_id, self.bin))
        self.pick((part, 5, 5))
        self.assertFalse(self.get_question(self.take_last(opened)))
        self.deliver(moved.product_id, self.bin, 3)
        self.plan.event_asked = False
        self.take_last(part)
        self.plan.write({"event_asked": True, "event_share": 0})
        self.take_last(self.add_goods(quantity=2))
        self.plan.write({"ranking": "none", "event_share": 10})
        self.take_last(self.add_goods(quantity=2))
        self.assertFalse(self.get_events("waiting", "used", "stale"))

    def test_stock_came_meanwhile(self):
        position = self.add_goods(quantity=3)
        picking = self.take_last(position)
        question = self.as_user(self.picker, picking).cycle_count_question_id
        self.receive(position.product_id, self.bin, 8)
        self.assertFalse(self.get_question(picking))
        action = self.tap(picking, "empty", question_id=question)
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual((self.get_kinds("stale"), self.on_hand(position.product_id, self.bin)), (["asked"], 8))
        self.assertFalse(position.line_ids)

    def test_nobody_answered(self):
        """After a day nobody is asked any more, and no sheet took it for it."""
        position = self.add_goods(quantity=3)
        picking = self.take_last(position)
        self.generate()
        self.assertFalse(self.get_events("used").filtered(lambda event: event.kind != "asked"))
        self.clock.move_to(NOW + timedelta(days=2))
        self.generate()
        self.assertFalse(self.get_question(picking))
        self.assertFalse(self.get_kinds("waiting"))

    def test_one_statement_a_transfer(self):
        self.plan.write({"daily_capacity": 1000, "event_share": 100})
        positions = [self.add_goods(quantity=3) for _number in range(18)]
        Event = self.env.registry["stock.cycle.count.event"]
        numbers = []
        for size, listens in ((2, True), (2, False), (2, True), (6, False), (6, True)):
            some, positions = positions[:size], positions[size:]
            with nullcontext() if listens else patch.multiple(
                    Event, _notice=lambda *args: None, _get_short=lambda *args: {}):
                numbers.append(self.count_queries(lambda some=some: self.take_last(*some)))
        self.assertEqual(numbers[2] - numbers[1], numbers[4] - numbers[3])
        self.assertLessEqual(numbers[2] - numbers[1], 3)
        self.assertEqual(len(self.get_events()), 10)
