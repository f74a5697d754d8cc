"""What holds for the schedule of every small warehouse, in the database."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.stock_cycle_count.tests.common_planning import NOW, TODAY, PlanningCase

#: A small warehouse in numbers: stock by bin, product and quantity, with the days since its last count and until it is
#: requested; frequencies of the bins; classes of the products; capacity and float of the plan; holidays.
WAREHOUSE = {
    "stock": st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 7)),
        st.tuples(st.sampled_from((-2, 0, 1, 5)), st.none() | st.integers(0, 40), st.none() | st.integers(-3, 40)),
        max_size=16),
    "frequencies": st.lists(st.sampled_from((0, 0, 7, 45)), min_size=4, max_size=4),
    "classes": st.lists(st.sampled_from((None, 0, 1, 2)), min_size=8, max_size=8),
    "capacity": st.integers(1, 4),
    "grace_days": st.integers(0, 4),
    "holidays": st.sets(st.integers(0, 40), max_size=6),
}


class TestWarehouses(PlanningCase):
    """Schedules of random small warehouses, in the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.make_profile()
        cls.products = cls.make_products(8)
        cls.plan = cls.make_plan(profile_id=cls.profile.id, horizon_days=400)
        cls.cr.flush()

    def build(self, stock, frequencies, classes, capacity, grace_days, holidays):
        self.plan.write({"daily_capacity": capacity, "grace_days": grace_days})
        for offset in holidays:
            self.make_holiday(TODAY + timedelta(days=offset))
        for place, frequency in zip(self.bins, frequencies):
            place.cyclic_inventory_frequency = frequency
        for product, index in zip(self.products, classes):
            if index is not None:
                self.set_class(product, self.profile.class_ids[index])
        self.env["stock.quant"].create([
            {"location_id": self.bins[place].id, "product_id": self.products[product].id, "quantity": quantity}
            for (place, product), (quantity, _ago, _ahead) in stock.items()])
        self.plan.action_schedule()
        for (place, product), (quantity, ago, ahead) in stock.items():
            position = self.position(self.products[product], self.bins[place])
            if quantity and ago is not None:
                position.last_count_date = NOW - timedelta(days=ago, hours=1)
            if quantity and ahead is not None:
                position.manual_date = TODAY + timedelta(days=ahead)
        self.plan.action_schedule()

    def check(self, stock, frequencies, classes, capacity, grace_days, holidays):
        positions = self.plan.position_ids
        keys = {(self.bins[place], self.products[product]) for (place, product), row in stock.items() if row[0]}
        self.assertEqual({(position.location_id, position.product_id) for position in positions}, keys)
        self.assertEqual(len(positions), len(keys))
        load, late = Counter(), 0
        for position in positions:
            self.check_rule(position, frequencies[position.location_id.posy - 1 + 3 * (position.location_id.posx - 1)])
            if position.manual_date:
                self.assertLessEqual(position.scheduled_date, position.manual_date)
            else:
                self.assertTrue(self.is_working(position.scheduled_date, holidays))
                self.assertGreaterEqual(position.scheduled_date, TODAY)
                load[position.scheduled_date] += 1
            end = TODAY + timedelta(days=self.plan.forecast_days)
            late += position.deadline_date <= end and (
                position.deadline_date < max(position.scheduled_date, TODAY) <= end)
            quants = self.env["stock.quant"].search([
                ("location_id", "=", position.location_id.id), ("product_id", "=", position.product_id.id)])
            self.assertEqual(set(quants.mapped("inventory_date")), {position.scheduled_date})
            self.assertEqual(quants.abc_class_id, position.abc_class_id)
        self.assertLessEqual(max(load.values(), default=0), capacity)
        self.assertEqual(self.plan.late_count, late)

    def is_working(self, day, holidays):
        return day.weekday() < 5 and (day - TODAY).days not in holidays

    def check_rule(self, position, frequency):
        """The day by which a position is due, from the rules in words."""
        intervals = [interval for interval in (position.abc_class_id.interval_days, frequency) if interval]
        self.assertEqual(position.interval_days, min(intervals, default=0))
        last = position.last_count_date and position.last_count_date.date()
        if position.due_reason == "manual":
            self.assertEqual(position.due_date, position.manual_date)
        elif intervals and last:
            self.assertLessEqual(
                position.due_date, max(
                    last + timedelta(days=min(intervals)), last + timedelta(days=12),
                    # What was overdue when it came into the plan has its first interval from then on.
                    TODAY + timedelta(days=min(intervals)) if last + timedelta(days=min(intervals)) < TODAY else last))
        elif intervals:
            self.assertLessEqual(position.due_date, TODAY + timedelta(days=min(intervals)))
        else:
            self.assertEqual(position.due_date, date(2024, 12, 31))

    @settings(deadline=None, max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(**WAREHOUSE)
    def test_any_small_warehouse(self, **warehouse):
        self.cr.execute("SAVEPOINT example")
        try:
            self.build(**warehouse)
            self.check(**warehouse)
            positions = self.plan.position_ids
            quants = self.env["stock.quant"].search([("product_id", "in", self.products.ids)])
            self.stamp(positions)
            self.stamp(quants)
            self.plan.action_schedule()
            self.assertFalse(self.get_written(positions) or self.get_written(quants), "run again, it changes nothing")
            self.plan.action_generate()
            lines = self.plan.count_ids.line_ids
            self.assertEqual(lines.position_id, positions)
            self.assertEqual(len(lines), len(positions))
            for line in lines:
                self.assertEqual(line.scheduled_date, max(line.position_id.scheduled_date, TODAY))
            self.stamp(positions)
            self.plan.action_generate()
            self.assertEqual(self.plan.count_ids.line_ids, lines, "run again, it adds nothing")
            self.plan.action_schedule()
            self.assertFalse(self.get_written(positions), "sheets keep their days")
        finally:
            self.env.clear()
            self.cr.clear()
            self.cr.execute("ROLLBACK TO SAVEPOINT example")
            self.registry.clear_all_caches()
