from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_answers import AnswersCase
from .common_planning import NOW, TODAY

HINT = "stock.cycle.count.hint"


@tagged("post_install", "-at_install")
class TestHints(AnswersCase):
    """What is too odd to be chance is told to people, with how often its kind was right; nothing else happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.make_user("floor_auditor", "stock_cycle_count.group_auditor")
        cls.others = cls.make_products(8)

    def look(self):
        """Look for hints as the night does; those of our company, by kind."""
        self.env.flush_all()
        new = self.env[HINT]._look(self.company)
        self.env.invalidate_all()
        return new

    def get(self, kind, state="open"):
        return self.env[HINT].search([("company_id", "=", self.company.id), ("kind", "=", kind), ("state", "=", state)])

    def pass_days(self, days):
        self.clock.move_to(datetime.now() + timedelta(days=days))

    def get_today(self):
        return datetime.now().date()

    # What is odd

    def add_house(self, gains=25, losses=15):
        """Differences of the house, of many products and sizes, of which no product stands out."""
        return self.add_lines(*(
            {"product": self.others[number % 8], "location": self.bins[number % 6], "cost": 0.01,
             "variance": (number + 3) * (1 if number < gains else -1), "day": TODAY - timedelta(days=5 + 4 * number)}
            for number in range(gains + losses)))

    def add_losses(self, number=12, **values):
        return self.add_lines(*(
            {"variance": -1 - 0.01 * index, "day": TODAY - timedelta(days=1 + index), **values} for index in range(number)))

    def test_repeated_losses(self):
        self.add_house()
        lines = self.add_losses(4)
        self.look()
        self.assertFalse(self.get("losses"), "it may be chance")
        lines |= self.add_losses(8)
        self.look()
        hint = self.get("losses")
        self.assertEqual((hint.product_id, hint.line_ids), (self.product, lines))
        self.assertIn("12 of 12 differences in 12 months are losses", hint.sentence)
        action = self.call(self.supervisor, hint, "action_view_records")
        self.assertEqual(self.as_user(self.supervisor, self.env[action["res_model"]]).search(action["domain"]), lines)

    def test_losses_worth_no_decision(self):
        self.add_house()
        self.add_lines(*(
            {"product": self.others[0], "variance": sign * 9, "cost": 100, "verdict": "approval"} for sign in (1, -1)))
        self.add_losses(12)
        self.look()
        self.assertFalse(self.get("losses"))

    def test_pairs(self):
        first, second = self.add_lines(
            {"variance": -6, "day": TODAY - timedelta(days=3)}, {"variance": 6, "location": self.bins[3]})
        self.add_lines(
            # Too small, another product, the same place, too far apart, and said already.
            {"variance": -1, "product": self.others[0]}, {"variance": 1, "product": self.others[0], "location": self.bins[1]},
            {"variance": -4, "product": self.others[1]}, {"variance": 4, "product": self.others[2], "location": self.bins[1]},
            {"variance": -5, "product": self.others[3]}, {"variance": 5, "product": self.others[3]},
            {"variance": -7, "product": self.others[4], "day": TODAY - timedelta(days=31)},
            {"variance": 7, "product": self.others[4], "location": self.bins[1]},
            {"variance": -8, "product": self.others[5], "reason_id": self.env.ref(
                "stock_cycle_count.stock_cycle_count_reason_misplaced").id},
            {"variance": 8, "product": self.others[5], "location": self.bins[1]},
            # A size that is found over and over.
            *({"variance": sign * 2, "product": self.others[6], "location": self.bins[sign]} for sign in (-1, 1, -1, 1)))
        self.look()
        hint = self.get("pair")
        self.assertEqual((hint.line_ids, hint.product_id, hint.value), (first | second, self.product, 30))
        self.assertIn(f"{self.bin.display_name} lost 6, {self.bins[3].display_name} gained as many, 3 days apart", hint.sentence)

    def add_resting(self, days, product=None, quantity=30, moves=6):
        """Stock that moved on so many days and rests since."""
        product = product or self.product
        self.make_quant(product, self.bin, quantity + moves)
        for number in range(moves):
            self.deliver(product, self.bin, 1, when=NOW - timedelta(days=days + 10 * number))
        self.plan.action_schedule()
        return self.position(product)

    def test_phantom_stock(self):
        position = self.add_resting(200)
        self.add_resting(20, self.others[0])
        self.add_resting(200, self.others[1], moves=3)
        self.add_resting(200, self.others[2], quantity=0)
        self.add_resting(200, self.others[3]).last_count_date = NOW - timedelta(days=30)
        self.look()
        hint = self.get("phantom")
        self.assertEqual((hint.position_id, hint.value), (position, 30 * self.product.standard_price))
        self.assertIn("moved on 6 days of half a year, and not for 200 days", hint.sentence)
        self.assertEqual(self.call(self.supervisor, hint, "action_view_records")["res_id"], position.id)
        coming = self.prepare_move(self.product, self.supplier, self.stock, 5)
        coming.picked = False
        self.assertIn(coming.state, ("assigned", "confirmed"))
        self.look()
        self.assertEqual(hint.state, "gone", "something is on its way there")

    def test_what_came_lately_does_not_rest(self):
        self.add_resting(200)
        self.receive(self.product, self.bin, 20, when=NOW - timedelta(days=2))
        self.look()
        self.assertFalse(self.get("phantom"))

    def add_odd(self):
        position = self.add_resting(5)
        self.env.flush_all()
        self.cr.execute(
            "INSERT INTO stock_cycle_count_risk (id, position_id, company_id, plan_id, location_id, product_id, usual_move) "
            "VALUES (%s, %s, %s, %s, %s, %s, 2)", (
                position.id, position.id, self.company.id, self.plan.id, self.bin.id, self.product.id))
        self.add_house(30, 30)
        return self.add_lines({"variance": 50, "cost": 5, "position_id": position.id})

    def test_odd_difference(self):
        line = self.add_odd()
        self.look()
        hint = self.get("odd")
        self.assertEqual((hint.line_id, hint.value), (line, 250))
        self.assertIn("25 usual moves", hint.sentence)
        self.pass_days(31)
        self.look()
        self.assertEqual(hint.state, "gone", "it is not new any more")

    def add_counts(self, rounded, total, user=None, day=TODAY):
        return self.add_lines(*(
            {"counted_by_id": (user or self.counter).id, "expected_qty": 33, "counted_qty": 30 if number < rounded else 33,
             "day": day} for number in range(total)))

    def test_rounding_is_shown_to_controllers_where_people_are(self):
        self.add_counts(40, 60)
        self.add_counts(2, 60, user=self.second)
        self.add_counts(40, 45, user=self.worker)
        self.look()
        self.assertFalse(self.get("rounding"))
        self.company.cycle_count_figures_by_person = True
        self.look()
        hint = self.get("rounding")
        self.assertEqual(hint.counter_id, self.counter)
        self.assertIn("of 60 counts of 20 and more, 40 end with 0 or 5", hint.sentence)
        for user, sees in ((self.supervisor, False), (self.controller, True), (self.finance, True), (self.auditor, True)):
            self.assertEqual(bool(self.as_user(user, self.env[HINT]).search([("kind", "=", "rounding")])), sees, user.login)
        self.company.cycle_count_figures_by_person = False
        self.env.invalidate_all()
        self.assertFalse(self.as_user(self.finance, self.env[HINT]).search([("kind", "=", "rounding")]))
        self.look()
        self.assertEqual(hint.state, "gone")

    def add_weeks(self, *losses):
        """Unexplained losses of so many whole weeks, up to the last one."""
        return self.add_lines(*(
            {"variance": -loss, "cost": 1, "day": TODAY - timedelta(days=7 * (len(losses) - index) - 1)}
            for index, loss in enumerate(losses)))

    def test_losses_on_the_rise(self):
        quiet = [10, 12, 8, 11, 9] * 8
        self.add_weeks(*quiet)
        self.look()
        self.assertFalse(self.get("watch"))
        self.add_weeks(*[6] * 5)
        self.look()
        hint = self.get("watch")
        self.assertEqual((hint.warehouse_id, hint.facts["usual"]), (self.warehouse, 10))
        self.assertTrue(hint.line_ids)
        with self.assertRaisesRegex(UserError, "names no place"):
            self.call(self.supervisor, hint, "action_count")
        self.pass_days(60)
        self.look()
        self.assertEqual((hint.state, hint.verdict), ("gone", "wrong"), "nothing was lost in the four weeks after")

    # What became of them

    def test_answered_by_counts(self):
        """Each kind, by what was counted after it."""
        pairs = {True: [], False: []}
        for kind, add, right, wrong in (
            ("losses", lambda: (self.add_house(), self.add_losses()), {"variance": -1}, {"variance": 1}),
            ("phantom", lambda: self.add_resting(200), {"variance": -30}, {}),
            ("odd", self.add_odd, {"variance": -48}, {"variance": -3}),
        ):
            for is_right, values in ((True, right), (False, wrong)):
                with self.subTest(kind=kind, is_right=is_right), self.cr.savepoint() as savepoint:
                    self.clock.move_to(NOW)
                    add()
                    self.look()
                    hint = self.get(kind)
                    self.assertTrue(hint)
                    self.pass_days(1)
                    self.look()
                    self.assertFalse(hint.verdict, "nothing was counted")
                    self.add_lines({"position_id": hint.position_id.id or None, "day": self.get_today(), **values})
                    self.pass_days(1)
                    self.look()
                    self.assertEqual(hint.verdict, "right" if is_right else "wrong")
                    pairs[is_right].append(kind)
                    savepoint.rollback()
                    self.env.clear()
        self.assertEqual(pairs[True], pairs[False])
        self.assertEqual(len(pairs[True]), 3)

    def test_a_place_that_is_counted_in_part_answers_nothing(self):
        """Nor what waits or was rejected; a recount of the sheet's last lot does."""
        position = self.add_resting(200)
        self.look()
        hint = self.get("phantom")
        self.pass_days(1)
        row = {"position_id": position.id, "day": self.get_today(), "count_id": self.make_past_sheet().id}
        self.add_lines({**row, "lot_id": self.lot.id})
        short = self.add_lines({**row, "variance": -30, "state": "to_approve", "verdict": "approval"})
        for state in ("pending", "to_approve", "rejected"):
            self.cr.execute("UPDATE stock_cycle_count_line SET state = %s WHERE id = %s", (state, short.id))
            self.look()
            self.assertFalse(hint.verdict, state)
        self.cr.execute("UPDATE stock_cycle_count_line SET state = 'posted' WHERE id = %s", short.ids)
        self.look()
        self.assertEqual(hint.verdict, "right")

    def test_stock_of_others_answers_nothing_of_ours(self):
        line = self.add_odd()
        self.look()
        hint = self.get("odd")
        self.pass_days(1)
        row = {"position_id": line.position_id.id, "day": self.get_today()}
        self.add_lines({**row, "owner_id": self.env["res.partner"].create({"name": "Owner"}).id})
        self.look()
        self.assertFalse(hint.verdict)
        self.add_lines({**row, "variance": -50})
        self.look()
        self.assertEqual(hint.verdict, "right")

    def test_told_again_it_is_right_once(self):
        """What is odd, is not, and is again."""
        self.add_house()
        lines = self.add_losses()
        self.look()
        hint = self.get("losses")
        for state, told in (("cancel", "gone"), ("posted", "open")):
            self.cr.execute("UPDATE stock_cycle_count_line SET state = %s WHERE id = ANY(%s)", (state, lines[:8].ids))
            self.assertFalse(self.look())
            self.assertEqual(hint.state, told)
        self.pass_days(1)
        self.add_lines({"variance": -1, "day": self.get_today()})
        self.look()
        self.assertEqual((hint.state, hint.verdict), ("open", "right"))

    def test_rounding_answered_by_counts(self):
        self.company.cycle_count_figures_by_person = True
        self.add_counts(40, 60)
        self.look()
        hint = self.get("rounding")
        self.pass_days(1)
        self.add_counts(15, 19, day=self.get_today())
        self.look()
        self.assertFalse(hint.verdict)
        self.add_counts(1, 1, day=self.get_today())
        self.look()
        self.assertEqual(hint.verdict, "right")

    def test_as_many_round_numbers_as_chance_brings_are_no_habit(self):
        self.company.cycle_count_figures_by_person = True
        self.add_counts(40, 60)
        self.look()
        self.assertEqual(self.get("rounding").facts["book"], 0)
        self.pass_days(1)
        self.add_counts(4, 20, day=self.get_today())
        self.look()
        self.assertEqual(self.get("rounding").verdict, "wrong")

    def test_how_often_right(self):
        """Of its kind and company, from five on."""
        hints = self.env[HINT].create([
            {"company_id": self.company.id, "kind": kind, "subject": f"test {number}", "product_id": self.product.id,
             "facts": {"number": 9, "losses": 9, "share": 0.6}, "verdict": verdict}
            for kind in ("losses",) for number, verdict in enumerate(("right", "wrong", "right", "right", False))])
        self.assertEqual(set(hints.mapped("record")), {"too few to say, 4 so far"})
        hints[4].verdict = "right"
        hints.invalidate_recordset()
        self.assertEqual(set(hints.mapped("record")), {"was right 4 of 5 times"})

    def make_pair(self, product=None):
        product = product or self.product
        lines = self.add_lines(
            {"variance": -6, "product": product}, {"variance": 6, "product": product, "location": self.bins[3]})
        self.look()
        return self.get("pair").filtered(lambda hint: hint.line_ids == lines)

    def test_dismissed(self):
        hint = self.make_pair()
        action = self.call(self.supervisor, hint, "action_open_dismiss")
        with Form(self.as_user(self.supervisor, self.env[action["res_model"]], **action["context"])) as form:
            form.dismissal = "not_so"
            form.note = "Display pieces"
        form.record.action_dismiss()
        self.assertEqual(
            (hint.state, hint.verdict, hint.dismissed_by_id, hint.dismissal_note),
            ("dismissed", "wrong", self.supervisor, "Display pieces"))
        with self.assertRaisesRegex(UserError, "Dismissed"):
            self.call(self.supervisor, hint, "action_dismiss", "known")
        self.look()
        self.assertFalse(self.get("pair"), "it is not told again")
        other = self.env[HINT].create({
            "company_id": self.company.id, "kind": "pair", "subject": "x", "facts": {
                "loser": "A", "winner": "B", "quantity": 3, "days": 1}})
        for wrong in (False, "because", None, 3):
            with self.assertRaises(UserError):
                self.call(self.supervisor, other, "action_dismiss", wrong)
        self.call(self.supervisor, other, "action_dismiss", "known")
        self.assertEqual((other.state, other.verdict), ("dismissed", False), "who knew it says nothing against it")

    def test_counted(self):
        hint = self.make_pair()
        self.call(self.supervisor, hint, "action_count")
        self.assertEqual(hint.count_date, NOW)
        for place in (self.bin, self.bins[3]):
            position = self.position(self.product, place)
            self.assertEqual(position.manual_date, TODAY)
            [line] = position.line_ids.filtered(lambda line: line.state == "pending")
            self.assertEqual((line.selection_reason, line.count_id.blind, line.count_id.state), ("manual", True, "draft"))
        self.assertFalse(self.position(self.product, self.bins[1]))
        lines = self.env["stock.cycle.count.line"].search([("state", "=", "pending")])
        self.call(self.supervisor, hint, "action_count")
        self.assertEqual(self.env["stock.cycle.count.line"].search([("state", "=", "pending")]), lines, "once")

    def test_made_a_root_cause(self):
        hint = self.make_pair()
        context = self.call(self.supervisor, hint, "action_make_cause")["context"]
        with Form(self.as_user(self.supervisor, self.env["stock.cycle.count.cause"], **context)) as form:
            form.name = "Put away next door"
        cause = form.record
        self.assertEqual((cause.hint_id, cause.product_id, cause.line_ids), (hint, self.product, hint.line_ids))
        self.assertEqual((hint.state, hint.verdict), ("cause", "right"))
        self.look()
        self.assertEqual((hint.state, self.get("pair")), ("cause", hint.browse()))

    def test_a_cause_that_is_taken_back_says_nothing_of_its_hint(self):
        for dismissal, state, verdict in (
                (False, "open", False), ("known", "dismissed", False), ("not_so", "dismissed", "wrong")):
            with self.subTest(dismissal=dismissal), self.cr.savepoint() as savepoint:
                hint = self.make_pair()
                if dismissal:
                    self.call(self.supervisor, hint, "action_dismiss", dismissal)
                Cause = self.as_user(self.supervisor, self.env["stock.cycle.count.cause"])
                causes = Cause.create([{"name": name, "root_cause": "theft", "hint_id": hint.id} for name in "AB"])
                causes[0].unlink()
                self.assertEqual(hint.state, "cause")
                causes[1].hint_id = False
                self.assertEqual((hint.state, hint.verdict), (state, verdict))
                causes[1].hint_id = hint
                self.assertEqual((hint.state, hint.verdict), ("cause", verdict or "right"))
                savepoint.rollback()
                self.env.clear()

    def test_causes_of_hints_about_people(self):
        """Say whom they are about: to those who read these hints, and to whom they were given."""
        self.company.cycle_count_figures_by_person = True
        self.add_counts(40, 60)
        self.look()
        hint = self.get("rounding")
        context = self.call(self.finance, hint, "action_make_cause")["context"]
        with Form(self.as_user(self.finance, self.env["stock.cycle.count.cause"], **context)) as form:
            form.user_id = self.finance
        cause = form.record
        self.assertIn(self.counter.name, cause.name)

        def get_readers():
            self.env.flush_all()
            self.env.invalidate_all()
            return [user for user in (self.supervisor, self.finance, self.controller, self.auditor)
                    if self.as_user(user, cause).search([("id", "=", cause.id)])]

        self.assertEqual(get_readers(), [self.finance, self.controller, self.auditor])
        with self.assertRaises(AccessError):
            self.call(self.supervisor, cause, "read", ["hint_id"])
        self.assertFalse(self.env["stock.cycle.count.cause"]._get_summary(self.warehouse, TODAY, TODAY))
        cause.user_id = self.supervisor
        self.assertEqual(get_readers(), [self.supervisor, self.finance, self.controller, self.auditor])
        self.company.cycle_count_figures_by_person = False
        self.assertEqual(get_readers(), [self.supervisor])

    def test_roles(self):
        hint = self.make_pair()
        for user in (self.outsider, self.counter, self.worker, self.manager, self.stranger, self.auditor):
            own = self.as_user(user, hint)
            with self.subTest(user=user.login):
                for attempt in (
                    lambda: self.call(user, hint, "action_count"), lambda: self.call(user, hint, "action_dismiss", "known"),
                    lambda: self.call(user, hint, "action_make_cause"), lambda: own.write({"state": "gone"}), own.unlink,
                    lambda: own.create({"company_id": self.company.id, "kind": "pair", "subject": "y"}),
                ):
                    with self.assertRaises(AccessError):
                        attempt()
                if user == self.auditor:
                    self.assertIn("lost 6", own.sentence)
                else:
                    for attempt in (
                        lambda: own.read(["sentence"]), lambda: self.call(user, hint, "action_view_records"),
                        lambda: own.search([("id", "=", hint.id)]).ids or own.check_access_rule("read"),
                    ):
                        with self.assertRaises(AccessError):
                            attempt()
        for user in (self.supervisor, self.controller):
            for attempt in (lambda: self.as_user(user, hint).write({"verdict": "right"}), self.as_user(user, hint).unlink):
                with self.assertRaises(AccessError):
                    attempt()
        self.assertEqual((hint.state, hint.count_date), ("open", False))

    def test_in_the_review(self):
        self.company.cycle_count_figures_by_person = True
        self.add_counts(40, 60)
        hint = self.make_pair()
        self.call(self.supervisor, hint, "action_dismiss", "not_so")
        self.make_pair(self.other_product)
        kept = self.env[HINT]._get_summary(self.company, datetime(2024, 3, 1), datetime(2024, 4, 1))
        self.assertEqual(kept, [{"kind": "Offsetting differences", "open": 1, "new": 2, "right": 0, "wrong": 1}])
        self.assertEqual(self.env[HINT]._get_summary(self.company, datetime(2024, 4, 1), datetime(2024, 5, 1))[0]["new"], 0)
        self.clock.move_to(datetime(2024, 4, 1, 6))
        self.call(self.supervisor, self.env["stock.cycle.count.review.document"], "action_make")
        review = self.env["stock.cycle.count.review.document"].search([("warehouse_id", "=", self.warehouse.id)], limit=1)
        html, _kind = self.env["ir.actions.report"].with_user(self.supervisor)._render_qweb_html(
            "stock_cycle_count.count_review", review.ids)
        self.assertIn("Offsetting differences", html.decode())
        self.assertNotIn("Rounded counts", html.decode())

    def test_the_night_looks_everywhere(self):
        self.add_lines({"variance": -6}, {"variance": 6, "location": self.bins[3]})
        self.env[HINT]._cron_look()
        self.env[HINT]._cron_look()
        self.assertEqual(len(self.get("pair")), 1)
        self.assertFalse(self.env[HINT].search([("company_id", "=", self.other_company.id)]))
