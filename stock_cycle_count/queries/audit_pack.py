"""Statements of the audit pack: one a file, each streamed to it. Days are those of the company, moments those of UTC;
texts are the ones in English.
"""
from odoo.tools import SQL

from .answers import DRAWN, is_answered
from .audit_books import (
    DRAW,
    LINE,
    PLACE,
    PLAN,
    PRODUCT,
    SHEET,
    STOCK,
    WAREHOUSE,
    day,
    lines_of,
    named,
    population,
    strata,
    text,
    unplanned,
)
from .roll_forward import auditor_counts, roll_forward
from .statement import query

ENTRY, APPROVAL, REASON, LOG, FINDING, EXPLANATION, CAUSE, HINT = (
    f"stock.cycle.count.{name}" for name in (
        "entry", "approval", "reason", "audit.log", "finding", "explanation", "cause", "hint"))


def _name(user, named):
    """Name of a user, where names are shown."""
    return SQL(
        "(SELECT %s FROM res_users person JOIN res_partner partner ON partner.id = person.partner_id"
        " WHERE person.id = %s)", text("partner.name"), SQL(user)) if named else SQL("NULL::varchar")


WHY = SQL("%s AS reason", text("reason.code"))


@query(reads=(DRAW, PLAN))
def draws(pack):
    """Random draws of a period, of positions and of empty bins; the seed of today is not told yet."""
    return SQL(
        """
        SELECT draw.id, draw.kind, draw.plan_id, %(plan)s AS plan, draw.day, draw.date, draw.answer_by,
               draw.control_target, draw.daily_capacity, draw.workday, draw.workdays, draw.share, draw.number, draw.frame_size,
               draw.frame_hash, draw.method,
               CASE WHEN draw.day < %(today)s THEN draw.stored_seed END AS seed, draw.threshold_hash, draw.drawn_positions,
               draw.standing_positions, draw.frame
          FROM stock_cycle_count_draw draw
          JOIN stock_cycle_count_plan plan ON plan.id = draw.plan_id
         WHERE draw.company_id = %(company)s AND draw.day BETWEEN %(first)s AND %(last)s
         ORDER BY draw.day, draw.id
        """, plan=text("plan.name"), **pack._facts)


@query(reads=(LINE, SHEET, DRAW, PLAN, REASON, "resource.calendar", *STOCK))
def lines(pack):
    """Count lines of a period, each with what it was judged by."""
    return SQL(
        """
        SELECT line.id, %(sheet)s AS sheet, sheet.origin, sheet.blind, line.position_id, line.product_id, %(product)s,
               line.location_id, %(place)s, line.lot_id, line.package_id, line.owner_id, line.selection_reason,
               line.due_date, line.deadline_date, line.draw_id, line.draw_weight, line.state, line.round, line.count_date,
               %(count_day)s AS count_day,
               line.counted_by_id, %(counter)s AS counted_by, line.expected_qty, line.counted_qty, line.variance_qty,
               line.first_variance_qty, line.variance_value, line.hit_tolerance, line.is_hit, line.is_exact, line.is_opening,
               %(answered)s AS is_answered, line.unit_cost, line.verdict, %(verdict)s AS verdict_reason,
               line.approval_level, line.adjustment_qty, line.adjustment_value, line.transfer_qty,
               line.transfer_value, %(reason)s, reason.root_cause, %(note)s AS note, line.post_date,
               line.post_user_id
          FROM (%(lines)s) line
          JOIN stock_cycle_count sheet ON sheet.id = line.count_id
          %(names)s
          LEFT JOIN stock_cycle_count_reason reason ON reason.id = line.reason_id
          %(drawn)s
         ORDER BY line.id
        """, lines=lines_of(pack), names=named("line"), drawn=DRAWN, product=PRODUCT, place=PLACE, reason=WHY,
        sheet=text("sheet.name"), answered=is_answered(), verdict=text("line.verdict_reason"), note=text("line.note"),
        counter=_name("line.counted_by_id", pack._named), count_day=day("line.count_date", pack))


