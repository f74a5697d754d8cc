"""Give every stock position its due date and its day."""

from .harness import Benchmark, Row

LIMIT, LIMIT_AGAIN = 2.0, 0.3


class Schedule(Benchmark):
    """The addon's schedule against two statements that write the same positions and mirror them on the quants."""

    title = "schedule"
    tables = ("stock_cycle_count_position", "stock_quant")
    variants = ("ours", "bare")

    def prepare(self, env):
        profile = env["stock.abc.profile"].browse(self.world.profile)
        if not profile.assignment_count:
            profile.action_classify()

    def ours(self, env, clock):
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        with clock("first"):
            plan.action_schedule()
        outcome = self._outcome(env)
        with clock("again"):
            plan.action_schedule()
        return outcome

    def bare(self, env, clock):
        """What somebody would write who needs a date on every position and quant, and nothing else.

        The same positions are made from the same quants with the same columns, into the same table with its indexes
        and constraints, in the order of its key: class and interval, last count by core, due date (a first count is
        spread over the interval), latest date, and a working day below the daily capacity, which is found by filling
        one day after the other. The same two columns of the quants are written. It does without holidays, location
        frequencies, requested dates, open sheets, grace days and earlier schedules.
        """
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        parameters = {
            "company": self.world.company, "plan": self.world.plan, "profile": self.world.profile,
            "warehouse": self.world.warehouse, "bins": self.world.bins, "capacity": plan.daily_capacity,
        }
        with clock("bare"):
            env.cr.execute(
                """
                WITH counted AS (
                    SELECT line.product_id, place.id AS location_id, MAX(line.date) AS date
                      FROM stock_move move
                      JOIN stock_move_line line ON line.move_id = move.id AND line.state = 'done'
                      JOIN stock_location place ON place.id IN (line.location_id, line.location_dest_id)
                           AND place.usage = 'internal'
                     WHERE move.is_inventory
                     GROUP BY 1, 2
                ),
                found AS (
                    SELECT quant.location_id, quant.product_id, class.id AS class_id, class.interval_days,
                           counted.date AS last_count,
                           row_number() OVER (PARTITION BY class.id ORDER BY quant.location_id, quant.product_id) AS n,
                           COUNT(*) OVER (PARTITION BY class.id) AS members
                      FROM stock_quant quant
                      JOIN product_product product ON product.id = quant.product_id AND product.active
                      JOIN product_template template ON template.id = product.product_tmpl_id
                           AND template.type = 'product'
                      JOIN stock_abc_assignment assignment ON assignment.product_id = quant.product_id
                           AND assignment.profile_id = %(profile)s AND assignment.warehouse_id = %(warehouse)s
                      JOIN stock_abc_class class ON class.id = assignment.effective_class_id
                      LEFT JOIN counted ON counted.location_id = quant.location_id
                           AND counted.product_id = quant.product_id
                     WHERE quant.location_id = ANY(%(bins)s) AND quant.quantity <> 0
                ),
                due AS (
                    SELECT *, COALESCE(last_count::date + interval_days,
                                       current_date + (n * interval_days / members)::int) AS due_date
                      FROM found
                ),
                day AS (
                    SELECT day::date, row_number() OVER (ORDER BY day) - 1 AS slot
                      FROM generate_series(current_date, current_date + 730, INTERVAL '1 day') day
                     WHERE extract(isodow FROM day) < 6
                ),
                placed AS (
                    SELECT *, (row_number() OVER (ORDER BY due_date) - 1) / %(capacity)s AS slot FROM due
                )
                INSERT INTO stock_cycle_count_position (
                    company_id, location_id, warehouse_id, product_id, plan_id, active, since_date,
                    abc_class_id, last_count_date, interval_days, due_date, due_reason, deadline_date, scheduled_date,
                    create_uid, write_uid, create_date, write_date)
                SELECT %(company)s, location_id, %(warehouse)s, product_id, %(plan)s, TRUE, current_date,
                       class_id, last_count, interval_days, due_date, 'class', due_date + 7, day.day,
                       1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM placed JOIN day USING (slot)
                 ORDER BY location_id, product_id
                """,
                parameters,
            )
            env.cr.execute(
                """
                UPDATE stock_quant quant
                   SET inventory_date = position.scheduled_date, abc_class_id = position.abc_class_id
                  FROM stock_cycle_count_position position
                 WHERE position.location_id = quant.location_id AND position.product_id = quant.product_id
                   AND position.company_id = quant.company_id
                """
            )
        return self._outcome(env)

    def _outcome(self, env):
        """Positions by class with the number of values in each column that is written, and quants that agree."""
        # Only for this look: without it, the planner would expect the few rows that were there before.
        env.cr.execute("ANALYZE stock_cycle_count_position, stock_quant")
        env.cr.execute(
            """
            SELECT position.abc_class_id, position.due_reason, position.interval_days, COUNT(*),
                   COUNT(position.last_count_date), COUNT(position.due_date), COUNT(position.deadline_date),
                   COUNT(position.scheduled_date), COUNT(quant.id)
              FROM stock_cycle_count_position position
              LEFT JOIN stock_quant quant ON quant.location_id = position.location_id
                   AND quant.product_id = position.product_id AND quant.abc_class_id = position.abc_class_id
                   AND quant.inventory_date = position.scheduled_date
             WHERE position.plan_id = %s AND position.active
             GROUP BY 1, 2, 3 ORDER BY 1
            """,
            [self.world.plan],
        )
        return env.cr.fetchall()

    def rows(self, samples):
        first, again, bare = samples["first"], samples["again"], samples["bare"]
        counted = f"{self.world.size.quants:,} positions"
        yield Row(
            "Schedule", counted, first.best, first.most_queries,
            f"bare SQL, {bare.best:.2f} s", first.best / bare.best, "x", LIMIT,
        )
        yield Row(
            "Schedule again, nothing new", counted, again.best, again.most_queries,
            "its first run", again.best / first.best, "x", LIMIT_AGAIN,
        )
