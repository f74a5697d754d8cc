"""A plan's calendar: a due date and a day for every position, within the capacity."""
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from .due import Rule
from .levelling import level, needed_capacity
from .workdays import WorkDays


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


def make(positions: Iterable[Position], days: WorkDays, capacity: int, grace_days: int,
         first_round: bool = True, missing: "Mapping[date, int] | None" = None) -> tuple[list[Dates], int]:
    """Dates of all positions of a plan, levelled, and the daily capacity that would do.

    What was never counted, and has an interval, takes the first places that are free: the shortest interval first, and
    of equal ones in the order in which they are given.

    A day that a person requested wins when it is not later than the rule's, and is kept as it is, on a holiday or
    above the capacity; a position with an open sheet stays on the sheet's day. All others are levelled around them
    and around what was counted today, but none to a later day than the one requested. What is due beyond the known
    days waits there until they come near.

    :param capacity: counts a working day
    :param grace_days: working days after the due day before a count is late
    :param first_round: whether what was never counted comes first, rather than when it is due
    :param missing: of the counts of some working days, those for which nobody is there
    :return: dates in the order of the positions, and the needed capacity

    >>> days = WorkDays([date(2024, 1, day) for day in (1, 2, 3, 4, 5, 8, 9)], date(2024, 1, 1))
    >>> due = Rule(30, date(2024, 1, 2), "class")
    >>> dates, needed = make([Position(n, None, due) for n in (1, 2, 3)], days, 1, 1)
    >>> [one.scheduled.day for one in dates], dates[0].deadline.day, needed
    ([1, 2, 3], 3, 1)
    >>> never = [Position(n, None, Rule(n, date(2024, 1, n + 1), "class")) for n in (7, 5, 2)]
    >>> [one.scheduled.day for one in make(never, days, 1, 1)[0]]
    [3, 2, 1]
    >>> [one.scheduled.day for one in make(never, days, 1, 1, first_round=False)[0]]
    [8, 5, 3]
    >>> leave = {date(2024, 1, 2): 1, date(2024, 1, 3): 1}
    >>> [one.scheduled.day for one in make([Position(n, None, due) for n in (1, 2, 3)], days, 1, 3, True, leave)[0]]
    [1, 4, 5]
    """
    draft = _Draft(days, grace_days, first_round)
    for day, number in (missing or {}).items():
        draft.taken[days.slot_before(day)] += number
    for position in positions:
        draft.add(position)
    draft.spread_backlog(capacity)
    draft.level(capacity)
    draft.keep_requests()
    return draft.dates, needed_capacity(draft.needs)


class _Draft:
    """A calendar in the making."""

    def __init__(self, days, grace_days, first_round):
        self.first_round = first_round
        self.days = days
        self.grace_days = grace_days
        self.first = days.day(0, date.max)
        self.dates: list = []
        self.requests: dict = {}                         # index of a position: day by which a person wants it
        self.members = defaultdict(list)                 # window: indexes of the positions that wait for a day
        self.needs: Counter = Counter()                  # window: number of counts, also of those that have a day
        self.taken: Counter = Counter()                  # slot: places that are gone
        self.backlog = 0                                 # counts on sheets of days that have passed
        self._get_window = lru_cache(maxsize=None)(self._make_window)      # many positions share their days

    def add(self, position):
        """Give a position its due date and deadline, and its day where that is fixed."""
        rule, requested = position.rule, position.requested
        never = self.first_round and position.last is None and bool(rule.interval)
        index = len(self.dates)
        if requested and (rule.due is None or requested <= rule.due):
            fixed = min(requested, position.opened or requested)
            window = (self.days.slot_before(requested),) * 2
            self._append(Dates(rule.interval, requested, "manual", requested, fixed), window, position.last)
        elif rule.due is None:
            self.dates.append(Dates(rule.interval, None, rule.reason, None, position.opened))
        elif rule.due > self.days.days[-1] and not position.opened and not never:
            self.dates.append(Dates(rule.interval, rule.due, rule.reason, rule.due, rule.due))
        else:
            window, due, deadline = self._get_window(rule.due, position.last, requested, never)
            if requested:
                self.requests[index] = requested
            self._append(
                Dates(rule.interval, due, rule.reason, deadline, position.opened), window, position.last)

    def _make_window(self, due, last, requested, never):
        slot = self.days.due_slot(due, last)
        latest = slot + self.grace_days
        if due <= self.days.days[-1]:
            due, deadline = self.days.day(slot, due), self.days.day(latest, due)
        else:
            deadline = due
        if requested and requested < deadline:
            latest, deadline = max(slot, self.days.slot_before(requested)), requested
        return (min(slot, 0) if never else slot, latest), due, deadline

    def _append(self, dates, window, last):
        """Note a position, the work that it is, and the place that is gone when its day is fixed."""
        self.needs[window] += 1
        self.taken[0] += last == self.first
        if dates.scheduled is None:
            self.members[window].append(len(self.dates))
        elif self.days.slot_after(dates.scheduled) <= 0:
            self.backlog += 1
        else:
            self.taken[self.days.slot_before(dates.scheduled)] += 1
        self.dates.append(dates)

    def spread_backlog(self, capacity):
        """Sheets of days that have passed are work of the next days."""
        slot = 0
        while self.backlog > 0:
            room = max(capacity - self.taken[slot], 0)
            self.taken[slot] += min(room, self.backlog)
            self.backlog -= room
            slot += 1

    def level(self, capacity):
        """Give a day to every position that waits for one."""
        levelled = level(
            {window: len(indexes) for window, indexes in self.members.items()},
            lambda slot: capacity - self.taken[slot], self.days.ahead)
        for window, places in levelled.items():
            indexes = iter(self.members[window])
            for slot, number in places:
                day = self.days[slot]
                for _place in range(number):
                    self._set_day(next(indexes), day)

    def keep_requests(self):
        """Move what would come later than a person asked for to the day asked for."""
        for index, requested in self.requests.items():
            scheduled = self.dates[index].scheduled
            if not scheduled or scheduled > requested:
                self._set_day(index, requested)

    def _set_day(self, index, day):
        self.dates[index] = Dates(*self.dates[index][:4], day)
