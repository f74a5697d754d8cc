from datetime import timedelta

from odoo import Command

from .common_abc import AbcCase
from .common_planning import NOW


class TestClassification(AbcCase):

    def test_consumption_at_cost_makes_the_classes(self):
        products = self.make_products(4)
        self.deliver_all(products, (10, 40, 7, 3))
        products[0].with_company(self.company).standard_price = 7
        products[1].with_company(self.company).standard_price = 0.5
        self.profile.action_classify()
        self.assertEqual(self.metrics(products), [70, 20, 7, 3])
        self.assertEqual(self.classes(products), "AABC")
        first = self.assignment(products[0])
        self.assertEqual((first.rank, first.share, first.cumulative_share), (1, 70, 70))
        last = self.assignment(products[3])
        self.assertEqual((last.rank, last.share, last.cumulative_share), (4, 3, 100))
        self.assertFalse(last.differs)

    def test_ties_are_broken_by_id(self):
        products = self.make_products(5)
        self.deliver_all(reversed(products), [20] * 5)
        self.profile.action_classify()
        self.assertEqual(self.classes(products), "AAAAB")
        self.assertEqual([self.assignment(product).rank for product in products], [1, 2, 3, 4, 5])

    def test_the_item_after_an_exact_boundary_is_in_the_next_class(self):
        products = self.make_products(3)
        self.deliver_all(products, (80, 15, 5))
        self.profile.action_classify()
        self.assertEqual(self.classes(products), "ABC")

    def test_no_use_falls_in_the_last_class(self):
        used, unused = self.make_products(2)
        self.deliver(used, self.stock, 1)
        self.make_quant(unused)
        self.profile.action_classify()
        self.assertEqual(self.classes([used, unused]), "AC")
        self.assertEqual(self.assignment(unused).share, 0)

    def test_while_nothing_is_used_what_lies_there_is_measured(self):
        """A warehouse of its own at a time, and the user reads it."""
        products = self.make_products(3)
        second = self.make_warehouse("Second", "SECND")
        for product, quantity in zip(products, (90, 8, 2)):
            self.make_quant(product, quantity=quantity)
            self.make_quant(product, second.lot_stock_id, quantity=1)
        self.deliver(products[2], second.lot_stock_id, 1)
        message = self.profile.action_classify()["params"]["message"]
        self.assertEqual((self.classes(products), self.metrics(products)), ("ABC", [90, 8, 2]))
        self.assertEqual(self.metrics(products, second), [0, 0, 1])
        self.assertEqual(self.profile.onhand_warehouse_ids, self.warehouse)
        self.assertIn("Profile: A 2, B 1, C 3. Nothing was consumed in Floor,", message)
        self.deliver(products[1], self.bin, 1)
        message = self.profile.action_classify()["params"]["message"]
        self.assertEqual(self.metrics(products), [0, 1, 0])
        self.assertFalse(self.profile.onhand_warehouse_ids or self.profile.onhand_message)
        self.assertNotIn("Nothing", message)

    def test_nothing_there_to_classify(self):
        self.assertIn("no product to classify", self.profile.action_classify()["params"]["message"])

    def test_a_product_that_was_never_here_has_no_class(self):
        never = self.make_product()
        self.profile.action_classify()
        self.assertFalse(self.assignment(never))

    def test_returns_count_against_consumption(self):
        products = self.make_products(3)
        self.deliver_all(products, (100, 60, 20))
        self.take_back(products[0], 90)
        self.take_back(products[2], 25)
        self.profile.action_classify()
        self.assertEqual(self.metrics(products), [10, 60, -5])
        self.assertEqual(self.classes(products), "BAC")
        self.assertAlmostEqual(self.assignment(products[1]).cumulative_share, 100 * 60 / 70)

    def test_units_are_those_of_the_product(self):
        dozens, single = self.make_products(2)
        self.deliver(dozens, self.stock, 2, uom=self.env.ref("uom.product_uom_dozen"))
        self.deliver(single, self.stock, 5)
        self.profile.action_classify()
        self.assertEqual(self.metrics([dozens, single]), [24, 5])

    def test_what_consumes_and_what_does_not(self):
        production = self.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", self.company.id)], limit=1)
        loss = self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.company.id), ("scrap_location", "=", False)],
            limit=1)
        scrap = self.env["stock.location"].search(
            [("scrap_location", "=", True), ("company_id", "=", self.company.id)], limit=1)
        other_stock = self.make_warehouse("Second", "SECND").lot_stock_id
        transit_inside = self.make_location("Gate", self.warehouse.view_location_id, usage="transit")
        transit = self.company.internal_transit_location_id
        for source, destination, consumes in [
            (self.stock, self.customer, True),
            (self.stock, production, True),
            (self.stock, other_stock, True),
            (self.stock, transit, True),
            (transit_inside, self.customer, True),
            (self.bins[0], self.bins[1], False),
            (self.stock, transit_inside, False),
            (self.stock, self.supplier, False),
            (self.stock, loss, False),
            (self.stock, scrap, False),
            (loss, self.stock, False),
            (self.supplier, self.stock, False),
            (production, self.stock, False),
            (transit, self.stock, False),
            (other_stock, self.stock, False),
        ]:
            with self.subTest(source=source.display_name, destination=destination.display_name):
                product = self.make_product()
                self.move(product, source, destination, 3)
                self.profile.action_classify()
                self.assertEqual(self.assignment(product).metric, 3 if consumes else 0)

    def test_adjustments_do_not_consume(self):
        product = self.make_product()
        quant = self.make_quant(product, quantity=10)
        quant.inventory_quantity = 4
        quant.action_apply_inventory()
        self.deliver(self.product, self.stock, 1)
        self.profile.action_classify()
        self.assertEqual(self.metrics(product), [0])

    def test_moves_that_are_not_done_do_not_consume(self):
        product = self.make_product()
        self.make_quant(product, self.stock)
        move = self.env["stock.move"].create({
            "name": "Open", "product_id": product.id, "product_uom_qty": 5, "location_id": self.stock.id,
            "location_dest_id": self.customer.id, "company_id": self.company.id})
        move._action_confirm()
        move._action_assign()
        self.assertEqual(move.state, "assigned")
        self.deliver(self.product, self.stock, 1)
        self.profile.action_classify()
        self.assertEqual(self.metrics(product), [0])

    def test_every_warehouse_has_its_own_ranking(self):
        second = self.make_warehouse("Second", "SECND")
        products = self.make_products(2)
        self.deliver_all(products, (90, 5))
        self.deliver_all(products, (5, 90), source=second.lot_stock_id)
        self.profile.action_classify()
        self.assertEqual(self.classes(products), "AB")
        self.assertEqual(self.classes(products, second), "BA")

    def test_a_profile_of_one_warehouse_leaves_the_others(self):
        second = self.make_warehouse("Second", "SECND")
        product = self.make_product()
        self.deliver(product, self.stock, 1)
        self.deliver(product, second.lot_stock_id, 1)
        self.profile.action_classify()
        self.assertTrue(self.assignment(product, second))
        self.profile.warehouse_ids = self.warehouse
        self.profile.action_classify()
        self.assertTrue(self.assignment(product))
        self.assertFalse(self.assignment(product, second), "the warehouse left the profile")

    def test_companies_do_not_mix(self):
        foreign = self.other_warehouse
        ours, theirs = self.make_products(2)
        theirs.with_company(self.other_company).standard_price = 1000
        self.deliver_all([ours, theirs], (10, 1))
        self.deliver(theirs, foreign.lot_stock_id, 500)
        self.profile.action_classify()
        self.assertEqual(self.metrics([ours, theirs]), [10, 1], "moves and cost of our company only")
        self.assertFalse(self.assignment(theirs, foreign))
        profile = self.env["stock.abc.profile"].create({"name": "Theirs", "company_id": self.other_company.id})
        profile.action_classify()
        self.assertEqual(self.assignment(theirs, foreign, profile).metric, 500_000)
        self.assertEqual(self.assignment(theirs, foreign, profile).company_id, self.other_company)
        self.assertFalse(self.assignment(theirs, self.warehouse, profile))

    def test_only_the_horizon_counts(self):
        product = self.make_product()
        self.profile.history_days = 30
        for days, quantity in ((0, 1), (29, 10), (31, 100)):
            self.deliver(product, self.stock, quantity, when=NOW - timedelta(days=days))
        self.profile.action_classify()
        self.assertEqual(self.metrics(product), [11])

    def test_other_bases(self):
        products = self.make_products(2, cost=10)
        self.make_quant(products[0], quantity=4)
        self.make_quant(products[1], self.company.internal_transit_location_id, quantity=50)
        self.make_quant(products[1], quantity=2, owner_id=self.env["res.partner"].create({"name": "Consignor"}))
        for quantity in (1, 1, 1):
            self.deliver(products[0], self.stock, quantity)
        self.take_back(products[0], 1)
        self.deliver(products[1], self.stock, 20)
        for basis, metrics in [
            ("consumption_quantity", [2, 20]), ("consumption_value", [20, 200]), ("move_count", [3, 1]),
            ("onhand_value", [(4 - 2) * 10, -20 * 10]),
        ]:
            with self.subTest(basis=basis):
                self.profile.basis = basis
                self.profile.action_classify()
                self.assertEqual(self.metrics(products), metrics)

    def test_services_and_consumables_are_left_out(self):
        consumable = self.make_product(type="consu")
        self.deliver(consumable, self.stock, 5)
        self.profile.action_classify()
        self.assertFalse(self.assignment(consumable))

    def test_an_archived_product_loses_its_class_and_gets_it_back(self):
        products = self.make_products(2)
        self.deliver_all(products, (90, 10))
        self.profile.action_classify()
        products[0].active = False
        self.profile.action_classify()
        self.assertFalse(self.assignment(products[0]))
        self.assertEqual(self.classes(products[1]), "A", "the archived product has no share")
        products[0].active = True
        self.profile.action_classify()
        self.assertEqual(self.classes(products), "AB")

    def test_a_class_that_was_deleted(self):
        product = self.make_product()
        self.make_quant(product)
        self.deliver(self.product, self.stock, 1)
        self.profile.action_classify()
        self.profile.write({"class_ids": [
            Command.delete(self.class_c.id), Command.update(self.class_b.id, {"cumulative_share": 100})]})
        self.profile.action_classify()
        self.assertEqual(self.classes(product), "B")

    def test_running_again_changes_nothing(self):
        products = self.make_products(5)
        self.deliver_all(products, (1.1, 2.2, 3.3, 0.7, 0.1))
        self.take_back(products[4], 5)
        self.profile.action_classify()
        assignments = self.profile.assignment_ids
        self.assertEqual(len(assignments), 5)
        self.stamp(assignments)
        history = self.env["stock.abc.history"].search_count([])
        self.profile.action_classify()
        self.assertFalse(self.get_written(assignments))
        self.assertEqual(self.profile.assignment_ids, assignments)
        self.assertEqual(self.env["stock.abc.history"].search_count([]), history)

    def test_queries_do_not_grow_with_products(self):
        self.deliver_all(self.make_products(3), (5, 2, 1))
        self.profile.action_classify()                                              # fills caches of the registry
        few = self.count_queries(self.profile.action_classify)
        self.make_quant(self.make_product())
        self.env["stock.quant"].create([
            {"product_id": product.id, "location_id": self.bin.id, "quantity": 1}
            for product in self.make_products(200)])
        many = self.count_queries(self.profile.action_classify)
        self.assertEqual(len(self.profile.assignment_ids), 204)
        self.assertLessEqual(many, few)
