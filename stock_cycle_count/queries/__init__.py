"""All raw SQL of this addon, one function a statement; ``run`` is the only way to the database.

Raw SQL stands here only where a row at a time through the ORM was too slow for the benchmark, or where the ORM has no
word for it (locks, indexes). A statement is a ``Query``: it says which models it reads and writes, so that ``run``
flushes and invalidates them. Functions that return plain ``SQL`` are parts of statements.
"""
from . import (
    abc_classification,
    answers,
    arrays,
    audit_books,
    audit_pack,
    book_quantity,
    causes,
    draws,
    events,
    fingerprints,
    hints,
    indexes,
    last_counts,
    lines,
    locks,
    reconciliation,
    risk,
    roll_forward,
    schedule,
    sequences,
)
from .statement import Query, query, run, stream
