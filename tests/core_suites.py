"""Odoo's own tests of modules that move stock, with the addon installed.

Core's tests know nothing of the addon, so they show whether anything changes for those who do not use it (gate
closed: what passes without the addon passes), and what the gate changes (in force: only tests that post a difference
as an ordinary user, or write quants directly). Tests that need a browser are left out.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg2

import odoo

#: Tests of core that the gate makes fail, by module, each with its reason. Companies of these tests have counted nothing
#: yet, so that the first stock of their products passes as opening stock.
HELD_BACK = {
    "stock": {
        "StockQuant::test_access_rights_1": "asserts that an ordinary user may write quants",
    },
    "stock_account": {},
    "mrp": {},
    "stock_landed_costs": {},
    "repair": {},
    "point_of_sale": {
        **dict.fromkeys((
            "TestAngloSaxonFlow::test_fifo_valuation_no_invoice", "TestAngloSaxonFlow::test_fifo_valuation_with_invoice",
            "TestPoSStock::test_01_orders_no_invoiced", "TestPoSStock::test_02_orders_with_invoice",
        ), "applies a second count of a product, for its cost to be another one, which waits for somebody else"),
    },
}
#: Longest run of one suite, in seconds.
PATIENCE = 3600


def install(database, module):
    """Install a module without demo data."""
    command = [sys.executable, "-m", "odoo", f"--database={database}", f"--init={module}", "--without-demo=all"]
    command += ["--stop-after-init", "--no-http", "--log-level=warn"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def close_gate(database):
    """Switch the gate off for the companies that are there and those that tests make."""
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE res_company SET cycle_count_adjustment_control = FALSE")
        cursor.execute(
            """
            INSERT INTO ir_default (field_id, json_value)
            SELECT id, 'false' FROM ir_model_fields WHERE model = 'res.company' AND name = 'cycle_count_adjustment_control'
            """)
    connection.close()


def run_suite(database, module, only=()):
    """Run the tests of a core module in a process of its own.

    :param only: tests to run instead of all, as this function names them
    :return: the tests that failed, as ``file::class::test``
    """
    tests = next(
        path / module / "tests" for path in map(Path, odoo.addons.__path__) if (path / module / "tests").is_dir())
    # It is no worker of this run, which would test in a copy of the database.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environ["PYTHONSAFEPATH"] = "1"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *(only or [str(tests)]), "-q", "-p", "no:cacheprovider", "-p", "no:warnings",
         "--tb=no", "-rfE", "--rootdir", str(tests), f"--odoo-database={database}", "--odoo-log-level=critical"],
        cwd=tests, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    closing = result.stdout.strip().splitlines()[-1] if result.stdout.strip() else result.stderr[-2000:]
    print(f"{module} in {database}: {closing}")  # noqa: T201 (pytest shows it with a failure)
    assert re.search(r"\d+ (passed|failed)", closing) and not re.search(r"Interrupted|no tests ran", closing), closing
    return set(re.findall(r"^(?:FAILED|ERROR) (\S+)", result.stdout, flags=re.MULTILINE))


def check_in_force(database, module, without=None):
    """Run a suite with the gate in force: only what the gate is meant to hold back fails.

    :param without: a database without the addon, if there tests of the suite fail as well
    """
    failed = run_suite(database, module)
    held = {name for name in failed if name.partition("::")[2] in HELD_BACK[module]}
    _check_as_without(without, module, failed - held)
    assert {name.partition("::")[2] for name in held} == set(HELD_BACK[module]), "tests pass that were held back"


def check_closed(database, module, without=None):
    """Run a suite with the gate closed: nothing fails that passes without the addon."""
    close_gate(database)
    _check_as_without(without, module, run_suite(database, module))


def _check_as_without(without, module, failed):
    if failed and without:
        failed = failed - run_suite(without, module, only=sorted(failed))
    assert not failed, f"{sorted(failed)}"
