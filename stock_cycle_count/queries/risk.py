"""Statements of what to count next. The formulas are those of ``tools.risk``, for all positions at once."""
from odoo.tools import SQL

from ..tools import risk
from .statement import query

RISK = "stock.cycle.count.risk"
POSITION = "stock.cycle.count.position"
LINE = "stock.cycle.count.line"
#: What is written of a position again each time.
RATED = (
    "company_id", "plan_id", "warehouse_id", "location_id", "product_id", "categ_id", "abc_class_id", "moves_since", "days_since",
    "moves_year", "usual_move", "on_hand", "unit_cost", "is_of_others", "computed_at", "counts", "misses", "units", "exposure",
    "multiplier", "value_at_risk", "value_a_day", "rank_index", "offender_chance")
#: Most steps of moves, and of days, by which intervals between counts are told apart: powers of two.
STEPS = 12


def touches(company_id, since):
    """Done move lines at each end: ``product_id, location_id, moment, quantity``. What counting posts moved nothing.

    :param since: SQL giving the earliest moment to look at
    """
    return SQL(
        """
        SELECT line.product_id, touched.location_id, touched.moment, line.quantity_product_uom AS quantity
          FROM stock_move_line line
          JOIN stock_move move ON move.id = line.move_id
         CROSS JOIN LATERAL (
            VALUES (line.location_id, COALESCE(line.cycle_count_done_date, line.date)),
                   (NULLIF(line.location_dest_id, line.location_id), COALESCE(line.cycle_count_done_date, line.date))
         ) touched (location_id, moment)
         WHERE line.state = 'done' AND line.company_id = %(company)s AND touched.moment >= (%(since)s)
           AND NOT COALESCE(move.is_inventory, FALSE) AND move.cycle_count_line_id IS NULL
           AND move.cycle_count_transfer_id IS NULL
        """, company=company_id, since=since)


@query(reads=(LINE, POSITION, "stock.move", "stock.move.line"), writes={LINE: ("since_moves", "since_days")})
def freeze_exposure(plan):
    """Note on lines that were posted what moved, and how long, since their stock was counted before: it stays.

    What was never counted before was exposed since the first move of the year before, or since it came into scope. Stock
    keys of a position that are counted on one sheet are counted together.
    """
    return SQL(
        """
        WITH fresh AS (
            SELECT DISTINCT line.position_id
              FROM stock_cycle_count_line line
              JOIN stock_cycle_count_position position ON position.id = line.position_id AND position.plan_id = %(plan)s
             WHERE line.state = 'posted' AND COALESCE(line.since_days, 0) = 0 AND line.count_date IS NOT NULL
        ),
        occasions AS (
            SELECT line.position_id, line.count_id, MAX(line.count_date) AS moment,
                   BOOL_OR(COALESCE(line.since_days, 0) = 0) AS is_fresh
              FROM stock_cycle_count_line line
              JOIN fresh ON fresh.position_id = line.position_id
             WHERE line.state = 'posted' AND line.count_date IS NOT NULL
             GROUP BY line.position_id, line.count_id
        ),
        timeline AS (
            SELECT *, lag(moment) OVER (PARTITION BY position_id ORDER BY moment, count_id) AS before FROM occasions
        ),
        intervals AS MATERIALIZED (
            SELECT timeline.position_id, timeline.count_id, timeline.moment, timeline.before,
                   position.product_id, position.location_id, position.since_date,
                   COALESCE(timeline.before, timeline.moment - INTERVAL '365 days') AS look
              FROM timeline
              JOIN stock_cycle_count_position position ON position.id = timeline.position_id
             WHERE timeline.is_fresh
        ),
        exposed AS (
            SELECT one.position_id, one.count_id, COUNT(touch.moment) AS moves,
                   EXTRACT(EPOCH FROM one.moment - COALESCE(
                       one.before, LEAST(MIN(touch.moment), one.since_date, one.moment))) / 86400 AS days
              FROM intervals one
              LEFT JOIN (%(touches)s) touch ON touch.product_id = one.product_id AND touch.location_id = one.location_id
                   AND touch.moment > one.look AND touch.moment <= one.moment
             GROUP BY one.position_id, one.count_id, one.moment, one.before, one.since_date
        )
        UPDATE stock_cycle_count_line line
           SET since_moves = exposed.moves, since_days = exposed.days
          FROM exposed
         WHERE line.position_id = exposed.position_id AND line.count_id = exposed.count_id
           AND line.state = 'posted' AND COALESCE(line.since_days, 0) = 0
        """,
        plan=plan.id, touches=touches(plan.company_id.id, SQL("SELECT MIN(look) FROM intervals")))


