from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common_gate import GateCase

BACKTEST = "stock.cycle.count.backtest"


@tagged("post_install", "-at_install")
class TestBacktest(GateCase):
    """Other limits are tried on what was counted: in the order of time, with caps and recounts, and nothing changes."""

    def setUp(self):
        super().setUp()
        # What demo data has counted, where there is any, is of another day.
        self.env["stock.cycle.count.line"].search([])._write({"count_date": "2020-01-01"})
        self.env.invalidate_all()
        self.cost = self.product.with_company(self.company).standard_price

    def try_limits(self, **limits):
        self.env.flush_all()
        with Form(self.as_user(self.finance, self.env[BACKTEST], default_tolerance_id=self.tolerance.id)) as form:
            form.days = 30
            for name, value in limits.items():
                setattr(form, name, value)
        return form.record

    def test_caps_are_used_up_in_the_order_of_time(self):
        lines = self.env["stock.cycle.count.line"].union(*(
            self._close_with((100 - 2 * number, self.product)).line_ids for number in (1, 2, 3)))
        self.assertEqual(set(lines.mapped("state")), {"posted"})
        test = self.try_limits(has_cap_value=True, cap_value=5 * self.cost)
        self.assertEqual((test.approval_count_before, test.passed_value_before, test.passed_net_before), (
            0, 6 * self.cost, -6 * self.cost))
        self.assertEqual((test.approval_count, test.passed_value, test.passed_net), (1, 4 * self.cost, -4 * self.cost))
        self.assertIn("spare no approval", test.note)
        self.tolerance.cap_days = 1
        lines[0]._write({"count_date": "2020-01-02"})
        self.env.invalidate_all()
        test = self.try_limits(has_cap_value=True, cap_value=5 * self.cost)
        self.assertEqual((test.line_count, test.approval_count), (2, 0))

    def test_spared_approvals(self):
        kept = self._close_with((95, self.product)).line_ids
        self._approve(kept, self.supervisor)
        kept.count_id.with_user(self.supervisor).action_finalize()
        rejected = self._close_with((85, self.product)).line_ids
        rejected.with_user(self.supervisor).action_reject("no")
        self.assertEqual((kept.state, rejected.state), ("posted", "rejected"))
        test = self.try_limits(under_qty=20)
        self.assertEqual((test.approval_count_before, test.approval_count), (2, 0))
        self.assertGreaterEqual(test.weekly_hours_before, test.weekly_hours)
        self.assertEqual(test.weekly_hours, 0)
        value = self.company.currency_id.format(abs(rejected.variance_value))
        self.assertIn("spare 2 approvals. Of them 1 changed nothing, and 1 were rejected", test.note)
        self.assertIn(f"worth {value}", test.note)
        self.assertEqual((self.tolerance.under_qty, rejected.state), (2, "rejected"), "nothing changes")

    def test_recounts(self):
        """What is out of the limits is counted again first, and judged by what that says."""
        sheet = self.make_sheet((self.product,), start=True, recount_rounds=1)
        line = sheet.line_ids
        self.count(line, 80)
        sheet.with_user(self.counter).action_close()
        self.env["stock.cycle.count.recount"].with_user(self.supervisor).create(
            {"count_id": sheet.id, "user_id": self.second.id}).action_recount()
        self.count(line, 99, user=self.second)
        sheet.with_user(self.supervisor).action_close()
        self._approve(line, self.supervisor)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual((line.state, line.first_variance_qty, line.variance_qty), ("posted", -20, -1))
        with_recount, without = self.try_limits(recount=True), self.try_limits()
        self.assertEqual((with_recount.recount_count, with_recount.approval_count, with_recount.passed_value), (1, 0, self.cost))
        self.assertEqual((without.recount_count, without.approval_count, without.passed_value), (0, 1, 0))
        self.assertIn("changed by another count", with_recount.note)

    def test_nothing_to_replay(self):
        self.assertIn("nothing to replay", self.try_limits(under_qty=20).note)

    def test_who_may(self):
        for user in (self.counter, self.worker, self.supervisor):
            with self.assertRaises(AccessError):
                self.as_user(user, self.env[BACKTEST]).create({"tolerance_id": self.tolerance.id})
