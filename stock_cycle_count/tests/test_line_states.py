from itertools import product as combinations

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.constants import KEY_FIELDS, LINE_TRANSITIONS
from ..models.count.stock_cycle_count_line_state import TECHNICAL_FIELDS, WriteTicket
from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestLineStates(GateCase):
    """Which state of a line may follow which, and that nobody but this addon's own code moves it there."""

    def _held(self, quantity=90):
        line = self._close_with((quantity, self.product)).line_ids
        self._forget()
        self.assertEqual(line.state, "to_approve")
        return line

    def test_table_of_steps(self):
        line = self._held()
        labels = dict(line._fields["state"].selection)
        self.assertEqual(set(LINE_TRANSITIONS), set(labels))
        for before, after in combinations(labels, labels):
            with self.subTest(before=before, after=after):
                line._write_judged({"state": before})
                if after in LINE_TRANSITIONS[before]:
                    line._transition(after)
                    expected = after
                else:
                    with self.assertRaises(UserError) as caught:
                        line._transition(after)
                    self.assertIn(labels[before], str(caught.exception))
                    expected = before
                self._forget()
                self.assertEqual(line.state, expected)

    def test_one_illegal_step_moves_none(self):
        sheet = self.make_sheet((self.product,), (self.other_product,), start=True)
        first, second = sheet.line_ids
        self.count(second, 0)
        with self.assertRaises(UserError):
            (second | first)._transition("posted")
        self._forget()
        self.assertEqual((first.state, second.state), ("pending", "counted"))

    def test_rejected_line_has_ended(self):
        sheet = self._close_with((90, self.product), (9, self.other_product))
        line, other = sheet.line_ids
        line.with_user(self.supervisor).action_reject("no")
        self._forget()
        self.assertEqual((line.state, other.state, sheet.state), ("rejected", "to_approve", "review"))
        wizard = self.env["stock.cycle.count.recount"].with_user(self.supervisor).create(
            {"count_id": sheet.id, "line_ids": [Command.set(line.ids)], "user_id": self.second.id})
        for call in (wizard.action_recount, line.with_user(self.supervisor).action_send_to_recount):
            with self.assertRaises(UserError):
                call()
        self._forget()
        self.assertEqual((line.state, line.round, sheet.state), ("rejected", 1, "review"))
        # Its stock key is free: the next sheet counts it.
        self.assertTrue(self.make_sheet((self.product,)))

    def test_no_right_is_enough_to_write_what_was_judged(self):
        line = self._held()
        names = line._get_judged_fields()
        self.assertLessEqual({
            "state", "round", "verdict", "approval_level", "passed_value", "expected_qty", "counted_qty", "variance_qty",
            "variance_value", "adjustment_qty", "transfer_qty", "unit_cost", "tolerance_limits", "to_approve_date",
            "post_date", "post_user_id", "result_entry_id", "is_hit", "is_exact", "is_first_hit",
            "hit_tolerance", "deadline_date"}, names)
        self.assertFalse(names & TECHNICAL_FIELDS)
        before = self._read(line)
        writers = [line, line.sudo(), *(line.with_user(user).sudo() for user in self.roles)]
        for writer in writers:
            for values in (
                {"state": "approved"}, {"state": "counted", "verdict": "within"}, {"approval_level": 0},
                {"variance_qty": 0}, {"adjustment_qty": -1}, {"unit_cost": 0}, {"round": 3}, {"note": "x", "state": "posted"},
            ):
                with self.subTest(user=writer.env.user.login, values=values), self.assertRaises(AccessError):
                    writer.write(values)
        self._forget()
        self.assertEqual(self._read(line), before)

    def _read(self, line):
        return {name: line[name] for name in (
            "state", "verdict", "approval_level", "variance_qty", "adjustment_qty", "unit_cost", "round", "note")}

    def test_server_action_without_code_posts_nothing(self):
        line = self._held()
        model = self.env["ir.model"]._get(line._name)
        field = self.env["ir.model.fields"]._get(line._name, "state")
        for state in ("approved", "posted", "counted"):
            action = self.env["ir.actions.server"].create({
                "name": state, "model_id": model.id, "state": "object_write", "update_path": "state",
                "evaluation_type": "value", "value": state,
                "selection_value": field.selection_ids.filtered(lambda one, state=state: one.value == state).id})
            with self.subTest(state=state), self.assertRaises(AccessError):
                action.with_context(active_model=line._name, active_id=line.id, active_ids=line.ids).run()
        line.count_id.with_user(self.supervisor).action_finalize()
        self._forget()
        self.assertEqual((line.state, line.move_ids.ids, self.on_hand(self.product, self.bin_a)), ("to_approve", [], 100))

    def test_server_action_may_still_write_a_note(self):
        line = self._held()
        action = self.env["ir.actions.server"].create({
            "name": "Note", "model_id": self.env["ir.model"]._get(line._name).id, "state": "object_write",
            "update_path": "note", "evaluation_type": "value", "value": "look twice"})
        action.with_context(active_model=line._name, active_id=line.id, active_ids=line.ids).run()
        self._forget()
        self.assertEqual(line.note, "look twice")

    def test_lines_are_not_created_decided(self):
        sheet = self.make_sheet((self.product,), start=False)
        for values in ({"state": "approved"}, {"state": "counted", "verdict": "within"}, {"round": 2}, {"variance_qty": -5}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.env["stock.cycle.count.line"].sudo().create(
                    {"count_id": sheet.id, **self.key_values(self.other_product), **values})

    def test_ticket_permits_one_write_of_its_fields(self):
        line = self._held()
        for values in ({"state": "counted"}, {"verdict": False}):
            ticket = WriteTicket({"verdict"})
            writer = line.with_context(stock_cycle_count_ticket=ticket)
            with self.subTest(values=values):
                if "state" in values:
                    with self.assertRaises(AccessError):
                        writer.write(values)
                else:
                    writer.write(values)
                with self.assertRaises(AccessError):
                    writer.write({"verdict": "within"})
        for forged in (True, "ticket", ["state"], {"state": 1}):
            with self.subTest(forged=forged), self.assertRaises(AccessError):
                line.with_context(stock_cycle_count_ticket=forged).write({"state": "approved"})

    def test_count_of_one_stock_is_never_that_of_another(self):
        line = self._held()
        other = self.make_sheet((self.other_product,))
        values = {"product_id": self.other_product.id, "location_id": self.bin_b.id, "lot_id": self.lot.id}
        for name, value in {**values, "count_id": other.id}.items():
            with self.subTest(name=name), self.assertRaises(UserError):
                line.sudo().write({name: value})
        self._forget()
        self.assertEqual([line[name].id for name in KEY_FIELDS], [self.product.id, self.bin_a.id, False, False, False])

    def test_judging_anew_keeps_both_levels(self):
        """A line that both levels approved is judged again when a transfer is ticked elsewhere, or another sheet closed."""
        self.company.cycle_count_level2_value = 10
        line = self._held()
        self.assertEqual(line.approval_level, 2)
        for user in (self.supervisor, self.controller):
            self._approve(line, user)
            self._forget()
        self.assertEqual(line.state, "approved")
        line._judge_again()
        self._forget()
        self.assertEqual((line.state, line.approval_level, line.pending_level), ("approved", 2, 0))
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        self.assertEqual(
            line.count_id.activity_ids.filtered(lambda one: one.activity_type_id == kind).mapped("summary"),
            ["Finalize the sheet"])

    def test_sudo_is_no_role(self):
        """What only supervisors do, nobody else does by having all rights for a moment."""
        self.tolerance.write({"over_qty": 0, "under_qty": 0})
        sheet = self._held().count_id
        for user in (self.counter, self.worker, self.outsider):
            for action in ("reopen", "recount", "cancel", "finalize"):
                with self.subTest(user=user.login, action=action), self.assertRaises(UserError):
                    sheet.with_user(user).sudo()._check_can(action)
        sheet._check_can("cancel")
