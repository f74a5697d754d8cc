from odoo.exceptions import UserError

from .common import CountCase


class UnitsCase(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.env["product.packaging"].create([
            {"name": "Box of 12", "product_id": cls.product.id, "qty": 12},
            {"name": "Crate", "product_id": cls.product.id, "qty": 48}])
        cls.rope = cls.env["product.product"].create({
            "name": "Rope", "type": "product", "uom_id": cls.env.ref("uom.product_uom_meter").id,
            "uom_po_id": cls.env.ref("uom.product_uom_meter").id})
        cls.rope.uom_id.rounding = 0.05
        cls.sheet = cls.make_sheet(
            (cls.product,), (cls.rope,), (cls.serial_product, cls.bin_a, cls.serial),
            (cls.lot_product, cls.bin_a, cls.lot), start=True)
        cls.line, cls.rope_line, cls.serial_line, cls.lot_line = cls.sheet.line_ids

    def assertCounts(self, line, expected):
        """Typing each text counts its quantity."""
        for text, quantity in expected.items():
            with self.subTest(text=text):
                self.type_count(line, text)
                self.assertAlmostEqual(line.counted_qty, quantity)
                self.assertEqual(line.entry_ids.sorted("id")[-1].entered_text, text)

    def assertRefused(self, line, texts, message):
        before = len(line.entry_ids)
        for text in texts:
            with self.subTest(text=text), self.assertRaisesRegex(UserError, f"{line.product_id.name}.*{message}"):
                self.type_count(line, text)
        self.assertEqual(len(line.entry_ids), before)

    def _speak(self, code):
        self.env["res.lang"]._activate_lang(code)
        self.counter.lang = code


class TestTyped(UnitsCase):

    def test_numbers_and_packs(self):
        self.assertCounts(self.line, {
            "12": 12, " 0 ": 0, "3x12+5": 41, "3 x 12 + 5": 41, "2*6": 12, "3×4": 12, "1,500": 1500, "007": 7})

    def test_packagings_and_units(self):
        self.assertCounts(self.line, {
            "3 Box of 12 + 5": 41, "3 box of 12+5 units": 41, "1 Crate + 1 Box of 12 + 1": 61, "2 Dozens": 24,
            "0 Crate": 0})
        self.assertCounts(self.rope_line, {"2 km": 2000, "150 cm": 1.5, "1.5 m + 50 cm": 2})

    def test_other_categories_are_no_units_of_it(self):
        self.assertRefused(self.line, ["2 kg", "2 m", "1 Pallet", "Crate", "3 Crate 5"], "not a number")
        self.assertRefused(self.rope_line, ["2 Dozens", "1 Crate"], "not a number")

    def test_rounding_by_the_unit(self):
        self.assertCounts(self.rope_line, {"1.52": 1.5, "1.53": 1.55, "0.1+0.2": 0.3, "0.01": 0})
        self.product.uom_id.rounding = 1
        self.assertCounts(self.line, {"2.4": 2.4, "2.5": 2.5})          # it was finer when the line was made
        line = self.make_sheet((self.other_product,), start=True).line_ids
        self.assertCounts(line, {"2.4": 2, "2.5": 3})

    def test_nonsense_is_refused(self):
        self.assertRefused(self.line, [
            "abc", "x", "1e9", "nan", "inf", "--3", "3+", "+3", "3x", "x12", "4 5", "1.2.3", "5 o'clock", "=1+1", "½",
            "1,5", "12,34", ";", "3/4", "0x1F"], "not a number")
        self.assertRefused(self.line, ["-1", "-3x12", "- 5"], "negative")
        self.assertRefused(self.line, ["5901234123457", "9" * 30, "99999x99999"], "more than any bin holds")

    def test_recording_refuses_it_as_well(self):
        """The only way in checks, whoever calls."""
        for quantity in (-1, float("nan"), float("inf"), 1e10, None, "5", True):
            with self.subTest(quantity=quantity), self.assertRaises(UserError):
                self.count(self.line, quantity)
        self.assertFalse(self.line.entry_ids)
        self.assertEqual(self.count(self.rope_line, 1.52).quantity, 1.5)

    def test_sum_of_scans_is_refused_too(self):
        self.count(self.line, 6e8, kind="add")
        with self.assertRaisesRegex(UserError, "more than any bin"), self.cr.savepoint():
            self.count(self.line, 6e8, kind="add")
        self.assertEqual(self.line.counted_qty, 6e8)

    def test_serials_are_there_or_not(self):
        self.assertCounts(self.serial_line, {"0": 0, "1": 1})
        self.assertRefused(self.serial_line, ["2", "0.5", "1x2", "1+1"], "1 or 0")
        self.count(self.serial_line, 0)
        self.count(self.serial_line, 1, kind="add")
        with self.assertRaisesRegex(UserError, "1 or 0"), self.cr.savepoint():
            self.count(self.serial_line, 1, kind="add")
        self.assertEqual(self.serial_line.counted_qty, 1)
        self.assertCounts(self.lot_line, {"25": 25})

    def test_empty_input_counts_nothing(self):
        self.type_count(self.line, "5")
        self.type_count(self.line, "")
        self.assertEqual((self.line.counted_qty, len(self.line.entry_ids)), (5, 1))


class TestLanguages(UnitsCase):

    def test_decimal_comma(self):
        self._speak("de_DE")
        self.assertCounts(self.rope_line, {"1,5": 1.5, "1.000": 1000, "1.234,55": 1234.55, "2x1,5": 3})
        self.assertRefused(self.rope_line, ["1.5", "1,5,5", "1,234.5"], "")

    def test_decimal_point(self):
        self.assertCounts(self.rope_line, {"1.5": 1.5, "1,000": 1000, "1,234.55": 1234.55})
        self.assertRefused(self.rope_line, ["1,5", "1234,567", "1.234,55"], "not a number")

    def test_what_is_shown_can_be_typed_again(self):
        for code, texts in {"en_US": ("1.5", "1234567", "0.05", "0"), "de_DE": ("1,5", "1234567", "0,05", "0")}.items():
            self._speak(code)
            for text in texts:
                with self.subTest(code=code, text=text):
                    line = self.rope_line.with_user(self.counter).with_context(lang=code)
                    line.count_input = text
                    self.assertEqual(line.count_input, text)
                    line.invalidate_recordset()
                    self.assertEqual(line.count_input, text)

    def test_units_are_named_in_the_users_language(self):
        self._speak("de_DE")
        self.dozen.with_context(lang="de_DE").name = "Dutzend"
        line = self.line.with_user(self.counter).with_context(lang="de_DE")
        line.count_input = "2 Dutzend + 3"
        self.assertEqual(self.line.counted_qty, 27)


class TestSlips(UnitsCase):
    """What looks like a slip is asked about once, when it is typed."""

    def _warning(self, line, text):
        line = line.with_user(self.counter)
        return line.onchange({"count_input": text}, ["count_input"], {"count_input": {}}).get("warning")

    def test_barcode_in_the_quantity(self):
        self.assertIn(self.product.name, self._warning(self.line, "40063813")["message"])
        self.assertFalse(self._warning(self.line, "1234567"))
        self.assertFalse(self._warning(self.line, "9" * 400), "what is refused is not asked about")
        self.assertFalse(self._warning(self.line, "abc"))
        self.type_count(self.line, "40063813")
        self.assertEqual(self.line.counted_qty, 40063813, "asked once, then taken")

    def test_open_sheets_compare_with_the_books(self):
        self.receive(self.product, self.bin_b, 120)
        line = self.make_sheet((self.product, self.bin_b), blind=False, start=True).line_ids
        for text in ("1200", "12", "102", "210"):
            self.assertTrue(self._warning(line, text), text)
        for text in ("120", "121", "119", "60", "0"):
            self.assertFalse(self._warning(line, text), text)

    def test_blind_sheets_do_not(self):
        self.receive(self.product, self.bin_a, 120)
        for text in ("1200", "12", "102", "210", "120"):
            self.assertFalse(self._warning(self.line, text), text)
