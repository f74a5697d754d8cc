"""Statements of root causes."""
from odoo.tools import SQL

from . import answers
from .statement import query


@query(reads=("stock.cycle.count.cause", "stock.cycle.count.line", "stock.cycle.count", "stock.cycle.count.reason",
              "stock.location"))
def effects(cause_ids, now, days):
    """Differences that causes explain, before they were closed and since: ``id, number, value, number since, value since``.

    :param now: moment, UTC: before it, of causes that are open
    :param days: so many before, and at most as many since
    """
    return SQL(
        """
        SELECT cause.id,
               COUNT(result.id) FILTER (WHERE result.date < cause.turn),
               COALESCE(SUM(result.difference_value) FILTER (WHERE result.date < cause.turn), 0)::float,
               COUNT(result.id) FILTER (WHERE result.date >= cause.turn),
               COALESCE(SUM(result.difference_value) FILTER (WHERE result.date >= cause.turn), 0)::float
          FROM (
            SELECT cause.*, COALESCE(cause.closed_date, %(now)s::timestamp) AS turn, place.parent_path
              FROM stock_cycle_count_cause cause
              LEFT JOIN stock_location place ON place.id = cause.location_id
             WHERE cause.id = ANY(%(ids)s)
          ) cause
          LEFT JOIN LATERAL (
            SELECT result.id, result.date, result.difference_value
              FROM (%(results)s) result
              JOIN stock_location place ON place.id = result.location_id
             WHERE result.company_id = cause.company_id AND result.difference = 1
               AND result.date >= cause.turn - %(days)s * INTERVAL '1 day'
               AND result.date < LEAST(cause.turn + %(days)s * INTERVAL '1 day', %(now)s::timestamp)
               AND (cause.root_cause IS NULL OR result.root_cause = cause.root_cause)
               AND (cause.reason_id IS NULL OR result.reason_id = cause.reason_id)
               AND (cause.product_id IS NULL OR result.product_id = cause.product_id)
               AND (cause.parent_path IS NULL OR starts_with(place.parent_path, cause.parent_path))
               AND (cause.warehouse_id IS NULL OR result.warehouse_id = cause.warehouse_id)
          ) result ON TRUE
         GROUP BY cause.id
        """, ids=list(cause_ids), now=now, days=days, results=answers.results())
