from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common_planning import PlanningCase


class TestAbcProfile(PlanningCase):

    def test_a_new_profile_has_the_usual_classes(self):
        profile = self.make_profile()
        self.assertEqual(
            [(one.name, one.cumulative_share, one.counts_per_year, one.interval_days) for one in profile.class_ids],
            [("A", 80, 12, 30), ("B", 95, 4, 91), ("C", 100, 1, 365)])
        self.assertEqual(profile.basis, "consumption_value")
        self.assertEqual(profile.company_id, self.company)

    def test_classes_in_any_number(self):
        profile = self.make_profile(class_ids=[
            Command.create({"name": str(share), "cumulative_share": share, "counts_per_year": share / 10})
            for share in (20, 40.5, 60, 80, 100)])
        self.assertEqual(profile.class_ids.mapped("interval_days"), [182, 90, 60, 45, 36])

    def test_interval_follows_the_counts_per_year(self):
        abc_class = self.make_profile().class_ids[0]
        abc_class.counts_per_year = 52
        self.assertEqual(abc_class.interval_days, 7)

    def test_a_copy_is_complete_and_new(self):
        profile = self.make_profile()
        profile.write({"new_product_days": 30, "new_product_class_id": profile.class_ids[2].id})
        copied = profile.copy()
        self.assertEqual(copied.class_ids.mapped("name"), ["A", "B", "C"])
        self.assertFalse(copied.class_ids & profile.class_ids)
        self.assertFalse(copied.last_classification_date)

    def test_chart_shows_the_curve(self):
        profile = self.make_profile()
        for product, quantity in zip(self.make_products(4), (70, 20, 7, 3)):
            self.deliver(product, self.stock, quantity)
        profile.action_classify()
        chart = self.call(self.worker, profile, "get_pareto_chart")
        self.assertEqual([point["rank"] for point in chart["points"]], [1, 2, 3, 4])
        self.assertEqual([point["share"] for point in chart["points"]], [70, 90, 97, 100])
        self.assertEqual([(one["name"], one["products"], one["limit"]) for one in chart["classes"]],
                         [("A", 2, 80), ("B", 1, 95), ("C", 1, 100)])
        self.assertEqual(chart["warehouse_id"], self.warehouse.id)
        self.assertEqual(chart["total"], 4)

    def test_chart_of_many_products_has_few_points(self):
        profile = self.make_profile()
        self.env["stock.abc.assignment"].create([
            {"profile_id": profile.id, "company_id": self.company.id, "warehouse_id": self.warehouse.id,
             "product_id": product.id, "rank": rank, "computed_class_id": profile.class_ids[0].id}
            for rank, product in enumerate(self.make_products(57), start=1)])
        points = profile.get_pareto_chart(profile.id, points=10)["points"]
        self.assertLessEqual(len(points), 12)
        self.assertEqual((points[0]["rank"], points[-1]["rank"]), (1, 57))

    def test_chart_of_nothing(self):
        chart = self.make_profile().get_pareto_chart(self.make_profile().id)
        self.assertEqual((chart["total"], chart["points"]), (0, []))

    def test_cron_goes_on_after_a_profile_that_fails(self):
        self.patch(type(self.env["stock.cycle.count.cron.mixin"]), "_commit_progress", lambda self: None)
        self.env["stock.abc.profile"].search([]).active = False
        first, broken, last = (self.make_profile(name=name) for name in ("First", "Broken", "Last"))
        self.cr.flush()
        self.cr.execute("DELETE FROM stock_abc_class WHERE profile_id = %s AND name = 'C'", [broken.id])
        self.env.invalidate_all()
        with mute_logger("odoo.addons.stock_cycle_count.models.mixins.stock_cycle_count_cron_mixin"):
            self.env["stock.abc.profile"]._cron_classify()
        self.assertTrue(first.last_classification_date)
        self.assertTrue(last.last_classification_date)
        self.assertFalse(first.last_error)
        self.assertIn("Broken", broken.last_error)
        self.assertIn("Cumulative share", broken.last_error)
        self.assertIn("Cumulative share", broken.message_ids[0].body)

    def test_only_stock_administrators_classify(self):
        profile = self.make_profile()
        for user in (self.outsider, self.counter, self.worker, self.supervisor, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, profile, "action_classify")
        self.assertFalse(profile.last_classification_date)
        self.call(self.manager, profile, "action_classify")
        self.assertTrue(profile.last_classification_date)

    def test_a_profile_takes_warehouses_of_its_company_only(self):
        with self.assertRaisesRegex(UserError, "Warehouses"):
            self.make_profile(warehouse_ids=[Command.set(self.other_warehouse.ids)])

    def test_class_while_new_must_be_one_of_the_profile(self):
        profile, other = self.make_profile(), self.make_profile(name="Other")
        with self.assertRaisesRegex(ValidationError, "Class while new"):
            profile.new_product_days = 10
        with self.assertRaisesRegex(ValidationError, "Class while new"):
            profile.new_product_class_id = other.class_ids[0]

    def test_class_while_new_cannot_vanish(self):
        profile = self.make_profile()
        extra = self.env["stock.abc.class"].create(
            {"name": "New", "profile_id": profile.id, "cumulative_share": 99, "counts_per_year": 6})
        profile.write({"new_product_days": 10, "new_product_class_id": extra.id})
        with self.assertRaisesRegex(ValidationError, "Class while new"), self.cr.savepoint():
            extra.unlink()
            self.cr.flush()
        profile.write({"class_ids": [Command.delete(extra.id)], "new_product_class_id": profile.class_ids[0].id})
        self.cr.flush()
        self.assertEqual(profile.class_ids.mapped("name"), ["A", "B", "C"])
