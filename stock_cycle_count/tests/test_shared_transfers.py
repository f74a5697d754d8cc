from itertools import product as combinations

from odoo import Command
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestSharedTransfers(GateCase):
    """A transfer that one sheet found, while others count where it comes from or count one of its ends once more."""

    def _count_piece(self, piece, location, quantity, beside=True):
        """A line that counted the piece in a bin; beside a large difference it waits."""
        product, key, _quantity = piece
        other = (self.product, self.bin_a) if beside else (self.product, self.bin_c)
        sheet = self.make_sheet(other, start=True)
        self.count(sheet.line_ids, 0)
        line = sheet.with_user(self.counter)._add_found(location, product, key.get("lot"), key.get("package")).sudo()
        self.count(line, quantity, user=self.counter)
        sheet.with_user(self.counter).action_close()
        return line

    def _finalize(self, *lines):
        for line in lines:
            self.env.flush_all()
            self.env.invalidate_all()
            if line.count_id.state == "review":
                line.count_id.with_user(self.supervisor).action_finalize()

    def _get_places(self, piece):
        """Where the books have it, inventory loss included."""
        self.env.flush_all()
        self.env.invalidate_all()
        quants = self.env["stock.quant"].search([
            ("product_id", "=", piece[0].id), ("quantity", "!=", 0), ("location_id.usage", "!=", "supplier")])
        return {quant.location_id: quant.quantity for quant in quants}

    def test_another_sheet_counts_the_source(self):
        """It is the transfer's other end, whichever is finalized first."""
        for kind, first in combinations(("serial", "package", "plain"), (0, 1)):
            with self.subTest(kind=kind, first=first), self.cr.savepoint() as savepoint:
                piece = self._stock_piece(kind)
                found = self._count_piece(piece, self.bin_c, piece[2])
                missing = self._count_piece(piece, self.bin_b, 0, beside=False)
                self.assertEqual(
                    (found.target_transfer_ids.source_line_id, missing.adjustment_qty, found.adjustment_qty), (missing, 0, 0))
                lines = [found, missing]
                if kind == "plain":
                    for line in lines:
                        if line.state == "to_approve":
                            self._approve(line, self.supervisor)
                self._finalize(*(lines[first:] + lines[:first]))
                self.assertEqual((found.state, missing.state, missing.count_id.state), ("posted", "posted", "done"))
                self.assertEqual(self._get_places(piece), {self.bin_c: piece[2]})
                savepoint.rollback()

    def test_it_is_still_there(self):
        """A piece that somebody counts at the source is not taken from there."""
        for kind in ("serial", "package"):
            with self.subTest(kind=kind), self.cr.savepoint() as savepoint:
                piece = self._stock_piece(kind)
                found = self._count_piece(piece, self.bin_c, piece[2])
                there = self._count_piece(piece, self.bin_b, piece[2], beside=False)
                self._finalize(found, there)
                self.assertFalse(found.target_transfer_ids)
                self.assertNotEqual(found.state, "posted")
                self.assertEqual(self._get_places(piece), {self.bin_b: piece[2]})
                savepoint.rollback()

    def test_only_a_part_is_missing(self):
        piece = self._stock_piece("package")
        found = self._count_piece(piece, self.bin_c, 4)
        self.assertEqual(found.target_transfer_ids.quantity, 4)
        missing = self._count_piece(piece, self.bin_b, 1, beside=False)
        self.assertEqual((found.target_transfer_ids.quantity, found.adjustment_qty, missing.adjustment_qty), (3, 1, 0))

    def test_physical_inventory_counts_the_source(self):
        piece = self._stock_piece("serial")
        found = self._count_piece(piece, self.bin_c, 1)
        quant = self.env["stock.quant"].search([("lot_id", "=", self.serial.id), ("location_id", "=", self.bin_b.id)])
        quant = quant.with_user(self.manager).with_context(inventory_mode=True)
        quant.inventory_quantity = 0
        quant.action_apply_inventory()
        missing = self.env["stock.cycle.count.line"].search(
            [("lot_id", "=", self.serial.id), ("location_id", "=", self.bin_b.id)])
        self.assertEqual(found.target_transfer_ids.source_line_id, missing)
        if missing.state == "to_approve":
            self._approve(missing, self.supervisor)
        self._finalize(found)
        self.assertEqual((found.state, missing.state), ("posted", "posted"))
        self.assertEqual(self._get_places(piece), {self.bin_c: 1})

    def test_a_confirming_recount_keeps_transfer_and_approvals(self):
        self.tolerance.write({"over_qty": 0, "under_qty": 0, "recount": True})
        self.company.cycle_count_level2_value = 10
        plan = self.make_plan(counter_ids=[Command.set((self.counter | self.second).ids)])
        for location in (self.bin_b, self.bin_c):
            self.receive(self.other_product, location, 20)

        def close(location, counted, rounds):
            sheet = self.make_sheet((self.other_product, location), start=True, recount_rounds=rounds)
            sheet.sudo().plan_id = plan
            self.count(sheet.line_ids, counted)
            sheet.with_user(self.counter).action_close()
            return sheet.line_ids

        missing = close(self.bin_b, 10, 0)
        found = close(self.bin_c, 24, 1)
        transfer = found.target_transfer_ids
        self.assertEqual((transfer.source_line_id, transfer.quantity, found.state), (missing, 4, "recount"))
        self._approve(missing, self.supervisor)
        self._approve(missing, self.controller)
        self.assertEqual((missing.state, missing.adjustment_qty), ("approved", -6))
        self.count(found, 24, user=self.second)
        found.count_id.with_user(self.second).action_close()
        self.assertEqual((found.target_transfer_ids, transfer.quantity), (transfer, 4))
        self.assertEqual((missing.state, missing.adjustment_qty, missing._is_approved()), ("approved", -6, True))

    def test_a_tick_that_was_taken_off_stays_off(self):
        self.tolerance.write({"over_qty": 5, "under_qty": 5})
        self.receive(self.other_product, self.bin_b, 20)
        sheet = self._close_with((16, self.other_product, self.bin_b), (4, self.other_product, self.bin_c))
        sheet.transfer_ids.with_user(self.supervisor).selected = False
        sheet.with_user(self.supervisor).action_reopen()
        self.count(sheet.line_ids[0], 17)
        sheet.with_user(self.counter).action_close()
        self.assertEqual((sheet.transfer_ids.quantity, sheet.transfer_ids.selected), (3, False))

    def test_what_was_picked_is_not_taken_back(self):
        """Whoever finds it is told where the books have it, and what to do."""
        self.warehouse.delivery_steps = "pick_pack_ship"
        places = (self.warehouse.wh_output_stock_loc_id, self.warehouse.wh_pack_stock_loc_id)
        for kind, place in combinations(("serial", "package"), places):
            with self.subTest(kind=kind, place=place.name), self.cr.savepoint() as savepoint:
                piece = self._stock_piece(kind)
                self.move(piece[0], self.bin_b, place, piece[2], lot=piece[1].get("lot"), package=piece[1].get("package"),
                          target_package=piece[1].get("package"))
                self.tolerance.write({"over_qty": 5, "under_qty": 5})
                line = self._count_piece(piece, self.bin_c, piece[2])
                self.assertFalse(line.target_transfer_ids)
                self._finalize(line)
                self.assertEqual(self._get_places(piece), {place: piece[2]})
                self.assertIn(place.display_name, line.post_error)
                self.assertIn("picked to be shipped", line.post_error)
                savepoint.rollback()

    def test_finalizing_while_counting_shows_what_to_choose_from(self):
        for kind in ("serial", "package", "plain"):
            with self.subTest(kind=kind), self.cr.savepoint() as savepoint:
                piece = self._stock_piece(kind)
                sheet = self.make_sheet((self.product, self.bin_a), start=True)
                self.count(sheet.line_ids, 100)
                for location, quantity in ((self.bin_b, 0), (self.bin_c, piece[2])):
                    line = sheet.with_user(self.counter)._add_found(
                        location, piece[0], piece[1].get("lot"), piece[1].get("package")).sudo()
                    self.count(line, quantity, user=self.counter)
                action = sheet.with_user(self.supervisor).action_finalize()
                wizard = self.env[action["res_model"]].with_user(self.supervisor).with_context(action["context"]).create({})
                shown = wizard.action_close()
                following = shown["params"]["next"]
                self.assertEqual((following["res_model"], following["res_id"]), (sheet._name, sheet.id))
                self.assertEqual((sheet.state, sheet.transfer_ids.move_ids.ids), ("review", []))
                self.assertEqual(self._get_places(piece), {self.bin_b: piece[2]})
                savepoint.rollback()
