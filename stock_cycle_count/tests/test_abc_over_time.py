from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError

from .common_abc import AbcCase
from .common_planning import NOW, TODAY


class TestClassesOverTime(AbcCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.make_products(2)

    def _classify(self, *quantities, days=0):
        """Deliver some more, then classify, some days later."""
        self.clock.tick(timedelta(days=days))
        self.deliver_all(self.products, quantities)
        self.profile.action_classify()
        return self.classes(self.products)

    def test_new_products_wait_in_a_class_of_choice(self):
        self.profile.write({"new_product_days": 30, "new_product_class_id": self.class_b.id})
        old, new = self.products
        self.deliver(old, self.stock, 100, when=NOW - timedelta(days=31))
        self.deliver(new, self.stock, 1, when=NOW - timedelta(days=29))
        self.profile.action_classify()
        self.assertEqual(self.classes([old, new]), "AB", "not judged, but with its place in the ranking")
        self.assertEqual(self.assignment(new).rank, 2)
        self.clock.move_to(NOW + timedelta(days=2))
        self.profile.action_classify()
        self.assertEqual(self.classes([old, new]), "AC")

    def test_a_receipt_makes_history_too(self):
        self.profile.write({"new_product_days": 30, "new_product_class_id": self.class_c.id})
        product = self.products[0]
        self.move(product, self.supplier, self.stock, 5, when=NOW - timedelta(days=100))
        self.deliver(product, self.stock, 1)
        self.profile.action_classify()
        self.assertEqual(self.classes(product), "A")

    def test_a_change_holds_at_once(self):
        self.assertEqual(self._classify(90, 10), "AB")
        self.assertEqual(self._classify(0, 900), "BA")

    def test_a_damped_change_holds_after_two_runs(self):
        self.profile.damped = True
        self.assertEqual(self._classify(90, 10), "AB", "the first class holds at once")
        self.assertEqual(self._classify(0, 900, days=1), "AB")
        first = self.assignment(self.products[0])
        self.assertEqual((first.candidate_class_id, first.candidate_runs), (self.class_b, 1))
        self.assertEqual(self._classify(), "AB", "two on one day are one")
        self.assertEqual(first.candidate_runs, 1)
        self.assertEqual(self._classify(days=1), "BA")
        self.assertFalse(first.candidate_class_id)

    def test_a_damped_change_that_goes_back_is_forgotten(self):
        self.profile.damped = True
        self.assertEqual(self._classify(90, 10), "AB")
        self.assertEqual(self._classify(0, 900, days=1), "AB")
        self.assertEqual(self._classify(9000, 0, days=1), "AB")
        self.assertFalse(self.assignment(self.products[0]).candidate_class_id)
        self.assertEqual(self._classify(0, 90000, days=1), "AB", "counting starts again")
        self.assertEqual(self._classify(days=1), "BA")

    def _history(self, product):
        return [
            (row.old_class, row.new_class, row.cause, row.user_id, row.note)
            for row in self.env["stock.abc.history"].search([("product_id", "=", product.id)], order="id")]

    def test_changes_leave_a_history(self):
        self._classify(90, 10)
        self.assertEqual(self._history(self.products[0]), [], "the first class is no change")
        self.deliver(self.products[1], self.stock, 900)
        self.call(self.manager, self.profile, "action_classify")
        self.assertEqual(self._history(self.products[0]), [("A", "B", "computed", self.manager, False)])
        self.assertEqual(self._history(self.products[1]), [("B", "A", "computed", self.manager, False)])
        row = self.env["stock.abc.history"].search([("product_id", "=", self.products[0].id)])
        self.assertEqual((row.company_id, row.warehouse_id, row.date), (self.company, self.warehouse, NOW))

    def test_a_manual_class_overrides_until_its_last_day(self):
        self._classify(90, 10)
        first = self.assignment(self.products[0])
        self.call(self.supervisor, first, "write", {
            "manual_class_id": self.class_c.id, "manual_reason": "End of life", "manual_until": str(TODAY)})
        self.assertEqual(self.classes(self.products), "CB")
        self.assertTrue(first.differs)
        self.assertIn(first, self.env["stock.abc.assignment"].search([("differs", "=", True)]))
        self.assertEqual(self.profile.differing_count, 1)
        self.assertEqual(self._history(self.products[0]), [("A", "C", "manual", self.supervisor, "End of life")])
        self.profile.action_classify()
        self.assertEqual(self.classes(self.products), "CB", "a classification leaves it")
        self.assertEqual(first.computed_class_id, self.class_a)
        self.clock.move_to(NOW + timedelta(days=1))
        self.env["stock.abc.assignment"]._expire_manual()
        self.assertEqual(self.classes(self.products), "AB")
        self.assertFalse(first.differs)
        self.assertEqual(self._history(self.products[0])[1:], [("C", "A", "expired", self.env.user, False)])
        self.env["stock.abc.assignment"]._expire_manual()
        self.assertEqual(len(self._history(self.products[0])), 2)

    def test_the_schedule_cron_ends_manual_classes(self):
        self.patch(type(self.env["stock.cycle.count.cron.mixin"]), "_commit_progress", lambda self: None)
        self.make_plan(profile_id=self.profile.id)
        self._classify(90, 10)
        first = self.assignment(self.products[0])
        first.write({"manual_class_id": self.class_c.id, "manual_reason": "Test", "manual_until": TODAY})
        self.clock.move_to(NOW + timedelta(days=1))
        self.env["stock.cycle.count.plan"]._cron_schedule()
        self.assertEqual(first.effective_class_id, self.class_a)

    def test_a_classification_says_that_a_manual_class_ended(self):
        self._classify(90, 10)
        first = self.assignment(self.products[0])
        first.write({"manual_class_id": self.class_c.id, "manual_reason": "Test", "manual_until": TODAY})
        self.clock.move_to(NOW + timedelta(days=1))
        self.profile.action_classify()
        self.assertEqual(self.classes(self.products), "AB")
        self.assertEqual([row[2] for row in self._history(self.products[0])], ["manual", "expired"])

    def test_a_manual_class_without_end_is_taken_back_by_hand(self):
        self._classify(90, 10)
        first = self.assignment(self.products[0])
        first.write({"manual_class_id": self.class_b.id, "manual_reason": "Test"})
        self.clock.move_to(NOW + timedelta(days=1000))
        self.env["stock.abc.assignment"]._expire_manual()
        self.assertEqual(first.effective_class_id, self.class_b)
        first.manual_class_id = False
        self.assertEqual(first.effective_class_id, self.class_a)

    def test_a_manual_class_survives_archiving(self):
        product, other = self.products
        self._classify(90, 10)
        assignment = self.assignment(product)
        assignment.write({"manual_class_id": self.class_c.id, "manual_reason": "Runs out"})
        self.products.action_archive()
        self.profile.action_classify()
        self.assertEqual((assignment.exists(), self.assignment(other)), (assignment, self.assignment(other).browse()))
        product.action_unarchive()
        self.profile.action_classify()
        self.assertEqual(
            (assignment.manual_class_id, assignment.effective_class_id, assignment.manual_reason),
            (self.class_c, self.class_c, "Runs out"))

    def test_a_manual_class_needs_a_reason_and_the_same_profile(self):
        self._classify(90, 10)
        first = self.assignment(self.products[0])
        with self.assertRaisesRegex(ValidationError, "Manual Reason"):
            first.manual_class_id = self.class_b
        with self.assertRaisesRegex(ValidationError, "Manual Reason"):
            first.write({"manual_class_id": self.class_b.id, "manual_reason": "  "})
        with self.assertRaisesRegex(ValidationError, "profile"):
            first.write({"manual_class_id": self.make_profile().class_ids[0].id, "manual_reason": "Test"})


class TestAssignmentRights(AbcCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.make_product()
        cls.deliver(cls.product, cls.stock, 1)
        cls.profile.action_classify()

    def setUp(self):
        super().setUp()
        self.own = self.assignment(self.product)
        self.manual = {"manual_class_id": self.class_c.id, "manual_reason": "Because", "manual_until": "2030-01-01"}

    def test_who_may_set_a_class_by_hand(self):
        for user in (self.outsider, self.counter, self.worker, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, self.own, "write", self.manual)
        for user in (self.supervisor, self.controller, self.manager):
            with self.subTest(user=user.login):
                self.own.manual_class_id = False
                self.call(user, self.own, "write", self.manual)
                self.assertEqual(self.own.effective_class_id, self.class_c)

    def test_nobody_writes_what_was_computed(self):
        for name, value in [
            ("computed_class_id", self.class_c.id), ("effective_class_id", self.class_c.id), ("metric", 1), ("rank", 1),
            ("candidate_runs", 1), ("differs", True), ("product_id", self.make_product().id),
            ("company_id", self.other_company.id), ("warehouse_id", 1), ("profile_id", 1),
        ]:
            for user in (self.supervisor, self.controller, self.manager):
                with self.subTest(field=name, user=user.login), self.assertRaises(AccessError):
                    self.call(user, self.own, "write", {name: value, **self.manual})
        self.assertEqual(self.own.effective_class_id, self.class_a)

    def test_nobody_makes_or_deletes_assignments(self):
        values = {"profile_id": self.profile.id, "company_id": self.company.id, "warehouse_id": self.warehouse.id,
                  "product_id": self.make_product().id}
        for user in (self.supervisor, self.controller, self.manager):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.call(user, self.own.browse(), "create", values)
                with self.assertRaises(AccessError):
                    self.call(user, self.own, "copy")
                with self.assertRaises(AccessError):
                    self.call(user, self.own, "unlink")

    def test_history_is_never_changed(self):
        self.own.write(self.manual)
        row = self.env["stock.abc.history"].search([("product_id", "=", self.product.id)])
        self.assertTrue(row)
        for user in (self.worker, self.controller, self.manager, self.env.user):
            with self.subTest(user=user.login):
                with self.assertRaises(Exception):
                    self.call(user, row, "write", {"note": "Forged"})
                with self.assertRaises(UserError):
                    self.call(user, row, "unlink")
        self.assertTrue(row.exists())
