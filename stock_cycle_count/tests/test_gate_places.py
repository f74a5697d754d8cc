from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_gate import GateCase, QuantCase


@tagged("post_install", "-at_install")
class TestArchivedPlaces(GateCase):
    """A place is not archived under those who count it, nor while a transfer waits to take stock from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.make_admin()

    def _assert_kept(self, place, sheet):
        for user in (self.manager, self.admin):
            for archive in (lambda record: record.write({"active": False}), lambda record: record.toggle_active()):
                with self.assertRaisesRegex(UserError, sheet.name):
                    archive(place.with_user(user))
        self.assertTrue(place.active)

    def test_that_are_counted(self):
        sheet = self.make_sheet((self.product, self.bin_c), start=True)
        self._assert_kept(self.bin_c, sheet)
        self.count(sheet.line_ids, 40)
        sheet.with_user(self.counter).action_close()
        self._assert_kept(self.bin_c, sheet)
        sheet.line_ids.with_user(self.supervisor).action_reject("none of ours")
        self.bin_c.with_user(self.manager).active = False
        self.assertFalse(self.bin_c.active)

    def test_from_which_a_transfer_waits(self):
        self.receive(self.serial_product, self.bin_c, 1, lot=self.serial)
        sheet = self._close_with((1, self.serial_product, self.bin_b, self.serial))
        self.assertEqual(sheet.line_ids.target_transfer_ids.location_id, self.bin_c)
        self.deliver(self.serial_product, self.bin_c, 1, lot=self.serial)
        self._assert_kept(self.bin_c, sheet)


@tagged("post_install", "-at_install")
class TestTransfersOfPhysicalInventory(QuantCase):
    """What is counted in Physical Inventory is moved rather than lost here and found there, as on sheets: packages and
    opposite differences as well as serial numbers.
    """

    def _apply(self, *counts):
        """Lines of counts ``(key, quantity)``, entered by the manager and applied together."""
        quants = self.env["stock.quant"].with_user(self.manager)
        for values, quantity in counts:
            quants |= quants.with_context(inventory_mode=True).create({**values, "inventory_quantity": quantity})
        quants.action_apply_inventory()
        self._forget()
        return self.env["stock.cycle.count.line"].search([("company_id", "=", self.company.id)], order="id")

    def test_opposite_differences(self):
        for lost in (1, 30):
            with self.subTest(lost=lost), self.cr.savepoint() as savepoint:
                lines = self._apply(
                    (self.key_values(self.product, self.bin_a), 100 - lost), (self.key_values(self.product, self.bin_b), lost))
                self.assertEqual(lines.mapped("state"), ["to_approve", "to_approve"])
                self.assertEqual(lines.target_transfer_ids.source_line_id, lines[0])
                if lost == 1:
                    self.assertIn(self.bin_b.display_name, lines[0].verdict_reason)
                for line in lines:
                    self._approve(line, self.controller)
                self.assertEqual(lines.mapped("state"), ["posted", "posted"])
                self.assertEqual(
                    (self.on_hand(self.product, self.bin_a), self.on_hand(self.product, self.bin_b)), (100 - lost, lost))
                self.assertEqual(lines.move_ids.mapped("location_dest_id"), self.bin_b, "no loss in between")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_package_that_the_books_have_elsewhere(self):
        self.receive(self.other_product, self.bin_b, 4, package=self.package)
        [line] = self._apply((self.key_values(self.other_product, self.bin_c, package_id=self.package.id), 4))
        self.assertEqual((line.state, line.target_transfer_ids.location_id), ("to_approve", self.bin_b))
        self._approve(line, self.supervisor)
        self.assertEqual(line.state, "posted")
        self.assertEqual(
            (self.on_hand(self.other_product, self.bin_b), self.on_hand(self.other_product, self.bin_c)), (0, 4))
        self.assertEqual(self.package.location_id, self.bin_c)

    def test_what_somebody_else_counts_on_a_sheet_is_paired(self):
        sheet = self.make_sheet((self.product, self.bin_b), start=True)
        self.count(sheet.line_ids, 20)
        sheet.with_user(self.counter).action_close()
        lines = self._apply((self.key_values(self.product, self.bin_a), 80))
        self.assertEqual(set(lines.mapped("state")), {"to_approve"})
        self.assertEqual(lines.mapped("adjustment_qty"), [0, 0])
        for line in lines:
            self._approve(line, self.controller)
        self.assertEqual(lines.mapped("state"), ["posted", "posted"], "what is posted takes its other end along")
        self.assertEqual((self.on_hand(self.product, self.bin_a), self.on_hand(self.product, self.bin_b)), (80, 20))
