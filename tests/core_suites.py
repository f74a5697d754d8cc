"""Odoo's own tests of ``stock`` and ``stock_account`` with the addon installed.

Core's tests know nothing of the addon, so they show whether anything changes for those who do not use it (gate
closed: nothing may fail), and what the gate changes (in force: only tests that post a difference as an ordinary user,
or write quants directly).
"""
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg2

import odoo

#: Tests of core that the gate makes fail, by module: they post a difference as an ordinary user, or assert that such a
#: user may write quants directly.
HELD_BACK = {
    "stock": {
        "TestMultiCompany::test_inventory_1",
        "StockQuant::test_access_rights_1",
        "TestWarehouse::test_inventory_wizard_as_manager",
    },
    "stock_account": set(),
}
#: Classes of ``stock`` that adjust inventory: what the gate could change.
INVENTORY = "StockQuant or TestWarehouse or TestMultiCompany or test_inventory"
#: Longest run of one suite, in seconds.
PATIENCE = 1500


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


def run_suite(database, module, *options):
    """Run the tests of a core module in a process of its own: ``(names that failed, closing line)``."""
    tests = next(
        path / module / "tests" for path in map(Path, odoo.addons.__path__) if (path / module / "tests").is_dir())
    # It is no worker of this run, which would test in a copy of the database.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environ["PYTHONSAFEPATH"] = "1"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", str(tests), "-q", "-p", "no:cacheprovider", "-p", "no:warnings",
         "--tb=no", "-rfE", "--rootdir", str(tests), f"--odoo-database={database}", "--odoo-log-level=critical", *options],
        cwd=tests, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    closing = result.stdout.strip().splitlines()[-1] if result.stdout.strip() else result.stderr[-2000:]
    failed = {
        "::".join(name.split("::")[1:])
        for name in re.findall(r"^(?:FAILED|ERROR) (\S+)", result.stdout, flags=re.MULTILINE)}
    return failed, closing


def check_in_force(database, module):
    """Run a suite with the gate in force: only what the gate is meant to hold back fails."""
    failed, closing = run_suite(database, module)
    assert re.search(r"\d+ passed", closing), closing
    assert failed == HELD_BACK[module], f"{sorted(failed)}: {closing}"


def check_closed(database, module, *options):
    """Run a suite with the gate closed: nothing fails."""
    close_gate(database)
    failed, closing = run_suite(database, module, *options)
    assert re.search(r"\d+ passed", closing), closing
    assert not failed, f"{sorted(failed)}: {closing}"
