from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestGateMoves(GateCase):
    """Whatever is an inventory move or goes without a document across the border of own stock needs a count line, and
    moves that a count made stay as they are: every way of each kind, as each role.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.make_admin()
        cls.gated_roles = (cls.worker, cls.manager, cls.supervisor, cls.controller, cls.admin)
        cls.loss = cls.product.with_company(cls.company).property_stock_inventory
        cls.scrap = cls.env["stock.location"].search(
            [("scrap_location", "=", True), ("company_id", "=", cls.company.id)], limit=1)
        cls.production = cls.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", cls.company.id)], limit=1)
        cls.nobodys = cls.env["stock.location"].create({"name": "Sea", "usage": "transit", "company_id": False})
        cls.serial_quant = cls.receive(cls.serial_product, cls.bin_a, 1, lot=cls.serial)
        cls.outside = cls.customer | cls.supplier | cls.production | cls.scrap | cls.loss

    def _get_stock(self):
        self.env.invalidate_all()
        quants = self.env["stock.quant"].sudo().search([
            ("location_id.usage", "in", ("internal", "transit")), ("quantity", "!=", 0)])
        return {(q.product_id.id, q.location_id.id, q.lot_id.id): q.quantity for q in quants}

    def _get_evidence(self):
        moves = self.env["stock.move"].sudo().search([("cycle_count_line_id", "!=", False)])
        return [
            (m.id, m.state, m.date, m.origin, m.name, m.is_inventory, m.quantity, m.product_id.id, m.location_id.id,
             m.location_dest_id.id, [
                 (ln.id, ln.quantity, ln.lot_id.id, ln.location_id.id, ln.location_dest_id.id, ln.date, ln.state)
                 for ln in m.move_line_ids])
            for m in moves]

    def _try(self, way, user):
        """Whether the way, as this user, was refused or held: then neither stock nor evidence has changed."""
        before = self._get_stock(), self._get_evidence()
        with self.cr.savepoint() as savepoint:
            try:
                with self.cr.savepoint():
                    way(user)
                    self.env.flush_all()
            except (UserError, AccessError, ValidationError) as error:
                self.assertTrue(str(error))
            after = self._get_stock(), self._get_evidence()
            savepoint.rollback()
        self.env.invalidate_all()
        return after == before

    def _assert_closed(self, ways, roles):
        passed = [(name, user.login) for name, way in ways.items() for user in roles if not self._try(way, user)]
        self.assertFalse(passed)

    def _bare(self, source, target, product=None, lot=None, **values):
        """Create a done move that was never a transfer."""
        product = product or self.product
        ends = {"product_id": product.id, "location_id": source.id, "location_dest_id": target.id,
                "company_id": self.company.id}

        def way(user):
            self.call(user, self.env["stock.move"], "create", {
                **ends, "name": "x", "product_uom_qty": 1, "product_uom": product.uom_id.id, **values,
                "move_line_ids": [(0, 0, {
                    **ends, "product_uom_id": product.uom_id.id, "quantity": 1, "lot_id": lot and lot.id})]})
        return way

    def test_moves_without_a_document(self):
        ways = {}
        for place in self.outside | self.nobodys:
            for inventory in (True, False):
                ways[f"out to {place.name} {inventory}"] = self._bare(
                    self.bin_a, place, state="done", is_inventory=inventory)
                ways[f"in from {place.name} {inventory}"] = self._bare(
                    place, self.bin_a, state="done", is_inventory=inventory)
        self._assert_closed(ways, (self.worker, self.admin))

    def test_states_that_are_written(self):
        """A move that was never done is not made done, line by line."""
        def way(user, source, target):
            move = self.prepare_move(self.product, source, target, 1)
            self.call(user, move, "write", {"state": "done"})
            self.call(user, move.move_line_ids, "write", {"quantity": 40})

        ways = {}
        for place in self.outside:
            ways[f"out to {place.name}"] = lambda user, place=place: way(user, self.bin_a, place)
            ways[f"in from {place.name}"] = lambda user, place=place: way(user, place, self.bin_a)
        self._assert_closed(ways, self.gated_roles)

    def test_relocating(self):
        quant = self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.bin_a.id)])

        def relocate(user, place):
            wizard = self.as_user(user, self.env["stock.quant.relocate"]).create(
                {"quant_ids": [Command.set(quant.ids)], "dest_location_id": place.id})
            self.call(user, wizard, "action_relocate_quants")

        def write_lot(user, place):
            self.call(user, self.serial, "write", {"location_id": place.id})

        ways = {}
        for place in self.outside | self.nobodys:
            ways[f"relocate {place.name}"] = lambda user, place=place: relocate(user, place)
            ways[f"lot to {place.name}"] = lambda user, place=place: write_lot(user, place)
        self._assert_closed(ways, self.gated_roles)

    def test_goods_within_own_stock_move_freely(self):
        self.call(self.worker, self.serial, "write", {"location_id": self.bin_b.id})
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 1)

    def test_lots_back_from_outside(self):
        for place in self.outside - self.loss - self.scrap:
            with self.subTest(place=place.name), self.cr.savepoint() as savepoint:
                self.move(self.serial_product, self.bin_a, place, 1, lot=self.serial)
                self.env.invalidate_all()
                self._assert_closed(
                    {"back": lambda user: self.call(user, self.serial, "write", {"location_id": self.bin_a.id})},
                    self.gated_roles)
                savepoint.rollback()

    def test_relocation_is_held_where_moves_are_held(self):
        self.company.cycle_count_manual_moves = "hold"
        self.call(self.worker, self.serial, "write", {"location_id": self.customer.id})
        line = self.env["stock.cycle.count.line"].search([("product_id", "=", self.serial_product.id)])
        self.assertEqual((line.state, line.variance_qty, line.location_id), ("to_approve", -1, self.bin_a))
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 1)

    def test_scrap_comes_back_by_a_count_only(self):
        def transfer(user):
            self.as_user(user, self.prepare_move(self.product, self.scrap, self.bin_a, 1))._action_done()

        self._assert_closed({"scrap back": transfer}, self.gated_roles)

    # Transfers by hand and scrap orders

    def _transfer(self, user, source, target):
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.int_type_id.id, "location_id": source.id, "location_dest_id": target.id,
            "move_ids": [Command.create({
                "name": "x", "product_id": self.product.id, "product_uom_qty": 1, "product_uom": self.product.uom_id.id,
                "location_id": source.id, "location_dest_id": target.id})]})
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.write({"quantity": 1, "picked": True})
        self.env.flush_all()
        self.call(user, picking, "button_validate")
        return picking

    def test_policy_for_transfers_by_hand(self):
        """Allowed by default; refused or held as the company says, and receipts and deliveries go on."""
        places = (self.outside | self.nobodys) - self.loss
        ends = [(self.bin_a, place) for place in places] + [(place, self.bin_a) for place in places - self.scrap]
        for policy in ("allow", "refuse", "hold"):
            self.company.cycle_count_border_moves = policy
            for source, target in ends:
                with self.subTest(policy=policy, source=source.name, target=target.name):
                    closed = self._try(lambda user, s=source, t=target: self._transfer(user, s, t), self.manager)
                    self.assertEqual(closed, policy != "allow")
        self.company.cycle_count_border_moves = "hold"
        picking = self._transfer(self.worker, self.bin_a, self.customer)
        line = self.env["stock.cycle.count.line"].search([("product_id", "=", self.product.id)])
        self.assertEqual((picking.state, line.state, line.variance_qty), ("cancel", "to_approve", -1))
        self.company.cycle_count_border_moves = "refuse"
        self._transfer(self.worker, self.bin_a, self.bin_b)
        self.assertEqual(self.on_hand(self.product, self.bin_b), 1)

    def test_policy_for_scrap_orders(self):
        def scrap(user, maker):
            order = self.as_user(maker, self.env["stock.scrap"]).create({
                "product_id": self.product.id, "scrap_qty": 1, "location_id": self.bin_a.id,
                "product_uom_id": self.product.uom_id.id})
            self.env.flush_all()
            self.call(user, order, "action_validate")

        expected = {
            "allow": {"worker": True, "supervisor": True}, "refuse": {"worker": False, "supervisor": False},
            "approve": {"worker": False, "supervisor": True}}
        for policy, by_role in expected.items():
            self.company.cycle_count_scrap_orders = policy
            for role, passes in by_role.items():
                with self.subTest(policy=policy, role=role):
                    closed = self._try(lambda user: scrap(user, self.worker), self.users[role])
                    self.assertEqual(closed, not passes)
        self.company.cycle_count_scrap_orders = "approve"
        self.assertTrue(self._try(lambda user: scrap(user, user), self.supervisor))
        self.second_supervisor.email = self.supervisor.email = "one@example.com"
        self.assertTrue(self._try(lambda user: scrap(user, self.second_supervisor), self.supervisor))

    # Moves of counts

    def _get_posted(self):
        """Posted moves: an adjustment, and a transfer that counting found."""
        sheet = self._close_with((99, self.product))
        move = sheet.line_ids.move_ids
        found = self._close_with((1, self.serial_product, self.bin_b, self.serial))
        found.with_user(self.supervisor).action_finalize()
        transfer = self.env["stock.move"].search([("cycle_count_transfer_id", "!=", False)])
        self.assertEqual((len(move), len(transfer)), (1, 1))
        return move | transfer

    def test_moves_of_counts_are_frozen(self):
        moves = self._get_posted()
        ways = {}
        for kind, move in (("adjustment", moves[0]), ("transfer", moves[1])):
            changes = {
                "state draft": {"state": "draft"}, "state cancel": {"state": "cancel"}, "date": {"date": "2019-01-01"},
                "origin": {"origin": "x"}, "name": {"name": "x"}, "kind": {"is_inventory": False},
                "quantity": {"quantity": 40}, "demand": {"product_uom_qty": 40}, "place": {"location_id": self.bin_c.id},
                "target": {"location_dest_id": self.bin_c.id}, "product": {"product_id": self.other_product.id},
                "reference": {"reference": "x"}, "serials": {"lot_ids": [(5,)]}, "scrapped": {"scrapped": True},
                "line": {"move_line_ids": [(1, move.move_line_ids.id, {"quantity": 40})]},
                "a line more": {"move_line_ids": [(0, 0, self._get_line_vals(move))]},
                "no lines": {"move_line_ids": [(5,)]}, "count": {"cycle_count_line_id": False},
                "reversal": {"cycle_count_reversal_id": False}}
            line_changes = {
                "quantity": {"quantity": 40}, "lot": {"lot_id": False}, "place": {"location_id": self.bin_c.id},
                "target": {"location_dest_id": self.bin_c.id}, "date": {"date": "2019-01-01"},
                "owner": {"owner_id": self.env.user.partner_id.id}, "state": {"state": "draft"},
                "move": {"move_id": moves[1 if kind == "adjustment" else 0].id}}
            ways.update({
                f"{kind} {name}": lambda user, vals=vals, move=move: self.call(user, move, "write", dict(vals))
                for name, vals in changes.items()})
            ways.update({
                f"{kind} line {name}":
                lambda user, vals=vals, move=move: self.call(user, move.move_line_ids, "write", dict(vals))
                for name, vals in line_changes.items()})
            ways[f"{kind} deleted"] = lambda user, move=move: self.call(user, move, "unlink")
            ways[f"{kind} line deleted"] = lambda user, move=move: self.call(user, move.move_line_ids, "unlink")
            ways[f"{kind} line added"] = lambda user, move=move: self.call(
                user, self.env["stock.move.line"], "create", self._get_line_vals(move))
        self._assert_closed(ways, (*self.gated_roles, self.env["res.users"].browse(SUPERUSER_ID)))

    def _get_line_vals(self, move):
        return {
            "move_id": move.id, "product_id": move.product_id.id, "location_id": move.location_id.id,
            "location_dest_id": move.location_dest_id.id, "quantity": 50, "product_uom_id": move.product_uom.id,
            "company_id": self.company.id}

    def test_the_loss_location_of_a_product_opens_no_posted_move(self):
        self.product.with_company(self.company).property_stock_inventory = self.scrap
        line = self._close_with((99, self.product)).line_ids
        ways = {"edited": lambda user: self.call(user, line.move_ids.move_line_ids, "write", {"quantity": 90})}
        self._assert_closed(ways, self.gated_roles)

    def test_what_counting_adjusted_is_reverted_once(self):
        move = self._get_posted()[0]
        self.call(self.worker, move.move_line_ids, "action_revert_inventory")
        line = move.cycle_count_reversal_id
        self.assertEqual((line.state, line.variance_qty), ("to_approve", 1))
        self.call(self.worker, move.move_line_ids, "action_revert_inventory")
        self.assertEqual((line.state, move.cycle_count_reversal_id), ("to_approve", line))
        self._approve(line, self.supervisor)
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)
        message = self._assert_refused(self.call, self.worker, move.move_line_ids, "action_revert_inventory")
        self.assertIn(line.count_id.name, message)

    def test_who_may_not_move_stock_asks_for_no_reversal(self):
        """Core lets every employee read lines of moves."""
        move = self._get_posted()[0]
        for user in (self.outsider, self.counter, self.finance):
            self._assert_refused(self.call, user, move.move_line_ids, "action_revert_inventory")
            self.assertFalse(move.cycle_count_reversal_id)

    def test_a_rejected_reversal_may_be_asked_for_again(self):
        move = self._get_posted()[0]
        for decide in ("action_reject", "action_approve"):
            self.call(self.worker, move.move_line_ids, "action_revert_inventory")
            line = move.cycle_count_reversal_id
            line.with_user(self.supervisor).reason_id = self.reason
            self.call(self.supervisor, line, decide, "seen")
        self.assertEqual(self.on_hand(self.product, self.bin_a), 100)

    def test_a_transfer_of_counting_is_reverted_by_two_lines(self):
        transfer = self._get_posted()[1]
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 1)
        self.call(self.worker, transfer.move_line_ids, "action_revert_inventory")
        lines = self.env["stock.cycle.count.line"].search(
            [("product_id", "=", self.serial_product.id), ("state", "=", "to_approve")])
        self.assertEqual(lines.mapped("location_id"), self.bin_a | self.bin_b)
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 1)
        for line in lines:
            self._approve(line, self.supervisor)
        self.assertEqual(self.on_hand(self.serial_product, self.bin_a), 1)
        self.assertEqual(self.on_hand(self.serial_product, self.bin_b), 0)
        self.assertFalse(lines.move_ids.filtered(lambda move: "inventory" in (
            move.location_id.usage, move.location_dest_id.usage)))

    # One border

    def test_the_border_is_one_for_search_and_rule(self):
        lines = self.env["stock.move.line"].search([("company_id", "=", self.company.id)])
        for place in self.outside | self.nobodys:
            lines |= self.move(self.product, self.bin_a, place, 1).move_line_ids
        lines |= self.move(self.product, self.bin_a, self.bin_b, 1).move_line_ids
        found = self.env["stock.move.line"].search(
            [("id", "in", lines.ids), *self.env["stock.move.line"]._get_border_domain()])
        self.assertEqual(found, lines.filtered(lambda line: line._crosses_border()).sorted("id") & found)
        self.assertEqual(len(found), len(lines.filtered(lambda line: line._crosses_border())))
