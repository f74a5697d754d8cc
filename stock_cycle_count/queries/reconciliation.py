"""Statements that look for what changed stock and is not explained. All of them read whole tables, in sets."""
from odoo.tools import SQL

from .fingerprints import FINGERPRINT, LINE_FIELDS, MOVE_FIELDS, PRODUCT, VALUES, get_moved, get_values
from .statement import Query, query

LOCATION = {"stock.location": ("usage", "company_id", "scrap_location")}


def is_own(location):
    """Condition: a place holds own stock, as ``stock.location._is_own_stock`` says.

    :param location: alias of the table of locations
    """
    return SQL(
        "(%(place)s.usage = 'internal' OR %(place)s.usage = 'transit' AND %(place)s.company_id IS NOT NULL)",
        place=SQL.identifier(location))


def crosses_border(source, destination):
    """Condition: what moves between two places enters or leaves the own stock of a company."""
    return SQL(
        "(%(own_source)s <> %(own_destination)s OR %(own_source)s AND %(source)s.company_id <> %(destination)s.company_id)",
        own_source=is_own(source), own_destination=is_own(destination), source=SQL.identifier(source),
        destination=SQL.identifier(destination))


@query(reads={FINGERPRINT: (), "res.partner": (), "stock.move.line": LINE_FIELDS, "stock.move": MOVE_FIELDS, **PRODUCT})
def find_edited(company_id):
    """Done move lines of a company that say something else than was seen, are gone, or were added later: rows of the id
    of the line, what was seen (``MOVED``), what it says now (the same columns), when it was seen, whether it was added,
    the count line that posted it, its move, the reference of that, who made it, who wrote it last, and when.

    An owner that is gone was merged into another one, which changes no done move.
    """
    # Nearly all are as they were seen: units, moves and owners are looked up for the others alone.
    return SQL(
        """
        WITH other AS MATERIALIZED (
            SELECT seen.* FROM stock_cycle_count_fingerprint seen
              LEFT JOIN stock_move_line line ON line.id = seen.id AND line.state = 'done'
             WHERE seen.company_id = %(company)s
               AND (seen.added OR (COALESCE(line.quantity_product_uom, 0), %(now)s)
                                  IS DISTINCT FROM (seen.quantity, %(seen)s)))
        SELECT seen.id, %(seen)s, seen.quantity, %(now)s, line.quantity_product_uom,
               seen.seen_date, seen.added, seen.count_line_id, move.id, move.reference,
               COALESCE(line.create_uid, move.create_uid), COALESCE(line.write_uid, move.write_uid),
               COALESCE(line.write_date, move.write_date)
          FROM other seen
          JOIN product_product product ON product.id = seen.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id
          JOIN uom_uom unit ON unit.id = template.uom_id
          LEFT JOIN stock_move_line line ON line.id = seen.id AND line.state = 'done'
          LEFT JOIN stock_move move ON move.id = seen.move_id
         WHERE seen.added OR line.id IS NULL
            OR ABS(COALESCE(line.quantity_product_uom, 0) - seen.quantity) >= unit.rounding / 2
            OR line.product_id <> seen.product_id OR line.location_id <> seen.location_id
            OR line.location_dest_id <> seen.location_dest_id OR line.lot_id IS DISTINCT FROM seen.lot_id
            OR line.package_id IS DISTINCT FROM seen.package_id
            OR line.result_package_id IS DISTINCT FROM seen.result_package_id
            OR line.owner_id IS DISTINCT FROM seen.owner_id
               AND (seen.owner_id IS NULL OR EXISTS (SELECT 1 FROM res_partner WHERE id = seen.owner_id))
        """, company=company_id, seen=get_moved("seen"), now=get_moved("line"))


@query(reads={"stock.quant": (), "stock.move.line": LINE_FIELDS, **LOCATION, **PRODUCT})
def find_unbalanced(company_id, shared):
    """Stock keys of a company's places on which the quantity on hand is not the sum of done move lines: product,
    location, lot, package, owner, quantity on hand, sum of moves, what left by moves, rounding of the unit, who wrote
    the quant last, and when.

    :param shared: whether places that belong to no company are looked at with this one
    """
    return SQL(
        """
        WITH place AS MATERIALIZED (
            SELECT id FROM stock_location
             WHERE usage IN ('internal', 'transit') AND (company_id = %(company)s OR %(shared)s AND company_id IS NULL)
        ),
        books AS (
            SELECT product_id, location_id, lot_id, package_id, owner_id, SUM(on_hand) AS on_hand, SUM(moved) AS moved,
                   -SUM(LEAST(moved, 0)) AS gone, MAX(uid) AS uid, MAX(date) AS date
              FROM (
                SELECT product_id, location_id, lot_id, package_id, owner_id, COALESCE(quantity, 0) AS on_hand,
                       0 AS moved, write_uid AS uid, write_date AS date
                  FROM stock_quant WHERE location_id IN (SELECT id FROM place)
                 UNION ALL
                SELECT product_id, location_dest_id, lot_id, result_package_id, owner_id, 0,
                       COALESCE(quantity_product_uom, 0), NULL, NULL
                  FROM stock_move_line WHERE state = 'done' AND location_dest_id IN (SELECT id FROM place)
                 UNION ALL
                SELECT product_id, location_id, lot_id, package_id, owner_id, 0,
                       -COALESCE(quantity_product_uom, 0), NULL, NULL
                  FROM stock_move_line WHERE state = 'done' AND location_id IN (SELECT id FROM place)
              ) part
             GROUP BY product_id, location_id, lot_id, package_id, owner_id
            HAVING ABS(SUM(on_hand) - SUM(moved)) > 1e-9
        )
        SELECT books.product_id, books.location_id, books.lot_id, books.package_id, books.owner_id, books.on_hand,
               books.moved, books.gone, unit.rounding, books.uid, books.date
          FROM books
          JOIN product_product product ON product.id = books.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'product'
          JOIN uom_uom unit ON unit.id = template.uom_id
         WHERE ABS(books.on_hand - books.moved) >= unit.rounding / 2
         ORDER BY books.product_id, books.location_id, books.lot_id, books.package_id, books.owner_id
        """, company=company_id, shared=shared)


