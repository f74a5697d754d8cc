import inspect
import re
from unittest.mock import patch

import psycopg2

from odoo.addons.bus.models.bus import ImBus

from ..controllers.count_file import CountFile
from .test_photo import PNG

#: Models of the addon: all of their fields and methods are asked about.
OWN = ("stock.cycle.count", "stock.abc")
#: Models of others of which searches, orders and groups are asked about as well.
OTHERS = (
    "product.product", "product.template", "stock.location", "stock.quant.package", "stock.warehouse", "stock.picking.type",
    "stock.quant", "stock.lot", "stock.move", "stock.move.line", "stock.picking", "mail.message", "mail.activity")
#: Models of which each record is read.
READ = re.compile(r"(stock|product|mail|account|barcode|report)\.|ir\.(attachment|property)$")
#: Fields by way of which searches of lines and sheets reach those of another model.
PATHS = re.compile(r"(stock|product|mail)\.")
#: Parts of a text that are another one each time it is asked for.
FLEETING = re.compile(
    r"(csrf_token|access_token|cb|unique)=[^\s&;>]+|base64,[\w+/=]+|<[\d.]+-openerp-message-[^>]+>|csrf_token: \S+")
#: Records that are made to be looked at, and undone, have ids from here on: which one depends on what was done before.
MADE_TO_LOOK = 1_700_000_000
MADE = re.compile(r"\b17\d{8}\b")


