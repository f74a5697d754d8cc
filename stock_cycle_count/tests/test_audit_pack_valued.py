import base64
import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

from odoo.tests import tagged

from .common_valued import AccountCase


@tagged("post_install", "-at_install")
class TestAuditPackValued(AccountCase):
    """Adjustments agree with layers and journal entries to the cent, and a cent that is missing is shown."""

    def read(self, **values):
        pack = self.as_user(self.controller, self.env["stock.cycle.count.audit.pack"]).create(values)
        pack.action_make()
        text = zipfile.ZipFile(io.BytesIO(base64.b64decode(pack.file))).read("reconciliation.csv").decode()
        return {int(row["line_id"]): row for row in csv.DictReader(io.StringIO(text))}

    def test_every_costing_method(self):
        for together in (False, True):
            self.company.cycle_count_entry_per_sheet = together
            products = [self._make_product(method, valuation) for valuation in ("real_time", "manual_periodic")
                        for method in ("standard", "average", "fifo")]
            for product in products:
                self._buy(product, 7, 3.33)
                self._buy(product, 3, 1.07)
            sheet = self._close_with(*(
                (counted, product, self.bin_b) for counted, product in zip((8, 13, 9, 13, 8, 6), products)))
            self._forget()
            self.assertEqual(sheet.state, "done")
            rows = self.read()
            for line in sheet.line_ids:
                row = rows[line.id]
                with self.subTest(together=together, product=line.product_id.name):
                    self.assertEqual(Decimal(row["layer_value"]), round(Decimal(str(self._get_value(line))), 2))
                    self.assertEqual((row["layer_rest"], float(row["quantity_rest"])), ("0.00", 0))
                    booked = line.product_id.valuation == "real_time"
                    self.assertEqual((row["entry_rest"], bool(row["entries"])), ("0.00", True) if booked else ("", False))
        line = sheet.line_ids[0]
        layer = line.move_ids.stock_valuation_layer_ids
        self.env.flush_all()
        self.cr.execute("UPDATE stock_valuation_layer SET value = value + 0.01 WHERE id = %s", [layer.id])
        self.env.invalidate_all()
        row = self.read()[line.id]
        self.assertEqual(row["layer_rest"], "-0.01")
        self.assertEqual(abs(Decimal(row["entry_rest"])), Decimal("0.01"))
        self.cr.execute("UPDATE account_move SET state = 'draft' WHERE id = %s", [layer.account_move_id.id])
        self.assertGreater(Decimal(self.read()[line.id]["entry_rest"]), 1, "an entry that is not posted is none")

    def test_what_came_later(self):
        """What was negative is corrected by a later receipt, and revalued: the line is worth what its layers are. A reversal
        leaves the entry short from its day on.
        """
        lines = self.env["stock.cycle.count.line"]
        for method in ("standard", "average", "fifo"):
            product = self._make_product(method, "real_time")
            self._buy(product, 5, 2)
            self.move(product, self.bin_c, self.customer, 8)
            lines |= self._close_with((3, product, self.bin_b)).line_ids
            self._buy(product, 20, 5)
            product.with_company(self.company).standard_price = 7
        self._forget()
        for line in lines:
            row = self.read()[line.id]
            self.assertEqual((row["quantity_rest"], row["layer_rest"], row["entry_rest"]), ("0.000000", "0.00", "0.00"))
        line = lines[-1]
        entry = line.move_ids.stock_valuation_layer_ids.account_move_id[-1]
        debit = sum(entry.line_ids.mapped("debit"))
        day = entry.date + timedelta(days=40)
        entry._reverse_moves([{"date": day}]).action_post()
        self._forget()
        self.assertEqual(self.read()[line.id]["entry_rest"], "0.00", "it is of a later period")
        self.assertEqual(Decimal(self.read(date_to=day)[line.id]["entry_rest"]), round(Decimal(str(debit)), 2))

    def _receive_costly(self, product, quantity, price):
        """A receipt on which landed costs can be put."""
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.in_type_id.id, "location_id": self.supplier.id,
            "location_dest_id": self.bin_b.id, "company_id": self.company.id, "move_ids": [(0, 0, {
                "name": "Receipt", "product_id": product.id, "product_uom_qty": quantity, "product_uom": product.uom_id.id,
                "price_unit": price, "location_id": self.supplier.id, "location_dest_id": self.bin_b.id})]})
        picking.action_confirm()
        picking.move_ids.write({"quantity": quantity, "picked": True})
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def _add_landed_cost(self, picking, amount):
        freight = self.env["product.product"].create({"name": "Freight", "type": "service", "landed_cost_ok": True})
        cost = self.env["stock.landed.cost"].create({
            "company_id": self.company.id, "picking_ids": [(6, 0, picking.ids)], "account_journal_id": self.journal.id,
            "cost_lines": [(0, 0, {
                "name": "Freight", "product_id": freight.id, "price_unit": amount, "split_method": "by_quantity",
                "account_id": self.expense.id})]})
        cost.compute_landed_cost()
        cost.button_validate()
        self.assertEqual(cost.state, "done")

    def test_landed_costs(self):
        """What a freight bill adds to a receipt, before a count and after it, is no part of what the count booked; later
        counts are worth what the goods cost with it.
        """
        if "stock.landed.cost" not in self.env:
            self.skipTest("stock_landed_costs is not installed")
        for method in ("average", "fifo"):
            with self.subTest(method=method):
                product = self._make_product(method, "real_time")
                picking = self._receive_costly(product, 10, 2)
                first = self._close_with((7, product, self.bin_b)).line_ids
                self._add_landed_cost(picking, 10)
                second = self._close_with((5, product, self.bin_b)).line_ids
                self._add_landed_cost(picking, 30)
                found = self._close_with((6, product, self.bin_b)).line_ids
                self._forget()
                rows = self.read()
                for line in first | second | found:
                    row = rows[line.id]
                    self.assertEqual((row["quantity_rest"], row["layer_rest"], row["entry_rest"]), ("0.000000", "0.00", "0.00"))
                    self.assertEqual(Decimal(row["layer_value"]), round(Decimal(str(self._get_value(line))), 2))
                self.assertEqual([rows[line.id]["layer_value"] for line in (first, second, found)], ["-6.00", "-6.00", "6.00"])

    def test_a_tenth_of_a_cent(self):
        """Where the currency has three decimals, the third counts."""
        self.company.currency_id = self.env["res.currency"].create({"name": "KWX", "symbol": "K", "rounding": 0.001})
        product = self._make_product("fifo", "real_time")
        self._buy(product, 7, 3.337)
        line = self._close_with((4, product, self.bin_b)).line_ids
        self._forget()
        row = self.read()[line.id]
        self.assertEqual((row["layer_value"], row["layer_rest"], row["entry_rest"]), ("-10.011", "0.000", "0.000"))
        self.cr.execute("UPDATE stock_valuation_layer SET value = value + 0.004 WHERE stock_move_id = %s", line.move_ids.ids)
        self.env.invalidate_all()
        row = self.read()[line.id]
        self.assertEqual((row["layer_rest"], abs(Decimal(row["entry_rest"]))), ("-0.004", Decimal("0.004")))

    def _get_value(self, line):
        return sum(line.move_ids.sudo().stock_valuation_layer_ids.mapped("value"))
