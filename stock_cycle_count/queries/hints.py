"""Statements of hints: what is too odd to be chance, and what became of it. Each looks at one company, all at once."""
from odoo.tools import SQL

from ..tools import anomalies
from . import answers
from .statement import query

LINE = "stock.cycle.count.line"
HINT = "stock.cycle.count.hint"
RESULTS = (LINE, "stock.cycle.count", "stock.cycle.count.reason", "stock.location")
#: A hint shows so many count lines, the newest.
LISTED = 200
#: Two differences that make up for each other are at most so many days apart; one of a size that is found oftener is none.
PAIR_DAYS, PAIR_LOOKED, MOST_OF_A_SIZE = 30, 90, 3
#: Weeks of losses that are looked at, and weeks after an alarm that say whether it was right.
WEEKS, WEEKS_AFTER = 104, 4
#: Counts after which it can be told whether somebody rounds still.
LATER_COUNTS = 20


def _differences(company_id, since):
    """Differences of a company that were posted: what stands in another place is none."""
    return SQL(
        """
        SELECT line.id, line.product_id, line.location_id, line.lot_id, line.position_id, line.count_date AS date,
               line.adjustment_qty AS quantity, line.adjustment_value AS value, line.verdict, reason.root_cause
          FROM stock_cycle_count_line line
          LEFT JOIN stock_cycle_count_reason reason ON reason.id = line.reason_id
         WHERE line.company_id = %s AND line.state = 'posted' AND line.is_opening IS NOT TRUE
           AND ABS(line.adjustment_qty) > 1e-9 AND line.count_date >= %s
        """, company_id, since)


@query(reads=RESULTS)
def losses(company_id, since):
    """Differences of each product: ``product, number, losses, value lost, lines``, and the house's number, losses and usual
    value of what people decide on in columns behind them.
    """
    return SQL(
        """
        WITH difference AS (%(differences)s),
        house AS (
            SELECT COUNT(*) AS number, COUNT(*) FILTER (WHERE quantity < 0) AS losses,
                   COALESCE(PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY ABS(value)) FILTER (WHERE verdict = 'approval'), 0)
                       AS usual
              FROM difference
        )
        SELECT product_id, COUNT(*), COUNT(*) FILTER (WHERE quantity < 0),
               (-COALESCE(SUM(value) FILTER (WHERE quantity < 0), 0))::float,
               (ARRAY_AGG(id ORDER BY date DESC, id DESC))[1:%(listed)s],
               house.number, house.losses, house.usual::float
          FROM difference CROSS JOIN house
         GROUP BY product_id, house.number, house.losses, house.usual
         ORDER BY product_id
        """, differences=_differences(company_id, since), listed=LISTED)


@query(reads=(*RESULTS, "product.product", "product.template"))
def pairs(company_id, now):
    """Differences of a product, and lot, that make up for each other in two places:
    ``first line, second line, product, quantity, value, days between``; each line once, the nearest in time together.
    """
    return SQL(
        """
        WITH difference AS (
            SELECT one.*, COUNT(*) OVER (PARTITION BY one.product_id, ABS(one.quantity)) AS alike, template.tracking
              FROM (%(differences)s) one
              JOIN product_product product ON product.id = one.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
        ),
        pair AS (
            SELECT a.id AS first, b.id AS second, a.product_id, ABS(b.quantity) AS quantity, ABS(b.value) AS value,
                   b.date - a.date AS apart,
                   ROW_NUMBER() OVER (PARTITION BY b.id ORDER BY b.date - a.date, a.id) AS nearest,
                   ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.date - a.date, b.id) AS soonest
              FROM difference a
              JOIN difference b ON b.product_id = a.product_id AND b.lot_id IS NOT DISTINCT FROM a.lot_id
               AND b.location_id <> a.location_id AND ABS(a.quantity + b.quantity) < 1e-9
               AND (b.date, b.id) > (a.date, a.id) AND b.date <= a.date + %(apart)s * INTERVAL '1 day'
             WHERE b.date >= %(now)s::timestamp - %(apart)s * INTERVAL '1 day'
               AND a.alike <= %(most)s AND (ABS(a.quantity) >= 2 - 1e-9 OR a.tracking = 'serial')
               AND COALESCE(a.root_cause, '') <> 'misplaced' AND COALESCE(b.root_cause, '') <> 'misplaced'
        )
        SELECT first, second, product_id, quantity::float, value::float, EXTRACT(DAY FROM apart)::int
          FROM pair WHERE nearest = 1 AND soonest = 1
        """, apart=PAIR_DAYS, most=MOST_OF_A_SIZE, now=now, differences=_differences(
            company_id, SQL("%s::timestamp - %s * INTERVAL '1 day'", now, PAIR_LOOKED)))


