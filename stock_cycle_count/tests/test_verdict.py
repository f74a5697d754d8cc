import psycopg2.errors

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.verdict import Limits, Measurement, judge
from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestVerdict(GateCase):

    def test_table(self):
        """Kind and level by limits: every limit alone, over and under apart, at and beyond its edge."""
        cases = [
            # expected, counted, cost, limits, kind
            (10, 10, 5, None, "match"),
            (10, 11, 5, None, "approval"),
            (10, 11, 5, Limits(), "within"),
            (10, 12, 5, Limits(over_qty=2), "within"),
            (10, 12.5, 5, Limits(over_qty=2), "approval"),
            (10, 5, 5, Limits(over_qty=2), "within"),
            (10, 8, 5, Limits(under_qty=2), "within"),
            (10, 7, 5, Limits(under_qty=2), "approval"),
            (100, 105, 1, Limits(over_percent=5, over_qty=9), "within"),
            (100, 106, 1, Limits(over_percent=5, over_qty=9), "approval"),
            (100, 105, 1, Limits(over_percent=5, over_value=9), "within"),
            (100, 105, 0, Limits(over_percent=5, over_value=9), "approval"),
            (100, 105, 0, Limits(over_percent=5, over_qty=9), "within"),
            (100, 101, 1, Limits(over_percent=5), "approval"),
            (100, 99, 1, Limits(under_percent=5, over_qty=9), "approval"),
            (100, 99, 0, Limits(under_value=5), "approval"),
            (100, 99, 0, Limits(under_value=5, under_qty=1), "within"),
            (100, 94, 1, Limits(under_percent=5), "approval"),
            (100, 110, 10, Limits(over_value=100), "within"),
            (100, 111, 10, Limits(over_value=100), "approval"),
            (100, 89, 10, Limits(under_value=100), "approval"),
            (0, 0, 10, Limits(over_percent=0), "match"),
            (0, 1, 10, Limits(over_percent=10 ** 6), "approval"),
            (0, 1, 10, Limits(over_qty=1), "within"),
            (-10, -5, 1, Limits(over_percent=50, over_qty=9), "within"),
            (-10, -4, 1, Limits(over_percent=50), "approval"),
            (-10, 0, 1, Limits(over_percent=99), "approval"),
            (10, 11, 1, Limits(over_qty=0), "approval"),
        ]
        for expected, counted, cost, limits, kind in cases:
            with self.subTest(expected=expected, counted=counted, limits=limits):
                self.assertEqual(judge(Measurement(expected, counted, cost, 0.01, 0.01), limits).kind, kind)

    def test_first_matching_rule_judges(self):
        strict = self.env["stock.cycle.count.tolerance"].create({
            "name": "Strict here", "sequence": 1, "location_ids": self.bin_a.ids, "has_under_qty": True,
            "no_over_limit": True})
        self.receive(self.product, self.bin_b, 10)
        sheet = self._close_with((99, self.product, self.bin_a), (9, self.product, self.bin_b))
        here, there = sheet.line_ids
        self.assertEqual((here.tolerance_id, here.verdict, here.state), (strict, "approval", "to_approve"))
        self.assertEqual((there.tolerance_id, there.verdict), (self.tolerance, "within"))

    def test_rules_match_children_of_location_and_category(self):
        parent = self.env["product.category"].create({"name": "Parent"})
        self.product.categ_id = self.env["product.category"].create({"name": "Child", "parent_id": parent.id})
        line = self.make_sheet((self.product, self.bin_a)).line_ids
        rule = self.env["stock.cycle.count.tolerance"].create(
            {"name": "Below", "categ_ids": parent.ids, "location_ids": self.stock.ids, "no_over_limit": True,
             "no_under_limit": True})
        self.assertTrue(rule._matches(line))
        rule.categ_ids = self.env["product.category"].create({"name": "Elsewhere"})
        self.assertFalse(rule._matches(line))

    def test_another_companys_rule_does_not_judge(self):
        self.tolerance.company_id = self.env["res.company"].create({"name": "Another"})
        line = self._close_with((99, self.product)).line_ids
        self.assertEqual((line.verdict, line.tolerance_id.id), ("approval", False))
        self.assertIn("No tolerance", line.verdict_reason)

    def test_found_stock_is_out_of_every_percentage(self):
        self.tolerance.write({"has_over_qty": False, "has_over_percent": True, "over_percent": 1000})
        line = self._close_with((1, self.other_product)).line_ids
        self.assertEqual((line.expected_qty, line.verdict), (0, "approval"))

    def test_verdict_is_frozen(self):
        line = self._close_with((95, self.product)).line_ids
        self.tolerance.under_qty = 50
        self.product.standard_price = 1000
        self.assertEqual((line.verdict, line.unit_cost, line.variance_value), ("approval", 5, -25))
        self.assertIn('"under_qty": 2.0', line.tolerance_limits)

    def test_cap_ends_many_small_losses(self):
        self.tolerance.write({"has_cap_value": True, "cap_value": 20})
        kinds = []
        for number in range(3):
            line = self._close_with((98 - 2 * number, self.product)).line_ids
            kinds.append(line.verdict)
        self.assertEqual(kinds, ["within", "within", "approval"])
        self.assertIn("cap", line.verdict_reason)
        self.assertEqual(self.on_hand(self.product, self.bin_a), 96)

    def test_cap_counts_within_one_sheet_too(self):
        self.tolerance.write({"has_cap_value": True, "cap_value": 15})
        self.tolerance.under_qty = 4
        self.receive(self.product, self.bin_b, 10)
        sheet = self._close_with((98, self.product, self.bin_a), (8, self.product, self.bin_b))
        self.assertEqual(sorted(sheet.line_ids.mapped("verdict")), ["approval", "within"])

    def test_recount_before_approval(self):
        self.tolerance.recount = True
        sheet = self._close_with((90, self.product))
        line = sheet.line_ids
        self.assertEqual((sheet.state, line.state, line.round), ("in_progress", "recount", 2))
        line.user_id = self.second
        sheet.participant_ids |= self.second
        self.count(line, 90, user=self.second)
        sheet.with_user(self.second).action_close()
        self.assertEqual((sheet.state, line.state, line.verdict), ("review", "to_approve", "approval"))

    def test_counts_that_never_agree_are_held(self):
        self.tolerance.recount = True
        sheet = self.make_sheet((self.product,), start=True, recount_rounds=1)
        self.count(sheet.line_ids, 90)
        sheet.with_user(self.counter).action_close()
        sheet.line_ids.user_id = self.second
        sheet.participant_ids |= self.second
        self.count(sheet.line_ids, 100, user=self.second)
        sheet.with_user(self.second).action_close()
        self.assertEqual((sheet.line_ids.verdict, sheet.line_ids.state), ("approval", "to_approve"))
        self.assertEqual(sheet.line_ids.approval_level, 1, "the last count says that nothing is lost")

    def test_value_of_counts_that_never_agree_asks_the_second_level(self):
        self.company.write({"cycle_count_level2": True, "cycle_count_level2_value": 50})
        sheet = self.make_sheet((self.product,), start=True, recount_rounds=1)
        self.count(sheet.line_ids, 80)
        sheet.with_user(self.counter).action_close()
        sheet._send_to_recount(sheet.line_ids, self.second)
        self.count(sheet.line_ids, 90, user=self.second)
        sheet.with_user(self.second).action_close()
        self.assertEqual((sheet.line_ids.variance_value, sheet.line_ids.approval_level), (-50, 2))

    def test_limits_are_not_negative(self):
        with self.assertRaises(psycopg2.errors.CheckViolation), mute_logger("odoo.sql_db"):
            self.tolerance.over_qty = -1
            self.tolerance.flush_recordset()
        with self.assertRaises(ValidationError):
            self.tolerance.write({"has_cap_value": True, "cap_days": 0})

    def test_backtest_leaves_out_what_an_earlier_rule_judges(self):
        self.tolerance.copy({"name": "First", "sequence": 1, "product_ids": [(6, 0, self.product.ids)]})
        self._close_with((98, self.product), (1, self.other_product))
        backtest = self.env["stock.cycle.count.backtest"].create({"tolerance_id": self.tolerance.id, "days": 30})
        # Demo data, where there is any, has counted other products.
        self.assertEqual(
            backtest._get_lines().product_id & (self.product | self.other_product), self.other_product)

    def test_codes_of_reasons_are_unique(self):
        Reason = self.env["stock.cycle.count.reason"]
        with self.assertRaises(ValidationError):
            Reason.create({"code": self.reason.code, "name": "Twin"})
        Reason.create({"code": self.reason.code, "name": "Of one company", "company_id": self.company.id})

    def test_backtest_says_what_other_limits_would_mean(self):
        # What demo data has counted, where there is any, is of another day.
        self.env["stock.cycle.count.line"].search([])._write({"count_date": "2020-01-01"})
        self.env.invalidate_all()
        self._close_with((98, self.product))
        self._close_with((90, self.product))
        backtest = self.env["stock.cycle.count.backtest"].create({
            "tolerance_id": self.tolerance.id, "days": 30, "has_under_qty": True, "under_qty": 1,
            "has_over_qty": True, "over_qty": 2})
        self.assertEqual((backtest.line_count, backtest.approval_count_before, backtest.approval_count), (2, 1, 2))
        self.assertEqual((backtest.passed_value_before, backtest.passed_value), (10, 0))
        backtest.action_apply()
        self.assertEqual(self.tolerance.under_qty, 1)
