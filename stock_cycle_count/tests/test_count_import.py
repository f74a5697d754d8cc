from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError

from .common_import import ImportCase


class TestCountImport(ImportCase):

    def test_an_exact_name_goes_before_a_near_one(self):
        """Spreadsheets drop leading zeros, yet lots 007 and 7 are two."""
        lots = self.env["stock.lot"].create([
            {"name": name, "product_id": self.lot_product.id, "company_id": self.company.id} for name in ("007", "7", "08")])
        lines = self.env["stock.cycle.count.line"].create([
            dict(self.key_values(self.lot_product, self.bin_b, lot), count_id=self.sheet.id) for lot in lots])
        rows = [["Bin B", self.lot_product.name, name, quantity] for name, quantity in (("007", "3"), ("7", "2"), ("8", "1"))]
        result = self._load("location_id product_id lot_id count_input", *rows)
        self.assertFalse(result["messages"])
        self.assertEqual(lines.mapped("counted_qty"), [3, 2, 1])

    # How a row names its line

    def test_a_row_names_its_line_in_many_ways(self):
        for names, row in [
            ("id", [self.line.id]),
            (".id", [self.line.id]),
            ("location_id product_id", ["FLR-A", "5901234123457"]),
            ("location_id product_id", ["flr-a", "widget"]),
            ("location_id product_id", [self.bin_a.complete_name, "[WIDGET] Widget"]),
            ("location_id product_id", ["Bin A", "WIDGET"]),
            ("id location_id product_id", [self.line.id, "Bin A", "Widget"]),
            ("count_id location_id product_id", [self.sheet.name, "Bin A", "Widget"]),
        ]:
            with self.subTest(names=names, row=row):
                before = len(self.line.entry_ids)
                result = self._load(f"{names} count_input", [*row, str(before + 3)])
                self.assertEqual(result, {"ids": self.line.ids, "messages": [], "nextrow": 0})
                self.assertEqual(self.line.counted_qty, before + 3)
                self.assertEqual(self.line.entry_ids[-1].source, "import")
                self.assertEqual(self.line.entry_ids[-1].user_id, self.counter)

    def test_the_sheet_may_stand_in_the_file_only(self):
        nothing = self.sheet.browse()
        result = self._load("count_id location_id product_id count_input",
                            [self.sheet.name, "Bin A", "Widget", "3"], sheet=nothing)
        self.assertEqual(result["ids"], self.line.ids)
        self.assertEqual(self._load("id count_input", [self.line.id, "4"], sheet=nothing)["ids"], self.line.ids)
        result = self._load("location_id product_id count_input", ["Bin A", "Widget", "5"], sheet=nothing)
        self.assertIn("Row 1: name its sheet", result["messages"][0]["message"])

    def test_external_ids_of_an_ordinary_export_work(self):
        data = self.env["ir.model.data"].create({
            "module": "__export__", "name": "floor_line", "model": self.line._name, "res_id": self.line.id})
        self.assertEqual(self._load("id count_input", [data.complete_name, "7"])["ids"], self.line.ids)

    def test_a_lot_is_told_by_its_number(self):
        result = self._load("location_id product_id lot_id count_input",
                            ["Bin A", "Paint", "PAINT-2", "2"], ["Bin A", "Paint", "paint-1", "1"])
        self.assertEqual(result["ids"], (self.other_lot_line | self.lot_line).ids)
        self.assertEqual((self.lot_line | self.other_lot_line).mapped("counted_qty"), [1, 2])

    def test_spreadsheets_drop_leading_zeros(self):
        self.product.barcode = "0012345678905"
        self.assertFalse(self._load("location_id product_id count_input", ["Bin A", "12345678905", "3"])["messages"])
        self.assertEqual(self.line.counted_qty, 3)

    def test_loose_goods_are_meant_where_nothing_else_is_said(self):
        package = self.env["stock.quant.package"].create({"name": "FLR-PACK"})
        packed = self.env["stock.cycle.count.line"].create({
            "count_id": self.sheet.id, **self.key_values(self.product, package_id=package.id)})
        names = "location_id product_id package_id count_input"
        result = self._load(names, ["Bin A", "Widget", "", "3"], ["Bin A", "Widget", "FLR-PACK", "4"])
        self.assertEqual(sorted(result["ids"]), sorted((self.line | packed).ids))
        self.assertEqual((self.line.counted_qty, packed.counted_qty), (3, 4))

    # What is taken

    def test_packs_and_zero_are_counts_and_empty_cells_are_not(self):
        result = self._load("id count_input", [self.line.id, "3x12+5"], [self.gadget_line.id, "0"],
                            [self.line_b.id, ""], [self.lot_line.id, "  "])
        self.assertEqual(result["ids"], (self.line | self.gadget_line).ids)
        self.assertEqual((self.line.counted_qty, self.gadget_line.counted_qty), (41, 0))
        self.assertEqual(self.line.entry_ids.entered_text, "3x12+5")
        self.assertEqual((self.line_b | self.lot_line).mapped("state"), ["pending", "pending"])

    def test_notes_and_reasons_are_taken(self):
        result = self._load("id count_input skip_reason note", [self.line.id, "3", "", "torn box"],
                            [self.gadget_line.id, "", "Forklift in the way", ""])
        self.assertEqual(result["ids"], (self.line | self.gadget_line).ids)
        self.assertEqual((self.line.note, self.gadget_line.skip_reason), ("torn box", "Forklift in the way"))
        self.assertEqual(self.gadget_line.state, "pending")

    def test_the_same_file_again_adds_nothing(self):
        rows = [self.line.id, "3"], [self.gadget_line.id, "4"]
        for _again in range(3):
            self.assertEqual(self._load("id count_input", *rows)["ids"], (self.line | self.gadget_line).ids)
        self.assertEqual(len(self.sheet.line_ids.entry_ids), 2)
        self.count(self.line, 5)
        self._load("id count_input", *rows)
        self.assertEqual(self.line.counted_qty, 5, "an old file does not take back what was counted since")

    def test_a_fuller_file_adds_only_what_is_new(self):
        self._load("id count_input", [self.line.id, "3"], [self.gadget_line.id, "4"])
        self._load("id count_input", [self.line.id, "3"], [self.gadget_line.id, "6"], [self.line_b.id, "1"])
        self.assertEqual(self.line.entry_ids.mapped("quantity"), [3])
        self.assertEqual(self.gadget_line.entry_ids.mapped("quantity"), [4, 6])
        self.assertEqual(self.line_b.entry_ids.mapped("quantity"), [1])

    def test_a_recount_may_find_the_same_from_the_same_file(self):
        self._load("id count_input", [self.line.id, "3"])
        self.sheet._send_to_recount(self.line, self.second)
        self._load("id count_input", [self.line.id, "3"], user=self.second)
        self.assertEqual(self.line.entry_ids.mapped("round"), [1, 2])
        self.assertEqual(self.line.entry_ids.user_id, self.counter | self.second)

    def test_the_time_of_counting_decides_what_the_books_showed(self):
        self.sheet.start_date = fields.Datetime.now() - timedelta(hours=5)
        moves = self.env["stock.move"].search([("product_id", "=", self.product.id)])
        moves.move_line_ids.date = fields.Datetime.now() - timedelta(hours=6)
        delivery = self.deliver(self.product, self.bin_a, 10)
        delivery.move_line_ids.date = fields.Datetime.now() - timedelta(hours=1)
        counted = fields.Datetime.now().replace(microsecond=0) - timedelta(hours=2)
        self.counter.tz = "UTC"
        self._load("id count_input late_date", [self.line.id, "40", fields.Datetime.to_string(counted)])
        self.assertEqual((self.line.expected_qty, self.line.variance_qty), (40, 0))
        self.assertLess(abs(self.line.count_date - counted), timedelta(seconds=2))
        self._load("id count_input", [self.line_b.id, "0"])
        self.assertLess(fields.Datetime.now() - self.line_b.count_date, timedelta(minutes=1))

    def test_what_is_found_becomes_a_line(self):
        names = "location_id product_id lot_id count_input"
        result = self._load(names, ["FLR-B", "GADGET", "", "2"], ["Bin B", "Paint", "PAINT-1", "7"])
        self.assertFalse(result["messages"])
        found = self.sheet.line_ids - (
            self.line | self.gadget_line | self.lot_line | self.other_lot_line | self.serial_line | self.line_b)
        self.assertEqual(found.mapped("selection_reason"), ["found"] * 2)
        self.assertEqual(found.mapped("counted_qty"), [2, 7])
        self.assertEqual(found.location_id, self.bin_b)
        self.assertEqual(found[1].lot_id, self.lot)

    # What is refused

    def test_all_rows_that_are_wrong_are_named_at_once(self):
        foreign = self.make_sheet((self.product, self.bin_c), user=self.second)
        names = "id location_id product_id lot_id count_input"
        result = self._load(
            names,
            ["", "Bin A", "Widget", "", "3"],
            ["", "Bin A", "Nothing", "", "3"],
            ["", "Nowhere", "Widget", "", "3"],
            ["", "Bin C", "Widget", "", "3"],
            [foreign.line_ids.id, "", "", "", "3"],
            [self.gadget_line.id, "", "", "", "-3"],
            [self.line_b.id, "", "", "", "many"],
            [self.lot_line.id, "", "", "", "99999999999"],
            [self.serial_line.id, "", "", "", "2"],
            [self.other_lot_line.id, "", "", "", "40123455"],
            ["", "Bin A", "WIDGET", "", "4"],
            ["", "Bin A", "Paint", "", "4"],
            ["", "Bin B", "Paint", "", "4"],
            ["", "Bin B", "Paint", "PAINT-9", "4"],
            [self.gadget_line.id, "Bin A", "Widget", "", "4"],
            ["", "", "Widget", "", "4"],
            ["", "Bin B", "", "", "4"],
        )
        self.assertRefused(
            result,
            "Row 2: no product is called Nothing",
            "Row 3: no location is called Nowhere",
            "Row 4: location Bin C is not on sheet",
            "Row 5: no line of your sheets has ID",
            "a count cannot be negative",
            "that is not a number",
            "more than any bin holds",
            "of a serial number there is 1 or 0",
            "Row 10: 40123455 is as long as a barcode",
            "Row 11: it is about the same as row 1",
            "Row 12: 2 lines of the sheet fit",
            "Row 13: Paint is counted by lot",
            "Row 14: no lot or serial number is called PAINT-9",
            "Row 15: its ID is that of",
            "Row 16: name location and product",
            "Row 17: name location and product",
        )
        self.assertEqual([message["record"] for message in result["messages"]], list(range(2, 18)))

    def test_a_long_number_that_is_meant_can_be_written(self):
        self._load("id count_input", [self.line.id, "1x40123455"])
        self.assertEqual(self.line.counted_qty, 40123455)

    def test_rows_are_numbered_as_in_the_file(self):
        result = self._load("id count_input", [self.line.id, "1"], [self.line_b.id, "x"], import_file=True)
        self.assertRefused(result, "that is not a number")
        self.assertEqual(result["messages"][0]["rows"], {"from": 3, "to": 3})
        self.assertNotIn("Row", result["messages"][0]["message"], "the import's screen says which")

    def test_quantity_and_reason_exclude_each_other(self):
        self.assertRefused(
            self._load("id count_input skip_reason", [self.line.id, "1", "Locked"]), "a reason why it was not counted")

    def test_times_that_cannot_be_are_refused(self):
        now = fields.Datetime.now()
        self.counter.tz = "UTC"
        self.sheet.start_date = now - timedelta(days=9)
        day = fields.Datetime.to_string
        result = self._load(
            "id count_input late_date", [self.line.id, "1", "soon"], [self.line_b.id, "1", day(now + timedelta(hours=1))],
            [self.gadget_line.id, "1", day(now - timedelta(days=10))], [self.lot_line.id, "1", day(now - timedelta(days=8))])
        self.assertRefused(
            result, "soon is no time", "still to come", "before the sheet was made", "more than 7 days ago")

    def test_a_draft_may_be_counted_on_paper(self):
        """Printed and counted at eight, started and typed in at eleven: the books of eight are compared with."""
        now = fields.Datetime.now()
        with freeze_time(now - timedelta(hours=4)):
            sheet = self.make_sheet((self.product, self.bin_c))
            self.receive(self.product, self.bin_c, 10)
        self.env.cr.execute(
            "UPDATE stock_cycle_count SET create_date = %s WHERE id = %s", (now - timedelta(hours=4), sheet.id))
        sheet.invalidate_recordset()
        with freeze_time(now - timedelta(hours=2)):
            self.deliver(self.product, self.bin_c, 4)
        sheet.with_user(self.counter).action_start()
        self.counter.tz = "UTC"
        counted = fields.Datetime.to_string(now - timedelta(hours=3))
        result = self._load("id count_input late_date", [sheet.line_ids.id, "10", counted], sheet=sheet)
        self.assertFalse(result["messages"])
        self.assertEqual((sheet.line_ids.expected_qty, sheet.line_ids.variance_qty), (10, 0))
        self.assertEqual(fields.Datetime.to_string(sheet.line_ids.count_date), counted)

    def test_entries_keep_what_a_pack_held(self):
        """The same words mean another number once the pack is changed; each entry tells what it was then."""
        pack = self.env["product.packaging"].create({"name": "Box", "product_id": self.product.id, "qty": 10})
        for held in (10, 9):
            pack.qty = held
            self.type_count(self.line, "5 Box")
        entries = self.line.entry_ids.sorted()
        self.assertEqual(entries.mapped("quantity"), [50, 45])
        self.assertEqual(entries.mapped("entered_units"), ["Box = 10", "Box = 9"])

    def test_the_wrong_sheet_is_refused(self):
        other = self.make_sheet((self.product, self.bin_c), start=True)
        result = self._load("count_id id count_input", ["", other.line_ids.id, "1"], [other.name, "", "1"])
        self.assertRefused(result, f"it is for sheet {other.name}", f"it is for sheet {other.name}")
        self.assertRefused(self._load("count_id count_input", ["CC/NONE", "1"]), "no sheet of yours is called CC/NONE")

    def test_only_sheets_that_are_being_counted_take_counts(self):
        draft = self.make_sheet((self.product, self.bin_c))
        message = self._load("id count_input", [draft.line_ids.id, "1"], sheet=draft)["messages"][0]["message"]
        self.assertIn("is not being counted. Start it first", message)
        self._load("id count_input", *([line.id, "1"] for line in self.sheet.line_ids))
        self.sheet.with_user(self.counter)._close()
        with self.assertRaises(AccessError):
            self._load("id count_input", [self.line_b.id, "2"], ["", ""])
        self.assertEqual(self.line_b.counted_qty, 1)

    def test_only_who_counts_a_sheet_loads_into_it(self):
        result = self._load("id count_input", [self.line.id, "1"], user=self.worker)
        self.assertRefused(result, "Join it or take it over first")
        with self.assertRaises(AccessError):
            self._load("id count_input", [self.line.id, "1"], user=self.second)
        with self.assertRaises(AccessError):
            self._load("id count_input", [self.line.id, "1"], user=self.outsider)
        self.sheet.with_user(self.supervisor).action_join()
        self.assertEqual(self._load("id count_input", [self.line.id, "1"], user=self.supervisor)["ids"], self.line.ids)

    def test_what_stands_on_another_sheet_is_left_to_it(self):
        self.make_sheet((self.other_product, self.bin_b), user=self.second)
        result = self._load("location_id product_id count_input", ["Bin A", "Widget", "3"], ["Bin B", "Gadget", "2"])
        self.assertRefused(result, "Leave it to that sheet")

    def test_things_of_another_company_are_unknown(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["product.product"].create({"name": "Foreign", "type": "product", "company_id": company.id})
        self.assertRefused(
            self._load("location_id product_id count_input", ["Bin A", "Foreign", "2"]), "no product is called Foreign")

    def test_other_columns_and_empty_files_are_refused(self):
        self.assertRefused(self._load("id count_input expected_qty", [self.line.id, "3", "9"]), "expected_qty")
        self.assertRefused(self._load("id count_input", [self.line.id, ""]), "No row has a quantity")

    def test_messages_do_not_tell_what_the_books_show(self):
        texts = ["400", "-1", "x", "39", "41", "99999999999"]
        messages = [self._load("id count_input", [self.line.id, text], [self.line.id, "y"])["messages"] for text in texts]
        self.assertNotIn("40", str([message["message"] for found in messages for message in found]).replace("400", ""))

    def test_rows_are_read_and_matched_together(self):
        many = self.env["stock.location"].create(
            [{"name": f"Many {number}", "location_id": self.stock.id} for number in range(150)])
        numbers = []
        for count in (10, 140):
            sheet = self.make_sheet(*((self.product, location) for location in many[:count]), start=True)
            many = many[count:]
            rows = [[line.location_id.complete_name, "Widget", "1"] for line in sheet.line_ids]
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            result = self._load("location_id product_id count_input", *rows, sheet=sheet)
            numbers.append(self.cr.sql_log_count - before)
            self.assertEqual(len(result["ids"]), count)
        # But for the result of each line and what moved meanwhile, which the ORM writes one by one.
        self.assertLess(numbers[1] - 2 * 140, numbers[0], numbers)
