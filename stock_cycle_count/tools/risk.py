"""What is likely wrong in a place, and what that is worth.

Errors come with moves and with days; how many of each is learned from all counts of a house (a warehouse). An error is as
large as a usual move until counts say otherwise. What a count puts right begins anew from the moment of that count.
"""
import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple

#: Before anything is counted: one move in 200 errs, and a place every 600 days. Each weighs as much as ten errors.
PRIOR_EVENTS = 10
PRIOR_MOVES = 2000
PRIOR_DAYS = 6000
#: Weight of the house in what is learned of a category, in errors.
CATEGORY_EVENTS = 8
#: A difference counts for no more than so many usual errors, or so many units: one slip does not rule for years.
LARGEST_UNITS = 10
LEAST_UNITS = 3
#: Usual moves that the error of one count is large at most, where the house's error size is learned.
LARGEST_SIZE = 20
#: Who errs more than so many times as often as the house, with such a chance, is a repeat offender.
OFFENDER_RATE = 2
OFFENDER_CHANCE = 0.9
_ROUNDS = 10
_LEAST = 1e-9


class Cell(NamedTuple):
    """Intervals between counts that are alike: their number, how many ended with a miss, moves and days of one of them on
    average, and the sum of their errors in usual moves.
    """

    counts: int
    misses: int
    moves: float
    days: float
    size: float = 0.0


class House(NamedTuple):
    """How often a house errs: a move, a day; and how large an error is, in usual moves."""

    per_move: float = PRIOR_EVENTS / PRIOR_MOVES
    per_day: float = PRIOR_EVENTS / PRIOR_DAYS
    size: float = 1.0

    def exposure(self, moves: float, days: float) -> float:
        """Errors to expect after so many moves and days.

        >>> round(House().exposure(212, 41), 3)
        1.128
        """
        return max(self.per_move * moves + self.per_day * days, _LEAST)

    def usual_error(self, usual_move: float) -> float:
        """Units that one error is large where so much is moved at a time."""
        return self.size * usual_move


def events(exposure: float) -> float:
    """Errors to expect where a count found at least one.

    >>> round(events(1e-9), 6), round(events(1), 3), events(1000)
    (1.0, 1.582, 1000.0)
    """
    return exposure / -math.expm1(-exposure)


def learn(cells: Iterable[Cell]) -> House:
    """Rates of a house from what counts found, by expectation and maximization: they stay positive, and fit better with
    each round.

    >>> learn([]) == House()
    True
    >>> true = House(1 / 50, 1 / 900)
    >>> cells = [Cell(9000, 9000 * -math.expm1(-true.exposure(m, t)), m, t) for m in (1, 8, 64) for t in (4, 32, 256)]
    >>> house = learn(cells)
    >>> round(1 / house.per_move), round(1 / house.per_day)
    (51, 874)
    >>> quiet = learn([Cell(500, 0, 20, 30)])
    >>> quiet.per_move < House().per_move, quiet.per_day > 0
    (True, True)
    >>> round(learn([Cell(10, 10, 0, 0, 30)]).size, 6)
    2.0
    """
    cells = list(cells)
    moves = sum(cell.counts * cell.moves for cell in cells) + PRIOR_MOVES
    days = sum(cell.counts * cell.days for cell in cells) + PRIOR_DAYS
    house = House()
    found = 0.0
    for _round in range(_ROUNDS):
        by_moves = found = 0.0
        for cell in cells:
            exposure = house.exposure(cell.moves, cell.days)
            errors = cell.misses * events(exposure)
            found += errors
            by_moves += errors * house.per_move * cell.moves / exposure
        by_days = found - by_moves if found else 0.0
        house = House((by_moves + PRIOR_EVENTS) / moves, (by_days + PRIOR_EVENTS) / days)
    size = sum(cell.size for cell in cells)
    return house._replace(size=(PRIOR_EVENTS + size) / (PRIOR_EVENTS + found))


def capped_units(house: House, units: float, usual_move: float) -> float:
    """What a difference teaches, in units.

    >>> capped_units(House(), 19, 4), capped_units(House(), 900, 4), capped_units(House(), 5, 0.1)
    (19, 40.0, 3)
    """
    return min(units, max(LARGEST_UNITS * house.usual_error(usual_move), LEAST_UNITS))


