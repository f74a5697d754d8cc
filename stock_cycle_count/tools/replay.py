"""What limits would have meant for differences of the past: in the order of time, for what passes uses up caps."""
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from .verdict import Limits, Measurement, judge


class Past(NamedTuple):
    """A difference: when it was judged, whose cap it counts for, what the first count said and what the last one."""

    when: datetime
    place: Hashable
    first: Measurement
    last: Measurement


class Outcome(NamedTuple):
    """``kind`` is match, within or approval; ``value`` the difference then, signed; whether it was counted again before."""

    kind: str
    value: float
    is_recounted: bool


def replay(past: Iterable[Past], limits: Limits, cap_days: int) -> list[Outcome]:
    """Judge differences by limits, each with what passed of its place in the days before; in the order in which they are
    given. What is counted again is judged by its last count, which says the same where nobody counted it again.

    :param cap_days: days within which the cap adds up

    >>> def lost(day, first, last=None, place="A"):
    ...     return Past(datetime(2024, 1, 1) + timedelta(days=day), place, *(
    ...         Measurement(10, 10 - number, 1, 1, 0.01) for number in (first, first if last is None else last)))
    >>> some = Limits(under_qty=5, cap_value=10)
    >>> [one.kind for one in replay([lost(2, 4), lost(0, 4), lost(1, 4), lost(1, 4, place="B"), lost(95, 4)], some, 90)]
    ['approval', 'within', 'within', 'within', 'within']
    >>> [one.kind for one in replay([lost(0, 4), lost(1, 4), lost(91, 4)], some, 90)]
    ['within', 'within', 'within']
    >>> replay([lost(0, 9, 1), lost(1, 9, 0), lost(2, 9)], some._replace(recount=True), 90)
    [Outcome(kind='within', value=-1, is_recounted=True), Outcome(kind='match', value=0, is_recounted=True), \
Outcome(kind='approval', value=-9, is_recounted=True)]
    >>> replay([], some, 90)
    []
    """
    past = list(past)
    passed, sums, outcomes = defaultdict(deque), defaultdict(float), {}
    for index in sorted(range(len(past)), key=lambda index: past[index].when):
        one = past[index]
        window = passed[one.place]
        while window and one.when - window[0][0] > timedelta(days=cap_days):
            sums[one.place] -= window.popleft()[1]
        measured = one.first._replace(passed_value=sums[one.place], may_recount=True)
        result = judge(measured, limits)
        is_recounted = result.kind == "recount"
        if is_recounted:
            measured = one.last._replace(passed_value=sums[one.place])
            result = judge(measured, limits)
        value = (measured.counted - measured.expected) * measured.unit_cost
        if result.kind == "within":
            window.append((one.when, abs(value)))
            sums[one.place] += abs(value)
        outcomes[index] = Outcome(result.kind, value, is_recounted)
    return [outcomes[index] for index in range(len(past))]
