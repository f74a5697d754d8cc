"""What a difference means: nothing, small enough, count again, or ask somebody."""
from collections.abc import Iterable
from typing import Any, NamedTuple

from .numbers import COST_ROUNDING, PERCENT_ROUNDING, is_at_most, is_zero

#: What a verdict can be, from the mildest to the strictest.
KINDS = ("match", "within", "recount", "approval")


class Limits(NamedTuple):
    """Limits of one tolerance; None does not test. Quantities in the product's unit, values in company currency.

    ``level2_value`` is the value from which the second level approves; where it is None, that of the measurement counts.
    ``cap_value`` is what may pass without approval for a product or a location within the days of the cap.
    """

    over_qty: "float | None" = None
    over_percent: "float | None" = None
    over_value: "float | None" = None
    under_qty: "float | None" = None
    under_percent: "float | None" = None
    under_value: "float | None" = None
    recount: bool = False
    level2_value: "float | None" = None
    cap_value: "float | None" = None


class Measurement(NamedTuple):
    """What was counted, as it is judged. ``rounding`` is that of the unit, ``cents`` that of the currency.

    ``unsettled`` says that it was counted more than once and no two counts agree, ``moved`` that stock moved between the
    entries of the count.
    """

    expected: float
    counted: float
    unit_cost: float
    rounding: float
    cents: float
    may_recount: bool = False
    passed_value: float = 0.0
    level2_value: "float | None" = None
    unsettled: bool = False
    moved: bool = False


class Verdict(NamedTuple):
    """``kind`` is match, within, recount or approval; ``broken`` names the limits that do not hold.

    ``level`` is the highest level of approval that is needed, 0 for none.
    """

    kind: str
    broken: tuple = ()
    level: int = 0


def judge(measured: Measurement, limits: "Limits | None") -> Verdict:
    """Judge a count. Without limits every difference needs approval; breaking any one limit does too.

    Counts that do not agree are counted again, and after the last one somebody decides, whatever that one says. So it is
    with a difference of a count in the middle of which stock moved: it may be no difference.

    A percentage alone lets nothing pass, and neither does a limit in value where there is no cost: beside each there must
    be a limit that bites.

    Expected 0 is defined: counted 0 is a match, anything else has no percentage and fails every percentage limit.
    A percentage of a negative book quantity is taken of its absolute value.

    >>> some = Limits(over_qty=2, under_percent=5, under_value=100)
    >>> judge(Measurement(10, 10, 7, 0.01, 0.01), None).kind
    'match'
    >>> judge(Measurement(10, 12, 7, 0.01, 0.01), some), judge(Measurement(10, 13, 7, 0.01, 0.01), some).broken
    (Verdict(kind='within', broken=(), level=0), ('over_qty',))
    >>> judge(Measurement(100, 90, 20, 0.01, 0.01), some).broken
    ('under_percent', 'under_value')
    >>> judge(Measurement(0, 1, 0, 1, 0.01), Limits(over_percent=1000)).broken
    ('over_percent',)
    >>> judge(Measurement(-10, 0, 1, 1, 0.01), Limits(over_percent=100, over_value=10)).kind
    'within'
    >>> judge(Measurement(100, 99, 1, 1, 0.01), Limits(under_percent=5)).broken
    ('alone',)
    >>> judge(Measurement(100, 99, 0, 1, 0.01), Limits(under_value=5)).broken
    ('no_cost',)
    >>> judge(Measurement(1, 2, 50, 1, 0.01), None)
    Verdict(kind='approval', broken=('none',), level=1)
    >>> judge(Measurement(1, 2, 50, 1, 0.01), Limits(over_qty=0, level2_value=50)).level
    2
    >>> judge(Measurement(1, 2, 50, 1, 0.01, level2_value=40), None).level
    2
    >>> judge(Measurement(1, 2, 50, 1, 0.01, may_recount=True), Limits(over_qty=0, recount=True)).kind
    'recount'
    >>> judge(Measurement(1, 2, 50, 1, 0.01, passed_value=60), Limits(over_qty=1, cap_value=100)).broken
    ('cap',)
    >>> judge(Measurement(1, 2, 50, 1, 0.01, level2_value=40, unsettled=True), Limits(over_qty=1))
    Verdict(kind='approval', broken=('unsettled',), level=2)
    >>> judge(Measurement(1, 1, 50, 1, 0.01, may_recount=True, unsettled=True), None)
    Verdict(kind='recount', broken=('unsettled',), level=0)
    >>> judge(Measurement(8, 10, 1, 1, 0.01, moved=True), Limits(over_qty=5)).broken
    ('moved',)
    """
    variance = measured.counted - measured.expected
    value = abs(variance * measured.unit_cost)
    from_value = measured.level2_value
    if limits is not None and limits.level2_value is not None:
        from_value = limits.level2_value
    broken: tuple = ("none",)
    if measured.unsettled:
        broken = ("unsettled",)
        if measured.may_recount:
            return Verdict("recount", broken)
    elif is_zero(variance, measured.rounding):
        return Verdict("match")
    elif measured.moved:
        broken = ("moved",)
        if measured.may_recount:
            return Verdict("recount", broken)
    elif limits is not None:
        broken = _get_broken(measured, limits, variance, value)
        if not broken:
            if limits.cap_value is None or is_at_most(measured.passed_value + value, limits.cap_value, measured.cents):
                return Verdict("within")
            broken = ("cap",)
        elif limits.recount and measured.may_recount:
            return Verdict("recount", broken)
    return Verdict("approval", broken, 2 if asks_second_level(value, from_value, measured.cents) else 1)


