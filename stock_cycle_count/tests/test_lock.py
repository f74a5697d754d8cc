import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import CountCase


class LockCase(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 10)
        cls.receive(cls.product, cls.bin_b, 10)

    def _block(self, *keys, **values):
        return self.make_sheet(*(keys or ((self.product,),)), start=True, lock_mode="block", **values)

    def _make_picking(self, kind, *moves):
        """A transfer with a reserved move line for each ``(source, target, quantity)``."""
        picking_type = self.warehouse[f"{kind}_type_id"]
        picking = self.env["stock.picking"].create({
            "picking_type_id": picking_type.id, "location_id": moves[0][0].id, "location_dest_id": moves[0][1].id,
            "move_ids": [Command.create({
                "name": "Move", "product_id": self.product.id, "product_uom_qty": quantity, "location_id": source.id,
                "location_dest_id": target.id}) for source, target, quantity in moves]})
        picking.action_confirm()
        return picking


class TestLock(LockCase):

    def test_none_locks_nothing(self):
        sheet = self.make_sheet((self.product,), start=True)
        self.deliver(self.product, self.bin_a, 4)
        self.assertFalse(sheet.locked_location_ids)
        self.assertFalse(sheet.can_release)

    def test_warn_says_who_counts(self):
        picking = self._make_picking("out", (self.bin_a, self.customer, 4))
        self.assertFalse(picking.cycle_count_warning)
        sheet = self.make_sheet((self.product,), start=True, lock_mode="warn")
        picking.invalidate_recordset()
        warning = picking.with_user(self.worker).cycle_count_warning
        for part in (self.bin_a.display_name, sheet.name, self.counter.name):
            self.assertIn(part, warning)
        picking.move_ids.picked = True
        picking._action_done()
        self.assertEqual(picking.state, "done")
        self.assertFalse(picking.cycle_count_warning)

    def test_block_refuses_moves_in_and_out(self):
        """In, out, between bins, scrapping: refused with the location, the sheet, the counter and what to do."""
        sheet = self._block()
        self.assertEqual(sheet.locked_location_ids, self.bin_a)
        forced = self.prepare_move(self.product, self.bin_a, self.customer, 3)
        receipt = self.prepare_move(self.product, self.supplier, self.bin_a, 3)
        internal = self.prepare_move(self.product, self.bin_b, self.bin_a, 3)
        scrap = self.env["stock.scrap"].create(
            {"product_id": self.product.id, "scrap_qty": 1, "location_id": self.bin_a.id})
        for attempt in (forced._action_done, receipt._action_done, internal._action_done, scrap.do_scrap):
            with self.assertRaises(UserError) as caught, self.cr.savepoint():
                attempt()
            for part in (self.bin_a.display_name, sheet.name, self.counter.name, "supervisor"):
                self.assertIn(part, str(caught.exception))
        self.assertEqual(self.on_hand(self.product, self.bin_a), 10)

    def test_block_says_it_before_validation(self):
        picking = self._make_picking("out", (self.bin_a, self.customer, 4))
        sheet = self._block()
        self.assertIn(sheet.name, picking.cycle_count_warning)

    def test_every_way_through_quants_is_refused(self):
        """Where moves are not asked, as in edits of done lines, the quants refuse."""
        done = self.deliver(self.product, self.bin_a, 2)
        self._block()
        with self.assertRaises(UserError), self.cr.savepoint():
            done.move_line_ids.quantity = 3
        with self.assertRaises(UserError), self.cr.savepoint():
            self.env["stock.quant"]._update_available_quantity(self.product, self.bin_a, 1)

    def test_other_bins_and_children_move_freely(self):
        child = self.env["stock.location"].create({"name": "A1", "location_id": self.bin_a.id})
        self._block()
        self.receive(self.product, child, 3)
        self.move(self.product, self.bin_b, child, 2)
        self.assertEqual(self.on_hand(self.product, child), 5)

    def test_parent_is_not_locked_by_its_bins(self):
        self._block()
        self.receive(self.product, self.stock, 3)
        self.assertEqual(self.on_hand(self.product, self.stock), 3)

    def test_products_without_stock_move_freely(self):
        consumable = self.env["product.product"].create({"name": "Tape", "type": "consu"})
        self._block()
        self.receive(consumable, self.bin_a, 3)

    def test_unreserve_and_cancel_are_allowed(self):
        first = self._make_picking("out", (self.bin_a, self.customer, 4))
        second = self._make_picking("out", (self.bin_a, self.customer, 4))
        (first | second).action_assign()
        self._block()
        first.do_unreserve()
        second.action_cancel()
        self.assertEqual(second.state, "cancel")
        quant = self.env["stock.quant"].search([("location_id", "=", self.bin_a.id)])
        self.assertEqual((quant.quantity, quant.reserved_quantity), (10, 0))

    def test_reservation_avoids_locked_bins(self):
        """12 are asked for, 10 lie in the free bin: those are reserved, and what is on hand is shown as before."""
        self._block()
        picking = self._make_picking("out", (self.stock, self.customer, 12))
        picking.action_assign()
        self.assertEqual(picking.move_ids.state, "partially_available")
        self.assertEqual(picking.move_line_ids.location_id, self.bin_b)
        self.assertEqual(picking.move_ids.quantity, 10)
        product = self.product.with_context(warehouse=self.warehouse.id)
        self.assertEqual((product.qty_available, product.free_qty), (20, 10))

    def test_quants_that_were_read_before_are_avoided_too(self):
        """Core of 2024 picks from quants that it has read already, by the same domain."""
        self._block()
        quants = self.env["stock.quant"].search([("product_id", "=", self.product.id), ("quantity", ">", 0)])
        found = quants.filtered_domain(quants._get_gather_domain(self.product, self.stock))
        self.assertEqual(found.location_id, self.bin_b)

    def test_strict_lookups_are_unaffected(self):
        """A strict lookup that missed the quant would make core create a second one."""
        self._block()
        Quant = self.env["stock.quant"]
        self.assertEqual(Quant._get_available_quantity(self.product, self.bin_a, strict=True), 10)
        self.assertEqual(Quant._get_available_quantity(self.product, self.bin_a), 0)
        self.assertEqual(len(Quant._gather(self.product, self.bin_a, strict=True)), 1)

    def test_unpicked_lines_of_locked_bins_stay_behind(self):
        """What is picked elsewhere can be shipped; the rest becomes a backorder."""
        picking = self._make_picking("out", (self.bin_a, self.customer, 4), (self.bin_b, self.customer, 4))
        picking.action_assign()
        self._block()
        picking.move_ids.filtered(lambda move: move.location_id == self.bin_b).picked = True
        picking._action_done()
        self.assertEqual(self.on_hand(self.product, self.bin_b), 6)
        self.assertEqual(self.on_hand(self.product, self.bin_a), 10)

    def test_swallowed_refusal_leaves_the_order_open(self):
        """Point of sale swallows refusals of its transfers: the transfer stays to be done."""
        picking = self._make_picking("out", (self.bin_a, self.customer, 4))
        picking.action_assign()
        self._block()
        picking.move_ids.picked = True
        try:
            with self.cr.savepoint():
                picking._action_done()
        except UserError:
            pass
        self.assertEqual((picking.state, self.on_hand(self.product, self.bin_a)), ("assigned", 10))

    def test_inventory_adjustment_in_a_locked_bin_is_refused(self):
        self.receive(self.other_product, self.bin_a, 3)
        self._block()
        quant = self.env["stock.quant"].search(
            [("location_id", "=", self.bin_a.id), ("product_id", "=", self.other_product.id)])
        with self.assertRaises(UserError):
            quant.with_context(inventory_mode=True).write({"inventory_quantity": 1})
            quant.action_apply_inventory()

    def test_adjustment_by_a_person_is_refused_too(self):
        self.receive(self.other_product, self.bin_a, 3)
        self._block()
        quant = self.env["stock.quant"].with_user(self.manager).with_context(inventory_mode=True).search(
            [("location_id", "=", self.bin_a.id), ("product_id", "=", self.other_product.id)])
        quant.inventory_quantity = 3
        quant.action_apply_inventory()
        self.assertEqual(self.on_hand(self.other_product, self.bin_a), 3)
        quant.inventory_quantity = 1
        with self.assertRaisesRegex(UserError, "while it is counted"):
            quant.action_apply_inventory()

    def test_own_postings_pass(self):
        sheet = self._block()
        self.count(sheet.line_ids, 8)
        sheet.with_user(self.counter).action_close()
        self.assertEqual(sheet.locked_location_ids, self.bin_a, "held until the sheet is done")
        reason = self.env["stock.cycle.count.reason"].create({"code": "FX", "name": "Lost"})
        line = sheet.line_ids.with_user(self.supervisor)
        line.reason_id = reason
        line.action_approve()
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual((sheet.state, self.on_hand(self.product, self.bin_a)), ("done", 8))
        self.assertFalse(sheet.locked_location_ids)

    def test_token_cannot_be_sent(self):
        """A context comes as JSON: whatever it says, it is not the object that marks postings."""
        self._block()
        move = self.prepare_move(self.product, self.bin_a, self.customer, 3)
        for value in (True, 1, "POSTING", {}, [], "<object object>"):
            context = json.loads(json.dumps({"stock_cycle_count_posting": value}))
            with self.subTest(value=value), self.assertRaises(UserError), self.cr.savepoint():
                move.with_user(self.manager).with_context(**context)._action_done()


