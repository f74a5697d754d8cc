import csv
import io

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.misc import xlsxwriter

from .common import COUNTER
from .common_import import CSV, OPTIONS, XLSX, ImportCase


class TestCountFiles(ImportCase):
    """Files through Odoo's own import."""

    def _write_csv(self, rows, delimiter=","):
        content = io.StringIO()
        csv.writer(content, delimiter=delimiter).writerows(rows)
        return content.getvalue().encode("utf-8-sig")

    def _write_xlsx(self, rows):
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
            sheet = workbook.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        return content.getvalue()

    def test_csv(self):
        rows = [["Location", "Product", "Counted"], ["Bin A", "Widget", "3"], ["Bin A", "Gadget", "1,500"]]
        for delimiter in ",;\t":
            self.assertFalse(self._import(self._write_csv(rows, delimiter))["messages"])
        self.assertEqual((self.line | self.gadget_line).mapped("counted_qty"), [3, 1500])
        self.assertEqual(len(self.sheet.line_ids.entry_ids), 2)

    def test_xlsx(self):
        rows = [["ID", "Lot or Serial Number", "Counted", "Note"], [self.line.id, None, 3, "torn"],
                [self.lot_line.id, "PAINT-1", 2.25, None], [self.gadget_line.id, None, "3x4", None],
                [self.line_b.id, None, None, None]]
        result = self._import(self._write_xlsx(rows), XLSX)
        self.assertFalse(result["messages"])
        self.assertEqual(self.mapping["Lot or Serial Number"], "lot_id")
        self.assertEqual((self.line | self.lot_line | self.gadget_line).mapped("counted_qty"), [3, 2.25, 12])
        self.assertEqual(self.line_b.state, "pending")

    def test_a_test_run_takes_nothing_and_says_what_is_wrong(self):
        rows = [["ID", "Counted"], [self.line.id, "3"]]
        self.assertFalse(self._import(self._write_csv(rows), dryrun=True)["messages"])
        self.assertFalse(self.line.entry_ids)
        rows += [[self.gadget_line.id, "-1"], [self.line_b.id, "much"]]
        for dryrun in (True, False):
            result = self._import(self._write_csv(rows), dryrun=dryrun)
            self.assertEqual([message["record"] for message in result["messages"]], [3, 4])
        self.assertFalse(self.sheet.line_ids.entry_ids)

    def test_spreadsheets_mean_the_same_number_in_every_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env.ref("base.lang_de").write({"decimal_point": ",", "thousands_sep": "."})
        self.counter.lang = "de_DE"
        self._import(self._write_xlsx([["ID", "Counted"], [self.line.id, 1.234], [self.line_b.id, 1500]]), XLSX)
        self.assertEqual((self.line | self.line_b).mapped("counted_qty"), [1.23, 1500])
        self._import(self._write_csv([["ID", "Counted"], [self.line.id, "1.234"], [self.line_b.id, "1,5"]], ";"))
        self.assertEqual((self.line | self.line_b).mapped("counted_qty"), [1234, 1.5])
        self.assertEqual(self.line.with_user(self.counter).with_context(lang="de_DE")._format_quantity(1.5), "1,5")

    def test_texts_of_spreadsheets_are_read_in_the_language(self):
        """A cell that holds the text 1.500 means what it would mean typed; never a factor of 1,000."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.env.ref("base.lang_de").write({"decimal_point": ",", "thousands_sep": "."})
        for lang, text, quantity in (
                ("de_DE", "1.500", 1500), ("de_DE", "1,5", 1.5), ("de_DE", "1.234.567", 1234567),
                ("en_US", "1,500", 1500), ("en_US", "1.500", 1.5), ("en_US", "2.25", 2.25)):
            with self.subTest(lang=lang, text=text):
                self.counter.lang = lang
                result = self._import(
                    self._write_xlsx([["ID", "Counted"], [None, None], [self.line.id, text], [self.line_b.id, 1.25]]), XLSX)
                self.assertFalse(result["messages"])
                self.assertEqual((self.line | self.line_b).mapped("counted_qty"), [quantity, 1.25])
        self.counter.lang = "de_DE"
        result = self._import(self._write_xlsx([["ID", "Counted"], [self.line.id, "1.5"]]), XLSX)
        self.assertIn("not a number", result["messages"][0]["message"])

    def test_templates_are_offered(self):
        Line = self.env["stock.cycle.count.line"].with_user(self.counter)
        templates = Line.with_context(default_count_id=self.sheet.id).get_import_templates()
        self.assertEqual([template["template"] for template in templates], [
            f"/stock_cycle_count/{self.sheet.id}/counts.xlsx", f"/stock_cycle_count/{self.sheet.id}/counts.csv"])
        self.assertEqual(Line.get_import_templates(), [])
        action = self.sheet.with_user(self.counter).action_import()
        self.assertEqual((action["tag"], action["params"]["model"]), ("import", Line._name))


@tagged("post_install", "-at_install")
class TestCountDownload(HttpCase, ImportCase):
    """The file to fill in, as it comes from the server."""

    def _download(self, user, kind, sheet=None):
        self.authenticate(user.login, user.login)
        return self.url_open(f"/stock_cycle_count/{(sheet or self.sheet).id}/counts.{kind}")

    def test_a_file_is_filled_in_and_comes_back(self):
        formulas = ["=1+1", "\t=1+1", "\uff1d1+1", "@SUM(1)", "-1", "\uff0b1"]
        for line, formula in zip(self.sheet.line_ids.sorted(), formulas):
            line.note = formula
        response = self._download(self.counter, "csv")
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        titles = rows[0]
        self.assertEqual(titles[:5], ["ID", "Sheet", "Location", "Product", "Lot or Serial Number"])
        self.assertNotIn("Package", titles)
        self.assertEqual([row[titles.index("Note")] for row in rows[1:]], [f"'{formula}" for formula in formulas])
        for number, row in enumerate(rows[1:]):
            row[titles.index("Counted")] = str(number % 2)
        content = io.StringIO()
        csv.writer(content).writerows(rows)
        self.assertFalse(self._import(content.getvalue().encode())["messages"])
        self.assertEqual(self.sheet.line_ids.sorted().mapped("counted_qty"), [0, 1, 0, 1, 0, 1])
        self.assertEqual(
            {title: name for title, name in self.mapping.items() if name}, {
                "ID": "id", "Sheet": "count_id", "Location": "location_id", "Product": "product_id",
                "Lot or Serial Number": "lot_id", "Unit of Measure": "product_uom_id",
                "Counted": "count_input", "Counted At": "late_date", "Not Counted Because": "skip_reason", "Note": "note"})
        self.assertFalse(self._import(self._download(self.counter, "xlsx").content, XLSX)["messages"])
        self.assertEqual(len(self.sheet.line_ids.entry_ids), 6, "nothing was filled in")

    def test_blind_sheets_do_not_show_what_is_expected(self):
        for kind in ("csv", "xlsx"):
            wizard = self.env["base_import.import"].create({
                "res_model": "stock.cycle.count.line", "file": self._download(self.counter, kind).content,
                "file_type": CSV if kind == "csv" else XLSX})
            content = str(wizard.parse_preview(dict(OPTIONS), count=50))
            self.assertIn("Widget", content)
            self.assertNotIn("On Hand", content)
        sheet = self.make_sheet((self.product, self.bin_c), blind=False)
        self.receive(self.product, self.bin_c, 4711)
        self.assertIn("4711", self._download(self.counter, "csv", sheet).text)

    def test_files_are_for_those_who_see_the_sheet(self):
        self.assertEqual(self._download(self.supervisor, "csv").status_code, 200)
        for user in (self.second, self.outsider):
            response = self._download(user, "csv")
            self.assertNotEqual(response.status_code, 200)
            self.assertNotIn("Widget", response.text)
        portal = new_test_user(self.env, "floor_portal", "base.group_portal")
        self.assertNotEqual(self._download(portal, "xlsx").status_code, 200)
        self.assertTrue(self.counter.has_group(COUNTER))
