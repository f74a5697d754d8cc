"""Statements on random draws, and on the secrets that they follow from.

The secrets are in a table without a model, so that no call of a client reaches them, whatever its rights.
"""
from odoo.tools import SQL

from .statement import query


@query()
def create_secrets():
    """Make the table of secrets: one a company."""
    return SQL(
        """
        CREATE TABLE IF NOT EXISTS stock_cycle_count_secret (
            company_id integer PRIMARY KEY REFERENCES res_company ON DELETE CASCADE, secret varchar NOT NULL)
        """)


@query()
def drop_secrets():
    """Forget all secrets, and their table."""
    return SQL("DROP TABLE IF EXISTS stock_cycle_count_secret")


@query()
def read_secret(company_id, fresh):
    """The secret of a company: one row.

    :param fresh: becomes the secret of a company that has none
    """
    return SQL(
        """
        WITH made AS (
            INSERT INTO stock_cycle_count_secret (company_id, secret) VALUES (%(company)s, %(fresh)s)
                ON CONFLICT (company_id) DO NOTHING RETURNING secret)
        SELECT secret FROM made UNION ALL SELECT secret FROM stock_cycle_count_secret WHERE company_id = %(company)s
        """, company=company_id, fresh=fresh)


@query(reads=("stock.location", "stock.quant", "stock.cycle.count.position"))
def empty_bins(scope):
    """Places among these that hold no other places, of which the books of any company show nothing and no plan counts anything:
    ``id``.
    """
    return SQL(
        """
        SELECT location.id FROM stock_location location
         WHERE location.id = ANY(%s) AND location.usage = 'internal' AND location.active
           AND NOT EXISTS (SELECT 1 FROM stock_location inner_place
                            WHERE inner_place.location_id = location.id AND inner_place.active)
           AND NOT EXISTS (SELECT 1 FROM stock_quant quant WHERE quant.location_id = location.id AND (
                               quant.quantity <> 0 OR quant.reserved_quantity <> 0 OR quant.inventory_quantity_set))
           AND NOT EXISTS (SELECT 1 FROM stock_cycle_count_position position
                            WHERE position.location_id = location.id AND position.active)
         ORDER BY location.id
        """, scope)


@query(writes={"stock.cycle.count.line": ("draw_id", "draw_weight")})
def mark_lines(draw_id, line_ids):
    """Take open lines into a draw. Nothing else of them changes: when a line was written last is for everybody to read."""
    return SQL(
        "UPDATE stock_cycle_count_line SET draw_id = %s, draw_weight = 1 WHERE id = ANY(%s)", draw_id, line_ids)
