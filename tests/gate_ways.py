"""What people do past the sheets, right and wrong: Physical Inventory, moves by hand, and cheating."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo import Command

from odoo.addons.stock_cycle_count.models.constants import OPEN_STATES

from .count_machine import CHOICE
from .gate_rules import OFF, QUANTITIES, GateFloor, Key

#: How the conflict of a count is solved whose stock moved since.
CONFLICTS = st.sampled_from(["action_keep_counted_quantity", "action_keep_difference"])


class GateWays(GateFloor):
    """The floor's people, who do what they do in Physical Inventory too, and try to get past the gate."""

    # Physical Inventory

    def quants(self, domain=()):
        return self.case.env["stock.quant"].search(
            [("product_id", "in", self.case.products.ids), ("location_id.usage", "=", "internal"), *domain], order="id")

    @rule(choice=CHOICE, actor=CHOICE, off=OFF)
    def type_in_physical_inventory(self, choice, actor, off):
        key, user = self.pick(self.keys, choice), self.pick(self.case.workers, actor)
        quantity, book = self.get_counted(key, off), self.books.at(key.ids, self.now)
        quants = self.case.env["stock.quant"].with_user(user).with_context(inventory_mode=True)
        if self.attempt(user, lambda: quants.create({**key.values, "inventory_quantity": quantity})):
            self.typed[key] = (user, quantity, book)

    @rule(choice=CHOICE, actor=CHOICE, applier=st.integers(0, 1), off=OFF, received=QUANTITIES, conflict=CONFLICTS)
    def count_in_physical_inventory(self, choice, actor, applier, off, received, conflict):
        """Somebody types a count, and a manager applies it; in between some more may arrive."""
        self.type_in_physical_inventory(choice, actor, off)
        if received > 5:
            self.move_in_or_out(choice, received, actor, True)
        if self.typed:
            self.apply_physical_inventory(2 * choice, applier, "button", conflict)

    @precondition(lambda self: self.typed)
    @rule(choice=CHOICE, actor=CHOICE, way=st.sampled_from(["button", "name", "track"]), conflict=CONFLICTS)
    def apply_physical_inventory(self, choice, actor, way, conflict):
        """Somebody applies one count, or all of them, and solves the conflict that this may end in."""
        user = self.pick(self.case.appliers, actor)
        quants = self.quants([("inventory_quantity_set", "=", True)]).with_user(user).with_context(inventory_mode=True)
        quants = quants if choice % 2 else self.pick(quants, choice)
        solved = quants.browse()

        def apply():
            nonlocal solved
            if way == "name":
                answer = quants.env["stock.inventory.adjustment.name"].create(
                    {"quant_ids": [Command.set(quants.ids)]}).action_apply()
            elif way == "track":
                answer = quants.env["stock.track.confirmation"].create(
                    {"quant_ids": [Command.set(quants.ids)]}).action_confirm()
            else:
                answer = quants.action_apply_inventory()
            if isinstance(answer, dict) and answer.get("res_model") == "stock.inventory.conflict":
                quants.env.invalidate_all()  # the wizard is answered in another request
                wizard = quants.env["stock.inventory.conflict"].with_context(**answer["context"]).create({})
                solved = wizard.quant_ids
                getattr(wizard, conflict)()

        before = {self.get_key(quant.sudo().with_user(self.case.env.user)): quant for quant in quants}
        if not self.attempt(user, apply):
            return
        self.tally["applied"] += 1
        for key, quant in before.items():
            if quant.exists().inventory_quantity_set:
                continue
            counter, quantity, book = self.typed.pop(key)
            if quant not in solved:
                self.counts[key.ids] = (counter, "set", quantity, self.now)
                continue
            # Whoever solves a conflict says what is there now, and has counted too.
            solution = quantity
            if conflict == "action_keep_difference":
                solution += self.books.at(key.ids, self.now) - book
            self.counts[key.ids] = [(counter, "set", quantity, self.now, book), (user, "set", solution, self.now)]

    # Ways round the gate

    @rule(choice=CHOICE, actor=CHOICE, quantity=QUANTITIES, gain=st.booleans(), sudo=st.booleans())
    def move_by_hand(self, choice, actor, quantity, gain, sudo):
        """Somebody moves stock from or to inventory loss: refused, or held for approval where the company says so."""
        key, user = self.pick(self.keys, choice), self.pick(self.case.workers, actor)
        quantity = self.get_quantity(key, quantity) or 1
        loss = key.product.property_stock_inventory
        ends = (loss, key.location) if gain else (key.location, loss)
        book = self.books.at(key.ids, self.now)
        move = []

        def post():
            move.append(self.case.prepare_move(
                key.product, *ends, quantity, lot=key.lot, owner=key.owner, package=key.package,
                target_package=key.package))
            self.as_user(move[0], user, sudo)._action_done()

        done = self.attempt(user, post)
        assert done == (self.case.company.cycle_count_manual_moves == "hold") or not done
        if done:
            assert move[0].state == "cancel"
            self.counts[key.ids] = (user, "set", book + (quantity if gain else -quantity), self.now)

    @precondition(lambda self: self.around["move"])
    @rule(choice=CHOICE, actor=CHOICE)
    def revert(self, choice, actor):
        """Somebody reverts what counting moved: that waits for approval like any other, and is asked for once."""
        line, user = self.pick(self.lines_in("posted").move_ids.move_line_ids, choice), self.pick(self.case.workers, actor)
        source, target = line.location_id, line.location_dest_id
        left = Key(line.product_id, source, line.lot_id, line.package_id, line.owner_id)
        reached = left._replace(location=target, package=line.result_package_id)
        waits = line.move_id.cycle_count_reversal_id.state in OPEN_STATES
        if not line.quantity or not self.attempt(user, line.with_user(user).action_revert_inventory) or waits:
            return
        if "inventory" not in (source.usage, target.usage):
            for key, change in ((left, line.quantity), (reached, -line.quantity)):
                self.counts[key.ids] = (user, "set", self.books.at(key.ids, self.now) + change, self.now)
            return
        key, change = (reached, -line.quantity) if source.usage == "inventory" else (left, line.quantity)
        self.counts[key.ids] = (user, "set", self.books.at(key.ids, self.now) + change, self.now)

    @rule(choice=CHOICE, actor=CHOICE, sudo=st.booleans(), quantity=QUANTITIES,
          way=st.sampled_from(["quantity", "place", "reservation", "create", "delete", "difference"]))
    def tamper_with_a_quant(self, choice, actor, sudo, quantity, way):
        quants, user = self.quants(), self.pick(self.case.workers, actor)
        if not quants:
            return
        quant = self.pick(quants, choice)
        mine = self.as_user(quant, user, sudo).with_context(inventory_mode=True)

        def forge():
            mine.write({"inventory_diff_quantity": quant.inventory_diff_quantity - 40, "inventory_quantity_set": True})
            mine.env["stock.track.confirmation"].create({"quant_ids": [Command.set(quant.ids)]}).action_confirm()

        ways = {
            "quantity": lambda: mine.write({"quantity": quantity}),
            "place": lambda: mine.with_context(inventory_mode=False).write({"location_id": self.case.bin_c.id}),
            "reservation": lambda: mine.write({"reserved_quantity": quantity}),
            "create": lambda: mine.create({**self.get_key(quant).values, "quantity": quantity}),
            "delete": mine.unlink,
            "difference": forge,
        }
        key, quantity = self.get_key(quant), quant.quantity
        if self.attempt(user, ways[way]):
            # What holds nothing may go, as core cleans up itself.
            assert way == "delete" and not quantity
            self.typed.pop(key, None)

    @precondition(lambda self: self.lines.entry_ids)
    @rule(choice=CHOICE, actor=CHOICE, sudo=st.booleans(),
          way=st.sampled_from(["line", "sheet", "approval", "entry", "move", "new approval"]))
    def tamper_with_evidence(self, choice, actor, sudo, way):
        user = self.pick(self.people, actor)
        line = self.pick(self.lines.filtered("entry_ids"), choice)
        # Done transfers between bins are corrected as core has it, those of a count like any other.
        done = self.lines.move_ids.move_line_ids.filtered(
            lambda done: "inventory" in (done.location_id.usage, done.location_dest_id.usage))
        mine = self.as_user(line, user)
        ways = {
            "line": lambda: mine.write({"state": "approved", "verdict": "within", "variance_qty": 0}),
            "sheet": lambda: mine.count_id.write({"state": "done"}),
            "approval": lambda: self.as_user(self.lines.approval_ids, user, sudo)[-1:].write({"user_id": 1}),
            "entry": lambda: self.as_user(line.entry_ids, user, sudo)[-1].unlink(),
            "move": lambda: self.as_user(done, user, sudo)[:1].write({"quantity": 99}),
            "new approval": lambda: mine.env["stock.cycle.count.approval"].create({
                "line_id": line.id, "level": 1, "decision": "approve", "user_id": self.case.controller.id,
                "entry_id": line.result_entry_id.id}),
        }
        if way != "move" or done:
            assert not self.attempt(user, ways[way])
