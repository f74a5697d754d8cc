from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import CountCase


class TestRecount(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 10)
        cls.receive(cls.other_product, cls.bin_b, 4)

    def _counted(self, quantity=8, **values):
        """A closed sheet whose one line was counted wrong, so that it waits for approval."""
        sheet = self.make_sheet((self.product,), start=True, **values)
        self.count(sheet.line_ids, quantity)
        sheet.with_user(self.counter).action_close()
        self.assertEqual(sheet.line_ids.state, "to_approve")
        return sheet, sheet.line_ids

    def _recount(self, sheet, user=None):
        """Ask for a recount of what the wizard proposes."""
        wizard = self.env["stock.cycle.count.recount"].with_user(self.supervisor).create(
            {"count_id": sheet.id, "user_id": user and user.id})
        wizard.action_recount()
        return wizard

    def _close(self, sheet, user=None):
        action = sheet.with_user(user or self.supervisor).action_close()
        if action is not True and action["target"] == "new":
            wizard = self.env[action["res_model"]].with_user(user or self.supervisor).with_context(
                action["context"]).create({})
            wizard.action_close()

    def test_wizard_proposes_what_differs(self):
        sheet = self.make_sheet((self.product,), (self.other_product, self.bin_b), start=True)
        different, same = sheet.line_ids
        self.count(different, 8)
        self.count(same, 4)
        self.assertEqual(self._recount(sheet, self.second).line_ids, different)
        self.assertEqual((different.state, different.round, different.user_id), ("recount", 2, self.second))
        self.assertEqual(same.state, "counted")

    def test_wizard_shows_the_results_before_it_is_saved(self):
        sheet = self.make_sheet((self.product,), start=True)
        self.count(sheet.line_ids, 8)
        line = self.env["stock.cycle.count.recount"].with_user(self.supervisor).new({"count_id": sheet.id}).line_ids
        self.assertEqual((line.counted_qty, line.variance_qty, line.counted_by_id), (8, -2, self.counter))

    def test_lines_of_other_sheets_are_refused(self):
        sheet, _line = self._counted()
        other = self.make_sheet((self.other_product, self.bin_b), start=True)
        self.count(other.line_ids, 3)
        wizard = self.env["stock.cycle.count.recount"].with_user(self.supervisor).create(
            {"count_id": sheet.id, "line_ids": [Command.set(other.line_ids.ids)]})
        with self.assertRaises(UserError):
            wizard.action_recount()
        with self.assertRaises(UserError):
            self.env["stock.cycle.count.recount"].with_user(self.supervisor).create(
                {"count_id": sheet.id, "line_ids": [Command.clear()]}).action_recount()

    def test_somebody_else_by_default(self):
        """The next counter of the plan who did not count it; that one sees the sheet, gets an activity, and it says so."""
        plan = self.make_plan(counter_ids=(self.counter | self.second).ids)
        sheet, line = self._counted()
        sheet.plan_id = plan
        self._recount(sheet)
        self.assertEqual(sheet.state, "in_progress")
        self.assertEqual(line.user_id, self.second)
        self.assertIn(self.second, sheet.participant_ids)
        self.assertEqual(sheet.with_user(self.second).line_ids, line, "the recounter sees the line")
        self.assertIn(self.second, sheet.activity_ids.user_id)
        self.assertIn(self.second.name, sheet.message_ids[0].body)
        self.assertEqual(line.with_user(self.second).count_input, False, "the first count is not shown")

    def test_whoever_saw_the_count_comes_last(self):
        """Those who count one sheet see each other's counts, so that somebody else recounts where there is somebody."""
        third = self.make_user("floor_third", "stock_cycle_count.group_counter")
        plan = self.make_plan(counter_ids=(self.counter | self.second | third).ids)
        for counters, expected in ((self.counter | self.second | third, third), (self.counter | self.second, self.second)):
            with self.subTest(counters=counters.mapped("login")), self.cr.savepoint() as savepoint:
                plan.counter_ids = counters
                sheet = self.make_sheet((self.product,), start=True)
                sheet.with_user(self.second).sudo().action_join()
                self.count(sheet.line_ids, 8)
                sheet.with_user(self.counter).action_close()
                sheet.plan_id = plan
                self._recount(sheet)
                self.assertEqual(sheet.line_ids.user_id, expected)
                savepoint.rollback()

    def test_recounter_cannot_read_the_first_count(self):
        sheet, line = self._counted()
        self._recount(sheet, self.second)
        lines = self.env(user=self.second)["stock.cycle.count.line"]
        self.assertEqual(lines.search([("count_id", "=", sheet.id)]), line.with_user(self.second))
        for attempt in (
            lambda: lines.browse(line.id).read(["counted_qty"]),
            lambda: lines.search([("counted_qty", ">", 5)]),
            lambda: lines.read_group([], ["counted_qty"], ["product_id"]),
            lambda: lines.browse(line.id).result_entry_id.read(["quantity"]),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertFalse(lines.env["stock.cycle.count.entry"].search([]))
        self.count(line, 10, self.second)
        self.assertEqual(line.with_user(self.second).count_input, "10", "what was counted oneself is shown")

    def test_counters_take_turns(self):
        sheet = self.make_sheet((self.product,), (self.other_product, self.bin_b), start=True)
        for line in sheet.line_ids:
            self.count(line, 1)
        sheet.plan_id = self.make_plan(counter_ids=(self.counter | self.second | self.worker).ids)
        self._recount(sheet)
        self.assertEqual(sheet.line_ids.user_id, self.second | self.worker)

    def test_recount_that_nobody_can_make_is_the_supervisors_task(self):
        sheet, line = self._counted()
        self._recount(sheet)
        self.assertFalse(line.user_id)
        activity = sheet.activity_ids.filtered(lambda one: one.user_id == self.supervisor)
        self.assertIn("Choose who recounts. Lines: 1", activity.mapped("summary"))

    def test_first_counter_does_not_take_the_recount_back(self):
        sheet, line = self._counted()
        self._recount(sheet, self.second)
        with self.assertRaises(AccessError):
            sheet.with_user(self.counter).action_close()
        action = sheet.with_user(self.second).action_close()
        wizard = self.env[action["res_model"]].with_user(self.second).with_context(action["context"]).create({})
        self.assertIn("Recounts not made: 1", wizard.message)
        self.assertNotIn("not counted", wizard.message)

    def test_recount_that_was_asked_for_while_counting_keeps_the_sheet_open(self):
        sheet = self.make_sheet((self.product,), start=True)
        self.count(sheet.line_ids, 8)
        self._recount(sheet, self.second)
        with self.assertRaisesRegex(UserError, "recounted by somebody else"):
            sheet.with_user(self.counter).action_close()
        self.assertFalse(sheet.with_user(self.counter).can_close)

    def test_judged_lines_are_counted_again_only_when_asked(self):
        """What agrees is settled when its sheet is closed: nobody changes it while others recount, nor on a reopened sheet."""
        sheet = self.make_sheet((self.product,), (self.other_product, self.bin_b), start=True, blind=False)
        match, different = sheet.line_ids
        self.count(match, 10)
        self.count(different, 3)
        sheet.with_user(self.counter).action_close()
        self._recount(sheet, self.second)
        with self.assertRaisesRegex(UserError, "decided"):
            self.type_count(match, "9", self.counter)
        self.count(different, 3, self.second)
        self._close(sheet, self.second)
        sheet.with_user(self.supervisor).action_reopen()
        with self.assertRaisesRegex(UserError, "decided"):
            self.type_count(match, "9", self.counter)
        self.assertEqual((match.state, match.counted_qty, match.verdict), ("posted", 10, "match"))

    def test_late_count_of_a_closed_sheet_says_so(self):
        sheet, line = self._counted()
        with self.assertRaisesRegex(UserError, "has been closed"):
            self.count(line, 9)

    def test_previous_counter_is_refused(self):
        sheet, line = self._counted()
        self._recount(sheet)
        self.assertFalse(line.user_id, "nobody else is known")
        for attempt in (
            lambda: self.count(line, 10, self.counter), lambda: self.type_count(line, "10", self.counter),
            lambda: line.with_user(self.counter).write({"skip_reason": "no"}),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertFalse(line.entry_ids.filtered(lambda entry: entry.round == 2))
        sheet.with_user(self.worker).action_join()
        self.count(line, 10, self.worker)
        self.assertEqual((line.state, line.counted_qty), ("counted", 10))

    def test_two_rounds_are_of_two_people(self):
        """Whoever counted neither gets the recount nor takes it, under a second login neither, unless the company waives
        that.
        """
        sheet, line = self._counted()
        double = self.make_user("floor_double", "stock_cycle_count.group_supervisor", email=self.counter.email)
        for user in (self.counter, double):
            with self.assertRaisesRegex(UserError, user.name):
                self._recount(sheet, user)
        self._recount(sheet)
        line.with_user(self.supervisor).user_id = double
        sheet.with_user(double).action_join()
        with self.assertRaisesRegex(UserError, "counted it before"):
            self.count(line, 10, double)
        self.assertFalse(line.entry_ids.filtered(lambda entry: entry.round == 2))
        self.company.cycle_count_self_approval = True
        self.count(line, 10, double)
        self.assertEqual(line.counted_by_id, double)

    def test_two_agreeing_counts_settle_even_when_stock_moved(self):
        """-2 of 10, then -2 of 15: the same difference, so no third count is asked for."""
        sheet, line = self._counted()
        self._recount(sheet, self.second)
        self.receive(self.product, self.bin_a, 5)
        self.count(line, 13, self.second)
        self.assertTrue(line._is_settled())
        self._close(sheet, self.second)
        self.assertEqual((line.state, line.round, line.variance_qty), ("to_approve", 2, -2))

    def test_the_same_number_is_no_agreement_when_stock_moved(self):
        sheet, line = self._counted()
        self._recount(sheet, self.second)
        self.receive(self.product, self.bin_a, 5)
        self.count(line, 8, self.second)
        self.assertFalse(line._is_settled())

    def test_disagreement_goes_on_to_the_maximum(self):
        """Counts that do not agree go to another round, and after the last one to approval."""
        sheet, line = self._counted(recount_rounds=2)
        self._recount(sheet, self.second)
        self.count(line, 7, self.second)
        self._close(sheet, self.second)
        self.assertEqual((line.state, line.round, sheet.state), ("recount", 3, "in_progress"))
        sheet.with_user(self.worker).action_join()
        self.count(line, 6, self.worker)
        self._close(sheet, self.worker)
        self.assertEqual((line.state, line.round, sheet.state), ("to_approve", 3, "review"))
        self.assertEqual(self.env["stock.cycle.count.recount"].create({"count_id": sheet.id}).line_ids, line.browse())
        with self.assertRaisesRegex(UserError, "2 times"):
            sheet._send_to_recount(line, self.worker)
        self.assertEqual(line.entry_ids.mapped("round"), [1, 2, 3], "every attempt stays")

    def test_agreement_with_an_earlier_round_settles(self):
        sheet, line = self._counted(recount_rounds=3)
        for user, quantity in ((self.second, 7), (self.worker, 8)):
            if line.state == "to_approve":
                self._recount(sheet, user)
            else:
                sheet.with_user(user).action_join()
            self.count(line, quantity, user)
            self._close(sheet, user)
        self.assertEqual((line.state, line.round, line.variance_qty), ("to_approve", 3, -2))

    def test_recount_that_finds_the_books_right_still_disagrees(self):
        """One count says -2 and one says 0: two agreeing counts are wanted, whatever the last one says."""
        sheet, line = self._counted(recount_rounds=1)
        self._recount(sheet, self.second)
        self.count(line, 10, self.second)
        self._close(sheet, self.second)
        self.assertEqual((line.state, line.counted_qty), ("to_approve", 10))

    def test_no_recounts_allowed(self):
        sheet, line = self._counted(recount_rounds=0)
        with self.assertRaises(UserError):
            sheet._send_to_recount(line, self.second)

    def test_the_record_is_judged_by_the_last_round_and_counting_by_the_first(self):
        sheet, line = self._counted()
        self._recount(sheet, self.second)
        self.count(line, 10, self.second)
        self.assertEqual((line.first_variance_qty, line.variance_qty), (-2, 0))
        self.assertEqual((line.is_first_hit, line.is_hit, line.is_exact), (False, True, True))

    def test_withdrawn_when_closed_uncounted(self):
        """Closing without the recount keeps what the round before found, and does not ask for it again."""
        sheet, line = self._counted(recount_rounds=2)
        self._recount(sheet, self.second)
        self._close(sheet)
        self.assertEqual((sheet.state, line.state, line.round, line.counted_qty), ("review", "to_approve", 1, 8))

    def test_unsettled_recount_is_withdrawn_too(self):
        """Rounds 1 and 2 disagree, round 3 is not made: closing ends, and somebody decides."""
        sheet, line = self._counted(recount_rounds=3)
        self._recount(sheet, self.second)
        self.count(line, 7, self.second)
        self._close(sheet)
        self.assertEqual((line.state, line.round), ("recount", 3))
        self._close(sheet)
        self.assertEqual((sheet.state, line.state, line.round, line.counted_qty), ("review", "to_approve", 2, 7))
        self._recount(sheet, self.worker)
        self.count(line, 7, self.worker)
        self._close(sheet)
        self.assertEqual((line.state, line.round, line.recount_withdrawn), ("to_approve", 3, False))

    def test_undone_recount_is_no_count(self):
        sheet, line = self._counted()
        self._recount(sheet, self.second)
        entry = self.count(line, 3, self.second)
        self.count(line, 0, self.second, kind="undo", undone=entry)
        self.assertEqual((line.state, line.counted_qty, line.variance_qty), ("recount", 8, -2))
        self._close(sheet)
        self.assertEqual((line.round, line.counted_qty), (1, 8))

    def test_cause_of_a_skipped_recount_does_not_stay(self):
        sheet, line = self._counted()
        self._recount(sheet, self.second)
        line.with_user(self.second).skip_reason = "blocked by a pallet"
        sheet.with_user(self.second).action_close()
        self.assertEqual(sheet.state, "review", "a skipped line is not asked about")
        self.assertEqual((line.round, line.state), (1, "to_approve"))
        self._recount(sheet, self.second)
        self.assertFalse(line.skip_reason)
        self.assertEqual(sheet.with_user(self.second).action_close()["target"], "new", "now it is")

    def test_zero_policy_leaves_recounts_alone(self):
        sheet, line = self._counted(uncounted_policy="zero")
        self._recount(sheet, self.second)
        self._close(sheet)
        self.assertEqual((line.state, line.counted_qty), ("to_approve", 8))

    def test_decision_to_recount(self):
        sheet, line = self._counted()
        line.with_user(self.supervisor).action_send_to_recount()
        self.assertEqual((line.state, line.round, sheet.state), ("recount", 2, "in_progress"))
        self.assertEqual(line.approval_ids.decision, "recount")
