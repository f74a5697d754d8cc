"""Later warehouses, and new companies, get a plan like the template."""
from odoo import Command
from odoo.tests import tagged

from .common_planning import PlanningCase


@tagged("post_install", "-at_install")
class TestPlanTemplates(PlanningCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.make_profile()
        cls.plan = cls.make_plan(
            profile_id=cls.profile.id, daily_capacity=17, blind=False, grouping="zone", location_ids=[Command.set(cls.bin.ids)])

    def _get_plans(self, company):
        return self.env["stock.cycle.count.plan"].search([("company_id", "=", company.id), ("id", "!=", self.plan.id)])

    def test_without_a_template_nothing_is_planned(self):
        self.make_warehouse("Second", "SECND")
        self.assertFalse(self._get_plans(self.company))

    def test_a_later_warehouse_of_the_company(self):
        self.plan.template_for = "company"
        # Core wants a user of the settings for the second warehouse.
        user = self.make_user("warehouse_maker", "stock.group_stock_manager,base.group_system")
        warehouse = self.as_user(user, self.env["stock.warehouse"]).create({"name": "Second", "code": "SECND"})
        plan = self._get_plans(self.company)
        self.assertEqual(
            (plan.name, plan.warehouse_id, plan.daily_capacity, plan.blind, plan.grouping, plan.profile_id, plan.calendar_id),
            ("Second", warehouse, 17, False, "zone", self.profile, self.calendar))
        self.assertFalse(plan.location_ids or plan.template_for)
        self.assertEqual(plan.counter_ids, self.counter)
        self.make_company("Unrelated")
        self.assertEqual(len(self.env["stock.cycle.count.plan"].search([("profile_id", "=", self.profile.id)])), 2)

    def test_a_profile_of_named_warehouses_takes_the_new_one_in(self):
        self.profile.warehouse_ids = self.warehouse
        self.plan.template_for = "company"
        warehouse = self.make_warehouse("Second", "SECND")
        self.assertEqual(self.profile.warehouse_ids, self.warehouse | warehouse)

    def test_a_new_company(self):
        self.plan.template_for = "all"
        user = self.make_user("company_maker", "stock.group_stock_manager,base.group_system")
        company = self.as_user(user, self.env["res.company"]).create({"name": "Daughter"}).with_env(self.env)
        plan = self._get_plans(company)
        self.assertEqual((plan.warehouse_id, plan.daily_capacity), (self.get_warehouse(company), 17))
        self.assertEqual((plan.profile_id.company_id, plan.calendar_id), (company, company.resource_calendar_id))
        self.assertNotEqual(plan.profile_id, self.profile)
        self.assertEqual(plan.profile_id.class_ids.mapped("name"), ["A", "B", "C"])
        self.assertEqual(plan.counter_ids, user, "who made the company counts until others may")
        second = self.as_user(user, self.env["stock.warehouse"]).create(
            {"name": "Second", "code": "SECND", "company_id": company.id}).with_env(self.env)
        later = self._get_plans(company) - plan
        self.assertEqual((later.warehouse_id, later.profile_id), (second, plan.profile_id))

    def test_where_nobody_may_count(self):
        self.plan.template_for = "all"
        stranger = self.other_company
        self.env.user.company_ids -= stranger
        self.env["stock.warehouse"].sudo().create({"name": "Far", "code": "FAR", "company_id": stranger.id})
        self.assertFalse(self._get_plans(stranger))
        self.assertIn("none of its counters works for Company Next Door", self.plan.message_ids[0].body)
