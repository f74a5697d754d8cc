from datetime import timedelta
from itertools import product as combine

from odoo import Command
from odoo.tests import tagged

from .common_answers import ANSWERS, RESULT, AnswersCase
from .common_planning import TODAY

GROUPS = ("class", "location", "category", "warehouse", "plan", "selection", "reason", "cause", "counter")


class HouseCase(AnswersCase):
    """Two warehouses with plans, another company, and counts in each of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.annex = cls.make_warehouse("Annex", "ANX")
        cls.annex_plan = cls.make_plan(name="Annex", warehouse_id=cls.annex.id)
        cls.annex_bin = cls.make_location("X1", cls.annex.lot_stock_id)
        cls.annex_sheet = cls.make_past_sheet(plan_id=cls.annex_plan.id, warehouse_id=cls.annex.id)
        cls.hand_sheet = cls.make_past_sheet(plan_id=False, origin="manual")
        cls.held_sheet = cls.make_past_sheet(plan_id=False, origin="held_move")
        cls.foreign_plan = cls.env["stock.cycle.count.plan"].create({
            "name": "Foreign", "warehouse_id": cls.other_warehouse.id, "counter_ids": [Command.set(cls.stranger.ids)],
            "calendar_id": cls.other_company.resource_calendar_id.id})
        cls.foreign_sheet = cls.env["stock.cycle.count"].create({
            "company_id": cls.other_company.id, "warehouse_id": cls.other_warehouse.id, "plan_id": cls.foreign_plan.id,
            "origin": "plan", "state": "done"})
        cls.foreign = {
            "company_id": cls.other_company.id, "count_id": cls.foreign_sheet.id, "user_id": None,
            "location": cls.other_warehouse.lot_stock_id}
        annex = {"count_id": cls.annex_sheet.id, "location": cls.annex_bin}
        lines = []
        for age, number in ((1, 6), (40, 5), (200, 4)):
            day = TODAY - timedelta(days=age)
            draws = [cls.make_draw(day, number, plan) for plan in (cls.plan, cls.annex_plan, cls.foreign_plan)]
            for place, draw in zip(({}, annex, cls.foreign), draws):
                for index, thing in enumerate(cls.make_products(number)):
                    control = {"draw": draw, "product": thing, "day": day, **place}
                    chosen = {"day": day, "product": thing, "deadline_date": day + timedelta(days=index - 2), **place}
                    lines += [
                        dict(control, variance=-index % 3, abc_class_id=cls.class_a.id), dict(chosen, variance=-2, cost=3),
                        dict(chosen, variance=index, reason_id=cls.picking.id if index % 2 else cls.unknown.id),
                        dict(chosen, state="to_approve", variance=-4), dict(chosen, state="rejected", variance=5)]
            lines += [{"day": day, "count_id": sheet.id, "variance": -9} for sheet in (cls.hand_sheet, cls.held_sheet)]
        cls.lines = cls.add_lines(*lines)
        cls.env["stock.cycle.count.approval"]._make([
            {"line_id": line.id, "level": 1, "user_id": cls.stranger.id, "date": line.count_date + timedelta(hours=5),
             "decision": "reject" if line.state == "rejected" else "approve"}
            for line in cls.lines if line.verdict == "within" and line.state != "to_approve"])
        for plan, place in ((cls.plan, cls.bin), (cls.annex_plan, cls.annex_bin)):
            for index, thing in enumerate(cls.make_products(4)):
                cls.make_quant(thing, place)
                cls.env["stock.cycle.count.position"].create({
                    "company_id": cls.company.id, "plan_id": plan.id, "location_id": place.id, "product_id": thing.id,
                    "deadline_date": TODAY + timedelta(days=index - 2),
                    "last_count_date": TODAY - timedelta(days=300 * index) if index else False})

    def get_all_filters(self):
        for days, warehouses, plans in combine(
                (30, 90, 365), ([], self.warehouse.ids, self.annex.ids, (self.warehouse | self.annex).ids),
                ([], self.plan.ids, self.annex_plan.ids)):
            yield {"days": days, "warehouse_ids": warehouses, "plan_ids": plans}


@tagged("post_install", "-at_install")
class TestFilters(HouseCase):

    def _assert_counts(self, user, what, model, domain, number):
        self.assertEqual(self.call(user, self.env[model], "search_count", domain), number, what)

    def test_every_number_is_that_of_its_list(self):
        """Tiles, points, bars, rows and rates, in all filters."""
        seen = set()
        for filters in self.get_all_filters():
            page = self.get_page(**filters)
            for tile in page["tiles"]:
                action = tile["action"]
                if not action:
                    continue
                with self.subTest(filters=filters, tile=tile["name"]):
                    self._assert_counts(self.supervisor, "tile", action["res_model"], action["domain"], tile["count"])
                    for point in tile.get("points", ()):
                        self._assert_counts(self.supervisor, "point", action["res_model"], point["domain"], point["lines"])
                    for bar in tile.get("bars", ()):
                        self._assert_counts(self.supervisor, "bar", action["res_model"], bar["domain"], bar["lines"])
                    for row in tile.get("rows", ()):
                        self._assert_counts(self.supervisor, "row", row["model"], row["domain"], row["count"])
                    seen.add(tile["name"])
            for rate in page["rates"]:
                self._assert_counts(self.supervisor, "rate", RESULT, rate["domain"], rate["n"])
        self.assertEqual(seen, {"right", "chart", "why", "promise", "decide", "pays"})

    def test_every_figure_is_that_of_its_list(self):
        for filters in self.get_all_filters():
            for name, figure in self.get_figures(**filters).items():
                with self.subTest(filters=filters, figure=name):
                    self._assert_counts(self.supervisor, name, figure.model, figure.domain, figure.number)
        self.assertEqual(figure.number, 0, "a plan of another warehouse than is asked of leaves nothing")

    def test_sums_are_those_of_the_list(self):
        for filters in self.get_all_filters():
            figures = self.get_figures(**filters)
            for name in ("gross", "gain", "loss", "net", "transfer_value"):
                [row] = self.as_user(self.supervisor, self.env[RESULT]).read_group(figures[name].domain, [f"{name}:sum"], [])
                with self.subTest(filters=filters, figure=name):
                    self.assertAlmostEqual(row[name] or 0, figures[name].value)

    def test_parts_make_the_whole(self):
        whole = self.get_figures()["right"]
        parts = [self.get_figures(warehouse_ids=warehouse.ids)["right"] for warehouse in (self.warehouse, self.annex)]
        self.assertEqual(whole.number, sum(part.number for part in parts))
        self.assertEqual((whole.number, self.get_figures(plan_ids=self.plan.ids)["right"].number), (22, 11))

    def test_held_moves_are_losses_and_no_counts(self):
        figures = self.get_figures(days=30)
        held = self.env[RESULT].search([("count_id", "=", self.held_sheet.id)])
        self.env[RESULT].invalidate_model()
        self.assertEqual(len(held), 3)
        without = self.as_user(self.supervisor, self.env[RESULT]).search(figures["first_pass"].domain)
        self.assertFalse(without & held)
        self.assertTrue(self.env[RESULT].search(figures["loss"].domain) & held)

    def test_rates_of_every_kind(self):
        for group in GROUPS:
            rates = self.call(self.controller, self.env[ANSWERS], "get_rates", group, {"days": 365})
            with self.subTest(group=group):
                self.assertEqual(bool(rates), group != "counter")
                self.assertEqual([rate["n"] for rate in rates], sorted((rate["n"] for rate in rates), reverse=True))
                for rate in rates:
                    self.assertTrue(0 <= rate["low"] <= rate["rate"] <= rate["high"] <= 100.0001)
                    self._assert_counts(self.controller, "rate", RESULT, rate["domain"], rate["n"])
        by_warehouse = self.call(self.controller, self.env[ANSWERS], "get_rates", "warehouse", {"days": 365})
        self.assertEqual([(rate["label"], rate["n"]) for rate in by_warehouse], [("Annex", 15), ("Floor", 15)])

    def test_statements(self):
        """At most a dozen, however much there is, in all filters; clients name language and time zone."""
        answers = self.as_user(self.supervisor, self.env[ANSWERS], lang="en_US", tz="UTC")
        for filters in ({}, {"days": 365, "warehouse_ids": self.warehouse.ids, "plan_ids": self.plan.ids}):
            for _time in range(2):
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                answers.get_page(filters)
                number = self.cr.sql_log_count - before
            with self.subTest(filters=filters):
                self.assertLessEqual(number, 12)


@tagged("post_install", "-at_install")
class TestCompanies(HouseCase):

    def test_companies_are_walls(self):
        ours, theirs = self.get_page(days=365), self.get_page(self.stranger, days=365)
        for page, rights in ((ours, 30), (theirs, 15)):
            self.assertEqual(page["tiles"][0]["count"], rights)
        self.assertEqual(theirs["choices"]["plans"], [[self.foreign_plan.id, "Foreign"]])
        self.assertFalse(any(tile["count"] for tile in self.get_page(
            self.stranger, days=365, warehouse_ids=self.warehouse.ids, plan_ids=self.plan.ids)["tiles"]))
        found = self.call(self.stranger, self.env[RESULT], "search_read", [], ["company_id"])
        self.assertEqual({row["company_id"][0] for row in found}, {self.other_company.id})

    def test_both_companies_in_one_currency(self):
        self.stranger.company_ids |= self.company
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.other_company.currency_id = euro
        self.env["res.currency.rate"].create([
            {"currency_id": euro.id, "company_id": self.other_company.id, "rate": 1, "name": "2020-01-01"},
            {"currency_id": self.company.currency_id.id, "company_id": self.other_company.id, "rate": 4, "name": "2020-01-01"}])
        ours = self.get_figures(days=365)["gross"].value
        theirs, both = (self.as_user(self.stranger, self.env[ANSWERS]).with_context(
            allowed_company_ids=ids.ids)._get_figures({"days": 365})["gross"]
            for ids in (self.other_company, self.other_company | self.company))
        self.assertAlmostEqual(both.value, theirs.value + ours / 4)
        self.assertEqual(both.number, self.get_figures(days=365)["gross"].number + theirs.number)
