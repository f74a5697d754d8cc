"""Bins without a barcode get their names as barcodes, so that they can be labelled and scanned."""
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_planning import PlanningCase


@tagged("post_install", "-at_install")
class TestPlanLabels(PlanningCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.make_plan()
        cls.env["stock.location"].search([("warehouse_id", "=", cls.warehouse.id)]).barcode = False
        cls.scanner = cls.env["stock.cycle.count.scanner.barcode"]

    def _label(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.as_user(user or self.manager, self.plan).action_label_bins()

    def test_each_bin_gets_a_code_that_names_it_alone(self):
        twin, plain, like, same = self.bins[:4]
        twin.name = same.name = "Twin"
        self.product.barcode = like.name
        before = self.plan.unlabelled_count
        report = self._label()
        self.assertEqual(report["report_name"], "stock.report_location_barcode")
        self.assertEqual(plain.barcode, plain.name)
        self.assertEqual(like.barcode, like.complete_name, "its name is a product's barcode")
        for place in twin | same:
            self.assertEqual(place.barcode, place.complete_name, "another bin has its name")
        for place in twin | same | plain | like:
            self.assertEqual(self.scanner._resolve(place.barcode, self.company).record, place)
        self.assertEqual(self.scanner._resolve(like.name, self.company).record, self.product)
        self.env.invalidate_all()
        self.assertLess(self.plan.unlabelled_count, before)

    def test_what_has_a_barcode_keeps_it(self):
        self.bin.barcode = "OWN"
        self._label()
        self.assertEqual(self.bin.barcode, "OWN")
        with self.assertRaisesRegex(UserError, "All bins of this plan have a barcode"):
            self._label()

    def test_only_who_may_change_bins_labels_them(self):
        for user in (self.counter, self.worker, self.supervisor, self.finance):
            with self.subTest(user=user.login), self.assertRaises(AccessError), self.cr.savepoint():
                self._label(user)
        self.assertFalse(any(self.bins.mapped("barcode")))
