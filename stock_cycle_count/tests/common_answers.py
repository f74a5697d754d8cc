from datetime import datetime, time, timedelta

from odoo.tools import SQL

from .common_planning import TODAY, PlanningCase

ANSWERS, RESULT = "stock.cycle.count.answers", "stock.cycle.count.result"


class AnswersCase(PlanningCase):
    """Lines that were counted on some day of the past, written as counting would have left them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.make_plan()
        cls.profile = cls.make_profile()
        cls.class_a, cls.class_b, cls.class_c = cls.profile.class_ids
        cls.sheet = cls.make_past_sheet()
        cls.picking, cls.unknown, cls.theft = cls.env["stock.cycle.count.reason"].create([
            {"code": f"X{number}", "name": cause, "root_cause": cause, "company_id": cls.company.id}
            for number, cause in enumerate(("picking", "unknown", "theft"))])

    @classmethod
    def make_past_sheet(cls, **values):
        return cls.env["stock.cycle.count"].create({
            "company_id": cls.company.id, "warehouse_id": cls.warehouse.id, "plan_id": cls.plan.id, "origin": "plan",
            "state": "done", **values})

    @classmethod
    def make_draw(cls, day=TODAY, number=1, plan=None):
        """A draw of so many positions."""
        return cls.add_draw(plan or cls.plan, day, number)

    @classmethod
    def add_lines(cls, *lines):
        """Lines as they are stored; each is named by what differs from a posted match of this morning.

        ``variance`` and ``cost`` give values; a draw makes a line one of the sample.

        :return: the lines
        """
        cls.env.flush_all()
        ids = []
        for values in lines:
            variance, cost = values.pop("variance", 0), values.pop("cost", 5)
            product, location = values.pop("product", cls.product), values.pop("location", cls.bin)
            draw, day = values.pop("draw", None), values.pop("day", TODAY)
            hit = values.pop("hit", not variance)
            state = values.get("state", "posted")
            row = {
                "count_id": cls.sheet.id, "company_id": cls.company.id, "product_id": product.id, "location_id": location.id,
                "state": "posted", "round": 1, "sequence": 10, "selection_reason": "class", "user_id": cls.counter.id,
                "count_date": datetime.combine(day, time(8)), "expected_qty": 10, "counted_qty": 10 + variance,
                "variance_qty": variance, "first_variance_qty": variance, "unit_cost": cost,
                "variance_value": variance * cost, "adjustment_value": variance * cost, "adjustment_qty": variance,
                "transfer_value": 0, "verdict": "within" if variance else "match",
                "is_hit": hit and state != "rejected", "is_exact": not variance and state != "rejected",
                "is_first_hit": hit and state != "rejected", "draw_id": draw and draw.id, "draw_weight": 1 if draw else None,
                "rounding": 0.01, **values}
            columns = [SQL.identifier(name) for name in row]
            cls.env.cr.execute(SQL(
                "INSERT INTO stock_cycle_count_line (%s) VALUES (%s) RETURNING id", SQL(", ").join(columns),
                SQL(", ").join(SQL("%s", value) for value in row.values())))
            ids += cls.env.cr.fetchone()
        cls.env.invalidate_all()
        return cls.env["stock.cycle.count.line"].browse(ids)

    def get_page(self, user=None, **filters):
        return self.call(user or self.supervisor, self.env[ANSWERS], "get_page", filters)

    def get_tiles(self, user=None, **filters):
        return {tile["name"]: tile for tile in self.get_page(user, **filters)["tiles"]}

    def get_figures(self, user=None, **filters):
        self.env.flush_all()
        return self.as_user(user or self.supervisor, self.env[ANSWERS])._get_figures(filters)

    def draw_sample(self, hits, misses, days=1, before=0, **values):
        """A draw a day, back from today or so many days before, with positions that were right and wrong; each has a product
        of its own.
        """
        products = self.make_products(hits + misses)
        dates = [TODAY - timedelta(days=before + day) for day in range(days)]
        draws = [self.make_draw(date, (hits + misses + days - 1 - number) // days) for number, date in enumerate(dates)]
        return self.add_lines(*(
            {"draw": draws[number % days], "day": dates[number % days], "product": product,
             "variance": 0 if number < hits else -2, **values}
            for number, product in enumerate(products)))
