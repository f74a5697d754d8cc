from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError

from .common_planning import NOW, TODAY
from .common_schedule import ScheduleCase


class TestScope(ScheduleCase):

    def in_scope(self, product, location=None, plan=None):
        position = self.position(product, location)
        return position.active and position.plan_id == (plan or self.plan)

    def test_the_whole_warehouse(self):
        gate = self.make_location("Gate", self.warehouse.view_location_id, usage="transit")
        places = [self.stock, self.bins[0], self.bins[5], self.warehouse.wh_input_stock_loc_id, gate]
        places[3].active = True
        for place in places:
            with self.subTest(place=place.display_name):
                product = self.make_stock(location=place)
                self.schedule()
                self.assertTrue(self.in_scope(product, place))
                self.assertEqual(self.position(product, place).company_id, self.company)
                self.assertEqual(self.position(product, place).warehouse_id, self.warehouse)

    def test_what_is_no_stock_of_the_warehouse(self):
        loss = self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.company.id)], limit=1)
        second = self.make_warehouse("Second", "SECND")
        for place in (self.customer, self.supplier, loss, second.lot_stock_id, self.other_warehouse.lot_stock_id):
            with self.subTest(place=place.display_name):
                product = self.make_stock(location=place)
                self.schedule()
                self.assertFalse(self.env["stock.cycle.count.position"].search([("product_id", "=", product.id)]))

    def test_only_these_locations_and_those_below(self):
        self.plan.location_ids = self.zone_a
        inside, outside = self.make_stock(location=self.bins[0]), self.make_stock(location=self.bins[4])
        self.schedule()
        self.assertTrue(self.in_scope(inside))
        self.assertFalse(self.position(outside, self.bins[4]))

    def test_archived_locations_of_a_plan_do_not_make_it_a_plan_of_everything(self):
        self.plan.location_ids = self.zone_b
        product = self.make_stock()
        self.zone_b.active = False
        self.schedule()
        self.assertFalse(self.position(product))

    def test_excluded_locations_with_all_below(self):
        product = self.make_stock(location=self.bins[0])
        self.make_quant(product, self.bins[4])
        self.schedule()
        self.zone_a.cycle_count_excluded = True
        self.schedule()
        self.assertFalse(self.position(product, self.bins[0]).active)
        self.assertFalse(self.position(product, self.bins[0]).plan_id)
        self.assertTrue(self.in_scope(product, self.bins[4]))
        self.zone_a.cycle_count_excluded = False
        self.schedule()
        self.assertTrue(self.in_scope(product, self.bins[0]))

    def test_excluded_above_the_locations_of_the_plan(self):
        self.plan.location_ids = self.bins[0]
        self.zone_a.cycle_count_excluded = True
        product = self.make_stock(location=self.bins[0])
        self.schedule()
        self.assertFalse(self.position(product))

    def test_archived_products_rest(self):
        product = self.make_stock()
        self.schedule()
        product.active = False
        self.schedule()
        self.assertFalse(self.position(product).active)
        product.active = True
        self.schedule()
        self.assertTrue(self.in_scope(product))
        archived = self.make_stock()
        archived.active = False
        self.schedule()
        self.assertFalse(self.position(archived))

    def test_other_companies_stay_out(self):
        plan = self.make_plan(
            name="Theirs", warehouse_id=self.other_warehouse.id, counter_ids=[Command.set(self.stranger.ids)],
            calendar_id=self.env["resource.calendar"].create({"name": "Theirs", "company_id": self.other_company.id}).id)
        shelf = self.other_warehouse.lot_stock_id
        product = self.make_stock(location=shelf)
        self.make_quant(product)
        self.schedule(self.plan | plan)
        positions = self.env["stock.cycle.count.position"].search([("product_id", "=", product.id)])
        self.assertEqual(
            {(position.location_id, position.company_id, position.plan_id) for position in positions},
            {(self.bin, self.company, self.plan), (shelf, self.other_company, plan)})

    def test_negative_and_zero_quants_that_matter(self):
        negative = self.make_stock(quantity=-3)
        empty, counted, reserved = self.make_products(3)
        for product in (empty, counted, reserved):
            self.make_quant(product, quantity=5)
            self.make_quant(product, quantity=-5)
        quants = {quant.product_id: quant for quant in self.env["stock.quant"].search(
            [("product_id", "in", (empty | counted | reserved).ids), ("location_id", "=", self.bin.id)])}
        quants[counted].inventory_quantity = 0
        quants[reserved].reserved_quantity = 1
        self.schedule()
        self.assertTrue(self.in_scope(negative))
        self.assertTrue(self.in_scope(counted))
        self.assertTrue(self.in_scope(reserved))
        self.assertFalse(self.position(empty), "a left-over row, nothing was ever here")

    def test_an_empty_bin_is_due_until_it_is_counted(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.clock.move_to(NOW + timedelta(days=1))
        self.count_in_inventory(product)
        self.clock.move_to(NOW + timedelta(days=2))
        self.deliver(product, self.bin, 10)
        self.env.flush_all()
        self.env["stock.quant"]._unlink_zero_quants()
        self.assertFalse(self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "=", self.bin.id)]))
        self.schedule()
        position = self.position(product)
        self.assertTrue(position.active, "nobody looked since it was emptied")
        self.assertEqual(position.due_date, date(2024, 4, 4))
        self.clock.move_to(NOW + timedelta(days=3))
        position._set_counted({position: fields.Datetime.now()})
        self.schedule()
        self.assertFalse(position.active, "nothing there, and somebody saw it")
        self.clock.move_to(NOW + timedelta(days=4))
        self.make_quant(product)
        self.schedule()
        self.assertTrue(position.active, "stock came back")

    def test_an_empty_bin_that_was_never_counted_stays_due(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.deliver(product, self.bin, 10)
        self.env.flush_all()
        self.env["stock.quant"]._unlink_zero_quants()
        self.schedule()
        self.assertTrue(self.in_scope(product))

    def test_counted_to_zero_rests(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.clock.move_to(NOW + timedelta(days=1))
        self.count_in_inventory(product, 0)
        self.schedule()
        self.assertFalse(self.position(product).active)

    def test_the_plan_of_the_more_specific_location_governs(self):
        zone = self.make_plan(name="Zone", location_ids=[Command.set(self.zone_a.ids)], sequence=90)
        one_bin = self.make_plan(name="Bin", location_ids=[Command.set(self.bins[0].ids)], sequence=99)
        product = self.make_stock(location=self.bins[0])
        for place in (self.bins[1], self.bins[3]):
            self.make_quant(product, place)
        for order in ((self.plan, zone, one_bin), (one_bin, zone, self.plan)):
            for plan in order:
                self.schedule(plan)
            self.assertTrue(self.in_scope(product, self.bins[0], one_bin))
            self.assertTrue(self.in_scope(product, self.bins[1], zone))
            self.assertTrue(self.in_scope(product, self.bins[3], self.plan))
        self.assertEqual(self.env["stock.cycle.count.position"].search_count([("product_id", "=", product.id)]), 3)

    def test_of_two_plans_for_one_place_the_first_governs(self):
        second = self.make_plan(name="Second", sequence=99)
        product = self.make_stock()
        self.schedule(second)
        self.schedule(self.plan)
        self.schedule(second)
        self.assertTrue(self.in_scope(product))

    def test_positions_rest_when_their_plan_is_archived_or_deleted(self):
        for end in ("archive", "unlink"):
            with self.subTest(end=end):
                plan = self.make_plan(name=end, location_ids=[Command.set(self.bins[5].ids)])
                product = self.make_stock(location=self.bins[5])
                self.schedule(plan)
                self.assertTrue(self.in_scope(product, self.bins[5], plan))
                position = self.position(product, self.bins[5])
                if end == "archive":
                    plan.action_archive()
                else:
                    plan.unlink()
                self.assertFalse(position.active)
                self.assertFalse(position.plan_id)
                self.schedule()
                self.assertTrue(self.in_scope(product, self.bins[5], self.plan), "another plan takes them over")

    def test_a_plan_takes_locations_of_its_warehouse_only(self):
        second = self.make_warehouse("Second", "SECND")
        with self.assertRaisesRegex(UserError, "Locations"):
            self.plan.location_ids = second.lot_stock_id


class TestMirror(ScheduleCase):

    def test_quants_show_the_next_count_and_the_class(self):
        product = self.make_stock(self.class_b)
        quant = self.env["stock.quant"].search([("product_id", "=", product.id)])
        self.schedule()
        self.assertEqual(quant.inventory_date, self.scheduled(product))
        self.assertEqual(quant.abc_class_id, self.class_b)

    def test_new_quants_too(self):
        product = self.make_stock(self.class_b)
        self.schedule()
        package = self.env["stock.quant.package"].create({"name": "Box"})
        quant = self.make_quant(product, package_id=package)
        self.assertEqual(quant.package_id, package)
        self.assertEqual(quant.inventory_date, self.scheduled(product))
        self.assertEqual(quant.abc_class_id, self.class_b)

    def test_what_is_not_scheduled_keeps_the_date_of_core(self):
        self.bin.cycle_count_excluded = True
        product = self.make_stock(self.class_b)
        quant = self.env["stock.quant"].search([("product_id", "=", product.id)])
        before = quant.inventory_date
        self.assertEqual(before, date(2024, 12, 31))
        self.schedule()
        self.assertEqual(quant.inventory_date, before)
        self.assertFalse(quant.abc_class_id)

    def test_merging_and_deleting_quants_keeps_positions(self):
        product = self.make_stock(self.class_a)
        self.schedule()
        self.set_last_count(product, TODAY)
        self.schedule()
        day = self.scheduled(product)
        self.env["stock.quant"].create({"product_id": product.id, "location_id": self.bin.id, "quantity": 4})
        domain = [("product_id", "=", product.id), ("location_id", "=", self.bin.id)]
        self.assertEqual(self.env["stock.quant"].search_count(domain), 2)
        self.env["stock.quant"]._merge_quants()
        quant = self.env["stock.quant"].search(domain)
        self.assertEqual((quant.quantity, quant.inventory_date, quant.abc_class_id), (14, day, self.class_a))
        quant.unlink()
        self.assertEqual(self.scheduled(product), day)
        self.assertEqual(self.make_quant(product).inventory_date, day)

    def test_counts_of_one_product_leave_the_dates_of_others(self):
        counted, other = self.make_stock(self.class_a), self.make_stock(self.class_c)
        self.schedule()
        quant = self.env["stock.quant"].search([("product_id", "=", other.id)])
        before = quant.inventory_date
        self.count_in_inventory(counted)
        self.assertEqual(quant.inventory_date, before)
        self.assertEqual(self.position(other).scheduled_date, before)
        self.assertFalse(self.position(other).last_count_date)
