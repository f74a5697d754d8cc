"""Counting is set up on one page, with the rights of whoever presses *Start*."""
import json
from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CountCase


@tagged("post_install", "-at_install")
class SetupCase(CountCase):
    """A company where nothing is set up yet, and who may do all, part or nothing of it."""

    takes_opening_stock = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"cycle_count_setup_date": False, "cycle_count_self_approval": False, "cycle_count_level2": True})
        # Whatever the day on which tests run.
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.attendance_ids = [Command.create(
            {"name": "Weekend", "dayofweek": day, "hour_from": 8, "hour_to": 12}) for day in "56"]
        cls.admin = cls.make_user(
            "floor_admin", "base.group_system,stock.group_stock_manager,stock_cycle_count.group_supervisor")

    def _open(self, user):
        """The page as a user gets it, with all that is proposed."""
        return Form(self.as_user(user, self.env["stock.cycle.count.setup"]))

    def _save(self, form):
        setup = form.save()
        self.env.flush_all()
        self.env.invalidate_all()
        return setup

    def _start(self, setup):
        self.call(setup.env.user, setup.sudo(False), "action_start")
        self.env.flush_all()
        self.env.invalidate_all()
        return setup

    def _stock(self, products, *locations):
        for product in products:
            for location in locations:
                self.receive(product, location, 10)

    def _get_state(self):
        """All that *Start* makes or changes."""
        company = self.company
        return (
            self.env["stock.cycle.count.plan"].search([("company_id", "=", company.id)]).ids,
            self.env["stock.abc.profile"].search([("company_id", "=", company.id)]).ids,
            self.env["stock.cycle.count.tolerance"].search([("company_id", "=", company.id)]).ids,
            self.env["stock.cycle.count"].search([("company_id", "=", company.id)]).ids,
            company.cycle_count_self_approval, company.cycle_count_level2, company.cycle_count_adjustment_control,
            company.cycle_count_setup_date, {user: user.groups_id.ids for user in self.roles})


