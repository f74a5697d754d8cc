"""Working days as numbers.

Days are ``datetime.date`` at the edges of the schedule and *slots* inside: slot 0 is the first working day from today on.
"""
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date


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
