"""Reads a sales file of the *Online Retail* shape: bytes in, clean rows out. No Odoo needed.

Columns: InvoiceNo, StockCode, Quantity and UnitPrice are needed; Description, InvoiceDate and Country are
used when they are there; any other column is ignored. Every row is either kept or skipped and counted by
cause. What makes the whole file unusable raises `FileError`, which names the line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from statistics import median

from .dates import choose_style

NEEDED = ("InvoiceNo", "StockCode", "Quantity", "UnitPrice")
OPTIONAL = ("Description", "InvoiceDate", "Country")
# Later editions of the data set call two of the columns differently.
ALIASES = {"invoice": "InvoiceNo", "price": "UnitPrice"}
DELIMITERS = ",;\t|"
COST_SHARE = Decimal("0.6")
# Above this a number is a slip of the keyboard, and a float no longer holds every whole number.
LARGEST = Decimal(10**9)

_EMPTY = "line 1: the file is empty. It must start with a line of column names."
_CODE = re.compile(r"[0-9]{5}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class FileError(ValueError):
    """The file cannot be used at all; the message says at which line, and what to do."""


@dataclass(frozen=True)
class Row:
    """One kept line of the file. A negative quantity is a return; `date` is UTC, None when the file has none."""

    line: int
    invoice: str
    code: str
    quantity: int
    price: Decimal
    date: datetime | None = None
    country: str = ""


@dataclass(frozen=True)
class Product:
    """What the file says about a stock code. Price and cost are exact, per unit, in the file's currency."""

    code: str
    name: str
    price: Decimal

    @property
    def cost(self) -> Decimal:
        """60 % of the price."""
        return self.price * COST_SHARE


@dataclass
class Transactions:
    """A file, read: rows in file order, products by code, and how many rows were skipped, by cause."""

    rows: list[Row] = field(default_factory=list)
    products: dict[str, Product] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def invoices(self) -> int:
        """How many invoices the kept rows belong to."""
        return len({row.invoice for row in self.rows})


def read(content: bytes) -> Transactions:
    """Reads a whole file.

    Rows count when the code starts with five digits, the quantity is a whole number other than 0 and the
    price is above 0. A product's price is the exact median of all its positive prices, skipped rows
    included; its name is the description most of its kept rows carry.

    >>> found = read(b'''InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
    ... 536365,85123A,WHITE HEART,6,1/12/2010,2.55,17850,United Kingdom
    ... C53637,85123A,WHITE HEART,-1,13/12/2010,2.95,17850,United Kingdom
    ... 536366,POST,POSTAGE,1,13/12/2010,18,12583,France
    ... 536367,22728,ALARM CLOCK,half,13/12/2010,3.75,12583,France
    ... ''')
    >>> [(row.invoice, row.code, row.quantity, str(row.date)) for row in found.rows]
    [('536365', '85123A', 6, '2010-12-01 12:00:00'), ('C53637', '85123A', -1, '2010-12-13 12:00:00')]
    >>> found.products["85123A"].price, found.products["85123A"].cost
    (Decimal('2.75'), Decimal('1.650'))
    >>> dict(found.skipped)
    {'the code does not start with five digits': 1, 'the quantity is not a whole number': 1}
    """
    text = _decode(content)
    header, delimiter = _header(text)
    found = Transactions()
    prices: dict[str, list[Decimal]] = defaultdict(list)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    dates: list[str] = []
    for line, values in _records(text, header, delimiter):
        row, price, cause = _judge(line, values, decimal_comma=delimiter == ";")
        if price is not None:
            prices[values["StockCode"]].append(price)
        if row is None:
            found.skipped[cause] += 1
            continue
        found.rows.append(row)
        dates.append(values.get("InvoiceDate", ""))
        names[row.code][values.get("Description", "")] += 1
    if not found.rows:
        causes = "; ".join(f"{count} x {cause}" for cause, count in found.skipped.most_common())
        raise FileError(f"line 2: no row below the header can be used ({causes or 'there is none'}).")
    found.rows = _dated(found.rows, dates)
    for code, seen in names.items():
        del seen[""]
        name = seen.most_common(1)[0][0] if seen else code
        found.products[code] = Product(code, name, median(prices[code]))
    return found


def number(text: str, decimal_comma: bool = False) -> Decimal | None:
    """The number that a cell holds, or None. Digit grouping is not a number: it would be a guess.

    >>> number("6"), number("6.0"), number("1e3"), number("-.5")
    (Decimal('6'), Decimal('6.0'), Decimal('1E+3'), Decimal('-0.5'))
    >>> number("NaN"), number("inf"), number("1_000"), number("1,000"), number("")
    (None, None, None, None, None)
    >>> number("2,55", decimal_comma=True)
    Decimal('2.55')
    """
    if decimal_comma:
        text = text.replace(",", ".")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _decode(content: bytes) -> str:
    """The text of the file: by its byte order mark, else UTF-8, else Latin-1 (which fits any bytes)."""
    if not content.strip():
        raise FileError(_EMPTY)
    if content.startswith(b"PK\x03\x04"):
        raise FileError("line 1: this is a workbook or an archive, not a text file. Save the sheet as CSV.")
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if not text.strip():
        raise FileError(_EMPTY)
    unprintable = _UNPRINTABLE.search(text)
    first_line = text.lstrip().splitlines()[0]
    if "\0" in text or _UNPRINTABLE.search(first_line):
        line = text.count("\n", 0, unprintable.start()) + 1
        raise FileError(f"line {line}: the file is binary or damaged here. A CSV text file is needed.")
    return text