def asks_second_level(value: float, from_value: "float | None", cents: float) -> bool:
    """Whether a difference of a value, in company currency, is for the second level too; None never asks it.

    >>> asks_second_level(50, 50, 0.01), asks_second_level(49.99, 50, 0.01), asks_second_level(50, None, 0.01)
    (True, False, False)
    """
    return from_value is not None and is_at_most(from_value, value, cents)


def _get_broken(measured, limits, variance, value):
    """Names of the limits of the side of the difference that do not hold."""
    side = "over" if variance > 0 else "under"
    broken = []
    quantity_limit, percent_limit, value_limit = (
        getattr(limits, f"{side}_{kind}") for kind in ("qty", "percent", "value"))
    if quantity_limit is not None and not is_at_most(abs(variance), quantity_limit, measured.rounding):
        broken.append(f"{side}_qty")
    if percent_limit is not None:
        percent = None if is_zero(measured.expected, measured.rounding) else 100 * abs(variance / measured.expected)
        if percent is None or not is_at_most(percent, percent_limit, PERCENT_ROUNDING):
            broken.append(f"{side}_percent")
    if value_limit is not None and not is_at_most(value, value_limit, measured.cents):
        broken.append(f"{side}_value")
    if not broken and quantity_limit is None:
        # A share of any quantity is any quantity, and what costs nothing stays below any value.
        if value_limit is None and percent_limit is not None:
            broken.append("alone")
        elif value_limit is not None and is_zero(measured.unit_cost, COST_ROUNDING):
            broken.append("no_cost")
    return tuple(broken)


def get_strictest(judged: "Iterable[tuple[Verdict, Any]]") -> "tuple[Verdict, Any]":
    """The strictest of several verdicts on one count, with what it came from; the first of equals.

    >>> get_strictest([(Verdict("within"), "lax"), (Verdict("approval", level=1), "strict"), (Verdict("recount"), "")])
    (Verdict(kind='approval', broken=(), level=1), 'strict')
    """
    return max(judged, key=lambda pair: (KINDS.index(pair[0].kind), pair[0].level))


def unexplained(variance: float, picked: float) -> float:
    """What is left of a difference but for what was picked then, and not done: so much may be missing.

    >>> unexplained(-3, 3), unexplained(-3, 2), unexplained(-3, 5), unexplained(2, 3)
    (0, -1, 0, 2)
    """
    return variance + min(picked, max(-variance, 0))


def is_hit(variance: float, expected: float, tolerance: float, rounding: float) -> bool:
    """Whether a record was right within a tolerance, in percent of what was expected; where nothing was expected, only
    nothing is right.

    >>> is_hit(0, 0, 5, 0.01), is_hit(1, 0, 5, 0.01), is_hit(-5, 100, 5, 0.01), is_hit(6, 100, 5, 0.01)
    (True, False, True, False)
    >>> is_hit(0.004, 0, 0, 0.01), is_hit(-1, -20, 5, 1), is_hit(1, 100, 0, 1)
    (True, True, False)
    """
    if is_zero(variance, rounding):
        return True
    return bool(expected) and is_at_most(100 * abs(variance / expected), tolerance, PERCENT_ROUNDING)
