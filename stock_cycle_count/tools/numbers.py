"""When two numbers are the same: quantities by the rounding of their unit, amounts by that of their currency.

A float that went through the database, or was rounded elsewhere, can be another float for the same number; ``==`` tells
them apart for about one price in eight. Nothing in this addon compares quantities or money with ``==``.
"""
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
