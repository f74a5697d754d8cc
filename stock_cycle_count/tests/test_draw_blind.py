from unittest.mock import patch

from odoo.exceptions import AccessError

from .common_draw import DrawCase
from .common_observer import MADE_TO_LOOK, Observer
from .common_planning import TODAY

#: Ids that a stage of a world may take.
IDS_OF_A_STAGE = 500


class TestDrawBlind(DrawCase):
    """The same sheet, in worlds in which another line of it is drawn at random, or none: whoever counts it gets the same
    answer to every question in all of them.
    """

    target = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.four = cls.positions.sorted(lambda position: (position.location_id.id, position.product_id.id))[:4]
        (cls.positions - cls.four).sudo().active = False
        cls.plan.daily_capacity = 5
        cls.cr.execute("SELECT max(last_value) FROM pg_sequences")
        cls.first_id = cls.cr.fetchone()[0] + IDS_OF_A_STAGE

    def set_next_id(self, number):
        self.env.flush_all()
        self.cr.execute("""
            SELECT setval(quote_ident(schemaname) || '.' || quote_ident(sequencename), %s)
              FROM pg_sequences WHERE sequencename NOT LIKE 'stock_cycle_count_audit_log%%'
        """, [number])

    def play(self, drawn, is_asked=True, is_earlier=True):
        """Make the sheet of today of four positions.

        :param drawn: the one that is drawn, if any
        :param is_asked: whether that one is to be counted in any case
        :param is_earlier: whether the sheet was made before the draw
        """
        asked = self.four if is_asked else self.four - drawn
        asked.manual_date = TODAY
        self.set_next_id(self.first_id)
        if is_earlier:
            self.plan.action_generate()
        self.plan.control_target = 65 if drawn else 0
        self.set_next_id(self.first_id + IDS_OF_A_STAGE)
        with patch.object(self.registry["stock.cycle.count.draw"], "_pick", lambda *_args: (
                "seed", [("hash", position.id) for position in drawn])):
            self.plan.action_generate()
        sheet = self.plan.count_ids
        self.assertEqual((len(sheet), sheet.line_ids.position_id), (1, self.four))
        self.assertEqual(sheet.line_ids.filtered("draw_id").position_id, drawn)
        return sheet

    def look(self, sheet, user=None):
        observer = Observer(self)
        self.set_next_id(MADE_TO_LOOK)
        asks = () if user else (observer._ask_searches, observer._ask_papers)
        answers = dict(observer.observe(
            user or self.counter, sheet, sheet.line_ids, {}, observer.ask_records, *asks))
        scanner = observer.env["stock.cycle.count.scanner"]
        for state in ({"screen": "home"}, {"screen": "sheet", "count_id": sheet.id}, {
                "screen": "location", "count_id": sheet.id, "location_id": self.bin.id}):
            observer._try(f"scanner: {state}", lambda: scanner.show(state))
        for line in sheet.line_ids:
            observer._try(f"defaults: {line.id}", lambda: observer.lines.browse().with_context(
                default_draw_id=1, default_selection_reason="control").default_get(list(line._fields)))
        return {**answers, **observer.answers}

    def look_at_worlds(self, *worlds, user=None):
        for world in worlds:
            with self.cr.savepoint() as savepoint:
                yield self.look(self.play(**world), user)
                savepoint.rollback()
                self.env.invalidate_all()

    def get_differing(self, *worlds, user=None):
        first, *others = self.look_at_worlds(*worlds, user=user)
        self.assertGreater(len(first), 1000)
        return [
            f"{question}: {first.get(question)!r:.200} / {answers.get(question)!r:.200}"
            for answers in others for question in dict.fromkeys([*first, *answers])
            if first.get(question) != answers.get(question)]

    def test_drawn_among_what_is_asked_for(self):
        """Of lines that are there anyway, nothing tells that one is drawn, or which, or that any is."""
        none = self.four.browse()
        self.assertFalse(self.get_differing({"drawn": none}, {"drawn": self.four[1]}))

    def test_drawn_onto_a_sheet_that_there_was(self):
        """Which of its lines came later cannot be told."""
        self.assertFalse(self.get_differing(*(
            {"drawn": position, "is_asked": False} for position in (self.four[0], self.four[3]))))

    def test_drawn_while_the_sheet_is_made(self):
        none = self.four.browse()
        self.assertFalse(self.get_differing(
            {"drawn": none, "is_earlier": False}, {"drawn": self.four[1], "is_asked": False, "is_earlier": False}))

    def test_supervisors_see_it(self):
        """Whoever decides sees it, and so would the test."""
        differing = self.get_differing({"drawn": self.four.browse()}, {"drawn": self.four[0]}, user=self.supervisor)
        self.assertTrue([text for text in differing if ".draw_id:" in text])

    def test_stock_users_are_not_told_either(self):
        """They see the stock, and its dates; not why a line is there."""
        sheet = self.play(self.four[0])
        for line in self.as_user(self.worker, sheet).line_ids:
            self.assertTrue({"selection_reason", "due_date", "draw_id", "draw_weight"}.isdisjoint(line.fields_get()))
            for name in ("selection_reason", "due_date", "draw_id", "draw_weight"):
                with self.assertRaises(AccessError):
                    line.read([name])
