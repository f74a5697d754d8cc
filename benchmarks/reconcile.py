"""Look for unexplained changes of stock."""

from .harness import Benchmark, Row

LIMIT, LIMIT_AGAIN = 8.0, 4.0
WRONG = 10


class Reconcile(Benchmark):
    """The nightly check against one statement that only sums the done move lines and compares them with on hand."""

    title = "reconcile"
    tables = ("stock_cycle_count_fingerprint", "stock_cycle_count_finding", "stock_quant")
    variants = ("ours", "bare")

    def prepare(self, env):
        """On hand is what the moves say, but for some quants."""
        env.cr.execute(
            """
            UPDATE stock_quant quant SET quantity = COALESCE(books.quantity, 0) + books.wrong
              FROM (
                SELECT quant.id, SUM(part.quantity) AS quantity,
                       CASE WHEN row_number() OVER (ORDER BY quant.id) <= %s THEN 1 ELSE 0 END AS wrong
                  FROM stock_quant quant
                  LEFT JOIN (
                    SELECT product_id, location_dest_id AS location_id, quantity_product_uom AS quantity
                      FROM stock_move_line WHERE state = 'done'
                     UNION ALL
                    SELECT product_id, location_id, -quantity_product_uom FROM stock_move_line WHERE state = 'done'
                  ) part ON part.product_id = quant.product_id AND part.location_id = quant.location_id
                 GROUP BY quant.id
              ) books
             WHERE books.id = quant.id
            """,
            [WRONG],
        )
        env["stock.cycle.count.reconciliation"]._ensure_companies()
        self.check = env["stock.cycle.count.reconciliation"].search([("company_id", "=", self.world.company)]).id

    def ours(self, env, clock):
        check = env["stock.cycle.count.reconciliation"].browse(self.check)
        with clock("first"):
            check._reconcile()
        with clock("again"):
            check._reconcile()
        return env["stock.cycle.count.finding"].search_count([("kind", "=", "on_hand"), ("quantity", "=", 1)])

    def bare(self, env, clock):
        """What somebody would write who wants to know this alone, of the same places."""
        with clock("bare"):
            env.cr.execute(
                """
                WITH place AS (SELECT id FROM stock_location WHERE usage IN ('internal', 'transit'))
                SELECT product_id, location_id, lot_id, package_id, owner_id, SUM(quantity)
                  FROM (
                    SELECT product_id, location_id, lot_id, package_id, owner_id, quantity FROM stock_quant
                     WHERE location_id IN (SELECT id FROM place)
                     UNION ALL
                    SELECT product_id, location_dest_id, lot_id, result_package_id, owner_id, -quantity_product_uom
                      FROM stock_move_line WHERE state = 'done' AND location_dest_id IN (SELECT id FROM place)
                     UNION ALL
                    SELECT product_id, location_id, lot_id, package_id, owner_id, quantity_product_uom
                      FROM stock_move_line WHERE state = 'done' AND location_id IN (SELECT id FROM place)
                  ) part
                 GROUP BY product_id, location_id, lot_id, package_id, owner_id
                HAVING ABS(SUM(quantity)) > 0.005
                """
            )
            return len(env.cr.fetchall())

    def rows(self, samples):
        counted = f"{self.world.size.lines:,} move lines"
        bare = samples["bare"]
        for step, work, limit in (
            ("first", "Look for unexplained changes, first night", LIMIT),
            ("again", "Look for unexplained changes, later nights", LIMIT_AGAIN),
        ):
            sample = samples[step]
            yield Row(
                work, counted, sample.best, sample.most_queries, f"bare SQL that sums them, {bare.best:.2f} s",
                sample.best / bare.best, "x", limit,
            )
