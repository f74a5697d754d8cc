from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestPostingRoute(GateCase):
    """A sheet, Physical Inventory, an import and a held move are posted by one code: what holds on one way holds on all,
    and what other modules hang on core's way enters the moves of every count.
    """

    WAYS = ("sheet", "inventory", "held")

    def setUp(self):
        super().setUp()
        self.receive(self.other_product, self.bin_b, 100)
        self.loss = self.env["stock.location"].create(
            {"name": "Theft", "usage": "inventory", "company_id": self.company.id})

    def _get_quant(self, product=None, location=None):
        return self.env["stock.quant"].search([
            ("product_id", "=", (product or self.other_product).id), ("location_id", "=", (location or self.bin_b).id)])

    def _as_manager(self, quant):
        return quant.with_user(self.manager).with_context(inventory_mode=True)

    def _read_back(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def _make_transfer(self):
        return self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.int_type_id.id, "location_id": self.bin_a.id, "location_dest_id": self.bin_c.id})

    def _post(self, way, reason=None, quantity=99, context=None, **values):
        """One difference, posted by a way; returns its line.

        :param context: of the request that posts it
        """
        context = context or {}
        if way == "sheet":
            sheet = self.make_sheet((self.other_product, self.bin_b), start=True)
            self.count(sheet.line_ids, quantity)
            if reason:
                sheet.line_ids.with_user(self.counter).reason_id = reason
            sheet.with_user(self.counter).with_context(**context).action_close()
            line = sheet.line_ids
        else:
            if way == "held":
                self.tolerance.active = False
            quant = self._as_manager(self._get_quant()).with_context(**context)
            quant.write({"inventory_quantity": quantity, **values})
            if reason:
                quant.cycle_count_reason_id = reason
            quant.action_apply_inventory()
            line = self.env["stock.cycle.count.line"].search(
                [("product_id", "=", self.other_product.id)], order="id desc", limit=1)
            if way == "held":
                self.assertEqual((line.state, line.move_ids), ("to_approve", self.env["stock.move"]))
                self._approve(line.with_context(**context), self.supervisor)
                self.tolerance.active = True
        self._read_back()
        return line

    def test_a_reason_books_on_its_own_location(self):
        self.reason.with_company(self.company).location_id = self.loss
        for way in self.WAYS:
            with self.subTest(way=way), self.cr.savepoint() as savepoint:
                line = self._post(way, self.reason)
                self.assertEqual(
                    (line.state, line.move_ids.location_dest_id, line.move_ids.cycle_count_reason_id,
                     self.on_hand(self.other_product, self.bin_b)),
                    ("posted", self.loss, self.reason, 99))
                savepoint.rollback()

    def test_nothing_is_booked_to_where_stock_is_kept(self):
        self.other_product.with_company(self.company).property_stock_inventory = self.bin_c
        quant = self._as_manager(self._get_quant())
        quant.inventory_quantity = 99
        message = self._assert_refused(quant.action_apply_inventory)
        self.assertIn(self.bin_c.display_name, message)
        self._read_back()
        self.assertEqual((quant.inventory_quantity, quant.inventory_quantity_set), (99, True))
        self.assertFalse(self.env["stock.cycle.count.line"].search([("product_id", "=", self.other_product.id)]))

    def test_one_that_cannot_be_posted_stops_no_other(self):
        self.other_product.with_company(self.company).property_stock_inventory = self.bin_c
        quants = self._get_quant() | self._get_quant(self.product, self.bin_a)
        for quant in self._as_manager(quants):
            quant.inventory_quantity = 99
        action = self._as_manager(quants).action_apply_inventory()
        self.assertIn(self.bin_c.display_name, action["params"]["message"])
        self._read_back()
        self.assertEqual(
            (self.on_hand(self.product, self.bin_a), self.on_hand(self.other_product, self.bin_b)), (99, 100))

    def test_what_other_modules_say_enters_the_move(self):
        """And cannot change what the count says."""
        Quant = self.registry["stock.quant"]
        original = Quant._get_inventory_move_values

        def extended(quant, *args, **kwargs):
            values = original(quant, *args, **kwargs)
            values.update(description_picking="told", location_id=self.supplier.id, product_uom_qty=50, cycle_count_line_id=False)
            values["move_line_ids"][0][2].update(description_picking="from elsewhere", quantity=50)
            return values

        for way in self.WAYS:
            with self.subTest(way=way), self.cr.savepoint() as savepoint:
                with patch.object(Quant, "_get_inventory_move_values", extended):
                    line = self._post(way)
                move = line.move_ids
                self.assertEqual(
                    (move.description_picking, move.move_line_ids.description_picking, move.location_id, move.quantity),
                    ("told", "from elsewhere", self.bin_b, 1))
                self.assertEqual(self.on_hand(self.other_product, self.bin_b), 99)
                savepoint.rollback()
        with self.subTest("found where there is no quant"), patch.object(
                Quant, "_get_inventory_move_values", extended):
            line = self._close_with((1, self.other_product, self.bin_c)).line_ids
            self.assertEqual((line.state, line.move_ids.description_picking, line.move_ids.location_id.usage),
                             ("posted", "told", "inventory"))

    def test_moves_are_called_as_the_inventory_is(self):
        wizard = self.env["stock.inventory.adjustment.name"].with_user(self.manager)
        for held in (False, True):
            with self.subTest(held=held), self.cr.savepoint() as savepoint:
                self.tolerance.active = not held
                quant = self._as_manager(self._get_quant())
                quant.inventory_quantity = 99
                wizard.create({
                    "quant_ids": [Command.set(quant.ids)], "inventory_adjustment_name": "Spring cleaning",
                }).action_apply()
                line = self.env["stock.cycle.count.line"].search([("product_id", "=", self.other_product.id)])
                if held:
                    self._approve(line, self.supervisor)
                self._read_back()
                self.assertEqual((line.state, line.move_ids.name), ("posted", "Spring cleaning"))
                savepoint.rollback()

    def test_moves_are_called_after_the_sheet(self):
        line = self._post("sheet", self.reason)
        self.assertEqual(line.move_ids.name, f"Cycle count {line.count_id.name}: {self.reason.name}")

    def test_quants_and_locations_look_counted(self):
        """As after core's own apply."""
        today = fields.Date.today()
        self.bin_b.cyclic_inventory_frequency = 30
        for way, quantity in ((way, quantity) for way in self.WAYS for quantity in (99, 100)):
            if way == "held" and quantity == 100:
                continue
            with self.subTest(way=way, quantity=quantity), self.cr.savepoint() as savepoint:
                quant = self._get_quant()
                quant.write({"user_id": self.manager.id, "inventory_date": today})
                self.env["stock.cycle.count.position"].search([("location_id", "=", self.bin_b.id)]).unlink()
                line = self._post(way, quantity=quantity)
                self.assertEqual(line.state, "posted")
                self.assertEqual(self.bin_b.last_inventory_date, today)
                self.assertEqual(
                    (quant.inventory_quantity, quant.inventory_quantity_set, quant.user_id),
                    (0, False, self.env["res.users"]))
                if way != "sheet":
                    self.assertEqual(quant.inventory_diff_quantity, 0)
                self.assertEqual(quant.inventory_date, fields.Date.add(today, days=30))
                savepoint.rollback()

    def test_a_match_makes_no_move(self):
        for way in ("sheet", "inventory"):
            line = self._post(way, quantity=100)
            self.assertEqual((line.state, line.move_ids), ("posted", self.env["stock.move"]))

    def test_what_is_entered_meanwhile_stays(self):
        """A sheet that is posted is no answer to the count that somebody is about to apply."""
        sheet = self.make_sheet((self.other_product, self.bin_b), start=True)
        self.count(sheet.line_ids, 100)
        quant = self._as_manager(self._get_quant())
        quant.write({"inventory_quantity": 98, "user_id": self.manager.id})
        sheet.with_user(self.counter).action_close()
        self._read_back()
        self.assertEqual(sheet.line_ids.state, "posted")
        self.assertEqual(
            (quant.inventory_quantity, quant.inventory_quantity_set, quant.user_id), (98, True, self.manager))

    def test_entries_are_of_the_accounting_date(self):
        if "stock.valuation.layer" not in self.env:
            self.skipTest("stock_account is not installed")
        date = fields.Date.to_date("2026-01-15")
        dates = []
        Move = self.registry["stock.move"]
        original = Move._action_done

        def noted(moves, *args, **kwargs):
            dates.append(moves.env.context.get("force_period_date"))
            return original(moves, *args, **kwargs)

        for way in ("inventory", "held"):
            with self.subTest(way=way), self.cr.savepoint() as savepoint:
                dates.clear()
                with patch.object(Move, "_action_done", noted):
                    line = self._post(way, accounting_date=date)
                self.assertEqual((line.count_id.accounting_date, dates), (date, [date]))
                self.assertIn(str(date), line.move_ids.name)
                self.assertFalse(self._get_quant().accounting_date)
                savepoint.rollback()

    def test_a_context_dates_no_posting(self):
        """What a client's context says of dates is no part of a posting, whichever way."""
        dates = []
        Move = self.registry["stock.move"]
        original = Move._action_done

        def noted(moves, *args, **kwargs):
            dates.append(moves.env.context.get("force_period_date"))
            return original(moves, *args, **kwargs)

        quant = self._as_manager(self._get_quant()).with_context(force_period_date="2001-01-01")
        quant.inventory_quantity = 99
        with patch.object(Move, "_action_done", noted):
            quant.action_apply_inventory()
        self.assertEqual((dates, self.on_hand(self.other_product, self.bin_b)), ([None], 99))

    def test_a_context_says_nothing_of_what_is_posted(self):
        """Defaults of a client's context are no part of a posting either, on no way."""
        forged = {f"default_{name}": value for name, value in {
            "price_unit": 50000, "origin": "x", "state": "draft", "is_inventory": False, "date": "2019-01-01",
            "picking_id": self._make_transfer().id, "origin_returned_move_id": self.env["stock.move"].search([], limit=1).id,
            "cycle_count_reversal_id": 1, "cycle_count_transfer_id": 1, "to_refund": True, "scrapped": True,
            "restrict_partner_id": self.env.user.partner_id.id, "owner_id": self.env.user.partner_id.id}.items()}
        # Some are of stock_account, which need not be there.
        names = self.env["stock.move"]._fields.keys() & {name.removeprefix("default_") for name in forged} - {"date", "origin"}
        for way in self.WAYS:
            said = []
            for context in ({}, forged):
                with self.cr.savepoint() as savepoint:
                    move = self._post(way, quantity=101, context=context).move_ids
                    self.assertEqual((move.mapped("state"), move.origin), (["done"], move.cycle_count_id.name))
                    layers = move.stock_valuation_layer_ids if "stock.valuation.layer" in self.env else ()
                    said.append([move.move_line_ids.owner_id, sum(layer.value for layer in layers), *(
                        move[name] for name in names)])
                    savepoint.rollback()
            self.assertEqual(said[0], said[1], way)

    def test_core_posts_what_nobody_controls(self):
        self.company.cycle_count_adjustment_control = False
        quant = self._as_manager(self._get_quant())
        quant.inventory_quantity = 50
        quant.action_apply_inventory()
        self._read_back()
        self.assertEqual(self.on_hand(self.other_product, self.bin_b), 50)
        self.assertFalse(self.env["stock.cycle.count.line"].search([("product_id", "=", self.other_product.id)]))

    def test_an_ordinary_worker_posts_nothing(self):
        quant = self._get_quant().with_user(self.worker).with_context(inventory_mode=True)
        quant.inventory_quantity = 99
        with self.assertRaises(UserError):
            quant.action_apply_inventory()
        self._read_back()
        self.assertEqual(self.on_hand(self.other_product, self.bin_b), 100)


