from odoo.tests import tagged

from .common_scanner import ScannerCase


@tagged("post_install", "-at_install")
class TestScannerHandsFree(ScannerCase):
    """What the scanner does without a touch of the screen, and the second look that it asks for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tolerance = cls.env["stock.cycle.count.tolerance"].create({
            "name": "Two pieces", "company_id": cls.company.id, "has_over_qty": True, "over_qty": 2, "has_under_qty": True,
            "under_qty": 2})

    def _forget(self):
        """What follows is another request."""
        self.env.flush_all()
        self.env.invalidate_all()

    def test_a_bin_of_the_own_sheet_starts_it(self):
        sheet = self.make_sheet((self.product, self.bin_c))
        for state in ({"screen": "home"}, {"screen": "sheet", "count_id": sheet.id}):
            with self.subTest(screen=state["screen"]):
                answer = self._scan(state, self.bin_c.barcode)
                self.assertEqual(answer["act"], "start")
                self.assertEqual(answer["state"]["location_id"], self.bin_c.id)
        self.assertEqual(sheet.state, "draft", "a scan only reads")
        answer = self._scanner().act(answer["state"], "start")
        self.assertEqual((sheet.state, answer["state"]["screen"]), ("in_progress", "location"))
        self.assertEqual([line["id"] for line in answer["data"]["bins"][self.bin_c.id]["lines"]], sheet.line_ids.ids)

    def test_nobodys_sheet_is_not_taken_by_a_scan(self):
        sheet = self.make_sheet((self.product, self.bin_c), user=self.env["res.users"])
        answer = self._scan({"screen": "sheet", "count_id": sheet.id}, self.bin_c.barcode)
        self.assertNotIn("act", answer)
        self.assertEqual(answer["question"]["action"], "start")
        other = self.make_sheet((self.other_product, self.bin_c), user=self.second)
        answer = self._scan({"screen": "sheet", "count_id": other.id}, self.bin_c.barcode)
        self.assertNotIn("act", answer)

    def test_bins_are_found_by_their_names(self):
        self.bin_a.barcode = False
        for name in (self.bin_a.name, self.bin_a.name.upper(), self.bin_a.complete_name):
            for state in ({"screen": "home"}, self.at_b):
                with self.subTest(name=name, screen=state["screen"]):
                    answer = self._scan(state, name)
                    self.assertEqual(answer["state"].get("location_id"), self.bin_a.id)
        self.assertEqual(self._scan(self.at_b, self.bin_c.name)["message"]["title"], "Unknown barcode")
        self.assertEqual(
            self._scan({"screen": "home"}, self.bin_a.name, self.second)["message"]["title"], "Unknown barcode",
            "whoever counts nothing there is told nothing")

    def test_equal_names_are_asked_for_in_full(self):
        twin = self.env["stock.location"].create({"name": self.bin_a.name, "location_id": self.bin_b.id})
        sheet = self.make_sheet((self.other_product, twin), start=True)
        answer = self._scan({"screen": "home"}, self.bin_a.name)
        self.assertIn("More than one location", answer["message"]["text"])
        self.assertEqual(self._scan({"screen": "home"}, twin.complete_name)["state"]["count_id"], sheet.id)

    def test_a_piece_beside_its_package_is_asked_for(self):
        package = self.env["stock.quant.package"].create({"name": "PACK-1"})
        self.env["stock.quant"]._update_available_quantity(self.other_product, self.bin_c, 5, package_id=package)
        sheet = self.make_sheet((self.other_product, self.bin_c))
        sheet.line_ids.package_id = package
        sheet.with_user(self.counter).action_start()
        state = {"screen": "location", "count_id": sheet.id, "location_id": self.bin_c.id}
        answer = self._scan(state, self.other_product.barcode)
        packed, loose = (choice["target"] for choice in answer["choices"])
        self.assertEqual(packed["line_id"], sheet.line_ids.id)
        self.assertFalse(loose["package_id"])
        self.assertEqual(self._send_one(loose, count_id=sheet.id)["status"], "done")
        found = sheet.line_ids - sheet.line_ids.filtered("package_id")
        self.assertEqual((found.selection_reason, found.counted_qty), ("found", 1))
        in_package = self._scan(dict(state, package_id=package.id), self.other_product.barcode)
        self.assertEqual(in_package["target"]["line_id"], packed["line_id"])

    # The second look

    def _count_all(self, quantity):
        self._send(
            self._entry(self.line, "set", quantity), self._entry(self.lot_line, "set", 7),
            self._entry(self.serial_line, "set", 1))

    def _close(self):
        return self._scanner().act({"screen": "sheet", "count_id": self.sheet.id}, "close")

    def test_a_large_miss_is_looked_at_again_once(self):
        self.tolerance.look_again = True
        self._count_all(4)
        answer = self._close()
        self.assertEqual(self.sheet.state, "in_progress")
        self.assertEqual((answer["message"]["title"], answer["state"]["location_id"]), ("Please count once more", self.bin_a.id))
        self.assertIn(self.product.name, answer["message"]["text"])
        self.assertNotIn("40", answer["message"]["text"])
        shown = {line["id"]: line for line in answer["data"]["bins"][self.bin_a.id]["lines"]}
        self.assertTrue(shown[self.line.id]["again"])
        self.assertFalse(shown[self.lot_line.id]["again"])
        self.assertEqual({place["id"]: place["todo"] for place in answer["data"]["locations"]}[self.bin_a.id], 1)
        self._send(self._entry(self.line, "set", 40))
        self._forget()
        self.assertEqual((self.line.counted_qty, self.line.again), (40, "done"))
        self.assertEqual(self.line.entry_ids.mapped("quantity"), [4, 40], "both entries are kept")
        self._close()
        self._forget()
        self.assertEqual((self.sheet.state, self.line.state, self.line.verdict), ("done", "posted", "match"))

    def test_misses_in_two_bins_are_both_left_to_count(self):
        """The device knows the second bin as counted, and would say that the sheet is done after the first."""
        self.tolerance.look_again = True
        self._count_all(4)
        found = {"product_id": self.other_product.id, "location_id": self.bin_b.id}
        self.assertEqual(self._send_one(found, quantity=9, confirmed=True)["status"], "done")
        line = self.sheet.line_ids.filtered("is_found")
        bins = self._close()["data"]["bins"]
        self.assertEqual(
            {entry["id"] for one in bins.values() for entry in one["lines"] if entry["again"]}, {self.line.id, line.id})

    def test_nobody_is_asked_twice(self):
        self.tolerance.look_again = True
        self._count_all(4)
        self._close()
        self._close()
        self._forget()
        self.assertEqual((self.sheet.state, self.line.state), ("review", "to_approve"))

    def test_whoever_does_not_want_it_is_not_asked(self):
        self._count_all(4)
        self._close()
        self._forget()
        self.assertEqual((self.sheet.state, self.line.state, self.line.again), ("review", "to_approve", False))

    def test_what_is_within_tolerance_is_not_looked_at_again(self):
        self.tolerance.look_again = True
        self._count_all(40 - self.tolerance.under_qty)
        self._close()
        self._forget()
        self.assertEqual((self.sheet.state, self.line.again), ("done", False))
