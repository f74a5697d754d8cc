from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import CountCase


class TestEvidence(CountCase):
    """Entries are added, never changed, by nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 10)
        cls.sheet = cls.make_sheet((cls.product,), start=True)
        cls.line = cls.sheet.line_ids

    def test_append_only_under_sudo_too(self):
        entry = self.count(self.line, 8)
        for user in (self.counter, self.controller, self.manager, self.env.user):
            for record in (entry.with_user(user), entry.with_user(user).sudo()):
                with self.assertRaises(UserError):
                    record.write({"quantity": 10})
                with self.assertRaises(UserError):
                    record.quantity = 10
                with self.assertRaises(UserError):
                    record.unlink()
                with self.assertRaises(UserError):
                    self.line.with_user(user).sudo().write({"entry_ids": [(2, entry.id)]})
        entry.invalidate_recordset()
        self.assertEqual(entry.quantity, 8)

    @mute_logger("odoo.sql_db")
    def test_not_by_cascade(self):
        """What an entry hangs on cannot go, not even past the ORM."""
        self.count(self.line, 8)
        for table, record in (
            ("stock_cycle_count_line", self.line), ("stock_cycle_count", self.sheet), ("res_users", self.counter),
        ):
            with self.subTest(table=table), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.env.cr.execute(f"DELETE FROM {table} WHERE id = %s", [record.id])  # noqa: S608
        for record in (self.line, self.sheet):
            with self.subTest(record=record), self.assertRaises(UserError), self.cr.savepoint():
                record.sudo().unlink()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.counter.sudo().unlink()
            self.env.flush_all()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.product.sudo().unlink()
            self.env.flush_all()

    def test_every_attempt_stays_visible(self):
        for quantity in (8, 9, 10):
            self.count(self.line, quantity)
        entries = self.line.with_user(self.supervisor).entry_ids
        self.assertEqual(entries.mapped("quantity"), [8, 9, 10])
        self.assertEqual(entries.mapped("book_quantity"), [10, 10, 10])
        self.assertEqual(set(entries.mapped("source")), {"scanner"})
        self.assertEqual((self.line.counted_qty, self.line.result_entry_id), (10, entries[-1].sudo()))

    def test_counters_see_their_own_entries(self):
        self.count(self.line, 8)
        self.sheet.with_user(self.worker).action_join()
        theirs = self.count(self.line, 9, self.worker)
        found = self.env["stock.cycle.count.entry"].with_user(self.worker).search([("line_id", "=", self.line.id)])
        self.assertEqual(found, theirs.with_user(self.worker))


class TestBooks(CountCase):
    """The book quantity is that of the instant of counting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yesterday = fields.Datetime.now() - timedelta(days=1)
        with freeze_time(cls.yesterday):
            cls.receive(cls.product, cls.bin_a, 10)

    def setUp(self):
        super().setUp()
        self.sheet = self.make_sheet((self.product,))
        self.sheet.with_user(self.counter).action_start()
        self.line = self.sheet.line_ids

    def test_book_is_frozen(self):
        """Moves after the count change neither the entry nor the difference."""
        entry = self.count(self.line, 8)
        self.deliver(self.product, self.bin_a, 5)
        self.receive(self.product, self.bin_a, 100)
        self.assertEqual((entry.book_quantity, self.line.expected_qty, self.line.variance_qty), (10, 10, -2))
        self.count(self.line, 103)
        self.assertEqual((self.line.expected_qty, self.line.variance_qty), (105, -2))

    def test_cost_is_frozen(self):
        self.count(self.line, 8)
        self.assertEqual((self.line.unit_cost, self.line.variance_value, self.line.variance_percent), (5, -10, -20))
        self.product.standard_price = 50
        self.env.flush_all()
        self.assertEqual((self.line.unit_cost, self.line.variance_value), (5, -10))

    def test_picked_quantity_is_shown(self):
        """What lies in a cart is still on the books of the bin."""
        self.prepare_move(self.product, self.bin_a, self.customer, 3)
        entry = self.count(self.line, 7)
        self.assertEqual((entry.book_quantity, entry.picked_quantity), (10, 3))
        self.assertEqual((self.line.variance_qty, self.line.picked_qty), (-3, 3))

    def test_reserved_is_not_picked(self):
        move = self.prepare_move(self.product, self.bin_a, self.customer, 3)
        move.picked = False
        self.assertEqual(self.count(self.line, 10).picked_quantity, 0)

    def test_books_are_of_the_whole_key(self):
        """Another lot, package or owner in the same bin is another line."""
        package = self.env["stock.quant.package"].create({"name": "KEY-PACK"})
        self.receive(self.product, self.bin_a, 7, package=package)
        self.receive(self.product, self.bin_a, 5, owner=self.supervisor.partner_id)
        self.receive(self.lot_product, self.bin_a, 3, lot=self.lot)
        self.receive(self.lot_product, self.bin_a, 4, lot=self.other_lot)
        sheet = self.env["stock.cycle.count"].create({"user_id": self.counter.id, "line_ids": [
            (0, 0, self.key_values(self.product, package_id=package.id)),
            (0, 0, self.key_values(self.product, owner_id=self.supervisor.partner_id.id)),
            (0, 0, self.key_values(self.lot_product, self.bin_a, self.lot))]})
        sheet.with_user(self.counter).action_start()
        for line in (*sheet.line_ids, self.line):
            self.count(line, 0)
        self.assertEqual(sheet.line_ids.mapped("expected_qty"), [7, 5, 3])
        self.assertEqual(self.line.expected_qty, 10)

    def test_counted_offline(self):
        """Counted ten minutes ago without network: the books of then, whatever moved since."""
        start = fields.Datetime.now()
        with freeze_time(start - timedelta(minutes=30)):
            self.sheet.start_date = fields.Datetime.now()
        with freeze_time(start - timedelta(minutes=20)):
            self.deliver(self.product, self.bin_a, 1)
        with freeze_time(start - timedelta(minutes=5)):
            self.deliver(self.product, self.bin_a, 4)
            self.receive(self.product, self.bin_a, 50)
            self.move(self.product, self.bin_a, self.bin_b, 2)
        with freeze_time(start):
            entry = self.count(self.line, 8, age=600)
        self.assertEqual((entry.date, entry.book_quantity), (start - timedelta(minutes=10), 9))
        self.assertEqual(self.line.variance_qty, -1)

    def test_offline_counts_of_different_ages_together(self):
        other = self.make_sheet((self.other_product, self.bin_a), start=True)
        start = fields.Datetime.now()
        (self.sheet | other).start_date = start - timedelta(hours=1)
        with freeze_time(start - timedelta(minutes=15)):
            self.receive(self.other_product, self.bin_a, 6)
        with freeze_time(start - timedelta(minutes=5)):
            self.deliver(self.product, self.bin_a, 3)
        with freeze_time(start):
            entries = self.env["stock.cycle.count.entry"].with_user(self.counter)._record([
                {"line": self.line, "quantity": 10, "age": 600}, {"line": other.line_ids, "quantity": 0, "age": 1800},
                {"line": other.line_ids, "quantity": 6, "age": 0}], "scanner").sudo()
        self.assertEqual(entries.mapped("book_quantity"), [10, 0, 6])

    def test_offline_lots_and_packages(self):
        package = self.env["stock.quant.package"].create({"name": "AGE-PACK"})
        with freeze_time(self.yesterday):
            self.receive(self.lot_product, self.bin_a, 9, lot=self.lot, package=package)
        sheet = self.env["stock.cycle.count"].create({"user_id": self.counter.id, "line_ids": [
            (0, 0, self.key_values(self.lot_product, self.bin_a, self.lot, package_id=package.id)),
            (0, 0, self.key_values(self.lot_product, self.bin_a, self.lot))]})
        sheet.with_user(self.counter).action_start()
        start = fields.Datetime.now()
        sheet.start_date = start - timedelta(hours=1)
        with freeze_time(start - timedelta(minutes=5)):
            # Unpacked within the bin: one key loses what the other one gains.
            self.move(self.lot_product, self.bin_a, self.bin_a, 4, lot=self.lot, package=package)
        for line in sheet.line_ids:
            with freeze_time(start):
                self.count(line, 0, age=600)
        self.assertEqual(sheet.line_ids.mapped("expected_qty"), [9, 0])

    def test_ages_nobody_believes(self):
        """An age that is no number counts as now; nothing is older than the start of the sheet."""
        start = fields.Datetime.now()
        self.sheet.start_date = start - timedelta(days=30)
        for age, seconds in ((None, 0), (-5, 0), ("x", 0), (float("nan"), 0), (7 * 86400, 7 * 86400), (60, 60)):
            with self.subTest(age=age), freeze_time(start):
                entry = self.count(self.line, 10, age=age)
                self.assertEqual(entry.date, start - timedelta(seconds=seconds))
        self.sheet.start_date = start - timedelta(seconds=30)
        with freeze_time(start):
            self.assertEqual(self.count(self.line, 10, age=3600).date, self.sheet.start_date)

    def test_what_waited_too_long_is_refused(self):
        """A device that was off for more than a week is told what paper is told, not silently dated a week ago."""
        now = fields.Datetime.now()
        self.sheet.start_date = now - timedelta(days=30)
        for age in (7 * 86400 + 1, 1e8, 1e300):
            with self.subTest(age=age), freeze_time(now), self.assertRaisesRegex(UserError, "days ago|before the sheet"):
                self.count(self.line, 10, age=age)
        date = now - timedelta(days=8)
        messages = []
        for count in (
            lambda: self.count(self.line, 10, age=8 * 86400),
            lambda: self.line.with_user(self.counter)._prepare_count("10", date),
        ):
            with freeze_time(now), self.assertRaisesRegex(UserError, "more than 7 days ago") as refused:
                count()
            messages.append(str(refused.exception))
        self.assertEqual(*messages)
        self.assertFalse(self.line.entry_ids)


