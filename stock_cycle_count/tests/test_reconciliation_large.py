from odoo import fields
from odoo.tools import SQL

from ..queries import reconciliation
from .test_reconciliation import PAST, ReconciliationCase

PRODUCTS, DOCUMENTS = 50, 200


class TestTenBypasses(ReconciliationCase):
    """In a company with thousands of moves, ten ways past everything are found, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stock.cycle.count.tolerance"].search([]).active = False
        cls.goods = cls.env["product.product"].create(
            [{"name": f"Good {number}", "type": "product", "standard_price": 2} for number in range(PRODUCTS)])
        picking = cls.env["stock.picking"].create({
            "picking_type_id": cls.warehouse.in_type_id.id, "location_id": cls.supplier.id,
            "location_dest_id": cls.bin_c.id})
        cls.env.flush_all()
        cls.env.cr.execute(
            """
            WITH move AS (
                INSERT INTO stock_move (name, company_id, product_id, product_uom, product_uom_qty, product_qty, quantity,
                                        location_id, location_dest_id, picking_id, procure_method, state, picked, date,
                                        create_date)
                SELECT 'Good', %(company)s, product.id, %(unit)s, 2, 2, 2,
                       CASE WHEN number %% 2 = 0 THEN %(supplier)s ELSE %(bin)s END,
                       CASE WHEN number %% 2 = 0 THEN %(bin)s ELSE %(customer)s END,
                       %(picking)s, 'make_to_stock', 'done', TRUE, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM unnest(%(products)s) product (id) CROSS JOIN generate_series(0, %(documents)s) number
                RETURNING *)
            INSERT INTO stock_move_line (move_id, company_id, product_id, product_uom_id, quantity, quantity_product_uom,
                                         location_id, location_dest_id, picking_id, state, picked, date, create_date)
            SELECT id, company_id, product_id, product_uom, 2, 2, location_id, location_dest_id, picking_id, state, TRUE,
                   date, create_date
              FROM move
            """,
            {"company": cls.company.id, "unit": cls.product.uom_id.id, "supplier": cls.supplier.id,
             "customer": cls.customer.id, "bin": cls.bin_c.id, "picking": picking.id, "products": cls.goods.ids,
             "documents": DOCUMENTS})
        cls.env.cr.execute(
            """
            INSERT INTO stock_quant (product_id, company_id, location_id, quantity, reserved_quantity, in_date)
            SELECT id, %s, %s, 2, 0, %s FROM unnest(%s) product (id)
            """, [cls.company.id, cls.bin_c.id, PAST, cls.goods.ids])
        cls.analyze()
        cls.env.invalidate_all()

    @classmethod
    def analyze(cls):
        """Let the planner know how much there is, as in a database that was not filled a moment ago."""
        cls.env.cr.execute("ANALYZE stock_move, stock_move_line, stock_quant, stock_cycle_count_fingerprint")

    def plant(self):
        """Ten bypasses, by SQL and by the superuser: the kind of each, its product and place."""
        goods, place, sold = self.goods, self.bin_c, self.warehouse.out_type_id
        planted = []

        def expect(kind, product):
            planted.append((kind, product.id, place.id))

        # 1, 2: quantities on hand
        self.sql("UPDATE stock_quant SET quantity = 1 WHERE product_id = %s AND location_id = %s", goods[0].id, place.id)
        expect("on_hand", goods[0])
        self.sql("DELETE FROM stock_quant WHERE product_id = %s AND location_id = %s", goods[1].id, place.id)
        expect("on_hand", goods[1])
        # 3, 4: stock appears by a bare move, and by core's own adjustment
        self.receive(goods[2], place, 5)
        expect("crossing", goods[2])
        quant = self.quant(goods[3], place)
        quant.inventory_quantity = 9
        quant.action_apply_inventory()
        expect("crossing", goods[3])
        # 5, 6: transfers by hand, to a customer and to production
        self.transfer(goods[4], place, self.customer, 1, self.warehouse.int_type_id)
        expect("by_hand", goods[4])
        production = self.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", self.company.id)], limit=1)
        self.transfer(goods[5], place, production, 1, sold)
        expect("by_hand", goods[5])
        # 7, 8: done moves that are edited in Odoo, and past it
        lines = self.env["stock.move.line"].search([("product_id", "in", goods[6:8].ids), ("location_dest_id", "=", place.id)])
        lines.filtered(lambda line: line.product_id == goods[6])[0].quantity = 3
        expect("edited", goods[6])
        self.sql("UPDATE stock_move_line SET quantity = 1, quantity_product_uom = 1 WHERE id = %s",
                 lines.filtered(lambda line: line.product_id == goods[7])[0].id)
        expect("edited", goods[7])
        # 9, 10: counts that were posted: their move is gone, their line says something else
        for product in goods[8:10]:
            expect("posted", product)
        self.sql("DELETE FROM stock_move_line WHERE move_id = %s", self.counts[0].move_ids.id)
        self.sql("UPDATE stock_move SET state = 'cancel' WHERE id = %s", self.counts[0].move_ids.id)
        self.sql("UPDATE stock_cycle_count_line SET adjustment_qty = 4 WHERE id = %s", self.counts[1].id)
        return planted

    def test_each_is_found_and_nothing_else(self):
        self.counts = [self.post_count(12, product, self.bin_c) for product in self.goods[8:10]]
        self.assertFalse(self.look().mapped("detail"))
        self.analyze()
        fingerprints = self.env["stock.cycle.count.fingerprint"].search_count([("company_id", "=", self.company.id)])
        self.assertGreater(fingerprints, PRODUCTS * DOCUMENTS)
        planted = self.plant()
        found = self.look()
        self.assertEqual(
            sorted((finding.kind, finding.product_id.id, finding.location_id.id) for finding in found), sorted(planted),
            found.mapped("detail"))
        self.assertEqual(len(found), 10)
        queries = self.count_queries(self.check._reconcile)
        self.assertEqual(self.env["stock.cycle.count.finding"].search_count([("company_id", "=", self.company.id)]), 10)
        self.assertLess(queries, 60)
        for finding in found:
            # A quant that is gone says no longer when it went.
            self.assertTrue(finding.event_date or finding.kind == "on_hand")
            self.assertTrue(finding.detail and finding.advice)
            self.assertLessEqual(finding.found_date, fields.Datetime.now())


class TestCompanies(ReconciliationCase):

    def test_each_company_is_checked_alone(self):
        self.env["stock.cycle.count.reconciliation"]._ensure_companies()
        foreign = self.env["stock.cycle.count.reconciliation"].search([("company_id", "=", self.foreign.id)])
        self.assertEqual(foreign.since_date, self.foreign.create_date)
        bins = self.get_warehouse(self.foreign).lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.product, bins, 3)
        self.assertFalse(self.look())
        foreign._reconcile()
        found = self.env["stock.cycle.count.finding"].search([("company_id", "=", self.foreign.id)])
        self.assertEqual((found.kind, found.location_id, found.quantity), ("on_hand", bins, 3))

    def test_a_company_that_fails_holds_up_no_other(self):
        Check = self.env["stock.cycle.count.reconciliation"]
        Check._ensure_companies()
        other = Check.search([("company_id", "=", self.foreign.id)])
        others = Check.search([("id", "not in", (self.check | other).ids)])
        others.last_run_date = fields.Datetime.now()
        find_all = type(Check)._find_all

        def failing(check):
            if check == self.check:
                raise ValueError("broken on purpose")
            return find_all(check)

        self.patch(type(Check), "_find_all", failing)
        self.patch(type(Check), "_commit_progress", lambda check: None)
        Check._cron_reconcile()
        self.assertIn("broken on purpose", self.check.last_error)
        self.assertFalse(self.check.last_run_date)
        self.assertTrue(other.last_run_date)
        self.assertFalse(other.last_error)

    def test_own_stock_is_the_same_here_and_in_the_gate(self):
        nowhere = self.env["stock.location"]
        self.make_location("Between companies", nowhere, usage="transit", company_id=False)
        self.make_location("On the way", nowhere, usage="transit")
        places = nowhere.with_context(active_test=False).search([])
        self.env.flush_all()
        self.env.cr.execute(SQL("SELECT id FROM stock_location place WHERE %s", reconciliation.is_own("place")))
        own = {row[0] for row in self.env.cr.fetchall()}
        self.assertEqual(own, {place.id for place in places if place._is_own_stock()})
        self.assertEqual(own, set(places.search([*nowhere._get_own_stock_domain(), ("id", "in", places.ids)]).ids))
