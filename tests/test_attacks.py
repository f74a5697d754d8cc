"""Ways past the gate, tried by every role over real JSON-RPC (by most in the long tests), XML-RPC and the web client's buttons:
none changes what is on hand, and each is refused with a clear message or waits for approval.
"""

import pytest

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.stock_cycle_count.tests.common import CONTROLLER
from odoo.addons.stock_cycle_count.tests.common_gate import GateCase

from .rpc_case import RpcCase

#: Context keys that open a gate somewhere, in core, in other addons or by guessing.
KEYS = {
    "inventory_mode": True, "skip_exceeded_discrepancy": True, "stock_cycle_count_posting": True,
    "stock_cycle_count_writer": True, "stock_cycle_count_refusals": {"1": 1},
    "force": True, "bypass": True, "_sf_inventory": True, "uid": 1, "su": True, "no_check": True,
    "inventory_name": "x", "force_period_date": "2020-01-01", "import_file": True, "active_test": False,
}

#: Attacks that are sent over XML-RPC as well.
OVER_XMLRPC = (
    "write the quantity", "create a quant", "load a quantity", "forge the difference", "create a done move",
    "claim a held line", "write the state of a line", "empty a bin by its kind", "write by way of another company")
#: Attacks that are sent as a press of a button as well.
BY_BUTTON = (
    "apply out of tolerance", "apply what nobody counted", "apply through the private method", "forge the difference",
    "revert a done move", "finalize what waits", "post through the private method", "pass through the gate itself")
APPLIERS = ("floor_manager", "floor_admin")
APPROVERS = ("floor_supervisor", "floor_controller", "floor_admin")
STOCK_USERS = ("floor_worker", "floor_manager", "floor_supervisor", "floor_controller", "floor_admin")
#: Attacks that are a count or a request like others, of those who may make it: it waits for approval.
WAITING = {
    **dict.fromkeys((
        "apply out of tolerance", "apply with every key", "forge the counter", "auto apply", "create with auto apply",
        "tracked products wizard", "conflict wizard", "adjustment name wizard", "update quantity",
        "loss of the product elsewhere", "count a serial in two places", "keep a forged count"), APPLIERS),
    "revert two adjustments of one stock": STOCK_USERS,
}
#: Attacks that change nothing by themselves: core asks something, finds nothing to do, or computes a form.
IDLE = {
    "forge the difference": STOCK_USERS,
    "revert a done move": (*STOCK_USERS, "floor_counter"),
    "finalize what waits": APPROVERS,
    "onchange": APPLIERS,
}


