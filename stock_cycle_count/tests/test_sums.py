from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestSums(GateCase):
    """Sums are judged as sums, rules that cannot bite are refused, and evidence stays."""

    def _find(self, sheet, product, quantity, name=None, location=None):
        """Find something on a sheet; with a name, a lot that nobody has heard of."""
        lot = self.env["stock.lot"].create(
            {"name": name, "product_id": product.id, "company_id": self.company.id}) if name else None
        line = sheet.with_user(sheet.user_id)._add_found(location or self.bin_a, product, lot)
        self.count(line, quantity)
        return line.sudo()

    def test_a_hundred_small_surpluses_are_one_large_one(self):
        """New lots and serials wait for somebody, however small, and however many sheets they are spread over."""
        for product, quantity in ((self.lot_product, 2), (self.serial_product, 1)):
            for number in range(3):
                sheet = self.make_sheet((self.other_product,), start=True)
                self.count(sheet.line_ids, 0)
                line = self._find(sheet, product, quantity, f"NEW-{number}")
                sheet.with_user(self.counter).action_close()
                self.assertEqual((line.state, line.verdict), ("to_approve", "approval"))
            self.assertEqual(self.on_hand(product, self.bin_a), 0)

    def test_a_lot_that_the_books_have_had_passes(self):
        self.receive(self.lot_product, self.bin_b, 5, lot=self.lot)
        sheet = self._close_with((2, self.lot_product, self.bin_a, self.lot))
        self.assertEqual(sheet.line_ids.verdict, "within")

    def test_differences_of_a_product_on_a_sheet_are_judged_together(self):
        """``(differences of one product in three bins, verdicts)`` at a tolerance of two pieces."""
        self.receive(self.other_product, self.bin_a, 10)
        self.receive(self.other_product, self.bin_b, 10)
        self.receive(self.other_product, self.bin_c, 10)
        for differences, kinds in (
                ((-1, -1, 0), ["within", "within", "match"]), ((-1, -1, -1), ["approval"] * 3),
                ((-2, -1, 0), ["approval", "approval", "match"]), ((1, -2, 1), ["within"] * 3),
                ((2, -2, 1), ["approval", "within", "approval"]), ((-5, -1, 0), ["approval", "within", "match"])):
            with self.subTest(differences=differences), self.cr.savepoint() as savepoint:
                self.env["stock.cycle.count.transfer"].search([]).sudo().unlink()
                sheet = self._close_with(*(
                    (10 + difference, self.other_product, place)
                    for difference, place in zip(differences, (self.bin_a, self.bin_b, self.bin_c))))
                self.assertEqual(sheet.line_ids.mapped("verdict"), kinds)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_second_level_looks_at_the_sum_of_the_sheet(self):
        self.company.cycle_count_level2_value = 1000
        products = [self.make_product(f"Dear {number}", 330) for number in range(4)]
        for product in products:
            self.receive(product, self.bin_a, 10)
        sheet = self._close_with((7, products[0]))
        self.assertEqual(sheet.line_ids.approval_level, 1)
        sheet.with_user(self.supervisor).action_cancel()
        sheet = self._close_with(*((7, product) for product in products))
        self.assertEqual(sheet.line_ids.mapped("approval_level"), [2] * 4)
        self._approve(sheet.line_ids[0], self.supervisor)
        self.assertEqual(sheet.line_ids[0].state, "to_approve")

    def test_a_cap_goes_by_the_time_of_judging(self):
        """Paper of the day before yesterday passes today."""
        self.tolerance.write({"has_cap_value": True, "cap_value": 15, "cap_days": 1})
        self.receive(self.other_product, self.bin_a, 100, when=fields.Datetime.now() - timedelta(days=5))
        for number, verdict in enumerate(("within", "approval")):
            sheet = self.make_sheet((self.other_product, self.bin_a), start=True)
            sheet.start_date = fields.Datetime.now() - timedelta(days=3)
            self.count(sheet.line_ids, 98, age=2 * 86400)
            sheet.with_user(self.counter).action_close()
            self.assertEqual(sheet.line_ids.verdict, verdict, number)

    # Rules that bite

    def test_rules_that_cannot_bite_are_refused(self):
        """Limits of each side, and whether nobody ticked that there are none."""
        over, under = {"has_over_qty": True, "over_qty": 1}, {"has_under_value": True, "under_value": 1}
        free_over, free_under = {"no_over_limit": True}, {"no_under_limit": True}
        for values, holds in (
                ({}, False), (over, False), (under, False), ({**over, **under}, True), ({**over, **free_under}, True),
                ({**free_over, **under}, True), ({**free_over, **free_under}, True), ({**over, **under, **free_over}, False),
                ({**over, **free_over}, False)):
            with self.subTest(values=values), self.cr.savepoint() as savepoint:
                create = self.env["stock.cycle.count.tolerance"].with_user(self.controller).create
                if holds:
                    self.assertTrue(create({"name": "Rule", **values}).passes)
                else:
                    with self.assertRaises(ValidationError):
                        create({"name": "Rule", **values})
                savepoint.rollback()
        with self.assertRaises(ValidationError):
            self.tolerance.with_user(self.controller).has_under_qty = False

    def test_what_passes_is_told_in_one_sentence(self):
        self.tolerance.write({
            "has_over_qty": False, "no_over_limit": True, "has_under_percent": True, "under_percent": 5,
            "has_cap_value": True, "cap_value": 70})
        new = self.env["stock.cycle.count.tolerance"].new({"name": "New"})
        self.assertIn("surpluses (not said yet); shortages (not said yet)", new.passes)
        for part in ("surpluses of any size", "up to 2 of", "5 %", "70", "90 days for each product"):
            self.assertIn(part, self.tolerance.passes)
        self.tolerance.cap_scope = "location"
        self.assertIn("90 days for each location", self.tolerance.passes)

    # Evidence

    def _make_file(self, user, **values):
        return self.env["ir.attachment"].with_user(user).create({"name": "photo", "datas": "eA==", **values})

    def test_evidence_is_the_lines_own(self):
        sheet = self.make_sheet((self.product,), start=True)
        line = sheet.line_ids
        self.count(line, 50)
        foreign = (self._make_file(self.supervisor), self._make_file(self.worker), self._make_file(self.counter))
        foreign[2].sudo().write({"res_model": "res.users", "res_id": self.counter.id})
        for file in foreign:
            self._assert_refused(line.with_user(self.counter).write, {"evidence_ids": [Command.link(file.id)]})
        own = self._make_file(self.counter)
        line.with_user(self.counter).write({"evidence_ids": [Command.link(own.id)]})
        self.assertEqual((own.res_model, own.res_id), (line._name, line.id))
        for user in (self.second, self.worker):
            for call in (own.with_user(user).sudo().unlink, lambda user=user: own.with_user(user).sudo().write({"name": "x"})):
                self._assert_refused(call)
        sheet.with_user(self.counter).action_close()
        self._approve(line, self.supervisor)
        for user in (self.counter, self.supervisor, self.manager):
            for call in (own.with_user(user).sudo().unlink,
                         lambda user=user: own.with_user(user).sudo().write({"datas": "eQ=="}),
                         lambda user=user: own.with_user(user).sudo().write({"res_model": False, "res_id": False})):
                self._assert_refused(call)

    def test_note_and_evidence_stay_between_the_levels(self):
        self.company.cycle_count_level2_value = 1
        line = self._close_with((50, self.product)).line_ids
        self._approve(line, self.supervisor)
        self.assertEqual(line.state, "to_approve")
        file = self._make_file(self.second_supervisor)
        for values in ({"note": "x"}, {"evidence_ids": [Command.link(file.id)]}):
            self._assert_refused(line.with_user(self.second_supervisor).write, values)
        line.with_user(self.second_supervisor).reason_id = self.reason.copy({"code": "OTHER"})
        self.assertFalse(line._get_valid_approvals())
        line.with_user(self.second_supervisor).note = "x"

    def test_evidence_of_what_passes(self):
        for small, evidence, value, state in (
                (False, True, 5, "posted"), (True, False, 5, "posted"), (True, True, 11, "posted"),
                (True, True, 10, "counted")):
            with self.subTest(small=small, evidence=evidence, value=value), self.cr.savepoint() as savepoint:
                self.company.write({
                    "cycle_count_evidence": evidence, "cycle_count_evidence_value": value,
                    "cycle_count_evidence_small": small})
                line = self._close_with((98, self.product)).line_ids
                self.assertEqual(line.state, state)
                if state == "counted":
                    line.with_user(self.supervisor).note = "seen"
                    line.count_id.with_user(self.supervisor).action_finalize()
                    self.assertEqual(line.state, "posted")
                savepoint.rollback()
                self.env.invalidate_all()
