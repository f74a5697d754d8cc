from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ..tools import draw as drawing
from .common_draw import DrawCase
from .common_planning import NOW, TODAY

#: Working days of the quarter before and with the day on which planning plays.
WORKDAY, WORKDAYS = 46, 65


class TestDraw(DrawCase):
    """Which positions are drawn, and when; a draw is evidence, and so are its lines."""

    def make_draw(self):
        """The draw of today, its first line and that line's sheet."""
        self.plan.action_generate()
        draw = self.get_draws()
        line = draw.line_ids[0]
        return draw, line, line.count_id

    def test_on_the_day(self):
        """All active positions can be drawn; those that are get a line each, on a blind sheet of today."""
        sheet = self.generate()
        draw = self.get_draws()
        self.assertEqual((draw.day, draw.company_id, draw.warehouse_id, draw.date), (
            TODAY, self.company, self.warehouse, NOW))
        self.assertEqual((draw.workday, draw.workdays), (WORKDAY, WORKDAYS))
        self.assertEqual((draw.number, draw.frame_size), (3, 30))
        self.assertEqual(drawing.read_frame(draw.frame), sorted(self.positions.ids))
        self.assertEqual(draw.line_ids, sheet.line_ids)
        self.assertEqual(draw.line_ids.position_id, self.get_drawn(draw))
        self.assertEqual((sheet.scheduled_date, sheet.blind, sheet.user_id), (TODAY, True, self.counter))
        for line in draw.line_ids:
            self.assertEqual((line.selection_reason, line.draw_weight, line.state), ("control", 1, "pending"))
        self.assertFalse(draw._verify())

    def test_once_a_day(self):
        sheets = self.generate()
        lines = self.plan.count_ids.line_ids
        self.assertFalse(self.generate())
        self.end(sheets)
        self.assertFalse(self.generate(), "not even once they are counted")
        self.assertEqual((len(self.get_draws()), self.plan.count_ids.line_ids), (1, lines))

    def test_the_database_takes_no_second_one(self):
        self.generate()
        [values] = self.get_draws().sudo().copy_data()
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.get_draws()._make([values])
            self.env.flush_all()

    def test_what_is_left_of_one_is_carried_on(self):
        """Over the working days of a quarter, as many are drawn as are wanted; a day without a run has no draw, and the
        days after draw what they would have drawn."""
        self.plan.control_target = 100
        days = [TODAY + timedelta(days=number) for number in range(14) if number != 3]
        for day in days:
            self.go_to(day)
            self.end(self.generate())
        self.assertEqual(
            {draw.day: draw.number for draw in self.get_draws()},
            {day: number for day in days if day.weekday() < 5
             for number in [drawing.Pace(100, 50, WORKDAY + (day - TODAY).days - (2 if day.day > 8 else 0), WORKDAYS).number]})

    def test_none_wanted(self):
        self.plan.control_target = 0
        self.assertFalse(self.generate())
        self.assertFalse(self.get_draws())

    def test_no_working_day(self):
        self.make_holiday(TODAY)
        self.generate()
        self.assertFalse(self.get_draws())

    def test_at_most_a_fifth_of_a_day(self):
        self.plan.write({"control_target": 100_000, "daily_capacity": 10})
        self.generate()
        self.assertEqual(self.get_draws().number, 2)

    def test_no_more_than_there_are(self):
        self.plan.write({"control_target": 100_000, "daily_capacity": 1000})
        self.generate()
        self.assertEqual(self.get_draws().number, 30)
        self.assertFalse(self.get_draws()._verify())

    def test_nothing_to_draw_from(self):
        plan = self.make_plan(name="Empty", control_target=200, location_ids=self.make_location("None", self.stock))
        plan.action_schedule()
        self.assertFalse(self.generate(plan))
        self.assertFalse(self.get_draws(plan))

    def test_resting_positions_are_not_drawn(self):
        self.positions[:29].sudo().active = False
        self.generate()
        self.assertEqual(self.get_drawn(self.get_draws()), self.positions[29:])

    def test_empty_positions_are_drawn(self):
        """A position of which the books show nothing is in the frame like any other, with one line."""
        self.env["stock.quant"].search([("product_id", "in", self.goods.ids)]).sudo().unlink()
        self.generate()
        draw = self.get_draws()
        self.assertEqual((draw.number, draw.frame_size, len(draw.line_ids)), (3, 30, 3))
        self.end(draw.line_ids.count_id)
        self.assertEqual(draw.line_ids.mapped("variance_qty"), [0, 0, 0])
        self.assertEqual((draw.answered_count, draw.unanswered_count), (3, 0))

    def test_keys_of_a_position_are_one_draw(self):
        self.positions.sudo().active = False
        for lot in (self.lot, self.other_lot):
            self.make_quant(self.lot_product, self.bin, lot_id=lot)
        self.plan.action_schedule()
        self.plan.position_ids.filtered(lambda one: one.product_id != self.lot_product).sudo().active = False
        self.generate()
        draw = self.get_draws()
        self.assertEqual((draw.number, draw.line_ids.lot_id), (1, self.lot | self.other_lot))
        self.assertFalse(draw._verify())
        draw.line_ids.count_id.with_user(self.counter).action_start()
        self.count(draw.line_ids[0], 10)
        self.assertEqual(draw.answered_count, 0, "half of an answer is none")
        self.count(draw.line_ids[1], 10)
        self.env.invalidate_all()
        self.assertEqual(draw.answered_count, 1)

    def test_what_is_found_at_a_drawn_position_is_of_the_draw(self):
        """Its books were wrong, though all that they knew is there; one that is taken back again leaves nothing."""
        self.positions.sudo().active = False
        self.make_quant(self.lot_product, self.bin, lot_id=self.lot)
        self.plan.action_schedule()
        self.plan.position_ids.filtered(lambda one: one.product_id != self.lot_product).sudo().active = False
        sheet = self.generate()
        draw, line = self.get_draws(), sheet.line_ids
        sheet.with_user(self.counter).action_start()
        other = sheet.with_user(self.counter)._add_found(self.bin, self.other_product)
        self.assertFalse(other.sudo().draw_id, "another position")
        found = sheet.with_user(self.counter)._add_found(self.bin, self.lot_product, self.other_lot)
        self.assertEqual((found.sudo().draw_id, found.sudo().draw_weight), (draw, 1))
        self.count(line, 10)
        found.sudo()._cancel()
        self.env.invalidate_all()
        self.assertEqual(draw.answered_count, 1)
        found = sheet.with_user(self.counter)._add_found(self.bin, self.lot_product, self.other_lot)
        for one, quantity in ((found, 3), (other, 0)):
            self.count(one, quantity)
        sheet.with_user(self.counter).action_close()
        for one in found.sudo():
            one.with_user(self.supervisor).action_reject("no")
        self.env.invalidate_all()
        self.assertFalse(draw._verify())
        self.assertEqual((draw.answered_count, set(draw.line_ids.mapped("state"))), (1, {"cancel", "posted", "rejected"}))
        right = self.as_user(self.supervisor, self.env["stock.cycle.count.answers"])._get_figures()["right"]
        self.assertEqual((right.number, right.value), (2, 0))

    # Evidence

    def test_nobody_makes_or_changes_one(self):
        draw, _line, _sheet = self.make_draw()
        [values] = draw.sudo().copy_data()
        values["day"] = date(2024, 3, 1)
        for user in (self.supervisor, self.controller, self.manager, self.env.user):
            for one in (draw.with_user(user), draw.with_user(user).sudo()):
                for attempt in (lambda: one.create(values), lambda: one.write({"number": 2}), one.unlink):
                    with self.assertRaises(UserError), self.cr.savepoint(), mute_logger(
                            "odoo.addons.stock_cycle_count"):
                        attempt()

    def test_nobody_takes_a_line_in_or_out(self):
        draw, line, sheet = self.make_draw()
        other = self.make_sheet((self.other_product, self.bins[5])).line_ids
        for user in (self.supervisor, self.controller, self.manager, self.env.user):
            for env in (self.env(user=user.id, su=False), self.env(user=user.id, su=True)):
                for attempt in (
                    lambda: line.with_env(env).write({"draw_id": False}),
                    lambda: other.with_env(env).write({"draw_id": draw.id}),
                    lambda: line.with_env(env).write({"draw_weight": 5}),
                    lambda: other.with_env(env).create({
                        **self.key_values(self.product, self.bins[4]), "count_id": other.count_id.id,
                        "draw_id": draw.id}),
                    lambda: line.with_env(env).write({"product_id": self.other_product.id}),
                    lambda: line.with_env(env).unlink(),
                    lambda: sheet.with_env(env).unlink(),
                ):
                    with self.assertRaises(UserError), self.cr.savepoint(), mute_logger(
                            "odoo.addons.stock_cycle_count"):
                        attempt()
        self.env.invalidate_all()
        self.assertEqual((line.draw_id, other.draw_id.id), (draw, False))

    def test_deletion_says_what_to_do(self):
        draw, _line, sheet = self.make_draw()
        with self.assertRaisesRegex(UserError, "Cancel the sheet instead"):
            self.as_user(self.supervisor, sheet).unlink()

    def test_cancelled_is_unanswered(self):
        """Whoever cancels a sheet does not get rid of its random lines."""
        draw, _line, sheet = self.make_draw()
        self.as_user(self.supervisor, sheet).action_cancel()
        self.assertEqual(draw.unanswered_count, 0, "there is time yet")
        self.go_to(draw.answer_by + timedelta(days=1))
        self.env.invalidate_all()
        self.assertEqual((draw.answered_count, draw.unanswered_count), (0, 3))
        self.assertFalse(draw._verify())

    def test_counted_late_is_unanswered(self):
        draw, line, sheet = self.make_draw()
        self.go_to(draw.answer_by)
        sheet.with_user(self.counter).action_start()
        self.count(line, 10)
        self.go_to(draw.answer_by + timedelta(days=1))
        self.count(draw.line_ids[1], 10)
        self.env.invalidate_all()
        self.assertEqual((draw.answered_count, draw.unanswered_count), (1, 2))

    def test_time_to_answer(self):
        """As for what is due at the end of the sheets' horizon: the grace days after it."""
        draw, _line, _sheet = self.make_draw()
        self.assertEqual(draw.answer_by, date(2024, 3, 18))

    def test_the_plan_stays(self):
        draw, _line, sheet = self.make_draw()
        sheet.action_cancel()
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.plan.unlink()
