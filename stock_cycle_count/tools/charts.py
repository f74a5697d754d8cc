"""Control charts: which points of a share, or of losses, are out of what chance explains."""
import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from .statistics import binomial_cdf

#: Chance of a point beyond a limit, and of one beyond a warning, while nothing changed.
LIMIT, WARNING = 0.00135, 0.025
#: So many points before one make its centre; with fewer than the second number nothing is said.
BASE, LEAST_BASE = 12, 8
#: Weeks that a loss is compared with, and of how many at least.
LOSS_BASE, LEAST_LOSS_BASE = 52, 26
#: A week of losses counts for at most so many spreads; what is usual is taken off; the alarm.
CLIP, DRIFT, ALARM = 2.0, 0.5, 6.0
#: What makes a median of distances from the median a standard deviation.
MAD = 1.4826


class Limits(NamedTuple):
    """Numbers of hits at which a point is out or warns; None where no number is."""

    low: "int | None"                                    # this many or fewer are too few
    warn: "int | None"
    high: "int | None"                                   # this many or more are too many


def limits(number: int, centre: float) -> Limits:
    """Exact limits of a point by its size and the centre.

    >>> limits(60, 0.93), limits(30, 0.95), limits(120, 0.90)
    (Limits(low=48, warn=51, high=None), Limits(low=23, warn=25, high=None), Limits(low=96, warn=100, high=118))
    >>> limits(0, 0.9), limits(1, 0.9), limits(20, 1.0)
    (Limits(low=None, warn=None, high=None), Limits(low=None, warn=None, high=None), Limits(low=19, warn=19, high=None))
    """
    return Limits(
        _most_hits(number, centre, LIMIT), _most_hits(number, centre, WARNING),
        None if (misses := _most_hits(number, 1 - centre, LIMIT)) is None or not centre < 1 else number - misses)


def _most_hits(number, share, chance):
    """The largest number of hits of which at most the chance is."""
    low, high = -1, number
    while low < high:
        middle = (low + high + 1) // 2
        if number and binomial_cdf(middle, number, share) <= chance:
            low = middle
        else:
            high = middle - 1
    return None if low < 0 else low


class Point(NamedTuple):
    """A point of a chart: the share that it is compared with, its limits, and what it signals."""

    centre: "float | None"
    limits: Limits
    signal: str                                          # "low", "high", "warn", or nothing


def control(numbers: Sequence[int], hits: Sequence[int]) -> list[Point]:
    """Compare each point with those before it. Two of three points that warn are a signal as well.

    >>> [point.signal for point in control([60] * 11, [56] * 8 + [55, 51, 48])]
    ['', '', '', '', '', '', '', '', '', 'warn', 'low']
    >>> [point.signal for point in control([60] * 11, [56] * 8 + [51, 56, 50])][-3:]
    ['warn', '', 'low']
    >>> control([60], [56])[0].centre, control([], [])
    (None, [])
    """
    points, warned = [], []
    for index, (number, hit) in enumerate(zip(numbers, hits)):
        base = slice(max(index - BASE, 0), index)
        size = sum(numbers[base])
        if index < LEAST_BASE or not size:
            points.append(Point(None, Limits(None, None, None), ""))
            warned.append(False)
            continue
        centre = sum(hits[base]) / size
        bounds = limits(number, centre)
        warned.append(bounds.warn is not None and hit <= bounds.warn)
        is_low = bounds.low is not None and hit <= bounds.low or warned[-1] and sum(warned[-3:]) >= 2
        is_high = bounds.high is not None and hit >= bounds.high
        points.append(Point(centre, bounds, "low" if is_low else "high" if is_high else "warn" if warned[-1] else ""))
    return points


def laney(numbers: Sequence[int], hits: Sequence[int]) -> "tuple[float, float] | None":
    """Centre of a share whose points err together, and how many times as wide as chance alone its limits are; None where
    there is nothing to compare.

    >>> laney([100] * 4, [90, 90, 90, 90])
    (0.9, 1.0)
    >>> centre, width = laney([100] * 4, [98, 80, 97, 81])
    >>> round(centre, 2), round(width, 2)
    (0.89, 4.82)
    >>> laney([100], [90]), laney([100, 100], [100, 100])
    (None, None)
    """
    total = sum(numbers)
    centre = sum(hits) / total if total else 0
    if len(numbers) < 2 or not 0 < centre < 1:
        return None
    spread = math.sqrt(centre * (1 - centre))
    scores = [(hit / number - centre) / spread * math.sqrt(number) for number, hit in zip(numbers, hits) if number]
    steps = [abs(after - before) for before, after in zip(scores, scores[1:])]
    return centre, max(1.0, sum(steps) / len(steps) / 1.128) if steps else 1.0


def usual_loss(losses: Sequence[float]) -> float:
    """What a week loses usually, by the year before.

    >>> usual_loss([10, 12, 8, 1000, 9]), usual_loss([])
    (10, 0.0)
    """
    before = losses[-LOSS_BASE:]
    return median(before) if before else 0.0


def loss_alarms(losses: Sequence[float]) -> list[bool]:
    """Weeks in which losses add up to more than chance: a sum of what each is above its year, where no week counts for
    more than two spreads, since one large loss is no habit.

    >>> quiet = [10, 12, 8, 11, 9] * 6
    >>> sum(loss_alarms(quiet)), sum(loss_alarms(quiet + [1000])), loss_alarms(quiet + [14] * 8).index(True) - len(quiet)
    (0, 0, 4)
    >>> any(loss_alarms([5.0] * 60 + [50])), loss_alarms([])
    (False, [])
    """
    total, alarms = 0.0, []
    for index, loss in enumerate(losses):
        before = losses[max(index - LOSS_BASE, 0):index]
        middle = median(before) if before else 0
        spread = MAD * median(abs(value - middle) for value in before) if before else 0
        if len(before) < LEAST_LOSS_BASE or spread <= 0:
            alarms.append(False)
            continue
        score = max(min((loss - middle) / spread, CLIP), -CLIP)
        total = max(0.0, total + score - DRIFT)
        alarms.append(total > ALARM)
        if alarms[-1]:
            total = 0.0
    return alarms
