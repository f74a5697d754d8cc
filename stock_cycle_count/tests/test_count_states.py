from itertools import product

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from ..models.constants import COUNTING_STATES
from ..models.count.stock_cycle_count import TRANSITIONS
from .common import CONTROLLER, CountCase

#: Who may do what in which state of a sheet that ``floor_counter`` has; everything else is refused.
ALLOWED = {
    "start": {"draft": ("counter",)},
    "join": {"draft": ("worker", "supervisor", "controller"), "in_progress": ("worker", "supervisor", "controller")},
    "take_over": {"draft": ("worker", "supervisor", "controller"), "in_progress": ("worker", "supervisor", "controller")},
    "close": {"in_progress": ("counter", "supervisor", "controller")},
    "reopen": {"review": ("supervisor", "controller")},
    "recount": {"in_progress": ("supervisor", "controller"), "review": ("supervisor", "controller")},
    "cancel": dict.fromkeys(("draft", "in_progress", "review"), ("supervisor", "controller")),
    "finalize": dict.fromkeys(("in_progress", "review"), ("supervisor", "controller")),
    "release": dict.fromkeys(("in_progress", "review"), ("supervisor", "controller")),
}
#: Users by role; these see the sheet, the others see nothing of it.
SEEING = ("counter", "worker", "supervisor", "controller")
BLIND = ("second", "outsider")


class StatesCase(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 10)
        cls.receive(cls.other_product, cls.bin_a, 4)

    def _sheet_in(self, state):
        """A sheet of the counter in a state, with a difference where there can be one."""
        keys = [(self.product,)] if state == "done" else [(self.product,), (self.other_product,)]
        sheet = self.make_sheet(*keys, lock_mode="block")
        if state == "draft":
            return sheet
        if state == "cancel":
            sheet.with_user(self.supervisor).action_cancel()
            return sheet
        sheet.with_user(self.counter).action_start()
        self.count(sheet.line_ids[0], 10 if state == "done" else 8)
        if state in ("review", "done"):
            sheet.with_user(self.counter)._close()
        self.assertEqual(sheet.state, state)
        return sheet

    def _end(self, sheet):
        """Free the keys of a sheet for the next one."""
        if sheet.state not in ("done", "cancel"):
            sheet.with_user(self.supervisor).action_cancel()


