from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_door import DoorCase


@tagged("post_install", "-at_install")
class TestDoor(DoorCase):
    """Core's own screens, through the door. Attacks over real RPC are in the project's tests."""

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
        self.assertEqual(self.env["stock.quant"].search([("cycle_count_line_id", "!=", False)]), self.quant)
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
        self._receive(self.other_product, self.bin_a, 10)
        self._receive(self.other_product, self.bin_b, 10)
        quants = self.env["stock.quant"].search([
            ("product_id", "in", (self.product | self.other_product).ids),
            ("location_id", "in", (self.bin_a | self.bin_b).ids)])
        counts = {(self.product, self.bin_a): 50, (self.other_product, self.bin_a): 9,
                  (self.other_product, self.bin_b): 11}
        for quant in quants.with_user(self.manager).with_context(inventory_mode=True):
            quant.inventory_quantity = counts[quant.product_id, quant.location_id]
        self.env.flush_all()
        self._deliver(self.other_product, self.bin_b, 5)
        self.env.invalidate_all()
        result = quants.with_user(self.manager).with_context(inventory_mode=True).action_apply_inventory()
        self.assertEqual(result["res_model"], "stock.inventory.conflict")
        self.assertEqual(self._on_hand(self.product, self.bin_a), 100)
        self.assertEqual(self._on_hand(self.other_product, self.bin_a), 9)
        self.assertEqual(self._on_hand(self.other_product, self.bin_b), 5)

    def test_conflict_wizard(self):
        self._count_quant(98)
        self._deliver(self.product, self.bin_a, 10)
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
                self._deliver(self.product, self.bin_a, 10)
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
        for user in (self.worker, self.manager):
            move_line.with_user(user).action_revert_inventory()
            self.assertEqual(self.quant.quantity, 99)
        line = self.quant.cycle_count_line_id
        self.assertEqual((line.state, line.variance_qty), ("to_approve", 1))
        self._approve(line, self.supervisor)
        self.assertEqual(self.quant.quantity, 100)

    def test_clearing_anothers_count_takes_a_supervisor(self):
        self._count_quant(50, self.manager)
        self._assert_refused(self._as(self.worker).action_clear_inventory_quantity)
        self._assert_refused(self._as(self.worker).write, {"inventory_quantity_set": False})
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
            move = self._prepare_move(self.product, source, target, 5)
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
        move = self._prepare_move(self.product, self.bin_a, self.product.property_stock_inventory, 5)
        move.with_user(self.worker)._action_done()
        self.assertEqual((move.state, self.quant.quantity), ("cancel", 100))
        line = self.quant.cycle_count_line_id
        self.assertEqual((line.state, line.variance_qty, line.count_id.origin), ("to_approve", -5, "transfer"))
        self._approve(line, self.supervisor)
        self.assertEqual(self.quant.quantity, 95)

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
        keys = {"stock_cycle_count_posting": True, "stock_cycle_count_quants": {}, "stock_cycle_count_lines": {"1": 1},
                "skip_exceeded_discrepancy": True, "inventory_mode": True, "force": True}
        self._assert_refused(self.quant.with_user(self.manager).with_context(**keys).sudo().write, {"quantity": 1})
        self._count_quant(10)
        self._as(self.manager).with_context(**keys).action_apply_inventory()
        self.assertEqual(self.quant.quantity, 100)

    def test_stock_on_an_open_sheet_is_counted_there(self):
        sheet = self._make_sheet((self.product,), start=True)
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
        """A company without a door, of which users are members."""
        company = self.env["res.company"].create({"name": "Open", "cycle_count_door": False})
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

    def test_companies_without_a_door_post_in_a_mixed_batch(self):
        opened = self._make_open_company(self.manager)
        place = self.env["stock.warehouse"].search([("company_id", "=", opened.id)], limit=1).lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.product, place, 10)
        quants = self.quant | self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", place.id)])
        quants = quants.with_user(self.manager).with_context(
            inventory_mode=True, allowed_company_ids=[self.company.id, opened.id])
        quants.inventory_quantity = 50
        quants.action_apply_inventory()
        self.assertEqual((self._on_hand(self.product, place), self.quant.quantity), (50, 100))

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

    def test_refusals_are_logged_though_they_are_rolled_back(self):
        with self.assertRaises(UserError):
            self.quant.with_user(self.worker).write({"quantity": 1})
        with self.registry.cursor() as cr:
            rows = api.Environment(cr, SUPERUSER_ID, {})["stock.cycle.count.refusal"].search(
                [("uid_refused", "=", self.worker.id)])
            self.assertEqual((rows[0].user_name, rows[0].attempt), (self.worker.name, "write on a quant"))
            self.assertIn("quantity", rows[0].detail)
            with self.assertRaises(UserError):
                rows[0].write({"attempt": "nothing"})
            rows.unlink()

    def test_switched_off_core_is_as_it_was(self):
        self.company.cycle_count_door = False
        self._count_quant(10).action_apply_inventory()
        self.assertEqual(self.quant.quantity, 10)
        self.assertFalse(self.env["stock.cycle.count.line"].search([("product_id", "=", self.product.id)]))

    def test_superuser_is_exempt(self):
        self.quant.with_context(inventory_mode=True).inventory_quantity = 10
        self.quant.action_apply_inventory()
        self.assertEqual(self.quant.quantity, 10)

    def test_import_passes_the_door(self):
        result = self.env["stock.quant"].with_user(self.manager).with_context(import_file=True).load(
            ["product_id/.id", "location_id/.id", "inventory_quantity"],
            [[str(self.other_product.id), str(self.bin_c.id), "77"]])
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"])
        quant = self.env["stock.quant"].browse(result["ids"])
        quant.with_user(self.manager).with_context(inventory_mode=True).action_apply_inventory()
        self.assertEqual(self._on_hand(self.other_product, self.bin_c), 0)
        direct = self.env["stock.quant"].with_user(self.manager).load(
            [".id", "quantity"], [[str(self.quant.id), "5"]])
        self.assertTrue(direct["messages"])
        self.assertEqual(self.quant.quantity, 100)