@query(reads=(POSITION,), writes=(RISK,))
def forget(plan):
    """Take away what was computed for positions of a plan, or of another that governs them now, and was not observed again."""
    return SQL(
        """
        DELETE FROM stock_cycle_count_risk risk
         WHERE (risk.plan_id = %(plan)s OR risk.id IN (SELECT id FROM stock_cycle_count_position WHERE plan_id = %(plan)s))
           AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_observed observed WHERE observed.id = risk.id)
        """, plan=plan.id)


@query()
def analyze_lines():
    """Tell the planner what lines say of exposure, which many were just given: it would take them for none."""
    return SQL("ANALYZE stock_cycle_count_line (since_days, since_moves)")


def _step(number):
    """Step of a number between intervals, by powers of two: ``CEIL(LOG(2, number + 1))`` at most, without a logarithm."""
    bounds = [-float(2 ** power) for power in reversed(range(STEPS))]
    return SQL("LEAST(%s - WIDTH_BUCKET(-(%s + 1)::float8, %s), %s)", STEPS, number, bounds, STEPS - 1)


@query(reads=(POSITION, "stock.move", "stock.move.line", "stock.quant", "ir.property", "product.product", "product.template"))
def observe(plan, now, cost):
    """Note of every active position of a plan what can be seen without a count: what moved since the last one, and when
    that was, the usual move, what is on hand and what it costs: nothing, as far as it belongs to others. It is noted for this
    transaction alone, so that each row of the ranking is written once.

    :param now: moment, UTC
    :param cost: SQL giving ``product_id, cost``
    """
    return SQL(
        """
        DROP TABLE IF EXISTS stock_cycle_count_observed;
        CREATE TEMPORARY TABLE stock_cycle_count_observed ON COMMIT DROP AS
        WITH place AS MATERIALIZED (
            SELECT position.id, position.product_id, position.location_id, position.last_count_date, position.since_date,
                   position.warehouse_id, position.abc_class_id,
                   %(now)s::timestamp - INTERVAL '365 days' AS year
              FROM stock_cycle_count_position position
             WHERE position.plan_id = %(plan)s AND position.active
        ),
        moved AS MATERIALIZED (
            SELECT place.id, COUNT(*) FILTER (WHERE touch.moment > COALESCE(place.last_count_date, place.year)) AS since,
                   COUNT(*) FILTER (WHERE touch.moment > place.year) AS a_year,
                   SUM(touch.quantity) FILTER (WHERE touch.moment > place.year) AS quantity,
                   MIN(touch.moment) FILTER (WHERE touch.moment > place.year) AS first
              FROM place
              JOIN (%(touches)s) touch ON touch.product_id = place.product_id AND touch.location_id = place.location_id
             WHERE touch.moment <= %(now)s
             GROUP BY place.id
        ),
        usual AS (
            SELECT place.product_id, SUM(moved.quantity) / NULLIF(SUM(moved.a_year), 0) AS quantity
              FROM moved JOIN place ON place.id = moved.id GROUP BY place.product_id
        ),
        held AS (
            SELECT product_id, location_id, SUM(quantity) AS quantity,
                   COALESCE(SUM(quantity) FILTER (WHERE quantity > 0 AND owner_id <> %(partner)s)
                            / SUM(quantity) FILTER (WHERE quantity > 0), 0) AS of_others,
                   BOOL_AND((owner_id <> %(partner)s) IS TRUE) FILTER (WHERE quantity > 0) AS is_of_others
              FROM stock_quant
             WHERE company_id = %(company)s OR company_id IS NULL
             GROUP BY product_id, location_id
        ),
        cost AS MATERIALIZED (%(cost)s)
        SELECT place.id, place.warehouse_id, place.location_id, place.product_id, template.categ_id, place.abc_class_id,
               COALESCE(moved.since, 0) AS moves_since,
               GREATEST(EXTRACT(EPOCH FROM %(now)s::timestamp - COALESCE(
                   place.last_count_date, LEAST(moved.first, place.since_date))) / 86400, 0)::float8 AS days_since,
               COALESCE(moved.a_year, 0) AS moves_year,
               COALESCE(
                   NULLIF(moved.quantity / NULLIF(moved.a_year, 0), 0), NULLIF(usual.quantity, 0), 1)::float8 AS usual_move,
               COALESCE(held.quantity, 0)::float8 AS on_hand,
               (GREATEST(COALESCE(cost.cost, 0), 0) * (1 - COALESCE(held.of_others, 0)))::float8 AS unit_cost,
               COALESCE(held.is_of_others, FALSE) AS is_of_others
          FROM place
          JOIN product_product product ON product.id = place.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id
          LEFT JOIN moved ON moved.id = place.id
          LEFT JOIN usual ON usual.product_id = place.product_id
          LEFT JOIN held ON held.product_id = place.product_id AND held.location_id = place.location_id
          LEFT JOIN cost ON cost.product_id = place.product_id;
        ANALYZE stock_cycle_count_observed
        """,
        plan=plan.id, company=plan.company_id.id, partner=plan.company_id.partner_id.id, now=now, cost=cost,
        touches=touches(plan.company_id.id, SQL(
            "SELECT LEAST(MIN(last_count_date), %s::timestamp - INTERVAL '365 days') FROM place", now)))