class TestActions(StatesCase):

    def test_every_action_in_every_state_for_every_role(self):
        """``can_x`` is what the action does: allowed together, refused together."""
        for state in TRANSITIONS:
            sheet = self._sheet_in(state)
            for action, role in product(ALLOWED, SEEING):
                with self.subTest(state=state, action=action, role=role):
                    own = sheet.with_user(getattr(self, role))
                    own.invalidate_recordset()
                    expected = role in ALLOWED[action].get(state, ())
                    if role == "counter" and state not in COUNTING_STATES:
                        # What is blind is closed to its counter.
                        with self.assertRaises(AccessError):
                            getattr(own, f"action_{action}")()
                        continue
                    self.assertEqual(own[f"can_{action}"], expected)
                    savepoint = self.cr.savepoint()
                    if expected:
                        getattr(own, f"action_{action}")()
                    else:
                        with self.assertRaises(UserError):
                            getattr(own, f"action_{action}")()
                    self.env.flush_all()
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()
            self._end(sheet)

    def test_who_does_not_see_a_sheet_does_nothing_with_it(self):
        for state in TRANSITIONS:
            sheet = self._sheet_in(state)
            for action, role in product(ALLOWED, BLIND):
                own = sheet.with_user(getattr(self, role))
                with self.subTest(state=state, action=action, role=role):
                    self.env.invalidate_all()
                    self.assertFalse(role == "second" and own.search([("id", "=", sheet.id)]))
                    with self.assertRaises(AccessError):
                        getattr(own, f"action_{action}")()
            self._end(sheet)

    def test_transition_table(self):
        """The one way from state to state refuses what the table does not have."""
        labels = dict(self.env["stock.cycle.count"]._fields["state"].selection)
        for before, after in product(TRANSITIONS, repeat=2):
            with self.subTest(before=before, after=after):
                sheet = self.env["stock.cycle.count"].create({"state": before})
                if after in TRANSITIONS[before]:
                    sheet._transition(after)
                    self.assertEqual(sheet.state, after)
                else:
                    with self.assertRaises(UserError) as caught:
                        sheet._transition(after)
                    for part in (sheet.name, labels[before], labels[after]):
                        self.assertIn(part, str(caught.exception))
                    self.assertEqual(sheet.state, before)

    def test_starting_assigns_the_counter(self):
        sheet = self.make_sheet((self.product,), user=self.env["res.users"])
        self.assertTrue(sheet.with_user(self.second).can_start, "nobody's sheets are for every counter")
        sheet.with_user(self.second).action_start()
        self.assertEqual((sheet.user_id, sheet.line_ids.user_id), (self.second, self.second))
        self.assertTrue(sheet.start_date)
        self.assertEqual(sheet.activity_ids.user_id, self.second)

    def test_sheet_without_lines_does_not_start(self):
        sheet = self.make_sheet()
        with self.assertRaisesRegex(UserError, "no lines"):
            sheet.with_user(self.counter).action_start()

    def test_second_start_is_refused(self):
        sheet = self.make_sheet((self.product,), user=self.env["res.users"], start=False)
        sheet.with_user(self.counter).action_start()
        with self.assertRaisesRegex(UserError, "started already"):
            sheet.with_user(self.worker).action_start()

    def test_joining_is_visible(self):
        sheet = self._sheet_in("in_progress")
        sheet.with_user(self.worker).action_join()
        message = sheet.message_ids[0]
        self.assertIn(self.worker.name, message.body)
        self.assertEqual(message.author_id, self.worker.partner_id)
        self.assertEqual((sheet.user_id, sheet.participant_ids), (self.counter, self.worker))
        self.count(sheet.line_ids[1], 4, self.worker)
        self.count(sheet.line_ids[1], 4, self.counter)

    def test_taking_over_is_visible(self):
        sheet = self._sheet_in("in_progress")
        sheet.with_user(self.worker).action_take_over()
        message = sheet.message_ids[0]
        for name in (self.worker.name, self.counter.name):
            self.assertIn(name, message.body)
        self.assertEqual(message.author_id, self.worker.partner_id)
        self.assertEqual((sheet.user_id, sheet.line_ids[1].user_id), (self.worker, self.worker))
        self.assertEqual(sheet.activity_ids.user_id, self.worker)
        with self.assertRaises(UserError):
            self.count(sheet.line_ids[1], 4, self.counter)
        self.env.invalidate_all()
        self.assertFalse(sheet.with_user(self.counter).search([("id", "=", sheet.id)]))

    def test_reopened_sheet_comes_back_to_its_counter(self):
        sheet = self._sheet_in("review")
        self.assertNotIn(self.counter, sheet.activity_ids.user_id)
        sheet.with_user(self.supervisor).action_reopen()
        self.assertEqual(sheet.state, "in_progress")
        self.assertIn(self.counter, sheet.activity_ids.user_id)

    def test_cancelling_ends_activities_and_releases_keys(self):
        sheet = self._sheet_in("in_progress")
        with self.assertRaises(UserError):
            self.env["stock.cycle.count"].with_user(self.supervisor).create(
                {"line_ids": [Command.create(self.key_values(self.product))]})
        sheet.with_user(self.supervisor).action_cancel()
        self.assertEqual(set(sheet.line_ids.mapped("state")), {"cancel"})
        self.assertFalse(sheet.activity_ids)
        self.assertTrue(self.make_sheet((self.product,), (self.other_product,)))
        with self.assertRaises(UserError):
            self.count(sheet.line_ids[1], 4)

    def test_progress(self):
        sheet = self._sheet_in("in_progress")
        numbers = [sheet.line_count, sheet.counted_count, sheet.recount_count, sheet.progress]
        self.assertEqual(numbers, [2, 1, 0, 50])
        sheet.with_user(self.supervisor)._send_to_recount(sheet.line_ids[0])
        self.assertEqual((sheet.counted_count, sheet.recount_count, sheet.progress), (0, 1, 0))
        sheet.line_ids[1]._transition("cancel")
        self.assertEqual(sheet.line_count, 1)

    def test_own_sheets(self):
        sheet = self.make_sheet((self.product,))
        count = self.env["stock.cycle.count"]
        self.assertTrue(sheet.with_user(self.counter).is_mine)
        self.assertFalse(sheet.with_user(self.worker).is_mine)
        self.assertIn(sheet, count.with_user(self.counter).search([("is_mine", "=", True)]))
        self.assertNotIn(sheet, count.with_user(self.worker).search([("is_mine", "=", True)]))
        self.assertIn(sheet, count.with_user(self.worker).search([("is_mine", "=", False)]))
        sheet.with_user(self.worker).action_join()
        self.assertIn(sheet, count.with_user(self.worker).search([("is_mine", "!=", False)]))


