"""Statements behind the figures. They aggregate the records of an ORM query, so that a number and the list behind it come of
one domain, by the same record rules.
"""
from odoo.tools import SQL

from ..tools.risk import OFFENDER_CHANCE
from .statement import query

LINE, APPROVAL, POSITION, ENTRY = (f"stock.cycle.count.{name}" for name in ("line", "approval", "position", "entry"))


def _rows(records):
    """``FROM`` and ``WHERE`` of an ORM query, whose table keeps its name."""
    return {"rows": records.from_clause, "condition": records.where_clause or SQL("TRUE")}


#: The draw of a ``line``, and where its days are reckoned: what ``is_answered`` asks of.
DRAWN = SQL(
    "LEFT JOIN stock_cycle_count_draw draw ON draw.id = line.draw_id"
    " LEFT JOIN stock_cycle_count_plan plan ON plan.id = draw.plan_id"
    " LEFT JOIN resource_calendar calendar ON calendar.id = plan.calendar_id")


#: Whether a ``line`` was counted at random: from its count on, whoever decides on it, and when, or cancels it.
IS_RANDOM = SQL("line.draw_id IS NOT NULL AND line.count_date IS NOT NULL")
#: Whether a ``line`` is a result: settled, or counted at random.
IS_RESULT = SQL("(line.state IN ('posted', 'rejected') OR %s)", IS_RANDOM)


def is_answered():
    """Whether a random position is answered, asked of one ``line`` of it: when all of its lots were counted first in time, for
    one that is right says nothing of the others. Whether it is decided on makes no difference, or else who never decides, or
    cancels its sheet, would keep misses out; nor does a recount that comes later. Lines that were found there say that the
    books are wrong, and are waited for by nobody.
    """
    return SQL(
        """
        draw.id IS NOT NULL AND %s AND NOT EXISTS (
            SELECT 1 FROM stock_cycle_count_line other
             WHERE other.draw_id = line.draw_id AND other.product_id = line.product_id AND other.location_id = line.location_id
               AND other.is_found IS NOT TRUE
               AND (other.count_date IS NULL OR (LEAST(other.count_date, (
                        SELECT MIN(entry.date) FROM stock_cycle_count_entry entry WHERE entry.line_id = other.id
                    )) AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date > draw.answer_by))
        """, IS_RANDOM)


