import io
import re
import shutil
import unittest

from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import file_open
from odoo.tools.pdf import PdfFileReader

from ..report import stock_cycle_count_sheet as measures
from .common import CountCase

REPORT = "stock_cycle_count.count_sheet"
#: No id, date or label holds these digits.
TRUTH = 47113
#: Labels that stand for buttons of the scanner.
COMMANDS = [f"O-BTN.{command}" for command in ("ok", "undo", "empty", "next", "close")]


class SheetReportCase(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.barcode = "5901234123457"
        cls.receive(cls.product, cls.bin_a, TRUTH)
        cls.package = cls.env["stock.quant.package"].create({"name": "FLR-PACK-1"})
        cls.owner = cls.env["res.partner"].create({"name": "Consigned Goods Limited"})

    def _render(self, sheets, user=None):
        """The report as a page, as a user sees it."""
        content, kind = self.env["ir.actions.report"].with_user(user or self.counter)._render_qweb_html(
            REPORT, sheets.ids)
        self.assertEqual(kind, "html")
        return html.fromstring(content)

    def _get_text(self, page):
        for style in page.xpath("//style | //script"):
            style.getparent().remove(style)
        return " ".join(page.text_content().split())

    def _get_locations(self, page):
        return [" ".join(node.text_content().split()) for node in page.xpath("//div[@class='o_cc_location']")]

    def _get_barcodes(self, page):
        return [node.get("alt").removeprefix("Barcode ") for node in page.xpath("//img")]


class TestSheetReport(SheetReportCase):

    def test_the_poster_has_the_labels_that_the_scanner_knows(self):
        content, _kind = self.env["ir.actions.report"].with_user(self.counter)._render_qweb_html(
            "stock_cycle_count.count_poster", [])
        self.assertEqual(self._get_barcodes(html.fromstring(content)), COMMANDS)
        with file_open("stock_cycle_count/static/src/count_scanner/scanner_commands.js") as script:
            self.assertEqual(re.findall(r'"(O-BTN\.[a-z]+)"', script.read()), COMMANDS)

    def test_it_shows_what_is_to_be_counted(self):
        sheet = self.make_sheet((self.product,), (self.lot_product, self.bin_b, self.lot))
        self.env["stock.cycle.count.line"].create({
            "count_id": sheet.id, "owner_id": self.owner.id,
            **self.key_values(self.serial_product, self.bin_b, self.serial, package_id=self.package.id, sequence=5)})
        page = self._render(sheet)
        self.assertEqual(
            self._get_barcodes(page), [sheet.name, "FLR-A", "5901234123457", "FLR-B", "PAINT-1", "DRILL-1", *COMMANDS])
        text = self._get_text(page)
        for part in (sheet.name, "Floor Counter", "Page 1 of 1", "Lines: 3 ", "Lot PAINT-1", "Serial DRILL-1",
                     "Package FLR-PACK-1", "Owner Consigned Goods Limited", self.product.uom_id.name, "Signature",
                     self.bin_a.complete_name, "Widget", "WIDGET"):
            self.assertIn(part, text)
        boxes = page.xpath("//tr[@class='o_cc_line']//div[@class='o_cc_box']")
        self.assertEqual(len(boxes), 3 + 3, "a box for each line, and some for what is found")
        self.assertFalse("".join(box.text_content().strip() for box in boxes))

    def test_blind_sheets_show_nobody_what_is_expected(self):
        sheet = self.make_sheet((self.product,), start=True)
        for user in (self.counter, self.worker, self.supervisor, self.manager):
            text = self._get_text(self._render(sheet, user))
            self.assertNotIn(str(TRUTH), text.replace(",", ""))
            self.assertNotIn("Expected", text)

    def test_open_sheets_show_what_is_expected(self):
        sheet = self.make_sheet((self.product,), blind=False)
        text = self._get_text(self._render(sheet))
        self.assertIn(str(TRUTH), text)
        self.assertIn("Expected", text)

    def test_bins_stand_in_walking_order(self):
        self.bin_a.posx, self.bin_c.posx = 3, 1
        made_by_hand = self.make_sheet()
        self.env["stock.cycle.count.line"].create([
            {"count_id": made_by_hand.id, **self.key_values(self.product, location)}
            for location in (self.bin_a, self.bin_b, self.bin_c)])
        names = [location.complete_name for location in (self.bin_b, self.bin_c, self.bin_a)]
        self.assertEqual(self._get_locations(self._render(made_by_hand)), names)
        made_by_hand.line_ids.unlink()
        planned = self.make_sheet(*((self.product, location) for location in (self.bin_c, self.bin_a, self.bin_b)))
        self.assertEqual(self._get_locations(self._render(planned)), [names[1], names[2], names[0]])

    def test_a_recount_prints_what_is_recounted(self):
        sheet = self.make_sheet((self.product,), (self.other_product, self.bin_b), start=True)
        self.count(sheet.line_ids[0], 12)
        sheet._send_to_recount(sheet.line_ids[0], self.second)
        self.count(sheet.line_ids[1], 7)
        text = self._get_text(self._render(sheet, self.second))
        self.assertIn("Lines: 1 of 2", text)
        self.assertNotIn("Gadget", text)
        self.assertNotRegex(text, r"\b12 Units")

    def test_a_counted_sheet_prints_its_counts(self):
        sheet = self.make_sheet((self.product,), (self.other_product, self.bin_b), start=True)
        for line, quantity in zip(sheet.line_ids, (12, 0)):
            self.count(line, quantity)
        text = self._get_text(self._render(sheet))
        self.assertIn("12 Units", text)
        self.assertIn("0 Units", text)

    def test_who_cannot_see_a_sheet_cannot_print_it(self):
        sheet = self.make_sheet((self.product,))
        for user in (self.second, self.outsider):
            with self.assertRaises(AccessError):
                self._render(sheet, user)
        self.assertTrue(sheet.with_user(self.counter).action_print()["report_name"], REPORT)

    def test_pages_are_counted_by_sheet(self):
        locations = self.env["stock.location"].create(
            [{"name": f"Rack {number}", "location_id": self.stock.id} for number in range(30)])
        long = self.make_sheet(*(
            (product, location) for location in locations for product in (self.product, self.other_product)))
        short = self.make_sheet((self.product, self.bin_b))
        page = self._render(long | short)
        numbers = re.findall(r"Page (\d+) of (\d+)", self._get_text(page))
        total = len(numbers) - 1
        self.assertGreater(total, 3)
        self.assertEqual(numbers, [(str(number), str(total)) for number in range(1, total + 1)] + [("1", "1")])
        numbers = [node.text for node in page.xpath("//tr[@class='o_cc_line']/td[1]") if node.text]
        self.assertEqual(numbers, [str(number) for number in range(1, 61)] + ["1"])
        self.assertEqual(len(page.xpath("//table[@class='o_cc_sign']")), 2)

    def test_queries_do_not_grow_with_lines(self):
        locations = self.env["stock.location"].create(
            [{"name": f"Rack {number}", "location_id": self.stock.id} for number in range(80)])
        numbers = []
        for count in (5, 75):
            sheet = self.make_sheet(*((self.product, location) for location in locations[:count]), blind=False)
            locations = locations[count:]
            self._render(sheet)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._render(sheet)
            numbers.append(self.cr.sql_log_count - before)
        self.assertLessEqual(numbers[1], numbers[0] + 3, numbers)

    def test_text_of_any_length_fits_its_row(self):
        names = ["Hexagon socket head cap screw, stainless steel A4-70, M8 x 40 mm, box of one hundred " * 2, "Widget"]
        Report = self.env["report.stock_cycle_count.count_sheet"]
        line = {"product": names[0], "product_code": "X", "lot": "L" * 40, "package": "P" * 20, "owner": "O" * 60}
        heights = [
            Report._get_height(dict(line, product=name, lot=lot, package="", owner=owner), True)
            for name in names for lot in (line["lot"], "") for owner in (line["owner"], "")]
        self.assertEqual(min(heights), measures.SHORTEST_ROW)
        self.assertEqual(heights[-1], measures.SHORTEST_ROW)
        self.assertTrue(all(height > measures.SHORTEST_ROW for height in heights[:-1]), heights)


@tagged("post_install", "-at_install")
class TestSheetPdf(SheetReportCase):

    @unittest.skipUnless(shutil.which("wkhtmltopdf"), "wkhtmltopdf is not installed")
    def test_the_pdf_has_the_pages_that_it_says(self):
        locations = self.env["stock.location"].create([
            {"name": f"Rack {number}", "barcode": f"FLR-R{number}", "location_id": self.stock.id}
            for number in range(15)])
        self.lot_product.name = "Hexagon socket countersunk head cap screw, stainless steel A4-70, DIN 7991, M8 x 40 mm"
        self.lot.name = "LOT-WITH-A-VERY-LONG-NAME-2024-11-21-B"
        sheet = self.make_sheet(*(
            key for location in locations for key in (
                (self.product, location), (self.lot_product, location, self.lot), (self.other_product, location),
                (self.serial_product, location, self.serial))))
        short = self.make_sheet((self.product, self.bin_b), blind=False)
        # Styles and scripts stand in the page: the server need not answer while the PDF is made.
        self.env["ir.config_parameter"].set_param("report.url", "http://127.0.0.1:9")
        self.env["ir.config_parameter"].set_param("report.print_delay", "10")
        with self.assertLogs("odoo.addons.base.models.ir_actions_report"):
            content, kind = self.env["ir.actions.report"].with_user(self.counter).with_context(
                force_report_rendering=True)._render_qweb_pdf(REPORT, (sheet | short).ids)
        self.assertEqual(kind, "pdf")
        pages = re.findall(r"Page (\d+) of (\d+)", self._get_text(self._render(sheet | short)))
        self.assertEqual(PdfFileReader(io.BytesIO(content)).getNumPages(), len(pages))