class TestSetup(SetupCase):

    def test_an_inventory_administrator_alone_in_three_clicks(self):
        """Nothing but *Start*: plan, classes, tolerance, today's sheet, the end of the set-up, and the scanner's address."""
        self._stock(self.product | self.other_product, self.bin_a, self.bin_b)
        setup = self._save(self._open(self.manager))
        self.assertEqual(setup.warehouse_ids, self.warehouse)
        self.assertIn(self.counter, setup.counter_ids)
        self.assertNotIn(self.outsider, setup.counter_ids)
        self.assertEqual((setup.approval, setup.tolerance, setup.control), ("others", "usual", "now"))
        self.assertIn(self.supervisor, setup.supervisor_ids)
        self.assertIn(self.supervisor.name, setup.approval_note)
        self.assertFalse(setup.rights_note)
        self.assertIn("up to 2 of the product's unit, 5 % of what is expected", setup.tolerance_note)
        self.assertIn("Nothing was consumed in Floor yet", setup.basis_note)
        self.assertIn("location): 4.", setup.workload_note)
        self._start(setup)
        plan = setup.plan_ids
        self.assertEqual((plan.warehouse_id, plan.profile_id.onhand_warehouse_ids), (self.warehouse, self.warehouse))
        self.assertEqual(set(plan.counter_ids), set(setup.counter_ids))
        self.assertEqual((plan.position_count, len(plan.count_ids.line_ids)), (4, 4))
        self.assertEqual(setup.tolerance_ids.over_qty, 2)
        self.assertIn("1 sheet, 4 lines, first", setup.result)
        self.assertTrue(plan.count_ids.user_id)
        self.assertEqual(self.company.cycle_count_setup_user_id, self.manager)
        self.assertTrue(setup.scanner_url.endswith("/web#action=stock_cycle_count.stock_cycle_count_scanner_action"))
        self.assertIn("barcode_type=QR&value=http", setup.scanner_code)
        with self.assertRaises(UserError):
            self._start(setup)

    def test_an_empty_company(self):
        """Nothing in stock: the page says so, and the plan waits for what comes."""
        setup = self._save(self._open(self.manager))
        self.assertIn("Nothing is in stock", setup.workload_note)
        self.assertFalse(setup.has_work)
        self.assertEqual(setup.daily_capacity, 1)
        self._start(setup)
        self.assertEqual(setup.result.count("hold no stock"), 1, "said once, by the schedule and for the sheets")
        self.assertEqual(setup.plan_ids.open_count, 0)
        self._stock(self.product, self.bin_a)
        setup.plan_ids.action_schedule()
        self.assertIn("1 sheet, 1 line, first", setup.plan_ids.action_generate()["params"]["message"])

    def test_a_company_without_working_hours_of_its_own(self):
        """Takes others that it may use; where there are none, the page opens and says so."""
        self._stock(self.product, self.bin_a)
        self.company.resource_calendar_id = False
        setup = self._save(self._open(self.manager))
        self.assertIn("location): 1.", setup.workload_note)
        with patch.object(self.registry["stock.cycle.count.setup"], "_get_calendar", lambda self, company: (
                self.env["resource.calendar"])), self.assertRaisesRegex(UserError, "has no working hours"):
            self._open(self.manager)
            self._start(setup)
        self._start(setup)
        self.assertTrue(setup.plan_ids.count_ids)

    def test_a_currency_without_decimals(self):
        """50 yen are less than a coin: what passes is a hundred times as much."""
        self.company.currency_id = self.env["res.currency"].create({"name": "YEX", "symbol": "Y", "rounding": 1})
        setup = self._save(self._open(self.manager))
        self.assertIn("5,000\N{NO-BREAK SPACE}Y; shortages", setup.tolerance_note)
        self._start(setup)
        self.assertEqual((setup.tolerance_ids.under_value, setup.tolerance_ids.cap_value), (5000, 50000))

    def test_one_person_alone(self):
        (self.env["res.users"].search([("company_ids", "in", self.company.ids), ("share", "=", False)])
         - self.admin).write({"active": False})
        self.admin.groups_id = [Command.link(self.env.ref("stock_cycle_count.group_controller").id)]
        self._stock(self.product, self.bin_a)
        setup = self._save(self._open(self.admin))
        self.assertEqual((setup.approval, setup.counter_ids), ("alone", self.admin))
        self.assertIn("approve what you counted yourself", setup.approval_note)
        self._start(setup)
        self.assertEqual((self.company.cycle_count_self_approval, self.company.cycle_count_level2), (True, False))
        sheet = setup.plan_ids.count_ids
        self.assertEqual(sheet.user_id, self.admin)
        sheet.with_user(self.admin).action_start()
        self.count(sheet.line_ids, 1)
        sheet.with_user(self.admin).action_close()
        line = sheet.line_ids.with_user(self.admin)
        self.assertEqual(line.state, "to_approve")
        line.reason_id = self.env.ref("stock_cycle_count.stock_cycle_count_reason_picking")
        line.action_approve()
        if line.state != "posted":
            sheet.with_user(self.admin).action_finalize()
        self.assertEqual((line.state, line.sudo().approval_ids.self_approval), ("posted", True))
        self.assertEqual(self.on_hand(self.product, self.bin_a), 1)

    def test_the_page_opens_after_the_installation_in_a_page_that_knows_its_screens(self):
        action = self.env.ref("stock_cycle_count.stock_cycle_count_setup_todo").action_id
        self.assertEqual(action.type, "ir.actions.client")
        opened = self.env["ir.actions.client"].browse(action.id)
        self.assertEqual((opened.tag, opened.params["action_id"]), (
            "reload", self.env.ref("stock_cycle_count.stock_cycle_count_setup_action").id))

    def test_who_approves_counts_only_where_nobody_else_does(self):
        approvers = self.env.ref("stock_cycle_count.group_decider").users
        counters = self._save(self._open(self.manager)).counter_ids
        self.assertIn(self.worker, counters)
        self.assertFalse(counters & approvers)
        counters.with_env(self.env).active = False
        self.assertIn(self.supervisor, self._save(self._open(self.admin)).counter_ids)

    def test_one_approver_makes_one_level(self):
        """A second level would wait for nobody; who may not change the settings leaves it as it is."""
        self._stock(self.product, self.bin_a)
        for user, level2 in ((self.manager, True), (self.admin, False)):
            with self.subTest(user=user.login):
                form = self._open(user)
                form.supervisor_ids.clear()
                form.controller_ids.clear()
                form.supervisor_ids.add(self.supervisor)
                setup = self._save(form)
                self.assertEqual("on one level" in setup.approval_note, not level2)
                self._start(setup)
                self.assertEqual(self.company.cycle_count_level2, level2)
                self.call(user, setup.sudo(False), "action_undo")
                self.assertTrue(self.company.cycle_count_level2)

    def test_it_is_called_after_its_day(self):
        self.assertRegex(self._save(self._open(self.manager)).display_name, r"^Set-up of \d\d/\d\d/\d{4}$")

    def test_two_companies(self):
        other = self.make_company("Second Company")
        both = self.make_user(
            "both_manager", "stock.group_stock_manager", company_ids=[Command.set((self.company | other).ids)])
        form = self._open(both)
        setup = form.save()
        self.assertEqual(set(setup.company_ids), set(self.company | other))
        setup.counter_ids -= both
        with self.assertRaisesRegex(UserError, "works for Second Company"):
            self._start(setup)
        setup.counter_ids |= both
        self._start(setup)
        self.assertEqual(set(setup.plan_ids.company_id), set(self.company | other))
        for plan in setup.plan_ids:
            self.assertEqual(plan.profile_id.company_id, plan.company_id)
            for user in plan.counter_ids:
                self.assertIn(plan.company_id, user.company_ids)
        self.assertEqual(len(setup.tolerance_ids.company_id), 2)
        self.assertFalse(self.as_user(self.manager, self.env["stock.cycle.count.plan"]).search(
            [("company_id", "=", other.id)]))


