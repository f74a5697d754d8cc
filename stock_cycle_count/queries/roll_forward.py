"""Statements on counts and what moved since: the last counts rolled forward, and auditors' own. Days are those of the company,
moments those of UTC.
"""
from odoo.tools import SQL

from .audit_books import DRAW, LINE, PLACE, PRODUCT, SHEET, STOCK, day, lines_of, named, text
from .statement import query

AUDIT, TRANSFER, MOVE, MOVE_LINE = (
    "stock.cycle.count.audit.count", "stock.cycle.count.transfer", "stock.move", "stock.move.line")


def _end(pack):
    """When the last day of a pack ends, as the database tells the time."""
    return SQL("((%s::date + 1)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')", pack._facts["last"], pack._facts["zone"])


def _moved(company_id, since, end, product_id=None):
    """What moved into places and out of them between two moments: stock key, moment, quantity with its sign, and the count
    lines that it was posted for.

    :param product_id: of one product alone
    """
    return SQL(
        """
        SELECT item.product_id, side.location_id, item.lot_id, side.package_id, item.owner_id,
               COALESCE(item.cycle_count_done_date, item.date) AS moment, side.sign * item.quantity_product_uom AS quantity,
               ARRAY[move.cycle_count_line_id, transfer.target_line_id, transfer.source_line_id] AS posted_ids
          FROM stock_move_line item
          JOIN stock_move move ON move.id = item.move_id
          LEFT JOIN stock_cycle_count_transfer transfer ON transfer.id = move.cycle_count_transfer_id
         CROSS JOIN LATERAL (VALUES (item.location_id, item.package_id, -1),
                                    (item.location_dest_id, item.result_package_id, 1)) side (location_id, package_id, sign)
         WHERE item.state = 'done' AND item.company_id = %(company)s %(product)s
           AND COALESCE(item.cycle_count_done_date, item.date) > %(since)s
           AND COALESCE(item.cycle_count_done_date, item.date) < %(end)s
        """, company=company_id, since=since, end=end,
        product=SQL("AND item.product_id = %s", product_id) if product_id else SQL())


def _same_key(one, other):
    """Whether two rows are of one lot, package and owner."""
    return SQL(" AND ").join(
        SQL("%s IS NOT DISTINCT FROM %s", SQL.identifier(one, name), SQL.identifier(other, name))
        for name in ("lot_id", "package_id", "owner_id"))


@query(reads=(LINE, SHEET, MOVE, MOVE_LINE, TRANSFER))
def last_count(company_id, product_id, location_id, end):
    """What the last counts of all that lies in a place say that is there now, whatever the books show: one row of their
    quantity, when the last of them was, and what moved since, without what they posted themselves.
    """
    return SQL(
        """
        WITH counted AS (
            SELECT DISTINCT ON (line.lot_id, line.package_id, line.owner_id)
                   line.id, line.lot_id, line.package_id, line.owner_id, line.count_date, line.counted_qty
              FROM stock_cycle_count_line line
              JOIN stock_cycle_count sheet ON sheet.id = line.count_id AND sheet.origin <> 'held_move'
             WHERE line.company_id = %(company)s AND line.product_id = %(product)s AND line.location_id = %(location)s
               AND line.state IN ('posted', 'rejected') AND line.is_opening IS NOT TRUE
             ORDER BY line.lot_id, line.package_id, line.owner_id, line.count_date DESC, line.id DESC
        ),
        newest AS (SELECT MAX(count_date) AS count_date, SUM(counted_qty) AS quantity FROM counted)
        SELECT newest.quantity, newest.count_date, (
            SELECT SUM(moved.quantity)
              FROM (%(moved)s) moved LEFT JOIN counted ON %(same)s
             WHERE moved.location_id = %(location)s AND moved.moment > COALESCE(counted.count_date, newest.count_date)
               AND NOT moved.posted_ids @> ARRAY[counted.id])
          FROM newest
        """, company=company_id, product=product_id, location=location_id, same=_same_key("moved", "counted"),
        moved=_moved(company_id, SQL("(SELECT MIN(count_date) FROM counted)"), end, product_id))


