"""What a blind sheet hides, asked for by each kind of request that clients can make, over HTTP and in every state of it: no
answer holds a quantity of the books, a difference, its value, what becomes of it, or why it was counted.
"""

import json
import re
from collections import Counter

import pytest

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.stock_cycle_count.tests.common_gate import GateCase

from .rpc_case import RpcCase

#: What the books show, what the first counter counts, what it is worth and what was likely wrong: no id, date or label holds
#: such digits.
BOOKS, COUNTED, COST, RISK = 47213, 1019.5, 7.31, 58391
DIFFERENCE = COUNTED - BOOKS
#: Stands for all that a draw says.
DRAWN = "quincunx"
#: Parts of answers that hold digits of chance.
CHANCE = re.compile(r'(csrf_token|access_token|unique|cb|checksum|token)"?[=:]\s*"?[\w+/=-]+|base64,[\w+/=]+')
#: Models of core that say something of stock or of counts.
MODELS = re.compile(
    r"(stock|mail|account\.move|product|report\.stock|barcode)\.|ir\.(attachment|logging)$|bus\.|digest\.|res\.(partner|users)$")
#: Kinds of answers that hold data alone: in others, names of states are parts of screens.
DATA = ("read", "search", "read_group", "export", "web_search_read", "name_search", "attachments", "chatter", "bus")
#: Public methods of core's reports, which compute what no model stores.
REPORTS = ("stock.forecasted_product_product", "stock.forecasted_product_template")
LOGGERS = ("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models",
           "odoo.addons.base.models.ir_actions_report")


