"""Pareto split: rank items by a metric and cut the ranking at cumulative shares.

Source of the rule: the item that crosses a boundary belongs to the higher class, as Oracle Inventory's
ABC compile does it (its first item at or above the entered value is the boundary).
"""
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

#: Relative slack when a cumulative sum is compared with a boundary, so that sums of binary floats such as
#: 0.1 + 0.2 do not decide on a class.
EPSILON = 1e-9


class Ranked(NamedTuple):
    """Place of one item in the ranking; shares are percentages of the total metric."""

    key: Hashable
    metric: float
    rank: int
    share: float
    cumulative_share: float
    class_index: int


def check_boundaries(boundaries: Sequence[float]) -> str:
    """Name what is wrong with cumulative shares (percent): one of ``empty``, ``range``, ``order``, ``last``.

    Answers an empty string when they rise strictly and end at 100.

    >>> check_boundaries([80, 95, 100])
    ''
    >>> check_boundaries([]), check_boundaries([0, 100]), check_boundaries([80, 80, 100])
    ('empty', 'range', 'order')
    >>> check_boundaries([80, 95])
    'last'
    """
    if not boundaries:
        return "empty"
    if any(not 0 < boundary <= 100 for boundary in boundaries):
        return "range"
    if any(after <= before for before, after in zip(boundaries, boundaries[1:])):
        return "order"
    if abs(boundaries[-1] - 100) > EPSILON:
        return "last"
    return ""


def split(items: Iterable[tuple[Hashable, float]], boundaries: Sequence[float]) -> list[Ranked]:
    """Rank ``(key, metric)`` pairs and give each the index of its class.

    Ties are ranked by key. Items without a positive metric have no use and fall in the last class; they have
    no share in the total, so a net return never lowers the share of the others.

    >>> [(r.key, r.class_index) for r in split([("a", 70), ("b", 20), ("c", 7), ("d", 3)], [80, 95, 100])]
    [('a', 0), ('b', 0), ('c', 1), ('d', 2)]
    >>> [(r.key, r.rank, r.class_index) for r in split([("y", 50), ("x", 50), ("z", 0)], [50, 100])]
    [('x', 1, 0), ('y', 2, 1), ('z', 3, 1)]
    >>> split([], [100])
    []
    """
    ranking = sorted(items, key=lambda item: (-max(item[1], 0.0), item[0]))
    total = sum(metric for _key, metric in ranking if metric > 0)
    slack = total * EPSILON
    limits = [total * boundary / 100 - slack for boundary in boundaries]
    last = len(boundaries) - 1
    result = []
    class_index = 0
    before = 0.0
    for rank, (key, metric) in enumerate(ranking, start=1):
        if metric > 0:
            while class_index < last and before >= limits[class_index]:
                class_index += 1
            before += metric
            result.append(Ranked(key, metric, rank, 100 * metric / total, 100 * before / total, class_index))
        else:
            result.append(Ranked(key, metric, rank, 0.0, 100.0, last))
    return result


def settle(found, computed, candidate, runs: int, needed: int, again: bool = False) -> tuple:
    """Damp a change of class: it holds once ``needed`` classifications in a row found it.

    :param found: class of this run; ``computed``: the one that holds; ``candidate``, ``runs``: the one that waits,
        and how often it was found
    :param again: whether this is not the first classification of its day; together they are one
    :return: the new ``(computed, candidate, runs)``

    >>> settle("B", "A", None, 0, needed=2)
    ('A', 'B', 1)
    >>> settle("B", "A", "B", 1, needed=2)
    ('B', None, 0)
    >>> settle("B", "A", "B", 1, needed=2, again=True)
    ('A', 'B', 1)
    >>> settle("A", "A", "B", 1, needed=2)
    ('A', None, 0)
    >>> settle("C", "A", "B", 1, needed=2)
    ('A', 'C', 1)
    >>> settle("B", None, None, 0, needed=2)            # the first classification holds at once
    ('B', None, 0)
    """
    if computed is None or found == computed:
        return found, None, 0
    runs = runs + (not again) if found == candidate else 1
    return (found, None, 0) if runs >= needed else (computed, found, runs)
