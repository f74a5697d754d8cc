from odoo.tests import tagged

from .common_gate import QuantCase


@tagged("post_install", "-at_install")
class TestGateSerials(QuantCase):
    """A serial is one piece: what is counted of it in one place says something of all others."""

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
        found, missing = lines.sorted("variance_qty", reverse=True)
        self.assertEqual((found.state, missing.state), ("to_approve", "to_approve"))
        self.assertEqual((found.target_transfer_ids.source_line_id, lines.mapped("adjustment_qty")), (missing, [0, 0]))
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 1)
        for line in lines:
            self._approve(line, self.controller)
        self.assertEqual([self.on_hand(self.serial_product, place) for place in (self.bin_a, self.bin_b)], [0, 1])

    def test_a_missing_serial_is_written_off_as_its_tolerance_says(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self._count_found(self.serial_product, self.bin_a, 0, lot=self.serial).action_apply_inventory()
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 0)
