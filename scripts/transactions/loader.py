"""A read sales file into one warehouse of an Odoo database: stock first, then every invoice.

Nothing is done twice: what the database already holds decides what is left to do. A row of the file is
loaded when a done move of the loader has its invoice, product and signed quantity; files may overlap, and a
run that was killed is completed by the next one. All moves of the loader in a warehouse carry one
procurement group, by which it tells its own moves from other people's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

from odoo import fields
from odoo.api import Environment
from odoo.fields import Command

from . import masterdata
from .layout import Layout
from .reader import Row, Transactions

# Rows in one transaction.
CHUNK = 250
RECEIPT_ORIGIN = "Opening stock"
NO_NUMBER = "No invoice number"
# Of what is sold, this part again is received and stays on the shelf to be counted.
SPARE = 4

Run = Callable[[Callable[[], object]], object]
Report = Callable[[str, int, int], None]
Place = tuple[int, int]  # product id, bin id
Line = tuple[Place, int, datetime]  # the place, the quantity, when it moved


@dataclass
class Result:
    """What one run has added."""

    warehouse_id: int
    products: int = 0
    received_lines: int = 0
    loaded_rows: int = 0
    known_rows: int = 0
    first_date: datetime | None = None


@dataclass
class Picking:
    """One document to be: an invoice's deliveries, its returns, or a receipt."""

    origin: str
    kind: str  # "out", "return" or "in"
    date: datetime
    country: str = ""
    lines: list[Line] = field(default_factory=list)


def load(
    env: Environment,
    transactions: Transactions,
    warehouse_name: str,
    run: Run,
    report: Report = lambda step, done, total: None,
    layout: Layout | None = None,
) -> Result:
    """Loads a file into the warehouse of that name, which is created when there is none.

    :param run: calls the function it is given, as one transaction; each call is one chunk of the work
    :param report: is told the step, how much of it is done and of how much
    :raises odoo.exceptions.UserError: when products in the database stand in the way; nothing is written then
    """
    return _Loader(env, transactions, layout or Layout(), run, report).load(warehouse_name)


