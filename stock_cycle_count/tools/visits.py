"""Which counts are made on one walk: what is due near a visit, in place or in time, joins it."""
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

#: Part of a sheet that is worth a walk: with less, what lies elsewhere joins. With it, sheets are half full on average,
#: for the last walk of a quiet week finds no more.
WORTH_A_WALK = 2 / 3


class Stop(NamedTuple):
    """A position as a walk sees it.

    ``day`` is the day given by the schedule, ``due`` the day by which the rules want it, ``place`` is counted as a whole
    (a bin), ``area`` is what lies next to it (a zone), and ``lines`` is what it adds to a sheet. ``waits`` tells that it
    needs no sheet yet.
    """

    key: int
    day: date
    due: date
    place: int
    area: int
    lines: int = 1
    waits: bool = False


class Visit(NamedTuple):
    """The walk on which a stop is counted: its day, and a number that tells the walks of a day apart."""

    day: date
    number: int


def join(stops: Iterable[Stop], size: int, capacity: int, load: dict[date, int],
         until: Callable[[date], date]) -> dict[int, Visit]:
    """Visit of each stop that is counted; stops that wait, and join none, are left out.

    Visits are opened by the stops that cannot wait, earliest first, each on its own day. What lies in the same place
    and is due within the grace days of the visit joins it; then what lies in the same area, earliest due first, until
    the sheets of the visit are full; then what lies elsewhere, until there is work for ``WORTH_A_WALK`` of a sheet. Nothing
    is counted later than on its own day, and no day takes more than its capacity but for what is there already.

    :param size: lines of a sheet
    :param capacity: stops a day
    :param load: stops that each day has already
    :param until: gives for the day of a visit the last due day of what may join it

    >>> from datetime import timedelta
    >>> monday = date(2024, 3, 4)
    >>> def grace(day): return day + timedelta(days=5)
    >>> def stop(key, days, place, area=1, **values):
    ...     return Stop(key, monday + timedelta(days=days), monday + timedelta(days=days), place, area, **values)
    >>> week = [stop(1, 0, 7), stop(2, 1, 7), stop(3, 3, 8), stop(4, 9, 8), stop(5, 4, 9, waits=True), stop(6, 2, 5, 2)]
    >>> {key: visit.day.day for key, visit in join(week, 12, 50, {}, grace).items()}
    {1: 4, 2: 4, 3: 4, 5: 4, 6: 4, 4: 13}
    >>> {key: visit.day.day for key, visit in join(week, 12, 2, {}, grace).items()}
    {1: 4, 2: 4, 6: 6, 3: 6, 4: 13}
    >>> [visit.number for visit in join(week, 2, 50, {}, grace).values()]
    [0, 0, 1, 1, 2]
    """
    return _Walks(stops, size, capacity, load, until).visits


class _Walks:
    """Visits in the making."""

    def __init__(self, stops, size, capacity, load, until):
        self.size = size
        self.capacity = capacity
        self.until = until
        self.stops = sorted(stops, key=lambda stop: (stop.day, stop.key))
        self.areas = defaultdict(list)
        self.taken = Counter(load)
        self.visits: dict[int, Visit] = {}
        for stop in self.stops:
            self.areas[stop.area].append(stop)
            self.taken[stop.day] += not stop.waits
        number = 0
        for stop in self.stops:
            if not stop.waits and stop.key not in self.visits:
                self._go(stop.area, Visit(stop.day, number))
                number += 1

    def _go(self, area, visit):
        """Make a visit of what an area has for the day, and let others join."""
        members = [stop for stop in self._get_open(self.areas[area]) if stop.day == visit.day and not stop.waits]
        self.visits.update((stop.key, visit) for stop in members)
        lines = sum(stop.lines for stop in members)
        full = -(-lines // self.size) * self.size
        lines = self._fill(visit, lines, self.areas[area], {stop.place for stop in members}, full, full)
        enough = math.ceil(self.size * WORTH_A_WALK)
        if lines < enough:
            # What is worth a walk of its own on that day stays with it.
            work = Counter()
            for stop in self._get_open(self.stops):
                work[stop.area] += stop.lines * (stop.day == visit.day and not stop.waits)
            self._fill(
                visit, lines, [stop for stop in self.stops if work[stop.area] < enough], set(), enough, self.size)
        self.areas[area] = self._get_open(self.areas[area])

    def _get_open(self, stops):
        return [stop for stop in stops if stop.key not in self.visits]

    def _fill(self, visit, lines, stops, own, enough, full):
        """Let places join a visit as a whole: its own in any case, for nobody goes there twice, others while there are
        not enough lines, and room.

        :return: the lines that it has then
        """
        if lines >= enough and not own:
            return lines
        last = self.until(visit.day)
        places = defaultdict(list)
        for stop in sorted(self._get_open(stops), key=lambda stop: (stop.due, stop.key)):
            if stop.day >= visit.day and stop.due <= last:
                places[stop.place].append(stop)
        for place, joining in sorted(places.items(), key=lambda item: (item[0] not in own, item[1][0].due, item[0])):
            added = sum(stop.lines for stop in joining)
            if place not in own and (lines >= enough or lines + added > full):
                continue
            # What is of that day anyway is among its work already.
            coming = [stop for stop in joining if stop.day > visit.day or stop.waits]
            room = max(self.capacity - self.taken[visit.day], 0)
            if len(coming) > room and place not in own:
                continue
            for stop in [stop for stop in joining if stop not in coming] + coming[:room]:
                self.visits[stop.key] = visit
                lines += stop.lines
            self.taken[visit.day] += len(coming[:room])
            for stop in coming[:room]:
                self.taken[stop.day] -= not stop.waits
        return lines
