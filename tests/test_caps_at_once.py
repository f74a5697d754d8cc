"""Eight close their sheets at once: what passes in sum stays below the cap, whoever comes first."""

import threading

from .servers import ServerError, served

SHEETS, CAP, SHORT = 8, 25, 10


def test_closing_at_once_under_a_cap(database, tmp_path):
    """Eight sheets lack ten of one product each, and a second line of each waits, so that closing posts nothing that
    others would wait for: two may pass.
    """
    with served(database, tmp_path / "odoo.log") as login:
        admin = login("admin", "admin")
        sheets = make_sheets(admin)
        together, refusals = threading.Barrier(SHEETS), []

        def close(sheet):
            client = login("admin", "admin")
            together.wait(120)
            try:
                client.call("stock.cycle.count", "action_close", [sheet])
            except ServerError as error:
                refusals.append(str(error))

        threads = [threading.Thread(target=close, args=[sheet]) for sheet in sheets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not refusals
        lines = admin.call(
            "stock.cycle.count.line", "search_read", [("count_id", "in", sheets), ("variance_qty", "=", -SHORT)],
            ["verdict", "passed_value"])
        assert len(lines) == SHEETS
        assert sum(line["passed_value"] for line in lines) == CAP // SHORT * SHORT
        assert sorted(line["verdict"] for line in lines) == ["approval"] * 6 + ["within"] * 2


def make_sheets(admin):
    """Sheets of one bin each, counted but not closed; differences of up to ten pieces are small."""
    [warehouse] = admin.call("stock.warehouse", "search_read", [], ["lot_stock_id"], limit=1)
    place = warehouse["lot_stock_id"][0]
    admin.call("stock.cycle.count.tolerance", "write", admin.call(
        "stock.cycle.count.tolerance", "search", []), {"active": False})
    admin.call("stock.cycle.count.tolerance", "create", {
        "name": "Ten", "has_over_qty": True, "over_qty": SHORT, "has_under_qty": True, "under_qty": SHORT,
        "has_cap_value": True, "cap_value": CAP, "cap_days": 90, "cap_scope": "product"})
    product, other = admin.call("product.product", "create", [
        {"name": name, "type": "product", "standard_price": 1} for name in ("Capped", "Waiting")])
    bins = admin.call("stock.location", "create", [
        {"name": f"Cap {number}", "location_id": place, "usage": "internal"} for number in range(SHEETS)])
    [company] = admin.call("res.company", "search", [], limit=1)
    admin.call("res.company", "write", [company], {"cycle_count_adjustment_control": False})
    quants = [
        admin.call("stock.quant", "create", {"product_id": counted, "location_id": place, "inventory_quantity": 100},
                   context={"inventory_mode": True}) for place in bins for counted in (product, other)]
    admin.call("stock.quant", "action_apply_inventory", quants)
    admin.call("res.company", "write", [company], {"cycle_count_adjustment_control": True})
    [user] = admin.call("res.users", "search", [("login", "=", "admin")])
    sheets = []
    for place in bins:
        sheet = admin.call("stock.cycle.count", "create", {
            "warehouse_id": warehouse["id"], "user_id": user,
            "line_ids": [(0, 0, {"product_id": counted, "location_id": place}) for counted in (product, other)]})
        admin.call("stock.cycle.count", "action_start", [sheet])
        for line in admin.call("stock.cycle.count.line", "search_read", [("count_id", "=", sheet)], ["product_id"]):
            admin.call("stock.cycle.count.line", "write", [line["id"]], {
                "count_input": "90" if line["product_id"][0] == product else "10"})
        sheets.append(sheet)
    return sheets
