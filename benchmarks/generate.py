"""Make the count sheets of a week."""

from odoo import Command

from .harness import Benchmark, Row

LIMIT, LIMIT_AGAIN = 60, 30


class Generate(Benchmark):
    """What making sheets costs in queries; they are made through the ORM, so that they follow its rules."""

    title = "generate"
    tables = ("stock_cycle_count", "stock_cycle_count_line", "mail_activity")

    def prepare(self, env):
        """Some bins are counted every week, so that all that lies in them is due within the horizon of a plan."""
        size = self.world.size
        bins = self.world.bins[: size.sheet_lines * len(self.world.bins) // size.quants]
        env["stock.location"].browse(bins).cyclic_inventory_frequency = 7
        self.weekly = env["stock.cycle.count.plan"].create({
            "name": "Weekly", "warehouse_id": self.world.warehouse, "location_ids": [Command.set(bins)],
            "counter_ids": [Command.set(self.world.counters)], "daily_capacity": size.sheet_lines,
            "ranking": "none",
        }).id
        env["stock.cycle.count.plan"].browse([self.world.plan, self.weekly]).action_schedule()

    def ours(self, env, clock):
        plan = env["stock.cycle.count.plan"].browse(self.weekly)
        with clock("first"):
            plan.action_generate()
        self.lines = self._count_lines(env)
        with clock("again"):
            plan.action_generate()
        if self.lines != self.world.size.sheet_lines or self._count_lines(env) != self.lines:
            raise RuntimeError(f"generate: {self.lines} lines, then {self._count_lines(env)}")
        return self.lines

    def _count_lines(self, env):
        return env["stock.cycle.count.line"].search_count([("count_id.plan_id", "=", self.weekly)])

    def rows(self, samples):
        first, again = samples["first"], samples["again"]
        counted = f"{self.lines:,} lines"
        yield Row(
            "Generate sheets", counted, first.best, first.most_queries,
            "1,000 lines", 1000 * first.most_queries / self.lines, "queries", LIMIT,
        )
        yield Row(
            "Generate again, nothing new", counted, again.best, again.most_queries,
            "the whole run", again.most_queries, "queries", LIMIT_AGAIN,
        )
