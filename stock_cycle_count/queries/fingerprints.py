"""Statements that keep what done move lines said when they were first seen."""
from odoo.tools import SQL

from .statement import Query, query

FINGERPRINT = "stock.cycle.count.fingerprint"
LINE_FIELDS = (
    "move_id", "company_id", "product_id", "location_id", "location_dest_id", "lot_id", "package_id", "result_package_id",
    "owner_id", "quantity_product_uom", "state", "date")
PRODUCT = {"product.product": ("product_tmpl_id",), "product.template": ("type", "uom_id"), "uom.uom": ("rounding",)}
VALUES = {"stock.valuation.layer": (), "account.move": ("state", "reversed_entry_id"), "account.move.line": ("debit", "move_id")}
#: Columns of a move line that say what moved, but for its quantity.
MOVED = ("product_id", "location_id", "location_dest_id", "lot_id", "package_id", "result_package_id", "owner_id")
MOVE_FIELDS = (
    "cycle_count_line_id", "cycle_count_transfer_id", "state", "picking_id", "scrap_id", "is_inventory", "rule_id", "reference")


def get_moved(table):
    """The columns ``MOVED`` of a table."""
    return SQL(", ").join(SQL.identifier(table, name) for name in MOVED)


def get_values(moves, valued):
    """What the first layers of moves are worth and of how much, and what their posted journal entries come to that nobody
    reversed: move, value, entries, quantity.

    Later layers (landed costs, corrections of what was negative) are linked to the first ones, which core never changes.

    :param moves: SELECT of ids of moves
    :param valued: whether there are layers
    """
    if not valued:
        return SQL("SELECT NULL::int AS move_id, NULL::float8 AS layer_value, NULL::float8 AS entry_value,"
                   " NULL::float8 AS layer_quantity WHERE FALSE")
    return SQL(
        """
        SELECT layer.stock_move_id AS move_id, SUM(layer.value)::float8 AS layer_value,
               SUM(COALESCE(entry.value, 0))::float8 AS entry_value, SUM(layer.quantity)::float8 AS layer_quantity
          FROM stock_valuation_layer layer
          LEFT JOIN LATERAL (
            SELECT SUM(item.debit) AS value FROM account_move_line item
              JOIN account_move booked ON booked.id = item.move_id AND booked.state = 'posted'
             WHERE item.move_id = layer.account_move_id AND NOT EXISTS (
                SELECT 1 FROM account_move reversal
                 WHERE reversal.reversed_entry_id = booked.id AND reversal.state = 'posted')) entry ON TRUE
         WHERE layer.stock_move_id IN (%s) AND layer.stock_valuation_layer_id IS NULL
         GROUP BY layer.stock_move_id
        """, moves)


def _reads(valued, **others):
    reads = {"stock.move.line": LINE_FIELDS, "stock.move": MOVE_FIELDS, **PRODUCT, **others}
    if valued:
        reads.update(VALUES)
    return reads


def _remember(chosen, valued, now):
    """Keep what lines say.

    :param chosen: SELECT of done move lines and of whether each was ``added`` to a move that was done before
    """
    return SQL(
        """
        WITH chosen AS MATERIALIZED (
            SELECT line.id, line.move_id, line.company_id, %(moved)s, line.quantity_product_uom, line.added,
                   move.cycle_count_line_id AS count_line_id
              FROM (%(chosen)s) line
              JOIN stock_move move ON move.id = line.move_id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'product'
        ),
        layers AS (%(values)s)
        INSERT INTO stock_cycle_count_fingerprint (
            id, move_id, company_id, product_id, location_id, location_dest_id, lot_id, package_id, result_package_id,
            owner_id, quantity, seen_date, added, count_line_id, layer_value, entry_value)
        SELECT line.id, line.move_id, line.company_id, %(moved)s, COALESCE(line.quantity_product_uom, 0), %(now)s,
               line.added, line.count_line_id,
               CASE WHEN line.count_line_id IS NOT NULL THEN COALESCE(layers.layer_value, %(nothing)s) END,
               CASE WHEN line.count_line_id IS NOT NULL THEN COALESCE(layers.entry_value, %(nothing)s) END
          FROM chosen line LEFT JOIN layers ON layers.move_id = line.move_id
         ORDER BY line.id ON CONFLICT (id) DO NOTHING
        """,
        chosen=chosen, moved=get_moved("line"), now=now, nothing=0 if valued else None,
        values=get_values(SQL("SELECT move_id FROM chosen WHERE count_line_id IS NOT NULL"), valued))


def remember_lines(line_ids, added, valued, now):
    """Keep what some done move lines say; what is kept of a line already stays.

    :param added: whether they were added to a move that was done before
    """
    chosen = SQL(
        "SELECT *, %s AS added FROM stock_move_line WHERE id = ANY(%s) AND state = 'done'",
        added, list(line_ids))
    return Query(_remember(chosen, valued, now), _reads(valued), {FINGERPRINT: ()})


def remember_new(company_id, valued, now):
    """Keep what the done move lines of a company say that were not seen yet; one of a move of which others were seen
    before was added to it after it was done.
    """
    chosen = SQL(
        """
        WITH fresh AS MATERIALIZED (
            SELECT line.id, line.move_id, line.company_id, %(moved)s, line.quantity_product_uom
              FROM stock_move_line line LEFT JOIN stock_cycle_count_fingerprint seen ON seen.id = line.id
             WHERE line.state = 'done' AND line.company_id = %(company)s AND seen.id IS NULL)
        SELECT fresh.*, fresh.move_id IN (
            SELECT seen.move_id FROM fresh JOIN stock_cycle_count_fingerprint seen USING (move_id)) AS added FROM fresh
        """, company=company_id, moved=get_moved("line"))
    return Query(_remember(chosen, valued, now), _reads(valued), {FINGERPRINT: ()})


@query()
def analyze_fingerprints():
    """Let the planner know how many there are: after the first night, all of them are new to it."""
    return SQL("ANALYZE stock_cycle_count_fingerprint")
