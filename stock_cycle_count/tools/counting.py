"""What a person types or scans, and what a round of entries comes to."""
import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .numbers import is_same

#: No bin holds more of anything; a larger number is a mistake.
LARGEST = 10 ** 9
#: A number with so many digits is more likely a barcode (the shortest retail code, EAN-8, has eight).
BARCODE_DIGITS = 8

_TERM = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:\s*[x×*]\s*(\d+(?:\.\d*)?|\.\d+))?")


class Entry(NamedTuple):
    """One act of counting. ``kind`` is ``set`` (the quantity is the total), ``add`` or ``undo``."""

    id: int
    kind: str
    quantity: float
    undone: "int | None" = None


def parse_quantity(
    text: str, decimal_point: str = ".", thousands_sep: str = "", units: "Mapping[str, float] | None" = None,
) -> "float | None":
    """Quantity that was typed: a number, packs like ``3x12+5``, or numbers of units. None when it is none of these.

    :param units: what may stand behind a number, and how much one of it is

    >>> parse_quantity("12"), parse_quantity("3 x 12 + 5"), parse_quantity("1,5", ","), parse_quantity("1.000", ",", ".")
    (12.0, 41.0, 1.5, 1000.0)
    >>> parse_quantity("3 box of 12 + 5", units={"Box of 12": 12}), parse_quantity("2 Crates", units={"Box": 12})
    (41.0, None)
    >>> [parse_quantity(text) for text in ("", "abc", "1e9", "3+", "nan", "4 5")]
    [None, None, None, None, None, None]

    A negative number is one, to be refused as that. Separators that do not stand between thousands are no separators:

    >>> parse_quantity("-3"), parse_quantity("1,5", ".", ","), parse_quantity("1,500", ".", ",")
    (-3.0, None, 1500.0)
    >>> parse_quantity("1234,567", ".", ","), parse_quantity("1,234,567.5", ".", ",")
    (None, 1234567.5)
    """
    text = text.strip()
    if text.startswith("-"):
        rest = text[1:].lstrip()
        positive = None if rest.startswith("-") else parse_quantity(rest, decimal_point, thousands_sep, units)
        return None if positive is None else -positive
    total = 0.0
    for part in text.split("+"):
        number, factor = _split_unit(part.strip(), units or {})
        term = _TERM.fullmatch(_plain_number(number, decimal_point, thousands_sep))
        if not term:
            return None
        total += float(term[1]) * float(term[2] or 1) * factor
    return total


def named_units(text: str, units: "Mapping[str, float]") -> dict[str, float]:
    """Units that a quantity was typed in, and how much one of each is.

    >>> named_units("3 box of 12 + 5", {"Box of 12": 12, "Dozens": 12}), named_units("17", {"Box": 6})
    ({'Box of 12': 12}, {})
    """
    named = {}
    for part in text.split("+"):
        name = _find_unit(part.strip(), units)
        if name:
            named[name] = units[name]
    return named


def _find_unit(part, units):
    """Name of the unit that a text ends in; a name without a letter is none."""
    return next((
        name for name in sorted(units, key=len, reverse=True)
        if part.lower().endswith(name.lower()) and any(char.isalpha() for char in name)), "")


def _split_unit(part, units):
    """What stands before the name of a unit, and how much one of it is."""
    name = _find_unit(part, units)
    return (part[:-len(name)].rstrip(), units[name]) if name else (part, 1)


def _plain_number(text, decimal_point, thousands_sep):
    """A number without separators of thousands, with a point; empty when a separator stands elsewhere."""
    separator = thousands_sep and thousands_sep.strip()
    if separator:
        group = re.escape(separator)
        text = re.sub(
            rf"(?<![\d{group}])\d{{1,3}}(?:{group}\d{{3}})+(?![\d{group}])",
            lambda match: match[0].replace(separator, ""), text)
        if separator in text:
            return ""
    return text.replace(decimal_point, ".")


def quantity_problem(quantity: float, serial: bool = False) -> str:
    """Why a quantity cannot be: ``number``, ``negative``, ``large``, ``serial``; empty when it can.

    >>> [quantity_problem(value) for value in (0, 1.5, float("nan"), -1, 1e12)]
    ['', '', 'number', 'negative', 'large']
    >>> quantity_problem(2, serial=True), quantity_problem(1, serial=True)
    ('serial', '')
    """
    if not isinstance(quantity, (int, float)) or isinstance(quantity, bool) or (
            isinstance(quantity, float) and not math.isfinite(quantity)):
        return "number"
    if quantity < 0:
        return "negative"
    if quantity > LARGEST:
        return "large"
    if serial and quantity not in (0, 1):
        return "serial"
    return ""


def looks_like_slip(quantity: float, expected: "float | None" = None) -> str:
    """What makes a quantity look like a slip: ``barcode``, ``tenfold``, ``swapped``; empty when nothing does.

    :param expected: what the books show; None on a blind sheet, where no question may depend on it

    >>> looks_like_slip(5901234123457), looks_like_slip(120, 12), looks_like_slip(21, 12), looks_like_slip(120)
    ('barcode', 'tenfold', 'swapped', '')
    >>> looks_like_slip(12, 12), looks_like_slip(11, 12), looks_like_slip(1, 10), looks_like_slip(0, 0)
    ('', '', 'tenfold', '')
    >>> looks_like_slip(0.7, 0.07)
    'tenfold'
    """
    whole = quantity == int(quantity)
    if whole and len(str(int(quantity))) >= BARCODE_DIGITS:
        return "barcode"
    if expected is None or expected <= 0 or quantity <= 0 or quantity == expected:
        return ""
    if any(math.isclose(larger, smaller * factor) for factor in (10, 100)
           for larger, smaller in ((quantity, expected), (expected, quantity))):
        return "tenfold"
    if whole and expected == int(expected):
        typed, booked = str(int(quantity)), str(int(expected))
        pairs = [(one, other) for one, other in zip(typed, booked) if one != other]
        if len(typed) == len(booked) and len(pairs) == 2 and pairs[0] == pairs[1][::-1]:
            return "swapped"
    return ""


def fold(entries: Iterable[Entry]) -> "tuple[float, list[int]] | None":
    """Result of the entries of one round, in their order: the quantity, and the entries that it is made of, of which it
    rests on the last.

    The last total and what was added since make the result; an entry that was undone counts for nothing. None
    when nothing was counted.

    >>> fold([Entry(1, "add", 1), Entry(2, "add", 1)])
    (2, [1, 2])
    >>> fold([Entry(1, "set", 5), Entry(2, "add", 1), Entry(3, "set", 4), Entry(4, "undo", 0, 3)])
    (6, [1, 2])
    >>> fold([Entry(1, "set", 0)]), fold([Entry(1, "add", 1), Entry(2, "undo", 0, 1)]), fold([])
    ((0, [1]), None, None)
    """
    entries = list(entries)
    undone = {entry.undone for entry in entries if entry.kind == "undo"}
    quantity: float = 0
    basis: list[int] = []
    for entry in entries:
        if entry.kind == "undo" or entry.id in undone:
            continue
        if entry.kind == "set":
            quantity, basis = entry.quantity, []
        else:
            quantity += entry.quantity
        basis.append(entry.id)
    return (quantity, basis) if basis else None


def agree(variances: Iterable[float], rounding: float) -> bool:
    """Whether the last of these variances was found before: two counts that agree settle a line.

    >>> agree([-3, 0, -3], 0.01), agree([-3, 0], 0.01), agree([1], 0.01)
    (True, False, False)
    """
    *before, last = list(variances)
    return any(is_same(variance, last, rounding) for variance in before)
