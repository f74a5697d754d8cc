"""What planners and those who check them do, in a real browser."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import SCREEN_SIZES
from .common_gate import GateCase

PHONE, DESK = SCREEN_SIZES


@tagged("post_install", "-at_install")
class TestPlanningTour(GateCase, HttpCase):
    """What if, hints and the check of a draw, by a controller, who plans as well."""

    browser_size = PHONE
    color_scheme = "light"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for place in (cls.bin_b, cls.bin_c):
            cls.receive(cls.product, place, 20)
        # Every day is a working day, so that something is drawn whenever this runs.
        calendar = cls.env["resource.calendar"].create({"name": "Always", "company_id": cls.company.id, "attendance_ids": [
            Command.create({"name": day, "dayofweek": day, "hour_from": 8, "hour_to": 16}) for day in "0123456"]})
        cls.plan = cls.make_plan(daily_capacity=50, control_target=200, calendar_id=calendar.id)
        cls.plan.action_schedule()
        cls.plan.action_generate()
        cls.plan.action_rank()

        draw = cls.plan.count_ids.line_ids.draw_id[:1]
        cls.add_draw(cls.make_plan(name="Changed", active=False), draw.day)
        cls.receive(cls.other_product, cls.bin_b, 20)

    def _make_hint(self, line):
        return self.env["stock.cycle.count.hint"].create({
            "company_id": self.company.id, "kind": "pair", "subject": "tour", "product_id": line.product_id.id,
            "value": 30, "line_ids": line.ids, "facts": {
                "loser": self.bin_a.name, "winner": self.bin_b.name, "quantity": 6, "days": 2}})

    def test_what_if_hints_and_verify(self):
        line = self._close_with((20, self.other_product, self.bin_b)).line_ids
        hint = self._make_hint(line)
        self.start_tour(
            f"/web#id={self.plan.id}&model=stock.cycle.count.plan&view_type=form", "stock_cycle_count_planning",
            login=self.controller.login, cookies={"color_scheme": self.color_scheme}, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(self.plan.daily_capacity, 7)
        self.assertTrue(hint.count_date)
        self.assertEqual((hint.state, hint.dismissal, hint.dismissed_by_id), ("dismissed", "known", self.controller))


@tagged("post_install", "-at_install", "long")
class TestPlanningTourInTheDark(TestPlanningTour):

    browser_size = DESK
    color_scheme = "dark"
