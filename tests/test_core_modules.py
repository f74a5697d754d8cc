"""Modules of core that move stock for their own causes install on top of the addon, with their demo data."""

import subprocess
import sys

import psycopg2

from scripts.bootstrap.odoo_process import log_problems

MODULES = ("mrp", "point_of_sale", "purchase_stock", "sale_stock")


def test_modules_that_move_stock_install_on_top(demo_database, tmp_path):
    """Their demo data manufactures, receives, sells and adjusts stock, with the gate in force."""
    log = tmp_path / "odoo.log"
    # Point of sale's demo data needs a chart of accounts, which comes when accounting was installed before.
    for modules in (("stock_account",), MODULES):
        command = [sys.executable, "-m", "odoo", f"--database={demo_database}", f"--init={','.join(modules)}"]
        command += ["--stop-after-init", "--no-http", "--log-level=warn", f"--logfile={log}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert log_problems(log) == []
    with psycopg2.connect(dbname=demo_database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM ir_module_module WHERE state = 'installed' AND demo AND name = ANY(%s)", [
            list(MODULES)])
        assert {name for [name] in cursor.fetchall()} == set(MODULES)
        cursor.execute("SELECT bool_and(cycle_count_adjustment_control) FROM res_company")
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT COUNT(*) FROM mrp_production WHERE state = 'done'")
        assert cursor.fetchone() > (0,)
    connection.close()