def _countings(company_id, since):
    """Whole numbers of 20 and more that one person counted at first, no multiple of a pack:
    ``line, user, date, whether it ends with 0 or 5, whether the books did``.
    """
    return SQL(
        """
        SELECT line.id, line.counted_by_id AS user_id, line.count_date AS date,
               MOD(line.counted_qty::numeric, 5) = 0 AS is_round, MOD(line.expected_qty::numeric, 5) = 0 AS is_book_round
          FROM stock_cycle_count_line line
         WHERE line.company_id = %s AND line.round = 1 AND line.count_date >= %s AND line.counted_by_id IS NOT NULL
           AND line.state IN ('posted', 'rejected', 'to_approve', 'approved', 'counted')
           AND line.counted_qty >= 20 AND line.counted_qty = TRUNC(line.counted_qty)
           AND NOT EXISTS (
               SELECT 1 FROM product_packaging pack
                WHERE pack.product_id = line.product_id AND pack.qty > 1
                  AND MOD(line.counted_qty::numeric, pack.qty::numeric) = 0)
        """, company_id, since)


@query(reads=(LINE, "product.packaging"))
def habits(company_id, since):
    """What people counted: ``user, number, of them round, of the books round, lines``."""
    return SQL(
        """
        SELECT user_id, COUNT(*), COUNT(*) FILTER (WHERE is_round), COUNT(*) FILTER (WHERE is_book_round),
               (ARRAY_AGG(id ORDER BY date DESC, id DESC))[1:%(listed)s]
          FROM (%(countings)s) one GROUP BY user_id ORDER BY user_id
        """, countings=_countings(company_id, since), listed=LISTED)


@query(reads=("stock.cycle.count.position", "stock.quant", "stock.move", "stock.move.line", "stock.location"))
def silences(company_id, now):
    """Positions that have stock by the books, to and from which nothing went for long, and which nobody counted since:
    ``position, product, location, on hand, days on which something went, days of silence``. Where something is on its
    way there, or to a place above, none.
    """
    return SQL(
        """
        WITH moved AS (
            SELECT line.product_id, side.location_id, side.is_out, moment.date::date AS day, moment.date
              FROM stock_move_line line
              JOIN stock_move move ON move.id = line.move_id AND NOT COALESCE(move.is_inventory, FALSE)
             CROSS JOIN LATERAL (SELECT COALESCE(line.cycle_count_done_date, line.date) AS date) moment
             CROSS JOIN LATERAL (VALUES (line.location_id, TRUE), (line.location_dest_id, FALSE)) side (location_id, is_out)
             WHERE line.company_id = %(company)s AND line.state = 'done'
               AND moment.date >= %(now)s::timestamp - INTERVAL '730 days' AND line.location_id <> line.location_dest_id
        ),
        silent AS (
            SELECT position.id, position.product_id, position.location_id, MAX(moved.date) AS last
              FROM stock_cycle_count_position position
              JOIN moved ON moved.product_id = position.product_id AND moved.location_id = position.location_id
             WHERE position.company_id = %(company)s AND position.active
             GROUP BY position.id
            HAVING position.last_count_date IS NULL OR position.last_count_date <= MAX(moved.date)
        ),
        -- What stock there is, and what is on its way, is asked of those alone that may rest too long.
        resting AS MATERIALIZED (
            SELECT silent.id, silent.product_id, silent.location_id, silent.last, COUNT(DISTINCT moved.day) AS days
              FROM silent
              JOIN moved ON moved.product_id = silent.product_id AND moved.location_id = silent.location_id AND moved.is_out
               AND moved.date > silent.last - %(days)s * INTERVAL '1 day'
             GROUP BY silent.id, silent.product_id, silent.location_id, silent.last
            HAVING COUNT(DISTINCT moved.day) >= %(least)s
        )
        SELECT resting.id, resting.product_id, resting.location_id, held.quantity::float, resting.days,
               EXTRACT(EPOCH FROM %(now)s::timestamp - resting.last)::float / 86400
          FROM resting
          JOIN stock_location place ON place.id = resting.location_id
         CROSS JOIN LATERAL (
            SELECT SUM(quant.quantity) AS quantity FROM stock_quant quant
             WHERE quant.product_id = resting.product_id AND quant.location_id = resting.location_id
         ) held
         WHERE held.quantity > 1e-9
           AND NOT EXISTS (
               SELECT 1
                 FROM stock_move coming
                 JOIN stock_location target ON target.id = coming.location_dest_id
                WHERE coming.product_id = resting.product_id AND coming.company_id = %(company)s
                  AND coming.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
                  AND starts_with(place.parent_path, target.parent_path))
        """, company=company_id, now=now, days=anomalies.SILENCE_DAYS, least=anomalies.LEAST_MOVE_DAYS)


