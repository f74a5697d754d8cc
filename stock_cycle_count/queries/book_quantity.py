"""What the books show."""
from odoo.tools import SQL

from .statement import query

KEY = ("product_id", "location_id", "lot_id", "package_id", "owner_id")


@query(reads={
    "stock.quant": (*KEY, "quantity"), "stock.move.line": (*KEY, "picked", "state", "quantity_product_uom")})
def read_book_quantities(product_ids, location_ids):
    """Rows of product, location, lot, package, owner, quantity on hand, and quantity picked but not done.

    Both at once, since every scan asks.
    """
    return SQL(
        """
        SELECT product_id, location_id, lot_id, package_id, owner_id, SUM(quantity), SUM(picked)
          FROM (SELECT product_id, location_id, lot_id, package_id, owner_id, COALESCE(quantity, 0) AS quantity,
                       0 AS picked
                  FROM stock_quant
                 WHERE product_id = ANY(%(products)s) AND location_id = ANY(%(locations)s)
                 UNION ALL
                SELECT product_id, location_id, lot_id, package_id, owner_id, 0, COALESCE(quantity_product_uom, 0)
                  FROM stock_move_line
                 WHERE product_id = ANY(%(products)s) AND location_id = ANY(%(locations)s)
                   AND picked AND state NOT IN ('done', 'cancel', 'draft')) AS books
         GROUP BY product_id, location_id, lot_id, package_id, owner_id
        """, products=product_ids, locations=location_ids)
