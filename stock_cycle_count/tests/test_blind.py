import re

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_qweb import QWebException

from .common import CountCase

#: What the books show; no id, date or label holds these digits.
TRUTH = {"product": 47113, "lot": 47229, "package": 47317}
COUNTED = 12
#: Fields of a line that tell why it is there: what is drawn at random would be counted with more care.
WHY = ("selection_reason", "due_date", "deadline_date", "draw_id", "draw_weight", "selection_facts", "selection_text",
       "value_at_risk", "since_moves", "since_days")
#: Fields of a line that are or give away what the books show.
SECRETS = (
    "expected_qty", "picked_qty", "variance_qty", "variance_percent", "variance_value", "unit_cost", "first_variance_qty",
    "is_hit", "is_exact", "is_first_hit", "hit_tolerance", "deadline_date", "verdict", "verdict_reason", "passed_value",
    "approval_level", "adjustment_qty",
    "adjustment_value", "transfer_qty", "transfer_value", "proven_transfer_qty", "book_now_qty", "moved_qty", "hints",
    "quant_id", "post_error", "post_user_id", "move_ids", "approval_ids", "target_transfer_ids", "source_transfer_ids",
    *WHY,
)
#: Ways from a line to a quantity of the books.
PATHS = (
    *SECRETS, "entry_ids.book_quantity", "entry_ids.picked_quantity", "result_entry_id.book_quantity",
    "count_id.line_ids.expected_qty", "count_id.line_ids.entry_ids.book_quantity", "position_id.line_ids.expected_qty",
    "quant_id.quantity", "product_id.stock_quant_ids.quantity", "product_id.stock_quant_ids.reserved_quantity",
    "product_id.stock_move_ids.product_uom_qty", "product_id.stock_move_ids.move_line_ids.quantity",
    "product_id.qty_available", "product_id.virtual_available", "product_id.free_qty", "product_id.incoming_qty",
    "product_id.outgoing_qty", "product_id.product_tmpl_id.qty_available",
    "product_id.product_tmpl_id.virtual_available", "product_id.orderpoint_ids.qty_on_hand",
    "product_id.abc_assignment_ids.metric", "lot_id.product_qty", "lot_id.quant_ids.quantity",
    "location_id.quant_ids.quantity", "location_id.incoming_move_line_ids.quantity",
    "location_id.outgoing_move_line_ids.quantity", "package_id.quant_ids.quantity", "move_ids.product_uom_qty",
    "move_ids.move_line_ids.quantity", "approval_ids.expected_qty", "approval_ids.variance_qty",
    "target_transfer_ids.quantity", "source_transfer_ids.quantity", "count_id.transfer_ids.quantity",
    "draw_id.number", "count_id.line_ids.draw_id", "count_id.line_ids.draw_weight", "count_id.plan_id.control_target",
    "position_id.line_ids.draw_id.number",
)
REFUSALS = (AccessError, UserError, ValidationError, ValueError, QWebException)


