import random
from datetime import timedelta

from odoo.tools import SQL

from .common_planning import NOW
from .common_schedule import ScheduleCase


class RankingCase(ScheduleCase):
    """A plan that counts what is likely wrong, and goods of which is known what moved and what earlier counts found."""

    gate = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stock.cycle.count.tolerance"].search([]).active = False
        cls.plan.ranking = "value"
        cls.plan.daily_capacity = 5
        cls.classless = cls.make_plan(name="Aside", location_ids=[(6, 0, cls.bins[-1].ids)])

    def add_goods(self, *moves, cost=10.0, quantity=500, location=None, last=None):
        """A product of a place, with done moves out of it.

        :param moves: ``(days ago, quantity)``
        :param last: days since the last count, None when it was never counted
        """
        location = location or self.bin
        product = self.make_product(cost=cost)
        self.make_quant(product, location, quantity + sum(moved for _days, moved in moves))
        for days, moved in moves:
            self.deliver(product, location, moved, when=NOW - timedelta(days=days))
        self.schedule()
        position = self.position(product, location)
        if last is not None:
            position.last_count_date = NOW - timedelta(days=last)
            position.since_date = min(position.since_date, position.last_count_date.date())
        return position

    def add_history(self, position, *counts):
        """Posted counts of a position.

        :param counts: ``(days ago, units that were wrong, moves before, days before)``
        """
        for ago, wrong, moves, days in counts:
            line = self.make_sheet((position.product_id, position.location_id)).line_ids
            self.env.flush_all()
            self.cr.execute(SQL(
                """
                UPDATE stock_cycle_count_line
                   SET state = 'posted', count_date = %s, variance_qty = %s, is_hit = %s, since_moves = %s, since_days = %s
                 WHERE id = %s
                """, NOW - timedelta(days=ago), wrong, not wrong, moves, days, line.id))
        self.env.invalidate_all()

    def settle(self, sheet):
        """Close a counted sheet of one line, decide on it as whoever has to, and post it.

        :return: the line, as the database has it
        """
        sheet.with_user(sheet.user_id).action_close()
        line = sheet.line_ids
        line.with_user(self.supervisor).reason_id = self.env.ref("stock_cycle_count.stock_cycle_count_reason_picking")
        for user in (self.supervisor, self.controller):
            if line.state == "to_approve":
                line.with_user(user).action_approve("seen")
        sheet.with_user(self.supervisor).action_finalize()
        self.env.invalidate_all()
        return line

    def rank(self, plan=None):
        plan = plan or self.plan
        self.call(self.supervisor, plan, "action_rank")
        self.env.invalidate_all()
        return self.env["stock.cycle.count.risk"].search([("plan_id", "=", plan.id)])

    def generate(self):
        """Make sheets, and return the lines that came."""
        before = self.plan.count_ids.line_ids
        self.plan.action_generate()
        self.env.invalidate_all()
        return self.plan.count_ids.line_ids - before

    def make_house(self, number=12, seed=1):
        """Goods that differ in all that matters, reproducibly."""
        generator = random.Random(seed)
        positions = self.env["stock.cycle.count.position"]
        for index in range(number):
            position = self.add_goods(
                *((generator.randint(1, 300), generator.choice((1, 2, 5))) for _move in range(generator.randint(0, 5))),
                cost=generator.choice((0, 0.5, 4, 250)), quantity=generator.choice((1, 3, 400)),
                location=self.bins[index % 5], last=generator.choice((None, 0.5, 9, 200)))
            for _count in range(generator.randint(0, 3)):
                self.add_history(position, (
                    generator.randint(10, 500), generator.choice((0, 0, 1, 7, 900)), generator.randint(0, 70),
                    generator.randint(1, 200)))
            positions |= position
        return positions
