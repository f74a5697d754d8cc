from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common_planning import TODAY, PlanningCase

READ, WRITE, CREATE, DELETE = "r", "w", "c", "d"
OPERATIONS = {READ: "read", WRITE: "write", CREATE: "create", DELETE: "unlink"}

#: What each role may do with the rows of a model, before record rules and guards of single fields.
RIGHTS = {
    "stock.abc.profile": {"worker": "r", "supervisor": "r", "controller": "r", "finance": "r", "manager": "rwcd"},
    "stock.abc.class": {
        "counter": "r", "worker": "r", "supervisor": "r", "controller": "r", "finance": "r", "manager": "rwcd"},
    "stock.abc.assignment": {
        "worker": "r", "supervisor": "rw", "controller": "rw", "finance": "r", "manager": "rw"},
    "stock.abc.history": {"worker": "r", "supervisor": "r", "controller": "r", "finance": "r", "manager": "r"},
    "stock.cycle.count.plan": {
        "worker": "r", "supervisor": "rwc", "controller": "rwc", "finance": "r", "manager": "rwcd"},
    "stock.cycle.count.position": {
        "worker": "r", "supervisor": "rw", "controller": "rw", "finance": "r", "manager": "r"},
    "stock.cycle.count": {
        "counter": "r", "worker": "r", "supervisor": "rwcd", "controller": "rwcd", "finance": "r", "manager": "r"},
    "stock.cycle.count.line": {
        "counter": "rw", "worker": "rw", "supervisor": "rwcd", "controller": "rwcd", "finance": "rw", "manager": "rw"},
    "stock.cycle.count.entry": {
        "counter": "r", "worker": "r", "supervisor": "r", "controller": "r", "finance": "r", "manager": "r"},
}


