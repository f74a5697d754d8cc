import logging
import uuid

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_floor import FloorCase

_logger = logging.getLogger(__name__)

#: A scan's server call stays under this, whatever the size of the sheet.
QUERY_BUDGET = 25
#: What was found is more than a scan: its first entry makes the line, a new number its lot too, and the sheet's number of
#: lines follows. Of these calls each makes records and writes them, which Odoo does one model at a time.
MAKING_BUDGETS = {
    "found": 32, "found lot": 32, "found serial": 33, "new lot": 36, "new serial": 36}


class ScannerCase(FloorCase):
    """A sheet of two bins with a product, a lot and a serial number, and a device of the counter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.barcode = "2990000000019"
        cls.other_product.barcode = "2990000000026"
        cls.serial_product.barcode = "DRILL"
        cls.lot_product.barcode = "PAINT"
        cls.box = cls.env["product.packaging"].create(
            {"name": "Box of 12", "product_id": cls.product.id, "qty": 12, "barcode": "BOX12"})
        for product, location, quantity, lot in (
            (cls.product, cls.bin_a, 40, None), (cls.lot_product, cls.bin_a, 7, cls.lot),
            (cls.serial_product, cls.bin_b, 1, cls.serial),
        ):
            cls.env["stock.quant"]._update_available_quantity(product, location, quantity, lot_id=lot)
        cls.sheet = cls._make_sheet(
            (cls.product, cls.bin_a), (cls.lot_product, cls.bin_a, cls.lot),
            (cls.serial_product, cls.bin_b, cls.serial), start=True)
        cls.line, cls.lot_line, cls.serial_line = cls.sheet.line_ids.sorted("sequence")
        cls.at_a = {"screen": "location", "count_id": cls.sheet.id, "location_id": cls.bin_a.id}
        cls.at_b = dict(cls.at_a, location_id=cls.bin_b.id)

    def _scanner(self, user=None):
        return self.env["stock.cycle.count.scanner"].with_user(user or self.counter)

    def _scan(self, state, barcode, user=None):
        return self._scanner(user).scan(state, barcode)

    def _entry(self, target=None, kind="add", quantity=1, **values):
        """An entry as the device makes it of a line or of a target."""
        if target and hasattr(target, "_name"):
            target = {"line_id": target.id}
        target = target or {}
        product = self.env["product.product"].browse(target.get("product_id")) if target.get("product_id") else (
            self.env["stock.cycle.count.line"].browse(target.get("line_id")).product_id)
        parts = [(f"uom-{product.uom_id.id}", quantity)]
        return {"client_key": str(uuid.uuid4()), "kind": kind, "count_id": self.sheet.id, "parts": parts,
                **target, **values}

    def _send(self, *entries, user=None):
        return self._scanner(user).record(list(entries))

    def _send_one(self, *args, user=None, **values):
        return self._send(self._entry(*args, **values), user=user)["verdicts"][0]


@tagged("post_install", "-at_install")
class TestScannerApi(ScannerCase):

    def test_only_counters_pass_the_gate(self):
        for call in (("show", {}), ("scan", {}, "X"), ("act", {}, "start"), ("record", [])):
            with self.assertRaises(AccessError):
                getattr(self._scanner(self.outsider), call[0])(*call[1:])

    def test_home_lists_own_and_unassigned_sheets(self):
        free = self._make_sheet((self.product, self.bin_c), user=self.env["res.users"], scheduled_date="2020-01-01")
        foreign = self._make_sheet((self.other_product, self.bin_c), user=self.second)
        answer = self._scanner().show({"screen": "home"})
        cards = {card["id"]: card for card in answer["data"]["sheets"]}
        self.assertIn(self.sheet.id, cards)
        self.assertEqual(cards[free.id]["when"], "late")
        self.assertNotIn(foreign.id, cards)

    def test_location_opens_its_lines_in_walking_order(self):
        answer = self._scan({"screen": "sheet", "count_id": self.sheet.id}, "FLR-A")
        self.assertEqual(answer["state"]["location_id"], self.bin_a.id)
        self.assertEqual([entry["id"] for entry in answer["data"]["locations"]], [self.bin_a.id, self.bin_b.id])
        lines = answer["data"]["bins"][self.bin_a.id]["lines"]
        self.assertEqual([line["id"] for line in lines], [self.line.id, self.lot_line.id])
        self.assertEqual(answer["message"]["sound"], "ok")
        codes = answer["data"]["bins"][self.bin_a.id]["codes"]
        self.assertEqual(codes["2990000000019"], (self.line.id, 1))
        self.assertEqual(codes["BOX12"], (self.line.id, 12))
        self.assertEqual(codes["PAINT-1"], (self.lot_line.id, 1))
        self.assertNotIn("PAINT", codes, "The lot is to be read as well")

    def test_location_scanned_at_home_opens_its_sheet(self):
        answer = self._scan({"screen": "home"}, "FLR-B")
        self.assertEqual(answer["state"]["count_id"], self.sheet.id)
        self.assertEqual(answer["state"]["location_id"], self.bin_b.id)
        answer = self._scan({"screen": "home"}, "FLR-C")
        self.assertEqual(answer["message"]["type"], "danger")

    def test_location_scanned_at_home_opens_joined_sheets_too(self):
        self.assertEqual(self._scan({"screen": "home"}, "FLR-A", self.second)["message"]["type"], "danger")
        self._scanner(self.second).act({"screen": "sheet", "count_id": self.sheet.id}, "join")
        answer = self._scan({"screen": "home"}, "FLR-A", self.second)
        self.assertEqual(answer["state"], dict(self.at_a, package_id=False))
        # What is being counted goes before an own sheet that waits, however late that is.
        waiting = self._make_sheet((self.other_product, self.bin_a), user=self.second, scheduled_date="2020-01-01")
        answer = self._scan({"screen": "home"}, "FLR-A", self.second)
        self.assertEqual(answer["state"]["count_id"], self.sheet.id)
        waiting.with_user(self.second).action_start()
        answer = self._scan({"screen": "home"}, "FLR-A", self.second)
        self.assertEqual(answer["state"]["count_id"], waiting.id)

    def test_location_scanned_at_home_opens_recounts_of_others_sheets(self):
        self._send(self._entry(self.line, "set", 38))
        self.sheet.sudo()._send_to_recount(self.line, self.second)
        answer = self._scan({"screen": "home"}, "FLR-A", self.second)
        self.assertEqual(answer["state"]["count_id"], self.sheet.id)
        self.assertTrue(answer["data"]["bins"][self.bin_a.id]["lines"][0]["mine"])

    def test_wrong_location_is_refused_and_other_bin_offered(self):
        answer = self._scan(self.at_a, "FLR-C")
        self.assertEqual((answer["state"], answer["message"]["sound"]), (self.at_a, "error"))
        self.assertIn("not on this sheet", answer["message"]["text"])
        answer = self._scan(self.at_a, "FLR-B")
        self.assertEqual(answer["message"]["sound"], "warning")
        self.assertEqual(answer["question"]["state"]["location_id"], self.bin_b.id)
        self._send(self._entry(self.line), self._entry(self.lot_line))
        answer = self._scan(self.at_a, "FLR-B")
        self.assertNotIn("question", answer, "Nothing is left behind")
        self.assertEqual(answer["state"]["location_id"], self.bin_b.id)

    def test_product_packaging_and_lot_count_on_their_line(self):
        for barcode, line, quantity in (
            ("2990000000019", self.line, None), ("02990000000019", self.line, None), ("BOX12", self.line, 12),
            ("WIDGET", self.line, None), ("PAINT-1", self.lot_line, None),
        ):
            with self.subTest(barcode):
                answer = self._scan(self.at_a, barcode)
                self.assertEqual(answer["target"], {"line_id": line.id, "quantity": quantity})

    def test_tracked_product_asks_for_its_lot(self):
        answer = self._scan(self.at_a, "PAINT")
        self.assertEqual(answer["state"]["product_id"], self.lot_product.id)
        self.assertEqual([choice["target"]["line_id"] for choice in answer["choices"]], [self.lot_line.id])
        answer = self._scan(answer["state"], "NEW-LOT")
        self.assertEqual(answer["question"]["target"]["lot_name"], "NEW-LOT")
        self.assertFalse(self.env["stock.lot"].search([("name", "=", "NEW-LOT")]), "Not before it is counted")
        verdict = self._send_one(dict(answer["question"]["target"]), quantity=3)
        self.assertEqual(verdict["status"], "done")
        line = self.sheet.line_ids.filtered(lambda line: line.lot_id.name == "NEW-LOT")
        self.assertEqual((line.selection_reason, line.counted_qty, line.expected_qty), ("found", 3, 0))

    def test_product_scanned_for_a_lot_is_no_lot(self):
        state = self._scan(self.at_a, "PAINT")["state"]
        answer = self._scan(state, "2990000000019")
        self.assertEqual(answer["target"]["line_id"], self.line.id)

    def test_unknown_barcode_and_product_of_another_company(self):
        self.assertIn("ZZZ", self._scan(self.at_a, "ZZZ")["message"]["text"])
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["product.product"].create(
            {"name": "Secret", "type": "product", "barcode": "SECRET", "company_id": company.id})
        answer = self._scan(self.at_a, "SECRET")
        self.assertEqual((answer["message"]["title"], answer["message"]["sound"]), ("Another company", "error"))

    def test_found_product_is_confirmed_and_recorded(self):
        answer = self._scan(self.at_a, "2990000000026")
        self.assertEqual(answer["message"]["sound"], "warning")
        reply = self._send(self._entry(answer["question"]["target"]))
        self.assertEqual(reply["verdicts"][0]["status"], "done")
        line = self.sheet.line_ids.filtered(lambda line: line.product_id == self.other_product)
        self.assertEqual((line.selection_reason, line.counted_qty), ("found", 1))
        self.assertEqual([shown["id"] for shown in reply["lines"]], [line.id])
        self.assertEqual(reply["codes"], {self.other_product.barcode: (line.id, 1)}, "The next scan needs no question")

    def test_serial_known_elsewhere_is_found_here(self):
        answer = self._scan(self.at_a, "DRILL-1")
        self.assertEqual(answer["question"]["target"]["lot_name"], "DRILL-1")
        self.assertEqual(self._send_one(answer["question"]["target"])["status"], "done")
        line = self.sheet.line_ids.filtered(lambda line: line.lot_id == self.serial and line.location_id == self.bin_a)
        self.assertEqual((line.counted_qty, line.lot_id), (1, self.serial))
        # Counting the other one too is asked about.
        entry = self._entry(self.serial_line)
        verdict = self._send(entry)["verdicts"][0]
        self.assertEqual(verdict["status"], "question")
        self.assertFalse(self.serial_line.entry_ids)
        self.assertEqual(self._send(dict(entry, confirmed=True))["verdicts"][0]["status"], "done")

    def test_same_serial_twice_is_refused(self):
        self.assertEqual(self._send_one(self.serial_line)["status"], "done")
        answer = self._scan(self.at_b, "DRILL-1")
        self.assertEqual(answer["message"]["sound"], "error")
        verdict = self._send_one(self.serial_line)
        self.assertEqual(verdict["status"], "refused")
        self.assertIn("already", verdict["text"])
        self.assertEqual(self.serial_line.counted_qty, 1)
        self.assertEqual(self._send_one(self.serial_line, kind="set", quantity=2)["status"], "refused")
        self.assertEqual(self._send_one(self.serial_line, kind="set", quantity=0)["status"], "done")

    def test_package_collects_what_is_in_it(self):
        package = self.env["stock.quant.package"].create({"name": "PACK-7"})
        answer = self._scan(self.at_a, "PACK-7")
        self.assertEqual(answer["state"]["package_id"], package.id)
        answer = self._scan(answer["state"], "2990000000019")
        self.assertEqual(answer["question"]["target"]["package_id"], package.id)
        self._send(self._entry(answer["question"]["target"], quantity=4))
        line = self.sheet.line_ids.filtered("package_id")
        self.assertEqual((line.package_id, line.counted_qty), (package, 4))
        self.assertEqual(self._scan(dict(self.at_a, package_id=package.id), "2990000000019")["target"]["line_id"], line.id)
        self.assertEqual(self._scan(self.at_a, "2990000000019")["target"]["line_id"], self.line.id, "Loose goods")
        self.assertFalse(self._scan(answer["state"], "PACK-7")["state"]["package_id"])

    def test_gs1_gives_product_lot_and_quantity(self):
        self.company.nomenclature_id = self.env.ref("barcodes_gs1_nomenclature.default_gs1_nomenclature")
        answer = self._scan(self.at_a, "0102990000000019" + "3724")
        self.assertEqual(answer["target"], {"line_id": self.line.id, "quantity": 24})
        self.lot_product.barcode = "2990000000033"
        answer = self._scan(self.at_a, "0102990000000033" + "3705\x1d" + "10PAINT-1")
        self.assertEqual(answer["target"], {"line_id": self.lot_line.id, "quantity": 5})
        answer = self._scan(self.at_a, "0102990000000033" + "10PAINT-9")
        self.assertEqual(answer["question"]["target"]["lot_name"], "PAINT-9")

    def test_made_up_states_tell_nothing_of_other_companies(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        secret = self.env["product.product"].create(
            {"name": "Secret", "type": "product", "tracking": "lot", "company_id": company.id})
        package = self.env["stock.quant.package"].create({"name": "SECRET-PACK"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", company.id)])
        self.env["stock.quant"]._update_available_quantity(
            self.other_product, warehouse.lot_stock_id, 1, package_id=package)
        self.assertEqual(package.company_id, company)
        answer = self._scan(dict(self.at_a, product_id=secret.id), "ANY")
        self.assertNotIn("question", answer)
        answer = self._scan(dict(self.at_a, package_id=package.id), self.other_product.barcode)
        self.assertNotIn("SECRET-PACK", repr(answer))
        verdict = self._send_one({"location_id": self.bin_a.id, "product_id": secret.id}, lot_name="X")
        self.assertEqual(verdict["status"], "refused")
        self.assertNotIn("Secret", verdict["text"])

    def test_sheets_of_other_companies_stay_closed(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.sheet.flush_recordset()
        self.env.cr.execute(
            "UPDATE stock_cycle_count SET company_id = %s WHERE id = %s", (company.id, self.sheet.id))
        self.env.cr.execute(
            "UPDATE stock_cycle_count_line SET company_id = %s WHERE count_id = %s", (company.id, self.sheet.id))
        self.env.invalidate_all()
        self.assertEqual(self._scanner().show(self.at_a)["state"], {"screen": "home"})
        self.assertNotIn("target", self._scan(self.at_a, self.product.barcode))
        self.assertEqual(self._scanner().act(self.at_a, "take_over")["state"], {"screen": "home"})
        self.assertEqual(self._send_one(self.line)["status"], "refused")

    def test_all_companies_of_the_user_are_looked_at(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.counter.company_ids |= company
        scanner = self._scanner().with_context(allowed_company_ids=[company.id, self.company.id])
        answer = scanner.scan({"screen": "home"}, self.sheet.name)
        self.assertEqual(answer["data"]["sheet"]["id"], self.sheet.id)
        scanner = self._scanner().with_context(allowed_company_ids=[company.id])
        self.assertEqual(scanner.record([self._entry(self.line)])["verdicts"][0]["status"], "done", "It waited")

    def test_location_of_a_sheet_that_waits_asks_to_start(self):
        sheet = self._make_sheet((self.product, self.bin_c))
        answer = self._scan({"screen": "sheet", "count_id": sheet.id}, "FLR-C")
        self.assertEqual(answer["question"]["action"], "start")
        self.assertNotIn("question", self._scan({"screen": "sheet", "count_id": sheet.id}, "FLR-C", self.second))

    def test_what_carries_a_code_goes_before_what_it_decodes_to(self):
        self.company.nomenclature_id = self.env.ref("barcodes_gs1_nomenclature.default_gs1_nomenclature")
        self.bin_b.barcode = "10PAINT-1"
        answer = self._scan({"screen": "sheet", "count_id": self.sheet.id}, "10PAINT-1")
        self.assertEqual(answer["state"].get("location_id"), self.bin_b.id, "Not the lot that application 10 names")

    # Entries

    def test_scans_add_and_the_pad_sets(self):
        self._send(self._entry(self.line), self._entry(self.line))
        self.assertEqual(self.line.counted_qty, 2)
        entry = self._entry(self.line, "set", parts=[(f"pack-{self.box.id}", 3), (f"uom-{self.product.uom_id.id}", 5)])
        self.assertEqual(self._send(entry)["verdicts"][0]["status"], "done")
        self.assertEqual(self.line.counted_qty, 41)
        self.assertEqual(self.line.result_entry_id.entered_text, "3 Box of 12 + 5 Units")
        dozen = self.env.ref("uom.product_uom_dozen")
        self._send(self._entry(self.line, "set", parts=[(f"uom-{dozen.id}", 2)]))
        self.assertEqual(self.line.counted_qty, 24)

    def test_evidence_keeps_all_digits(self):
        kilo = self.env.ref("uom.product_uom_kgm")
        self.other_product.write({"uom_id": kilo.id, "uom_po_id": kilo.id})
        sheet = self._make_sheet((self.other_product, self.bin_c), start=True)
        line = sheet.line_ids
        kilos = [(f"uom-{kilo.id}", 1234567.5)]
        self._send(self._entry(line, "set", count_id=sheet.id, parts=kilos))
        self.assertEqual(line.result_entry_id.entered_text, "1234567.5 kg")
        sheet.sudo().blind = False
        self.env["stock.quant"]._update_available_quantity(self.other_product, self.bin_c, 123456.75)
        verdict = self._send(self._entry(line, "set", count_id=sheet.id, parts=kilos))["verdicts"][0]
        self.assertEqual(verdict["title"], "1234567.5?")
        self.assertIn("show 123456.75.", verdict["text"])
        self.env["res.lang"]._lang_get("en_US").write({"decimal_point": ",", "thousands_sep": "."})
        self._send(self._entry(line, "set", count_id=sheet.id, parts=kilos, confirmed=True))
        self.assertEqual(line.result_entry_id.entered_text, "1234567,5 kg")

    def test_impossible_quantities_are_refused_with_reasons(self):
        kilo = self.env.ref("uom.product_uom_kgm")
        for parts in ([["uom-1", -1]], [["uom-1", "abc"]], [["uom-1", 1e12]], [[f"uom-{kilo.id}", 1]], [], [["x", 1]]):
            with self.subTest(parts):
                verdict = self._send(self._entry(self.line, "set", parts=parts))["verdicts"][0]
                self.assertEqual(verdict["status"], "refused")
                self.assertTrue(verdict["text"])
        self.assertFalse(self.line.entry_ids)

    def test_one_refused_entry_spares_the_others(self):
        good, bad = self._entry(self.line), self._entry(self.lot_line, "set", -1)
        statuses = [verdict["status"] for verdict in self._send(good, bad, self._entry(self.line))["verdicts"]]
        self.assertEqual(statuses, ["done", "refused", "done"])
        self.assertEqual(self.line.counted_qty, 2)

    def test_replayed_entries_add_nothing(self):
        found = self._scan(self.at_a, "2990000000026")["question"]["target"]
        entries = [self._entry(self.line), self._entry(found), self._entry(self.line)]
        entries.append(self._entry(self.line, "undo", undone_key=entries[2]["client_key"]))
        self._send(*entries)
        again = self._send(*entries[::-1], entries[0])
        self.assertEqual({verdict["status"] for verdict in again["verdicts"]}, {"done"})
        self.assertEqual(self.line.counted_qty, 1)
        self.assertEqual(len(self.sheet.line_ids.entry_ids), 4)

    def test_replays_of_serials_and_undone_finds_change_nothing(self):
        serial = self._entry(self.serial_line)
        found = self._entry(self._scan(self.at_a, self.other_product.barcode)["question"]["target"])
        self._send(serial, found, self._entry(None, "undo", undone_key=found["client_key"]))
        lines = self.sheet.line_ids
        again = self._send(serial, found)
        self.assertEqual([verdict["status"] for verdict in again["verdicts"]], ["done", "done"])
        self.assertEqual(self.sheet.line_ids, lines)
        self.assertEqual(len(lines.entry_ids), 3)

    def test_undo_takes_back_own_entries_only(self):
        first, second = self._entry(self.line), self._entry(self.line, "set", 9)
        self._send(first, second)
        self._send(self._entry(self.line, "undo", undone_key=second["client_key"]))
        self.assertEqual(self.line.counted_qty, 1)
        self.sheet.sudo().participant_ids |= self.second
        verdict = self._send_one(self.line, "undo", undone_key=first["client_key"], user=self.second)
        self.assertEqual(verdict["status"], "refused")
        self._send(self._entry(self.line, "undo", undone_key=first["client_key"]))
        self.assertEqual(self.line.state, "pending")

    def test_undone_find_leaves_no_line_to_count(self):
        entry = self._entry(self._scan(self.at_a, "2990000000026")["question"]["target"])
        line_id = self._send(entry)["lines"][0]["id"]
        reply = self._send(self._entry(None, "undo", undone_key=entry["client_key"]))
        self.assertEqual(reply["gone"], [line_id])
        self.assertEqual(self.env["stock.cycle.count.line"].browse(line_id).state, "cancel")
        self.assertEqual(self._send(self._entry(self._scan(self.at_a, "2990000000026")["question"]["target"]))
                         ["verdicts"][0]["status"], "done", "It may be found again")

    def test_what_waited_too_long_is_refused_and_stays_on_the_device(self):
        self.sheet.sudo().start_date = "2020-01-01 00:00:00"
        verdict = self._send_one(self.line, age=8 * 86400)
        self.assertEqual(verdict["status"], "refused")
        self.assertIn("more than 7 days ago", verdict["text"])
        self.assertFalse(self.line.entry_ids)

    def test_skip_notes_a_cause(self):
        self._send(self._entry(self.line, "skip", reason="Blocked by a pallet"))
        self.assertEqual(self.line.skip_reason, "Blocked by a pallet")
        self._send(self._entry(self.line))
        self.assertFalse(self.line.skip_reason)

    def test_slips_are_asked_about_once(self):
        entry = self._entry(self.line, "set", 29900000)
        verdict = self._send(entry)["verdicts"][0]
        self.assertEqual(verdict["status"], "question")
        self.assertFalse(self.line.entry_ids)
        self._send(dict(entry, confirmed=True))
        self.assertEqual(self.line.counted_qty, 29900000)

    def test_blind_sheets_ask_nothing_that_depends_on_the_books(self):
        self.assertEqual(self._send_one(self.line, "set", 400)["status"], "done")
        self.sheet.sudo().blind = False
        verdict = self._send_one(self.line, "set", 400)
        self.assertEqual(verdict["status"], "question")
        self.assertIn("40", verdict["text"])

    def test_questions_are_for_those_who_count(self):
        self.sheet.sudo().blind = False
        verdict = self._send_one(self.line, "set", 400, user=self.second)
        self.assertEqual(verdict["status"], "refused")
        self.assertNotIn("40", verdict["text"])
        found = {"location_id": self.bin_a.id, "product_id": self.serial_product.id, "lot_name": "DRILL-1"}
        self._send(self._entry(self.serial_line))
        self.assertEqual(self._send_one(found, user=self.second)["status"], "refused")
        self.assertEqual(self._send_one(found)["status"], "question")

    def test_blind_answers_do_not_depend_on_the_books(self):
        def answers():
            scanner = self._scanner()
            shows = [scanner.show(state) for state in (
                {"screen": "home"}, {"screen": "sheet", "count_id": self.sheet.id}, self.at_a, self.at_b)]
            scans = [self._scan(self.at_a, code) for code in ("2990000000019", "PAINT", "PAINT-1", "FLR-B", "BOX12")]
            reply = self._send(self._entry(self.line, "set", 5), self._entry(self.lot_line, "set", 5))
            return repr([*shows, *scans, reply["lines"], [verdict["text"] for verdict in reply["verdicts"]]])
        answers()
        before = answers()
        self.assertNotIn("'expected': 0", before, "Not even a 0 that is none")
        self.env["stock.quant"]._update_available_quantity(self.product, self.bin_a, 1234)
        self.env.invalidate_all()
        self.assertEqual(answers(), before)
        self.sheet.sudo().blind = False
        self.env.invalidate_all()
        self.assertIn("1274", answers())

    def test_other_peoples_sheets_can_be_joined_and_taken_over(self):
        state = {"screen": "sheet", "count_id": self.sheet.id}
        answer = self._scan({"screen": "home"}, self.sheet.name, self.second)
        self.assertEqual(answer["data"]["sheet"]["counter"], self.counter.name)
        self.assertEqual((answer["data"]["locations"], answer["data"]["can_join"]), ([], True))
        self.assertEqual(self._send_one(self.line, user=self.second)["status"], "refused")
        self._scanner(self.second).act(state, "join")
        self.assertIn(self.second, self.sheet.participant_ids)
        self.assertEqual(self._send_one(self.line, user=self.second)["status"], "done")
        self._scanner(self.second).act(state, "take_over")
        self.assertEqual(self.sheet.user_id, self.second)
        verdict = self._send_one(self.line)
        self.assertEqual(verdict["status"], "refused")
        self.assertIn(self.second.name, verdict["text"])

    def test_start_close_and_its_warning(self):
        sheet = self._make_sheet((self.product, self.bin_c), (self.other_product, self.bin_c))
        state = {"screen": "sheet", "count_id": sheet.id}
        self.assertTrue(self._scanner().show(state)["data"]["can_start"])
        self.assertFalse(self._scanner(self.second).show(state)["data"]["can_start"])
        self.assertEqual(self._scanner(self.second).act(state, "start")["message"]["type"], "danger")
        self._scanner().act(state, "start")
        self.assertEqual(sheet.state, "in_progress")
        answer = self._scanner().act(state, "close")
        self.assertIn("2 lines", answer["question"]["text"])
        self.assertEqual(sheet.state, "in_progress", "It only asked")
        answer = self._scanner().act(state, answer["question"]["action"])
        self.assertEqual(answer["state"], {"screen": "home"})
        self.assertNotEqual(sheet.state, "in_progress")

    def test_recount_shows_no_earlier_result(self):
        self._send(self._entry(self.line, "set", 38))
        self.sheet.sudo()._send_to_recount(self.line, self.second)
        mine = {line["id"]: line for line in self._scanner().show(self.at_a)["data"]["bins"][self.bin_a.id]["lines"]}
        self.assertFalse(mine[self.line.id]["mine"])
        answer = self._scanner(self.second).show(self.at_a)
        theirs = {line["id"]: line for line in answer["data"]["bins"][self.bin_a.id]["lines"]}
        self.assertEqual(
            [theirs[self.line.id][key] for key in ("mine", "recount", "counted")], [True, True, None])
        self.assertEqual(self._send_one(self.line)["status"], "refused")
        self.assertEqual(self._send_one(self.line, "set", 38, user=self.second)["status"], "done")

    def test_a_serial_number_twice_in_one_call_is_refused(self):
        first, again = self._entry(self.serial_line), self._entry(self.serial_line)
        gone = self._entry(self.serial_line, "set", 0)
        statuses = [verdict["status"] for verdict in self._send(first, again)["verdicts"]]
        self.assertEqual(statuses, ["done", "refused"])
        statuses = [verdict["status"] for verdict in self._send(gone, self._entry(self.serial_line))["verdicts"]]
        self.assertEqual((statuses, self.serial_line.counted_qty), (["done", "done"], 1))

    def test_a_serial_number_in_two_places_in_one_call_is_asked_about(self):
        sheet = self._make_sheet((self.serial_product, self.bin_c, self.serial), start=True)
        there = self._entry(sheet.line_ids, count_id=sheet.id)
        statuses = [verdict["status"] for verdict in self._send(self._entry(self.serial_line), there)["verdicts"]]
        self.assertEqual(statuses, ["done", "question"])

    def test_an_entry_twice_in_one_call_counts_once(self):
        plain, serial = self._entry(self.line), self._entry(self.serial_line)
        statuses = {verdict["status"] for verdict in self._send(plain, serial, plain, serial)["verdicts"]}
        self.assertEqual(statuses, {"done"})
        self.assertEqual((self.line.counted_qty, self.serial_line.counted_qty), (1, 1))

    def test_an_entry_is_undone_in_the_call_that_brought_it(self):
        entry = self._entry(self.line, "set", 5)
        statuses = [verdict["status"] for verdict in self._send(
            entry, self._entry(self.line, "undo", undone_key=entry["client_key"]))["verdicts"]]
        self.assertEqual((statuses, self.line.state), (["done", "done"], "pending"))

    def test_open_sheets_are_told_what_the_books_show_now(self):
        self.sheet.sudo().write({"blind": False, "start_date": "2020-01-01 00:00:00"})
        self.assertEqual(self._send(self._entry(self.line))["lines"][0]["expected"], 40)
        self.env["stock.quant"]._update_available_quantity(self.product, self.bin_a, 2)
        self.env.invalidate_all()
        self.assertEqual(self._send(self._entry(self.line, age=3600))["lines"][0]["expected"], 42)


@tagged("post_install", "-at_install")
class TestScannerCosts(ScannerCase):
    """Queries of the device's calls, for a counter who is nothing else and has joined company; caches are warm."""

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
            for number in range(1000)])
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
                *(Command.create(self._key_values(product, here, sequence=sequence, **key))
                  for sequence, (product, key) in enumerate(keys)),
                Command.create(self._key_values(self.products[0], there))]})
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

    def test_calls_stay_within_their_budget_whatever_the_size_of_the_sheet(self):
        self.assertFalse(self.counter.has_group("stock.group_stock_user"))
        self._measure_day(0, 3)                                     # warms the caches of the process up
        for number, blind in enumerate((True, False)):
            small = self._measure_day(f"{number}1", 10, blind=blind)
            large = self._measure_day(f"{number}2", 1000, blind=blind)
            _logger.info("Queries on %s sheets of 10 and 1,000 lines: %s", "blind" if blind else "open", {
                name: (small[name], large[name]) for name in small})
            for name, queries in large.items():
                with self.subTest(name, blind=blind):
                    self.assertLessEqual(queries, small[name])
                    self.assertLess(queries, MAKING_BUDGETS.get(name, QUERY_BUDGET))

    def test_serial_numbers_of_a_bin_are_taken_together(self):
        costs = {}
        for kind, quantity in (("set", 0), ("add", 1)):
            for number in (2, 3, 50):
                lots = self._make_lots(self.serial_product, f"{kind}{number}-", number)
                location = self.env["stock.location"].create(
                    {"name": f"{kind} {number}", "location_id": self.stock.id})
                sheet = self._make_sheet(*((self.serial_product, location, lot) for lot in lots), start=True)
                self._measure(costs, (kind, number), "record", [
                    self._entry(line, kind, quantity, count_id=sheet.id) for line in sheet.line_ids])
                self.assertEqual(set(sheet.line_ids.mapped("counted_qty")), {quantity})
        _logger.info("Queries for serial numbers in one call: %s", costs)
        # Each line is written by itself, for each rests on an entry of its own; of a serial number that is there it is
        # asked whether it was counted elsewhere.
        self.assertLessEqual(costs["set", 50] - costs["set", 3], 47)
        self.assertLessEqual(costs["add", 50] - costs["add", 3], 2 * 47)
