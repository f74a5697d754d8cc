import json
import random
from datetime import datetime, timedelta

from ..tools import audit_check
from .common_answers import AnswersCase
from .common_pack import PackMixin
from .common_planning import NOW, TODAY


class TestStatement(PackMixin, AnswersCase):
    """What an auditor is told of the value of stock is what positions and lines come to, and no more than that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.big = cls.make_product("Big", 100)
        cls.small = [cls.make_product(f"Small {number}", 5) for number in range(20)]
        for product in [cls.big, *cls.small]:
            cls.make_quant(product, quantity=10)
        cls.plan.action_schedule()
        cls.places = {place.product_id: place for place in cls.plan.position_ids}

    def add(self, product, **values):
        return self.add_lines({"product": product, "position_id": self.places[product].id, "cost": product.with_company(
            self.company).standard_price, **values})

    def add_random(self, misses=2, products=None):
        """Half of what is worth little, drawn in two draws."""
        products = products or self.small[:10]
        draws = [self.make_draw(TODAY - timedelta(days=number), 5) for number in range(2)]
        for number, product in enumerate(products):
            draw = draws[number % 2]
            self.add(product, draw=draw, day=draw.day, variance=-2 if number < misses else 0)

    def state(self, **values):
        """Figures of the floor, and what is said of it."""
        pack = self.env["stock.cycle.count.audit.pack"].sudo().new({"company_id": self.company.id, **values})
        Statement = self.env["stock.cycle.count.statement"].sudo()
        known = Statement._get_statements(pack)
        code = self.warehouse.code
        said = Statement._say(pack, code, known[code], Statement._get_unplanned(pack))
        return Statement._list(pack, code, known[code]), " ".join(said).replace("\N{NO-BREAK SPACE}", " ")

    def test_by_hand(self):
        """2,000 in the books, half of it in one position, which lacked one of ten; two of ten random ones of the other
        twenty lacked two: 1,960 are left, and the books would show 2,100.
        """
        self.add(self.big, variance=-1)
        self.add_random()
        figures, said = self.state()
        self.assertEqual(
            {name: figures[name] for name in (
                "positions", "value", "top_positions", "top_value", "top_counted", "top_found", "sampled_positions",
                "random_counts", "misses", "book", "estimate", "error", "sampling_error_percent", "deviation_percent",
                "right_at_least_percent", "is_rough")},
            {"positions": 21, "value": "2000.00", "top_positions": 1, "top_value": "1000.00", "top_counted": 1,
             "top_found": "-100.00", "sampled_positions": 20, "random_counts": 10, "misses": 2, "book": "2100.00",
             "estimate": "1960.00", "error": "52.27", "sampling_error_percent": "2.6666", "deviation_percent": "7.1429",
             "right_at_least_percent": "49.3099", "is_rough": "t"})
        currency = self.company.currency_id.name
        for sentence in (
            f"The books show 2,000 {currency} in 21 positions on 03/04/2024.",
            f"The first 30% of the value, 1 position worth 1,000 {currency}, was counted in full in the period; the last counts "
            f"found -100 {currency}.",
            "8 of 10 random counts were right: with a certainty of 95%, at least 49.3 % of the records are.",
            f"estimate a value of 1,960 {currency} in all: sampling error 2.67 % (above the limit of 1.00 %), books 7.14 % "
            "(above the limit of 2.00 %).",
            "The sampling error is rough: there are fewer than 30 misses.", "Whether this is accepted is for the auditor to say.",
        ):
            self.assertIn(sentence, said)
        self.assertLess(said.index("at least 49.3"), said.index("sampling error"), "the exact bound leads where it is rough")

    def test_a_rejected_difference_is_not_in_the_books(self):
        self.add(self.big, variance=-1, state="rejected")
        self.add_random()
        figures, _said = self.state()
        self.assertEqual((figures["book"], figures["estimate"]), ("2000.00", "1860.00"))

    def test_only_the_last_count_is_full(self):
        self.add(self.big, variance=-3, day=TODAY - timedelta(days=9))
        self.add(self.big, variance=-1)
        self.add_random()
        figures, _said = self.state()
        self.assertEqual((figures["top_found"], figures["book"], figures["estimate"]), ("-100.00", "2100.00", "1960.00"))

    def test_limits_are_the_company_s(self):
        self.add(self.big)
        self.add_random()
        self.company.write({"cycle_count_sampling_limit": 3, "cycle_count_deviation_limit": 2.5})
        _figures, said = self.state()
        self.assertIn("sampling error 2.67 % (limit 3.00 %), books 2.04 % (limit 2.50 %)", said)

    def test_what_is_not_known_is_said(self):
        _figures, said = self.state()
        self.assertIn("0 were counted in the period, and those worth 1,000", said)
        self.assertIn("Nothing was counted at random in the period, so that nothing is estimated.", said)
        self.add(self.big)
        self.add_random(misses=0)
        figures, said = self.state()
        self.assertEqual((figures["estimate"], figures["error"], figures["sampling_error_percent"]), ("2000.00", "", ""))
        self.assertIn("They found no difference of value, so that no sampling error can be told.", said)
        self.assertNotIn("sampling error 0", said)
        figures, said = self.state(date_from=TODAY - timedelta(days=99), date_to=TODAY - timedelta(days=50))
        self.assertEqual((figures["random_counts"], figures["estimate"], figures["right_at_least_percent"]), (0, "", ""))

    def test_what_counted_nothing_counts_for_nothing(self):
        """Held moves, opening stock, what waits, and random counts that came too late."""
        self.add(self.big, count_id=self.make_past_sheet(origin="held_move").id)
        self.add(self.big, is_opening=True)
        self.add(self.big, state="to_approve")
        late = self.make_draw(TODAY - timedelta(days=5), 1)
        self.add(self.small[0], draw=late, day=TODAY)
        figures, _said = self.state()
        self.assertEqual((figures["top_counted"], figures["random_counts"]), (0, 0))

    def test_a_random_difference_that_waits_or_was_cancelled_is_a_miss(self):
        """Of the others it is no count yet, or none at all."""
        self.add_random(misses=0)
        before, _said = self.state()
        draw = self.make_draw(TODAY - timedelta(days=2), 2)
        self.add(self.small[10], draw=draw, day=draw.day, variance=-2, state="to_approve")
        self.add(self.small[11], draw=draw, day=draw.day, variance=-2, state="cancel")
        figures, _said = self.state()
        self.assertEqual(
            [(one["random_counts"], one["misses"], one["book"]) for one in (before, figures)],
            [(10, 0, "2000.00"), (12, 2, "2000.00")])
        folder, _pack = self.make()
        _code, said = self.check(folder)
        self.assertIn("ok: What the statement rests on is what positions and lines come to.", said)

    def test_days_are_the_company_s(self):
        """What is counted late in the evening of UTC is of the next day in Auckland, and of the next month at its end."""
        Review = self.as_user(self.supervisor, self.env["stock.cycle.count.review.document"])
        for zone, day, month in (("UTC", TODAY - timedelta(days=1), 1), ("Pacific/Auckland", TODAY, 2)):
            with self.subTest(zone), self.cr.savepoint() as savepoint:
                self.company.resource_calendar_id.tz = zone
                line = self.add(self.big, variance=-1, count_date=datetime(2024, 3, 3, 11, 30))
                for other in (day - timedelta(days=1), day + timedelta(days=1)):
                    self.assertEqual(self.state(date_from=other, date_to=other)[0]["top_counted"], 0)
                self.assertEqual(self.state(date_from=day, date_to=day)[0]["top_counted"], 1)
                folder, _pack = self.make(date_from=day, date_to=day)
                self.assertEqual([row["id"] for row in audit_check.read(folder, "lines.csv")], [str(line.id)])
                _code, said = self.check(folder)
                self.assertIn("ok: What the statement rests on is what positions and lines come to.", said)
                self.clock.move_to(datetime(2024, 2, 29, 11, 30))
                self.assertEqual(Review._get_month(self.company)[0].month, month)
                self.assertEqual(Review._get_moment(self.company, TODAY), datetime(2024, 3, 4) - timedelta(
                    hours=13 if month == 2 else 0))
                self.clock.move_to(NOW)
                savepoint.rollback()
                self.env.invalidate_all()

    def make_chance(self):
        """Two plans in two warehouses, three classes, many counts of every kind."""
        chance = random.Random(7)
        other = self.env["stock.warehouse"].create({"name": "Attic", "code": "ATT", "company_id": self.company.id})
        attic = self.make_plan(name="Attic", warehouse_id=other.id)
        products = self.make_products(60)
        for product in products:
            product.with_company(self.company).standard_price = chance.choice((0, 1.37, 5, 80.11))
            self.make_quant(product, chance.choice((self.bin, other.lot_stock_id)), chance.randint(1, 40))
        (self.plan | attic).action_schedule()
        places = (self.plan | attic).position_ids.sorted("id")
        for number, place in enumerate(places):
            place.abc_class_id = (self.class_a, self.class_b, self.class_c)[number % 3] if number % 5 else False
        draws = [self.make_draw(TODAY - timedelta(days=day), 40, plan) for day in range(6) for plan in (self.plan, attic)]
        self.add_lines(*(
            {"product": place.product_id, "location": place.location_id, "position_id": place.id, "draw": draw,
             "day": (draw.day if draw else TODAY) - timedelta(days=0 if draw else chance.randint(0, 30)),
             "cost": place.product_id.with_company(self.company).standard_price,
             "variance": chance.choice((0, 0, 0, 0, 3, -1, -4)), "state": chance.choice(("posted", "posted", "rejected"))}
            for _number in range(260) for place in [chance.choice(places)]
            for draw in [chance.choice([None, *(draw for draw in draws if draw.plan_id == place.plan_id)])]))

    def test_the_pack_comes_to_the_same(self):
        """What comes along with the pack computes all of it from positions and lines, and finds what was changed."""
        self.make_chance()
        folder, _pack = self.make()
        code, said = self.check(folder)
        self.assertIn("ok: What the statement rests on is what positions and lines come to.", said, said)
        self.assertIn("ok: The statement is what it rests on comes to.", said)
        rows = audit_check.read(folder, "statement.csv")
        self.assertEqual([(row["scope"], row["warehouse"]) for row in rows], [
            ("company", ""), ("warehouse", "ATT"), ("warehouse", self.warehouse.code)])
        self.assertTrue(all(row["estimate"] and row["error"] for row in rows))
        self.assertGreaterEqual(len(audit_check.read(folder, "strata.csv")), 8)
        self.assertEqual((folder / "statement.txt").read_text().count("for the auditor to say"), 3)
        estimate, bound = rows[1]["estimate"], rows[0]["right_at_least_percent"]
        stratum = next(row for row in audit_check.read(folder, "strata.csv") if row["is_top"] == "f")
        for name, old, new, sentence in (
            ("statement.csv", estimate, str(float(estimate) + 1), "ATT: estimate comes to"),
            ("statement.csv", bound, "99.9", "The company: the records are not right at least to 99.9 %."),
            ("strata.csv", f",{stratum['random_found']},", ",12345.00,", "random_found come to something else"),
        ):
            with self.subTest(sentence):
                before = (folder / name).read_text()
                self.assertIn(old, before)
                (folder / name).write_text(before.replace(old, new, 1))
                code, said = self.check(folder)
                self.assertEqual(code, 1)
                self.assertIn(sentence, said)
                (folder / name).write_text(before)

    def test_review_keeps_it(self):
        """Whatever the warehouse is called: a spreadsheet would take this for a formula."""
        self.warehouse.code = "=F1"
        self.add(self.big, variance=-1)
        self.add_random()
        self.clock.move_to(datetime(2024, 4, 1, 6))
        self.env.invalidate_all()
        Review = self.env["stock.cycle.count.review.document"]
        self.call(self.supervisor, Review, "action_make")
        review = Review.search([("warehouse_id", "=", self.warehouse.id)], limit=1)
        kept = json.loads(review.content)["statement"]
        self.assertEqual((kept["from"], kept["to"], kept["figures"]["estimate"]), ("2023-04-01", "2024-03-31", "1960.00"))
        html, _kind = self.env["ir.actions.report"].with_user(self.supervisor)._render_qweb_html(
            "stock_cycle_count.count_review", review.ids)
        for sentence in kept["sentences"]:
            self.assertIn(sentence, html.decode())
