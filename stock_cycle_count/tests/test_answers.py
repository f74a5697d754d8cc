from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_answers import ANSWERS, RESULT, AnswersCase
from .common_planning import TODAY

TILES = ["right", "errors", "chart", "why", "promise", "decide", "pays"]


@tagged("post_install", "-at_install")
class TestSample(AnswersCase):
    """*Records right*: of random counts alone."""

    def test_nothing_drawn(self):
        self.add_lines({"variance": -2}, {})
        for days in (30, 90, 365):
            tile = self.get_tiles(days=days)["right"]
            self.assertEqual((tile["state"], tile["value"], tile["count"], tile["action"]), ("none", False, 0, False))
            self.assertIn("No random counts yet. Give a plan", tile["sentence"])
        drawing = self.make_plan(control_target=199)
        self.assertIn("No random counts yet. Plans draw some", self.get_tiles()["right"]["sentence"])
        self.assertIn("Plans draw some", self.get_tiles(plan_ids=drawing.ids)["right"]["sentence"])
        self.assertIn("Give a plan", self.get_tiles(plan_ids=self.plan.ids)["right"]["sentence"])

    def test_the_fixture_of_the_design(self):
        self.draw_sample(186, 13, days=40)
        tile = self.get_tiles()["right"]
        self.assertEqual(tile["text"], "93.5\N{NO-BREAK SPACE}%")
        self.assertIn("89.1 to 96.1. 186 of 199 random counts of the last 90 days.", tile["sentence"])
        self.assertEqual((tile["count"], tile["state"]), (199, "good"))
        figures = self.get_figures()
        self.assertAlmostEqual(figures["bound"].value, 89.8, delta=0.3)
        self.assertEqual(figures["answered"].value, 100)

    def test_one_and_few_and_all_right(self):
        self.draw_sample(1, 0)
        tile = self.get_tiles()["right"]
        self.assertEqual((tile["state"], tile["text"]), ("few", "1 of 1 right"))
        self.assertIn("needs 30 random counts, 1 so far", tile["sentence"])
        self.draw_sample(30, 0, before=1)
        self.assertEqual(self.get_tiles()["right"]["text"], "at least 90.8\N{NO-BREAK SPACE}%")

    def test_chosen_lines_change_nothing(self):
        self.draw_sample(40, 5)
        before = [self.get_tiles()[name] for name in ("right", "chart")]
        self.add_lines(*({"variance": -3, "selection_reason": reason} for reason in ("class", "manual", "found")), {})
        self.assertEqual([self.get_tiles()[name] for name in ("right", "chart")], before)

    def test_lots_of_one_position_are_one_draw(self):
        """It is right when all of its lines are."""
        draw = self.make_draw(number=2)
        self.add_lines(
            {"draw": draw}, {"draw": draw, "variance": -1}, {"draw": draw, "product": self.other_product},
            {"draw": draw, "product": self.other_product})
        tile = self.get_tiles()["right"]
        self.assertEqual(tile["text"], "1 of 2 right")
        self.assertEqual(tile["count"], 4)
        self.assertEqual(self.as_user(self.supervisor, self.env[RESULT]).search_count(tile["action"]["domain"]), 4)

    def test_a_position_is_answered_by_all_of_its_lots(self):
        """One lot that is right says nothing of the others: none that is not counted, or came late, leaves an answer. What waits
        is a miss, and what is cancelled is what was counted. What was found and taken back uncounted asks for none.
        """
        day = TODAY - timedelta(days=1)
        for other, answers, right in (
            ({"state": "cancel", "count_date": None}, 0, None), ({"state": "cancel"}, 1, 100),
            ({"state": "cancel", "variance": -5}, 1, 0), ({"state": "cancel", "variance": 5, "is_found": True}, 1, 0),
            ({"state": "to_approve", "variance": -5}, 1, 0), ({"day": TODAY}, 0, None),
            ({"abc_class_id": self.class_b.id}, 1, 100), ({"state": "pending", "count_date": None}, 0, None), ({}, 1, 100),
            ({"state": "cancel", "count_date": None, "is_found": True}, 1, 100),
        ):
            with self.subTest(other=other), self.cr.savepoint() as savepoint:
                draw = self.make_draw(day)
                position = self.env["stock.cycle.count.position"].create({
                    "company_id": self.company.id, "plan_id": self.plan.id, "location_id": self.bin.id,
                    "product_id": self.lot_product.id})
                line = {"draw": draw, "day": day, "product": self.lot_product, "position_id": position.id,
                        "abc_class_id": self.class_a.id}
                self.add_lines({**line, "lot_id": self.lot.id}, {**line, "lot_id": self.other_lot.id, **other})
                figures = self.get_figures()
                self.assertEqual(figures["answered"].value, 100 * answers)
                self.assertEqual(figures["right"].value, right)
                self.assertEqual((draw.answered_count, draw.unanswered_count), (answers, 1 - answers))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_rates_are_of_positions(self):
        """As the headline is, whatever they are grouped by."""
        draw = self.make_draw()
        self.add_lines(*(
            {"draw": draw, "product": product, "variance": variance}
            for product, *variances in ((self.product, 0, 0, -1), (self.other_product, 0, 0)) for variance in variances))
        self.assertEqual(self.get_figures()["right"].value, 50)
        for group in ("class", "location", "category", "warehouse", "plan"):
            [rate] = self.call(self.supervisor, self.env[ANSWERS], "get_rates", group)
            self.assertEqual((rate["n"], rate["hits"], rate["rate"]), (2, 1, 50), group)

    def test_weights(self):
        """The fixture of the design: 10, 10, 10, 10 with one miss, and four of 40."""
        draw = self.make_draw(number=8)
        self.add_lines(*(
            {"draw": draw, "draw_weight": weight, "product": product, "variance": variance}
            for product, weight, variance in zip(self.make_products(8), (10, 10, 10, 10, 40, 40, 40, 40), (-1, *[0] * 7))))
        right = self.get_figures()["right"]
        self.assertEqual([round(number, 2) for number in right[3:]], [95, 54.78, 99.67])

    def test_states(self):
        """Rejected is a miss, and so is what waits; cancelled is what was counted, and what nobody counted is not answered."""
        draw = self.make_draw(TODAY - timedelta(days=1), number=6)
        self.make_draw(number=9)
        products = self.make_products(6)
        yesterday = {"draw": draw, "day": TODAY - timedelta(days=1)}
        self.add_lines(
            {**yesterday, "product": products[0]},
            {**yesterday, "product": products[1], "state": "rejected", "variance": -1},
            {**yesterday, "product": products[2], "state": "cancel", "variance": -1},
            {**yesterday, "product": products[3], "state": "to_approve", "variance": -1},
            {"draw": draw, "product": products[4]}, {"draw": draw, "product": products[5], "state": "cancel", "count_date": None})
        figures = self.get_figures()
        self.assertAlmostEqual(figures["right"].value, 100 / 4, msg="what was counted too late is no answer")
        self.assertEqual(figures["right"].number, 4)
        self.assertAlmostEqual(figures["answered"].value, 100 * 4 / 6, msg="today's draw is not over")
        self.assertAlmostEqual(figures["answered"].low, 100 / 6)
        self.assertIn("Only 67", self.get_tiles()["right"]["sentence"])

    def test_book_error(self):
        draw = self.make_draw(number=3)
        products = self.make_products(3)
        self.add_lines(
            {"draw": draw, "product": products[0], "cost": 5}, {"draw": draw, "product": products[1], "variance": -1, "cost": 10},
            {"draw": draw, "product": products[2], "variance": 2, "cost": 1, "expected_qty": 0})
        # 10 x 5 and 10 x 10 in the books, 10 and 2 in error.
        self.assertAlmostEqual(self.get_figures()["book_error"].value, 100 * 12 / 150)

    def test_no_value_at_all(self):
        self.draw_sample(2, 1, cost=0)
        figures = self.get_figures()
        self.assertIsNone(figures["book_error"].value)
        self.assertAlmostEqual(figures["right"].value, 200 / 3)

    def test_windows(self):
        for days, number in ((29, 1), (30, 2), (89, 4), (90, 8), (364, 16), (365, 32)):
            day = TODAY - timedelta(days=days)
            draw = self.make_draw(day, number)
            self.add_lines(*({"draw": draw, "day": day, "product": product} for product in self.make_products(number)))
        self.assertEqual(
            [self.get_tiles(days=days)["right"]["count"] for days in (30, 90, 365)], [1, 7, 31])

    def test_rates_by_class(self):
        self.draw_sample(8, 2, abc_class_id=self.class_a.id)
        self.draw_sample(3, 0, before=2, abc_class_id=None)
        rates = self.get_page()["rates"]
        self.assertEqual([(rate["label"], rate["n"], rate["hits"]) for rate in rates], [("A", 10, 8), ("No class", 3, 3)])
        self.assertAlmostEqual(rates[0]["rate"], 80)
        for rate in rates:
            self.assertEqual(self.as_user(self.supervisor, self.env[RESULT]).search_count(rate["domain"]), rate["n"])