@query(reads=(LINE, "stock.cycle.count.risk"))
def odd(company_id, since, recent):
    """Differences since a moment that are many usual moves large, and among the largest of the house in value:
    ``line, product, location, quantity, value, usual move``; none where the house has few.
    """
    return SQL(
        """
        WITH difference AS (%(differences)s),
        house AS (
            SELECT COUNT(*) AS number, PERCENTILE_CONT(%(share)s) WITHIN GROUP (ORDER BY ABS(value)) AS large FROM difference
        )
        SELECT one.id, one.product_id, one.location_id, one.quantity::float, one.value::float, risk.usual_move::float
          FROM difference one
          JOIN stock_cycle_count_risk risk ON risk.id = one.position_id
          JOIN house ON house.number >= %(least)s AND ABS(one.value) >= house.large
         WHERE one.date >= %(recent)s AND ABS(one.quantity) > %(moves)s * risk.usual_move AND ABS(one.value) > 0
        """, differences=_differences(company_id, since), recent=recent, share=1 - anomalies.ODD_SHARE,
        least=anomalies.LEAST_ODD, moves=anomalies.ODD_MOVES)


@query(reads=RESULTS)
def weekly_losses(company_id, monday):
    """Unexplained losses of each warehouse by week, the oldest first: ``warehouse, [value a week]``; a week without any is 0.

    :param monday: when the present week began, which is not told
    """
    return SQL(
        """
        WITH loss AS (
            SELECT warehouse_id, FLOOR(EXTRACT(EPOCH FROM %(monday)s::timestamp - date) / 604800)::int AS ago, -SUM(net) AS value
              FROM (%(results)s) result
             WHERE company_id = %(company)s AND root_cause IN ('unknown', 'theft') AND warehouse_id IS NOT NULL
               AND date < %(monday)s AND date >= %(monday)s::timestamp - %(weeks)s * INTERVAL '7 days'
             GROUP BY 1, 2
        )
        SELECT house.warehouse_id, ARRAY_AGG(COALESCE(loss.value, 0)::float ORDER BY week.ago DESC)
          FROM (SELECT warehouse_id, MAX(ago) AS first FROM loss GROUP BY warehouse_id) house
         CROSS JOIN LATERAL generate_series(0, house.first) AS week (ago)
          LEFT JOIN loss ON loss.warehouse_id = house.warehouse_id AND loss.ago = week.ago
         GROUP BY house.warehouse_id
        """, results=answers.results(), company=company_id, monday=monday, weeks=WEEKS)


