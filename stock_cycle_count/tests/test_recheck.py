from itertools import product as combinations

from odoo.tests import tagged

from .common_gate import GateCase
from .common_valued import METHODS, CostCase


class Waiting:
    """Sheets whose lines wait to be posted while stock, costs and rules move on."""

    def _wait(self, *counts):
        """Lines of a closed sheet that are within tolerance and wait for a difference beside them."""
        sheet = self._close_with(*counts, (0, self.product, self.bin_a))
        lines = sheet.line_ids.filtered(lambda line: line.product_id != self.product)
        self.assertEqual(set(lines.mapped("state")), {"counted"})
        return lines

    def _hold(self, *counts):
        """Lines of a closed sheet that somebody approved."""
        self.tolerance.write({"over_qty": 0, "under_qty": 0})
        lines = self._close_with(*counts).line_ids
        for line in lines:
            self._approve(line, self.supervisor)
        self.assertEqual(set(lines.mapped("state")), {"approved"})
        return lines

    def _finalize(self, lines):
        """As another request."""
        self._forget()
        lines.count_id.with_user(self.supervisor).action_finalize()
        self._forget()

    def _assert_back(self, line, word):
        """The line is before a person again, nothing was booked, and earlier approvals hold no longer."""
        self.assertEqual((line.state, line.verdict, line.pending_level), ("to_approve", "approval", 1))
        self.assertIn(word, line.verdict_reason)
        self.assertFalse(line.move_ids)
        self.assertFalse(line._get_valid_approvals())


class RecheckOfValueCase(Waiting, CostCase):
    """What became worth more than its limit or its approval is decided anew, by whatever means it became so."""

    def _sell_cheap(self, product):
        self.move(product, self.bin_b, self.customer, 5)

    def _buy_dear(self, product):
        self._buy(product, 5, 100)

    def _raise_cost(self, product):
        product.standard_price = 60

    def _lower_cost(self, product):
        product.standard_price = 0.5

    def _get_value(self, line):
        """What core books for the line now, found out by booking it."""
        value = None
        with self.cr.savepoint() as savepoint:
            line._make_moves()
            self._forget()
            value = round(abs(self._get_layers(line)), 2)
            savepoint.rollback()
        self.env.invalidate_all()
        return value


@tagged("post_install", "-at_install")
class TestEveryEvent(RecheckOfValueCase):

    #: What is counted of ten pieces.
    counted = 8

    def test_every_method_and_event(self):
        events = (self._sell_cheap, self._buy_dear, self._raise_cost, self._lower_cost)
        counted = self.counted
        for method, event, decided in combinations(METHODS, events, (False, True)):
            with self.subTest(method=method, event=event.__name__, decided=decided), \
                    self.cr.savepoint() as savepoint:
                product = self._stock(method, (6, 1), (4, 30))
                if decided:
                    line = self._hold((counted, product, self.bin_b))
                else:
                    self.tolerance.write({"has_over_value": True, "has_under_value": True})
                    judged = round(abs(counted - 10) * (1 if method == "fifo" and counted < 10 else product.standard_price), 2)
                    self.tolerance.write({"over_value": judged, "under_value": judged})
                    line = self._wait((counted, product, self.bin_b))
                judged = round(abs(line.adjustment_value), 2)
                event(product)
                now = self._get_value(line)
                self._finalize(line)
                if now > judged:
                    self._assert_back(line, "cost rose")
                    self._approve(line, self.second_supervisor)
                    self._finalize(line)
                self.assertEqual(abs(self._assert_booked(line, voucher=False)), now)
                savepoint.rollback()


@tagged("post_install", "-at_install", "long")
class TestEveryEventOnSurplus(TestEveryEvent):

    counted = 12


@tagged("post_install", "-at_install")
class TestRecheckOfValue(RecheckOfValueCase):

    def test_events_do_raise_values(self):
        """So that ``TestEveryEvent`` asks something."""
        product = self._stock("fifo", (6, 1), (4, 30))
        line = self._hold((8, product, self.bin_b))
        self._sell_cheap(product)
        self.assertGreater(self._get_value(line), abs(line.adjustment_value))

    def test_one_that_came_back_holds_up_no_other(self):
        dear, cheap = self._stock("average", (10, 1)), self._stock("average", (10, 1))
        lines = self._hold((8, dear, self.bin_b), (8, cheap, self.bin_b))
        dear.standard_price = 60
        self._finalize(lines)
        self.assertEqual(lines.mapped("state"), ["to_approve", "posted"])
        self.assertEqual(lines[0].count_id.state, "review")

    def test_what_valuation_books_otherwise_is_not_posted(self):
        """A module that values in a way of its own."""
        product = self._stock("standard")
        line = self._hold((8, product, self.bin_b))
        self.patch(self.registry["product.product"], "_prepare_out_svl_vals", lambda product, quantity, company: {
            "product_id": product.id, "quantity": -quantity, "unit_cost": 50, "value": -50 * quantity})
        self._finalize(line)
        self._assert_back(line, "cost rose")
        self.assertEqual((line.adjustment_value, self.on_hand(product, self.bin_b)), (-50, 9))
        self._approve(line, self.second_supervisor)
        self._finalize(line)
        self.assertEqual(self._assert_booked(line), -50)


