"""Sales files for tests: generated ones of several shapes, and a real one where there is one."""

import csv
import io
import os
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from odoo.tests import TransactionCase

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
UK_DATES, ISO_TIMES = "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S"


class SalesCase(TransactionCase):
    """Files are loaded into the company that an installation finds, whatever other tests had made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.company_id = cls.env.ref("base.main_company")


def real_file():
    """The real file that STOCK_CYCLE_COUNT_DATA names, or the first one in ../shared/data; skips without one."""
    named = os.environ.get("STOCK_CYCLE_COUNT_DATA")
    files = [Path(named)] if named else sorted((ROOT.parent / "shared" / "data").glob("*.csv"))
    if not files:
        pytest.skip("no real sales file: STOCK_CYCLE_COUNT_DATA is not set and ../shared/data has no CSV file")
    return files[0].read_bytes()


def sales_file(rows, columns=COLUMNS, delimiter=",", encoding="utf-8"):
    """The bytes of a file with the given rows (dictionaries, or sequences in the order of the columns)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(name, "") for name in columns] if isinstance(row, dict) else row)
    return text.getvalue().encode(encoding)


def generated_rows(products=60, invoices=60, seed=1, dates=UK_DATES):
    """Rows such as a shop writes them: few products sell much, some lines are returns, and some are no goods."""
    chance = random.Random(seed)
    codes = [f"{20000 + 7 * index}{chance.choice(['', '', 'A', 'bl'])}" for index in range(products)]
    prices = [round(chance.lognormvariate(1, 0.9), 2) + 0.05 for _code in codes]
    day = datetime(2010, 12, 1, 8, 26)
    for number in range(invoices):
        day += timedelta(hours=chance.randrange(9))
        returned = chance.random() < 0.1
        common = {
            "InvoiceNo": f"{'C' if returned else ''}{536365 + number}",
            "InvoiceDate": day.strftime(dates),
            "CustomerID": chance.choice(["17850", "12583", ""]),
            "Country": chance.choice(["United Kingdom", "France", "Atlantis"]),
        }
        for _line in range(chance.randrange(1, 9)):
            index = min(int(chance.paretovariate(0.6)) - 1, products - 1)
            if chance.random() < 0.5:
                index = chance.randrange(products)
            yield common | {
                "StockCode": codes[index],
                "Description": chance.choice([f"THING {index}", f"THING {index}", f"THING, {index} (OLD)", ""]),
                "Quantity": (-1 if returned else 1) * chance.choice([1, 2, 6, 12, 48]),
                "UnitPrice": f"{prices[index] * chance.choice([1, 1, 0.85, 1.2]):.2f}",
            }
        noise = chance.random()
        if noise < 0.05:
            yield common | {"StockCode": "POST", "Description": "POSTAGE", "Quantity": 1, "UnitPrice": "18"}
        elif noise < 0.1:
            yield common | {"StockCode": codes[0], "Description": "lost", "Quantity": -3, "UnitPrice": "0"}
        elif noise < 0.15:
            yield common | {"StockCode": codes[1], "Description": "?", "Quantity": "1.5", "UnitPrice": "2"}


def shapes(**size):
    """Generated files in the shapes that such files come in, by name."""
    no_date = [name for name in COLUMNS if name != "InvoiceDate"]
    more = [*COLUMNS[:4], "Discount", *COLUMNS[4:], "Channel"]
    return {
        "day/month/year with a byte order mark": sales_file(generated_rows(seed=1, **size), encoding="utf-8-sig"),
        "no date": sales_file(generated_rows(seed=2, **size), columns=no_date),
        "ISO times and more columns": sales_file(generated_rows(seed=3, dates=ISO_TIMES, **size), columns=more),
        "semicolons and Latin-1": sales_file(generated_rows(seed=4, **size), delimiter=";", encoding="latin-1"),
    }
