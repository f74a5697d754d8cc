"""Indexes: most are rules, the database's last word where two processes do the same at once."""
from odoo.tools import SQL

from .statement import query


@query()
def one_open_line_per_key():
    """A stock key stands on one open count line."""
    return SQL(
        """
        CREATE UNIQUE INDEX IF NOT EXISTS stock_cycle_count_line_open_key
            ON stock_cycle_count_line (
                product_id, location_id, COALESCE(lot_id, 0), COALESCE(package_id, 0), COALESCE(owner_id, 0))
         WHERE state IN ('pending', 'counted', 'recount', 'to_approve', 'approved')
        """)


@query()
def one_transfer_per_source():
    """A line has one proposed transfer from a place and package."""
    return SQL(
        """
        CREATE UNIQUE INDEX IF NOT EXISTS stock_cycle_count_transfer_pair
            ON stock_cycle_count_transfer (target_line_id, location_id, COALESCE(package_id, 0))
        """)


@query()
def one_move_per_posting():
    """A line has one adjustment and a transfer has one move: two processes that post one line cannot both commit."""
    return SQL(
        """
        CREATE UNIQUE INDEX IF NOT EXISTS stock_move_cycle_count_adjustment
            ON stock_move (cycle_count_line_id) WHERE cycle_count_transfer_id IS NULL AND cycle_count_line_id IS NOT NULL;
        CREATE UNIQUE INDEX IF NOT EXISTS stock_move_cycle_count_transfer
            ON stock_move (cycle_count_transfer_id) WHERE cycle_count_transfer_id IS NOT NULL
        """)


@query()
def one_open_finding_per_subject():
    """What is unexplained is listed once until it is settled."""
    return SQL(
        """
        CREATE UNIQUE INDEX IF NOT EXISTS stock_cycle_count_finding_subject
            ON stock_cycle_count_finding (company_id, kind, subject) WHERE state <> 'closed'
        """)


@query()
def best_first():
    """What to count next of a plan is read in its order."""
    return SQL(
        """
        CREATE INDEX IF NOT EXISTS stock_cycle_count_risk_best
            ON stock_cycle_count_risk (plan_id, rank_index DESC)
        """)


@query()
def one_waiting_event():
    """What happened at a position waits once, however often it happens."""
    return SQL(
        """
        CREATE UNIQUE INDEX IF NOT EXISTS stock_cycle_count_event_waiting
            ON stock_cycle_count_event (position_id, kind) WHERE state = 'waiting'
        """)