def intervals(warehouse_id):
    """What counts of a warehouse found: ``position_id, moment, moves, days, units``, a row for each time that a position
    was counted; no units where it was right.
    """
    return SQL(
        """
        SELECT line.position_id, MAX(line.count_date) AS moment, MAX(line.since_moves) AS moves,
               MAX(line.since_days) AS days,
               COALESCE(SUM(ABS(line.variance_qty)) FILTER (WHERE NOT line.is_hit), 0) AS units
          FROM stock_cycle_count_line line
          JOIN stock_cycle_count_position position ON position.id = line.position_id
         WHERE line.state = 'posted' AND line.since_days > 0 AND NOT COALESCE(line.is_opening, FALSE)
           AND position.warehouse_id = %s
         GROUP BY line.position_id, line.count_id
        """, warehouse_id)


@query(reads=(LINE, POSITION, RISK))
def cells(warehouse_id, since):
    """Intervals between counts of a warehouse that ended since a moment, as rows of ``tools.risk.Cell``."""
    return SQL(
        """
        SELECT COUNT(*), COUNT(*) FILTER (WHERE one.units > 0), AVG(one.moves)::float8, AVG(one.days)::float8,
               COALESCE(SUM(LEAST(one.units / COALESCE(observed.usual_move, risk.usual_move, 1), %(largest)s))
                        FILTER (WHERE one.units > 0), 0)::float8
          FROM (%(intervals)s) one
          LEFT JOIN stock_cycle_count_observed observed ON observed.id = one.position_id
          LEFT JOIN stock_cycle_count_risk risk ON risk.id = one.position_id
         WHERE one.moment >= %(since)s
         GROUP BY %(by_moves)s, %(by_days)s
        """, intervals=intervals(warehouse_id), since=since, largest=risk.LARGEST_SIZE, by_moves=_step(SQL("one.moves")),
        by_days=_step(SQL("one.days")))


