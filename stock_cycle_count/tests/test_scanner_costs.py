import logging

from odoo import Command
from odoo.tests import tagged

from .common_scanner import ScannerCase

_logger = logging.getLogger(__name__)

#: A scan's server call stays under this, whatever the size of the sheet.
QUERY_BUDGET = 25
#: What was found is more than a scan: its first entry makes the line, a new number its lot too, and the sheet's number of
#: lines follows. Of these calls each makes records and writes them, which Odoo does one model at a time.
#: Whoever recounts is compared with those who counted, second logins included.
MAKING_BUDGETS = {
    "recount": 27, "recount of a lot": 27, "recount of a serial": 27,
    "found": 32, "found lot": 32, "found serial": 33, "new lot": 36, "new serial": 36}


class ScannerCostsCase(ScannerCase):
    """Queries of the device's calls, for a counter who is nothing else and has joined company; caches are warm."""

    #: Number of lines of a large sheet.
    large = 200

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.nomenclature_id = cls.env.ref("barcodes_gs1_nomenclature.default_gs1_nomenclature")
        cls.lot_product.barcode = "2990000000033"
        cls.kilo = cls.env.ref("uom.product_uom_kgm")
        Product = cls.env["product.product"]
        cls.products = Product.create([
            {"name": f"Part {number}", "type": "product", "barcode": f"PART{number}",
             "packaging_ids": [Command.create({"name": "Box", "qty": 6, "barcode": f"CASE{number}"})]}
            for number in range(cls.large)])
        cls.bulk = Product.create({
            "name": "Sand", "type": "product", "barcode": "SAND", "uom_id": cls.kilo.id, "uom_po_id": cls.kilo.id})
        cls.package = cls.env["stock.quant.package"].create({"name": "COST-PACK"})
        cls.owner = cls.env["res.partner"].create({"name": "Consignor"})

    def _make_large_sheet(self, number, size, **values):
        """A started and joined sheet of two new bins; products of every kind are in the first."""
        here, there = self.env["stock.location"].create([
            {"name": f"Cost {number}{letter}", "barcode": f"COST-{number}{letter}", "location_id": self.stock.id}
            for letter in "AB"])
        keys = [
            *((product, {}) for product in self.products[:size]),
            (self.product, {"package_id": self.package.id}), (self.product, {"owner_id": self.owner.id}),
            (self.bulk, {}), *((self.lot_product, {"lot_id": lot.id}) for lot in self._make_lots(
                self.lot_product, f"L{number}-", 3)),
            *((self.serial_product, {"lot_id": lot.id}) for lot in self._make_lots(
                self.serial_product, f"S{number}-", 3))]
        sheet = self.env["stock.cycle.count"].create({
            "user_id": self.counter.id, "warehouse_id": self.warehouse.id, **values, "line_ids": [
                *(Command.create(self.key_values(product, here, sequence=sequence, **key))
                  for sequence, (product, key) in enumerate(keys)),
                Command.create(self.key_values(self.products[0], there))]})
        sheet.with_user(self.counter).action_start()
        sheet.with_user(self.second).sudo().action_join()
        return sheet, here, there

    def _make_lots(self, product, prefix, number):
        return self.env["stock.lot"].create([
            {"name": f"{prefix}{index}", "product_id": product.id, "company_id": self.company.id}
            for index in range(number)])

    def _measure(self, costs, name, method, *arguments, user=None):
        """Call the scanner as a device does, in a transaction that has read nothing yet."""
        scanner = self.env(user=user or self.counter, context={
            "lang": "en_US", "tz": "UTC", "allowed_company_ids": self.company.ids})["stock.cycle.count.scanner"]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        answer = getattr(scanner, method)(*arguments)
        self.env.flush_all()
        costs[name] = self.env.cr.sql_log_count - before
        for verdict in answer.get("verdicts", ()):
            self.assertEqual(verdict["status"], "done", (name, verdict))
        return answer

    def _measure_day(self, number, size, **values):
        """Queries of everything that a counter does on a sheet: ``{name: queries}``."""
        costs = {}
        sheet, here, there = self._make_large_sheet(number, size, **values)
        home, on_sheet = {"screen": "home"}, {"screen": "sheet", "count_id": sheet.id}
        at_bin = {"screen": "location", "count_id": sheet.id, "location_id": here.id}
        first, second = sheet.line_ids[:2]
        bulk = sheet.line_ids.filtered(lambda line: line.product_id == self.bulk)
        lots = sheet.line_ids.filtered(lambda line: line.product_id == self.lot_product)
        serials = sheet.line_ids.filtered(lambda line: line.product_id == self.serial_product)
        elsewhere = [
            self._make_lots(product, f"{product.name}{number}", 1).name
            for product in (self.lot_product, self.serial_product)]

        def entry(line, *args, **values):
            return self._entry(line, *args, count_id=sheet.id, **values)

        def find(product, **values):
            return entry({"location_id": here.id, "product_id": product.id}, **values)

        for name, state, barcode in (
            ("location scan at home", home, here.barcode), ("location scan", on_sheet, here.barcode),
            ("other location scan", at_bin, there.barcode), ("sheet scan", home, sheet.name),
            ("scan", at_bin, first.product_id.barcode), ("lot scan", at_bin, lots[0].lot_id.name),
            ("serial scan", at_bin, serials[0].lot_id.name), ("package scan", at_bin, self.package.name),
            ("GS1 scan", at_bin, f"0102990000000033" "3705" f"\x1d10{lots[0].lot_id.name}"),
            ("GS1 scan, unknown lot", at_bin, "0102990000000033" "3705" "\x1d10NOWHERE"),
            ("GS1 scan, unknown", at_bin, "0102990009999934" "10NOWHERE"),
            ("tracked scan", at_bin, self.lot_product.barcode), ("unknown scan", at_bin, "ZZZ"),
            ("found scan", at_bin, self.other_product.barcode), ("found lot scan", at_bin, elsewhere[0]),
            ("found serial scan", at_bin, elsewhere[1]),
        ):
            self._measure(costs, name, "scan", state, barcode)
        for name, state in (("home", home), ("sheet", on_sheet), ("bin", at_bin)):
            self._measure(costs, name, "show", state)
        plain, serial, found = entry(first), entry(serials[0]), find(self.other_product)
        for name, sent in (
            ("first", plain), ("next", entry(first)), ("replay", plain), ("total", entry(second, "set", 0)),
            ("fraction", entry(bulk, "set", 2.5)), ("lot", entry(lots[0])), ("next lot", entry(lots[0])),
            ("serial", serial), ("serial total", entry(serials[1], "set", 1)), ("no serial", entry(serials[2], "set", 0)),
            ("skip", entry(sheet.line_ids[2], "skip", reason="Blocked")),
            ("undo", entry(first, "undo", undone_key=plain["client_key"])),
            ("undo of a serial", entry(None, "undo", undone_key=serial["client_key"])),
            ("found", found), ("found again", find(self.other_product)),
            ("found lot", find(self.lot_product, lot_name=elsewhere[0])),
            ("found serial", find(self.serial_product, lot_name=elsewhere[1])),
            ("new lot", find(self.lot_product, lot_name=f"NEW-L{number}")),
            ("new serial", find(self.serial_product, lot_name=f"NEW-S{number}")),
            ("undo of a find", entry(None, "undo", undone_key=found["client_key"])),
        ):
            self._measure(costs, name, "record", [sent])
        sheet.sudo()._send_to_recount(sheet.line_ids.filtered(lambda line: line.state == "counted"), self.second)
        for user, who in ((self.counter, "recounted by another"), (self.second, "to recount")):
            for name, state in (("home", home), ("sheet", on_sheet), ("bin", at_bin)):
                self._measure(costs, f"{name}, {who}", "show", state, user=user)
            self._measure(costs, f"location scan at home, {who}", "scan", home, here.barcode, user=user)
            self._measure(costs, f"location scan, {who}", "scan", on_sheet, here.barcode, user=user)
            self._measure(costs, f"other location scan, {who}", "scan", at_bin, there.barcode, user=user)
        for name, line in (("recount", first), ("recount of a lot", lots[0]), ("recount of a serial", serials[1])):
            self._measure(costs, name, "record", [entry(line)], user=self.second)
        return costs

    def _check_calls(self):
        """They stay within their budget, whatever the size of the sheet."""
        self.assertFalse(self.counter.has_group("stock.group_stock_user"))
        self._measure_day(0, 3)                                     # warms the caches of the process up
        for number, blind in enumerate((True, False)):
            small = self._measure_day(f"{number}1", 10, blind=blind)
            large = self._measure_day(f"{number}2", self.large, blind=blind)
            _logger.info("Queries on %s sheets of 10 and %s lines: %s", "blind" if blind else "open", self.large, {
                name: (small[name], large[name]) for name in small})
            for name, queries in large.items():
                with self.subTest(name, blind=blind):
                    self.assertLessEqual(queries, small[name])
                    self.assertLess(queries, MAKING_BUDGETS.get(name, QUERY_BUDGET))


