"""What the sums of quantities on hand and of moves say, once what is known is left out of them."""
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from . import numbers


class Unbalanced(NamedTuple):
    """A stock key on which the quantity on hand is not the sum of done moves."""

    key: tuple            #: product, location, lot, package, owner
    on_hand: float
    moved: float
    gone: float           #: what left by moves
    rounding: float

    @property
    def difference(self):
        return self.on_hand - self.moved


def leave_out_known(rows: Iterable[Unbalanced], known: Mapping[tuple, float]) -> "list[Unbalanced]":
    """Rows that do not balance either when moves that are listed for themselves say what they said before.

    :param known: by how much these would change the sum of moves of a key

    >>> rows = [Unbalanced((1, 8, None, None, None), 10, 7, 0, 1), Unbalanced((2, 8, None, None, None), 5, 4, 0, 1)]
    >>> [row.key[0] for row in leave_out_known(rows, {(1, 8, None, None, None): 3})]
    [2]
    """
    return [row for row in rows if not numbers.is_same(row.difference, known.get(row.key, 0), row.rounding)]


def leave_out_untracked(rows: Iterable[Unbalanced]) -> "list[Unbalanced]":
    """Rows without those by which stock of no lot stood in for lots that were moved out before they were in stock, as
    core has it: what the lots have too much, and of that no more than left, the stock without lot has too little.

    >>> lot, none = (1, 8, 5, None, None), (1, 8, None, None, None)
    >>> leave_out_untracked([Unbalanced(lot, 0, -3, 3, 1), Unbalanced(none, 7, 10, 0, 1)])
    []
    >>> [row.key[2] for row in leave_out_untracked([Unbalanced(lot, 3, 0, 0, 1), Unbalanced(none, 7, 10, 0, 1)])]
    [5, None]
    """
    rows = list(rows)
    places = defaultdict(list)
    for row in rows:
        places[row.key[:2] + row.key[3:]].append(row)
    known = set()
    for members in places.values():
        lots = [row for row in members if row.key[2] is not None and row.difference > 0
                and numbers.is_at_most(row.difference, row.gone, row.rounding)]
        none = [row for row in members if row.key[2] is None]
        if lots and none and numbers.is_same(
                sum(row.difference for row in lots), -none[0].difference, none[0].rounding):
            known.update(row.key for row in (*lots, *none))
    return [row for row in rows if row.key not in known]
