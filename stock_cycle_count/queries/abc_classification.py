"""Statements of the ABC classification."""
from odoo.tools import SQL

from . import arrays
from .statement import query

#: Locations that hold stock of a warehouse.
STOCK_USAGES = ("internal", "transit")
#: Where goods go that are consumed.
CONSUMING_USAGES = ("customer", "production")


def unit_cost(cost_field_id, company_id):
    """Cost of every product in a company, per unit of the product: ``product_id, cost``.

    Reads ``ir_property``, where Odoo 17 keeps company-dependent fields; a value for the company wins over one
    for all companies.
    """
    return SQL(
        """
        SELECT DISTINCT ON (res_id) split_part(res_id, ',', 2)::int AS product_id, value_float AS cost
          FROM ir_property
         WHERE fields_id = %s AND (company_id = %s OR company_id IS NULL) AND res_id IS NOT NULL
         ORDER BY res_id, company_id NULLS LAST
        """, cost_field_id, company_id)


def cost_in(company):
    """Cost of every product in a company; see ``unit_cost``."""
    field = company.env["ir.model.fields"]._get("product.product", "standard_price")
    return unit_cost(field.id, company.id)


def consumption(company_id, warehouse_ids, since, count_moves):
    """What left each warehouse: ``warehouse_id, product_id, metric``.

    A done line consumes when it takes from a warehouse for customers, production or another warehouse; a line
    from a customer back into a warehouse is a return and counts against it. Moves inside the warehouse and
    inventory adjustments are neither, nor are goods of another owner. Reads ``stock_move_line, stock_location``.

    :param count_moves: measure the number of moves that consumed instead of the quantity (in the product's unit)
    """
    aggregate = (
        SQL("COUNT(DISTINCT line.move_id) FILTER (WHERE line.sign = 1)") if count_moves
        else SQL("SUM(line.sign * line.quantity)"))
    return SQL(
        """
        SELECT line.warehouse_id, line.product_id, %(aggregate)s AS metric
          FROM (
            SELECT sml.product_id, sml.move_id, sml.quantity_product_uom AS quantity,
                   CASE WHEN source.usage = 'customer' THEN -1 ELSE 1 END AS sign,
                   CASE WHEN source.usage = 'customer' THEN destination.warehouse_id
                        ELSE source.warehouse_id END AS warehouse_id
              FROM stock_move_line sml
              JOIN stock_location source ON source.id = sml.location_id
              JOIN stock_location destination ON destination.id = sml.location_dest_id
              JOIN res_company company ON company.id = sml.company_id
             WHERE sml.state = 'done'
               AND (sml.owner_id IS NULL OR sml.owner_id = company.partner_id)
               AND sml.company_id = %(company)s
               AND sml.date >= %(since)s
               AND (
                   source.usage IN %(stock)s
                   AND (destination.usage IN %(consuming)s
                        OR destination.usage IN %(stock)s
                           AND destination.warehouse_id IS DISTINCT FROM source.warehouse_id)
                   OR source.usage = 'customer' AND destination.usage IN %(stock)s
               )
          ) line
         WHERE line.warehouse_id IN %(warehouses)s
         GROUP BY line.warehouse_id, line.product_id
        """,
        aggregate=aggregate, company=company_id, since=since, stock=STOCK_USAGES,
        consuming=CONSUMING_USAGES, warehouses=tuple(warehouse_ids))


def on_hand(company_id, warehouse_ids):
    """What each warehouse owns: ``warehouse_id, product_id, metric`` in the product's unit.

    Goods of another owner are in the house but not of it. Reads ``stock_quant, stock_location``.
    """
    return SQL(
        """
        SELECT location.warehouse_id, quant.product_id, SUM(quant.quantity) AS metric
          FROM stock_quant quant
          JOIN stock_location location ON location.id = quant.location_id
          JOIN res_company company ON company.id = %(company)s
         WHERE location.usage IN %(stock)s AND location.warehouse_id IN %(warehouses)s
           AND (quant.owner_id IS NULL OR quant.owner_id = company.partner_id)
         GROUP BY location.warehouse_id, quant.product_id
        """,
        company=company_id, stock=STOCK_USAGES, warehouses=tuple(warehouse_ids))


@query(reads=(
    "ir.property", "product.product", "product.template", "stock.abc.assignment", "stock.location", "stock.move.line",
    "stock.quant", "res.company"))
