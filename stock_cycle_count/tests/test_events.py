"""What happens at a position and asks for a count: once while it waits, and never by what counting posts."""
from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_planning import NOW
from .common_ranking import RankingCase

ALL = ("event_short", "event_negative", "event_offender", "event_found", "event_zero", "event_low")


class EventCase(RankingCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.write({"daily_capacity": 20, **dict.fromkeys(ALL, True)})

    def get_events(self, *states):
        self.env.invalidate_all()
        return self.env["stock.cycle.count.event"].search(
            [("position_id.plan_id", "=", self.plan.id), ("state", "in", states or ("waiting",))], order="id")

    def get_kinds(self, *states):
        return self.get_events(*states).mapped("kind")

    def pick(self, *demands, backorder=False, empty=()):
        """A delivery that is picked.

        :param demands: ``(position, demanded, picked)``
        :param empty: places found empty, whose lines are deleted
        """
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.out_type_id.id, "location_id": self.stock.id,
            "location_dest_id": self.customer.id, "company_id": self.company.id,
            "move_ids": [Command.create({
                "name": "Pick", "product_id": position.product_id.id, "product_uom_qty": demanded,
                "product_uom": position.product_id.uom_id.id, "location_id": self.stock.id,
                "location_dest_id": self.customer.id, "company_id": self.company.id})
                for position, demanded, _picked in demands]})
        picking.action_confirm()
        picking.action_assign()
        picking.move_line_ids.filtered(lambda line: line.location_id in empty).unlink()
        for move, (_position, _demanded, picked) in zip(picking.move_ids, demands):
            move.quantity = picked
            move.picked = True
        keep = {} if backorder else {"picking_ids_not_to_backorder": picking.ids}
        picking.with_context(skip_backorder=True, **keep).button_validate()
        self.assertEqual(picking.state, "done")
        return picking


