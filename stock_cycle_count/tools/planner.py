"""What another plan would bring: how often each place is counted then, and what is wrong in stock over the year to come."""
import math
from collections.abc import Sequence

#: Numbers of counts a year that people choose from.
USUAL_COUNTS = (1, 2, 3, 4, 6, 12, 24, 52)
#: Forecasts of the change of errors in stock are right to within so many points.
FORECAST_POINTS = 15
_ROUNDS = 60
_YEAR = 365
_MONTHS = 12


def by_root(rates: Sequence[float], total: float, least: Sequence[float]) -> list[float]:
    """Counts a day of each place where what is wrong grows at these rates: as the square root of the rate, but so many at
    least. What grows a hundred times as fast is counted ten times as often.

    :param total: counts a day of all
    :param least: counts a day of each at least; where these come to more than the total, they are scaled down to it

    >>> [round(one, 6) for one in by_root([1, 4, 9], 6, [0, 0, 0])]
    [1.0, 2.0, 3.0]
    >>> [round(one, 6) for one in by_root([0, 1, 4], 4, [1.0, 1.0, 0])]
    [1.0, 1.0, 2.0]
    >>> by_root([1, 1], 1, [2, 2]), by_root([0, 0], 4, [1, 0]), by_root([], 1, [])
    ([0.5, 0.5], [2.5, 1.5], [])
    """
    needed = sum(least)
    if needed >= total:
        return [one * total / needed for one in least] if needed else list(least)
    roots = [math.sqrt(max(rate, 0)) for rate in rates]
    if not any(roots):
        return [one + (total - needed) / len(least) for one in least]
    low, high = 0.0, total / max(roots)
    while sum(max(one, high * root) for one, root in zip(least, roots)) < total:
        high *= 2
    for _round in range(_ROUNDS):
        middle = (low + high) / 2
        if sum(max(one, middle * root) for one, root in zip(least, roots)) < total:
            low = middle
        else:
            high = middle
    return [max(one, high * root) for one, root in zip(least, roots)]


def by_need(counts: Sequence[float], total: float) -> list[float]:
    """Counts a day of each place where each is counted as often as its class says, or less often where that is too much.

    >>> by_need([0.1, 0.3], 1), by_need([1, 3], 2)
    ([0.1, 0.3], [0.5, 1.5])
    """
    needed = sum(counts)
    scale = min(1.0, total / needed) if needed else 1.0
    return [one * scale for one in counts]


def errors_to_come(rates: Sequence[float], counts: Sequence[float], ages: Sequence[float]) -> float:
    """Value of what is wrong on average over the next twelve months.

    Those that are oldest, for how often they are counted, are counted first, and then each in its interval.

    :param rates: value that goes wrong a day, of each place
    :param counts: counts a day
    :param ages: days since the last count

    >>> round(errors_to_come([1], [1 / 365], [0])), errors_to_come([], [], [])
    (182, 0.0)
    >>> often, rarely = errors_to_come([1, 1], [0.1, 0.1], [30, 60]), errors_to_come([1, 1], [0.01, 0.01], [30, 60])
    >>> often < rarely
    True
    >>> errors_to_come([2], [0], [10]) > errors_to_come([2], [0.01], [10])
    True
    """
    number = len(rates)
    order = sorted(range(number), key=lambda index: ages[index] * counts[index])
    first = [0.0] * number
    for rank, index in enumerate(order):
        interval = 1 / counts[index] if counts[index] > 0 else math.inf
        first[index] = interval * (1 - rank / number) if math.isfinite(interval) else math.inf
    total = 0.0
    for rate, count, age, begin in zip(rates, counts, ages, first):
        for month in range(_MONTHS):
            day = _YEAR * (month + 0.5) / _MONTHS
            total += rate * (age + day if day <= begin else (day - begin) % (1 / count))
    return total / _MONTHS


def points(right: float, number: float) -> float:
    """To within how many points so many random counts tell how many records are right.

    >>> round(points(0.9, 200), 1), points(0.9, 0)
    (4.2, 100.0)
    """
    return 100 * min(1.0, 1.959964 * math.sqrt(right * (1 - right) / number)) if number > 0 else 100.0


def usual_counts(a_year: float) -> int:
    """Counts a year that people would choose.

    >>> [usual_counts(number) for number in (0.2, 1.4, 2.6, 9, 17, 400)]
    [1, 1, 3, 12, 24, 52]
    """
    return min(USUAL_COUNTS, key=lambda usual: (abs(math.log(max(a_year, 0.1) / usual)), usual))
