"""The first stock of a product passes as opening stock, by every way in; nothing else does."""
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestOpeningStock(GateCase):
    """A company whose set-up is not finished, with a strict tolerance and every other demand there is."""

    takes_opening_stock = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            "cycle_count_setup_date": False, "cycle_count_setup_user_id": False, "cycle_count_reason_policy": "always",
            "cycle_count_evidence": True, "cycle_count_evidence_value": 1, "cycle_count_evidence_small": True})
        cls.opening = cls.env.ref("stock_cycle_count.stock_cycle_count_reason_opening")
        cls.new = cls.make_product("New", 50000)

    # Ways in

    def _enter(self, product, quantity, place=None, user=None, lot=None, **values):
        """Enter a quantity in Physical Inventory and apply it."""
        quants = self.as_user(user or self.manager, self.env["stock.quant"], inventory_mode=True)
        quant = quants.create({
            "product_id": product.id, "location_id": (place or self.bin_a).id, "lot_id": lot and lot.id,
            "inventory_quantity": quantity, **values})
        quant.action_apply_inventory()
        self._forget()

    def _update(self, product, quantity, place=None):
        """*Update Quantity* of a product."""
        self.as_user(self.manager, self.env["stock.quant"], inventory_mode=True).create({
            "product_id": product.id, "location_id": (place or self.bin_a).id, "inventory_quantity_auto_apply": quantity})
        self._forget()

    def _load(self, product, quantity, place=None):
        """A file of counts, and its *Apply*."""
        quants = self.as_user(self.manager, self.env["stock.quant"], inventory_mode=True, import_file=True)
        result = quants.load(
            ["product_id/.id", "location_id/.id", "inventory_quantity"],
            [[str(product.id), str((place or self.bin_a).id), str(quantity)]])
        self.assertFalse(result["messages"])
        self.env.flush_all()
        quants.with_context(import_file=False).browse(result["ids"]).action_apply_inventory()
        self._forget()

    def _change(self, product, quantity, place=None):
        """The wizard of a product template, which counts in the stock of the first warehouse."""
        self.as_user(self.manager, self.env["stock.change.product.qty"]).create({
            "product_id": product.id, "product_tmpl_id": product.product_tmpl_id.id, "new_quantity": quantity,
        }).change_product_qty()
        self._forget()

    def _get_lines(self, product):
        return self.env["stock.cycle.count.line"].search(
            [("product_id", "=", product.id), ("company_id", "=", self.company.id)], order="id")

    def _assert_held(self, product):
        line = self._get_lines(product)[-1]
        self.assertEqual((line.is_opening, line.state), (False, "to_approve"))
        self.assertNotEqual(line.reason_id, self.opening)
        line._cancel()
        self._forget()

    def _assert_opened(self, product, quantity):
        line = self._get_lines(product)[-1]
        self.assertEqual((line.is_opening, line.state, line.reason_id), (True, "posted", self.opening))
        self.assertIn("Opening stock", line.verdict_reason)
        self.assertEqual(line.passed_value, 0, "no cap is used up by it")
        self.assertEqual(product.with_company(self.company).with_context(
            allowed_company_ids=self.company.ids).qty_available, quantity)
        return line

    def test_every_way_in(self):
        for way in (self._enter, self._update, self._load, self._change):
            with self.subTest(way.__name__):
                product = self.make_product(way.__name__, 50000)
                way(product, 50)
                line = self._assert_opened(product, 50)
                self.assertEqual(line.move_ids.cycle_count_line_id, line, "a count line like others")
                self.assertEqual(line.count_id.state, "done")
                way(product, 70)
                self._assert_held(product)
        log = self.env["stock.cycle.count.audit.log"].search(
            [("company_id", "=", self.company.id), ("attempt", "=", "opening stock")])
        self.assertEqual(len(log), 4)
        self.assertEqual(log.mapped("user_name"), [self.manager.name] * 4)
        self.assertIn("50", log[0].detail)

    def test_it_is_no_count_so_that_it_is_counted_first(self):
        plan = self.make_plan()
        for place in (self.bin_a, self.bin_b):
            self._enter(self.new, 50, place)
            plan.action_schedule()
            self._forget()
        positions = self.env["stock.cycle.count.position"].search([("product_id", "=", self.new.id)])
        self.assertEqual(len(positions), 2)
        self.assertFalse(any(positions.mapped("last_count_date")))
        self.assertFalse(any((self.bin_a | self.bin_b).mapped("last_inventory_date")))

    def test_bins_and_lots_one_after_the_other_until_the_set_up_is_finished(self):
        self._enter(self.new, 50)
        self._enter(self.new, 30, self.bin_b)
        self._assert_opened(self.new, 80)
        for lot in (self.lot, self.other_lot):
            self._enter(self.lot_product, 5, lot=lot)
        self._assert_opened(self.lot_product, 10)
        self.company._finish_cycle_count_setup()
        self._enter(self.new, 20, self.bin_c)
        self._assert_held(self.new)

    def test_after_the_set_up_the_first_stock_only_and_only_while_nothing_was_counted(self):
        self.company.with_user(self.manager)._finish_cycle_count_setup()
        self.assertEqual(self.company.cycle_count_setup_user_id, self.manager)
        self._enter(self.new, 50)
        self._assert_opened(self.new, 50)
        self._enter(self.other_product, 7)
        self._assert_opened(self.other_product, 7)
        self._enter(self.other_product, 7, self.bin_b)
        self._assert_held(self.other_product)
        self._close_with((100, self.product))
        fresh = self.make_product("Fresh", 3)
        self._enter(fresh, 10)
        self._assert_held(fresh)

    def test_the_first_posted_count_finishes_the_set_up(self):
        self._enter(self.new, 50)
        self.assertFalse(self.company.cycle_count_setup_date, "opening stock is no count")
        sheet = self._close_with((100, self.product))
        self.assertEqual(sheet.state, "done")
        self.assertTrue(self.company.cycle_count_setup_date)
        self.assertEqual(self.company.cycle_count_setup_user_id, self.counter)
        logged = self.env["stock.cycle.count.audit.log"].search(
            [("company_id", "=", self.company.id), ("detail", "ilike", "Set Up On")])
        self.assertEqual(logged[0].user_name, self.counter.name)

    def test_what_was_ever_in_the_books_is_no_opening(self):
        received, gone, rejected, untracked = (self.make_product(name, 9) for name in "RGXU")
        self.receive(received, self.bin_b, 1)
        self.receive(gone, self.bin_b, 1)
        self.deliver(gone, self.bin_b, 1)
        self.env["stock.quant"]._update_available_quantity(untracked, self.bin_b, 1)
        self.company.cycle_count_setup_date = "2020-01-01"
        counted = self._close_with((4, rejected))
        counted.line_ids.with_user(self.supervisor).action_reject("not ours")
        self.company.cycle_count_setup_date = False
        for product in (self.product, received, gone, rejected, untracked):
            with self.subTest(product.name):
                self._enter(product, 50, self.bin_c)
                self._assert_held(product)

    def test_other_companies_do_not_matter(self):
        other = self.make_company("Neighbour")
        place = self.get_warehouse(other).lot_stock_id
        self.receive(self.new, place, 5)
        other.cycle_count_setup_date = False
        self._enter(self.new, 50)
        self.assertTrue(self._get_lines(self.new).is_opening)
        manager = self.make_user("neighbour", "stock.group_stock_manager", company_id=other.id, company_ids=other.ids)
        self._enter(self.new, 60, place, user=manager)
        line = self.env["stock.cycle.count.line"].search([("company_id", "=", other.id)])
        self.assertEqual((line.is_opening, line.state), (False, "to_approve"))

    def test_sheets_and_held_moves_open_nothing(self):
        sheet = self._close_with((4, self.new))
        self.assertEqual((sheet.line_ids.is_opening, sheet.line_ids.state), (False, "to_approve"))

    def test_the_reason_is_not_chosen(self):
        quant = self.env["stock.quant"].search([("product_id", "=", self.product.id), ("quantity", ">", 0)])
        sheet = self._close_with((3, self.product))
        line = sheet.line_ids
        calls = {
            "on a quant": (self.manager, quant, {"cycle_count_reason_id": self.opening.id}),
            "on a line": (self.supervisor, line, {"reason_id": self.opening.id}),
            "as another cause": (self.controller, self.opening, {"root_cause": "unknown"}),
            "another reason of it": (self.controller, self.reason, {"root_cause": "opening"}),
        }
        for name, (user, record, values) in calls.items():
            with self.subTest(name), self.assertRaises(ValidationError), self.cr.savepoint():
                self.call(user, record, "write", values)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.as_user(self.supervisor, self.env["stock.cycle.count.decide"]).create(
                {"line_ids": line.ids, "reason_id": self.opening.id}).action_approve()
        for user in (self.counter, self.manager, self.supervisor, self.controller):
            with self.subTest(user.login), self.assertRaises(UserError), self.cr.savepoint():
                self.call(user, line, "write", {"is_opening": True})
        self.assertEqual((line.state, line.is_opening), ("to_approve", False))

    def test_who_enters_it_chooses_no_other_reason(self):
        self._enter(self.new, 5, cycle_count_reason_id=self.reason.id)
        self._assert_opened(self.new, 5)

    def test_nobody_but_who_may_change_settings_reopens_the_set_up(self):
        self.company._finish_cycle_count_setup()
        for user in (self.counter, self.manager, self.supervisor, self.controller):
            with self.subTest(user.login), self.assertRaises(AccessError), self.cr.savepoint():
                self.call(user, self.company, "write", {"cycle_count_setup_date": False})
