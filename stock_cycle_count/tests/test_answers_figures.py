from datetime import datetime, timedelta

from odoo.tests import tagged

from .common_answers import ANSWERS, RESULT, AnswersCase
from .common_planning import TODAY


@tagged("post_install", "-at_install")
class TestByHand(AnswersCase):
    """A small set, worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_lines(
            # Matches, one of them after a recount that found other than the first count.
            {}, {"round": 2, "first_variance_qty": -3, "is_first_hit": False},
            # 10 and 30 lost in picking, 5 found; 20 lost and 4 found of unknown cause, 15 stolen; nobody says why of 6.
            {"variance": -2, "cost": 5, "reason_id": cls.picking.id}, {"variance": -3, "cost": 10, "reason_id": cls.picking.id},
            {"variance": 1, "cost": 5, "reason_id": cls.picking.id}, {"variance": -4, "cost": 5, "reason_id": cls.unknown.id},
            {"variance": 4, "cost": 1, "reason_id": cls.unknown.id}, {"variance": -3, "cost": 5, "reason_id": cls.theft.id},
            {"variance": -3, "cost": 2, "verdict": "approval"},
            # 8 of which 6 were elsewhere, asked for by a person.
            {"variance": -4, "cost": 2, "adjustment_value": -2, "transfer_value": -6, "reason_id": cls.picking.id,
             "selection_reason": "manual", "round": 2, "first_variance_qty": -4},
            # No results: rejected (a miss without value), waiting, cancelled, opening stock; too long ago.
            {"variance": -7, "state": "rejected"}, {"variance": -50, "state": "to_approve"}, {"state": "cancel"},
            {"variance": 90, "is_opening": True}, {"variance": -60, "day": TODAY - timedelta(days=90)})

    def test_money(self):
        figures = self.get_figures()
        money = {name: figures[name].value for name in ("gross", "gain", "loss", "net", "transfer_value", "unexplained")}
        self.assertEqual(money, {
            "gross": 92, "gain": 9, "loss": -83, "net": -74, "transfer_value": 6, "unexplained": 20 - 4 + 15 + 6})
        self.assertEqual([figures[name].number for name in ("gross", "unexplained", "unknown")], [8, 4, 3])
        self.assertAlmostEqual(figures["unknown"].value, 100 * 30 / 98)

    def test_causes(self):
        tile = self.get_tiles()["why"]
        bars = tile["bars"]
        self.assertEqual(
            [(bar["label"], bar["value"], bar["lines"], bar["is_unknown"]) for bar in bars],
            [("Picking", 53, 4, False), ("Unknown", 30, 3, True), ("Theft", 15, 1, False)])
        self.assertAlmostEqual(sum(bar["share"] for bar in bars), 100)
        self.assertEqual([bar["cumulative"] for bar in bars], [False] * 3, "no curve of fewer than ten differences")
        self.assertEqual(tile["sentence"].replace("\N{NO-BREAK SPACE}", " "), (
            "Unknown 31 %, Picking 54 %, Theft 15 %; losses $ 83, gains $ 9 in 90 days."))
        self.assertEqual(tile["state"], "told", "a loss is not good because somebody explained it")
        self.add_lines(*({"variance": -1, "cost": 1} for _number in range(2)))
        self.assertAlmostEqual(self.get_tiles()["why"]["bars"][-1]["cumulative"], 100)

    def test_counting(self):
        figures = self.get_figures()
        # 11 results: right at first the plain match alone.
        self.assertEqual(figures["first_pass"].number, 11)
        self.assertAlmostEqual(figures["first_pass"].value, 100 / 11)
        self.assertEqual([figures[name].number for name in ("slip", "recounted", "reversed")], [1, 2, 1])
        self.assertAlmostEqual(figures["recounted"].value, 200 / 11)

    def test_passed_alone(self):
        """Everything that no person decided on, within a tolerance."""
        auto = self.get_figures()["auto"]
        self.assertEqual((auto.number, auto.value), (7, 86))

    def test_yield(self):
        rows = {row["label"]: row for row in self.get_tiles()["pays"]["rows"]}
        self.assertEqual(
            {label: (row["text"], row["count"]) for label, row in rows.items()}, {
                "Interval of its class": ("$\N{NO-BREAK SPACE}9 and 80\N{NO-BREAK SPACE}% wrong a count", 10),
                "Asked for by a person": ("$\N{NO-BREAK SPACE}8 and 100\N{NO-BREAK SPACE}% wrong a count", 1)})

    def test_yield_against_random_counts(self):
        """From ten random misses on: 10 of 20 cost 1 each, so that a random count finds 0.5."""
        self.draw_sample(10, 9, cost=0.5)
        self.assertNotIn("times", self.get_tiles()["pays"]["rows"][0]["text"])
        self.draw_sample(0, 1, before=1, cost=0.5)
        rows = {row["label"]: row["text"] for row in self.get_tiles()["pays"]["rows"]}
        self.assertIn(", 1.0 times random", rows["Random"])
        self.assertIn(", 16.0 times random", rows["Asked for by a person"])

    def test_waiting(self):
        tile = self.get_tiles()["decide"]
        self.assertEqual((tile["value"], tile["count"], tile["text"]), (250, 1, "1"))
        self.assertEqual(tile["sentence"], "Waiting: 1, worth $\N{NO-BREAK SPACE}250, none for a day.")
        line = self.env["stock.cycle.count.line"].search([("state", "=", "to_approve"), ("count_id", "=", self.sheet.id)])
        line._write_judged({"to_approve_date": datetime(2024, 2, 29, 8)})
        tile = self.get_tiles()["decide"]
        self.assertEqual(
            (tile["state"], tile["sentence"]), ("warn", "Waiting: 1, worth $\N{NO-BREAK SPACE}250, the oldest 4 days."))

    def test_decisions(self):
        lines = self.env["stock.cycle.count.line"].search([("count_id", "=", self.sheet.id)], limit=5)
        lines._write_judged({"to_approve_date": datetime(2024, 3, 1, 8)})
        self.env["stock.cycle.count.approval"]._make([
            {"line_id": line.id, "level": 1, "decision": decision, "user_id": self.supervisor.id,
             "date": datetime(2024, 3, 1, 8) + timedelta(hours=hours)}
            for line, decision, hours in zip(
                lines, ("approve", "reject", "approve", "recount", "approve"), (1, 2, 10, 500, -5))])
        figures = self.get_figures()
        self.assertEqual((figures["rejected"].value, figures["rejected"].number), (25, 1))
        self.assertEqual(figures["lead_median"].value, 2, "what was decided before the last wait has no time")
        self.assertAlmostEqual(figures["lead_p90"].value, 8.4)
        self.assertEqual(figures["lead_median"].number, 4)
        rows = {row["label"]: row["text"] for row in self.get_tiles()["decide"]["rows"]}
        self.assertEqual((rows["Half decided within"], rows["Rejected"]), ("2.0 hours", "25\N{NO-BREAK SPACE}%"))

    def test_no_costs(self):
        self.env["stock.cycle.count.line"].search([("count_id", "=", self.sheet.id)])._write_judged(
            {"variance_value": 0, "adjustment_value": 0, "transfer_value": 0})
        tile = self.get_tiles()["why"]
        self.assertEqual([bar["share"] for bar in tile["bars"]], [False] * 3)
        self.assertIn("Unknown 3, Picking 4, Theft 1", tile["sentence"])
        self.assertIsNone(self.get_figures()["unknown"].value)

    def test_pivots_show_the_same(self):
        Result = self.as_user(self.supervisor, self.env[RESULT])
        [row] = Result.read_group([("date", ">=", "2024-01-01")], ["hit", "first_hit", "gross", "net", "lines:sum"], [])
        figures = self.get_figures()
        self.assertAlmostEqual(row["first_hit"], figures["first_pass"].value)
        self.assertEqual((row["gross"], row["net"], row["lines"]), (figures["gross"].value, figures["net"].value, 11))

    def test_a_row_opens_its_line(self):
        result = self.as_user(self.supervisor, self.env[RESULT]).search([], limit=1)
        action = self.call(self.supervisor, result, "action_open_line")
        self.assertEqual((action["res_model"], action["res_id"]), ("stock.cycle.count.line", result.id))

    def test_people_are_shown_by_the_switch(self):
        line = self.add_lines({"counted_by_id": self.counter.id, "variance": -1})
        self.env["stock.cycle.count.approval"]._make([
            {"line_id": line.id, "level": 1, "decision": "approve", "user_id": self.supervisor.id}])
        for switch in (False, True):
            self.company.cycle_count_figures_by_person = switch
            self.env.flush_all()
            [row] = self.call(self.finance, self.env[RESULT].browse(line.id), "read", ["counter_id", "approver_id"])
            self.assertEqual([bool(row[name]) for name in ("counter_id", "approver_id")], [switch] * 2)
            rates = self.call(self.finance, self.env[ANSWERS], "get_rates", "counter")
            self.assertEqual([(rate["label"], rate["n"]) for rate in rates], [("Floor Counter", 1)] if switch else [])
            for method, args in (
                ("read", [["counter_id"]]), ("read_group", [[], ["hit"], ["approver_id"]]),
                ("search", [[("counter_id", "!=", False)]]),
            ):
                record = self.env[RESULT].browse(line.id if method == "read" else [])
                with self.subTest(method=method), self.assertRaises(Exception):
                    self.call(self.supervisor, record, method, *args)


@tagged("post_install", "-at_install")
class TestPromise(AnswersCase):

    def setUp(self):
        super().setUp()
        self.products = self.make_products(4, cost=10)
        for product, place in zip(self.products, self.bins):
            self.make_quant(product, place, 10)
        self.plan.action_schedule()
        self.positions = self.plan.position_ids.filtered(lambda position: position.product_id in self.products)
        self.others = self.plan.position_ids - self.positions
        self.others.sudo().active = False

    def test_coverage(self):
        self.assertEqual(self.get_figures()["coverage"].value, 0)
        self.positions[0].sudo().last_count_date = datetime(2023, 3, 6)
        self.positions[1].sudo().last_count_date = datetime(2023, 3, 5, 12)
        self.products[0].with_company(self.company).standard_price = 30
        figures = self.get_figures(days=30)
        self.assertEqual((figures["coverage"].value, figures["coverage"].number), (25, 1))
        self.assertEqual(figures["coverage_value"].value, 50)
        tile = self.get_tiles()["promise"]
        self.assertIn("50\N{NO-BREAK SPACE}% of the value counted within 12 months; none overdue", tile["sentence"])

    def test_goods_of_others_are_worth_nothing(self):
        """They are positions to be counted, and count for no value; what the company owns in its own name does."""
        owner = self.env["res.partner"].create({"name": "Owner"})
        self.positions[0].sudo().write({"last_count_date": datetime(2024, 3, 1), "deadline_date": TODAY - timedelta(days=3)})
        before = self.get_figures()
        self.assertEqual((before["coverage_value"].value, before["overdue"].value), (25, 100))
        for product, place in zip(self.products, self.bins):
            self.make_quant(product, place, 90, owner_id=owner)
        self.make_quant(self.products[0], self.bins[0], 30, owner_id=self.company.partner_id)
        figures = self.get_figures()
        self.assertEqual((figures["overdue"].value, figures["coverage"].value), (400, 25))
        self.assertAlmostEqual(figures["coverage_value"].value, 100 * 4 / 7)
        self.assertEqual(self.env["stock.cycle.count.position"]._get_value(self.plan, self.positions[0].ids), 400)

    def test_without_costs_positions_are_counted(self):
        for product in self.products.with_company(self.company):
            product.standard_price = 0
        tile = self.get_tiles()["promise"]
        self.assertIn("0\N{NO-BREAK SPACE}% of the positions", tile["sentence"])
        self.assertIsNone(self.get_figures()["coverage_value"].value)

    def test_overdue(self):
        self.positions[:2].sudo().deadline_date = TODAY - timedelta(days=3)
        self.positions[1].sudo().deadline_date = TODAY - timedelta(days=20)
        overdue = self.get_figures()["overdue"]
        self.assertEqual((overdue.number, overdue.value), (2, 200))
        tile = self.get_tiles()["promise"]
        self.assertEqual(tile["state"], "warn")
        self.assertIn("2 overdue, the oldest since 02/13/2024", tile["sentence"])

    def test_on_time(self):
        """Of five deadlines: three kept, one late, one passed and open; not yet counted ones are none, nor rejected."""
        self.plan.calendar_id.tz = "Pacific/Auckland"
        days = [TODAY - timedelta(days=day) for day in (2, 3, 5, 6)]
        self.add_lines(
            {"deadline_date": days[0], "day": days[0]}, {"deadline_date": days[0], "day": days[1]},
            # 20:00 is the next day there.
            {"deadline_date": days[1], "count_date": datetime.combine(days[1], datetime.min.time()) + timedelta(hours=20)},
            {"deadline_date": days[2], "day": days[3]},
            {"deadline_date": days[2], "day": days[2], "state": "rejected", "variance": -1}, {"deadline_date": None})
        self.positions[0].sudo().deadline_date = days[0]
        self.positions[1].sudo().deadline_date = TODAY + timedelta(days=5)
        on_time = self.get_figures()["on_time"]
        self.assertEqual((on_time.value, on_time.number), (60, 4))
        self.positions[0].sudo().active = False
        self.assertEqual(self.get_figures()["on_time"].value, 75)
