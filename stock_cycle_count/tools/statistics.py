"""How sure a share is that comes from a sample: intervals, bounds and trends. Shares are numbers from 0 to 1, levels are
those of design: 95 % wherever nothing else is said.
"""
import math
from collections.abc import Sequence
from typing import NamedTuple

#: So many standard deviations hold 95 % of a normal distribution on both sides.
Z = 1.959964
#: What a one-sided bound leaves out.
ALPHA = 0.05
#: Halvings of an interval from 0 to 1 until it is as narrow as a float can tell.
HALVINGS = 60


class Share(NamedTuple):
    """A share with the interval that holds the true one 19 times in 20."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


def wilson(hits: float, number: float) -> "Share | None":
    """Wilson's interval of a share; None of nothing.

    >>> def percent(hits, number):
    ...     return tuple(round(100 * end, 2) for end in wilson(hits, number)[1:])
    >>> percent(188, 200), percent(186, 199), percent(1, 1), percent(0, 5), percent(30, 30)
    ((89.81, 96.53), (89.15, 96.14), (20.65, 100.0), (0.0, 43.45), (88.65, 100.0))
    >>> wilson(0, 0)
    """
    if number <= 0:
        return None
    share, square = hits / number, Z * Z
    middle = (share + square / (2 * number)) / (1 + square / number)
    reach = Z / (1 + square / number) * math.sqrt(share * (1 - share) / number + square / (4 * number * number))
    return Share(share, max(middle - reach, 0.0), min(middle + reach, 1.0))


def effective_number(weights_sum: float, squares_sum: float) -> float:
    """How many equal draws tell as much as unequal ones (Korn and Graubard); 0 of nothing.

    >>> effective_number(7, 7), round(effective_number(200, 6800), 4), effective_number(0, 0)
    (7.0, 5.8824, 0.0)
    """
    return weights_sum * weights_sum / squares_sum if squares_sum else 0.0


def weighted(hits_sum: float, weights_sum: float, squares_sum: float) -> "Share | None":
    """Wilson's interval of draws with weights; None of nothing.

    Four draws of weight 10 of which one is a miss, and four of weight 40 that are hits:

    >>> [round(100 * number, 2) for number in weighted(190, 200, 6800)]
    [95.0, 54.78, 99.67]
    >>> weighted(186, 199, 199) == wilson(186, 199), weighted(0, 0, 0)
    (True, None)
    """
    number = effective_number(weights_sum, squares_sum)
    return wilson(hits_sum / weights_sum * number, number) if number else None


def no_miss_bound(number: int) -> float:
    """What the share is at least when all of a number of draws are hits: one-sided, 0 of nothing.

    >>> [round(100 * no_miss_bound(number), 2) for number in (0, 1, 30, 59, 186, 299)]
    [0.0, 5.0, 90.5, 95.05, 98.4, 99.0]
    """
    return ALPHA ** (1 / number) if number else 0.0


def binomial_cdf(hits: int, number: int, share: float) -> float:
    """Chance of at most so many hits, summed from the smaller side so that it is right however small it is.

    >>> round(binomial_cdf(48, 60, 0.93), 5), binomial_cdf(-1, 5, 0.5), binomial_cdf(5, 5, 0.5), binomial_cdf(3, 5, 1.0)
    (0.00081, 0.0, 1.0, 0.0)
    >>> binomial_cdf(3, 5, 0.0)
    1.0
    """
    if hits < 0:
        return 0.0
    if hits >= number or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    if hits > number * share:
        return max(1.0 - _sum_tail(number - hits - 1, number, 1 - share), 0.0)
    return _sum_tail(hits, number, share)


def _sum_tail(hits, number, share):
    """Chance of at most so many hits, below the mean: from the largest term down."""
    term = math.exp(
        math.lgamma(number + 1) - math.lgamma(hits + 1) - math.lgamma(number - hits + 1)
        + hits * math.log(share) + (number - hits) * math.log1p(-share))
    total = term
    for step in range(hits, 0, -1):
        term *= step * (1 - share) / ((number - step + 1) * share)
        total += term
        if term < total * 1e-17:
            break
    return min(total, 1.0)


def exact_low(hits: int, number: int, alpha: float = ALPHA) -> float:
    """Clopper and Pearson's lower bound: the share at which so many hits or more have the chance alpha.

    >>> round(100 * exact_low(188, 200), 2), round(100 * exact_low(186, 186), 2), exact_low(0, 5), exact_low(0, 0)
    (90.46, 98.4, 0.0, 0.0)
    >>> round(100 * exact_low(188, 200, 0.025), 2), round(100 * exact_high(188, 200, 0.025), 2), exact_high(5, 5)
    (89.75, 96.86, 1.0)
    """
    if hits <= 0:
        return 0.0
    low, high = 0.0, 1.0
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        if 1 - binomial_cdf(hits - 1, number, middle) < alpha:
            low = middle
        else:
            high = middle
    return low


def exact_high(hits: int, number: int, alpha: float = ALPHA) -> float:
    """Clopper and Pearson's upper bound; see ``exact_low``."""
    return 1.0 - exact_low(number - hits, number, alpha)


