"""``make bench``: measure the addon in a fresh database and write ``RESULTS.md``.

The database has the addon, no demo data and no product; data is made in it and stays. The exit code is 0 only if
every figure keeps its limit; a quick run is too small to be judged. A further benchmark is a further module with a
``Benchmark`` and its place in ``BENCHMARKS``.
"""

import argparse
import dataclasses
import sys
import time

import odoo

from . import report
from .answers import Answers
from .classify import Classify
from .data import TABLES, Size, make_world
from .evidence import Evidence
from .generate import Generate
from .harness import Database, measure
from .posting import Booked, Differences, Matches, Sheets
from .reconcile import Reconcile
from .risk import Risk
from .schedule import Schedule

#: In the order of the addon's work; what one prepares is there for those after it.
BENCHMARKS = (Classify, Schedule, Risk, Generate, Matches, Differences, Booked, Sheets, Reconcile, Answers, Evidence)
QUICK = 20


def main(arguments=None):
    """Measure, print and write the results; return the exit code."""
    options = _parse(arguments)
    odoo.tools.config.parse_config([
        f"--database={options.database}", "--log-level=warn", *([f"--config={options.config}"] if options.config else []),
    ])
    start = time.monotonic()

    def progress(text):
        print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)

    database = Database(options.database)
    with database.environment() as env:
        if env["product.product"].with_context(active_test=False).search_count([("type", "=", "product")], limit=1):
            print(f"{options.database} has products. To do: name a fresh database, with the addon and no demo data.")
            return 2
        server_version = env.cr._cnx.server_version
        size = Size().divided(QUICK) if options.quick else Size()
        progress(f"make {size.lines:,} move lines of {size.products:,} products")
        world = make_world(env, size)
    database.tidy(TABLES)
    rows = []
    for kind in BENCHMARKS:
        if options.only and kind.title not in options.only:
            continue
        benchmark = kind(world)
        progress(f"{benchmark.title}: prepare")
        with database.environment() as env:
            benchmark.prepare(env)
        database.tidy(table for each in BENCHMARKS for table in each.tables)
        rows += benchmark.rows(measure(database, benchmark, options.repetitions, progress))
    if options.quick:
        rows = [dataclasses.replace(row, limit=None) for row in rows]
    print(f"\n{report.table(rows)}\n")
    if not options.quick and not options.only:
        report.write(rows, options.repetitions, f"{server_version // 10000}.{server_version % 10000}")
    return 0 if all(row.passed for row in rows) else 1


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--database", required=True, help="a fresh database with the addon and no demo data")
    parser.add_argument("--config", help="Odoo's configuration file; without it, the one that ODOO_RC names")
    parser.add_argument("--repetitions", type=int, default=3, help="runs of every variant (3)")
    parser.add_argument("--only", action="append", choices=[kind.title for kind in BENCHMARKS],
                        help="measure this alone, without writing the results; may be repeated")
    parser.add_argument("--quick", action="store_true",
                        help=f"a {QUICK}th of the size, to try it, without writing the results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
