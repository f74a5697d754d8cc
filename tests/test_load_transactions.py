"""Loading sales files: what ends up in the database, once, however often and however badly the loader is run."""

import os
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from unittest.mock import patch

import psycopg2
import pytest

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from scripts.transactions.counting import ensure_counting
from scripts.transactions.layout import Layout
from scripts.transactions.loader import load
from scripts.transactions.reader import read

from .sales_files import COLUMNS, ROOT, SalesCase, generated_rows, sales_file

SMALL = Layout(zones="AB", aisles=2, bays=2, levels=2)


@tagged("standard", "post_install", "-at_install")
class TestLoadTransactions(SalesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = list(generated_rows(products=30, invoices=35))
        cls.file = read(sales_file(cls.rows))
        cls.result = cls.load(cls.file)
        cls.warehouse = cls.env["stock.warehouse"].browse(cls.result.warehouse_id)
        cls.moves = cls.moves_of(cls.result)

    @classmethod
    def load(cls, file, warehouse="Shop"):
        """Loads without commits: one load after the other sees the database as it is then."""

        def run(function):
            done = function()
            cls.env.flush_all()
            cls.env.invalidate_all()
            return done

        return load(cls.env, file, warehouse, run, layout=SMALL)

    @classmethod
    def moves_of(cls, result):
        return cls.env["stock.move"].search([("warehouse_id", "=", result.warehouse_id)])

    def state(self, result):
        """Everything of a warehouse that a second run could change."""
        moves = self.moves_of(result)
        quants = self.env["stock.quant"].search([("product_id", "in", moves.product_id.ids)])
        layers = "stock.valuation.layer" in self.env and self.env["stock.valuation.layer"].search(
            [("product_id", "in", moves.product_id.ids)]
        )
        return (
            self.essence(result),
            {(quant.product_id, quant.location_id): quant.quantity for quant in quants if quant.quantity},
            len(layers or ()),
            {product: (product.name, product.list_price, product.standard_price) for product in moves.product_id},
        )

    def essence(self, result):
        """What the warehouses that are loaded from one file have in common."""
        moves = self.moves_of(result)
        return (
            Counter((m.origin, m.product_id, m.quantity, m.date, m.move_line_ids.location_id.name) for m in moves),
            Counter((p.origin, p.state, p.date_done, p.scheduled_date) for p in moves.picking_id),
        )

    def test_every_row_is_a_done_move_on_the_day_of_the_file(self):
        moves = self.moves.filtered(lambda move: move.location_id.usage != "supplier")
        loaded = Counter(
            (
                move.origin,
                move.product_id.default_code,
                move.quantity * (1 if move.location_dest_id.usage == "customer" else -1),
                move.date,
            )
            for move in moves
        )
        expected = Counter((row.invoice, row.code, row.quantity, row.date) for row in self.file.rows)
        self.assertEqual(loaded, expected)
        self.assertEqual(set(moves.mapped("state")), {"done"})
        for move in moves:
            self.assertEqual(move.move_line_ids.mapped("date"), [move.date])
        for picking in moves.picking_id:
            self.assertEqual(picking.state, "done")
            self.assertEqual((picking.date_done, picking.scheduled_date), (picking.date,) * 2)
            self.assertEqual(picking.date, min(picking.move_ids.mapped("date")))

    def test_an_invoice_is_one_delivery_and_one_return_at_most(self):
        pickings = self.moves.picking_id
        kinds = Counter((picking.origin, picking.picking_type_id.code) for picking in pickings)
        expected = {(row.invoice, "outgoing" if row.quantity > 0 else "incoming") for row in self.file.rows}
        self.assertEqual({kind for kind in kinds if not kind[0].startswith("Opening")}, expected)
        self.assertEqual(set(kinds.values()), {1})

    def test_stock_is_received_before_the_first_sale_and_never_short(self):
        receipts = self.moves.filtered(lambda move: move.location_id.usage == "supplier")
        first_sale = min(row.date for row in self.file.rows)
        self.assertTrue(receipts)
        self.assertEqual(set(receipts.mapped("date")), {first_sale - timedelta(days=1)})
        on_hand = Counter()
        for line in self.moves.move_line_ids.sorted(lambda line: (line.date, line.id)):
            for location, sign in ((line.location_id, -1), (line.location_dest_id, 1)):
                if location.usage == "internal":
                    on_hand[line.product_id, location] += sign * line.quantity
                    self.assertGreaterEqual(on_hand[line.product_id, location], 0)
        quants = self.env["stock.quant"].search(
            [("product_id", "in", self.moves.product_id.ids), ("location_id.usage", "=", "internal")]
        )
        self.assertEqual(+on_hand, +Counter({(q.product_id, q.location_id): q.quantity for q in quants}))
        self.assertFalse(any(quants.mapped("reserved_quantity")))

    def test_bins_stand_in_aisles_in_zones_and_hold_several_products(self):
        bins = self.env["stock.location"].search(
            [("id", "child_of", self.warehouse.lot_stock_id.id), ("posz", ">", 0)], order="posx, posy, posz"
        )
        self.assertEqual(bins.mapped("name"), [place.name for place in SMALL.bins])
        self.assertEqual(bins[0].complete_name, "SHOP/Stock/Zone A/Aisle 01/A01-01-1")
        self.assertEqual(bins[0].barcode, "SHOP-A01-01-1")
        lines = self.moves.move_line_ids
        used = (lines.location_id | lines.location_dest_id).filtered(lambda place: place.usage == "internal")
        self.assertLessEqual(used, bins)
        quants = self.env["stock.quant"].search([("location_id", "in", bins.ids)])
        products = Counter(quant.location_id for quant in quants)
        places = Counter(quant.product_id for quant in quants)
        self.assertGreater(max(products.values()), 2)
        self.assertEqual(set(places.values()), {1, 2})

    def test_products_carry_code_name_median_price_and_cost(self):
        cents = Decimal("0.01")
        products = {product.default_code: product for product in self.moves.product_id}
        self.assertEqual(set(products), set(self.file.products))
        for code, known in self.file.products.items():
            product = products[code]
            self.assertEqual((product.name, product.detailed_type, product.tracking), (known.name, "product", "none"))
            self.assertEqual(f"{product.list_price:.2f}", str(known.price.quantize(cents, ROUND_HALF_UP)))
            self.assertEqual(f"{product.standard_price:.2f}", str(known.cost.quantize(cents, ROUND_HALF_UP)))

    def test_customers_are_one_a_country(self):
        sold = self.moves.filtered(lambda move: move.location_dest_id.usage == "customer")
        customers = sold.picking_id.partner_id
        self.assertEqual(len(customers), len({row.country for row in self.file.rows}))
        self.assertEqual(customers.country_id.mapped("code"), ["GB", "FR"])

    def test_a_second_run_changes_nothing(self):
        before = self.state(self.result)
        again = self.load(self.file)
        self.assertEqual(self.state(again), before)
        self.assertEqual((again.products, again.received_lines, again.loaded_rows), (0, 0, 0))
        self.assertEqual(again.known_rows, len(self.file.rows))

    def test_a_longer_file_adds_what_is_new(self):
        """The cut goes through an invoice, and between equal lines of it."""
        whole = [*self.rows[:60], self.rows[59], *self.rows[60:]]
        self.load(read(sales_file(whole[:60])), "Growing Shop")
        grown = self.state(self.load(read(sales_file(whole)), "Growing Shop"))
        self.assertEqual(self.state(self.load(read(sales_file(whole[:30])), "Growing Shop")), grown)
        at_once = self.state(self.load(read(sales_file(whole)), "Other Shop"))
        sales = [
            Counter({move: count for move, count in state[0][0].items() if not move[0].startswith("Opening")})
            for state in (grown, at_once)
        ]
        self.assertEqual(*sales)
        received = [
            sum(move[2] * count for move, count in state[0][0].items() if move[0].startswith("Opening"))
            for state in (grown, at_once)
        ]
        self.assertEqual(*received)

    @patch("scripts.transactions.loader.CHUNK", 10)
    def test_a_run_that_broke_off_is_completed(self):
        """After any number of transactions the next run ends where one run would have ended."""
        file = read(sales_file(self.rows[:40]))
        done = []

        def run(function, limit=None):
            if len(done) == limit:
                raise InterruptedError
            done.append(function())
            return done[-1]

        expected = self.essence(load(self.env, file, "Unbroken Shop", run, layout=SMALL))
        transactions = len(done)
        self.assertGreater(transactions, 5)
        for limit in range(1, transactions):
            name = f"Shop {limit}X"
            done.clear()
            with self.assertRaises(InterruptedError):
                load(self.env, file, name, partial(run, limit=limit), layout=SMALL)
            self.assertEqual(self.essence(self.load(file, name)), expected)

    def test_a_file_without_dates_is_sold_today(self):
        columns = [name for name in COLUMNS if name != "InvoiceDate"]
        moves = self.moves_of(self.load(read(sales_file(self.rows[:9], columns=columns)), "Shop Today"))
        sold = moves.filtered(lambda move: move.location_dest_id.usage == "customer")
        self.assertEqual({date.date() for date in sold.mapped("date")}, {fields.Date.today()})

    def test_products_that_exist_keep_their_price(self):
        product = self.env["product.product"].create(
            {"name": "Mine", "default_code": "99999X", "detailed_type": "product", "list_price": 77, "standard_price": 7}
        )
        result = self.load(read(sales_file([self.rows[0] | {"StockCode": "99999X"}])))
        self.assertEqual((result.products, result.loaded_rows), (0, 1))
        self.assertEqual((product.name, product.list_price, product.standard_price), ("Mine", 77, 7))
        self.assertIn(product, self.moves_of(result).product_id)

    def test_products_that_cannot_be_moved_by_quantity_are_named(self):
        self.env["product.product"].create(
            {"name": "Lots", "default_code": "99999X", "detailed_type": "product", "tracking": "lot"}
        )
        with self.assertRaisesRegex(UserError, "99999X"):
            self.load(read(sales_file([*self.rows, self.rows[0] | {"StockCode": "99999X"}])), "New Shop")
        self.assertFalse(self.env["stock.picking"].search([("picking_type_id.warehouse_id.name", "=", "New Shop")]))

    def test_a_barcode_that_is_taken_is_left_alone(self):
        taken = self.env["product.product"].create({"name": "Other", "barcode": "99999X"})
        rows = [self.rows[0] | {"StockCode": code} for code in ("99999X", "99999Y")]
        products = self.moves_of(self.load(read(sales_file(rows)))).product_id
        barcodes = {product.default_code: product.barcode for product in products}
        self.assertEqual((barcodes["99999X"], barcodes["99999Y"], taken.barcode), (False, "99999Y", "99999X"))

    def test_warehouses_of_like_names_get_codes_of_their_own(self):
        results = [self.load(read(sales_file(self.rows[:3])), name) for name in ("West Shop", "North Shop")]
        warehouses = self.env["stock.warehouse"].browse(result.warehouse_id for result in results)
        self.assertEqual((self.warehouse | warehouses).mapped("code"), ["SHOP", "SHOP2", "SHOP3"])

    def test_counting_is_set_up_once_and_reaches_the_first_sale(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.env["res.users"].create({
            "name": "Stranger", "login": "stranger", "company_id": elsewhere.id, "company_ids": elsewhere.ids,
            "groups_id": self.env.ref("stock_cycle_count.group_counter").ids})
        arguments = (self.env, self.warehouse.id, self.result.first_date)
        self.assertEqual((len(ensure_counting(*arguments)), ensure_counting(*arguments)), (2, []))
        profile = self.env["stock.abc.profile"].search([("warehouse_ids", "in", self.warehouse.ids)])
        plan = self.env["stock.cycle.count.plan"].search([("warehouse_id", "=", self.warehouse.id)])
        self.assertEqual((plan.profile_id, plan.daily_capacity), (profile, 20))
        self.assertTrue(plan.counter_ids)
        self.assertNotIn(stranger, plan.counter_ids)
        self.assertLess(fields.Datetime.now() - timedelta(days=profile.history_days), self.result.first_date)

    def test_without_counters_no_plan_is_made_and_that_is_said(self):
        self.env.ref("stock_cycle_count.group_counter").users.active = False
        done = ensure_counting(self.env, self.warehouse.id, self.result.first_date)
        self.assertIn("no active user", done[-1])
        self.assertFalse(self.env["stock.cycle.count.plan"].search([("warehouse_id", "=", self.warehouse.id)]))


def start(file, database, warehouse):
    """The program, as a person calls it."""
    command = [sys.executable, ROOT / "scripts" / "load_transactions.py", file, "--database", database]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [*command, "--warehouse", warehouse],
        env=environ,
        cwd=file.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(*processes):
    """Waits for processes that must all succeed."""
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), outputs


def fingerprint(database, warehouse):
    """All that the loader makes for a warehouse, but ids and the warehouse's own names."""
    statement = """
        SELECT move.origin, product.default_code, move.quantity, move.date, move.state, type.code,
               picking.date_done, source.name, target.name, COUNT(*), COUNT(layer.id), SUM(layer.value)
          FROM stock_move move
          JOIN stock_warehouse warehouse ON warehouse.id = move.warehouse_id AND warehouse.name = %(warehouse)s
          JOIN stock_picking picking ON picking.id = move.picking_id
          JOIN stock_picking_type type ON type.id = picking.picking_type_id
          JOIN product_product product ON product.id = move.product_id
          JOIN stock_move_line line ON line.move_id = move.id
          JOIN stock_location source ON source.id = line.location_id
          JOIN stock_location target ON target.id = line.location_dest_id
          LEFT JOIN stock_valuation_layer layer ON layer.stock_move_id = move.id
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    """
    counts = """
        SELECT (SELECT COUNT(DISTINCT picking_id) FROM stock_move WHERE warehouse_id = warehouse.id),
               (SELECT COUNT(*) FROM stock_location WHERE warehouse_id = warehouse.id),
               (SELECT SUM(quantity) FROM stock_quant
                 WHERE location_id IN (SELECT id FROM stock_location WHERE warehouse_id = warehouse.id)),
               (SELECT COUNT(*) FROM product_product WHERE default_code IS NOT NULL),
               (SELECT COUNT(DISTINCT default_code) FROM product_product),
               (SELECT COUNT(*) FROM stock_abc_profile_stock_warehouse_rel WHERE stock_warehouse_id = warehouse.id),
               (SELECT COUNT(*) FROM stock_cycle_count_plan WHERE warehouse_id = warehouse.id)
          FROM stock_warehouse warehouse WHERE name = %(warehouse)s
    """
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, {"warehouse": warehouse})
        moves = Counter(cursor.fetchall())
        cursor.execute(counts, {"warehouse": warehouse})
        return moves, cursor.fetchall()


@pytest.mark.long
def test_a_load_that_is_killed_at_every_step_is_completed_by_the_next(database, tmp_path):
    """kill -9 in the products, the receipts and the invoices; then two processes at once finish the work."""
    file = tmp_path / "sales.csv"
    file.write_bytes(sales_file(generated_rows(products=3000, invoices=130)))
    for step in ("Products", "Receipts", "Invoices"):
        said = []
        with start(file, database, "Killed") as process:
            for line in process.stdout:
                said.append(line)
                # The first chunk of the step is in the database, the next one is under way.
                if line.startswith(step):
                    process.kill()
                    break
        assert process.returncode == -9, "".join(said)
    finish(start(file, database, "Killed"), start(file, database, "Killed"))
    finish(start(file, database, "Whole"))
    killed, whole = fingerprint(database, "Killed"), fingerprint(database, "Whole")
    assert killed == whole
    assert whole[0].total() > 500
