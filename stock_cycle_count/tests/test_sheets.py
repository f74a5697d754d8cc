from datetime import date, datetime, timedelta

import psycopg2.errors

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common_planning import NOW, TODAY, PlanningCase


class SheetCase(PlanningCase):
    """A plan whose positions are all due; every test asks for sheets of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.make_profile()
        cls.plan = cls.make_plan(profile_id=cls.profile.id, sheet_size=40)

    def make_due(self, *places, day=TODAY, product=None, **quant):
        """Stock on these places, a product of its own each unless one is given, to be counted on a day."""
        products = self.env["product.product"]
        for place in places:
            one = product or self.make_product()
            self.make_quant(one, place, **quant)
            products |= one
        self.plan.action_schedule()
        for place in places:
            for one in products:
                self.position(one, place).manual_date = day
        return products

    def generate(self, plan=None):
        """Make sheets; answer the new ones in the order of their numbers."""
        plan = plan or self.plan
        before = plan.count_ids
        plan.action_generate()
        return (plan.count_ids - before).sorted("id")

    def walks(self, sheets):
        """Places in the order of the lines, sheet by sheet."""
        return [sheet.line_ids.sorted("sequence").location_id.mapped("name") for sheet in sheets]


class TestGeneration(SheetCase):

    def test_lines_say_what_when_and_why(self):
        product = self.make_due(self.bin, day=date(2024, 3, 6))
        sheet = self.generate()
        self.assertEqual((sheet.state, sheet.plan_id, sheet.origin, sheet.company_id, sheet.warehouse_id),
                         ("draft", self.plan, "plan", self.company, self.warehouse))
        self.assertEqual(sheet.scheduled_date, date(2024, 3, 6))
        self.assertRegex(sheet.name, r"^CC/\d{5,}$")
        line = sheet.line_ids
        self.assertEqual((line.product_id, line.location_id, line.company_id, line.state, line.user_id),
                         (product, self.bin, self.company, "pending", self.counter))
        self.assertEqual((line.position_id, line.quant_id.product_id), (self.position(product), product))
        self.assertEqual((line.selection_reason, line.due_date), ("manual", date(2024, 3, 6)))
        self.assertEqual(self.plan.last_generate_date, NOW)

    def test_every_line_says_why(self):
        by_class, by_location, by_year, by_hand = self.make_products(4)
        places = dict(zip((by_class, by_location, by_year, by_hand), self.bins))
        for product, place in places.items():
            self.make_quant(product, place)
        self.set_class(by_class, self.profile.class_ids[0])
        places[by_location].cyclic_inventory_frequency = 10
        self.company.write({"annual_inventory_month": "3", "annual_inventory_day": 15})
        self.plan.horizon_days = 60
        self.plan.action_schedule()
        self.position(by_hand, places[by_hand]).manual_date = TODAY
        lines = self.generate().line_ids
        self.assertEqual({line.product_id: line.selection_reason for line in lines},
                         {by_class: "class", by_location: "location", by_year: "annual", by_hand: "manual"})
        self.assertEqual(lines.filtered(lambda line: line.product_id == by_class).abc_class_id,
                         self.profile.class_ids[0])

    def test_only_what_is_due_within_the_horizon(self):
        self.plan.write({"horizon_days": 3, "grace_days": 0})
        near = self.make_due(self.bins[0], day=date(2024, 3, 7))
        self.make_due(self.bins[1], day=date(2024, 3, 8))
        self.assertEqual(self.generate().line_ids.product_id, near)
        self.clock.move_to(NOW + timedelta(days=1))
        self.assertEqual(len(self.generate().line_ids), 1)

    def test_a_day_a_sheet(self):
        self.plan.grace_days = 0
        self.make_due(self.bins[0], self.bins[1], day=date(2024, 3, 5))
        self.make_due(self.bins[2], day=date(2024, 3, 6))
        self.make_due(self.bins[3], day=date(2024, 2, 20))
        sheets = self.generate()
        self.assertEqual([(sheet.scheduled_date, sheet.line_count) for sheet in sheets],
                         [(TODAY, 1), (date(2024, 3, 5), 2), (date(2024, 3, 6), 1)],
                         "what is overdue is for today")

    def test_bins_are_kept_whole(self):
        self.plan.sheet_size = 3
        for place, number in zip(self.bins, (2, 2, 1, 5)):
            for _index in range(number):
                self.make_due(place)
        self.assertEqual([sheet.line_count for sheet in self.generate()], [2, 3, 3, 2])
        self.assertEqual(self.walks(self.plan.count_ids.sorted("id")), [["A1"], ["A2", "A3"], ["B1"], ["B1"]])

    def test_one_zone_a_sheet(self):
        self.plan.write({"grouping": "zone", "sheet_size": 2})
        gate = self.make_location("Gate", self.warehouse.view_location_id)
        self.make_due(*[self.bins[4]] * 2, self.bins[0], *[gate] * 2, *[self.stock] * 2, self.bins[1])
        walks = self.walks(self.generate())
        self.assertCountEqual(walks, [["A1", "A2"], ["B2"], ["Gate"], ["Stock"]])

    def test_all_bins_of_a_product_together(self):
        self.plan.grouping = "product"
        one, other = self.make_products(2)
        for product in (one, other):
            for place in (self.bins[5], self.bins[0], self.bins[2]):
                self.make_due(place, product=product)
        sheet = self.generate()
        lines = sheet.line_ids.sorted("sequence")
        self.assertEqual(lines.mapped("product_id"), one | other)
        self.assertEqual([(line.product_id, line.location_id.name) for line in lines],
                         [(product, name) for product in (one, other) for name in ("A1", "A3", "B3")])
        self.plan.sheet_size = 5
        sheet.action_cancel()
        self.assertEqual([sheet.line_ids.product_id for sheet in self.generate()], [one, other])

    def test_walking_order(self):
        names = ("R 1/10", "R 1/9", "R 2/1", "R 10/1")
        shelves = [self.make_location(name, self.zone_b) for name in names]
        self.make_due(self.bins[3], shelves[3], self.bins[0], shelves[2], self.bins[2], shelves[0], shelves[1])
        sheet = self.generate()
        self.assertEqual(self.walks(sheet), [["R 1/9", "R 1/10", "R 2/1", "R 10/1", "A1", "A3", "B1"]],
                         "by coordinates, then by name with its numbers as numbers")
        self.assertEqual(sheet.line_ids.sorted("sequence").mapped("sequence"), list(range(1, 8)))

    def test_counters_in_turn_across_runs(self):
        self.plan.write({"sheet_size": 1, "counter_ids": [Command.set((self.counter | self.second).ids)]})
        first, second = (self.counter | self.second).sorted("id")
        self.make_due(*self.bins[:3])
        self.assertEqual(self.generate().mapped("user_id.id"), [first.id, second.id])
        self.assertEqual([sheet.user_id for sheet in self.plan.count_ids.sorted("id")], [first, second, first])
        self.make_due(*self.bins[3:5])
        self.assertEqual([sheet.user_id for sheet in self.generate()], [second, first])

    def test_lots_packages_and_owners_are_lines_of_their_own(self):
        product = self.make_product(tracking="lot")
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": product.id, "company_id": self.company.id} for name in ("L1", "L2")])
        box = self.env["stock.quant.package"].create({"name": "Box"})
        owner = self.env["res.partner"].create({"name": "Owner"})
        keys = [{}, {"lot_id": lots[0]}, {"lot_id": lots[1]}, {"lot_id": lots[1], "package_id": box},
                {"lot_id": lots[1], "owner_id": owner}]
        for key in keys:
            self.make_quant(product, **key)
        self.plan.action_schedule()
        self.position(product).manual_date = TODAY
        lines = self.generate().line_ids
        empty = {"lot_id": lots.browse(), "package_id": box.browse(), "owner_id": owner.browse()}
        self.assertCountEqual(
            [(line.lot_id, line.package_id, line.owner_id) for line in lines],
            [tuple(dict(empty, **key).values()) for key in keys])
        self.assertEqual(lines.position_id, self.position(product))
        for line in lines:
            self.assertEqual((line.quant_id.lot_id, line.quant_id.package_id, line.quant_id.owner_id),
                             (line.lot_id, line.package_id, line.owner_id))

    def test_two_quants_of_one_key_are_one_line(self):
        product = self.make_due(self.bin)
        self.env["stock.quant"].create({"product_id": product.id, "location_id": self.bin.id, "quantity": 3})
        self.assertEqual(len(self.generate().line_ids), 1)

    def test_an_empty_bin_has_a_line(self):
        product = self.make_due(self.bin)
        self.deliver(product, self.bin, 10)
        self.env.flush_all()
        self.env["stock.quant"]._unlink_zero_quants()
        line = self.generate().line_ids
        self.assertEqual((line.product_id, line.location_id, line.quant_id.id), (product, self.bin, False))

    def test_negative_stock_has_a_line(self):
        product = self.make_due(self.bin, quantity=-4)
        self.assertEqual(self.generate().line_ids.product_id, product)

    def test_a_plan_makes_sheets_of_its_own_positions(self):
        self.make_due(self.bins[0], self.bins[3])
        other = self.make_plan(name="Zone B", location_ids=[Command.set(self.zone_b.ids)])
        other.action_schedule()
        self.assertEqual(self.generate(other).line_ids.location_id, self.bins[3])
        self.assertEqual(self.generate().line_ids.location_id, self.bins[0])

    def test_each_sheet_has_the_company_of_its_location(self):
        plan = self.make_plan(
            name="Theirs", warehouse_id=self.other_warehouse.id, counter_ids=[Command.set(self.stranger.ids)],
            calendar_id=self.env["resource.calendar"].create({"name": "Theirs", "company_id": self.other_company.id}).id)
        shelf = self.other_warehouse.lot_stock_id
        product = self.make_product()
        self.make_quant(product, shelf)
        plan.action_schedule()
        self.env["stock.cycle.count.position"].search([("location_id", "=", shelf.id)]).manual_date = TODAY
        self.make_due(self.bin)
        (self.plan | plan).action_generate()
        self.assertEqual(self.plan.count_ids.company_id, self.company)
        self.assertEqual(plan.count_ids.company_id, self.other_company)
        self.assertEqual(plan.count_ids.line_ids.company_id, self.other_company)
        self.assertEqual(plan.count_ids.user_id, self.stranger)

    def test_policies_are_frozen(self):
        self.make_due(self.bins[0])
        sheet = self.generate()
        self.plan.write({"blind": False, "uncounted_policy": "zero", "recount_rounds": 5, "lock_mode": "block"})
        self.assertEqual((sheet.blind, sheet.uncounted_policy, sheet.recount_rounds, sheet.lock_mode),
                         (True, "leave", 2, "none"))
        self.make_due(self.bins[1])
        sheet = self.generate()
        self.assertEqual((sheet.blind, sheet.uncounted_policy, sheet.recount_rounds, sheet.lock_mode),
                         (False, "zero", 5, "block"))

    def test_nothing_due_makes_nothing(self):
        self.assertFalse(self.generate())
        self.assertEqual(self.plan.last_generate_date, NOW)

    def test_queries_do_not_grow_with_lines(self):
        self.make_due(self.bin)
        self.generate()
        # Products exist before the first run: what is measured is the making of sheets.
        products = self.make_products(220)
        quants = [{"product_id": product.id, "location_id": self.bins[1].id, "quantity": 1} for product in products]
        self.env["stock.quant"].create(quants[:20])
        self.plan.action_schedule()
        self.plan.position_ids.manual_date = TODAY
        few = self.count_queries(self.generate)
        self.env["stock.quant"].create(quants[20:])
        self.plan.action_schedule()
        self.plan.position_ids.manual_date = TODAY
        many = self.count_queries(self.generate)
        self.assertEqual(sum(self.plan.count_ids.mapped("line_count")), 221)
        self.assertLessEqual(many - few, 60 * 0.2, "60 queries for 1,000 lines")
        self.assertLess(self.count_queries(self.generate), 30, "nothing to add")


class TestNoDuplicates(SheetCase):

    def test_running_again_adds_nothing(self):
        self.make_due(*self.bins)
        sheet = self.generate()
        self.assertEqual(len(sheet.line_ids), 6)
        self.assertFalse(self.generate())
        self.plan.action_schedule()
        self.clock.move_to(NOW + timedelta(days=3))
        self.plan.action_schedule()
        self.assertFalse(self.generate())

    def test_started_and_counted_sheets_hold_their_keys(self):
        self.make_due(*self.bins[:2])
        sheet = self.generate()
        self.call(self.counter, sheet, "action_start")
        self.assertFalse(self.generate())
        self.call(self.counter, sheet.line_ids[0], "write", {"count_input": "10"})
        self.assertEqual(sheet.line_ids[0].state, "counted")
        self.assertFalse(self.generate())

    def test_a_cancelled_sheet_comes_back(self):
        self.make_due(*self.bins[:2])
        sheet = self.generate()
        self.call(self.supervisor, sheet, "action_cancel")
        self.assertEqual(sheet.line_ids.mapped("state"), ["cancel", "cancel"])
        again = self.generate()
        self.assertEqual(again.line_ids.location_id, sheet.line_ids.location_id)
        self.assertFalse(self.generate())

    def test_an_open_line_of_a_sheet_made_by_hand_is_respected(self):
        product = self.make_due(self.bins[0])
        other = self.make_due(self.bins[1])
        by_hand = self.call(self.supervisor, self.env["stock.cycle.count"], "create", {
            "warehouse_id": self.warehouse.id, "user_id": self.second.id, "line_ids": [
                Command.create({"product_id": product.id, "location_id": self.bins[0].id})]})
        self.assertEqual(self.generate().line_ids.product_id, other)
        self.env["stock.cycle.count"].browse(by_hand).action_cancel()
        self.assertEqual(self.generate().line_ids.product_id, product)

    def _line(self, sheet, **values):
        return self.env["stock.cycle.count.line"].create(
            {"count_id": sheet.id, "location_id": self.bin.id, **values})

    def test_the_database_refuses_a_second_open_line(self):
        product = self.make_product(tracking="lot")
        lot = self.env["stock.lot"].create(
            {"name": "L", "product_id": product.id, "company_id": self.company.id})
        box = self.env["stock.quant.package"].create({"name": "Box"})
        owner = self.env["res.partner"].create({"name": "Owner"})
        sheets = self.env["stock.cycle.count"].create(
            [{"warehouse_id": self.warehouse.id, "company_id": self.company.id} for _index in range(2)])
        for key in ({}, {"lot_id": lot.id}, {"package_id": box.id}, {"owner_id": owner.id},
                    {"lot_id": lot.id, "package_id": box.id, "owner_id": owner.id}):
            with self.subTest(key=key):
                line = self._line(sheets[0], product_id=product.id, **key)
                self.env.flush_all()
                with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), \
                        self.cr.savepoint():
                    self._line(sheets[1], product_id=product.id, **key)
                self.assertEqual(line.state, "pending")
                for state in ("counted", "recount", "to_approve", "approved"):
                    line._write_judged({"state": state})
                    with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), \
                            self.cr.savepoint():
                        self._line(sheets[0], product_id=product.id, **key)
                for state in ("rejected", "posted", "cancel"):
                    line._write_judged({"state": state})
                    self.env.flush_all()
                    second = self._line(sheets[1], product_id=product.id, **key)
                    self.env.flush_all()
                    second.unlink()

    def test_states_cannot_be_written_by_hand(self):
        self.make_due(self.bin)
        sheet = self.generate()
        for user in (self.counter, self.worker, self.supervisor, self.controller):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.call(user, sheet, "write", {"state": "done"})
                with self.assertRaises(AccessError):
                    self.call(user, sheet.line_ids, "write", {"state": "posted"})
                with self.assertRaises(AccessError):
                    self.call(user, self.env["stock.cycle.count"], "create", {"state": "done"})
        self.assertEqual((sheet.state, sheet.line_ids.state), ("draft", "pending"))

    def test_only_steps_of_the_table(self):
        self.make_due(self.bin)
        sheet = self.generate()
        for to in ("review", "done"):
            with self.subTest(to=to), self.assertRaises(UserError):
                sheet._transition(to)
        sheet._transition("cancel")
        for to in ("draft", "in_progress", "review", "done"):
            with self.subTest(to=to), self.assertRaises(UserError):
                sheet._transition(to)


class TestRunning(SheetCase):

    def setUp(self):
        super().setUp()
        self.commits = []
        self.patch(type(self.env["stock.cycle.count.cron.mixin"]), "_commit_progress", lambda job: self.commits.append(job))
        (self.env["stock.cycle.count.plan"].search([]) - self.plan).active = False
        self.plan.location_ids = self.zone_a

    def test_supervisors_and_administrators_make_sheets_and_nobody_else(self):
        self.make_due(self.bin)
        for user in (self.outsider, self.counter, self.worker, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, self.plan, "action_generate")
        self.assertFalse(self.plan.count_ids)
        self.call(self.supervisor, self.plan, "action_generate")
        self.assertTrue(self.plan.count_ids)
        self.plan.count_ids.action_cancel()
        self.call(self.manager, self.plan, "action_generate")
        self.assertTrue(self.plan.count_ids.filtered(lambda count: count.state == "draft"))

    def test_the_cron_goes_on_after_a_plan_that_is_broken(self):
        broken = self.make_plan(name="Broken", location_ids=[Command.set(self.bins[3].ids)], sequence=1)
        last = self.make_plan(name="Last", location_ids=[Command.set(self.bins[4].ids)])
        for plan, place in ((self.plan, self.bin), (broken, self.bins[3]), (last, self.bins[4])):
            product = self.make_product()
            self.make_quant(product, place)
            plan.action_schedule()
            self.position(product, place).manual_date = TODAY
        self.env.flush_all()
        self.cr.execute(
            "DELETE FROM res_users_stock_cycle_count_plan_rel WHERE stock_cycle_count_plan_id = %s", [broken.id])
        self.env.invalidate_all()
        with mute_logger("odoo.addons.stock_cycle_count.models.mixins.stock_cycle_count_cron_mixin"):
            self.env["stock.cycle.count.plan"]._cron_generate()
        self.assertEqual(len(self.commits), 3)
        self.assertTrue(self.plan.count_ids and last.count_ids)
        self.assertFalse(self.plan.last_error or last.last_error)
        self.assertFalse(broken.count_ids)
        self.assertIn("Counters", broken.last_error)

    def test_a_plan_that_breaks_half_way_leaves_nothing(self):
        self.make_due(*self.bins[:3])
        self.plan.sheet_size = 1
        create = type(self.env["stock.cycle.count.line"]).create

        def fail(model, vals_list):
            create(model, vals_list)
            raise UserError("Half-way")

        self.patch(type(self.env["stock.cycle.count.line"]), "create", fail)
        with mute_logger("odoo.addons.stock_cycle_count.models.mixins.stock_cycle_count_cron_mixin"):
            self.env["stock.cycle.count.plan"]._cron_generate()
        self.assertEqual(self.plan.last_error, "Half-way")
        self.assertFalse(self.plan.count_ids)
        self.assertFalse(self.env["stock.cycle.count.line"].search([("company_id", "=", self.company.id)]))

    def test_the_cron_takes_up_where_it_stopped(self):
        second = self.make_plan(name="Second", location_ids=[Command.set(self.bins[4].ids)])
        self.plan.last_generate_date = NOW
        self.clock.move_to(NOW + timedelta(hours=1))
        self.env["stock.cycle.count.plan"]._cron_generate()
        self.assertEqual(self.plan.last_generate_date, NOW, "done today already")
        self.assertEqual(second.last_generate_date, datetime(2024, 3, 4, 10))

    def test_the_cron_works_in_the_company_of_the_plan(self):
        self.make_due(self.bin)
        plans = self.env["stock.cycle.count.plan"].with_company(self.other_company)
        plans._cron_generate()
        self.assertEqual(self.plan.count_ids.company_id, self.company)
        self.assertEqual(self.plan.count_ids.line_ids.company_id, self.company)

    def test_counters_of_another_company_are_refused(self):
        with self.assertRaisesRegex(UserError, "Counters"):
            self.plan.counter_ids = self.stranger
