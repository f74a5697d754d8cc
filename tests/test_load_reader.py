"""Reading sales files: what is kept, what is left out and why, and what a file must not be."""

import csv
import doctest
import io
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.transactions import dates, layout, reader
from scripts.transactions.command import describe, main
from scripts.transactions.reader import FileError, read

from .sales_files import COLUMNS, generated_rows, real_file, sales_file, shapes


def line(code="85123A", quantity="6", price="2.55", date="1/12/2010", description="HEART", invoice="536365"):
    return [invoice, code, description, quantity, date, price, "17850", "United Kingdom"]


@pytest.mark.parametrize("module", [reader, dates, layout], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module):
    done = doctest.testmod(module)
    assert done.attempted and not done.failed


@pytest.mark.parametrize(
    "text,quantity",
    [("6", 6), (" 6 ", 6), ("6.0", 6), ("1e3", 1000), ("-12", -12), ("+2", 2), ("1000000000", 10**9)],
)
def test_whole_quantities_count(text, quantity):
    assert read(sales_file([line(quantity=text)])).rows[0].quantity == quantity


@pytest.mark.parametrize(
    "change,cause",
    [
        ({"code": "POST"}, "the code does not start with five digits"),
        ({"code": "1234"}, "the code does not start with five digits"),
        ({"code": "٣٤٥٦٧"}, "the code does not start with five digits"),
        ({"quantity": ""}, "the quantity is not a whole number"),
        ({"quantity": "6.5"}, "the quantity is not a whole number"),
        ({"quantity": "1e-3"}, "the quantity is not a whole number"),
        ({"quantity": "1_000"}, "the quantity is not a whole number"),
        ({"quantity": "1,000"}, "the quantity is not a whole number"),
        ({"quantity": "NaN"}, "the quantity is not a whole number"),
        ({"quantity": "-0.0"}, "the quantity is 0"),
        ({"quantity": "1e999"}, "the quantity is above 1,000,000,000"),
        ({"price": "inf"}, "the price is not a number"),
        ({"price": "0.00"}, "the price is not above 0"),
        ({"price": "-11062.06"}, "the price is not above 0"),
    ],
)
def test_other_rows_are_counted_by_cause(change, cause):
    found = read(sales_file([line(**change), line()]))
    assert (len(found.rows), found.skipped) == (1, {cause: 1})


def test_rows_of_another_width_are_left_out_and_blank_ones_are_not_rows():
    content = sales_file([line(), line()[:5], [*line(), "more"], [*line(), ""]]) + b"\r\n,,,,,,,\r\n"
    found = read(content)
    assert len(found.rows) == 2
    assert found.skipped == {"not as many values as the header has columns": 2}


def test_price_is_the_exact_median_of_all_positive_prices():
    prices = ["0.29", "0.30", "0", "-5", "0.30", "0.10"]
    rows = [line(price=price) for price in prices] + [line(price="9.99", quantity="0")]
    product = read(sales_file(rows)).products["85123A"]
    # 0.10 0.29 0.30 0.30 9.99: the row of quantity 0 tells a price, too.
    assert (product.price, product.cost) == (Decimal("0.30"), Decimal("0.18"))


def test_name_is_the_most_frequent_description_and_the_first_of_equals():
    names = ["", "", "", "SECOND", "FIRST", "FIRST", "SECOND"]
    products = read(sales_file([line(description=name) for name in names] + [line("22222", description="")])).products
    assert (products["85123A"].name, products["22222"].name) == ("SECOND", "22222")


def test_a_left_out_row_does_not_name_a_product():
    found = read(sales_file([line(description="lost", price="0"), line(description="lost", price="0"), line()]))
    assert found.products["85123A"].name == "HEART"


@pytest.mark.parametrize(
    "texts,expected",
    [
        (["1/12/2010", "2/12/2010"], ["2010-12-01 12:00", "2010-12-02 12:00"]),
        (["1/12/2010", "13/12/2010"], ["2010-12-01 12:00", "2010-12-13 12:00"]),
        (["12/1/2010 8:26", "12/13/2010 14:05"], ["2010-12-01 08:26", "2010-12-13 14:05"]),
        (["2010-12-01", "2010-12-13"], ["2010-12-01 12:00", "2010-12-13 12:00"]),
        (["2010-12-01 08:26:00", "2010-12-01T23:30:00+02:00"], ["2010-12-01 08:26", "2010-12-01 21:30"]),
        (["", "1/12/2010", "", "31/2/2010"], ["2010-12-01 12:00"] * 4),
    ],
)
def test_the_order_of_day_and_month_is_decided_for_the_file(texts, expected):
    found = read(sales_file([line(date=text) for text in texts]))
    assert [f"{row.date:%Y-%m-%d %H:%M}" for row in found.rows] == expected


