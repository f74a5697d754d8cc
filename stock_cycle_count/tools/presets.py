"""Tolerances to begin with, and how many counts a day."""
from math import ceil

#: Working days within which everything is to be counted for the first time.
FIRST_ROUND_DAYS = 60
#: Counts a day that a person makes beside other work.
COUNTS_PER_PERSON = 10
#: Counts a year of the classes A, B and C at least, where plans count what is likely wrong besides.
MINIMUMS = (2, 1, 1)
#: Quantity, percentage and value (company currency) up to which a difference passes, and the value that passes in sum
#: for a product in 90 days.
PRESETS = {"strict": (1, 1, 10, 50), "usual": (2, 5, 50, 500), "relaxed": (5, 10, 200, 2000)}


def tolerance_values(preset: str, decimals: int = 2) -> dict:
    """Values of a tolerance: surpluses and shortages alike.

    :param decimals: of the currency; where it has none, its unit is worth about what others' hundredths are

    >>> values = tolerance_values("usual")
    >>> values["under_qty"], values["over_percent"], values["has_over_value"], values["cap_value"]
    (2, 5, True, 500)
    >>> tolerance_values("usual", 0)["cap_value"]
    50000
    """
    quantity, percent, *values = PRESETS[preset]
    value, cap = (amount if decimals else 100 * amount for amount in values)
    limits = {
        f"{side}_{kind}": limit for side in ("over", "under")
        for kind, limit in (("qty", quantity), ("percent", percent), ("value", value))}
    limits["cap_value"] = cap
    return {**limits, **{f"has_{name}": True for name in limits}}


def daily_capacity(positions: int, steady: int, people: int) -> int:
    """Counts a day to propose: enough for the intervals and for a first round, and what people make by the way.

    :param positions: how many there are to count
    :param steady: counts a day that keep all intervals in the long run
    :param people: who count

    >>> daily_capacity(0, 0, 1), daily_capacity(4, 1, 1), daily_capacity(300, 12, 2), daily_capacity(6000, 90, 2)
    (1, 4, 20, 100)
    """
    by_the_way = min(positions, COUNTS_PER_PERSON * max(people, 1))
    return max(1, steady, ceil(positions / FIRST_ROUND_DAYS), by_the_way)
