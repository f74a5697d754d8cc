"""What a period's counts say about the value of stock: what is worth most was counted in full, of the rest a random sample was.

Stratified mean of differences: the value that is true is that of the books, plus what was found in the full count, plus in each
stratum the mean difference of a random count times the number of its positions.
"""
import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from . import statistics

#: Part of the value whose positions, the most valuable ones, are counted in full.
TOP = 0.3
#: With fewer misses in the sample its standard error is rough.
FEW_MISSES = 30
#: A spread needs so many random counts.
LEAST = 2


class Stratum(NamedTuple):
    """Positions that are taken together. ``found`` is what the last counts of the counted ones found, in value and by sign, and
    ``corrected`` what of it is in the books; the rest are sums over random counts: their number, those that were right, what
    they found, and its squares.
    """

    plan_id: int
    positions: int
    value: float
    counted: int = 0
    counted_value: float = 0.0
    found: float = 0.0
    corrected: float = 0.0
    number: int = 0
    hits: int = 0
    total: float = 0.0
    squares: float = 0.0

    def plus(self, other: "Stratum") -> "Stratum":
        return Stratum(self.plan_id, *(one + more for one, more in zip(self[1:], other[1:])))


class Statement(NamedTuple):
    """What is stated. ``value`` is that of the books on the last day and ``book`` what they would show without what the full
    count put right, which is what the estimate is compared with. Shares are of 1, and None where nothing can be said.
    """

    positions: int
    value: float
    top: Stratum
    sampled: int                                         # positions outside of the full count that the sample speaks for
    unsampled: int                                       # and those that nothing speaks for, as the books show them
    unsampled_value: float
    number: int
    misses: int
    book: float
    estimate: "float | None"
    error: "float | None"                                # half of the interval that is right 19 times in 20
    bound: float                                         # exact lower bound of the share of records that are right

    @property
    def sampling_error(self) -> "float | None":
        return self.error / self.estimate if self.error is not None and self.estimate and self.estimate > 0 else None

    @property
    def deviation(self) -> "float | None":
        return (self.book - self.estimate) / self.estimate if self.estimate and self.estimate > 0 else None

    @property
    def is_rough(self) -> bool:
        return self.misses < FEW_MISSES


def state(top: Iterable[Stratum], rest: Iterable[Stratum]) -> Statement:
    """State what counts say.

    A hundred positions worth 10,000 in two classes, of which 40 and 60 were counted at random, beside two worth 5,000 that
    were counted in full, one of which lacked 100:

    >>> said = state([Stratum(0, 2, 4900.0, 2, 4900.0, -100.0, -100.0)], [
    ...     Stratum(1, 400, 6000.0, number=40, hits=36, total=-20.0, squares=60.0),
    ...     Stratum(1, 600, 4000.0, number=60, hits=60)])
    >>> said.value, said.book, said.estimate, round(said.error, 1), said.number, said.misses
    (14900.0, 15000.0, 14700.0, 140.4, 100, 4)
    >>> round(100 * said.sampling_error, 2), round(100 * said.deviation, 2), round(100 * said.bound, 2), said.is_rough
    (0.95, 2.04, 91.08, True)

    A plan of which a class has fewer than two random counts is one stratum; one without any is left as the books show it:

    >>> said = state([], [Stratum(1, 10, 50.0, number=4, hits=3, total=-2.0, squares=4.0), Stratum(1, 30, 50.0),
    ...     Stratum(2, 5, 70.0, number=1, hits=1)])
    >>> said.estimate, said.sampled, said.unsampled, said.unsampled_value
    (150.0, 40, 5, 70.0)

    Nothing was drawn, or nothing differed: then there is no error to tell.

    >>> state([], [Stratum(1, 10, 50.0)])[-3:], state([], [Stratum(1, 10, 50.0, number=5, hits=5)])[-3:-1]
    ((None, None, 0.0), (50.0, None))
    """
    top, rest = list(top), list(rest)
    whole = _sum(top)
    sampled, silent = [], []
    for stratum in _join(rest):
        (sampled if stratum.number >= LEAST else silent).append(stratum)
    every = _sum([*top, *rest])
    estimate = error = None
    if sampled:
        estimate = every.value + whole.found - whole.corrected + sum(
            stratum.positions * stratum.total / stratum.number for stratum in sampled)
        variance = sum(stratum.positions ** 2 * _variance(stratum) / stratum.number for stratum in sampled)
        error = statistics.Z * math.sqrt(variance) if variance > 0 else None
    return Statement(
        every.positions, every.value, whole, sum(stratum.positions for stratum in sampled),
        sum(stratum.positions for stratum in silent), sum(stratum.value for stratum in silent), every.number,
        every.number - every.hits, every.value - whole.corrected, estimate, error, statistics.exact_low(every.hits, every.number))


def _variance(stratum):
    """Of the difference that a random count finds."""
    return max(stratum.squares - stratum.total ** 2 / stratum.number, 0.0) / (stratum.number - 1)


def _sum(strata):
    total = Stratum(0, 0, 0.0)
    for stratum in strata:
        total = total.plus(stratum)
    return total


def _join(strata):
    """Strata of a plan, or all of it as one where one of them has too few random counts to tell their spread."""
    by_plan = defaultdict(list)
    for stratum in strata:
        by_plan[stratum.plan_id].append(stratum)
    for one in by_plan.values():
        if min(stratum.number for stratum in one) < LEAST:
            yield _sum(one)
        else:
            yield from one
