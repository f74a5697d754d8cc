"""What could explain a difference: short checks on numbers that a person would make by hand."""
from collections.abc import Iterable
from typing import NamedTuple

from .numbers import is_same


class Hint(NamedTuple):
    """``kind`` is move, reversed, pack, transposed or opposite; ``source`` is what was given with the number."""

    kind: str
    source: object = None


#: Which root cause of a reason each kind of hint speaks for, where it does.
ROOT_CAUSES = {
    "move": "shipping", "reversed": "data_entry", "pack": "uom", "transposed": "data_entry", "opposite": "misplaced"}


def explain(variance: float, expected: float, counted: float, moves: Iterable[tuple[float, object]] = (),
            packs: Iterable[tuple[float, object]] = (), others: Iterable[tuple[float, object]] = (),
            rounding: float = 0.01) -> list[Hint]:
    """Hints for one difference.

    :param moves: signed quantities of recent moves at this position, with what to show for each
    :param packs: quantities of the product's packs
    :param others: differences of the same product elsewhere

    >>> [hint.kind for hint in explain(-6, 30, 24, moves=[(6, "IN/1")], packs=[(6, "box")], others=[(6, "B-02")])]
    ['move', 'pack', 'opposite']
    >>> explain(12, 10, 22, moves=[(-6, "OUT/7")])
    [Hint(kind='reversed', source='OUT/7')]
    >>> [hint.kind for hint in explain(27, 14, 41)], explain(0, 5, 5)
    (['transposed'], [])
    """
    def same(one, other):
        return is_same(one, other, rounding)

    if same(variance, 0):
        return []
    hints = []
    for quantity, source in moves:
        if same(abs(quantity), abs(variance)):
            hints.append(Hint("move", source))
        elif same(-2 * quantity, variance):
            hints.append(Hint("reversed", source))
    for quantity, source in packs:
        if quantity > 1 and same(abs(variance) / quantity, round(abs(variance) / quantity)):
            hints.append(Hint("pack", source))
    digits = sorted(str(int(abs(expected)))), sorted(str(int(abs(counted))))
    if expected == int(expected) and counted == int(counted) and digits[0] == digits[1] and len(digits[0]) > 1:
        hints.append(Hint("transposed"))
    for difference, source in others:
        if same(difference, -variance):
            hints.append(Hint("opposite", source))
    return hints
