from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from .common import CONTROLLER
from .common_gate import GateCase

PAST = "2024-01-01 08:00:00"


class ReconciliationCase(GateCase):
    """Documents are wanted of what is done from now on; what was before is taken as it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.other_product, cls.bin_b, 40)
        cls.receive(cls.lot_product, cls.bin_a, 30, lot=cls.lot)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE stock_move_line SET create_date = %s, date = %s WHERE company_id = %s", [PAST, PAST, cls.company.id])
        cls.env.invalidate_all()
        cls.check = cls.env["stock.cycle.count.reconciliation"].create(
            {"company_id": cls.company.id, "since_date": "2024-01-02 00:00:00"})
        cls.foreign = cls.env["res.company"].create({"name": "Foreign Company"})
        cls.stranger = cls.make_user(
            "floor_stranger", f"stock.group_stock_manager,{CONTROLLER}", company_id=cls.foreign.id,
            company_ids=[Command.set(cls.foreign.ids)])

    def sql(self, statement, *parameters):
        """Write past Odoo."""
        self.env.flush_all()
        self.env.cr.execute(statement, parameters)
        self.env.invalidate_all()

    def look(self):
        """Run the check, and return what is listed and not closed."""
        self.check._reconcile()
        return self.env["stock.cycle.count.finding"].search(
            [("company_id", "=", self.company.id), ("state", "!=", "closed")])

    def transfer(self, product, source, target, quantity, kind=None, lot=None):
        """The move of a done transfer."""
        kind = kind or self.warehouse.in_type_id
        picking = self.env["stock.picking"].create({
            "picking_type_id": kind.id, "location_id": source.id, "location_dest_id": target.id})
        move = self.prepare_move(product, source, target, quantity, lot=lot, picking_id=picking.id)
        move._action_done()
        return move

    def quant(self, product, location):
        return self.env["stock.quant"].search([("product_id", "=", product.id), ("location_id", "=", location.id)])

    def post_count(self, quantity, product=None, location=None):
        """A count that differs and was approved by all who have to."""
        sheet = self._close_with((quantity, product or self.product, location or self.bin_a))
        line = sheet.line_ids
        self._approve(line, self.second_supervisor)
        if line.state == "to_approve":
            self._approve(line, self.controller)
        sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(line.state, "posted")
        return line


class TestWhatIsFound(ReconciliationCase):

    def find_one(self, kind, quantity, location=None, product=None):
        found = self.look()
        self.assertEqual(
            [(finding.kind, finding.quantity, finding.location_id, finding.product_id) for finding in found],
            [(kind, quantity, location or self.bin_a, product or self.product)], found.mapped("detail"))
        self.assertTrue(found.detail and found.advice)
        return found

    def test_nothing_in_ordinary_work(self):
        self.transfer(self.product, self.supplier, self.bin_a, 10)
        self.transfer(self.product, self.bin_a, self.customer, 5, self.warehouse.out_type_id)
        self.transfer(self.product, self.bin_a, self.bin_b, 5, self.warehouse.int_type_id)
        self.post_count(90)
        scrap = self.env["stock.scrap"].create({
            "product_id": self.product.id, "product_uom_id": self.product.uom_id.id, "scrap_qty": 1,
            "location_id": self.bin_a.id})
        scrap.do_scrap()
        self.assertFalse(self.look().mapped("detail"))
        self.assertTrue(self.check.last_run_date)

    def test_quantity_written_past_odoo(self):
        self.sql("UPDATE stock_quant SET quantity = quantity + 7 WHERE id = %s", self.quant(self.product, self.bin_a).id)
        finding = self.find_one("on_hand", 7)
        self.assertEqual(finding.value, 35)
        self.assertEqual(finding.detail, "On hand: 107. Sum of all done moves: 100.")

    def test_quant_deleted(self):
        self.sql("DELETE FROM stock_quant WHERE id = %s", self.quant(self.product, self.bin_a).id)
        self.find_one("on_hand", -100)

    def test_lots_swapped(self):
        self.sql("UPDATE stock_quant SET lot_id = %s WHERE id = %s",
                 self.other_lot.id, self.quant(self.lot_product, self.bin_a).id)
        found = self.look()
        self.assertEqual(set(found.mapped("kind")), {"on_hand"})
        self.assertEqual({finding.lot_id: finding.quantity for finding in found}, {self.lot: -30, self.other_lot: 30})

    def test_stock_without_lot_that_stood_in_for_a_lot_is_no_finding(self):
        self.warehouse.in_type_id.write({"use_create_lots": False, "use_existing_lots": False})
        self.transfer(self.lot_product, self.supplier, self.bin_c, 10)
        self.transfer(self.lot_product, self.bin_c, self.customer, 4, self.warehouse.out_type_id, lot=self.other_lot)
        self.assertEqual(self.quant(self.lot_product, self.bin_c).filtered("quantity").mapped("quantity"), [6])
        self.assertFalse(self.look())

    def test_move_without_document(self):
        move = self.receive(self.product, self.bin_a, 3)
        finding = self.find_one("crossing", 3)
        self.assertEqual((finding.move_id, finding.other_location_id), (move, self.supplier))

    def test_move_by_sql_without_quants_is_found_once(self):
        self.sql(
            """
            WITH move AS (
                INSERT INTO stock_move (name, company_id, product_id, product_uom, product_uom_qty, location_id,
                                        location_dest_id, procure_method, state, date, create_date)
                SELECT 'x', company_id, product_id, product_uom, 8, location_dest_id, location_id, 'make_to_stock', 'done',
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM stock_move WHERE company_id = %(company)s AND product_id = %(product)s LIMIT 1
                RETURNING *)
            INSERT INTO stock_move_line (move_id, company_id, product_id, product_uom_id, location_id, location_dest_id,
                                         quantity, quantity_product_uom, state, date, create_date)
            SELECT id, company_id, product_id, product_uom, location_id, location_dest_id, 8, 8, 'done', date, create_date
              FROM move
            """.replace("%(company)s", "%s").replace("%(product)s", "%s"), self.company.id, self.product.id)
        self.find_one("crossing", -8)

    def test_inventory_move_without_count(self):
        loss = self.env["stock.location"].search([
            ("usage", "=", "inventory"), ("scrap_location", "=", False), ("company_id", "=", self.company.id)], limit=1)
        self.transfer(self.product, self.bin_a, loss, 6, self.warehouse.out_type_id)
        self.find_one("crossing", -6)

    def test_adjustment_that_is_not_controlled_is_explained(self):
        quant = self.quant(self.product, self.bin_a)
        quant.inventory_quantity = 90
        quant.action_apply_inventory()
        self.find_one("crossing", -10)
        self.company.cycle_count_adjustment_control = False
        self.assertFalse(self.look())

    def test_transfer_by_hand_to_customer_and_from_production(self):
        self.transfer(self.product, self.bin_a, self.customer, 2, self.warehouse.int_type_id)
        self.find_one("by_hand", -2)
        production = self.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", self.company.id)], limit=1)
        self.transfer(self.product, production, self.bin_b, 2)
        self.assertEqual(self.look().mapped("kind"), ["by_hand", "by_hand"])

    def test_edit_in_odoo(self):
        line = self.transfer(self.product, self.supplier, self.bin_a, 10).move_line_ids
        line.quantity = 12
        finding = self.find_one("edited", 2)
        self.assertIn("10", finding.detail)
        line.quantity = 10
        self.assertFalse(self.look())

    def test_edit_past_odoo(self):
        line = self.transfer(self.product, self.supplier, self.bin_a, 10).move_line_ids
        self.look()
        self.sql("UPDATE stock_move_line SET quantity = 4, quantity_product_uom = 4 WHERE id = %s", line.id)
        self.find_one("edited", -6)

    def test_place_edited_past_odoo(self):
        line = self.transfer(self.product, self.supplier, self.bin_a, 10).move_line_ids
        self.look()
        self.sql("UPDATE stock_move_line SET location_dest_id = %s WHERE id = %s", self.bin_c.id, line.id)
        finding = self.find_one("edited", 0)
        self.assertIn(self.bin_c.display_name, finding.detail)

    def test_line_deleted_past_odoo(self):
        line = self.transfer(self.product, self.supplier, self.bin_a, 10).move_line_ids
        self.look()
        self.sql("DELETE FROM stock_move_line WHERE id = %s", line.id)
        self.find_one("edited", -10)

    def test_move_set_back(self):
        move = self.transfer(self.product, self.supplier, self.bin_a, 10)
        move.state = "draft"
        self.find_one("edited", -10)

    def test_line_added_to_a_done_transfer(self):
        move = self.transfer(self.product, self.supplier, self.bin_a, 10)
        self.env["stock.move.line"].create({
            "move_id": move.id, "picking_id": move.picking_id.id, "product_id": self.product.id, "quantity": 5,
            "product_uom_id": self.product.uom_id.id, "location_id": self.supplier.id, "location_dest_id": self.bin_b.id})
        self.find_one("edited", 5, self.bin_b)
        self.find_one("edited", 5, self.bin_b)

    def test_posted_count_whose_move_was_changed(self):
        line = self.post_count(90)
        self.assertFalse(self.look())
        self.sql("UPDATE stock_move_line SET quantity_product_uom = 4, quantity = 4 WHERE move_id = %s", line.move_ids.id)
        finding = self.find_one("posted", 6)
        self.assertEqual(finding.count_line_id, line)

    def test_posted_count_whose_move_is_gone(self):
        line = self.post_count(90)
        self.sql("DELETE FROM stock_move_line WHERE move_id = %s", line.move_ids.id)
        self.sql("DELETE FROM stock_move WHERE id = %s", line.move_ids.id)
        self.find_one("posted", 10)

    def test_posted_count_that_says_something_else(self):
        line = self.post_count(90)
        self.sql("UPDATE stock_cycle_count_line SET adjustment_qty = -1 WHERE id = %s", line.id)
        self.find_one("posted", -9)

    def test_match_that_claims_a_move(self):
        line = self._close_with((100, self.product, self.bin_a)).line_ids
        loss = self.product.with_company(self.company).property_stock_inventory
        move = self.move(self.product, self.bin_a, loss, 3)
        self.sql("UPDATE stock_move SET cycle_count_line_id = %s WHERE id = %s", line.id, move.id)
        self.find_one("posted", -3)

    def test_valuation_that_was_changed(self):
        if "stock.valuation.layer" not in self.env:
            self.skipTest("stock_account is not installed")
        line = self.post_count(90)
        layer = line.move_ids.stock_valuation_layer_ids
        self.sql("UPDATE stock_valuation_layer SET value = value - 13 WHERE id = %s", layer.id)
        self.assertEqual(self.find_one("posted", 0).value, -13)
        self.sql("UPDATE stock_valuation_layer SET value = value + 13, quantity = quantity - 4 WHERE id = %s", layer.id)
        self.assertIn("10, now 14.", self.find_one("posted", 0).detail)
        self.sql("DELETE FROM stock_valuation_layer WHERE id = %s", layer.id)
        self.assertEqual(self.find_one("posted", 0).value, 50)

    def test_journal_entry_that_was_reset_or_reversed(self):
        if "stock.valuation.layer" not in self.env:
            self.skipTest("stock_account is not installed")
        accounts = self.env["account.account"].create([
            {"code": f"RST{number}", "name": name, "account_type": kind, "company_id": self.company.id}
            for number, (name, kind) in enumerate((("Valuation", "asset_current"), ("Input", "asset_current"),
                                                   ("Output", "asset_current"), ("Expense", "expense")))])
        journal = self.env["account.journal"].create(
            {"name": "Counted", "code": "CNTD", "type": "general", "company_id": self.company.id})
        self.product.categ_id = self.env["product.category"].create({
            "name": "Automatic", "property_stock_journal": journal.id, "property_valuation": "real_time",
            **{f"property_{name}_id": account.id for name, account in zip((
                "stock_valuation_account", "stock_account_input_categ", "stock_account_output_categ",
                "account_expense_categ"), accounts)}})
        line = self.post_count(90)
        self.assertFalse(self.look())
        entry = line.move_ids.stock_valuation_layer_ids.account_move_id
        accountant = self.make_user("floor_accountant", "account.group_account_manager")
        entry.with_user(accountant).button_draft()
        finding = self.find_one("posted", 0)
        self.assertEqual(finding.count_line_id, line)
        entry.with_user(accountant).action_post()
        self.assertFalse(self.look())
        reversal = entry.with_user(accountant)._reverse_moves()
        self.assertFalse(self.look(), "a draft reverses nothing")
        reversal.action_post()
        self.assertEqual(self.find_one("posted", 0).count_line_id, line)


class TestListOfFindings(ReconciliationCase):

    def setUp(self):
        super().setUp()
        self.quant_a = self.quant(self.product, self.bin_a)
        self.sql("UPDATE stock_quant SET quantity = 107, write_uid = %s WHERE id = %s", self.worker.id, self.quant_a.id)
        self.finding = self.look()
        self.assertEqual(len(self.finding), 1)

    def test_listed_once_and_closes_itself(self):
        self.assertEqual(self.look(), self.finding)
        self.sql("UPDATE stock_quant SET quantity = 100 WHERE id = %s", self.quant_a.id)
        self.assertFalse(self.look())
        self.assertEqual(self.finding.state, "closed")
        self.assertTrue(self.finding.closed_date)
        self.sql("UPDATE stock_quant SET quantity = 107 WHERE id = %s", self.quant_a.id)
        again = self.look()
        self.assertEqual(len(again), 1)
        self.assertNotEqual(again, self.finding)

    def test_explained_until_its_numbers_change(self):
        self.call(self.controller, self.finding, "action_explain", "The scale was wrong.")
        self.assertEqual(self.look().state, "explained")
        self.assertEqual(self.finding.explanation_ids.user_id, self.controller)
        self.sql("UPDATE stock_quant SET quantity = 108 WHERE id = %s", self.quant_a.id)
        self.assertEqual(self.look(), self.finding)
        self.assertEqual((self.finding.state, self.finding.quantity), ("open", 8))
        self.assertEqual(self.finding.explanation_ids.quantity, 7)

    def test_explanations_stay(self):
        self.call(self.controller, self.finding, "action_explain", "The scale was wrong.")
        explanation = self.finding.explanation_ids
        for change in (lambda: explanation.write({"note": "x"}), explanation.unlink,
                       lambda: explanation.sudo().write({"note": "x"})):
            with self.assertRaises(UserError):
                change()

    def test_who_may_explain(self):
        for role in ("outsider", "counter", "worker", "supervisor", "manager"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.call(self.users[role], self.finding, "action_explain", "x")
        with self.assertRaises(AccessError):
            self.finding.action_explain("OdooBot is nobody")
        with self.assertRaises(AccessError):
            self.call(self.stranger, self.finding, "action_explain", "x")
        for nothing in ("", "  ", None, 5, ["x"]):
            with self.subTest(note=nothing), self.assertRaises(UserError):
                self.call(self.controller, self.finding, "action_explain", nothing)
        self.assertEqual(self.finding.state, "open")

    def test_nobody_explains_what_he_did(self):
        self.sql("UPDATE stock_quant SET write_uid = %s, quantity = 109 WHERE id = %s", self.controller.id, self.quant_a.id)
        self.look()
        with self.assertRaisesRegex(UserError, "Somebody else"):
            self.call(self.controller, self.finding, "action_explain", "x")
        with self.assertRaisesRegex(UserError, "Somebody else"):
            self.finding.with_user(self.controller).sudo().action_explain("x")

    def test_count_this(self):
        self.call(self.supervisor, self.finding, "action_count")
        position = self.env["stock.cycle.count.position"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])
        self.assertEqual((position.manual_date, position.manual_user_id),
                         (fields.Date.context_today(self.finding), self.supervisor))
        self.assertTrue(self.finding.count_date)
        self.assertEqual(self.finding.state, "open")
        [line] = self.env["stock.cycle.count.line"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id), ("state", "=", "pending")])
        self.assertEqual(
            (line.count_id.state, line.count_id.blind, line.scheduled_date), ("draft", True, position.manual_date))
        for role in ("outsider", "counter", "worker", "manager"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.call(self.users[role], self.finding, "action_count")

    def test_count_this_where_the_quant_is_gone(self):
        self.sql("DELETE FROM stock_quant WHERE id = %s", self.quant_a.id)
        self.call(self.supervisor, self.look(), "action_count")
        self.assertTrue(self.env["stock.cycle.count.position"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)]).manual_date)

    def test_who_sees_it(self):
        for role, user in self.users.items():
            with self.subTest(role=role):
                if role in ("supervisor", "controller", "finance"):
                    self.assertTrue(self.call(user, self.finding, "read", ["quantity"]))
                    self.assertTrue(self.call(user, self.check, "read", ["open_count"]))
                else:
                    with self.assertRaises(AccessError):
                        self.call(user, self.finding, "read", ["quantity"])
        for record in (self.finding, self.check):
            with self.assertRaises(AccessError):
                self.call(self.stranger, record, "read", ["company_id"])
            for values in ({"state": "closed"}, {"active": False}):
                with self.assertRaises(UserError):
                    self.call(self.controller, record, "write", values)
            with self.assertRaises(AccessError):
                self.call(self.controller, record, "unlink")

    def test_controllers_are_told_and_told_no_longer(self):
        self.assertIn(self.controller, self.check.activity_ids.user_id)
        self.assertNotIn(self.supervisor, self.check.activity_ids.user_id)
        self.assertNotIn(self.stranger, self.check.activity_ids.user_id)
        self.look()
        self.assertEqual(len(self.check.activity_ids.filtered(lambda each: each.user_id == self.controller)), 1)
        self.call(self.controller, self.finding, "action_explain", "The scale was wrong.")
        self.assertFalse(self.check.activity_ids)

    def test_wizard(self):
        action = self.call(self.controller, self.finding, "action_open_explain")
        wizard = self.call(self.controller, self.env[action["res_model"]], "create", {"note": "Seen"},
                           context=action["context"])
        self.call(self.controller, self.env[action["res_model"]].browse(wizard), "action_explain")
        self.assertEqual(self.finding.explanation_ids.note, "Seen")

    def test_documents_are_wanted_from_a_day_that_is_only_set_back(self):
        self.call(self.controller, self.check, "write", {"since_date": "2023-01-01 00:00:00"})
        self.assertEqual(set(self.look().mapped("kind")), {"on_hand", "crossing"})
        for later in ("2024-01-02 00:00:00", False):
            with self.assertRaises(UserError):
                self.call(self.controller, self.check, "write", {"since_date": later})

    def test_check_now(self):
        self.call(self.controller, self.check, "action_reconcile")
        for user in (self.supervisor, self.worker, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, self.check, "action_reconcile")
