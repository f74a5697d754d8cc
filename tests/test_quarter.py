"""Weeks of counting: sheets worth a walk, nobody idle beside what is overdue, and what is approved is posted."""

from datetime import timedelta

import pytest

from odoo.addons.stock_cycle_count.tests.common_planning import TODAY

from .quarter import QuarterCase


class TestQuarter(QuarterCase):

    def _play(self, warehouses, products, days, holiday):
        self.set_up_world(warehouses, products)
        first, last = (TODAY + timedelta(days=day) for day in holiday)
        self.grant_leave(self.second, first, last)

        def is_away(day):
            return first <= day <= last

        self.play(TODAY, days, is_away)
        table = self.get_table(TODAY, days, is_away)
        print("\n" + "\n".join(f"{name:45}{number:>8}" for name, number in table.items()))  # noqa: T201
        self.assertGreaterEqual(table["lines a sheet"], 6, "half of what a sheet holds")
        self.assertFalse(self.idle, "nobody is idle while others are overdue")
        self.assertEqual((table["late"], table["counted after their deadline"], table["of these, for no cause"]), (0, 0, 0))
        self.assertLessEqual(table["counted after due"], 0.1 * table["first counted"])
        self.assertLessEqual(table["working days from approval to posting"], 1)
        self.assertEqual(table["approved, not posted"], 0)
        self.assertGreater(table["approved and posted"], 0)
        self.assertTrue(0 < table["mails a person and week, at most"] <= 5)

    def test_some_weeks(self):
        self._play(1, 120, 18, (4, 11))

    @pytest.mark.long
    def test_a_quarter(self):
        self._play(2, 300, 91, (28, 41))
