"""All raw SQL of this addon, one function a statement.

Raw SQL stands here only where a row at a time through the ORM was too slow for the benchmark. Each function
returns an ``odoo.tools.SQL`` and names the tables it reads; callers flush those models before and invalidate
what was written after.
"""
from . import abc_classification, arrays, books, schedule
