"""What valuation will book for goods that leave, before they do."""
from collections.abc import Iterable

from .numbers import COST_ROUNDING, is_at_most, is_zero, rounded


class FifoStock:
    """Layers of one product in the order in which they leave: each a quantity and its value.

    What leaves takes the oldest first. When there are none any more, the rest leaves at the last price.

    >>> stock = FifoStock([(10, 1500), (30, 1500)], 75, 0.01)
    >>> stock.take(10), stock.take(20), stock.take(20)
    (1500.0, 1000.0, 1000.0)
    >>> FifoStock([], 75, 0.01).take(2)
    150.0
    """

    def __init__(self, layers: Iterable[tuple[float, float]], cost: float, cents: float):
        self._layers = [list(layer) for layer in layers]
        self._cost = cost
        self._cents = cents

    def take(self, quantity: float) -> float:
        """Value of what leaves; the stock is without it from now on."""
        value = 0.0
        for layer in self._layers:
            held, worth = layer
            if is_zero(held, COST_ROUNDING):
                continue
            self._cost = worth / held
            taken = min(quantity, held)
            leaves = rounded(taken * self._cost, self._cents)
            layer[:] = held - taken, worth - leaves
            quantity -= taken
            value += leaves
            if is_zero(quantity, COST_ROUNDING):
                return value
        return value + quantity * self._cost


class AverageStock:
    """Goods of one product that leave at their average cost, with the cents that rounding left in their value.

    >>> AverageStock(9, 16, 1.7778, 0.01).take(6)
    10.67
    >>> AverageStock(0, 0, 5, 0.01).take(2)
    10.0

    Cents are corrected up to half a cent for each unit that leaves. Odoo of 2024 does not round this limit:

    >>> AverageStock(19, 36, 1.9, 0.01).take(3), AverageStock(19, 36, 1.9, 0.01, rounds_limit=False).take(3)
    (5.68, 5.7)
    """

    def __init__(self, quantity: float, value: float, cost: float, cents: float, rounds_limit: bool = True):
        self._quantity = quantity
        self._value = value
        self._cost = cost
        self._cents = cents
        self._rounds_limit = rounds_limit

    def take(self, quantity: float) -> float:
        """Value of what leaves. What leaves in one batch shares the cents, so that the stock stays as it is."""
        value = self._round(quantity * self._cost)
        if is_zero(self._quantity, COST_ROUNDING):
            return value
        cents = self._round((self._cost * self._quantity - self._value) * abs(quantity / self._quantity))
        most = max(abs(quantity) * self._cents / 2, self._cents)
        # The limit may lie between two cents, so it is not compared by cents.
        corrects = is_at_most(abs(cents), self._round(most) if self._rounds_limit else most, COST_ROUNDING)
        return self._round(value - cents) if corrects else value

    def _round(self, value):
        return rounded(value, self._cents)
