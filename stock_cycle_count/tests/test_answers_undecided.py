import random
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

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

    def test_books_that_are_put_right_before_a_recount_were_wrong(self):
        """Who books what is missing as delivered, and has it counted again, finds what the first count found: it was right. A
        recount that finds something else says that the first was a slip.
        """
        self.count_and_close()
        self.send_to_recount()
        for moved, recounted, hits in ((3, 7, 2), (2, 8, 3), (0, 10, 3)):
            with self.subTest(moved=moved, recounted=recounted), self.cr.savepoint() as savepoint:
                if moved:
                    self.deliver(self.wrong.product_id, self.wrong.location_id, moved)
                self.count(self.wrong, recounted, self.second)
                self.assertEqual((self.wrong.variance_qty, self.get_right()), (0, (hits, 3)))
                self.as_user(self.supervisor, self.sheet).action_close()
                self.assertEqual(self.get_right(), (hits, 3))
                self.assertEqual((self.wrong.is_hit, self.wrong.is_exact), (hits == 3, hits == 3))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_books_that_are_put_right_before_the_sheet_is_closed_were_wrong(self):
        """Whoever counts the same once more, before anybody asked for a recount, changes nothing either."""
        for line, moved, again, hits in ((self.wrong, 3, 7, 0), (self.wrong, 2, 8, 1), (self.right, 0, 7, 0)):
            with self.subTest(moved=moved, again=again), self.cr.savepoint() as savepoint:
                self.count(line, 7)
                if moved:
                    self.deliver(line.product_id, line.location_id, moved)
                self.count(line, again)
                self.assertEqual(self.get_right(), (hits, 1))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_what_was_being_picked_was_not_wrong(self):
        """What is missing since somebody takes it just now is no mistake of the books, as its recount shows."""
        picked = self.prepare_move(self.wrong.product_id, self.wrong.location_id, self.customer, 3)
        self.count_and_close()
        self.assertEqual((self.wrong.picked_qty, self.get_right()), (3, (2, 3)))
        self.send_to_recount()
        picked._action_done()
        self.count(self.wrong, 7, self.second)
        self.assertEqual(self.get_right(), (3, 3))

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
        self.assertEqual(self.get_right(), (2, 3), "it was counted all the same")

    def test_what_was_counted_late_or_cancelled_uncounted_is_unanswered(self):
        self.count(self.right, 10)
        self.go_to(self.draw.answer_by + timedelta(days=1))
        self.count(self.wrong, 7)
        self.assertEqual(self.get_right(), (1, 1))
        self.as_user(self.controller, self.sheet).action_cancel()
        self.assertEqual(self.get_right(), (1, 1))
        figures = self.as_user(self.supervisor, self.env[ANSWERS])._get_figures({})
        self.assertAlmostEqual(figures["answered"].value, 100 / 3)
        self.assertEqual(self.draw.unanswered_count, 2)

    def get_ways_out(self):
        """All that people may try to be rid of a counted line, but for counting it again; each is given who tries."""
        line, sheet = self.wrong, self.sheet
        position, place, product = line.position_id, line.location_id, line.product_id

        def put_there(user):
            self.as_user(user, self.env["stock.quant"]).with_context(inventory_mode=True).create({
                "product_id": product.id, "location_id": place.id, "inventory_quantity": 10}).action_apply_inventory()

        def go_on(user):
            self.go_to(self.clock().date() + timedelta(days=1))
            self.as_user(user, self.plan).action_schedule()
            self.as_user(user, self.plan).action_generate()

        return (
            lambda user: self.as_user(user, line).action_reject("no"),
            lambda user: self.as_user(user, line).action_approve("so it is"),
            lambda user: self.as_user(user, line).action_send_to_recount("again"),
            lambda user: self.as_user(user, line).write({"skip_reason": "blocked"}),
            lambda user: self.as_user(user, line).unlink(),
            lambda user: self.as_user(user, sheet)._close(),
            lambda user: self.as_user(user, sheet).action_reopen(),
            lambda user: self.as_user(user, sheet).action_take_over(),
            lambda user: self.as_user(user, sheet).action_finalize(),
            lambda user: self.as_user(user, sheet).action_cancel(),
            lambda user: self.as_user(user, sheet).unlink(),
            lambda user: self.as_user(user, place).write({"active": False}),
            lambda user: self.as_user(user, place).write({"cycle_count_excluded": True}),
            lambda user: self.as_user(user, place).unlink(),
            lambda user: self.as_user(user, product).write({"active": False}),
            lambda user: self.as_user(user, product).unlink(),
            lambda user: self.as_user(user, position).write({"active": False}),
            lambda user: self.as_user(user, position).unlink(),
            lambda user: self.as_user(user, self.plan).write({"active": False}),
            lambda user: self.as_user(user, self.plan).write({"location_ids": [(6, 0, self.bins[5].ids)]}),
            lambda user: self.as_user(user, self.plan).unlink(),
            lambda user: self.as_user(user, self.draw).unlink(),
            put_there, go_on,
        )

    def test_no_way_out(self):
        """Whatever is done, alone or one after another, what was counted stays counted: a miss remains one, and only another
        count makes it right. What is refused is refused.
        """
        self.count_and_close()
        self.wrong.reason_id = self.env["stock.cycle.count.reason"].search([("direction", "in", ("loss", "both"))], limit=1)
        before, ways, chance, done = self.get_right(), self.get_ways_out(), random.Random(11), set()
        users = (self.counter, self.second, self.supervisor, self.controller, self.manager, self.env.user)
        alone = [[(user, way) for user in users] for way in ways]
        after_another = [[(chance.choice(users[2:]), way) for way in chance.sample(ways, 7)] for _round in range(6)]
        for number, steps in enumerate(alone + after_another):
            with self.subTest(number=number), self.cr.savepoint() as savepoint, mute_logger("odoo.sql_db", "odoo.models.unlink"):
                for user, way in steps:
                    try:
                        with self.cr.savepoint():
                            way(user)
                            self.env.flush_all()
                    except (AccessError, UserError, IntegrityError):
                        continue
                    done.add(way)
                    self.assertTrue(self.wrong.exists())
                    self.assertEqual(self.get_right(), before)
                savepoint.rollback()
                self.env.invalidate_all()
                self.go_to(self.draw.day)
        self.assertGreater(len(done), 12, "most of it can be done by somebody")

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