@tagged("post_install", "-at_install")
class TestRecheckOfRules(Waiting, GateCase):
    """The stricter of the rules then and now judges."""

    def setUp(self):
        super().setUp()
        self.receive(self.other_product, self.bin_b, 10)
        self.lax = self.env["product.category"].create({"name": "Screws"})
        self.env["stock.cycle.count.tolerance"].create({
            "name": "Screws", "company_id": self.company.id, "sequence": 1, "categ_ids": self.lax.ids,
            "has_over_qty": True, "over_qty": 100, "has_under_qty": True, "under_qty": 100})
        self.zone = self.make_location("Lax zone", self.stock)
        self.env["stock.cycle.count.tolerance"].create({
            "name": "Zone", "company_id": self.company.id, "sequence": 1, "location_ids": self.zone.ids,
            "has_over_qty": True, "over_qty": 100, "has_under_qty": True, "under_qty": 100})

    def _get_changes(self):
        return {
            "category": (self.other_product, "categ_id", self.lax),
            "bin": (self.bin_b, "location_id", self.zone)}

    def test_who_moves_what_is_counted_chooses_no_rule(self):
        for name, (record, field, value) in self._get_changes().items():
            for moved in ("before it is made", "while it is counted"):
                with self.subTest(name, moved=moved), self.cr.savepoint() as savepoint:
                    if moved == "before it is made":
                        record[field] = value
                    sheet = self.make_sheet((self.other_product, self.bin_b), start=True)
                    if moved == "while it is counted":
                        record[field] = value
                    self.count(sheet.line_ids, 2)
                    sheet.with_user(self.counter).action_close()
                    self.assertEqual(
                        sheet.line_ids.state, "posted" if moved == "before it is made" else "to_approve")
                    savepoint.rollback()

    def test_rules_of_the_posting_judge_too(self):
        """What was small by the rule of then is not by that of now; what was large stays large."""
        line = self._wait((8, self.other_product, self.bin_b))
        self.tolerance.under_qty = 1
        self._finalize(line)
        self._assert_back(line, "shortage quantity")
        self._approve(line, self.supervisor)
        self._finalize(line)
        self.assertEqual(line.state, "posted")
        other = self._close_with((0, self.other_product, self.bin_b)).line_ids
        self.tolerance.under_qty = 100
        self._finalize(other)
        self.assertEqual(other.state, "to_approve")

    def test_a_coarser_unit_hides_nothing(self):
        unit = self.env["uom.uom"].create({
            "name": "Piece", "category_id": self.env["uom.category"].create({"name": "Pieces"}).id,
            "uom_type": "reference", "rounding": 0.01})
        product = self.make_product("Piece goods", uom_id=unit.id, uom_po_id=unit.id)
        self.receive(product, self.bin_b, 99)
        sheet = self.make_sheet((product, self.bin_b), start=True)
        unit.rounding = 100
        self.count(sheet.line_ids, 39)
        sheet.with_user(self.counter).action_close()
        self.assertEqual((sheet.line_ids.counted_qty, sheet.line_ids.state), (39, "to_approve"))


