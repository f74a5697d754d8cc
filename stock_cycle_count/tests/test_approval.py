from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import format_date

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestApproval(GateCase):

    def _held(self, quantity=90, **kwargs):
        line = self._close_with((quantity, self.product), **kwargs).line_ids
        self.assertEqual(line.state, "to_approve")
        return line

    def test_supervisor_approves_and_finalizes(self):
        line = self._held()
        self._approve(line, self.supervisor)
        self.assertEqual(line.state, "approved")
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual((line.state, line.count_id.state), ("posted", "done"))
        self.assertEqual(self.on_hand(self.product, self.bin_a), 90)
        row = line.approval_ids
        self.assertEqual((row.level, row.user_id, row.variance_qty, row.self_approval), (1, self.supervisor, -10, False))

    def test_only_supervisors_decide(self):
        line = self._held()
        line.reason_id = self.reason
        for user in (self.counter, self.worker, self.manager, self.outsider):
            for action in ("action_approve", "action_reject", "action_send_to_recount"):
                with self.subTest(user=user.login, action=action):
                    self._assert_refused(getattr(line.with_user(user), action))

    def test_counter_never_decides_not_even_by_sudo_or_as_administrator(self):
        line = self._held(user=self.supervisor)
        line.reason_id = self.reason
        message = self._assert_refused(line.with_user(self.supervisor).action_approve)
        self.assertIn("you counted it", message)
        self._assert_refused(line.with_user(self.supervisor).sudo().action_approve)
        admin = self.env.ref("base.user_admin")
        admin.write({"company_ids": [Command.link(self.company.id)], "company_id": self.company.id})
        own = self._close_with((9, self.other_product), user=admin).line_ids
        own.reason_id = self.reason
        self._assert_refused(own.with_user(admin).action_approve)

    def test_counts_that_disagree_take_the_level_of_their_value(self):
        self.company.cycle_count_level2_value = 100
        for second, level in ((99, 1), (40, 2)):
            with self.subTest(second=second), self.cr.savepoint() as savepoint:
                sheet = self.make_sheet((self.product,), start=True, recount_rounds=1)
                line = sheet.line_ids
                self.count(line, 50)
                sheet.with_user(self.counter).action_close()
                sheet.with_user(self.supervisor)._send_to_recount(line, self.second)
                self.count(line, second, user=self.second)
                sheet.with_user(self.second).action_close()
                self.assertEqual((line.state, line.approval_level), ("to_approve", level))
                savepoint.rollback()

    def test_counter_of_an_earlier_round_does_not_decide(self):
        self.tolerance.recount = True
        sheet = self.make_sheet((self.product,), user=self.supervisor, start=True)
        self.count(sheet.line_ids, 90)
        sheet.with_user(self.supervisor).action_close()
        sheet.line_ids.user_id = self.second
        sheet.participant_ids |= self.second
        self.count(sheet.line_ids, 90, user=self.second)
        sheet.with_user(self.second).action_close()
        self.assertEqual(sheet.line_ids.state, "to_approve")
        sheet.line_ids.reason_id = self.reason
        self._assert_refused(sheet.line_ids.with_user(self.supervisor).action_approve)

    def test_company_may_waive_four_eyes_and_the_row_says_so(self):
        line = self._held(user=self.supervisor)
        self.company.cycle_count_self_approval = True
        self._approve(line, self.supervisor)
        self.assertTrue(line.approval_ids.self_approval)

    def test_second_level_from_a_value(self):
        self.company.cycle_count_level2_value = 50
        line = self._held()
        self.assertEqual((line.approval_level, line.pending_level), (2, 1))
        self._approve(line, self.supervisor)
        self.assertEqual((line.state, line.pending_level), ("to_approve", 2))
        self._assert_refused(line.with_user(self.second_supervisor).action_approve)
        line.with_user(self.controller).action_approve()
        self.assertEqual((line.state, line.approval_ids.mapped("level")), ("approved", [1, 2]))

    def test_one_person_does_not_decide_both_levels(self):
        self.company.cycle_count_level2_value = 50
        line = self._held()
        self._approve(line, self.controller)
        message = self._assert_refused(line.with_user(self.controller).action_approve)
        self.assertIn("somebody else", message)

    def test_rule_has_its_own_second_level(self):
        self.tolerance.write({"has_level2_value": True, "level2_value": 0})
        self.assertEqual(self._held(97).approval_level, 2)

    def test_approval_holds_for_its_numbers_only(self):
        line = self._held()
        self._approve(line, self.supervisor)
        line._write_judged({"unit_cost": 6})
        self.assertFalse(line._is_approved())
        line.count_id._finalize()
        self.assertEqual((line.state, self.on_hand(self.product, self.bin_a)), ("approved", 100))

    def test_recount_after_approval_voids_it(self):
        line = self._held()
        line.with_user(self.supervisor).action_send_to_recount("again")
        self.assertEqual((line.state, line.round, line.count_id.state), ("recount", 2, "in_progress"))
        self.assertEqual(line.approval_ids.decision, "recount")

    def test_reject_posts_nothing(self):
        line = self._held()
        line.with_user(self.supervisor).action_reject("count was wrong")
        self.assertEqual((line.state, line.count_id.state), ("rejected", "done"))
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)

    def test_decisions_are_evidence(self):
        line = self._held()
        self._approve(line, self.supervisor)
        for call in (lambda row: row.write({"level": 2}), lambda row: row.unlink()):
            with self.assertRaises(UserError):
                call(line.approval_ids.sudo())
        with self.assertRaises(UserError):
            line.with_user(self.supervisor).reason_id = False

    def test_reason_policies(self):
        line = self._held()
        self._assert_refused(line.with_user(self.supervisor).action_approve)
        self.company.cycle_count_reason_policy = "always"
        sheet = self._close_with((9, self.other_product), (1, self.other_product, self.bin_b))
        small = sheet.line_ids[1]
        self.assertEqual((small.verdict, small.state), ("within", "counted"))
        small.with_user(self.supervisor).reason_id = self.reason
        self.assertFalse(small._why_not_without_cause())

    def test_wrong_direction_is_refused(self):
        line = self._held()
        gain = self.env["stock.cycle.count.reason"].create({"code": "GAIN", "name": "Gain", "direction": "gain"})
        with self.assertRaises(ValidationError):
            line.with_user(self.supervisor).reason_id = gain

    def test_note_and_evidence(self):
        line = self._held()
        self.reason.write({"note_required": True, "evidence_required": True})
        line.reason_id = self.reason
        self._assert_refused(line.with_user(self.supervisor).action_approve)
        self._assert_refused(line.with_user(self.supervisor).action_approve, "a note alone")
        line.evidence_ids = self.env["ir.attachment"].create({"name": "photo.png", "raw": b"x"})
        line.with_user(self.supervisor).action_approve("seen on the photo")
        self.assertEqual(line.state, "approved")

    def test_evidence_from_a_value(self):
        self.company.write({"cycle_count_evidence": True, "cycle_count_evidence_value": 40})
        line = self._held()
        line.reason_id = self.reason
        self._assert_refused(line.with_user(self.supervisor).action_approve)
        line.with_user(self.supervisor).action_approve("looked twice")
        self.assertEqual(line.state, "approved")

    def test_strangers_do_not_explain_a_difference(self):
        line = self.make_sheet((self.product,), start=True).line_ids
        line.with_user(self.counter).write({"reason_id": self.reason.id, "note": "a box fell"})
        for vals in ({"reason_id": False}, {"note": "mine"}):
            self._assert_refused(line.with_user(self.worker).write, vals)
        self.assertEqual((line.reason_id, line.note), (self.reason, "a box fell"))
        line.with_user(self.supervisor).note = "a box fell, see the photo"

    def test_another_reason_voids_an_approval(self):
        self.company.cycle_count_level2_value = 50
        line = self._held()
        self._approve(line, self.supervisor)
        self.assertEqual(line.pending_level, 2)
        line.with_user(self.controller).reason_id = self.env["stock.cycle.count.reason"].create(
            {"code": "ANOTHER", "name": "Another"})
        line.invalidate_recordset()
        self.assertEqual((line.pending_level, len(line._get_valid_approvals())), (1, 0))

    def test_evidence_is_read_by_who_decides_and_kept(self):
        line = self.make_sheet((self.product,), start=True).line_ids
        line.reason_id = self.reason
        photo = self.env["ir.attachment"].with_user(self.counter).create({"name": "photo.png", "raw": b"x"})
        line.with_user(self.counter).evidence_ids = photo
        self.assertEqual(photo.with_user(self.supervisor).raw, b"x")
        photo.with_user(self.counter).raw = b"sharper"
        private = self.env["ir.attachment"].with_user(self.manager).create({"name": "private.txt", "raw": b"x"})
        self._assert_refused(line.with_user(self.counter).write, {"evidence_ids": [Command.link(private.id)]})
        self.env.invalidate_all()
        self.assertEqual(line.evidence_ids, photo)
        self._assert_refused(private.with_user(self.supervisor).read, ["name"])
        self.count(line, 90)
        line.count_id.with_user(self.counter).action_close()
        own, said = self.env["ir.attachment"].with_user(self.supervisor).create([
            {"name": "seen.png", "raw": b"x"},
            {"name": "said.png", "raw": b"x", "res_model": line._name, "res_id": line.id}])
        line.with_user(self.supervisor).evidence_ids += own + said
        self.assertEqual(line.evidence_ids, photo + own + said)
        line.with_user(self.supervisor).action_approve()
        line.count_id.with_user(self.supervisor).action_finalize()
        for user in (self.counter, self.supervisor, self.manager):
            self._assert_refused(photo.with_user(user).write, {"raw": b"y"})
            self._assert_refused(photo.with_user(user).unlink)

    def test_a_risen_cost_asks_the_second_level(self):
        """Approved as 50, it would be posted as 10,000."""
        self.company.cycle_count_level2_value = 100
        line = self._held()
        self._approve(line, self.supervisor)
        self.product.standard_price = 1000
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual((line.state, line.approval_level, line.pending_level), ("to_approve", 2, 1))
        self.assertIn("rose from $\xa05.00 to $\xa01,000.00", line.verdict_reason)
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)
        line.with_user(self.supervisor).action_approve()
        line.with_user(self.controller).action_approve()
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual((line.state, self.on_hand(self.product, self.bin_a)), ("posted", 90))

    def test_what_was_approved_and_cannot_be_posted_may_be_rejected(self):
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        self.deliver(self.serial_product, self.bin_a, 1, lot=self.serial)
        line = self._close_with((1, self.serial_product, self.bin_a, self.serial)).line_ids
        self.tolerance.write({"over_qty": 0})
        if line.state == "counted":
            line._judge_again()
        self._approve(line, self.supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertEqual(line.state, "approved")
        self.assertTrue(line.post_error)
        self._assert_refused(line.with_user(self.second_supervisor).action_approve)
        self._assert_refused(line.with_user(self.counter).action_reject)
        line.with_user(self.second_supervisor).action_reject("it was returned by another document")
        self.assertEqual((line.state, line.count_id.state), ("rejected", "done"))

    def test_ended_sheets_and_approved_dates_stay(self):
        line = self._held()
        sheet = line.count_id.with_user(self.supervisor)
        sheet.accounting_date = "2026-01-31"
        self._approve(line, self.supervisor)
        self._assert_refused(sheet.write, {"accounting_date": "2026-02-01"})
        sheet.action_finalize()
        for vals in ({"user_id": self.second.id}, {"scheduled_date": "2026-02-01"}, {"accounting_date": False}):
            self._assert_refused(sheet.write, vals)
        self._assert_refused(line.with_user(self.supervisor).write, {"user_id": self.second.id})

    def test_bulk_decision_is_all_or_nothing(self):
        first = self._held()
        second = self._close_with((9, self.other_product), user=self.supervisor).line_ids
        wizard = self.env["stock.cycle.count.decide"].with_user(self.supervisor).create({
            "line_ids": (first | second).ids, "reason_id": self.reason.id, "comment": "all"})
        self._assert_refused(wizard.action_approve)
        self.assertEqual(set((first | second).mapped("state")), {"to_approve"})
        wizard.line_ids = first
        wizard.action_approve()
        self.assertEqual(first.state, "approved")

    def test_approver_gets_an_activity_and_loses_it(self):
        line = self._held()
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        activity = line.count_id.activity_ids.filtered(lambda one: one.activity_type_id == kind)
        self.assertEqual(len(activity), 1)
        self.assertNotIn(activity.user_id, self.counter | self.second)
        other = self._close_with((9, self.other_product)).line_ids
        self._approve(line, self.supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        other.count_id.with_user(self.supervisor).action_cancel()
        self.assertFalse((line | other).count_id.activity_ids.filtered(lambda one: one.activity_type_id == kind))

    def test_nobody_takes_away_what_others_are_asked(self):
        """On an open sheet, which its counters and every stock user may read and comment."""
        sheet = self.make_sheet((self.product,), start=True, blind=False)
        sheet.with_user(self.second).sudo().action_join()
        self.count(sheet.line_ids, 90)
        sheet.with_user(self.counter).action_close()
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        activity = sheet.activity_ids.filtered(lambda one: one.activity_type_id == kind)
        self.assertEqual(activity.mapped("res_name"), [sheet.name])
        for user in (self.counter, self.second, self.worker, self.manager):
            for method, *args in (
                    ("unlink",), ("write", {"user_id": user.id}), ("write", {"date_deadline": "2099-01-01"}),
                    ("action_done",), ("action_feedback", "seen"), ("action_close_dialog",)):
                with self.subTest(user=user.login, method=method), self.cr.savepoint():
                    try:
                        with self.cr.savepoint():
                            self.call(user, activity, method, *args)
                    except AccessError:
                        pass
                    self._forget()
                    self.assertEqual(sheet.activity_ids & activity, activity)
                    self.assertNotEqual(activity.user_id, user)
        self.call(self.supervisor, activity, "action_feedback", "seen")
        self.assertFalse(activity.exists())
        sheet.with_user(self.second).message_post(body="It fell behind the shelf")

    def test_what_waits_too_long_goes_to_the_next_level(self):
        line = self._held()
        line._write_judged({"to_approve_date": fields.Datetime.now() - timedelta(days=14)})
        self.env["stock.cycle.count"]._cron_escalate()
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        activity = line.count_id.activity_ids.filtered(lambda one: one.activity_type_id == kind)
        self.assertTrue(line.escalated)
        self.assertTrue(any(user.has_group("stock_cycle_count.group_controller") for user in activity.user_id))
        self.assertGreaterEqual(line.waiting_days, 14)
        messages = len(line.count_id.message_ids)
        self.env["stock.cycle.count"]._cron_escalate()
        self.assertEqual(len(line.count_id.message_ids), messages)

    def test_hints_and_facts(self):
        line = self._held(95)
        self.deliver(self.product, self.bin_a, 5)
        line.invalidate_recordset()
        self.assertEqual((line.book_now_qty, line.moved_qty), (95, -5))
        today = format_date(self.env, fields.Date.context_today(self.env.user))
        self.assertRegex(line.hints, rf"^The same quantity as .+ on {today}\.$")
