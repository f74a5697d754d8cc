import inspect
from contextlib import nullcontext

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common_gate import GateCase
from .common_observer import OWN, get_own_methods

#: What an auditor makes: packs, which are nobody's evidence, and counts by dialogs.
MADE = {"stock.cycle.count.audit.pack", "stock.cycle.count.audit.entry", "stock.cycle.count.audit.draw"}
#: The page on which everything is set up, which is no record of what was done.
PAGES = {"stock.cycle.count.setup"}
#: Rows of stock that were written in this transaction, but for what auditors write.
TABLES = """
    SELECT COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables
     WHERE relname LIKE 'stock%' AND relname NOT IN (
        'stock_cycle_count_audit_log', 'stock_cycle_count_audit_pack', 'stock_cycle_count_audit_count')
"""


class TestAuditor(GateCase):
    """Reads all that controllers read, and changes nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.make_user("floor_auditor", "stock_cycle_count.group_auditor")
        everyday = cls.env["resource.calendar"].create({
            "name": "Every day", "tz": "UTC", "company_id": cls.company.id, "attendance_ids": [(5, 0, 0)] + [
                (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24}) for day in range(7)]})
        cls.plan = cls.make_plan(
            control_target=100_000, daily_capacity=10, calendar_id=everyday.id, sheet_size=1, grouping="product")
        cls.goods = [cls.make_product(f"Good {number}", 2) for number in range(4)]
        for product, place in zip(cls.goods, (cls.bin_a, cls.bin_b, cls.bin_c, cls.bin_c)):
            cls.receive(product, place, 10)
        cls.plan.action_schedule()
        cls.plan.position_ids.manual_date = cls.plan._get_today()
        cls.plan.action_generate()
        cls.draft, cls.started, cls.waiting, *_rest = cls.plan.count_ids.sorted("id")
        for sheet in cls.started | cls.waiting:
            sheet.with_user(cls.counter).action_start()
        for sheet in cls.waiting:
            cls.env["stock.cycle.count.entry"].with_user(cls.counter)._record(
                [{"line": line.with_user(cls.counter), "quantity": 500} for line in sheet.line_ids], "scanner")
        cls.waiting.with_user(cls.counter).action_close()
        assert set(cls.waiting.line_ids.mapped("state")) == {"to_approve"}
        cls.env.flush_all()

    def get_models(self):
        for name in sorted(self.env.registry):
            if name.startswith(OWN) and not self.env[name]._abstract:
                yield self.as_user(self.auditor, self.env[name])

    def test_reads_all_and_writes_none(self):
        for Model in self.get_models():
            rights = {operation for operation in ("read", "write", "create", "unlink")
                      if Model.check_access_rights(operation, raise_exception=False)}
            with self.subTest(model=Model._name):
                if Model._transient:
                    self.assertEqual(bool(rights), Model._name in MADE)
                else:
                    self.assertEqual(rights, set() if Model._name in PAGES else {"read"})

    def test_reads_every_field_that_controllers_read(self):
        for Model in self.get_models():
            if Model._transient:
                continue
            finance = self.as_user(self.finance, Model)
            with self.subTest(model=Model._name):
                self.assertGreaterEqual(set(Model.fields_get()), set(finance.fields_get()))
                if finance.check_access_rights("read", raise_exception=False):
                    records = Model.search([], limit=3)
                    self.assertEqual(records, Model.browse(finance.search([], limit=3).ids))
                    records.read()
        self.assertTrue(self.as_user(self.auditor, self.waiting.line_ids[0]).expected_qty)

    @mute_logger("odoo.addons.stock_cycle_count", "odoo.sql_db")
    def test_no_method_changes_anything(self):
        """Every public method, on the first records of each model, in every state of a sheet."""
        sheets = {"stock.cycle.count": self.draft | self.started | self.waiting}
        sheets["stock.cycle.count.line"] = sheets["stock.cycle.count"].line_ids
        tried = changed = 0
        for Model in self.get_models():
            if Model._transient:
                continue
            records = self.as_user(self.auditor, sheets.get(Model._name, Model.sudo().search([], limit=2)))
            for method in get_own_methods(Model):
                parameters = list(inspect.signature(getattr(type(Model), method)).parameters.values())[1:]
                arguments = [False] * sum(
                    one.default is one.empty and one.kind == one.POSITIONAL_OR_KEYWORD for one in parameters)
                for record in [*records, Model.browse()]:
                    tried += 1
                    changes = self.get_changes(lambda: getattr(record, method)(*arguments))
                    changed += changes
                    with self.subTest(model=Model._name, method=method, record=record.ids):
                        self.assertFalse(changes)
        self.assertGreater(tried, 100)

    def get_changes(self, function):
        """How many rows of stock a call changed, which is undone; none where it is refused."""
        self.env.flush_all()
        self.env.invalidate_all()
        with self.cr.savepoint() as savepoint:
            self.cr.execute(TABLES)
            [before] = self.cr.fetchone()
            try:
                function()
                self.env.flush_all()
                self.cr.execute(TABLES)
                return self.cr.fetchone()[0] - before
            except (AccessError, UserError, ValidationError, ValueError, TypeError, AttributeError, KeyError):
                return 0
            finally:
                savepoint.rollback()
                self.env.invalidate_all()
                self.env.clear()

    def test_the_same_calls_of_a_supervisor_do(self):
        """The attempts are the right ones: who decides changes rows by them."""
        line = self.as_user(self.supervisor, self.waiting.line_ids[0])
        self.assertTrue(self.get_changes(lambda: line.action_reject("no")))
        self.assertFalse(self.get_changes(lambda: self.as_user(self.auditor, line).action_reject("no")))

    def test_no_record_is_written(self):
        for record, values in (
            (self.draft, {"user_id": self.second.id}), (self.waiting.line_ids[0], {"note": "mine"}),
            (self.plan, {"daily_capacity": 99}), (self.plan.position_ids[0], {"manual_date": "2030-01-01"}),
            (self.tolerance, {"over_qty": 99}), (self.env["stock.cycle.count.reason"].search([], limit=1), {"name": "x"}),
        ):
            own = self.as_user(self.auditor, record)
            for attempt in (lambda: own.write(values), own.unlink, lambda: own.copy()):
                with self.assertRaises(UserError):
                    attempt()

    def test_follows_nothing(self):
        """Neither sheets nor causes, also not by inviting; whoever counts or decides does."""
        cause = self.env["stock.cycle.count.cause"].create({
            "name": "Why", "company_id": self.company.id, "user_id": self.supervisor.id, "root_cause": "picking"})
        for record in (self.draft, cause):
            before = record.message_partner_ids
            for user in (self.auditor, self.supervisor):
                own = self.as_user(user, record)
                with self.assertRaises(AccessError) if user == self.auditor else nullcontext():
                    self.call(user, own, "message_subscribe", user.partner_id.ids)
            self.env.invalidate_all()
            self.assertEqual(record.message_partner_ids, before | self.supervisor.partner_id)
            with self.assertRaises(AccessError):
                self.as_user(self.auditor, self.env["mail.wizard.invite"]).create({
                    "res_model": record._name, "res_id": record.id, "partner_ids": [(6, 0, self.auditor.partner_id.ids)],
                }).add_followers()

    def test_shares_no_filter(self):
        """Nobody hides from everybody what waits, but whoever decides; one's own filters are one's own."""
        shared = {"name": "Mine", "model_id": "stock.cycle.count.line", "domain": "[(0, '=', 1)]", "is_default": True,
                  "user_id": False}
        Filters = self.env["ir.filters"]
        for user in (self.auditor, self.counter, self.worker):
            own = self.as_user(user, Filters)
            self.assertTrue(own.create({**shared, "user_id": user.id}))
            self.assertTrue(own.create({**shared, "model_id": "res.partner", "is_default": False, "name": user.name}))
            for attempt in (lambda: own.create(shared), lambda: own.create_or_replace(dict(shared, action_id=False))):
                with self.assertRaises(AccessError):
                    attempt()
        decided = self.as_user(self.supervisor, Filters).create(shared)
        with self.assertRaises(AccessError):
            self.as_user(self.auditor, decided).write({"domain": "[]"})

    def test_is_asked_for_no_decision(self):
        for level in (1, 2):
            self.assertTrue(self.waiting._get_approvers(level, self.waiting.line_ids))
            self.assertNotIn(self.auditor, self.waiting._get_approvers(level, self.waiting.line_ids))
        for line in self.waiting.line_ids:
            self.assertFalse(self.as_user(self.auditor, line).can_decide)

    def test_checks_draws_and_makes_packs(self):
        draw = self.as_user(self.auditor, self.env["stock.cycle.count.draw"]).search([("plan_id", "=", self.plan.id)])
        self.assertEqual(draw.action_verify()["params"]["type"], "success")
        pack = self.as_user(self.auditor, self.env["stock.cycle.count.audit.pack"]).create({})
        pack.action_make()
        self.assertTrue(pack.file)

    def test_other_companies_are_walls(self):
        other = self.make_company("Foreign Company")
        stranger = self.make_user("foreign_auditor", "stock_cycle_count.group_auditor", company_id=other.id, company_ids=[
            (6, 0, other.ids)])
        for name in ("", ".line", ".draw", ".entry", ".position"):
            Model = self.as_user(stranger, self.env[f"stock.cycle.count{name}"])
            self.assertFalse(Model.search([("company_id", "=", self.company.id)]))
        with self.assertRaises(AccessError):
            self.as_user(stranger, self.env["stock.cycle.count.audit.pack"]).create({
                "company_id": self.company.id}).action_make()

    def test_menus(self):
        menus = self.as_user(self.auditor, self.env["ir.ui.menu"])._visible_menu_ids()
        for name, seen in (
            ("draw_menu", True), ("audit_pack_menu", True), ("audit_log_menu", True), ("tolerance_menu", True),
            ("reconciliation_menu", True), ("setup_menu", False), ("menu_mine", False), ("scanner_menu", False),
        ):
            self.assertEqual(self.env.ref(f"stock_cycle_count.stock_cycle_count_{name}").id in menus, seen, name)