def results():
    """Rows of ``stock.cycle.count.result``. What a statement does not ask for is not computed, and whose columns it does not
    read is not joined: outer joins are left out where they cannot change the number of rows.
    """
    return SQL(
        """
        SELECT line.id, line.id AS line_id, line.count_id, COALESCE(draw.plan_id, sheet.plan_id) AS plan_id, line.company_id,
               location.warehouse_id, line.location_id, line.product_id, template.categ_id, line.abc_class_id, line.state,
               line.selection_reason, COALESCE(draw.kind = 'position', FALSE) AS is_control,
               COALESCE(draw.kind = 'bin', FALSE) AS is_bin, line.draw_id, draw.day AS draw_date, draw.answer_by,
               %(answered)s AS is_answered,
               COALESCE(NULLIF(line.draw_weight, 0), 1) AS draw_weight, line.reason_id, line.count_date AS date,
               line.deadline_date,
               CASE WHEN line.variance_qty <> 0 THEN COALESCE(reason.root_cause, 'unknown') END AS root_cause,
               CASE WHEN company.cycle_count_figures_by_person THEN line.counted_by_id END AS counter_id,
               CASE WHEN company.cycle_count_figures_by_person THEN (
                   SELECT decision.user_id FROM stock_cycle_count_approval decision
                    WHERE decision.line_id = line.id ORDER BY decision.id DESC LIMIT 1) END AS approver_id,
               1 AS lines,
               CASE WHEN sheet.origin <> 'held_move' THEN CASE WHEN line.is_hit THEN 100 ELSE 0 END END AS hit,
               CASE WHEN sheet.origin <> 'held_move' THEN CASE WHEN line.is_exact THEN 100 ELSE 0 END END AS exact,
               CASE WHEN sheet.origin <> 'held_move' THEN CASE WHEN line.is_first_hit THEN 100 ELSE 0 END END AS first_hit,
               CASE WHEN sheet.origin <> 'held_move'
                    THEN CASE WHEN line.is_hit AND NOT line.is_first_hit THEN 100 ELSE 0 END END AS slip,
               CASE WHEN sheet.origin <> 'held_move' THEN CASE WHEN line.round > 1 THEN 100 ELSE 0 END END AS recounted,
               CASE WHEN sheet.origin <> 'held_move'
                    THEN CASE WHEN line.round > 1 AND line.first_variance_qty <> line.variance_qty THEN 100 ELSE 0 END
                    END AS reversed,
               CASE WHEN line.state = 'posted' AND line.deadline_date IS NOT NULL
                    THEN CASE WHEN (line.count_date AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date
                                   <= line.deadline_date THEN 100 ELSE 0 END END AS on_time,
               CASE WHEN line.state = 'posted' AND line.variance_qty <> 0 THEN 1 ELSE 0 END AS difference,
               CASE WHEN line.state = 'posted' THEN ABS(line.variance_value) ELSE 0 END AS difference_value,
               CASE WHEN line.state = 'posted' THEN ABS(line.adjustment_value) ELSE 0 END AS gross,
               CASE WHEN line.state = 'posted' THEN GREATEST(line.adjustment_value, 0) ELSE 0 END AS gain,
               CASE WHEN line.state = 'posted' THEN LEAST(line.adjustment_value, 0) ELSE 0 END AS loss,
               CASE WHEN line.state = 'posted' THEN line.adjustment_value ELSE 0 END AS net,
               CASE WHEN line.state = 'posted' THEN ABS(line.transfer_value) ELSE 0 END AS transfer_value,
               line.value_at_risk, line.expected_qty * line.unit_cost AS book_value, ABS(line.variance_value) AS error_value,
               CASE WHEN line.state = 'posted' AND line.verdict = 'within' THEN 1 ELSE 0 END AS auto,
               CASE WHEN line.state = 'posted' AND line.verdict = 'within' THEN ABS(line.adjustment_value) ELSE 0 END
                    AS auto_value,
               EXTRACT(EPOCH FROM (
                   SELECT MAX(decision.date) FROM stock_cycle_count_approval decision WHERE decision.line_id = line.id
               ) - line.to_approve_date) / 3600 AS lead_hours
          FROM stock_cycle_count_line line
          JOIN stock_cycle_count sheet ON sheet.id = line.count_id
          LEFT JOIN res_company company ON company.id = line.company_id
          LEFT JOIN stock_location location ON location.id = line.location_id
          LEFT JOIN product_product product ON product.id = line.product_id
          LEFT JOIN product_template template ON template.id = product.product_tmpl_id
          LEFT JOIN stock_cycle_count_draw draw ON draw.id = line.draw_id
          LEFT JOIN stock_cycle_count_reason reason ON reason.id = line.reason_id
          LEFT JOIN stock_cycle_count_plan plan ON plan.id = COALESCE(draw.plan_id, sheet.plan_id)
          LEFT JOIN resource_calendar calendar ON calendar.id = plan.calendar_id
         WHERE %(is_result)s AND line.is_opening IS NOT TRUE
        """, answered=is_answered(), is_result=IS_RESULT)


@query(reads=(LINE, ENTRY, "stock.cycle.count.draw", "stock.cycle.count.plan", "resource.calendar"))
def answered(draw_ids):
    """How many positions, or empty bins, of each of these draws are answered: ``draw, number``."""
    return SQL(
        """
        SELECT line.draw_id, COUNT(DISTINCT (CASE WHEN draw.kind = 'position' THEN line.product_id END, line.location_id))::int
          FROM stock_cycle_count_line line %s
         WHERE line.draw_id = ANY(%s) AND %s
         GROUP BY line.draw_id
        """, DRAWN, draw_ids, is_answered())