class TestRelease(LockCase):

    def test_cancel_releases(self):
        sheet = self._block()
        sheet.with_user(self.supervisor).action_cancel()
        self.assertFalse(self.bin_a.cycle_count_lock_id)
        self.deliver(self.product, self.bin_a, 4)

    def test_done_releases(self):
        sheet = self._block()
        self.count(sheet.line_ids, 10)
        sheet.with_user(self.counter).action_close()
        self.assertEqual(sheet.state, "done")
        self.assertFalse(self.bin_a.cycle_count_lock_id)

    def test_closing_releases_what_was_not_counted(self):
        sheet = self._block((self.product,), (self.product, self.bin_b))
        self.count(sheet.line_ids[0], 8)
        sheet.with_user(self.counter)._close()
        self.assertEqual(sheet.locked_location_ids, self.bin_a)

    def test_supervisor_releases(self):
        sheet = self._block()
        for user in (self.counter, self.worker):
            self.assertFalse(sheet.with_user(user).can_release)
            with self.assertRaises(UserError):
                sheet.with_user(user).action_release()
        self.assertTrue(sheet.with_user(self.supervisor).can_release)
        sheet.with_user(self.supervisor).action_release()
        self.assertFalse(self.bin_a.cycle_count_lock_id)
        self.assertIn(self.supervisor.name, sheet.message_ids[0].body)
        self.assertEqual(sheet.state, "in_progress", "counting goes on")
        self.deliver(self.product, self.bin_a, 4)
        with self.assertRaises(UserError):
            sheet.with_user(self.supervisor).action_release()

    def test_nobody_writes_locks(self):
        sheet = self._block()
        with self.assertRaises(AccessError):
            self.bin_a.with_user(self.manager).cycle_count_lock_id = False
        with self.assertRaises(AccessError):
            sheet.with_user(self.controller).locked_location_ids = [Command.clear()]
        self.assertEqual(self.bin_a.cycle_count_lock_id, sheet)
        self.bin_a.with_user(self.manager).name = "Bin A, renamed"

    def test_second_sheet_takes_over_the_lock(self):
        """Both block one location: it moves again when the last of them ends."""
        first = self._block()
        second = self._block((self.other_product,))
        self.assertEqual(self.bin_a.cycle_count_lock_id, first)
        first.with_user(self.supervisor).action_cancel()
        self.assertEqual(self.bin_a.cycle_count_lock_id, second)
        second.with_user(self.supervisor).action_release()
        self.assertFalse(self.bin_a.cycle_count_lock_id)

    def test_release_goes_to_nobody_who_does_not_block(self):
        first = self._block()
        self.make_sheet((self.other_product,), start=True, lock_mode="warn")
        first.with_user(self.supervisor).action_cancel()
        self.assertFalse(self.bin_a.cycle_count_lock_id)

    def test_found_lines_lock_their_location(self):
        sheet = self._block()
        sheet.with_user(self.counter)._add_found(self.bin_b, self.other_product)
        self.assertEqual(self.bin_b.cycle_count_lock_id, sheet)

    def test_deleted_sheet_leaves_no_lock(self):
        sheet = self._block()
        sheet.with_user(self.supervisor).action_cancel()
        sheet.with_user(self.supervisor).unlink()
        self.assertFalse(self.bin_a.cycle_count_lock_id)

    def test_locked_location_can_be_configured(self):
        self._block()
        form = Form(self.bin_a.with_user(self.manager))
        form.name = "Bin A2"
        form.save()
        self.assertEqual(self.bin_a.name, "Bin A2")
