from itertools import product as combinations

from odoo import Command
from odoo.tests import tagged

from .common_valued import METHODS, AccountCase


@tagged("standard", "post_install", "-at_install")
class TestCosting(AccountCase):
    """What may pass is posted whoever closes or finalizes, however stock is valued."""

    def test_posted_by_whoever_may_let_it_pass(self):
        for method, valuation, counted, role in combinations(
                METHODS, ("manual_periodic", "real_time"), (8, 12), ("counter", "supervisor")):
            with self.subTest(method=method, valuation=valuation, counted=counted, role=role):
                product = self._make_product(method, valuation)
                self._buy(product, 10, 5)
                if role == "counter":
                    line = self._close_with((counted, product, self.bin_b)).line_ids
                else:
                    # Beside a difference that waits, what is small waits for a supervisor as well.
                    sheet = self._close_with((counted, product, self.bin_b), (40, self.product, self.bin_a))
                    line = sheet.line_ids.filtered(lambda line: line.product_id == product)
                    self._forget()
                    sheet.with_user(self.supervisor).action_finalize()
                self._forget()
                self.assertEqual((line.state, line.post_error), ("posted", False))
                self.assertEqual(line.post_user_id, self.counter if role == "counter" else self.supervisor)
                self.assertEqual(line.counted_by_id, self.counter)
                move = line.move_ids
                self.assertEqual(move.mapped("state"), ["done"])
                self.assertEqual(self.on_hand(product, self.bin_b), counted)
                layers = move.stock_valuation_layer_ids
                self.assertAlmostEqual(sum(layers.mapped("quantity")), counted - 10)
                self.assertAlmostEqual(sum(layers.mapped("value")), 5 * (counted - 10))
                entries = layers.account_move_id
                self.assertEqual(entries.mapped("state"), ["posted"] if valuation == "real_time" else [])
                self.assertAlmostEqual(
                    sum(entries.line_ids.filtered(lambda item: item.account_id == self.valuation).mapped("balance")),
                    5 * (counted - 10) if valuation == "real_time" else 0)
                if role == "supervisor":
                    line.count_id.with_user(self.supervisor).action_cancel()

    def test_company_of_the_sheet(self):
        """Posting is of the sheet's company, whichever others the user works in."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.counter.company_ids |= other
        product = self._make_product("average", "manual_periodic")
        self._buy(product, 10, 5)
        sheet = self.make_sheet((product, self.bin_b), start=True)
        self.count(sheet.line_ids, 8)
        sheet.with_user(self.counter).with_context(
            allowed_company_ids=[other.id, self.company.id]).action_close()
        self._forget()
        self.assertEqual(sheet.line_ids.move_ids.company_id, self.company)
        self.assertEqual(sheet.line_ids.move_ids.stock_valuation_layer_ids.company_id, self.company)

    def test_counter_gains_no_right(self):
        """What posts as the system leaves its user as he was."""
        product = self._make_product("average", "manual_periodic")
        self._buy(product, 10, 5)
        self._close_with((8, product, self.bin_b))
        with self.assertRaises(Exception):
            self.env["stock.move"].with_user(self.counter).create({
                "name": "More", "product_id": product.id, "product_uom_qty": 1, "product_uom": product.uom_id.id,
                "location_id": self.supplier.id, "location_dest_id": self.bin_b.id,
                "move_line_ids": [Command.create({"product_id": product.id, "quantity": 1})]})
