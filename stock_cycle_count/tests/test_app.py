from odoo.tests import tagged

from .common import CountCase

COUNTERS = ("counter", "worker", "manager", "supervisor", "controller")
EVERYBODY = (*COUNTERS, "finance")
DECIDERS = ("supervisor", "controller", "finance")
#: Who sees which menu of the app; whoever is not named does not.
MENUS = {
    "stock_cycle_count_menu_root": EVERYBODY,
    "stock_cycle_count_menu_today": EVERYBODY,
    "stock_cycle_count_menu_sheets": EVERYBODY,
    "stock_cycle_count_menu": ("worker", "manager", *DECIDERS),
    "stock_cycle_count_menu_mine": COUNTERS,
    "stock_cycle_count_scanner_menu": COUNTERS,
    "stock_cycle_count_line_menu_recount": COUNTERS,
    "stock_cycle_count_line_menu_found": DECIDERS,
    "stock_cycle_count_line_menu_approve": DECIDERS,
    "stock_cycle_count_menu_schedule": ("worker", "manager", *DECIDERS),
    "stock_cycle_count_position_menu": ("worker", "manager", *DECIDERS),
    "stock_cycle_count_plan_menu": ("manager", *DECIDERS),
    "stock_abc_assignment_menu": ("worker", "manager", *DECIDERS),
    "stock_cycle_count_menu_reporting": ("manager", *DECIDERS),
    "stock_cycle_count_line_menu": ("manager", *DECIDERS),
    "stock_cycle_count_entry_menu": DECIDERS,
    "stock_abc_history_menu": ("manager", *DECIDERS),
    "stock_cycle_count_finding_menu": DECIDERS,
    "stock_cycle_count_cause_menu": DECIDERS,
    "stock_cycle_count_hint_menu": DECIDERS,
    "stock_cycle_count_audit_log_menu": ("manager", "controller", "finance"),
    "stock_cycle_count_menu_configuration": ("manager", "controller", "finance"),
    "stock_abc_profile_menu": ("manager",),
    "stock_cycle_count_tolerance_menu": ("manager", "controller", "finance"),
    "stock_cycle_count_reason_menu": ("manager", "controller", "finance"),
    "stock_cycle_count_reconciliation_menu": ("controller", "finance"),
}


@tagged("post_install", "-at_install")
class TestApp(CountCase):
    """An app of its own, in which each role sees what it may use."""

    def test_menus_by_role(self):
        Menu = self.env["ir.ui.menu"]
        root = self.env.ref("stock_cycle_count.stock_cycle_count_menu_root")
        known = {f"stock_cycle_count.{name}" for name in MENUS}
        self.assertLessEqual(known, set(Menu.search([("id", "child_of", root.id)]).get_external_id().values()))
        for role in (*EVERYBODY, "outsider"):
            shown = Menu.with_user(getattr(self, role)).load_menus(False)
            for name, roles in MENUS.items():
                with self.subTest(role=role, menu=name):
                    self.assertEqual(self.env.ref(f"stock_cycle_count.{name}").id in shown, role in roles)

    def test_inventory_keeps_one_link(self):
        root = self.env.ref("stock.menu_stock_root")
        own = self.env["ir.ui.menu"].search([("id", "child_of", root.id)]).filtered(
            lambda menu: (menu.get_external_id()[menu.id] or "").startswith("stock_cycle_count."))
        self.assertEqual(own, self.env.ref("stock_cycle_count.stock_cycle_count_menu_operations"))

    def test_the_day_begins_where_the_work_is(self):
        for role, tag in [
            ("counter", "stock_cycle_count.scanner"), ("worker", "stock_cycle_count.scanner"),
            ("supervisor", "stock_cycle_count.today"), ("controller", "stock_cycle_count.today"),
            ("finance", "stock_cycle_count.today"), ("manager", "stock_cycle_count.today"),
        ]:
            with self.subTest(role=role):
                action = self.env.ref("stock_cycle_count.stock_cycle_count_action_today").with_user(
                    getattr(self, role)).run()
                self.assertEqual(action["tag"], tag)

    def test_the_day_of_an_auditor_begins_with_figures(self):
        auditor = self.make_user("floor_auditor", "stock_cycle_count.group_auditor")
        action = self.env.ref("stock_cycle_count.stock_cycle_count_action_today").with_user(auditor).run()
        self.assertEqual(action["tag"], "stock_cycle_count.today")
        self.assertEqual(len(self.call(auditor, self.env["stock.cycle.count.answers"], "get_page", {})["tiles"]), 7)
        self.assertIn("cards", self.call(auditor, self.env["stock.warehouse"], "get_cycle_count_today"))

    def test_the_menu_shows_the_day_and_the_app_goes_to_work(self):
        for role in EVERYBODY:
            menus = self.env["ir.ui.menu"].with_user(getattr(self, role)).load_web_menus(False)
            for name, action in (("root", "action_today"), ("today", "today_action")):
                with self.subTest(role=role, menu=name):
                    menu = menus[self.env.ref(f"stock_cycle_count.stock_cycle_count_menu_{name}").id]
                    self.assertEqual(
                        menu["actionID"], self.env.ref(f"stock_cycle_count.stock_cycle_count_{action}").id)

    def test_the_app_is_found_by_the_words_of_the_field(self):
        for words in ("cycle", "stocktake", "inventory count", "blind"):
            with self.subTest(words=words):
                found = self.env["ir.module.module"].search([
                    ("application", "=", True), "|", "|", ("summary", "ilike", words), ("shortdesc", "ilike", words),
                    ("name", "ilike", words)])
                self.assertIn("stock_cycle_count", found.mapped("name"))
