from datetime import timedelta

from odoo.exceptions import AccessError

from .common_answers import ANSWERS, RESULT
from .common_draw import DrawCase


class TestUndecided(DrawCase):
    """How right the records are does not wait for anybody's decision, and nobody raises it by one."""

    def setUp(self):
        super().setUp()
        self.plan.write({"recount_rounds": 2, "counter_ids": [(6, 0, (self.counter | self.second).ids)]})
        self.sheet = self.generate()
        self.draw = self.get_draws()
        self.sheet.with_user(self.counter).action_start()
        self.right, self.wrong, self.pending = self.sheet.line_ids

    def get_right(self):
        """Share, positions and drawn ones that were answered, as a supervisor is told."""
        self.env.flush_all()
        self.env.invalidate_all()
        answers = self.as_user(self.supervisor, self.env[ANSWERS])
        window = answers._get_window({})
        counts = answers._sum_sample(window, window.first)
        figure = answers._get_right(window)
        self.assertEqual(self.as_user(self.supervisor, self.env[RESULT]).search_count(figure.domain), figure.number)
        self.assertEqual(self.draw.answered_count, counts.number, "the draw says the same")
        return counts.hits, counts.number

    def count_and_close(self):
        self.count(self.right, 10)
        self.count(self.wrong, 7)
        self.count(self.pending, 10)
        self.sheet.with_user(self.counter).action_close()

    def send_to_recount(self):
        self.as_user(self.supervisor, self.wrong).action_send_to_recount("again")
        self.assertEqual((self.wrong.state, self.wrong.user_id), ("recount", self.second))

    def test_a_difference_is_a_miss_from_its_count_on(self):
        self.assertEqual(self.get_right(), (0, 0))
        self.count(self.right, 10)
        self.assertEqual(self.get_right(), (1, 1))
        self.count(self.wrong, 7)
        self.assertEqual(self.get_right(), (1, 2), "the sheet is open yet")
        self.count(self.pending, 10)
        self.sheet.with_user(self.counter).action_close()
        self.assertEqual((self.wrong.state, self.get_right()), ("to_approve", (2, 3)))
        for figure in ("first_pass", "gross", "recounted"):
            figure = self.as_user(self.supervisor, self.env[ANSWERS])._get_figures({})[figure]
            self.assertNotIn(self.wrong, self.env[RESULT].search(figure.domain).line_id, "of all counts it is no result yet")

    def test_decisions_raise_nothing(self):
        self.count_and_close()
        before = self.get_right()
        reason = self.env["stock.cycle.count.reason"].search([("direction", "in", ("loss", "both"))], limit=1)
        for decide in (
            lambda line: line.action_reject("no"), lambda line: line.action_approve("so it is"),
            lambda line: line.action_send_to_recount("again"),
        ):
            with self.cr.savepoint() as savepoint:
                self.wrong.reason_id = reason
                decide(self.as_user(self.supervisor, self.wrong))
                self.assertNotEqual(self.wrong.state, "to_approve")
                self.assertEqual(self.get_right(), before)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_rejecting_what_was_small_lowers_it(self):
        """What waits within the hit tolerance is right until somebody says that nobody knows."""
        self.wrong._write_judged({"hit_tolerance": 50})
        self.count_and_close()
        self.assertEqual(self.get_right(), (3, 3))
        self.as_user(self.supervisor, self.wrong).action_reject("no")
        self.assertEqual(self.get_right(), (2, 3))

    def test_a_recount_after_the_time_keeps_the_answer(self):
        self.count_and_close()
        self.send_to_recount()
        self.go_to(self.draw.answer_by + timedelta(days=3))
        for quantity, hits in ((7, 2), (10, 3)):
            with self.subTest(quantity=quantity), self.cr.savepoint() as savepoint:
                self.count(self.wrong, quantity, self.second)
                self.assertEqual(self.get_right(), (hits, 3))
                self.sheet.with_user(self.second).action_close()
                self.assertEqual(self.get_right(), (hits, 3))
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(self.get_right(), (2, 3), "nobody recounted it yet")
        self.as_user(self.supervisor, self.sheet).action_close()
        self.as_user(self.supervisor, self.sheet)._close()
        self.assertEqual(self.get_right(), (2, 3), "nor ever")

    def test_what_a_recount_finds_besides_is_a_miss(self):
        """Also when it comes after the time: it takes no answer back, and makes the position wrong."""
        self.count_and_close()
        self.send_to_recount()
        self.go_to(self.draw.answer_by + timedelta(days=3))
        owner = self.env["res.partner"].create({"name": "Owner"})
        found = self.sheet.with_user(self.second)._add_found(
            self.wrong.location_id, self.wrong.product_id, owner=owner).sudo()
        self.assertEqual((found.draw_id, self.get_right()), (self.draw, (2, 3)))
        self.count(found, 3, self.second)
        self.count(self.wrong, 10, self.second)
        self.assertEqual(self.get_right(), (2, 3))
        found._cancel()
        self.assertEqual(self.get_right(), (3, 3), "it was not there after all")

    def test_what_was_counted_late_or_cancelled_is_unanswered(self):
        self.count(self.right, 10)
        self.go_to(self.draw.answer_by + timedelta(days=1))
        self.count(self.wrong, 7)
        self.assertEqual(self.get_right(), (1, 1))
        self.as_user(self.controller, self.sheet).action_cancel()
        self.assertEqual(self.get_right(), (0, 0))
        figures = self.as_user(self.supervisor, self.env[ANSWERS])._get_figures({})
        self.assertEqual((figures["answered"].value, self.draw.unanswered_count), (0, 3))

    def test_counters_learn_nothing(self):
        """Neither by the figure nor by the results: not even whoever counted the sheet."""
        self.count_and_close()
        for user in (self.counter, self.second, self.worker):
            for attempt in (
                lambda: self.call(user, self.env[ANSWERS], "get_page", {}),
                lambda: self.call(user, self.env[ANSWERS], "get_rates", "location", {}),
                lambda: self.call(user, self.env[RESULT], "search_read", [("state", "=", "to_approve")], ["hit"]),
                lambda: self.call(user, self.env[RESULT], "read_group", [], ["hit"], ["state"]),
                lambda: self.call(user, self.draw, "read", ["answered_count"]),
            ):
                with self.assertRaises(AccessError):
                    attempt()
        for user in (self.supervisor, self.finance):
            [row] = self.call(user, self.env[RESULT], "search_read", [("state", "=", "to_approve")], ["hit", "is_answered"])
            self.assertEqual((row["hit"], row["is_answered"]), (0, True))

    def test_the_review_lists_it(self):
        self.count_and_close()
        Review = self.as_user(self.supervisor, self.env["stock.cycle.count.review.document"])
        sample = Review._get_sample(self.warehouse, self.draw.day, self.draw.day)
        self.assertEqual(
            [(miss["what"], miss["state"]) for miss in sample["misses"]], [(self.wrong.display_name, "To Approve")])
