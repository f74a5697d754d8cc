from datetime import datetime, timedelta

import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import _as_validation_error
from odoo.tests import Form
from odoo.tools import mute_logger

from .common_planning import NOW, TODAY, PlanningCase


class BadInputCase(PlanningCase):

    def refuse(self, function, *words):
        """Check that a call and its commit are refused as a client sees it, with these words, and leave nothing."""
        with self.cr.savepoint(flush=False) as savepoint:
            try:
                with mute_logger("odoo.sql_db"):
                    function()
                    self.cr.flush()
            except psycopg2.IntegrityError as error:
                savepoint.rollback()
                message = str(_as_validation_error(self.env, error))
            except UserError as error:
                message = str(error)
            else:
                self.fail("nothing was refused")
            savepoint.rollback()
            self.cr.clear()
        for word in words:
            self.assertIn(word, message)
        self.assertNotIn("psycopg", message)


class TestShares(BadInputCase):

    def setUp(self):
        super().setUp()
        self.profile = self.make_profile()
        self.cr.flush()

    def shares(self):
        return self.profile.class_ids.mapped("cumulative_share")

    def save(self, *commands):
        """Save classes as a form does: all rows in one write on the profile."""
        self.call(self.manager, self.profile, "web_save", {"class_ids": list(commands)}, {"name": {}})
        self.cr.flush()

    def test_shares_that_do_not_end_at_100(self):
        last = self.profile.class_ids[2]
        for values in ({"cumulative_share": 99}, {"cumulative_share": 99.9999}):
            self.refuse(lambda values=values: self.save(Command.update(last.id, values)), "Cumulative share", "100")
        self.refuse(lambda: self.save(Command.delete(last.id)), "Cumulative share", "100")
        self.assertEqual(self.shares(), [80, 95, 100])

    def test_shares_that_do_not_rise(self):
        first, second, _last = self.profile.class_ids
        self.refuse(lambda: self.save(Command.update(first.id, {"cumulative_share": 95})), "Cumulative share", "rise")
        self.refuse(lambda: self.save(Command.create({"name": "D", "cumulative_share": 100})), "rise")
        self.refuse(lambda: self.save(Command.update(second.id, {"cumulative_share": 100})), "rise")
        self.assertEqual(self.shares(), [80, 95, 100])

    def test_shares_out_of_range(self):
        first = self.profile.class_ids[0]
        for share in (0, -1, 100.5, 1000):
            self.refuse(lambda share=share: self.save(Command.update(first.id, {"cumulative_share": share})),
                        "Cumulative share")
        self.assertEqual(self.shares(), [80, 95, 100])

    def test_no_class_at_all(self):
        self.refuse(lambda: self.save(Command.clear()), "Cumulative share")
        self.refuse(lambda: self.make_profile(class_ids=[]), "Cumulative share")
        self.assertEqual(self.shares(), [80, 95, 100])

    def test_rows_may_be_wrong_while_they_are_saved(self):
        first, second, last = self.profile.class_ids
        for commands, shares in [
            ([Command.update(first.id, {"cumulative_share": 96}), Command.update(second.id, {"cumulative_share": 98})],
             [96, 98, 100]),
            ([Command.update(second.id, {"cumulative_share": 20}), Command.update(first.id, {"cumulative_share": 10})],
             [10, 20, 100]),
            ([Command.update(last.id, {"cumulative_share": 50}),
              Command.create({"name": "D", "cumulative_share": 100, "counts_per_year": 1})], [10, 20, 50, 100]),
            ([Command.delete(first.id), Command.delete(second.id)], [50, 100]),
        ]:
            with self.subTest(shares=shares):
                self.save(*commands)
                self.assertEqual(self.shares(), shares)

    def test_in_the_form_in_any_order(self):
        manager = self.as_user(self.manager, self.profile)
        for edits, shares in [
            ([(0, 97), (1, 99)], [97, 99, 100]),
            ([(1, 20), (0, 10)], [10, 20, 100]),
            ([(2, 30), (1, 100)], [10, 30, 100]),
        ]:
            with self.subTest(shares=shares), Form(manager) as form:
                for index, share in edits:
                    with form.class_ids.edit(index) as row:
                        row.cumulative_share = share
            self.cr.flush()
            self.assertEqual(sorted(self.shares()), shares)
        form = Form(manager)
        with form.class_ids.edit(0) as row:
            row.cumulative_share = 99
        with form.class_ids.edit(1) as row:
            row.cumulative_share = 50
        with form.class_ids.edit(2) as row:
            row.cumulative_share = 60
        self.refuse(form.save, "Cumulative share", "50, 60, 99")

    def test_by_writing_on_a_class(self):
        first, second, last = self.profile.class_ids
        write = {"cumulative_share": 97}
        self.refuse(lambda: self.call(self.manager, first, "write", {"cumulative_share": 95}), "Cumulative share",
                    self.profile.name)
        self.refuse(lambda: self.call(self.manager, last, "write", write), "Cumulative share")
        self.refuse(lambda: self.call(self.manager, last, "unlink"), "Cumulative share")
        self.refuse(lambda: self.call(self.manager, first.browse(), "create", {
            "name": "D", "profile_id": self.profile.id, "cumulative_share": 95}), "Cumulative share")
        other = self.make_profile()
        self.refuse(lambda: self.call(self.manager, last, "write", {"profile_id": other.id, "name": "D"}),
                    "Cumulative share")
        self.assertEqual(self.shares(), [80, 95, 100])
        self.call(self.manager, second, "write", write)
        self.cr.flush()
        self.assertEqual(self.shares(), [80, 97, 100])

    def test_counts_per_year_and_tolerance(self):
        first = self.profile.class_ids[0]
        for counts in (0, -12):
            self.refuse(lambda counts=counts: first.write({"counts_per_year": counts}), "Counts per year")
        self.refuse(lambda: first.write({"hit_tolerance": -1}), "Hit tolerance")
        self.refuse(lambda: first.write({"name": "B"}), "same name")

    def test_days_of_a_profile(self):
        self.refuse(lambda: self.profile.write({"history_days": 0}), "history")
        self.refuse(lambda: self.profile.write({"new_product_days": -1}), "New Product Period (days)")
        self.refuse(lambda: self.profile.write({"new_product_days": 5}), "Class while new")


