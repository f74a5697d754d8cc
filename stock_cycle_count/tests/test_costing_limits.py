from itertools import product as combinations

from odoo.tests import tagged

from .common_valued import METHODS, AccountCase

#: What was bought, in quantities and prices: layers, an average that cents do not hold, and a standard price of its own.
LOTS = ((4, 1), (3, 2), (2, 3))
#: How many pieces are missing or found.
OFF = 5
CENT = 0.01


@tagged("standard", "post_install", "-at_install")
class TestCostingLimits(AccountCase):
    """From the scan to the layer: the value that limits, caps and levels judge is to the cent the one that is booked, for
    every costing method, short or in surplus.
    """

    cases = [*combinations(METHODS, ["real_time"]), ("average", "manual_periodic")]

    def _play(self, check):
        for (method, valuation), sign in combinations(self.cases, (-1, 1)):
            with self.subTest(method=method, valuation=valuation, sign=sign), self.cr.savepoint() as savepoint:
                self.product = self._make_product(method, valuation)
                for quantity, price in LOTS:
                    self._buy(self.product, quantity, price)
                check(sign, self._read_worth(sign))
                savepoint.rollback()
                self.env.invalidate_all()

    def _read_worth(self, sign):
        """What core itself books for such a difference, where nobody controls it."""
        with self.cr.savepoint() as savepoint:
            self.company.cycle_count_adjustment_control = False
            quant = self.env["stock.quant"].with_user(self.manager).with_context(inventory_mode=True).search(
                [("product_id", "=", self.product.id), ("location_id", "=", self.bin_b.id)])
            quant.inventory_quantity = quant.quantity + sign * OFF
            quant.action_apply_inventory()
            layers = self.env["stock.valuation.layer"].search([("product_id", "=", self.product.id)], order="id desc", limit=1)
            self.assertEqual(layers.quantity, sign * OFF)
            worth = round(abs(layers.value), 2)
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertGreater(worth, CENT)
        return worth

    def _set_limits(self, value, cap=None, level2=1e9):
        self.tolerance.write({
            "has_over_value": True, "over_value": value, "has_under_value": True, "under_value": value,
            "has_cap_value": cap is not None, "cap_value": cap or 0})
        self.company.cycle_count_level2_value = level2

    def _scan(self, off):
        """Scan and close a sheet that is off the books by so much."""
        sheet = self.make_sheet((self.product, self.bin_b), start=True)
        line = sheet.line_ids
        scanner = self.env["stock.cycle.count.scanner"].with_user(self.counter)
        answer = scanner.record([{
            "client_key": f"key-{line.id}", "kind": "set", "line_id": line.id,
            "parts": [[f"uom-{self.product.uom_id.id}", self.on_hand(self.product, self.bin_b) + off]]}])
        self.assertEqual(answer["verdicts"][0]["status"], "done")
        scanner.act({"screen": "sheet", "count_id": sheet.id}, "close")
        self._forget()
        return line

    def _assert_worth(self, line, worth, sign):
        """The line says what was booked, in layers and in the account of stock."""
        self._forget()
        self.assertEqual((line.state, line.post_error), ("posted", False))
        layers = line.move_ids.stock_valuation_layer_ids
        self.assertAlmostEqual(sum(layers.mapped("value")), sign * worth)
        self.assertAlmostEqual(line.adjustment_value, sign * worth)
        self.assertAlmostEqual(sum(layers.account_move_id.line_ids.filtered(
            lambda item: item.account_id == self.valuation).mapped("balance")),
            sign * worth if self.product.valuation == "real_time" else 0)

    def test_limit_and_cap(self):
        """At the limit and at the cap it passes; the next of the product, however small, is above the cap."""
        def check(sign, worth):
            self._set_limits(worth, worth)
            line = self._scan(sign * OFF)
            self._assert_worth(line, worth, sign)
            self.assertEqual((line.verdict, round(line.passed_value, 2)), ("within", worth))
            line = self._scan(-1)
            self.assertEqual((line.verdict, line.state), ("approval", "to_approve"))

        self._play(check)

    def test_a_cent_above_the_cap(self):
        def check(sign, worth):
            self._set_limits(worth, worth - CENT)
            self.assertEqual(self._scan(sign * OFF).state, "to_approve")

        self._play(check)

    def test_a_cent_above_the_limit(self):
        """One approval is enough below the value of the second level."""
        def check(sign, worth):
            self._set_limits(worth - CENT, level2=worth + CENT)
            line = self._scan(sign * OFF)
            self.assertEqual((line.state, line.approval_level), ("to_approve", 1))
            self._approve(line, self.supervisor)
            line.count_id.with_user(self.supervisor).action_finalize()
            self._assert_worth(line, worth, sign)

        self._play(check)

    def test_at_the_second_level(self):
        def check(sign, worth):
            self._set_limits(worth - CENT, level2=worth)
            line = self._scan(sign * OFF)
            self._approve(line, self.supervisor)
            self.assertEqual((line.state, line.approval_level), ("to_approve", 2))
            line.with_user(self.controller).action_approve("seen")
            line.count_id.with_user(self.supervisor).action_finalize()
            self._assert_worth(line, worth, sign)

        self._play(check)


@tagged("standard", "post_install", "-at_install", "long")
class TestCostingLimitsByHand(TestCostingLimits):

    cases = [*combinations(METHODS, ["manual_periodic"])]
