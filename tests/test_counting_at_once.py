"""Many people count one sheet at once: nothing is lost, nothing is counted after the end, one of them starts it."""

import threading
import uuid
from collections import Counter

import pytest

from .servers import ServerError, served

CLIENTS = 8
SCANS = 3
#: What Odoo answers when it has tried five times; the device sends the same again.
AGAIN = {"psycopg2.errors.SerializationFailure", "psycopg2.errors.DeadlockDetected"}


class Floor:
    """A served database with counters, and sheets for them."""

    def __init__(self, login, log):
        self.log = log
        self.admin = login("admin", "admin")
        group = self.admin.call("ir.model.data", "check_object_reference", "stock_cycle_count", "group_counter")[1]
        names = [f"at_once_{number}" for number in range(CLIENTS)]
        self.counters = self.admin.call("res.users", "create", [
            {"name": name, "login": name, "password": name, "groups_id": [(6, 0, [group])]} for name in names])
        self.clients = [login(name, name) for name in names]
        [self.warehouse] = self.admin.call("stock.warehouse", "search_read", [], ["lot_stock_id"], limit=1)
        self.location = self.admin.call("stock.location", "create", {
            "name": "At Once", "location_id": self.warehouse["lot_stock_id"][0]})

    def make_sheet(self, size, user=None):
        """A sheet with so many lines: its id, and the ids of its lines."""
        products = self.admin.call("product.product", "create", [
            {"name": f"Part {number}", "type": "product"} for number in range(size)])
        sheet = self.admin.call("stock.cycle.count", "create", {
            "warehouse_id": self.warehouse["id"], "user_id": user,
            "line_ids": [(0, 0, {"product_id": product, "location_id": self.location}) for product in products]})
        return sheet, self.admin.call("stock.cycle.count.line", "search", [("count_id", "=", sheet)], order="id")

    def start(self, sheet):
        """Let the first counter start a sheet and all others join it."""
        self.clients[0].call("stock.cycle.count.scanner", "act", {"count_id": sheet}, "start")
        for client in self.clients[1:]:
            client.call("stock.cycle.count.scanner", "act", {"count_id": sheet}, "join")

    def at_once(self, work):
        """Let every client do its work at the same time: ``work(client, number)``."""
        gate = threading.Barrier(CLIENTS)

        def run(client, number):
            gate.wait()
            work(client, number)

        threads = [threading.Thread(target=run, args=item) for item in zip(self.clients, range(CLIENTS))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def conflicts(self):
        """How often requests ran into each other and were tried again by the server."""
        return self.log.read_text().count("SERIALIZATION_FAILURE")

    def entries(self, lines):
        """Entries of lines, as they are in the database."""
        return self.admin.call(
            "stock.cycle.count.entry", "search_read", [("line_id", "in", lines)], ["line_id", "quantity", "date"])

    def read(self, lines, *names):
        return self.admin.call("stock.cycle.count.line", "read", lines, names)


@pytest.fixture
def floor(database, tmp_path):
    log = tmp_path / "odoo.log"
    with served(database, log) as login:
        yield Floor(login, log)


def entry(line, quantity=1, kind="add"):
    return {"client_key": str(uuid.uuid4()), "kind": kind, "line_id": line, "parts": [(None, quantity)], "age": 0}


def send(client, entries, units, answers):
    """Send entries until the server has an answer to each; count the answers."""
    batch = [dict(one, parts=[(units[one["line_id"]], one["parts"][0][1])]) for one in entries]
    for _attempt in range(50):
        try:
            verdicts = client.call("stock.cycle.count.scanner", "record", batch)["verdicts"]
        except ServerError as error:
            answers[error.name] += 1
            continue
        answers.update(verdict["status"] for verdict in verdicts)
        again = {verdict["client_key"] for verdict in verdicts if verdict["status"] == "again"}
        batch = [one for one in batch if one["client_key"] in again]
        if not batch:
            return
    answers["gave up"] += 1


def test_counting_at_once(floor):
    units = {}

    def make(size, user=None):
        sheet, lines = floor.make_sheet(size, user)
        units.update((line["id"], f"uom-{line['product_uom_id'][0]}") for line in floor.read(lines, "product_uom_id"))
        return sheet, lines

    # Eight start a sheet that nobody has: one of them gets it, the others hear so.
    sheet, lines = make(1)
    outcomes = Counter()

    def start(client, number):
        try:
            client.call("stock.cycle.count", "action_start", [sheet])
            outcomes["started"] += 1
        except ServerError as error:
            outcomes[error.name] += 1

    floor.at_once(start)
    assert outcomes["started"] == 1, outcomes
    [started] = floor.admin.call("stock.cycle.count", "read", [sheet], ["state", "user_id", "activity_ids"])
    assert started["state"] == "in_progress"
    assert started["user_id"][0] in floor.counters
    assert len(started["activity_ids"]) == 1

    # Eight count lines of their own on one sheet: none waits for another.
    sheet, lines = make(CLIENTS * 10, floor.counters[0])
    floor.start(sheet)
    answers, conflicts = Counter(), floor.conflicts()

    def count_own(client, number):
        for line in lines[number::CLIENTS]:
            send(client, [entry(line, 3, "set")], units, answers)

    floor.at_once(count_own)
    assert answers == {"done": len(lines)}
    assert floor.conflicts() == conflicts
    assert {line["counted_qty"] for line in floor.read(lines, "counted_qty")} == {3}
    [read] = floor.admin.call("stock.cycle.count", "read", [sheet], ["counted_count", "progress"])
    assert (read["counted_count"], read["progress"]) == (len(lines), 100)

    # Eight scan pieces onto the same line: every piece counts.
    [same] = lines[:1]
    answers = Counter()

    def scan_same(client, number):
        for _scan in range(SCANS):
            send(client, [entry(same)], units, answers)

    floor.at_once(scan_same)
    assert answers["done"] == CLIENTS * SCANS, answers
    assert answers.keys() <= {"done", *AGAIN}
    assert floor.read([same], "counted_qty")[0]["counted_qty"] == 3 + CLIENTS * SCANS

    # One closes while the others count: what was taken is in the result, what came too late was refused.
    answers = Counter()

    def close_or_count(client, number):
        if number:
            for line in lines[number::CLIENTS]:
                send(client, [entry(line)], units, answers)
        else:
            for _attempt in range(50):
                try:
                    client.call("stock.cycle.count.scanner", "act", {"count_id": sheet}, "close")
                    break
                except ServerError as error:
                    answers[error.name] += 1

    floor.at_once(close_or_count)
    assert answers.keys() <= {"done", "refused", *AGAIN}, answers
    [closed] = floor.admin.call("stock.cycle.count", "read", [sheet], ["state"])
    assert closed["state"] == "review"
    totals = Counter()
    for one in floor.entries(lines):
        totals[one["line_id"][0]] += one["quantity"]
    for line in floor.read(lines, "counted_qty", "variance_qty", "state", "adjustment_qty", "verdict"):
        assert line["counted_qty"] == line["variance_qty"] == line["adjustment_qty"] == totals[line["id"]]
        assert (line["state"], line["verdict"]) == ("to_approve", "approval")