class Observer:
    """Everything that a user learns by asking: ``{question: answer}`` over all models and fields, searches, groups, orders,
    methods, reports, files and notifications. What a call changes is undone, and what it refuses is an answer too.
    """

    def __init__(self, case):
        self.case = case
        self.sent = []
        self.refused = {}
        case.startPatcher(patch.object(ImBus, "_sendmany", self._make_sendmany(ImBus._sendmany)))

    def _make_sendmany(self, sendmany):
        def record(model, notifications):
            self.sent += [(target, kind, repr(message)) for target, kind, message in notifications]
            return sendmany(model, notifications)
        return record

    def observe(self, user, sheet, lines, arguments, *asks):
        """Answers to the questions of a user: to all, where no methods that ask are given.

        :param sheet: asked about where a sheet has to be named; ``lines`` likewise
        :param arguments: what public methods are called with, by the name of each parameter: a list of values
        """
        self.user, self.arguments = user, arguments
        self.env = self.case.env(user=user.id, su=False, context={
            "lang": "en_US", "tz": "UTC", "allowed_company_ids": user.company_ids.ids, "bin_size": True})
        self.sheet, self.lines = sheet.with_env(self.env), lines.with_env(self.env)
        self.answers, self.shown = {}, {}
        self.env.flush_all()
        self.env.invalidate_all()
        for ask in asks or (self.ask_records, self._ask_searches, self._ask_paths, self._ask_methods, self._ask_forms,
                    self._ask_papers, self._ask_notifications):
            ask()
        return self.answers

    def _ask(self, question, function):
        """Note down an answer, or why there is none.

        :return: whether there is one
        """
        try:
            self._note(question, function())
            return True
        except Exception as error:  # any refusal is an answer
            if isinstance(error, psycopg2.Error):
                self.reading.rollback()
            self._note(question, f"{type(error).__name__}: {error}")
            return False

    def _note(self, question, answer):
        self.answers[question] = MADE.sub("#", FLEETING.sub("", repr(answer)))

    def _try(self, question, function):
        """Do something, and note down its answer; nothing of it stays."""
        heard = len(self.sent)
        self.reading = self.env.cr.savepoint(flush=False)

        def do():
            # Each is a request of its own, in which nothing is known.
            self.env.invalidate_all(flush=False)
            answer = function()
            self.env.flush_all()
            return answer

        self._ask(question, do)
        self.reading.close(rollback=True)
        self.env.cr.clear()
        del self.sent[heard:]

    # Questions

    def _get_models(self):
        """Models that the user may read some of."""
        for name in sorted(self.env.registry):
            Model = self.env[name].with_context(active_test=False)
            if not Model._abstract and Model.check_access_rights("read", raise_exception=False):
                yield Model

    def ask_records(self):
        """Each field of each record that is found."""
        for Model in self._get_models():
            name = Model._name
            if not READ.match(name):
                continue
            self.reading = self.env.cr.savepoint(flush=False)
            records = Model.search([], order="id")
            self._note(f"{name}: which", records.ids)
            self._ask_values(records, list(Model.fields_get(attributes=())))
            self.reading.close(rollback=False)
        self._ask("messages", lambda: self.env["mail.message"].search([], order="id").message_format())
        self._ask("to do", lambda: self.env["res.users"].systray_get_activities())

    def _ask_values(self, records, names):
        """Fields at once; what cannot be read is found by halving, and asked for by itself the next time."""
        refused = self.refused.setdefault((self.user, records._name), set())
        for name in refused.intersection(names) if len(names) > 1 else ():
            self._ask_values(records, [name])
        names = [name for name in names if name not in refused or len(names) == 1]
        self.env.invalidate_all(flush=False)
        try:
            for row in records.read(names):
                for name, value in row.items():
                    self._note(f"{records._name}({row['id']}).{name}", value)
        except Exception as error:  # any refusal is an answer
            if isinstance(error, psycopg2.Error):
                self.reading.rollback()
            if len(names) == 1:
                self._note(f"{records._name}.{names[0]}", str(error))
                refused.add(names[0])
                return
            self._ask_values(records, names[:len(names) // 2])
            self._ask_values(records, names[len(names) // 2:])

    def _ask_searches(self):
        """Domains, orders and groups may tell what cannot be read."""
        self.reading = self.env.cr.savepoint(flush=False)
        for name in sorted(self.env.registry):
            Model = self.env[name]
            if not name.startswith(OWN) and name not in OTHERS or Model._abstract or Model._transient:
                continue
            if not Model.check_access_rights("read", raise_exception=False):
                self._ask(f"{name}: refused", lambda: Model.search([]))
                continue
            for field_name, field in Model._fields.items():
                if self._is_shown(Model, field):
                    continue
                question = f"{name}.{field_name}"
                is_number = field.type in ("float", "integer", "monetary")
                # What is computed when it is read, no search can tell anything of; a sum can, as core's available quantity.
                if field.store or field.search or field.group_expand:
                    if not self._ask(f"{question} is set", lambda: self._find(Model, [(field_name, "!=", False)])):
                        continue
                    if field._description_sortable or field.group_expand:
                        self._ask(f"{question} in order", lambda: self._find(Model, [], f"{field_name}, id"))
                    if field.store or field.group_expand:
                        self._ask(f"{question} in groups", lambda: Model.read_group([], [field_name], [field_name]))
                    if is_number:
                        self._ask(f"{question} is positive", lambda: self._find(Model, [(field_name, ">", 0)]))
                if is_number:
                    self._ask(f"{question} in sum", lambda: Model.read_group([], [f"{field_name}:sum"], []))
        self.reading.close(rollback=False)

    def _find(self, Model, domain, order="id"):
        return Model.search_fetch(domain, ["id"], order=order).ids

    def _is_shown(self, Model, field):
        """Whether all that a search can tell of a field is read from the records themselves."""
        return field.column_type and field.store and field.name in self._get_shown(Model._name)

    def _get_shown(self, name):
        if name not in self.shown:
            Model = self.env[name]
            readable = READ.match(name) and Model.check_access_rights("read", raise_exception=False)
            refused = self.refused.get((self.user, name), ())
            self.shown[name] = set(Model.fields_get(attributes=())) - set(refused) if readable else ()
        return self.shown[name]

    def _ask_paths(self):
        """Searches reach other models by way of what a line or a sheet names."""
        self.reading = self.env.cr.savepoint(flush=False)
        for Model in (self.sheet.browse(), self.lines.browse()):
            for field_name, field in Model._fields.items():
                if not field.relational or not PATHS.match(field.comodel_name):
                    continue
                for other, end in self.env[field.comodel_name]._fields.items():
                    if (end.store or end.search) and not self._is_shown(self.env[field.comodel_name], end):
                        path = f"{field_name}.{other}"
                        self._ask(f"{Model._name}: {path}", lambda: self._find(Model, [(path, "!=", False)]))
        self.reading.close(rollback=False)

    def _ask_methods(self):
        """Public methods of the addon, on what the test is about or on nothing."""
        records = {"stock.cycle.count": [self.sheet], "stock.cycle.count.line": list(self.lines)}
        for name in sorted(self.env.registry):
            Model = self.env[name]
            if not name.startswith(OWN) or (Model._abstract and name != "stock.cycle.count.scanner"):
                continue
            for method in get_own_methods(Model):
                for record in records.get(name, [Model]):
                    for arguments in self._get_arguments(getattr(type(Model), method)):
                        self._try(f"{name}({record.ids}).{method}{arguments!r}", lambda: getattr(
                            Model.browse(record.ids), method)(*arguments))

    def _get_arguments(self, method):
        """Lists of arguments to call a method with."""
        lists = [()]
        for parameter in list(inspect.signature(method).parameters.values())[1:]:
            if parameter.default is parameter.empty and parameter.kind == parameter.POSITIONAL_OR_KEYWORD:
                values = self.arguments.get(parameter.name, [False])
                lists = [(*known, value) for known in lists for value in values]
        return lists

    def _ask_forms(self):
        """Wizards and forms compute with whatever they are told."""
        for name, values in (
            ("close", {"count_id": self.sheet.id}), ("found", {"count_id": self.sheet.id}),
            ("recount", {"count_id": self.sheet.id}), ("decide", {"line_ids": [(6, 0, self.lines.ids)]}), ("backtest", {}),
            ("explain", {}), ("photo", {
                "product_id": self.lines[0].sudo().product_id.id, "location_id": self.lines[0].sudo().location_id.id,
                "file": PNG}),
        ):
            Wizard = self.env[f"stock.cycle.count.{name}"]
            names = list(Wizard._fields)
            self._try(f"{name}: defaults", lambda: Wizard.with_context(
                **{f"default_{key}": value for key, value in values.items()}).default_get(names))
            self._try(f"{name}: form", lambda: Wizard.onchange(dict(values), list(values), dict.fromkeys(names, {})))
            self._try(f"{name}: saved", lambda: Wizard.create(values).read())
            for method in get_own_methods(Wizard):
                self._try(f"{name}.{method}", lambda: getattr(Wizard.create(values), method)())
        for record in (self.sheet, *self.lines):
            asked = dict.fromkeys(record.fields_get(attributes=()), {})
            for values in ({}, {"state": "counted"}, {"state": "done"}, {"blind": False}):
                known = {name: value for name, value in values.items() if name in record._fields}
                self._try(f"{record} as {values}", lambda: record.onchange(dict(known), list(known), asked))
                self._try(f"new {record._name} as {values}", lambda: record.browse().onchange(
                    dict(known, line_ids=[(4, line.id) for line in self.lines]) if record == self.sheet else {
                        **known, "count_id": self.sheet.id, "product_id": record.product_id.id}, list(known), asked))

    def _ask_papers(self):
        for report in self.env["ir.actions.report"].sudo().search([("model", "=like", "stock.cycle.count%")]):
            self._try(f"report {report.report_name}", lambda: self.env["ir.actions.report"]._render_qweb_html(
                report.report_name, self.sheet.ids)[0].decode())
        self._try("file", lambda: CountFile()._get_rows(self.sheet))
        for name in ("name_search", "web_search_read", "export"):
            for record in (self.sheet, self.lines):
                self._try(f"{record._name}: {name}", lambda: {
                    "name_search": lambda: record.name_search(""),
                    "web_search_read": lambda: record.web_search_read([], {"display_name": {}}),
                    "export": lambda: record.search([]).export_data(["id", "display_name", "write_uid", "write_date"]),
                }[name]())

    def _ask_notifications(self):
        self.reading = self.env.cr.savepoint(flush=False)
        self._note("heard", [
            (kind, message) for target, kind, message in self.sent if target in (self.user.partner_id, self.user)])
        self._note("notified", self._query(
            "SELECT mail_message_id, notification_type FROM mail_notification WHERE res_partner_id = %s ORDER BY id"))
        self._note("mails", self._query(
            "SELECT mail_mail_id FROM mail_mail_res_partner_rel WHERE res_partner_id = %s ORDER BY 1"))
        self.reading.close(rollback=False)

    def _query(self, query):
        self.env.cr.execute(query, [self.user.partner_id.id])
        return self.env.cr.fetchall()


def get_own_methods(Model):
    """Names of the public methods that this addon gives to a model or changes."""
    return sorted(
        name for name in dir(type(Model)) if not name.startswith("_") and any(
            name in vars(base) and inspect.isfunction(vars(base)[name])
            and ".stock_cycle_count" in vars(base)[name].__module__ for base in type(Model).mro())
        and name not in ("create", "write", "unlink", "onchange", "default_get", "init", "ensure_one"))
