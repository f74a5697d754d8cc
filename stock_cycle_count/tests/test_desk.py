"""Deciding on the sheet: one button, one reason by touch, and the last decision posts."""
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common_gate import GateCase


class DeskCase(GateCase):

    posts_approved = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_b, 20)

    def _held(self, *quantities):
        """A closed sheet with a difference in each of its bins."""
        bins = (self.bin_a, self.bin_b, self.bin_c)[:len(quantities)]
        return self._close_with(*((quantity, self.product, place) for quantity, place in zip(quantities, bins)))

    def _decide(self, sheet, user, action="approve", **values):
        self._forget()
        action_window = self.as_user(user, sheet).action_decide()
        wizard = self.as_user(user, self.env["stock.cycle.count.decide"]).with_context(
            **action_window["context"]).create(values)
        return getattr(wizard, f"action_{action}")()


@tagged("post_install", "-at_install")
class TestDesk(DeskCase):

    def test_the_last_decision_posts_the_sheet(self):
        sheet = self._held(90, 7)
        self.assertEqual(self.as_user(self.supervisor, sheet).decide_count, 2)
        answer = self._decide(sheet, self.supervisor, reason_id=self.reason.id)
        self.assertEqual((sheet.state, set(sheet.line_ids.mapped("state"))), ("done", {"posted"}))
        self.assertEqual((self.on_hand(self.product, self.bin_a), self.on_hand(self.product, self.bin_b)), (90, 7))
        self.assertIn("Approved by you, posted on", answer["params"]["message"])
        self.assertFalse(sheet.activity_ids)
        self.assertEqual(self.as_user(self.supervisor, sheet).move_count, 2)

    def test_whoever_is_asked_is_told_at_once_and_decides_from_there(self):
        told = []
        self.patch(type(self.env["bus.bus"]), "_sendmany", lambda bus, messages: told.extend(messages))
        sheet = self._held(90, 7)
        [(partner, message)] = [(whom, what) for whom, kind, what in told if kind == "stock_cycle_count.waiting"]
        asked = sheet.activity_ids.filtered("automated").user_id
        self.assertEqual((partner, message["count_ids"], message["decide"]), (asked.partner_id, sheet.ids, True))
        self.assertIn("level 1: 2", message["message"])
        self.assertEqual(len(self.as_user(asked, sheet).action_decide()["context"]["default_line_ids"]), 2)
        told.clear()
        self.company.cycle_count_activities = False
        self.receive(self.other_product, self.bin_a, 50)
        self._close_with((3, self.other_product, self.bin_a))
        self.assertNotIn("stock_cycle_count.waiting", [kind for _whom, kind, _what in told])

    def test_one_of_two_decisions_posts_nothing(self):
        sheet = self._held(90, 7)
        first, second = sheet.line_ids
        self._approve(first, self.supervisor)
        self.assertEqual((first.state, sheet.state, self.on_hand(self.product, self.bin_a)), ("approved", "review", 100))
        own = self.as_user(self.supervisor, sheet)
        self._forget()
        self.assertEqual((own.decide_count, own.finalize_count), (1, 1))
        self.assertIn("Lines that stay until they are decided: 1.", own.finalize_message)
        second.with_user(self.supervisor).action_reject("never")
        self.assertEqual((first.state, second.state, sheet.state), ("posted", "rejected", "done"))

    def test_a_controller_without_a_role_in_stock_posts_by_deciding(self):
        self.company.write({"cycle_count_level2": True, "cycle_count_level2_value": 10})
        sheet = self._held(90)
        answer = self._decide(sheet, self.supervisor, reason_id=self.reason.id)
        self.assertRegex(answer["params"]["message"], r"^Waits for .+ \(level 2\)\.$")
        self.assertEqual(self.as_user(self.supervisor, sheet).decide_count, 0)
        self.assertFalse(self.finance.has_group("stock.group_stock_user"))
        self._decide(sheet, self.finance)
        self.assertEqual((sheet.state, self.on_hand(self.product, self.bin_a)), ("done", 90))

    def test_what_may_not_be_decided_says_for_whom_it_waits(self):
        sheet = self._held(90)
        for user in (self.worker, self.counter, self.manager):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self._decide(sheet, user)
        own = self._close_with((2, self.product, self.bin_b), user=self.supervisor)
        self._forget()
        self.assertEqual(self.as_user(self.supervisor, own).decide_count, 0)
        with self.assertRaisesRegex(UserError, "Waits for Floor Supervisor 2|Waits for .*level 1"):
            self._decide(own, self.supervisor)

    def test_stale_facts_come_back_instead_of_being_posted(self):
        self.company.write({"cycle_count_level2": True, "cycle_count_level2_value": 100})
        sheet = self._held(90, 7)
        self._approve(sheet.line_ids[0], self.supervisor)
        self.product.standard_price = 1000
        self._approve(sheet.line_ids[1], self.second_supervisor)
        self.assertEqual((sheet.state, self.on_hand(self.product, self.bin_a)), ("review", 100))
        self.assertEqual(sheet.line_ids[0].state, "to_approve")

    def test_a_company_may_want_sheets_finalized(self):
        self.company.cycle_count_post_approved = False
        sheet = self._held(90)
        self._decide(sheet, self.supervisor, reason_id=self.reason.id)
        own = self.as_user(self.supervisor, sheet)
        self._forget()
        self.assertEqual((sheet.state, own.decide_count, own.finalize_count), ("review", 0, 1))
        self.assertEqual(own.waits_for, "Waits for a supervisor to finalize it.")
        own.action_finalize()
        self.assertEqual(sheet.state, "done")

    def test_reasons_are_proposed_by_hint_then_by_what_was_said_here(self):
        Reason = self.env["stock.cycle.count.reason"]
        hinted = Reason.create({"code": "TYPO", "name": "Typing", "root_cause": "data_entry", "sequence": 1})
        gain = Reason.create({"code": "GAIN", "name": "Gain", "direction": "gain", "sequence": 0})
        said = Reason.create({"code": "HERE", "name": "Said here", "root_cause": "theft", "sequence": 99})
        self._decide(self._held(91), self.supervisor, reason_id=said.id)
        sheet = self._held(19)
        self._forget()
        wizard = self.as_user(self.supervisor, self.env["stock.cycle.count.decide"]).create(
            {"line_ids": [(6, 0, sheet.line_ids.ids)]})
        self.assertTrue(wizard.reason_needed)
        proposed = wizard.proposed_reason_ids
        self.assertLessEqual(len(proposed), 4)
        self.assertEqual(proposed[0].root_cause, "data_entry", "19 for 91")
        self.assertIn(said, proposed)
        self.assertNotIn(gain, proposed)
        self.assertTrue(hinted)
        ids = proposed.ids[::-1]
        found = self.as_user(self.supervisor, Reason).name_search("", [("id", "in", ids)])
        self.assertEqual([pair[0] for pair in found], ids)

    def test_what_cannot_be_posted_leads_to_what_helps(self):
        sheet = self._held(90)
        self.receive(self.serial_product, self.bin_a, 1, lot=self.serial)
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.out_type_id.id, "location_id": self.bin_a.id,
            "location_dest_id": self.customer.id})
        move = self.prepare_move(self.serial_product, self.bin_a, self.customer, 1, lot=self.serial)
        move.picking_id = picking
        move.move_line_ids.picking_id = picking
        move._action_done()
        gone = self._close_with((1, self.serial_product, self.bin_a, self.serial))
        self.tolerance.write({"over_qty": 0})
        if gone.line_ids.state == "counted":
            gone.line_ids._judge_again()
        self._approve(gone.line_ids, self.supervisor)
        self._forget()
        own = self.as_user(self.supervisor, gone)
        self.assertEqual((gone.state, own.problem_ids), ("review", own.line_ids))
        self.assertEqual(own.line_ids.remedy, "return")
        opened = own.line_ids.action_remedy()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("stock.picking", picking.id))
        self.assertIn(self.as_user(self.finance, gone.line_ids).remedy, ("decide", "explain"))
        with self.assertRaises(AccessError):
            self.as_user(self.counter, gone.line_ids).action_remedy()
        with self.assertRaisesRegex(UserError, "nothing keeps it"):
            self.as_user(self.supervisor, sheet.line_ids).action_remedy()


