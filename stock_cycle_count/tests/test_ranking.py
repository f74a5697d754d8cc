"""What to count next: what is likely wrong by moves, days and earlier counts, and what that is worth."""
from collections import defaultdict
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .. import queries
from ..tools import risk
from .common_planning import NOW
from .common_ranking import RankingCase


@tagged("post_install", "-at_install")
class TestRisk(RankingCase):

    def test_the_example_of_the_documentation(self):
        """212 moves and 41 days since a count, of four pieces each: computed from moves and counts, to the digit."""
        position = self.add_goods((40, 4), cost=12.5, last=41)
        self.add_history(position, (60, 19, 640, 170), (50, 0, 0, 0.001), (45, 0, 0, 0.001))
        house = risk.House()
        cost = queries.abc_classification.cost_in(self.company)
        queries.run(self.env, queries.risk.observe(self.plan, NOW, cost))
        self.env.cr.execute("UPDATE stock_cycle_count_observed SET moves_since = 212, usual_move = 4")
        queries.run(self.env, queries.risk.rate(self.plan, NOW, house, False))
        self.env.invalidate_all()
        row = self.env["stock.cycle.count.risk"].browse(position.id)
        found = risk.events(house.exposure(640, 170))
        category = risk.category_multiplier(found, house.exposure(640, 170) + 2e-9)
        self.assertAlmostEqual(row.value_at_risk, risk.value_at_risk(
            house, 212, 41, risk.growth(house, 4, 19, house.exposure(640, 170), category), 12.5, 500, 4), places=1)
        self.assertEqual((row.counts, row.misses, row.units), (3, 1, 19))

    def test_steps_are_powers_of_two(self):
        """Intervals are put together by the logarithm of their moves and days, which is computed without one."""
        numbers = [*range(5000), 0.001, 1.5, 3.0000001, 2.9999999, 7.0, 2047.0, 2047.5, 1e9]
        self.cr.execute(SQL(
            "SELECT %s, LEAST(CEIL(LOG(2, (number + 1)::numeric)), 11)::int FROM UNNEST(%s::numeric[]) number",
            queries.risk._step(SQL("number")), numbers))
        steps = self.cr.fetchall()
        self.assertEqual([step for step, _logarithm in steps], [logarithm for _step, logarithm in steps])
        self.assertEqual([step for step, _logarithm in steps[:9]], [0, 1, 2, 2, 3, 3, 3, 3, 4])

    def test_again(self):
        """What is ranked again is written on the same rows; what is not observed any more has none."""
        positions = self.make_house()
        self.rank()
        rows = (
            "SELECT id, product_id, location_id, value_at_risk, rank_index FROM stock_cycle_count_risk WHERE plan_id = %s"
            " ORDER BY id")
        self.cr.execute(rows, [self.plan.id])
        before = self.cr.fetchall()
        self.rank()
        self.cr.execute(rows, [self.plan.id])
        self.assertEqual(self.cr.fetchall(), before)
        gone = positions[0]
        self.env.flush_all()
        self.cr.execute("UPDATE stock_cycle_count_position SET active = FALSE WHERE id = %s", [gone.id])
        self.env.invalidate_all()
        self.assertEqual(set(self.rank().ids), set(positions.ids) - {gone.id})

    def test_as_the_rules_say(self):
        """SQL and plain rules agree for goods of every kind: moves, days, what was found, costs, what is on hand."""
        positions = self.make_house()
        rows = {row.id: row for row in self.rank()}
        self.assertEqual(set(rows), set(positions.ids))
        lines = self.env["stock.cycle.count.line"].search([("position_id", "in", positions.ids), ("state", "=", "posted")])
        house = risk.learn([
            risk.Cell(1, not line.is_hit, line.since_moves, line.since_days, 0 if line.is_hit else min(
                abs(line.variance_qty) / rows[line.position_id.id].usual_move, 20))
            for line in lines if line.count_date >= NOW - timedelta(days=365)])
        seen = defaultdict(lambda: [0.0, 0.0])
        for line in lines:
            exposure = house.exposure(line.since_moves, line.since_days)
            seen[line.position_id][0] += exposure
            seen[line.position_id][1] += 0 if line.is_hit else risk.events(exposure)
        category = risk.category_multiplier(*(sum(values) for values in reversed(list(zip(*seen.values())))))
        for position in positions:
            row = rows[position.id]
            with self.subTest(row.facts):
                own = lines.filtered(lambda line: line.position_id == position)
                exposure, found = seen[position]
                units = sum(risk.capped_units(house, abs(line.variance_qty), row.usual_move) for line in own)
                value = risk.value_at_risk(
                    house, row.moves_since, row.days_since, risk.growth(house, row.usual_move, units, exposure, category),
                    row.unit_cost, row.on_hand, row.usual_move)
                # Intervals are put together by powers of two before the house learns from them.
                self.assertAlmostEqual(row.value_at_risk, value, delta=0.02 + value * 0.05)
                self.assertAlmostEqual(
                    row.rank_index, risk.value_index(row.value_at_risk, row.days_since), delta=0.01 * row.days_since + 0.01)
                theta = risk.multiplier(found, exposure, category)
                again = sum(
                    risk.events(theta * house.exposure(line.since_moves, line.since_days))
                    for line in own if not line.is_hit)
                self.assertAlmostEqual(row.multiplier, risk.multiplier(again, exposure, category), delta=0.1)
                self.assertAlmostEqual(
                    row.offender_chance, risk.offender_chance(again, exposure, category) if row.misses else 0, delta=0.03)

    def test_what_is_seen_without_a_count(self):
        counted = self.add_goods((30, 4), (20, 2), (3, 6), last=10.5)
        never = self.add_goods((400, 9), (120, 1), (5, 3))
        idle = self.add_goods()
        self.rank()
        rows = {row.id: row for row in self.env["stock.cycle.count.risk"].search([])}
        row = rows[counted.id]
        self.assertEqual((row.moves_since, row.days_since, row.moves_year, row.usual_move), (1, 10.5, 3, 4))
        self.assertEqual((row.on_hand, row.unit_cost, row.counts), (500, 10, 0))
        row = rows[never.id]
        self.assertEqual((row.moves_since, round(row.days_since), row.moves_year, row.usual_move), (2, 120, 2, 2))
        row = rows[idle.id]
        self.assertEqual((row.moves_since, row.moves_year, row.usual_move), (0, 0, 1))

    def test_words(self):
        position = self.add_goods(*((5, 4) for _move in range(3)), last=41)
        self.add_history(position, (300, 3, 5, 9), (200, 3, 9, 9), (100, 0, 9, 9))
        never = self.add_goods((9, 1))
        costless = self.add_goods((9, 1), cost=0)
        elsewhere = self.add_goods((9, 1), (3, 1), last=5)
        self.rank()
        rows = {row.id: row.with_user(self.supervisor) for row in self.env["stock.cycle.count.risk"].search([])}
        self.assertRegex(rows[position.id].facts, r"^2 misses in 3 counts, 3 moves and 41 days since: about [\d.,]+ at risk\.$")
        self.assertRegex(rows[never.id].facts, r"^Never counted, 1 move: about 0\.\d+ at risk\.$")
        self.assertRegex(
            rows[elsewhere.id].facts, r"^1 move and 5 days since the last count: about 0\.\d+ at risk\.$", "by core")
        self.assertIn("It has no cost", rows[costless.id].facts)
        self.assertEqual((rows[costless.id].value_at_risk, rows[costless.id].rank_index), (0, 0))
        self.assertEqual(rows[never.id].search([("is_costless", "=", True)]).ids, costless.ids)

    def test_exposure_runs_from_the_count_and_stays(self):
        """Not from its posting, which may be weeks later; and what counting posts moved nothing."""
        position = self.add_goods((30, 4), (20, 4), last=25)
        sheet = self.make_sheet((position.product_id, self.bin), start=True)
        self.clock.move_to(NOW + timedelta(days=1))
        self.count(sheet.line_ids, 480)
        self.clock.move_to(NOW + timedelta(days=5))
        self.deliver(position.product_id, self.bin, 1)
        self.clock.move_to(NOW + timedelta(days=9))
        line = self.settle(sheet)
        self.assertEqual((line.state, self.on_hand(position.product_id, self.bin)), ("posted", 479))
        self.clock.move_to(NOW + timedelta(days=11))
        row = self.rank()
        self.assertEqual((row.moves_since, row.days_since, row.counts, row.misses, row.units), (1, 10, 1, 1, 20))
        # It was never counted on a line before, so that it was exposed since its first move.
        self.assertEqual((line.since_moves, line.since_days), (2, 31))
        self.clock.move_to(NOW + timedelta(days=20))
        self.rank()
        self.assertEqual((line.since_moves, line.since_days), (2, 31), "it stays")

    def test_computed_whole(self):
        """What a plan no longer governs goes, and nothing is there twice; another plan's rows stay."""
        positions = self.make_house(4)
        other = self.make_stock(location=self.bins[-1])
        self.schedule(self.classless)
        other = self.position(other, self.bins[-1])
        self.rank(self.classless)
        self.rank()
        self.assertEqual(len(self.rank()), 4)
        positions[0].active = False
        self.assertEqual(self.rank(), self.env["stock.cycle.count.risk"].browse(positions[1:].ids).sorted())
        self.assertEqual(self.env["stock.cycle.count.risk"].search([("plan_id", "=", self.classless.id)]).id, other.id)

    def test_queries_do_not_grow(self):
        self.make_house(3)
        few = self.count_queries(self.plan._rank)
        self.make_house(6, seed=2)
        self.assertLessEqual(self.count_queries(self.plan._rank), few)

    def test_goal(self):
        """Value counts what is dear, accuracy what is wrong more often."""
        dear = self.add_goods((30, 1), cost=500, last=40)
        often = self.add_goods(*((20, 1) for _move in range(9)), cost=0.1, last=40)
        self.assertEqual(self.rank().ids, [dear.id, often.id])
        self.plan.ranking = "accuracy"
        self.assertEqual(self.rank().ids, [often.id, dear.id])

    def test_goods_of_others(self):
        """They are worth nothing, so that nothing is at risk: classes say how often they are counted. Of a place that holds
        both, the part that is owned counts.
        """
        owner = self.env["res.partner"].create({"name": "Owner"})
        theirs, mixed, ours = (self.add_goods((9, 1), last=30, quantity=quantity) for quantity in (25, 25, 100))
        self.deliver(theirs.product_id, self.bin, 25)
        for position, quantity, of_whom in (
            (theirs, 100, owner), (mixed, 75, owner), (ours, 100, self.company.partner_id),
        ):
            self.make_quant(position.product_id, self.bin, quantity, owner_id=of_whom)
        self.rank()
        Risk = self.env["stock.cycle.count.risk"]
        rows = [Risk.browse(position.id) for position in (theirs, mixed, ours)]
        self.assertEqual([(row.unit_cost, row.on_hand) for row in rows], [(0, 100), (2.5, 100), (10, 200)])
        self.assertEqual((rows[0].value_at_risk, rows[0].rank_index), (0, 0))
        self.assertGreater(rows[1].value_at_risk, 0)
        self.assertGreater(rows[2].value_at_risk, rows[1].value_at_risk)
        costless = self.add_goods((9, 1), last=30, cost=0)
        self.rank()
        for wanted, ids in ((True, {costless.id}), (False, {theirs.id, mixed.id, ours.id})):
            found = Risk.search([("plan_id", "=", self.plan.id), ("is_costless", "=", wanted)])
            self.assertEqual((set(found.ids), set(found.mapped("is_costless"))), (ids, {wanted}))
        self.assertIn("It belongs to others", rows[0].facts)
        self.assertIn("Without a cost, so that they cannot be ranked: 1.", self.plan.with_user(self.supervisor).ranking_note)

    def test_offenders(self):
        """By all that counts tell, rather than by two misses; none where all are alike."""
        offender = self.add_goods((9, 1), last=30)
        alike = [self.add_goods((9, 1), last=30) for _number in range(3)]
        self.add_history(offender, *((300 - 20 * number, 2, 5, 20) for number in range(9)))
        for position in alike:
            self.add_history(position, *((300 - 20 * number, 2 * (number > 7), 5, 20) for number in range(9)))
        self.rank()
        Risk = self.as_user(self.supervisor, self.env["stock.cycle.count.risk"])
        self.assertEqual(Risk.search([("is_offender", "=", True)]).ids, offender.ids)
        self.assertEqual(len(Risk.search([("is_offender", "=", False)])), 3)
        self.assertEqual(Risk.browse(offender.id).misses, 9)

    def test_who_reads_it(self):
        position = self.add_goods((9, 1), last=30)
        self.rank()
        row = self.env["stock.cycle.count.risk"].browse(position.id)
        for user in (self.outsider, self.counter, self.worker, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.as_user(user, row).search([])
        for user in (self.supervisor, self.finance):
            with self.subTest(user.login):
                self.assertEqual(self.as_user(user, row).search([]), row)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(self.as_user(user, row).check_access_rights(operation, raise_exception=False))
        self.assertFalse(self.as_user(self.stranger, row).search([]), "another company")
        for user in (self.counter, self.worker):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.call(user, self.plan, "action_rank")

    def test_plans_from_before_count_as_they_did(self):
        plan = self.env["stock.cycle.count.plan"].create({
            "name": "New", "warehouse_id": self.make_warehouse("New", "NEW").id, "calendar_id": self.calendar.id,
            "counter_ids": [(6, 0, self.counter.ids)]})
        self.assertEqual(plan.ranking, "value")
        self.env.flush_all()
        self.cr.execute("ALTER TABLE stock_cycle_count_plan ALTER COLUMN ranking DROP NOT NULL")
        self.cr.execute("UPDATE stock_cycle_count_plan SET ranking = NULL WHERE id = %s", [plan.id])
        self.env.invalidate_all()
        self.env["stock.cycle.count.plan"]._init_column("ranking")
        self.assertEqual(plan.ranking, "none")
