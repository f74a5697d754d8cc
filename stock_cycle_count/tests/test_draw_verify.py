from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools import draw as drawing
from .common_draw import DrawCase
from .common_planning import TODAY

#: Days whose draws are made again in one go.
DAYS = 250


class TestVerify(DrawCase):
    """Whoever looks can draw again, and is told what differs."""

    def setUp(self):
        super().setUp()
        self.generate()
        self.draw = self.get_draws()

    def tamper(self, table=None, **values):
        """Change rows behind the back of the ORM, as somebody with access to the database can."""
        self.env.flush_all()
        table = table or self.draw
        for name, value in values.items():
            self.cr.execute(SQL("UPDATE %s SET %s = %s WHERE id = ANY(%s)", SQL.identifier(table._table),
                                SQL.identifier(name), value, table.ids))
        self.env.invalidate_all()

    def press(self, draws=None, user=None):
        action = self.as_user(user or self.controller, self.draw if draws is None else draws).action_verify()
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]

    def test_it_holds(self):
        for user in (self.supervisor, self.finance, self.controller):
            answer = self.press(user=user)
            self.assertEqual(answer["type"], "success")
            self.assertIn("the same 3 of 30 positions", answer["message"])

    def test_what_differs_is_said(self):
        """One change of anything that it rests on, and the check says which."""
        numbers = drawing.read_frame(self.draw.drawn_positions)
        other = next(number for number in self.positions.ids if number not in numbers)
        frame = self.positions.ids
        missing = drawing.write_frame([number for number in frame if number != numbers[0]])
        for values, sentences in (
            ({"drawn_positions": ",".join(map(str, [other, *numbers[1:]]))},
             [f"Drawn, but should not be: positions {other}.", f"Not drawn, but should be: positions {numbers[0]}.",
              f"Drawn, but without a line: positions {other}.", f"With a line, but not drawn: positions {numbers[0]}."]),
            ({"drawn_positions": ",".join(map(str, numbers[1:]))}, [f"Not drawn, but should be: positions {numbers[0]}."]),
            ({"stored_seed": "0" * 64}, ["seed is not the one", "highest hash"]),
            ({"stored_seed": self.draw.sudo().stored_seed[:-1] + "x"}, ["seed is not the one"]),
            ({"frame": missing}, ["has 29 positions, not 30", "not the one whose hash was kept"]),
            ({"frame": missing, "frame_size": 29}, ["not the one whose hash was kept"]),
            ({"frame_hash": "0" * 64}, ["not the one whose hash was kept"]),
            ({"frame_size": 31}, ["has 30 positions, not 31"]),
            ({"threshold_hash": "f" * 64}, ["The highest hash is not the one"]),
            ({"number": 2}, ["2 positions were drawn, where 3 were to be"]),
            ({"control_target": 400}, ["3 positions were drawn, where 7 were to be"]),
            ({"day": date(2024, 3, 5)}, ["seed is not the one"]),
            ({"frame": "1-x"}, ["cannot be read"]),
            ({"drawn_positions": "one"}, ["cannot be read"]),
        ):
            with self.subTest(values=values), self.cr.savepoint() as savepoint:
                self.tamper(**values)
                answer = self.press()
                self.assertEqual((answer["type"], answer["title"], answer["sticky"]), ("warning", "This draw differs", True))
                for sentence in sentences:
                    self.assertIn(sentence, answer["message"])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_it_holds_when_the_plan_has_gone_to_another_company(self):
        self.plan.write({
            "warehouse_id": self.other_warehouse.id, "calendar_id": self.other_company.resource_calendar_id.id,
            "counter_ids": [(6, 0, self.stranger.ids)]})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.plan.company_id, self.other_company)
        self.assertFalse(self.draw._verify())

    def test_a_dropped_line_is_missed(self):
        line = self.draw.line_ids[0]
        number = line.position_id.id
        with self.cr.savepoint() as savepoint:
            self.tamper(line, draw_id=None)
            self.assertIn(f"Drawn, but without a line: positions {number}.", self.press()["message"])
            savepoint.rollback()
            self.env.invalidate_all()
        with self.cr.savepoint() as savepoint:
            self.env.flush_all()
            self.cr.execute("DELETE FROM stock_cycle_count_line WHERE id = %s", [line.id])
            self.env.invalidate_all()
            self.assertIn(f"Drawn, but without a line: positions {number}.", self.press()["message"])
            savepoint.rollback()
            self.env.invalidate_all()
        other = self.positions - self.draw.line_ids.position_id
        self.tamper(line, position_id=other[0].id)
        self.assertIn(f"With a line, but not drawn: positions {other[0].id}.", self.press()["message"])

    def test_a_year_of_days(self):
        """All draws of 250 working days come to the same; with one changed, that one is named."""
        Draw = self.env["stock.cycle.count.draw"]
        day, made = TODAY, self.draw
        while len(made) < DAYS:
            day += timedelta(days=1)
            pace = self.plan._get_pace(day)
            if pace.number:
                seed, picked = Draw._pick(self.plan, day, self.positions.ids, pace.number)
                made |= Draw._keep(self.plan, day, pace, seed, self.positions, picked, day, self.positions.browse())
        self.draw.line_ids.count_id.action_cancel()
        # Their lines, of sheets that were cancelled: a stock key stands on one open line.
        sheet = self.make_sheet(plan_id=self.plan.id)
        lines = self.env["stock.cycle.count.line"]
        for draw in made - self.draw:
            lines |= lines._create_drawn([{
                "count_id": sheet.id, "product_id": position.product_id.id, "location_id": position.location_id.id,
                "position_id": position.id, "draw_id": draw.id, "draw_weight": 1} for position in self.get_drawn(draw)])
            lines[-draw.number:]._cancel()
        made = made.browse(made.ids)
        answer = self.press(made)
        self.assertEqual((answer["type"], len(made)), ("success", DAYS), answer["message"])
        self.assertIn("250 draws come to the same", answer["message"])
        self.tamper(made[123], stored_seed="0" * 64)
        answer = self.press(made)
        self.assertEqual(answer["title"], "1 of 250 draws differ")
        self.assertTrue(answer["message"].startswith(f"{made[123].display_name}: "), answer["message"])

    def test_who_may_look(self):
        for user in (self.outsider, self.counter, self.worker, self.manager, self.stranger):
            for attempt in (
                lambda: self.call(user, self.draw, "action_verify"), lambda: self.call(user, self.draw, "read", ["number"]),
            ):
                with self.assertRaises(AccessError):
                    attempt()
        self.assertFalse(self.as_user(self.stranger, self.draw).search([]))