@tagged("post_install", "-at_install")
class TestAssignRecount(DeskCase):

    def setUp(self):
        super().setUp()
        self.sheet = self._held(90)
        self.line = self.sheet.line_ids
        self.line.with_user(self.supervisor).action_send_to_recount("again")

    def _assign(self, user, counter):
        self._forget()
        action = self.as_user(user, self.sheet).action_assign_recount()
        wizard = self.as_user(user, self.env["stock.cycle.count.recount"]).with_context(**action["context"]).create(
            {"user_id": counter and counter.id})
        self.assertEqual(wizard.line_ids.ids, self.line.ids)
        return wizard.action_recount()

    def test_a_supervisor_chooses_who_recounts(self):
        self.assertEqual(self.as_user(self.supervisor, self.sheet).unassigned_count, 1)
        self._assign(self.supervisor, self.second)
        self.assertEqual((self.line.user_id, self.line.round, self.line.state), (self.second, 2, "recount"))
        self.assertIn(self.second, self.sheet.activity_ids.user_id)
        self.assertTrue(self.as_user(self.second, self.sheet)._may_be_read())
        self.count(self.line, 90, user=self.second)
        self.assertEqual(self.as_user(self.supervisor, self.sheet).unassigned_count, 0)

    def test_it_is_refused_to_others_and_without_a_counter(self):
        for user, counter, message in (
            (self.worker, self.second, "Only count supervisors"), (self.supervisor, None, "Choose who recounts"),
            (self.supervisor, self.outsider, "is no counter")):
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                self._assign(user, counter)
        self._assign(self.supervisor, self.second)
        with self.assertRaisesRegex(UserError, "no recount waits"):
            self._assign(self.supervisor, self.second)
        self.assertEqual(self.line.user_id, self.second)


