"""Stock that was never counted is counted first, the most valuable of it at once, and buttons answer."""
from datetime import date, datetime, timedelta

from odoo import Command

from .common_planning import NOW, TODAY
from .common_schedule import ScheduleCase


class TestBaseline(ScheduleCase):

    def test_never_counted_stock_takes_the_free_days_from_today(self):
        """Frequent classes first, then by value; not over the interval of the class."""
        self.plan.daily_capacity = 2
        worth = {"c": (self.class_c, 900), "a": (self.class_a, 1), "b": (self.class_b, 5), "a dear": (self.class_a, 70),
                 "b dear": (self.class_b, 60)}
        products = {name: self.make_stock(abc_class, cost=cost) for name, (abc_class, cost) in worth.items()}
        self.schedule()
        self.assertEqual(
            {name: (self.scheduled(product) - TODAY).days for name, product in products.items()},
            {"a dear": 0, "a": 0, "b dear": 1, "b": 1, "c": 2})
        self.assertEqual(
            [self.position(products[name]).due_date for name in "abc"],
            [date(2024, 4, 3), date(2024, 6, 3), date(2025, 3, 4)], "and is late only after an interval")
        self.assertEqual((self.plan.late_count, self.plan.uncounted_count), (0, 0))

    def test_what_is_due_has_its_place_first(self):
        self.plan.write({"daily_capacity": 1, "grace_days": 0})
        counted = self.make_stock(self.class_a)
        self.schedule()
        self.set_last_count(counted, TODAY - timedelta(days=29))
        never = [self.make_stock(self.class_a) for _number in range(2)]
        self.schedule()
        self.assertEqual(self.scheduled(counted), TODAY + timedelta(days=1))
        self.assertEqual(sorted(map(self.scheduled, never)), [TODAY, TODAY + timedelta(days=2)])

    def test_a_frequency_of_the_location_is_an_interval_too(self):
        product = self.make_stock()
        self.bin.cyclic_inventory_frequency = 90
        self.schedule()
        self.assertEqual(self.scheduled(product), TODAY)

    def test_an_interval_beyond_the_known_calendar(self):
        self.class_c.counts_per_year = 0.1
        product = self.make_stock(self.class_c)
        self.schedule()
        self.assertEqual((self.scheduled(product), self.position(product).due_date.year), (TODAY, 2034))

    def test_without_an_interval_it_waits_for_the_yearly_inventory(self):
        self.company.write({"annual_inventory_month": "6", "annual_inventory_day": 28})
        product = self.make_stock()
        self.schedule()
        self.assertEqual(self.scheduled(product), date(2024, 6, 28))

    def test_it_holds_every_day_until_all_is_counted(self):
        """Counted day by day: nothing is moved to a later day, nothing is counted twice."""
        self.plan.daily_capacity = 3
        products = [self.make_stock(self.class_c, cost=cost) for cost in range(7)]
        self.schedule()
        days = {product: self.scheduled(product) for product in products}
        for ahead in range(3):
            self.clock.move_to(NOW + timedelta(days=ahead))
            self.schedule()
            for product in products:
                if days[product] == TODAY + timedelta(days=ahead):
                    self.assertEqual(self.scheduled(product), days[product])
                    self.count_in_inventory(product)
        self.assertTrue(all(self.position(product).last_count_date for product in products))


class TestAnswers(ScheduleCase):

    def _ask(self, method, plans=None, user=None):
        answer = self.call(user or self.supervisor, plans or self.plan, method)
        self.assertEqual((answer["tag"], answer["params"]["next"]["type"]),
                         ("display_notification", "ir.actions.act_window_close"))
        return answer["params"]["message"]

    def test_make_sheets_says_what_it_made(self):
        self.plan.sheet_size = 2
        for number in range(3):
            self.make_stock(self.class_a, self.bins[number])
        self.assertEqual(self._ask("action_schedule"), "Scheduled: 3 positions, the first of them today.")
        self.assertEqual(self._ask("action_generate"), "2 sheets, 3 lines, first today for Floor Counter.")
        self.assertEqual(self._ask("action_generate"), "No sheet: all that there is to count is on open sheets.")
        self.make_stock(self.class_a)
        self.schedule()
        self.assertEqual(self._ask("action_generate"), "1 sheet, 1 line, first today for Floor Counter.")

    def test_a_ranked_schedule_says_what_is_counted_before_its_first_day(self):
        self.plan.ranking = "value"
        self.make_stock(self.class_a)
        self.assertRegex(
            self._ask("action_schedule"), r"^Scheduled by class: 1 position, the first of them (today|[\d/]+)\. Besides, what is "
            r"likely wrong is counted each day\.$")

    def test_make_sheets_says_why_it_made_none(self):
        self.assertIn("Press Schedule first", self._ask("action_generate"))
        self.assertIn("hold no stock", self._ask("action_schedule"))
        self.assertIn("hold no stock", self._ask("action_generate"))
        self.company.annual_inventory_month = False
        product = self.make_stock()
        self.assertIn("Give the plan an ABC profile", self._ask("action_schedule"))
        self.assertIn("Give the plan an ABC profile", self._ask("action_generate"))
        self.set_class(product, self.class_a)
        self.schedule()
        self.position(product).last_count_date = datetime(2024, 3, 4, 6)
        self.schedule()
        self.assertEqual(
            self._ask("action_generate"), "No sheet: nothing more is scheduled before 04/03/2024. To make sheets of it now, "
            "raise “Sheets ahead (days)”, which is 7.")
        self.assertFalse(self.plan.count_ids)

    def test_several_plans_answer_by_name(self):
        other = self.make_plan(
            name="Back", location_ids=[Command.set(self.bins[1].ids)], profile_id=self.profile.id)
        self.make_stock(self.class_a)
        self.assertEqual(
            self._ask("action_schedule", self.plan | other), "Floor: Scheduled: 1 position, the first of them today. Back: "
            "Nothing to count: its locations hold no stock. Receive some or enter it; the next schedule will find it.")
