import uuid
from datetime import datetime, time, timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common_gate import GateCase

INTERVAL = 30


@tagged("standard", "post_install", "-at_install")
class TestWholeFlow(GateCase):
    """From the schedule to a count, its approval, its posting, and the schedule again."""

    #: Where the company and its people are.
    zone = "UTC"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles.tz = cls.zone
        cls.company.resource_calendar_id.tz = cls.zone
        cls.bin_a.cyclic_inventory_frequency = INTERVAL
        cls.plan = cls.env["stock.cycle.count.plan"].create({
            "name": "Floor", "warehouse_id": cls.warehouse.id, "location_ids": [Command.set(cls.bin_a.ids)],
            "counter_ids": [Command.set(cls.counter.ids)], "control_target": 0})
        cls.plan.action_schedule()
        cls.position = cls.plan.position_ids
        cls.today = cls.plan._get_today()

    def _generate(self):
        """Ask for a count today, and make its sheet."""
        self.position.manual_date = self.today - timedelta(days=1)
        self.plan.action_schedule()
        before = self.plan.count_ids
        self.plan.action_generate()
        return self.plan.count_ids - before

    def _scan(self, sheet, quantity):
        """Count a sheet's only line with the scanner, and close it."""
        scanner = self.env["stock.cycle.count.scanner"].with_user(self.counter)
        state = {"screen": "sheet", "count_id": sheet.id}
        scanner.act(state, "start")
        answer = scanner.record([{
            "client_key": str(uuid.uuid4()), "kind": "set", "count_id": sheet.id, "line_id": sheet.line_ids.id,
            "parts": [(f"uom-{self.product.uom_id.id}", quantity)]}])
        self.assertEqual([verdict["status"] for verdict in answer["verdicts"]], ["done"])
        scanner.act(state, "close")
        self._forget()

    def _assert_next(self, on_hand):
        """The books hold what was counted, and the next count follows in an interval."""
        self._forget()
        due = self.today + timedelta(days=INTERVAL)
        due -= timedelta(days=max(0, due.weekday() - 4))         # the company works from Monday to Friday
        self.assertEqual(self.on_hand(self.product, self.bin_a), on_hand)
        self.assertFalse(self.position.manual_date)
        self.assertEqual(self.plan._get_day(self.position.last_count_date), self.today)
        self.assertEqual((self.position.due_date, self.position.scheduled_date), (due, due))
        quant = self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])
        self.assertEqual(quant.mapped("inventory_date"), [due])
        # Core's own date is the server's day.
        self.assertEqual(self.bin_a.last_inventory_date, self.position.last_count_date.date())
        before = self.plan.count_ids
        self.plan.action_generate()
        self.assertEqual(self.plan.count_ids, before, "the bin was handed out again")

    def test_sheet_that_matches(self):
        sheet = self._generate()
        self._scan(sheet, 100)
        self.assertEqual((sheet.state, sheet.line_ids.state), ("done", "posted"))
        self._assert_next(100)

    def test_sheet_within_tolerance(self):
        sheet = self._generate()
        self._scan(sheet, 98)
        self.assertEqual((sheet.state, sheet.line_ids.state), ("done", "posted"))
        self._assert_next(98)

    def test_sheet_with_an_approval(self):
        sheet = self._generate()
        self._scan(sheet, 60)
        line = sheet.line_ids
        self.assertEqual((sheet.state, line.state), ("review", "to_approve"))
        self._approve(line, self.supervisor)
        self._forget()
        if line.state == "to_approve":
            self._approve(line, self.controller)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual((sheet.state, line.state), ("done", "posted"))
        self._assert_next(60)

    def test_next_round_counts_from_the_first(self):
        """What a first count posted is what the second one is measured by."""
        self._scan(self._generate(), 98)
        sheet = self._generate()
        self.assertEqual(len(sheet), 1)
        self._scan(sheet, 99)
        self.assertEqual(sheet.line_ids.expected_qty, 98)
        self._assert_next(99)

    def test_physical_inventory(self):
        for quantity in (100, 99):
            with self.subTest(quantity=quantity):
                self.position.manual_date = self.today
                quant = self.env["stock.quant"].search(
                    [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])
                counting = quant.with_user(self.manager).with_context(inventory_mode=True)
                counting.inventory_quantity = quantity
                counting.action_apply_inventory()
                self._assert_next(quantity)

    def test_physical_inventory_with_an_approval(self):
        quant = self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])
        counting = quant.with_user(self.manager).with_context(inventory_mode=True)
        counting.inventory_quantity = 60
        counting.action_apply_inventory()
        line = self.env["stock.cycle.count.line"].search(
            [("product_id", "=", self.product.id), ("state", "=", "to_approve")])
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)
        self._approve(line, self.supervisor)
        self._forget()
        if line.state == "to_approve":
            self._approve(line, self.controller)
        self.assertEqual(line.state, "posted")
        self._assert_next(60)


class TestWholeFlowElsewhere(TestWholeFlow):
    """The same where it is another day than for the server, whatever time it is."""

    @classmethod
    def setUpClass(cls):
        # Now, as hours may lie between reading this and its turn; from 10 to 11 o'clock it is another day in both.
        cls.zone = "Pacific/Kiritimati" if datetime.utcnow().time() >= time(10, 30) else "Pacific/Pago_Pago"
        super().setUpClass()

    def test_it_is_another_day(self):
        self.assertNotEqual(self.today, fields.Date.today())
