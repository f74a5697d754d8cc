"""Sheets of plans that count what is likely wrong with what their minimums leave."""
from datetime import timedelta

from odoo.tests import tagged

from .common_planning import NOW, TODAY
from .common_ranking import RankingCase


@tagged("post_install", "-at_install")
class TestRankedSheets(RankingCase):

    def test_the_most_at_risk_fills_the_day(self):
        """Due before likely, never more than the capacity, best first, on the day alone; again, nothing comes."""
        positions = [self.add_goods((30, 5), cost=10 * number, last=40) for number in range(1, 9)]
        positions[0].manual_date = TODAY
        lines = self.generate()
        self.assertEqual(len(lines), 5)
        self.assertEqual(set(lines.position_id.ids), {positions[0].id, *(one.id for one in positions[-4:])})
        self.assertEqual(
            {line.position_id: line.selection_reason for line in lines},
            {one: "manual" if one == positions[0] else "ranked" for one in lines.position_id})
        self.assertEqual(set(lines.mapped("scheduled_date")), {TODAY})
        self.assertEqual(set(lines.position_id.mapped("scheduled_date")), {TODAY})
        self.assertEqual(len(lines.count_id), 1, "on one sheet, whatever the reason")
        self.assertFalse(self.generate())

    def test_leave_takes_its_share_along(self):
        self.plan.counter_ids |= self.second
        positions = [self.add_goods((30, 5), cost=10 * number, last=40) for number in range(1, 7)]
        self.grant_leave(self.second, TODAY)
        self.assertEqual(set(self.generate().position_id.ids), {one.id for one in positions[-3:]})

    def test_what_was_archived_or_excluded_just_now(self):
        """It is neither chosen nor drawn, whatever the last schedule knew, until one takes it up again."""
        archived, excluded, kept = (
            self.add_goods((30, 5), location=place, last=40) for place in (self.bins[0], self.bins[1], self.bins[3]))
        archived.product_id.product_tmpl_id.active = False
        self.zone_a.with_user(self.manager).cycle_count_excluded = True
        self.plan.write({"control_target": 100_000, "daily_capacity": 50})
        self.assertEqual(self.generate().position_id, kept)
        draw = self.env["stock.cycle.count.draw"].search([("plan_id", "=", self.plan.id)])
        self.assertEqual((draw.number, draw.frame), (1, str(kept.id)))
        self.zone_a.cycle_count_excluded = False
        self.schedule()
        self.assertEqual(self.generate().position_id, excluded)

    def test_what_lines_keep(self):
        position = self.add_goods((30, 4), (20, 4), cost=50, last=41)
        self.add_history(position, (300, 3, 5, 9), (200, 0, 9, 9))
        line = self.generate()
        row = self.env["stock.cycle.count.risk"].browse(position.id)
        self.assertEqual(line.selection_text, row.facts)
        self.assertAlmostEqual(line.value_at_risk, row.value_at_risk, places=1)
        self.assertIn("1 miss in 2 counts, 2 moves and 41 days since", line.selection_text)
        self.clock.move_to(NOW + timedelta(days=30))
        text = line.selection_text
        self.rank()
        self.assertNotEqual(row.facts, text)
        self.assertEqual(line.selection_text, text, "frozen")

    def test_lines_of_one_position_share_what_is_at_risk(self):
        product = self.make_product(cost=10, tracking="lot")
        lots = self.env["stock.lot"].create([
            {"name": name, "product_id": product.id, "company_id": self.company.id} for name in ("L1", "L2")])
        for lot in lots:
            self.make_quant(product, lot_id=lot)
        self.schedule()
        self.deliver(product, self.bin, 2, lot=lots[0], when=NOW - timedelta(days=50))
        lines = self.generate()
        self.assertEqual((lines.lot_id, set(lines.mapped("selection_reason"))), (lots, {"ranked"}))
        row = self.env["stock.cycle.count.risk"].browse(lines.position_id.id)
        self.assertAlmostEqual(sum(lines.mapped("value_at_risk")), row.value_at_risk, places=1)
        self.assertEqual(lines[0].value_at_risk, lines[1].value_at_risk)

    def test_what_is_counted_leaves_no_room_for_more_that_day(self):
        """Counting fast brings no second helping, and nothing is counted again in the same week."""
        self.plan.daily_capacity = 2
        positions = [self.add_goods((30, 5), cost=number, last=40) for number in range(1, 5)]
        first = self.generate()
        self._count(first)
        self.assertFalse(self.generate())
        self.clock.move_to(NOW + timedelta(days=1))
        second = self.generate()
        self.assertEqual(set((first | second).position_id.ids), {one.id for one in positions})
        self._count(second)
        self.clock.move_to(NOW + timedelta(days=2))
        self.assertFalse(self.generate())
        self.assertIn("was counted in the last 7 days", self.plan.action_generate()["params"]["message"])
        for position in first.position_id:
            self.deliver(position.product_id, self.bin, 1)
        self.clock.move_to(NOW + timedelta(days=7))
        self.assertEqual(self.generate().position_id, first.position_id)

    def test_sheets_that_wait_are_counted_first(self):
        self.plan.daily_capacity = 3
        for number in range(1, 7):
            self.add_goods((30, 5), cost=number, last=40)
        first = self.generate()
        self.clock.move_to(NOW + timedelta(days=1))
        self.assertFalse(self.generate(), "three still wait")
        self._count(first[:2])
        self.assertEqual(len(self.generate()), 2)

    def test_working_days_ahead(self):
        """On a weekend sheets are made for Monday; ahead, each day gets its own."""
        for number in range(1, 9):
            self.add_goods((30, 5), cost=number, last=40)
        self.plan.write({"daily_capacity": 3, "pick_days": 2})
        self.clock.move_to(NOW + timedelta(days=5))              # a Saturday
        lines = self.generate()
        days = [TODAY + timedelta(days=number) for number in (7, 8)]
        self.assertEqual(lines.mapped("scheduled_date"), [days[0]] * 3 + [days[1]] * 3)
        values = lines.mapped("value_at_risk")
        self.assertGreater(min(values[:3]), max(values[3:]), "the most at risk first")
        self.assertFalse(self.generate())

    def test_capacity_holds_whatever_is_there(self):
        for seed in range(4):
            with self.subTest(seed=seed), self.cr.savepoint() as savepoint:
                self.make_house(9, seed=seed)
                self.plan.write({"daily_capacity": 2 + seed, "pick_days": 1 + seed % 2})
                lines = self.generate()
                for day in set(lines.mapped("scheduled_date")):
                    self.assertLessEqual(
                        len(lines.filtered(lambda line: line.scheduled_date == day).position_id), self.plan.daily_capacity)
                ranked = lines.filtered(lambda line: line.selection_reason == "ranked")
                left = self.env["stock.cycle.count.risk"].search([
                    ("plan_id", "=", self.plan.id), ("id", "not in", lines.position_id.ids), ("days_since", ">=", 7)])
                self.assertTrue(ranked)
                self.assertGreaterEqual(
                    min(self.env["stock.cycle.count.risk"].browse(ranked.position_id.ids).mapped("rank_index")),
                    max(left.mapped("rank_index") or [0]))
                self.assertFalse(self.generate())
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_was_never_counted_waits_for_its_turn(self):
        """Minimums take nothing of the first half of an interval: what is likely wrong comes first."""
        for product in self.make_products(20):
            self.make_quant(product)
            self.set_class(product, self.class_c)
        self.schedule()
        dues = self.plan.position_ids.mapped("due_date")
        self.assertGreaterEqual(min(dues), TODAY + timedelta(days=182 - 2), "a weekend sooner at most")
        self.assertLess(max(dues), TODAY + timedelta(days=365))
        self.assertLess(len([due for due in dues if due < TODAY + timedelta(days=274)]), 12, "evenly")
        self.plan.ranking = "none"
        self.schedule()
        self.assertEqual(max(self.plan.position_ids.mapped("scheduled_date")), TODAY + timedelta(days=3))

    def test_minimums_that_eat_the_capacity(self):
        for product in self.make_products(20):
            self.make_quant(product)
            self.set_class(product, self.class_a)
        self.plan.daily_capacity = 1
        self.schedule()
        # 12 times 20, on 260 or 261 working days.
        self.assertEqual(self.plan.minimum_share, 93)
        self.assertIn("take 93 % of what can be counted; 7 % is left", self.plan.ranking_message)
        self.plan.daily_capacity = 2
        self.assertFalse(self.plan.ranking_message)
        self.plan.write({"daily_capacity": 1, "ranking": "none"})
        self.assertFalse(self.plan.ranking_message)

    def _count(self, lines):
        lines.count_id.filtered(lambda sheet: sheet.state == "draft").with_user(self.counter).action_start()
        for line in lines:
            self.count(line, self.on_hand(line.product_id, line.location_id))
        for sheet in lines.count_id:
            if not sheet.line_ids.filtered(lambda line: line.state == "pending"):
                sheet.with_user(sheet.user_id).action_close()
        self.env.invalidate_all()
