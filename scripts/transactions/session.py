"""Odoo, from the command line: its configuration and one database. Nothing of Odoo is imported before it is needed."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERIES = "17.0"
_LOCK = 1_702_010_000  # any number that nobody else locks
_PG_VARIABLES = {"PGHOST": "db_host", "PGPORT": "db_port", "PGUSER": "db_user", "PGPASSWORD": "db_password"}


class SessionError(Exception):
    """Odoo or the database cannot be used; the message says what to do."""


def import_odoo():
    """Odoo 17.0: importable as it is, or in the folder that ODOO_HOME names."""
    home = os.environ.get("ODOO_HOME")
    if home:
        sys.path.insert(0, home)
    try:
        import odoo
    except ImportError as error:
        raise SessionError(
            f"Odoo cannot be imported ({error}).\nTo do: call this with the Python of Odoo's environment, and name"
            " the folder of Odoo's sources in ODOO_HOME or PYTHONPATH; or use: make run DATA=file.csv"
        ) from error
    if odoo.release.series != SERIES:
        raise SessionError(f"This is Odoo {odoo.release.series}.\nTo do: name Odoo {SERIES} in ODOO_HOME or PYTHONPATH.")
    return odoo


@contextlib.contextmanager
def environment(database: str, config: str | None) -> Iterator[tuple]:
    """An Odoo environment of the superuser, and a function that runs another as one transaction of its own.

    Connects by the configuration file; PGHOST, PGPORT, PGUSER and PGPASSWORD win over it. Only one process at a
    time is in here for a database: a second one waits.

    :raises SessionError: no Odoo, no such database, or one without stock
    """
    odoo = import_odoo()
    odoo.tools.config.parse_config([f"--config={config or os.devnull}", "--log-level=warn"])
    for variable, option in _PG_VARIABLES.items():
        if os.environ.get(variable):
            odoo.tools.config[option] = os.environ[variable]
    # The addon may be installed in the database, and Odoo must find it then.
    odoo.addons.__path__.append(str(ROOT))
    _check_database(odoo, database)
    from odoo.service.model import retrying

    with odoo.registry(database).cursor() as cr:
        _wait_for_turn(odoo, cr)
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        yield env, functools.partial(retrying, env=env)


def _check_database(odoo, database: str) -> None:
    """Refuses a database that is not there, or not one of Odoo 17.0 with stock."""
    import psycopg2

    try:
        with contextlib.closing(odoo.sql_db.db_connect(database).cursor()) as cr:
            states = {}
            if odoo.tools.sql.table_exists(cr, "ir_module_module"):
                cr.execute("SELECT name, state, latest_version FROM ir_module_module WHERE name IN %s", [("base", "stock")])
                states = {name: (state, version or "") for name, state, version in cr.fetchall()}
    except psycopg2.OperationalError as error:
        raise SessionError(
            f"The database {database} cannot be opened: {str(error).strip()}\n"
            "To do: check the name, and PGHOST, PGPORT, PGUSER and PGPASSWORD or the configuration file."
        ) from error
    if not states.get("base", ("", ""))[1].startswith(SERIES):
        raise SessionError(f"The database {database} is not one of Odoo {SERIES}.\nTo do: name one that is.")
    if states.get("stock", ("", ""))[0] != "installed":
        raise SessionError(f"Inventory is not installed in {database}.\nTo do: install the app Inventory (stock) first.")


def _wait_for_turn(odoo, cr) -> None:
    """Takes the lock of this program in the database; it goes with the connection, however the process ends."""
    cr.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
    if not cr.fetchone()[0]:
        print("Another process is loading into this database; waiting for it.", file=sys.stderr, flush=True)
        cr.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    # What the other process has done meanwhile must be seen.
    cr.rollback()