@tagged("post_install", "-at_install")
class TestCoarserUnits(Waiting, GateCase):

    #: What the books show, in a unit that becomes coarser.
    booked = (2.5, 0.4)

    def test_books_are_as_counted_to_the_last_digit(self):
        """Or the unit is named that cannot say the difference."""
        unit = self.env["uom.uom"].create({
            "name": "Piece", "category_id": self.env["uom.category"].create({"name": "Pieces"}).id,
            "uom_type": "reference", "rounding": 0.01})
        for start, counted, rounding in combinations(self.booked, (0, 2, 3), (0.01, 0.5, 1)):
            for way in ("sheet", "inventory"):
                with self.subTest(start=start, counted=counted, rounding=rounding, way=way), \
                        self.cr.savepoint() as savepoint:
                    unit.rounding = 0.01
                    product = self.make_product("Fraction", uom_id=unit.id, uom_po_id=unit.id)
                    self.tolerance.write({"over_qty": 100, "under_qty": 100})
                    self.receive(product, self.bin_b, start)
                    self.env.flush_all()
                    unit.rounding = rounding
                    self.env.invalidate_all()
                    message = self._count_by(way, product, counted)
                    on_hand = self.on_hand(product, self.bin_b)
                    self.assertEqual(on_hand, start if message else counted)
                    steps = (start - counted) / rounding
                    self.assertEqual(bool(message), abs(steps - round(steps)) > 1e-6)
                    if message:
                        self.assertIn("Piece", message)
                    savepoint.rollback()

    def _count_by(self, way, product, counted):
        """Count and post by a way; the refusal, if there is one."""
        if way == "sheet":
            sheet = self._close_with((counted, product, self.bin_b))
            self._finalize(sheet.line_ids) if sheet.state == "review" else None
            return sheet.line_ids.post_error
        quant = self.env["stock.quant"].search([("product_id", "=", product.id), ("location_id", "=", self.bin_b.id)])
        quant = quant.with_user(self.manager).with_context(inventory_mode=True)
        quant.inventory_quantity = counted
        try:
            with self.cr.savepoint():
                quant.action_apply_inventory()
        except Exception as error:                                   # whatever refuses is to name the unit
            return str(error)
        return False


@tagged("post_install", "-at_install", "long")
class TestMoreCoarserUnits(TestCoarserUnits):

    booked = (2.4, 3)


