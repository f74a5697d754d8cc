"""Rank what to count next."""

from .harness import Benchmark, Row

LIMIT = 2.0


class Risk(Benchmark):
    """The addon's ranking against one statement that computes the same from the same moves, before anything is counted."""

    title = "risk"
    tables = ("stock_cycle_count_risk",)
    variants = ("ours", "bare")

    def prepare(self, env):
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        if not plan.last_schedule_date:
            plan.action_schedule()

    def ours(self, env, clock):
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        with clock("ranked"):
            plan._rank()
        return self._outcome(env)

    def bare(self, env, clock):
        """What somebody would write who knows all rates: each position with its moves, days, usual move, value and rank."""
        field = env["ir.model.fields"]._get("product.product", "standard_price")
        with clock("bare"):
            env.cr.execute(
                """
                WITH touched AS (
                    SELECT line.product_id, place.id AS location_id, line.date, line.quantity_product_uom AS quantity
                      FROM stock_move_line line
                      JOIN stock_move move ON move.id = line.move_id AND NOT move.is_inventory
                     CROSS JOIN LATERAL (
                        VALUES (line.location_id), (NULLIF(line.location_dest_id, line.location_id))) place (id)
                     WHERE line.state = 'done' AND line.company_id = %(company)s
                       AND line.date > now() AT TIME ZONE 'UTC' - INTERVAL '400 days'
                ),
                moved AS MATERIALIZED (
                    SELECT position.id,
                           COUNT(*) FILTER (WHERE touched.date > COALESCE(
                               position.last_count_date, now() AT TIME ZONE 'UTC' - INTERVAL '365 days')) AS since,
                           COUNT(*) FILTER (WHERE touched.date > now() AT TIME ZONE 'UTC' - INTERVAL '365 days') AS a_year,
                           SUM(touched.quantity) FILTER (
                               WHERE touched.date > now() AT TIME ZONE 'UTC' - INTERVAL '365 days') AS quantity,
                           MIN(touched.date) FILTER (
                               WHERE touched.date > now() AT TIME ZONE 'UTC' - INTERVAL '365 days') AS first
                      FROM stock_cycle_count_position position
                      JOIN touched ON touched.product_id = position.product_id
                           AND touched.location_id = position.location_id
                     WHERE position.plan_id = %(plan)s
                     GROUP BY position.id
                ),
                usual AS (
                    SELECT position.product_id, SUM(moved.quantity) / NULLIF(SUM(moved.a_year), 0) AS quantity
                      FROM moved JOIN stock_cycle_count_position position ON position.id = moved.id
                     GROUP BY position.product_id
                ),
                held AS (
                    SELECT product_id, location_id, SUM(quantity) AS quantity FROM stock_quant
                     WHERE company_id = %(company)s GROUP BY product_id, location_id
                ),
                known AS (
                    SELECT position.*, COALESCE(moved.since, 0) AS since, COALESCE(moved.a_year, 0) AS a_year,
                           GREATEST(EXTRACT(EPOCH FROM now() AT TIME ZONE 'UTC' - COALESCE(position.last_count_date, LEAST(
                               moved.first, position.since_date))) / 86400, 0) AS days,
                           COALESCE(NULLIF(moved.quantity / NULLIF(moved.a_year, 0), 0), NULLIF(usual.quantity, 0), 1) AS usual,
                           COALESCE(held.quantity, 0) AS on_hand, COALESCE(cost.value_float, 0) AS cost
                      FROM stock_cycle_count_position position
                      LEFT JOIN moved ON moved.id = position.id
                      LEFT JOIN usual ON usual.product_id = position.product_id
                      LEFT JOIN held ON held.product_id = position.product_id AND held.location_id = position.location_id
                      LEFT JOIN ir_property cost ON cost.res_id = 'product.product,' || position.product_id
                           AND cost.fields_id = %(field)s AND cost.company_id = %(company)s
                     WHERE position.plan_id = %(plan)s AND position.active
                ),
                valued AS (
                    SELECT *, cost * LEAST((since / 200.0 + days / 600) * usual, GREATEST(on_hand, usual)) AS value FROM known
                )
                INSERT INTO stock_cycle_count_risk (
                    id, position_id, company_id, plan_id, warehouse_id, location_id, product_id, abc_class_id, moves_since,
                    days_since, moves_year, usual_move, on_hand, unit_cost, value_at_risk, rank_index, counts, misses)
                SELECT id, id, company_id, plan_id, warehouse_id, location_id, product_id, abc_class_id, since, days, a_year,
                       usual, on_hand, cost, value, value * SQRT(days), 0, 0
                  FROM valued
                """,
                {"company": self.world.company, "plan": self.world.plan, "field": field.id})
        return self._outcome(env)

    def _outcome(self, env):
        """Positions, and moves of a year, usual moves and value at risk in sum, of three digits: the two look at other
        moments.
        """
        env.cr.execute(
            """
            SELECT COUNT(*), SUM(moves_since), SUM(moves_year), SUM(usual_move), SUM(value_at_risk)
              FROM stock_cycle_count_risk WHERE plan_id = %s
            """, [self.world.plan])
        return [f"{number:.2e}" for number in env.cr.fetchone()]

    def rows(self, samples):
        ranked, bare = samples["ranked"], samples["bare"]
        yield Row(
            "Rank what to count next", f"{self.world.size.quants:,} positions", ranked.best, ranked.most_queries,
            f"bare SQL, {bare.best:.2f} s", ranked.best / bare.best, "x", LIMIT)
