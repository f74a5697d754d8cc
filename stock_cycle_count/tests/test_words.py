import base64
import io
import re

from lxml import etree
from PIL import Image

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestWords(GateCase):
    """What sheets, lines, transfers and papers tell whoever looks at them."""

    def _get_columns(self, user, sheet):
        """Columns of the lines of a sheet, as their conditions are written, and the sheet's values these ask for."""
        arch = self.call(user, sheet.browse(), "get_views", [(False, "form")])["views"]["form"]["arch"]
        self.assertIn("parent.has_lots", arch)
        [values] = self.call(user, sheet, "read", ["has_lots", "has_packages", "has_owners", "has_reasons"])
        return values

    def test_columns_without_values_are_hidden(self):
        sheet = self.make_sheet((self.product, self.bin_a))
        values = self._get_columns(self.supervisor, sheet)
        self.assertFalse(values["has_lots"] or values["has_packages"] or values["has_owners"])
        lots = self.make_sheet((self.lot_product, self.bin_b, self.lot))
        self.assertTrue(self._get_columns(self.supervisor, lots)["has_lots"])
        self.assertFalse(values["has_reasons"])
        line = self._close_with((3, self.product, self.bin_c)).line_ids
        line.with_user(self.supervisor).reason_id = self.reason
        self.assertTrue(self._get_columns(self.supervisor, line.count_id)["has_reasons"])

    def test_a_posted_line_says_who_approved_it(self):
        line = self._close_with((3, self.product, self.bin_a)).line_ids
        self.assertFalse(line.approver_names)
        self._approve(line, self.supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual((line.state, line.approver_names), ("posted", self.supervisor.name))
        within = self._close_with((2, self.product, self.bin_a)).line_ids
        self.assertEqual((within.state, within.approver_names), ("posted", False), "nobody was asked")
        with self.assertRaises(AccessError):
            self.call(self.worker, line, "read", ["approver_names"])

    def test_a_verdict_asks_nobody_to_act_once_it_is_posted(self):
        """It says how a line was judged, which stays true, and warns as long as somebody is to act."""
        line = self._close_with((3, self.product, self.bin_a)).line_ids
        self._approve(line, self.supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        for record in (line, line.count_id):
            views = self.call(self.supervisor, record.browse(), "get_views", [(False, "form")])["views"]
            [badge] = etree.fromstring(views["form"]["arch"]).xpath("//field[@name='verdict'][@widget='badge']")
            for state, shown in (("to_approve", ["warning"]), (line.state, [])):
                values = {"state": state, "verdict": line.verdict}
                self.assertEqual(shown, [
                    kind for kind in ("success", "warning") if safe_eval(badge.get(f"decoration-{kind}"), values)])
        labels = dict(line.fields_get(["verdict"])["verdict"]["selection"])
        self.assertEqual(labels[line.verdict], "Out of Tolerance")

    def test_a_done_sheet_leads_to_what_it_made(self):
        sheet = self._close_with((3, self.product, self.bin_a))
        self.assertEqual((sheet.move_count, sheet.layer_count), (0, 0))
        self._approve(sheet.line_ids, self.supervisor)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(sheet.move_count, 1)
        for user in (self.supervisor, self.finance):
            action = self.call(user, sheet, "action_view_moves")
            moves = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(moves, sheet.line_ids.move_ids)
            self.assertTrue(self.call(user, moves, "read", ["display_name"]))
        if "stock.valuation.layer" in self.env:
            layers = sheet.line_ids.move_ids.stock_valuation_layer_ids
            self.assertEqual(sheet.with_user(self.manager).sudo().layer_count, len(layers))
            action = sheet.sudo().action_view_layers()
            self.assertEqual(self.env["stock.valuation.layer"].search(action["domain"]), layers)
        with self.assertRaises(AccessError):
            self.call(self.worker, sheet, "read", ["move_count"])

    def test_found_elsewhere_tells_the_package(self):
        self.receive(self.other_product, self.bin_b, 4, package=self.package)
        sheet = self.make_sheet()
        sheet.line_ids = [
            Command.create(self.key_values(self.other_product, self.bin_b, package_id=self.package.id)),
            Command.create(self.key_values(self.other_product, self.bin_b))]
        sheet.with_user(self.counter).action_start()
        for line, quantity in zip(sheet.line_ids, (0, 4)):
            self.count(line, quantity)
        sheet.with_user(self.counter).action_close()
        [transfer] = sheet.transfer_ids
        self.assertEqual((transfer.from_place, transfer.to_place), (self.package.name, "no package"))
        transfer.location_id = self.bin_c
        self.assertEqual(
            (transfer.from_place, transfer.to_place),
            (f"{self.bin_c.display_name}, {self.package.name}", self.bin_b.display_name))

    def test_a_sheet_knows_the_warehouse_of_its_lines(self):
        def make(*places):
            return self.env["stock.cycle.count"].create({
                "line_ids": [Command.create(self.key_values(self.product, place)) for place in places]})

        self.assertEqual(make(self.bin_a).warehouse_id, self.warehouse)
        other = self.env["stock.warehouse"].create({"name": "Second", "code": "2ND", "company_id": self.company.id})
        self.assertFalse(make(self.bin_b, other.lot_stock_id).warehouse_id)
        chosen = self.make_sheet((self.product, self.bin_c), warehouse_id=other.id)
        self.assertEqual(chosen.warehouse_id, other)

    def test_a_sheet_without_lines_is_nothing_to_count(self):
        empty, sheet = self.make_sheet(), self.make_sheet((self.product, self.bin_a))
        data = self.call(self.counter, self.env["stock.cycle.count.scanner"], "show", {})["data"]
        shown = [card["id"] for card in data["sheets"]]
        self.assertIn(sheet.id, shown)
        self.assertNotIn(empty.id, shown)

    def test_vouchers_are_for_whoever_sees_the_result(self):
        report = self.env.ref("stock_cycle_count.action_report_count_voucher")
        sheet = self._close_with((3, self.product, self.bin_a))
        for role, is_offered in {
            "counter": False, "worker": False, "manager": False, "supervisor": True, "finance": True,
        }.items():
            with self.subTest(role=role):
                user = getattr(self, role)
                bindings = self.env["ir.actions.actions"].with_user(user).get_bindings("stock.cycle.count")
                self.assertEqual(report.id in [one["id"] for one in bindings.get("report", ())], is_offered)
                values = self.env["report.stock_cycle_count.count_voucher"].with_user(user)
                if is_offered:
                    self.assertEqual(values._get_report_values(sheet.ids)["docs"].line_ids.variance_qty, -97)
                else:
                    with self.assertRaises(AccessError):
                        values._get_report_values(sheet.ids)

    def test_barcodes_are_drawn_as_they_are(self):
        """Bar by bar, and in little room: of pictures, paper of 300 lines had megabytes."""
        draw = self.env["report.stock_cycle_count.count_sheet"]._draw_code
        for kind, code, size in (
            ("Code128", "CC-1001", (720, 28)), ("QR", "Ein längerer Text", (150, 150)), ("EAN13", "4006381333931", (720, 28)),
        ):
            with self.subTest(kind=kind):
                head, content = draw(kind, code, *size).split(",")
                self.assertEqual(head, "data:image/svg+xml;base64")
                self.assertLess(len(content), 20000 if kind == "QR" else 2000)
                path = etree.fromstring(base64.b64decode(content))[0].get("d")
                drawn = Image.new("L", size, 255)
                for left, top, wide, deep in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path):
                    drawn.paste(0, (int(left), int(top), int(left) + int(wide), int(top) + int(deep)))
                picture = Image.open(io.BytesIO(self.env["ir.actions.report"].barcode(
                    kind, code, width=size[0], height=size[1], quiet=kind == "QR")))
                self.assertEqual(
                    list(drawn.getdata()), [255 * (grey > 127) for grey in picture.convert("L").getdata()])

    def test_the_unit_of_a_file_is_looked_at(self):
        sheet = self.make_sheet((self.product, self.bin_a), start=True)
        tree = self.env["base_import.import"].with_user(self.counter).get_fields_tree("stock.cycle.count.line")
        self.assertEqual([field["name"] for field in tree].count("product_uom_id"), 1)
        line, unit = sheet.line_ids, sheet.line_ids.product_uom_id.name

        def load(text, **context):
            return self.as_user(self.counter, line.browse(), **context).load(
                [".id", "product_uom_id", "count_input"], [[str(line.id), text, "5"]])

        refused = load("Barrels", import_file=True)
        self.assertFalse(refused["ids"])
        self.assertEqual(refused["messages"][0]["message"], f"it is counted in {unit}, not in Barrels.")
        self.assertTrue(load("Barrels")["messages"][0]["message"].startswith("Row 1: "))
        self.assertEqual(load(unit.upper())["ids"], line.ids)
        self.assertEqual(line.counted_qty, 5)
