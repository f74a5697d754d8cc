import json
from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError

from .common_answers import AnswersCase

REVIEW = "stock.cycle.count.review.document"
SET_UP = date(2024, 3, 4)


class TestReviewStart(AnswersCase):
    """The first 90 days after the set-up, week by week, beside all that a review says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cycle_count_setup_date = datetime(2024, 3, 4, 7)
        cls.products = cls.make_products(40)

    def make(self, days, user=None):
        """The review as it is so many days after the set-up."""
        self.clock.move_to(datetime(2024, 3, 4, 9) + timedelta(days=days))
        self.env.invalidate_all()
        answer = self.call(user or self.supervisor, self.env[REVIEW], "action_make_start")
        return answer, self.env[REVIEW].search([("warehouse_id", "=", self.warehouse.id), ("kind", "=", "start")], limit=1)

    def count_days(self, days, variance=0, draw=False, number=1):
        """Counts on days after the set-up."""
        self.clock.move_to(datetime(2024, 3, 4, 9) + timedelta(days=95))
        for day in days:
            when = SET_UP + timedelta(days=day)
            drawn = self.make_draw(when, number) if draw else None
            self.add_lines(*(
                {"product": self.products[one], "day": when, "variance": variance, "draw": drawn} for one in range(number)))

    def test_weeks_and_words(self):
        self.count_days(range(0, 30, 3), variance=-2, number=5)
        self.count_days(range(60, 90, 3), number=5)
        self.count_days([62], draw=True, number=4)
        self.count_days([5], variance=-1, draw=True, number=4)
        self.count_days([-1, 90], variance=-9)
        _answer, review = self.make(95)
        self.assertEqual((review.date_from, review.date_to, review.kind), (SET_UP, date(2024, 6, 1), "start"))
        known = json.loads(review.content)
        weeks = known["start"]["weeks"]
        self.assertEqual((len(weeks), weeks[0]["from"], weeks[-1]["from"]), (13, "2024-03-04", "2024-05-27"))
        self.assertEqual(
            {name: weeks[0][name] for name in ("counts", "differences", "gross", "net", "random", "right")},
            {"counts": 19, "differences": 19, "gross": 170.0, "net": -170.0, "random": 4, "right": 0})
        self.assertEqual(sum(week["counts"] for week in weeks), 108)
        self.assertEqual(known["start"]["sentences"], [
            "108 counts in 90 days, of which 54 differed.",
            "Counts that differed: 54 of 54 in the first 30 days, 0 of 54 in the last 30: fewer.",
            "Random counts that were right: 0 of 4 in the first 30 days, 4 of 4 in the last 30: more."])
        self.assertIn("figures", known)
        html, _kind = self.env["ir.actions.report"].with_user(self.supervisor)._render_qweb_html(
            "stock_cycle_count.count_review", review.ids)
        for sentence in known["start"]["sentences"]:
            self.assertIn(sentence, html.decode())

    def test_before_they_are_over(self):
        answer, review = self.make(0)
        self.assertEqual((answer["params"]["type"], review), ("warning", review.browse()))
        _answer, review = self.make(20)
        self.assertEqual(review.date_to, SET_UP + timedelta(days=19))
        self.assertIn("twice as many", json.loads(review.content)["start"]["sentences"][-1])
        _answer, review = self.make(70)
        self.assertIn("nothing to compare", json.loads(review.content)["start"]["sentences"][-1])
        with self.subTest("one is one, and of many the number is written as people write it"):
            whole = {"counts": 1, "differences": 0, "random": 0, "right": 0}
            for number, days, said in ((1, 1, "1 count in 1 day,"), (1234, 2, "1,234 counts in 2 days,")):
                self.assertTrue(review._say_start(whole, whole, dict(whole, counts=number), days)[0].startswith(said))
        self.company.cycle_count_setup_date = False
        self.assertEqual(self.make(80)[0]["params"]["type"], "warning")

    def test_once_by_itself(self):
        domain = [("company_id", "=", self.company.id), ("kind", "=", "start")]
        for days, number in ((89, 0), (90, 1), (91, 1), (125, 1)):
            self.clock.move_to(datetime(2024, 3, 4, 9) + timedelta(days=days))
            self.env[REVIEW]._cron_make_start()
            self.assertEqual(self.env[REVIEW].search_count(domain), number, days)
        self.assertFalse(self.env[REVIEW].search(domain[:1] + [("kind", "=", "month")]))

    def test_a_month_is_reviewed_all_the_same(self):
        """The first day of a month may be the one of the set-up."""
        self.company.cycle_count_setup_date = datetime(2024, 3, 1, 7)
        self.clock.move_to(datetime(2024, 6, 1, 6))
        self.env[REVIEW]._cron_make_start()
        self.env[REVIEW]._cron_make()
        self.assertEqual(
            self.env[REVIEW].search([("company_id", "=", self.company.id)]).mapped("kind"), ["month", "start"])

    def test_who_may(self):
        for user in (self.outsider, self.counter, self.worker):
            with self.assertRaises(AccessError):
                self.make(30, user)