class TestPlans(BadInputCase):

    def setUp(self):
        super().setUp()
        self.plan = self.make_plan(profile_id=self.make_profile().id)
        self.product = self.make_product()
        self.make_quant(self.product)
        self.cr.flush()

    def test_numbers_out_of_range(self):
        for name, label, values in [
            ("daily_capacity", "Counts per Day", (0, -5)),
            ("sheet_size", "Lines per Sheet", (0, -1)),
            ("grace_days", "Grace Period (working days)", (-1,)),
            ("horizon_days", "Sheets ahead (days)", (-1,)),
            ("forecast_days", "Forecast (days)", (0, -1, 731)),
            ("recount_rounds", "Recounts", (-1,)),
        ]:
            before = self.plan[name]
            for value in values:
                with self.subTest(field=name, value=value):
                    self.refuse(lambda name=name, value=value: self.plan.write({name: value}), label)
                    self.refuse(lambda name=name, value=value: self.make_plan(**{name: value}), label)
                    self.assertEqual(self.plan[name], before)

    def test_numbers_at_the_edge(self):
        self.plan.write({"daily_capacity": 1, "sheet_size": 1, "grace_days": 0, "horizon_days": 0, "forecast_days": 1,
                         "recount_rounds": 0})
        self.cr.flush()
        self.plan.action_schedule()
        self.plan.action_generate()
        self.plan.write({"daily_capacity": 2_000_000_000, "sheet_size": 2_000_000_000, "forecast_days": 730})
        self.plan.action_schedule()
        self.plan.action_generate()

    def test_no_counters(self):
        self.refuse(lambda: self.plan.write({"counter_ids": [Command.clear()]}), "Counters", self.plan.name)
        self.refuse(lambda: self.make_plan(counter_ids=[]), "Counters")
        form = Form(self.as_user(self.manager, self.plan.browse()))
        form.name = "From the form"
        form.warehouse_id = self.warehouse
        form.calendar_id = self.calendar
        self.refuse(form.save, "Counters", "From the form")
        self.assertEqual(self.plan.counter_ids, self.counter)

    def test_the_last_counter_left(self):
        self.plan.action_schedule()
        self.position(self.product).manual_date = TODAY
        scheduled = self.plan.last_schedule_date
        self.counter.active = False
        self.clock.move_to(NOW + timedelta(hours=1))
        for action in (self.plan.action_schedule, self.plan.action_generate):
            self.refuse(action, "Counters", self.plan.name)
        self.assertFalse(self.plan.count_ids)
        self.assertEqual(self.plan.last_schedule_date, scheduled)

    def test_a_calendar_without_working_days(self):
        empty = self.env["resource.calendar"].create(
            {"name": "Nobody works", "company_id": self.company.id, "attendance_ids": [Command.clear()]})
        self.refuse(lambda: self.plan.write({"calendar_id": empty.id}), "Working Days", "Nobody works", self.plan.name)
        self.refuse(lambda: self.make_plan(calendar_id=empty.id), "Working Days", "Nobody works")
        self.refuse(lambda: self.make_plan(calendar_id=False), "Working Days")
        self.assertEqual(self.plan.calendar_id, self.calendar)

    def test_a_calendar_that_lost_its_working_days(self):
        self.plan.action_schedule()
        position = self.position(self.product)
        before = position.scheduled_date
        other = self.make_product()
        self.make_quant(other)
        self.calendar.attendance_ids = [Command.clear()]
        self.refuse(self.plan.action_schedule, "Working Days", self.calendar.name)
        self.assertEqual(position.scheduled_date, before)
        self.assertFalse(self.position(other), "nothing half-done")

    def test_a_calendar_of_one_long_holiday(self):
        self.make_holiday(TODAY - timedelta(days=3000), TODAY + timedelta(days=4000))
        self.refuse(self.plan.action_schedule, "Working Days", self.calendar.name)
        self.assertFalse(self.position(self.product))

    def test_intervals_beyond_all_calendars(self):
        abc_class = self.plan.profile_id.class_ids[0]
        abc_class.counts_per_year = 0.01
        self.set_class(self.product, abc_class)
        other = self.make_product()
        self.make_quant(other, self.bins[1])
        self.bins[1].cyclic_inventory_frequency = 2_000_000
        self.plan.action_schedule()
        for product, place in ((self.product, self.bin), (other, self.bins[1])):
            self.position(product, place).last_count_date = datetime(2024, 3, 4, 8)
        self.plan.action_schedule()
        self.assertEqual(self.position(self.product).due_date, TODAY + timedelta(days=36500))
        self.assertGreater(self.position(other, self.bins[1]).due_date, TODAY + timedelta(days=36500))

    def test_requests_of_another_age(self):
        self.plan.action_schedule()
        position = self.position(self.product)
        for day in ("1900-01-01", "9999-12-31"):
            position.manual_date = day
            self.plan.action_schedule()
            self.assertTrue(position.scheduled_date)

    def test_nothing_is_written_by_a_run_that_fails(self):
        self.plan.daily_capacity = 5
        self.patch(type(self.env["stock.quant"]), "_sync_positions", lambda *args: self._fail())
        self.refuse(self.plan.action_schedule, "On the last step")
        self.assertFalse(self.position(self.product))
        self.assertFalse(self.plan.last_schedule_date)

    def _fail(self):
        raise ValidationError("On the last step")
