"""Days and moments of a place, where the database tells all moments in UTC, without a time zone."""
from datetime import date, datetime

import pytz


def day_of(moment: datetime, zone) -> date:
    """Day of a moment in a time zone.

    >>> vienna = pytz.timezone("Europe/Vienna")
    >>> day_of(datetime(2024, 7, 1, 21, 59), vienna), day_of(datetime(2024, 7, 1, 22, 0), vienna)
    (datetime.date(2024, 7, 1), datetime.date(2024, 7, 2))
    """
    return pytz.utc.localize(moment).astimezone(zone).date()


def to_utc(moment: datetime, zone) -> datetime:
    """What the database says of a moment that a clock in a time zone shows.

    >>> vienna = pytz.timezone("Europe/Vienna")
    >>> to_utc(datetime(2024, 7, 1, 0, 0), vienna), to_utc(datetime(2024, 1, 1, 0, 0), vienna)
    (datetime.datetime(2024, 6, 30, 22, 0), datetime.datetime(2023, 12, 31, 23, 0))
    """
    return zone.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)