def difference(hits: int, number: int, other_hits: int, other_number: int) -> "Share | None":
    """Newcombe's interval of one share less another; None where either is of nothing.

    >>> [round(100 * number, 1) for number in difference(188, 200, 176, 200)]
    [6.0, 0.3, 11.8]
    >>> difference(0, 0, 1, 2)
    """
    one, other = wilson(hits, number), wilson(other_hits, other_number)
    if not one or not other:
        return None
    value = one.value - other.value
    return Share(
        value,
        value - math.hypot(one.value - one.low, other.high - other.value),
        value + math.hypot(one.high - one.value, other.value - other.low))


class Trend(NamedTuple):
    """How a share changes from point to point."""

    z: float
    slope: float                                         # change of the share a point

    @property
    def is_clear(self) -> bool:
        return abs(self.z) > Z


def trend(numbers: Sequence[int], hits: Sequence[int]) -> "Trend | None":
    """Cochran and Armitage's test on points of equal distance; None where it cannot tell anything.

    >>> found = trend([60, 62, 58, 61, 64, 60], [50, 53, 51, 55, 59, 57])
    >>> round(found.z, 3), round(found.slope, 4), found.is_clear
    (2.405, 0.023, True)
    >>> trend([60], [50]), trend([60, 60], [60, 60]), trend([], [])
    (None, None, None)
    """
    total = sum(numbers)
    mean = sum(hits) / total if total else 0
    moments = sum(n * t for t, n in enumerate(numbers))
    spread = sum(n * t * t for t, n in enumerate(numbers)) - moments * moments / total if total else 0
    if not 0 < mean < 1 or spread <= 0:
        return None
    score = sum(t * (x - n * mean) for t, (n, x) in enumerate(zip(numbers, hits)))
    return Trend(score / math.sqrt(mean * (1 - mean) * spread), score / spread)


class Ratio(NamedTuple):
    """A ratio of sums over equally likely draws, and how unsure it is: the standard deviation of its logarithm."""

    value: float
    log_deviation: float


def ratio(number: int, found: float, told: float, found_squares: float, products: float,
          told_squares: float) -> "Ratio | None":
    """What was found over what was foretold, from sums over the draws. It is as unsure as a bootstrap of the draws says; None
    where nothing was foretold or found.

    >>> found, told = [0, 0, 12, 0, 5, 0, 0, 30, 0, 2], [1, 2, 9, 3, 4, 1, 2, 12, 1, 3]
    >>> said = ratio(10, sum(found), sum(told), sum(x * x for x in found), sum(x * y for x, y in zip(found, told)),
    ...     sum(y * y for y in told))
    >>> round(said.value, 3), round(said.log_deviation, 3)
    (1.289, 0.339)
    >>> ratio(0, 0, 0, 0, 0, 0), ratio(5, 0, 3, 0, 0, 2)
    (None, None)
    """
    if number < 2 or found <= 0 or told <= 0:
        return None
    value = found / told
    squares = max(found_squares - 2 * value * products + value * value * told_squares, 0.0)
    return Ratio(value, math.sqrt(number / (number - 1) * squares) / found)


def shrink(found: "Ratio | None", events: int, weight: float = 10.0) -> Ratio:
    """A ratio drawn to 1, which weighs as much as so many events.

    >>> shrink(None, 0), [round(number, 3) for number in shrink(Ratio(1.5, 0.2), 40)]
    (Ratio(value=1.0, log_deviation=0.0), [1.4, 0.171])
    """
    if not found:
        return Ratio(weight / (events + weight), 0.0)
    value = (events * found.value + weight) / (events + weight)
    return Ratio(value, found.log_deviation * events * found.value / (events * found.value + weight))