class BlindCase(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.package = cls.env["stock.quant.package"].create({"name": "BLIND-PACK"})
        cls.receive(cls.product, cls.bin_a, TRUTH["product"])
        cls.receive(cls.lot_product, cls.bin_b, TRUTH["lot"], lot=cls.lot)
        cls.receive(cls.other_product, cls.bin_c, TRUTH["package"], package=cls.package)
        (cls.product | cls.lot_product | cls.other_product).weight = 1
        cls.quant = cls.env["stock.quant"].search([("location_id", "=", cls.bin_a.id)])
        cls.sheet = cls.make_sheet((cls.product,), (cls.lot_product, cls.bin_b, cls.lot))
        cls.line = cls.sheet.line_ids[0]
        position = cls.env["stock.cycle.count.position"].create(
            {"company_id": cls.company.id, "location_id": cls.bin_a.id, "product_id": cls.product.id})
        cls.line.write({"quant_id": cls.quant.id, "position_id": position.id})
        cls.env["stock.cycle.count.line"].create({
            "count_id": cls.sheet.id, **cls.key_values(cls.other_product, cls.bin_c, package_id=cls.package.id)})
        cls.sheet.with_user(cls.counter).action_start()
        for line in cls.sheet.line_ids[:2]:
            cls.env["stock.cycle.count.entry"].with_user(cls.counter)._record(
                [{"line": line.with_user(cls.counter), "quantity": COUNTED}], "web")
        cls.env.ref("base.group_allow_export").users = [Command.link(cls.counter.id), Command.link(cls.worker.id)]
        cls.digits = re.compile("|".join(
            rf"(?<!\d){number}(?!\d)" for truth in TRUTH.values() for number in (truth, truth - COUNTED)))

    def _as(self, user):
        """A fresh environment, as a request has it."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env(user=user, context={})

    def _attempt(self, attempt):
        """What an attempt learns: its result, or None when it is refused."""
        self.env.flush_all()
        self.env.invalidate_all()
        try:
            with self.cr.savepoint():
                return attempt()
        except REFUSALS as error:
            self.assertNoTruth(str(error))
            return None

    def assertNoBisection(self, search):
        """Between numbers of one sign no answer differs, so that halving leads nowhere."""
        for sign in (1, -1):
            answers = [
                self._attempt(lambda: search(sign * number))
                for number in (1, COUNTED + 1, TRUTH["product"] - COUNTED, TRUTH["product"], 1e9)]
            self.assertEqual([answer for answer in answers if answer != answers[0]], [], answers)

    def assertNoTruth(self, result, message=None):
        text = repr(result).replace(",", "").replace("\\xa0", "")
        self.assertIsNone(self.digits.search(text), message or text[:400])


class TestBlindCounter(BlindCase):
    """Somebody who is a counter and nothing else does not learn what the books show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.counter

    def setUp(self):
        super().setUp()
        env = self._as(self.user)
        self.lines = env["stock.cycle.count.line"]
        self.own = self.lines.browse(self.line.id)

    def test_truth_is_there_to_be_found(self):
        """The attempts look for the right digits: a supervisor sees them."""
        line = self._as(self.supervisor)["stock.cycle.count.line"].browse(self.line.id)
        with self.assertRaises(AssertionError):
            self.assertNoTruth(line.read(["expected_qty"]))
        with self.assertRaises(AssertionError):
            self.assertNoTruth(line.read(["variance_qty"]))
        self.assertEqual(self._as(self.worker)["product.product"].browse(self.product.id).qty_available, TRUTH["product"])

    def test_fields(self):
        for name in SECRETS:
            attempts = {
                "read": lambda: self.own.read([name]),
                "search_read": lambda: self.lines.search_read([], [name]),
                "web_read": lambda: self.own.web_read({name: {}}),
                "web_search_read": lambda: self.lines.web_search_read([], {name: {}}),
                "export_data": lambda: self.own.export_data([name]),
                "read_group": lambda: name in self.lines.read_group([], [name], ["product_id"])[0],
                "group by": lambda: self.lines.read_group([], [], [name]),
                "aggregate": lambda: self.lines.web_read_group([], [f"{name}:count"], ["product_id"]),
                "order": lambda: self.lines.search([], order=name),
                "order of read": lambda: self.lines.search_read([], ["id"], order=f"{name} desc"),
                "onchange": lambda: self.own.onchange({"count_input": "3"}, ["count_input"], {name: {}}),
                "sheet": lambda: self.own.count_id.web_read({"line_ids": {"fields": {name: {}}}}),
            }
            for how, attempt in attempts.items():
                with self.subTest(field=name, how=how):
                    self.assertFalse(self._attempt(attempt), "not refused")

    def test_all_that_can_be_read(self):
        """Read without naming fields gives what is allowed, and no quantity of the books in it."""
        env = self.lines.env
        for records in (
            self.lines.search([]), self.own.count_id, env["stock.cycle.count.entry"].search([]), self.own.product_id,
            self.own.location_id, self.own.company_id, env["mail.activity"].search([]),
            env["stock.abc.class"].search([]), env["stock.cycle.count.reason"].search([]),
        ):
            with self.subTest(model=records._name):
                own = records._name.startswith(("stock.cycle", "mail"))
                values = records.read(list(records.fields_get()) if own else ["display_name"])
                self.assertEqual(len(values), len(records))
                self.assertNoTruth(values)
        for names in (
            ["entry_ids/book_quantity"], ["product_id/qty_available"], ["product_id/stock_quant_ids/quantity"],
            ["location_id/quant_ids/quantity"], ["package_id/quant_ids/quantity"], ["lot_id/product_qty"],
            ["quant_id/quantity"], ["location_id/net_weight"],
        ):
            with self.subTest(export=names):
                self.assertNoTruth(self._attempt(lambda: self.lines.search([]).export_data(names)))

    @mute_logger("odoo.osv.expression")
    def test_domains_do_not_bisect(self):
        for path in PATHS:
            for operator in (">", "="):
                with self.subTest(path=path, operator=operator):
                    self.assertNoBisection(
                        lambda value: self.lines.search([(path, operator, value)]).ids)

    @mute_logger("odoo.osv.expression")
    def test_sheets_and_products_do_not_bisect(self):
        env = self.lines.env
        for model, paths in {
            "stock.cycle.count": ["line_ids.expected_qty", "line_ids.variance_qty", "adjustment_value",
                                  "line_ids.product_id.qty_available", "line_ids.entry_ids.book_quantity"],
            "stock.cycle.count.entry": ["book_quantity", "line_id.expected_qty", "line_id.product_id.qty_available"],
            "product.product": ["qty_available", "virtual_available", "free_qty", "stock_quant_ids.quantity",
                                "stock_move_ids.product_qty"],
            "product.template": ["qty_available", "virtual_available", "product_variant_ids.stock_quant_ids.quantity"],
            "stock.location": ["quant_ids.quantity", "net_weight", "outgoing_move_line_ids.quantity"],
            "stock.quant.package": ["quant_ids.quantity"],
        }.items():
            for path in paths:
                with self.subTest(model=model, path=path):
                    self.assertNoBisection(
                        lambda value: env[model].search([(path, ">", value)]).ids)

    def test_models_of_stock(self):
        env = self.lines.env
        for model in (
            "stock.quant", "stock.move.line", "stock.move", "stock.lot", "stock.picking", "report.stock.quantity",
            "stock.scrap", "stock.warehouse.orderpoint", "stock.valuation.layer", "stock.abc.assignment",
            "stock.cycle.count.position", "stock.cycle.count.draw", "stock.cycle.count.approval", "stock.cycle.count.transfer",
            "stock.cycle.count.risk", "stock.cycle.count.event", "stock.cycle.count.cause",
            "stock.cycle.count.hint",
            "mail.tracking.value",
        ):
            if model not in env:
                continue
            with self.subTest(model=model):
                self.assertFalse(self._attempt(lambda: env[model].search([])))
                self.assertFalse(self._attempt(lambda: env[model].search_read([])))
                self.assertFalse(self._attempt(lambda: env[model].search_count([])))
                groups = self._attempt(lambda: env[model].read_group([], [], []))
                self.assertFalse(groups and groups[0]["__count"])
        self.assertFalse(self._attempt(lambda: env["stock.quant"].browse(self.quant.id).read(["quantity"])))

    def test_every_number_of_core(self):
        env = self.lines.env
        kinds = ("float", "integer", "monetary", "one2many", "many2many", "text", "html", "char")
        for records in (
            env["product.product"].browse(self.product.id), env["product.template"].browse(self.product.product_tmpl_id.id),
            env["stock.location"].browse(self.bin_a.id), env["stock.lot"].browse(self.lot.id),
            env["stock.quant.package"].browse(self.package.id), env["stock.warehouse"].browse(self.warehouse.id),
            env["product.category"].browse(self.product.categ_id.id),
        ):
            for name, field in records._fields.items():
                if field.type in kinds:
                    with self.subTest(field=str(field)):
                        self.assertNoTruth(self._attempt(lambda: records.read([name])))

    def test_public_methods(self):
        env = self.lines.env
        product = env["product.product"].browse(self.product.id)
        quant = env["stock.quant"].browse(self.quant.id)
        for attempt in (
            lambda: env["stock.forecasted_product_product"].get_report_values([product.id]),
            lambda: env["stock.forecasted_product_template"].get_report_values([product.product_tmpl_id.id]),
            lambda: env["report.stock.report_reception"].get_report_data([], {}),
            lambda: env["stock.traceability.report"].get_lines(
                False, model_name="stock.lot", model_id=self.lot.id, level=1),
            lambda: env["stock.traceability.report"].get_main_lines(
                {"active_id": self.lot.id, "active_ids": [self.lot.id], "model": "stock.lot"}),
            lambda: env["ir.actions.report"]._render_qweb_html("stock.action_report_inventory", quant.ids),
            lambda: env["ir.actions.report"]._render_qweb_html(
                "stock.action_report_quant_package_barcode", self.package.ids),
            lambda: (quant.action_set_inventory_quantity(), quant.read()),
            quant.action_view_inventory, quant.action_inventory_history, quant.check_quantity,
            product.action_open_quants, product.action_product_forecast_report, product.action_view_stock_move_lines,
            product.action_open_product_lot, product.action_update_quantity_on_hand,
            product.action_view_cycle_count_positions, product.action_view_abc_assignments,
            product.get_components, product.open_pricelist_rules,
            lambda: product.onchange({"type": "product"}, ["type"], {"qty_available": {}, "virtual_available": {}}),
            lambda: env["stock.quant"].onchange(
                {"product_id": self.product.id, "location_id": self.bin_a.id}, ["product_id", "location_id"],
                {"quantity": {}, "available_quantity": {}, "inventory_quantity": {}}),
            lambda: env["stock.move.line"].create({
                "product_id": self.product.id, "location_id": self.bin_a.id, "location_dest_id": self.customer.id,
                "product_uom_id": self.product.uom_id.id, "quantity": 1, "company_id": self.company.id}).read(),
        ):
            self.assertNoTruth(self._attempt(attempt))

    def test_forms_compute_nothing(self):
        """A form sends any values it likes to compute with."""
        key = {"product_id": self.product.id, "location_id": self.bin_a.id, "lot_id": False, "package_id": False,
               "owner_id": False}
        opened = self.make_sheet((self.other_product, self.bin_a), blind=False, start=True)
        shown = {"shown_expected_qty": {}}
        sheet = self.own.count_id
        for attempt in (
            lambda: self.own.onchange({"count_id": False}, ["count_id"], {"count_id": {}, **shown}),
            lambda: self.own.onchange({"count_id": opened.id}, ["count_id"], {"count_id": {}, **shown}),
            lambda: self.lines.onchange(dict(key, count_id=False), ["product_id"], {"product_id": {}, **shown}),
            lambda: self.lines.onchange(dict(key, count_id=opened.id), ["product_id"], {"product_id": {}, **shown}),
            lambda: self.lines.onchange(dict(key, count_id=opened.id), [], {**dict.fromkeys(key, {}), **shown}),
            lambda: self.lines.browse(opened.line_ids.id).onchange(
                {"product_id": self.product.id}, ["product_id"], {"product_id": {}, **shown}),
            lambda: sheet.onchange({"blind": False}, ["blind"], {"blind": {}, "line_ids": {"fields": shown}}),
            lambda: self.lines.onchange(
                dict(key, entry_ids=[(4, self.line.entry_ids.id)], round=1), ["round"],
                {"expected_qty": {}, "variance_qty": {}}),
            lambda: self.lines.new(key).shown_expected_qty,
            lambda: self.lines.env["stock.cycle.count.entry"].browse(self.line.entry_ids.id).onchange(
                {"quantity": 4}, ["quantity"], {"book_quantity": {}}),
        ):
            self.assertNoTruth(self._attempt(attempt))

    def test_reason_is_no_oracle(self):
        """A reason for one direction tells nobody on a blind sheet which direction it is."""
        gain, loss = self.env["stock.cycle.count.reason"].create([
            {"code": "FG", "name": "Found", "direction": "gain"}, {"code": "FL", "name": "Lost", "direction": "loss"}])
        for reason in gain, loss:
            self.own.reason_id = reason
            for text in ("1", str(TRUTH["product"]), "99999"):
                self.own.count_input = text
                self.own.env.flush_all()
        self.own.with_user(self.supervisor).reason_id = gain
        with self.assertRaises(ValidationError):
            self.own.with_user(self.supervisor).reason_id = loss

    def test_messages(self):
        sheet = self.own.count_id
        sheet.with_user(self.supervisor).write({"scheduled_date": "2031-01-01"})
        self.type_count(self.line, "5")
        sheet.with_user(self.counter)._close()
        self.env.flush_all()
        env = self._as(self.counter)
        for records in (env["mail.message"].search([]), env["mail.activity"].search([])):
            self.assertNoTruth(records.read())
        self.assertNoTruth(self.lines.name_search(""))

    def test_what_became_of_it(self):
        """Whether a line agrees with the books says what these are, so that nothing of it is seen after counting."""
        sheet = self.own.count_id
        sheet.with_user(self.counter)._close()
        self.env.invalidate_all()
        for attempt in (
            lambda: self.own.read(["state"]), lambda: self.own.read(["post_date"]), lambda: sheet.read(["waiting_count"]),
            lambda: sheet.read(["state"]), lambda: sheet.search([("id", "=", sheet.id)]),
            lambda: self.lines.search([("state", "=", "to_approve")]),
            lambda: sheet.search([("line_ids.state", "=", "to_approve")]),
        ):
            self.assertFalse(self._attempt(attempt))
        self.assertTrue(self._as(self.supervisor)["stock.cycle.count.line"].browse(self.own.id).read(["state"]))

    def test_what_became_of_the_others_while_one_is_recounted(self):
        sheet = self.own.count_id
        sheet.with_user(self.counter)._close()
        sheet.sudo()._send_to_recount(self.own.sudo(), self.second)
        self._as(self.user)
        self.assertFalse(self.lines.search([("count_id", "=", sheet.id)]))
        self.assertFalse(self._attempt(lambda: sheet.read(["state"])))
        recounted = self._as(self.second)["stock.cycle.count.line"].browse(self.own.id)
        self.assertEqual(recounted.count_id.state, "in_progress")
        self.assertEqual(recounted.search([("count_id", "=", sheet.id), ("state", "!=", "cancel")]), recounted)
        self.count(self.own.sudo(), 14, self.second)
        self._as(self.second)
        self.assertEqual((recounted.state, recounted.count_input), ("counted", "14"))

    def test_recounters_do_not_see_what_was_counted_before(self):
        """Whatever a form claims of the line."""
        sheet = self.own.count_id
        sheet.with_user(self.counter)._close()
        sheet.sudo()._send_to_recount(self.own.sudo(), self.second)
        line = self._as(self.second)["stock.cycle.count.line"].browse(self.own.id)
        shown = {"count_input": {}, "late_input": {}, "late_date": {}}
        for values in {"state": "counted"}, {"round": 1}, {"state": "counted", "count_date": "2024-01-01 00:00:00"}:
            value = line.onchange(values, list(values), shown).get("value", {})
            self.assertFalse(any(value.values()), value)
        self.assertFalse(any(line.read(list(shown))[0][name] for name in shown))

    def test_quantities_are_not_answered(self):
        """No error depends on the books."""
        for text in ("12", str(TRUTH["product"]), str(TRUTH["product"] * 10), "74113"):
            self.own.count_input = text
            warning = self.own.onchange({"count_input": text}, ["count_input"], {"count_input": {}})
            self.assertNotIn("warning", warning)

    def test_scanner(self):
        scanner = self.lines.env["stock.cycle.count.scanner"]
        state = {"screen": "location", "count_id": self.sheet.id, "location_id": self.bin_a.id}
        for attempt in (
            lambda: scanner.show(None), lambda: scanner.show(state), lambda: scanner.show(dict(state, screen="sheet")),
            lambda: scanner.scan(state, self.product.default_code), lambda: scanner.scan(state, self.package.name),
            lambda: scanner.scan({}, self.bin_a.barcode), lambda: scanner.scan(state, self.lot.name),
            lambda: scanner.act(state, "close"),
        ):
            answer = self._attempt(attempt)
            self.assertTrue(answer)
            self.assertNoTruth(answer)


class TestBlindForWhom(BlindCase):
    """Only counters without a role in stock lose what core shows; others lose the secrets of blind sheets alone."""

    def test_stock_user_who_counts(self):
        """What core shows stays; no field of ours shows the expected quantity of a blind sheet."""
        self.sheet.with_user(self.worker).action_take_over()
        line = self._as(self.worker)["stock.cycle.count.line"].browse(self.line.id)
        for name in set(SECRETS) - {"move_ids"}:
            with self.subTest(field=name), self.assertRaises(AccessError):
                line.read([name])
        readable = line.read(list(line.fields_get()))
        self.assertNoTruth(readable)
        self.assertFalse(line.shown_expected_qty)
        self.assertNoTruth(line.onchange({"count_id": False}, ["count_id"], {"count_id": {}, "shown_expected_qty": {}}))
        self.assertEqual(line.env["stock.quant"].browse(self.quant.id).quantity, TRUTH["product"])

    def test_open_sheet_shows_it(self):
        sheet = self.make_sheet((self.other_product, self.bin_a), blind=False, start=True)
        self.receive(self.other_product, self.bin_a, 7)
        line = self._as(self.counter)["stock.cycle.count.line"].browse(sheet.line_ids.id)
        self.assertEqual(line.shown_expected_qty, 7)
        changed = line.onchange({"count_input": "6"}, ["count_input"], {"count_input": {}, "shown_expected_qty": {}})
        self.assertNotIn("shown_expected_qty", changed["value"])

    def test_roles_keep_what_core_gives(self):
        for user in (self.outsider, self.worker, self.supervisor, self.manager):
            with self.subTest(user=user.login):
                env = self._as(user)
                self.assertEqual(env["stock.quant"].browse(self.quant.id).quantity, TRUTH["product"])
                self.assertTrue(env["stock.move.line"].search_count([("product_id", "=", self.product.id)]))
                self.assertTrue(env["report.stock.quantity"].search_count([("product_id", "=", self.product.id)]))
        self.assertEqual(
            self._as(self.worker)["product.product"].browse(self.product.id).qty_available, TRUTH["product"])

    def test_another_role_gives_it_back(self):
        """Whoever may read moves by another role keeps on-hand while being a counter."""
        clerk = self.make_user("floor_clerk", "stock_cycle_count.group_counter,base.group_user")
        self.assertFalse(self._as(clerk)["stock.quant"].search_count([]))
        group = self.env["res.groups"].create({"name": "Clerks", "users": [Command.link(clerk.id)]})
        self.env["ir.model.access"].create({
            "name": "clerks", "model_id": self.env["ir.model"]._get_id("stock.move"), "group_id": group.id,
            "perm_read": True})
        self.assertTrue(self._as(clerk)["stock.quant"].search_count([]))
