"""Ways past the door, tried by every role over real JSON-RPC: none changes what is on hand."""
import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.stock_cycle_count.tests.common_door import DoorCase

#: Context keys that open a gate somewhere, in core, in other addons or by guessing.
KEYS = {
    "inventory_mode": True, "skip_exceeded_discrepancy": True, "stock_cycle_count_posting": True,
    "stock_cycle_count_quants": {}, "stock_cycle_count_lines": {"1": 1}, "stock_cycle_count_dated": True,
    "force": True, "bypass": True, "_sf_inventory": True, "uid": 1, "su": True, "no_check": True,
    "inventory_name": "x", "force_period_date": "2020-01-01", "import_file": True, "active_test": False,
}


@tagged("standard", "post_install", "-at_install")
class TestAttacks(DoorCase, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param("stock.skip_quant_tasks", "1")
        cls._receive(cls.other_product, cls.bin_b, 40)
        cls._receive(cls.serial_product, cls.bin_a, 1, lot=cls.serial)
        cls.admin = cls._make_user(
            "floor_admin", "base.group_system,stock.group_stock_manager,stock_cycle_count.group_controller")
        cls.quant = cls.env["stock.quant"].search(
            [("product_id", "=", cls.product.id), ("location_id", "=", cls.bin_a.id)])
        cls.loss = cls.product.property_stock_inventory
        cls.small = cls.env["stock.cycle.count"]
        sheet = cls._make_sheet((cls.other_product, cls.bin_b), start=True)
        cls.env["stock.cycle.count.entry"].with_user(cls.counter)._record(
            [{"line": sheet.line_ids.with_user(cls.counter), "quantity": 10}], "scanner")
        sheet.with_user(cls.counter).action_close()
        cls.held = sheet.line_ids
        cls.env.flush_all()

    # Means

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method as a client does; the answer is ``(result, error message)``."""
        reply = self.url_open("/jsonrpc", timeout=60, headers={"Content-Type": "application/json"}, data=json.dumps({
            "jsonrpc": "2.0", "method": "call", "params": {
                "service": "object", "method": "execute_kw",
                "args": [self.env.cr.dbname, user.id, user.login, model, method, args, kwargs]}})).json()
        error = reply.get("error")
        return reply.get("result"), error and error["data"]["message"]

    def _books(self):
        """What is on hand and where, as the database has it."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT quant.product_id, quant.location_id, COALESCE(quant.lot_id, 0), SUM(quant.quantity)
              FROM stock_quant quant JOIN stock_location location ON location.id = quant.location_id
             WHERE location.usage IN ('internal', 'transit') AND quant.quantity <> 0
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """)
        return self.env.cr.fetchall()

    def _attacks(self):
        """``{name: [(model, method, args, kwargs), ...]}``: the calls of one attack, tried one after the other."""
        quant, product, loss, bin_a, bin_c = self.quant.id, self.product, self.loss.id, self.bin_a.id, self.bin_c.id
        uom = product.uom_id.id
        done_line = self.env["stock.move.line"].search([("product_id", "=", product.id), ("state", "=", "done")], limit=1)
        held, sheet = self.held, self.held.count_id
        ends = {"product_id": product.id, "location_id": loss, "location_dest_id": bin_a}
        move = {**ends, "name": "forged", "product_uom": uom, "product_uom_qty": 5}
        line = {**ends, "product_uom_id": uom, "quantity": 5}
        picking_type = self.warehouse.int_type_id.id
        context = {"context": KEYS}
        count = ("stock.quant", "write", [[quant], {"inventory_quantity": 10}], {"context": {"inventory_mode": True}})
        return {
            "write the quantity": [("stock.quant", "write", [[quant], {"quantity": 1}], {})],
            "write the quantity in inventory mode": [("stock.quant", "write", [[quant], {"quantity": 1}], context)],
            "write the reservation": [("stock.quant", "write", [[quant], {"reserved_quantity": 50}], context)],
            "teleport a quant": [("stock.quant", "write", [[quant], {"location_id": bin_c}], {})],
            "turn a quant into another product": [
                ("stock.quant", "write", [[quant], {"product_id": self.other_product.id}], {})],
            "create a quant": [("stock.quant", "create", [
                {"product_id": product.id, "location_id": bin_c, "quantity": 7}], context)],
            "copy a quant": [("stock.quant", "copy", [quant, {"quantity": 9}], {})],
            "load a quantity": [("stock.quant", "load", [[".id", "quantity"], [[str(quant), "9"]]], context)],
            "load a counted quantity and apply": [
                ("stock.quant", "load", [["product_id/.id", "location_id/.id", "inventory_quantity"],
                                         [[str(product.id), str(bin_c), "9"]]], {}),
                ("stock.quant", "action_apply_inventory", [[quant]], {})],
            "delete a quant": [("stock.quant", "unlink", [[quant]], context)],
            "apply out of tolerance": [count, ("stock.quant", "action_apply_inventory", [[quant]], {})],
            "apply with every key": [count, ("stock.quant", "action_apply_inventory", [[quant]], context)],
            "apply what nobody counted": [("stock.quant", "action_apply_inventory", [[quant]], {})],
            "apply through the private method": [("stock.quant", "_apply_inventory", [[quant]], {})],
            "apply a passed quant": [("stock.quant", "_apply_passed", [[quant], {}], {})],
            "forge the difference": [
                ("stock.quant", "write", [[quant], {"inventory_diff_quantity": -40, "inventory_quantity_set": True}], {}),
                ("stock.quant", "action_apply_inventory", [[quant]], {})],
            "forge the counter": [
                ("stock.quant", "write", [[quant], {"inventory_quantity": 10, "cycle_count_counter_id": 1}], {}),
                ("stock.quant", "action_apply_inventory", [[quant]], {})],
            "auto apply": [("stock.quant", "write", [[quant], {"inventory_quantity_auto_apply": 10}], {
                "context": {"inventory_mode": True}})],
            "create with auto apply": [("stock.quant", "create", [
                {"product_id": product.id, "location_id": bin_c, "inventory_quantity_auto_apply": 50}],
                {"context": {"inventory_mode": True}})],
            "tracked products wizard": [
                count, ("stock.track.confirmation", "create", [{"quant_ids": [[6, 0, [quant]]]}], {}),
                ("stock.track.confirmation", "action_confirm", ["created"], {})],
            "conflict wizard": [
                count, ("stock.inventory.conflict", "create", [{"quant_ids": [[6, 0, [quant]]]}], {}),
                ("stock.inventory.conflict", "action_keep_counted_quantity", ["created"], {}),
                ("stock.inventory.conflict", "action_keep_difference", ["created"], {})],
            "adjustment name wizard": [
                count, ("stock.inventory.adjustment.name", "create", [{"quant_ids": [[6, 0, [quant]]]}], context),
                ("stock.inventory.adjustment.name", "action_apply", ["created"], context)],
            "update quantity": [
                ("stock.change.product.qty", "create", [{
                    "product_id": product.id, "product_tmpl_id": product.product_tmpl_id.id, "new_quantity": 999}], {}),
                ("stock.change.product.qty", "change_product_qty", ["created"], {})],
            "revert a done move": [("stock.move.line", "action_revert_inventory", [done_line.ids], context)],
            "create a done move": [("stock.move", "create", [
                {**move, "state": "done", "move_line_ids": [[0, 0, line]]}], context)],
            "claim that a move is a count's": [("stock.move", "create", [
                {**move, "state": "done", "is_inventory": True, "cycle_count_line_id": held.id,
                 "move_line_ids": [[0, 0, line]]}], context)],
            "create a done move line": [("stock.move.line", "create", [{**line, "state": "done"}], context)],
            "add a line to a done move": [("stock.move.line", "create", [{**line, "move_id": done_line.move_id.id}], {})],
            "bend a done line to the loss": [("stock.move.line", "write", [done_line.ids, {"location_id": loss}], {})],
            "transfer to the loss": [
                ("stock.picking", "create", [{
                    "picking_type_id": picking_type, "location_id": bin_a, "location_dest_id": loss,
                    "move_ids": [[0, 0, {**move, "location_id": bin_a, "location_dest_id": loss}]]}], {}),
                ("stock.picking", "action_confirm", ["created"], {}),
                ("stock.picking", "action_assign", ["created"], {}),
                ("stock.picking", "button_validate", ["created"], {"context": dict(KEYS, skip_backorder=True)})],
            "transfer from the loss": [
                ("stock.picking", "create", [{
                    "picking_type_id": picking_type, "location_id": loss, "location_dest_id": bin_a,
                    "move_ids": [[0, 0, move]]}], {}),
                ("stock.picking", "action_confirm", ["created"], {}),
                ("stock.picking", "button_validate", ["created"], {"context": dict(KEYS, skip_immediate=True)})],
            "scrap to the loss": [
                ("stock.scrap", "create", [{
                    "product_id": product.id, "scrap_qty": 2, "location_id": bin_a, "scrap_location_id": loss}], {}),
                ("stock.scrap", "action_validate", ["created"], context)],
            "scrap from the loss": [
                ("stock.scrap", "create", [{
                    "product_id": product.id, "scrap_qty": 2, "location_id": loss, "scrap_location_id": bin_a}], {}),
                ("stock.scrap", "action_validate", ["created"], context)],
            "write the state of a line": [
                ("stock.cycle.count.line", "write", [held.ids, {"state": "approved", "verdict": "within"}], {}),
                ("stock.cycle.count", "action_finalize", [sheet.ids], {})],
            "write the state of a sheet": [("stock.cycle.count", "write", [sheet.ids, {
                "state": "done", "line_ids": [[1, held.id, {"state": "approved", "expected_qty": 0}]]}], {})],
            "create an approved line": [("stock.cycle.count.line", "create", [{
                "count_id": sheet.id, "product_id": product.id, "location_id": bin_a, "state": "approved",
                "verdict": "match"}], {})],
            "create a sheet in review": [("stock.cycle.count", "create", [{
                "state": "review", "line_ids": [[0, 0, {
                    "product_id": product.id, "location_id": bin_a, "state": "approved"}]]}], {})],
            "copy a held line": [("stock.cycle.count.line", "copy", [held.id, {"state": "approved"}], {})],
            "write an approval": [("stock.cycle.count.approval", "create", [{
                "line_id": held.id, "level": 1, "decision": "approve", "user_id": self.supervisor.id,
                "entry_id": held.result_entry_id.id, "expected_qty": 40, "counted_qty": 10, "variance_qty": -30,
                "adjustment_qty": -30, "unit_cost": 5}], {}),
                ("stock.cycle.count", "action_finalize", [sheet.ids], {})],
            "rewrite an entry": [("stock.cycle.count.entry", "write", [held.entry_ids.ids, {"user_id": 1}], {})],
            "forge an entry": [("stock.cycle.count.entry", "create", [{
                "line_id": held.id, "round": 1, "user_id": self.second.id, "quantity": 40, "source": "web",
                "date": "2024-01-01 00:00:00"}], {})],
            "record through the private method": [("stock.cycle.count.entry", "_record", [[], "web"], {})],
            "post through the private method": [("stock.cycle.count.line", "_post", [held.ids], {})],
            "pass through the door itself": [("stock.cycle.count.door", "_pass", [[quant]], {})],
            "finalize what waits": [("stock.cycle.count", "action_finalize", [sheet.ids], context)],
            "forged active_ids": [("stock.cycle.count.decide", "action_approve", [[]], {
                "context": dict(KEYS, active_ids=held.ids, active_model="stock.cycle.count.line")})],
            "onchange": [("stock.quant", "onchange", [[quant], {"inventory_quantity_auto_apply": 5}, [
                "inventory_quantity_auto_apply"], {"inventory_quantity_auto_apply": {}}], context)],
        }

    # Tests

    @mute_logger("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_no_attack_changes_what_is_on_hand(self):
        before = self._books()
        attacks = self._attacks()
        self.assertGreaterEqual(len(attacks), 25)
        users = (self.counter, self.worker, self.manager, self.supervisor, self.controller, self.admin)
        for name, calls in attacks.items():
            for user in users:
                with self.subTest(attack=name, user=user.login):
                    created, errors = None, []
                    for model, method, args, kwargs in calls:
                        args = [[created] if argument == "created" else argument for argument in args]
                        result, error = self._rpc(user, model, method, *args, **kwargs)
                        if method == "create" and isinstance(result, int):
                            created = result
                        if error:
                            errors.append(error)
                    self.assertEqual(self._books(), before)
                    for error in errors:
                        self.assertTrue(error.strip())
                        self.assertNotIn("Traceback", error)
                    self._clean()

    def _clean(self):
        """Let the next attack find things as they were."""
        self.env.invalidate_all()
        self.env["stock.quant"].search([("inventory_quantity_set", "=", True)]).write(
            {"inventory_quantity": 0, "inventory_quantity_set": False})
        lines = self.env["stock.cycle.count.line"].search(
            [("state", "in", ("pending", "counted", "to_approve")), ("id", "!=", self.held.id)])
        lines._cancel()
        self.assertEqual((self.held.state, self.held.expected_qty), ("to_approve", 40))
        self.env.flush_all()

    @mute_logger("odoo.http", "odoo.sql_db")
    def test_decisions_are_for_those_who_did_not_count(self):
        reason = self.reason.id
        self.held.reason_id = reason
        self.env.flush_all()
        for user in (self.counter, self.worker, self.manager):
            _result, error = self._rpc(user, "stock.cycle.count.line", "action_approve", self.held.ids, "mine")
            self.assertTrue(error)
        _result, error = self._rpc(self.supervisor, "stock.cycle.count.line", "action_approve", self.held.ids, "seen")
        self.assertFalse(error)
        self.env.invalidate_all()
        self.assertEqual(self.held.state, "approved")
        for values in ({"counted_qty": 0}, {"unit_cost": 0}, {"count_input": "0"}, {"reason_id": False}):
            _result, error = self._rpc(self.counter, "stock.cycle.count.line", "write", self.held.ids, values)
            self.assertTrue(error, values)
