"""Statements of events that ask for a count."""
from odoo.tools import SQL

from ..tools import risk
from . import arrays
from .statement import query

EVENT = "stock.cycle.count.event"
POSITION = "stock.cycle.count.position"
PLAN = "stock.cycle.count.plan"
RISK = "stock.cycle.count.risk"
LINE = "stock.cycle.count.line"
#: Repeat offenders are counted once in so many days, as long as they are.
OFFENDER_DAYS = 30
#: Whoever picked is asked for so many days.
ASKED_DAYS = 1


@query(
    reads={
        POSITION: ("product_id", "location_id", "company_id", "active", "plan_id"),
        PLAN: ("ranking", "event_short", "event_negative", "event_zero", "event_asked", "event_low", "low_quantity",
               "event_share", "daily_capacity", "calendar_id"),
        EVENT: (), LINE: ("product_id", "location_id", "state"), "resource.calendar": ("tz",),
        "stock.quant": ("product_id", "location_id", "quantity", "reserved_quantity"),
        "stock.move.line": ("product_id", "location_id", "state", "picking_id", "quantity_product_uom"),
        "stock.picking": ("backorder_id",), "stock.move": ("picking_id",)},
    writes=(EVENT,))
def notice(columns, now, asked_user_id, open_states):
    """Note what moves say of the places that they took from, each once while it waits. Where transfers took the last, somebody is
    asked: of no more places a day of the plan than the share of events, and of none that stands on an open sheet. Who takes the
    last again is asked instead of whoever took it before.

    A pick that got less than it was asked for counts where the books still show what is missing: free, or reserved by its
    own backorder, be it in a place from which nothing was taken.

    :param columns: sequences of equal length: move, company, product, location, missing quantity
    :param asked_user_id: who is asked, if anybody may be
    """
    return SQL(
        """
        WITH given AS MATERIALIZED (
            SELECT * FROM unnest(
                %(move)s::int[], %(company)s::int[], %(product)s::int[], %(location)s::int[], %(missing)s::float8[])
                AS given (move_id, company_id, product_id, location_id, missing)
        ),
        rest AS MATERIALIZED (
            SELECT short.move_id, short.company_id, short.product_id, short.missing, line.location_id,
                   SUM(line.quantity_product_uom) AS quantity
              FROM (SELECT DISTINCT move_id, company_id, product_id, missing FROM given WHERE missing > 0) short
              JOIN stock_move move ON move.id = short.move_id
              JOIN stock_picking backorder ON backorder.backorder_id = move.picking_id
              JOIN stock_move_line line ON line.picking_id = backorder.id AND line.state NOT IN ('done', 'cancel')
               AND line.product_id = short.product_id
             GROUP BY 1, 2, 3, 4, 5
        ),
        happened AS (
            SELECT DISTINCT ON (position.id, kind.name)
                   position.id, position.company_id, position.plan_id, kind.name, touched.move_id, day.start,
                   FLOOR(plan.event_share * plan.daily_capacity * (day.number + 1) / 100.0)
                   - FLOOR(plan.event_share * plan.daily_capacity * day.number / 100.0) AS share
              FROM (SELECT *, TRUE AS is_taken FROM given
                     UNION ALL SELECT move_id, company_id, product_id, location_id, missing, FALSE FROM rest) touched
              JOIN stock_cycle_count_position position ON position.product_id = touched.product_id
                   AND position.location_id = touched.location_id AND position.company_id = touched.company_id AND position.active
              JOIN stock_cycle_count_plan plan ON plan.id = position.plan_id AND plan.ranking <> 'none'
              LEFT JOIN resource_calendar calendar ON calendar.id = plan.calendar_id
             CROSS JOIN LATERAL (
                SELECT COALESCE(SUM(quant.quantity), 0) AS quantity,
                       COALESCE(SUM(quant.quantity - quant.reserved_quantity), 0) AS free,
                       COUNT(*) FILTER (WHERE ABS(quant.quantity) > 1e-9) AS stocks
                  FROM stock_quant quant
                 WHERE quant.product_id = touched.product_id AND quant.location_id = touched.location_id
             ) book
              LEFT JOIN rest ON rest.move_id = touched.move_id AND rest.location_id = touched.location_id
             CROSS JOIN LATERAL (SELECT COALESCE(calendar.tz, 'UTC') AS name) zone
             CROSS JOIN LATERAL (
                SELECT date_trunc('day', %(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE zone.name) AS midnight) local
             CROSS JOIN LATERAL (
                SELECT (local.midnight::date - DATE '0001-01-01' + 1)::bigint AS number,
                       local.midnight AT TIME ZONE zone.name AT TIME ZONE 'UTC' AS start) day
             CROSS JOIN LATERAL (VALUES
                ('short', plan.event_short AND touched.missing > 0
                          AND book.free + COALESCE(rest.quantity, 0) >= touched.missing - 1e-9),
                ('negative', plan.event_negative AND touched.is_taken AND book.quantity < -1e-9),
                ('zero', plan.event_zero AND touched.is_taken AND ABS(book.quantity) <= 1e-9),
                ('low', plan.event_low AND touched.is_taken AND book.quantity > 1e-9 AND book.quantity <= plan.low_quantity),
                ('asked', plan.event_asked AND touched.is_taken AND book.stocks = 0 AND %(asked)s::int IS NOT NULL
                          AND EXISTS (SELECT 1 FROM stock_move move
                                       WHERE move.id = touched.move_id AND move.picking_id IS NOT NULL)
                          AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_line line
                                           WHERE line.product_id = touched.product_id AND line.location_id = touched.location_id
                                             AND line.state IN %(open)s))
             ) kind (name, happens)
             WHERE kind.happens
             ORDER BY position.id, kind.name, touched.move_id
        )
        INSERT INTO stock_cycle_count_event (position_id, company_id, kind, date, move_id, state, user_id)
        SELECT id, company_id, name, %(now)s, move_id, 'waiting', CASE WHEN name = 'asked' THEN %(asked)s::int END
          FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY plan_id, name ORDER BY id) AS place FROM happened) one
         WHERE name <> 'asked' OR place <= share - (
            SELECT COUNT(*) FROM stock_cycle_count_event asked
              JOIN stock_cycle_count_position position ON position.id = asked.position_id AND position.plan_id = one.plan_id
             WHERE asked.kind = 'asked' AND asked.date >= one.start)
         ORDER BY id, name
            ON CONFLICT (position_id, kind) WHERE state = 'waiting' DO UPDATE
               SET date = EXCLUDED.date, move_id = EXCLUDED.move_id, user_id = EXCLUDED.user_id
             WHERE stock_cycle_count_event.kind = 'asked'
        """, now=now, asked=asked_user_id, open=tuple(open_states), **dict(
            zip(("move", "company", "product", "location", "missing"), map(arrays.literal, columns))))


