"""When to count: due dates, working days and a levelled calendar.

Days are ``datetime.date`` at the edges and *slots* inside: slot 0 is the first working day from today on.
"""
import heapq
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from math import ceil
from typing import NamedTuple

#: Conjugate of the golden ratio. The fractional parts of its multiples cover [0, 1) evenly for every run of
#: consecutive integers (three-distance theorem), so the first counts of newly scheduled positions spread
#: without anybody remembering a slot.
GOLDEN = 0.6180339887498949
#: No interval is longer, in days; a larger number is a mistake, and would end beyond the last year of the calendar.
LONGEST_INTERVAL = 36525


def interval_days(counts_per_year: float) -> int:
    """Longest distance in calendar days between two counts.

    >>> interval_days(12), interval_days(4), interval_days(1), interval_days(1000)
    (30, 91, 365, 1)
    """
    return max(1, int(365 / counts_per_year))


def spread(number: int) -> float:
    """Place of a position in its first interval, in [0, 1): even, and the same at every run.

    >>> sorted(int(10 * spread(n)) for n in range(101, 111)) == list(range(10))
    True
    """
    return number * GOLDEN % 1.0


def first_due(since: date, number: int, interval: int) -> date:
    """Due date of a position that was never counted: within one interval of the day it came into scope.

    >>> since = date(2024, 1, 1)
    >>> all(since <= first_due(since, n, 30) < since + timedelta(days=30) for n in range(100))
    True
    """
    return since + timedelta(days=int(spread(number) * interval))