@query(reads=(HINT, *RESULTS, "product.packaging"))
def answers_to(company_id, now):
    """What was counted after hints that nobody answered yet: ``hint, whether it was right``; nothing of those of which nothing
    was counted since.

    Losses: the next difference of the product is one. Phantom stock: the next count of all that lies there finds less. An odd
    difference: the next count there takes half of it back at least. Rounding: later counts of that person are round more
    often than the books, and than chance. Losses on the rise: four weeks lose more than four usual ones. Of a pair nothing is
    counted.
    """
    return SQL(
        """
        WITH hint AS (
            SELECT * FROM stock_cycle_count_hint WHERE company_id = %(company)s AND verdict IS NULL
        )
        SELECT hint.id, next.quantity < 0
          FROM hint
         CROSS JOIN LATERAL (
            SELECT one.quantity FROM (%(differences)s) one
             WHERE one.product_id = hint.product_id AND one.date > hint.date ORDER BY one.date, one.id LIMIT 1
         ) next
         WHERE hint.kind = 'losses'
         UNION ALL
        SELECT hint.id, next.quantity < -1e-9
          FROM hint
         CROSS JOIN LATERAL (
            SELECT SUM(line.variance_qty) AS quantity FROM stock_cycle_count_line line
             WHERE line.position_id = hint.position_id AND line.state <> 'cancel'
             GROUP BY line.count_id HAVING BOOL_AND(line.state = 'posted' AND line.count_date > hint.date)
             ORDER BY MIN(line.count_date) LIMIT 1
         ) next
         WHERE hint.kind = 'phantom'
         UNION ALL
        SELECT hint.id, odd.variance_qty * next.variance_qty < 0 AND ABS(next.variance_qty) >= ABS(odd.variance_qty) / 2
          FROM hint
          JOIN stock_cycle_count_line odd ON odd.id = hint.line_id
         CROSS JOIN LATERAL (
            SELECT line.variance_qty FROM stock_cycle_count_line line
             WHERE line.product_id = odd.product_id AND line.location_id = odd.location_id
               AND line.lot_id IS NOT DISTINCT FROM odd.lot_id AND line.package_id IS NOT DISTINCT FROM odd.package_id
               AND line.owner_id IS NOT DISTINCT FROM odd.owner_id
               AND line.state = 'posted' AND line.count_date > hint.date
             ORDER BY line.count_date, line.id LIMIT 1
         ) next
         WHERE hint.kind = 'odd'
         UNION ALL
        SELECT hint.id, later.rounded::float / later.number > GREATEST(
                   (hint.facts->>'book')::float / (hint.facts->>'number')::float, %(chance)s)
          FROM hint
         CROSS JOIN LATERAL (
            SELECT COUNT(*) AS number, COUNT(*) FILTER (WHERE is_round) AS rounded
              FROM (%(countings)s) one WHERE one.user_id = hint.counter_id AND one.date > hint.date
         ) later
         WHERE hint.kind = 'rounding' AND later.number >= %(later)s
         UNION ALL
        SELECT hint.id, COALESCE(later.value, 0) > %(weeks)s * (hint.facts->>'usual')::float
          FROM hint
         CROSS JOIN LATERAL (
            SELECT -SUM(net) AS value FROM (%(results)s) result
             WHERE result.company_id = %(company)s AND result.warehouse_id = hint.warehouse_id
               AND result.root_cause IN ('unknown', 'theft') AND result.date >= hint.date
               AND result.date < hint.date + %(weeks)s * INTERVAL '7 days'
         ) later
         WHERE hint.kind = 'watch' AND hint.date + %(weeks)s * INTERVAL '7 days' <= %(now)s
        """, company=company_id, now=now, weeks=WEEKS_AFTER, later=LATER_COUNTS, chance=anomalies.ROUND_SHARE,
        results=answers.results(),
        differences=_differences(company_id, SQL("hint.date")), countings=_countings(company_id, SQL("hint.date")))
