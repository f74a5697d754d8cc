"""Eight processes post the same sheets at once, and a server is killed while it posts: every line is posted once."""

import contextlib
import http.client
import os
import random
import re
import signal
import threading
import time
from collections import Counter

import psycopg2
import pytest

from .servers import ServerError, served

pytestmark = pytest.mark.long

PROCESSES, SHEETS, LINES, BOOKED = 8, 3, 12, 20
#: What the database tells one of two who want the same rows; the request is sent again.
CONFLICTS = {"psycopg2.errors.SerializationFailure", "psycopg2.errors.DeadlockDetected", "psycopg2.errors.LockNotAvailable"}
USERS = {"gate_counter": "counter", "gate_supervisor": "supervisor", "gate_controller": "controller"}


class Setting:
    """Counted and closed sheets: a third of their lines is a match, a third within tolerance, a third to be approved."""

    def __init__(self, login, lines=LINES):
        admin = self.admin = login("admin", "admin")
        for name, group in USERS.items():
            group_id = admin.call("ir.model.data", "check_object_reference", "stock_cycle_count", f"group_{group}")[1]
            admin.call("res.users", "create", [{
                "name": name, "login": name, "password": name, "groups_id": [(6, 0, [group_id])]}])
        [warehouse] = admin.call("stock.warehouse", "search_read", [], ["lot_stock_id", "in_type_id"], limit=1)
        [self.place] = admin.call("stock.location", "create", [{
            "name": "Many", "location_id": warehouse["lot_stock_id"][0]}])
        products = admin.call("product.product", "create", [
            {"name": f"Part {number}", "type": "product", "standard_price": 1} for number in range(SHEETS * lines)])
        self._receive(warehouse["in_type_id"][0], products)
        admin.call("res.company", "write", admin.call("res.company", "search", []), {"cycle_count_post_approved": False})
        [loss] = admin.call("stock.cycle.count.reason", "search", [("direction", "in", ("loss", "both"))], limit=1)
        admin.call("stock.cycle.count.tolerance", "write", admin.call(
            "stock.cycle.count.tolerance", "search", []), {"active": False})
        admin.call("stock.cycle.count.tolerance", "create", [{
            "name": "Two", "has_over_qty": True, "over_qty": 2, "has_under_qty": True, "under_qty": 2}])
        counter = login("gate_counter", "gate_counter")
        [counter_id] = admin.call("res.users", "search", [("login", "=", "gate_counter")])
        self.expected, self.differing, self.sheets = {}, set(), []
        for number in range(SHEETS):
            own = products[number * lines:(number + 1) * lines]
            [sheet] = admin.call("stock.cycle.count", "create", [{
                "warehouse_id": warehouse["id"], "user_id": counter_id,
                "line_ids": [(0, 0, {"product_id": product, "location_id": self.place}) for product in own]}])
            self.sheets.append(sheet)
            counter.call("stock.cycle.count", "action_start", [sheet])
            for index, line in enumerate(admin.call(
                    "stock.cycle.count.line", "search_read", [("count_id", "=", sheet)], ["product_id"], order="id")):
                lost = (0, 1, 7.125)[index % 3]
                self.expected[line["product_id"][0]] = BOOKED - lost
                if lost:
                    self.differing.add(line["id"])
                    admin.call("stock.cycle.count.line", "write", [line["id"]], {"reason_id": loss})
                counter.call("stock.cycle.count.line", "write", [line["id"]], {"count_input": str(BOOKED - lost)})
            counter.call("stock.cycle.count", "action_close", [sheet])

    def _receive(self, kind, products):
        admin = self.admin
        [supplier] = admin.call("stock.location", "search", [("usage", "=", "supplier")], limit=1)
        ends = {"location_id": supplier, "location_dest_id": self.place}
        [unit] = {product["uom_id"][0] for product in admin.call("product.product", "read", products, ["uom_id"])}
        admin.call("uom.uom", "write", [unit], {"rounding": 0.001})
        admin.call("decimal.precision", "write", admin.call(
            "decimal.precision", "search", [("name", "=", "Product Unit of Measure")]), {"digits": 3})
        [picking] = admin.call("stock.picking", "create", [{
            **ends, "picking_type_id": kind, "move_ids": [(0, 0, {
                **ends, "name": "Stock", "product_id": product, "product_uom": unit, "product_uom_qty": BOOKED})
                for product in products]}])
        admin.call("stock.picking", "action_confirm", [picking])
        assert admin.call("stock.picking", "button_validate", [picking]) is True

    def waiting(self, client):
        return client.call("stock.cycle.count.line", "search", [
            ("count_id", "in", self.sheets), ("state", "=", "to_approve")])

    def is_done(self, client):
        return client.call("stock.cycle.count", "search_count", [
            ("id", "in", self.sheets), ("state", "=", "done")]) == SHEETS

    def check(self, database):
        """On hand is what was counted, each difference was posted by one move, and the sheets are done."""
        with contextlib.closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT product_id, SUM(quantity)::text FROM stock_quant WHERE location_id = %s GROUP BY 1", [self.place])
            on_hand = {product: float(quantity) for product, quantity in cursor.fetchall()}
            cursor.execute("SELECT cycle_count_line_id FROM stock_move WHERE cycle_count_line_id IS NOT NULL"
                           " AND state = 'done'")
            moves = Counter(line for [line] in cursor.fetchall())
            cursor.execute("SELECT state, COUNT(*) FROM stock_cycle_count_line GROUP BY 1")
            states = dict(cursor.fetchall())
            cursor.execute("SELECT DISTINCT state FROM stock_cycle_count")
            sheets = cursor.fetchall()
        assert on_hand == self.expected
        assert moves == Counter(self.differing)
        assert states == {"posted": len(self.expected)}
        assert sheets == [("done",)]


