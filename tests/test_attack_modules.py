"""Ways past the gate where other modules of core are installed, which add documents and override how stock moves."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from odoo.addons.stock_cycle_count import tests

from .conftest import copied
from .core_suites import PATIENCE, install
from .servers import shell

pytestmark = pytest.mark.long

MODULES = ("mrp", "purchase_stock", "repair", "stock_landed_costs")
#: Kinds of ways of which each of these modules adds some.
KINDS = ("manufacturing", "repairs", "purchases", "costs")

#: Orders of a manufacturing user that take components or what is unbuilt from inventory loss, and one that does not.
LOSS = """
from odoo.exceptions import UserError
maker = env["res.users"].create({"name": "Maker", "login": "maker", "groups_id": [
    (6, 0, [env.ref("mrp.group_mrp_user").id, env.ref("stock.group_stock_user").id])]})
warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
stock = warehouse.lot_stock_id
made, part = env["product.product"].create([{"name": name, "type": "product"} for name in ("Made", "Part")])
for product in made + part:
    env["stock.quant"]._update_available_quantity(product, stock, 100)
env.flush_all()

def on_hand():
    env.invalidate_all()
    return [sum(env["stock.quant"].search([("location_id", "=", stock.id), ("product_id", "=", product.id)]).mapped("quantity"))
            for product in made + part]

def make(source):
    order = env["mrp.production"].with_user(maker).create({
        "product_id": made.id, "product_qty": 10, "location_src_id": source.id, "location_dest_id": stock.id,
        "move_raw_ids": [(0, 0, {"product_id": part.id, "product_uom_qty": 10, "name": "x", "product_uom": part.uom_id.id,
                                 "location_id": source.id, "location_dest_id": part.property_stock_production.id})]})
    order.action_confirm()
    order.qty_producing = 10
    order.move_raw_ids.write({"quantity": 10, "picked": True})
    order.button_mark_done()
    assert order.state == "done", order.state

def unbuild(source):
    bom = env["mrp.bom"].create({"product_tmpl_id": made.product_tmpl_id.id, "bom_line_ids": [
        (0, 0, {"product_id": part.id, "product_qty": 1})]})
    env["mrp.unbuild"].with_user(maker).create({
        "product_id": made.id, "bom_id": bom.id, "product_qty": 10, "location_id": source.id,
        "location_dest_id": stock.id}).action_unbuild()

for way, call in (("made", make), ("unbuilt", unbuild)):
    loss = made.property_stock_inventory
    try:
        with env.cr.savepoint():
            call(loss)
    except UserError as refusal:
        assert "inventory loss" in str(refusal), (way, refusal)
    else:
        raise AssertionError(f"{way}: passed")
    assert on_hand() == [100, 100], way
make(stock)
assert on_hand() == [110, 90]
unbuild(stock)
assert on_hand() == [100, 100]
"""


@pytest.fixture(scope="module")
def modules():
    """A database with the addon and the modules."""
    with copied("STOCK_CYCLE_COUNT_TEMPLATE") as name:
        install(name, ",".join(MODULES))
        yield name


def test_nothing_is_made_of_losses(modules):
    shell(modules, LOSS)


def test_adjustments_reconcile_beside_landed_costs(modules):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(Path(tests.__file__).with_name("test_audit_pack_valued.py")), "-p",
         "no:cacheprovider", f"--odoo-database={modules}"],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    print(done.stdout)  # noqa: T201 (pytest shows it with a failure)
    assert re.search(r"\b4 passed\b", done.stdout) and done.returncode == 0


@pytest.mark.parametrize("way", ("by_rpc", "with_all_rights"))
def test_nothing_passes_with_modules_that_move_stock(modules, way):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(Path(__file__).with_name("test_attack_kinds.py")), "-s", "-p", "no:cacheprovider",
         "-k", f"test_{way}_as_every_role", f"--odoo-database={modules}", "--odoo-http"],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    print(done.stdout)  # noqa: T201 (pytest shows it with a failure)
    assert re.search(r"\b1 passed\b", done.stdout) and done.returncode == 0
    for kind in KINDS:
        assert re.search(rf"^{kind} ", done.stdout, flags=re.MULTILINE), f"there is no way of {kind}"
