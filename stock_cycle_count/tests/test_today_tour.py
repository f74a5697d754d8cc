from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import SCREEN_SIZES
from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestTodayTour(GateCase, HttpCase):
    """The page of the day in a real browser: one difference of a random count is booked, another waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.make_plan()
        cls.receive(cls.other_product, cls.bin_b, 20)

    def setUp(self):
        super().setUp()
        waiting, drawn = self._close_with((90, self.product)), self._close_with((5, self.other_product, self.bin_b))
        (waiting | drawn).plan_id = self.plan
        self._approve(drawn.line_ids, self.supervisor)
        drawn.with_user(self.supervisor).action_finalize()
        self.assertEqual(drawn.line_ids.state, "posted")
        draw = self.add_draw(self.plan, fields.Date.context_today(self.plan))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_cycle_count_line SET draw_id = %s, draw_weight = 1 WHERE count_id = %s", (draw.id, drawn.id))
        self.env.invalidate_all()

    def _start(self, name, user):
        for size in SCREEN_SIZES:
            user.sudo().res_users_settings_ids.cycle_count_filters = False
            with self.subTest(size=size), patch.object(type(self), "browser_size", size):
                self.start_tour("/web", name, login=user.login)

    def test_a_supervisor_reads_the_day(self):
        self._start("stock_cycle_count_today_supervisor", self.supervisor)
        self.assertEqual(
            self.supervisor.res_users_settings_ids.cycle_count_filters,
            {"days": 30, "warehouse_ids": [], "plan_ids": []})

    def test_a_controller_reads_the_day(self):
        self._start("stock_cycle_count_today_controller", self.finance)
