"""Who is no employee, portal users and the public, learns nothing of counts and changes nothing, by any method or route."""

import inspect

import pytest

from odoo.api import call_kw
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.stock_cycle_count.tests.common_draw import DrawCase
from odoo.addons.stock_cycle_count.tests.common_observer import get_own_methods


@pytest.mark.long
@tagged("post_install", "-at_install")
class TestPortalUsers(DrawCase, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cycle_count_bin_share = 100
        cls.people = [new_test_user(cls.env, f"floor_{role}", f"base.group_{role}") for role in ("portal", "public")]

    def setUp(self):
        super().setUp()
        self.end(self.generate())
        self.env.flush_all()

    def get_models(self):
        """Models of this addon that have records or answer calls; slices of them have neither."""
        return [
            self.env[name] for name in self.env.registry
            if name.startswith(("stock.cycle.count", "stock.abc")) and (
                not self.env[name]._abstract or name in ("stock.cycle.count.answers", "stock.cycle.count.scanner"))]

    def test_nobody_reads_a_record(self):
        for Model in self.get_models():
            for user in self.people if not Model._abstract else ():
                for method, args in (("search_read", [[], ["id"]]), ("search_count", [[]]), ("name_search", []),
                                     ("read_group", [[], ["id:count"], []])):
                    with self.subTest(model=Model._name, user=user.login, method=method), self.assertRaises(AccessError):
                        call_kw(self.as_user(user, Model), method, args, {})

    def test_no_method_answers(self):
        """Each is refused, or only opens a list that then is."""
        called = 0
        for Model in self.get_models():
            ids = [] if Model._abstract else Model.sudo().search([], limit=1).ids or [1]
            for method in get_own_methods(Model):
                function = inspect.unwrap(getattr(type(Model), method))
                wanted = [one for one in list(inspect.signature(function).parameters.values())[1:] if one.default is one.empty]
                first = [] if getattr(function, "_api", None) in ("model", "model_create") else [ids]
                for user in self.people:
                    called += 1
                    with self.subTest(model=Model._name, user=user.login, method=method), self.cr.savepoint() as savepoint:
                        try:
                            answer = call_kw(self.as_user(user, Model), method, [*first, *([{}] * len(wanted))], {})
                        except UserError:
                            answer = False
                        savepoint.rollback()
                        self.assertTrue(not answer or answer["type"].startswith("ir.actions"), answer)
                    self.env.invalidate_all()
        self.assertGreater(called, 100)

    def test_no_route_answers(self):
        sheet = self.plan.count_ids[:1]
        for user in (self.people[0], None):
            self.authenticate(user and user.login, user and user.login)
            for kind in ("csv", "xlsx"):
                answer = self.url_open(f"/stock_cycle_count/{sheet.id}/counts.{kind}", allow_redirects=False)
                self.assertNotEqual(answer.status_code, 200)
