"""The page of figures, and the first screen of the results, over years of counts."""

from datetime import timedelta

from odoo import fields

from .harness import Benchmark, Row

#: Years that the counts are of; a sheet of so many lines, and so many random counts a quarter.
YEARS, SHEET, RANDOM = 3, 40, 200
LIMIT, STATEMENTS, LIMIT_FIRST, SECONDS = 2.0, 12, 2.0, 1.0
#: Share of the counts that differ.
WRONG = 0.1


class Answers(Benchmark):
    """The page and the pivot as a supervisor opens them, against statements that compute the same sums of the same rows, each
    from the tables as they are.
    """

    title = "answers"
    tables = ()
    variants = ("ours", "bare")

    def prepare(self, env):
        """As many final lines as there are move lines, on sheets of three years, with a draw a day."""
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        if not env["stock.cycle.count.position"].search_count([("plan_id", "=", plan.id)], limit=1):
            plan.action_schedule()
        if env["stock.cycle.count.draw"].search_count([], limit=1):
            return
        days = 365 * YEARS
        env.flush_all()
        parameters = {
            "company": self.world.company, "plan": plan.id, "warehouse": self.world.warehouse, "days": days, "sheet": SHEET,
            "lines": self.world.size.lines, "user": env.uid, "wrong": WRONG,
            "random": max(RANDOM * 4 / 365, 1), "admin": env.ref("base.user_admin").id}
        env.cr.execute("SELECT setseed(0.42)")
        env.cr.execute(
            """
            INSERT INTO stock_cycle_count_draw (plan_id, company_id, warehouse_id, kind, day, date, answer_by, control_target,
                                                daily_capacity, workday, workdays, share, method, number, frame_size, frame,
                                                frame_hash, stored_seed, threshold_hash, drawn_positions)
            SELECT %(plan)s, %(company)s, %(warehouse)s, 'position', day, day, day + 5, 200, 50, 1, 65, 100, 'bench',
                   ceil(%(random)s), 1, '1', '', '', '', ''
              FROM generate_series(1, %(days)s) n
             CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE 'UTC')::date - n AS day) past
            """, parameters)
        env.cr.execute(
            """
            INSERT INTO stock_cycle_count (name, company_id, warehouse_id, plan_id, origin, state, blind, uncounted_policy,
                                           recount_rounds, lock_mode, scheduled_date, create_date, write_date)
            SELECT 'Past ' || n, %(company)s, %(warehouse)s, %(plan)s, 'plan', 'done', TRUE, 'leave', 1, 'none', day, day, day
              FROM generate_series(0, %(lines)s / %(sheet)s - 1) n
             CROSS JOIN LATERAL (
                SELECT (now() AT TIME ZONE 'UTC')::date - 1 - (n * %(days)s / (%(lines)s / %(sheet)s))::int AS day) past
            """, parameters)
        env.cr.execute(
            """
            WITH sheet AS (
                SELECT id, scheduled_date, row_number() OVER (ORDER BY id) - 1 AS n FROM stock_cycle_count
                 WHERE name LIKE 'Past %%' AND plan_id = %(plan)s
            ),
            place AS (
                SELECT id, product_id, location_id, abc_class_id, row_number() OVER (ORDER BY id) - 1 AS n
                  FROM stock_cycle_count_position WHERE plan_id = %(plan)s
            ),
            drawn AS (SELECT id, day FROM stock_cycle_count_draw WHERE plan_id = %(plan)s AND method = 'bench'),
            cause AS (SELECT ARRAY_AGG(id) AS ids FROM stock_cycle_count_reason WHERE root_cause <> 'opening')
            INSERT INTO stock_cycle_count_line (
                count_id, company_id, product_id, location_id, position_id, abc_class_id, user_id, sequence, selection_reason,
                round, state, verdict, expected_qty, counted_qty, variance_qty, first_variance_qty, unit_cost, variance_value,
                adjustment_qty, adjustment_value, transfer_value, is_hit, is_exact, is_first_hit, count_date, deadline_date,
                since_moves, since_days, to_approve_date, reason_id, draw_id, draw_weight, create_date, write_date)
            SELECT sheet.id, %(company)s, place.product_id, place.location_id, place.id, place.abc_class_id, %(user)s, slot,
                   'class', 1, 'posted', CASE WHEN variance = 0 THEN 'match' ELSE 'within' END, 20, 20 + variance,
                   variance, variance, 7, variance * 7, variance, variance * 7, 0, variance = 0, variance = 0, variance = 0,
                   sheet.scheduled_date + time '10:00', sheet.scheduled_date + 5 - (slot %% 9), slot %% 7, 20 + slot,
                   CASE WHEN variance < -3 THEN sheet.scheduled_date + time '12:00' END,
                   CASE WHEN variance <> 0 THEN cause.ids[1 + (slot %% ARRAY_LENGTH(cause.ids, 1))] END,
                   drawn.id, CASE WHEN drawn.id IS NOT NULL THEN 1 END, sheet.scheduled_date, sheet.scheduled_date
              FROM sheet CROSS JOIN cause CROSS JOIN generate_series(0, %(sheet)s - 1) slot
              JOIN place ON place.n = (sheet.n * %(sheet)s + slot) %% (SELECT COUNT(*) FROM place)
             CROSS JOIN LATERAL (
                SELECT CASE WHEN random() < %(wrong)s + 0 * slot THEN floor(-5 + 8 * random()) ELSE 0 END AS variance) found
              LEFT JOIN drawn ON drawn.day = sheet.scheduled_date
               AND slot = 0 AND random() < %(random)s * %(sheet)s * %(days)s / %(lines)s
            """, parameters)
        env.cr.execute(
            """
            INSERT INTO stock_cycle_count_approval (line_id, company_id, level, decision, user_id, date)
            SELECT id, company_id, 1, 'approve', %(admin)s, to_approve_date + interval '20 hours' * random()
              FROM stock_cycle_count_line WHERE to_approve_date IS NOT NULL AND state = 'posted' AND verdict = 'within'
               AND position_id IS NOT NULL
            """, parameters)
        env.cr.execute(
            """
            UPDATE stock_cycle_count_position position
               SET last_count_date = counted.date, deadline_date = (now() AT TIME ZONE 'UTC')::date + (position.id % 300) - 10
              FROM (SELECT position_id, MAX(count_date) AS date FROM stock_cycle_count_line GROUP BY position_id) counted
             WHERE counted.position_id = position.id
            """)
        env.cr.execute(
            """
            UPDATE stock_cycle_count_line SET state = 'to_approve' WHERE id IN (
                SELECT MAX(id) FROM stock_cycle_count_line WHERE to_approve_date IS NOT NULL AND draw_id IS NULL
                   AND position_id NOT IN (
                       SELECT position_id FROM stock_cycle_count_line
                        WHERE state NOT IN ('posted', 'rejected', 'cancel') AND position_id IS NOT NULL)
                 GROUP BY position_id ORDER BY 1 LIMIT 200)
            """)
        env.invalidate_all()

    def _supervisor(self, env):
        return env["stock.cycle.count.answers"].with_user(env.ref("base.user_admin")).with_context(
            allowed_company_ids=[self.world.company], tz="UTC", lang="en_US")

    def ours(self, env, clock):
        answers = self._supervisor(env)
        answers.get_page({"days": 30})
        outcomes = []
        for days in (90, 365):
            env.invalidate_all()
            with clock(f"page {days}"):
                page = answers.get_page({"days": days})
            tiles = {tile["name"]: tile for tile in page["tiles"]}
            outcomes.append((tiles["right"]["count"], round(tiles["why"]["value"]), tiles["decide"]["count"],
                             tiles["promise"]["count"]))
        env.invalidate_all()
        with clock("pivot"):
            rows = answers.env["stock.cycle.count.result"].read_group(
                [("state", "in", ("posted", "rejected"))], ["lines:sum", "net:sum"], ["root_cause", "date:month"], lazy=False)
        outcomes.append(sum(row["lines"] for row in rows))
        return outcomes

    def bare(self, env, clock):
        today = fields.Date.today()
        outcomes = []
        for days in (90, 365):
            with clock(f"bare {days}"):
                outcomes.append(self._read_bare(env, today - timedelta(days=days - 1), today))
        with clock("bare pivot"):
            env.cr.execute(
                """
                SELECT reason.root_cause, date_trunc('month', line.count_date), COUNT(*), SUM(line.adjustment_value)
                  FROM stock_cycle_count_line line LEFT JOIN stock_cycle_count_reason reason ON reason.id = line.reason_id
                 WHERE line.state IN ('posted', 'rejected') AND line.company_id = %s GROUP BY 1, 2
                """, [self.world.company])
            outcomes.append(sum(row[2] for row in env.cr.fetchall()))
        return outcomes

    def _read_bare(self, env, first, today):
        """The same sums, without rights, filters or words."""
        company = self.world.company
        env.cr.execute(
            """
            SELECT draw.day, line.abc_class_id, COUNT(*), SUM(line.is_hit::int), SUM(ABS(line.variance_value)),
                   COUNT(*) FILTER (WHERE draw.day >= %s)
              FROM stock_cycle_count_line line JOIN stock_cycle_count_draw draw ON draw.id = line.draw_id
             WHERE line.state IN ('posted', 'rejected') AND line.company_id = %s AND draw.day >= %s GROUP BY 1, 2
            """, [first, company, today - timedelta(days=1100)])
        sample = sum(row[-1] for row in env.cr.fetchall())
        env.cr.execute(
            """
            SELECT reason.root_cause, line.selection_reason, line.draw_id IS NULL, COUNT(*), SUM(line.is_hit::int),
                   SUM(line.is_first_hit::int), SUM(ABS(line.adjustment_value)), SUM(LEAST(line.adjustment_value, 0)),
                   SUM(ABS(line.variance_value))
              FROM stock_cycle_count_line line LEFT JOIN stock_cycle_count_reason reason ON reason.id = line.reason_id
             WHERE line.state IN ('posted', 'rejected') AND line.company_id = %s AND line.count_date >= %s GROUP BY 1, 2, 3
            """, [company, first])
        loss = round(float(sum(row[7] for row in env.cr.fetchall())))
        env.cr.execute(
            "SELECT COUNT(*), SUM(ABS(variance_value)), MIN(to_approve_date) FROM stock_cycle_count_line"
            " WHERE state = 'to_approve' AND company_id = %s", [company])
        waiting = env.cr.fetchone()[0]
        env.cr.execute(
            """
            SELECT COUNT(*), PERCENTILE_CONT(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY decision.date - line.to_approve_date)
              FROM stock_cycle_count_approval decision JOIN stock_cycle_count_line line ON line.id = decision.line_id
             WHERE decision.company_id = %s AND decision.date >= %s
            """, [company, first])
        env.cr.execute(
            """
            SELECT COUNT(*), SUM((count_date::date <= deadline_date)::int) FROM stock_cycle_count_line
             WHERE state = 'posted' AND company_id = %s AND deadline_date BETWEEN %s AND %s
            """, [company, first, today])
        env.cr.execute(
            """
            SELECT COUNT(*) FILTER (WHERE counted), SUM(value) FILTER (WHERE counted), SUM(value), COUNT(*) FILTER (WHERE late)
              FROM (
                SELECT position.last_count_date >= %(year)s AS counted, position.deadline_date < %(today)s AS late,
                       stock.quantity * cost.value_float AS value
                  FROM stock_cycle_count_position position
                  LEFT JOIN (
                    SELECT product_id, location_id, SUM(quantity) AS quantity FROM stock_quant
                     WHERE company_id = %(company)s GROUP BY 1, 2
                  ) stock USING (product_id, location_id)
                  LEFT JOIN ir_property cost ON cost.res_id = 'product.product,' || position.product_id
                       AND cost.fields_id = %(field)s AND cost.company_id = %(company)s
                 WHERE position.active AND position.company_id = %(company)s
              ) place
            """, {"company": company, "today": today, "year": today - timedelta(days=364),
                  "field": env["ir.model.fields"]._get("product.product", "standard_price").id})
        return sample, loss, waiting, env.cr.fetchone()[0]

    def rows(self, samples):
        counted = f"{self.world.size.lines:,} count lines, {self.world.size.quants:,} positions"
        for days in (90, 365):
            sample, bare = samples[f"page {days}"], samples[f"bare {days}"]
            yield Row(
                f"Page of figures, {days} days", counted, sample.best, sample.most_queries, f"bare SQL, {bare.best:.2f} s",
                sample.best / bare.best, "x", LIMIT)
        page = samples["page 90"]
        yield Row("Page of figures, 90 days", counted, page.best, page.most_queries, "a second", page.best, "s", SECONDS)
        yield Row(
            "Page of figures, 365 days", counted, samples["page 365"].best, samples["page 365"].most_queries,
            "a dozen statements", samples["page 365"].most_queries, "queries", STATEMENTS)
        pivot, bare = samples["pivot"], samples["bare pivot"]
        yield Row(
            "Count Results, first screen", counted, pivot.best, pivot.most_queries, f"bare SQL, {bare.best:.2f} s",
            pivot.best / bare.best, "x", LIMIT_FIRST)