@query(reads=(LINE, ENTRY, DRAW))
def entries(pack):
    """What was counted on these lines, act by act."""
    return SQL(
        """
        SELECT entry.id, entry.line_id, entry.round, entry.kind, entry.undone_id, entry.user_id, %(counter)s AS counter,
               entry.date, entry.received_date, entry.quantity, entry.book_quantity, entry.picked_quantity, entry.source
          FROM stock_cycle_count_entry entry JOIN (%(lines)s) line ON line.id = entry.line_id
         ORDER BY entry.id
        """, lines=lines_of(pack), counter=_name("entry.user_id", pack._named))


@query(reads=(LINE, APPROVAL, DRAW, REASON))
def decisions(pack):
    """What was decided on these lines, with the numbers that it was decided on."""
    return SQL(
        """
        SELECT decision.id, decision.line_id, decision.level, decision.decision, decision.user_id, %(person)s AS person,
               decision.date, decision.self_approval, decision.expected_qty, decision.counted_qty, decision.variance_qty,
               decision.adjustment_qty, decision.unit_cost, %(reason)s, %(comment)s AS comment
          FROM stock_cycle_count_approval decision JOIN (%(lines)s) line ON line.id = decision.line_id
          LEFT JOIN stock_cycle_count_reason reason ON reason.id = decision.reason_id
         ORDER BY decision.id
        """, lines=lines_of(pack), person=_name("decision.user_id", pack._named), comment=text("decision.comment"), reason=WHY)


@query(reads=(LINE, DRAW, "stock.move", "stock.move.line", "stock.location"))
def moves(pack):
    """What moved because of these lines."""
    return SQL(
        """
        SELECT move.id, move.cycle_count_line_id AS line_id, move.cycle_count_transfer_id AS transfer_id,
               %(reference)s AS reference, move.date, move.product_id, item.lot_id, item.package_id, item.owner_id,
               %(source)s AS source, %(destination)s AS destination,
               item.quantity_product_uom AS quantity
          FROM stock_move move
          JOIN (%(lines)s) line ON line.id = move.cycle_count_line_id
          JOIN stock_move_line item ON item.move_id = move.id AND item.state = 'done'
          JOIN stock_location source ON source.id = item.location_id
          JOIN stock_location destination ON destination.id = item.location_dest_id
         ORDER BY move.id, item.id
        """, lines=lines_of(pack), reference=text("move.reference"), source=text("source.complete_name"),
        destination=text("destination.complete_name"))


def _booked(pack):
    """What valuation made of lines: line, value of the layers, numbers of the journal entries, what these debit and was not
    reversed until the last day, and what all layers that they book are worth without sign: one entry may book a whole sheet.
    """
    if not pack._valued:
        return SQL("SELECT NULL::int AS line_id, NULL::numeric AS layer_value, NULL::varchar AS entries,"
                   " NULL::numeric AS debit, NULL::numeric AS booked WHERE FALSE")
    return SQL(
        """
        SELECT layers.line_id, layers.layer_value, STRING_AGG(entry.name, ',' ORDER BY entry.id) AS entries,
               SUM(entry.debit) AS debit, SUM(entry.booked) AS booked
          FROM (
            SELECT move.cycle_count_line_id AS line_id, SUM(layer.value) AS layer_value,
                   ARRAY_AGG(DISTINCT layer.account_move_id) AS entry_ids
              FROM stock_valuation_layer layer
              JOIN stock_move move ON move.id = layer.stock_move_id
             WHERE move.cycle_count_line_id IN (SELECT id FROM posted)
             GROUP BY 1) layers
          LEFT JOIN LATERAL (
            SELECT entry.id, entry.name,
                   COALESCE((SELECT SUM(item.debit) FROM account_move_line item
                              WHERE item.move_id = entry.id AND entry.state = 'posted'), 0)
                   - COALESCE((SELECT SUM(item.debit) FROM account_move_line item
                                 JOIN account_move reversal ON reversal.id = item.move_id AND reversal.state = 'posted'
                                WHERE reversal.reversed_entry_id = entry.id AND reversal.date <= %(last)s), 0) AS debit,
                   (SELECT SUM(ABS(layer.value)) FROM stock_valuation_layer layer
                     WHERE layer.account_move_id = entry.id) AS booked
              FROM account_move entry WHERE entry.id = ANY(layers.entry_ids)) entry ON TRUE
         GROUP BY layers.line_id, layers.layer_value
        """, last=pack.date_to)


