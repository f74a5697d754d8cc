"""Modules of core that move stock for their own causes install on top of the addon, with their demo data."""

import subprocess
import sys

import psycopg2
import pytest

from scripts.bootstrap.odoo import log_problems

from .core_suites import install
from .servers import shell

pytestmark = pytest.mark.long

MODULES = ("mrp", "point_of_sale", "purchase_stock", "sale_stock")

#: Stock of a product that has become a kit since, counted on every way: no way books it in or out.
KIT = """
from odoo.exceptions import RedirectWarning
admin = env.ref("base.user_admin")
admin.groups_id |= env.ref("stock_cycle_count.group_supervisor") | env.ref("stock_cycle_count.group_controller")
bin = env["stock.location"].create({"name": "Kits", "location_id": env["stock.warehouse"].search([], limit=1).lot_stock_id.id})
kit, part = env["product.product"].create([{"name": name, "type": "product"} for name in ("Kit", "Part")])
for product in kit + part:
    env["stock.quant"]._update_available_quantity(product, bin, 10)
env["mrp.bom"].create({"product_tmpl_id": kit.product_tmpl_id.id, "type": "phantom",
                       "bom_line_ids": [(0, 0, {"product_id": part.id, "product_qty": 1})]})
env["stock.cycle.count.tolerance"].search([]).active = False
env["stock.cycle.count.tolerance"].create(
    {"name": "All", "has_over_qty": True, "over_qty": 100, "has_under_qty": True, "under_qty": 100})
env.flush_all()
quants = env["stock.quant"].search([("location_id", "=", bin.id)])
quant = quants.filtered(lambda quant: quant.product_id == kit)
inventory = env["stock.quant"].with_user(admin).with_context(inventory_mode=True)

def on_hand(product):
    env.invalidate_all()
    return sum(env["stock.quant"].search([("location_id", "=", bin.id), ("product_id", "=", product.id)]).mapped("quantity"))

def check_refused(way, call):
    try:
        with env.cr.savepoint():
            call()
    except RedirectWarning as refusal:
        assert "components" in str(refusal), (way, refusal)
    else:
        raise AssertionError(f"{way} is not refused")
    assert on_hand(kit) == 10, way

def apply():
    counted = inventory.browse(quants.ids)
    counted.inventory_quantity = 7
    counted.action_apply_inventory()

def update_at_once():
    inventory.browse(quant.ids).inventory_quantity_auto_apply = 7

def load(name):
    result = inventory.with_context(import_file=True).load(
        ["product_id/.id", "location_id/.id", name], [[str(kit.id), str(bin.id), "7"]])
    inventory.browse(result["ids"]).action_apply_inventory()

check_refused("Physical Inventory", apply)
check_refused("Update Quantity", update_at_once)
check_refused("import", lambda: load("inventory_quantity"))

sheet = env["stock.cycle.count"].create({"user_id": admin.id, "line_ids": [
    (0, 0, {"product_id": product.id, "location_id": bin.id}) for product in kit + part]}).with_user(admin)
sheet.action_start()
env["stock.cycle.count.entry"].with_user(admin)._record(
    [{"line": line, "quantity": 12 if line.product_id == kit else 7} for line in sheet.line_ids], "web")
sheet.action_close()
sheet.action_finalize()
line = sheet.line_ids.filtered(lambda line: line.product_id == kit)
assert line.state != "posted" and "Count its components" in line.post_error, (line.state, line.post_error)
assert (on_hand(kit), on_hand(part)) == (10, 7), "a kit stops no other line of its sheet"
"""


def test_kits_are_counted_by_their_components(database):
    install(database, "mrp")
    shell(database, KIT)


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
