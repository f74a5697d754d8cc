"""What became of a year of counting: what was wrong and when, what counts found, and how right the addon's figures were."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import NamedTuple

#: Working days by which the end of a year is told, and weeks at its beginning in which there is nothing to learn from yet.
LAST, LEARNING = 10, 13
#: Who errs so many times as often as the house truly is an offender.
OFFENCE = 2


class Day(NamedTuple):
    """A working day in the evening: value of what is wrong, and shares of positions from 0 to 1."""

    outstanding: float
    right: float
    phantoms: float


class Find(NamedTuple):
    """What one count found."""

    week: int
    reason: str
    is_drawn: bool
    value: float


class Told(NamedTuple):
    """Records right as the addon told it of some days, and the truth about the same days; from 0 to 1."""

    low: float
    high: float
    truth: float

    @property
    def is_right(self):
        return self.low <= self.truth <= self.high


@dataclass
class Course:
    """What happened in one world that was counted by one setting."""

    model: str
    seed: int
    setting: str
    days: list = field(default_factory=list)
    #: What it was like before each Monday's counts.
    mondays: list = field(default_factory=list)
    finds: list = field(default_factory=list)
    told: list = field(default_factory=list)
    #: Week in which each position was first shown to keep erring, and how often each truly errs beside the house.
    shown: dict = field(default_factory=dict)
    offences: Sequence = ()

    def mean(self, name, last=0):
        """Mean of a figure of the days, or of the last ones."""
        return mean(getattr(day, name) for day in self.days[-last:])


def change(ours, others):
    """By what share one setting leaves more outstanding than another, in the mean over worlds that both were in.

    >>> round(change([70.0, 90.0], [100.0, 100.0]), 3)
    -0.2
    """
    return mean(one / other - 1 for one, other in zip(ours, others))


def against_better(ours, rivals):
    """``(name, change)`` against the rival that does better.

    >>> name, more = against_better([70.0], {"often": [100.0], "seldom": [80.0]})
    >>> name, round(more, 3)
    ('seldom', -0.125)
    """
    changes = {name: change(ours, values) for name, values in rivals.items()}
    return max(changes.items(), key=lambda item: item[1])


class Yield(NamedTuple):
    """What counts of one kind found: how many, value a count, misses a count."""

    counts: int
    value: float
    misses: float


def get_yields(courses):
    """What random counts, and those of each reason, found once there was something to learn from: ``{kind: Yield}``.

    What was drawn is random, whatever else it was counted for.

    >>> course = Course("moves", 1, "ours", finds=[
    ...     Find(20, "ranked", False, 8.0), Find(20, "ranked", False, 0.0), Find(20, "control", True, 1.0), Find(
    ...     21, "class", True, 0.0), Find(5, "ranked", False, 99.0)])
    >>> get_yields([course])["ranked"], get_yields([course])["random"]
    (Yield(counts=2, value=4.0, misses=0.5), Yield(counts=2, value=0.5, misses=0.5))
    """
    found = defaultdict(list)
    for course in courses:
        for find in course.finds:
            if find.week >= LEARNING:
                found["random" if find.is_drawn else find.reason].append(find.value)
    return {kind: Yield(len(values), mean(values), mean(value > 0 for value in values)) for kind, values in found.items()}


def get_random_value(courses, number):
    """Value that a random count would find on average at the same times, known from the truth.

    :param number: of positions
    """
    values = [day.outstanding for course in courses for day in course.mondays[LEARNING:]]
    return mean(values) / number if values else 0.0


class Offenders(NamedTuple):
    """Positions that were shown to keep erring, those of them that truly do, all that truly do, and how many weeks it took
    in the median.
    """

    shown: int
    right: int
    all: int
    weeks: "float | None"


def get_offenders(courses):
    """How well repeat offenders are told.

    >>> course = Course("moves", 1, "ours", shown={0: 40, 2: 60}, offences=[3.0, 2.5, 1.0])
    >>> get_offenders([course])
    Offenders(shown=2, right=1, all=2, weeks=50.0)
    >>> get_offenders([Course("alike", 1, "ours", offences=[1.0])])
    Offenders(shown=0, right=0, all=0, weeks=None)
    """
    shown = [(course.offences[number], week) for course in courses for number, week in course.shown.items()]
    return Offenders(
        len(shown), sum(offence > OFFENCE for offence, _week in shown),
        sum(offence > OFFENCE for course in courses for offence in course.offences),
        median(week for _offence, week in shown) if shown else None)
