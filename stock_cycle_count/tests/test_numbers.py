from odoo.tests import tagged
from odoo.tools import float_round

from .common_gate import GateCase

#: From 0.01 to 200.00, and those of them that rounding moves.
PRICES = [cents / 100 for cents in range(1, 20001)]
MOVED = [price for price in PRICES if float_round(price, precision_digits=2) != price]


class ApprovalNumbersCase(GateCase):
    """An approval holds for numbers, whatever floats they have become on their way through the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cycle_count_level2_value = 1e9
        cls.sheet = cls._close_with((50, cls.product))
        cls.line = cls.sheet.line_ids
        cls.line.reason_id = cls.reason

    @classmethod
    def _close_with(cls, *counts):
        sheet = cls.make_sheet(*(key for _quantity, *key in counts), start=True)
        for line, (quantity, *_key) in zip(sheet.line_ids, counts):
            cls.count(cls, line, quantity)
        sheet.with_user(sheet.user_id).action_close()
        return sheet

    def _check_prices(self, prices):
        """Each goes through both tables: an approval is one at all of them, and at its own alone."""
        numbers = ("expected_qty", "counted_qty", "variance_qty", "adjustment_qty")
        vals = {
            "line_id": self.line.id, "level": 1, "decision": "approve", "user_id": self.supervisor.id,
            "entry_id": self.line.result_entry_id.id, "reason_id": self.reason.id,
            **{name: self.line[name] for name in numbers}}
        approvals = self.env["stock.cycle.count.approval"]._make([
            dict(vals, level=level, unit_cost=float_round(price, precision_digits=2))
            for price in prices for level in (1, 2)])
        self._forget()
        approvals.fetch(["unit_cost", "level", *numbers])
        wrong = []
        for price, pair in zip(prices, zip(approvals[::2], approvals[1::2])):
            # As a request reads it, and as the request has it that computed it.
            for cost in (price, float_round(price, precision_digits=2)):
                self.env.cache.set(self.line, self.line._fields["unit_cost"], cost)
                if not all(approval._holds() for approval in pair):
                    wrong.append(price)
            self.env.cache.set(self.line, self.line._fields["unit_cost"], price + 0.01)
            if any(approval._holds() for approval in pair):
                wrong.append((price, "other"))
        self.env.invalidate_all(flush=False)
        self.assertFalse(wrong)


@tagged("standard", "post_install", "-at_install", "long")
class TestEveryPrice(ApprovalNumbersCase):

    def test_every_price_to_200(self):
        self._check_prices(PRICES)


@tagged("standard", "post_install", "-at_install")
class TestApprovalNumbers(ApprovalNumbersCase):

    def test_prices_that_rounding_moves(self):
        self.assertGreater(len(MOVED), 2000)
        self._check_prices(MOVED)

    def test_both_levels_to_the_end(self):
        """Prices and quantities that rounding does not give back, by the buttons, each level in its own request."""
        digits = self.env["decimal.precision"].precision_get("Product Unit of Measure")
        self.assertEqual(digits, 2)
        large = [number for number in MOVED if number > 3]
        kilo = self.env.ref("uom.product_uom_kgm")
        for level2 in (1e9, 0.01):
            self.company.cycle_count_level2_value = level2
            for cost, expected, counted in (
                (MOVED[0], 10, 5), (48.25, 10, 5), (MOVED[-1], 10, 5), (1 / 3, 10, 5), (0.1 + 0.2, large[3], 0),
                (MOVED[7], large[5], 40), (19.99, 0.3, 7.1),
            ):
                with self.subTest(level2=level2, cost=cost, expected=expected, counted=counted):
                    product = self.env["product.product"].create({
                        "name": "Odd", "type": "product", "uom_id": kilo.id, "uom_po_id": kilo.id,
                        "standard_price": cost})
                    self.receive(product, self.bin_b, expected)
                    line = self._close_with((counted, product, self.bin_b)).line_ids
                    self._forget()
                    self.assertEqual(line.state, "to_approve")
                    for user in (self.supervisor, self.controller)[:line.approval_level]:
                        self.assertEqual(line.state, "to_approve")
                        self._approve(line, user)
                        self._forget()
                    self.assertEqual((line.state, len(line.approval_ids)), ("approved", line.approval_level))
                    line.count_id.with_user(self.supervisor).action_finalize()
                    self._forget()
                    self.assertEqual(line.state, "posted")
                    self.assertAlmostEqual(self.on_hand(product, self.bin_b), counted, 2)

    def test_a_changed_number_is_no_longer_approved(self):
        self._approve(self.line, self.supervisor)
        self._forget()
        approval = self.line.approval_ids
        self.assertTrue(approval._holds())
        for name in ("expected_qty", "counted_qty", "variance_qty", "adjustment_qty", "unit_cost"):
            for step in (0.01, -0.01):
                with self.subTest(name=name, step=step):
                    self.env.cache.set(self.line, self.line._fields[name], self.line[name] + step)
                    self.assertFalse(approval._holds())
                    self.env.invalidate_all(flush=False)
