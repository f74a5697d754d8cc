"""Statements of the audit pack on what the books show, and what counts make of it. Days are those of the company, moments
those of UTC; texts are the ones in English.
"""
from odoo.tools import SQL

from ..tools.spreadsheets import FORMULA_PATTERN
from ..tools.statement import TOP
from .answers import DRAWN, IS_RESULT, is_answered
from .statement import query

LINE, DRAW, SHEET, POSITION, PLAN = (
    f"stock.cycle.count{name}" for name in (".line", ".draw", "", ".position", ".plan"))
STOCK = ("stock.location", "stock.warehouse", "product.product", "product.template", "stock.abc.class")


def text(expression):
    """A text that people wrote, so that no spreadsheet takes it for a formula."""
    return SQL(
        "CASE WHEN %(text)s ~ %(formula)s THEN '''' || %(text)s ELSE %(text)s END", text=SQL(expression), formula=FORMULA_PATTERN)


def day(moment, pack):
    """Day of a moment where the company works."""
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", SQL(moment), pack._facts["zone"])


PRODUCT = SQL("%s AS product_code, %s AS product", text("product.default_code"), text("(template.name->>'en_US')"))
PLACE = SQL("%s AS location", text("location.complete_name"))
WAREHOUSE = SQL("%s AS warehouse", text("warehouse.code"))


def named(rows):
    """Joins of the product and the place of rows, whose names ``PRODUCT`` and ``PLACE`` are."""
    return SQL(
        "JOIN product_product product ON product.id = %(product)s"
        " JOIN product_template template ON template.id = product.product_tmpl_id"
        " JOIN stock_location location ON location.id = %(place)s",
        product=SQL.identifier(rows, "product_id"), place=SQL.identifier(rows, "location_id"))


def lines_of(pack):
    """Lines of a period: counted in it, or drawn, or to be counted then and not counted yet."""
    return SQL(
        """
        SELECT line.* FROM stock_cycle_count_line line
          LEFT JOIN stock_cycle_count_draw draw ON draw.id = line.draw_id
         WHERE line.company_id = %(company)s
           AND (COALESCE(%(count_day)s, line.scheduled_date) BETWEEN %(first)s AND %(last)s
                OR draw.day BETWEEN %(first)s AND %(last)s)
        """, count_day=day("line.count_date", pack), **pack._facts)


@query(reads=(POSITION, PLAN, "stock.quant", "stock.move.line", "ir.property", *STOCK))
def population(pack):
    """All positions, with what the books showed on the last day: what they show now, less what moved since. Goods of others are
    worth nothing here.
    """
    return SQL(
        """
        WITH cost AS (%(cost)s),
        held AS (
            SELECT product_id, location_id, SUM(quantity) AS quantity, SUM(quantity) FILTER (WHERE %(others)s) AS others
              FROM stock_quant WHERE company_id = %(company)s OR company_id IS NULL GROUP BY 1, 2
        ),
        since AS (
            SELECT product_id, location_id, SUM(quantity) AS quantity, SUM(quantity) FILTER (WHERE %(others)s) AS others FROM (
                SELECT product_id, location_dest_id AS location_id, owner_id, quantity_product_uom AS quantity
                  FROM stock_move_line
                 WHERE state = 'done' AND company_id = %(company)s
                   AND %(done_day)s > %(last)s
                 UNION ALL
                SELECT product_id, location_id, owner_id, -quantity_product_uom FROM stock_move_line
                 WHERE state = 'done' AND company_id = %(company)s
                   AND %(done_day)s > %(last)s) moved
             GROUP BY 1, 2
        )
        SELECT position.id AS position_id, position.plan_id, %(plan)s AS plan, %(warehouse)s, %(place)s,
               position.product_id, %(product)s, %(class)s AS class, position.active,
               position.since_date, position.last_count_date, position.due_date, position.deadline_date,
               COALESCE(held.quantity, 0) AS quantity_now, COALESCE(since.quantity, 0) AS moved_since,
               COALESCE(held.quantity, 0) - COALESCE(since.quantity, 0) AS quantity,
               COALESCE(held.others, 0) - COALESCE(since.others, 0) AS quantity_of_others, cost.cost AS unit_cost,
               ROUND(((COALESCE(held.quantity, 0) - COALESCE(held.others, 0) - COALESCE(since.quantity, 0)
                       + COALESCE(since.others, 0)) * cost.cost)::numeric, %(digits)s) AS value
          FROM stock_cycle_count_position position
          %(names)s
          LEFT JOIN stock_warehouse warehouse ON warehouse.id = position.warehouse_id
          LEFT JOIN stock_cycle_count_plan plan ON plan.id = position.plan_id
          LEFT JOIN stock_abc_class class ON class.id = position.abc_class_id
          LEFT JOIN held ON held.product_id = position.product_id AND held.location_id = position.location_id
          LEFT JOIN since ON since.product_id = position.product_id AND since.location_id = position.location_id
          LEFT JOIN cost ON cost.product_id = position.product_id
         WHERE position.company_id = %(company)s
         ORDER BY position.id
        """, names=named("position"), plan=text("plan.name"), product=PRODUCT, place=PLACE, warehouse=WAREHOUSE,
        done_day=day("COALESCE(cycle_count_done_date, date)", pack), **{"class": text("class.name")}, **pack._facts)