@query(reads=(EVENT,), writes=(EVENT,))
def notice_left(question_id, now):
    """Note that a picker found something where nothing was to be left."""
    return SQL(
        """
        INSERT INTO stock_cycle_count_event (position_id, company_id, kind, date, move_id, state, user_id)
        SELECT position_id, company_id, 'left', %s, move_id, 'waiting', user_id FROM stock_cycle_count_event WHERE id = %s
            ON CONFLICT (position_id, kind) WHERE state = 'waiting' DO NOTHING
        """, now, question_id)


@query(reads=(POSITION, PLAN, RISK, LINE), writes=(EVENT,))
def notice_counts(plan, now):
    """Note what counts say: positions that keep erring, and, of what was found where the books had none, the other places."""
    return SQL(
        """
        INSERT INTO stock_cycle_count_event (position_id, company_id, kind, date, state)
        SELECT risk.id, risk.company_id, kind.name, %(now)s, 'waiting'
          FROM stock_cycle_count_risk risk
          JOIN stock_cycle_count_plan plan ON plan.id = risk.plan_id
          JOIN stock_cycle_count_position position ON position.id = risk.id
         CROSS JOIN LATERAL (VALUES
            ('offender', plan.event_offender AND risk.offender_chance >= %(chance)s AND risk.days_since >= %(days)s),
            ('found', plan.event_found AND EXISTS (
                SELECT 1 FROM stock_cycle_count_line line
                 WHERE line.product_id = risk.product_id AND line.company_id = risk.company_id
                   AND line.location_id <> risk.location_id AND line.state = 'posted' AND line.is_found
                   AND line.variance_qty > 0
                   AND line.post_date > GREATEST(%(now)s::timestamp - INTERVAL '7 days', position.last_count_date)))
         ) kind (name, happens)
         WHERE risk.plan_id = %(plan)s AND kind.happens
         ORDER BY risk.id, kind.name
            ON CONFLICT (position_id, kind) WHERE state = 'waiting' DO NOTHING
        """, plan=plan.id, now=now, chance=risk.OFFENDER_CHANCE, days=OFFENDER_DAYS)


