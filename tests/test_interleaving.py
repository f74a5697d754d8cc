"""Stock moves while it is counted, in any order: the difference is always that of the instant of counting."""
from datetime import datetime, timedelta

from freezegun import freeze_time
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.stock_cycle_count.models.constants import KEY_FIELDS, OPEN_STATES
from odoo.addons.stock_cycle_count.tests.common import CountCase

from .count_machine import CHOICE, MINUTE, FloorMachine

QUANTITIES = st.integers(0, 30)


class Interleaving(FloorMachine):
    """A floor on which people receive, deliver, pick, count, recount, approve and post, a minute after the other."""

    def __init__(self):
        super().__init__()
        case = self.case
        self.keys = [
            (case.product, case.bin_a, None), (case.product, case.bin_b, None), (case.other_product, case.bin_a, None),
            (case.lot_product, case.bin_a, case.lot), (case.lot_product, case.bin_a, case.other_lot)]
        self.users = [case.counter, case.second, case.worker]
        self.sheets = case.env["stock.cycle.count"]
        self.frozen = {}

    # Means

    def attempt(self, action):
        """Do something that may be refused; what is refused leaves no trace."""
        self.clock.tick(MINUTE)
        try:
            with self.case.cr.savepoint():
                return action()
        except (UserError, ValidationError):
            return None

    def note(self, moves):
        """Write down what done moves changed."""
        for line in moves.move_line_ids.filtered(lambda line: line.state == "done"):
            for location, package, sign in (
                (line.location_id, line.package_id, -1), (line.location_dest_id, line.result_package_id, 1),
            ):
                key = (line.product_id.id, location.id, line.lot_id.id, package.id, line.owner_id.id)
                self.books.change(key, self.now, sign * line.quantity_product_uom)

    def post(self, action):
        """Do something after which lines may be posted: each changes its key by its difference, and nothing else."""
        before = self.sheets.line_ids.filtered(lambda line: line.state == "posted")
        self.attempt(action)
        for line in self.sheets.line_ids.filtered(lambda line: line.state == "posted") - before:
            self.books.change(line._get_key(), self.now, line.variance_qty)

    def lines(self, *states):
        return self.sheets.line_ids.filtered(lambda line: line.state in states)

    @initialize(quantities=st.lists(QUANTITIES, min_size=5, max_size=5), counted=st.integers(1, 5))
    def open_the_floor(self, quantities, counted):
        for choice, quantity in enumerate(quantities):
            self.receive(choice, quantity)
        self.start_sheet(range(counted), 0)

    # Stock moves

    @rule(choice=CHOICE, quantity=QUANTITIES)
    def receive(self, choice, quantity):
        product, location, lot = self.pick(self.keys, choice)
        if quantity:
            self.note(self.attempt(lambda: self.case.receive(product, location, quantity, lot=lot)))

    @rule(choice=CHOICE, quantity=QUANTITIES)
    def deliver(self, choice, quantity):
        product, location, lot = self.pick(self.keys, choice)
        if quantity:
            self.note(self.attempt(lambda: self.case.deliver(product, location, quantity, lot=lot)))

    @rule(choice=CHOICE, quantity=QUANTITIES)
    def move_to_the_other_bin(self, choice, quantity):
        product, location, lot = self.pick(self.keys, choice)
        target = self.case.bin_b if location == self.case.bin_a else self.case.bin_a
        if quantity:
            self.note(self.attempt(lambda: self.case.move(product, location, target, quantity, lot=lot)))

    @rule(choice=CHOICE, quantity=QUANTITIES, picked=st.booleans())
    def reserve(self, choice, quantity, picked):
        product, location, _lot = self.pick(self.keys, choice)
        self.order(product, location, quantity + 1, picked)

    @precondition(lambda self: self.open_moves)
    @rule(choice=CHOICE, ship=st.booleans())
    def ship_or_cancel(self, choice, ship):
        move = self.open_moves.pop(choice % len(self.open_moves))
        if ship:
            move.picked = True
            self.attempt(move._action_done)
            self.note(move)
        else:
            self.attempt(move._action_cancel)

    # Counts

    @rule(choices=st.sets(CHOICE, min_size=1, max_size=3), user=CHOICE)
    def start_sheet(self, choices, user):
        user = self.pick(self.users, user)
        keys = {self.pick(self.keys, choice) for choice in choices}
        taken = {(line.product_id, line.location_id, line.lot_id or None) for line in self.lines(*OPEN_STATES)}
        if keys - taken:
            self.clock.tick(MINUTE)
            self.sheets |= self.case.make_sheet(*(keys - taken), user=user, start=True)

    @precondition(lambda self: self.lines("pending", "recount", "counted"))
    @rule(choice=CHOICE, user=CHOICE, quantity=QUANTITIES, kind=st.sampled_from(["set", "add"]),
          waited=st.integers(0, 6))
    def count(self, choice, user, quantity, kind, waited):
        """Somebody counts, and the entry arrives so many minutes later."""
        line = self.pick(self.lines("pending", "recount", "counted"), choice)
        self.record(self.pick(self.users, user), [{
            "line": line, "kind": kind, "quantity": quantity, "age": 60 * waited}])

    @precondition(lambda self: self.lines("pending", "recount", "counted"))
    @rule(choice=CHOICE, user=CHOICE, quantities=st.lists(QUANTITIES, min_size=5, max_size=5), waited=st.integers(0, 6))
    def count_a_sheet(self, choice, user, quantities, waited):
        """Somebody counts all that is open on a sheet, a minute a line, and sends it together."""
        sheet = self.pick(self.lines("pending", "recount", "counted"), choice).count_id
        lines = sheet.line_ids.filtered(lambda line: line.state in ("pending", "recount", "counted"))
        self.record(self.pick(self.users, user), [
            {"line": line, "quantity": quantity, "age": 60 * (waited + number)}
            for number, (line, quantity) in enumerate(zip(lines, quantities))])

    def record(self, user, requests):
        """Let a user send entries, and write down what the books showed when each was made."""
        sheet = requests[0]["line"].count_id
        if user not in sheet.user_id | sheet.participant_ids:
            self.attempt(sheet.with_user(user).sudo().action_join)
        record = self.case.env["stock.cycle.count.entry"].with_user(user)._record
        entries = self.attempt(lambda: record(
            [dict(request, line=request["line"].with_user(user)) for request in requests], "scanner"))
        for entry, request in zip((entries or record([], "scanner")).sudo(), requests):
            counted = max(self.now - timedelta(seconds=request["age"]), sheet.start_date)
            book = self.books.at(request["line"]._get_key(), counted)
            self.frozen[entry] = (counted, book, request["quantity"])

    @precondition(lambda self: self.lines("counted"))
    @rule(choice=CHOICE)
    def undo(self, choice):
        line = self.pick(self.lines("counted"), choice)
        entry = line.result_entry_id
        undo = self.attempt(lambda: self.case.count(line, 0, entry.user_id, kind="undo", undone=entry))
        if undo:
            self.frozen[undo] = (self.now, self.books.at(line._get_key(), self.now), 0)

    @precondition(lambda self: self.lines("counted", "to_approve"))
    @rule(choice=CHOICE, user=CHOICE)
    def recount(self, choice, user):
        line = self.pick(self.lines("counted", "to_approve"), choice)
        self.attempt(lambda: line.count_id.with_user(self.case.supervisor)._send_to_recount(
            line, self.pick(self.users, user)))

    @precondition(lambda self: self.sheets.filtered(lambda sheet: sheet.state == "in_progress"))
    @rule(choice=CHOICE, policy=st.sampled_from(["leave", "zero"]))
    def close(self, choice, policy):
        sheet = self.pick(self.sheets.filtered(lambda sheet: sheet.state == "in_progress"), choice)
        before = sheet.line_ids.entry_ids
        self.post(lambda: sheet.with_user(sheet.user_id)._close(policy))
        for entry in sheet.line_ids.entry_ids - before:
            self.frozen[entry] = (self.now, self.books.at(entry.line_id._get_key(), entry.date - MINUTE), 0)

    @precondition(lambda self: self.lines("to_approve"))
    @rule(choice=CHOICE, approve=st.booleans())
    def decide(self, choice, approve):
        line = self.pick(self.lines("to_approve"), choice).with_user(self.case.controller)
        line.reason_id = self.case.reason
        self.post(line.action_approve if approve else line.action_reject)

    @precondition(lambda self: self.sheets.filtered(lambda sheet: sheet.state == "review"))
    @rule(choice=CHOICE, approve=st.booleans())
    def finalize(self, choice, approve):
        sheet = self.pick(self.sheets.filtered(lambda sheet: sheet.state == "review"), choice)
        if approve:
            lines = sheet.line_ids.filtered(lambda line: line.state == "to_approve").with_user(self.case.controller)
            lines.sudo().reason_id = self.case.reason
            self.post(lines.action_approve)
        self.post(sheet.with_user(self.case.controller).action_finalize)

    # What holds at any time

    @invariant()
    def books_were_frozen(self):
        """Every entry shows what the books showed when it was counted, for ever."""
        for entry, (date, book, quantity) in self.frozen.items():
            entry.invalidate_recordset()
            assert (entry.date, entry.book_quantity, entry.quantity) == (date, book, quantity)

    @invariant()
    def differences_are_right(self):
        """The difference is counted minus the books at the instant of the count that it rests on."""
        for line in self.sheets.line_ids.filtered("result_entry_id"):
            entry = line.result_entry_id
            assert line.variance_qty == line.counted_qty - self.frozen[entry][1]
            assert (line.expected_qty, line.count_date) == (entry.book_quantity, entry.date)

    @invariant()
    def stock_changes_by_done_moves_only(self):
        """Quants show what the moves and postings of this floor made them, and what core's move lines say."""
        case = self.case
        case.env.flush_all()
        quants = case.env["stock.quant"]._read_group(
            [("location_id", "in", (case.bin_a | case.bin_b).ids)], KEY_FIELDS, ["quantity:sum"])
        shown = {tuple(record.id for record in key): quantity for *key, quantity in quants}
        case.env.cr.execute(
            """
            SELECT product_id, location, COALESCE(lot_id, 0), SUM(quantity) FROM (
                SELECT product_id, location_id AS location, lot_id, -quantity_product_uom AS quantity
                  FROM stock_move_line WHERE state = 'done'
                 UNION ALL
                SELECT product_id, location_dest_id, lot_id, quantity_product_uom
                  FROM stock_move_line WHERE state = 'done') AS change
             WHERE location = ANY(%s) GROUP BY 1, 2, 3
            """, [(case.bin_a | case.bin_b).ids])
        moved = {
            (product, location, lot or False, False, False): quantity
            for product, location, lot, quantity in case.env.cr.fetchall()}
        for key in {*shown, *moved, *(key for key, _time, _quantity in self.books.changes)}:
            if key[1] in (case.bin_a | case.bin_b).ids:
                assert shown.get(key, 0) == moved.get(key, 0) == self.books.at(key, self.now)


@tagged("standard", "post_install", "-at_install")
class TestInterleaving(CountCase):

    stories = 10

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["stock.cycle.count.reason"].create({"code": "FX", "name": "Unknown"})

    def test_counts_between_moves(self):
        with freeze_time(datetime.now().replace(microsecond=0)) as clock:
            machine = type("Machine", (Interleaving,), {"case": self, "clock": clock})
            run_state_machine_as_test(machine, settings=settings(
                max_examples=self.stories, stateful_step_count=30, deadline=None, database=None, print_blob=True,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck)))


@tagged("standard", "post_install", "-at_install", "long")
class TestMoreInterleaving(TestInterleaving):

    stories = 100
