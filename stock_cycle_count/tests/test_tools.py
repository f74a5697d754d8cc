import doctest
import importlib
import pkgutil
from datetime import date

from odoo.tests import BaseCase, tagged

from .. import tools
from ..tools import pareto, sheet_packing
from ..tools.due import annual_due, first_due, interval_days, rule


@tagged("standard", "post_install", "-at_install")
class TestDoctests(BaseCase):

    def test_examples_in_docstrings_hold(self):
        for module_info in pkgutil.iter_modules(tools.__path__):
            with self.subTest(module=module_info.name):
                module = importlib.import_module(f"{tools.__name__}.{module_info.name}")
                result = doctest.testmod(module)
                self.assertTrue(result.attempted, "a module of rules without an example")
                self.assertFalse(result.failed)


@tagged("standard", "post_install", "-at_install")
class TestPareto(BaseCase):

    def _split(self, metrics, boundaries=(80, 95, 100)):
        """Class letters by item, in the order of the items."""
        ranked = pareto.split(list(enumerate(metrics)), boundaries)
        return "".join("ABCDEFG"[item.class_index] for item in sorted(ranked))

    def test_table(self):
        for metrics, classes in [
            ([70, 20, 7, 3], "AABC"),              # the item that crosses belongs to the higher class
            ([80, 15, 5], "ABC"),                  # exactly on a boundary: the next item is below it
            ([3, 7, 20, 70], "CBAA"),              # whatever the order
            ([1], "A"),
            ([0], "C"),
            ([0, 0], "CC"),
            ([100, 0, -5], "ACC"),                 # no use and net returns: the last class
            ([50, 50, -100], "AAC"),               # a net return takes no share from the others
            ([25, 25, 25, 25], "AAAA"),
            ([20] * 5, "AAAAB"),                   # ties by key
            ([0.1] * 10, "AAAAAAAABB"),            # sums of binary fractions do not decide
            ([1e-9, 1e-9 / 9], "AB"),
            ([1e15, 1], "AC"),
        ]:
            with self.subTest(metrics=metrics):
                self.assertEqual(self._split(metrics), classes)

    def test_any_number_of_classes(self):
        self.assertEqual(self._split([5, 3, 1, 1], [100]), "AAAA")
        self.assertEqual(self._split([25, 25, 25, 25], [20, 40, 60, 80, 100]), "ABCD")

    def test_shares_add_up(self):
        ranked = pareto.split([("a", 1), ("b", 2), ("c", 1), ("d", 0)], [80, 100])
        self.assertEqual([item.share for item in ranked], [50, 25, 25, 0])
        self.assertEqual([item.cumulative_share for item in ranked], [50, 75, 100, 100])
        self.assertEqual([item.rank for item in ranked], [1, 2, 3, 4])

    def test_boundaries(self):
        for boundaries, problem in [
            ([80, 95, 100], ""), ([100], ""), ([33.3333, 66.6667, 100], ""), ([], "empty"), ([0, 100], "range"),
            ([-1, 100], "range"), ([50, 101], "range"), ([90, 80, 100], "order"), ([80, 80, 100], "order"),
            ([80, 95], "last"), ([99.99], "last"), ([float("nan"), 100], "range"),
        ]:
            with self.subTest(boundaries=boundaries):
                self.assertEqual(pareto.check_boundaries(boundaries), problem)


@tagged("standard", "post_install", "-at_install")
class TestDueDates(BaseCase):

    def test_intervals(self):
        for counts, days in [(12, 30), (4, 91), (1, 365), (2, 182), (365, 1), (366, 1), (0.5, 730), (52, 7)]:
            with self.subTest(counts=counts):
                self.assertEqual(interval_days(counts), days)

    def test_rules(self):
        last, since = date(2024, 1, 10), date(2023, 6, 1)
        for class_interval, location_interval, annual, expected in [
            (30, 0, None, (30, date(2024, 2, 9), "class")),
            (30, 10, None, (10, date(2024, 1, 20), "location")),
            (30, 30, None, (30, date(2024, 2, 9), "class")),
            (30, 60, (12, 31), (30, date(2024, 2, 9), "class")),
            (0, 60, (12, 31), (60, date(2024, 3, 10), "location")),
            (0, 0, (12, 31), (0, date(2024, 12, 31), "annual")),
            (0, 0, (1, 10), (0, date(2025, 1, 10), "annual")),     # counted on the day itself: next year
            (0, 0, None, (0, None, "none")),
        ]:
            with self.subTest(class_interval=class_interval, location_interval=location_interval, annual=annual):
                self.assertEqual(
                    rule(last, since, 1, class_interval, location_interval, annual), expected)

    def test_yearly_day(self):
        for after, month, day, expected in [
            (date(2024, 2, 28), 2, 29, date(2024, 2, 29)),
            (date(2023, 1, 1), 2, 29, date(2023, 2, 28)),
            (date(2024, 12, 31), 12, 31, date(2025, 12, 31)),
            (date(2024, 12, 30), 12, 31, date(2024, 12, 31)),
            (date(2024, 5, 1), 4, 31, date(2025, 4, 30)),
            (date(2024, 1, 1), 1, 0, date(2025, 1, 1)),
        ]:
            with self.subTest(after=after, month=month, day=day):
                self.assertEqual(annual_due(after, month, day), expected)

    def test_what_comes_back_is_due_whatever_the_day_of_the_run(self):
        since = date(2024, 1, 1)
        due = rule(date(2023, 6, 1), since, 17, 30, 0, None).due
        self.assertTrue(since <= due < date(2024, 1, 31))
        self.assertEqual(due, first_due(since, 17, 30))
        self.assertEqual(rule(None, since, 17, 30, 0, None).due, date(2024, 1, 31), "never counted: at the latest then")


@tagged("standard", "post_install", "-at_install")
class TestSheets(BaseCase):

    def test_walking_order(self):
        places = [
            (0, 0, 0, "WH/A"), (0, 0, 0, "WH/A/1"), (0, 0, 0, "WH/A/2"), (0, 0, 0, "WH/A/10"),
            (0, 0, 0, "WH/A-2/1"), (0, 0, 0, "WH/B 1/right"), (0, 0, 0, "WH/B 2/left"),
            (0, 0, 1, "WH/A"), (0, 1, 0, "WH/A"), (1, 0, 0, "WH/A"),
        ]
        self.assertEqual(sorted(reversed(places), key=lambda place: sheet_packing.walking_key(*place)), places)

    def test_names_of_any_shape_can_be_compared(self):
        names = ["", "1", "a", "1a", "a1", "1.1", "1-1a2", "٣", "x²", "001", "1"]
        self.assertEqual(len(sorted(sheet_packing.walking_key(0, 0, 0, name) for name in names)), len(names))

    def test_packing(self):
        for lines, size, expected in [
            ("", 3, []),
            ("a1 a2 b1 b2 c1", 3, ["a1 a2", "b1 b2 c1"]),
            ("a1 a2 a3 a4 b1", 3, ["a1 a2 a3", "a4 b1"]),
            ("a1 b1 b2 b3 b4", 3, ["a1", "b1 b2 b3", "b4"]),
            ("a1 b1 c1", 1, ["a1", "b1", "c1"]),
        ]:
            with self.subTest(lines=lines, size=size):
                packed = sheet_packing.pack(lines.split(), size, group=lambda line: line[0])
                self.assertEqual([" ".join(sheet) for sheet in packed], expected)