class SecurityCase(PlanningCase):
    """One record of every model, in our company, and three sheets: the counter's, somebody else's, nobody's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.make_profile()
        cls.plan = cls.make_plan(profile_id=cls.profile.id, sheet_size=1, counter_ids=[
            Command.set((cls.counter | cls.second).ids)])
        cls.products = cls.make_products(3)
        for product, place in zip(cls.products, cls.bins):
            cls.make_quant(product, place)
        cls.profile.action_classify()
        cls.assignment = cls.profile.assignment_ids[0]
        cls.assignment.write({"manual_class_id": cls.profile.class_ids[2].id, "manual_reason": "Test"})
        cls.history = cls.env["stock.abc.history"].search([("product_id", "=", cls.assignment.product_id.id)])
        cls.plan.action_schedule()
        cls.plan.position_ids.manual_date = TODAY
        cls.plan.action_generate()
        cls.own, cls.others, cls.nobodys = cls.plan.count_ids.sorted("id")
        assert (cls.own | cls.others).mapped("user_id") == (cls.counter | cls.second).sorted("id")
        cls.own.user_id, cls.others.user_id, cls.nobodys.user_id = cls.counter, cls.second, False
        cls.own.with_user(cls.counter).with_context(allowed_company_ids=cls.company.ids).action_start()
        cls.own.line_ids.with_user(cls.counter).with_context(
            allowed_company_ids=cls.company.ids).write({"count_input": "3"})
        cls.records = {record._name: record for record in (
            cls.profile, cls.profile.class_ids[0], cls.assignment, cls.history, cls.plan, cls.plan.position_ids[0],
            cls.own, cls.own.line_ids, cls.own.line_ids.entry_ids)}
        cls.env.flush_all()


class TestRights(SecurityCase):

    def test_matrix(self):
        self.assertEqual(set(self.records), set(RIGHTS))
        for model, by_role in RIGHTS.items():
            for role, user in self.users.items():
                may = by_role.get(role, "")
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        allowed = self.as_user(user, self.env[model]).check_access_rights(
                            operation, raise_exception=False)
                        self.assertEqual(allowed, letter in may)

    def test_every_model_has_a_company_rule_and_every_role_a_right(self):
        models = self.env["ir.model"].search(
            [("model", "=like", "stock.abc.%")]) | self.env["ir.model"].search([("model", "=like", "stock.cycle.count%")])
        for model in models:
            Model = self.env[model.model]
            if Model._abstract or Model._transient:
                continue
            with self.subTest(model=model.model):
                self.assertIn("company_id", Model._fields)
                rules = model.rule_ids.filtered(lambda rule: not rule.groups)
                self.assertIn("company_ids", " ".join(rules.mapped("domain_force")))
                self.assertTrue(model.access_ids)

    def test_reading(self):
        for model, record in self.records.items():
            for role, user in self.users.items():
                with self.subTest(model=model, role=role):
                    if READ in RIGHTS[model].get(role, ""):
                        found = self.call(user, record.browse(), "search_read", [("id", "=", record.id)], ["display_name"])
                        self.assertEqual(len(found), 0 if model.endswith("entry") and role in ("worker", "manager") else 1)
                    else:
                        with self.assertRaises(AccessError):
                            self.call(user, record, "read", ["display_name"])
                        with self.assertRaises(AccessError):
                            self.call(user, record.browse(), "search_read", [], ["id"])
                        with self.assertRaises(AccessError):
                            self.call(user, record.browse(), "search_count", [])

    def test_writing_and_deleting(self):
        harmless = {
            "stock.abc.profile": {"sequence": 5}, "stock.abc.class": {"hit_tolerance": 1},
            "stock.abc.assignment": {"manual_until": "2030-01-01"}, "stock.abc.history": {"note": "x"},
            "stock.cycle.count.plan": {"sequence": 5}, "stock.cycle.count.position": {"manual_date": "2024-04-01"},
            "stock.cycle.count": {"scheduled_date": "2024-04-01"}, "stock.cycle.count.line": {"note": "x"},
            "stock.cycle.count.entry": {"quantity": 7},
        }
        # Of stock users, those who count a sheet write on its lines.
        self.own.participant_ids = self.users["worker"] | self.users["manager"]
        for model, record in self.records.items():
            for role, user in self.users.items():
                may = RIGHTS[model].get(role, "")
                with self.subTest(model=model, role=role):
                    if WRITE in may:
                        self.assertTrue(self.call(user, record, "write", harmless[model]))
                    else:
                        with self.assertRaises(UserError):
                            self.call(user, record, "write", harmless[model])
                    if DELETE not in may:
                        with self.assertRaises(UserError):
                            self.call(user, record, "unlink")
                    if CREATE not in may:
                        with self.assertRaises(AccessError):
                            self.call(user, record.browse(), "create", dict(harmless[model]))

    def test_fields_that_this_addon_adds_do_not_lock_others_out(self):
        """Whoever may read a product or a place may do so with all fields that are offered, as exports do."""
        product = self.products[0]
        quant = self.env["stock.quant"].search([("product_id", "=", product.id)])
        for role, user in self.users.items():
            for record in (product, product.product_tmpl_id, self.bin, quant):
                if role == "counter" and record == quant:
                    continue
                with self.subTest(role=role, model=record._name):
                    names = [name for name in self.call(user, record.browse(), "fields_get", [], ["type"])
                             if name.startswith(("cycle_count", "abc_"))]
                    self.call(user, record, "read", ["display_name", *names])


class TestRecordRules(SecurityCase):

    def test_companies_are_walls(self):
        for model, record in self.records.items():
            with self.subTest(model=model):
                self.assertFalse(self.call(self.stranger, record.browse(), "search", [("id", "=", record.id)]))
                with self.assertRaises(AccessError):
                    self.call(self.stranger, record, "read", ["display_name"])
                with self.assertRaises(UserError):
                    self.call(self.stranger, record, "write", {"company_id": self.other_company.id})

    def test_naming_another_company_opens_nothing(self):
        for record in self.records.values():
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                self.call(self.stranger, record, "read", ["display_name"],
                          context={"allowed_company_ids": self.company.ids})

    def test_actions_of_another_company(self):
        for record, action in [
            (self.profile, "action_classify"), (self.plan, "action_schedule"), (self.plan, "action_generate"),
            (self.own, "action_cancel"), (self.nobodys, "action_start"), (self.others, "action_take_over"),
        ]:
            with self.subTest(action=action), self.assertRaises(AccessError):
                self.call(self.stranger, record, action)
        for record, method in ((self.profile, "get_pareto_chart"), (self.plan, "get_forecast_chart")):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.stranger, record.browse(), method, record.id)

    def test_both_companies_at_once(self):
        self.stranger.company_ids |= self.company
        self.assertEqual(self.call(self.stranger, self.own, "read", ["name"])[0]["name"], self.own.name)

    def test_counters_see_their_own_sheets_and_those_that_nobody_has(self):
        sheets = self.own | self.others | self.nobodys
        for user, seen in [
            (self.counter, self.own | self.nobodys), (self.second, self.others | self.nobodys),
            (self.worker, sheets), (self.supervisor, sheets), (self.controller, sheets),
        ]:
            with self.subTest(user=user.login):
                for model, visible, known in (
                    (sheets, seen, sheets), (sheets.line_ids, seen.line_ids, sheets.line_ids)):
                    found = self.call(user, model.browse(), "search", [("id", "in", known.ids)])
                    self.assertEqual(set(found), set(visible.ids))
                    for hidden in known - visible:
                        with self.assertRaises(AccessError):
                            self.call(user, hidden, "read", ["display_name"])

    def test_counters_act_on_their_own_sheets_only(self):
        with self.assertRaises(AccessError):
            self.call(self.counter, self.others, "action_start")
        with self.assertRaises(AccessError):
            self.call(self.counter, self.others.line_ids, "write", {"count_input": "5"})
        self.call(self.counter, self.nobodys, "action_start")
        self.assertEqual(self.nobodys.user_id, self.counter)
        with self.assertRaises(AccessError):
            self.call(self.second, self.nobodys, "read", ["name"])

    def test_counters_see_no_stock_by_other_ways(self):
        quant = self.env["stock.quant"].search([("product_id", "=", self.products[0].id)])
        self.assertFalse(self.call(self.counter, quant.browse(), "search", []))
        with self.assertRaises(AccessError):
            self.call(self.counter, quant, "read", ["quantity"])
        self.assertTrue(self.call(self.worker, quant, "read", ["quantity"]))

    def test_nobody_calls_private_methods(self):
        for record, method in [
            (self.plan, "_schedule"), (self.plan, "_generate"), (self.plan, "_cron_schedule"),
            (self.profile, "_classify"), (self.profile, "_cron_classify"), (self.plan, "_run_pending"),
            (self.plan.position_ids, "_set_counted"), (self.own, "_transition"), (self.own.line_ids, "_cancel"),
            (self.own.line_ids.entry_ids, "_record"), (self.assignment, "_expire_manual"),
        ]:
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.controller, record, method)