@tagged("standard", "post_install", "-at_install")
class TestAttacks(GateCase, RpcCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param("stock.skip_quant_tasks", "1")
        cls.receive(cls.other_product, cls.bin_b, 40)
        cls.receive(cls.serial_product, cls.bin_a, 1, lot=cls.serial)
        cls.admin = cls.make_user(
            "floor_admin", f"base.group_system,stock.group_stock_manager,{CONTROLLER}")
        cls.quant = cls.env["stock.quant"].search(
            [("product_id", "=", cls.product.id), ("location_id", "=", cls.bin_a.id)])
        cls.loss = cls.product.property_stock_inventory
        cls.small = cls.env["stock.cycle.count"]
        sheet = cls.make_sheet((cls.other_product, cls.bin_b), start=True)
        cls.env["stock.cycle.count.entry"].with_user(cls.counter)._record(
            [{"line": sheet.line_ids.with_user(cls.counter), "quantity": 10}], "scanner")
        sheet.with_user(cls.counter).action_close()
        cls.held = sheet.line_ids
        cls.done_move = cls._count_within_tolerance()
        cls.open_company, cls.foreign_company = cls.env["res.company"].create(
            [{"name": name, "cycle_count_adjustment_control": False} for name in ("Open Company", "Foreign Company")])
        cls.users = (cls.counter, cls.worker, cls.manager, cls.supervisor, cls.controller, cls.admin)
        for user in cls.users:
            user.company_ids |= cls.open_company
        cls.foreign_place = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.foreign_company.id)], limit=1).lot_stock_id
        cls.env.flush_all()

    @classmethod
    def _count_within_tolerance(cls):
        """The done adjustment of a count that passed."""
        cls.receive(cls.lot_product, cls.bin_c, 10, lot=cls.lot)
        quant = cls.env["stock.quant"].search(
            [("product_id", "=", cls.lot_product.id), ("location_id", "=", cls.bin_c.id)])
        for quantity in (9, 8):
            counted = quant.with_user(cls.manager).with_context(inventory_mode=True)
            counted.inventory_quantity = quantity
            counted.action_apply_inventory()
        return cls.env["stock.move"].search([
            ("product_id", "=", cls.lot_product.id), ("cycle_count_line_id", "!=", False)])

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
        """``{name: [(model, method, args, kwargs), ...]}``: the calls of one attack, tried one after the other.

        ``"created"`` stands for the record that the last ``create`` made.
        """
        quant, product, loss, bin_a, bin_c = self.quant.id, self.product, self.loss.id, self.bin_a.id, self.bin_c.id
        uom = product.uom_id.id
        done_line = self.env["stock.move.line"].search([("product_id", "=", product.id), ("state", "=", "done")], limit=1)
        held, sheet = self.held, self.held.count_id
        ends = {"product_id": product.id, "location_id": loss, "location_dest_id": bin_a}
        move = {**ends, "name": "forged", "product_uom": uom, "product_uom_qty": 5}
        line = {**ends, "product_uom_id": uom, "quantity": 5}
        picking_type = self.warehouse.int_type_id.id
        context = {"context": KEYS}
        forged = {"context": dict(KEYS, active_ids=held.ids, active_model="stock.cycle.count.line")}
        mixed = {"context": {"allowed_company_ids": [self.open_company.id, self.company.id]}}
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
            "apply past the gate": [("stock.quant", "_apply_ungated", [[quant]], {})],
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
                ("stock.scrap", "action_validate", ["created"], context),
                ("stock.scrap", "do_scrap", ["created"], context)],
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
            "pass through the gate itself": [("stock.cycle.count.gate", "_pass", [[quant]], {})],
            "finalize what waits": [("stock.cycle.count", "action_finalize", [sheet.ids], context)],
            "forged active_ids": [
                ("stock.cycle.count.decide", "create", [{}], forged),
                ("stock.cycle.count.decide", "action_approve", ["created"], forged)],
            # By the company
            "create by way of another company": [("stock.quant", "create", [
                {"product_id": product.id, "location_id": bin_c, "quantity": 7}], mixed)],
            "write by way of another company": [
                ("stock.quant", "write", [[quant], {"company_id": self.open_company.id}], mixed),
                ("stock.quant", "write", [[quant], {"quantity": 1}], mixed)],
            "transfer by way of another company": [
                ("stock.move", "create", [{**move, "company_id": self.open_company.id, "state": "done",
                                           "move_line_ids": [[0, 0, dict(line, company_id=self.open_company.id)]]}],
                 mixed)],
            "quantity as a default": [("stock.quant", "create", [
                {"product_id": product.id, "location_id": bin_c}], {"context": {"default_quantity": 7}})],
            "quantity as a default of the user": [
                ("ir.default", "create", [{
                    "field_id": self.env["ir.model.fields"]._get("stock.quant", "quantity").id, "json_value": "7",
                    "user_id": 0}], {}),
                ("stock.quant", "create", [{"product_id": product.id, "location_id": bin_c}], {})],
            "count in a foreign company": [("stock.quant", "create", [
                {"product_id": product.id, "location_id": self.foreign_place.id, "inventory_quantity": 1}],
                {"context": {"inventory_mode": True}})],
            # By what stands beside the quant
            "empty a bin by its kind": [("stock.location", "write", [[bin_a], {"usage": "customer"}], {})],
            "fill the books by the kind of the loss": [("stock.location", "write", [[loss], {"usage": "internal"}], {})],
            "turn the loss into scrap": [("stock.location", "write", [[loss], {"scrap_location": True}], {})],
            "own loss location as source": [
                ("stock.location", "create", [{"name": "Mine", "usage": "inventory"}], {}),
                ("stock.picking", "create", [{
                    "picking_type_id": picking_type, "location_id": "created", "location_dest_id": bin_a,
                    "move_ids": [[0, 0, {**move, "location_id": "created"}]]}], {}),
                ("stock.picking", "action_confirm", ["created"], {}),
                ("stock.picking", "button_validate", ["created"], {"context": dict(KEYS, skip_immediate=True)})],
            "loss of the product elsewhere": [
                ("product.product", "write", [[product.id], {"property_stock_inventory": self.customer.id}], {}),
                count, ("stock.quant", "action_apply_inventory", [[quant]], {})],
            "import a twin": [
                ("stock.quant", "load", [["product_id/.id", "location_id/.id", "inventory_quantity"],
                                         [[str(product.id), str(bin_a), "1"]]], {"context": {"import_file": True}}),
                *self._apply_all(product)],
            "create a twin": [
                ("stock.quant", "create", [{"product_id": product.id, "location_id": bin_a, "inventory_quantity": 1}],
                 {"context": {"inventory_mode": True, "import_file": True}}),
                *self._apply_all(product)],
            "count a serial in two places": [
                ("stock.quant", "create", [{
                    "product_id": self.serial_product.id, "location_id": bin_c, "lot_id": self.serial.id,
                    "inventory_quantity": 1}], {"context": {"inventory_mode": True}}),
                ("stock.quant", "action_apply_inventory", ["created"], {})],
            "keep a forged count": [
                count, ("stock.quant", "write", [[quant], {"inventory_diff_quantity": -1}], {}),
                ("stock.inventory.conflict", "create", [{
                    "quant_ids": [[6, 0, [quant]]], "quant_to_fix_ids": [[6, 0, [quant]]]}], {}),
                ("stock.inventory.conflict", "action_keep_counted_quantity", ["created"], context)],
            # By what a move says
            "claim a held line": [("stock.move", "create", [
                {**move, "location_id": bin_a, "location_dest_id": bin_c, "cycle_count_line_id": held.id}], {})],
            "claim a held line by a default": [("stock.move", "create", [
                {**move, "location_id": bin_a, "location_dest_id": bin_c}],
                {"context": {"default_cycle_count_line_id": held.id}})],
            "take the line off an adjustment": [
                ("stock.move", "write", [self.done_move.ids, {"cycle_count_line_id": False}], {})],
            "swap the reason of an adjustment": [
                ("stock.move", "write", [self.done_move.ids, {"cycle_count_reason_id": self.reason.id}], {})],
            "revert two adjustments of one stock": [
                ("stock.move.line", "action_revert_inventory", [self.done_move.move_line_ids.ids], {})],
            "onchange": [("stock.quant", "onchange", [[quant], {"inventory_quantity_auto_apply": 5}, [
                "inventory_quantity_auto_apply"], {"inventory_quantity_auto_apply": {}}], context)],
        }

    def _apply_all(self, product):
        """Calls that apply every quant of a product that there is or will be soon."""
        [highest] = self.env["stock.quant"].search([], order="id desc", limit=1).ids
        quants = self.env["stock.quant"].search([("product_id", "=", product.id)]).ids
        return [("stock.quant", "action_apply_inventory", [[one]], {}) for one in (*quants, *range(highest, highest + 2))]

    def _try(self, send, user, calls):
        """Make the calls of an attack; defaults are the attacker's own."""
        return self._make_calls(send, user, [
            (model, method, [{**args[0], "user_id": user.id}, *args[1:]] if model == "ir.default" else args, kwargs)
            for model, method, args, kwargs in calls])

    # Tests

    def _attack(self, names, send, users, log_in=False):
        """Try attacks as some users: nothing on hand changes, and silent are those only for whom that is right."""
        before = self._books()
        attacks = self._attacks()
        for user in users:
            if log_in:
                self.authenticate(user.login, user.login)
            for name in names or attacks:
                with self.subTest(attack=name, user=user.login):
                    errors = self._try(send, user, attacks[name])
                    self.assertEqual(self._books(), before)
                    if user.login in WAITING.get(name, ()):
                        self.assertTrue(self._get_open_lines(), "neither posted nor waiting")
                    elif user.login not in IDLE.get(name, ()):
                        self.assertTrue(errors, "silently accepted")
                    self._clean()
        return attacks

    @mute_logger("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_no_attack_changes_what_is_on_hand(self):
        """By those who may most."""
        attacks = self._attack(None, self._rpc, self.manager | self.admin)
        self.assertGreaterEqual(len(attacks), 60)
        self.assertLessEqual({*WAITING, *IDLE, *OVER_XMLRPC, *BY_BUTTON}, set(attacks))

    @pytest.mark.long
    @mute_logger("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_nor_any_by_others(self):
        self._attack(None, self._rpc, self.counter | self.worker | self.supervisor | self.controller)

    @mute_logger("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_nor_over_xmlrpc(self):
        self._attack(OVER_XMLRPC, self._xmlrpc, self.users)

    @mute_logger("odoo.http", "odoo.sql_db")
    def test_nor_are_counts_of_others_erased(self):
        ways = [
            ("stock.quant", "write", [[self.quant.id], {"inventory_quantity_set": False}], {}),
            ("stock.quant", "write", [[self.quant.id], {"inventory_quantity": 0, "inventory_quantity_set": False}],
             {"context": KEYS}),
            ("stock.quant", "action_clear_inventory_quantity", [[self.quant.id]], {"context": KEYS})]
        self.quant.with_user(self.manager).with_context(inventory_mode=True).inventory_quantity = 10
        for user in (self.counter, self.worker):
            for way in ways:
                self.assertTrue(self._try(self._rpc, user, [way]))
                self.env.invalidate_all()
                self.assertEqual((self.quant.inventory_quantity, self.quant.cycle_count_counter_id), (10, self.manager))
        self.quant.with_user(self.manager).action_apply_inventory()
        line = self._get_open_lines()
        self.assertEqual(line.product_id, self.product)
        done = self.env["stock.move.line"].search([("product_id", "=", self.product.id), ("state", "=", "done")])
        ways = [
            [("stock.quant", "write", [[self.quant.id], {"inventory_quantity": 100}], {"context": {"inventory_mode": True}}),
             ("stock.quant", "action_apply_inventory", [[self.quant.id]], {})],
            [("stock.move.line", "action_revert_inventory", [done.ids], {})]]
        for calls in ways:
            self._try(self._rpc, self.worker, calls)
            self.assertEqual(self._get_open_lines(), line)

    @mute_logger("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_nor_by_buttons(self):
        self._attack(BY_BUTTON, self._button, self.users, log_in=True)

    def _get_open_lines(self):
        """Lines that an attack left behind."""
        self.env.invalidate_all()
        return self.env["stock.cycle.count.line"].search(
            [("state", "in", ("pending", "counted", "to_approve")), ("id", "!=", self.held.id)])

    def _clean(self):
        """Let the next attack find things as they were."""
        self.env.invalidate_all()
        self.env["stock.quant"].search([("inventory_quantity_set", "=", True)]).write(
            {"inventory_quantity": 0, "inventory_quantity_set": False})
        self._get_open_lines()._cancel()
        self.env["ir.default"].search([("field_id.model", "=", "stock.quant")]).unlink()
        self.product.property_stock_inventory = self.loss
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