def find_undocumented(company_id, since, controlled_since, documents):
    """Done move lines of a company that cross the border of own stock, and that nothing explains (``crossing``), or only
    a transfer by hand to or from a place where no goods of that kind of transfer go (``by_hand``): id, kind, product, own
    place, the other place, lot, package, owner, quantity (negative out), move, its reference, who made it, who wrote it
    last, and when.

    :param since: what was made or done before is not asked about
    :param controlled_since: inventory moves of this moment and after it need a count line; None: none does
    :param documents: names of the columns of moves that say which order made them
    """
    made = SQL("GREATEST(line.create_date, line.date)")
    controlled = SQL("FALSE") if controlled_since is None else SQL("%s >= %s", made, controlled_since)
    ordered = SQL(" OR ").join([SQL("FALSE"), *(SQL("%s IS NOT NULL", SQL.identifier("move", name)) for name in documents)])
    reads = {"stock.move.line": LINE_FIELDS, "stock.move": (*MOVE_FIELDS, *documents), "stock.picking": ("picking_type_id",),
             "stock.picking.type": ("code",), **LOCATION, **PRODUCT}
    sql = SQL(
        """
        SELECT * FROM (
            SELECT line.id,
                   CASE WHEN move.scrap_id IS NOT NULL OR move.is_inventory AND NOT (%(controlled)s) THEN NULL
                        WHEN %(controlled)s AND (
                            move.is_inventory OR source.usage = 'inventory' AND source.scrap_location IS NOT TRUE
                            OR destination.usage = 'inventory' AND destination.scrap_location IS NOT TRUE)
                        THEN 'crossing'
                        WHEN %(ordered)s THEN NULL
                        WHEN move.picking_id IS NULL THEN 'crossing'
                        WHEN move.rule_id IS NULL AND (
                            kind.code = 'internal'
                            OR CASE WHEN inward.yes THEN source.usage ELSE destination.usage END
                               NOT IN ('supplier', 'customer', 'transit'))
                        THEN 'by_hand' END AS finding,
                   line.product_id, CASE WHEN inward.yes THEN destination.id ELSE source.id END AS place,
                   CASE WHEN inward.yes THEN source.id ELSE destination.id END AS other,
                   line.lot_id, CASE WHEN inward.yes THEN line.result_package_id ELSE line.package_id END AS package_id,
                   line.owner_id,
                   CASE WHEN inward.yes THEN 1 ELSE -1 END * line.quantity_product_uom AS quantity,
                   move.id AS move_id, move.reference, line.create_uid, line.write_uid, line.date
              FROM stock_move_line line
              JOIN stock_move move ON move.id = line.move_id
              JOIN stock_location source ON source.id = line.location_id
              JOIN stock_location destination ON destination.id = line.location_dest_id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'product'
             CROSS JOIN LATERAL (SELECT NOT %(own_source)s AS yes) inward
              LEFT JOIN stock_picking picking ON picking.id = move.picking_id
              LEFT JOIN stock_picking_type kind ON kind.id = picking.picking_type_id
             WHERE line.state = 'done' AND line.company_id = %(company)s AND %(crosses)s
               AND line.quantity_product_uom <> 0 AND move.cycle_count_line_id IS NULL
               AND %(made)s >= %(since)s
        ) crossing
         WHERE finding IS NOT NULL
         ORDER BY id
        """,
        company=company_id, since=since, made=made, controlled=controlled, ordered=ordered, own_source=is_own("source"),
        crosses=crosses_border("source", "destination"))
    return Query(sql, reads, {})


@query(reads={
    "stock.cycle.count.line": (), "stock.cycle.count.transfer": (), "stock.move.line": LINE_FIELDS,
    "stock.move": MOVE_FIELDS, **LOCATION, **PRODUCT})