@tagged("post_install", "-at_install")
class TestPostingToken(GateCase):
    """A posting opens the gate to the moves of its lines, and to nothing that runs meanwhile."""

    def setUp(self):
        super().setUp()
        self.receive(self.other_product, self.bin_b, 100)

    def _post_while(self, meanwhile):
        """Close a sheet with a small difference; ``meanwhile`` is called with its moves before these are done."""
        original = self.registry["stock.move"]._action_done

        def done(moves, *args, **kwargs):
            if moves.cycle_count_line_id:
                meanwhile(moves)
            return original(moves, *args, **kwargs)

        with patch.object(self.registry["stock.move"], "_action_done", done):
            line = self._close_with((99, self.other_product, self.bin_b)).line_ids
        self.env.flush_all()
        self.env.invalidate_all()
        return line

    def _make_move(self, moves, source, target, quantity=5, **values):
        """A move of the other product in the environment of a posting, as another module would make it."""
        ends = {"product_id": self.product.id, "location_id": source.id, "location_dest_id": target.id}
        move = moves.env["stock.move"].create({
            **ends, **values, "name": "meanwhile", "product_uom_qty": quantity, "product_uom": self.product.uom_id.id,
            "picked": True, "move_line_ids": [Command.create({
                **ends, "quantity": quantity, "product_uom_id": self.product.uom_id.id})]})
        move._action_done()

    def _assert_not_posted(self, line):
        self.assertNotEqual(line.state, "posted")
        self.assertTrue(line.post_error)
        self.assertEqual(
            (self.on_hand(self.other_product, self.bin_b), self.on_hand(self.product, self.bin_a)), (100, 100))

    def test_nothing_else_is_adjusted_meanwhile(self):
        loss = self.product.with_company(self.company).property_stock_inventory
        other = self.make_sheet((self.product, self.bin_a)).line_ids
        quant = self.env["stock.quant"].search([
            ("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])
        attempts = {
            "an inventory move": lambda moves: self._make_move(moves, self.bin_a, loss, is_inventory=True),
            "a loss by transfer": lambda moves: self._make_move(moves, self.bin_a, loss),
            "a claim of another count": lambda moves: self._make_move(
                moves, self.bin_a, loss, cycle_count_line_id=other.id),
            "a write on the quant": lambda moves: quant.with_env(moves.env).write({"quantity": 5}),
            "a new quant": lambda moves: moves.env["stock.quant"].create({
                "product_id": self.product.id, "location_id": self.bin_c.id, "quantity": 5}),
            "a deleted quant": lambda moves: quant.with_env(moves.env).unlink(),
            "in the name of the superuser": lambda moves: self._make_move(moves.sudo(), self.bin_a, loss),
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.cr.savepoint() as savepoint:
                self._assert_not_posted(self._post_while(attempt))
                self.assertFalse(self.on_hand(self.product, self.bin_c))
                savepoint.rollback()

    def test_stock_may_move_on_meanwhile(self):
        """As push rules do: that changes no total."""
        line = self._post_while(lambda moves: self._make_move(moves, self.bin_a, self.bin_c))
        self.assertEqual((line.state, line.post_error), ("posted", False))
        self.assertEqual(
            (self.on_hand(self.other_product, self.bin_b), self.on_hand(self.product, self.bin_a),
             self.on_hand(self.product, self.bin_c)), (99, 95, 5))

    def test_other_locked_bins_stay_locked(self):
        self.make_sheet((self.product, self.bin_a), start=True, lock_mode="block")
        self.assertTrue(self.bin_a.cycle_count_lock_id)
        self._assert_not_posted(self._post_while(lambda moves: self._make_move(moves, self.bin_a, self.bin_c)))

    def test_the_gate_is_shut_again(self):
        self.assertEqual(self._post_while(lambda moves: None).state, "posted")
        quant = self.env["stock.quant"].search([
            ("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])
        self._assert_refused(quant.with_user(self.manager).sudo().write, {"quantity": 5})
