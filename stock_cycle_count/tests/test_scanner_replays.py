from odoo.tests import tagged

from .common_scanner import ScannerCase


@tagged("post_install", "-at_install")
class TestReplays(ScannerCase):
    """A key that is known answers nothing but what its sender may see, and loses nothing."""

    def setUp(self):
        super().setUp()
        self.entry = self._entry(self.line, "set", 12)
        self.assertEqual(self._send(self.entry)["verdicts"][0]["status"], "done")

    def _assert_refused(self, *entries, user=None):
        before = self.env["stock.cycle.count.entry"].search_count([])
        answer = self._send(*entries, user=user)
        self.assertEqual({verdict["status"] for verdict in answer["verdicts"]}, {"refused"}, answer)
        self.assertTrue(all(verdict["text"] for verdict in answer["verdicts"]))
        self.assertEqual((answer["lines"], answer["gone"], answer["codes"]), ([], [], {}))
        self.assertEqual(self.env["stock.cycle.count.entry"].search_count([]), before)

    def test_the_same_is_taken_once(self):
        answer = self._send(dict(self.entry, age=99))
        self.assertEqual(answer["verdicts"][0]["status"], "done")
        self.assertEqual([line["id"] for line in answer["lines"]], self.line.ids)
        self.assertEqual(len(self.line.entry_ids), 1)

    def test_nothing_else_comes_under_a_known_key(self):
        other = self.make_sheet((self.other_product, self.bin_c), user=self.second, start=True, blind=False)
        self.receive(self.other_product, self.bin_c, 47113)
        for changed in (
            {"parts": [[f"uom-{self.product.uom_id.id}", 13]]}, {"kind": "add"}, {"line_id": self.lot_line.id},
            {"line_id": other.line_ids.id}, {"line_id": False, "product_id": self.product.id, "location_id": self.bin_b.id},
            {"kind": "undo", "undone_key": "x"},
        ):
            with self.subTest(changed=changed):
                self._assert_refused(dict(self.entry, **changed))
        self._assert_refused(self.entry, user=self.second)
        self._assert_refused(self.entry, user=self.supervisor)

    def test_the_first_of_two_under_one_key_is_taken(self):
        first = self._entry(self.lot_line, "set", 7)
        statuses = [verdict["status"] for verdict in self._send(first, dict(first, parts=[
            [f"uom-{self.lot_product.uom_id.id}", 8]]))["verdicts"]]
        self.assertEqual(statuses, ["done", "refused"])
        self.assertEqual(self.lot_line.counted_qty, 7)

    def test_what_is_found_or_undone_is_told_from_other(self):
        target = {"line_id": False, "product_id": self.other_product.id, "location_id": self.bin_a.id, "lot_name": "",
                  "package_id": False}
        found = self._entry(target)
        undo = {"client_key": "undo", "kind": "undo", "undone_key": found["client_key"]}
        for entry in (found, undo, found, undo):
            self.assertEqual(self._send(entry)["verdicts"][0]["status"], "done")
        self._assert_refused(dict(found, product_id=self.product.id), dict(undo, undone_key=self.entry["client_key"]))

    def test_a_closed_blind_sheet_answers_the_same_whatever_became_of_it(self):
        answers = []
        self.deliver(self.product, self.bin_a, 40)
        for books in (12, 40):
            with self.env.cr.savepoint() as savepoint:
                self.receive(self.product, self.bin_a, books)
                self._send(dict(self.entry, client_key="again"))
                self.sheet.with_user(self.counter)._close()
                self.env.invalidate_all()
                answers.append([
                    self._send(dict(self.entry, client_key="again")),
                    self._send(dict(self.entry, client_key="new")),
                    *(self._scan(state, code) for state in ({}, self.at_a) for code in (
                        self.sheet.name, self.bin_a.barcode, self.product.barcode)),
                    self._scanner().show(self.at_a)])
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(answers[0], answers[1])
        self.assertEqual((answers[0][0]["lines"], answers[0][0]["gone"]), ([], self.line.ids))

    def test_a_line_that_somebody_else_counts_is_not_answered(self):
        self.sheet.with_user(self.second).sudo().action_take_over()
        answer = self._send(self.entry)
        self.assertEqual((answer["verdicts"][0]["status"], answer["lines"], answer["gone"]), ("done", [], self.line.ids))