@query(reads=("stock.abc.class",))
def sample(results, today):
    """Results of random draws, those of one position, or of one empty bin, in one draw together, by which of the two it is, day
    of the draw, class, company and whether the draw is over, so that what was not counted of it is unanswered::

        is a bin, day, class, name of the class, is over, company, positions, lines, weights, weights of hits, of exact ones, all
        squared, hits, exact ones; of those with a risk foretold: positions, misses, squares of the value in error, products of
        it and the risk, squares of the risk, value in error, risk; of all: value in error, value of the books
    """
    return SQL(
        """
        SELECT is_bin, day, abc_class_id, abc_class.name, answer_by < %(today)s AS is_over, one.company_id,
               COUNT(*), SUM(lines)::int, SUM(weight), SUM(weight * hit), SUM(weight * exact), SUM(weight * weight),
               SUM(hit)::int, SUM(exact)::int, COUNT(*) FILTER (WHERE risk > 0), COUNT(*) FILTER (WHERE risk > 0 AND hit = 0),
               SUM(CASE WHEN risk > 0 THEN error * error ELSE 0 END)::float, SUM(risk * error)::float, SUM(risk * risk)::float,
               SUM(CASE WHEN risk > 0 THEN error ELSE 0 END)::float, SUM(risk)::float,
               SUM(weight * error)::float, SUM(weight * book)::float
          FROM (
            SELECT is_bin, draw_date AS day, answer_by, MIN(abc_class_id) AS abc_class_id, company_id, COUNT(*) AS lines,
                   MAX(draw_weight) AS weight,
                   MIN(hit) / 100 AS hit, MIN(exact) / 100 AS exact, SUM(COALESCE(value_at_risk, 0)) AS risk,
                   SUM(COALESCE(error_value, 0)) AS error, SUM(COALESCE(ABS(book_value), 0)) AS book
              FROM %(rows)s
             WHERE %(condition)s
             GROUP BY is_bin, draw_id, draw_date, answer_by, CASE WHEN NOT is_bin THEN product_id END, location_id, company_id
          ) one
          LEFT JOIN stock_abc_class abc_class ON abc_class.id = one.abc_class_id
         GROUP BY is_bin, day, abc_class_id, abc_class.name, is_over, one.company_id
         ORDER BY day
        """, today=today, **_rows(results))


@query(reads=(APPROVAL, LINE))
def decisions(waiting, made):
    """What waits for a decision, a row a company, and one row without a company of those that were made::

        company, lines that wait, their value without sign, since when the oldest
        None, decisions, rejections of them, None, [hours within which half of them came, and nine tenths]

    :param waiting: lines, as an ORM query
    :param made: decisions, likewise
    """
    return SQL(
        """
        SELECT stock_cycle_count_line.company_id, COUNT(*), COALESCE(SUM(ABS(stock_cycle_count_line.variance_value)), 0)::float,
               MIN(stock_cycle_count_line.to_approve_date), NULL::float[]
          FROM %(waiting)s WHERE %(waits)s
         GROUP BY stock_cycle_count_line.company_id
         UNION ALL
        SELECT NULL, COUNT(*), COUNT(*) FILTER (WHERE decision = 'reject'), NULL,
               PERCENTILE_CONT(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY hours) FILTER (WHERE hours >= 0)
          FROM (
            SELECT stock_cycle_count_approval.decision,
                   EXTRACT(EPOCH FROM stock_cycle_count_approval.date - line.to_approve_date)::float / 3600 AS hours
              FROM %(rows)s
              JOIN stock_cycle_count_line line ON line.id = stock_cycle_count_approval.line_id
             WHERE %(condition)s
          ) made
        """, waiting=waiting.from_clause, waits=waiting.where_clause or SQL("TRUE"), **_rows(made))


