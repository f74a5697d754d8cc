from unittest.mock import patch

import psycopg2.errors

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestPosting(GateCase):

    def test_small_differences_pass_at_once(self):
        sheet = self._close_with((99, self.product))
        line = sheet.line_ids
        self.assertEqual((sheet.state, line.state), ("done", "posted"))
        self.assertEqual(self.on_hand(self.product, self.bin_a), 99)
        move = line.move_ids
        self.assertEqual((move.state, move.is_inventory, move.quantity, move.location_id), ("done", True, 1, self.bin_a))
        self.assertEqual((line.adjustment_qty, line.adjustment_value), (-1, -5))

    def test_a_verdict_is_on_what_was_counted_then(self):
        sheet = self._close_with((99, self.product), (9, self.other_product))
        small = sheet.line_ids[0]
        self.assertEqual((small.state, small.verdict), ("counted", "within"))
        sheet.with_user(self.supervisor).action_reopen()
        self.count(small, 50)
        self.assertEqual((small.state, small.verdict), ("counted", False))
        self.assertFalse(small._post())
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)

    def test_one_entry_a_sheet_where_nothing_is_valued(self):
        self.company.cycle_count_entry_per_sheet = True
        sheet = self._close_with((99, self.product))
        self.assertEqual((sheet.state, sheet.line_ids.state, self.on_hand(self.product, self.bin_a)), ("done", "posted", 99))
        self.assertEqual((sheet.journal_entry_count, sheet.line_ids.journal_entry_count), (0, 0))

    def test_match_posts_no_move(self):
        line = self._close_with((100, self.product)).line_ids
        self.assertEqual((line.state, line.verdict, line.move_ids.ids), ("posted", "match", []))

    def test_posts_the_difference_while_stock_moves(self):
        line = self._close_with((90, self.product)).line_ids
        self.receive(self.product, self.bin_a, 7)
        self.deliver(self.product, self.bin_a, 30)
        self._approve(line, self.supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100 + 7 - 30 - 10)

    def test_what_became_another_companys_is_not_posted(self):
        """However many lines are looked at in one go, the one that is wrong is named, and stops no other."""
        sheet = self._close_with((90, self.product), (8, self.other_product))
        self._approve(sheet.line_ids, self.supervisor)
        self.env.flush_all()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.cr.execute("UPDATE product_template SET company_id = %s WHERE id = %s", [
            company.id, self.other_product.product_tmpl_id.id])
        self.env.invalidate_all()
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(sheet.line_ids.mapped("state"), ["posted", "approved"])
        self.assertIn("Incompatible companies", sheet.line_ids[1].post_error)

    def test_reason_and_its_loss_location_are_on_the_move(self):
        loss = self.env["stock.location"].create({
            "name": "Theft", "usage": "inventory", "company_id": self.company.id})
        self.reason.location_id = loss
        line = self._close_with((90, self.product)).line_ids
        self._approve(line, self.supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        move = line.move_ids
        self.assertEqual((move.location_dest_id, move.cycle_count_reason_id, move.cycle_count_line_id),
                         (loss, self.reason, line))

    def test_lot_package_and_owner_are_kept(self):
        package = self.env["stock.quant.package"].create({"name": "P-1"})
        owner = self.env["res.partner"].create({"name": "Owner"})
        self.receive(self.lot_product, self.bin_b, 10, lot=self.lot, package=package, owner=owner)
        sheet = self.make_sheet()
        line = self.env["stock.cycle.count.line"].create({
            "count_id": sheet.id, "product_id": self.lot_product.id, "location_id": self.bin_b.id,
            "lot_id": self.lot.id, "package_id": package.id, "owner_id": owner.id})
        sheet.with_user(self.counter).action_start()
        self.count(line, 9)
        sheet.with_user(self.counter).action_close()
        self.assertEqual(line.state, "posted")
        quant = self.env["stock.quant"].search([("lot_id", "=", self.lot.id), ("location_id", "=", self.bin_b.id)])
        self.assertEqual((quant.quantity, quant.package_id, quant.owner_id), (9, package, owner))

    def test_next_count_follows(self):
        position = self.env["stock.cycle.count.position"].create({
            "company_id": self.company.id, "location_id": self.bin_a.id, "product_id": self.product.id,
            "manual_date": "2020-01-01"})
        sheet = self.make_sheet((self.product,))
        self.assertEqual(sheet.line_ids.position_id, position)
        sheet.with_user(self.counter).action_start()
        self.count(sheet.line_ids, 100)
        sheet.with_user(self.counter).action_close()
        self.assertTrue(position.last_count_date)
        self.assertFalse(position.manual_date)

    def test_finalize_says_what_cannot_be_posted(self):
        self.company.cycle_count_reason_policy = "always"
        sheet = self._close_with((99, self.product)).with_user(self.supervisor)
        self.assertEqual((sheet.line_ids.verdict, sheet.state), ("within", "review"))
        answer = sheet.action_finalize()
        self.assertIn("choose a reason", answer["params"]["message"])
        self.assertIn("choose a reason", sheet.line_ids.post_error)
        sheet.line_ids.reason_id = self.reason
        self.assertIs(sheet.action_finalize(), True)
        self.assertEqual((sheet.state, sheet.line_ids.post_error), ("done", False))

    def test_finalize_from_counting_says_what_remains(self):
        sheet = self.make_sheet((self.product,), (self.other_product,), start=True)
        self.count(sheet.line_ids[0], 99)
        action = sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(sheet.state, "in_progress")
        wizard = self.env[action["res_model"]].with_user(self.supervisor).with_context(action["context"]).create({})
        self.assertIn("Lines not counted: 1", wizard.message)
        self.assertIn("within tolerance is posted now", wizard.message)
        wizard.action_close()
        self.assertEqual((sheet.state, sheet.line_ids.mapped("state")), ("done", ["posted", "cancel"]))
        self.assertEqual(self.on_hand(self.product, self.bin_a), 99)

    def test_serial_found_elsewhere_is_transferred(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        sheet = self._close_with((1, self.serial_product, self.bin_b, self.serial))
        transfer = sheet.transfer_ids
        self.assertEqual((transfer.location_id, transfer.location_dest_id, transfer.proven), (self.bin_a, self.bin_b, True))
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(sheet.state, "done")
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 0)
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 1)
        move = sheet.line_ids.move_ids
        self.assertEqual((move.location_id, move.location_dest_id), (self.bin_a, self.bin_b))
        self.assertEqual((sheet.line_ids.transfer_qty, sheet.line_ids.adjustment_qty), (1, 0))

    def test_reserved_serial_keeps_its_order(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        order = self.env["stock.move"].create({
            "name": "order", "product_id": self.serial_product.id, "product_uom_qty": 1,
            "product_uom": self.serial_product.uom_id.id, "location_id": self.stock.id,
            "location_dest_id": self.customer.id})
        order._action_confirm()
        order._action_assign()
        self.assertEqual(order.move_line_ids.lot_id, self.serial)
        for picked in (False, True):
            with self.subTest(picked=picked), self.cr.savepoint() as savepoint:
                order.move_line_ids.picked = picked
                sheet = self._close_with((1, self.serial_product, self.bin_b, self.serial))
                sheet.with_user(self.supervisor).action_finalize()
                line = order.move_line_ids
                self.assertEqual((line.lot_id, line.location_id), (self.serial, self.bin_b))
                quant = self.env["stock.quant"].search(
                    [("lot_id", "=", self.serial.id), ("location_id", "=", self.bin_b.id)])
                self.assertEqual((quant.quantity, quant.reserved_quantity), (1, 1))
                savepoint.rollback()

    def test_unticked_transfer_is_judged_as_a_difference(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self.tolerance.write({"over_qty": 0, "under_qty": 0})
        sheet = self._close_with((1, self.serial_product, self.bin_b, self.serial))
        self.assertEqual(sheet.line_ids.verdict, "within")
        sheet.transfer_ids.with_user(self.supervisor).selected = False
        self.assertEqual((sheet.line_ids.verdict, sheet.line_ids.state), ("approval", "to_approve"))
        self._assert_refused(sheet.transfer_ids.with_user(self.supervisor).write, {"quantity": 5})

    def test_unticked_transfer_may_mean_another_count(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self.tolerance.write({"over_qty": 0, "under_qty": 0, "recount": True})
        sheet = self._close_with((1, self.serial_product, self.bin_b, self.serial))
        sheet.transfer_ids.with_user(self.supervisor).selected = False
        self.assertEqual((sheet.line_ids.state, sheet.line_ids.round, sheet.state), ("recount", 2, "in_progress"))

    def test_opposite_differences_change_place_only(self):
        self.receive(self.product, self.bin_b, 10)
        before = self.on_hand(self.product, self.bin_a) + self.on_hand(self.product, self.bin_b)
        sheet = self._close_with((98, self.product, self.bin_a), (12, self.product, self.bin_b))
        self.assertEqual(len(sheet.transfer_ids), 1)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual((self.on_hand(self.product, self.bin_a), self.on_hand(self.product, self.bin_b)), (98, 12))
        self.assertEqual(before, 110)
        moves = sheet.line_ids.move_ids
        self.assertEqual((len(moves), moves.location_id, moves.location_dest_id), (1, self.bin_a, self.bin_b))

    def test_delivered_serial_is_not_taken_back(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self.deliver(self.serial_product, self.bin_a, 1, lot=self.serial)
        sheet = self._close_with((1, self.serial_product, self.bin_b, self.serial))
        sheet.with_user(self.supervisor).action_finalize()
        line = sheet.line_ids
        self.assertEqual((sheet.state, line.state), ("review", "counted"))
        self.assertIn("return", line.post_error)
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 0)

    def test_an_error_on_one_line_leaves_the_others_posted(self):
        self.receive(self.other_product, self.bin_b, 10)
        wrong = self.env["product.product"].create({"name": "Wrong", "type": "product"})
        self.receive(wrong, self.bin_b, 10)
        wrong.with_company(self.company).property_stock_inventory = self.customer
        sheet = self._close_with(
            (99, self.product), (9, self.other_product, self.bin_b), (9, wrong, self.bin_b))
        good, good_too, bad = sheet.line_ids
        self.assertEqual((good.state, good_too.state, bad.state, sheet.state), ("posted", "posted", "counted", "review"))
        self.assertIn("no inventory loss location", bad.post_error)
        wrong.property_stock_inventory = self.product.property_stock_inventory
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual((bad.state, sheet.state), ("posted", "done"))

    def test_posting_twice_posts_once(self):
        line = self._close_with((99, self.product)).line_ids
        line._post()
        line.count_id._finalize()
        self.assertEqual(len(line.move_ids), 1)
        with self.assertRaises(UserError):
            line.count_id.with_user(self.supervisor).action_finalize()

    def test_the_database_refuses_a_second_adjustment(self):
        line = self._close_with((99, self.product)).line_ids
        line._write_judged({"state": "counted", "verdict": "within"})
        with patch.object(type(self.env["stock.move"]), "_action_done", lambda self, **kwargs: self), \
                self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"):
            line._make_moves()
            self.env.flush_all()

    def test_done_sheet_is_read_only(self):
        sheet = self._close_with((99, self.product))
        for call in (
            lambda: self.type_count(sheet.line_ids, "5", self.counter),
            lambda: sheet.with_user(self.supervisor).action_reopen(),
            lambda: sheet.with_user(self.supervisor).action_cancel(),
            lambda: sheet.with_user(self.supervisor).write({"blind": False}),
            lambda: sheet.with_user(self.supervisor).unlink(),
        ):
            self._assert_refused(call)

    def test_accounting_date(self):
        if "stock.valuation.layer" not in self.env:
            return
        self.product.categ_id.property_valuation = "manual_periodic"
        sheet = self.make_sheet((self.product,), start=True)
        sheet.accounting_date = fields.Date.to_date("2020-01-31")
        self.count(sheet.line_ids, 99)
        sheet.with_user(self.counter).action_close()
        self.assertEqual(sheet.line_ids.move_ids.stock_valuation_layer_ids.value, -5)

    def test_voucher_prints_numbers_reasons_and_signatures(self):
        line = self._close_with((90, self.product)).line_ids
        self._approve(line, self.supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        html, _kind = self.env["ir.actions.report"].with_user(self.supervisor)._render_qweb_html(
            "stock_cycle_count.count_voucher", line.count_id.ids)
        for text in (line.count_id.name, "Lost", "50.00", self.supervisor.name, "Controller"):
            self.assertIn(text, html.decode())