def find_misposted(company_id):
    """Count lines of a company whose done moves do not say what was posted: line, what was posted, what its moves say
    at its stock key, what they move elsewhere, who wrote the moves last, and when; once for its adjustment and once for
    each transfer to it.
    """
    return SQL(
        """
        WITH made AS (
            SELECT move.cycle_count_line_id AS line_id, COALESCE(move.cycle_count_transfer_id, 0) AS transfer_id,
                   SUM(CASE WHEN item.product_id <> line.product_id OR item.lot_id IS DISTINCT FROM line.lot_id
                                 OR item.owner_id IS DISTINCT FROM line.owner_id THEN 0
                            WHEN item.location_dest_id = line.location_id
                                 AND item.result_package_id IS NOT DISTINCT FROM line.package_id
                                 AND CASE WHEN transfer.id IS NULL THEN source.usage = 'inventory'
                                          ELSE item.location_id = transfer.location_id
                                               AND item.package_id IS NOT DISTINCT FROM transfer.package_id END
                            THEN item.quantity_product_uom
                            WHEN item.location_id = line.location_id AND transfer.id IS NULL
                                 AND item.package_id IS NOT DISTINCT FROM line.package_id
                                 AND destination.usage = 'inventory'
                            THEN -item.quantity_product_uom ELSE 0 END) AS quantity,
                   SUM(ABS(item.quantity_product_uom)) AS total, MAX(move.write_uid) AS uid, MAX(move.write_date) AS date
              FROM stock_move move
              JOIN stock_cycle_count_line line ON line.id = move.cycle_count_line_id
              JOIN stock_move_line item ON item.move_id = move.id AND item.state = 'done'
              JOIN stock_location source ON source.id = item.location_id
              JOIN stock_location destination ON destination.id = item.location_dest_id
              LEFT JOIN stock_cycle_count_transfer transfer ON transfer.id = move.cycle_count_transfer_id
             WHERE line.company_id = %(company)s AND move.state = 'done'
             GROUP BY 1, 2
        ),
        posted AS (
            SELECT id AS line_id, 0 AS transfer_id, COALESCE(adjustment_qty, 0) AS quantity
              FROM stock_cycle_count_line WHERE company_id = %(company)s AND state = 'posted' AND adjustment_qty <> 0
             UNION ALL
            SELECT transfer.target_line_id, transfer.id, transfer.quantity
              FROM stock_cycle_count_transfer transfer
              JOIN stock_cycle_count_line line ON line.id = transfer.target_line_id AND line.state = 'posted'
             WHERE line.company_id = %(company)s AND transfer.selected
        ),
        both_sides AS (
            SELECT line_id, COALESCE(posted.quantity, 0) AS posted, COALESCE(made.quantity, 0) AS made,
                   COALESCE(made.total, 0) - ABS(COALESCE(made.quantity, 0)) AS stray, made.uid, made.date
              FROM posted FULL JOIN made USING (line_id, transfer_id)
        )
        SELECT line_id, posted, made, stray, uid, both_sides.date
          FROM both_sides
          JOIN stock_cycle_count_line line ON line.id = line_id
          JOIN product_product product ON product.id = line.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'product'
          JOIN uom_uom unit ON unit.id = template.uom_id
         WHERE ABS(posted - made) >= unit.rounding / 2 OR ABS(stray) >= unit.rounding / 2
         ORDER BY line_id
        """, company=company_id)


@query(reads={FINGERPRINT: (), **VALUES, **PRODUCT})
def find_misvalued(company_id, rounding):
    """Posted moves of counts whose valuation layers or journal entries no longer say what was seen: count line, value
    seen, value now, entries seen, entries now, quantity seen, quantity now.

    :param rounding: of the company's currency
    """
    seen = SQL(
        "SELECT move_id FROM stock_cycle_count_fingerprint WHERE company_id = %s AND layer_value IS NOT NULL", company_id)
    return SQL(
        """
        WITH layers AS (%(values)s)
        SELECT seen.count_line_id, SUM(seen.layer_value), SUM(COALESCE(layers.layer_value, 0)),
               SUM(seen.entry_value), SUM(COALESCE(layers.entry_value, 0)),
               SUM(seen.quantity), SUM(COALESCE(ABS(layers.layer_quantity), seen.quantity))
          FROM (SELECT move_id, count_line_id, product_id, layer_value, entry_value, SUM(ABS(quantity)) AS quantity
                  FROM stock_cycle_count_fingerprint
                 WHERE company_id = %(company)s AND layer_value IS NOT NULL GROUP BY 1, 2, 3, 4, 5) seen
          JOIN product_product product ON product.id = seen.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id
          JOIN uom_uom unit ON unit.id = template.uom_id
          LEFT JOIN layers ON layers.move_id = seen.move_id
         WHERE ABS(COALESCE(layers.layer_value, 0) - seen.layer_value) >= %(rounding)s / 2
            OR ABS(COALESCE(layers.entry_value, 0) - seen.entry_value) >= %(rounding)s / 2
            OR ABS(ABS(layers.layer_quantity) - seen.quantity) >= unit.rounding / 2
         GROUP BY seen.count_line_id
        """, values=get_values(seen, True), company=company_id, rounding=rounding)
