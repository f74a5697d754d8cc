"""Statements on Odoo's sequences."""
from odoo.tools import SQL

from .statement import query


@query()
def next_values(sequence_id, number):
    """The next so many numbers of a standard sequence, drawn at once."""
    return SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence_id:03d}", number)