class TestEvidence(StatesCase):
    """Nobody writes states and results, whatever rights on the models say."""

    WRITERS = ("counter", "worker", "supervisor", "controller", "manager")

    def setUp(self):
        super().setUp()
        self.sheet = self._sheet_in("in_progress")
        self.line = self.sheet.line_ids[0]
        self.chief = self.make_user(
            "floor_chief", f"{CONTROLLER},stock.group_stock_manager,base.group_system")

    def _forge(self, field):
        """A value of the field's kind that is not the present one."""
        if field.type in ("one2many", "many2many"):
            return [Command.clear()]
        if field.type == "selection":
            return field.get_values(self.env)[-1]
        return {"many2one": self.env[field.comodel_name].search([], limit=1).id if field.comodel_name else False,
                "boolean": True, "date": "2020-01-01", "datetime": "2020-01-01 00:00:00", "integer": 7, "float": 7.0,
                "monetary": 7.0}.get(field.type, "forged")

    def _writers(self):
        return [getattr(self, role) for role in self.WRITERS] + [self.chief]

    def _assertForgeryRefused(self, record, names):
        for user in self._writers():
            for name in names:
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError), self.cr.savepoint():
                    record.with_user(user).write({name: self._forge(record._fields[name])})

    def test_sheet(self):
        names = {"name", "state", "start_date", "close_date", "plan_id", "origin", "company_id", "participant_ids",
                 "line_count", "locked_location_ids", "create_date"}
        self.assertLessEqual(names, self.sheet._get_protected_fields())
        self._assertForgeryRefused(self.sheet, names)
        self.assertEqual(self.sheet.state, "in_progress")

    def test_policies_of_started_sheets(self):
        for name, value in {
            "blind": False, "uncounted_policy": "zero", "recount_rounds": 9, "lock_mode": "none",
            "warehouse_id": False, "line_ids": [Command.create(self.key_values(self.lot_product))],
        }.items():
            for user in self._writers():
                with self.subTest(user=user.login, field=name), self.assertRaises(UserError), self.cr.savepoint():
                    self.sheet.with_user(user).write({name: value})

    def test_line(self):
        allowed = self.line._get_counter_fields() | self.line._get_planner_fields()
        names = [name for name, field in self.line._fields.items()
                 if name not in allowed and (field.store or field.inverse) and name != "id"]
        self.assertLessEqual(
            {"state", "round", "counted_qty", "expected_qty", "variance_qty", "result_entry_id", "count_id", "entry_ids",
             "verdict", "approval_level", "selection_reason", "adjustment_qty", "unit_cost"}, set(names))
        self._assertForgeryRefused(self.line, names)

    def test_line_through_the_sheet(self):
        for user in self._writers():
            for values in ({"state": "posted"}, {"counted_qty": 10}, {"entry_ids": [Command.clear()]}, {"round": 5},
                           {"result_entry_id": False}, {"product_id": self.lot_product.id}):
                with self.subTest(user=user.login, values=values), self.assertRaises(UserError), self.cr.savepoint():
                    self.sheet.with_user(user).write({"line_ids": [Command.update(self.line.id, values)]})
            foreign = self.make_sheet((self.lot_product,))
            for command in (
                Command.delete(self.line.id), Command.unlink(self.line.id), Command.clear(), Command.set([]),
                Command.link(foreign.line_ids.id), Command.create(self.key_values(self.serial_product)),
            ):
                with self.subTest(user=user.login, command=command), self.assertRaises(UserError), self.cr.savepoint():
                    self.sheet.with_user(user).write({"line_ids": [command]})
            foreign.with_user(self.supervisor).action_cancel()
        self.assertEqual(len(self.sheet.line_ids), 2)

    def test_create(self):
        lines = self.env["stock.cycle.count.line"]
        draft = self.make_sheet((self.lot_product,))
        for user in self._writers():
            for values in ({"state": "done"}, {"start_date": fields.Datetime.now()}, {"plan_id": False},
                           {"participant_ids": [Command.link(user.id)]}, {"origin": "plan"}, {"name": "CC/1"}):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError), self.cr.savepoint():
                    self.env["stock.cycle.count"].with_user(user).create(values)
            for values in ({"state": "approved"}, {"counted_qty": 3}, {"round": 2}, {"selection_reason": "class"}):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError), self.cr.savepoint():
                    lines.with_user(user).create(
                        {"count_id": draft.id, **self.key_values(self.serial_product), **values})
            for model in ("stock.cycle.count.entry", "stock.cycle.count.approval"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError), self.cr.savepoint():
                    self.env[model].with_user(user).create({"line_id": self.line.id})

    def test_defaults_of_the_request_fill_nothing(self):
        """A context is the client's; its defaults pass through sudo() as well."""
        context = {
            "default_state": "done", "default_start_date": "2020-01-01 00:00:00", "default_origin": "plan",
            "default_participant_ids": [self.supervisor.id], "default_counted_qty": 9, "default_round": 3,
            "default_result_entry_id": self.line.entry_ids.id, "default_name": "CC/FORGED",
        }
        sheet = self.env["stock.cycle.count"].with_user(self.supervisor).with_context(**context).create(
            {"line_ids": [Command.create(self.key_values(self.lot_product))]})
        self.assertEqual((sheet.state, sheet.start_date, sheet.origin), ("draft", False, "manual"))
        self.assertFalse(sheet.participant_ids)
        self.assertNotEqual(sheet.name, "CC/FORGED")
        self.assertEqual((sheet.line_ids.state, sheet.line_ids.round, sheet.line_ids.counted_qty), ("pending", 1, 0))
        forged = {"default_kind": "undo", "default_undone_id": self.line.entry_ids.id, "default_state": "posted",
                  "default_expected_qty": 3, "default_round": 7, "default_entered_text": "x"}
        found = self.sheet.with_user(self.counter).with_context(**forged)._add_found(self.bin_b, self.product).sudo()
        self.assertEqual((found.state, found.round, found.expected_qty), ("pending", 1, 0))
        entry = self.env["stock.cycle.count.entry"].with_user(self.counter).with_context(**forged)._record(
            [{"line": found.with_user(self.counter), "quantity": 2}], "web").sudo()
        self.assertEqual((entry.kind, entry.undone_id.id, entry.round, entry.entered_text), ("set", False, 1, False))

    def test_defaults_of_a_user_fill_nothing(self):
        for model, name, value in (
            ("stock.cycle.count", "state", "done"), ("stock.cycle.count.line", "state", "posted"),
            ("stock.cycle.count.entry", "round", 4),
        ):
            self.env["ir.default"].with_user(self.supervisor).set(model, name, value, user_id=True)
        sheet = self.env["stock.cycle.count"].with_user(self.supervisor).create(
            {"user_id": self.supervisor.id, "line_ids": [Command.create(self.key_values(self.lot_product))]})
        self.assertEqual((sheet.state, sheet.line_ids.state), ("draft", "pending"))
        sheet.action_start()
        self.assertEqual(self.count(sheet.line_ids, 2, self.supervisor).round, 1)

    def test_copy(self):
        """A copy is a new sheet to fill: no result of the old one goes with it."""
        self.sheet.participant_ids = self.second
        copy = self.sheet.with_user(self.supervisor).copy()
        self.assertEqual((copy.state, copy.start_date, copy.origin, copy.plan_id.id), ("draft", False, "manual", False))
        self.assertFalse(copy.line_ids)
        self.assertFalse(copy.participant_ids)
        self.assertNotEqual(copy.name, self.sheet.name)
        with self.assertRaises(UserError):
            self.line.with_user(self.supervisor).copy()

    def test_counted_sheets_are_not_deleted(self):
        review = self.sheet
        for user in (self.supervisor, self.chief, self.env.user):
            for state in ("in_progress", "cancel"):
                if state == "cancel" and review.state != "cancel":
                    review.with_user(self.supervisor).action_cancel()
                with self.subTest(user=user.login, state=state), self.assertRaisesRegex(UserError, review.name):
                    review.with_user(user).unlink()
                with self.subTest(user=user.login, state=state), self.assertRaises(UserError):
                    review.line_ids[1].with_user(user).unlink()

    def test_what_nobody_counted_is_deleted(self):
        sheet = self.make_sheet((self.lot_product,))
        lines = sheet.line_ids
        sheet.with_user(self.supervisor).line_ids = [Command.delete(lines.id)]
        self.assertFalse(lines.exists())
        sheet.with_user(self.supervisor).unlink()
        self.assertFalse(sheet.exists())
        started = self.make_sheet((self.lot_product,), start=True)
        with self.assertRaises(UserError):
            started.with_user(self.supervisor).unlink()
        started.with_user(self.supervisor).action_cancel()
        started.with_user(self.supervisor).unlink()
        self.assertFalse(started.exists())