def category_multiplier(found: float, exposure: float) -> float:
    """How often a category errs beside the house: 1 as often.

    >>> category_multiplier(0, 0), category_multiplier(16, 4)
    (1.0, 2.0)
    """
    return (CATEGORY_EVENTS + found) / (CATEGORY_EVENTS + exposure)


def growth(house: House, usual_move: float, units: float, exposure: float, category: float = 1.0) -> float:
    """Units that go wrong for each error that the house would make: what counts found, by how much of it they saw.

    :param units: sum of ``capped_units`` of the counts
    :param exposure: errors that the house would have made until them

    >>> round(growth(House(), 4, 19, House().exposure(640, 170), 1.3), 3)
    5.409
    >>> growth(House(), 4, 0, 0)
    4.0
    """
    return (house.usual_error(usual_move) + units) / (1 / category + exposure)


def value_at_risk(house: House, moves: float, days: float, growing: float, cost: float, on_hand: float,
                  usual_move: float) -> float:
    """Expected value of what is wrong now, in the currency of the cost; never more than what could be missing.

    >>> learned = growth(House(), 4, 19, House().exposure(640, 170), 1.3)
    >>> round(value_at_risk(House(), 212, 41, learned, 12.5, 500, 4), 2)
    76.28
    >>> value_at_risk(House(), 212, 41, learned, 12.5, 2, 4)
    50.0
    >>> value_at_risk(House(), 212, 41, learned, 0, 500, 4)
    0.0
    """
    wrong = house.exposure(moves, days) * growing
    return max(cost, 0.0) * min(wrong, max(on_hand, house.usual_error(usual_move)))


def value_index(value: float, days: float) -> float:
    """What a count now spares, beside others: the highest is counted first.

    Were rates known, it would be ``value * days / 2``. The root of the age was chosen among some powers of it by trying: in
    simulations it left less outstanding in the first year. Nobody has shown why.

    >>> round(value_index(76.28, 41))
    488
    """
    return value * math.sqrt(days)


def multiplier(found: float, exposure: float, category: float = 1.0) -> float:
    """How often a place errs beside the house: 1 as often.

    >>> multiplier(0, 0), round(multiplier(3.4, 0.7333), 4)
    (1.0, 2.5385)
    """
    return (1 + found) / (1 / category + exposure)


def accuracy_index(exposure: float, days: float) -> float:
    """What a count now spares, in records and days that they are wrong.

    :param exposure: errors to expect, the place's own multiplier included

    >>> round(accuracy_index(1, 10), 4), accuracy_index(0, 10), round(accuracy_index(1e-6, 10), 8)
    (2.6424, 0.0, 5e-06)
    """
    if exposure < _LEAST:
        return 0.0
    return days * (-math.expm1(-exposure) / exposure - math.exp(-exposure))


def offender_chance(found: float, exposure: float, category: float = 1.0) -> float:
    """Chance that a place errs more than ``OFFENDER_RATE`` times as often as the house, by Wilson and Hilferty.

    The chance is within 0.006 of the exact one, here 0.625.

    >>> abs(offender_chance(3.4, 0.7333) - 0.625) < 0.006
    True
    >>> offender_chance(0, 40) < 0.001, offender_chance(30, 4) > OFFENDER_CHANCE
    (True, True)
    """
    shape, rate = 1 + found, 1 / category + exposure
    root = (OFFENDER_RATE * rate / shape) ** (1 / 3)
    return 1 - NormalDist().cdf((root - (1 - 1 / (9 * shape))) * 3 * math.sqrt(shape))


def daily_share(percent: float, capacity: int, number: int) -> int:
    """Counts that a part of a day's capacity comes to; what is left of a day adds to the next ones.

    :param number: of the day

    >>> [daily_share(10, 25, number) for number in range(4)], daily_share(10, 30, 7), daily_share(0, 30, 7)
    ([2, 3, 2, 3], 3, 0)
    """
    return math.floor(percent * capacity * (number + 1) / 100) - math.floor(percent * capacity * number / 100)


def about(amount: float) -> float:
    """An estimate as people say it: two digits of it.

    >>> about(76.28), about(1564), about(0.0731), about(0), about(-238)
    (76.0, 1600.0, 0.073, 0.0, -240.0)
    """
    return float(f"{amount:.1e}")
