import hashlib
import json
from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common_answers import AnswersCase

REVIEW = "stock.cycle.count.review.document"


class TestReview(AnswersCase):
    """A month as it was known when it had ended; what comes later changes nothing of it."""

    def make(self, user=None):
        self.clock.move_to(datetime(2024, 4, 1, 6))
        self.env.invalidate_all()
        self.call(user or self.supervisor, self.env[REVIEW], "action_make")
        return self.env[REVIEW].search([("warehouse_id", "=", self.warehouse.id)], limit=1)

    def print(self, review, user=None):
        html, _kind = self.env["ir.actions.report"].with_user(user or self.supervisor)._render_qweb_html(
            "stock_cycle_count.count_review", review.ids)
        return html.decode()

    def test_month(self):
        self.draw_sample(8, 2, days=2)
        review = self.make()
        self.assertEqual((review.date_from, review.date_to, review.user_id), (
            date(2024, 3, 1), date(2024, 3, 31), self.supervisor))
        known = json.loads(review.content)
        self.assertEqual(set(known["figures"]), {"30", "90", "365"})
        for days, tiles in known["figures"].items():
            page = {tile["name"]: tile for tile in self.get_page(days=int(days), warehouse_ids=self.warehouse.ids)["tiles"]}
            self.assertEqual({tile["name"]: (tile["text"], tile["sentence"], tile["count"]) for tile in tiles}, {
                name: (tile["text"], tile["sentence"], tile["count"]) for name, tile in page.items()})
        self.assertEqual(sum(draw["number"] for draw in known["sample"]["draws"]), 10)
        self.assertTrue(all(draw["differs"] for draw in known["sample"]["draws"]), "they were made up, and it says so")
        self.assertEqual((known["sample"]["misses_in_all"], len(known["sample"]["misses"])), (2, 2))
        self.assertIn("Floor", [rule["Name"] for rule in known["rules"]["Cycle Count Plan"]])

    def test_paper_is_of_what_was_kept(self):
        self.draw_sample(8, 2)
        review = self.make()
        before = self.print(review)
        for tile in json.loads(review.content)["figures"]["90"]:
            self.assertIn(tile["title"], before)
        self.assertIn(review.content_hash, before)
        screen = self.as_user(self.supervisor, review).page
        for tile in json.loads(review.content)["figures"]["90"]:
            self.assertIn(tile["title"], screen)
        self.draw_sample(0, 5, before=3)
        self.plan.control_target = 77
        self.assertEqual(self.print(review), before)
        self.assertNotEqual(json.loads(self.make().content)["figures"], json.loads(review.content)["figures"])

    def test_hash(self):
        review = self.make()
        self.assertEqual(review.content_hash, hashlib.sha256(review.content.encode()).hexdigest())
        self.assertEqual(self.call(self.supervisor, review, "action_verify")["params"]["type"], "success")
        self.env.flush_all()
        self.cr.execute("UPDATE stock_cycle_count_review_document SET content = replace(content, 'Floor', 'Roof')")
        self.env.invalidate_all()
        answer = self.call(self.supervisor, review, "action_verify")["params"]
        self.assertEqual(answer["type"], "warning")
        self.assertIn(review.display_name, answer["message"])

    def test_once_a_month_by_itself(self):
        self.clock.move_to(datetime(2024, 4, 1, 6))
        self.env[REVIEW]._cron_make()
        domain = [("warehouse_id", "=", self.warehouse.id)]
        self.assertEqual(self.env[REVIEW].search(domain).date_from, date(2024, 3, 1))
        self.env[REVIEW]._cron_make()
        self.assertEqual(self.env[REVIEW].search_count(domain), 1)
        self.clock.move_to(datetime(2024, 5, 1, 6))
        self.env[REVIEW]._cron_make()
        self.assertEqual(self.env[REVIEW].search_count(domain), 2)

    def test_by_itself_though_somebody_made_one_before_the_end(self):
        """Where the company's calendar said that the next month had begun, and does not any more; a person's own clock says
        nothing.
        """
        self.clock.move_to(datetime(2024, 3, 31, 12))
        self.as_user(self.supervisor, self.env[REVIEW], tz="Pacific/Kiritimati").action_make()
        made = self.env[REVIEW].search([("warehouse_id", "=", self.warehouse.id)])
        self.assertEqual(made.mapped("date_from"), [date(2024, 2, 1)])
        self.company.resource_calendar_id.tz = "Pacific/Kiritimati"
        self.as_user(self.supervisor, self.env[REVIEW]).action_make()
        self.company.resource_calendar_id.tz = "UTC"
        self.clock.move_to(datetime(2024, 4, 1, 5))
        for _time in range(2):
            self.env[REVIEW]._cron_make()
        self.assertEqual(
            (self.env[REVIEW].search([("warehouse_id", "=", self.warehouse.id)]) - made).mapped("date_from"),
            [date(2024, 3, 1)] * 2)

    @mute_logger("odoo.addons.stock_cycle_count")
    def test_nobody_changes_one(self):
        review = self.make()
        for user in (self.supervisor, self.controller, self.manager):
            for one in (self.as_user(user, review), self.as_user(user, review).sudo()):
                for attempt in (lambda: one.write({"content": "{}"}), one.unlink, one.copy):
                    with self.assertRaises(UserError):
                        attempt()

    def test_who_may(self):
        review = self.make()
        for user in (self.outsider, self.counter, self.worker, self.stranger):
            with self.assertRaises(AccessError):
                self.call(user, review, "read", ["content"])
        for user in (self.outsider, self.counter, self.worker):
            with self.assertRaises(AccessError):
                self.call(user, self.env[REVIEW], "action_make")
        self.assertTrue(self.call(self.finance, review, "read", ["content"]))
