import base64
import io
import zipfile
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from ..tools import audit_check
from .common_gate import GateCase
from .common_pack import PackMixin

FILES = {
    "population.csv", "unplanned.csv", "draws.csv", "lines.csv", "entries.csv", "decisions.csv", "moves.csv",
    "strata.csv", "statement.csv", "statement.txt", "roll_forward.csv", "auditor_counts.csv",
    "reconciliation.csv", "rule_changes.csv", "unexplained.csv", "root_causes.csv", "hints.csv",
    "audit_check.py", "README.txt", "manifest.csv"}


class TestAuditPack(PackMixin, GateCase):
    """What an auditor gets can be checked by itself, and finds what was changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.tolerance.write({"over_qty": 1000, "under_qty": 1000})
        everyday = cls.env["resource.calendar"].create({
            "name": "Every day", "tz": "UTC", "company_id": cls.company.id, "attendance_ids": [(5, 0, 0)] + [
                (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24}) for day in range(7)]})
        cls.goods = [cls.make_product(f"Good {number}", 2) for number in range(6)]
        for number, product in enumerate(cls.goods):
            cls.receive(product, cls.bin_a, 10 + number)
        cls.plan = cls.make_plan(
            control_target=100_000, daily_capacity=15, calendar_id=everyday.id, location_ids=[(6, 0, cls.bin_a.ids)])
        cls.plan.action_schedule()
        cls.plan.action_generate()
        cls.draw = cls.env["stock.cycle.count.draw"].search([("plan_id", "=", cls.plan.id)])
        cls.sheet = cls.plan.count_ids
        cls.sheet.with_user(cls.counter).action_start()
        # Whatever was drawn, the first is right and the others are not.
        for number, line in enumerate(cls.sheet.line_ids):
            cls.env["stock.cycle.count.entry"].with_user(cls.counter)._record(
                [{"line": line.with_user(cls.counter), "quantity": line.quant_id.quantity + number}], "scanner")
        cls.sheet.with_user(cls.counter).action_close()
        if cls.sheet.state != "done":
            cls.sheet.with_user(cls.supervisor).action_finalize()

    def test_all_of_it_holds(self):
        folder, pack = self.make()
        self.assertEqual({path.name for path in folder.iterdir()}, FILES)
        self.assertEqual(
            [row["file"] for row in audit_check.read(folder, "manifest.csv")],
            zipfile.ZipFile(io.BytesIO(base64.b64decode(pack.file))).namelist()[:-1])
        code, said = self.check(folder)
        self.assertEqual((code, said.count("ok: ")), (0, 7), said)
        self.assertIn("Positions counted in the period: 3 of 7", said)
        log = self.env["stock.cycle.count.audit.log"].search([("company_id", "=", self.company.id)], limit=1)
        self.assertEqual((log.attempt, log.uid_refused), ("make an audit pack", self.controller.id))
        self.assertIn(pack.manifest_hash, log.detail)

    def test_rows(self):
        """Every row that there is, and of the company alone."""
        folder, _pack = self.make()
        lines = self.sheet.line_ids
        entries = lines.entry_ids
        for name, records in (("lines", lines), ("entries", entries), ("decisions", lines.approval_ids), ("draws", self.draw)):
            self.assertEqual({int(row["id"]) for row in audit_check.read(folder, f"{name}.csv")}, set(records.ids), name)
        population = audit_check.read(folder, "population.csv")
        self.assertEqual({int(row["position_id"]) for row in population}, set(self.plan.position_ids.ids))
        for row in population:
            product = self.env["product.product"].browse(int(row["product_id"]))
            self.assertEqual(float(row["quantity"]), self.on_hand(product, self.bin_a))
            cost = product.with_company(self.company).standard_price
            self.assertAlmostEqual(float(row["value"]), cost * self.on_hand(product, self.bin_a))
        self.assertEqual(
            {int(row["line_id"]) for row in audit_check.read(folder, "moves.csv")}, set(lines.sudo().move_ids.mapped(
                "cycle_count_line_id").ids))
        rests = audit_check.read(folder, "reconciliation.csv")
        adjusted = lines.filtered("adjustment_qty")
        self.assertEqual({int(row["line_id"]) for row in rests}, set(adjusted.ids))
        self.assertTrue(adjusted)
        self.assertEqual({float(row["quantity_rest"]) for row in rests}, {0})
        if "stock.valuation.layer" in self.env:
            self.assertEqual({row["layer_rest"] for row in rests}, {"0.00"})
        self.assertTrue([row for row in audit_check.read(folder, "rule_changes.csv") if "Tolerance" in row["how"]])

    def test_population_at_a_date(self):
        """What is moved after the last day is not in it."""
        yesterday = self.today - timedelta(days=1)
        folder, _pack = self.make(date_to=yesterday)
        for row in audit_check.read(folder, "population.csv"):
            self.assertEqual((float(row["quantity"]), float(row["value"])), (0, 0), "all came today")
            self.assertGreater(float(row["quantity_now"]), 0)
        self.assertFalse(audit_check.read(folder, "lines.csv"))
        self.assertEqual(self.check(folder)[0], 0)

    def test_the_seed_of_today_is_not_told(self):
        folder, _pack = self.make()
        [row] = audit_check.read(folder, "draws.csv")
        self.assertFalse(row["seed"])
        self.assertNotIn(self.draw.sudo().stored_seed, (folder / "draws.csv").read_text())
        self.cr.execute("SELECT secret FROM stock_cycle_count_secret")
        secrets = [secret for secret, in self.cr.fetchall()]
        for path in folder.iterdir():
            for secret in secrets:
                self.assertNotIn(secret, path.read_text())

    def make_old(self):
        """The draw, as it is the day after."""
        self.env.flush_all()
        day = self.today - timedelta(days=1)
        seed = self.draw._get_seed(self.plan, day)
        frame = self.plan.position_ids.ids
        drawn, highest = audit_check.draw(seed, frame, self.draw.number)
        self.cr.execute(
            "UPDATE stock_cycle_count_draw SET day = %s, stored_seed = %s, threshold_hash = %s, drawn_positions = %s"
            " WHERE id = %s", [day, seed, highest, ",".join(map(str, drawn)), self.draw.id])
        for line, position_id in zip(self.sheet.line_ids, drawn):
            self.cr.execute("UPDATE stock_cycle_count_line SET position_id = %s WHERE id = %s", [position_id, line.id])
        self.env.invalidate_all()

    def test_what_was_changed_is_found(self):
        self.make_old()
        self.assertFalse(self.draw._verify())
        folder, _pack = self.make()
        [row] = audit_check.read(folder, "draws.csv")
        self.assertEqual(row["seed"], self.draw.sudo().stored_seed)
        self.assertEqual(self.check(folder)[0], 0)
        line, other = (str(number) for number in self.sheet.line_ids.ids[:2])
        entry = self.sheet.line_ids[0].entry_ids[0]
        highest = row["threshold_hash"]
        for name, change, sentence in (
            ("draws.csv", lambda text: text.replace(row["seed"], "0" * 64), "comes to others"),
            ("draws.csv", lambda text: text.replace(highest, "0" * 64), "comes to others"),
            ("draws.csv", lambda text: text.replace(row["frame_hash"], "0" * 64), "made from others"),
            ("lines.csv", lambda text: "".join(
                part for part in text.splitlines(True) if not part.startswith(line + ",")), "have no line"),
            ("lines.csv", lambda text: text + ",".join([
                "999999" if index in (0, 4) else part for index, part in enumerate(next(
                    row for row in text.splitlines(True) if row.startswith(line + ",")).split(","))]), "that it did not draw"),
            ("reconciliation.csv", lambda text: text.replace(",0.000000,", ",1.000000,", 1), "leave 1.000000"),
            ("decisions.csv", lambda text: text.splitlines(True)[0] + f"1,{line},1,approve,{entry.user_id.id},,,f,,,,,,,\n",
             "somebody who counted"),
        ):
            with self.subTest(name=name, sentence=sentence):
                before = (folder / name).read_bytes()
                after = change(before.decode()).encode()
                self.assertNotEqual(after, before)
                (folder / name).write_bytes(after)
                code, said = self.check(folder)
                self.assertEqual(code, 1)
                self.assertIn(f"{name} is not the file that was exported.", said)
                self.assertIn(sentence, said)
                (folder / name).write_bytes(before)

    def test_names(self):
        """Who counted has a number, and a name only where the company shows figures by person."""
        for shown in (False, True):
            self.company.cycle_count_figures_by_person = shown
            folder, _pack = self.make()
            [name] = {row["counter"] for row in audit_check.read(folder, "entries.csv")}
            self.assertEqual(name, self.counter.name if shown else "")

    def test_no_spreadsheet_takes_a_text_for_a_formula(self):
        """Names and codes of whatever kind, in every file; commas, quotes and line breaks survive."""
        self.company.cycle_count_figures_by_person = True
        strange = "=1+1,\n\"Ü\""
        for record in (self.goods[0], self.counter.partner_id, self.plan, self.bin_a, self.warehouse.view_location_id):
            record.name = strange
        self.goods[0].default_code = "@SUM"
        self.goods[1].default_code = "\N{FULLWIDTH EQUALS SIGN}SUM"
        self.warehouse.code = "+1"
        self.receive(self.goods[1], self.make_location("-2", self.warehouse.view_location_id.location_id), 3)
        self.receive(self.goods[1], self.env["stock.location"].create(
            {"name": "=2", "usage": "internal", "company_id": self.company.id}), 3)
        folder, _pack = self.make()
        population = audit_check.read(folder, "population.csv")
        self.assertIn("'" + strange, {row["product"] for row in population})
        self.assertLessEqual(
            {"'@SUM", "'\N{FULLWIDTH EQUALS SIGN}SUM"}, {row["product_code"] for row in population})
        self.assertEqual({row["counter"] for row in audit_check.read(folder, "entries.csv")}, {"'" + strange})
        for path in folder.glob("*.csv"):
            for row in audit_check.read(folder, path.name):
                for name, text in row.items():
                    if not text.lstrip("-").replace(".", "").isdigit():
                        self.assertNotRegex(text, r"^[-=+@\t\r\n]", f"{path.name}: {name}")

    def test_goods_of_others_have_no_value(self):
        """They are counted, and no property of the company."""
        owner = self.env["res.partner"].create({"name": "Owner"})
        self.receive(self.goods[0], self.bin_a, 50, owner=owner)
        self.receive(self.goods[1], self.bin_b, 7, owner=owner)
        folder, _pack = self.make()
        [row] = [row for row in audit_check.read(folder, "population.csv") if int(row["product_id"]) == self.goods[0].id]
        own = self.on_hand(self.goods[0], self.bin_a) - 50
        self.assertEqual(
            [float(row[name]) for name in ("quantity", "quantity_of_others", "value")], [own + 50, 50, 2 * own])
        [row] = audit_check.read(folder, "unplanned.csv")
        self.assertEqual((float(row["quantity"]), float(row["value"])), (7, 0))

    def test_one_statement_a_file(self):
        self.make()
        pack = self.as_user(self.controller, self.env["stock.cycle.count.audit.pack"]).create({})
        few = self.count_queries(pack.action_make)
        for number in range(30):
            self.receive(self.make_product(f"More {number}", 1), self.bin_a, 5)
        self.plan.action_schedule()
        pack = self.as_user(self.controller, self.env["stock.cycle.count.audit.pack"]).create({})
        self.assertLessEqual(self.count_queries(pack.action_make), few + 2)

    def test_who_may(self):
        Pack = self.env["stock.cycle.count.audit.pack"]
        for user in (self.outsider, self.counter, self.worker, self.supervisor, self.manager):
            with self.assertRaises(AccessError):
                self.as_user(user, Pack).create({})
        other = self.make_company("Foreign Company")
        with self.assertRaises(AccessError):
            self.as_user(self.controller, Pack).create({"company_id": other.id}).action_make()
        with self.assertRaises(ValidationError):
            self.as_user(self.controller, Pack).create({"date_from": "2024-02-02", "date_to": "2024-02-01"})
        self.assertFalse(Form(self.as_user(self.controller, Pack)).file)
