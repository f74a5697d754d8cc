"""Which counts are made on one walk: what is due near a visit, in place or in time, joins it."""
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Stop(NamedTuple):
    """A position as a walk sees it.

    ``day`` is the day given by the schedule, ``due`` the first day on which the rules want it, ``place`` is counted as a
    whole (a bin), ``area`` is what lies next to it (a zone), and ``lines`` is what it adds to a sheet. ``waits`` tells
    that it needs no sheet yet.
    """

    key: int
    day: date
    due: date
    place: int
    area: int
    lines: int = 1
    waits: bool = False


def join(stops: Iterable[Stop], size: int, capacity: int, load: "dict[date, int]", until) -> dict[int, date]:
    """Day of the visit of each stop that is counted; stops that wait, and join none, are left out.

    Visits are opened by the stops that cannot wait, earliest first, each on its own day. What lies in the same place
    and is due within the grace days of the visit joins it, then what lies in the same area, earliest due first, until
    the sheets of the visit are full. Nothing is counted later than on its own day, and no day takes more than its
    capacity but for what is there already.

    :param size: lines of a sheet
    :param capacity: stops a day
    :param load: stops that each day has already
    :param until: gives for the day of a visit the last due day of what may join it
    :return: ``{key: day}``

    >>> from datetime import timedelta
    >>> monday = date(2024, 3, 4)
    >>> def grace(day): return day + timedelta(days=5)
    >>> def stop(key, days, place, area=1, **values):
    ...     return Stop(key, monday + timedelta(days=days), monday + timedelta(days=days), place, area, **values)
    >>> week = [stop(1, 0, 7), stop(2, 1, 7), stop(3, 3, 8), stop(4, 9, 8), stop(5, 4, 9, waits=True)]
    >>> {key: day.day for key, day in join(week, 12, 50, {}, grace).items()}
    {1: 4, 2: 4, 3: 4, 5: 4, 4: 13}
    >>> {key: day.day for key, day in join(week, 12, 2, {}, grace).items()}
    {1: 4, 2: 4, 3: 7, 5: 7, 4: 13}
    """
    stops = sorted(stops, key=lambda stop: (stop.day, stop.key))
    taken = Counter(load)
    for stop in stops:
        taken[stop.day] += not stop.waits
    near = defaultdict(list)
    for stop in stops:
        near[stop.area].append(stop)
    days: dict[int, date] = {}
    for first in stops:
        if first.waits or first.key in days:
            continue
        day, last = first.day, until(first.day)
        open_stops = [stop for stop in near[first.area] if stop.key not in days]
        visit = [stop for stop in open_stops if stop.day == day and not stop.waits]
        days.update((stop.key, day) for stop in visit)
        places = {stop.place for stop in visit}
        lines = sum(stop.lines for stop in visit)
        full = -(-lines // size) * size
        # The same bin is visited once, whatever the sheet's size; its neighbours fill the sheet.
        joining = sorted(
            (stop for stop in open_stops if stop.key not in days and stop.day >= day and stop.due <= last),
            key=lambda stop: (stop.place not in places, stop.due, stop.key))
        for stop in joining:
            if taken[day] >= capacity:
                break
            if stop.place in places or lines + stop.lines <= full:
                days[stop.key] = day
                lines += stop.lines
                full = max(full, -(-lines // size) * size)
                taken[day] += 1
                taken[stop.day] -= not stop.waits
        near[first.area] = [stop for stop in open_stops if stop.key not in days]
    return days
