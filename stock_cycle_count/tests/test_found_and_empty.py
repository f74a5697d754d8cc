from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import CountCase


class TestFound(CountCase):
    """Things that no line expects."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 10)
        cls.sheet = cls.make_sheet((cls.product,), start=True)

    def _find(self, *args, user=None, **kwargs):
        return self.sheet.with_user(user or self.counter)._add_found(*args, **kwargs)

    def test_found_product(self):
        line = self._find(self.bin_a, self.other_product)
        self.assertEqual((line.selection_reason, line.state, line.user_id), ("found", "pending", self.counter))
        self.assertEqual(line.sequence, max(self.sheet.line_ids.mapped("sequence")))
        self.count(line, 3)
        line = line.sudo()
        self.assertEqual((line.expected_qty, line.counted_qty, line.variance_qty), (0, 3, 3))
        self.assertEqual(line.variance_percent, 0, "of nothing there is no percentage")

    def test_found_lot_serial_and_package(self):
        package = self.env["stock.quant.package"].create({"name": "FOUND-PACK"})
        for key in (
            {"product": self.lot_product, "lot": self.lot}, {"product": self.serial_product, "lot": self.serial},
            {"product": self.product, "package": package},
        ):
            with self.subTest(key=key):
                line = self._find(self.bin_a, **key)
                self.count(line, 1)
                self.assertEqual(line.sudo().variance_qty, 1)
                self.assertEqual(line.sudo().lot_id, key.get("lot", line.sudo().lot_id.browse()))
                self.assertEqual(line.sudo().package_id, key.get("package", package.browse()))

    def test_found_again_is_the_same_line(self):
        self.assertEqual(self._find(self.bin_a, self.product), self.sheet.line_ids[0])
        line = self._find(self.bin_a, self.other_product)
        self.assertEqual(self._find(self.bin_a, self.other_product), line)

    def test_found_where_the_books_have_some(self):
        """What lies in the books but was not scheduled is no surplus."""
        self.receive(self.other_product, self.bin_b, 4)
        line = self._find(self.bin_b, self.other_product)
        self.count(line, 4)
        self.assertEqual((line.sudo().expected_qty, line.sudo().variance_qty), (4, 0))

    def _add_at_desk(self, user=None, **values):
        user = user or self.counter
        self.env["stock.cycle.count.found"].with_user(user).create({
            "count_id": self.sheet.id, "product_id": self.other_product.id, "quantity": "3", **values}).action_add()

    def test_found_at_a_desk(self):
        self._add_at_desk()
        self._add_at_desk(product_id=self.lot_product.id, lot_name="PAINT-7", quantity="2x3+1")
        _line, gadget, paint = self.sheet.line_ids
        self.assertEqual((gadget.selection_reason, gadget.counted_qty, gadget.location_id), ("found", 3, self.bin_a))
        self.assertEqual((paint.lot_id.name, paint.counted_qty), ("PAINT-7", 7))
        self.assertEqual(paint.entry_ids.mapped("source"), ["web"])

    def test_found_at_a_desk_is_refused(self):
        self._add_at_desk()
        for refusal, values in (
            ("counted already", {}), ("not on sheet", {"location_id": self.bin_c.id}),
            ("lot or serial number", {"product_id": self.lot_product.id}),
            ("not a number", {"product_id": self.serial_product.id, "lot_name": "DRILL-7", "quantity": "many"}),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, refusal), self.cr.savepoint():
                self._add_at_desk(**values)
        with self.assertRaisesRegex(UserError, "Start or join it first"):
            self._add_at_desk(self.worker, product_id=self.lot_product.id, lot_name="PAINT-1")
        self.sheet.with_user(self.counter)._close()
        with self.assertRaises(AccessError):
            self._add_at_desk(product_id=self.lot_product.id, lot_name="PAINT-1", location_id=self.bin_a.id)

    def test_on_another_sheet(self):
        other = self.make_sheet((self.other_product, self.bin_b), user=self.second)
        with self.assertRaises(UserError) as caught:
            self._find(self.bin_b, self.other_product)
        for part in (other.name, self.second.name, self.other_product.name):
            self.assertIn(part, str(caught.exception))
        other.with_user(self.supervisor).action_cancel()
        self.assertTrue(self._find(self.bin_b, self.other_product))

    def test_what_cannot_be_found(self):
        consumable = self.env["product.product"].create({"name": "Tape", "type": "consu"})
        for values in (
            {"location": self.bin_a, "product": consumable}, {"location": self.supplier, "product": self.product},
            {"location": self.bin_a, "product": self.product, "lot": self.lot},
        ):
            with self.subTest(values=values), self.assertRaises(UserError), self.cr.savepoint():
                self._find(**values)

    def test_archived_product_is_counted(self):
        """Archived things still lie around."""
        self.other_product.active = False
        line = self._find(self.bin_a, self.other_product)
        self.count(line, 2)
        self.assertEqual(line.sudo().variance_qty, 2)
        self.assertIn(self.other_product.name, line.sudo().display_name)


class TestPlannedLines(CountCase):
    """What a supervisor may put on a sheet."""

    def _create(self, sheet, **values):
        return self.env["stock.cycle.count.line"].with_user(self.supervisor).create({"count_id": sheet.id, **values})

    def test_key_on_another_sheet_is_refused(self):
        first = self.make_sheet((self.product,))
        second = self.make_sheet((self.other_product,))
        with self.assertRaisesRegex(UserError, first.name):
            self._create(second, **self.key_values(self.product))
        with self.assertRaisesRegex(UserError, first.name):
            second.line_ids.with_user(self.supervisor).product_id = self.product
        with self.assertRaisesRegex(UserError, "two lines"):
            second.with_user(self.supervisor).line_ids = [
                Command.create(self.key_values(self.lot_product)), Command.create(self.key_values(self.lot_product))]
        line = second.line_ids.with_user(self.supervisor)
        line.write({"product_id": self.other_product.id, "location_id": self.bin_b.id})
        self.assertEqual(line.location_id, self.bin_b)

    def test_nonsense_is_refused(self):
        sheet = self.make_sheet((self.product,))
        consumable = self.env["product.product"].create({"name": "Tape", "type": "consu"})
        for values in (
            self.key_values(consumable), self.key_values(self.other_product, self.customer),
            self.key_values(self.lot_product, self.bin_a, self.serial),
        ):
            with self.subTest(values=values), self.assertRaises(UserError), self.cr.savepoint():
                self._create(sheet, **values)
            with self.subTest(values=values), self.assertRaises(UserError), self.cr.savepoint():
                sheet.line_ids.with_user(self.supervisor).write(values)

    @mute_logger("odoo.sql_db")
    def test_lot_and_package_of_lines_stay(self):
        """A line is evidence of which lot was counted."""
        self.make_sheet((self.lot_product, self.bin_a, self.lot))
        with self.assertRaises(Exception) as caught, self.cr.savepoint():
            self.lot.unlink()
        self.assertIn("stock_cycle_count_line", str(caught.exception))

    def test_shared_location(self):
        """Two companies that share a location do not both count what lies there."""
        shared = self.env["stock.location"].create({"name": "Dock", "usage": "transit", "company_id": False})
        company = self.env["res.company"].create({"name": "Floor B"})
        first = self.make_sheet((self.product, shared))
        second = self.env["stock.cycle.count"].create({"company_id": company.id})
        with self.assertRaisesRegex(UserError, first.name):
            second._add_found(shared, self.product)


class TestEmptyAndClosing(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 10)
        cls.receive(cls.other_product, cls.bin_a, 4)

    def _make(self, **values):
        self.sheet = self.make_sheet((self.product,), (self.other_product,), start=True, **values)
        return self.sheet.line_ids

    def _ask(self, user=None):
        """Press Close, and give the wizard that asks."""
        action = self.sheet.with_user(user or self.counter).action_close()
        self.assertEqual((action["res_model"], action["target"]), ("stock.cycle.count.close", "new"))
        return self.env[action["res_model"]].with_user(user or self.counter).with_context(action["context"]).create({})

    def test_empty_line_matches_an_empty_bin(self):
        sheet = self.make_sheet((self.product, self.bin_b), start=True)
        self.count(sheet.line_ids, 0)
        self.assertEqual((sheet.line_ids.state, sheet.line_ids.variance_qty), ("counted", 0))
        self.assertTrue(sheet.line_ids.is_hit)

    def test_all_counted_closes_without_asking(self):
        for line in self._make():
            self.count(line, 1)
        action = self.sheet.with_user(self.counter).action_close()
        self.assertEqual(self.sheet.state, "review")
        self.assertEqual(action["xml_id"], "stock_cycle_count.stock_cycle_count_action_mine", "it is closed to them")
        self.sheet.with_user(self.supervisor).action_cancel()
        self._make(blind=False)
        for line in self.sheet.line_ids:
            self.count(line, 1)
        self.assertIs(self.sheet.with_user(self.counter).action_close(), True)

    def test_wizard_warns_and_allows_going_back(self):
        for policy, text in (("leave", "stay due"), ("zero", "as 0")):
            with self.subTest(policy=policy):
                first, second = self._make(uncounted_policy=policy)
                self.count(first, 9)
                wizard = self._ask()
                self.assertIn("Lines not counted: 1", wizard.message)
                self.assertIn(text, wizard.message)
                self.assertEqual((self.sheet.state, second.state), ("in_progress", "pending"), "nothing happened yet")
                self.count(second, 4)
                self.assertEqual(second.state, "counted", "going back, it can still be counted")
                self.sheet.with_user(self.supervisor).action_cancel()

    def test_leave(self):
        """Lines left are cancelled here; their key is free, and their position comes back."""
        first, second = self._make()
        position = self.env["stock.cycle.count.position"].create({
            "company_id": self.company.id, "location_id": self.bin_a.id, "product_id": self.other_product.id})
        position.scheduled_date = fields.Date.today()
        second.position_id = position
        self.count(first, 9)
        self._ask().action_close()
        self.assertEqual((self.sheet.state, first.state, second.state), ("review", "to_approve", "cancel"))
        self.assertFalse(second.entry_ids)
        self.assertFalse(position.last_count_date, "it stays due")
        self.make_sheet((self.other_product,))

    def test_zero(self):
        first, second = self._make(uncounted_policy="zero")
        self.count(first, 9)
        self._ask().action_close()
        self.assertEqual((second.state, second.counted_qty, second.variance_qty), ("to_approve", 0, -4))
        self.assertEqual((second.entry_ids.source, second.entry_ids.user_id), ("close", self.counter))

    def test_zero_by_a_supervisor(self):
        """Whoever closes counts the zeros: visibly, and without approving them."""
        first, second = self._make(uncounted_policy="zero")
        self.count(first, 9)
        self._ask(self.supervisor).action_close()
        self.assertEqual((second.counted_qty, second.counted_by_id), (0, self.supervisor))
        self.assertIn(self.supervisor, self.sheet.participant_ids)
        with self.assertRaisesRegex(UserError, "counted it"):
            second.with_user(self.supervisor).action_approve()

    def test_policy_is_the_sheets(self):
        """The wizard cannot be told another policy, nor another sheet than one's own."""
        self._make(uncounted_policy="leave")
        wizard = self.env["stock.cycle.count.close"].with_user(self.counter).create(
            {"count_id": self.sheet.id, "policy": "zero"})
        self.assertEqual(wizard.policy, "leave")
        wizard.action_close()
        self.assertEqual(set(self.sheet.line_ids.mapped("state")), {"cancel"})
        foreign = self.make_sheet((self.lot_product,), user=self.second)
        foreign.with_user(self.second).action_start()
        with self.assertRaises(AccessError):
            self.env["stock.cycle.count.close"].with_user(self.counter).create({"count_id": foreign.id})

    def test_skip_with_a_cause(self):
        first, second = self._make(uncounted_policy="zero")
        self.count(first, 10)
        second.with_user(self.counter).skip_reason = "behind a pallet"
        self.sheet.with_user(self.counter).action_close()
        self.assertEqual(self.sheet.state, "done", "a cause is an answer")
        self.assertEqual((second.state, second.skip_reason), ("cancel", "behind a pallet"), "and no zero")
        self.assertFalse(second.entry_ids)

    def test_counting_takes_the_cause_back(self):
        first, _second = self._make()
        first.with_user(self.counter).skip_reason = "behind a pallet"
        self.count(first, 9)
        self.assertFalse(first.skip_reason)

    def test_skip_is_for_counters_of_the_sheet(self):
        first, _second = self._make()
        for user in (self.worker, self.supervisor):
            with self.assertRaises(UserError):
                first.with_user(user).skip_reason = "no"
