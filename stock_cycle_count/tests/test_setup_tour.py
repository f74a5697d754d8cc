from odoo.tests import HttpCase, tagged

from .common import PAGE
from .test_setup import SetupCase


@tagged("post_install", "-at_install")
class TestSetupTour(SetupCase, HttpCase):
    """The set-up page in a real browser, by who has all rights, from nothing to the first posted count."""

    def test_with_stock(self):
        (self.roles - self.admin).write({"active": False})
        self.receive(self.product, self.bin_a, 10)
        self.start_tour(PAGE.format("setup"), "stock_cycle_count_setup_stocked", login=self.admin.login)
        plan = self.env["stock.cycle.count.plan"].search([("company_id", "=", self.company.id)])
        self.assertEqual(plan.count_ids.line_ids.mapped("state"), ["posted"])

    def test_of_an_empty_company(self):
        self.start_tour(PAGE.format("plan"), "stock_cycle_count_setup_empty", login=self.admin.login)
        self.assertFalse(self.env["stock.cycle.count.plan"].search([("company_id", "=", self.company.id)]))