def work(setting, clients, failures, patience=300):
    """Approve and finalize in no order until every sheet is done; a lost race is taken up again."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        client = random.choice(clients)
        try:
            if setting.is_done(client):
                return
            waiting = setting.waiting(client)
            chosen = sorted(random.sample(waiting, min(len(waiting), random.randint(1, 15))))
            if chosen:
                client.call("stock.cycle.count.line", "action_approve", chosen, "seen")
            client.call("stock.cycle.count", "action_finalize", [random.choice(setting.sheets)])
        except ServerError as error:
            failures[error.name] += 1
    failures["gave up"] += 1


def run(setting, login):
    """Let as many work at once as there are processes, until every sheet is done."""
    failures = Counter()
    clients = [login(name, name) for name in ("gate_supervisor", "gate_controller")]
    threads = [threading.Thread(target=work, args=(setting, clients, failures)) for _number in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A decision that somebody else made first is refused, and so is a sheet that is done.
    assert failures.keys() <= CONFLICTS | {"odoo.exceptions.UserError"}, failures


def test_what_eight_processes_approve_and_finalize_at_once_is_posted_once(database, tmp_path):
    log = tmp_path / "odoo.log"
    with served(database, log, workers=PROCESSES) as login:
        setting = Setting(login)
        run(setting, login)
    setting.check(database)
    workers = re.findall(r"^\S+ \S+ (\d+) .*/action_(?:approve|finalize) ", log.read_text(), re.MULTILINE)
    assert len(set(workers)) == PROCESSES, Counter(workers)


class Watch:
    """What the database knows of transactions that are open on it."""

    def __init__(self, database):
        self.database = database

    def query(self, query, *params):
        with contextlib.closing(psycopg2.connect(dbname=self.database)) as connection, connection.cursor() as cursor:
            cursor.execute(query, params)
            return cursor.fetchall()

    def writers(self, table):
        """``[(process, state)]`` of the transactions that have written on a table and are not committed."""
        return self.query(
            """
            SELECT lock.pid, activity.state
              FROM pg_locks lock JOIN pg_stat_activity activity ON activity.pid = lock.pid
             WHERE lock.relation = %s::regclass AND lock.mode = 'RowExclusiveLock' AND lock.granted
               AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, table)

    def wait(self, condition):
        """The first answer of a condition that is not empty."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = condition()
            if answer:
                return answer
            time.sleep(0.002)
        raise AssertionError("it did not come to that")

    def posted(self):
        """Numbers of moves and of lines that are posted, as anybody else sees them."""
        return self.query("""
            SELECT (SELECT COUNT(*) FROM stock_move WHERE cycle_count_line_id IS NOT NULL),
                   (SELECT COUNT(*) FROM stock_cycle_count_line WHERE state = 'posted')""")[0]

    def last_move(self):
        """Id of the last move that anybody made, committed or not: sequences do not roll back."""
        return self.query("SELECT last_value FROM stock_move_id_seq")[0][0]


def kill_while_posting(setting, watch, login, table):
    """Finalize, and kill the server at a moment at which it has written on a table and not committed."""
    supervisor = login("gate_supervisor", "gate_supervisor")
    before, settled = watch.last_move(), watch.posted()
    assert settled == (0, len(setting.expected) - len(setting.differing)), "what agrees settled when its sheet was closed"

    def finalize():
        with contextlib.suppress(OSError, http.client.HTTPException):
            supervisor.call("stock.cycle.count", "action_finalize", setting.sheets)

    request = threading.Thread(target=finalize)
    request.start()
    watch.wait(lambda: watch.writers(table))
    # A process that is stopped commits nothing: what its transaction is at now is what the kill finds.
    os.killpg(login.process.pid, signal.SIGSTOP)
    [process] = watch.wait(
        lambda: [pid for pid, state in watch.writers(table) if state.startswith("idle in transaction")])
    assert watch.last_move() >= before + len(setting.differing)
    os.killpg(login.process.pid, signal.SIGKILL)
    login.process.wait()
    request.join()
    watch.wait(lambda: not watch.query("SELECT 1 FROM pg_stat_activity WHERE pid = %s", process))
    assert watch.posted() == settled, "half of it is there"


def test_a_server_killed_while_it_posts_leaves_nothing_half_done(database, tmp_path):
    watch = Watch(database)
    with served(database, tmp_path / "odoo.log") as login:
        setting = Setting(login)
        supervisor = login("gate_supervisor", "gate_supervisor")
        supervisor.call("stock.cycle.count.line", "action_approve", setting.waiting(supervisor), "seen")
        # Once when the moves are there, and once when quantities are written.
        kill_while_posting(setting, watch, login, "stock_move")
    with served(database, tmp_path / "killed.log") as login:
        kill_while_posting(setting, watch, login, "stock_quant")
    with served(database, tmp_path / "again.log") as login:
        run(setting, login)
    setting.check(database)
