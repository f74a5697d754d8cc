from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tools import SQL, mute_logger

from ..tools import draw as drawing
from .common_answers import ANSWERS, RESULT
from .common_draw import DrawCase
from .common_pack import PackMixin
from .common_planning import TODAY


class TestDrawBins(PackMixin, DrawCase):
    """Some places of which the books show nothing are drawn too, and counted among the others as if the books knew of
    something there; what that finds is told apart from how right the records are.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cycle_count_bin_share = 100
        # Places of the floor without stock, but for one whose stock the plan counts.
        cls.used, *_rest = cls.bins[3:]
        cls.empty = cls.bins[3:] | cls.bin_a | cls.bin_b | cls.bin_c

    def get_draw(self, kind="bin"):
        return self.get_draws().filtered(lambda draw: draw.kind == kind)

    def get_frame(self):
        return self.env["stock.location"].browse(drawing.read_frame(self.get_draw().frame))

    def get_held(self, user=None):
        """Empty bins that were counted, and those that held something, as the page says it."""
        self.env.flush_all()
        self.env.invalidate_all()
        answers = self.as_user(user or self.supervisor, self.env[ANSWERS])
        figure = answers._get_figures({})["held_bins"]
        self.assertEqual(self.as_user(self.supervisor, self.env[RESULT]).search_count(figure.domain), figure.number)
        [tile] = [tile for tile in answers.get_page({})["tiles"] if tile["name"] == "right"]
        text = {row["label"]: row["text"] for row in tile["rows"]}.get("Empty bins that held something")
        return text, figure.value and round(figure.value), figure.number

    def test_what_is_drawn(self):
        """As many as the share says, of the places that hold nothing; each has one line, of something that the plan counts."""
        [sheet] = self.generate()
        draw, positions = self.get_draw(), self.get_draw("position")
        self.assertEqual((draw.number, draw.share, positions.number), (3, 100, 3))
        self.assertEqual(self.get_frame(), self.empty.sorted("id"))
        self.assertEqual(draw.line_ids.location_id.ids, sorted(draw.line_ids.location_id.ids))
        self.assertEqual(set(draw.line_ids.location_id.ids), set(drawing.read_frame(draw.drawn_positions)))
        self.assertEqual((len(draw.line_ids), draw.line_ids | positions.line_ids), (3, sheet.line_ids))
        self.assertEqual(set(draw.line_ids.mapped("selection_reason")), {"bin"})
        self.assertLessEqual(draw.line_ids.product_id, self.goods)
        self.assertFalse(any(draw.line_ids.position_id.mapped("active")))
        self.assertFalse((draw | positions)._verify())
        self.assertFalse(self.generate(), "once a day")

    def test_what_is_no_empty_bin(self):
        """Neither what holds stock of anybody, nor what holds other places, is excluded, archived or of another plan."""
        owner = self.env["res.partner"].create({"name": "Owner"})
        self.make_quant(self.product, self.bins[3], owner_id=owner)
        self.bins[4].cycle_count_excluded = True
        self.bins[5].active = False
        self.make_location("Shelf", self.bin_a)
        other = self.make_plan(name="Other", location_ids=self.bin_b)
        other.action_schedule()
        self.generate()
        self.assertEqual(self.get_frame().mapped("name"), ["Bin C", "Shelf"])

    def test_what_stood_there_last(self):
        last = self.goods[3]
        self.move(last, self.bin, self.used, 2)
        self.move(last, self.used, self.bin, 2)
        self.plan.action_schedule()
        position = self.position(last, self.used)
        if not position:
            position = self.env["stock.cycle.count.position"].sudo().create({
                "company_id": self.company.id, "plan_id": self.plan.id, "location_id": self.used.id, "product_id": last.id,
                "active": False})
        position.sudo().write({"active": False, "last_count_date": "2024-02-01"})
        (self.empty - self.used).sudo().active = False
        self.generate()
        self.assertEqual(self.get_draw().line_ids.position_id, position)

    def test_what_had_lots_is_not_asked_for(self):
        """A line of it without a number would tell that the books have none there."""
        self.env["stock.cycle.count.position"].sudo().create([{
            "company_id": self.company.id, "plan_id": self.plan.id, "location_id": place.id, "product_id": product.id,
            "active": False} for place, product in zip(self.empty, (self.lot_product, self.serial_product) * 3)])
        self.generate()
        lines = self.get_draw().line_ids
        self.assertEqual((len(lines), set(lines.product_id.mapped("tracking"))), (3, {"none"}))

    def test_how_many(self):
        """Beside 200 positions a quarter 20 bins, spread over its days; none where none are wanted."""
        self.company.cycle_count_bin_share = 10
        days = [TODAY + timedelta(days=number) for number in range(8)]
        for day in days:
            self.go_to(day)
            self.end(self.generate())
        numbers = {draw.day: draw.number for draw in self.get_draw()}
        self.assertEqual(numbers, {day: 1 for day in days if self.plan._get_pace(day, "bin").number})
        self.assertEqual(len(numbers), 2)
        self.assertEqual(len(self.get_draw("position")), 6)
        self.company.cycle_count_bin_share = 0
        self.assertEqual(self.plan._get_pace(TODAY, "bin").number, 0)

    def test_none_without_random_positions(self):
        self.plan.control_target = 0
        self.generate()
        self.assertFalse(self.get_draws())

    def test_the_share_is_one_of_a_hundred(self):
        for share in (-1, 101):
            with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
                self.company.cycle_count_bin_share = share
                self.env.flush_all()

    def test_full_and_empty(self):
        """Nothing there is right, what was asked for and what nobody asked for are not; none of it is about the records."""
        self.generate()
        draw, sheet = self.get_draw(), self.get_draw().line_ids.count_id
        sheet.with_user(self.counter).action_start()
        self.assertEqual(self.get_held(), (None, None, 0))
        empty, asked, other = draw.line_ids
        self.count(empty, 0)
        self.assertEqual(self.get_held(), ("0 of 1", 0, 0))
        self.count(asked, 4)
        self.assertEqual(self.get_held(), ("1 of 2", 50, 1), "whoever decides on it")
        found = sheet.with_user(self.counter)._add_found(other.location_id, self.other_product).sudo()
        self.assertEqual((found.draw_id, found.selection_reason), (draw, "found"))
        self.count(other, 0)
        self.count(found, 2)
        self.assertEqual(self.get_held(), ("2 of 3", 67, 2))
        self.assertEqual((draw.answered_count, draw.number), (3, 3))
        figures = self.as_user(self.supervisor, self.env[ANSWERS])._get_figures({})
        self.assertIsNone(figures["right"].value)
        for line in self.get_draw("position").line_ids:
            self.count(line, 10)
        sheet.with_user(self.counter).action_close()
        for line in (asked, found):
            self.assertEqual(line.state, "to_approve")
            line.with_user(self.supervisor).action_reject("no")
        self.assertEqual(empty.state, "posted")
        figures = self.as_user(self.supervisor, self.env[ANSWERS])._get_figures({})
        self.assertEqual((figures["right"].value, figures["right"].number, figures["answered"].value), (100, 3, None))
        self.assertEqual(self.get_held(), ("2 of 3", 67, 2))
        self.plan.action_schedule()
        self.assertFalse(self.plan.position_ids.filtered(lambda one: one.location_id in self.empty), "nothing is left to verify")
        review = self.as_user(self.supervisor, self.env["stock.cycle.count.review.document"])._get_sample(
            self.warehouse, draw.day, draw.day)
        self.assertEqual({one["kind"]: one["number"] for one in review["draws"]}, {"Positions": 3, "Empty bins": 3})
        self.assertEqual(review["misses_in_all"], 2)

    def test_what_came_meanwhile(self):
        """Stock that the books know of by the time of the count makes no bin wrong."""
        self.generate()
        line = self.get_draw().line_ids[0]
        line.count_id.with_user(self.counter).action_start()
        self.receive(line.product_id, line.location_id, 6)
        self.receive(self.other_product, line.location_id, 3)
        self.count(line, 6)
        self.count(line.count_id.with_user(self.counter)._add_found(line.location_id, self.other_product).sudo(), 3)
        self.assertEqual(self.get_held(), ("0 of 1", 0, 0))

    def test_positions_of_bins_are_no_part_of_the_plan(self):
        """Nor of any draw of positions, before anybody counted them."""
        self.generate()
        before = self.plan.position_ids
        self.plan.action_schedule()
        self.assertEqual((self.plan.position_ids, self.get_draw("position").frame_size), (before, 30))
        made = self.get_draw().line_ids[0].position_id
        self.receive(made.product_id, made.location_id, 2)
        self.plan.action_schedule()
        self.assertTrue(made.active, "once something is there, it is a position like others")

    def test_a_bin_that_waits_is_not_counted_twice(self):
        self.generate()
        lines = self.get_draw().line_ids
        self.go_to(self.get_draw().day + timedelta(days=1))
        (self.empty - lines.location_id).sudo().active = False
        self.generate()
        later = self.get_draw()[-1]
        self.assertEqual(set(drawing.read_frame(later.standing_positions)), set(lines.location_id.ids))
        self.assertFalse(later.line_ids)
        self.assertFalse(later._verify())

    def test_verify_finds_what_was_changed(self):
        self.generate()
        draw = self.get_draw()
        line = draw.line_ids[0]
        for table, column, value, said in (
            ("stock_cycle_count_draw", "stored_seed", "0" * 64, "seed is not the one"),
            ("stock_cycle_count_draw", "share", 10, "3 places were drawn, where"),
            ("stock_cycle_count_line", "draw_id", None, f"Drawn, but without a line: places {line.location_id.id}."),
        ):
            with self.subTest(column=column), self.cr.savepoint() as savepoint:
                self.env.flush_all()
                self.cr.execute(SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s", SQL.identifier(table), SQL.identifier(column), value,
                    draw.id if table.endswith("draw") else line.id))
                self.env.invalidate_all()
                answer = self.as_user(self.finance, draw).action_verify()["params"]
                self.assertEqual(answer["type"], "warning")
                self.assertIn(said, answer["message"])
                savepoint.rollback()
                self.env.invalidate_all()
        answer = self.as_user(self.finance, draw).action_verify()["params"]
        self.assertIn("the same 3 of 6 places", answer["message"])

    def test_the_pack_draws_again(self):
        """With Python alone; a place that was not drawn, and one without its line, are found."""
        self.generate()
        draw = self.get_draw()
        self.go_to(draw.day + timedelta(days=1))
        self.env.invalidate_all()
        folder, _pack = self.make(self.finance)
        code, said = self.check(folder)
        self.assertEqual(code, 0, said)
        lines = folder / "lines.csv"
        text = lines.read_text()
        lines.write_text("".join(
            line for line in text.splitlines(keepends=True) if f",{draw.line_ids[0].location_id.id}," not in line))
        _code, said = self.check(folder)
        self.assertIn(f"drew some that have no line: [{draw.line_ids[0].location_id.id}]", said)

    def test_counters_cannot_tell(self):
        """Neither by what a line says nor by what its position does."""
        profile = self.make_profile()
        for product in self.goods:
            self.set_class(product, profile.class_ids[0])
        self.plan.profile_id = profile
        self.plan.action_schedule()
        self.generate()
        for line in self.get_draw().line_ids:
            for model, record in ((line._name, line), (line.position_id._name, line.position_id)):
                names = {"selection_reason", "draw_id", "position_id"} if model == line._name else {"active"}
                for name in names:
                    with self.assertRaises(AccessError):
                        self.as_user(self.counter, record).read([name])
        lines = self.as_user(self.counter, self.get_draw().line_ids.count_id).line_ids
        self.assertEqual(lines.abc_class_id, profile.class_ids[0])
        self.assertTrue(all(line.abc_class_id for line in lines))
        self.assertEqual({line.shown_expected_qty for line in lines}, {0})
        for user in (self.counter, self.worker):
            with self.assertRaises(AccessError):
                self.as_user(user, self.env[RESULT]).search([("is_bin", "=", True)])
