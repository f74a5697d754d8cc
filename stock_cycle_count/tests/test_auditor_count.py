import hashlib

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ..tools import audit_check
from .common_gate import GateCase
from .common_pack import PackMixin

TEST, ENTRY, DRAW = (f"stock.cycle.count.audit.{name}" for name in ("count", "entry", "draw"))


class TestAuditorCount(PackMixin, GateCase):
    """Auditors count themselves: it is kept beside books and last count, posts nothing, and asks the warehouse to count."""

    posts_approved = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.make_user("floor_auditor", "stock_cycle_count.group_auditor")
        cls.plan = cls.make_plan(counter_ids=[(6, 0, cls.counter.ids)])
        cls.tolerance.write({"over_qty": 0, "under_qty": 0})
        cls.thing = cls.make_product("Audited", 5)
        for product, place, quantity in (
            (cls.thing, cls.bin_a, 10), (cls.other_product, cls.bin_a, 4), (cls.thing, cls.bin_b, 7),
        ):
            cls.receive(product, place, quantity)
        cls.plan.action_schedule()
        cls.place = cls.plan.position_ids.filtered(
            lambda position: position.product_id == cls.thing and position.location_id == cls.bin_a)

    def choose(self, positions=None, user=None):
        self.call(user or self.auditor, positions or self.place, "action_audit")
        return self.env[TEST].search([("position_id", "in", (positions or self.place).ids)])

    def enter(self, test, quantity, user=None, **values):
        """Enter a count as a client does: by the dialog that the button opens."""
        user = user or self.auditor
        action = self.call(user, test, "action_enter") if test else {"context": {}}
        entry = self.as_user(user, self.env[ENTRY], **action["context"]).create({"quantity": quantity, **values})
        answer = self.call(user, entry, "action_enter")
        self.env.flush_all()
        self.env.invalidate_all()
        return answer

    def count_by_the_warehouse(self, quantity):
        """The warehouse counts the place, and it is posted or rejected."""
        sheet = self.make_sheet((self.thing, self.bin_a), start=True)
        self.count(sheet.line_ids, quantity)
        sheet.with_user(self.counter).action_close()
        return sheet.line_ids

    def test_agrees(self):
        test = self.choose()
        self.assertEqual((test.state, test.selection, test.book_qty, test.make_user_id), ("to_count", "chosen", 0, self.auditor))
        answer = self.enter(test, 10, note="Well stacked")
        self.assertEqual(answer["params"]["type"], "success")
        self.assertEqual(
            (test.state, test.counted_qty, test.book_qty, test.has_difference, test.note, test.count_user_id, test.request_date),
            ("counted", 10, 10, False, "Well stacked", self.auditor, False))
        self.assertFalse(self.place.manual_date)
        self.assertFalse(self.place.line_ids)

    def test_a_difference_is_asked_for_and_posts_nothing(self):
        moves = self.env["stock.move"].search_count([])
        test = self.choose()
        answer = self.enter(test, 8)
        self.assertIn("The warehouse is asked to count it.", answer["params"]["message"])
        self.assertEqual((test.book_difference_qty, test.difference_value, bool(test.request_date)), (-2, -10, True))
        self.assertEqual(self.on_hand(self.thing, self.bin_a), 10, "nothing was posted")
        self.assertEqual(self.env["stock.move"].search_count([]), moves)
        line = self.place.line_ids
        self.assertEqual((line.state, line.count_id.plan_id, line.count_id.user_id), ("pending", self.plan, self.counter))
        self.assertTrue(line.count_id.blind)
        self.assertEqual(self.place.manual_user_id, self.auditor)
        self.assertFalse(line.entry_ids, "what the auditor counted is no count of the warehouse")

    def test_from_the_floor_to_the_books(self):
        self.enter(None, 3, location_id=self.bin_c.id, product_id=self.other_product.id)
        test = self.env[TEST].search([("location_id", "=", self.bin_c.id)])
        self.assertEqual((test.selection, test.counted_qty, test.book_qty, test.book_difference_qty), ("floor", 3, 0, 3))
        line = self.env["stock.cycle.count.line"].search([("location_id", "=", self.bin_c.id)])
        self.assertEqual((line.product_id, line.state), (self.other_product, "pending"))
        self.assertFalse(self.env["stock.quant"].search([("location_id", "=", self.bin_c.id), ("quantity", "!=", 0)]))

    def test_beside_the_last_count(self):
        """Of what was counted last, and moved since: whatever the books say."""
        line = self.count_by_the_warehouse(9)
        self.assertEqual(line.state, "to_approve")
        self._approve(line, self.supervisor)
        self.assertEqual((line.state, self.on_hand(self.thing, self.bin_a)), ("posted", 9))
        self.deliver(self.thing, self.bin_a, 2)
        self.receive(self.thing, self.bin_a, 5)
        self.make_later()
        test = self.choose()
        self.enter(test, 12)
        self.assertEqual(
            (test.last_counted_qty, test.moved_qty, test.last_difference_qty, test.book_difference_qty), (9, 3, 0, 0))

    def make_later(self):
        """Let what moved have moved after the count: in a test all of it has the time of one transaction."""
        self.env.flush_all()
        self.cr.execute("UPDATE stock_cycle_count_line SET count_date = count_date - INTERVAL '1 hour'")
        self.cr.execute("""
            UPDATE stock_move_line SET cycle_count_done_date = COALESCE(cycle_count_done_date, date) - INTERVAL '2 hours'
             WHERE id IN (SELECT MIN(id) FROM stock_move_line WHERE location_id = %s GROUP BY product_id, location_dest_id)
        """, [self.supplier.id])
        self.env.invalidate_all()

    def test_a_rejected_difference_stays_a_difference_with_the_last_count(self):
        line = self.count_by_the_warehouse(9)
        line.with_user(self.supervisor).action_reject("not so")
        self.make_later()
        test = self.choose()
        self.enter(test, 10)
        self.assertEqual((test.book_difference_qty, test.last_counted_qty, test.last_difference_qty), (0, 9, 1))

    def test_nothing_is_said_not_left_over(self):
        """Who types in nothing has not counted 0; that nothing is there has a button of its own."""
        test = self.choose()
        with self.assertRaisesRegex(UserError, "Nothing Is There"):
            self.enter(test, 0)
        self.assertEqual(test.state, "to_count")
        entry = self.as_user(self.auditor, self.env[ENTRY]).create({"test_id": test.id, "quantity": 4})
        self.call(self.auditor, entry, "action_enter_nothing")
        self.assertEqual((test.state, test.counted_qty, test.book_difference_qty), ("counted", 0, -10))

    def test_what_is_between_companies_is_no_stock_of_ours(self):
        transit = self.env["stock.location"].create({"name": "Between", "usage": "transit", "company_id": False})
        self.move(self.thing, self.bin_b, transit, 3)
        with self.assertRaisesRegex(UserError, "a place of stock"):
            self.enter(None, 3, location_id=transit.id, product_id=self.thing.id)

    def test_nothing_on_the_sheet_says_who_asked(self):
        """A line of a sheet that the night made, one of its own, and one outside of plans: all are the superuser's."""
        Model = self.env["stock.cycle.count"].with_context(tracking_disable=False)
        self.plan.position_ids.filtered(lambda one: one.product_id == self.other_product).manual_date = self.plan._get_today()
        self.plan.with_user(SUPERUSER_ID).with_context(tracking_disable=False).action_generate()
        for product, place in ((self.thing, self.bin_a), (self.thing, self.bin_b), (self.other_product, self.bin_c)):
            entry = self.as_user(self.auditor, self.env[ENTRY], tracking_disable=False).create(
                {"quantity": 1, "location_id": place.id, "product_id": product.id})
            self.call(self.auditor, entry, "action_enter")
        sheets = Model.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(sheets.line_ids), 4)
        self.assertEqual((sheets | sheets.line_ids.count_id).create_uid.ids, [SUPERUSER_ID])
        self.assertEqual(sheets.line_ids.create_uid.ids, [SUPERUSER_ID])
        self.assertNotIn(self.auditor.partner_id, sheets.message_ids.author_id | sheets.message_partner_ids)

    def test_lots_are_counted_together(self):
        for lot, quantity in ((self.lot, 3), (self.other_lot, 4)):
            self.receive(self.lot_product, self.bin_c, quantity, lot=lot)
        self.plan.action_schedule()
        test = self.choose(self.plan.position_ids.filtered(lambda position: position.product_id == self.lot_product))
        self.enter(test, 6)
        self.assertEqual((test.book_qty, test.book_difference_qty), (7, -1))
        self.assertEqual(test.position_id.line_ids.lot_id, self.lot | self.other_lot)

    def test_drawn(self):
        dialog = self.as_user(self.auditor, self.env[DRAW]).create({"warehouse_id": self.warehouse.id, "number": 2})
        self.call(self.auditor, dialog, "action_draw")
        tests = self.env[TEST].search([("company_id", "=", self.company.id)])
        self.assertEqual((len(tests), set(tests.mapped("selection")), len(set(tests.mapped("seed")))), (2, {"drawn"}, 1))
        frame = self.plan.position_ids.ids
        self.assertEqual(tests[0].frame_size, len(frame))
        self.assertEqual(tests[0].frame_hash, hashlib.sha256(",".join(map(str, sorted(frame))).encode()).hexdigest())
        self.assertEqual(set(audit_check.draw(tests[0].seed, frame, 2)[0]), set(tests.position_id.ids))
        for number in (0, -1, 201):
            with self.assertRaises(UserError):
                self.as_user(self.auditor, self.env[DRAW]).create({
                    "warehouse_id": self.warehouse.id, "number": number}).action_draw()

    def test_counted_once(self):
        test = self.choose()
        self.assertEqual(self.choose(), test, "what waits is not added again")
        self.enter(test, 8)
        with self.assertRaises(UserError):
            self.enter(test, 10)
        self.assertEqual(test.counted_qty, 8)
        with self.assertRaises(UserError):
            self.enter(None, -1, location_id=self.bin_c.id, product_id=self.thing.id)
        test = self.choose(self.plan.position_ids - self.place).filtered(lambda test: test.product_id == self.thing)
        with self.assertRaises(UserError):
            self.as_user(self.auditor, test)._enter(0.001, False)
        self.assertEqual(test.state, "to_count")

    def test_no_counters_keep_nobody_from_counting(self):
        self.env.flush_all()
        self.cr.execute("DELETE FROM res_users_stock_cycle_count_plan_rel WHERE stock_cycle_count_plan_id = %s", [self.plan.id])
        self.env.invalidate_all()
        self.assertFalse(self.plan.counter_ids)
        test = self.choose()
        self.enter(test, 8)
        self.assertEqual((test.state, bool(self.place.manual_date)), ("counted", True))

    def test_outside_of_plans(self):
        positions = self.plan.position_ids
        self.plan.active = False
        positions.sudo().write({"plan_id": False})
        test = self.choose()
        self.enter(test, 8)
        line = self.env["stock.cycle.count.line"].search([("location_id", "=", self.bin_a.id)])
        self.assertEqual(line.product_id, self.thing)
        self.assertFalse(line.count_id.user_id)
        self.assertTrue(line.count_id.blind)

    @mute_logger("odoo.addons.stock_cycle_count")
    def test_nobody_else_and_nothing_else(self):
        test = self.choose()
        for user in (self.counter, self.worker, self.supervisor, self.finance, self.manager):
            for attempt in (
                lambda: self.call(user, self.place, "action_audit"),
                lambda: self.call(user, self.env[TEST], "create", [{"product_id": self.thing.id}]),
                lambda: self.as_user(user, self.env[ENTRY]).create({"test_id": test.id, "quantity": 3}).action_enter(),
                lambda: self.as_user(user, self.env[DRAW]).create({"warehouse_id": self.warehouse.id}).action_draw(),
            ):
                with self.assertRaises(UserError):
                    attempt()
        for user in (self.auditor, self.manager):
            for one in (self.as_user(user, test), self.as_user(user, test).sudo()):
                for attempt in (lambda: one.write({"counted_qty": 5}), one.unlink, one.copy):
                    with self.assertRaises(UserError):
                        attempt()
        self.assertEqual(test.state, "to_count")

    def test_what_waits_is_the_auditors_secret(self):
        """Nobody tidies up a place because an auditor is to come: what was counted is shown to controllers, and not before."""
        test = self.choose()
        own = self.as_user(self.finance, self.env[TEST])
        self.assertFalse(own.search([]))
        with self.assertRaises(AccessError):
            self.as_user(self.finance, test).read(["product_id"])
        self.enter(test, 8)
        self.assertEqual(own.search([]).ids, test.ids)
        for user in (self.counter, self.worker, self.supervisor, self.manager):
            with self.assertRaises(AccessError):
                self.as_user(user, self.env[TEST]).search([])

    def test_companies_are_walls(self):
        other = self.make_company("Foreign Company")
        stranger = self.make_user("foreign_auditor", "stock_cycle_count.group_auditor", company_id=other.id, company_ids=[
            (6, 0, other.ids)])
        test = self.choose()
        self.assertFalse(self.as_user(stranger, self.env[TEST]).search([]))
        for attempt in (
            lambda: self.call(stranger, self.place, "action_audit"),
            lambda: self.enter(test, 3, user=stranger),
            lambda: self.enter(None, 3, user=stranger, location_id=self.bin_c.id, product_id=self.thing.id),
            lambda: self.as_user(stranger, self.env[DRAW]).create({"warehouse_id": self.warehouse.id}).action_draw(),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertEqual(test.state, "to_count")

    def test_auditors_say_nothing_on_sheets(self):
        """No note, no activity, no file: on a sheet, or on the nightly check."""
        sheet = self.make_sheet((self.thing, self.bin_a))
        check = self.env["stock.cycle.count.reconciliation"].create({"company_id": self.company.id})
        for record in (sheet, check):
            values = {"res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id,
                      "user_id": self.auditor.id, "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id}
            for attempt in (
                lambda: self.call(self.auditor, record, "message_post", body="Hm"),
                lambda: self.call(self.auditor, self.env["mail.activity"], "create", [values]),
                lambda: self.call(self.auditor, self.env["ir.attachment"], "create", [{
                    "name": "x", "res_model": record._name, "res_id": record.id, "raw": b"x"}]),
                lambda: self.call(self.auditor, self.env["mail.message"], "create", [{
                    "model": record._name, "res_id": record.id, "body": "Hm"}]),
            ):
                with self.subTest(model=record._name), self.assertRaises(AccessError):
                    attempt()
            self.assertFalse(self.as_user(self.auditor, record)._get_mail_thread_data([])["canPostOnReadonly"])
            self.assertTrue(self.as_user(self.supervisor, record)._get_mail_thread_data([])["canPostOnReadonly"])
            self.call(self.supervisor, record, "message_post", body="Hm")
        self.call(self.counter, sheet, "message_post", body="A box is torn")
        self.assertEqual(len(sheet.message_ids.filtered(lambda message: "torn" in message.body)), 1)

    # The pack

    def test_rolled_forward(self):
        """What was counted and moved since, without what the count posted, is what the books show; a rejected difference is
        what is left.
        """
        line = self.count_by_the_warehouse(9)
        self._approve(line, self.supervisor)
        self.deliver(self.thing, self.bin_a, 2)
        other = self.make_sheet((self.other_product, self.bin_a), start=True)
        self.count(other.line_ids, 1)
        other.with_user(self.counter).action_close()
        other.line_ids.with_user(self.supervisor).action_reject("not so")
        self.make_later()
        test = self.choose()
        self.enter(test, 6)
        folder, _pack = self.make()
        rows = {(row["source"], int(row["id"])): row for row in audit_check.read(folder, "roll_forward.csv")}
        self.assertEqual(set(rows), {("count", line.id), ("count", other.line_ids.id), ("auditor", test.id)})

        def read(key):
            return [float(rows[key][name]) for name in ("counted_qty", "moved_since", "rolled_qty", "book_qty", "rest")]

        self.assertEqual(read(("count", line.id)), [9, -2, 7, 7, 0])
        self.assertEqual(read(("count", other.line_ids.id)), [1, 0, 1, 4, -3])
        self.assertEqual(read(("auditor", test.id)), [6, 0, 6, 7, -1])
        [row] = audit_check.read(folder, "auditor_counts.csv")
        self.assertEqual((int(row["id"]), float(row["book_difference_qty"]), row["state"]), (test.id, -1, "counted"))
        code, said = self.check(folder)
        self.assertIn("Rolled forward to the last day: 3 counts, of which 2 leave a rest.", said)
        self.assertIn("Auditors counted 1 places themselves; 1 differed from the books.", said)
        self.assertEqual(code, 0, said)
