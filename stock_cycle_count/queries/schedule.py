"""Statements of the schedule. ``scope`` is always a list of location ids that one plan governs."""
from odoo.tools import SQL

from . import arrays
from .statement import query

POSITION = "stock.cycle.count.position"
DATES = ("interval_days", "due_date", "due_reason", "deadline_date", "scheduled_date")
#: What becomes of a position, from a row ``fresh`` of dates, or of the moment at which it was counted: then a request has its
#: answer unless it was made later.
SET_DATES = SQL(", ".join(f"{name} = fresh.{name}" for name in DATES))
LAST_COUNT = SQL("GREATEST(position.last_count_date, fresh.moment)")
ASKED_LATER = SQL("position.manual_set_date > fresh.moment")


@query(reads=(
    "stock.quant", POSITION, "product.product", "product.template", "stock.abc.assignment", "stock.abc.class",
    "stock.location", "ir.property"))
def find_positions(plan, scope, cost):
    """Stock of the scope that has no position yet: ``id`` to give it, location, warehouse, product, class, its
    interval, frequency of the location.

    Quants that hold nothing, reserve nothing and wait for no count are leftovers that core deletes; they make no
    position. Ids are given by class, and in it by value at ``cost`` (SQL giving ``product_id, cost``): in their order what
    was never counted is counted.
    """
    return SQL(
        """
        SELECT nextval('stock_cycle_count_position_id_seq'), found.*
          FROM (
            SELECT stocked.location_id, location.warehouse_id, stocked.product_id, class.id AS class_id,
                   class.interval_days, location.cyclic_inventory_frequency
              FROM (
                SELECT quant.location_id, quant.product_id, SUM(quant.quantity) AS quantity
                  FROM stock_quant quant
                 WHERE quant.location_id = ANY(%(scope)s) AND (quant.company_id = %(company)s OR quant.company_id IS NULL)
                   AND (quant.quantity <> 0 OR quant.reserved_quantity <> 0 OR quant.inventory_quantity_set)
                   AND NOT EXISTS (
                       SELECT 1 FROM stock_cycle_count_position position
                        WHERE position.location_id = quant.location_id AND position.product_id = quant.product_id
                          AND position.company_id = %(company)s)
                 GROUP BY quant.location_id, quant.product_id
              ) stocked
              JOIN stock_location location ON location.id = stocked.location_id
              JOIN product_product product ON product.id = stocked.product_id AND product.active
              JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'product'
              LEFT JOIN stock_abc_assignment assignment ON assignment.profile_id = %(profile)s
                   AND assignment.product_id = stocked.product_id AND assignment.warehouse_id = location.warehouse_id
              LEFT JOIN stock_abc_class class ON class.id = assignment.effective_class_id
              LEFT JOIN (%(cost)s) cost ON cost.product_id = stocked.product_id
             ORDER BY class.id, stocked.quantity * COALESCE(cost.cost, 0) DESC, stocked.location_id, stocked.product_id
          ) found
        """,
        cost=cost, company=plan.company_id.id, profile=plan.profile_id.id or None, scope=scope)


@query(writes=(POSITION,))
def add_positions(plan, uid, today, columns):
    """Store new positions with their dates; one that somebody else made meanwhile stays as it is.

    :param columns: sequences of equal length: id, location, warehouse, product, class, moment of the last count,
        interval, due date, due reason, deadline, scheduled date
    """
    return SQL(
        """
        INSERT INTO stock_cycle_count_position (
            company_id, plan_id, active, since_date, create_uid, write_uid, create_date, write_date,
            id, location_id, warehouse_id, product_id, abc_class_id, last_count_date,
            interval_days, due_date, due_reason, deadline_date, scheduled_date)
        SELECT %(company)s, %(plan)s, TRUE, %(today)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
               now() AT TIME ZONE 'UTC', fresh.*
          FROM unnest(%(id)s::int[], %(location)s::int[], %(warehouse)s::int[], %(product)s::int[], %(class)s::int[],
                      %(last)s::timestamp[], %(interval)s::int[], %(due)s::date[], %(reason)s::varchar[],
                      %(deadline)s::date[], %(scheduled)s::date[]) AS fresh (id, location_id, warehouse_id, product_id)
         ORDER BY fresh.location_id, fresh.product_id
            ON CONFLICT (location_id, product_id, company_id) DO NOTHING
        """,
        company=plan.company_id.id, plan=plan.id, today=today, uid=uid,
        **dict(zip(("id", "location", "warehouse", "product", "class", "last", "interval", "due", "reason", "deadline",
                    "scheduled"), map(arrays.literal, columns))))


@query(
    reads=("stock.abc.assignment", "stock.quant", "stock.move", "stock.move.line", "stock.cycle.count.line", "product.product",
           "product.template", "stock.location"),
    writes=(POSITION,))