@pytest.mark.long
@tagged("standard", "post_install", "-at_install")
class TestAttackLeaks(GateCase, RpcCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bystander = cls.make_user("floor_bystander", "stock_cycle_count.group_counter")
        cls.other_product.with_company(cls.company).standard_price = COST
        cls.receive(cls.other_product, cls.bin_b, BOOKS)
        cls.env.ref("base.group_allow_export").users |= cls.counter | cls.second | cls.bystander | cls.supervisor
        cls.tolerance.write({"has_over_value": True, "over_value": 3, "has_under_value": True, "under_value": 3})
        cls.sheet = cls.make_sheet((cls.other_product, cls.bin_b), start=True, blind=True)
        cls.line = cls.sheet.line_ids
        draw = cls.add_draw(cls.make_plan(), fields.Date.today(), **dict.fromkeys(
            ("stored_seed", "frame", "frame_hash", "threshold_hash"), DRAWN))
        cls.env.flush_all()
        cls.env.cr.execute(SQL(
            "UPDATE stock_cycle_count_line SET draw_id = %s, selection_reason = 'control', value_at_risk = %s,"
            " selection_facts = %s WHERE id = %s", draw.id, RISK, json.dumps({
                "counted": True, "counts": 3, "misses": 1, "moves": 9, "days": 2, "value": RISK, "cost": COST}), cls.line.id))
        cls.env.invalidate_all()
        # What others get by mail is sent to them on the bus.
        (cls.roles | cls.bystander).notification_type = "inbox"
        notes = cls.env["mail.message.subtype"].search([])
        cls.sheet.with_user(cls.counter).message_subscribe(cls.counter.partner_id.ids, notes.ids)
        cls.tally = Counter()
        #: Fields that were asked for though they are not offered, by user and kind: once is enough.
        cls.asked = set()
        cls.offered = {}

    # States of the sheet, and who must not know what in each

    def _play(self):
        """Yield the name of each state, and who asks in it."""
        self.count(self.line, COUNTED)
        yield "counted", (self.counter,)
        self.sheet.with_user(self.counter).action_close()
        self.assertEqual(self.line.state, "to_approve")
        yield "closed", (self.counter, self.bystander)
        self.env["stock.cycle.count.recount"].with_user(self.supervisor).create({
            "count_id": self.sheet.id, "line_ids": [(6, 0, self.line.ids)], "user_id": self.second.id}).action_recount()
        self.assertEqual(self.line.state, "recount")
        yield "recount", (self.second,)
        self.count(self.line, COUNTED, user=self.second)
        self.sheet.with_user(self.second).action_close()
        self._approve(self.line, self.supervisor, f"{BOOKS} seems right")
        yield "approved once", (self.counter,)
        self._approve(self.line, self.controller, f"{BOOKS} it is")
        self.sheet.with_user(self.supervisor).action_finalize()
        self.assertEqual(self.line.state, "posted")
        yield "posted", (self.counter, self.bystander)

    def _get_secrets(self, user, kind):
        """What no answer of a kind may hold."""
        secrets = [BOOKS, int(abs(DIFFERENCE)), int(abs(DIFFERENCE) * COST), RISK]
        if user == self.second:
            secrets.append(COUNTED)  # of another's round
        numbers = "|".join(re.escape(str(secret)) for secret in secrets)
        words = f"out of tolerance|to_approve(?!_)|'to_approve_date'|{DRAWN}" if kind in DATA else DRAWN
        return re.compile(rf"(?<![\d.])({numbers})(?!\d)|{words}", re.I)

    # Kinds of requests

    def _get_models(self):
        return [name for name in sorted(self.env.registry)
                if MODELS.match(name) and not self.env[name]._abstract and not self.env[name]._transient]

    def _get_offered(self, user, name):
        """Fields of a model that a user is offered."""
        if (user, name) not in self.offered:
            self.offered[user, name] = list(self._rpc(user, name, "fields_get", [], attributes=["type"])[0] or ())
        return self.offered[user, name]

    def _get_refused(self, user, name, kind):
        """Fields that are not offered, the first time that they are asked for."""
        new = (user, name, kind) not in self.asked
        self.asked.add((user, name, kind))
        return [field for field in self.env[name]._fields if new and field not in self._get_offered(user, name)]

    def _ask_read(self, user):
        for name in self._get_models():
            names = self._get_offered(user, name)
            if names:
                ids = self.env[name].sudo().with_context(active_test=False).search([], limit=40, order="id desc").ids
                yield self._rpc(user, name, "read", ids, names)
                yield self._rpc(user, name, "search_read", [], names, limit=40, order="id desc")
        for record in (self.sheet, self.line, self.line.entry_ids[:1], self.line.approval_ids[:1], self.line.draw_id,
                       self.line.product_id, self.line.location_id):
            if record:
                yield self._rpc(user, record._name, "read", record.ids, self._get_offered(user, record._name))
                for field in self._get_refused(user, record._name, "read"):
                    yield self._rpc(user, record._name, "read", record.ids, [field])

    def _ask_search(self, user):
        """Domains that hold for what is true only: what they find is the line, or they tell nothing."""
        line = self.line.sudo()
        for name, field in line._fields.items():
            truth = line[name]
            if field.relational:
                truth = truth.ids
            if not (field.store or field.search) or not truth or name in ("id", "display_name"):
                continue
            shown = self._rpc(user, line._name, "read", line.ids, [name])[0]
            if shown and shown[0].get(name):
                continue
            operator, other = ("in", [-1]) if field.relational else ("=", -1 if isinstance(truth, (int, float)) else "x")
            if not isinstance(truth, (int, float, str, list)):
                continue
            found = [self._rpc(user, line._name, "search", [("id", "=", line.id), (name, operator, value)])[0]
                     for value in (truth, other)]
            yield f"{name} is found: {BOOKS}" if found[0] and found[0] != found[1] else "", None
            yield self._rpc(user, line._name, "search_read", [(name, operator, truth)], [])
            yield self._rpc(user, "stock.cycle.count", "search_read", [(f"line_ids.{name}", operator, truth)], [])

    def _ask_read_group(self, user):
        for name in ("stock.cycle.count.line", "stock.cycle.count", "stock.cycle.count.entry", "stock.cycle.count.approval",
                     "stock.quant", "stock.cycle.count.transfer", "stock.cycle.count.position", "stock.move.line"):
            kinds = {field_name: "sum" if field.type in ("float", "monetary", "integer") else "count"
                     for field_name, field in self.env[name]._fields.items() if field.store}
            offered = [field for field in self._get_offered(user, name) if field in kinds]
            yield self._rpc(user, name, "read_group", [], [f"{field}:{kinds[field]}" for field in offered], ["create_uid"])
            for field in [*offered, *filter(kinds.get, self._get_refused(user, name, "read_group"))]:
                yield self._rpc(user, name, "read_group", [], [], [field])
                if field not in offered:
                    yield self._rpc(user, name, "read_group", [], [f"{field}:{kinds[field]}"], ["create_uid"])

    def _ask_name_search(self, user):
        for name in self._get_models():
            if name.startswith(("stock.", "product.")):
                yield self._rpc(user, name, "name_search", str(BOOKS) if name.startswith("stock.cycle") else "")

    def _ask_export(self, user):
        for record in (self.sheet, self.line, self.line.entry_ids, self.line.approval_ids, self.line.product_id,
                       self.line.location_id):
            yield self._rpc(user, record._name, "export_data", record.ids, self._get_offered(user, record._name))
            for field in self._get_refused(user, record._name, "export"):
                yield self._rpc(user, record._name, "export_data", record.ids, [field])
        yield self._rpc(user, "stock.cycle.count", "export_data", self.sheet.ids, [
            f"line_ids/{name}" for name in ("expected_qty", "variance_qty", "verdict", "entry_ids/book_quantity")])

    def _ask_report(self, user):
        self.authenticate(user.login, user.login)
        for report in self.env["ir.actions.report"].sudo().search([("model", "=like", "stock%")]):
            record = {self.line._name: self.line, "stock.location": self.bin_b, "stock.move": self.line.move_ids}.get(
                report.model, self.sheet)
            yield self._get(f"/report/html/{report.report_name}/{record.ids[0] if record else self.sheet.id}")
        for kind in ("csv", "xlsx"):
            yield self._get(f"/stock_cycle_count/{self.sheet.id}/counts.{kind}")
        for name in REPORTS:
            if name in self.env:
                yield self._rpc(user, name, "get_report_values", [self.other_product.id])
        yield self._get("/stock/html/stock.traceability.report")

    def _ask_default_get(self, user):
        for name in self._get_own():
            for target in (self.sheet, self.line):
                context = {
                    "active_model": target._name, "active_id": target.id, "active_ids": target.ids,
                    "default_count_id": self.sheet.id, "default_line_ids": [(6, 0, self.line.ids)],
                    "default_line_id": self.line.id, "default_product_id": self.other_product.id,
                    "default_location_id": self.bin_b.id}
                yield self._rpc(user, name, "default_get", list(self.env[name]._fields), context=context)

    def _ask_onchange(self, user):
        for name in self._get_own():
            asked = dict.fromkeys(self.env[name]._fields, {})
            for values in ({"count_id": self.sheet.id}, {"line_ids": [(6, 0, self.line.ids)]}, {
                    "count_id": self.sheet.id, "product_id": self.other_product.id, "location_id": self.bin_b.id}):
                known = {key: value for key, value in values.items() if key in asked}
                yield self._rpc(user, name, "onchange", [], known, list(known), asked)
        for record in (self.sheet, self.line):
            for values in ({"state": "counted"}, {"blind": False}, {"count_input": "3"}, {"user_id": user.id}):
                known = {key: value for key, value in values.items() if key in record._fields}
                yield self._rpc(user, record._name, "onchange", record.ids, known, list(known), dict.fromkeys(record._fields, {}))

    def _get_own(self):
        return [name for name in sorted(self.env.registry)
                if name.startswith("stock.cycle.count") and not self.env[name]._abstract]

    def _ask_web_search_read(self, user):
        lines = {name: {} for name in self._get_offered(user, self.line._name)}
        yield self._rpc(user, "stock.cycle.count.line", "web_search_read", [], lines)
        yield self._rpc(user, "stock.cycle.count", "web_read", self.sheet.ids, {"line_ids": {"fields": lines}})
        for field in self._get_refused(user, self.line._name, "web_search_read"):
            yield self._rpc(user, self.line._name, "web_search_read", [], {}, order=f"{field} desc")
            yield self._rpc(user, "stock.cycle.count", "web_read", self.sheet.ids, {"line_ids": {"fields": {field: {}}}})
        for name in ("stock.quant", "stock.move.line", "stock.lot", "product.product"):
            yield self._rpc(
                user, name, "web_search_read", [], {field: {} for field in self._get_offered(user, name)}, limit=20)

    def _ask_get_views(self, user):
        for name in ("stock.cycle.count", "stock.cycle.count.line", "product.product", "stock.location"):
            kinds = set(self.env["ir.ui.view"].sudo().search([("model", "=", name)]).mapped("type")) & {
                "list", "tree", "form", "kanban", "search", "pivot", "graph"}
            yield self._rpc(user, name, "get_views", [[False, kind] for kind in sorted(kinds)], {"toolbar": True})

    def _ask_actions(self, user):
        """Buttons and whatever else clients can call without saying more, taken back each time."""
        for record in (self.sheet, self.line, self.line.draw_id, self.line.location_id, self.other_product, *map(
                self.env.__getitem__, ("stock.cycle.count.scanner", "stock.cycle.count.day", "stock.cycle.count.answers",
                                       "stock.cycle.count.plan", "stock.warehouse"))):
            for name in dir(type(record)):
                method = getattr(type(record), name)
                if not callable(method) or "stock_cycle_count" not in str(
                        getattr(method, "__module__", "")):
                    continue
                if name.startswith("_") or getattr(method, "_api_private", False):
                    continue
                for args in ([record.ids] if record.ids else [], [record.ids, {"screen": "home"}], [{"screen": "home"}],
                             [{"screen": "sheet", "count_id": self.sheet.id}],
                             [{"screen": "line", "count_id": self.sheet.id, "line_id": self.line.id}]):
                    savepoint = self.cr.savepoint()
                    yield self._rpc(user, record._name, name, *args)
                    savepoint.close(rollback=True)
                    self.env.invalidate_all(flush=False)

    def _ask_attachments(self, user):
        yield self._rpc(user, "ir.attachment", "search_read", [], ["name", "index_content", "description", "datas"])
        self.authenticate(user.login, user.login)
        for file in self.env["ir.attachment"].sudo().search([("res_model", "=like", "stock.cycle.count%")]):
            yield self._get(f"/web/content/{file.id}")

    def _ask_chatter(self, user):
        self.authenticate(user.login, user.login)
        for record in (self.sheet, self.line, self.other_product, self.line.move_ids.picking_id):
            if record and "message_ids" in record._fields:
                yield self._post("/mail/thread/messages", thread_model=record._name, thread_id=record.id)
                yield self._post("/mail/thread/data", thread_model=record._name, thread_id=record.id,
                                 request_list=["activities", "attachments", "followers", "suggestedRecipients"])
        for name in ("mail.message", "mail.activity", "mail.tracking.value", "mail.notification", "mail.mail"):
            yield self._rpc(user, name, "search_read", [], [])
        yield self._post("/mail/inbox/messages")
        yield self._rpc(user, "res.users", "systray_get_activities")

    def _ask_bus(self, user):
        """What was sent to this user, as the bus has it."""
        self.env.flush_all()
        self.env.cr.execute("SELECT channel, message FROM bus_bus")
        mine = {json.dumps([self.env.cr.dbname, record._name, record.id], separators=(",", ":"))
                for record in (user.partner_id, user.groups_id, user) for record in record}
        for channel, message in self.env.cr.fetchall():
            if json.dumps(json.loads(channel), separators=(",", ":")) in mine:
                yield message, None

    def _get(self, path):
        return self.url_open(path, timeout=60).text, None

    def _post(self, path, **params):
        reply = self.url_open(path, timeout=60, headers={"Content-Type": "application/json"}, data=json.dumps(
            {"jsonrpc": "2.0", "method": "call", "params": params}))
        return reply.text, None

    def _get_kinds(self):
        return [name.removeprefix("_ask_") for name in dir(self) if name.startswith("_ask_")]

    def _sweep(self, kind, user, pattern):
        """Answers of a kind that hold a secret."""
        self.env.flush_all()
        self.env.invalidate_all()
        leaks = []
        for answer in getattr(self, f"_ask_{kind}")(user):
            self.tally[kind] += 1
            text = CHANCE.sub("", " ".join(str(part) for part in answer if part)).replace(",", "")
            found = pattern.search(text)
            if found:
                leaks.append(text[max(found.start() - 120, 0):found.end() + 60])
        return leaks

    def _read(self, reply):
        """Any error is an answer, too, which may tell something."""
        error = reply.get("error")
        return reply.get("result"), error and error["data"]["message"]

    def test_no_answer_tells(self):
        with mute_logger(*LOGGERS):
            for state, users in self._play():
                for user in users:
                    for kind in self._get_kinds():
                        with self.subTest(state=state, user=user.login, kind=kind):
                            self.assertEqual(self._sweep(kind, user, self._get_secrets(user, kind)), [])
                    print(state, user.login, dict(self.tally), flush=True)  # noqa: T201

    def test_supervisors_are_told(self):
        """Each kind of question that can tell tells who may know: the digits are there to be found."""
        self.assertIn("posted", [state for state, _users in self._play()])
        with mute_logger(*LOGGERS):
            for kind in ("read", "read_group", "export", "report", "web_search_read"):
                with self.subTest(kind=kind):
                    self.assertTrue(self._sweep(kind, self.supervisor, self._get_secrets(self.supervisor, kind)))
