from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import SCREEN_SIZES
from .common_scanner import ScannerCase


class MyDayCase(ScannerCase):
    """A sheet of three lines that the counter has begun."""

    def _get_day(self, user=None):
        return self.call(user or self.counter, self.env["stock.cycle.count.day"], "get_my_day")


@tagged("post_install", "-at_install")
class TestMyDay(MyDayCase):
    """A counter's own day: what is left, what was done, what comes next, and nothing of what counting found."""

    def test_what_is_left_and_what_comes_next(self):
        today = fields.Date.context_today(self.sheet)
        late = self.make_sheet((self.product, self.bin_c), scheduled_date=today - timedelta(days=4))
        self.make_sheet((self.other_product, self.bin_c), user=self.second)
        self.make_sheet((self.other_product, self.bin_a), user=self.env["res.users"])
        self.make_sheet((self.other_product, self.bin_b)).with_user(self.supervisor).action_cancel()
        day = self._get_day()
        self.assertEqual(
            {name: day[name] for name in ("sheets", "lines", "overdue", "counted_today")},
            {"sheets": 2, "lines": 4, "overdue": 1, "counted_today": 0})
        # What was begun is ended first.
        self.assertEqual(day["next"], {
            "id": self.sheet.id, "name": self.sheet.name, "zone": "Bin A … Bin B", "is_started": True})
        self.sheet.with_user(self.supervisor).action_cancel()
        self.assertEqual(self._get_day()["next"], {
            "id": late.id, "name": late.name, "zone": "Bin C", "is_started": False})

    def test_an_empty_day(self):
        self.sheet.with_user(self.supervisor).action_cancel()
        self.assertEqual(
            self._get_day(), {"sheets": 0, "lines": 0, "overdue": 0, "counted_today": 0, "next": False})

    def test_what_was_counted_today(self):
        self._send_one(self.line)
        self._send_one(self.line)
        undone = self._entry(self.lot_line)
        self._send(undone)
        self.assertEqual(self._get_day()["counted_today"], 2)
        self._send_one(self.lot_line, kind="undo", undone_key=undone["client_key"])
        day = self._get_day()
        self.assertEqual((day["counted_today"], day["lines"]), (1, 2))
        self.assertEqual(self._get_day(self.second)["counted_today"], 0)
        self.sheet.with_user(self.counter).action_close()
        self.assertEqual(self._get_day()["counted_today"], 1)

    def test_today_begins_at_midnight_of_the_user(self):
        self.count(self.line, 4)
        entry = self.line.entry_ids
        self.counter.tz = "Asia/Tokyo"
        midnight = entry.date.replace(hour=15, minute=0, second=0)      # in Tokyo, nine hours ahead
        for minutes, counted in ((-1, 0), (0, 1)):
            self.env.cr.execute(
                "UPDATE stock_cycle_count_entry SET date = %s WHERE id = %s", (midnight + timedelta(minutes=minutes), entry.id))
            self.env.invalidate_all()
            with self.subTest(minutes=minutes), patch.object(
                    fields.Datetime, "now", staticmethod(lambda: midnight + timedelta(hours=2))):
                self.assertEqual(self.env["stock.cycle.count.day"].with_user(self.counter)._count_today(), counted)

    def test_a_blind_counter_learns_nothing_from_it(self):
        """Whatever was found and becomes of it, two counters who did the same are told the same."""
        days = []
        for quantity in (40, 3):
            sheet = self.make_sheet((self.product, self.bin_c), user=self.second, start=True)
            self.count(sheet.line_ids, quantity)
            sheet.with_user(self.second).action_close()
            days.append(dict(self._get_day(self.second)))
            self.assertNotIn(sheet.name, str(days[-1]))
            self.env["stock.cycle.count.entry"].flush_model()
            self.env.cr.execute("UPDATE stock_cycle_count_entry SET date = date - INTERVAL '2 days'")
            sheet.line_ids.filtered(lambda line: line.state == "to_approve").with_user(self.controller).action_reject("no")
        self.assertEqual(*days)
        self.assertEqual(days[0]["counted_today"], 1)

    def test_only_counters_have_one(self):
        for role in ("outsider", "finance"):
            with self.subTest(role=role), self.assertRaisesRegex(AccessError, "Counter role"):
                self._get_day(self.users[role])
        for role in ("worker", "supervisor"):
            self.assertEqual(self._get_day(self.users[role])["sheets"], 0)

    def test_companies_are_walls(self):
        other = self.make_company("Other Company")
        self.counter.company_ids += other
        warehouse = self.get_warehouse(other)
        product = self.make_product("Elsewhere")
        self.env["stock.cycle.count"].create({
            "user_id": self.counter.id, "warehouse_id": warehouse.id, "company_id": other.id,
            "line_ids": [Command.create({"product_id": product.id, "location_id": warehouse.lot_stock_id.id})]})
        self.assertEqual(self._get_day()["sheets"], 2)
        day = self.as_user(self.counter, self.env["stock.cycle.count.day"], allowed_company_ids=self.company.ids)
        self.assertEqual(day.get_my_day()["sheets"], 1)

    def test_queries_do_not_grow_with_sheets(self):
        def ask():
            return self.env["stock.cycle.count.day"].with_user(self.counter).get_my_day()

        few = self.count_queries(ask)
        for place in (self.bin_a, self.bin_b, self.bin_c):
            self.make_sheet((self.other_product, place))
        self.assertLessEqual(self.count_queries(ask), few + 1)


@tagged("post_install", "-at_install")
class TestMyDayTour(MyDayCase, HttpCase):
    """The app opens where a counter counts; *Today* shows the day and leads back."""

    def test_a_counter_goes_on_counting(self):
        self.sheet.name = "MY-DAY"  # a number may hold what the books expect, which is not to be seen
        self.count(self.line, 4)
        for size in SCREEN_SIZES:
            with self.subTest(size=size), patch.object(type(self), "browser_size", size):
                self.start_tour("/web", "stock_cycle_count_my_day", login=self.counter.login)