@query(reads=(LINE, DRAW, "stock.move", "stock.move.line", "stock.location"))
def reconciliation(pack):
    """Posted adjustments against stock moves and, where stock is valued, their layers and posted journal entries, with what
    is left: 0 where they agree, nothing where there is nothing to compare with.
    """
    return SQL(
        """
        WITH posted AS (
            SELECT line.* FROM (%(lines)s) line WHERE line.state = 'posted' AND line.adjustment_qty <> 0
        ),
        moved AS (
            SELECT move.cycle_count_line_id AS line_id, MIN(move.id) AS move_id,
                   SUM(CASE WHEN source.usage = 'inventory' THEN item.quantity_product_uom
                            ELSE -item.quantity_product_uom END) AS quantity
              FROM stock_move move
              JOIN stock_move_line item ON item.move_id = move.id AND item.state = 'done'
              JOIN stock_location source ON source.id = item.location_id
             WHERE move.cycle_count_line_id IN (SELECT id FROM posted) AND move.cycle_count_transfer_id IS NULL
             GROUP BY 1
        ),
        booked AS (%(booked)s)
        SELECT line.id AS line_id, moved.move_id, line.adjustment_qty, moved.quantity AS moved_qty,
               ROUND((line.adjustment_qty - COALESCE(moved.quantity, 0))::numeric, 6) AS quantity_rest,
               line.adjustment_value, ROUND(booked.layer_value::numeric, %(digits)s) AS layer_value,
               ROUND((line.adjustment_value - booked.layer_value)::numeric, %(digits)s) AS layer_rest,
               booked.entries, booked.booked AS entry_layers, booked.debit AS entry_debit,
               ROUND((booked.booked - booked.debit)::numeric, %(digits)s) AS entry_rest
          FROM posted line
          LEFT JOIN moved ON moved.line_id = line.id
          LEFT JOIN booked ON booked.line_id = line.id
         ORDER BY line.id
        """, lines=lines_of(pack), booked=_booked(pack), **pack._facts)


@query(reads=(LOG,))
def rule_changes(pack):
    """The adjustment control log: changes of rules, roles and settings, and what was refused."""
    return SQL(
        """
        SELECT log.id, log.date, log.uid_refused AS user_id, %(name)s AS person, %(attempt)s AS how, %(detail)s AS what
          FROM stock_cycle_count_audit_log log
         WHERE (log.company_id = %(company)s OR log.company_id IS NULL) AND %(log_day)s BETWEEN %(first)s AND %(last)s
         ORDER BY log.id
        """, name=text("log.user_name"), attempt=text("log.attempt"), detail=text("log.detail"),
        log_day=day("log.date", pack), **pack._facts)


@query(reads=(FINDING, EXPLANATION))
def unexplained(pack):
    """Changes of stock that nothing explained when they were found, with what people said to them since."""
    return SQL(
        """
        SELECT finding.id, finding.kind, finding.state, finding.found_date, finding.event_date, finding.closed_date,
               finding.product_id, finding.location_id, finding.quantity, finding.value, %(detail)s AS detail,
               finding.move_id, finding.creator_id, finding.user_id,
               explanation.id AS explanation_id, %(note)s AS explanation
          FROM stock_cycle_count_finding finding
          LEFT JOIN stock_cycle_count_explanation explanation ON explanation.finding_id = finding.id
         WHERE finding.company_id = %(company)s
           AND (finding.state = 'open' OR %(found_day)s BETWEEN %(first)s AND %(last)s)
         ORDER BY finding.id, explanation.id
        """, detail=text("finding.detail"), note=text("explanation.note"), found_day=day("finding.found_date", pack),
        **pack._facts)