@tagged("post_install", "-at_install")
class TestScannerCosts(ScannerCostsCase):

    def test_calls_stay_within_their_budget_whatever_the_size_of_the_sheet(self):
        self._check_calls()

    def test_serial_numbers_of_a_bin_are_taken_together(self):
        costs = {}
        for kind, quantity in (("set", 0), ("add", 1)):
            for number in (2, 3, 50):
                lots = self._make_lots(self.serial_product, f"{kind}{number}-", number)
                location = self.env["stock.location"].create(
                    {"name": f"{kind} {number}", "location_id": self.stock.id})
                sheet = self.make_sheet(*((self.serial_product, location, lot) for lot in lots), start=True)
                self._measure(costs, (kind, number), "record", [
                    self._entry(line, kind, quantity, count_id=sheet.id) for line in sheet.line_ids])
                self.assertEqual(set(sheet.line_ids.mapped("counted_qty")), {quantity})
        _logger.info("Queries for serial numbers in one call: %s", costs)
        # Each line is written by itself, for each rests on an entry of its own; of a serial number that is there it is
        # asked whether it was counted elsewhere.
        self.assertLessEqual(costs["set", 50] - costs["set", 3], 47)
        self.assertLessEqual(costs["add", 50] - costs["add", 3], 2 * 47)


@tagged("post_install", "-at_install", "long")
class TestScannerCostsOfAThousand(ScannerCostsCase):

    large = 1000

    def test_calls_stay_within_their_budget_whatever_the_size_of_the_sheet(self):
        self._check_calls()
