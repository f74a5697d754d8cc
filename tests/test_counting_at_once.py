"""Many people count one sheet at once: nothing is lost or counted twice, nothing is counted after the end, one starts it."""

import random
import threading
import uuid
from collections import Counter

import pytest

from .conftest import copied
from .servers import ServerError, served

CLIENTS = 8
SCANS = 3
#: Entries that are sent twice.
REPLAYS = 300
#: What Odoo answers when it has tried five times; the device sends the same again.
AGAIN = {"psycopg2.errors.SerializationFailure", "psycopg2.errors.DeadlockDetected"}


class Floor:
    """A served database with counters, and sheets for them."""

    def __init__(self, login, log):
        self.login, self.log = login, log
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
        """A sheet with so many lines: its id, and the unit of each line as devices name it, by the line's id."""
        products = self.admin.call("product.product", "create", [
            {"name": f"Part {number}", "type": "product"} for number in range(size)])
        sheet = self.admin.call("stock.cycle.count", "create", {
            "warehouse_id": self.warehouse["id"], "user_id": user,
            "line_ids": [(0, 0, {"product_id": product, "location_id": self.location}) for product in products]})
        lines = self.admin.call(
            "stock.cycle.count.line", "search_read", [("count_id", "=", sheet)], ["product_uom_id"], order="id")
        return sheet, {line["id"]: f"uom-{line['product_uom_id'][0]}" for line in lines}

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
            "stock.cycle.count.entry", "search_read", [("line_id", "in", list(lines))],
            ["line_id", "quantity", "client_key", "source"])

    def read(self, lines, *names):
        return self.admin.call("stock.cycle.count.line", "read", list(lines), names)


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    log = tmp_path_factory.mktemp("floor") / "odoo.log"
    with copied("STOCK_CYCLE_COUNT_TEMPLATE") as database, served(database, log) as login:
        yield Floor(login, log)


def entry(line, unit, quantity=1, kind="add"):
    return {"client_key": str(uuid.uuid4()), "kind": kind, "line_id": line, "parts": [(unit, quantity)], "age": 0}


def send(client, batch, answers):
    """Send entries until the server has an answer to each; count the answers."""
    for _attempt in range(50):
        try:
            verdicts = client.call("stock.cycle.count.scanner", "record", batch)["verdicts"]
        except ServerError as error:
            answers[error.name] += 1
            continue
        again = {verdict["client_key"] for verdict in verdicts if verdict["status"] == "again"}
        answers.update(verdict["status"] for verdict in verdicts)
        batch = [one for one in batch if one["client_key"] in again]
        if not batch:
            return
    answers["gave up"] += 1


def send_all(client, entries, answers):
    """Send entries as the scanner does: in batches."""
    while entries:
        size = random.randint(1, 10)
        send(client, entries[:size], answers)
        entries = entries[size:]


def test_one_of_eight_starts_a_sheet_that_nobody_has(floor):
    sheet, _units = floor.make_sheet(1)
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


def test_eight_count_lines_of_their_own_and_none_waits(floor):
    sheet, units = floor.make_sheet(CLIENTS * 10, floor.counters[0])
    floor.start(sheet)
    answers, conflicts = Counter(), floor.conflicts()

    def count_own(client, number):
        for line in list(units)[number::CLIENTS]:
            send(client, [entry(line, units[line], 3, "set")], answers)

    floor.at_once(count_own)
    assert answers == {"done": len(units)}
    assert floor.conflicts() == conflicts
    assert {line["counted_qty"] for line in floor.read(units, "counted_qty")} == {3}
    [read] = floor.admin.call("stock.cycle.count", "read", [sheet], ["counted_count", "progress"])
    assert (read["counted_count"], read["progress"]) == (len(units), 100)


def test_every_piece_that_eight_scan_onto_one_line_counts(floor):
    sheet, units = floor.make_sheet(1, floor.counters[0])
    floor.start(sheet)
    answers = Counter()

    def scan_same(client, number):
        for _scan in range(SCANS):
            send(client, [entry(*item) for item in units.items()], answers)

    floor.at_once(scan_same)
    assert answers["done"] == CLIENTS * SCANS, answers
    assert answers.keys() <= {"done", *AGAIN}
    assert [line["counted_qty"] for line in floor.read(units, "counted_qty")] == [CLIENTS * SCANS]


def test_one_closes_while_the_others_count(floor):
    """What was taken is in the result, what came too late was refused."""
    sheet, units = floor.make_sheet(CLIENTS * 10, floor.counters[0])
    floor.start(sheet)
    answers = Counter()
    send_all(floor.clients[0], [entry(*item) for item in units.items()], answers)

    def close_or_count(client, number):
        if number:
            for line in list(units)[number::CLIENTS]:
                send(client, [entry(line, units[line])], answers)
            return
        for _attempt in range(50):
            try:
                client.call("stock.cycle.count.scanner", "act", {"count_id": sheet}, "close")
                break
            except ServerError as error:
                answers[error.name] += 1

    floor.at_once(close_or_count)
    assert answers.keys() <= {"done", "refused", *AGAIN}, answers
    [closed] = floor.admin.call("stock.cycle.count", "read", [sheet], ["state"])
    assert closed["state"] == "review", answers
    totals = Counter()
    for one in floor.entries(units):
        totals[one["line_id"][0]] += one["quantity"]
    for line in floor.read(units, "counted_qty", "variance_qty", "state", "adjustment_qty", "verdict"):
        assert line["counted_qty"] == line["variance_qty"] == line["adjustment_qty"] == totals[line["id"]]
        assert (line["state"], line["verdict"]) == ("to_approve", "approval")


def test_what_devices_send_twice_is_recorded_once(floor):
    sheet, units = floor.make_sheet(40, floor.counters[0])
    floor.clients[0].call("stock.cycle.count.scanner", "act", {"count_id": sheet}, "start")
    entries = [entry(*random.choice(list(units.items())), random.randint(1, 9)) for _number in range(REPLAYS)]
    twice = entries * 2
    random.shuffle(twice)
    answers = Counter()
    threads = [
        threading.Thread(target=send_all, args=(floor.login("at_once_0", "at_once_0"), twice[number::CLIENTS], answers))
        for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    recorded = floor.entries(units)
    assert len(recorded) == REPLAYS, answers
    assert {one["client_key"] for one in recorded} == {one["client_key"] for one in entries}
    assert {one["source"] for one in recorded} == {"scanner"}
    expected = Counter()
    for one in entries:
        expected[one["line_id"]] += one["parts"][0][1]
    assert {line["id"]: line["counted_qty"] for line in floor.read(units, "counted_qty")} == {
        line: expected[line] for line in units}
    assert answers.keys() <= {"done", "again", *AGAIN}, answers