@tagged("post_install", "-at_install")
class TestColleagues(DeskCase):

    def test_who_loses_a_sheet_is_told(self):
        sheet = self.make_sheet((self.product,), start=True)
        sheet.with_user(self.worker).action_take_over()
        message = self.env["mail.message"].search([
            ("model", "=", sheet._name), ("res_id", "=", sheet.id), ("partner_ids", "in", self.counter.partner_id.ids)])
        self.assertIn("Floor Worker counts sheet", message.body)

    def test_what_others_recount_is_not_among_my_sheets(self):
        for blind in (True, False):
            with self.subTest(blind=blind):
                sheet = self.make_sheet((self.product,), start=True, blind=blind)
                self.count(sheet.line_ids, 90)
                self.tolerance.recount = True
                self._forget()
                scanner = self.as_user(self.counter, self.env["stock.cycle.count.scanner"])
                answer = scanner.act({"screen": "sheet", "count_id": sheet.id}, "close")
                self.assertEqual(sheet.line_ids.state, "recount")
                said = answer["message"]["text"]
                self.assertEqual(said, "Closed. Thank you for counting." if blind else (
                    "Closed. Lines that somebody else counts again: 1."))
                mine = self.as_user(self.counter, sheet).search([("is_mine", "=", True)])
                self.assertNotIn(sheet, mine)
                shown = scanner.show({"screen": "home"})["data"]["sheets"]
                self.assertEqual(
                    [card["handed_on"] for card in shown if card["id"] == sheet.id], [] if blind else [True])
                sheet.line_ids.user_id = self.second
                sheet.participant_ids |= self.second
                self.assertIn(sheet, self.as_user(self.second, sheet).search([("is_mine", "=", True)]))
                sheet.with_user(self.supervisor).action_cancel()

    def test_sheets_without_lines_are_on_no_phone_and_places_name_the_warehouse(self):
        empty = self.env["stock.cycle.count"].with_user(self.supervisor).create({"user_id": self.counter.id})
        full = self.make_sheet((self.product,), warehouse_id=False)
        self.assertEqual(full.warehouse_id, self.warehouse)
        shown = self.as_user(self.counter, self.env["stock.cycle.count.scanner"]).show({"screen": "home"})["data"]["sheets"]
        self.assertIn(full.id, [sheet["id"] for sheet in shown])
        self.assertNotIn(empty.id, [sheet["id"] for sheet in shown])


@tagged("post_install", "-at_install")
class TestDeskTour(DeskCase, HttpCase):

    browser_size = "1440x900"

    def test_decide_on_the_sheet(self):
        sheet = self._held(90)
        sheet.name = "DESK-1"
        self.reason.sequence = -1
        self.start_tour(
            f"/web#id={sheet.id}&model=stock.cycle.count&view_type=form", "stock_cycle_count_desk", login=self.supervisor.login)
        self.assertEqual((sheet.state, self.on_hand(self.product, self.bin_a)), ("done", 90))
        self.assertEqual(sheet.line_ids.reason_id, self.reason)
