from datetime import timedelta

from odoo.exceptions import AccessError

from ..tools import audit_check
from .common_answers import AnswersCase
from .common_pack import PackMixin
from .common_planning import NOW, TODAY

CAUSE, HINT = "stock.cycle.count.cause", "stock.cycle.count.hint"


class TestCausesInThePack(PackMixin, AnswersCase):
    """An auditor reads what was found to go wrong, who was to change it and what became of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.make_user("floor_auditor", "stock_cycle_count.group_auditor")

    def make_cause(self, found=TODAY, user=None, **values):
        """A root cause that was found on some day; the database stamps rows by the real clock."""
        cause = self.as_user(user or self.supervisor, self.env[CAUSE]).create(
            {"name": "Picked by eye", "root_cause": "picking", "company_id": self.company.id, **values})
        self.env.flush_all()
        self.cr.execute("UPDATE stock_cycle_count_cause SET create_date = %s WHERE id = %s", [found, cause.id])
        self.env.invalidate_all()
        return cause

    def make_hint(self, **values):
        return self.env[HINT].create({
            "company_id": self.company.id, "kind": "pair", "subject": str(values), "value": 30,
            "facts": {"loser": "A", "winner": "=B", "quantity": 3, "days": 1}, **values})

    def read(self, folder, name):
        return {int(row["id"]): row for row in audit_check.read(folder, f"{name}.csv")}

    def test_what_became_of_them(self):
        lines = self.add_lines(
            {"variance": -6, "state": "rejected"}, {"variance": 6, "state": "rejected", "location": self.bins[3]})
        [led, dismissed, waits] = hints = self.make_hint(line_ids=[(6, 0, lines.ids)]) + self.make_hint() + self.make_hint()
        self.call(self.supervisor, dismissed, "action_dismiss", "not_so", "-Display pieces")
        cause = self.make_cause(
            name="=Picked", hint_id=led.id, product_id=self.product.id, location_id=self.bin.id, line_ids=[(6, 0, lines.ids)],
            warehouse_id=self.warehouse.id, user_id=self.controller.id, date_deadline="2024-03-01")
        done = self.make_cause(found=TODAY - timedelta(days=3))
        done.change = "+A scan\nat each put-away"
        self.call(self.controller, done, "action_close")
        for user in (self.finance, self.auditor):
            folder, _pack = self.make(user)
            code, said = self.check(folder)
            self.assertEqual((code, said.count("ok: ")), (0, 7), said)
            self.assertIn("Root causes: 2, of which 1 are open, 1 of them past their day.", said)
            self.assertIn("Hints: 3, of which 1 were right and 1 were wrong.", said)
            rows = self.read(folder, "root_causes")
            row = rows[cause.id]
            self.assertEqual(
                [row[name] for name in (
                    "what", "state", "found_by_id", "found_by", "owner_id", "due_date", "closed_date", "root_cause", "product",
                    "location", "warehouse", "hint_id", "line_ids")],
                ["'=Picked", "open", str(self.supervisor.id), "", str(self.controller.id), "2024-03-01", "", "picking",
                 self.product.name, self.bin.complete_name, self.warehouse.code, str(led.id),
                 ",".join(map(str, sorted(lines.ids)))])
            row = rows[done.id]
            self.assertEqual(
                [row[name] for name in ("state", "change", "closed_date", "closed_by_id")],
                ["done", "'+A scan\nat each put-away", str(NOW), str(self.controller.id)])
            told = self.read(folder, "hints")
            self.assertEqual(set(told), set(hints.ids))
            self.assertEqual(
                [[told[hint.id][name] for name in ("kind", "date", "state", "dismissal", "note", "cause_ids", "outcome")]
                 for hint in (led, dismissed, waits)],
                [["pair", str(NOW), "cause", "", "", str(cause.id), "right"],
                 ["pair", str(NOW), "dismissed", "not_so", "'-Display pieces", "", "wrong"],
                 ["pair", str(NOW), "open", "", "", "", ""]])
            self.assertEqual(told[dismissed.id]["dismissed_by_id"], str(self.supervisor.id))
        for name, change, sentence in (
            ("root_causes", lambda text: text.replace("'+A scan\nat each put-away", ""), "was closed without what was changed"),
            ("root_causes", lambda text: text.replace(f",{led.id},", ",,"), "does not come of hint"),
            ("hints", lambda text: text.replace(",not_so,", ",,"), "was dismissed without why"),
            ("hints", lambda text: text.replace(f",{cause.id},right", ",,right"), "does not know root cause"),
        ):
            with self.subTest(sentence=sentence):
                path = folder / f"{name}.csv"
                before = path.read_text()
                self.assertNotEqual(change(before), before)
                path.write_text(change(before))
                code, said = self.check(folder)
                self.assertEqual(code, 1)
                self.assertIn(sentence, said)
                path.write_text(before)

    def test_which_there_are(self):
        """All that was open at some time of the period, of the company alone."""
        foreign = self.env["res.company"].browse(self.other_company.id)
        old, gone, later = (self.make_cause(found=TODAY + timedelta(days=days)) for days in (-400, -400, 3))
        gone.change = "Done long ago"
        gone.action_close()
        self.make_cause(user=self.stranger, company_id=foreign.id)
        told = {days: self.make_hint(date=NOW + timedelta(days=days), state="gone") for days in (-400, -5, 3)}
        still = self.make_hint(date=NOW - timedelta(days=400))
        self.make_hint(company_id=foreign.id)
        self.cr.execute(
            "UPDATE stock_cycle_count_cause SET closed_date = %s WHERE id = %s", [NOW - timedelta(days=100), gone.id])
        self.env.invalidate_all()
        first = TODAY - timedelta(days=90)
        folder, _pack = self.make(date_from=first)
        self.assertEqual(set(self.read(folder, "root_causes")), {old.id})
        self.assertEqual(set(self.read(folder, "hints")), {told[-5].id, still.id})
        folder, _pack = self.make(date_from=first - timedelta(days=90), date_to=TODAY + timedelta(days=9))
        self.assertEqual(set(self.read(folder, "root_causes")), {old.id, gone.id, later.id})
        self.assertEqual(set(self.read(folder, "hints")), {told[-5].id, told[3].id, still.id})
        self.assertEqual(self.check(folder)[0], 0)

    def test_about_people(self):
        """Whom a hint is about is told where the company shows figures by person; so are its root causes."""
        self.company.cycle_count_figures_by_person = True
        hint = self.make_hint(kind="rounding", counter_id=self.counter.id, facts={"number": 60, "rounded": 40, "book": 3})
        cause = self.make_cause(user=self.finance, hint_id=hint.id, name=f"{self.counter.name} estimates")
        for shown, ids in ((False, [set(), set()]), (True, [{hint.id}, {cause.id}])):
            self.company.cycle_count_figures_by_person = shown
            folder, _pack = self.make(self.auditor)
            self.assertEqual([set(self.read(folder, name)) for name in ("hints", "root_causes")], ids)
            self.assertEqual(self.check(folder)[0], 0)
            self.assertEqual(self.counter.name in (folder / "root_causes.csv").read_text(), shown)
        self.assertEqual(self.read(folder, "hints")[hint.id]["counter"], self.counter.name)
        self.assertEqual(self.read(folder, "root_causes")[cause.id]["owner"], self.finance.name)

    def test_the_floor_reads_none_of_it(self):
        for user in (self.outsider, self.counter, self.worker, self.supervisor, self.manager):
            with self.assertRaises(AccessError):
                self.make(user)
