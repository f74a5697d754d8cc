from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestTransfers(GateCase):
    """Transfers that were proposed for numbers which then changed, or for goods that prove nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_b, 10)
        cls.package = cls.env["stock.quant.package"].create({"name": "P-1"})
        cls.receive(cls.other_product, cls.bin_a, 10, package=cls.package)

    def _close_package(self, bin_a=None, bin_b=None, loose=None):
        """A closed sheet on what a package holds in two bins, and what lies beside it in the second."""
        sheet = self.make_sheet()
        counts = [(bin_a, self.bin_a, self.package), (bin_b, self.bin_b, self.package), (loose, self.bin_b, None)]
        for quantity, location, package in counts:
            if quantity is not None:
                self.env["stock.cycle.count.line"].create({
                    "count_id": sheet.id, "product_id": self.other_product.id, "location_id": location.id,
                    "package_id": package and package.id})
        sheet.with_user(self.counter).action_start()
        for line, quantity in zip(sheet.line_ids, [one[0] for one in counts if one[0] is not None]):
            self.count(line, quantity)
        sheet.with_user(self.counter).action_close()
        return sheet

    def test_other_warehouses_are_proposed_but_not_ticked(self):
        """What lacks here and is too many there hardly went from one to the other by mistake."""
        other = self.env["stock.warehouse"].create({"name": "Far", "code": "FAR"})
        self.receive(self.product, other.lot_stock_id, 10)
        sheet = self._close_with((90, self.product, self.bin_a), (20, self.product, other.lot_stock_id))
        self.assertEqual((len(sheet.transfer_ids), sheet.transfer_ids.selected), (1, False))
        self.assertEqual(sheet.line_ids.mapped("state"), ["to_approve", "to_approve"])

    def test_posted_lines_keep_their_transfers(self):
        sheet = self._close_with(
            (98, self.product, self.bin_a), (12, self.product, self.bin_b), (9, self.lot_product, self.bin_a, self.lot))
        transfer = sheet.transfer_ids
        transfer.with_user(self.supervisor).selected = False
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(sheet.line_ids.mapped("state"), ["posted", "posted", "to_approve"])
        self._assert_refused(transfer.with_user(self.supervisor).write, {"selected": True})
        self.assertEqual(sheet.line_ids.mapped("adjustment_qty"), [-2, 2, 9])

    def test_a_count_that_matches_in_the_end_gives_nothing_away(self):
        sheet = self._close_with((98, self.product, self.bin_a), (20, self.product, self.bin_b))
        missing, found = sheet.line_ids
        self.assertEqual((sheet.transfer_ids.quantity, found.state), (2, "to_approve"))
        sheet.with_user(self.supervisor).action_reopen()
        self.count(missing, 100)
        sheet.with_user(self.counter).action_close()
        self.assertEqual((sheet.transfer_ids.ids, missing.adjustment_qty, found.adjustment_qty), ([], 0, 10))
        self._approve(found, self.supervisor)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual((self.on_hand(self.product, self.bin_a), self.on_hand(self.product, self.bin_b)), (100, 20))

    def test_what_a_transfer_explained_is_judged_without_it(self):
        missing = self._close_package(bin_a=5).line_ids
        found = self._close_package(bin_b=5).line_ids
        self.assertEqual((found.verdict, found.state, found.adjustment_qty), ("within", "counted", 0))
        missing.count_id.with_user(self.supervisor)._send_to_recount(missing, self.second)
        self.count(missing, 10, user=self.second)
        missing.count_id.with_user(self.second).action_close()
        self.assertEqual((found.verdict, found.state, found.adjustment_qty), ("approval", "to_approve", 5))
        found.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual(self.on_hand(self.other_product, self.bin_b), 0)

    def test_goods_without_their_package_prove_nothing(self):
        sheet = self._close_package(bin_a=5, loose=5)
        self.assertEqual((sheet.transfer_ids.quantity, sheet.transfer_ids.proven), (5, False))
        self.assertEqual(sheet.line_ids.mapped("state"), ["to_approve", "to_approve"])

    def test_a_reverted_transfer_goes_back_into_its_package(self):
        sheet = self._close_package(bin_a=8, loose=2)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(self.on_hand(self.other_product, self.bin_b), 2)
        moved = sheet.line_ids.move_ids
        moved.move_line_ids.with_user(self.worker).action_revert_inventory()
        self.assertEqual(self.on_hand(self.other_product, self.bin_b), 2)
        for line in moved.cycle_count_reversal_id.count_id.line_ids:
            self._approve(line, self.supervisor)
        quants = self.env["stock.quant"].search([
            ("product_id", "=", self.other_product.id), ("location_id", "in", (self.bin_a | self.bin_b).ids),
            ("quantity", "!=", 0)])
        self.assertEqual((quants.location_id, quants.package_id, quants.quantity), (self.bin_a, self.package, 10))

    def test_a_cancelled_sheet_lets_its_transfers_go(self):
        missing = self._close_with((90, self.product, self.bin_a)).line_ids
        found = self._close_with((20, self.product, self.bin_b)).line_ids
        self.assertEqual((found.transfer_qty, found.adjustment_qty), (10, 0))
        missing.count_id.with_user(self.supervisor).action_cancel()
        self.assertEqual((found.transfer_qty, found.adjustment_qty), (0, 10))
        self._approve(found, self.supervisor)
        found.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual((self.on_hand(self.product, self.bin_a), self.on_hand(self.product, self.bin_b)), (100, 20))

    def test_approvals_come_back_with_their_numbers(self):
        sheet = self._close_with((90, self.product, self.bin_a), (20, self.product, self.bin_b))
        line = sheet.line_ids[0]
        self._approve(line, self.supervisor)
        transfer = sheet.transfer_ids.with_user(self.supervisor)
        transfer.selected = False
        self.assertEqual((line.state, line.pending_level), ("to_approve", 1))
        transfer.selected = True
        self.assertEqual((line.state, line._is_approved()), ("approved", True))

    def test_an_unticked_transfer_is_recounted_where_the_tolerance_says_so(self):
        self.tolerance.recount = True
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self.tolerance.write({"over_qty": 0, "under_qty": 0})
        sheet = self._close_with((1, self.serial_product, self.bin_b, self.serial))
        sheet.transfer_ids.with_user(self.supervisor).selected = False
        self.assertEqual((sheet.line_ids.state, sheet.state), ("recount", "in_progress"))
