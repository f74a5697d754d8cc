from itertools import product as combinations

from odoo.tests import tagged

from .common_valued import METHODS, CostCase


@tagged("post_install", "-at_install")
class TestValue(CostCase):
    """What is judged and shown is what valuation will book, and then what it booked."""

    def test_shown_before_is_booked_after(self):
        for method, counted in combinations(METHODS, (0, 3, 4, 8, 8.5, 10, 13.37)):
            with self.subTest(method=method, counted=counted):
                product = self._stock(method)
                self.company.cycle_count_reason_policy = "always"         # so that it waits
                line = self._close_with((counted, product, self.bin_b)).line_ids
                self._forget()
                self.assertEqual(line.state, "counted")
                shown = round(line.adjustment_value, 2)
                self.assertEqual(round(line.variance_value, 2), shown)
                line.with_user(self.supervisor).reason_id = self.reason
                line.count_id.with_user(self.supervisor).action_finalize()
                self.assertEqual(self._assert_booked(line), shown)

    def test_lines_of_one_sheet_share_the_layers(self):
        """The first takes the oldest, the next what is left of them."""
        for method in METHODS:
            with self.subTest(method=method):
                product = self._stock(method, (4, 1), (6, 5))
                self._buy(product, 5, 9, self.bin_c)
                sheet = self._close_with((5, product, self.bin_b), (2, product, self.bin_c))
                for line in sheet.line_ids:
                    self._assert_booked(line)
                if method == "fifo":
                    self.assertEqual(sheet.line_ids.mapped("adjustment_value"), [-9, -15])

    def test_another_module_chooses_the_layers(self):
        """It is asked, and what it makes dearer than was judged is decided on."""
        product = self._stock("fifo", (4, 1), (6, 5))
        self.patch(self.registry["product.product"], "_get_fifo_candidates_domain", lambda product, company: [
            ("product_id", "=", product.id), ("remaining_qty", ">", 0), ("company_id", "=", company.id), ("unit_cost", ">", 1)])
        line = self._close_with((8, product, self.bin_b)).line_ids
        self._forget()
        self.assertEqual((line.state, line.unit_cost), ("to_approve", 5))

    def test_fifo_asks_the_second_level_by_its_layers(self):
        self.company.write({"cycle_count_level2": True, "cycle_count_level2_value": 1000})
        self.tolerance.write({"over_qty": 0, "under_qty": 0})
        product = self._stock("fifo", (10, 150), (30, 50))
        line = self._close_with((30, product, self.bin_b)).line_ids
        self.assertEqual((line.adjustment_value, line.approval_level), (-1500, 2))
        self._approve(line, self.supervisor)
        self._approve(line, self.controller)
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual(self._assert_booked(line), -1500)

    def test_goods_of_others_are_worth_nothing(self):
        owner = self.env["res.partner"].create({"name": "Consignor"})
        for method, counted, own in combinations(METHODS, (7, 12), (False, True)):
            with self.subTest(method=method, counted=counted, own=own):
                product = self._stock(method)
                partner = self.company.partner_id if own else owner
                self._buy(product, 10, 2, self.bin_a, owner=partner)
                sheet = self.make_sheet()
                line = self.env["stock.cycle.count.line"].create({
                    "count_id": sheet.id, "product_id": product.id, "location_id": self.bin_a.id, "owner_id": partner.id})
                sheet.with_user(self.counter).action_start()
                self.count(line, counted)
                sheet.with_user(self.counter).action_close()
                booked = self._assert_booked(line)
                self.assertEqual(bool(booked), own)

    def test_corrections_of_valuation_are_shown_too(self):
        """What left before it was bought is valued anew when it is bought."""
        product = self._stock("fifo", (5, 2))
        self.deliver(product, self.bin_c, 5)
        line = self._close_with((3, product, self.bin_b)).line_ids
        self._assert_booked(line)
        self._buy(product, 20, 7)
        self._assert_booked(line)

    def test_transfers_change_no_value(self):
        for method in METHODS:
            with self.subTest(method=method):
                product = self._stock(method, (10, 3))
                self._buy(product, 10, 3, self.bin_c)
                sheet = self._close_with((6, product, self.bin_b), (12, product, self.bin_c))
                self.assertEqual(sheet.transfer_ids.quantity, 2)
                sheet.with_user(self.supervisor).action_finalize()
                for line in sheet.line_ids:
                    self._assert_booked(line)
                self.assertEqual(self._get_layers(sheet.line_ids), sheet.line_ids[0].unit_cost * -2)

    def test_without_a_cost_a_limit_in_value_lets_nothing_pass(self):
        self.tolerance.write({
            "has_over_qty": False, "has_under_qty": False, "has_over_value": True, "over_value": 100,
            "has_under_value": True, "under_value": 100})
        for method, counted, cost in combinations(METHODS, (9, 11), (0, 2)):
            with self.subTest(method=method, counted=counted, cost=cost):
                product = self._make_valued(method, standard_price=cost)
                self._buy(product, 10, cost)
                line = self._close_with((counted, product, self.bin_b)).line_ids
                self.assertEqual(line.verdict, "within" if cost else "approval")
                self.assertEqual("no cost" in line.verdict_reason, not cost)
