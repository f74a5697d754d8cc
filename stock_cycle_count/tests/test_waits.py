"""Who acts next: one sentence with names, no dead end, and nothing for whoever counted blind."""
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_gate import GateCase, QuantCase


@tagged("post_install", "-at_install")
class TestWaits(GateCase):

    def _said(self, record, user=None):
        self._forget()
        return self.as_user(user or self.supervisor, record).waits_for

    def _asked(self, sheet):
        self._forget()
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        return sheet.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def _held(self, quantity=90, **kwargs):
        return self._close_with((quantity, self.product), **kwargs).line_ids

    def test_from_the_first_day_to_the_last(self):
        sheet = self.make_sheet((self.product,), user=self.counter)
        line = sheet.line_ids
        self.assertEqual(self._said(line), "Waits for Floor Counter to start the sheet.")
        self.assertEqual(self._said(sheet), "Waits for Floor Counter to start it.")
        sheet.with_user(self.counter).action_start()
        self.assertEqual(self._said(line, self.counter), "Waits for a count by you.")
        self.assertEqual(self._said(sheet), "Is being counted by Floor Counter. Lines left: 1.")
        self.count(line, 90)
        self.assertEqual(self._said(sheet), "All is counted. Waits for Floor Counter to close it.")
        sheet.with_user(self.counter).action_close()
        asked = self._asked(sheet).user_id
        self.assertEqual(len(asked), 1)
        self.assertIn(asked, self.supervisor | self.second_supervisor)
        for record in line, sheet:
            self.assertEqual(self._said(record, self.worker), f"Waits for {asked.name} (level 1).")
            self.assertEqual(self._said(record, asked), "Waits for you (level 1).")
        self._approve(line, self.second_supervisor)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertRegex(self._said(line), "^Approved by Floor Supervisor 2, posted on ")
        self.assertEqual(self._said(sheet), "Done. Nobody has to do anything.")

    def test_recounts_name_who_counts_again_or_that_nobody_was_chosen(self):
        line = self._held()
        line.with_user(self.supervisor).action_send_to_recount("again")
        self.assertEqual(self._said(line), "Waits for a supervisor to choose who recounts it.")
        self.assertEqual(self._said(line.count_id), "Waits for a supervisor to choose who recounts it.")
        line.user_id = self.second
        self.assertEqual(self._said(line.count_id), "Waits for a recount by Floor Second.")

    def test_second_level_names_the_controller(self):
        self.company.cycle_count_level2_value = 50
        line = self._held()
        self._approve(line, self.supervisor)
        controllers = self.env.ref("stock_cycle_count.group_controller").users.filtered(
            lambda user: self.company in user.company_ids and user != self.controller)
        controllers.write({"groups_id": [Command.unlink(self.env.ref("stock_cycle_count.group_controller").id)]})
        line.count_id._sync_approval_activities()
        self.assertEqual(self._said(line), "Waits for Floor Controller (level 2).")

    def test_the_only_controller_leaves_the_first_level_to_others(self):
        """Else nobody could decide on the second, and what waits would wait for ever."""
        self.company.cycle_count_level2_value = 50
        controllers = self.env.ref("stock_cycle_count.group_controller")
        (controllers.users - self.controller).write({"groups_id": [Command.unlink(controllers.id)]})
        line = self._held()
        with self.assertRaisesRegex(UserError, r"nobody else may decide on level 2, so leave level 1 to Floor Supervisor"):
            self._approve(line, self.controller)
        self._forget()
        self.assertEqual((line.state, line.approval_ids), ("to_approve", line.approval_ids.browse()))
        self._approve(line, self.supervisor)
        self._approve(line, self.controller)
        self.assertEqual(line.state, "approved")
        line.count_id.with_user(self.supervisor).action_finalize()
        self.assertRegex(self._said(line, self.controller), "^Approved by you and Floor Supervisor, posted on ")
        # Alone, it waits for somebody to give a role: no level can be left to anybody.
        line = self._close_with((80, self.other_product)).line_ids
        deciders = self.env.ref("stock_cycle_count.group_decider")
        others = (deciders.users - self.controller)
        for role in ("supervisor", "decider"):
            self.env.ref(f"stock_cycle_count.group_{role}").write({"users": [Command.unlink(user.id) for user in others]})
        self._approve(line, self.controller)
        self.assertIn("Nobody may decide on level 2", self._said(line, self.controller))

    def test_where_nobody_may_decide_it_says_so_and_somebody_can_help(self):
        line = self._held()
        line.count_id.activity_ids.unlink()
        everybody = self.env.ref("stock_cycle_count.group_decider").users
        for role in ("supervisor", "controller", "decider"):
            group = self.env.ref(f"stock_cycle_count.group_{role}")
            group.write({"users": [Command.unlink(user.id) for user in everybody]})
        admin = self.make_user("floor_boss", "base.group_system")
        line.count_id._sync_approval_activities()
        said = self._said(line, self.worker)
        self.assertIn("Nobody may decide on level 1: give somebody the role Supervisor", said)
        self.assertEqual(self._said(line.count_id, self.worker), said)
        self.assertIn("give somebody a role", self._asked(line.count_id).summary)
        self.assertTrue(self._asked(line.count_id).user_id.has_group("base.group_erp_manager"))
        with self.assertRaises(AccessError):
            line.count_id.with_user(self.worker).action_allow_self_approval()
        self.assertFalse(self.company.cycle_count_self_approval)
        self.assertEqual(line.count_id.with_user(admin).action_give_role()["res_model"], "res.users")

    def test_alone_one_click_lets_self_approval_in(self):
        admin = self.make_admin()
        everybody = self.env.ref("stock_cycle_count.group_decider").users - admin
        line = self._held(user=admin)
        for role in ("supervisor", "controller", "decider"):
            self.env.ref(f"stock_cycle_count.group_{role}").write(
                {"users": [Command.unlink(user.id) for user in everybody]})
        self._forget()
        sheet = self.as_user(admin, line.count_id)
        self.assertTrue(sheet.nobody_decides)
        sheet.action_allow_self_approval()
        self.assertEqual(self._said(line, admin), "Waits for you (level 1).")
        self._approve(line, admin)
        self.assertTrue(line.approval_ids.self_approval)

    def test_products_and_locations_say_what_their_counts_wait_for(self):
        line = self._held()
        self._forget()
        for record in (self.product, self.product.product_tmpl_id, self.bin_a):
            self.assertRegex(self.as_user(self.worker, record).cycle_count_waits, r"^Waits for Floor Supervisor.* \(level 1\)")
            with self.assertRaises(AccessError):
                self.as_user(self.counter, record).read(["cycle_count_waits"])
        self.assertFalse(self.as_user(self.worker, self.bin_b).cycle_count_waits)
        self._approve(line, self.second_supervisor)
        line.count_id.with_user(self.supervisor).action_finalize()
        self._forget()
        self.assertFalse(self.as_user(self.worker, self.bin_a).cycle_count_waits)

    def test_a_missing_reason_has_somebody_who_is_asked_for_it(self):
        self.company.cycle_count_reason_policy = "always"
        sheet = self._close_with((99, self.product))
        self.assertEqual((sheet.state, sheet.line_ids.state), ("review", "counted"))
        self.assertIn("choose a reason", self._said(sheet.line_ids))
        self.assertEqual(self._said(sheet), "Waits for a supervisor to post what could not be posted.")
        self.assertEqual(self._asked(sheet).summary, "Finalize the sheet")

    def test_who_counted_blind_learns_nothing_of_what_became_of_it(self):
        for quantity in (100, 99, 90):
            sheet = self.make_sheet((self.product,), (self.other_product, self.bin_b), start=True)
            for line, counted in zip(sheet.line_ids, (quantity, 0)):
                self.count(line, counted)
            sheet.with_user(self.counter).action_close()
            self._forget()
            self.assertEqual(sheet.with_user(self.counter).sudo().waits_for, "Counted. Thank you.")
            self.assertEqual(
                set(sheet.line_ids.with_user(self.counter).sudo().mapped("waits_for")), {"Counted. Thank you."})
            with self.assertRaises(AccessError):
                sheet.with_user(self.counter).read(["waits_for"])
            if sheet.state != "done":
                sheet.with_user(self.supervisor).action_cancel()

    def test_sentences_of_many_sheets_take_no_query_more(self):
        sheets = self.env["stock.cycle.count"]
        bins = [self.make_location(f"Shelf {number}", self.stock) for number in range(8)]
        for place in bins:
            self.receive(self.product, place, 10)
            sheets |= self._close_with((2, self.product, place))
        few, many = (self.count_queries(lambda sheets=part: self.as_user(self.supervisor, sheets).mapped("waits_for"))
                     for part in (sheets[:2], sheets))
        self.assertLessEqual(many, few + 2)


