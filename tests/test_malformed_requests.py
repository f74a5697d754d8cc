"""Whatever is sent to the scanner, to imports, files and wizards, by whomever: an answer or a clear refusal comes back.

The suite sends some hundreds of requests; the long tier 10,000.
"""

import contextlib
import copy
import re
from collections import Counter

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from odoo.exceptions import UserError
from odoo.http import Request
from odoo.service.model import _as_validation_error
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.stock_cycle_count.controllers import count_file
from odoo.addons.stock_cycle_count.tests.common_scanner import ScannerCase

#: What no sentence to people says.
UNCLEAR = re.compile(r"traceback|psycopg|object has no|keyerror|nonetype|expected singleton|unhashable|not iterable", re.I)
#: Values that break what does not look at them.
NASTY = st.sampled_from([
    None, True, False, 0, -1, 1, 2 ** 31, 2 ** 63, 10 ** 400, -(10 ** 20), 0.5, float("nan"), float("inf"), 1e308, "", " ", "0",
    "²", "uom-²", "uom-99999999999999", "-", "a\0b", "\ud800", "x" * 9000, "9" * 5000, "0001-01-01 00:00:00",
    "9999-12-31 23:59:59", "2024-02-30", "12:30", "=1+1", "%s", "%(name)s", "{}", "'; DROP TABLE x; --", "id", "import-1",
    [], {}, [[]], [None], {"id": 1}, [1, 2, 3], {"a": {"b": [1]}}, [[6, 0, ["x"]]], [[4, 2 ** 40]], [[0, 0, {}]], [[9]],
])
JSON = st.recursive(
    NASTY | st.text(max_size=20) | st.integers() | st.floats(), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(max_size=8), inner, max_size=4), max_leaves=8)


@st.composite
def broken(draw, valid):
    """A valid request of which something is replaced by anything, left out or added."""
    if isinstance(valid, dict) and valid:
        result = dict(valid)
        for _time in range(draw(st.integers(1, 3))):
            name = draw(st.sampled_from(sorted(valid)))
            action = draw(st.integers(0, 3))
            if action == 0:
                result.pop(name, None)
            elif action == 1 and isinstance(valid[name], (dict, list)):
                result[name] = draw(broken(valid[name]))
            else:
                result[name] = draw(JSON)
        return result
    if isinstance(valid, list) and valid:
        index = draw(st.integers(0, len(valid) - 1))
        return [*valid[:index], draw(broken(valid[index]) | JSON), *valid[index + 1:]]
    return draw(JSON)


