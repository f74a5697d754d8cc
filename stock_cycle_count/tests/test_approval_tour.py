import io
import json
import shutil
import unittest

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from .common_gate import GateCase
from .common_scanner import SCANNER

REPORTS = "odoo.addons.base.models.ir_actions_report"


@tagged("post_install", "-at_install")
@unittest.skipUnless(shutil.which("wkhtmltopdf"), "wkhtmltopdf is not installed")
class TestApprovalTour(GateCase, HttpCase):
    """A difference on its way into the books, in a real browser: counted, held, approved twice, posted, printed.

    40 motors of 50.00 are missing, which is more than a supervisor may let pass alone.
    """

    browser_size = "1440x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            "cycle_count_level2": True, "cycle_count_level2_value": 1000, "cycle_count_self_approval": False})
        category = cls.env["product.category"].create({"name": "Motors"})
        cls.loss = cls.env["stock.location"].create(
            {"name": "Stolen", "usage": "inventory", "company_id": cls.company.id})
        cls.reason.write({"name": "Stolen from the yard", "location_id": cls.loss.id})
        cls.with_accounts = "property_valuation" in category._fields
        if cls.with_accounts:
            cls._value_in_real_time(category)
        cls.motor = cls.env["product.product"].create(
            {"name": "Motor", "type": "product", "categ_id": category.id, "standard_price": 50})
        cls.receive(cls.motor, cls.bin_a, 100)
        cls.sheet = cls.make_sheet((cls.motor, cls.bin_a), name="DOOR-1", blind=False)
        # Reports are pages in tests, unless they are asked for: here the file itself is wanted. The server of the
        # tests serves one request at a time, so the file is made without asking it for styles.
        cls.env["ir.config_parameter"].set_param("report.url", "http://127.0.0.1:9")
        Report = cls.env.registry["ir.actions.report"]
        render = Report._render_qweb_pdf
        cls.classPatch(Report, "_render_qweb_pdf", lambda self, *args, **kwargs: render(
            self.with_context(force_report_rendering=True), *args, **kwargs))

    @classmethod
    def _value_in_real_time(cls, category):
        """Book stock of a category as it moves, and the reason's losses to an account of their own."""
        cls.stock_account, cls.theft_account, interim = cls.env["account.account"].create([
            {"name": name, "code": code, "account_type": kind, "company_id": cls.company.id}
            for name, code, kind in (
                ("Motors on Stock", "CCSTOCK", "asset_current"), ("Theft", "CCTHEFT", "expense"),
                ("Motors on Their Way", "CCINTERIM", "asset_current"))])
        journal = cls.env["account.journal"].create(
            {"name": "Motors", "code": "CCMOT", "type": "general", "company_id": cls.company.id})
        category.with_company(cls.company).write({
            "property_cost_method": "average", "property_valuation": "real_time",
            "property_stock_journal": journal.id, "property_stock_valuation_account_id": cls.stock_account.id,
            "property_stock_account_input_categ_id": interim.id,
            "property_stock_account_output_categ_id": interim.id})
        cls.loss.write({
            "valuation_in_account_id": cls.theft_account.id, "valuation_out_account_id": cls.theft_account.id})

    def _call_as_client(self, user, model, method, *args):
        """Answer of the server to a call that a browser of this user makes."""
        self.authenticate(user.login, user.login)
        return self.url_open("/web/dataset/call_kw", headers={"Content-Type": "application/json"}, data=json.dumps({
            "jsonrpc": "2.0", "params": {"model": model, "method": method, "args": args, "kwargs": {}}})).json()

    def _fetch_voucher(self, user):
        self.authenticate(user.login, user.login)
        return self.url_open(f"/report/pdf/stock_cycle_count.count_voucher/{self.sheet.id}", timeout=60)

    def test_a_difference_goes_through_the_gate(self):
        self.start_tour(SCANNER, "stock_cycle_count_approval_count", login=self.counter.login)
        line = self.sheet.line_ids
        self.assertEqual((line.state, line.variance_qty, line.approval_level), ("to_approve", -40, 2))

        self.start_tour(
            f"/web#id={line.id}&model=stock.cycle.count.line&view_type=form",
            "stock_cycle_count_approval_counter_looks", login=self.counter.login)
        for method in ("action_approve", "action_reject", "action_send_to_recount"):
            with self.subTest(method=method), mute_logger("odoo.http"):
                answer = self._call_as_client(self.counter, line._name, method, line.ids, "let me")
                self.assertIn("only count supervisors can decide", answer["error"]["data"]["message"])
        self._assert_held(line, approvals=0)

        self.start_tour("/web", "stock_cycle_count_approval_supervisor", login=self.supervisor.login)
        self._assert_held(line, approvals=1)

        with mute_logger(REPORTS):
            self.start_tour("/web", "stock_cycle_count_approval_controller", login=self.controller.login)
        self.assertEqual((line.state, self.sheet.state), ("posted", "done"))
        self.assertEqual(
            [(row.level, row.decision, row.user_id, row.comment, row.self_approval) for row in line.approval_ids],
            [(1, "approve", self.supervisor, "The fence was cut", False),
             (2, "approve", self.controller, "Reported to the police", False)])
        self.assertEqual(self.on_hand(self.motor, self.bin_a), 60)
        move = line.move_ids
        self.assertEqual(
            [(one.state, one.quantity, one.location_id, one.location_dest_id, one.cycle_count_reason_id)
             for one in move],
            [("done", 40, self.bin_a, self.loss, self.reason)])

        with mute_logger(REPORTS):
            answer = self._fetch_voucher(self.controller)
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "application/pdf"))
        pages = PdfFileReader(io.BytesIO(answer.content)).pages
        # How letters are placed may read as blanks between them.
        text = "".join("".join(page.extract_text() for page in pages).split())
        for part in ("DOOR-1", "Motor", "Stolen from the yard", "2,000.00", "Floor Counter", "Floor Supervisor",
                     "Floor Controller"):
            self.assertIn(part.replace(" ", ""), text)
        self.assertTrue(text.endswith("CounterSupervisorController"), "There are places for three signatures")

        with mute_logger("odoo.http", "odoo.addons.base.models.ir_qweb"):
            self.assertNotIn(b"%PDF", self._fetch_voucher(self.counter).content[:5])

        if not self.with_accounts:
            self.skipTest("Stock is not valued here: without stock_account no books were looked at.")
        layer = move.stock_valuation_layer_ids
        self.assertEqual((layer.quantity, layer.value), (-40, -2000))
        self.assertEqual(layer.account_move_id.state, "posted")
        self.assertEqual(
            {(row.account_id, row.debit, row.credit) for row in layer.account_move_id.line_ids},
            {(self.theft_account, 2000, 0), (self.stock_account, 0, 2000)})

    def _assert_held(self, line, approvals):
        """The line waits, with so many approvals, and no stock moved."""
        self.assertEqual((line.state, len(line.approval_ids), line.move_ids.ids), ("to_approve", approvals, []))
        self.assertEqual(self.on_hand(self.motor, self.bin_a), 100)