@tagged("post_install", "-at_install")
class TestRecheckOfPlace(Waiting, GateCase):
    """What a document moved after the count is neither written off nor moved again."""

    def setUp(self):
        super().setUp()
        self.tolerance.write({"over_qty": 5, "under_qty": 5})

    def _move_piece(self, piece, source, target, quantity=None):
        product, key, all_of_it = piece
        package = key.get("package")
        self.move(product, source, target, quantity or all_of_it, lot=key.get("lot"), package=package,
                  target_package=package)

    def _count_piece(self, piece, location, quantity, approved=False):
        """A line that counted the piece in a bin, and waits."""
        product, key, _quantity = piece
        sheet = self.make_sheet((self.product, self.bin_a), start=True)
        self.count(sheet.line_ids, 0)
        line = sheet.with_user(self.counter)._add_found(location, product, key.get("lot"), key.get("package")).sudo()
        self.count(line, quantity, user=self.counter)
        sheet.with_user(self.counter).action_close()
        if approved:
            line._write_judged({"verdict": "approval", "approval_level": 1})
            line._hold_for_approval()
            self._approve(line, self.supervisor)
        self.assertEqual(line.state, "approved" if approved else "counted")
        return line

    def _get_places(self, piece):
        quants = self.env["stock.quant"].search([("product_id", "=", piece[0].id), ("quantity", "!=", 0)])
        return {quant.location_id: quant.quantity for quant in quants if quant.location_id.usage in ("internal", "customer")}

    def test_missing_and_then_moved_by_a_document(self):
        for kind, target, approved in combinations(("serial", "package", "plain"), ("customer", "bin_c"), (False, True)):
            with self.subTest(kind=kind, target=target, approved=approved), self.cr.savepoint() as savepoint:
                piece = self._stock_piece(kind)
                line = self._count_piece(piece, self.bin_b, 0, approved)
                self._move_piece(piece, self.bin_b, getattr(self, target))
                self._finalize(line)
                self._assert_back(line, "after it was counted")
                self.assertEqual(self._get_places(piece), {getattr(self, target): piece[2]})
                message = self._assert_refused(self._approve, line, self.second_supervisor)
                self.assertIn("Reject", message)
                line.with_user(self.second_supervisor).action_reject("it has left")
                self.assertEqual(line.state, "rejected")
                savepoint.rollback()

    def test_found_and_then_moved_by_a_document(self):
        """The transfer has lost its source, or the piece has arrived already."""
        for kind, target, approved in combinations(("serial", "package"), ("customer", "bin_c"), (False, True)):
            with self.subTest(kind=kind, target=target, approved=approved), self.cr.savepoint() as savepoint:
                piece = self._stock_piece(kind)
                line = self._count_piece(piece, self.bin_c, piece[2], approved)
                self.assertEqual(line.transfer_qty, piece[2])
                self._move_piece(piece, self.bin_b, getattr(self, target))
                self._finalize(line)
                self._assert_back(line, "after it was counted")
                self.assertFalse(line.target_transfer_ids)
                self.assertEqual(self._get_places(piece), {getattr(self, target): piece[2]})
                if target == "bin_c":
                    self._assert_refused(self._approve, line, self.second_supervisor)
                savepoint.rollback()

    def test_plain_goods_are_never_taken_below_nothing(self):
        for left, taken in combinations(range(5), range(1, 5)):
            with self.subTest(left=left, taken=taken), self.cr.savepoint() as savepoint:
                piece = self._stock_piece("plain")
                line = self._count_piece(piece, self.bin_b, 4 - taken)
                if left < 4:
                    self._move_piece(piece, self.bin_b, self.customer, 4 - left)
                self._finalize(line)
                if left < taken:
                    self._assert_back(line, "less than this difference takes away")
                    self.assertEqual(self.on_hand(piece[0], self.bin_b), left)
                else:
                    self.assertEqual((line.state, self.on_hand(piece[0], self.bin_b)), ("posted", left - taken))
                savepoint.rollback()

    def test_opposite_differences_whose_source_was_sold(self):
        self.receive(self.other_product, self.bin_b, 4)
        sheet = self._close_with((0, self.other_product, self.bin_b), (4, self.other_product, self.bin_c))
        self.assertEqual(sheet.transfer_ids.quantity, 4)
        self.move(self.other_product, self.bin_b, self.customer, 3)
        self._finalize(sheet.line_ids)
        self.assertEqual(sheet.line_ids.mapped("state"), ["to_approve", "to_approve"])
        self.assertEqual((self.on_hand(self.other_product, self.bin_b), self.on_hand(self.other_product, self.bin_c)), (1, 0))

    def test_what_is_archived_is_named(self):
        """Before anything moves."""
        for kind, counted in combinations(("bin", "product", "unit"), (0, 3)):
            with self.subTest(kind=kind, counted=counted), self.cr.savepoint() as savepoint:
                unit = self.env["uom.uom"].create({
                    "name": "Roll", "category_id": self.env["uom.category"].create({"name": "Rolls"}).id,
                    "uom_type": "reference"})
                product = self.make_product("Paper", uom_id=unit.id, uom_po_id=unit.id)
                retired = {"bin": self.bin_c, "product": product, "unit": unit}[kind]
                if not counted:
                    self.receive(product, self.bin_c, 2)
                line = self._count_piece((product, {}, 0), self.bin_c, counted)
                self.env.flush_all()
                retired._write({"active": False})
                self.env.invalidate_all()
                self._finalize(line)
                self.assertEqual((line.state, line.move_ids.ids), ("counted", []))
                self.assertIn("is archived", line.post_error)
                self.assertIn(retired.display_name, line.post_error)
                retired.active = True
                self._finalize(line)
                self.assertEqual((line.state, self.on_hand(product, self.bin_c)), ("posted", counted))
                savepoint.rollback()

    def test_a_package_in_part(self):
        """A package is in one place: what is not counted here keeps it where the books have it, and is named."""
        for here, rest in combinations((3, 4), (None, 0, 2)):
            with self.subTest(here=here, rest=rest), self.cr.savepoint() as savepoint:
                piece = self._stock_piece("package")
                self.receive(self.lot_product, self.bin_b, 2, lot=self.lot, package=self.package)
                line = self._count_piece(piece, self.bin_c, here)
                if rest is not None:
                    sheet = self.make_sheet((self.lot_product, self.bin_b, self.lot))
                    sheet.line_ids.package_id = self.package
                    sheet.with_user(self.counter).action_start()
                    self.count(sheet.line_ids, rest)
                    sheet.with_user(self.counter).action_close()
                self._finalize(line)
                if here == 4 and rest == 0:
                    self.assertEqual((line.state, self.on_hand(piece[0], self.bin_c)), ("posted", 4))
                else:
                    self.assertEqual((line.state, self.on_hand(piece[0], self.bin_b)), ("counted", 4))
                    self.assertIn("PK-1", line.post_error)
                    self.assertIn(self.bin_b.display_name, line.post_error)
                savepoint.rollback()

    def test_kits_are_counted_out_only(self):
        """As manufacturing has them: their components are counted."""
        self.patch(self.registry["stock.cycle.count.line"], "_is_kit", lambda line: line.product_id == self.other_product)
        sheet = self.make_sheet((self.product, self.bin_a), start=True)
        message = self._assert_refused(
            sheet.with_user(self.counter)._add_found, self.bin_b, self.other_product)
        self.assertIn("kit", message)
        sheet.with_user(self.supervisor).action_cancel()
        self.receive(self.other_product, self.bin_b, 4)
        for counted in (0, 5):
            with self.subTest(counted=counted), self.cr.savepoint() as savepoint:
                line = self._count_piece((self.other_product, {}, 0), self.bin_b, counted)
                self._finalize(line)
                self.assertEqual(line.state, "counted" if counted else "posted")
                self.assertEqual(self.on_hand(self.other_product, self.bin_b), 4 if counted else 0)
                self.assertEqual("kit" in (line.post_error or ""), bool(counted))
                savepoint.rollback()
