from datetime import datetime

from ..tools import draw as drawing
from .common_planning import NOW, PlanningCase


class DrawCase(PlanningCase):
    """A plan with stock of which nothing is due, so that all that it counts is drawn at random."""

    target = 200

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.make_plan(control_target=cls.target, sheet_size=40, daily_capacity=50)
        cls.goods = cls.make_products(10)
        for product in cls.goods:
            for place in cls.bins[:3]:
                cls.make_quant(product, place)
        cls.plan.action_schedule()
        cls.positions = cls.plan.position_ids

    def generate(self, plan=None):
        plan = plan or self.plan
        before = plan.count_ids
        plan.action_generate()
        return plan.count_ids - before

    def get_draws(self, plan=None):
        return self.env["stock.cycle.count.draw"].search([("plan_id", "=", (plan or self.plan).id)], order="day")

    def get_drawn(self, draw):
        return self.positions.browse(drawing.read_frame(draw.drawn_positions))

    def go_to(self, day):
        self.clock.move_to(datetime.combine(day, NOW.time()))

    def end(self, sheets):
        """Count what is there, and close."""
        for sheet in sheets:
            sheet.with_user(self.counter).action_start()
            for line in sheet.line_ids.filtered(lambda line: line.state == "pending"):
                self.count(line, self.on_hand(line.product_id, line.location_id))
            sheet.with_user(self.counter).action_close()
