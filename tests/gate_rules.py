"""What people do to a floor, right and wrong, in any order. What has to hold whatever they do stands in the tests."""

from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from odoo import Command
from odoo.exceptions import UserError

from odoo.addons.stock_cycle_count.models.constants import OPEN_STATES, TO_COUNT_STATES

from .count_machine import CHOICE, MINUTE, FloorMachine

#: Quarters, which computers add without a remainder.
QUANTITIES = st.integers(0, 40).map(lambda number: number / 4)
#: What a count is off the books by.
OFF = st.sampled_from([0, 0, 0, 0.5, -0.5, 1, -1, -1.5, 2.25, -5, 8])
#: What one is bought at, or costs from now on.
PRICES = st.sampled_from([1, 2, 3.33, 5, 7.77, 9])
#: Minutes that a count waited on its device, for stock to move meanwhile.
AGES = st.sampled_from([0, 0, 3, 10, 30])
COUNTABLE = (*TO_COUNT_STATES, "counted")


class Key(NamedTuple):
    """A stock key, in records."""

    product: Any
    location: Any
    lot: Any
    package: Any
    owner: Any

    @property
    def ids(self):
        return tuple(record.id or 0 for record in self)

    @property
    def values(self):
        names = ("product_id", "location_id", "lot_id", "package_id", "owner_id")
        return {name: record.id for name, record in zip(names, self)}