@tagged("standard", "post_install", "-at_install")
class TestMalformedRequests(ScannerCase):

    requests = 60
    senders = ("counter", "worker", "supervisor", "controller", "manager", "outsider")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = [getattr(cls, role) for role in cls.senders]
        cls.supervisor_sheet = cls.make_sheet((cls.other_product, cls.bin_c), user=cls.supervisor, start=True)
        cls.tolerance = cls.env["stock.cycle.count.tolerance"].search([], limit=1) or cls.env[
            "stock.cycle.count.tolerance"].create(
                {"name": "Some", "company_id": cls.company.id, "no_over_limit": True, "no_under_limit": True})
        cls.env.flush_all()

    def _send(self, strategy, call):
        """Send requests as each role.

        :param call: called with an environment and a request
        """
        seen = Counter()

        @settings(
            max_examples=self.requests, deadline=None, derandomize=True, database=None, phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(self.people), strategy)
        def run(user, request):
            env = self.env(user=user.id, su=False, context={
                "lang": "en_US", "tz": "Pacific/Auckland", "allowed_company_ids": user.company_ids.ids})
            savepoint = self.cr.savepoint(flush=False)
            try:
                call(env, request)
                env.flush_all()
                seen["answered"] += 1
            except psycopg2.IntegrityError as error:
                # What the server makes of these for every client, whatever was called.
                savepoint.rollback()
                self.assertIsNone(UNCLEAR.search(str(_as_validation_error(env, error))))
                seen["refused"] += 1
            except UserError as error:
                self.assertTrue(str(error).strip())
                self.assertIsNone(UNCLEAR.search(str(error)), str(error))
                seen["refused"] += 1
            finally:
                savepoint.close(rollback=True)
                self.cr.clear()

        with mute_logger("odoo.sql_db", "odoo.addons.stock_cycle_count.models.gate.stock_cycle_count_audit_log"):
            run()
        self.assertTrue(seen["answered"], seen)
        return seen

    def _get_entry(self, **values):
        return {
            "client_key": "a-key", "kind": "add", "age": 3, "line_id": self.line.id, "count_id": self.sheet.id,
            "location_id": self.bin_a.id, "product_id": self.product.id, "lot_name": "", "package_id": False,
            "parts": [[f"uom-{self.product.uom_id.id}", 2]], "confirmed": True, "undone_key": "other", "reason": "x", **values}

    def test_scanner_screens(self):
        state = {"screen": "location", "count_id": self.sheet.id, "location_id": self.bin_a.id, "package_id": False,
                 "product_id": self.product.id}
        states = broken(state) | JSON
        codes = JSON | st.sampled_from([self.bin_a.barcode, self.sheet.name, self.lot.name, "PAINT", "DRILL", "BOX12"])
        actions = JSON | st.sampled_from(["start", "join", "take_over", "close", "close_anyway"])
        calls = st.tuples(st.just("show"), states) | st.tuples(st.just("scan"), states, codes) | st.tuples(
            st.just("act"), states, actions)
        self._send(calls, lambda env, call: getattr(env["stock.cycle.count.scanner"], call[0])(*call[1:]))

    def test_scanner_codes_of_other_nomenclatures(self):
        self.company.nomenclature_id = self.env.ref("barcodes_gs1_nomenclature.default_gs1_nomenclature")
        parts = st.lists(st.sampled_from(
            ["01", "10", "17", "21", "3100", "99", "00", "\x1d", "2990000000019", "240230", "000000", "999999", "A", "²", "\0"]),
            max_size=6).map("".join)
        state = {"screen": "location", "count_id": self.sheet.id, "location_id": self.bin_a.id}
        self._send(parts, lambda env, code: env["stock.cycle.count.scanner"].scan(dict(state), code))

    def test_scanner_entries(self):
        """One bad entry holds back none of its batch."""
        entries = st.lists(broken(self._get_entry()) | broken(self._get_entry(line_id=False)) | JSON, max_size=4)
        good = self._get_entry(client_key="good", kind="set", line_id=self.serial_line.id, parts=[
            [f"uom-{self.serial_product.uom_id.id}", 1]])

        def call(env, entries):
            mine = env.user == self.counter
            answer = env["stock.cycle.count.scanner"].record([*entries, good])
            self.assertEqual(len(answer["verdicts"]), len(entries) + 1)
            for verdict in answer["verdicts"]:
                self.assertIn(verdict["status"], ("done", "refused", "question", "again"))
                self.assertIsNone(UNCLEAR.search(verdict["text"]), verdict)
                self.assertTrue(verdict["text"] or verdict["status"] in ("done", "again"))
            touched = any(isinstance(entry, dict) and (
                entry.get("line_id") == self.serial_line.id or entry.get("client_key") == "good") for entry in entries)
            if mine and not touched:
                self.assertEqual(answer["verdicts"][-1]["status"], "done", answer["verdicts"][-1])

        self._send(entries, call)
        self._send(JSON.filter(lambda value: not isinstance(value, list)) | st.just([]), lambda env, value: env[
            "stock.cycle.count.scanner"].record(value))

    def test_imports(self):
        columns = ["id", "count_id", "location_id", "product_id", "lot_id", "count_input", "late_date", "skip_reason", "note"]
        cells = JSON | st.sampled_from([
            str(self.line.id), self.sheet.name, self.bin_a.display_name, self.product.name, self.lot.name, "3", "3x12+5"])
        rows = st.lists(st.lists(cells, min_size=1, max_size=9), min_size=1, max_size=4)
        files = st.tuples(st.permutations(columns) | broken(columns), rows | broken([["1", "2"]])) | st.tuples(JSON, JSON)
        contexts = JSON | st.just(self.sheet.id)

        def call(env, request):
            (names, rows), sheet_id = request
            answer = env["stock.cycle.count.line"].with_context(default_count_id=sheet_id).load(names, rows)
            for message in answer["messages"]:
                self.assertTrue(message["message"])
                self.assertIsNone(UNCLEAR.search(message["message"]), message)

        self._send(st.tuples(files, contexts), call)

    def test_files(self):
        ids = st.sampled_from([
            self.sheet.id, self.supervisor_sheet.id, 0, 1, 10 ** 6, 2 ** 31, 10 ** 21, -1]) | st.integers()

        def call(env, count_id):
            with patched_request(env), contextlib.suppress(HTTPException):
                for extension in ("csv", "xlsx"):
                    count_file.CountFile().download.__wrapped__(count_file.CountFile(), count_id, extension)

        self._send(ids, call)

    def test_wizards(self):
        wizards = {
            "close": ({"count_id": self.sheet.id, "finalize": True}, ("action_close",)),
            "found": ({
                "count_id": self.sheet.id, "location_id": self.bin_a.id, "product_id": self.other_product.id,
                "lot_name": "", "package_id": False, "quantity": "3", "counted_date": False}, ("action_add",)),
            "recount": ({"count_id": self.sheet.id, "line_ids": [[6, 0, self.line.ids]], "user_id": self.second.id},
                        ("action_recount",)),
            "decide": ({"line_ids": [[6, 0, self.line.ids]], "reason_id": False, "comment": "x"},
                       ("action_approve", "action_reject", "action_recount")),
            "backtest": ({"tolerance_id": self.tolerance.id, "days": 30}, ("action_apply",)),
        }
        calls = st.sampled_from(sorted(wizards)).flatmap(lambda name: st.tuples(
            st.just(name), broken(wizards[name][0]) | st.just(wizards[name][0]), st.sampled_from(wizards[name][1])))

        def call(env, request):
            name, values, method = request
            Wizard = env[f"stock.cycle.count.{name}"]
            Wizard.onchange(dict(values), [], dict.fromkeys(Wizard._fields, {}))
            wizard = Wizard.create(dict(values))
            wizard.read()
            getattr(wizard, method)()

        self._send(calls, call)

    def test_records(self):
        """What is made and written by hand, of records that are there or not."""
        plan = self.make_plan()
        key = {"product_id": self.other_product.id, "location_id": self.bin_a.id}
        kinds = {
            "stock.cycle.count": (self.supervisor_sheet, {
                "user_id": self.counter.id, "warehouse_id": self.warehouse.id, "scheduled_date": "2024-05-06", "blind": False,
                "recount_rounds": 1, "lock_mode": "block", "line_ids": [[0, 0, key]], "accounting_date": "2024-05-06"}),
            "stock.cycle.count.line": (self.line, {
                "count_id": self.supervisor_sheet.id, "count_input": "3", "note": "x", "late_date": "2024-05-06 10:00:00",
                "evidence_ids": [[0, 0, {"name": "x", "datas": "eA=="}]], "sequence": 3, **key}),
            "stock.cycle.count.entry": (self.line.entry_ids, {"line_id": self.line.id, "quantity": 3, "source": "web"}),
            "stock.cycle.count.plan": (plan, {
                "name": "x", "warehouse_id": self.warehouse.id, "counter_ids": [[6, 0, self.counter.ids]], "sheet_size": 3,
                "calendar_id": plan.calendar_id.id, "location_ids": [[4, self.bin_a.id]], "grouping": "zone"}),
            "stock.cycle.count.tolerance": (self.tolerance, {
                "name": "x", "has_over_qty": True, "over_qty": 2, "has_under_percent": True, "under_percent": 3,
                "product_ids": [[6, 0, self.product.ids]], "cap_days": 30, "cap_scope": "product", "recount": True}),
            "stock.cycle.count.reason": (self.env.ref("stock_cycle_count.stock_cycle_count_reason_damaged", False)
                or self.env["stock.cycle.count.reason"].search([], limit=1), {
                "code": "X1", "name": "x", "direction": "both", "root_cause": "other", "note_required": True}),
        }
        calls = st.sampled_from(sorted(kinds)).flatmap(lambda name: st.tuples(
            st.just(name), broken(kinds[name][1]) | st.just(kinds[name][1]) | JSON, st.sampled_from(["create", "write"]),
            st.sampled_from([kinds[name][0].ids, [], [10 ** 6]])))

        def call(env, request):
            name, values, method, ids = request
            Model = env[name]
            values = copy.deepcopy(values)  # models may change what they get, and these are drawn again
            if method == "create":
                Model.create(values)
            else:
                Model.browse(ids).write(values)

        self._send(calls, call)

    def test_actions(self):
        """Buttons, of records that are there or not, one, several or none."""
        ids = st.lists(st.sampled_from([self.sheet.id, self.supervisor_sheet.id, self.line.id, 10 ** 6]), max_size=3)
        buttons = st.sampled_from([
            (model, method) for model in ("stock.cycle.count", "stock.cycle.count.line")
            for method in dir(type(self.env[model])) if method.startswith("action_")
            and "stock_cycle_count" in getattr(type(self.env[model]), method).__module__])
        self._send(st.tuples(buttons, ids), lambda env, request: getattr(
            env[request[0][0]].browse(request[1]), request[0][1])())


@contextlib.contextmanager
def patched_request(env):
    """Let a controller find a request of an environment."""
    class FakeRequest(Request):
        def __init__(self):
            self.env = env

        def make_response(self, content, headers):
            return content

    before = count_file.request
    count_file.request = FakeRequest()
    try:
        yield
    finally:
        count_file.request = before


@pytest.mark.long
class TestManyMalformedRequests(TestMalformedRequests):

    requests = 1450
