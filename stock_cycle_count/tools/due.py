"""By which day the rules want a position counted, before working days."""
from datetime import date, timedelta
from typing import NamedTuple

#: Conjugate of the golden ratio. The fractional parts of its multiples cover [0, 1) evenly for every run of
#: consecutive integers (three-distance theorem), so the counts of positions that come back from a rest spread without
#: anybody remembering a slot.
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
    """Due date of a position that came back into scope: within one interval of that day.

    >>> since = date(2024, 1, 1)
    >>> all(since <= first_due(since, n, 30) < since + timedelta(days=30) for n in range(100))
    True
    """
    return since + timedelta(days=int(spread(number) * interval))


def first_minimum(since: date, number: int, interval: int) -> date:
    """Due date of a position that was never counted where what is likely wrong is counted first: in the second half of its
    first interval, so that the first months, in which most is wrong, are not spent on minimums.

    >>> since = date(2024, 1, 1)
    >>> all(since + timedelta(days=15) <= first_minimum(since, n, 30) < since + timedelta(days=30) for n in range(100))
    True
    """
    return first_due(since + timedelta(days=interval // 2), number, interval - interval // 2)


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
         annual: "tuple[int, int] | None", spread_first: bool = False) -> Rule:
    """Due day of a position: last count plus the shorter of class interval and location frequency.

    What was never counted is due one interval after it came into scope at the latest; the schedule counts it as soon as
    there is room. What was counted before it came, new to the plan or back after a rest, is due within that interval.
    Without class and frequency, the company's yearly inventory day; without that, no date.

    :param last: day of the last count, None when never counted
    :param since: day on which the position came into scope
    :param number: a number of the position that never changes, to spread what comes back
    :param class_interval: days, 0 when it has no class
    :param location_interval: days, 0 when the location has no frequency
    :param annual: month and day of the yearly inventory
    :param spread_first: what was never counted is due in the second half of its interval, rather than as soon as there is room

    >>> rule(date(2024, 1, 1), date(2023, 1, 1), 7, 30, 0, None)
    Rule(interval=30, due=datetime.date(2024, 1, 31), reason='class')
    >>> rule(date(2024, 1, 1), date(2024, 9, 1), 7, 30, 0, None).due - date(2024, 9, 1) < timedelta(days=30)
    True
    >>> rule(None, date(2024, 1, 1), 7, 30, 0, None).due
    datetime.date(2024, 1, 31)
    >>> rule(None, date(2024, 1, 1), 7, 30, 0, None, spread_first=True).due
    datetime.date(2024, 1, 20)
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
        due = (last or since) + timedelta(days=interval)
        if due < since:
            due = first_due(since, number, interval)
        elif spread_first and last is None:
            due = first_minimum(since, number, interval)
        return Rule(interval, due, reason)
    if annual:
        return Rule(0, annual_due(last or since - timedelta(days=1), *annual), "annual")
    return Rule(0, None, "none")