@query(reads=(POSITION, LINE), writes={EVENT: ("state", "end_date")})
def reopen(plan, now, open_states):
    """Let events wait again whose sheet was cancelled before anybody counted there."""
    return SQL(
        """
        UPDATE stock_cycle_count_event SET state = 'waiting', end_date = NULL
         WHERE id IN (
            SELECT DISTINCT ON (event.position_id, event.kind) event.id
              FROM stock_cycle_count_event event
              JOIN stock_cycle_count_position position ON position.id = event.position_id AND position.plan_id = %(plan)s
             WHERE event.state = 'used' AND event.kind <> 'asked'
               AND event.end_date > %(now)s::timestamp - make_interval(days => %(days)s)
               AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_line line
                                WHERE line.position_id = event.position_id AND (
                                    line.state IN %(open)s OR line.state <> 'cancel' AND line.count_date >= event.date))
               AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_event waiting
                                WHERE waiting.position_id = event.position_id AND waiting.kind = event.kind
                                  AND waiting.state = 'waiting')
             ORDER BY event.position_id, event.kind, event.id DESC)
        """, plan=plan.id, now=now, open=tuple(open_states), days=OFFENDER_DAYS)


@query(reads=(POSITION, PLAN, RISK), writes=(EVENT,))
def retire(plan, now):
    """Let go of events that no longer hold: what was counted since, is no longer so, rests, or is not listened to."""
    return SQL(
        """
        UPDATE stock_cycle_count_event event SET state = 'stale', end_date = %(now)s
          FROM stock_cycle_count_position position
          LEFT JOIN stock_cycle_count_risk risk ON risk.id = position.id
          LEFT JOIN stock_cycle_count_plan plan ON plan.id = position.plan_id
         WHERE event.state = 'waiting' AND position.id = event.position_id
           AND (position.plan_id = %(plan)s OR position.plan_id IS NULL)
           AND (NOT position.active OR plan.id IS NULL OR plan.ranking = 'none' OR position.last_count_date >= event.date
                OR event.kind = 'short' AND NOT plan.event_short
                OR event.kind = 'negative' AND (NOT plan.event_negative OR risk.on_hand > -1e-9)
                OR event.kind = 'offender' AND (NOT plan.event_offender OR risk.offender_chance < %(chance)s)
                OR event.kind = 'found' AND NOT plan.event_found
                OR event.kind = 'zero' AND (NOT plan.event_zero OR ABS(risk.on_hand) > 1e-9)
                OR event.kind = 'left' AND NOT plan.event_asked
                OR event.kind = 'asked' AND (NOT plan.event_asked OR ABS(risk.on_hand) > 1e-9
                                             OR event.date < %(now)s::timestamp - make_interval(days => %(asked)s))
                OR event.kind = 'low' AND (NOT plan.event_low OR risk.on_hand > plan.low_quantity))
        """, plan=plan.id, now=now, chance=risk.OFFENDER_CHANCE, asked=ASKED_DAYS)


@query(reads=(POSITION, EVENT, LINE))
def waiting(plan, kinds, open_states, limit):
    """Events that wait at positions of a plan, one a position, in the order of these kinds and then of their age: ``id``."""
    return SQL(
        """
        SELECT event.id
          FROM (
            SELECT DISTINCT ON (event.position_id) event.id, event.date, array_position(%(kinds)s::varchar[], event.kind) AS rank
              FROM stock_cycle_count_event event
              JOIN stock_cycle_count_position position ON position.id = event.position_id AND position.plan_id = %(plan)s
             WHERE event.state = 'waiting' AND event.kind = ANY(%(kinds)s::varchar[])
               AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_line line
                                WHERE line.position_id = event.position_id AND line.state IN %(open)s)
             ORDER BY event.position_id, array_position(%(kinds)s::varchar[], event.kind), event.date, event.id
          ) event
         ORDER BY event.rank, event.date, event.id
         LIMIT %(limit)s
        """, plan=plan.id, kinds=list(kinds), open=tuple(open_states), limit=limit)


@query(writes={EVENT: ("state", "end_date")})
def take(position_ids, now):
    """Let sheets take what waits at positions."""
    return SQL(
        """
        UPDATE stock_cycle_count_event SET state = 'used', end_date = %s WHERE state = 'waiting' AND position_id = ANY(%s)
        """, now, position_ids)


@query(reads=(POSITION, EVENT))
def outcomes(plan_ids, since):
    """What became of events of plans that wait, or ended since a moment: ``plan_id, state, number``."""
    return SQL(
        """
        SELECT position.plan_id, event.state, COUNT(*)
          FROM stock_cycle_count_event event
          JOIN stock_cycle_count_position position ON position.id = event.position_id
         WHERE position.plan_id = ANY(%s) AND event.kind <> 'asked' AND (event.state = 'waiting' OR event.end_date >= %s)
         GROUP BY position.plan_id, event.state
        """, plan_ids, since)
