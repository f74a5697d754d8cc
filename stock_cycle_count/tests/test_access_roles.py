from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import COUNTER
from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestController(GateCase):
    """A controller of finance, without any role in stock: decides, and neither plans nor counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.lot_product, cls.bin_a, 8, lot=cls.lot)

    def setUp(self):
        super().setUp()
        self.sheet = self._close_with((3, self.lot_product, self.bin_a, self.lot))
        self.line = self.sheet.line_ids
        self._forget()

    def test_reads_what_is_decided_on(self):
        self.assertEqual(self.line.state, "to_approve")
        for record in (self.line, self.sheet, self.line.entry_ids, self.line.approval_ids):
            for view in ("form", "tree"):
                arch = self.call(self.finance, record.browse(), "get_views", [(False, view)])["views"][view]["arch"]
                self.assertTrue(arch)
        names = [name for name, field in self.call(self.finance, self.line.browse(), "fields_get", [], ["type"]).items()
                 if field["type"] != "binary"]
        [values] = self.call(self.finance, self.line, "read", names)
        self.assertEqual((values["expected_qty"], values["counted_qty"], values["variance_qty"]), (8, 3, -5))
        [shown] = self.call(self.finance, self.line, "web_read", {
            name: {"fields": {"display_name": {}}} if self.line._fields[name].relational else {} for name in names})
        self.assertEqual(shown["lot_id"]["display_name"], self.lot.name)

    def test_decides_and_posts(self):
        self.line.with_user(self.finance).reason_id = self.reason
        with Form(self.env["stock.cycle.count.decide"].with_user(self.finance).with_context(
                default_line_ids=self.line.ids)) as form:
            self.assertFalse(form.gain_value)
        form.record.action_approve()
        self.assertEqual(self.line.approval_ids.user_id, self.finance)
        self.call(self.finance, self.sheet, "action_finalize")
        self.assertEqual((self.line.state, self.sheet.state), ("posted", "done"))
        self.assertEqual(self.line.move_ids.quantity, 5)

    def test_keeps_tolerances_and_reasons(self):
        tolerance = self.call(self.finance, self.env["stock.cycle.count.tolerance"], "create", {
            "name": "Small", "company_id": self.company.id, "has_over_qty": True, "over_qty": 2,
            "has_under_qty": True, "under_qty": 2})
        self.assertTrue(tolerance)
        self.call(self.finance, self.reason, "write", {"name": "Renamed"})
        self.assertEqual(self.reason.name, "Renamed")
        self.assertTrue(self.call(
            self.finance, self.env["stock.cycle.count.audit.log"], "search", [("company_id", "=", self.company.id)]))

    def test_neither_plans_nor_counts(self):
        sheet = self.make_sheet((self.lot_product, self.bin_b, self.lot), user=self.env["res.users"])
        plan = self.make_plan()
        self.env.flush_all()
        quant = self.env["stock.quant"].search([("product_id", "=", self.lot_product.id)], limit=1)
        for record, method, arguments in [
            (sheet, "action_start", ()), (sheet, "action_join", ()), (sheet, "action_take_over", ()),
            (sheet, "action_cancel", ()), (sheet, "write", ({"scheduled_date": "2030-01-01"},)),
            (self.sheet, "action_reopen", ()), (self.sheet, "action_recount", ()),
            (sheet.line_ids, "write", ({"count_input": "3"},)),
            (sheet.browse(), "create", ({"name": "X"},)),
            (self.env["stock.cycle.count.scanner"], "show", ({},)),
            (plan, "action_schedule", ()), (plan, "action_generate", ()), (plan, "write", ({"sequence": 3},)),
            (quant, "write", ({"inventory_quantity": 3},)), (self.line.move_ids.browse(), "create", ({"name": "X"},)),
        ]:
            with self.subTest(model=record._name, method=method), self.assertRaises(UserError):
                self.call(self.finance, record, method, *arguments)
        self.assertFalse(sheet.user_id)
        self.assertEqual(sheet.state, "draft")

    def test_a_counter_who_becomes_one_is_held_to_four_eyes(self):
        self.counter.groups_id = [Command.link(self.env.ref("stock_cycle_count.group_controller").id)]
        self.assertFalse(self.line.with_user(self.counter).can_decide)
        with self.assertRaisesRegex(UserError, "you counted it"):
            self.call(self.counter, self.line, "action_approve", "fine")


@tagged("post_install", "-at_install")
class TestSetUpByRole(GateCase):
    """Who may set up what."""

    def test_an_inventory_administrator_sets_up_alone(self):
        manager = self.manager
        profile = self.call(manager, self.env["stock.abc.profile"], "create", {
            "name": "Alone", "warehouse_ids": [Command.set(self.warehouse.ids)]})
        profile = self.env["stock.abc.profile"].browse(profile)
        self.call(manager, profile, "action_classify")
        plan = self.call(manager, self.env["stock.cycle.count.plan"], "create", {
            "name": "Alone", "warehouse_id": self.warehouse.id, "profile_id": profile.id,
            "counter_ids": [Command.set(self.counter.ids)]})
        plan = self.env["stock.cycle.count.plan"].browse(plan)
        self.call(manager, self.env["stock.cycle.count.tolerance"], "create", {
            "name": "Alone", "company_id": self.company.id, "has_over_qty": True, "over_qty": 2,
            "has_under_qty": True, "under_qty": 2})
        self.call(manager, self.env["stock.cycle.count.reason"], "create", {"name": "Alone", "code": "ALONE"})
        self.receive(self.product, self.bin_a, 5)
        self.call(manager, plan, "action_schedule")
        plan.position_ids.manual_date = plan._get_today()
        self.call(manager, plan, "action_generate")
        self.assertEqual(plan.count_ids.line_ids.product_id, self.product)
        # And decides on nothing for that.
        self.assertFalse(self.call(manager, plan.count_ids, "read", ["can_finalize"])[0]["can_finalize"])

    def test_supervisors_change_the_plans_of_their_warehouses(self):
        other = self.env["stock.warehouse"].create({"name": "Second", "code": "2ND", "company_id": self.company.id})
        here, there = self.make_plan(), self.make_plan(warehouse_id=other.id)
        self.call(self.supervisor, there, "write", {"sequence": 3})
        self.supervisor.cycle_count_warehouse_ids = self.warehouse
        self.call(self.supervisor, here, "write", {"sequence": 4})
        self.call(self.supervisor, here, "action_schedule")
        for method, arguments in [("write", [{"sequence": 4}]), ("action_schedule", []), ("action_generate", [])]:
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.supervisor, there, method, *arguments)
        self.assertEqual((here.sequence, there.sequence), (4, 3))
        self.assertTrue(self.call(self.supervisor, there, "read", ["name"]), "reads all")
        with self.assertRaises(AccessError):
            self.call(self.supervisor, here, "unlink")
        # An administrator who supervises as well changes all.
        self.supervisor.groups_id = [Command.link(self.env.ref("stock.group_stock_manager").id)]
        self.call(self.supervisor, there, "write", {"sequence": 5})

    def test_nobody_chooses_the_own_warehouses(self):
        with self.assertRaises(AccessError):
            self.call(self.supervisor, self.supervisor, "write", {"cycle_count_warehouse_ids": [Command.clear()]})


@tagged("post_install", "-at_install")
class TestFirstScreen(GateCase):
    """Whoever only counts lands on the scanner after login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scanner = cls.env.ref("stock_cycle_count.stock_cycle_count_scanner_action")
        cls.group = cls.env.ref(COUNTER)

    def test_only_counters_land_on_the_scanner(self):
        for role, user in self.users.items():
            with self.subTest(role=role):
                self.assertEqual(user.action_id.id, self.scanner.id if role == "counter" else False)

    def test_however_the_role_is_given(self):
        by_user, by_group = (self.make_user(f"floor_new_{number}", "base.group_user") for number in (1, 2))
        self.assertFalse(by_user.action_id | by_group.action_id)
        by_user.groups_id = [Command.link(self.group.id)]
        self.group.users = [Command.link(by_group.id)]
        self.assertEqual((by_user | by_group).action_id.ids, self.scanner.ids)

    def test_what_somebody_chose_stays(self):
        chosen = self.env.ref("base.action_res_users")
        user = self.make_user("floor_new", "base.group_user", action_id=chosen.id)
        user.groups_id = [Command.link(self.group.id)]
        self.assertEqual(user.action_id.id, chosen.id)
        self.counter.action_id = False
        self.counter.name = "Renamed"
        self.counter.groups_id = [Command.link(self.env.ref("base.group_no_one").id)]
        self.assertFalse(self.counter.action_id, "was taken away on purpose")

    def test_more_than_a_counter(self):
        self.counter.groups_id = [Command.link(self.env.ref("stock_cycle_count.group_supervisor").id)]
        self.assertFalse(self.counter.action_id)
        self.counter.groups_id = [Command.set([self.group.id])]
        self.assertEqual(self.counter.action_id.id, self.scanner.id)

    def test_an_administrator_changes_it_in_the_form(self):
        admin = self.make_admin()
        with Form(self.counter.with_user(admin), view="base.view_users_form") as form:
            form.action_id = self.env["ir.actions.actions"]
            form.cycle_count_warehouse_ids.add(self.warehouse)
        self.assertFalse(self.counter.action_id)
        self.assertEqual(self.counter.cycle_count_warehouse_ids, self.warehouse)
