"""Classify all products by what they consumed in a year."""

from .harness import Benchmark, Row

LIMIT = 2.0


class Classify(Benchmark):
    """The addon's classification against one statement that aggregates, ranks and upserts the same rows."""

    title = "classify"
    tables = ("stock_abc_assignment",)
    variants = ("ours", "bare")

    def ours(self, env, clock):
        profile = env["stock.abc.profile"].browse(self.world.profile)
        with clock("first"):
            profile.action_classify()
        with clock("again"):
            profile.action_classify()
        return self._outcome(env)

    def bare(self, env, clock):
        """What somebody would write who needs these rows in this table, and nothing else.

        The same lines are consumption (to customers, less returns, at the cost of the company), the same products are
        ranked, the same columns are written, into the same table with its indexes and constraints, in the order of its
        key. It does without what makes the addon's work longer: other bases, new products, damping, manual classes,
        history.
        """
        shares, classes = zip(*[
            (abc_class.cumulative_share, abc_class.id)
            for abc_class in env["stock.abc.profile"].browse(self.world.profile).class_ids.sorted("cumulative_share")
        ])
        cost = env["ir.model.fields"]._get("product.product", "standard_price")
        with clock("bare"):
            env.cr.execute(
                """
                WITH used AS (
                    SELECT line.product_id, CASE WHEN source.usage = 'customer' THEN destination.warehouse_id
                                                 ELSE source.warehouse_id END AS warehouse_id,
                           SUM(CASE WHEN source.usage = 'customer' THEN -1 ELSE 1 END
                               * line.quantity_product_uom) AS quantity
                      FROM stock_move_line line
                      JOIN stock_location source ON source.id = line.location_id
                      JOIN stock_location destination ON destination.id = line.location_dest_id
                     WHERE line.state = 'done' AND line.company_id = %(company)s
                       AND line.date >= now() AT TIME ZONE 'UTC' - INTERVAL '365 days'
                       AND (source.usage = 'internal' AND destination.usage IN ('customer', 'production')
                            OR source.usage = 'customer' AND destination.usage = 'internal')
                     GROUP BY 1, 2
                ),
                valued AS (
                    SELECT product.id AS product_id,
                           COALESCE(used.quantity * COALESCE(cost.value_float, 0), 0) AS metric
                      FROM product_product product
                      JOIN product_template template ON template.id = product.product_tmpl_id
                      LEFT JOIN used ON used.product_id = product.id AND used.warehouse_id = %(warehouse)s
                      LEFT JOIN ir_property cost ON cost.fields_id = %(cost)s AND cost.company_id = %(company)s
                           AND cost.res_id = 'product.product,' || product.id
                     WHERE product.active AND template.type = 'product'
                ),
                ranked AS (
                    SELECT product_id, metric,
                           row_number() OVER most AS rank,
                           100 * GREATEST(metric, 0) / SUM(GREATEST(metric, 0)) OVER () AS share,
                           100 * SUM(GREATEST(metric, 0)) OVER most / SUM(GREATEST(metric, 0)) OVER () AS cumulative
                      FROM valued
                    WINDOW most AS (ORDER BY GREATEST(metric, 0) DESC, product_id)
                ),
                classed AS (
                    SELECT *, CASE WHEN metric <= 0 THEN %(last)s
                                   ELSE (%(classes)s)[1 + width_bucket(cumulative - share, %(inner)s::float8[])]
                              END AS class_id
                      FROM ranked
                )
                INSERT INTO stock_abc_assignment (
                    profile_id, company_id, warehouse_id, product_id, metric, rank, share, cumulative_share,
                    computed_class_id, effective_class_id, candidate_runs, differs,
                    create_uid, write_uid, create_date, write_date)
                SELECT %(profile)s, %(company)s, %(warehouse)s, product_id, metric, rank, share, cumulative,
                       class_id, class_id, 0, FALSE, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM classed
                 ORDER BY product_id
                    ON CONFLICT (profile_id, warehouse_id, product_id) DO UPDATE
                   SET metric = EXCLUDED.metric, rank = EXCLUDED.rank, share = EXCLUDED.share,
                       cumulative_share = EXCLUDED.cumulative_share, computed_class_id = EXCLUDED.computed_class_id,
                       effective_class_id = EXCLUDED.effective_class_id,
                       write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
                """,
                {
                    "company": self.world.company,
                    "warehouse": self.world.warehouse,
                    "profile": self.world.profile,
                    "cost": cost.id,
                    "inner": list(shares[:-1]),
                    "classes": list(classes),
                    "last": classes[-1],
                },
            )
        return self._outcome(env)

    def _outcome(self, env):
        """Rows, and what they come to."""
        env.cr.execute(
            """
            SELECT effective_class_id, COUNT(*), SUM(rank), round(SUM(metric)::numeric, 2), round(MAX(cumulative_share), 6)
              FROM stock_abc_assignment WHERE profile_id = %s GROUP BY 1 ORDER BY 1
            """,
            [self.world.profile],
        )
        return env.cr.fetchall()

    def rows(self, samples):
        size = self.world.size
        first, again, bare = samples["first"], samples["again"], samples["bare"]
        counted = f"{size.products:,} products, {size.lines:,} move lines"
        yield Row(
            "Classify", counted, first.best, first.most_queries,
            f"bare SQL, {bare.best:.2f} s", first.best / bare.best, "x", LIMIT,
        )
        yield Row(
            "Classify again, nothing new", counted, again.best, again.most_queries,
            "its first run", again.best / first.best, "x",
        )