@query(reads=(LINE, POSITION), writes=(RISK,))
def rate(plan, now, house, by_accuracy):
    """Rank what was observed of the positions of a plan by what counts of its warehouse found.

    :param now: moment, UTC
    :param house: ``tools.risk.House``
    :param by_accuracy: rank by records that are wrong, rather than by what is at risk
    """
    return SQL(
        """
        WITH found AS MATERIALIZED (
            SELECT one.position_id, one.units, GREATEST(%(per_move)s * one.moves + %(per_day)s * one.days, 1e-9) AS x
              FROM (%(intervals)s) one
        ),
        known AS MATERIALIZED (
            SELECT observed.id, MIN(observed.categ_id) AS categ_id, COUNT(*) AS counts,
                   COUNT(*) FILTER (WHERE found.units > 0) AS misses,
                   SUM(found.x) AS exposure, COALESCE(SUM(%(events)s) FILTER (WHERE found.units > 0), 0) AS events,
                   SUM(LEAST(found.units, GREATEST(%(many)s * observed.usual_move, %(least)s))) AS units
              FROM found JOIN stock_cycle_count_observed observed ON observed.id = found.position_id
             GROUP BY observed.id
        ),
        category AS (
            SELECT categ_id, (%(weight)s + SUM(events)) / (%(weight)s + SUM(exposure)) AS multiplier
              FROM known GROUP BY categ_id
        ),
        again AS (
            SELECT known.id, SUM(%(events_again)s) AS events
              FROM known
              JOIN category ON category.categ_id = known.categ_id
              JOIN found ON found.position_id = known.id AND found.units > 0
             CROSS JOIN LATERAL (
                SELECT found.x * (1 + known.events) / (1 / category.multiplier + known.exposure)) theta (x)
             GROUP BY known.id
        ),
        rated AS (
            SELECT observed.*, COALESCE(known.counts, 0) AS counts, COALESCE(known.misses, 0) AS misses,
                   COALESCE(known.exposure, 0) AS exposure, COALESCE(again.events, 0) AS events,
                   COALESCE(known.units, 0) AS units, 1 / COALESCE(category.multiplier, 1) + COALESCE(known.exposure, 0) AS rate,
                   GREATEST(%(per_move)s * observed.moves_since + %(per_day)s * observed.days_since, 1e-9) AS x,
                   %(per_move)s * observed.moves_year / 365 + %(per_day)s AS x_a_day,
                   %(size)s * observed.usual_move AS error
              FROM stock_cycle_count_observed observed
              LEFT JOIN known ON known.id = observed.id
              LEFT JOIN category ON category.categ_id = observed.categ_id
              LEFT JOIN again ON again.id = observed.id
        ),
        valued AS (
            SELECT rated.*, (1 + rated.events) / rated.rate AS theta,
                   rated.unit_cost * LEAST(rated.x * (rated.error + rated.units) / rated.rate,
                                           GREATEST(rated.on_hand, rated.error)) AS value,
                   rated.unit_cost * rated.x_a_day * (rated.error + rated.units) / rated.rate AS value_a_day,
                   (2 * rated.rate / (1 + rated.events)) ^ (1 / 3.0::float8) AS root,
                   1 + rated.events AS shape
              FROM rated
        )
        INSERT INTO stock_cycle_count_risk (id, position_id, %(columns)s)
        SELECT valued.id, valued.id, %(company)s, %(plan)s, valued.warehouse_id, valued.location_id, valued.product_id,
               valued.categ_id, valued.abc_class_id, valued.moves_since, valued.days_since, valued.moves_year,
               valued.usual_move, valued.on_hand, valued.unit_cost, valued.is_of_others, %(now)s, valued.counts,
               valued.misses, valued.units, valued.exposure, valued.theta, valued.value, valued.value_a_day, %(index)s,
               CASE WHEN valued.misses = 0 THEN 0 ELSE %(chance)s END
          FROM valued
         CROSS JOIN LATERAL (SELECT LEAST(valued.theta * valued.x, 700)) own (x)
         CROSS JOIN LATERAL (
            SELECT (valued.root - (1 - 1 / (9 * valued.shape))) * 3 * SQRT(valued.shape)) normal (z)
         WHERE TRUE
            ON CONFLICT (id) DO UPDATE SET %(again)s
        """,
        plan=plan.id, company=plan.company_id.id, now=now, intervals=intervals(plan.warehouse_id.id),
        # Rows that are there are written again: keys that stay the same are not checked.
        columns=SQL(", ").join(map(SQL.identifier, RATED)), again=SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in RATED),
        per_move=house.per_move, per_day=house.per_day,
        size=house.size, many=risk.LARGEST_UNITS * house.size, least=risk.LEAST_UNITS, weight=risk.CATEGORY_EVENTS,
        events=_events(SQL("found.x")), events_again=_events(SQL("theta.x")),
        index=(SQL("valued.days_since * ((1 - EXP(-own.x)) / own.x - EXP(-own.x))") if by_accuracy
               else SQL("valued.value * SQRT(valued.days_since)")),
        # The normal distribution to four digits; PostgreSQL before 16 has none.
        chance=SQL("1 / (1 + EXP(LEAST(1.5976 * normal.z + 0.070566 * normal.z ^ 3, 700)))"))


def _events(exposure):
    """``tools.risk.events``; PostgreSQL refuses powers that are too small to tell from 0."""
    return SQL("%(x)s / (1 - EXP(-LEAST(%(x)s, 700)))", x=exposure)


@query(reads=(RISK, LINE, POSITION))
def to_count(plan, open_states, days, limit):
    """Positions of a plan to count next, best first: ``id``.

    Those on open sheets are left out, and those that were counted so few days ago; so are those where nothing is at risk,
    but for what was never counted.
    """
    return SQL(
        """
        SELECT risk.id
          FROM stock_cycle_count_risk risk
          JOIN stock_cycle_count_position position ON position.id = risk.id
         WHERE risk.plan_id = %(plan)s
           AND (position.last_count_date IS NULL OR risk.days_since >= %(days)s AND risk.rank_index > 0)
           AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_line line
                            WHERE line.position_id = risk.id AND line.state IN %(open)s)
         ORDER BY risk.rank_index DESC, risk.days_since DESC, risk.on_hand * risk.unit_cost DESC, risk.id
         LIMIT %(limit)s
        """, plan=plan.id, open=tuple(open_states), days=days, limit=limit)


@query(writes={"stock.cycle.count.plan": ("ranking",)})
def keep_unranked():
    """Let plans from before there was a ranking count by class as they did."""
    return SQL("UPDATE stock_cycle_count_plan SET ranking = 'none' WHERE ranking IS NULL")


@query(reads=(RISK, POSITION))
def workload(plan):
    """Positions of a plan as the planner sees them: class, days between counts, value that goes wrong a day, days since the
    last count.
    """
    return SQL(
        """
        SELECT risk.abc_class_id, position.interval_days, COALESCE(risk.value_a_day, 0)::float8, COALESCE(risk.days_since, 0)
          FROM stock_cycle_count_risk risk
          JOIN stock_cycle_count_position position ON position.id = risk.id
         WHERE risk.plan_id = %s
         ORDER BY risk.id
        """, plan.id)