class TestRecording(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 10)
        cls.sheet = cls.make_sheet((cls.product,), (cls.other_product,), start=True)
        cls.line, cls.other_line = cls.sheet.line_ids

    def test_add_set_and_undo_fold(self):
        """The last total and what was added since; what is undone counts for nothing."""
        line = self.line
        self.count(line, 1, kind="add")
        self.count(line, 1, kind="add")
        self.assertEqual(line.counted_qty, 2)
        total = self.count(line, 6, kind="set")
        last = self.count(line, 1, kind="add")
        self.assertEqual(line.counted_qty, 7)
        self.count(line, 0, kind="undo", undone=last)
        self.assertEqual((line.counted_qty, line.result_entry_id), (6, total))
        self.count(line, 0, kind="undo", undone=total)
        self.assertEqual(line.counted_qty, 2)
        self.assertEqual(len(line.entry_ids), 6, "nothing is erased")

    def test_undo_of_everything_is_not_counted(self):
        entry = self.count(self.line, 3)
        self.assertEqual(self.line.state, "counted")
        self.count(self.line, 0, kind="undo", undone=entry)
        self.assertEqual((self.line.state, self.line.counted_qty, self.line.count_date), ("pending", 0, False))
        self.assertEqual(self.sheet.counted_count, 0)

    def test_replay_adds_nothing(self):
        for _again in range(3):
            self.count(self.line, 4, client_key="device-1", kind="add")
        self.assertEqual((self.line.counted_qty, len(self.line.entry_ids)), (4, 1))
        added = self.env["stock.cycle.count.entry"].with_user(self.counter)._record([
            {"line": self.line, "quantity": 1, "kind": "add", "client_key": "device-2"},
            {"line": self.line, "quantity": 1, "kind": "add", "client_key": "device-2"},
            {"line": self.line, "quantity": 1, "kind": "add", "client_key": "device-1"},
            {"line": self.line, "quantity": 1, "kind": "add"},
            {"line": self.line, "quantity": 1, "kind": "add"}], "scanner")
        self.assertEqual((len(added), self.line.counted_qty), (3, 7), "entries without a key are not replays")

    def test_replay_after_the_end_is_harmless(self):
        """A device that sends again what arrived does not hear of a closed sheet."""
        self.count(self.line, 10, client_key="device-1")
        self.sheet.with_user(self.counter)._close()
        self.assertFalse(self.count(self.line, 10, client_key="device-1"))

    def test_database_knows_keys_once(self):
        self.count(self.line, 4, client_key="device-1")
        values = {"line_id": self.line.id, "round": 1, "user_id": self.counter.id, "date": fields.Datetime.now(),
                  "source": "scanner", "client_key": "device-1"}
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.env["stock.cycle.count.entry"]._make([values])

    def test_other_counters_are_refused(self):
        for user in (self.second, self.worker, self.supervisor, self.manager, self.outsider):
            with self.subTest(user=user.login):
                with self.assertRaisesRegex(UserError, self.counter.name):
                    self.count(self.line, 3, user)
                with self.assertRaises(UserError):
                    self.type_count(self.line, "3", user)
        self.assertFalse(self.line.entry_ids)

    def test_not_before_the_start_nor_after_the_end(self):
        sheet = self.make_sheet((self.lot_product,))
        with self.assertRaisesRegex(UserError, "Start it first"):
            self.count(sheet.line_ids, 3)
        self.env["stock.cycle.count.tolerance"].create({
            "name": "One", "company_id": self.company.id, "sequence": 0, "has_over_qty": True, "over_qty": 1,
            "has_under_qty": True, "under_qty": 1})
        self.count(self.line, 9)
        self.count(self.other_line, 2)
        self.sheet.with_user(self.counter).action_close()
        self.assertEqual((self.sheet.state, self.line.state), ("review", "counted"))
        for line in self.sheet.line_ids:
            with self.assertRaises(UserError):
                self.count(line, 3)
            with self.assertRaises(UserError):
                self.type_count(line, "3")
        self.sheet.with_user(self.supervisor).action_reopen()
        with self.assertRaisesRegex(UserError, "decided"):
            self.count(self.other_line, 3)
        self.count(self.line, 10)
        self.assertEqual(self.line.counted_qty, 10, "what is not decided can be counted again")

    def test_all_or_nothing(self):
        foreign = self.make_sheet((self.lot_product,), user=self.second)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.env["stock.cycle.count.entry"].with_user(self.counter)._record(
                [{"line": self.line, "quantity": 1}, {"line": foreign.line_ids, "quantity": 1}], "scanner")
        self.assertFalse(self.line.entry_ids)

    def test_empty_request(self):
        self.assertFalse(self.env["stock.cycle.count.entry"].with_user(self.counter)._record([], "scanner"))

    def test_queries_do_not_grow(self):
        """Of a hundred counts each writes its own result; nothing else is done for each."""
        products = self.env["product.product"].create([
            {"name": f"Part {number}", "type": "product"} for number in range(103)])
        sheet = self.make_sheet(*((product, self.bin_c) for product in products), start=True)
        lines = sheet.line_ids
        costs = []
        for number, chosen in ((0, lines[:2]), (1, lines[2:3]), (100, lines[3:])):
            requests = [{"line": line.with_user(self.counter), "quantity": 1} for line in chosen]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["stock.cycle.count.entry"].with_user(self.counter)._record(requests, "scanner")
            self.env.flush_all()
            costs.append((number, self.env.cr.sql_log_count - before))
        one, hundred = costs[1][1], costs[2][1]
        self.assertLess(one, 30, costs)
        self.assertLess(hundred, 100 + one + 5, costs)