class GateFloor(FloorMachine):
    """People who receive, ship, scrap, count, recount, decide, post and cheat, a minute after the other.

    What they did is written down here as they did it: stock moves in ``books``, counts in ``counts`` (those that the
    step may have made) and ``typed`` (Physical Inventory, not applied), limits in ``limits``.
    """

    tally = None

    def __init__(self):
        super().__init__()
        self.people = self.case.people
        self.keys = self.case.keys
        self.counts = {}
        self.typed = {}
        self.limits = dict(self.case.limits)
        #: Limits of products that have a rule of their own.
        self.own_limits = {}
        self.waived = False
        self.around = {}
        self.actor = None

    # Means

    @property
    def lines(self):
        """Every count line of the floor."""
        return self.case.env["stock.cycle.count.line"].search([("product_id", "in", self.case.products.ids)], order="id")

    def lines_in(self, *states):
        return self.lines.filtered(lambda line: line.state in states)

    def sheets_in(self, *states):
        return self.case.env["stock.cycle.count"].search(
            [("line_ids.product_id", "in", self.case.products.ids), ("state", "in", states)], order="id")

    def look_around(self):
        """What there is to act on: kinds of records, with the states that some of them are in. One query a step, since
        every rule asks.
        """
        self.case.env.flush_all()
        self.case.env.cr.execute(
            """
            WITH line AS (
                SELECT id, count_id, state FROM stock_cycle_count_line WHERE product_id = ANY(%s))
            SELECT 'line' AS kind, ARRAY_AGG(DISTINCT state) FROM line
             UNION ALL
            SELECT 'sheet', ARRAY_AGG(DISTINCT state) FROM stock_cycle_count WHERE id IN (SELECT count_id FROM line)
             UNION ALL
            SELECT 'transfer', ARRAY_AGG(DISTINCT 'proposed'::varchar) FROM stock_cycle_count_transfer transfer
             WHERE target_line_id IN (SELECT id FROM line)
               AND NOT EXISTS (SELECT 1 FROM stock_move WHERE cycle_count_transfer_id = transfer.id)
             UNION ALL
            SELECT 'move', ARRAY_AGG(DISTINCT state) FROM stock_move WHERE cycle_count_line_id IN (SELECT id FROM line)
            """, [self.case.products.ids])
        self.around = {kind: set(states or ()) for kind, states in self.case.env.cr.fetchall()}

    def attempt(self, user, action, tick=True):
        """Let a user do something that may be refused; what is refused leaves no trace.

        :param tick: whether it happens a minute after what happened before, or at once
        :return: whether it was done
        """
        if tick:
            self.clock.tick(MINUTE)
        self.actor = user
        try:
            with self.case.cr.savepoint():
                action()
        except UserError:  # and its heirs, for access and validation
            self.tally["refused"] += 1
            return False
        return True

    def as_user(self, record, user, sudo=False):
        return record.with_user(user).sudo(sudo)

    def change(self, key, quantity):
        self.books.change(key.ids, self.now, quantity)

    # Stock moves

    @initialize(quantities=st.lists(QUANTITIES, min_size=16, max_size=16), offs=st.lists(OFF, min_size=16, max_size=16))
    def open_the_floor(self, quantities, offs):
        """Half of the stock stands on a sheet that was counted, half on one that is being counted."""
        for choice, quantity in enumerate(quantities):
            self.move_in_or_out(choice, quantity, 0, True)
        self.start_sheet(set(range(0, 16, 2)), 0, 2)
        self.count_a_sheet(0, 0, 0, offs[:8])
        self.close(0, 0, "leave")
        self.start_sheet(set(range(1, 16, 2)), 1, 1)

    def move(self, user, key, source, target, quantity, price=5):
        """Move what a key says from or to its location, as a user, bought at a price if it comes from a supplier."""
        move = self.case.prepare_move(
            key.product, source, target, quantity, lot=key.lot, owner=key.owner, package=key.package,
            target_package=key.package, price_unit=price)
        move.with_user(user)._action_done()
        return move

    def get_quantity(self, key, quantity):
        """A serial number is there or not; of everything else there is any quantity."""
        return min(int(quantity) % 8, 1) if key.product == self.case.serial_product else quantity

    @rule(choice=CHOICE, quantity=QUANTITIES, actor=CHOICE, receive=st.booleans(), price=PRICES)
    def move_in_or_out(self, choice, quantity, actor, receive, price=5):
        key, user = self.pick(self.keys, choice), self.pick(self.case.workers, actor)
        quantity = self.get_quantity(key, quantity)
        supplier, customer = self.case.supplier, self.case.customer
        ends = (supplier, key.location) if receive else (key.location, customer)
        if quantity and self.attempt(user, lambda: self.move(user, key, *ends, quantity, price)):
            self.change(key, quantity if receive else -quantity)

    @rule(choice=CHOICE, quantity=QUANTITIES, actor=CHOICE)
    def move_to_the_other_bin(self, choice, quantity, actor):
        key, user = self.pick(self.keys, choice), self.pick(self.case.workers, actor)
        quantity = self.get_quantity(key, quantity)
        other = key._replace(location=self.case.bin_b if key.location == self.case.bin_a else self.case.bin_a)
        if quantity and self.attempt(user, lambda: self.move(user, key, key.location, other.location, quantity)):
            self.change(key, -quantity)
            self.change(other, quantity)

    @rule(choice=CHOICE, quantity=QUANTITIES, actor=CHOICE)
    def scrap(self, choice, quantity, actor):
        key, user = self.pick(self.keys, choice), self.pick(self.case.workers, actor)
        quantity = self.get_quantity(key, quantity)
        if not quantity:
            return
        orders = []

        def scrap():
            orders.append(self.case.env["stock.scrap"].with_user(user).create({
                "product_id": key.product.id, "scrap_qty": quantity, "location_id": key.location.id,
                "lot_id": key.lot.id, "package_id": key.package.id, "owner_id": key.owner.id}))
            orders[0].action_validate()

        # Where there is too little, an order asks first and stays a draft.
        if self.attempt(user, scrap) and orders[0].state == "done":
            self.change(key, -quantity)

    @rule(choice=CHOICE, quantity=QUANTITIES, picked=st.booleans())
    def reserve(self, choice, quantity, picked):
        key = self.pick(self.keys, choice)
        self.order(key.product, key.location, quantity + 1, picked)

    @precondition(lambda self: self.open_moves)
    @rule(choice=CHOICE, actor=CHOICE, ship=st.booleans())
    def ship_or_cancel(self, choice, actor, ship):
        user = self.pick(self.case.workers, actor)
        move = self.open_moves.pop(choice % len(self.open_moves))
        if not ship:
            self.attempt(user, move._action_cancel)
            return
        move.picked = True
        # A serial that was found elsewhere takes its reservation along: what leaves is what the lines say now.
        leaving = [
            (Key(line.product_id, line.location_id, line.lot_id, line.package_id, line.owner_id), line.quantity)
            for line in move.move_line_ids]
        if self.attempt(user, move.with_user(user)._action_done):
            for key, quantity in leaving:
                self.change(key, -quantity)

    # Count sheets

    @rule(chosen=st.sets(CHOICE, min_size=1, max_size=4), counter=CHOICE, rounds=st.integers(0, 2))
    def start_sheet(self, chosen, counter, rounds):
        """A supervisor makes a sheet, and its counter starts it."""
        counter = self.pick(self.people, counter)
        lines = [Command.create(self.pick(self.keys, choice).values) for choice in chosen]

        def start():
            sheet = self.case.env["stock.cycle.count"].with_user(self.case.supervisor).create({
                "warehouse_id": self.case.warehouse.id, "user_id": counter.id, "recount_rounds": rounds,
                "line_ids": lines})
            sheet.with_user(counter).action_start()

        if len({self.pick(self.keys, choice) for choice in chosen}) == len(chosen):
            self.attempt(self.case.supervisor, start)

    def record(self, user, sheet, requests):
        """Let a user count on a sheet; who does not count there yet joins.

        :param requests: ``[(line, quantity, kind, minutes ago)]``
        """
        def count():
            if user not in sheet.user_id | sheet.participant_ids:
                sheet.with_user(user).sudo().action_join()
            self.case.env["stock.cycle.count.entry"].with_user(user)._record(
                [{"line": line.with_user(user), "quantity": quantity, "kind": kind, "age": 60 * minutes}
                 for line, quantity, kind, minutes in requests], "scanner")

        if self.attempt(user, count):
            for line, quantity, kind, minutes in requests:
                date = max(self.now - minutes * MINUTE, sheet.start_date)
                self.counts[line.id] = (user, kind, quantity, date)

    def get_counted(self, key, off):
        """What somebody counts who is off the books by so much; of a serial number there is none or one."""
        book = self.books.at(key.ids, self.now)
        if key.product == self.case.serial_product:
            return int(bool(book) != bool(off))
        return max(book + off, 0)

    def get_key(self, record):
        return Key(record.product_id, record.location_id, record.lot_id, record.package_id, record.owner_id)

    @precondition(lambda self: self.around["line"].intersection(COUNTABLE))
    @rule(choice=CHOICE, actor=CHOICE, off=OFF, kind=st.sampled_from(["set", "set", "add"]), minutes=AGES)
    def count(self, choice, actor, off, kind, minutes):
        """Somebody counts, and the entry arrives so many minutes later."""
        line = self.pick(self.lines_in(*COUNTABLE), choice)
        quantity = self.get_counted(self.get_key(line), off)
        self.record(self.pick(self.people, actor), line.count_id, [(line, quantity, kind, minutes)])

    @precondition(lambda self: self.around["line"].intersection(TO_COUNT_STATES))
    @rule(choice=CHOICE, actor=CHOICE, minutes=AGES, offs=st.lists(OFF, min_size=8, max_size=8))
    def count_a_sheet(self, choice, actor, minutes, offs):
        """Somebody counts all that is open on a sheet and sends it together."""
        sheet = self.pick(self.lines_in(*TO_COUNT_STATES), choice).count_id
        lines = sheet.line_ids.filtered(lambda line: line.state in TO_COUNT_STATES)
        self.record(self.pick(self.people, actor), sheet, [
            (line, self.get_counted(self.get_key(line), off), "set", minutes) for line, off in zip(lines, offs)])

    @precondition(lambda self: self.around["sheet"].intersection(("in_progress",)))
    @rule(sheet=CHOICE, choice=CHOICE, actor=CHOICE, off=OFF)
    def find(self, sheet, choice, actor, off):
        """Somebody finds what the sheet does not expect: loose goods, a lot, a serial number, a package."""
        sheet, key = self.pick(self.sheets_in("in_progress"), sheet), self.pick(self.keys, choice)
        user = self.pick(self.people, actor)
        found = []
        add = sheet.with_user(user).sudo()._add_found
        if self.attempt(user, lambda: found.append(add(key.location, key.product, key.lot, key.package, key.owner))):
            line = found[0].with_user(self.case.env.user)
            self.record(user, sheet, [(line, self.get_counted(key, off), "set", 0)])

    @rule(choice=CHOICE, finder=CHOICE, loser=CHOICE, finalize=st.booleans())
    def carry_a_piece_off(self, choice, finder, loser, finalize):
        """A piece is missing on one sheet and found on another: both share the transfer that this makes."""
        pieces = [key for key in self.keys if (key.package or key.product == self.case.serial_product)
                  and self.books.at(key.ids, self.now) > 0]
        if not pieces:
            return
        key = self.pick(pieces, choice)
        quantity = self.books.at(key.ids, self.now)
        other = key._replace(location=self.case.bin_b if key.location == self.case.bin_a else self.case.bin_a)
        if other.product == self.case.serial_product and self.books.at(other.ids, self.now):
            return
        sheets = []
        for place, counter, counted in ((key, loser, 0), (other, finder, quantity + self.books.at(other.ids, self.now))):
            if not self.get_open_line(place):
                self.start_sheet({self.keys.index(place)}, counter, 0)
            line = self.get_open_line(place)
            if line.state not in COUNTABLE or line.count_id.state != "in_progress":
                return
            sheets.append(line.count_id)
            self.record(line.user_id or line.count_id.user_id, line.count_id, [(line, counted, "set", 0)])
        for sheet in dict.fromkeys(sheets):
            self.close_sheet(sheet, sheet.user_id, "leave")
        if finalize:
            for sheet in dict.fromkeys(sheets):
                self.attempt(self.case.boss, sheet.with_user(self.case.boss).action_finalize)

    def get_open_line(self, key):
        return self.lines_in(*OPEN_STATES).filtered(lambda line: self.get_key(line) == key)

    @precondition(lambda self: self.around["sheet"].intersection(("in_progress",)))
    @rule(choice=CHOICE, actor=CHOICE, policy=st.sampled_from(["leave", "zero"]))
    def close(self, choice, actor, policy):
        sheet = self.pick(self.sheets_in("in_progress"), choice)
        self.close_sheet(sheet, self.pick((sheet.user_id, self.pick(self.people, actor)), actor), policy)

    def close_sheet(self, sheet, user, policy):
        pending = sheet.line_ids.filtered(lambda line: line.state == "pending")

        def close():
            sheet.with_user(user)._check_can("close")
            sheet.with_user(user)._close(policy)

        if self.attempt(user, close) and policy == "zero":
            for line in pending:
                self.counts[line.id] = (user, "set", 0, self.now)

    @precondition(lambda self: self.around["line"].intersection(("counted", "to_approve",)))
    @rule(choice=CHOICE, actor=CHOICE, counter=CHOICE)
    def recount(self, choice, actor, counter):
        """Somebody sends a line of a sheet to be counted by somebody else."""
        line, user = self.pick(self.lines_in("counted", "to_approve"), choice), self.pick(self.case.deciders, actor)
        wizards = self.case.env["stock.cycle.count.recount"].with_user(user)
        self.attempt(user, lambda: wizards.create({
            "count_id": line.count_id.id, "line_ids": [Command.set(line.ids)],
            "user_id": self.pick(self.people, counter).id}).action_recount())

    @precondition(lambda self: self.around["sheet"].intersection(("in_progress", "review",)))
    @rule(choice=CHOICE, actor=CHOICE, action=st.sampled_from(["reopen", "cancel"]))
    def reopen_or_cancel(self, choice, actor, action):
        sheet, user = self.pick(self.sheets_in("in_progress", "review"), choice), self.pick(self.people, actor)
        # Rarely, or nothing would get further.
        if choice % 4 == 0:
            self.attempt(user, getattr(sheet.with_user(user), f"action_{action}"))

    # Decisions

    @precondition(lambda self: self.around["line"].intersection(("to_approve",)))
    @rule(choice=CHOICE, actor=CHOICE, sudo=st.booleans(), every=st.booleans(),
          decision=st.sampled_from(["approve", "approve", "approve", "reject", "send_to_recount"]))
    def decide(self, choice, actor, sudo, every, decision):
        """Anybody decides on a line, or on all of its sheet; whether they may is for the gate to say."""
        waiting = self.lines_in("to_approve")
        line = self.pick(waiting, choice)
        lines = waiting.filtered(lambda other: other.count_id == line.count_id) if every else line
        user = self.pick(self.people, actor)
        lines.filtered(lambda line: not line.reason_id).reason_id = self.case.reason
        lines = self.as_user(lines, user, sudo)
        if self.attempt(user, lambda: getattr(lines, f"action_{decision}")("seen")):
            self.tally[f"{decision} by {'one' if len(lines) == 1 else 'many'}"] += 1

    @precondition(lambda self: self.around["line"].intersection(("to_approve",)))
    @rule(choice=CHOICE, actor=CHOICE)
    def decide_by_the_book(self, choice, actor):
        """Somebody who has the rank goes through a sheet and finalizes it: without such people nothing would get to its
        end.
        """
        sheet, user = self.pick(self.lines_in("to_approve"), choice).count_id, self.pick(self.case.deciders, actor)
        self.clock.tick(MINUTE)
        for line in sheet.line_ids.filtered(lambda line: line.state == "to_approve"):
            line.reason_id = line.reason_id or self.case.reason
            if self.attempt(user, lambda: line.with_user(user).action_approve("seen"), tick=False):
                self.tally[f"approved on level {line.approval_ids[-1].level}"] += 1
        self.attempt(user, sheet.with_user(user).action_finalize, tick=False)

    @precondition(lambda self: self.around["sheet"].intersection(("review",)))
    @rule(choice=CHOICE, actor=CHOICE, sudo=st.booleans())
    def finalize(self, choice, actor, sudo):
        sheet, user = self.pick(self.sheets_in("review"), choice), self.pick(self.people, actor)
        self.attempt(user, self.as_user(sheet, user, sudo).action_finalize)

    @precondition(lambda self: self.around["sheet"].intersection(("review",)))
    @rule(choice=CHOICE, actor=CHOICE)
    def finalize_by_the_book(self, choice, actor):
        sheet, user = self.pick(self.sheets_in("review"), choice), self.pick(self.case.deciders, actor)
        self.attempt(user, sheet.with_user(user).action_finalize)

    @precondition(lambda self: self.around["transfer"])
    @rule(choice=CHOICE, actor=CHOICE, selected=st.booleans())
    def tick_a_transfer(self, choice, actor, selected):
        transfers = self.case.env["stock.cycle.count.transfer"].search(
            [("product_id", "in", self.case.products.ids), ("move_ids", "=", False)])
        transfer, user = self.pick(transfers, choice), self.pick(self.case.deciders, actor)
        self.attempt(user, lambda: transfer.with_user(user).write({"selected": selected}))

    @rule(limits=st.fixed_dictionaries({
        "qty": st.integers(0, 4), "value": st.sampled_from([None, 0, 20, 60]), "cap": st.sampled_from([None, None, 30]),
        "level2": st.sampled_from([25, 60, 1000])}), waived=st.sampled_from([False] * 4 + [True]),
        hold=st.booleans())
    def change_limits(self, limits, waived, hold):
        """A controller changes what is small enough, the administrator the company's settings."""
        self.limits, self.waived = limits, waived
        values = {"cap_days": 90, "has_cap_value": limits["cap"] is not None, "cap_value": limits["cap"] or 0}
        for side in ("over", "under"):
            values.update({
                f"has_{side}_qty": True, f"{side}_qty": limits["qty"],
                f"has_{side}_value": limits["value"] is not None, f"{side}_value": limits["value"] or 0})
        self.case.tolerance.with_user(self.case.controller).write(values)
        self.case.company.write({
            "cycle_count_self_approval": waived, "cycle_count_level2_value": limits["level2"],
            "cycle_count_manual_moves": "hold" if hold else "refuse"})

    @rule(strict=st.booleans(), quantity=st.integers(0, 4))
    def edit_rules(self, strict, quantity):
        """A controller gives a product a rule of its own, or takes it away."""
        product, tolerance = self.case.other_product, self.case.own_tolerance.with_user(self.case.controller)
        tolerance.write({"active": strict, "over_qty": quantity, "under_qty": quantity})
        self.own_limits = {product.id: {"qty": quantity, "value": None, "cap": None}} if strict else {}

    def get_limits(self, product_id):
        """Limits by which a product is judged now."""
        return {**self.limits, **self.own_limits.get(product_id, {})}

    @rule(choice=CHOICE, cost=PRICES)
    def change_a_cost(self, choice, cost):
        """Accounting changes what a product costs; of FIFO goods that is only what comes in without a price."""
        self.pick(self.case.products, choice).with_company(self.case.company).standard_price = cost
