"""Statements on count lines."""
from odoo.tools import SQL

from . import arrays
from .statement import query


@query(writes={"stock.cycle.count.line": ("passed_value",)})
def write_passed_values(values):
    """Store what passed without approval.

    :param values: ``{line id: value}``, in the currency of the line's company
    """
    return SQL(
        """
        UPDATE stock_cycle_count_line line SET passed_value = fresh.value
          FROM unnest(%s::int[], %s::numeric[]) AS fresh (id, value)
         WHERE line.id = fresh.id AND line.passed_value IS DISTINCT FROM fresh.value
        """, arrays.literal(values), arrays.literal(values.values()))
