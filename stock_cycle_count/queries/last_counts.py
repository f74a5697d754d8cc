"""Statements about when positions were counted last: what core counted, and what was counted just now."""
from odoo.tools import SQL

from . import arrays
from .schedule import ASKED_LATER, DATES, LAST_COUNT, POSITION, SET_DATES
from .statement import query

COUNTED = ("last_count_date", "manual_date", "manual_user_id", "manual_set_date", "write_uid", "write_date")


def of_recent_moves(since):
    """Condition of ``counts_by_core``: moves written since; none when no date is given, as before a first schedule."""
    return SQL("move.write_date >= %s", since) if since else SQL("FALSE")


def of_new_positions(plan, scope):
    """Condition of ``counts_by_core``: products of positions that the plan does not govern yet, in all their history."""
    return SQL(
        """
        line.product_id IN (
            SELECT product_id FROM stock_cycle_count_position
             WHERE location_id = ANY(%s) AND company_id = %s AND plan_id IS DISTINCT FROM %s)
        """, scope, plan.company_id.id, plan.id)


def counts_by_core(scope, which=SQL("TRUE")):
    """Counts that core made: done moves between a location and the inventory loss, differences of 0 included. Those of a
    count line count as of the day on which it was counted, and those of opening stock, which nobody counted, not at all.

    Gives ``location_id, product_id, date`` of the last one.

    :param which: SQL condition on ``move`` and ``line``
    """
    return SQL(
        """
        SELECT touched.location_id, line.product_id, MAX(COALESCE(counted.count_date, line.date)) AS date
          FROM stock_move move
          JOIN stock_move_line line ON line.move_id = move.id AND line.state = 'done'
          LEFT JOIN stock_cycle_count_line counted ON counted.id = move.cycle_count_line_id
          JOIN stock_location source ON source.id = line.location_id
          JOIN stock_location destination ON destination.id = line.location_dest_id
          JOIN LATERAL (VALUES (line.location_id), (line.location_dest_id)) touched (location_id) ON TRUE
         WHERE move.is_inventory AND %(which)s AND counted.is_opening IS NOT TRUE
           AND (source.usage = 'inventory') <> (destination.usage = 'inventory')
           AND touched.location_id = ANY(%(scope)s)
         GROUP BY touched.location_id, line.product_id
        """, which=which, scope=scope)


@query(reads=("stock.move", "stock.move.line", "stock.location", "stock.cycle.count.line"))
def last_counts(scope):
    """Counts that core made in a scope; see ``counts_by_core``."""
    return counts_by_core(scope)


@query(reads=("stock.move", "stock.move.line", "stock.location", "stock.cycle.count.line"), writes=(POSITION,))
def update_last_counts(plan, scope, which):
    """Note on positions the counts that core made; see ``counts_by_core``."""
    return SQL(
        """
        UPDATE stock_cycle_count_position position
           SET last_count_date = counted.date
          FROM (%(counted)s) counted
         WHERE position.location_id = counted.location_id AND position.product_id = counted.product_id
           AND position.company_id = %(company)s
           AND (position.last_count_date IS NULL OR position.last_count_date < counted.date)
        """,
        counted=counts_by_core(scope, which), company=plan.company_id.id)


def _set_counted(uid):
    """What a count of a position changes on it besides its dates."""
    return SQL(
        """
        last_count_date = %(last)s,
        manual_date = CASE WHEN %(asked_later)s THEN position.manual_date END,
        manual_user_id = CASE WHEN %(asked_later)s THEN position.manual_user_id END,
        manual_set_date = CASE WHEN %(asked_later)s THEN position.manual_set_date END,
        write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
        """, last=LAST_COUNT, asked_later=ASKED_LATER, uid=uid)


@query(writes={POSITION: COUNTED})
def write_counts(uid, ids, moments):
    """Note when positions were counted."""
    return SQL(
        """
        UPDATE stock_cycle_count_position position SET %s
          FROM unnest(%s::int[], %s::timestamp[]) AS fresh (id, moment)
         WHERE position.id = fresh.id
        """, _set_counted(uid), arrays.literal(ids), arrays.literal(moments))


@query(writes={POSITION: (*COUNTED, *DATES, "is_late")})
def write_dated_counts(uid, columns):
    """Note when positions were counted, with the dates that follow, so that each row is written once.

    :param columns: sequences of equal length: id, moment, interval, due date, due reason, deadline, scheduled date
    """
    return SQL(
        """
        UPDATE stock_cycle_count_position position
           SET %s, %s
          FROM unnest(%s::int[], %s::timestamp[], %s::int[], %s::date[], %s::varchar[], %s::date[], %s::date[])
               AS fresh (id, moment, interval_days, due_date, due_reason, deadline_date, scheduled_date)
         WHERE position.id = fresh.id
        """, _set_counted(uid), SET_DATES, *map(arrays.literal, columns))
