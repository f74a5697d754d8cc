"""Statements that make processes wait for each other, or pass each other by."""
from odoo.tools import SQL

from .statement import query


@query()
def claim(table, marker, since, failed_ids):
    """Lock one active row that is not done since a moment and that no other worker holds: its ``id``, or no row.

    What decides (``marker``, ``active``) is flushed by the caller, who knows the model.

    :param marker: name of the column that says when a row was done last
    :param failed_ids: rows to leave alone
    """
    return SQL(
        """
        SELECT id FROM %(table)s
         WHERE active AND (%(marker)s IS NULL OR %(marker)s < %(since)s) AND id <> ALL(%(failed)s)
         ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        table=SQL.identifier(table), marker=SQL.identifier(marker), since=since, failed=failed_ids)


@query()
def lock_rows(table, ids):
    """Lock rows in the order of their ids, so that no two processes wait for each other."""
    return SQL("SELECT 1 FROM %s WHERE id = ANY(%s) ORDER BY id FOR UPDATE", SQL.identifier(table), sorted(ids))


@query()
def without_jit():
    """Compile no statement of this transaction: those of long jobs are wide, and light on each row, so that compiling
    takes longer than running them.
    """
    return SQL("SET LOCAL jit = off")


@query()
def with_memory():
    """Let the statements of this transaction sort and join whole tables in memory."""
    return SQL("SET LOCAL work_mem = '128MB'")


@query()
def wait_in_turn(table, row_id):
    """Wait until nobody else in another transaction holds a row's turn, and hold it until this one ends. The row itself
    stays free to read and write.
    """
    return SQL("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", table, row_id)
