from datetime import timedelta
from itertools import product as combinations

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestMovesMeanwhile(GateCase):
    """Stock that moves in the middle of a count, and dates that are told later."""

    def setUp(self):
        super().setUp()
        self.receive(self.other_product, self.bin_b, 10)
        self.tolerance.write({"over_qty": 5, "under_qty": 5})

    def _count_around(self, moved, first, second, total=None, rounds=0):
        """A line of which a part is scanned before stock moves and a part after, and then all of it perhaps."""
        sheet = self.make_sheet((self.other_product, self.bin_b), start=True, recount_rounds=rounds)
        start = fields.Datetime.now()
        for minutes, quantity in ((0, first), (10, second)):
            with freeze_time(start + timedelta(minutes=minutes)):
                self.count(sheet.line_ids, quantity, kind="add")
                if not minutes:
                    moved and self.move(
                        self.other_product, *((self.bin_b, self.customer) if moved < 0 else (self.supplier, self.bin_b)),
                        abs(moved))
        if total is not None:
            with freeze_time(start + timedelta(minutes=20)):
                self.count(sheet.line_ids, total)
        sheet.with_user(self.counter).action_close()
        self.env.flush_all()
        self.env.invalidate_all()
        return sheet.line_ids

    def test_no_silent_difference(self):
        for moved, (first, second) in combinations((-2, 0, 3), ((5, 5), (5, 3), (4, 5), (10, 3))):
            with self.subTest(moved=moved, first=first, second=second), self.cr.savepoint() as savepoint:
                line = self._count_around(moved, first, second)
                self.assertEqual(line.between_qty, abs(moved))
                difference = first + second - 10 - moved
                self.assertEqual(line.variance_qty, difference)
                asked = moved and difference
                self.assertEqual(line.state, "to_approve" if asked else "posted")
                self.assertEqual("moved while it was counted" in line.verdict_reason, bool(asked))
                savepoint.rollback()

    def test_it_is_counted_again_where_it_may_be(self):
        line = self._count_around(-2, 5, 5, rounds=1)
        self.assertEqual((line.state, line.round), ("recount", 2))
        sheet = line.count_id
        sheet.sudo().participant_ids |= self.second
        line.sudo().user_id = self.second
        self.count(line, 8, user=self.second)
        sheet.with_user(self.second).action_close()
        self.assertEqual((line.between_qty, line.variance_qty), (0, 0))

    def test_a_total_starts_anew(self):
        line = self._count_around(-2, 5, 5, total=7)
        self.assertEqual((line.between_qty, line.variance_qty, line.state), (0, -1, "posted"))

    def _receive_by_document(self, product, location, quantity):
        """A receipt whose lines stock users may change: moves without a document are changed by nobody."""
        move = self.receive(product, location, quantity)
        move.picking_id = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.in_type_id.id, "location_id": self.supplier.id,
            "location_dest_id": location.id})
        move.move_line_ids.picking_id = move.picking_id
        return move

    def test_a_date_that_is_told_later_moves_no_books(self):
        """Counted two hours ago: what arrived since is no part of the books of then, whatever its date says."""
        now = fields.Datetime.now()
        for user, field in combinations((self.worker, self.manager), ("line", "move")):
            with self.subTest(user=user.login, field=field), self.cr.savepoint() as savepoint:
                with freeze_time(now - timedelta(hours=3)):
                    sheet = self.make_sheet((self.other_product, self.bin_c), start=True)
                move = self._receive_by_document(self.other_product, self.bin_c, 9)
                record = move.move_line_ids if field == "line" else move
                record.with_user(user).write({"date": now - timedelta(hours=5), **(
                    {"cycle_count_done_date": now - timedelta(hours=5)} if field == "line" else {})})
                self.env.flush_all()
                self.env.invalidate_all()
                entry = self.count(sheet.line_ids, 0, age=2 * 3600)
                self.assertEqual(entry.book_quantity, 0)
                savepoint.rollback()

    def test_a_line_that_is_made_done_is_of_now(self):
        now = fields.Datetime.now()
        move = self._receive_by_document(self.other_product, self.bin_c, 9)
        line = self.env["stock.move.line"].with_user(self.manager).create({
            "move_id": move.id, "product_id": self.other_product.id, "quantity": 1, "location_id": self.supplier.id,
            "location_dest_id": self.bin_c.id, "date": now - timedelta(hours=5),
            "cycle_count_done_date": now - timedelta(hours=5)})
        self.assertEqual(line.state, "done")
        self.assertGreaterEqual(line.cycle_count_done_date, now)

    def test_entries_keep_when_they_were_received(self):
        now = fields.Datetime.now()
        with freeze_time(now - timedelta(days=4)):
            sheet = self.make_sheet((self.other_product, self.bin_b), start=True)
        with freeze_time(now):
            entry = self.count(sheet.line_ids, 10, age=3 * 86400)
            self.assertEqual((entry.date, entry.received_date), (now - timedelta(days=3), now))
        with self.assertRaises(Exception):
            entry.sudo().received_date = now - timedelta(days=3)
