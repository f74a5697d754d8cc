from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestGate(GateCase):
    """Core's own screens, through the gate. Attacks over real RPC are in the project's tests."""

    def setUp(self):
        super().setUp()
        self.quant = self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])

    def _as(self, user):
        return self.quant.with_user(user).with_context(inventory_mode=True)

    def _count_quant(self, quantity, user=None):
        quant = self._as(user or self.manager)
        quant.inventory_quantity = quantity
        quant.flush_recordset()
        return quant

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

    def test_who_solves_a_conflict_has_not_counted(self):
        """Else whoever counted could approve their own count."""
        for solve in ("action_keep_difference", "action_keep_counted_quantity"):
            with self.subTest(solve=solve), self.cr.savepoint() as savepoint:
                self._count_quant(50, self.supervisor)
                self.deliver(self.product, self.bin_a, 10)
                self.env.invalidate_all()
                action = self._as(self.manager).action_apply_inventory()
                self.env.invalidate_all()
                wizard = self.env["stock.inventory.conflict"].with_user(self.manager).with_context(action["context"])
                getattr(wizard.create({}), solve)()
                line = self.quant.cycle_count_line_id
                self.assertEqual((line.state, line.entry_ids.user_id), ("to_approve", self.supervisor))
                line.reason_id = self.reason
                self._assert_refused(line.with_user(self.supervisor).action_approve)
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
        self._as(self.manager).inventory_quantity_auto_apply = 98
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
        self.assertEqual((line.state, line.variance_qty, line.count_id.origin), ("to_approve", -5, "transfer"))
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
        self._count_quant(99).action_apply_inventory()
        self.assertEqual((first.state, first.count_id.state, self.quant.quantity), ("cancel", "done", 99))

    def test_another_companys_location_cannot_be_counted(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1).lot_stock_id
        self._assert_refused(
            self.env["stock.quant"].with_user(self.manager).with_context(inventory_mode=True).create,
            {"product_id": self.product.id, "location_id": foreign.id, "inventory_quantity": 1})

    def _make_open_company(self, *users):
        """A company without a gate, of which users are members."""
        company = self.env["res.company"].create({"name": "Open", "cycle_count_adjustment_control": False})
        for user in users:
            user.company_ids |= company
        return company

    def test_the_company_of_the_location_decides(self):
        """Which companies a client names, and in which order, opens nothing."""
        opened = self._make_open_company(self.worker, self.manager)
        context = {"allowed_company_ids": [opened.id, self.company.id]}
        Quant = self.env["stock.quant"].with_context(**context)
        new = {"product_id": self.product.id, "location_id": self.bin_c.id}
        for user in (self.worker, self.manager):
            quant = self.quant.with_user(user).with_context(**context)
            self._assert_refused(Quant.with_user(user).create, dict(new, quantity=7))
            self._assert_refused(Quant.with_user(user).create, dict(new, company_id=opened.id))
            self._assert_refused(Quant.with_user(user).with_context(default_quantity=7).create, dict(new))
            self._assert_refused(quant.write, {"company_id": opened.id})
            self._assert_refused(quant.write, {"quantity": 1})
        stray = self.env["stock.quant"].create({"product_id": self.product.id, "location_id": self.customer.id})
        self._assert_refused(stray.with_user(self.worker).write, {"location_id": self.bin_c.id})
        # As it would be, had it been written while nobody looked.
        self.quant.company_id = opened
        self._assert_refused(self.quant.with_user(self.worker).write, {"quantity": 1})
        self._count_quant(10).action_apply_inventory()
        self.assertEqual((self.quant.quantity, self.quant.cycle_count_line_id.company_id), (100, self.company))

    def test_a_location_of_no_company_is_guarded_for_members_of_a_company_that_guards(self):
        opened = self._make_open_company(self.manager)
        shared = self.env["stock.location"].create({"name": "Shared", "usage": "internal", "company_id": False})
        self._assert_refused(
            self.env["stock.quant"].with_user(self.manager).with_context(allowed_company_ids=opened.ids).create,
            {"product_id": self.product.id, "location_id": shared.id, "quantity": 3})

    def test_companies_without_a_gate_post_in_a_mixed_batch(self):
        opened = self._make_open_company(self.manager)
        place = self.env["stock.warehouse"].search([("company_id", "=", opened.id)], limit=1).lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.product, place, 10)
        quants = self.quant | self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", place.id)])
        quants = quants.with_user(self.manager).with_context(
            inventory_mode=True, allowed_company_ids=[self.company.id, opened.id])
        quants.inventory_quantity = 50
        quants.action_apply_inventory()
        self.assertEqual((self.on_hand(self.product, place), self.quant.quantity), (50, 100))

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

    def _count_found(self, product, place, quantity, lot=None, user=None):
        """A count that a person enters for stock of which there may be no quant."""
        return self.env["stock.quant"].with_user(user or self.manager).with_context(inventory_mode=True).create({
            "product_id": product.id, "location_id": place.id, "lot_id": lot and lot.id,
            "inventory_quantity": quantity})

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

    def test_a_serial_that_the_books_have_elsewhere_is_moved(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self._count_found(self.serial_product, self.bin_b, 1, lot=self.serial).action_apply_inventory()
        line = self.env["stock.cycle.count.line"].search([("lot_id", "=", self.serial.id)])
        self.assertEqual((line.state, line.target_transfer_ids.location_id), ("to_approve", self.bin_a))
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 0)
        line.with_user(self.supervisor).action_approve("seen")
        self.assertEqual((line.state, self.on_hand(self.serial_product, self.bin_a)), ("posted", 0))
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 1)

    def test_a_serial_that_left_is_not_booked_in(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self.deliver(self.serial_product, self.bin_a, 1, lot=self.serial)
        self._count_found(self.serial_product, self.bin_b, 1, lot=self.serial).action_apply_inventory()
        line = self.env["stock.cycle.count.line"].search([("lot_id", "=", self.serial.id)])
        self.assertEqual((line.state, self.on_hand(self.serial_product, self.bin_b)), ("to_approve", 0))
        self.assertIn(self.customer.display_name, line.verdict_reason)
        self._approve(line, self.supervisor)
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 0)
        self.assertTrue(line.post_error)

    def test_a_serial_is_found_in_one_place_only(self):
        quants = self._count_found(self.serial_product, self.bin_b, 1, lot=self.serial)
        quants |= self._count_found(self.serial_product, self.bin_c, 1, lot=self.serial)
        quants.action_apply_inventory()
        places = [self.on_hand(self.serial_product, place) for place in (self.bin_b, self.bin_c)]
        self.assertEqual(places, [1, 0])
        line = self.env["stock.cycle.count.line"].search(
            [("lot_id", "=", self.serial.id), ("state", "=", "to_approve")])
        self.assertEqual(line.target_transfer_ids.location_id, self.bin_b)
        other = self.env["stock.lot"].create(
            {"name": "DRILL-2", "product_id": self.serial_product.id, "company_id": self.company.id})
        self.receive(self.serial_product, self.bin_a, 1, lot=other)
        quants = self._count_found(self.serial_product, self.bin_b, 1, lot=other)
        quants |= self._count_found(self.serial_product, self.bin_c, 1, lot=other)
        message = quants.action_apply_inventory()["params"]["message"]
        self.assertIn("DRILL-2", message)
        self.assertEqual(quants.mapped("inventory_quantity_set"), [False, True])

    def test_a_serial_that_waits_to_be_moved_is_not_written_off(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self._count_found(self.serial_product, self.bin_b, 1, lot=self.serial).action_apply_inventory()
        self._count_found(self.serial_product, self.bin_a, 0, lot=self.serial).action_apply_inventory()
        lines = self.env["stock.cycle.count.line"].search([("lot_id", "=", self.serial.id)])
        self.assertEqual(lines.mapped("state"), ["to_approve", "to_approve"])
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 1)

    def test_a_missing_serial_is_written_off_as_its_tolerance_says(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self._count_found(self.serial_product, self.bin_a, 0, lot=self.serial).action_apply_inventory()
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 0)

    def test_refusals_are_logged_though_they_are_rolled_back(self):
        with self.assertRaises(UserError):
            self.quant.with_user(self.worker).write({"quantity": 1})
        with self.registry.cursor() as cr:
            rows = api.Environment(cr, SUPERUSER_ID, {})["stock.cycle.count.audit.log"].search(
                [("uid_refused", "=", self.worker.id)])
            self.assertEqual((rows[0].user_name, rows[0].attempt), (self.worker.name, "write on a quant"))
            self.assertIn("quantity", rows[0].detail)
            self.assertFalse(rows[0].company_id, "the company was made in the transaction that is refused")
            with self.assertRaises(UserError):
                rows[0].write({"attempt": "nothing"})
            with self.assertRaises(UserError):
                rows.unlink()
            self._clear_log(cr, rows)

    def test_a_refusal_names_its_company(self):
        company = self.env.ref("base.main_company")
        self.env["stock.cycle.count.audit.log"].with_user(self.worker).with_context(
            allowed_company_ids=company.ids).sudo()._log("write on a quant", "quantity")
        with self.registry.cursor() as cr:
            row = api.Environment(cr, SUPERUSER_ID, {})["stock.cycle.count.audit.log"].search(
                [("uid_refused", "=", self.worker.id)])
            self.assertEqual(row.company_id, company)
            self._clear_log(cr, row)

    def _clear_log(self, cr, rows):
        """Take rows away that were written in a transaction of their own: they would stay after the test."""
        cr.execute("DELETE FROM stock_cycle_count_audit_log WHERE id = ANY(%s)", [rows.ids])

    def _get_logged(self, user, attempt):
        """What the log says that a user tried in this test; the rows are taken away again."""
        with self.registry.cursor() as cr:
            rows = api.Environment(cr, SUPERUSER_ID, {})["stock.cycle.count.audit.log"].search(
                [("uid_refused", "=", user.id), ("attempt", "=", attempt)])
            details = rows.mapped("detail")
            self._clear_log(cr, rows)
        return details

    def test_refused_decisions_and_states_are_logged(self):
        self._count_quant(50, self.supervisor)
        self._as(self.manager).action_apply_inventory()
        line = self.quant.cycle_count_line_id
        line.reason_id = self.reason
        for user in (self.supervisor, self.worker):
            self._assert_refused(line.with_user(user).action_approve, "mine")
            self.assertEqual(self._get_logged(user, "decide on a line"), [line.display_name])
        for user in (self.worker, self.manager, self.controller):
            self._assert_refused(line.with_user(user).write, {"state": "approved", "verdict": "within"})
            self.assertEqual(self._get_logged(user, "write on a count line"), ["state, verdict"])
        self._assert_refused(line.count_id.with_user(self.controller).write, {"state": "done"})
        self.assertEqual(self._get_logged(self.controller, "write on a count sheet"), ["state"])

    def test_who_changes_the_settings_of_the_gate_is_logged(self):
        admin = self.make_user("floor_admin", "base.group_system,stock.group_stock_manager")
        settings = self.env["res.config.settings"].with_user(admin).create({"cycle_count_adjustment_control": False})
        settings.execute()
        self.assertFalse(self.company.cycle_count_adjustment_control)
        self.company.with_user(admin).write({"cycle_count_adjustment_control": True, "cycle_count_self_approval": True})
        rows = self.env["stock.cycle.count.audit.log"].with_user(self.controller).search(
            [("uid_refused", "=", admin.id)], order="id")
        self.assertEqual(rows.mapped("detail"), [
            "Control Inventory Adjustments: True > False",
            "Control Inventory Adjustments: False > True, Allow Self-Approval: False > True"])
        self.assertEqual(rows.mapped("company_id"), self.company)

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