def sync_positions(plan, scope, uid, today):
    """Bring plan, class and active flag of the positions of a scope up to date.

    A position rests (``active`` false) when its product is archived, when it was made for an empty bin, or when its stock is
    gone, nothing moved there since its last count but what counting posted, and nobody asked for another: there is nothing left
    to verify. First counts are spread from the day on which a plan begins to govern, and those of what rested from its return.
    """
    return SQL(
        """
        WITH found AS MATERIALIZED (
            SELECT old.id, old.active AS was_active, %(plan)s AS plan_id, assignment.effective_class_id AS abc_class_id,
                   location.warehouse_id,
                   old.plan_id IS NULL AND old.last_count_date IS NULL AS is_new, old.since_date AS old_since_date,
                   request.manual_date,
                   product.active AND template.type = 'product' AND (
                       old.last_count_date IS NULL AND NOT EXISTS (
                           SELECT 1 FROM stock_cycle_count_line line
                            WHERE line.position_id = old.id AND line.selection_reason = 'bin')
                       OR request.manual_date IS NOT NULL
                       OR EXISTS (
                           SELECT 1 FROM stock_quant quant
                            WHERE quant.location_id = old.location_id AND quant.product_id = old.product_id
                              AND (quant.quantity <> 0 OR quant.reserved_quantity <> 0 OR quant.inventory_quantity_set))
                       OR EXISTS (
                           SELECT 1 FROM stock_move_line line
                             JOIN stock_move move ON move.id = line.move_id
                            WHERE line.product_id = old.product_id AND line.state = 'done'
                              AND (line.location_id = old.location_id OR line.location_dest_id = old.location_id)
                              AND line.date > old.last_count_date
                              AND move.cycle_count_line_id IS NULL AND move.cycle_count_transfer_id IS NULL)
                   ) AS active
              FROM stock_cycle_count_position old
              JOIN stock_location location ON location.id = old.location_id
              JOIN product_product product ON product.id = old.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             CROSS JOIN LATERAL (
                SELECT CASE WHEN old.last_count_date > old.manual_set_date THEN NULL ELSE old.manual_date END
              ) request (manual_date)
              LEFT JOIN stock_abc_assignment assignment ON assignment.profile_id = %(profile)s
                   AND assignment.product_id = old.product_id AND assignment.warehouse_id = location.warehouse_id
             WHERE old.location_id = ANY(%(scope)s) AND old.company_id = %(company)s
        ),
        fresh AS (
            SELECT *, CASE WHEN is_new OR active AND NOT was_active THEN %(today)s ELSE old_since_date END AS since_date
              FROM found
        )
        UPDATE stock_cycle_count_position position
           SET plan_id = fresh.plan_id, active = fresh.active, abc_class_id = fresh.abc_class_id,
               warehouse_id = fresh.warehouse_id, since_date = fresh.since_date, manual_date = fresh.manual_date,
               write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
          FROM fresh
         WHERE position.id = fresh.id
           AND (position.plan_id, position.active, position.abc_class_id, position.warehouse_id, position.since_date,
                position.manual_date)
               IS DISTINCT FROM
               (fresh.plan_id, fresh.active, fresh.abc_class_id, fresh.warehouse_id, fresh.since_date,
                fresh.manual_date)
        """,
        plan=plan.id, company=plan.company_id.id, profile=plan.profile_id.id or None, scope=scope, uid=uid, today=today)


@query(writes=(POSITION,))
def retire_positions(plan, scope, uid):
    """Let positions rest that a plan governed and that are no longer in its scope."""
    return SQL(
        """
        UPDATE stock_cycle_count_position
           SET plan_id = NULL, active = FALSE, write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
         WHERE plan_id = %(plan)s AND location_id <> ALL(%(scope)s)
        """, plan=plan.id, scope=scope, uid=uid)


@query(reads=(
    POSITION, "stock.cycle.count.line", "stock.cycle.count", "stock.abc.class", "stock.location"))
