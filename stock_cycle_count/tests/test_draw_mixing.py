from datetime import timedelta

from ..tools import draw as drawing
from .common_draw import DrawCase
from .common_planning import TODAY


class TestMixing(DrawCase):
    """Drawn lines stand among the others."""

    def make_due(self, places, day=TODAY, number=4):
        """Positions that are to be counted on a day, and no other reason to count them."""
        due = self.positions.filtered(lambda position: position.location_id in places)[:number]
        due.manual_date = day
        return due

    def draw_later(self):
        """Sheets that were made on a day on which nothing was drawn."""
        self.plan.control_target = 0
        sheets = self.generate()
        self.plan.control_target = 100_000
        self.plan.daily_capacity = 30
        return sheets

    def test_open_lines_keep_their_reason(self):
        self.make_due(self.bins, TODAY + timedelta(days=3), 30)
        sheets = self.draw_later()
        lines = sheets.line_ids
        self.stamp(lines)
        self.assertFalse(self.generate(), "all stand on a sheet")
        draw = self.get_draws()
        self.assertEqual((draw.number, draw.line_ids.position_id), (6, self.get_drawn(draw)))
        self.assertEqual(set(lines.mapped("selection_reason")), {"manual"})
        self.assertEqual(draw.line_ids, lines & draw.line_ids, "no line is made anew")
        self.assertFalse(self.get_written(lines), "and none tells that something was written")
        self.assertFalse(draw._verify())

    def test_due_keep_their_reason(self):
        """What is to be counted today anyway says so, drawn or not."""
        self.make_due(self.bins, number=30)
        self.plan.write({"control_target": 100_000, "daily_capacity": 30})
        self.generate()
        draw = self.get_draws()
        self.assertEqual((draw.number, set(draw.line_ids.mapped("selection_reason"))), (6, {"manual"}))
        self.assertEqual(len(self.plan.count_ids.line_ids), 30)

    def test_among_the_lines_of_today(self):
        """Onto sheets that nobody has begun: no number, no time and no order tells which line came later."""
        self.make_due(self.bins)
        sheet = self.draw_later()
        old = sheet.line_ids
        self.clock.tick(3600)
        self.assertFalse(self.generate(), "no sheet of drawn lines alone")
        draw = self.get_draws()
        lines = sheet.line_ids
        self.assertEqual(len(lines), len(old.exists() | lines))
        self.assertFalse(old.exists(), "all of its lines are new")
        self.assertLess(set(draw.line_ids.ids), set(lines.ids))
        self.assertEqual(lines.sorted("id").ids, lines.sorted("sequence").ids)
        self.assertEqual(lines.sorted("sequence").mapped("sequence"), list(range(1, len(lines) + 1)))
        places = lines.sorted("sequence").location_id
        self.assertEqual(places, places.sorted(lambda place: place._get_walking_key()))
        for name in ("create_date", "create_uid", "write_date", "user_id", "scheduled_date"):
            self.assertEqual(len(set(lines.mapped(name))), 1, name)
        self.assertEqual(sheet.line_count, len(lines))
        kept = lines - draw.line_ids
        self.assertEqual(set(kept.mapped("selection_reason")), {"manual"})
        self.assertEqual(set(kept.mapped("due_date")), {TODAY})
        self.assertFalse(draw._verify())
        self.end(sheet)
        self.assertEqual(draw.answered_count, draw.number)

    def test_sheets_that_somebody_touched_stay(self):
        for touch in (
            lambda sheet: sheet.with_user(self.counter).action_start(),
            lambda sheet: sheet.line_ids[0].with_user(self.supervisor).write({"note": "behind a pallet"}),
        ):
            with self.subTest(touch=touch), self.cr.savepoint() as savepoint:
                self.make_due(self.bins)
                sheet = self.draw_later()
                touch(sheet)
                old = sheet.line_ids
                made = self.generate()
                self.assertEqual(sheet.line_ids, old)
                self.assertEqual(made.scheduled_date, TODAY)
                self.assertEqual(self.get_draws().line_ids - old, made.line_ids)
                self.assertFalse(self.get_draws()._verify())
                savepoint.rollback()
                self.env.invalidate_all()

    def test_with_what_is_due_in_the_same_run(self):
        self.make_due(self.bins)
        self.plan.write({"control_target": 100_000, "daily_capacity": 30})
        sheet = self.generate()
        self.assertEqual(len(sheet), 1)
        self.assertLess(self.get_draws().line_ids, sheet.line_ids)

    def test_zones_stay_apart(self):
        for product in self.goods:
            self.make_quant(product, self.bins[4])
        self.plan.write({"grouping": "zone", "sheet_size": 5})
        self.plan.action_schedule()
        self.positions = self.plan.position_ids
        self.make_due(self.bins[:1], number=5)
        self.make_due(self.bins[4], number=5)
        self.plan.write({"control_target": 100_000, "daily_capacity": 40})
        sheets = self.generate()
        draw = self.get_draws()
        self.assertEqual(len(draw.line_ids.position_id), draw.number)
        for sheet in sheets:
            self.assertEqual(len(sheet.line_ids.location_id.location_id), 1)

    def test_before_what_is_due(self):
        """What is drawn has its share of every day; what is due is levelled around it."""
        self.assertEqual((self.plan._get_drawn_share(), self.plan._get_due_capacity()), (4, 46))
        self.plan.write({"control_target": 100_000, "daily_capacity": 10})
        self.assertEqual((self.plan._get_drawn_share(), self.plan._get_due_capacity()), (2, 8))
        self.bins[:3].cyclic_inventory_frequency = 1
        self.plan.action_schedule()
        load = {}
        for position in self.positions:
            load[position.scheduled_date] = load.get(position.scheduled_date, 0) + 1
        self.assertEqual(max(load.values()), 8)
        self.generate()
        today = self.plan.count_ids.filtered(lambda sheet: sheet.scheduled_date == TODAY)
        self.assertLessEqual(len(today.line_ids.position_id), 10)

    def test_drawn_again_while_still_open(self):
        """A line is in one draw. What is drawn again while it waits is answered by that one, and the check knows."""
        self.plan.write({"control_target": 100_000, "daily_capacity": 1000})
        self.generate()
        first = self.get_draws()
        self.go_to(TODAY + timedelta(days=1))
        self.generate()
        second = self.get_draws() - first
        self.assertEqual(drawing.read_frame(second.standing_positions), sorted(self.positions.ids))
        self.assertEqual((len(first.line_ids), len(second.line_ids)), (30, 0))
        self.assertFalse((first | second)._verify())
        self.go_to(TODAY + timedelta(days=60))
        self.assertEqual((first.unanswered_count, second.unanswered_count), (30, 0))
