"""One approves what another counts anew: what is posted is what was approved."""

import contextlib

import psycopg2

from .servers import at_once, served


def test_approving_and_editing_at_once(database, tmp_path):
    """One approves lines while another sends them to recount, takes their reason and counts anew: what is posted is what
    was approved, to the last line, and both are told clearly.
    """
    with served(database, tmp_path / "odoo.log") as login:
        setting = Setting(login)
        people = [
            ("at_once_supervisor", "action_approve", "seen"), ("at_once_controller", "action_send_to_recount"),
            ("at_once_controller", "write", {"reason_id": setting.other_reason}),
            ("at_once_counter", "write", {"count_input": "1"})]
        at_once(setting.lines, *(_deciding(login(user, user), *call) for user, *call in people))
        admin = login("admin", "admin")
        lines = admin.call("stock.cycle.count.line", "read", setting.lines, ["state", "approval_ids", "counted_qty"])
        approved = {line["id"] for line in lines if line["state"] == "approved"}
        assert {line["state"] for line in lines} <= {"approved", "recount", "counted"}
        for line in lines:
            decisions = admin.call("stock.cycle.count.approval", "read", line["approval_ids"], ["decision", "counted_qty"])
            if line["id"] in approved:
                assert decisions[-1]["decision"] == "approve"
                assert decisions[-1]["counted_qty"] == line["counted_qty"]
        question = admin.call("stock.cycle.count", "action_finalize", [setting.sheet])
        if question is not True:
            # Recounts that were asked for remain.
            wizard = admin.call("stock.cycle.count.close", "create", {"count_id": setting.sheet})
            admin.call("stock.cycle.count.close", "action_close", [wizard])
            admin.call("stock.cycle.count", "action_finalize", [setting.sheet])
        with contextlib.closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT line.id, SUM(quant.quantity) FROM stock_cycle_count_line line JOIN stock_quant quant USING"
                " (product_id, location_id) WHERE line.count_id = %s GROUP BY 1", [setting.sheet])
            on_hand = dict(cursor.fetchall())
            cursor.execute("SELECT cycle_count_line_id FROM stock_move WHERE cycle_count_line_id IS NOT NULL")
            moved = [line for [line] in cursor.fetchall()]
        assert sorted(moved) == sorted(approved)
        assert on_hand == {line: 10 if line in approved else 20 for line in setting.lines}


def _deciding(client, method, *args):
    """What somebody does with a line."""
    return lambda line: client.call("stock.cycle.count.line", method, [line], *args)


class Setting:
    """A sheet of lines of which half is missing, counted, closed and waiting for approval; three users."""

    def __init__(self, login, lines=8):
        admin = login("admin", "admin")
        for group in ("counter", "supervisor", "controller"):
            name = f"at_once_{group}"
            group_id = admin.call("ir.model.data", "check_object_reference", "stock_cycle_count", f"group_{group}")[1]
            admin.call("res.users", "create", [{
                "name": name, "login": name, "password": name, "groups_id": [(6, 0, [group_id])]}])
        [warehouse] = admin.call("stock.warehouse", "search_read", [], ["lot_stock_id"], limit=1)
        reason, self.other_reason = admin.call(
            "stock.cycle.count.reason", "search",
            [("direction", "in", ("loss", "both")), ("note_required", "=", False), ("evidence_required", "=", False)],
            limit=2)
        place = warehouse["lot_stock_id"][0]
        admin.call("stock.cycle.count.tolerance", "write", admin.call(
            "stock.cycle.count.tolerance", "search", []), {"active": False})
        products = admin.call("product.product", "create", [
            {"name": f"Part {number}", "type": "product", "standard_price": 1} for number in range(lines)])
        [company] = admin.call("res.company", "search", [], limit=1)
        admin.call("res.company", "write", [company], {
            "cycle_count_adjustment_control": False, "cycle_count_post_approved": False})
        quants = [
            admin.call("stock.quant", "create", {"product_id": product, "location_id": place, "inventory_quantity": 20},
                       context={"inventory_mode": True}) for product in products]
        admin.call("stock.quant", "action_apply_inventory", quants)
        admin.call("res.company", "write", [company], {"cycle_count_adjustment_control": True})
        [counter] = admin.call("res.users", "search", [("login", "=", "at_once_counter")])
        self.sheet = admin.call("stock.cycle.count", "create", {
            "warehouse_id": warehouse["id"], "user_id": counter,
            "line_ids": [(0, 0, {"product_id": product, "location_id": place}) for product in products]})
        client = login("at_once_counter", "at_once_counter")
        client.call("stock.cycle.count", "action_start", [self.sheet])
        self.lines = client.call("stock.cycle.count.line", "search", [("count_id", "=", self.sheet)])
        for line in self.lines:
            client.call("stock.cycle.count.line", "write", [line], {"count_input": "10"})
        client.call("stock.cycle.count", "action_close", [self.sheet])
        admin.call("stock.cycle.count.line", "write", self.lines, {"reason_id": reason})
