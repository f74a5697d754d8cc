from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_gate import QuantCase


@tagged("post_install", "-at_install")
class TestGateLog(QuantCase):
    """What is refused, and who changes the settings of the gate, is logged."""

    def setUp(self):
        super().setUp()
        # What others were refused stays in the log, whatever became of their transaction.
        with self.registry.cursor() as cr:
            cr.execute("SELECT coalesce(max(id), 0) FROM stock_cycle_count_audit_log")
            self.last_id, = cr.fetchone()

    def _get_rows(self, cr, user, *domain):
        """What the log says of a user since the test began."""
        return api.Environment(cr, SUPERUSER_ID, {})["stock.cycle.count.audit.log"].search(
            [("uid_refused", "=", user.id), ("id", ">", self.last_id), *domain])

    def test_refusals_are_logged_though_they_are_rolled_back(self):
        with self.assertRaises(UserError):
            self.quant.with_user(self.worker).write({"quantity": 1})
        with self.registry.cursor() as cr:
            rows = self._get_rows(cr, self.worker)
            self.assertEqual((rows[0].user_name, rows[0].attempt), (self.worker.name, "write on a quant"))
            self.assertIn("quantity", rows[0].detail)
            with self.assertRaises(UserError):
                rows[0].write({"attempt": "nothing"})
            with self.assertRaises(UserError):
                rows.unlink()
            self._clear_log(cr, rows)

    def test_a_refusal_names_its_company(self):
        """Unless that was made in the transaction that is refused."""
        known, new = self.env.ref("base.main_company"), self.make_company("New Company")
        for company, named in ((known, known), (new, new.browse())):
            self.env["stock.cycle.count.audit.log"].with_user(self.worker).with_context(
                allowed_company_ids=company.ids).sudo()._log("write on a quant", "quantity")
            with self.subTest(company=company.name), self.registry.cursor() as cr:
                row = self._get_rows(cr, self.worker)
                self.assertEqual(row.company_id, named)
                self._clear_log(cr, row)

    def _clear_log(self, cr, rows):
        """Take rows away that were written in a transaction of their own: they would stay after the test."""
        cr.execute("DELETE FROM stock_cycle_count_audit_log WHERE id = ANY(%s)", [rows.ids])

    def _get_logged(self, user, attempt):
        """What the log says that a user tried in this test; the rows are taken away again."""
        with self.registry.cursor() as cr:
            rows = self._get_rows(cr, user, ("attempt", "=", attempt))
            details = rows.mapped("detail")
            self._clear_log(cr, rows)
        return details

    def test_refused_decisions_and_states_are_logged(self):
        self._count_quant(50, self.supervisor)
        self._as(self.manager).action_apply_inventory()
        line = self.quant.cycle_count_line_id
        line.reason_id = self.reason
        for user in (self.supervisor, self.worker):
            self._assert_refused(line.with_user(user).action_approve, "mine")
            self.assertEqual(self._get_logged(user, "decide on a line"), [line.display_name])
        for user in (self.worker, self.manager, self.controller):
            self._assert_refused(line.with_user(user).write, {"state": "approved", "verdict": "within"})
            self.assertEqual(self._get_logged(user, "write on a count line"), ["state, verdict"])
        self._assert_refused(line.count_id.with_user(self.controller).write, {"state": "done"})
        self.assertEqual(self._get_logged(self.controller, "write on a count sheet"), ["state"])

    def test_who_changes_the_settings_of_the_gate_is_logged(self):
        admin = self.make_user("floor_admin", "base.group_system,stock.group_stock_manager")
        settings = self.env["res.config.settings"].with_user(admin).create({"cycle_count_adjustment_control": False})
        settings.execute()
        self.assertFalse(self.company.cycle_count_adjustment_control)
        self.company.with_user(admin).write({"cycle_count_adjustment_control": True, "cycle_count_self_approval": True})
        rows = self.env["stock.cycle.count.audit.log"].with_user(self.controller).search(
            [("uid_refused", "=", admin.id)], order="id")
        self.assertEqual(rows.mapped("detail"), [
            f"{self.company.name}: Control Inventory Adjustments: yes > no",
            f"{self.company.name}: Allow Self-Approval: no > yes, Control Inventory Adjustments: no > yes"])
        self.assertEqual(rows.mapped("company_id"), self.company)