@query(reads=(POSITION, "stock.quant", "ir.property", *STOCK))
def unplanned(pack):
    """Stock of today in own places that no plan counts: excluded, or of no plan's location."""
    return SQL(
        """
        WITH cost AS (%(cost)s)
        SELECT quant.product_id, %(product)s, %(place)s, SUM(quant.quantity) AS quantity, %(warehouse)s,
               ROUND(COALESCE(SUM(quant.quantity * cost.cost) FILTER (WHERE (%(others)s) IS NOT TRUE), 0)::numeric, %(digits)s)
               AS value
          FROM stock_quant quant
          %(names)s
          LEFT JOIN stock_warehouse warehouse ON warehouse.id = location.warehouse_id
          LEFT JOIN cost ON cost.product_id = quant.product_id
         WHERE location.usage IN ('internal', 'transit')
           AND quant.company_id = %(company)s AND quant.quantity <> 0 AND NOT EXISTS (
            SELECT 1 FROM stock_cycle_count_position position
             WHERE position.active AND position.product_id = quant.product_id AND position.location_id = quant.location_id
               AND position.company_id = %(company)s)
         GROUP BY 1, 2, 3, 4, warehouse.code ORDER BY 4, 1
        """, names=named("quant"), product=PRODUCT, place=PLACE, warehouse=WAREHOUSE, **pack._facts)


def _counted(pack):
    """Lines of a period that counted stock of a position: to the end, or at random; opening stock and held moves did not."""
    return SQL(
        """
        SELECT line.position_id, line.draw_id, line.state, %(count_day)s AS day, line.is_hit,
               COALESCE(line.variance_value, 0) AS value,
               draw.kind = 'position' AND draw.day BETWEEN %(first)s AND %(last)s AND %(answered)s AS is_random
          FROM (%(lines)s) line
          JOIN stock_cycle_count sheet ON sheet.id = line.count_id AND sheet.origin <> 'held_move'
          %(drawn)s
         WHERE %(is_result)s AND line.is_opening IS NOT TRUE AND line.position_id IS NOT NULL
        """, lines=lines_of(pack), drawn=DRAWN, answered=is_answered(), is_result=IS_RESULT,
        count_day=day("line.count_date", pack), **pack._facts)


@query(reads=(POSITION, PLAN, LINE, SHEET, DRAW, "stock.quant", "stock.move.line", "ir.property", "resource.calendar", *STOCK))
def strata(pack):
    """What the statement rests on, by warehouse: the most valuable positions, which hold a part of the value, apart from the
    others by plan and class. Of each: positions, value on the last day; how many were counted in the period, what they are
    worth, what their last counts found, and what of it is in the books; random counts, those that were right, what they found,
    and its squares.
    """
    return SQL(
        """
        WITH ranked AS (
            SELECT one.*, SUM(GREATEST(one.worth, 0)) OVER (
                       PARTITION BY one.warehouse ORDER BY one.worth DESC, one.position_id) - one.worth AS above,
                   SUM(GREATEST(one.worth, 0)) OVER (PARTITION BY one.warehouse) AS whole
              FROM (
                SELECT position_id, warehouse, plan_id, plan, class, COALESCE(value, 0) AS worth FROM (%(population)s) known
                 WHERE active) one
        ),
        place AS (
            SELECT ranked.*, worth > 0 AND above < %(top)s * whole AS is_top FROM ranked
        ),
        counted AS MATERIALIZED (%(counted)s),
        last AS (
            SELECT position_id, SUM(value) AS found, COALESCE(SUM(value) FILTER (WHERE state = 'posted'), 0) AS corrected
              FROM (SELECT counted.*, MAX(day) OVER (PARTITION BY position_id) AS last_day FROM counted
                     WHERE state IN ('posted', 'rejected') AND day BETWEEN %(first)s AND %(last)s) dated
             WHERE day = last_day
             GROUP BY position_id
        ),
        random AS (
            SELECT position_id, COUNT(*) AS number, SUM(hit) AS hits, SUM(value) AS total, SUM(value * value) AS squares
              FROM (SELECT position_id, MIN(is_hit::int) AS hit, SUM(value) AS value FROM counted
                     WHERE is_random GROUP BY position_id, draw_id) unit
             GROUP BY position_id
        )
        SELECT place.warehouse, place.is_top, CASE WHEN NOT is_top THEN plan_id END AS plan_id,
               CASE WHEN NOT is_top THEN plan END AS plan, CASE WHEN NOT is_top THEN class END AS class,
               COUNT(*) AS positions, SUM(worth) AS value, COUNT(last.position_id) AS counted,
               COALESCE(SUM(worth) FILTER (WHERE last.position_id IS NOT NULL), 0) AS counted_value,
               ROUND(COALESCE(SUM(found), 0)::numeric, 2) AS found, ROUND(COALESCE(SUM(corrected), 0)::numeric, 2) AS corrected,
               COALESCE(SUM(random.number), 0)::int AS random_counts, COALESCE(SUM(hits), 0)::int AS right_counts,
               ROUND(COALESCE(SUM(total), 0)::numeric, 2) AS random_found,
               ROUND(COALESCE(SUM(squares), 0)::numeric, 4) AS random_squares
          FROM place
          LEFT JOIN last USING (position_id)
          LEFT JOIN random USING (position_id)
         GROUP BY 1, 2, 3, 4, 5
         ORDER BY 1, 2 DESC, 3, 5
        """, population=population(pack).sql, counted=_counted(pack), top=TOP, first=pack._facts["first"],
        last=pack._facts["last"])


@query(reads=(POSITION, "stock.quant", "ir.property", *STOCK))
def unplanned_values(pack):
    """Value of the stock of today that no plan counts, by warehouse: ``code, value``."""
    return SQL("SELECT warehouse, SUM(value) FROM (%s) one GROUP BY 1", unplanned(pack).sql)
