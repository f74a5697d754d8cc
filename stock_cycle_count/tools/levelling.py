"""Work spread over days that hold only so much of it. Days are slots; see ``workdays``."""
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from math import ceil

from .workdays import WorkDays


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


def missing(capacity: int, people: int, away: int) -> int:
    """Counts of a day for which hands are missing. Whoever is there makes a share of them, rounded up, so that one person always
    has something to count.

    :param people: those who count when all are there; of nobody nobody is missing

    >>> [missing(50, 4, away) for away in (0, 1, 4)], missing(5, 2, 1), missing(1, 2, 1), missing(8, 0, 0)
    ([0, 12, 50], 2, 0, 0)
    """
    return capacity * away // people if people else 0


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

    >>> from datetime import date
    >>> days = WorkDays([date(2024, 1, day) for day in (1, 2, 3, 4, 5)], date(2024, 1, 1))
    >>> steady_capacity([10] * 20 + [0], days)
    2
    """
    a_day = sum(1 / interval for interval in intervals if interval)
    span = (days.days[-1] - days.days[0]).days + 1
    return ceil(a_day * span / len(days.days) - 1e-9)
