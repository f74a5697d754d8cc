from odoo.exceptions import UserError

from .common import CONTROLLER, CountCase


class GateCase(CountCase):
    """Counted sheets, a tolerance of two pieces, and somebody for each level."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stock.cycle.count.tolerance"].search([]).active = False
        cls.tolerance = cls.env["stock.cycle.count.tolerance"].create({
            "name": "Two pieces", "company_id": cls.company.id,
            "has_over_qty": True, "over_qty": 2, "has_under_qty": True, "under_qty": 2})
        cls.reason = cls.env["stock.cycle.count.reason"].create(
            {"code": "TEST", "name": "Lost", "root_cause": "misplaced"})
        cls.second_supervisor = cls.make_user("floor_supervisor_2", "stock_cycle_count.group_supervisor")
        cls.package = cls.env["stock.quant.package"].create({"name": "PK-1"})
        cls.receive(cls.product, cls.bin_a, 100)

    @classmethod
    def make_admin(cls):
        """An administrator of everything, who has each role."""
        return cls.make_user(
            "floor_admin", f"base.group_system,stock.group_stock_manager,{CONTROLLER}")

    def _forget(self):
        """What follows is another request."""
        self.env.flush_all()
        self.env.invalidate_all()

    def _stock_piece(self, kind):
        """A piece in bin B: its product, key and quantity."""
        key = {"serial": {"lot": self.serial}, "package": {"package": self.package}, "plain": {}}[kind]
        product = self.serial_product if kind == "serial" else self.other_product
        quantity = 1 if kind == "serial" else 4
        self.receive(product, self.bin_b, quantity, **key)
        return product, key, quantity

    def _close_with(self, *counts, user=None):
        """A sheet counted by a counter and closed: counts are ``(quantity, product, location, lot)`` or less."""
        sheet = self.make_sheet(*(key for _quantity, *key in counts), user=user, start=True)
        for line, (quantity, *_key) in zip(sheet.line_ids, counts):
            self.count(line, quantity)
        sheet.with_user(sheet.user_id).action_close()
        return sheet

    def _approve(self, line, user, comment="seen"):
        if not line.reason_id:
            line.with_user(user).reason_id = self.reason
        line.with_user(user).action_approve(comment)

    def _assert_refused(self, call, *args, **kwargs):
        """The call is refused with a message, and no quantity changes."""
        quants = self.env["stock.quant"].sudo().search([])
        before = {quant.id: (quant.quantity, quant.location_id.id) for quant in quants}
        with self.assertRaises(UserError) as caught:
            call(*args, **kwargs)
        self.assertTrue(str(caught.exception))
        self.env.invalidate_all()
        quants = self.env["stock.quant"].sudo().search([])
        self.assertEqual({quant.id: (quant.quantity, quant.location_id.id) for quant in quants}, before)
        return str(caught.exception)


class QuantCase(GateCase):
    """One quant, to be counted in core's own screens."""

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

    def _count_found(self, product, place, quantity, lot=None, user=None):
        """A count that a person enters for stock of which there may be no quant."""
        return self.env["stock.quant"].with_user(user or self.manager).with_context(inventory_mode=True).create({
            "product_id": product.id, "location_id": place.id, "lot_id": lot and lot.id,
            "inventory_quantity": quantity})
