"""What is too odd to be chance in what counts found: tests that are made over and over, so that they have to be strict."""
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from .statistics import binomial_cdf

#: Differences of a product from which on it is looked at, and the chance below which its losses are none.
LEAST_DIFFERENCES, LOSS_CHANCE = 5, 0.01
#: Of the products that are shown, so many at most are shown by chance.
FALSE_SHARE = 0.1
#: Counts of a person from which on they are looked at, and the chance below which rounding is a habit.
LEAST_COUNTS, HABIT_CHANCE = 50, 0.001
#: Of any numbers so many end with 0 or 5.
ROUND_SHARE = 0.2
#: Days with a move within so many days before all fell silent, and the chance below which silence is no pause.
LEAST_MOVE_DAYS, SILENCE_DAYS, SILENCE_CHANCE = 5, 180, 0.02
#: Usual moves that a difference is large at least, and the part of the house's differences that are larger, to be odd.
ODD_MOVES, ODD_SHARE, LEAST_ODD = 10, 0.01, 50
#: What was answered is not told again for so many days.
QUIET_DAYS = 90
#: With fewer hints that turned out right or wrong nothing is said of their kind.
LEAST_ANSWERS = 5


class Losses(NamedTuple):
    """Differences of a product, and how many of them are losses."""

    key: Hashable
    number: int
    losses: int


def loss_chance(number: int, losses: int, share: float) -> float:
    """Chance of so many losses or more among differences, where this share of the house's is losses.

    >>> round(loss_chance(12, 12, 0.62), 4), round(loss_chance(10, 9, 0.62), 3), loss_chance(3, 0, 0.5)
    (0.0032, 0.06, 1.0)
    """
    return binomial_cdf(number - losses, number, 1 - share)


def repeated_losses(products: Iterable[Losses], share: float) -> list[Hashable]:
    """Keys of products that lose more often than differences of the house do; of many products, with Benjamini and
    Hochberg's bound on how many of them only look like it. The most striking first.

    >>> repeated_losses([Losses("a", 12, 12), Losses("b", 10, 9), Losses("c", 4, 4)], 0.62)
    ['a']
    >>> repeated_losses([Losses("a", 12, 12)] + [Losses(number, 10, 6) for number in range(40)], 0.62)
    []
    >>> repeated_losses([], 0.5), repeated_losses([Losses("a", 20, 20)], 1.0)
    ([], [])
    """
    tested = sorted(
        ((loss_chance(one.number, one.losses, share), index, one.key)
         for index, one in enumerate(products) if one.number >= LEAST_DIFFERENCES))
    shown = 0
    for rank, (chance, _index, _key) in enumerate(tested, 1):
        if chance <= FALSE_SHARE * rank / len(tested):
            shown = rank
    return [key for chance, _index, key in tested[:shown] if chance <= LOSS_CHANCE]


def is_habit(number: int, rounded: int, book_rounded: int) -> bool:
    """Whether somebody rounds: of counts of 20 and more, those that end with 0 or 5 against the books of the same lines, for
    stock itself comes in tens.

    >>> is_habit(50, 30, 10), is_habit(50, 15, 10), is_habit(50, 30, 25), is_habit(49, 49, 0)
    (True, False, False, False)
    """
    if number < LEAST_COUNTS:
        return False
    share = max(book_rounded / number, ROUND_SHARE)
    return binomial_cdf(number - rounded, number, 1 - share) <= HABIT_CHANCE


def silence_chance(move_days: int, days: float) -> float:
    """Chance that stock which moved on so many days of half a year rests for so many days and is there all the same.

    >>> round(silence_chance(5, 0), 2), round(silence_chance(5, 200), 4), round(silence_chance(20, 40), 4)
    (1.0, 0.0123, 0.0164)
    """
    base = SILENCE_DAYS + 5
    return (base / (base + days)) ** (move_days + 1)


def is_silent(move_days: int, days: float) -> bool:
    """Whether stock rests for so long that it may not be there.

    >>> is_silent(5, 200), is_silent(4, 2000), is_silent(5, 20)
    (True, False, False)
    """
    return move_days >= LEAST_MOVE_DAYS and silence_chance(move_days, days) <= SILENCE_CHANCE