def test_a_file_without_dates_leaves_them_open():
    columns = [name for name in COLUMNS if name != "InvoiceDate"]
    found = read(sales_file(generated_rows(), columns=columns))
    assert found.rows and {row.date for row in found.rows} == {None}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(encoding, delimiter):
    content = sales_file([line(description="CAFÉ £5, BIG")], delimiter=delimiter, encoding=encoding)
    assert read(content).products["85123A"].name == "CAFÉ £5, BIG"


def test_a_comma_is_the_decimal_mark_where_semicolons_separate():
    assert read(sales_file([line(price="2,55")], delimiter=";")).rows[0].price == Decimal("2.55")


def test_line_numbers_count_lines_not_records():
    content = sales_file([line(description="two\nlines"), line(date="2/12/2010")])
    assert [row.line for row in read(content).rows] == [2, 4]


@pytest.mark.parametrize(
    "content,message",
    [
        (b"", "line 1: the file is empty"),
        (b"\xef\xbb\xbf \n\n", "line 1: the file is empty"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "line 1: the file is binary"),
        (b"PK\x03\x04\x14\0", "line 1: this is a workbook or an archive"),
        (sales_file([line(), line(description="\0")]), "line 3: the file is binary or damaged here"),
        (b"name,amount\nx,1\n", "line 1: no column InvoiceNo, StockCode, Quantity, UnitPrice. The columns found are: 'name'"),
        (b"\n\nInvoiceNo,StockCode,Quantity\n", "line 3: no column UnitPrice"),
        (b"InvoiceNo,StockCode,Quantity,UnitPrice,Quantity\n", "line 1: the column Quantity is there twice"),
        (sales_file([]), "line 2: no row below the header can be used"),
        (sales_file([line(code="POST")]), "1 x the code does not start with five digits"),
        (sales_file([line(date="soon")]), "line 2: the InvoiceDate 'soon' is not a date"),
        (sales_file([line()]) + b'536366,"22222,OPEN\n1,2,3\n', "line 3: a quotation mark that opens here"),
        (sales_file([line(description="x" * 200_000)]), "line 2: field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(content, message):
    with pytest.raises(FileError, match=re.escape(message)):
        read(content)


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"InvoiceNo,StockCode\n1,2\n"], ids=["empty", "binary", "columns"])
def test_the_command_refuses_it_before_it_opens_a_database(tmp_path, capsys, content):
    file = tmp_path / "sales.csv"
    file.write_bytes(content)
    assert main([str(file), "--database", "there is none"]) == 1
    assert re.search(r"sales\.csv, line 1: .*\nNothing was loaded\.", capsys.readouterr().err)


def test_the_command_names_a_file_that_is_not_there(tmp_path, capsys):
    assert main([str(tmp_path / "none.csv"), "--database", "x"]) == 1
    assert "none.csv cannot be read: No such file or directory" in capsys.readouterr().err


def test_what_is_left_out_is_told_by_cause():
    told = describe(read(sales_file([line(), line("POST"), line("POST"), line(price="0")])))
    assert told.splitlines() == [
        "1 rows of 1 invoices and 1 products; 3 rows left out:",
        "          2  the code does not start with five digits",
        "          1  the price is not above 0",
    ]


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    try:
        assert read(content).rows
    except FileError as error:
        assert re.match(r"line \d+: ", str(error))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
numbers = st.one_of(st.integers(-50, 50).map(str), st.decimals(-9, 9, places=2).map(str), cells)
codes = st.one_of(st.from_regex(r"[0-9]{5}[A-Z]?", fullmatch=True), cells)


@settings(deadline=None)
@given(st.lists(st.tuples(cells, codes, cells, numbers, st.just("1/12/2010"), numbers, cells, cells), min_size=1))
def test_every_row_is_kept_or_counted(rows):
    content = sales_file([line(), *rows])
    found = read(content)
    records = [record for record in csv.reader(io.StringIO(content.decode(), newline="")) if any(map(str.strip, record))]
    assert len(found.rows) + found.skipped.total() == len(records) - 1


@pytest.mark.parametrize("name", shapes())
def test_generated_files_in_every_shape(name):
    found = read(shapes()[name])
    assert len(found.rows) > 200 and found.skipped.total() > 5
    assert {row.code for row in found.rows} == set(found.products)


def test_a_real_file_is_read_row_by_row():
    content = real_file()
    found = read(content)
    records = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    kept = Counter(
        (record["InvoiceNo"], record["StockCode"], int(record["Quantity"]))
        for record in records
        if record["StockCode"][:5].isdigit() and int(record["Quantity"]) and float(record["UnitPrice"]) > 0
    )
    assert Counter((row.invoice, row.code, row.quantity) for row in found.rows) == kept
    assert kept.total() + found.skipped.total() == len(records)
    assert all(isinstance(row.date, datetime) for row in found.rows)