@query(reads=(POSITION, "stock.quant"))
def promise(positions, late, since, first, costs):
    """What was counted of positions since a moment, and what is late, by company::

        company, positions, counted, value, value of the counted, late, their value, late by a deadline since a day,
        earliest deadline of the late

    Nothing of it is computed before what reads it, so that the planner knows how much there is: of positions that are kept
    aside it takes few for granted, and looks up the stock of each. What belongs to others is worth nothing.

    :param late: those of them that are late, as an ORM query
    :param first: that day
    :param costs: ``company_id, product_id, cost``, in the company's currency
    """
    return SQL(
        """
        WITH place AS NOT MATERIALIZED (
            SELECT stock_cycle_count_position.company_id, stock_cycle_count_position.product_id,
                   stock_cycle_count_position.location_id, stock_cycle_count_position.deadline_date,
                   COALESCE(stock_cycle_count_position.last_count_date >= %(since)s, FALSE) AS is_counted,
                   stock_cycle_count_position.id IN %(late)s AS is_late
              FROM %(rows)s WHERE %(condition)s
            OFFSET 0
        ),
        stock AS (
            SELECT quant.company_id, quant.product_id, quant.location_id, (quant.quantity * cost.cost)::float AS value
              FROM stock_quant quant
              JOIN (%(costs)s) cost ON cost.product_id = quant.product_id AND cost.company_id = quant.company_id
             WHERE quant.quantity > 0 AND (
                   quant.owner_id IS NULL OR (quant.company_id, quant.owner_id) IN (SELECT id, partner_id FROM res_company))
        ),
        worth AS (
            SELECT place.company_id, SUM(stock.value) AS value, SUM(stock.value) FILTER (WHERE place.is_counted) AS counted,
                   SUM(stock.value) FILTER (WHERE place.is_late) AS late
              FROM place JOIN stock USING (company_id, product_id, location_id)
             GROUP BY place.company_id
        ),
        number AS (
            SELECT company_id, COUNT(*) AS number, COUNT(*) FILTER (WHERE is_counted) AS counted,
                   COUNT(*) FILTER (WHERE is_late) AS late,
                   COUNT(*) FILTER (WHERE is_late AND deadline_date >= %(first)s) AS late_now,
                   MIN(deadline_date) FILTER (WHERE is_late) AS deadline
              FROM place GROUP BY company_id
        )
        SELECT company_id, number.number, number.counted, COALESCE(worth.value, 0), COALESCE(worth.counted, 0), number.late,
               COALESCE(worth.late, 0), number.late_now, number.deadline
          FROM number LEFT JOIN worth USING (company_id)
        """, costs=costs, since=since, first=first, late=late.subselect(), **_rows(positions))


@query(reads=("stock.cycle.count.risk",))
def risks(rows, most):
    """What is at risk, by company, and the positions with the most of it::

        company, positions, at risk, repeat offenders, is one of the most

    :param most: so many positions
    """
    return SQL(
        """
        SELECT stock_cycle_count_risk.company_id, COUNT(*), COALESCE(SUM(value_at_risk), 0)::float,
               COUNT(*) FILTER (WHERE offender_chance >= %(offender)s), FALSE
          FROM %(rows)s WHERE %(condition)s
         GROUP BY stock_cycle_count_risk.company_id
         UNION ALL
        (SELECT stock_cycle_count_risk.company_id, 1, value_at_risk::float, 0, TRUE
           FROM %(rows)s WHERE %(condition)s ORDER BY value_at_risk DESC LIMIT %(most)s)
        """, most=most, offender=OFFENDER_CHANCE, **_rows(rows))


