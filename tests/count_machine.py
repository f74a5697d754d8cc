"""What state machines of a floor share: a savepoint each, a clock, and books of their own."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from .books import Books

MINUTE = timedelta(minutes=1)
#: Which of the things there are; taken modulo their number.
CHOICE = st.integers(0, 1000)


class FloorMachine(RuleBasedStateMachine):
    """Works in the database of ``case``, a test case of the floor, and takes back what it did there."""

    case = None
    clock = None

    def __init__(self):
        super().__init__()
        self.savepoint = self.case.cr.savepoint()
        self.books = Books()
        self.open_moves = []

    def teardown(self):
        self.savepoint.close(rollback=True)
        self.case.env.invalidate_all(flush=False)

    @property
    def now(self):
        return datetime.now().replace(microsecond=0)

    def pick(self, things, choice):
        return things[choice % len(things)]

    def order(self, product, location, quantity, picked):
        """Somebody orders from a location; what can be had is reserved, and perhaps picked."""
        move = self.case.env["stock.move"].create({
            "name": "Order", "product_id": product.id, "product_uom": product.uom_id.id, "product_uom_qty": quantity,
            "location_id": location.id, "location_dest_id": self.case.customer.id})
        move._action_confirm(merge=False)
        move._action_assign()
        if move.quantity:
            move.picked = picked
            self.open_moves.append(move)
