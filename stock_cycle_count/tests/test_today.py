from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_gate import GateCase

NAMES = ["today", "late", "counting", "approve", "never"]


@tagged("post_install", "-at_install")
class TestToday(GateCase):
    """The card of a warehouse: every number is that of the records it opens, as the user sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.make_plan()
        today = fields.Date.context_today(cls.plan)
        cls.due = cls.make_sheet((cls.product, cls.bin_b))
        cls.late = cls.make_sheet((cls.product, cls.bin_c), user=cls.second, scheduled_date=today - timedelta(days=3))
        cls.late.with_user(cls.second).action_start()
        cls.make_sheet((cls.other_product, cls.bin_c), scheduled_date=today + timedelta(days=1))
        cls.make_sheet((cls.other_product, cls.bin_b)).with_user(cls.supervisor).action_cancel()
        cls.env["stock.cycle.count.position"].create(
            {"company_id": cls.company.id, "location_id": cls.bin_a.id, "product_id": cls.product.id})

    def setUp(self):
        super().setUp()
        self.waiting = self._close_with((3, self.product, self.bin_a))
        self.waiting.line_ids._write_judged({"to_approve_date": fields.Datetime.now() - timedelta(days=5)})
        self._forget()

    def _get_cards(self, user):
        return self.call(user, self.env["stock.warehouse"], "get_cycle_count_today")

    def _get_figures(self, user):
        [card] = self._get_cards(user)["cards"]
        self.assertEqual(card["id"], self.warehouse.id)
        return {figure["name"]: figure for figure in card["figures"]}

    def test_figures(self):
        figures = self._get_figures(self.supervisor)
        self.assertEqual(list(figures), NAMES)
        self.assertEqual([figures[name]["value"] for name in NAMES], [1, 1, 1, 1, 1])
        self.assertEqual(figures["counting"]["note"], self.second.name)
        self.assertEqual(figures["approve"]["note"], "oldest waits 5 days")
        self.waiting.line_ids._write_judged({"to_approve_date": fields.Datetime.now() - timedelta(days=1)})
        self.assertEqual(self._get_figures(self.finance)["approve"]["note"], "oldest waits 1 day")

    def test_each_number_opens_its_records(self):
        for role, names in {
            "worker": [*NAMES[:3], "never"], "supervisor": NAMES, "finance": NAMES,
        }.items():
            user = getattr(self, role)
            figures = self._get_figures(user)
            self.assertEqual(list(figures), names, role)
            for name, figure in figures.items():
                with self.subTest(role=role, figure=name):
                    action = self.call(user, self.warehouse, "action_open_cycle_count_figure", name)
                    found = self.call(user, self.env[action["res_model"]], "search_count", action["domain"])
                    self.assertEqual(found, figure["value"])
        # A number that is not shown cannot be asked for.
        self.assertFalse(self.call(self.worker, self.warehouse, "action_open_cycle_count_figure", "approve"))
        with self.assertRaises(AccessError):
            self._get_cards(self.counter)

    def test_what_a_role_is_offered(self):
        for role, may_plan, may_count in [
            ("worker", False, True), ("supervisor", True, True), ("manager", True, True),
            ("finance", False, False),
        ]:
            with self.subTest(role=role):
                data = self._get_cards(getattr(self, role))
                self.assertEqual((bool(data["set_up"]), data["can_count"]), (may_plan, may_count))
                self.assertEqual([card["can_make"] for card in data["cards"]], [may_plan])

    def test_a_warehouse_of_one_location_has_a_card_as_well(self):
        self.warehouse.int_type_id.active = False
        self.assertEqual(self._get_figures(self.supervisor)["late"]["value"], 1)

    def test_warehouses_without_counting_have_none(self):
        other = self.env["stock.warehouse"].create({"name": "Second", "code": "2ND", "company_id": self.company.id})
        self.assertNotIn(other.id, [card["id"] for card in self._get_cards(self.supervisor)["cards"]])
        sheet = self.make_sheet((self.product, other.lot_stock_id), warehouse_id=other.id)
        self.assertIn(other.id, [card["id"] for card in self._get_cards(self.supervisor)["cards"]])
        self.assertEqual(
            [figure["value"] for card in self._get_cards(self.supervisor)["cards"] if card["id"] == other.id
             for figure in card["figures"]], [1, 0, 0, 0, 0])
        sheet.with_user(self.supervisor).action_cancel()
        self.plan.active = False
        self.assertEqual([card["id"] for card in self._get_cards(self.supervisor)["cards"]], [self.warehouse.id])

    def test_queries_do_not_grow_with_warehouses(self):
        def ask():
            return self.as_user(self.supervisor, self.env["stock.warehouse"]).get_cycle_count_today()

        few = self.count_queries(ask)
        for number in range(5):
            warehouse = self.env["stock.warehouse"].create(
                {"name": f"Store {number}", "code": f"ST{number}", "company_id": self.company.id})
            self.make_sheet((self.product, warehouse.lot_stock_id), warehouse_id=warehouse.id, start=True)
            self.make_plan(warehouse_id=warehouse.id)
        self.assertLessEqual(self.count_queries(ask), few + 1)
        self.assertEqual(len(ask()["cards"]), 6)

    def test_making_sheets_answers(self):
        self.plan.with_user(self.supervisor).action_schedule()
        position = self.plan.position_ids.filtered(
            lambda one: one.product_id == self.product and one.location_id == self.bin_a)[:1]
        position.manual_date = self.plan._get_today()
        self.waiting.line_ids.with_user(self.controller).action_reject("no")
        answer = self.call(self.supervisor, self.warehouse, "action_make_cycle_count_sheets")
        self.assertRegex(answer["params"]["message"], "1 sheet, 1 line, first today for ")
        answer = self.call(self.supervisor, self.warehouse, "action_make_cycle_count_sheets")
        self.assertRegex(answer["params"]["message"], "^No sheet: ")
        with self.assertRaises(AccessError):
            self.call(self.worker, self.warehouse, "action_make_cycle_count_sheets")
