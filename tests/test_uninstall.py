"""Removing the addon leaves no lock, no rule and no refusal behind."""

import pytest

from .servers import shell

SHEET = """
warehouse = env["stock.warehouse"].search([], limit=1)
location = env["stock.location"].create({"name": "Locked", "location_id": warehouse.lot_stock_id.id})
product = env["product.product"].create({"name": "Locked in", "type": "product"})
sheet = env["stock.cycle.count"].create({
    "lock_mode": "block", "user_id": env.ref("base.user_admin").id,
    "line_ids": [(0, 0, {"product_id": product.id, "location_id": location.id})]})
counted = sheet.with_user(env.ref("base.user_admin"))
counted.action_start()
env["stock.cycle.count.entry"].with_user(counted.env.user)._record([{"line": counted.line_ids, "quantity": 3}], "web")
counted.action_close()
assert location.cycle_count_lock_id == sheet and sheet.state == "review"
env.cr.commit()
env["ir.module.module"].search([("name", "=", "stock_cycle_count")]).button_immediate_uninstall()
"""

STOCK_MOVES = """
assert "stock.cycle.count" not in env
env.cr.execute("SELECT relname FROM pg_class WHERE relname LIKE '%cycle_count%'")
assert not env.cr.fetchall()
env.cr.execute("SELECT column_name FROM information_schema.columns WHERE column_name LIKE '%cycle_count%'")
assert not env.cr.fetchall()
manager = env.ref("base.user_admin")
location = env["stock.location"].search([("name", "=", "Locked")])
product = env["product.product"].search([("name", "=", "Locked in")])
quant = env["stock.quant"].with_user(manager).with_context(inventory_mode=True).create(
    {"product_id": product.id, "location_id": location.id, "inventory_quantity": 5})
quant.action_apply_inventory()
assert quant.quantity == 5
"""


@pytest.mark.long
def test_uninstalled_addon_is_gone(database):
    shell(database, SHEET)
    shell(database, STOCK_MOVES)
