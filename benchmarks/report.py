"""Writes the tables of results, one for each core that was measured, and the words that go with them."""

import platform
import re
from datetime import date, datetime, timezone
from pathlib import Path

import odoo

FILE = Path(__file__).parent / "RESULTS.md"
#: What a person has to say about figures; it is kept at the end of the results.
NOTES = Path(__file__).parent / "NOTES.md"
HEADER = ("Work", "Size", "Time", "Queries", "Measured against", "Figure", "At most", "")
SECTION = re.compile(r"^## (Odoo \S+ of \S+)\n\n(.*?)(?=\n## |\Z)", re.MULTILINE | re.DOTALL)


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
    return f"{figure:.2f} {unit}" if unit in ("x", "s") else f"{figure:.0f} {unit}"


def core_name():
    """Which Odoo runs: its series and its day, told by the release of a nightly, else by the files of stock."""
    _series, _dash, built = odoo.release.version.partition("-")
    if built:
        day = datetime.strptime(built[:8], "%Y%m%d").date()
    else:
        files = Path(odoo.modules.get_module_path("stock")).rglob("*.py")
        day = datetime.fromtimestamp(max(file.stat().st_mtime for file in files), timezone.utc).date()
    return f"Odoo {odoo.release.series} of {day}"


def write(rows, repetitions, server_version, core=None):
    """Write the table of this core into ``RESULTS.md`` in this folder; those of other cores stay as they are."""
    sections = dict(SECTION.findall(FILE.read_text(encoding="utf-8"))) if FILE.exists() else {}
    sections[core or core_name()] = (
        f"Written by `make bench` on {date.today()}, all in one run of {repetitions} repetitions, with Python "
        f"{platform.python_version()} and PostgreSQL {server_version}.\n\n{table(rows)}\n")
    tables = "\n".join(f"## {name}\n\n{text.strip()}\n" for name, text in sorted(sections.items(), reverse=True))
    FILE.write_text(f"# What it costs\n\n{tables}\n{NOTES.read_text(encoding='utf-8')}", encoding="utf-8")
