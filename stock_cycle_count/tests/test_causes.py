from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_answers import RESULT, AnswersCase
from .common_planning import TODAY

CAUSE = "stock.cycle.count.cause"
ENDED = {"change": "A scan at each put-away"}


@tagged("post_install", "-at_install")
class TestCauses(AnswersCase):
    """A cause that was found is a task: somebody changes it until a day, says what, and everybody sees whether it helped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.make_user("floor_auditor", "stock_cycle_count.group_auditor")

    def make(self, user=None, **values):
        user = user or self.supervisor
        return self.as_user(user, self.env[CAUSE]).create(
            {"name": "Picked by eye", "root_cause": "picking", "company_id": self.company.id, **values})

    def get_asked(self, cause):
        self.env.invalidate_all()
        return [(activity.user_id, activity.date_deadline) for activity in cause.sudo().activity_ids]

    def test_from_lines_to_done(self):
        lines = self.add_lines(
            {"variance": -3, "reason_id": self.picking.id}, {"variance": -1, "reason_id": self.picking.id},
            {"variance": 4, "product": self.other_product})
        action = self.call(self.supervisor, lines[:2], "action_make_cause")
        with Form(self.as_user(self.supervisor, self.env[CAUSE].with_context(**action["context"]),
                               **action["context"])) as form:
            self.assertIn(self.product.display_name, form.name)
            form.name = "Picked by eye"
            form.user_id = self.controller
        cause = form.record
        self.assertEqual(
            (cause.product_id, cause.location_id, cause.reason_id, cause.line_ids),
            (self.product, self.bin, self.picking, lines[:2]))
        self.assertEqual(lines[:2].sudo().cause_ids, cause)
        self.assertEqual(self.get_asked(cause), [(self.controller, TODAY + timedelta(days=14))])
        self.call(self.supervisor, cause, "write", {"user_id": self.supervisor.id, "date_deadline": "2024-04-01"})
        self.assertEqual(self.get_asked(cause), [(self.supervisor, date(2024, 4, 1))])
        with self.assertRaisesRegex(UserError, "what was changed"):
            self.call(self.supervisor, cause, "action_close")
        self.call(self.controller, cause, "write", ENDED)
        self.call(self.controller, cause, "action_close")
        self.assertEqual((cause.state, cause.closed_by_id, self.get_asked(cause)), ("done", self.controller, []))
        with self.assertRaisesRegex(UserError, "done already"):
            self.call(self.controller, cause, "action_close")
        for nothing in (False, " \n"):
            with self.assertRaisesRegex(ValidationError, "what was changed"), self.cr.savepoint():
                self.call(self.controller, cause, "write", {"change": nothing})
        self.call(self.controller, cause, "write", {"change": f"{ENDED['change']}, always"})
        self.call(self.controller, cause, "write", ENDED)
        with self.assertRaisesRegex(UserError, "stays"):
            self.call(self.controller, cause, "unlink")
        self.call(self.supervisor, cause, "action_reopen")
        self.assertEqual((cause.state, cause.closed_by_id, cause.change), ("open", self.env["res.users"], ENDED["change"]))
        self.assertEqual(self.get_asked(cause), [(self.supervisor, date(2024, 4, 1))])
        self.call(self.supervisor, cause, "unlink")

    def test_whose_owner_is_not_there(self):
        """Somebody else is asked: a controller, else a supervisor, whoever has least to see to."""
        self.env.ref("stock_cycle_count.group_decider").users.filtered(
            lambda user: user not in self.roles).company_ids -= self.company
        cause, other, kept = (self.make(user_id=user.id, name=user.name) for user in (
            self.controller, self.controller, self.supervisor))
        self.controller.active = False
        self.env["stock.cycle.count"]._cron_hand_on()
        self.assertEqual((cause.user_id, kept.user_id), (self.finance, self.supervisor))
        self.assertEqual(self.get_asked(cause), [(self.finance, TODAY + timedelta(days=14))])
        self.finance.groups_id -= self.env.ref("stock_cycle_count.group_controller")
        self.finance.groups_id -= self.env.ref("stock_cycle_count.group_decider")
        self.env["stock.cycle.count"]._cron_hand_on()
        self.assertEqual((other.user_id, self.get_asked(other)), (self.supervisor, [
            (self.supervisor, TODAY + timedelta(days=14))]))
        self.supervisor.active = False
        self.env["stock.cycle.count"]._cron_hand_on()
        self.assertEqual(cause.user_id, self.supervisor, "nobody is there")

    def test_what_lines_have_in_common(self):
        lines = self.add_lines(
            {"variance": -3, "reason_id": self.picking.id}, {"variance": -1, "location": self.bins[1]})
        context = self.call(self.supervisor, lines, "action_make_cause")["context"]
        self.assertEqual(context["default_product_id"], self.product.id)
        self.assertFalse({"default_location_id", "default_reason_id"} & set(context), "one has no reason")
        result = self.env[RESULT].search([("line_id", "in", lines.ids)])
        self.assertEqual(self.call(self.supervisor, result, "action_make_cause")["context"], context)

    def test_what_cannot_be(self):
        with self.assertRaisesRegex(ValidationError, "which differences"):
            self.make(root_cause=False)
        for owner in (self.counter, self.worker, self.auditor):
            with self.subTest(owner=owner.login), self.assertRaisesRegex(ValidationError, "Choose a count supervisor"):
                self.make(user_id=owner.id)
        with self.assertRaises(UserError):
            self.make(user_id=self.stranger.id)
        with self.assertRaises(UserError):
            self.make(location_id=self.get_warehouse(self.other_company).lot_stock_id.id)

    def test_nobody_says_by_request_who_closed(self):
        cause = self.make()
        for values in ({"state": "done"}, {"closed_by_id": self.controller.id}, {"closed_date": "2024-01-01"}):
            for attempt in (lambda: self.call(self.controller, cause, "write", values), lambda: self.make(**values)):
                with self.assertRaises(AccessError):
                    attempt()
        self.assertEqual(self.as_user(self.supervisor, self.env[CAUSE], default_state="done").create(
            {"name": "X", "root_cause": "theft"}).state, "open")

    def test_roles(self):
        cause = self.make(**ENDED)
        line = self.add_lines({"variance": -3})
        for user in (self.outsider, self.counter, self.worker, self.manager, self.stranger, self.auditor):
            own, self_made = self.as_user(user, cause), self.as_user(user, self.env[CAUSE])
            with self.subTest(user=user.login):
                for attempt in (
                    lambda: own.write({"name": "X"}), own.unlink, lambda: self.call(user, cause, "action_close"),
                    lambda: self.call(user, cause, "action_reopen"), lambda: self.call(user, line, "action_make_cause"),
                    lambda: user != self.stranger and self_made.create({"name": "X", "root_cause": "theft"}) or own.read(),
                ):
                    with self.assertRaises(AccessError):
                        attempt()
                if user == self.auditor:
                    self.assertEqual(own.read(["name", "outcome"])[0]["name"], "Picked by eye")
                else:
                    for attempt in (lambda: own.read(["outcome"]), lambda: self.call(user, cause, "action_view_before")):
                        with self.assertRaises(AccessError):
                            attempt()
        self.assertEqual(cause.state, "open")
        self.assertNotIn("cause_ids", self.call(self.counter, line.browse(), "fields_get"))
        followers = self.as_user(self.counter, self.env["mail.followers"]).search([("res_model", "=", CAUSE)])
        self.assertFalse(followers)

    def test_who_may_give_a_bar_an_owner(self):
        self.add_lines({"variance": -3, "reason_id": self.picking.id})
        for user, may in ((self.supervisor, True), (self.finance, True), (self.auditor, False)):
            tile = self.get_tiles(user)["why"]
            self.assertEqual((tile["may_own"], tile["bars"][0]["cause"]), (may, "picking"))

    # Whether the differences came back

    def get_numbers(self, cause):
        self.env.invalidate_all()
        values = self.as_user(self.supervisor, cause)
        numbers = [(values.before_count, values.before_value), (values.since_count, values.since_value)]
        for side, (number, value) in zip(("before", "since"), numbers):
            domain = self.call(self.supervisor, cause, f"action_view_{side}")["domain"]
            results = self.as_user(self.supervisor, self.env[RESULT]).search(domain)
            self.assertEqual((len(results), sum(results.mapped("difference_value"))), (number, value))
        return numbers

    def test_before_and_since(self):
        cause = self.make(**ENDED)
        yesterday, long_ago = TODAY - timedelta(days=1), TODAY - timedelta(days=91)
        self.add_lines(
            {"variance": -3, "reason_id": self.picking.id, "day": yesterday},
            {"variance": 2, "reason_id": self.picking.id, "day": yesterday},
            {"variance": -9, "reason_id": self.picking.id, "day": long_ago},
            {"variance": -9, "reason_id": self.theft.id, "day": yesterday}, {"variance": -9, "day": yesterday},
            {"variance": -9, "reason_id": self.picking.id, "day": yesterday, "state": "rejected"})
        self.assertEqual(self.get_numbers(cause), [(2, 25), (0, 0)])
        self.assertIn("2 differences, ", cause.outcome)
        self.assertIn("Last 90 days: ", cause.outcome)
        self.call(self.supervisor, cause, "action_close")
        self.assertIn("no differences in 0 days", cause.outcome)
        self.clock.move_to(datetime(2024, 3, 20, 9))
        self.add_lines({"variance": -1, "reason_id": self.picking.id, "day": date(2024, 3, 10)})
        self.assertEqual(self.get_numbers(cause), [(2, 25), (1, 5)])
        self.assertRegex(cause.outcome, r"Since: 1 difference, .*5\.00.* in 16 days")
        # What comes later than the time that it is compared with is another story.
        self.clock.move_to(datetime(2024, 9, 20, 9))
        self.add_lines({"variance": -1, "reason_id": self.picking.id, "day": date(2024, 9, 10)})
        self.assertEqual(self.get_numbers(cause), [(2, 25), (1, 5)])

    def test_scopes(self):
        other = self.make_warehouse("Annex", "ANX")
        self.add_lines(
            {"variance": -1, "reason_id": self.picking.id, "location": self.bins[0]},
            {"variance": -2, "reason_id": self.theft.id, "location": self.bins[1]},
            {"variance": -4, "location": self.bins[3], "product": self.other_product},
            {"variance": -8, "reason_id": self.picking.id, "location": other.lot_stock_id})
        yesterday = self.env[RESULT].search([])
        self.assertTrue(yesterday)
        for values, lost in (
            ({"root_cause": "picking"}, 9), ({"root_cause": "unknown"}, 4),
            ({"root_cause": False, "reason_id": self.theft.id}, 2),
            ({"root_cause": False, "product_id": self.other_product.id}, 4),
            ({"root_cause": False, "location_id": self.zone_a.id}, 3), ({"root_cause": False, "location_id": self.stock.id}, 7),
            ({"root_cause": False, "warehouse_id": other.id}, 8),
            ({"root_cause": "picking", "warehouse_id": self.warehouse.id}, 1),
            ({"root_cause": "theft", "location_id": self.zone_b.id}, 0),
        ):
            with self.subTest(values=values):
                self.assertEqual(self.get_numbers(self.make(**values))[0][1], lost * 5)

    def test_one_statement_for_all(self):
        causes = self.as_user(self.supervisor, self.env[CAUSE].union(*(
            self.make(root_cause=cause) for cause in ("picking", "theft", "unknown", "uom", "damage", "expiry"))))
        one, all_of_them = (self.count_queries(lambda: some.mapped("outcome")) for some in (causes[:1], causes))
        # Give or take what the framework remembers.
        self.assertLess(all_of_them, one + 3)

    # What the monthly review says

    def test_review(self):
        self.make(name="Returns without a scan", root_cause="returns", date_deadline="2024-03-20")
        done, _elsewhere, long_ago = (
            self.make(name=name, **ENDED, **values) for name, values in (
                ("Picked by eye", {}), ("Other warehouse", {"warehouse_id": self.make_warehouse("Annex", "ANX").id}),
                ("Long ago", {})))
        self.add_lines({"variance": -3, "reason_id": self.picking.id, "day": TODAY - timedelta(days=1)})
        for cause in (done, long_ago):
            self.call(self.supervisor, cause, "action_close")
        long_ago.sudo().closed_date = "2023-10-01"
        self.clock.move_to(datetime(2024, 4, 1, 6))
        self.env.invalidate_all()
        self.call(self.supervisor, self.env["stock.cycle.count.review.document"], "action_make")
        review = self.env["stock.cycle.count.review.document"].search([("warehouse_id", "=", self.warehouse.id)], limit=1)
        causes = {cause["name"]: cause for cause in review._get_report_content()["causes"]}
        self.assertEqual(set(causes), {"Returns without a scan", "Picked by eye"})
        late = causes["Returns without a scan"]
        self.assertEqual((late["is_late"], late["owner"]), (True, self.supervisor.name))
        self.assertEqual(
            (causes["Picked by eye"]["change"], causes["Picked by eye"]["closed_by"]), (ENDED["change"], self.supervisor.name))
        self.assertRegex(causes["Picked by eye"]["outcome"], "Before: 1 difference, .* Since: no differences in 27 days")
        html, _kind = self.env["ir.actions.report"].with_user(self.supervisor)._render_qweb_html(
            "stock_cycle_count.count_review", review.ids)
        for text in ("Returns without a scan", ENDED["change"], "no differences in 27 days"):
            self.assertIn(text, html.decode())
        self.assertNotIn("Other warehouse", html.decode())

    def test_scrapped_beside_lost(self):
        """What is scrapped is at cost, of a warehouse or all; goods of others are worth nothing."""
        scrap = self.env["stock.location"].search([
            ("scrap_location", "=", True), ("company_id", "in", (self.company.id, False))], limit=1)
        self.make_quant(self.product, self.bin, 100)
        self.product.with_company(self.company).standard_price = 5
        self.move(self.product, self.bin, scrap, 4, scrapped=True)
        self.move(self.product, self.bin, scrap, 9, scrapped=True, when=datetime(2023, 1, 1))
        self.deliver(self.product, self.bin, 3)
        owner = self.env["res.partner"].create({"name": "Owner"})
        self.make_quant(self.product, self.bin, 10, owner_id=owner)
        self.move(self.product, self.bin, scrap, 2, scrapped=True, owner=owner)
        self.add_lines({"variance": -2, "cost": 5})
        figure = self.get_figures()["scrapped"]
        self.assertEqual((figure.number, figure.value), (2, 20))
        self.assertEqual(self.get_figures(warehouse_ids=self.make_warehouse("Annex", "ANX").ids)["scrapped"].number, 0)
        self.assertIsNone(self.get_figures(plan_ids=self.plan.ids)["scrapped"].value)
        said = self.as_user(self.finance, self.env["stock.cycle.count.answers"])._say_scrapped({"days": 90})
        self.assertRegex(said, r"20.* scrapped in 2 moves, beside .*10.* missing")

    def test_reasons_of_the_point_of_sale(self):
        """They are there, and are offered where there is a point of sale."""
        has_pos = bool(self.env["ir.module.module"].sudo().search_count(
            [("name", "=", "point_of_sale"), ("state", "=", "installed")]))
        for name in ("pos_offline", "pos_location", "pos_negative"):
            reason = self.env.ref(f"stock_cycle_count.stock_cycle_count_reason_{name}")
            self.assertEqual(reason.root_cause, name)
            if has_pos:
                self.assertTrue(reason.active)
