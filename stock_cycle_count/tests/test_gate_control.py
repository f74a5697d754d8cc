from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestGateControl(GateCase):
    """What stock is does not change beside the gate, and whoever changes what the gate demands is in the log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.make_admin()
        cls.other_warehouse = cls.env["stock.warehouse"].create(
            {"name": "Other", "code": "OTH", "company_id": cls.company.id})
        cls.zone = cls.make_location("Zone", cls.stock)
        cls.bin_a.location_id = cls.zone
        cls.virtual = cls.product.with_company(cls.company).property_stock_inventory.location_id
        cls.unit = cls.env["uom.uom"].create({
            "name": "Piece", "category_id": cls.env["uom.category"].create({"name": "Own"}).id, "rounding": 0.01})
        cls.own_unit = cls.make_product("Rope", uom_id=cls.unit.id, uom_po_id=cls.unit.id)
        cls.dozen = cls.env["product.template"].with_context(create_product_product=False).create(
            {"name": "Dozens", "type": "product", "uom_id": cls.env.ref("uom.product_uom_dozen").id,
             "uom_po_id": cls.env.ref("uom.product_uom_dozen").id})
        cls.receive(cls.own_unit, cls.bin_a, 5)

    def _get_kinds(self, product, unit, location):
        """Ways to change what stock is, of these: ``{name: (record, values)}``."""
        return {
            "usage": (location, {"usage": "customer"}),
            "production": (location, {"usage": "production"}),
            "under virtual locations": (location, {"location_id": self.virtual.id}),
            "under another warehouse": (location, {"location_id": self.other_warehouse.lot_stock_id.id}),
            "at the top": (location, {"location_id": False}),
            "template": (product, {"product_tmpl_id": self.dozen.id}),
            "serials": (product, {"tracking": "serial"}),
            "lots of the template": (product.product_tmpl_id, {"tracking": "lot"}),
            "consumable": (product, {"detailed_type": "consu"}),
            "rounding": (unit, {"rounding": 1000.0}),
        }

    def test_adjustments_are_free_until_the_day_that_is_set(self):
        """By the company's calendar, whatever time zone a client names; who sets the day is in the log."""
        quant = self.env["stock.quant"].search([("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])
        self.company.resource_calendar_id.tz = "Europe/Vienna"

        def count(quantity, **context):
            self._forget()
            own = self.as_user(self.manager, quant, inventory_mode=True, **context)
            own.inventory_quantity = quantity
            own.action_apply_inventory()
            self._forget()
            return quant.quantity

        self.call(self.admin, self.company, "write", {"cycle_count_control_date": "2026-03-10"})
        log = self.env["stock.cycle.count.audit.log"].search([("company_id", "=", self.company.id)], limit=1)
        self.assertIn("2026-03-10", log.detail)
        for moment, context, is_free in (
                ("2026-03-01 12:00:00", {}, True), ("2026-03-09 22:59:00", {}, True),
                ("2026-03-09 23:00:00", {}, False), ("2026-03-09 23:30:00", {"tz": "America/New_York"}, False)):
            with self.subTest(moment=moment), freeze_time(moment):
                before = quant.quantity
                self.assertEqual(count(before - 30, **context), before - 30 if is_free else before)
                self.env["stock.cycle.count"].search([("state", "=", "review")]).action_cancel()

    def test_what_stock_is_stays(self):
        kinds = self._get_kinds(self.own_unit, self.unit, self.bin_a)
        kinds["parent under virtual locations"] = (self.zone, {"location_id": self.virtual.id})
        kinds["parent's children"] = (self.virtual, {"child_ids": [Command.link(self.bin_a.id)]})
        kinds["view location"] = (
            self.warehouse, {"view_location_id": self.other_warehouse.view_location_id.id})
        for name, (record, values) in kinds.items():
            for user in (self.manager, self.admin):
                with self.subTest(name=name, user=user.login), self.cr.savepoint() as savepoint:
                    before = self.product.qty_available, self.own_unit.qty_available
                    with self.assertRaises(UserError) as caught, self.cr.savepoint():
                        self.call(user, record, "write", dict(values))
                        self.env.flush_all()
                    self.assertTrue(str(caught.exception))
                    self.env.invalidate_all()
                    self.assertEqual((self.product.qty_available, self.own_unit.qty_available), before)
                    savepoint.rollback()

    def test_what_holds_nothing_may_change(self):
        unit = self.unit.copy({"name": "Yard", "uom_type": "smaller"})
        product = self.make_product("Empty", uom_id=unit.id, uom_po_id=unit.id)
        for name, (record, values) in self._get_kinds(product, unit, self.bin_c).items():
            with self.subTest(name=name), self.cr.savepoint() as savepoint:
                self.call(self.admin, record, "write", dict(values))
                self.env.flush_all()
                savepoint.rollback()
        self.call(self.manager, self.bin_a, "write", {"location_id": self.stock.id})
        self.assertEqual(self.bin_a.location_id, self.stock)

    # Who decides

    def test_the_system_decides_nothing(self):
        line = self._close_with((50, self.product)).line_ids
        line.with_user(self.supervisor).reason_id = self.reason
        root = self.env["res.users"].browse(SUPERUSER_ID)
        for group in ("supervisor", "controller"):
            root.groups_id |= self.env.ref(f"stock_cycle_count.group_{group}")
        for decide in ("action_approve", "action_reject", "action_send_to_recount"):
            self._assert_refused(getattr(line.with_user(SUPERUSER_ID), decide))
        self.assertEqual(line.state, "to_approve")
        self.assertFalse(line.approval_ids)

    def test_two_logins_of_one_person_are_one(self):
        line = self._close_with((50, self.product)).line_ids
        line.with_user(self.supervisor).reason_id = self.reason
        for name, value in (("partner_id", self.counter.partner_id.id), ("email", self.counter.email.upper())):
            with self.subTest(name=name), self.cr.savepoint() as savepoint:
                self.supervisor[name] = value
                self._assert_refused(line.with_user(self.supervisor).action_approve, "mine")
                self.assertNotIn(self.supervisor, line.count_id._get_approvers(1, line))
                savepoint.rollback()
                self.env.invalidate_all()
        self._approve(line, self.supervisor)
        self.assertEqual(line.state, "approved")

    # What is in the log

    def _get_rows(self, user, attempt, company=None):
        return self.env["stock.cycle.count.audit.log"].search([
            ("uid_refused", "=", user.id), ("attempt", "=", attempt), ("company_id", "=", (company or self.company).id)])

    def test_whoever_changes_what_decides_is_in_the_log(self):
        plan = self.make_plan()
        changes = [
            (self.controller, self.tolerance, values, "changed: Count Tolerance") for values in (
                {"under_qty": 500}, {"has_under_qty": False, "no_under_limit": True}, {"sequence": 1}, {"active": False},
                {"product_ids": [Command.link(self.product.id)]}, {"location_ids": [Command.link(self.bin_a.id)]},
                {"categ_ids": [Command.link(self.product.categ_id.id)]}, {"cap_days": 1}, {"cap_scope": "location"},
                {"has_cap_value": True, "cap_value": 7}, {"recount": True})]
        changes += [
            (self.controller, self.reason, {"name": "Renamed"}, "changed: Count Reason"),
            (self.controller, self.reason, {"active": False}, "changed: Count Reason"),
            (self.manager, plan, {"blind": False}, "changed: Cycle Count Plan"),
            (self.manager, plan, {"active": False}, "changed: Cycle Count Plan"),
            (self.manager, self.bin_c, {"cycle_count_excluded": True}, "changed: Inventory Locations"),
            (self.manager, self.bin_c, {"active": False}, "changed: Inventory Locations"),
            (self.admin, self.company, {"cycle_count_self_approval": True}, "changed: Companies"),
            (self.admin, self.worker, {"groups_id": [
                Command.link(self.env.ref("stock_cycle_count.group_controller").id)]}, "changed: roles"),
            (self.admin, self.env.ref("stock_cycle_count.group_supervisor"), {
                "users": [Command.link(self.worker.id)]}, "changed: roles"),
            (self.admin, self.supervisor, {"groups_id": [
                Command.unlink(self.env.ref("stock_cycle_count.group_supervisor").id)]}, "changed: roles")]
        for user, record, values, attempt in changes:
            values = {name: value for name, value in values.items() if name in record._fields}
            with self.subTest(attempt=attempt, values=values), self.cr.savepoint() as savepoint:
                before = len(self._get_rows(user, attempt))
                self.call(user, record, "write", values)
                self.assertEqual(len(self._get_rows(user, attempt)), before + 1)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_is_made_and_deleted_in_a_minute_is_in_the_log(self):
        ids = self.call(self.controller, self.env["stock.cycle.count.tolerance"], "create", {
            "name": "Mine", "has_over_qty": True, "over_qty": 9, "has_under_qty": True, "under_qty": 9})
        rule = self.env["stock.cycle.count.tolerance"].browse(ids)
        self.call(self.controller, rule, "unlink")
        for attempt in ("made: Count Tolerance", "deleted: Count Tolerance"):
            row = self._get_rows(self.controller, attempt)
            self.assertIn("Mine", row.detail)
            for user in (self.controller, self.env["res.users"].browse(SUPERUSER_ID)):
                own = row.with_user(user).sudo()
                for call in (own.unlink, lambda own=own: own.write({"detail": "x"})):
                    with self.assertRaises(UserError):
                        call()

    def test_a_company_is_in_its_log_from_the_beginning(self):
        ids = self.call(self.admin, self.env["res.company"], "create", {
            "name": "New", "cycle_count_self_approval": True})
        row = self._get_rows(self.admin, "made: Companies", self.env["res.company"].browse(ids))
        self.assertIn("Allow Self-Approval: yes", row.detail)

    def test_rules_and_reasons_in_use_are_archived(self):
        line = self._close_with((50, self.product)).line_ids
        line.with_user(self.supervisor).reason_id = self.reason
        for record in (self.tolerance, self.reason):
            self.assertIn(record.name, self._assert_refused(self.call, self.controller, record, "unlink"))
            self.call(self.controller, record, "write", {"active": False})

    def test_what_becomes_of_sheets_is_in_the_log(self):
        sheet = self.make_sheet((self.product,), (self.other_product,), start=True)
        self.call(self.counter, sheet.line_ids[1], "write", {"skip_reason": "x"})
        self.assertIn("x", self._get_rows(self.counter, "skip a line").detail)
        self.call(self.supervisor, sheet, "action_take_over")
        self.assertIn("took", self._get_rows(self.supervisor, "count sheet").detail)
        self.count(sheet.line_ids[0], 50)
        self.call(self.second_supervisor, sheet, "action_cancel")
        self.assertIn("cancelled", self._get_rows(self.second_supervisor, "count sheet").detail)

    def test_whoever_counted_a_difference_does_not_cancel_it_away(self):
        sheet = self._close_with((50, self.product), user=self.supervisor)
        self.assertIn(sheet.name, self._assert_refused(self.call, self.supervisor, sheet, "action_cancel"))
        self.call(self.second_supervisor, sheet, "action_cancel")
        self.assertEqual(sheet.state, "cancel")