class TestSetupRights(SetupCase):

    def test_who_may_open_it(self):
        for user in (self.outsider, self.counter, self.worker, self.supervisor, self.controller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._open(user)

    def test_settings_and_roles_are_not_given_by_the_page(self):
        """An inventory administrator is told whom to ask; nothing at all is made."""
        before = self._get_state()
        people = {
            "alone": lambda form: setattr(form, "approval", "alone"),
            "control": lambda form: setattr(form, "control", "later"),
            "role": lambda form: form.supervisor_ids.add(self.worker),
            "role 2": lambda form: form.controller_ids.add(self.supervisor),
        }
        for name, choose in people.items():
            with self.subTest(name):
                form = self._open(self.manager)
                choose(form)
                self.assertIn(self.admin.name, form.rights_note)
                setup = self._save(form)
                with self.assertRaisesRegex(UserError, "(?i)ask .*" + self.admin.name), self.cr.savepoint():
                    self._start(setup)
                self.assertEqual(self._get_state(), before)

    def test_on_a_day_without_work_the_next_one_has_the_first_sheet(self):
        """However few counts a day there are, random ones leave room for what is due."""
        today = fields.Date.context_today(self.env.user)
        self.env["resource.calendar.leaves"].create({
            "name": "Holiday", "calendar_id": self.calendar.id, "company_id": self.company.id,
            "date_from": datetime.combine(today, time.min), "date_to": datetime.combine(today, time.max)})
        self._stock(self.product, self.bin_a)
        form = self._open(self.manager)
        form.daily_capacity = 1
        sheet = self._start(self._save(form)).plan_ids.count_ids
        self.assertEqual((sheet.line_ids.product_id, sheet.scheduled_date), (self.product, today + timedelta(days=1)))

    def test_adjustments_are_controlled_from_a_day_on(self):
        day = fields.Date.context_today(self.env.user) + timedelta(days=30)
        form = self._open(self.admin)
        form.control = "from"
        self.assertGreater(form.control_date, fields.Date.today())
        form.control_date = day
        form.template_for = False
        before = self._get_state()
        setup = self._start(self._save(form))
        self.assertEqual((self.company.cycle_count_adjustment_control, self.company.cycle_count_control_date), (True, day))
        self.assertFalse(self.company._controls_adjustments())
        self.env["stock.warehouse"].create({"name": "Attic", "code": "ATT", "company_id": self.company.id})
        again = self._open(self.manager)
        self.assertEqual((again.control, again.control_date), ("from", day), "what is set is no change")
        self.assertFalse(again.rights_note)
        again.control_date = day + timedelta(days=1)
        self.assertIn(self.admin.name, again.rights_note)
        self.call(self.admin, setup.sudo(False), "action_undo")
        self.env.invalidate_all()
        self.assertFalse(self.company.cycle_count_control_date)
        # A second warehouse gives everybody groups of its own.
        self.assertEqual(self._get_state()[:-1], before[:-1])
        form = self._open(self.admin)
        form.control = "from"
        setup = self._save(form)
        setup.control_date = False
        with self.assertRaisesRegex(UserError, "from which day on"), self.cr.savepoint():
            self._start(setup)

    def test_only_who_has_a_sheet_is_asked_to_count_here(self):
        self._stock(self.product, self.bin_a)
        form = self._open(self.admin)
        form.counter_ids.clear()
        form.counter_ids.add(self.worker)
        setup = self._start(self._save(form))
        self.assertFalse(setup.can_count)
        sheet = setup.plan_ids.count_ids
        sheet.user_id = self.admin
        self.env.invalidate_all()
        self.assertTrue(self.as_user(self.admin, setup).can_count)
        opened = self.call(self.admin, setup.sudo(False), "action_count")
        self.assertEqual(opened["params"], {"count_id": sheet.id, "start": True})

    def test_who_may_grant_gives_roles_which_are_logged(self):
        form = self._open(self.admin)
        form.supervisor_ids.add(self.worker)
        self._start(self._save(form))
        self.assertTrue(self.worker.has_group("stock_cycle_count.group_supervisor"))
        log = self.env["stock.cycle.count.audit.log"].search([("company_id", "=", self.company.id)])
        self.assertIn("changed: roles", log.mapped("attempt"))

    def test_what_is_missing_is_said(self):
        cases = {
            "warehouse": (lambda form: form.warehouse_ids.clear(), "at least one warehouse"),
            "counters": (lambda form: form.counter_ids.clear(), "somebody who counts"),
            "approvers": (lambda form: (form.supervisor_ids.clear(), form.controller_ids.clear()), "person who approves"),
        }
        for name, (change, message) in cases.items():
            with self.subTest(name):
                form = self._open(self.manager)
                change(form)
                with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                    self._start(self._save(form))
        self.make_plan()
        setup = self._save(self._open(self.manager))
        self.assertFalse(setup.warehouse_ids, "it has a plan")
        self.assertTrue(setup.is_planned)
        self.assertFalse(setup.workload_note)
        setup.warehouse_ids = self.warehouse
        self.assertFalse(setup.is_planned)
        with self.assertRaisesRegex(UserError, "plan of the whole warehouse already"):
            self._start(setup)

    def test_what_it_made_is_not_forged(self):
        plan = self.make_plan()
        Setup = self.as_user(self.manager, self.env["stock.cycle.count.setup"])
        for name, value in {
                "state": "done", "plan_ids": plan.ids, "before": "{}", "company_ids": self.company.ids}.items():
            with self.subTest(name), self.assertRaises(UserError), self.cr.savepoint():
                Setup.create({name: value})
        forged = Setup.with_context(default_state="done", default_before='{"finished": [1]}').create({})
        self.assertEqual((forged.state, forged.before), ("draft", False))
        with self.assertRaises(UserError):
            forged.action_undo()

    def test_what_no_plan_covers_is_named(self):
        second = self.env["stock.warehouse"].create({"name": "Attic", "code": "ATT", "company_id": self.company.id})
        self.receive(self.product, second.lot_stock_id, 1)
        yard = self.env["stock.location"].create({"name": "Yard", "usage": "internal", "company_id": self.company.id})
        self.receive(self.product, yard, 1)
        self.make_plan(name="Empty Plan")
        form = self._open(self.manager)
        self.assertIn("Yard", form.uncovered_note)
        self.assertIn("Empty Plan", form.uncovered_note)
        self.assertNotIn("ATT", form.uncovered_note)
        form.warehouse_ids.clear()
        self.assertIn("ATT/Stock", form.uncovered_note)


@tagged("standard", "post_install", "-at_install", "long")
class TestLargeSetup(SetupCase):

    def test_three_hundred_products_in_three_warehouses(self):
        places = [self.stock] + [
            self.env["stock.warehouse"].create(
                {"name": name, "code": name, "company_id": self.company.id}).lot_stock_id for name in ("W2", "W3")]
        products = self.env["product.product"].create(
            [{"name": f"P{number}", "type": "product"} for number in range(300)])
        for number, product in enumerate(products.with_company(self.company)):
            product.standard_price = 300 - number
        for place in places:
            for product in products:
                self.env["stock.quant"]._update_available_quantity(product, place, 1)
        setup = self._save(self._open(self.manager))
        self.assertEqual(len(setup.warehouse_ids), 3)
        self.assertIn("location): 900.", setup.workload_note)
        drawn = json.loads(setup.workload)
        self.assertEqual((len(drawn["classes"]), drawn["capacity"]), (3, 3 * setup.daily_capacity))
        self.assertGreaterEqual(sum(map(sum, (one["counts"] for one in drawn["classes"]))), 900)
        self._start(setup)
        self.assertEqual(len(setup.plan_ids), 3)
        self.assertEqual(setup.plan_ids.profile_id, setup.profile_ids)
        for plan in setup.plan_ids:
            ranked = plan.count_ids.sudo().line_ids.filtered(lambda line: line.selection_reason == "ranked")
            self.assertEqual(set(ranked.mapped("scheduled_date")), set(plan._get_pick_days()), "from the first working day on")
            self.assertEqual(set(ranked.abc_class_id.mapped("name")), {"A"}, "A first")
        self.assertEqual(setup.plan_ids.count_ids.line_ids.mapped("state"), ["pending"] * len(
            setup.plan_ids.count_ids.line_ids))
