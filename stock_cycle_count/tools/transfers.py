"""It is here, not there: pair what was found with what is missing."""
from collections.abc import Iterable
from typing import NamedTuple

from .numbers import is_at_most, is_same


class Difference(NamedTuple):
    """A difference that could be one end of a transfer; only those of the same ``item`` are paired."""

    id: int
    item: tuple
    quantity: float


class Pair(NamedTuple):
    """Move ``quantity`` of what is missing at ``source`` to where it was found, ``target`` (ids of differences)."""

    source: int
    target: int
    quantity: float


def pair(differences: Iterable[Difference], rounding: float = 0.01) -> list[Pair]:
    """Pair opposite differences: equal amounts first, the rest in order; nothing is used twice.

    >>> pair([Difference(1, ("x",), -5), Difference(2, ("x",), 3), Difference(3, ("x",), 5), Difference(4, ("y",), 9)])
    [Pair(source=1, target=3, quantity=5)]
    >>> pair([Difference(1, ("x",), -5), Difference(2, ("x",), 3), Difference(3, ("x",), 4)])
    [Pair(source=1, target=2, quantity=3), Pair(source=1, target=3, quantity=2)]
    """
    pairs: list[Pair] = []
    by_item: dict = {}
    for difference in differences:
        by_item.setdefault(difference.item, []).append(difference)
    for members in by_item.values():
        missing = {one.id: -one.quantity for one in members if one.quantity < 0}
        found = {one.id: one.quantity for one in members if one.quantity > 0}
        for exact in (True, False):
            for source in missing:
                for target in found:
                    quantity = min(missing[source], found[target])
                    if is_at_most(quantity, 0, rounding) or exact and not is_same(missing[source], found[target], rounding):
                        continue
                    missing[source] -= quantity
                    found[target] -= quantity
                    pairs.append(Pair(source, target, quantity))
    return pairs
