from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_gate import QuantCase


@tagged("post_install", "-at_install")
class TestGate(QuantCase):
    """Core's own screens, through the gate. Attacks over real RPC are in the project's tests."""

    def setUp(self):
        super().setUp()
        self.supervisor_manager = self.make_user(
            "floor_supervisor_manager", "stock.group_stock_manager,stock_cycle_count.group_supervisor")

    def test_within_tolerance_posts_at_once_and_leaves_a_line(self):
        self._count_quant(99).action_apply_inventory()
        self.assertEqual((self.quant.quantity, self.quant.inventory_quantity_set), (99, False))
        line = self.env["stock.cycle.count.line"].search([("product_id", "=", self.product.id)])
        self.assertEqual((line.state, line.verdict, line.move_ids.quantity), ("posted", "within", 1))
        self.assertEqual((line.count_id.origin, line.entry_ids.user_id), ("inventory", self.manager))

    def test_out_of_tolerance_waits_with_a_link(self):
        self._count_quant(50).action_apply_inventory()
        self.assertEqual((self.quant.quantity, self.quant.inventory_quantity_set), (100, False))
        line = self.quant.cycle_count_line_id
        self.assertEqual((line.state, self.quant.cycle_count_line_state), ("to_approve", "to_approve"))
        opened = [("cycle_count_line_id", "!=", False), ("location_id", "child_of", self.stock.id)]
        self.assertEqual(self.env["stock.quant"].search(opened), self.quant)
        self.env["stock.quant"]._quant_tasks()
        self._approve(line, self.supervisor)
        self.assertEqual((line.state, self.quant.quantity), ("posted", 50))

    def test_manager_cannot_approve_own_count(self):
        self.manager.groups_id |= self.env.ref("stock_cycle_count.group_supervisor")
        self._count_quant(50).action_apply_inventory()
        line = self.quant.cycle_count_line_id
        line.reason_id = self.reason
        self._assert_refused(line.with_user(self.manager).action_approve)

    def test_who_entered_the_count_is_set_by_the_server(self):
        quant = self._as(self.worker)
        quant.write({"inventory_quantity": 50, "cycle_count_counter_id": self.manager.id})
        self.assertEqual(self.quant.cycle_count_counter_id, self.worker)
        self._as(self.manager).action_apply_inventory()
        self.assertEqual(self.quant.cycle_count_line_id.entry_ids.user_id, self.worker)

    def test_batch_posts_what_passes_and_holds_the_rest(self):
        self.receive(self.other_product, self.bin_a, 10)
        self.receive(self.other_product, self.bin_b, 10)
        quants = self.env["stock.quant"].search([
            ("product_id", "in", (self.product | self.other_product).ids),
            ("location_id", "in", (self.bin_a | self.bin_b).ids)])
        counts = {(self.product, self.bin_a): 50, (self.other_product, self.bin_a): 9,
                  (self.other_product, self.bin_b): 11}
        for quant in quants.with_user(self.manager).with_context(inventory_mode=True):
            quant.inventory_quantity = counts[quant.product_id, quant.location_id]
        self.env.flush_all()
        self.deliver(self.other_product, self.bin_b, 5)
        self.env.invalidate_all()
        result = quants.with_user(self.manager).with_context(inventory_mode=True).action_apply_inventory()
        self.assertEqual(result["res_model"], "stock.inventory.conflict")
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)
        self.assertEqual(self.on_hand(self.other_product, self.bin_a), 9)
        self.assertEqual(self.on_hand(self.other_product, self.bin_b), 5)

    def test_conflict_wizard(self):
        self._count_quant(98)
        self.deliver(self.product, self.bin_a, 10)
        self.env.invalidate_all()
        action = self._as(self.manager).action_apply_inventory()
        wizard = Form(self.env["stock.inventory.conflict"].with_user(self.manager).with_context(action["context"])).save()
        wizard.action_keep_difference()
        self.assertEqual(self.quant.quantity, 88)

    def test_who_solves_a_conflict_has_counted_too(self):
        """Neither the one nor the other approves it, and what was counted first stays what it was."""
        self.manager.groups_id |= self.env.ref("stock_cycle_count.group_supervisor")
        for solve, said in (("action_keep_difference", 40), ("action_keep_counted_quantity", 50)):
            with self.subTest(solve=solve), self.cr.savepoint() as savepoint:
                self._count_quant(50, self.supervisor)
                self.deliver(self.product, self.bin_a, 10)
                self.env.invalidate_all()
                action = self._as(self.manager).action_apply_inventory()
                self.env.invalidate_all()
                wizard = self.env["stock.inventory.conflict"].with_user(self.manager).with_context(action["context"])
                getattr(wizard.create({}), solve)()
                line = self.quant.cycle_count_line_id
                self.assertEqual(
                    [(entry.user_id, entry.quantity, entry.book_quantity) for entry in line.entry_ids],
                    [(self.supervisor, 50, 100), (self.manager, said, 90)])
                self.assertEqual((line.state, line.counted_qty, line.expected_qty), ("to_approve", said, 90))
                line.reason_id = self.reason
                for user in (self.supervisor, self.manager):
                    self._assert_refused(line.with_user(user).action_approve)
                savepoint.rollback()

    def test_who_counts_a_held_difference_anew_gives_a_reason_or_waits(self):
        for reason, user, state in (
                (False, self.manager, "to_approve"), (self.reason, self.manager, False),
                (False, self.supervisor_manager, False)):
            with self.subTest(reason=bool(reason), user=user.login), self.cr.savepoint() as savepoint:
                self._count_quant(50).action_apply_inventory()
                quant = self._count_quant(99, user)
                quant.cycle_count_reason_id = reason
                quant.action_apply_inventory()
                self.assertEqual((self.quant.cycle_count_line_state, self.quant.quantity), (
                    state, 100 if state else 99))
                rows = self.env["stock.cycle.count.audit.log"].search([("attempt", "=", "replace a held count")])
                self.assertEqual((rows[:1].uid_refused, rows[:1].company_id), (user.id, self.company))
                savepoint.rollback()

    def test_who_writes_the_difference_has_counted(self):
        self._count_quant(50, self.supervisor)
        self._as(self.worker).inventory_diff_quantity = -40
        self.assertEqual(self.quant.cycle_count_counter_id, self.worker)

    def test_update_quantity_on_the_product(self):
        wizard = self.env["stock.change.product.qty"].with_user(self.manager).create({
            "product_id": self.other_product.id, "product_tmpl_id": self.other_product.product_tmpl_id.id,
            "new_quantity": 500})
        wizard.change_product_qty()
        line = self.env["stock.cycle.count.line"].search([("product_id", "=", self.other_product.id)])
        self.assertEqual((line.state, self.other_product.qty_available), ("to_approve", 0))

    def test_auto_apply(self):
        self._as(self.manager).inventory_quantity_auto_apply = 50
        self.assertEqual((self.quant.quantity, self.quant.cycle_count_line_state), (100, "to_approve"))
        self.assertEqual(self._as(self.manager).inventory_quantity_auto_apply, 100, "the list shows what is on hand")
        self._as(self.manager).inventory_quantity_auto_apply = 98
        self.assertEqual((self.quant.quantity, self.quant.cycle_count_line_state), (100, "to_approve"))
        self._as(self.supervisor_manager).inventory_quantity_auto_apply = 98
        self.assertEqual(self.quant.quantity, 98)

    def test_auto_apply_of_many_says_which_is_refused(self):
        sheet = self.make_sheet((self.other_product,), start=True)
        self.receive(self.other_product, self.bin_a, 10)
        other = self.env["stock.quant"].search(
            [("product_id", "=", self.other_product.id), ("location_id", "=", self.bin_a.id)])
        quants = (self.quant | other).with_user(self.manager).with_context(inventory_mode=True)
        message = self._assert_refused(quants.write, {"inventory_quantity_auto_apply": 50})
        self.assertIn(sheet.name, message)
        quants.with_user(SUPERUSER_ID).write({"inventory_quantity_auto_apply": 7})
        self.assertEqual(quants.mapped("quantity"), [7, 7])

    def test_track_confirmation(self):
        self._count_quant(50)
        wizard = self.env["stock.track.confirmation"].with_user(self.manager).create(
            {"quant_ids": [Command.set(self.quant.ids)]})
        wizard.action_confirm()
        self.assertEqual(self.quant.quantity, 100)

    def test_uncounted_or_forged_difference_is_refused(self):
        self._assert_refused(self._as(self.manager)._apply_inventory)
        self._as(self.manager).write({"inventory_diff_quantity": -40, "inventory_quantity_set": True})
        self._assert_refused(self._as(self.manager)._apply_inventory)

    def test_revert_becomes_a_line_to_approve(self):
        self._count_quant(99).action_apply_inventory()
        move_line = self.env["stock.move.line"].search(
            [("product_id", "=", self.product.id), ("is_inventory", "=", True)])
        for user in (self.worker, self.worker, self.supervisor):
            move_line.with_user(user).action_revert_inventory()
            self.assertEqual(self.quant.quantity, 99)
        line = self.quant.cycle_count_line_id
        self.assertEqual((line.state, line.variance_qty), ("to_approve", 1))
        self._approve(line, self.second_supervisor)
        self.assertEqual(self.quant.quantity, 100)

    def test_what_others_counted_is_not_replaced_but_by_a_supervisor(self):
        self._count_quant(99).action_apply_inventory()
        move_line = self.env["stock.move.line"].search(
            [("product_id", "=", self.product.id), ("is_inventory", "=", True)])
        self._count_quant(50).action_apply_inventory()
        line = self.quant.cycle_count_line_id
        message = self._assert_refused(move_line.with_user(self.worker).action_revert_inventory)
        self.assertIn(self.manager.name, message)
        self.assertEqual(line.state, "to_approve")
        move_line.with_user(self.supervisor).action_revert_inventory()
        self.assertEqual(line.state, "cancel")

    def test_reverting_several_moves_of_one_stock_adds_up(self):
        for quantity in (99, 98):
            self._count_quant(quantity).action_apply_inventory()
        move_lines = self.env["stock.move.line"].search(
            [("product_id", "=", self.product.id), ("is_inventory", "=", True)])
        self.assertEqual(len(move_lines), 2)
        move_lines.with_user(self.worker).action_revert_inventory()
        line = self.quant.cycle_count_line_id
        self.assertEqual((line.state, line.expected_qty, line.counted_qty), ("to_approve", 98, 100))

    def test_clearing_anothers_count_takes_a_supervisor(self):
        self._count_quant(50, self.manager)
        self._assert_refused(self._as(self.worker).action_clear_inventory_quantity)
        self._assert_refused(self._as(self.worker).write, {"inventory_quantity_set": False})
        self._assert_refused(
            self._as(self.worker).write, {"inventory_quantity": 0, "inventory_quantity_set": False})
        self._as(self.supervisor).action_clear_inventory_quantity()
        self.assertFalse(self.quant.inventory_quantity_set)
        self._count_quant(50, self.worker)
        self._as(self.worker).action_clear_inventory_quantity()
        self.assertFalse(self.quant.inventory_quantity_set)

    def test_direct_writes_are_refused_under_sudo_too(self):
        Quant = self.env["stock.quant"]
        new = {"product_id": self.product.id, "location_id": self.bin_c.id, "quantity": 7}
        for user in (self.worker, self.manager, self.env.ref("base.user_admin")):
            quant = self.quant.with_user(user)
            for record in (quant, quant.sudo()):
                for call in (
                    lambda record=record: record.write({"quantity": 1}),
                    lambda record=record: record.write({"location_id": self.bin_b.id}),
                    lambda record=record: record.write({"reserved_quantity": 3}),
                    lambda record=record: record.copy({"quantity": 9}),
                    lambda record=record: record.unlink(),
                ):
                    self._assert_refused(call)
                self._assert_refused(Quant.with_env(record.env).create, dict(new))

    def test_transfers_with_inventory_loss_are_refused(self):
        loss = self.product.property_stock_inventory
        for source, target in ((self.bin_a, loss), (loss, self.bin_a)):
            move = self.prepare_move(self.product, source, target, 5)
            self._assert_refused(move.with_user(self.worker)._action_done)
            self._assert_refused(move.with_user(self.manager).sudo()._action_done)
        self._assert_refused(self.env["stock.move"].with_user(self.worker).create, {
            "name": "forged", "product_id": self.product.id, "product_uom_qty": 5,
            "product_uom": self.product.uom_id.id, "location_id": loss.id, "location_dest_id": self.bin_a.id,
            "state": "done", "move_line_ids": [Command.create({
                "product_id": self.product.id, "product_uom_id": self.product.uom_id.id, "quantity": 5,
                "location_id": loss.id, "location_dest_id": self.bin_a.id})]})

    def test_transfers_with_inventory_loss_can_be_held(self):
        self.company.cycle_count_manual_moves = "hold"
        move = self.prepare_move(self.product, self.bin_a, self.product.property_stock_inventory, 5)
        move.with_user(self.worker)._action_done()
        self.assertEqual((move.state, self.quant.quantity), ("cancel", 100))
        line = self.quant.cycle_count_line_id
        self.assertEqual((line.state, line.variance_qty, line.count_id.origin), ("to_approve", -5, "held_move"))
        self._approve(line, self.supervisor)
        self.assertEqual(self.quant.quantity, 95)

    def test_a_transfer_that_is_held_says_where_it_waits(self):
        self.company.cycle_count_manual_moves = "hold"
        ends = {"location_id": self.bin_a.id, "location_dest_id": self.product.property_stock_inventory.id}
        picking = self.env["stock.picking"].with_user(self.worker).create({
            **ends, "picking_type_id": self.warehouse.int_type_id.id, "move_ids": [Command.create({
                **ends, "name": "loss", "product_id": self.product.id, "product_uom_qty": 5})]})
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.picked = True
        picking._action_done()
        sheet = self.quant.cycle_count_line_id.count_id
        self.assertEqual((picking.state, self.quant.quantity), ("cancel", 100))
        self.assertIn(sheet.name, picking.message_ids[0].body)
        self.assertIn(f'data-oe-id="{sheet.id}"', picking.message_ids[0].body)

    def test_scrap_orders_are_free(self):
        scrap = self.env["stock.scrap"].with_user(self.worker).create({
            "product_id": self.product.id, "scrap_qty": 1, "location_id": self.bin_a.id})
        scrap.action_validate()
        self.assertEqual((scrap.state, self.quant.quantity), ("done", 99))

    def test_done_adjustments_are_not_edited(self):
        self._count_quant(99).action_apply_inventory()
        move_line = self.env["stock.move.line"].search(
            [("product_id", "=", self.product.id), ("is_inventory", "=", True)])
        self._assert_refused(move_line.with_user(self.worker).write, {"location_dest_id": self.bin_b.id})
        self._assert_refused(move_line.with_user(self.manager).sudo().write, {"quantity": 50})

    def test_a_context_opens_nothing(self):
        keys = {"stock_cycle_count_posting": True, "stock_cycle_count_writer": True, "stock_cycle_count_refusals": {"1": 1},
                "skip_exceeded_discrepancy": True, "inventory_mode": True, "force": True}
        self._assert_refused(self.quant.with_user(self.manager).with_context(**keys).sudo().write, {"quantity": 1})
        self._count_quant(10)
        self._as(self.manager).with_context(**keys).action_apply_inventory()
        self.assertEqual(self.quant.quantity, 100)

    def test_stock_on_an_open_sheet_is_counted_there(self):
        sheet = self.make_sheet((self.product,), start=True)
        self._count_quant(99)
        message = self._assert_refused(self._as(self.manager)._apply_inventory)
        self.assertIn(sheet.name, message)

    def test_a_new_count_takes_the_place_of_one_that_waits(self):
        self._count_quant(50).action_apply_inventory()
        first = self.quant.cycle_count_line_id
        self._count_quant(99, self.supervisor_manager).action_apply_inventory()
        self.assertEqual((first.state, first.count_id.state, self.quant.quantity), ("cancel", "done", 99))

    def test_the_kind_of_a_location_that_holds_stock_stays(self):
        place = self.bin_a.with_user(self.manager)
        for usage in ("customer", "view", "inventory", "production", "supplier"):
            self._assert_refused(place.write, {"usage": usage})
            self._assert_refused((place | self.bin_c.with_user(self.manager)).sudo().write, {"usage": usage})
        self._count_quant(99).action_apply_inventory()
        loss = self.product.property_stock_inventory.with_user(self.manager)
        self._assert_refused(loss.write, {"scrap_location": True})
        self._assert_refused(loss.write, {"usage": "internal"})
        place.write({"usage": "internal", "name": "Bin with a name", "scrap_location": False})
        self.bin_c.with_user(self.manager).usage = "customer"
        self.assertEqual((self.bin_c.usage, place.name), ("customer", "Bin with a name"))
        place.with_user(SUPERUSER_ID).usage = "production"
        self.assertEqual(self.bin_a.usage, "production")

    def test_what_a_move_says_about_its_count_is_not_written_by_hand(self):
        self._count_quant(50).action_apply_inventory()
        held = self.quant.cycle_count_line_id
        Move = self.env["stock.move"].with_user(self.worker)
        draft = {
            "name": "forged", "product_id": self.product.id, "product_uom_qty": 5, "product_uom": self.product.uom_id.id,
            "location_id": self.bin_a.id, "location_dest_id": self.bin_b.id}
        for claim in ({"cycle_count_line_id": held.id}, {"cycle_count_reason_id": self.reason.id}):
            self._assert_refused(Move.create, {**draft, **claim})
            self._assert_refused(
                Move.with_context({f"default_{name}": value for name, value in claim.items()}).create, dict(draft))
        self._approve(held, self.supervisor)
        self.assertEqual((held.state, held.move_ids.cycle_count_reason_id), ("posted", self.reason))
        for user in (self.worker, self.manager, self.controller):
            move = held.move_ids.with_user(user)
            for values in ({"cycle_count_line_id": False}, {"cycle_count_reason_id": False}):
                self._assert_refused(move.write, values)
                self._assert_refused(move.sudo().write, values)
        move = Move.create({**draft, "cycle_count_line_id": False})
        move.name = "plain"
        self.assertFalse(move.cycle_count_line_id)

    # Batches

    def test_one_that_cannot_be_applied_stops_no_other(self):
        self.receive(self.other_product, self.bin_a, 10)
        self.receive(self.other_product, self.bin_b, 10)
        self.receive(self.other_product, self.bin_c, 10)
        sheet = self.make_sheet((self.other_product, self.bin_a), start=True)
        self.make_sheet((self.lot_product, self.bin_b), start=True, lock_mode="block")
        quants = self._count_quant(99)
        for place in (self.bin_a, self.bin_b):
            quants |= self._count_found(self.other_product, place, 9)
        quants |= self._count_found(self.serial_product, self.bin_a, 2, lot=self.serial)
        quants |= self.env["stock.quant"].with_user(self.manager).search(
            [("product_id", "=", self.other_product.id), ("location_id", "=", self.bin_c.id)])
        result = quants.with_context(inventory_mode=True).action_apply_inventory()
        self.assertEqual((self.quant.quantity, self.quant.inventory_quantity_set), (99, False))
        for place in (self.bin_a, self.bin_b, self.bin_c):
            self.assertEqual(self.on_hand(self.other_product, place), 10)
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 0)
        self.assertEqual(result["tag"], "display_notification")
        message = result["params"]["message"]
        self.assertEqual(len(message.splitlines()), 4)
        for word in (sheet.name, self.bin_b.display_name, self.bin_c.display_name, self.serial.name):
            self.assertIn(word, message)
        # What was refused keeps its count and whose it is.
        kept = quants.filtered("inventory_quantity_set")
        self.assertEqual(sorted(kept.mapped("inventory_quantity")), [2, 9, 9])
        self.assertEqual(kept.cycle_count_counter_id, self.manager)
        message = self._assert_refused(kept.action_apply_inventory)
        self.assertEqual(len(message.splitlines()), 3)

    def test_a_posting_error_stops_no_other(self):
        self.receive(self.other_product, self.bin_a, 10)
        quants = self._count_quant(99) | self._count_found(self.other_product, self.bin_a, 9)
        with patch.object(type(self.env["stock.move"]), "_action_done", self._make_failing(self.other_product)):
            result = quants.action_apply_inventory()
        self.assertEqual((self.quant.quantity, self.on_hand(self.other_product, self.bin_a)), (99, 10))
        self.assertEqual(result["params"]["message"], "no way")
        lines = self.env["stock.cycle.count.line"].search([("product_id", "=", self.other_product.id)])
        self.assertFalse(lines)

    def _make_failing(self, product):
        """``_action_done`` of stock moves, failing for a product."""
        original = type(self.env["stock.move"])._action_done

        def _action_done(moves, cancel_backorder=False):
            if product in moves.product_id:
                raise UserError("no way")
            return original(moves, cancel_backorder=cancel_backorder)

        return _action_done

    def test_a_question_stops_no_other(self):
        self.receive(self.lot_product, self.bin_b, 5, lot=self.lot)
        lotless = self._count_found(self.lot_product, self.bin_c, 1)
        result = (self._count_quant(99) | lotless).action_apply_inventory()
        self.assertEqual((self.quant.quantity, result["res_model"]), (99, "stock.track.confirmation"))
        self.assertTrue(lotless.inventory_quantity_set)

    def test_quants_that_are_not_merged_are_one_count(self):
        twin = self.env["stock.quant"].create({"product_id": self.product.id, "location_id": self.bin_a.id})
        twin = twin.with_user(self.manager).with_context(inventory_mode=True)
        twin.inventory_quantity = 99
        twin.action_apply_inventory()
        self.assertEqual(self.on_hand(self.product, self.bin_a), 99)
        first, second = self.quant, twin
        first.with_user(self.worker).inventory_quantity = 40
        second.inventory_quantity = 58
        (first | second).with_user(self.manager).action_apply_inventory()
        self.assertEqual(self.on_hand(self.product, self.bin_a), 98)
        self.assertFalse((first | second).filtered("inventory_quantity_set"))
        line = self.env["stock.cycle.count.line"].search([("product_id", "=", self.product.id)], limit=1, order="id desc")
        self.assertEqual((line.expected_qty, line.counted_qty), (99, 98))
        self.assertEqual(line.entry_ids.user_id, self.worker | self.manager)

    def test_the_accounting_date_stays_with_a_held_count(self):
        if "accounting_date" not in self.env["stock.quant"]._fields:
            self.skipTest("stock_account is not installed")
        self.receive(self.other_product, self.bin_a, 10)
        quants = self._count_quant(50) | self._count_found(self.other_product, self.bin_a, 1)
        self.quant.with_user(self.manager).accounting_date = "2024-01-31"
        quants.action_apply_inventory()
        sheet = self.quant.cycle_count_line_id.count_id
        self.assertEqual((str(sheet.accounting_date), sheet.line_count), ("2024-01-31", 1))
        self.assertFalse(self.quant.accounting_date)
        other = (quants - self.quant).cycle_count_line_id.count_id
        self.assertEqual((other.accounting_date, other.line_count), (False, 1))

    # Serial numbers

    def test_switched_off_core_is_as_it_was(self):
        self.company.cycle_count_adjustment_control = False
        self._count_quant(10).action_apply_inventory()
        self.assertEqual(self.quant.quantity, 10)
        self.assertFalse(self.env["stock.cycle.count.line"].search([("product_id", "=", self.product.id)]))

    def test_superuser_is_exempt(self):
        self.quant.with_context(inventory_mode=True).inventory_quantity = 10
        self.quant.action_apply_inventory()
        self.assertEqual(self.quant.quantity, 10)

    def test_import_passes_the_gate(self):
        result = self.env["stock.quant"].with_user(self.manager).with_context(import_file=True).load(
            ["product_id/.id", "location_id/.id", "inventory_quantity"],
            [[str(self.other_product.id), str(self.bin_c.id), "77"]])
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"])
        quant = self.env["stock.quant"].browse(result["ids"])
        quant.with_user(self.manager).with_context(inventory_mode=True).action_apply_inventory()
        self.assertEqual(self.on_hand(self.other_product, self.bin_c), 0)
        for rows in ([["99"]], [["60"], ["38"]]):
            result = self.env["stock.quant"].with_user(self.manager).with_context(import_file=True).load(
                ["product_id/.id", "location_id/.id", "inventory_quantity"],
                [[str(self.product.id), str(self.bin_a.id), *row] for row in rows])
            self.assertEqual((result["ids"], result["messages"]), (self.quant.ids * len(rows), []))
            self._as(self.manager).action_apply_inventory()
        self.assertEqual(self.on_hand(self.product, self.bin_a), 98)
        direct = self.env["stock.quant"].with_user(self.manager).load(
            [".id", "quantity"], [[str(self.quant.id), "5"]])
        self.assertTrue(direct["messages"])
        self.assertEqual(self.quant.quantity, 98)
