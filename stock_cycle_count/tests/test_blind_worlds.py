import datetime
import os

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common_gate import GateCase
from .common_observer import MADE_TO_LOOK, Observer

NOON = datetime.datetime(2024, 3, 4, 12)
#: What the books show of the goods, what is counted of them, and what becomes of it.
WORLDS = {
    "match": (12, 12, "posted"),
    "approve": (52, 12, "approve"),
    "surplus": (0, 12, "approve"),
    "reject": (4012, 12, "reject"),
    "cancel": (52, 12, "cancel"),
    "recount": (52, 12, "recount"),
    "another recount": (60, 9, "recount"),
}
#: Who looks at which stages. All that one sees before the sheet is closed, after that, and of a recount is the same in all
#: worlds in which one counted the same. Bystanders do not look at recounts: who did not count may join one, and so may know
#: that there is one.
LOOKS = {
    "match": {"to count": ["counter"], "counted": ["counter"], "closed": ["counter", "bystander"]},
    "approve": {"counted": ["counter"], "closed": ["counter"], "approved": ["counter"], "ended": ["counter", "bystander"]},
    "surplus": {"to count": ["counter"], "counted": ["counter"], "ended": ["counter"]},
    "reject": {"ended": ["counter"]},
    "cancel": {"ended": ["counter"]},
    "recount": {"recount": ["second"], "recounted": ["counter", "second"], "closed again": ["counter"]},
    "another recount": {"recount": ["second"], "recounted": ["second"]},
}
#: The looks that tell most, for runs that are to end soon.
FIRST_LOOKS = {"match": {"closed": ["counter", "bystander"]}, "approve": {"ended": ["counter", "bystander"]}}
#: Ids that a stage of a world may take: each begins at the same number in all worlds.
IDS_OF_A_STAGE = 2000