def _header(text: str) -> tuple[list[str], str]:
    """The columns by position ('' where not ours) and the delimiter that shows most of them."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    best: list[str] = []
    best_delimiter, best_titles = ",", []
    for delimiter in DELIMITERS:
        titles = next(_rows(first, delimiter), (1, []))[1]
        columns = [_column(title) for title in titles]
        if not best or len(set(columns) - {""}) > len(set(best) - {""}):
            best, best_delimiter, best_titles = columns, delimiter, titles
    line = text[: text.find(first)].count("\n") + 1
    missing = [name for name in NEEDED if name not in best]
    if missing:
        shown = ", ".join(repr(title[:40]) for title in best_titles[:12])
        raise FileError(f"line {line}: no column {', '.join(missing)}. The columns found are: {shown or 'none'}.")
    twice = [name for name, count in Counter(best).items() if name and count > 1]
    if twice:
        raise FileError(f"line {line}: the column {', '.join(twice)} is there twice. Keep one.")
    return best, best_delimiter


def _column(title: str) -> str:
    """Our name of a column title, '' when it is not one of ours.

    >>> _column("invoice no"), _column("Price"), _column("Colour")
    ('InvoiceNo', 'UnitPrice', '')
    """
    plain = re.sub(r"[^a-z]", "", title.lower())
    ours = {name.lower(): name for name in NEEDED + OPTIONAL} | ALIASES
    return ours.get(plain, "")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The non-blank records of the text, each with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for values in reader:
            if any(value.strip() for value in values):
                yield line, values
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileError(f"line {line}: {error}. Look for a quotation mark that is never closed.") from error


def _records(text: str, header: list[str], delimiter: str) -> Iterator[tuple[int, dict[str, str] | None]]:
    """The rows below the header by column name; None for one that has not the header's columns."""
    records = _rows(text, delimiter)
    next(records)
    for line, values in records:
        fits = len(values) >= len(header) and not any(value.strip() for value in values[len(header) :])
        if not fits and any("\n" in value for value in values):
            raise FileError(f"line {line}: a quotation mark that opens here is never closed. Correct this line.")
        named = {name: value.strip() for name, value in zip(header, values) if name}
        yield line, named if fits else None


def _judge(line: int, values: dict[str, str] | None, decimal_comma: bool) -> tuple[Row | None, Decimal | None, str]:
    """A row of the file as (row, positive price, ''), or (None, price or None, why it is skipped)."""
    if values is None:
        return None, None, "not as many values as the header has columns"
    price = number(values["UnitPrice"], decimal_comma)
    good_price = price if price is not None and 0 < price <= LARGEST else None
    quantity = number(values["Quantity"], decimal_comma)
    cause = ""
    if not _CODE.match(values["StockCode"]):
        cause = "the code does not start with five digits"
    elif quantity is None or (abs(quantity) <= LARGEST and quantity % 1):
        cause = "the quantity is not a whole number"
    elif not quantity:
        cause = "the quantity is 0"
    elif abs(quantity) > LARGEST:
        cause = f"the quantity is above {LARGEST:,}"
    elif price is None:
        cause = "the price is not a number"
    elif price <= 0:
        cause = "the price is not above 0"
    elif good_price is None:
        cause = f"the price is above {LARGEST:,}"
    if cause:
        return None, good_price, cause
    row = Row(line, values["InvoiceNo"], values["StockCode"], int(quantity), price, country=values.get("Country", ""))
    return row, good_price, ""


def _dated(rows: list[Row], texts: list[str]) -> list[Row]:
    """The rows with their dates. One that has none readable takes the date of the row before it."""
    style = choose_style(texts)
    if style is None:
        unknown = next(((row.line, text) for row, text in zip(rows, texts, strict=True) if text), None)
        if unknown:
            raise FileError(
                f"line {unknown[0]}: the InvoiceDate {unknown[1][:40]!r} is not a date of a known kind."
                " Write dates as day/month/year or year-month-day."
            )
        return rows
    known = {text: style(text) for text in set(texts)}
    moment = next(filter(None, map(known.get, texts)))
    dated = []
    for row, text in zip(rows, texts, strict=True):
        moment = known[text] or moment
        dated.append(replace(row, date=moment))
    return dated