@tagged("post_install", "-at_install")
class TestAsking(GateCase):
    """Who is asked first, who when that person is away, and who as days go by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.supervisor | cls.second_supervisor

    def _held(self, product=None, place=None):
        return self._close_with((2, product or self.product, place or self.bin_a)).line_ids

    def _asked(self, line):
        self._forget()
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        return line.count_id.activity_ids.filtered(lambda activity: activity.activity_type_id == kind).user_id

    def _rule(self, users, **values):
        return self.env["stock.cycle.count.approver"].create(
            {"company_id": self.company.id, "user_ids": [Command.set(users.ids)], **values})

    def _away(self, user):
        calendar = self.company.resource_calendar_id
        resource = self.env["resource.resource"].create(
            {"name": user.name, "user_id": user.id, "company_id": self.company.id, "calendar_id": calendar.id})
        now = fields.Datetime.now()
        self.env["resource.calendar.leaves"].create({
            "name": "Away", "resource_id": resource.id, "calendar_id": calendar.id, "company_id": self.company.id,
            "date_from": now - timedelta(days=2), "date_to": now + timedelta(days=2)})

    def test_whoever_has_least_to_decide_is_asked(self):
        bins = [self.make_location(f"Shelf {number}", self.stock) for number in range(4)]
        asked = []
        for place in bins:
            self.receive(self.product, place, 50)
            asked.append(self._asked(self._held(place=place)))
        self.assertEqual({user: asked.count(user) for user in self.people}, dict.fromkeys(self.people, 2))

    def test_the_company_says_who_by_warehouse_category_and_value(self):
        category = self.env["product.category"].create({"name": "Drugs"})
        self.product.categ_id = category
        for values in ({"warehouse_ids": [Command.set(self.warehouse.ids)]}, {"categ_ids": [Command.set(category.ids)]},
                       {"from_value": 100}):
            for user in self.people:
                with self.subTest(values=values, user=user.name), self.cr.savepoint() as savepoint:
                    self._rule(user, **values)
                    self.assertEqual(self._asked(self._held()), user)
                    savepoint.rollback()
        other = self.env["stock.warehouse"].create({"name": "Other", "code": "OTH", "company_id": self.company.id})
        self._rule(self.second_supervisor, warehouse_ids=[Command.set(other.ids)])
        self._rule(self.second_supervisor, from_value=10000)
        self._rule(self.supervisor)
        self.assertEqual(self._asked(self._held()), self.supervisor)

    def test_who_is_away_hands_on_and_gets_it_no_more(self):
        self._rule(self.supervisor)
        line = self._held()
        self.assertEqual(self._asked(line), self.supervisor)
        self._away(self.supervisor)
        self.env["stock.cycle.count"]._cron_escalate()
        self.assertEqual(self._asked(line), self.second_supervisor)

    def test_rules_name_only_those_who_may_decide(self):
        for users, level in ((self.counter, "1"), (self.supervisor, "2"), (self.env["res.users"], "1")):
            with self.assertRaises(ValidationError):
                self._rule(users, level=level)
        with self.assertRaises(AccessError):
            self.env["stock.cycle.count.approver"].with_user(self.supervisor).create(
                {"company_id": self.company.id, "user_ids": [Command.set(self.supervisor.ids)]})

    def test_reminders_go_on_and_ask_more_people(self):
        self._rule(self.supervisor)
        line = self._held()
        asked = []
        for days in (0, 7, 14, 60):
            line._write_judged({"to_approve_date": fields.Datetime.now() - timedelta(days=days)})
            self.env["stock.cycle.count"]._cron_escalate()
            asked.append(self._asked(line))
        self.assertEqual(asked[0], self.supervisor)
        self.assertEqual(len(asked[1]), 2)
        self.assertIn(self.supervisor, asked[1])
        self.assertTrue(asked[1] < asked[2] or asked[1] == asked[2])
        self.assertLessEqual(self.people, asked[2])
        self.assertEqual(asked[3], asked[2])
        self.assertGreater(line.reminder_step, 2)

    def test_reminders_do_not_use_up_the_only_controller(self):
        self.company.write({"cycle_count_level2": True, "cycle_count_level2_value": 10})
        group = self.env.ref("stock_cycle_count.group_controller")
        group.write({"users": [Command.unlink(user.id) for user in group.users - self.controller]})
        line = self._held()
        self.assertEqual(line.approval_level, 2)
        for days in (0, 7, 60):
            line._write_judged({"to_approve_date": fields.Datetime.now() - timedelta(days=days)})
            self.env["stock.cycle.count"]._cron_escalate()
            self.assertNotIn(self.controller, self._asked(line))
        self._approve(line, self.supervisor)
        self.assertEqual(self._asked(line), self.controller)

    def test_deciding_one_by_one_makes_no_activity_anew_and_sends_no_mail(self):
        sheet = self.make_sheet(*((self.product, self.make_location(f"Shelf {n}", self.stock)) for n in range(4)), start=True)
        for line in sheet.line_ids:
            self.count(line, 9)
        mails = self.env["mail.mail"].search_count([])
        sheet.with_user(self.counter).action_close()
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        before = sheet.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
        for line in sheet.line_ids[:3]:
            self._approve(line, self.second_supervisor)
        after = sheet.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
        self.assertEqual(after, before)
        self.assertIn("1", after.summary)
        self.env.flush_all()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)


@tagged("post_install", "-at_install")
class TestWaitingToast(QuantCase):

    def test_whoever_counts_from_outside_is_told_who_decides(self):
        told = []
        self.patch(type(self.env["bus.bus"]), "_sendone", lambda bus, target, kind, message: told.append((kind, message)))
        self._count_quant(50).action_apply_inventory()
        line = self.env["stock.cycle.count.line"].search([("quant_id", "=", self.quant.id), ("state", "=", "to_approve")])
        [message] = [message for kind, message in told if kind == "stock_cycle_count.waiting" and "decide" not in message]
        self.assertEqual(message["count_ids"], line.count_id.ids)
        self.assertRegex(message["message"], r"out of tolerance: 1\. Waits for Floor Supervisor( 2)? \(level 1\)\.$")