class BlindWorldsCase(GateCase):
    """Nothing that a counter may not know of a blind sheet changes anything that the counter can learn. The same day is
    played in worlds that differ in what the books show, in what others counted and in what was decided, and everything
    that can be asked is answered the same in all of them.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bystander = cls.make_user("floor_bystander", "stock_cycle_count.group_counter")
        cls.company.cycle_count_escalation_days = 1
        cls.first_id = cls._read_last_id() + IDS_OF_A_STAGE
        cls.startClassPatcher(freeze_time(NOON))

    @classmethod
    def _read_last_id(cls):
        cls.cr.execute("SELECT max(last_value) FROM pg_sequences")
        return cls.cr.fetchone()[0]

    def _set_next_id(self, number):
        """The log of refusals keeps its own ids, since its rows stay when a world ends."""
        self.env.flush_all()
        self.cr.flush()
        self.cr.execute("""
            SELECT setval(quote_ident(schemaname) || '.' || quote_ident(sequencename), %s)
              FROM pg_sequences WHERE sequencename NOT LIKE 'stock_cycle_count_audit_log%%'
        """, [number])

    def _begin_stage(self, number):
        self._set_next_id(self.first_id + number * IDS_OF_A_STAGE)

    def _play(self, world):
        """Play a world, and yield the name of each stage of it."""
        books, counted, end = WORLDS[world]
        self._begin_stage(0)
        self.tolerance.recount = end == "recount"
        if books:
            self.receive(self.product, self.bin_b, books)
            self.receive(self.lot_product, self.bin_b, books, lot=self.lot, package=self.package)
        self.receive(self.other_product, self.bin_b, 5)
        # With all that is noted down: test cases do without.
        env = self.env(context={})
        plan = self.make_plan(counter_ids=[Command.set((self.counter | self.second).ids)])
        self._begin_stage(1)
        sheet = self.make_sheet(
            (self.product, self.bin_b), (self.other_product, self.bin_b), lock_mode="block").with_env(env)
        env["stock.cycle.count.line"].create({"count_id": sheet.id, **self.key_values(
            self.lot_product, self.bin_b, self.lot, package_id=self.package.id, sequence=5)})
        sheet.sudo().plan_id = plan
        self.sheet, self.lines = sheet, sheet.line_ids
        notes = env.ref("mail.mt_note") | env.ref("mail.mt_comment") | env.ref("mail.mt_activities")
        sheet.with_user(self.counter).message_subscribe(self.counter.partner_id.ids, notes.ids)
        yield "to count"
        self._begin_stage(2)
        sheet.with_user(self.counter).action_start()
        yield "started"
        self._begin_stage(3)
        scanner = env["stock.cycle.count.scanner"].with_user(self.counter)
        for line, key, quantity in zip(self.lines, ("first-key", "second-key", "third-key"), (counted, 5, counted)):
            answer = scanner.record([{
                "client_key": key, "kind": "set", "line_id": line.id,
                "parts": [[f"uom-{line.product_uom_id.id}", quantity]]}])
            self.assertEqual(answer["verdicts"][0]["status"], "done")
        yield "counted"
        self._begin_stage(4)
        answer = scanner.act({"screen": "sheet", "count_id": sheet.id}, "close")
        self.assertEqual(answer["state"], {"screen": "home"})
        yield "closed"
        yield from getattr(self, f"_play_{end}")(self.lines[0] | self.lines[2], counted)

    # What others do when the counter has gone

    def _play_posted(self, lines, counted):
        self.assertEqual(set(lines.mapped("state")), {"posted"})
        self.assertEqual(self.sheet.state, "done")
        yield from ()

    def _play_approve(self, lines, counted):
        self._begin_stage(5)
        self.assertEqual(set(lines.mapped("state")), {"to_approve"})
        for line in lines:
            self._approve(line, self.supervisor)
        yield "approved"
        self._begin_stage(6)
        self.sheet.with_user(self.supervisor).action_finalize()
        yield from self._play_posted(lines, counted)
        yield "ended"

    def _play_reject(self, lines, counted):
        self._begin_stage(5)
        lines.with_user(self.supervisor).action_reject("no")
        self.assertEqual(set(lines.mapped("state")), {"rejected"})
        yield "ended"

    def _play_cancel(self, lines, counted):
        self._begin_stage(5)
        self.sheet.with_user(self.supervisor).action_cancel()
        self.assertEqual(set(lines.mapped("state")), {"cancel"})
        yield "ended"

    def _play_recount(self, lines, counted):
        self.assertEqual(set(lines.mapped("state")), {"recount"})
        self.assertEqual(lines.user_id, self.second)
        yield "recount"
        self._begin_stage(5)
        for line in lines:
            self.type_count(line.with_env(self.sheet.env), "13", self.second)
        yield "recounted"
        self._begin_stage(6)
        self.sheet.with_user(self.second).action_close()
        yield "closed again"

    def _get_arguments(self):
        """What public methods are called with; the device asks for what it knows of the sheet."""
        at_home = {"screen": "home"}
        at_sheet = {"screen": "sheet", "count_id": self.sheet.id}
        at_bin = dict(at_sheet, screen="location", location_id=self.bin_b.id)
        replays = [
            [{"client_key": key, "kind": kind, "line_id": line.id, "parts": [[f"uom-{line.product_uom_id.id}", quantity]]}]
            for key in ("first-key", "new-key") for line in self.lines[:2] for kind in ("set", "add")
            for quantity in (12, 5)]
        found = [{"client_key": "found-key", "kind": "add", "count_id": self.sheet.id, "location_id": self.bin_b.id,
                  "product_id": self.product.id, "parts": [[f"uom-{self.product.uom_id.id}", 1]]}]
        undo = [{"client_key": "undo-key", "kind": "undo", "undone_key": "first-key"}]
        skip = [{"client_key": "skip-key", "kind": "skip", "line_id": self.lines[0].id, "reason": "x"}]
        return {
            "state": [at_home, at_sheet, at_bin],
            "barcode": [self.sheet.name, self.bin_b.barcode, self.product.default_code, self.lot.name, self.package.name],
            "action": ["start", "join", "take_over", "close", "close_anyway"],
            "entries": [*replays, found, undo, skip],
            "fields": [["id", "count_input"]],
            "data": [[[str(self.lines[0].id), "3"]]],
        }

    def _check_answers(self, looks_at):
        seen = {}
        observer = Observer(self)
        for world, looks in looks_at.items():
            observer.sent.clear()
            savepoint = self.cr.savepoint()
            for stage in self._play(world):
                for role in looks.get(stage, ()):
                    self._set_next_id(MADE_TO_LOOK)
                    answers = observer.observe(getattr(self, role), self.sheet, self.lines, self._get_arguments())
                    self._compare(seen.setdefault(self._get_part(role, stage), answers), answers, world, stage, role)
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def _get_part(self, role, stage):
        """What must be seen alike: to bystanders nothing happens, to the counter nothing once the sheet is closed."""
        if role == "bystander":
            return role
        return role, stage if role == "second" or stage in ("to count", "counted") else "closed"

    def _compare(self, expected, answers, world, stage, role):
        self.assertGreater(len(answers), 3000)
        differing = [
            f"{question}\n{get_difference(expected.get(question), answers.get(question))}"
            for question in dict.fromkeys([*expected, *answers]) if expected.get(question) != answers.get(question)]
        with self.subTest(world=world, stage=stage, role=role):
            self.assertFalse(differing, "\n".join(differing[:25]))


@tagged("standard", "post_install", "-at_install")
class TestBlindWorlds(BlindWorldsCase):

    def test_no_first_answer_differs(self):
        self._check_answers(FIRST_LOOKS)

    def test_supervisors_see_what_differs(self):
        """Whoever decides sees it, and so would the test."""
        observer = Observer(self)
        seen = []
        for world in ("match", "approve"):
            savepoint = self.cr.savepoint()
            for stage in self._play(world):
                if stage == "closed":
                    seen.append(observer.observe(self.supervisor, self.sheet, self.lines, {}, observer.ask_records))
                    break
            line = self.lines[0]
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        for name in ("state", "verdict", "expected_qty", "variance_qty", "adjustment_value", "can_decide"):
            question = f"stock.cycle.count.line({line.id}).{name}"
            self.assertNotEqual(seen[0][question], seen[1][question], question)
        self.assertEqual([answers[f"stock.cycle.count.line({line.id}).counted_qty"] for answers in seen], ["12.0", "12.0"])


@tagged("standard", "post_install", "-at_install", "long")
class TestAllBlindWorlds(BlindWorldsCase):

    def test_no_answer_differs(self):
        self._check_answers(LOOKS)


def get_difference(*answers):
    """Where two answers part."""
    texts = [str(answer) for answer in answers]
    start = max(len(os.path.commonprefix(texts)) - 60, 0)
    return "\n".join(f"    {text[start:start + 200]}" for text in texts)
