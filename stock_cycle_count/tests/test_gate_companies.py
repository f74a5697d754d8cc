from odoo.tests import tagged

from .common_gate import QuantCase


@tagged("post_install", "-at_install")
class TestGateCompanies(QuantCase):
    """The company of the location decides, whichever companies a client names."""

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
