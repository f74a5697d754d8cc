"""Workload to come: the scheduled counts and those that follow from their intervals."""
from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date, timedelta

from .workdays import WorkDays


def workload(groups: Iterable[tuple[date, int, Hashable, int]], days: WorkDays, until: date) -> Counter:
    """Counts by working day and class.

    :param groups: ``(scheduled day, interval in days, class, number of positions)``; interval 0: counted once
    :param days: working days that cover the time until then
    :return: ``Counter({(day, class): number})``

    >>> days = WorkDays([date(2024, 1, day) for day in (1, 2, 3, 4, 5, 8, 9, 10)], date(2024, 1, 1))
    >>> sorted(workload([(date(2024, 1, 2), 5, "A", 3), (date(2024, 1, 3), 0, "C", 1)], days, date(2024, 1, 10)).items())
    ... # doctest: +NORMALIZE_WHITESPACE
    [((datetime.date(2024, 1, 2), 'A'), 3), ((datetime.date(2024, 1, 3), 'C'), 1),
     ((datetime.date(2024, 1, 5), 'A'), 3), ((datetime.date(2024, 1, 10), 'A'), 3)]
    """
    load: Counter = Counter()
    for day, interval, abc_class, number in groups:
        while day <= until:
            load[day, abc_class] += number
            if not interval:
                break
            slot = max(days.slot_before(day + timedelta(days=interval)), days.slot_after(day))
            if slot >= days.ahead:
                break
            day = days[slot]
    return load