class TestSecret(DrawCase):
    """Nobody can foresee a draw: not by any call, whatever the rights."""

    def setUp(self):
        super().setUp()
        self.generate()
        self.draw = self.get_draws()
        self.cr.execute("SELECT secret FROM stock_cycle_count_secret WHERE company_id = %s", [self.company.id])
        [(self.secret,)] = self.cr.fetchall()

    def test_it_is_made_once(self):
        self.assertRegex(self.secret, "^[0-9a-f]{64}$")
        Draw = self.env["stock.cycle.count.draw"]
        self.assertEqual(Draw._get_seed(self.plan, TODAY), drawing.make_seed(self.secret, self.plan.id, TODAY))
        self.assertEqual(Draw._get_seed(self.plan, TODAY), self.draw.sudo().stored_seed)
        other = self.make_plan(
            warehouse_id=self.other_warehouse.id, calendar_id=self.other_company.resource_calendar_id.id,
            counter_ids=[(6, 0, self.stranger.ids)])
        Draw._get_seed(other, TODAY)
        self.cr.execute("SELECT count(DISTINCT secret) FROM stock_cycle_count_secret")
        self.assertGreaterEqual(self.cr.fetchone()[0], 2)

    def test_no_model_has_it(self):
        self.assertFalse([name for name in self.env.registry if "secret" in self.env[name]._table and "cycle" in name])

    def test_the_seed_of_today_is_shown_to_nobody(self):
        admin = self.make_user(
            "floor_admin",
            "base.group_system,base.group_allow_export,stock.group_stock_manager,stock_cycle_count.group_supervisor")
        seed = self.draw.sudo().stored_seed
        for user in (self.supervisor, self.controller, admin):
            draw = self.as_user(user, self.draw)
            self.assertFalse(draw.seed)
            self.assertNotIn("stored_seed", draw.fields_get())
            self.assertNotIn(seed, repr(draw.read()))
            self.assertNotIn(seed, repr(draw.read(list(draw.fields_get()))))
            for attempt in (
                lambda: draw.read(["stored_seed"]),
                lambda: draw.search([("stored_seed", "=like", seed[:1] + "%")]),
                lambda: draw.search([], order="stored_seed"),
                lambda: draw.read_group([], ["stored_seed"], ["stored_seed"]),
                lambda: draw.web_read({"stored_seed": {}}),
                lambda: self.as_user(user, self.plan).search([("count_ids.line_ids.draw_id.stored_seed", "!=", False)]),
            ):
                with self.assertRaises(AccessError):
                    attempt()
        with self.assertRaises(AccessError):
            self.as_user(admin, self.draw).export_data(["stored_seed"])
        self.go_to(TODAY + timedelta(days=1))
        self.env.invalidate_all()
        self.assertEqual(self.as_user(self.supervisor, self.draw).seed, seed, "the day after, everybody can check")
