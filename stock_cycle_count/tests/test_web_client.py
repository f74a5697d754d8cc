from lxml import etree

from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests.test_js import qunit_error_checker

from .common_planning import PlanningCase

#: Actions that a role reaches by its menus.
ACTIONS = {
    "counter": ["stock_cycle_count_action_mine"],
    "worker": ["stock_cycle_count_action", "stock_cycle_count_position_action", "stock_abc_assignment_action"],
    "supervisor": [
        "stock_cycle_count_action", "stock_cycle_count_action_mine", "stock_cycle_count_position_action",
        "stock_cycle_count_plan_action", "stock_abc_assignment_action"],
    "manager": [
        "stock_cycle_count_action", "stock_cycle_count_position_action", "stock_cycle_count_plan_action",
        "stock_abc_profile_action", "stock_abc_assignment_action", "stock_abc_history_action",
        "stock_cycle_count_line_action"],
}
#: Screens of Odoo that this addon adds to, by model, with views; everybody who could open them still can.
EXTENDED = {
    "stock.location": ["stock.view_location_form", "stock.view_location_tree2"],
    "product.template": ["product.product_template_only_form_view"],
    "product.product": ["product.product_normal_form_view"],
}


class TestWebClient(PlanningCase):
    """Every role can open the screens that its menus offer, and no other menu."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.make_product(cost=10)
        cls.make_quant(cls.product)
        cls.deliver(cls.product, cls.bin, 3)
        cls.profile = cls.make_profile()
        cls.profile.action_classify()
        cls.plan = cls.make_plan(profile_id=cls.profile.id, horizon_days=365)
        cls.plan.action_schedule()
        cls.plan.action_generate()

    def _make_specification(self, arch, fields):
        """What the web client asks for to fill a view: the fields of the view itself, and names of other records."""
        names = {node.get("name") for node in etree.fromstring(arch).iter("field") if not any(
            parent.tag == "field" for parent in node.iterancestors())}
        return {
            name: {"fields": {"display_name": {}}} if fields[name]["type"] == "many2one" else {}
            for name in names}

    def _open(self, user, model, views, domain=()):
        """Load views and their records as a user does; answer the records of each view."""
        loaded = self.call(user, self.env[model], "get_views", views)
        return {
            kind: self.call(
                user, self.env[model], "web_search_read", list(domain),
                self._make_specification(loaded["views"][kind]["arch"], loaded["models"][model]))
            for _view, kind in views if kind in ("list", "kanban", "form", "calendar")}

    def test_every_role_opens_what_its_menus_offer(self):
        for role, names in ACTIONS.items():
            for name in names:
                action = self.env.ref(f"stock_cycle_count.{name}")
                views = [(view, kind.replace("tree", "list")) for view, kind in action.views] + [(False, "search")]
                with self.subTest(role=role, action=name):
                    found = self._open(self.users[role], action.res_model, views)
                    if name != "stock_abc_history_action":
                        self.assertTrue(all(result["records"] for result in found.values()), found)

    def test_extended_screens_stay_open_to_everybody(self):
        records = {"stock.location": self.bin, "product.product": self.product,
                   "product.template": self.product.product_tmpl_id}
        for role in ("outsider", "counter", "worker", "manager"):
            for model, names in EXTENDED.items():
                for name in names:
                    with self.subTest(role=role, view=name):
                        view = self.env.ref(name)
                        self._open(self.users[role], model, [(view.id, view.type.replace("tree", "list"))],
                                   [("id", "=", records[model].id)])

    def _get_menus(self, role):
        """Names of this addon's menus that a role sees, with all that is above them."""
        visible = self.env["ir.ui.menu"].with_user(self.users[role]).search([])
        shown = visible.filtered(
            lambda menu: {int(part) for part in menu.parent_path.split("/") if part} <= set(visible.ids))
        return {xmlid.split(".")[1] for xmlid in shown.get_external_id().values()
                if xmlid.startswith("stock_cycle_count.")}

    def test_menus_by_role(self):
        menus = {role: self._get_menus(role) for role in self.users}
        self.assertFalse(menus["outsider"])
        self.assertIn("stock_cycle_count_menu_mine", menus["counter"])
        self.assertNotIn("stock_cycle_count_menu", menus["counter"] - menus["worker"])
        self.assertIn("stock_cycle_count_menu", menus["worker"])
        self.assertNotIn("stock_cycle_count_plan_menu", menus["worker"])
        self.assertIn("stock_cycle_count_plan_menu", menus["supervisor"])
        self.assertNotIn("stock_abc_profile_menu", menus["supervisor"])
        self.assertIn("stock_abc_profile_menu", menus["manager"])

    def test_empty_screens_say_what_to_do(self):
        actions = self.env["ir.actions.act_window"].search([]).filtered(
            lambda action: (action.get_external_id()[action.id] or "").startswith("stock_cycle_count."))
        silent = actions.filtered(lambda action: action.target == "current" and not action.help)
        self.assertFalse(silent.mapped("name"))

    def test_forecast_begins_today(self):
        chart = self.call(self.supervisor, self.plan, "get_forecast_chart")
        self.assertEqual(chart["days"][0], "2024-03-04")
        self.assertEqual([(row["id"], row["name"]) for row in chart["classes"]], [(self.profile.class_ids[0].id, "A")])

    def test_a_plan_says_what_does_not_fit(self):
        self.assertFalse(self.plan.shortfall_message)
        self.plan.write({"late_count": 3, "late_value": 12.5, "needed_capacity": 70})
        message = self.plan.shortfall_message
        self.assertIn("3 positions", message)
        self.assertIn("12.50", message)
        self.assertIn("70 counts a day; the plan has 50", message)
        self.assertNotIn("not counted", message)


@tagged("standard", "post_install", "-at_install")
class TestJavaScript(HttpCase):
    """The unit tests of the screens, in a real browser."""

    def test_units(self):
        self.browser_js(
            "/web/tests?filter=Cycle%20Counting", "", "", login="admin", timeout=300,
            error_checker=qunit_error_checker)