@query()
def fifths(results):
    """Random positions of which a risk was foretold, in fifths by it, the highest first: ``number, foretold, found``."""
    return SQL(
        """
        SELECT COUNT(*), SUM(risk)::float, SUM(error)::float
          FROM (
            SELECT risk, error, NTILE(5) OVER (ORDER BY risk DESC) AS fifth
              FROM (
                SELECT SUM(value_at_risk) AS risk, SUM(COALESCE(error_value, 0)) AS error
                  FROM %(rows)s WHERE %(condition)s
                 GROUP BY draw_id, product_id, location_id
              ) unit
          ) one
         GROUP BY fifth ORDER BY fifth
        """, **_rows(results))


@query(reads=(ENTRY,))
def pace(entries):
    """Counting of people: lines that were counted, and the hours that it took: one row. Pauses longer than ten minutes count
    as ten; sheets with fewer than five entries are left out.
    """
    return SQL(
        """
        SELECT COUNT(DISTINCT line_id), SUM(LEAST(EXTRACT(EPOCH FROM gap), 600)) FILTER (WHERE gap IS NOT NULL)::float / 3600
          FROM (
            SELECT line_id, date - LAG(date) OVER (PARTITION BY user_id ORDER BY date, id) AS gap
              FROM (
                SELECT stock_cycle_count_entry.id, stock_cycle_count_entry.line_id, stock_cycle_count_entry.user_id,
                       stock_cycle_count_entry.date, COUNT(*) OVER (PARTITION BY stock_cycle_count_entry.count_id) AS entries
                  FROM %(rows)s WHERE %(condition)s
              ) entry
             WHERE entries >= 5
          ) counted
        """, **_rows(entries))


@query(reads=("stock.move.line", "stock.move"))
def scrapped(moves, costs):
    """Moves and their value at cost, by company: ``company, moves, value``. What belongs to others is worth nothing.

    :param costs: ``company_id, product_id, cost``
    """
    return SQL(
        """
        WITH cost AS (%(costs)s)
        SELECT stock_move.company_id, COUNT(DISTINCT stock_move.id),
               COALESCE(SUM(line.quantity_product_uom * cost.cost), 0)::float
          FROM %(rows)s
          LEFT JOIN stock_move_line line ON line.move_id = stock_move.id AND line.owner_id IS NULL
          LEFT JOIN cost ON cost.product_id = line.product_id AND cost.company_id = line.company_id
         WHERE %(condition)s
         GROUP BY stock_move.company_id
        """, costs=costs, **_rows(moves))


@query(reads=("stock.move.line", "stock.location"))
def issued(company_ids, since, costs):
    """Value at cost of the goods that left stock for customers and production, by company: ``company, value``.

    :param costs: ``company_id, product_id, cost``
    """
    return SQL(
        """
        WITH cost AS (%(costs)s)
        SELECT line.company_id, SUM(line.quantity_product_uom * cost.cost)::float
          FROM stock_move_line line
          JOIN stock_location source ON source.id = line.location_id AND source.usage IN ('internal', 'transit')
          JOIN stock_location target ON target.id = line.location_dest_id AND target.usage IN ('customer', 'production')
          JOIN cost ON cost.product_id = line.product_id AND cost.company_id = line.company_id
         WHERE line.state = 'done' AND line.date >= %(since)s AND line.company_id = ANY(%(companies)s)
           AND line.owner_id IS NULL
         GROUP BY line.company_id
        """, costs=costs, since=since, companies=company_ids)


@query()
def final_lines_by_date():
    """An index of what is read of all final lines: those of a company within some time."""
    return SQL(
        """
        CREATE INDEX IF NOT EXISTS stock_cycle_count_line_final
            ON stock_cycle_count_line (company_id, count_date) WHERE state IN ('posted', 'rejected');
        CREATE INDEX IF NOT EXISTS stock_cycle_count_line_deadline
            ON stock_cycle_count_line (company_id, deadline_date) WHERE state IN ('posted', 'rejected')
        """)
