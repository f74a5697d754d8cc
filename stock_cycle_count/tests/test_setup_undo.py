"""What *Start* made is undone as long as nothing was counted from it or drawn at random."""
from datetime import datetime, timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .test_setup import SetupCase


class TestSetupUndo(SetupCase):

    def _begin(self, number=30, capacity=10):
        """A set-up that was started, of so many positions."""
        self._stock(self.env["product.product"].create(
            [{"name": f"P{product}", "type": "product"} for product in range(number)]), self.bin_a)
        form = self._open(self.admin)
        form.daily_capacity = capacity
        return self._start(self._save(form))

    def _generate(self, plan):
        self.call(self.admin, plan, "action_generate")
        self.env.flush_all()
        self.env.invalidate_all()

    def _undo(self, setup, **context):
        self.env.invalidate_all()
        setup = self.as_user(self.admin, setup, **context)
        self.assertTrue(setup.can_undo)
        self.assertFalse(setup.undo_note)
        started = setup.sudo().with_context(active_test=False)
        made = started.plan_ids, started.profile_ids, started.tolerance_ids
        setup.action_undo()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(setup.state, "undone")
        self.assertFalse([records for records in made if records.exists()])

    def _assert_stays(self, setup, why, **context):
        """Undo is not offered, and refused, for this reason; all stays as it is."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self._get_state()
        seen = self.as_user(self.admin, setup, **context)
        self.assertFalse(seen.can_undo)
        self.assertRegex(seen.undo_note, why)
        with self.assertRaisesRegex(UserError, why), self.cr.savepoint():
            seen.action_undo()
        self.env.invalidate_all()
        self.assertEqual((self._get_state(), setup.state), (before, "done"))

    def test_undo_leaves_no_trace(self):
        self._stock(self.product | self.other_product, self.bin_a)
        before = self._get_state()
        form = self._open(self.admin)
        form.approval = "alone"
        form.control = "later"
        setup = self._start(self._save(form))
        self.assertNotEqual(self._get_state(), before)
        self._undo(setup)
        self.assertEqual(self._get_state(), before)
        positions = self.env["stock.cycle.count.position"].with_context(active_test=False).search(
            [("company_id", "=", self.company.id)])
        self.assertEqual(set(positions.mapped("active")), {False}, "what was scheduled rests")
        self.assertFalse(positions.manual_user_id, "nobody asked for a count")
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            self.call(self.admin, setup.sudo(False), "action_undo")
        again = self._start(self._save(self._open(self.admin)))
        self.assertEqual(len(again.plan_ids.count_ids.line_ids), 2)

    def test_roles_that_were_given_are_taken_back(self):
        before = self._get_state()
        form = self._open(self.admin)
        form.supervisor_ids.add(self.outsider)
        setup = self._start(self._save(form))
        self.assertTrue(self.outsider.has_group("stock.group_stock_user"))
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.call(self.manager, setup.sudo(False), "action_undo")
        self._undo(setup)
        self.assertEqual(self._get_state(), before)

    def test_nothing_is_drawn_on_the_first_day(self):
        """However often sheets are made: the day keeps to its counts, and *Undo* stays."""
        before = self._get_state()
        for capacity in (5, 20):
            setup = self._begin(capacity=capacity)
            plan = setup.plan_ids
            made, today = plan.count_ids, plan._get_today()
            self.assertLessEqual(
                made.line_ids.search_count([("id", "in", made.line_ids.ids), ("scheduled_date", "=", today)]), capacity)
            self._generate(plan)
            self.assertEqual(plan.count_ids, made)
            self.assertFalse(self.env["stock.cycle.count.draw"].search([("plan_id", "=", plan.id)]))
            self._undo(setup)
            self.assertEqual(self._get_state(), before)

    def test_what_was_drawn_stays(self):
        setup = self._begin(capacity=20)
        plan = setup.plan_ids
        plan.draws_from = plan._get_today()             # as on the next day
        self._generate(plan)
        self.assertTrue(self.env["stock.cycle.count.draw"].search([("plan_id", "=", plan.id)]))
        self._assert_stays(setup, "has drawn positions at random already")
        plan.with_user(self.admin).active = False
        self._assert_stays(setup, "has drawn positions at random already")

    def test_what_was_counted_stays(self):
        setup = self._begin()
        sheet = setup.plan_ids.count_ids[0]
        sheet.with_user(sheet.user_id).action_start()
        self.count(sheet.line_ids[0], 10)
        why = f"{sheet.user_id.name} has counted on {sheet.name}"
        self._assert_stays(setup, why)
        sheet.with_user(self.admin).action_cancel()
        for made in (setup.plan_ids, setup.profile_ids, setup.tolerance_ids):
            made.active = False
        self._assert_stays(setup, why)

    def test_what_was_begun_is_cancelled_first(self):
        before = self._get_state()
        setup = self._begin()
        sheet = setup.plan_ids.count_ids[0]
        sheet.with_user(sheet.user_id).action_start()
        self._assert_stays(setup, f"{sheet.user_id.name} has begun {sheet.name}. Cancel")
        sheet.with_user(self.admin).action_cancel()
        self._undo(setup)
        self.assertEqual(self._get_state(), before)

    def test_what_was_noted_stays(self):
        """Also where nothing was counted: a note, a photo, a reason not to count, a sheet that was closed so."""
        for change, value in (("note", "door is locked"), ("skip_reason", "no ladder"), ("evidence_ids", "photo"), (None, None)):
            with self.subTest(change=change), self.cr.savepoint() as savepoint:
                setup = self._begin()
                sheet = setup.plan_ids.count_ids[0]
                counting = sheet.with_user(sheet.user_id)
                counting.action_start()
                line = counting.line_ids[0]
                if change == "evidence_ids":
                    photo = self.env["ir.attachment"].create(
                        {"name": value, "raw": b"x", "res_model": line._name, "res_id": line.id})
                    value = [Command.set(photo.ids)]
                if change:
                    line[change] = value
                    sheet.with_user(self.admin).action_cancel()
                else:
                    asked = counting.action_close()
                    self.env[asked["res_model"]].with_user(sheet.user_id).with_context(**asked["context"]).create({}).action_close()
                    self.assertEqual((sheet.state, sheet.line_ids.entry_ids.ids), ("done", []))
                self._assert_stays(setup, f"{sheet.name} was closed already, or somebody has noted")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_what_another_plan_drew_stays(self):
        setup = self._begin(capacity=30)
        zone = self.env["stock.cycle.count.plan"].create({
            "name": "Zone", "warehouse_id": self.warehouse.id, "location_ids": [Command.set(self.bin_a.ids)],
            "counter_ids": [Command.set(self.counter.ids)], "daily_capacity": 20})
        self.call(self.admin, zone, "action_schedule")
        self._generate(zone)
        self._assert_stays(setup, "Zone has drawn positions at random already")

    def test_draws_are_not_put_off(self):
        plan = self._begin().plan_ids
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            plan.with_user(self.admin).draws_from = plan._get_today() + timedelta(days=3)
            self.env.flush_all()

    def test_what_was_archived_goes_as_well(self):
        before = self._get_state()
        setup = self._begin()
        for made in (setup.plan_ids, setup.profile_ids, setup.tolerance_ids):
            made.active = False
        self._undo(setup)
        self.assertEqual(self._get_state(), before)

    def test_a_later_warehouse_keeps_its_classes(self):
        setup = self._begin()
        plan, profile = setup.plan_ids, setup.profile_ids
        self.assertEqual(plan.template_for, "company")
        later = self.env["stock.warehouse"].create({"name": "Later", "code": "LTR", "company_id": self.company.id})
        other = plan.search([("warehouse_id", "=", later.id)])
        self.assertEqual(other.profile_id, profile)
        self._assert_stays(setup, f"Plan {other.name} uses the classes")
        other.active = False
        self._assert_stays(setup, f"Plan {other.name} uses the classes")
        other.unlink()
        self._undo(setup)
        self.assertFalse(profile.exists())

    def test_several_companies_are_undone_together(self):
        other = self.make_company("Second Company")
        companies = (self.company | other).ids
        self.admin.company_ids = [Command.set(companies)]
        self.counter.company_ids = [Command.set(companies)]
        self._stock(self.product, self.bin_a)
        setup = self._start(self._save(self._open(self.admin)))
        for made in (setup.plan_ids, setup.tolerance_ids):
            self.assertEqual(made.company_id.ids, companies)
        self._assert_stays(setup, "for several companies", allowed_company_ids=self.company.ids)
        setup.plan_ids.filtered(lambda plan: plan.company_id == other).active = False
        self._assert_stays(setup, "for several companies", allowed_company_ids=self.company.ids)
        self._undo(setup, allowed_company_ids=companies)
        self.assertEqual((self.company | other).mapped("cycle_count_setup_date"), [False, datetime(2020, 1, 1)])