class TestCompanies(StatesCase):
    """Companies are walls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env["res.company"].create({"name": "Floor B"})
        cls.foreigner = cls.make_user(
            "floor_foreigner", f"{CONTROLLER},stock.group_stock_manager",
            company_id=cls.company_b.id, company_ids=[Command.set(cls.company_b.ids)])

    def test_sheets_of_another_company(self):
        sheet = self._sheet_in("in_progress")
        for record in (sheet, sheet.line_ids, sheet.line_ids.entry_ids):
            self.assertFalse(record.with_user(self.foreigner).search([("id", "in", record.ids)]))
        with self.assertRaises(AccessError):
            sheet.with_user(self.foreigner).action_take_over()
        with self.assertRaises(AccessError):
            sheet.line_ids.with_user(self.foreigner).write({"count_input": "3"})

    def test_counters_of_another_company_are_not_given_sheets(self):
        sheet = self.make_sheet((self.product,))
        with self.assertRaisesRegex(UserError, "compan"):
            sheet.with_user(self.supervisor).user_id = self.foreigner
        with self.assertRaisesRegex(UserError, "compan"):
            sheet.line_ids.with_user(self.supervisor).user_id = self.foreigner

    def test_stock_of_another_company_is_not_put_on_sheets(self):
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company_b.id)], limit=1)
        sheet = self.make_sheet((self.product,))
        for values in ({"location_id": warehouse.lot_stock_id.id}, {"product_id": self.env["product.product"].create(
                {"name": "Theirs", "type": "product", "company_id": self.company_b.id}).id}):
            with self.subTest(values=values), self.assertRaises(UserError), self.cr.savepoint():
                sheet.line_ids.with_user(self.supervisor).write(values)

    def test_whoever_works_in_both_counts_in_the_sheets_company(self):
        both = self.make_user(
            "floor_both", "stock_cycle_count.group_counter", company_id=self.company_b.id,
            company_ids=[Command.set((self.company | self.company_b).ids)])
        sheet = self.make_sheet((self.product,), user=both)
        allowed = sheet.with_user(both).with_context(allowed_company_ids=(self.company_b | self.company).ids)
        allowed.action_start()
        self.count(allowed.line_ids, 9, both)
        self.assertEqual((sheet.line_ids.expected_qty, sheet.line_ids.variance_value), (10, -5))
        self.assertEqual(sheet.line_ids.entry_ids.company_id, self.company)
