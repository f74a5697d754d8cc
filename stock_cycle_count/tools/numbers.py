"""When two numbers are the same: quantities by the rounding of their unit, amounts by that of their currency.

A float that went through the database, or was rounded elsewhere, can be another float for the same number; ``==`` tells
them apart for about one price in eight. Nothing in this addon compares quantities or money with ``==``.
"""
import math

from odoo.tools import float_compare, float_is_zero, float_round

#: Rounding of units where none is known: hundredths, as Odoo's own default.
DEFAULT_ROUNDING = 0.01
#: Percentages are told apart by this.
PERCENT_ROUNDING = 1e-6
#: Costs of a unit, and quantities whose unit does not matter, are told apart by this.
COST_ROUNDING = 1e-9


def rounded(number: float, rounding: "float | None" = None) -> float:
    """A number as it is written in its unit or currency.

    >>> rounded(0.1 + 0.2), rounded(7.3, 0.5), rounded(2.5, 1)
    (0.3, 7.5, 3.0)
    """
    return float_round(number, precision_rounding=rounding or DEFAULT_ROUNDING)


def is_zero(number: float, rounding: "float | None" = None) -> bool:
    """Whether a number rounds to nothing.

    >>> is_zero(0.1 + 0.2 - 0.3), is_zero(0.004), is_zero(0.005), is_zero(0.004, 0.001)
    (True, True, False, False)
    """
    return float_is_zero(number, precision_rounding=rounding or DEFAULT_ROUNDING)


def is_same(one: float, other: float, rounding: "float | None" = None) -> bool:
    """Whether two numbers round to the same one.

    >>> is_same(0.1 + 0.2, 0.3), is_same(48.25, 48.25000000000001), is_same(48.25, 48.26)
    (True, True, False)
    """
    return float_compare(one, other, precision_rounding=rounding or DEFAULT_ROUNDING) == 0


def is_at_most(number: float, limit: float, rounding: "float | None" = None) -> bool:
    """Whether a number, rounded, is not above a limit.

    >>> is_at_most(0.1 + 0.2, 0.3), is_at_most(2.01, 2), is_at_most(2.004, 2)
    (True, False, True)
    """
    return float_compare(number, limit, precision_rounding=rounding or DEFAULT_ROUNDING) <= 0


def shown_percent(percent: float, digits: int = 1) -> float:
    """A percentage as it is shown: what is below 100 never reads 100, and what is not 0 never reads 0, in either direction.

    The screens have the same rule in ``static/src/percent.js``.

    >>> shown_percent(99.96), shown_percent(0.04), shown_percent(-0.04), shown_percent(99.6, 0), shown_percent(0.2, 0)
    (99.9, 0.1, -0.1, 99.0, 1.0)
    >>> shown_percent(100 * (0.1 + 0.2 + 0.7)), shown_percent(99.94), shown_percent(0.06), shown_percent(100.04)
    (100.0, 99.9, 0.1, 100.0)
    """
    for end in (0.0, 100.0):
        if is_same(abs(percent), end, PERCENT_ROUNDING):
            return math.copysign(end, percent) if end else 0.0
    step = 10.0 ** -digits
    size = max(rounded(abs(percent), step), step)
    if abs(percent) < 100:
        size = min(size, rounded(100 - step, step))
    return math.copysign(size, percent)


def whole_percent(share: float) -> int:
    """A share in whole percent, as it is shown.

    >>> whole_percent(0.996), whole_percent(0.002), whole_percent(1 / 3), whole_percent(1)
    (99, 1, 33, 100)
    """
    return round(shown_percent(100 * share, 0))
