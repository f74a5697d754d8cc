"""Many devices send the same counts again and again; each is recorded once."""

import random
import threading
import uuid
from collections import Counter

from .servers import ServerError, served

CLIENTS, LINES, ENTRIES = 8, 40, 1000


def prepare(admin):
    """A counter with a sheet that is being counted: the sheet's id, and the ids of its lines with their units."""
    group = admin.call("ir.model.data", "check_object_reference", "stock_cycle_count", "group_counter")[1]
    [counter] = admin.call("res.users", "create", [{
        "name": "Counter", "login": "replay_counter", "password": "replay_counter", "groups_id": [(6, 0, [group])]}])
    [warehouse] = admin.call("stock.warehouse", "search_read", [], ["lot_stock_id"], limit=1)
    [location] = admin.call("stock.location", "create", [{
        "name": "Replays", "location_id": warehouse["lot_stock_id"][0]}])
    products = admin.call("product.product", "create", [
        {"name": f"Part {number}", "type": "product"} for number in range(LINES)])
    [sheet] = admin.call("stock.cycle.count", "create", [{
        "warehouse_id": warehouse["id"], "user_id": counter,
        "line_ids": [(0, 0, {"product_id": product, "location_id": location}) for product in products]}])
    lines = admin.call(
        "stock.cycle.count.line", "search_read", [("count_id", "=", sheet)], ["product_uom_id"], order="id")
    return sheet, [(line["id"], f"uom-{line['product_uom_id'][0]}") for line in lines]


def device(client, entries, failures):
    """Send entries as the scanner does: in batches, and again when the server could not take them."""
    rest = list(entries)
    while rest:
        size = random.randint(1, 10)
        batch, rest = rest[:size], rest[size:]
        for _attempt in range(50):
            try:
                verdicts = client.call("stock.cycle.count.scanner", "record", batch)["verdicts"]
            except ServerError as error:
                # Two of them wanted the same rows: the database let one through.
                failures[error.name] += 1
                continue
            again = {verdict["client_key"] for verdict in verdicts if verdict["status"] == "again"}
            failures.update(verdict["text"] for verdict in verdicts if verdict["status"] in ("refused", "question"))
            batch = [entry for entry in batch if entry["client_key"] in again]
            if not batch:
                break
        else:
            failures["gave up"] += 1


def test_counts_that_are_sent_twice_by_many_at_once_are_recorded_once(database, tmp_path):
    with served(database, tmp_path / "odoo.log") as login:
        admin = login("admin", "admin")
        sheet, lines = prepare(admin)
        counter = login("replay_counter", "replay_counter")
        counter.call("stock.cycle.count.scanner", "act", {"count_id": sheet}, "start")
        expected, entries = Counter(), []
        for _number in range(ENTRIES):
            line, unit = random.choice(lines)
            quantity = random.randint(1, 9)
            expected[line] += quantity
            entries.append({
                "client_key": str(uuid.uuid4()), "kind": "add", "line_id": line, "parts": [(unit, quantity)], "age": 0})
        twice = entries * 2
        random.shuffle(twice)
        failures = Counter()
        threads = [
            threading.Thread(target=device, args=(
                login("replay_counter", "replay_counter"), twice[number::CLIENTS], failures))
            for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        recorded = admin.call(
            "stock.cycle.count.entry", "search_read", [("count_id", "=", sheet)], ["client_key", "source"])
        assert len(recorded) == ENTRIES, failures
        assert {entry["client_key"] for entry in recorded} == {entry["client_key"] for entry in entries}
        assert {entry["source"] for entry in recorded} == {"scanner"}
        counted = admin.call("stock.cycle.count.line", "search_read", [("count_id", "=", sheet)], ["counted_qty"])
        assert {line["id"]: line["counted_qty"] for line in counted} == {line: expected[line] for line, _unit in lines}
        assert failures.keys() <= {"psycopg2.errors.SerializationFailure", "psycopg2.errors.DeadlockDetected"}, failures