@query(reads=(LINE, SHEET, DRAW, AUDIT, MOVE, MOVE_LINE, TRANSFER, "stock.quant", *STOCK))
def roll_forward(pack):
    """The last counts of the period, of warehouse and auditors, rolled forward to its last day: what was counted, and what
    moved since without what that count posted, beside what the books showed then. What is left stands in the last column.
    """
    return SQL(
        """
        WITH counted AS MATERIALIZED (
            SELECT 'count' AS source, id, id AS line_id, product_id, location_id, lot_id, package_id, owner_id, state, count_date,
                   counted_qty
              FROM (
                SELECT DISTINCT ON (line.product_id, line.location_id, line.lot_id, line.package_id, line.owner_id) line.*
                  FROM (%(lines)s) line
                  JOIN stock_cycle_count sheet ON sheet.id = line.count_id AND sheet.origin <> 'held_move'
                 WHERE line.state IN ('posted', 'rejected') AND line.is_opening IS NOT TRUE
                   AND %(count_day)s BETWEEN %(first)s AND %(last)s
                 ORDER BY line.product_id, line.location_id, line.lot_id, line.package_id, line.owner_id, line.count_date DESC,
                          line.id DESC) last
             UNION ALL
            SELECT 'auditor', id, NULL, product_id, location_id, NULL, NULL, NULL, state, count_date, counted_qty
              FROM stock_cycle_count_audit_count
             WHERE company_id = %(company)s AND %(count_day)s BETWEEN %(first)s AND %(last)s
        ),
        moved AS MATERIALIZED (%(moved)s),
        later AS MATERIALIZED (%(later)s),
        rolled AS (
            SELECT counted.source, counted.id, SUM(moved.quantity) AS quantity
              FROM counted
              JOIN moved ON moved.product_id = counted.product_id AND moved.location_id = counted.location_id
               AND moved.moment > counted.count_date AND (counted.source = 'auditor' OR (
                   %(same_moved)s AND NOT moved.posted_ids @> ARRAY[counted.line_id]))
             GROUP BY 1, 2
        ),
        held AS (
            SELECT counted.source, counted.id, SUM(books.quantity) AS quantity
              FROM counted
              JOIN (SELECT product_id, location_id, lot_id, package_id, owner_id, quantity FROM stock_quant
                     WHERE company_id = %(company)s
                     UNION ALL
                    SELECT product_id, location_id, lot_id, package_id, owner_id, -quantity FROM later) books
                ON books.product_id = counted.product_id AND books.location_id = counted.location_id
               AND (counted.source = 'auditor' OR (%(same_books)s))
             GROUP BY 1, 2
        )
        SELECT counted.source, counted.id, counted.product_id, %(product)s, %(place)s, counted.lot_id,
               counted.package_id, counted.owner_id, counted.state, counted.count_date, counted.counted_qty,
               COALESCE(rolled.quantity, 0) AS moved_since,
               counted.counted_qty + COALESCE(rolled.quantity, 0) AS rolled_qty, COALESCE(held.quantity, 0) AS book_qty,
               ROUND((counted.counted_qty + COALESCE(rolled.quantity, 0) - COALESCE(held.quantity, 0))::numeric, 6) AS rest
          FROM counted
          %(names)s
          LEFT JOIN rolled ON rolled.source = counted.source AND rolled.id = counted.id
          LEFT JOIN held ON held.source = counted.source AND held.id = counted.id
         ORDER BY counted.source, counted.id
        """, lines=lines_of(pack), names=named("counted"), product=PRODUCT, place=PLACE, same_moved=_same_key("moved", "counted"),
        same_books=_same_key("books", "counted"),
        moved=_moved(pack._facts["company"], SQL("(SELECT MIN(count_date) FROM counted)"), _end(pack)),
        later=_moved(pack._facts["company"], SQL("%s - INTERVAL '1 microsecond'", _end(pack)), SQL("'infinity'")),
        count_day=day("count_date", pack), **pack._facts)


@query(reads=(AUDIT, *STOCK))
def auditor_counts(pack):
    """What auditors counted themselves, or are to, with what the books and the last count said at that moment."""
    return SQL(
        """
        SELECT test.id, test.position_id, test.product_id, %(product)s, %(place)s, test.selection,
               test.seed, test.frame_size, test.frame_hash, test.make_date, test.make_user_id, test.state, test.count_date,
               test.count_user_id, test.counted_qty, test.book_qty, test.book_difference_qty, test.unit_cost,
               test.difference_value, test.last_count_date, test.last_counted_qty, test.moved_qty, test.last_difference_qty,
               test.request_date, %(note)s AS note
          FROM stock_cycle_count_audit_count test
          %(names)s
         WHERE test.company_id = %(company)s
           AND %(test_day)s BETWEEN %(first)s AND %(last)s
         ORDER BY test.id
        """, names=named("test"), product=PRODUCT, place=PLACE, note=text("test.note"),
        test_day=day("COALESCE(test.count_date, test.make_date)", pack), **pack._facts)
