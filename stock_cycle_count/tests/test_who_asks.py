import contextlib

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..controllers.count_file import CountFile
from .common import CONTROLLER
from .common_gate import GateCase


@tagged("standard", "post_install", "-at_install")
class TestWhoAsks(GateCase):
    """Reports, files, forms and wizards show nobody what the record itself does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign_company = cls.make_company("Foreign Company")
        cls.stranger = cls.make_user(
            "floor_stranger", CONTROLLER, company_id=cls.foreign_company.id,
            company_ids=[(6, 0, cls.foreign_company.ids)])

    def _as(self, user, record):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.as_user(user, record)

    def test_voucher(self):
        sheet = self._close_with((40, self.product))
        report = self.env["ir.actions.report"]
        name = "stock_cycle_count.count_voucher"
        for user in (self.counter, self.worker, self.manager, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError) as caught:
                self._as(user, report)._render_qweb_html(name, sheet.ids)
            self.assertNotIn("60", str(caught.exception))
        content, _kind = self._as(self.supervisor, report)._render_qweb_html(name, sheet.ids)
        self.assertIn("60.00", content.decode())

    def test_wizards_compute_with_nothing_that_is_not_theirs(self):
        sheet = self._close_with((40, self.product))
        own = self.make_sheet((self.other_product, self.bin_b), user=self.second, start=True)
        for user, model, values, asked in (
            (self.stranger, "decide", {"line_ids": [[6, 0, sheet.line_ids.ids]]}, "loss_value"),
            (self.stranger, "decide", {"line_ids": [[4, sheet.line_ids.id]]}, "company_id"),
            (self.stranger, "recount", {"count_id": sheet.id}, "line_ids"),
            (self.stranger, "backtest", {"tolerance_id": self.tolerance.id, "days": 9}, "passed_value"),
            (self.stranger, "close", {"count_id": own.id}, "message"),
            (self.counter, "close", {"count_id": own.id}, "message"),
            (self.counter, "found", {"count_id": own.id}, "location_ids"),
        ):
            wizard = self._as(user, self.env[f"stock.cycle.count.{model}"])
            defaults = {f"default_{name}": value for name, value in values.items()}
            for attempt in (
                lambda: wizard.onchange(dict(values), list(values), {asked: {}}),
                lambda: wizard.with_context(**defaults).onchange({}, [], {**dict.fromkeys(values, {}), asked: {}}),
                lambda: wizard.with_context(**defaults).default_get(list(values)),
                lambda: wizard.create(dict(values)), lambda: wizard.with_context(**defaults).create({}),
            ):
                with self.subTest(user=user.login, model=model, values=values), self.assertRaises(AccessError):
                    attempt()

    def test_wizards_are_of_those_who_opened_them(self):
        """What somebody fills in, or was answered, is neither read nor changed by another, in whatever role or company."""
        sheet = self._close_with((40, self.product))
        plan = self.make_plan(profile_id=self.env["stock.abc.profile"].create(
            {"name": "Classes", "company_id": self.company.id}).id)
        lines = {"line_ids": [Command.set(sheet.line_ids.ids)]}
        what_if = self._as(self.controller, self.env["stock.cycle.count.what.if"]).sudo().create(
            {"plan_id": plan.id, "ranking": "value", "daily_capacity": 9, "control_target": 9})
        opened = {
            "close": {"count_id": sheet.id}, "found": {
                "count_id": sheet.id, "location_id": self.bin_a.id, "product_id": self.product.id, "quantity": "9"},
            "fill": {"count_id": sheet.id}, "recount": {"count_id": sheet.id, **lines}, "decide": lines,
            "photo": {"location_id": self.bin_a.id, "product_id": self.product.id, "file": "eA=="},
            "backtest": {"tolerance_id": self.tolerance.id}, "explain": {"note": "Lost"}, "dismiss": {"dismissal": "known"},
            "audit.pack": {"file": "eA=="},
            "audit.entry": {"quantity": 3}, "audit.draw": {"warehouse_id": self.warehouse.id},
            "what.if": what_if.copy_data()[0],
            "what.if.class": {"what_if_id": what_if.id, "class_id": plan.profile_id.class_ids[0].id, "counts_per_year": 1}}
        opened = {f"stock.cycle.count.{name}": values for name, values in opened.items()}
        self.assertEqual(set(opened), {
            name for name, Model in self.registry.items() if Model._transient and name.startswith("stock.cycle.count.")})
        opened["base_import.import"] = {"res_model": "stock.quant", "file": b"x"}
        others = (self.make_admin(), self.second_supervisor, self.second, self.make_user(
            "floor_elsewhere", f"{CONTROLLER},stock_cycle_count.group_auditor", company_id=self.foreign_company.id))
        auditor = self.make_user("floor_auditor", "stock_cycle_count.group_auditor")
        for name, values in opened.items():
            opener = auditor if name.endswith(("audit.entry", "audit.draw")) else self.controller
            wizard = self._as(opener, self.env[name]).sudo().create(values).sudo(False)
            self.assertIn(wizard, wizard.search([]))
            for user in others:
                theirs = self._as(user, wizard)
                with self.subTest(name=name, user=user.login):
                    with contextlib.suppress(AccessError):
                        self.assertFalse(theirs.search([]))
                    for attempt in (lambda: theirs.read(["display_name"]), lambda: theirs.write({}), theirs.unlink):
                        with self.assertRaises(AccessError):
                            attempt()

    def test_forms_compute_with_nothing_that_is_not_theirs(self):
        sheet = self._close_with((40, self.product))
        line = self._as(self.stranger, self.env["stock.cycle.count.line"])
        for record, values, asked in (
            (line, {"entry_ids": [[4, sheet.line_ids.entry_ids.id]], "round": 1}, "expected_qty"),
            (line, {"count_id": sheet.id}, "company_id"),
            (line.env["stock.cycle.count"], {"line_ids": [[4, sheet.line_ids.id]]}, "adjustment_value"),
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                record.onchange(dict(values), list(values), {asked: {}})
        with self.assertRaises(AccessError):
            line.onchange({"lot_id": self.lot.id, "product_id": self.product.id}, ["lot_id"], {"display_name": {}})

    def test_closing_wizard_tells_nothing_once_the_sheet_is_closed(self):
        sheet = self.make_sheet((self.product,), (self.other_product,), start=True)
        wizard = self._as(self.counter, self.env["stock.cycle.count.close"]).create({"count_id": sheet.id})
        self.assertIn("Lines not counted: 2", wizard.message)
        wizard.action_close()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            wizard.read(["message"])

    def test_ended_lines_show_no_books_of_today(self):
        """Not even on a sheet that is open to all: the same stock may stand on a blind one meanwhile."""
        sheet = self.make_sheet((self.product,), start=True, blind=False)
        line = self._as(self.counter, sheet.line_ids)
        rows = CountFile()._get_rows(line.count_id)
        self.assertEqual((line.shown_expected_qty, rows[1]["shown_expected_qty"]), (100, "100"))
        self.count(sheet.line_ids, 100)
        sheet.with_user(self.counter).action_close()
        self.assertEqual(line.state, "posted")
        self.receive(self.product, self.bin_a, 47113)
        for user in (self.counter, self.worker, self.supervisor):
            own = self._as(user, line)
            self.assertFalse(own.shown_expected_qty)
            self.assertFalse(own.onchange({"state": "pending"}, ["state"], {"shown_expected_qty": {}})["value"].get(
                "shown_expected_qty"))
            self.assertEqual(CountFile()._get_rows(own.count_id)[1]["shown_expected_qty"], "")
            page, _kind = own.env["ir.actions.report"]._render_qweb_html("stock_cycle_count.count_sheet", sheet.ids)
            self.assertNotIn(b"47213", page)