class _Loader:
    """The state of one run: ids of what the moves refer to, found or created on the way."""

    def __init__(self, env, transactions, layout, run, report):
        quiet = {"tracking_disable": True, "mail_create_nolog": True, "mail_notrack": True}
        self.env = env(context=dict(env.context, **quiet))
        self.transactions = transactions
        self.layout = layout
        self.run = run
        self.report = report
        # A file without dates is sold today; one moment for the whole run.
        self.now = fields.Datetime.now()

    def load(self, warehouse_name: str) -> Result:
        """Each step in its own transactions; each finds what an earlier run left and adds the rest."""
        self.run(lambda: self._prepare_warehouse(warehouse_name))
        result = Result(self.warehouse.id)
        result.products = self._create_products()
        rows = self._rows_to_load()
        dates = [row.date or self.now for row in rows]
        result.first_date = min((row.date or self.now for row in self.transactions.rows), default=None)
        result.known_rows = len(self.transactions.rows) - len(rows)
        if rows:
            deliveries = list(self._invoices(rows))
            result.received_lines = self._load_pickings(
                "Receipts", list(self._receipts(deliveries, min(dates) - timedelta(days=1)))
            )
            result.loaded_rows = self._load_pickings("Invoices", deliveries)
        return result

    # What the moves refer to

    def _prepare_warehouse(self, name: str) -> None:
        """Finds or creates all that is not a product or a move, in one transaction."""
        self.warehouse = masterdata.find_or_create_warehouse(self.env, name)
        self.env = self.env(context=dict(self.env.context, allowed_company_ids=self.warehouse.company_id.ids))
        self.product_ids = masterdata.find_products(self.env, self.warehouse, self.transactions.products)
        self.bin_ids = masterdata.find_or_create_bins(self.env, self.warehouse, self.layout)
        countries = {row.country for row in self.transactions.rows}
        self.customer_ids = masterdata.find_or_create_customers(self.env, self.warehouse, countries)
        groups = self.env["procurement.group"]
        # By the id: a warehouse may be renamed, and its moves must be known again.
        name = f"Sales of warehouse {self.warehouse.id}"
        self.group = groups.search([("name", "=", name)], limit=1) or groups.create({"name": name})

    def _create_products(self) -> int:
        """Adds the products that are missing; those that exist keep their price and cost."""
        missing = [item for code, item in self.transactions.products.items() if code not in self.product_ids]
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            self.product_ids |= self.run(lambda chunk=chunk: masterdata.create_products(self.env, chunk))
            self.report("Products", start + len(chunk), len(missing))
        return len(missing)

    # What is left to do

    def _rows_to_load(self) -> list[Row]:
        """The rows of the file that no done move stands for yet, oldest first."""
        moves = self.env["stock.move"].search_fetch(
            [("group_id", "=", self.group.id), ("state", "=", "done")],
            ["origin", "product_id", "product_uom_qty", "location_dest_id"],
        )
        known = Counter()
        for move in moves:
            sign = 1 if move.location_dest_id.usage == "customer" else -1
            known[move.origin, move.product_id.id, sign * move.product_uom_qty] += 1
        rows = []
        for row in self.transactions.rows:
            key = (row.invoice or NO_NUMBER, self.product_ids[row.code], row.quantity)
            if known[key]:
                known[key] -= 1
            else:
                rows.append(row)
        return sorted(rows, key=lambda row: row.date or self.now)

    def _invoices(self, rows: list[Row]) -> Iterator[Picking]:
        """A picking for what an invoice sold, and one for what it took back, in the order of the rows."""
        pickings = {}
        for row in rows:
            kind = "out" if row.quantity > 0 else "return"
            date = row.date or self.now
            origin = row.invoice or NO_NUMBER
            picking = pickings.setdefault((origin, kind), Picking(origin, kind, date, row.country))
            picking.lines.append((self._place(row), abs(row.quantity), date))
        yield from pickings.values()

    def _place(self, row: Row) -> Place:
        """From which of its bins a row is picked: sales take turns, returns go to the first one."""
        bins = self.layout.bins_of(row.code)
        turn = crc32(row.invoice.encode()) % len(bins) if row.quantity > 0 else 0
        return self.product_ids[row.code], self.bin_ids[bins[turn].name]

    def _receipts(self, deliveries: list[Picking], date: datetime) -> Iterator[Picking]:
        """One receipt a zone of what is missing for the deliveries, sold or still to be sold.

        What must have been received follows from all that has been and will be sold, so that a run that
        was killed between two receipts, or a second file, only adds the difference.
        """
        sold = self._moved("location_id", "location_dest_id.usage", "customer")
        received = self._moved("location_dest_id", "location_id.usage", "supplier")
        for delivery in deliveries:
            if delivery.kind == "out":
                for place, quantity, _date in delivery.lines:
                    sold[place] += quantity
        zones = {self.bin_ids[place.name]: place.zone for place in self.layout.bins}
        receipts = {}
        for place in sorted((place for place in sold if place[1] in zones), key=lambda place: (place[1], place[0])):
            missing = sold[place] + -(-sold[place] // SPARE) - received[place]
            if missing > 0:
                zone = zones[place[1]]
                receipt = receipts.setdefault(zone, Picking(f"{RECEIPT_ORIGIN}, zone {zone}", "in", date))
                receipt.lines.append((place, int(missing), date))
        yield from receipts.values()

    def _moved(self, bin_field: str, other_side: str, usage: str) -> Counter[Place]:
        """How much the loader has moved between the bins and the locations of that usage."""
        groups = self.env["stock.move.line"]._read_group(
            [("move_id.group_id", "=", self.group.id), ("state", "=", "done"), (other_side, "=", usage)],
            ["product_id", bin_field],
            ["quantity:sum"],
        )
        return Counter({(product.id, location.id): quantity for product, location, quantity in groups})

    # Moving

    def _load_pickings(self, step: str, pickings: list[Picking]) -> int:
        """Records the pickings in chunks of whole pickings, one transaction each."""
        total = sum(len(picking.lines) for picking in pickings)
        done, chunk, size = 0, [], 0
        for position, picking in enumerate(pickings, start=1):
            chunk.append(picking)
            size += len(picking.lines)
            if size >= CHUNK or position == len(pickings):
                self.run(lambda chunk=chunk: self._record(chunk))
                done += size
                chunk, size = [], 0
                self.report(step, done, total)
        return done

    def _record(self, pickings: list[Picking]) -> None:
        """Writes the pickings down as done, with their moves and move lines.

        They are created in the state *done* with the dates of the file, as Odoo does for a line that is added
        to a finished transfer: quants and valuation follow, nothing is reserved and freed again for each line,
        and nothing is stamped with the present.
        """
        types = {
            "out": self.warehouse.out_type_id,
            "return": self.warehouse.out_type_id.return_picking_type_id or self.warehouse.in_type_id,
            "in": self.warehouse.in_type_id,
        }
        stock = self.warehouse.lot_stock_id
        customers, suppliers = self.env["stock.warehouse"]._get_partner_locations()
        ways = {"out": (stock, customers), "return": (customers, stock), "in": (suppliers, stock)}
        documents = self.env["stock.picking"].create(
            [
                {
                    "picking_type_id": types[picking.kind].id,
                    "location_id": ways[picking.kind][0].id,
                    "location_dest_id": ways[picking.kind][1].id,
                    "partner_id": self.customer_ids.get(picking.country),
                    "origin": picking.origin,
                    "date": picking.date,
                    "scheduled_date": picking.date,
                    "date_done": picking.date,
                    "company_id": self.warehouse.company_id.id,
                }
                for picking in pickings
            ]
        )
        ids = {line[0][0] for picking in pickings for line in picking.lines}
        products = {product.id: product for product in self.env["product.product"].browse(ids)}
        self.env["stock.move"].create(
            [
                self._prepare_move_vals(document, line, products[line[0][0]])
                for document, picking in zip(documents, pickings, strict=True)
                for line in picking.lines
            ]
        )

    def _prepare_move_vals(self, document, line: Line, product) -> dict:
        """The values of a done move with its one line, picked from or put into the bin."""
        (_product_id, bin_id), quantity, date = line
        source, target = document.location_id, document.location_dest_id
        stock = self.warehouse.lot_stock_id
        common = {"product_id": product.id, "company_id": document.company_id.id, "date": date, "picked": True}
        move_line = common | {
            "picking_id": document.id,
            "product_uom_id": product.uom_id.id,
            "quantity": quantity,
            "location_id": bin_id if source == stock else source.id,
            "location_dest_id": bin_id if target == stock else target.id,
        }
        return common | {
            "state": "done",
            "name": product.display_name,
            "origin": document.origin,
            "picking_id": document.id,
            "picking_type_id": document.picking_type_id.id,
            "warehouse_id": self.warehouse.id,
            "group_id": self.group.id,
            "partner_id": document.partner_id.id,
            "product_uom": product.uom_id.id,
            "product_uom_qty": quantity,
            "location_id": source.id,
            "location_dest_id": target.id,
            "move_line_ids": [Command.create(move_line)],
        }