#: Joins of what ``one`` row is about, of which each may be missing.
SUBJECT = SQL(
    "LEFT JOIN product_product product ON product.id = one.product_id"
    " LEFT JOIN product_template template ON template.id = product.product_tmpl_id"
    " LEFT JOIN stock_location location ON location.id = one.location_id"
    " LEFT JOIN stock_warehouse warehouse ON warehouse.id = one.warehouse_id")


@query(reads=(CAUSE, HINT, LINE, REASON, *STOCK))
def root_causes(pack):
    """Root causes that were open at some time of the period; those about people where people are shown."""
    return SQL(
        """
        SELECT one.id, %(name)s AS what, one.state, one.create_date AS found_date, one.create_uid AS found_by_id,
               %(finder)s AS found_by, one.user_id AS owner_id, %(owner)s AS owner, one.date_deadline AS due_date,
               %(change)s AS change, one.closed_date, one.closed_by_id, %(closer)s AS closed_by, one.root_cause, %(reason)s,
               one.product_id, %(product)s, one.location_id, %(place)s, %(warehouse)s, one.hint_id,
               (SELECT STRING_AGG(seen.line_id::varchar, ',' ORDER BY seen.line_id)
                  FROM stock_cycle_count_cause_line_rel seen WHERE seen.cause_id = one.id) AS line_ids
          FROM stock_cycle_count_cause one
          %(subject)s
          LEFT JOIN stock_cycle_count_reason reason ON reason.id = one.reason_id
          LEFT JOIN stock_cycle_count_hint hint ON hint.id = one.hint_id
         WHERE one.company_id = %(company)s AND (%(is_named)s OR hint.counter_id IS NULL)
           AND %(found_day)s <= %(last)s AND (one.state = 'open' OR %(closed_day)s >= %(first)s)
         ORDER BY one.id
        """, name=text("one.name"), change=text("one.change"), finder=_name("one.create_uid", pack._named),
        owner=_name("one.user_id", pack._named), closer=_name("one.closed_by_id", pack._named), reason=WHY, product=PRODUCT,
        place=PLACE, warehouse=WAREHOUSE, subject=SUBJECT, is_named=pack._named,
        found_day=day("one.create_date", pack), closed_day=day("one.closed_date", pack), **pack._facts)


@query(reads=(HINT, CAUSE, LINE, *STOCK))
def hints(pack):
    """Hints that came in the period, or were open at some time of it, with what they rest on, what was answered and whether
    they were right; those about people where people are shown.
    """
    return SQL(
        """
        SELECT one.id, one.kind, one.date, one.value, one.facts, one.product_id, %(product)s, one.location_id, %(place)s,
               %(warehouse)s, one.counter_id, %(counter)s AS counter, one.line_id, one.state, one.ended_date,
               one.count_date AS count_asked_date, one.dismissal, %(note)s AS note, one.dismissed_by_id,
               %(person)s AS dismissed_by,
               (SELECT STRING_AGG(cause.id::varchar, ',' ORDER BY cause.id)
                  FROM stock_cycle_count_cause cause WHERE cause.hint_id = one.id) AS cause_ids, one.verdict AS outcome
          FROM stock_cycle_count_hint one
          %(subject)s
         WHERE one.company_id = %(company)s AND (%(is_named)s OR one.counter_id IS NULL)
           AND %(told_day)s <= %(last)s
           AND (one.state = 'open' OR %(told_day)s >= %(first)s OR %(ended_day)s >= %(first)s)
         ORDER BY one.id
        """, product=PRODUCT, place=PLACE, warehouse=WAREHOUSE, subject=SUBJECT,
        counter=_name("one.counter_id", pack._named), person=_name("one.dismissed_by_id", pack._named),
        note=text("one.dismissal_note"), is_named=pack._named, told_day=day("one.date", pack),
        ended_day=day("one.ended_date", pack), **pack._facts)


#: Files of the pack, in the order in which they are read.
FILES = (
    population, unplanned, draws, lines, entries, decisions, moves, strata, roll_forward, auditor_counts, reconciliation,
    rule_changes, unexplained, root_causes, hints)
