"""What a plan would do that were changed, before it is."""
import re
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..tools import planner
from .common_planning import NOW
from .common_ranking import RankingCase


@tagged("post_install", "-at_install")
class TestWhatIf(RankingCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.write({"ranking": "none", "daily_capacity": 2, "control_target": 20})

    def make_goods(self):
        """Much that is cheap and slow, little that is dear and fast, all in the class that is counted once a year."""
        for number in range(12):
            position = self.add_goods(
                *((40 + index, 5) for index in range(12 if number < 2 else 1)), cost=100 if number < 2 else 1, last=30)
            self.set_class(position.product_id, self.class_c)
        self.schedule()
        self.rank()

    def open(self, user=None):
        action = self.call(user or self.supervisor, self.plan, "action_what_if")
        Model = self.as_user(user or self.supervisor, self.env[action["res_model"]], **action["context"])
        return Form(Model)

    def get_change(self, form):
        return int(re.search(r"about ([+-]\d+) %", form.result).group(1))

    def get_asked(self, form):
        return int(re.search(r"ask for (\d+) %", form.result).group(1))

    def test_nothing_ranked_yet(self):
        self.assertIn("Nothing is ranked yet", self.open().result)

    def test_as_it_is(self):
        self.make_goods()
        form = self.open()
        self.assertIn("as with the plan as it is", form.result)
        self.assertIn("Counted at least once a year: 100 %", form.result)
        self.assertIn(f"to within {round(planner.points(0.9, 20), 1)} points a quarter", form.result)
        # Who is away counts nothing: the classes ask for more of what the others can do.
        self.plan.write({"ranking": "value", "counter_ids": [(4, self.second.id)]})
        asked, minimum = self.get_asked(form), self.plan.minimum_share
        self.grant_leave(self.second, NOW.date(), NOW.date() + timedelta(days=400))
        self.env.invalidate_all()
        self.assertAlmostEqual(self.get_asked(self.open()), 2 * asked, delta=1)
        self.assertAlmostEqual(self.plan.minimum_share, 2 * minimum, delta=1)

    def test_changes(self):
        """By risk errs less than by class, more counts less than fewer; each with its range, nothing written yet."""
        self.make_goods()
        form = self.open()
        form.ranking = "value"
        ranked = self.get_change(form)
        self.assertLess(ranked, -20)
        self.assertIn(f"({max(ranked - 15, -100):+d} to {ranked + 15:+d} %)", form.result)
        form.daily_capacity = 4
        more = self.get_change(form)
        self.assertLess(more, ranked)
        form.daily_capacity = 1
        self.assertGreater(self.get_change(form), ranked)
        form.ranking = "accuracy"
        self.assertIn("foreseen of plans that count by value or by class", form.result)
        self.assertEqual((self.plan.ranking, self.plan.daily_capacity), ("none", 2))

    def test_propose_and_apply(self):
        self.make_goods()
        dear = self.plan.position_ids.filtered(lambda position: position.product_id.standard_price > 50)
        for product in dear.product_id:
            self.env["stock.abc.assignment"].search([("product_id", "=", product.id)]).write({
                "manual_class_id": self.class_a.id, "manual_reason": "dear"})
        self.schedule()
        self.rank()
        wizard = self.open(self.controller).save()
        self.call(self.controller, wizard.sudo(False), "action_propose")
        proposed = {line.class_id: line.counts_per_year for line in wizard.class_ids}
        self.assertGreater(proposed[self.class_a], 3 * proposed[self.class_c])
        self.assertIn(proposed[self.class_a], planner.USUAL_COUNTS)
        wizard.ranking = "value"
        with self.assertRaises(AccessError):
            self.call(self.supervisor, wizard.sudo(False), "action_apply")
        admin = self.make_user("floor_admin", "stock.group_stock_manager,stock_cycle_count.group_supervisor")
        mine = self.open(admin).save()
        mine.ranking, mine.daily_capacity = "value", 9
        mine.class_ids.filtered(lambda line: line.class_id == self.class_a).counts_per_year = 24
        self.call(admin, mine.sudo(False), "action_apply")
        self.env.invalidate_all()
        self.assertEqual((self.plan.ranking, self.plan.daily_capacity, self.class_a.counts_per_year), ("value", 9, 24))

    def test_who_may_look(self):
        self.make_goods()
        for user in (self.outsider, self.counter, self.worker):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.open(user)
        with self.assertRaises(AccessError):
            Form(self.as_user(self.stranger, self.env["stock.cycle.count.what.if"], default_plan_id=self.plan.id))

    def test_forecast_of_what_is_never_counted(self):
        """All errors of the year stay: on average those of now, and half a year's."""
        self.clock.move_to(NOW + timedelta(days=1))
        self.assertAlmostEqual(planner.errors_to_come([2.0], [0.0], [100.0]), 2 * (100 + 182.5))