@tagged("post_install", "-at_install")
class TestPage(AnswersCase):

    def test_empty(self):
        page = self.get_page()
        self.assertEqual([tile["name"] for tile in page["tiles"]], TILES)
        for tile in page["tiles"]:
            with self.subTest(tile=tile["name"]):
                self.assertEqual((tile["state"], tile["count"]), ("none", 0))
                self.assertTrue(tile["title"] and tile["sentence"] and tile["definition"])
        self.assertEqual(page["filters"], {"days": 90, "warehouse_ids": [], "plan_ids": []})
        self.assertEqual(page["choices"]["plans"], [[self.plan.id, "Floor"]])
        self.assertIn([self.warehouse.id, "Floor"], page["choices"]["warehouses"])
        self.assertEqual(page["currency_id"], self.company.currency_id.id)
        self.assertTrue(page["is_set_up"])
        self.assertEqual(page["as_of"], fields.Datetime.to_string(fields.Datetime.now()))

    def test_roles(self):
        for role, user in self.users.items():
            may = role in ("supervisor", "controller", "finance")
            for method, args in (("get_page", [{}]), ("get_rates", ["class"])):
                with self.subTest(role=role, method=method):
                    if may:
                        self.assertTrue(self.call(user, self.env[ANSWERS], method, *args) is not None)
                        continue
                    with self.assertRaises(AccessError):
                        self.call(user, self.env[ANSWERS], method, *args)
                    with self.assertRaises(AccessError):
                        self.as_user(user, self.env[ANSWERS]).sudo().get_page({})
                    with self.assertRaises(AccessError):
                        self.call(user, self.env[RESULT], "search_read", [], ["hit"])
                    with self.assertRaises(AccessError):
                        self.call(user, self.env[RESULT], "read_group", [], ["hit"], ["root_cause"])

    def test_filters_that_cannot_be(self):
        for filters in (
            {"days": 7}, {"days": "90"}, {"days": True}, {"days": [90]}, {"evil": 1}, [], "x", 5, {"warehouse_ids": 5},
            {"warehouse_ids": ["x"]}, {"plan_ids": [0]}, {"plan_ids": [2 ** 40]}, {"plan_ids": [[1]]}, {"plan_ids": "1"},
        ):
            with self.subTest(filters=filters), self.assertRaises(UserError):
                self.call(self.supervisor, self.env[ANSWERS], "get_page", filters or [1])
        for group in ("evil", None, ["class"], {"a": 1}, "company_id"):
            with self.subTest(group=group), self.assertRaises(UserError):
                self.call(self.supervisor, self.env[ANSWERS], "get_rates", group)