@tagged("post_install", "-at_install")
class TestEvents(EventCase):

    def test_short_picks(self):
        position = self.add_goods(quantity=50)
        for _number in range(3):
            self.pick((position, 10, 6))
        event = self.get_events()
        self.assertEqual((event.kind, event.position_id, event.move_id.product_id), ("short", position, position.product_id))
        self.assertEqual(event.date, NOW)

    def test_short_picks_that_are_to_come(self):
        """The rest is reserved for the backorder: still the books say that it is there."""
        position = self.add_goods(quantity=10)
        self.pick((position, 10, 6), backorder=True)
        self.assertEqual(self.get_kinds(), ["short"])

    def test_nothing_is_found(self):
        """Typing 0 deletes the line that told the place; the older of two places that hold enough was meant."""
        position, other = self.add_goods(quantity=50), self.add_goods(quantity=50)
        self.make_quant(position.product_id, self.bins[1], 4)
        late = self.make_quant(position.product_id, self.bins[2], 50)
        late.in_date = NOW + timedelta(days=1)
        self.schedule()
        self.pick((position, 10, 0), (other, 10, 10))
        event = self.get_events()
        self.assertEqual((event.kind, event.position_id), ("short", position))

    def test_nothing_is_found_where_nothing_is(self):
        position, other = self.add_goods(quantity=5), self.add_goods(quantity=50)
        self.pick((position, 10, 0), (other, 10, 10))
        self.assertFalse(self.get_events(), "the books have no ten")
        self.pick((position, 5, 0), (other, 10, 10), backorder=True)
        self.assertFalse(self.get_events(), "it may not have been looked for yet")

    def test_the_place_that_was_empty(self):
        """Of two, the one that was found empty, whose line is gone: the books still reserve the rest from it."""
        position = self.add_goods(quantity=6)
        self.make_quant(position.product_id, self.bins[1], 4)
        self.schedule()
        self.plan.write({"event_zero": False, "low_quantity": 5})
        self.pick((position, 10, 6), backorder=True, empty=self.bins[1])
        event = self.get_events()
        self.assertEqual((event.kind, event.location_id), ("short", self.bins[1]), "and none that it is low: nothing left it")

    def test_what_is_no_short_pick(self):
        whole, lacking = self.add_goods(quantity=50), self.add_goods(quantity=6)
        self.pick((whole, 10, 10))
        self.plan.write({"event_zero": False, "event_low": False})
        self.pick((lacking, 10, 6))
        self.assertFalse(self.get_events(), "the books have no more")
        self.plan.event_short = False
        self.pick((whole, 10, 3))
        self.assertFalse(self.get_events(), "not listened to")

    def test_negative_zero_and_low(self):
        self.plan.low_quantity = 4
        short, empty, low, enough = (self.add_goods(quantity=10) for _number in range(4))
        for position, quantity in ((short, 12), (empty, 10), (low, 7), (enough, 5)):
            self.deliver(position.product_id, self.bin, quantity)
        self.assertEqual(
            {event.position_id: event.kind for event in self.get_events()}, {short: "negative", empty: "zero", low: "low"})
        for position in (short, empty, low):
            self.receive(position.product_id, self.bin, 20)
        self.plan.event_share = 0
        self.generate()
        self.assertEqual(self.get_kinds("stale"), ["negative", "zero", "low"])
        self.assertFalse(self.get_events())

    def test_what_counting_posts_is_no_event(self):
        position = self.add_goods(quantity=3)
        sheet = self.make_sheet((position.product_id, self.bin), start=True)
        self.count(sheet.line_ids, 0)
        line = self.settle(sheet)
        self.assertEqual((line.state, self.on_hand(position.product_id, self.bin)), ("posted", 0))
        self.assertFalse(self.get_events("waiting", "used", "stale"))

    def test_plans_by_class_listen_to_nothing(self):
        position = self.add_goods(quantity=3)
        self.plan.ranking = "none"
        self.deliver(position.product_id, self.bin, 5)
        self.assertFalse(self.get_events())

    def test_repeat_offenders(self):
        """Once in 30 days, as long as they are."""
        position = self.add_goods((9, 1), last=40)
        self.add_history(position, *((300 - 20 * number, 2, 5, 20) for number in range(9)))
        lines = self.generate()
        self.assertEqual((lines.position_id, lines.selection_reason), (position, "event"))
        self.assertRegex(lines.selection_text, r"^Repeat offender on .*2024\. 9 misses in 9 counts")
        lines._cancel()
        position.last_count_date = NOW
        self.clock.move_to(NOW + timedelta(days=10))
        self.generate()._cancel()
        self.assertFalse(self.get_events())

    def test_found_elsewhere(self):
        position = self.add_goods(quantity=30, last=100)
        product = position.product_id
        sheet = self.make_sheet((self.other_product, self.bins[1]), start=True)
        line = self.env["stock.cycle.count.line"].create({
            "count_id": sheet.id, "selection_reason": "found", **self.key_values(product, self.bins[1])})
        self.env.flush_all()
        self.cr.execute(
            "UPDATE stock_cycle_count_line SET state = 'posted', variance_qty = 4, post_date = %s WHERE id = %s",
            [NOW - timedelta(days=1), line.id])
        self.env.invalidate_all()
        lines = self.generate()
        self.assertEqual((lines.position_id, lines.selection_facts["event"]), (position, "found"))

    def test_on_the_sheet(self):
        """At most its share of the day, the most urgent and then the oldest first; the rest waits, and the plan says so."""
        self.plan.daily_capacity = 20
        places = [self.add_goods((90, 1), quantity=10, cost=1) for _number in range(6)]
        for number, position in enumerate(places):
            self.clock.move_to(NOW + timedelta(hours=number))
            if number < 4:
                self.deliver(position.product_id, self.bin, 7)
            else:
                self.pick((position, 9, 3))
        self.plan.low_quantity = 7
        self.env["stock.cycle.count.position"].browse([one.id for one in places]).last_count_date = NOW - timedelta(days=30)
        self.plan.event_low = True
        self.assertEqual(self.get_kinds(), ["low"] * 4 + ["short"] * 2)
        lines = self.generate()
        happened = lines.filtered(lambda line: line.selection_reason == "event")
        self.assertEqual(set(happened.position_id.ids), {places[4].id, places[5].id})
        self.assertEqual(self.get_kinds("used"), ["low"] * 4 + ["short"] * 2, "those on the sheet for their rank too")
        self.assertEqual(set(lines.position_id.ids), {one.id for one in places})
        self.assertIn("6 counted, 0 no longer true, 0 waiting", self.plan.with_user(self.supervisor).ranking_note)
        self.assertFalse(self.generate())

    def test_no_more_than_its_share(self):
        self.plan.daily_capacity = 10
        places = [self.add_goods(quantity=10, cost=1, last=1) for _number in range(5)]
        for position in places:
            self.deliver(position.product_id, self.bin, 12)
        for day in range(3):
            self.clock.move_to(NOW + timedelta(days=day))
            self.assertEqual(self.generate().mapped("selection_reason"), ["event"])
            self.assertFalse(self.generate())
        self.assertEqual(len(self.get_events()), 2)
        self.assertIn("2 waiting", self.plan.with_user(self.supervisor).ranking_note)
        self.plan.event_share = 100
        self.assertEqual(len(self.generate()), 2)

    def test_of_a_sheet_that_is_cancelled(self):
        """Nobody counted: it waits again. What was counted, or does not hold any longer, does not."""
        self.plan.event_share = 100
        place, gone = (self.add_goods(quantity=10, last=3) for _number in range(2))
        for position in place | gone:
            self.deliver(position.product_id, self.bin, 14)
        lines = self.generate()
        self.assertEqual((lines.position_id, self.get_kinds("used")), (place | gone, ["negative"] * 2))
        self.assertFalse(self.generate() or self.get_events(), "it stands on a sheet")
        lines.count_id.action_cancel()
        self.receive(gone.product_id, self.bin, 30)
        self.clock.move_to(NOW + timedelta(days=1))
        self.schedule()
        lines = self.generate()
        self.assertEqual(lines.filtered(lambda line: line.selection_reason == "event").position_id, place)
        lines.count_id.action_cancel()
        self.add_history(place, (0, 1, 3, 5))
        self.schedule()
        self.generate()
        self.assertFalse(self.get_events(), "it was counted after what happened")

    def test_a_transfer_of_any_size_costs_one_statement(self):
        """And what is written a moment earlier than without it, which differs by the core, whatever the number of moves."""
        places = [self.add_goods(quantity=20) for _number in range(30)]
        Event = self.env.registry["stock.cycle.count.event"]
        extra = []
        for some in (places[:3], places):
            numbers = []
            for listens in (False, False, True):
                with nullcontext() if listens else patch.multiple(
                        Event, _notice=lambda *args: None, _get_short=lambda *args: {}):
                    numbers.append(self.count_queries(lambda: self.pick(*((position, 2, 1) for position in some))))
            extra.append(numbers[2] - numbers[1])
        self.assertEqual(extra[0], extra[1])
        self.assertLessEqual(extra[0], 3)
        self.assertEqual(len(self.get_events()), 30)

    def test_who_reads_them(self):
        position = self.add_goods(quantity=3)
        self.deliver(position.product_id, self.bin, 5)
        event = self.get_events()
        for user in (self.outsider, self.counter, self.worker, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.as_user(user, event).read(["kind"])
        for user in (self.supervisor, self.finance):
            self.assertEqual(self.as_user(user, event).search([]), event)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.as_user(user, event).check_access_rights(operation, raise_exception=False))
        self.assertFalse(self.as_user(self.stranger, event).search([]), "another company")
        for name in ("ranking_note",):
            with self.assertRaises(AccessError):
                self.as_user(self.worker, self.plan).read([name])
