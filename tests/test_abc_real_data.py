"""Classes of loaded sales files equal a computation in plain Python over the file, for every product."""

import csv
import io
import re
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from statistics import median

import pytest

from odoo.tests import tagged

from scripts.transactions.counting import ensure_counting
from scripts.transactions.layout import Layout
from scripts.transactions.loader import load
from scripts.transactions.reader import read

from .sales_files import SalesCase, real_file, shapes

BASES = ("consumption_value", "consumption_quantity", "move_count")
#: So many lines of a real file are loaded by every run, all of them by those that take long.
ROWS = 300
CLASSES = (("A", 80), ("B", 95), ("C", 100))


def metrics(content):
    """The metric of every product of a file: `{basis: {code: metric}}`; shares no code with the loader."""
    text = content.decode("utf-8-sig")
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    prices, net, sales = defaultdict(list), Counter(), Counter()
    for record in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
        code = record["StockCode"]
        try:
            quantity, price = Decimal(record["Quantity"]), Decimal(record["UnitPrice"])
        except InvalidOperation:
            continue
        if not re.match("[0-9]{5}", code) or price <= 0:
            continue
        prices[code].append(price)
        if quantity and quantity == int(quantity):
            net[code] += quantity
            sales[code] += quantity > 0
    cost = {code: (median(prices[code]) * 60 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP) for code in net}
    return dict(zip(BASES, ({code: net[code] * cost[code] for code in net}, dict(net), dict(sales))))


def classes(metric, ids):
    """The class of every code: the largest metrics first, equal ones by id; a crossing item stays above."""
    ranking = sorted(metric, key=lambda code: (-max(metric[code], 0), ids[code]))
    total = sum(value for value in metric.values() if value > 0)
    found, before = {}, 0
    for code in ranking:
        found[code] = next((name for name, share in CLASSES if before * 100 < total * share), "C")
        if metric[code] <= 0:
            found[code] = "C"
        before += max(metric[code], 0)
    return found


@tagged("standard", "post_install", "-at_install")
class TestAbcOfSalesFiles(SalesCase):
    def check(self, content):
        """Loads, classifies by every basis, and compares every product."""

        def run(function):
            done = function()
            self.env.flush_all()
            self.env.invalidate_all()
            return done

        result = load(self.env, read(content), "Shop", run, layout=Layout(zones="AB"))
        ensure_counting(self.env, result.warehouse_id, result.first_date)
        profile = self.env["stock.abc.profile"].search([("warehouse_ids", "in", result.warehouse_id)])
        for basis, metric in metrics(content).items():
            profile.basis = basis
            profile.action_classify()
            assignments = self.env["stock.abc.assignment"].search([("profile_id", "=", profile.id)])
            products = assignments.product_id
            self.assertEqual(len(assignments), len(products))
            ids = {product.default_code: product.id for product in products}
            self.assertEqual(set(ids), set(metric))
            found = {line.product_id.default_code: line.effective_class_id.name for line in assignments}
            expected = classes(metric, ids)
            self.assertEqual(found, expected, basis)
            self.assertEqual(set(expected.values()), {"A", "B", "C"})

    def test_a_generated_file(self):
        self.check(next(iter(shapes(products=30, invoices=25).values())))

    @pytest.mark.long
    def test_generated_files(self):
        for name, content in shapes(products=30, invoices=25).items():
            with self.subTest(name), self.cr.savepoint() as savepoint:
                self.check(content)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_beginning_of_a_real_file(self):
        self.check(b"".join(real_file().splitlines(keepends=True)[:ROWS]))

    @pytest.mark.long
    def test_a_real_file(self):
        self.check(real_file())
