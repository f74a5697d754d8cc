"""A chain of stores is set up in one go."""

import pytest

from odoo.addons.stock_cycle_count.tests.common_planning import PlanningCase


@pytest.mark.long
class TestManyStores(PlanningCase):
    def test_two_hundred_stores_at_once_and_one_more(self):
        manager = self.make_user("chain_manager", "stock.group_stock_manager")
        stores = self.env["stock.warehouse"].create([
            {"name": f"Store {number}", "code": f"S{number}", "company_id": self.company.id} for number in range(200)])
        products = self.make_products(5, cost=3)
        self.env["stock.quant"].sudo().create([
            {"product_id": product.id, "location_id": store.lot_stock_id.id, "quantity": 10}
            for store in stores for product in products])
        setup = self.as_user(manager, self.env["stock.cycle.count.setup"]).create({
            "approval": "others", "supervisor_ids": self.supervisor.ids, "counter_ids": self.counter.ids,
            "control": "later", "warehouse_ids": stores.ids})
        self.call(manager, setup.sudo(False), "action_start")
        self.assertEqual(len(setup.plan_ids), 200)
        self.assertEqual(len(setup.plan_ids.count_ids.line_ids), 1000)
        self.assertFalse(setup.uncovered_note)
        one_more = self.env["stock.warehouse"].create({"name": "Store 201", "code": "S201", "company_id": self.company.id})
        plan = self.env["stock.cycle.count.plan"].search([("warehouse_id", "=", one_more.id)])
        self.assertEqual((plan.profile_id, plan.daily_capacity), (setup.profile_ids, setup.daily_capacity))