def metrics(profile_id, company_ids, warehouse_ids, measured, cost):
    """Every product to rank: ``warehouse_id, product_id, metric``.

    These are the active storable products that the measure knows, that stand in the warehouse, or that were
    classified before; what the measure does not know has a metric of 0.

    :param company_ids: the company and those it is a branch of, whose products it shares
    :param measured: SQL giving ``warehouse_id, product_id, metric``
    :param cost: SQL giving ``product_id, cost`` to multiply with, or None
    """
    value = SQL("metric * COALESCE(cost.cost, 0)") if cost else SQL("metric")
    join_cost = SQL("LEFT JOIN cost ON cost.product_id = universe.product_id") if cost else SQL()
    with_cost = SQL(", cost AS MATERIALIZED (%s)", cost) if cost else SQL()
    return SQL(
        """
        WITH measured AS MATERIALIZED (%(measured)s)%(with_cost)s,
        universe AS (
            SELECT warehouse_id, product_id FROM measured
            UNION
            SELECT location.warehouse_id, quant.product_id
              FROM stock_quant quant
              JOIN stock_location location ON location.id = quant.location_id
             WHERE location.usage IN %(stock)s AND location.warehouse_id IN %(warehouses)s
            UNION
            SELECT warehouse_id, product_id FROM stock_abc_assignment
             WHERE profile_id = %(profile)s AND warehouse_id IN %(warehouses)s
        )
        SELECT universe.warehouse_id, universe.product_id, COALESCE(%(value)s, 0) AS metric
          FROM universe
          JOIN product_product product ON product.id = universe.product_id AND product.active
          JOIN product_template template ON template.id = product.product_tmpl_id
               AND template.type = 'product' AND (template.company_id IS NULL OR template.company_id IN %(companies)s)
          LEFT JOIN measured ON measured.warehouse_id = universe.warehouse_id
               AND measured.product_id = universe.product_id
          %(join_cost)s
        """,
        measured=measured, with_cost=with_cost, stock=STOCK_USAGES, warehouses=tuple(warehouse_ids),
        profile=profile_id, companies=tuple(company_ids), value=value, join_cost=join_cost)


@query(reads=("stock.move.line",))
def products_with_history(company_id, before):
    """Products that had a done move line before a date: ``product_id``. Reads ``stock_move_line``."""
    return SQL(
        """
        SELECT DISTINCT product_id FROM stock_move_line
         WHERE state = 'done' AND company_id = %s AND date < %s
        """, company_id, before)


@query(reads=("stock.abc.assignment",))
def current_assignments(profile_id, today):
    """Assignments as they stand: ``warehouse_id, product_id`` and the fields of ``Current``.

    A manual class counts when it lasts on ``today``.
    """
    return SQL(
        """
        SELECT warehouse_id, product_id, computed_class_id, candidate_class_id, candidate_runs,
               CASE WHEN manual_until IS NULL OR manual_until >= %s THEN manual_class_id END,
               effective_class_id
          FROM stock_abc_assignment
         WHERE profile_id = %s
        """, today, profile_id)


@query(writes=("stock.abc.assignment",))
def upsert_assignments(profile_id, company_id, uid, columns):
    """Write assignments; rows that would not change are left alone.

    :param columns: sequences of equal length: warehouse, product, metric, rank, share, cumulative share, computed
        class, candidate class, candidate runs, effective class
    """
    return SQL(
        """
        WITH fresh AS (
            SELECT *
              FROM unnest(%(warehouse)s::int[], %(product)s::int[], %(metric)s::float8[], %(rank)s::int[],
                          %(share)s::numeric[], %(cumulative)s::numeric[], %(computed)s::int[], %(candidate)s::int[],
                          %(runs)s::int[], %(effective)s::int[])
                   AS fresh (warehouse_id, product_id, metric, rank, share, cumulative_share,
                             computed_class_id, candidate_class_id, candidate_runs, effective_class_id)
        )
        INSERT INTO stock_abc_assignment (
            profile_id, company_id, create_uid, write_uid, create_date, write_date,
            warehouse_id, product_id, metric, rank, share, cumulative_share,
            computed_class_id, candidate_class_id, candidate_runs, effective_class_id, differs)
        SELECT %(profile)s, %(company)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC',
               fresh.*, fresh.computed_class_id IS DISTINCT FROM fresh.effective_class_id
          FROM fresh
          LEFT JOIN stock_abc_assignment old ON old.profile_id = %(profile)s
               AND old.warehouse_id = fresh.warehouse_id AND old.product_id = fresh.product_id
         WHERE old.id IS NULL
            OR (old.metric, old.rank, old.share, old.cumulative_share, old.computed_class_id, old.candidate_class_id,
                old.candidate_runs, old.effective_class_id)
               IS DISTINCT FROM
               (fresh.metric, fresh.rank, fresh.share, fresh.cumulative_share, fresh.computed_class_id,
                fresh.candidate_class_id, fresh.candidate_runs, fresh.effective_class_id)
            ON CONFLICT (profile_id, warehouse_id, product_id) DO UPDATE
           SET metric = EXCLUDED.metric, rank = EXCLUDED.rank, share = EXCLUDED.share,
               cumulative_share = EXCLUDED.cumulative_share, computed_class_id = EXCLUDED.computed_class_id,
               candidate_class_id = EXCLUDED.candidate_class_id, candidate_runs = EXCLUDED.candidate_runs,
               effective_class_id = EXCLUDED.effective_class_id, differs = EXCLUDED.differs,
               write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
        """,
        profile=profile_id, company=company_id, uid=uid,
        **dict(zip(("warehouse", "product", "metric", "rank", "share", "cumulative", "computed", "candidate",
                    "runs", "effective"), map(arrays.literal, columns))))


@query(reads=("product.product",), writes=("stock.abc.assignment",))
def retire_assignments(profile_id, warehouse_ids):
    """Delete assignments of products that are no longer active, but for those with a class that a person gave, and those
    whose warehouse left the profile.
    """
    return SQL(
        """
        DELETE FROM stock_abc_assignment assignment
         USING product_product product
         WHERE product.id = assignment.product_id AND assignment.profile_id = %s
           AND (NOT product.active AND assignment.manual_class_id IS NULL OR assignment.warehouse_id NOT IN %s)
        """, profile_id, tuple(warehouse_ids))
