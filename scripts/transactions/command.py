"""The command line of the loader: reads the file, opens the database, loads, and says what was done."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from .progress import Progress
from .reader import FileError, Transactions, read
from .session import SessionError, environment, import_odoo

EPILOG = """\
The file is CSV with the columns InvoiceNo, StockCode, Quantity, UnitPrice and, if it has them, Description,
InvoiceDate and Country. Loading a file again changes nothing; a load that broke off is completed by the next one.
Products that exist keep their names and prices.
"""


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of one call."""
    parser = argparse.ArgumentParser(
        prog="load_transactions.py",
        description="Turns a sales file into products, receipts, deliveries and returns in a warehouse of its own.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the sales file")
    parser.add_argument("--database", "-d", required=True, metavar="NAME", help="a database with Inventory installed")
    parser.add_argument("--warehouse", default="Online Retail", metavar="NAME", help="default: %(default)s")
    parser.add_argument(
        "--config",
        "-c",
        default=os.environ.get("ODOO_RC"),
        metavar="FILE",
        help="Odoo's configuration file; default: the one that ODOO_RC names, or none."
        " PGHOST, PGPORT, PGUSER and PGPASSWORD win over it",
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs one load; 0 when all is loaded, 1 with a message when not, 130 when interrupted."""
    options = parse_arguments(arguments)
    try:
        content = options.file.read_bytes()
    except OSError as error:
        return _fail(f"{options.file} cannot be read: {error.strerror or error}.")
    try:
        transactions = read(content)
        print(f"{options.file.name}: {describe(transactions)}", flush=True)
        return _load(options, transactions)
    except FileError as error:
        return _fail(f"{options.file}, {error}\nNothing was loaded.")
    except SessionError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("\nInterrupted. What is loaded stays; the same command loads the rest.", 130)


def describe(transactions: Transactions) -> str:
    """What is in a file and what is left out, in a few lines."""
    skipped = transactions.skipped
    lines = [
        f"{len(transactions.rows):,} rows of {transactions.invoices:,} invoices and"
        f" {len(transactions.products):,} products; {skipped.total():,} rows left out{':' if skipped else '.'}"
    ]
    lines += [f"    {count:>7,}  {cause}" for cause, count in skipped.most_common()]
    return "\n".join(lines)


def _load(options: argparse.Namespace, transactions: Transactions) -> int:
    """Loads into the database and prints what was added."""
    import_odoo()
    from psycopg2 import OperationalError

    from odoo.exceptions import UserError

    from .counting import ensure_counting
    from .loader import load

    start = time.monotonic()
    try:
        with environment(options.database, options.config) as (env, run):
            result = load(env, transactions, options.warehouse, run, Progress())
            counting = run(lambda: ensure_counting(env, result.warehouse_id, result.first_date))
    except UserError as error:
        return _fail(f"Odoo refuses: {error.args[0]}")
    except OperationalError as error:
        return _fail(f"The database broke off: {str(error).strip()}\nTo do: call this again; it loads what is missing.")
    print(
        f"Warehouse {options.warehouse}: {result.products:,} products, {result.received_lines:,} receipt lines and"
        f" {result.loaded_rows:,} rows added; {result.known_rows:,} rows were there already"
        f" ({time.monotonic() - start:.0f} s)."
    )
    for line in counting:
        print(line)
    return 0


def _fail(message: str, code: int = 1) -> int:
    print(message, file=sys.stderr)
    return code
