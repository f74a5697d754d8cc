"""How a sales file writes its dates, decided once for the whole file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

_TIME = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])[Mm])?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_ISO = re.compile(r"(?P<year>\d{4})[-/.](?P<b>\d{1,2})[-/.](?P<a>\d{1,2})" + _TIME, re.ASCII)
_SHORT = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TIME, re.ASCII)

# Real sales are not older; a year such as 0207 is a slip.
_FIRST_YEAR = 1970

Style = Callable[[str], "datetime | None"]


def day_first(text: str) -> datetime | None:
    """day/month/year, with or without a time. Date alone: at noon, the same day in nearly all time zones.

    >>> print(day_first("1/12/2010"), day_first("01.12.10 8:26"), day_first("12/31/2010"))
    2010-12-01 12:00:00 2010-12-01 08:26:00 None
    """
    return _build(_SHORT.fullmatch(text), "a", "b")


def month_first(text: str) -> datetime | None:
    """month/day/year, with or without a time.

    >>> print(month_first("12/31/2010 1:05 PM"), month_first("31/12/2010"))
    2010-12-31 13:05:00 None
    """
    return _build(_SHORT.fullmatch(text), "b", "a")


def iso(text: str) -> datetime | None:
    """year-month-day, with or without a time and an offset, which is taken back to UTC.

    >>> print(iso("2010-12-01"), iso("2010-12-01T08:26:30.5+02:00"), iso("2010-13-01"))
    2010-12-01 12:00:00 2010-12-01 06:26:30 None
    """
    return _build(_ISO.fullmatch(text), "a", "b")


def choose_style(texts: Iterable[str]) -> Style | None:
    """The style that reads most of the texts; day first when two read as many; None when none reads any.

    >>> choose_style(["1/12/2010", "2/12/2010"]).__name__
    'day_first'
    >>> choose_style(["1/12/2010", "1/13/2010"]).__name__
    'month_first'
    >>> choose_style(["soon"]) is None
    True
    """
    texts = Counter(texts)
    read = {style: sum(count for text, count in texts.items() if style(text)) for style in (day_first, month_first, iso)}
    best = max(read, key=read.__getitem__)
    return best if read[best] else None


def _build(found: re.Match[str] | None, day: str, month: str) -> datetime | None:
    """The moment that a match names, or None when there is no such day or time."""
    if not found:
        return None
    year = int(found["year"])
    year += 2000 if year < 100 else 0
    if year < _FIRST_YEAR:
        return None
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if found["hour"] is None:
        hour = 12
    elif found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    try:
        moment = datetime(year, int(found[month]), int(found[day]), hour, minute, second)
        return moment - _offset(found["zone"])
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> timedelta:
    """How far a zone such as +02:00 is ahead of UTC.

    >>> _offset("+02:00") == timedelta(hours=2), _offset("Z") == _offset(None) == timedelta(0)
    (True, True)
    """
    if not zone or zone == "Z":
        return timedelta(0)
    return datetime.strptime(zone.replace(":", ""), "%z").utcoffset()
