"""Writes the table of results."""

import platform
from datetime import date
from pathlib import Path

import odoo

FILE = Path(__file__).parent / "RESULTS.md"
HEADER = ("Work", "Size", "Time", "Queries", "Measured against", "Figure", "At most", "")


def table(rows):
    """The rows as a table in Markdown."""
    lines = [HEADER, ("---", "---", "--:", "--:", "---", "--:", "--:", "---")]
    for row in rows:
        verdict = "reported only" if row.limit is None else "pass" if row.passed else "**over the limit**"
        lines.append((
            row.work, row.size, f"{row.seconds:.2f} s", str(row.queries), row.compared,
            _number(row.figure, row.unit), "" if row.limit is None else _number(row.limit, row.unit), verdict,
        ))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(figure, unit):
    return f"{figure:.2f} x" if unit == "x" else f"{figure:.0f} {unit}"


def write(rows, repetitions, server_version):
    """Write ``RESULTS.md`` in this folder."""
    FILE.write_text(
        f"""# What it costs

Written by `make bench` on {date.today()}, all in one run, with Python {platform.python_version()}, \
PostgreSQL {server_version} and Odoo {odoo.release.version}.

{table(rows)}

Times are medians of {repetitions} runs, in which the addon and what it is measured against took turns from the same state of the
database; they depend on the machine. The figures are what counts: ratios of two times, or numbers of queries, which do not.
Bare SQL does the same aggregation and writes the same columns of the same rows into the same tables, with their indexes
and constraints; the modules in this folder show it, and say what it leaves out. A run that finds nothing new follows
its first run in the same transaction. Core confirms counts by its own methods; what the addon overrides in core's models is
taken out for that time.
""",
        encoding="utf-8",
    )