def read_positions(plan, open_states, zone, counts=None):
    """Active positions of a plan, with the day of their open count sheet if there is one, and whether they were counted on
    it.

    :param zone: name of the time zone in which the last count's moment becomes a day
    :param counts: only positions that were counted just now, as they will be when that is written: ids and moments, of
        equal length; all, as they are, when None
    """
    ids, moments = counts or ((), ())
    return SQL(
        """
        SELECT position.id,
               (%(last)s AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
               position.since_date,
               CASE WHEN fresh.id IS NULL OR %(asked_later)s THEN position.manual_date END,
               class.interval_days, location.cyclic_inventory_frequency,
               position.interval_days, position.due_date, position.due_reason, position.deadline_date,
               position.scheduled_date, opened.scheduled_date, COALESCE(opened.is_counted, FALSE)
          FROM stock_cycle_count_position position
          JOIN stock_location location ON location.id = position.location_id
          LEFT JOIN unnest(%(ids)s::int[], %(moments)s::timestamp[]) AS fresh (id, moment) ON fresh.id = position.id
          LEFT JOIN stock_abc_class class ON class.id = position.abc_class_id
          LEFT JOIN (
            SELECT line.position_id, MIN(count.scheduled_date) AS scheduled_date, BOOL_OR(line.state <> 'pending') AS is_counted
              FROM stock_cycle_count_line line
              JOIN stock_cycle_count count ON count.id = line.count_id
             WHERE line.state IN %(open)s AND %(planned)s
             GROUP BY line.position_id
          ) opened ON opened.position_id = position.id
         WHERE position.plan_id = %(plan)s AND position.active AND %(only)s
         ORDER BY position.id
        """,
        only=of_positions(ids) if counts else SQL("TRUE"),
        planned=SQL("line.position_id = ANY(%s)", ids) if counts else SQL("line.position_id IS NOT NULL"),
        last=LAST_COUNT, asked_later=ASKED_LATER, ids=arrays.literal(ids), moments=arrays.literal(moments), plan=plan.id,
        open=tuple(open_states), zone=zone)


@query(writes={POSITION: (*DATES, "is_late", "write_uid", "write_date")})
def write_dates(uid, columns):
    """Store new dates of positions.

    :param columns: sequences of equal length: id, interval, due date, due reason, deadline, scheduled date
    """
    return SQL(
        """
        UPDATE stock_cycle_count_position position
           SET %(dates)s, write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
          FROM unnest(%(id)s::int[], %(interval)s::int[], %(due)s::date[], %(reason)s::varchar[], %(deadline)s::date[],
                      %(scheduled)s::date[])
               AS fresh (id, interval_days, due_date, due_reason, deadline_date, scheduled_date)
         WHERE position.id = fresh.id
        """,
        dates=SET_DATES, uid=uid, **dict(zip(("id", "interval", "due", "reason", "deadline", "scheduled"),
                                             map(arrays.literal, columns))))


@query(reads={POSITION: (), "stock.quant": ("location_id", "product_id", "company_id")},
       writes={"stock.quant": ("inventory_date", "abc_class_id")})
def sync_quants(where):
    """Show next count and class of positions on core's quants; rows that agree already are left alone.

    :param where: SQL condition on ``position``: ``of_plan`` or ``of_positions``
    """
    return SQL(
        """
        UPDATE stock_quant quant
           SET inventory_date = CASE WHEN position.active AND position.scheduled_date IS NOT NULL
                                     THEN position.scheduled_date ELSE quant.inventory_date END,
               abc_class_id = position.abc_class_id
          FROM stock_cycle_count_position position
         WHERE quant.location_id = position.location_id AND quant.product_id = position.product_id
           AND (quant.company_id = position.company_id OR quant.company_id IS NULL)
           AND (quant.abc_class_id IS DISTINCT FROM position.abc_class_id
                OR position.active AND position.scheduled_date IS NOT NULL
                   AND quant.inventory_date IS DISTINCT FROM position.scheduled_date)
           AND %(where)s
        """, where=where)


@query(reads=(POSITION, "stock.quant", "ir.property"))
def positions_value(company_id, cost, position_ids):
    """Value at cost of what the books show on positions, goods of others apart: one row, one number."""
    return SQL(
        """
        WITH cost AS (%(cost)s)
        SELECT COALESCE(SUM(GREATEST(quant.quantity, 0) * cost.cost), 0)
          FROM stock_cycle_count_position position
          JOIN stock_quant quant ON quant.location_id = position.location_id AND quant.product_id = position.product_id
          JOIN res_company company ON quant.owner_id IS NULL OR quant.owner_id = company.partner_id
          JOIN cost ON cost.product_id = position.product_id
         WHERE position.id = ANY(%(ids)s) AND position.company_id = %(company)s AND company.id = position.company_id
        """, cost=cost, ids=position_ids, company=company_id)


def of_plan(plan_id):
    """Condition on ``position``: those that a plan governs."""
    return SQL("position.plan_id = %s", plan_id)


def of_positions(position_ids):
    """Condition on ``position``: these."""
    return SQL("position.id = ANY(%s)", position_ids)


@query(reads=(POSITION, "stock.cycle.count.line"))
def positions_to_count(plan_id, until, due_until, open_states):
    """Active positions of a plan that are on no open sheet, and scheduled until a day or due until another: ``id``."""
    return SQL(
        """
        SELECT position.id FROM stock_cycle_count_position position
         WHERE position.plan_id = %s AND position.active AND (position.scheduled_date <= %s OR position.due_date <= %s)
           AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_line line
                            WHERE line.position_id = position.id AND line.state IN %s)
         ORDER BY position.id
        """, plan_id, until, due_until, tuple(open_states))


@query()
def analyze_positions():
    """Let the planner know of many new positions at once; the statements that follow cannot wait for autovacuum."""
    return SQL("ANALYZE stock_cycle_count_position")
