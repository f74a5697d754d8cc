
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_scanner import ScannerCase


@tagged("post_install", "-at_install")
class TestScannerApi(ScannerCase):

    def test_only_counters_pass_the_gate(self):
        for call in (("show", {}), ("scan", {}, "X"), ("act", {}, "start"), ("record", [])):
            with self.assertRaises(AccessError):
                getattr(self._scanner(self.outsider), call[0])(*call[1:])

    def test_home_lists_own_and_unassigned_sheets(self):
        free = self.make_sheet((self.product, self.bin_c), user=self.env["res.users"], scheduled_date="2020-01-01")
        foreign = self.make_sheet((self.other_product, self.bin_c), user=self.second)
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
        waiting = self.make_sheet((self.other_product, self.bin_a), user=self.second, scheduled_date="2020-01-01")
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
        self.assertEqual(answer["state"]["location_id"], self.bin_b.id, "whoever stands there is there")
        self.assertIn(f"Lines left to count in {self.bin_a.display_name}: 2", answer["message"]["text"])
        self._send(self._entry(self.line), self._entry(self.lot_line))
        answer = self._scan(self.at_a, "FLR-B")
        self.assertEqual(answer["message"]["sound"], "ok", "Nothing is left behind")
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
        sheet = self.make_sheet((self.product, self.bin_c), user=self.env["res.users"])
        answer = self._scan({"screen": "sheet", "count_id": sheet.id}, "FLR-C")
        self.assertEqual(answer["question"]["action"], "start")

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
        self.assertEqual(self.line.result_entry_id.entered_units, "Box of 12 = 12")
        dozen = self.env.ref("uom.product_uom_dozen")
        self._send(self._entry(self.line, "set", parts=[(f"uom-{dozen.id}", 2)]))
        self.assertEqual(self.line.counted_qty, 24)

    def test_evidence_keeps_all_digits(self):
        kilo = self.env.ref("uom.product_uom_kgm")
        self.other_product.write({"uom_id": kilo.id, "uom_po_id": kilo.id})
        sheet = self.make_sheet((self.other_product, self.bin_c), start=True)
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
        self.assertNotRegex(verdict["text"], r"\b40\b")
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
        sheet = self.make_sheet((self.product, self.bin_c), (self.other_product, self.bin_c))
        state = {"screen": "sheet", "count_id": sheet.id}
        self.assertTrue(self._scanner().show(state)["data"]["can_start"])
        self.assertFalse(self._scanner(self.second).show(state)["data"]["can_start"])
        self.assertEqual(self._scanner(self.second).act(state, "start")["message"]["type"], "danger")
        self._scanner().act(state, "start")
        self.assertEqual(sheet.state, "in_progress")
        answer = self._scanner().act(state, "close")
        self.assertIn("Lines not counted: 2", answer["question"]["text"])
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
        sheet = self.make_sheet((self.serial_product, self.bin_c, self.serial), start=True)
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