def annual_due(after: date, month: int, day: int) -> date:
    """First yearly inventory day after ``after``; a day that the month does not have means its last day.

    >>> annual_due(date(2024, 3, 1), 2, 31), annual_due(date(2024, 1, 1), 12, 31)
    (datetime.date(2025, 2, 28), datetime.date(2024, 12, 31))
    """
    for year in (after.year, after.year + 1):
        next_month = date(year + month // 12, month % 12 + 1, 1)
        candidate = date(year, month, min(max(day, 1), (next_month - timedelta(days=1)).day))
        if candidate > after:
            return candidate
    raise AssertionError("a yearly day always comes within two years")


class Rule(NamedTuple):
    """What the rules say about one position, before working days: days between counts, due day, and why."""

    interval: int
    due: "date | None"
    reason: str


def rule(last: "date | None", since: date, number: int, class_interval: int, location_interval: int,
         annual: "tuple[int, int] | None") -> Rule:
    """Due day of a position: last count plus the shorter of class interval and location frequency.

    Without either, the company's yearly inventory day; without that, no date.

    :param last: day of the last count, None when never counted
    :param since: day on which the position came into scope; its first count falls within one interval of it
    :param number: a number of the position that never changes, to spread first counts
    :param class_interval: days, 0 when it has no class
    :param location_interval: days, 0 when the location has no frequency
    :param annual: month and day of the yearly inventory

    >>> rule(date(2024, 1, 1), date(2023, 1, 1), 7, 30, 0, None)
    Rule(interval=30, due=datetime.date(2024, 1, 31), reason='class')
    >>> rule(date(2024, 1, 1), date(2023, 1, 1), 7, 30, 7, None)
    Rule(interval=7, due=datetime.date(2024, 1, 8), reason='location')
    >>> rule(None, date(2024, 3, 1), 7, 0, 0, (12, 31))
    Rule(interval=0, due=datetime.date(2024, 12, 31), reason='annual')
    >>> rule(None, date(2024, 3, 1), 7, 0, 0, None)
    Rule(interval=0, due=None, reason='none')
    """
    if class_interval and (not location_interval or class_interval <= location_interval):
        interval, reason = class_interval, "class"
    else:
        interval, reason = location_interval, "location"
    interval = min(interval, LONGEST_INTERVAL)
    if interval:
        due = last + timedelta(days=interval) if last else first_due(since, number, interval)
        return Rule(interval, due, reason)
    if annual:
        return Rule(0, annual_due(last or since - timedelta(days=1), *annual), "annual")
    return Rule(0, None, "none")


class WorkDays:
    """Working days as slots: 0 is the first working day from today on, past days have negative slots.

    :param days: sorted working days around today
    :param today: the day on which the schedule is made
    """

    def __init__(self, days: Sequence[date], today: date):
        self.days = list(days)
        self.offset = bisect_left(self.days, today)

    def __getitem__(self, slot: int) -> date:
        return self.days[slot + self.offset]

    def day(self, slot: int, otherwise: date) -> date:
        """Day of a slot, or ``otherwise`` when no day is known for it."""
        index = slot + self.offset
        return self.days[index] if 0 <= index < len(self.days) else otherwise

    @property
    def ahead(self) -> int:
        """Number of slots from today on."""
        return len(self.days) - self.offset

    def slot_before(self, day: date) -> int:
        """Slot of the last working day on or before ``day``.

        >>> week = WorkDays([date(2024, 1, 3), date(2024, 1, 5), date(2024, 1, 8)], date(2024, 1, 4))
        >>> [week.slot_before(date(2024, 1, day)) for day in (3, 4, 5, 7, 8)]
        [-1, -1, 0, 0, 1]
        """
        return bisect_right(self.days, day) - 1 - self.offset

    def slot_after(self, day: date) -> int:
        """Slot of the first working day after ``day``.

        >>> WorkDays([date(2024, 1, 5), date(2024, 1, 8)], date(2024, 1, 4)).slot_after(date(2024, 1, 5))
        1
        """
        return bisect_right(self.days, day) - self.offset

    def due_slot(self, due: date, last: "date | None") -> int:
        """Slot of a due day: a working day that keeps the interval, but never the day of the last count again.

        >>> week = WorkDays([date(2024, 1, 5), date(2024, 1, 8)], date(2024, 1, 5))
        >>> week.due_slot(date(2024, 1, 6), None), week.due_slot(date(2024, 1, 6), date(2024, 1, 5))
        (0, 1)
        """
        slot = self.slot_before(due)
        return max(slot, self.slot_after(last)) if last else slot


def level(windows: Mapping[tuple[int, int], int], capacity: Callable[[int], int], slots: int) -> dict:
    """Give every count a slot so that no slot holds more than its capacity.

    A window ``(due, deadline)`` in slots holds a number of interchangeable counts. Each goes to its due slot when
    there is room, otherwise later up to its deadline, and earlier only when the days up to the deadline would not
    hold the work. What fits before the deadlines is scheduled before them (earliest deadline first is optimal for
    unit jobs: Jackson's rule). What does not fit comes as soon as possible after, oldest deadline first, so that
    the worst delay is as small as it can be.

    :param windows: number of counts by window; negative slots mean that the day has passed
    :param capacity: free places of a slot
    :param slots: number of slots there are; what has no place in them is left out of the result
    :return: ``{window: [(slot, number), ...]}`` with slots rising

    >>> level({(0, 2): 5}, lambda slot: 2, 9)
    {(0, 2): [(0, 2), (1, 2), (2, 1)]}
    >>> level({(3, 3): 3}, lambda slot: 2, 9)           # earlier, since later is too late
    {(3, 3): [(2, 1), (3, 2)]}
    >>> level({(0, 0): 3}, lambda slot: 2, 9)           # does not fit: late, never above capacity
    {(0, 0): [(0, 2), (1, 1)]}
    >>> level({(0, 0): 3}, lambda slot: 2, 1)           # no day left for the third
    {(0, 0): [(0, 2)]}
    """
    releases = _latest_releases(windows, capacity, slots)
    return _earliest_deadline_first(releases, capacity, slots)


def _latest_releases(windows, capacity, slots):
    """Backward pass: how early must each count be released so that all deadlines can hold.

    Returns ``{release slot: [(deadline, due, number), ...]}``.
    """
    by_deadline = defaultdict(list)
    for (due, deadline), number in windows.items():
        by_deadline[min(max(deadline, 0), slots - 1)].append((due, deadline, number))
    releases = defaultdict(list)
    pool = []                                            # latest due first: the oldest ones keep the early days
    ends = sorted(by_deadline, reverse=True)
    for position, slot in enumerate(ends):
        for due, deadline, number in by_deadline[slot]:
            heapq.heappush(pool, (-due, -deadline, number))
        next_slot = ends[position + 1] if position + 1 < len(ends) else -1
        while pool and slot > next_slot:
            free = max(capacity(slot), 0)
            while pool and free:
                due, deadline, number = heapq.heappop(pool)
                taken = min(free, number)
                free -= taken
                releases[max(0, min(-due, slot))].append((-deadline, -due, taken))
                if taken < number:
                    heapq.heappush(pool, (due, deadline, number - taken))
            slot -= 1
    for due, deadline, number in pool:                   # cannot be on time whatever is done
        releases[0].append((-deadline, -due, number))
    return releases


def _earliest_deadline_first(releases, capacity, slots):
    """Forward pass over the released counts."""
    result = defaultdict(dict)
    waiting = []
    pending = sorted(releases, reverse=True)
    slot = 0
    while waiting or pending:
        if not waiting:
            slot = max(slot, pending[-1])
        if slot >= slots:
            break
        while pending and pending[-1] <= slot:
            for entry in releases[pending.pop()]:
                heapq.heappush(waiting, entry)
        free = max(capacity(slot), 0)
        while waiting and free:
            deadline, due, number = heapq.heappop(waiting)
            taken = min(free, number)
            free -= taken
            places = result[due, deadline]
            places[slot] = places.get(slot, 0) + taken
            if taken < number:
                heapq.heappush(waiting, (deadline, due, number - taken))
        slot += 1
    return {window: sorted(places.items()) for window, places in result.items()}


def needed_capacity(windows: Mapping[tuple[int, int], int]) -> int:
    """Smallest even daily capacity with which everything is counted by its deadline.

    The work with deadlines up to a slot must fit in the days up to it, for every slot (Hall's condition for
    unit jobs that may all start today).

    >>> needed_capacity({(0, 0): 3, (4, 4): 2}), needed_capacity({})
    (3, 0)
    """
    by_deadline = defaultdict(int)
    for (_due, deadline), number in windows.items():
        by_deadline[max(deadline, 0)] += number
    needed = work = 0
    for slot in sorted(by_deadline):
        work += by_deadline[slot]
        needed = max(needed, ceil(work / (slot + 1)))
    return needed


def steady_capacity(intervals: Iterable[int], days: WorkDays) -> int:
    """Daily capacity that keeps all intervals in the long run: counts a year by working days a year.

    >>> days = WorkDays([date(2024, 1, day) for day in (1, 2, 3, 4, 5)], date(2024, 1, 1))
    >>> steady_capacity([10] * 20 + [0], days)
    2
    """
    a_day = sum(1 / interval for interval in intervals if interval)
    span = (days.days[-1] - days.days[0]).days + 1
    return ceil(a_day * span / len(days.days) - 1e-9)


class Position(NamedTuple):
    """A position as the schedule sees it."""

    number: int
    last: "date | None"
    rule: Rule
    requested: "date | None" = None
    opened: "date | None" = None


class Dates(NamedTuple):
    """What the schedule says about one position."""

    interval: int
    due: "date | None"
    reason: str
    deadline: "date | None"
    scheduled: "date | None"


def make(positions: Iterable[Position], days: WorkDays, capacity: int, float_days: int) -> tuple[list[Dates], int]:
    """Dates of all positions of a plan, levelled, and the daily capacity that would do.

    A day that a person requested wins when it is not later than the rule's, and is kept as it is, on a holiday or
    above the capacity; a position with an open sheet stays on the sheet's day. All others are levelled around them
    and around what was counted today, but none to a later day than the one requested. What is due beyond the known
    days waits there until they come near.

    :param capacity: counts a working day
    :param float_days: working days after the due day before a count is late
    :return: dates in the order of the positions, and the needed capacity

    >>> days = WorkDays([date(2024, 1, day) for day in (1, 2, 3, 4, 5, 8, 9)], date(2024, 1, 1))
    >>> due = Rule(30, date(2024, 1, 2), "class")
    >>> dates, needed = make([Position(n, None, due) for n in (1, 2, 3)], days, 1, 1)
    >>> [one.scheduled.day for one in dates], dates[0].deadline.day, needed
    ([1, 2, 3], 3, 1)
    """
    @cache                                               # many positions share their days
    def windows(due, last, requested):
        slot = days.due_slot(due, last)
        latest = slot + float_days
        due, deadline = days.day(slot, due), days.day(latest, due)
        if requested and requested < deadline:
            latest, deadline = max(slot, days.slot_before(requested)), requested
        return (slot, latest), due, deadline

    first = days.day(0, date.max)
    dates: list = []
    requests = {}
    members = defaultdict(list)
    needs: Counter = Counter()
    taken: Counter = Counter()
    backlog = 0
    for index, position in enumerate(positions):
        interval, due, reason = position.rule
        requested = position.requested
        if requested and (due is None or requested <= due):
            due = deadline = requested
            window = (days.slot_before(due),) * 2
            fixed, reason = min(requested, position.opened or requested), "manual"
        elif due is None:
            dates.append(Dates(interval, None, reason, None, position.opened))
            continue
        elif due > days.days[-1] and not position.opened:
            dates.append(Dates(interval, due, reason, due, due))
            continue
        else:
            window, due, deadline = windows(due, position.last, requested)
            fixed = position.opened
            if requested:
                requests[index] = requested
        needs[window] += 1
        taken[0] += position.last == first
        dates.append(Dates(interval, due, reason, deadline, fixed))
        if fixed is None:
            members[window].append(index)
        elif days.slot_after(fixed) <= 0:
            backlog += 1
        else:
            taken[days.slot_before(fixed)] += 1
    slot = 0
    while backlog > 0:                                   # sheets of past days are work of the next days
        room = max(capacity - taken[slot], 0)
        taken[slot] += min(room, backlog)
        backlog -= room
        slot += 1
    levelled = level({window: len(indexes) for window, indexes in members.items()},
                     lambda slot: capacity - taken[slot], days.ahead)
    for window, places in levelled.items():
        indexes = iter(members[window])
        for slot, number in places:
            day = days[slot]
            for _place in range(number):
                index = next(indexes)
                dates[index] = Dates(*dates[index][:4], day)
    for index, requested in requests.items():
        scheduled = dates[index].scheduled
        if not scheduled or scheduled > requested:
            dates[index] = Dates(*dates[index][:4], requested)
    return dates, needed_capacity(needs)
