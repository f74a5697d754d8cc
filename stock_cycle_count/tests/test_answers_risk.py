from datetime import datetime, timedelta
from math import exp

from odoo.tests import tagged
from odoo.tools import SQL

from ..tools import statistics
from .common_answers import RESULT, AnswersCase
from .common_planning import TODAY

RISK = "stock.cycle.count.risk"


@tagged("post_install", "-at_install")
class TestErrors(AnswersCase):
    """*Errors in stock now* and what follows from ranking."""

    @classmethod
    def add_risks(cls, *values, chance=0.0):
        """Positions with so much at risk each."""
        for value, product in zip(values, cls.make_products(len(values), cost=1)):
            cls.make_quant(product, cls.bin, 100)
            position = cls.env["stock.cycle.count.position"].create({
                "company_id": cls.company.id, "plan_id": cls.plan.id, "location_id": cls.bin.id, "product_id": product.id})
            cls.env.flush_all()
            cls.env.cr.execute(SQL(
                "INSERT INTO stock_cycle_count_risk (id, position_id, company_id, plan_id, warehouse_id, location_id, product_id,"
                " value_at_risk, offender_chance, rank_index, days_since, unit_cost) VALUES (%s)",
                SQL(", ").join(SQL("%s", column) for column in (
                    position.id, position.id, cls.company.id, cls.plan.id, cls.warehouse.id, cls.bin.id, product.id, value,
                    chance, value, 1, 1))))
        cls.env.invalidate_all()

    def test_no_plan_ranks(self):
        tile = self.get_tiles()["errors"]
        self.assertEqual((tile["state"], tile["action"], tile["value"]), ("none", False, False))
        self.assertIn("Let a plan rank", tile["sentence"])

    def test_before_anything_random_is_counted(self):
        self.add_risks(10, 30, 0)
        tile = self.get_tiles()["errors"]
        self.assertEqual((tile["value"], tile["count"], tile["state"]), (40, 3, "few"))
        self.assertEqual(tile["text"], "about $\N{NO-BREAK SPACE}40")
        self.assertIn("An estimate of the ranking", tile["sentence"])
        self.assertIn("13.3\N{NO-BREAK SPACE}% of stock", tile["sentence"])
        self.assertEqual(self.as_user(self.supervisor, self.env[RISK]).search_count(tile["action"]["domain"]), 3)

    def test_few_misses_count_beside_ten_that_say_one(self):
        """Ten misses of 4 where 2 was foretold of 20: the ratio is 1, with the prior 1 as well; of twice as much it is 1.5."""
        self.add_risks(100)
        self.draw_sample(10, 10, cost=2, value_at_risk=2)
        self.assertAlmostEqual(self.get_figures()["errors"].value, 100)
        self.env["stock.cycle.count.line"].search([("count_id", "=", self.sheet.id)])._write_judged({"value_at_risk": 1})
        figure = self.get_figures()["errors"]
        self.assertAlmostEqual(figure.value, 150)
        self.assertIsNone(figure.low)

    def test_range_from_thirty_misses_on(self):
        self.add_risks(*[50] * 30)
        self.draw_sample(30, 30, days=3, cost=2, value_at_risk=1)
        figure = self.get_figures(days=30)["errors"]
        # 120 found of 60 foretold: (30 x 2 + 10) / 40 times 1500.
        self.assertAlmostEqual(figure.value, 1500 * 1.75)
        found = statistics.shrink(statistics.ratio(60, 120, 60, 480, 120, 60), 30)
        self.assertAlmostEqual(figure.low, 2625 / exp(statistics.Z * found.log_deviation))
        self.assertAlmostEqual(figure.high, 2625 * exp(statistics.Z * found.log_deviation))
        self.assertTrue(2625 / 1.4 < figure.low < 2625 / 1.2)
        sentence = self.get_tiles()["errors"]["sentence"].replace("\N{NO-BREAK SPACE}", " ")
        self.assertRegex(sentence, r"^\$ 2,\d00 to \$ 3,\d00, about 9 times in 10\. ")
        self.assertIn("$ 1,800 of it in 20 positions.", sentence)

    def test_counts_longer_ago_say_nothing(self):
        self.add_risks(100)
        self.draw_sample(0, 10, before=180, cost=20, value_at_risk=1)
        self.assertEqual(self.get_figures()["errors"].value, 100)

    def test_what_was_not_foretold_says_nothing(self):
        self.add_risks(100)
        self.draw_sample(0, 20, cost=20)
        self.assertEqual(self.get_figures()["errors"].value, 100)

    def test_offenders(self):
        self.add_risks(1, 2, chance=0.95)
        self.add_risks(3, chance=0.89)
        figure = self.get_figures()["offenders"]
        self.assertEqual((figure.value, figure.number), (2, 2))
        self.add_lines({})
        tile = self.get_tiles()["pays"]
        self.assertIn("Repeat offenders: 2.", tile["sentence"])
        self.assertEqual([row["count"] for row in tile["rows"] if row["model"] == RISK], [2])

    def test_ranked_counts_beside_random_ones(self):
        self.draw_sample(10, 10, cost=1)
        self.add_lines({"variance": -8, "cost": 1, "selection_reason": "ranked"}, {"selection_reason": "ranked"})
        tile = self.get_tiles()["pays"]
        self.assertEqual(tile["sentence"], "Ranked counts find 4.0 times the value of random ones.")

    def test_honest(self):
        """Fifty random counts: ten of 9 foretold, of which each found 8, the others 1 and 0.5."""
        for age, (number, found, risk) in enumerate(((10, 8, 9), (39, 0.5, 1))):
            draw = self.make_draw(TODAY - timedelta(days=age), number)
            self.add_lines(*(
                {"draw": draw, "day": TODAY - timedelta(days=age), "product": product, "variance": -found, "cost": 1,
                 "value_at_risk": risk} for product in self.make_products(number)))
        self.assertIsNone(self.get_figures()["honest"].value, "49 are too few")
        self.draw_sample(0, 1, before=2, variance=-0.5, cost=1, value_at_risk=1)
        honest = self.get_figures()["honest"]
        self.assertEqual(honest.number, 50)
        self.assertAlmostEqual(honest.value, 100 * 80 / 100)
        self.assertAlmostEqual(honest.low, 100 * 90 / 130)

    def test_pace(self):
        """Six entries: gaps of 60 and 120 seconds, a pause that counts as ten minutes, two more minutes twice."""
        line = self.add_lines(*({} for _number in range(6)))
        moments = (0, 60, 180, 4000, 4120, 4240)
        self.env["stock.cycle.count.entry"]._make([
            {"line_id": one.id, "round": 1, "user_id": self.counter.id, "source": "scanner", "quantity": 1,
             "date": datetime(2024, 3, 1, 8) + timedelta(seconds=moment)} for one, moment in zip(line, moments)])
        pace = self.get_figures()["pace"]
        self.assertAlmostEqual(pace.value, 6 / ((60 + 120 + 600 + 120 + 120) / 3600))
        self.assertEqual(pace.number, 6)

    def test_bins(self):
        for index, place in enumerate(self.bins[:5]):
            self.assertIsNone(self.get_figures()["bins"].value)
            self.add_lines({"location": place}, {"location": place, "product": self.other_product, "variance": -(index < 2)})
        self.assertEqual(self.get_figures()["bins"].value, 60)

    def test_unexplained_of_what_was_issued(self):
        self.make_quant(self.product, self.bin, 100)
        self.deliver(self.product, self.bin, 40)
        self.add_lines({"variance": -2, "cost": 5})
        self.assertEqual(self.get_figures()["unexplained_of_issues"].value, 1000 * 10 / (40 * 5))
        self.assertIsNone(self.get_figures(warehouse_ids=self.warehouse.ids)["unexplained_of_issues"].value)
        self.assertEqual(self.as_user(self.supervisor, self.env[RESULT]).search_count(
            self.get_figures()["unexplained_of_issues"].domain), 1)
