import re
from unittest.mock import patch

from odoo.tests import tagged

from .. import queries
from .common_planning import PlanningCase

TABLE = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|USING)\s+(?:ONLY\s+)?([a-z_]+)\b(?!\s*\()")


@tagged("post_install", "-at_install")
class TestQueries(PlanningCase):
    """Every statement says what it touches, since ``run`` believes it."""

    def test_run_sees_what_is_not_written_yet(self):
        position = self.env["stock.cycle.count.position"].create({
            "company_id": self.company.id, "location_id": self.bin.id,
            "product_id": self.env["product.product"].create({"name": "Fresh", "type": "product"}).id})
        plan = self.env["stock.cycle.count.plan"].create({
            "name": "Plan", "warehouse_id": self.warehouse.id, "counter_ids": [(6, 0, self.counter.ids)]})
        position.plan_id = plan
        rows = queries.run(self.env, queries.schedule.read_positions(plan, ("pending",), "UTC"))
        self.assertEqual([row[0] for row in rows], position.ids)

    def test_run_forgets_what_was_written(self):
        plan = self.env["stock.cycle.count.plan"].create({
            "name": "Plan", "warehouse_id": self.warehouse.id, "counter_ids": [(6, 0, self.counter.ids)]})
        position = self.env["stock.cycle.count.position"].create({
            "company_id": self.company.id, "location_id": self.bin.id, "plan_id": plan.id,
            "product_id": self.env["product.product"].create({"name": "Fresh", "type": "product"}).id})
        self.assertEqual(position.plan_id, plan)
        queries.run(self.env, queries.schedule.retire_positions(plan, [0], self.env.uid))
        self.assertFalse(position.plan_id)

    def test_statements_declare_their_tables(self):
        """What a day of the addon runs names no table that its statement does not declare."""
        run, seen = queries.run, set()

        def checked(env, statement):
            text = statement.sql.code
            declared = {env[model]._table for model in (*statement.reads, *statement.writes)}
            own = {table for table in TABLE.findall(text) if table in tables}
            self.assertLessEqual(own - declared, set(), text)
            seen.add(re.sub(r"\s+", " ", text))
            return run(env, statement)

        tables = {model._table for model in self.env.values() if not model._abstract}
        product = self.env["product.product"].create({"name": "Moved", "type": "product", "standard_price": 3})
        self.env["stock.quant"]._update_available_quantity(product, self.bin, 5)
        profile = self.env["stock.abc.profile"].create({
            "name": "Classes", "company_id": self.company.id, "class_ids": [
                (0, 0, {"name": "A", "cumulative_share": 80, "counts_per_year": 12}),
                (0, 0, {"name": "B", "cumulative_share": 100, "counts_per_year": 4})]})
        plan = self.env["stock.cycle.count.plan"].create({
            "name": "Plan", "warehouse_id": self.warehouse.id, "profile_id": profile.id,
            "counter_ids": [(6, 0, self.counter.ids)]})
        with patch.object(queries, "run", checked):
            for basis in ("consumption_value", "move_count", "onhand_value"):
                profile.basis = basis
                profile.action_classify()
            plan.action_schedule()
            plan.position_ids.manual_date = plan._get_today()
            plan.action_schedule()
            plan.action_generate()
            sheet = plan.count_ids
            counting = self.as_user(self.counter, sheet)
            counting.action_start()
            counting.env["stock.cycle.count.entry"]._record([{"line": counting.line_ids, "quantity": 5}], "scanner")
            counting.action_close()
            self.env["stock.cycle.count.reconciliation"].create({"company_id": self.company.id})._reconcile()
        self.assertEqual(sheet.line_ids.state, "posted")
        self.assertGreater(len(seen), 12)
