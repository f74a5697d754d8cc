import random
from collections import defaultdict
from datetime import timedelta
from math import sqrt

from odoo.tests import tagged

from ..tools import charts
from .common_answers import RESULT, AnswersCase
from .common_planning import TODAY

#: Lines a day, and of them random ones, on so many days.
DAYS, A_DAY, RANDOM = 400, 4, 2


@tagged("post_install", "-at_install")
class TestGeneratedYear(AnswersCase):
    """More than a year of counts by chance, and the figures computed once more from what was made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(17)
        products = cls.make_products(A_DAY)
        reasons = [None, cls.picking, cls.unknown, cls.theft]
        cls.made = []
        for age in range(DAYS):
            day = TODAY - timedelta(days=age)
            draw = cls.make_draw(day, RANDOM + chance.randrange(2))
            for index in range(A_DAY):
                variance = chance.choice((0, 0, 0, 0, 0, 0, -3, -1, 1, 2))
                first = variance if chance.random() < 0.9 else variance + 1
                cls.made.append({
                    "day": day, "draw": draw if index < RANDOM else None, "product": products[index], "variance": variance,
                    "first_variance_qty": first, "round": 1 + (chance.random() < 0.2), "cost": chance.choice((0, 1, 2.5, 8)),
                    "hit": abs(variance) <= 1, "is_first_hit": abs(first) <= 1,
                    "state": chance.choices(("posted", "rejected", "cancel"), (92, 4, 4))[0],
                    "selection_reason": chance.choice(("class", "manual", "found")),
                    "deadline_date": day + timedelta(days=chance.randrange(-1, 3)),
                    "reason_id": (reason := chance.choice(reasons)) and variance and reason.id or None,
                    "cause": (reason.root_cause if reason else "unknown") if variance else False})
        for line in cls.made:
            # As rejecting leaves it.
            line["is_first_hit"] &= line["state"] != "rejected"
        cls.add_lines(*({name: value for name, value in line.items() if name != "cause"} for line in cls.made))

    def _of(self, days, *states, control=None):
        return [
            line for line in self.made
            if line["state"] in states and line["day"] > TODAY - timedelta(days=days)
            and (control is None or bool(line["draw"]) == control)]

    def _find_interval(self, hits, number):
        """Shares from which the found one is 1.96 standard deviations away, by halving."""
        share = hits / number

        def find(inside, outside):
            for _halving in range(100):
                middle = (inside + outside) / 2
                if abs(share - middle) <= 1.959964 * sqrt(middle * (1 - middle) / number):
                    inside = middle
                else:
                    outside = middle
            return 100 * inside

        return find(share, 0), find(share, 1)

    def test_right(self):
        for days in (30, 90, 365):
            lines = self._of(days, "posted", "rejected", "cancel", control=True)
            hits = sum(line["hit"] and line["state"] != "rejected" for line in lines)
            exact = sum(not line["variance"] and line["state"] != "rejected" for line in lines)
            figures = self.get_figures(days=days)
            with self.subTest(days=days):
                self.assertEqual(figures["right"].number, len(lines))
                self.assertAlmostEqual(figures["right"].value, 100 * hits / len(lines))
                self.assertAlmostEqual(figures["exact"].value, 100 * exact / len(lines))
                for found, right in zip(figures["right"][4:], self._find_interval(hits, len(lines))):
                    self.assertAlmostEqual(found, right, places=6)
                drawn = sum({line["draw"]: line["draw"].number for line in self.made
                             if line["draw"] and TODAY - timedelta(days=days) < line["day"] < TODAY}.values())
                over = [line for line in lines if line["day"] < TODAY]
                self.assertAlmostEqual(figures["answered"].value, 100 * len(over) / drawn)
                book = sum(10 * line["cost"] for line in lines)
                wrong = sum(abs(line["variance"]) * line["cost"] for line in lines)
                self.assertAlmostEqual(figures["book_error"].value, 100 * wrong / book)

    def test_money_and_counting(self):
        for days in (30, 90, 365):
            posted, final = self._of(days, "posted"), self._of(days, "posted", "rejected")
            values = [line["variance"] * line["cost"] for line in posted]
            figures = self.get_figures(days=days)
            with self.subTest(days=days):
                for name, right in (
                    ("gross", sum(map(abs, values))), ("net", sum(values)), ("gain", sum(value for value in values if value > 0)),
                    ("loss", sum(value for value in values if value < 0)),
                    ("unexplained", -sum(value for line, value in zip(posted, values) if line["cause"] in ("unknown", "theft"))),
                    ("auto", sum(map(abs, values))),
                    ("first_pass", 100 * sum(
                        line["is_first_hit"] and line["state"] == "posted" for line in final) / len(final)),
                    ("slip", 100 * sum(line["hit"] and not line["is_first_hit"] and line["state"] == "posted"
                                       for line in final) / len(final)),
                    ("recounted", 100 * sum(line["round"] > 1 for line in final) / len(final)),
                    ("reversed", 100 * sum(
                        line["round"] > 1 and line["first_variance_qty"] != line["variance"] for line in final) / len(final)),
                ):
                    self.assertAlmostEqual(figures[name].value, right, msg=name)
        due = [line for line in self.made if line["state"] == "posted"
               and TODAY - timedelta(days=30) < line["deadline_date"] <= TODAY]
        self.assertAlmostEqual(
            self.get_figures(days=30)["on_time"].value,
            100 * sum(line["day"] <= line["deadline_date"] for line in due) / len(due))

    def test_causes(self):
        value = defaultdict(float)
        for line in self._of(365, "posted"):
            if line["variance"]:
                value[line["cause"]] += abs(line["variance"] * line["cost"])
        bars = self.get_tiles(days=365)["why"]["bars"]
        self.assertEqual([bar["value"] for bar in bars], sorted(value.values(), reverse=True))
        total, cumulative = sum(value.values()), 0
        for bar in bars:
            cumulative += bar["value"]
            self.assertAlmostEqual(bar["share"], 100 * bar["value"] / total)
            self.assertAlmostEqual(bar["cumulative"], 100 * cumulative / total)

    def test_chart(self):
        """Fourteen random counts a week have three misses and more: points are weeks, of half a year."""
        tile = self.get_tiles()["chart"]
        by_week = defaultdict(list)
        for line in self._of(1000, "posted", "rejected", "cancel", control=True):
            by_week[line["day"].isocalendar()[:2]].append(line["hit"] and line["state"] != "rejected")
        weeks = [(len(hits), sum(hits)) for _week, hits in sorted(by_week.items())]
        self.assertEqual([(point["n"], point["hits"]) for point in tile["points"]], weeks[-26:])
        self.assertEqual(tile["points"][-1]["label"], "2024 week 10")
        before = weeks[-13:-1]
        self.assertAlmostEqual(tile["centre"], 100 * self._get_share(before))
        point = tile["points"][-2]
        edge = charts.limits(point["n"], self._get_share(weeks[-14:-2])).low
        self.assertAlmostEqual(point["low"], 100 * (edge + 1) / point["n"])
        self.assertEqual(sum(point["lines"] for point in tile["points"]), tile["count"])

    def _get_share(self, weeks):
        return sum(hits for _number, hits in weeks) / sum(number for number, _hits in weeks)

    def test_yields(self):
        rows = {row["label"]: row for row in self.get_tiles(days=365)["pays"]["rows"]}
        final = self._of(365, "posted", "rejected")
        self.assertEqual(sum(row["count"] for row in rows.values()), len(final))
        self.assertEqual(rows["Random"]["count"], len([line for line in final if line["draw"]]))
        [(average,)] = self.env[RESULT]._read_group(rows["Random"]["domain"], [], ["difference_value:sum"])
        self.assertAlmostEqual(average, sum(
            abs(line["variance"] * line["cost"]) for line in self._of(365, "posted", control=True)))
