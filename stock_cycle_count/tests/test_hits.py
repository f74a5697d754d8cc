from odoo.tests import tagged

from .common_answers import ANSWERS
from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestHits(GateCase):
    """Whether a record was right is said once, by the limit of then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        profile = cls.env["stock.abc.profile"].create({"name": "Profile", "company_id": cls.company.id})
        cls.abc_class = profile.class_ids[0]
        cls.abc_class.hit_tolerance = 5
        cls.position = cls.env["stock.cycle.count.position"].create({
            "company_id": cls.company.id, "location_id": cls.bin_a.id, "product_id": cls.product.id,
            "abc_class_id": cls.abc_class.id, "deadline_date": "2024-05-06"})
        cls.receive(cls.other_product, cls.bin_a, 100)

    def _read(self, line):
        self._forget()
        return line.is_hit, line.is_exact, line.is_first_hit

    def _get_right(self):
        figures = self.as_user(self.supervisor, self.env[ANSWERS])._get_figures({})
        return {name: (figure.value, figure.number) for name, figure in figures.items()}

    def test_limits_are_frozen_when_the_line_is_made(self):
        line = self.make_sheet((self.product,), start=True).line_ids
        self.assertEqual((line.hit_tolerance, str(line.deadline_date)), (5, "2024-05-06"))
        self.abc_class.hit_tolerance = 1
        self.position.sudo().deadline_date = "2024-06-07"
        self.count(line, 95)
        self.assertEqual(self._read(line), (True, False, True))
        self.assertEqual((line.hit_tolerance, str(line.deadline_date)), (5, "2024-05-06"))

    def test_changing_a_tolerance_changes_no_figure(self):
        self._close_with((98, self.product))
        before = self._get_right()
        self.assertEqual(before["first_pass"], (100, 1))
        for limit in (0, 100):
            self.abc_class.hit_tolerance = limit
            self._forget()
            self.assertEqual(self._get_right(), before)

    def test_without_a_class_only_nothing_is_right(self):
        line, right = self._close_with((99, self.other_product), (100, self.product)).line_ids
        self.assertEqual((self._read(line), line.hit_tolerance), ((False, False, False), 0))
        self.assertEqual(self._read(right), (True, True, True))

    def test_where_nothing_is_expected_only_nothing_is_right(self):
        found, empty = self._close_with((1, self.product, self.bin_b), (0, self.product, self.bin_c)).line_ids
        found.sudo().modified(["variance_qty"])
        self.assertEqual(self._read(found), (False, False, False))
        self.assertEqual(self._read(empty), (True, True, True))

    def test_a_rejected_difference_is_a_miss(self):
        """Also one within the hit tolerance: rejecting raises no figure."""
        self._close_with((100, self.product), (100, self.other_product))
        before = self._get_right()
        line = self._close_with((96, self.product)).line_ids
        self.assertEqual((line.state, self._read(line)), ("to_approve", (True, False, True)))
        waiting = self._get_right()
        self.assertEqual(waiting["first_pass"], before["first_pass"], "what waits is no result yet")
        line.with_user(self.supervisor).action_reject("no")
        self.assertEqual((line.state, self._read(line)), ("rejected", (False, False, False)))
        after = self._get_right()
        self.assertEqual((before["first_pass"], after["first_pass"][1]), ((100, 2), 3))
        for name in ("first_pass", "coverage", "on_time"):
            self.assertLessEqual(after[name][0] or 0, before[name][0] or 0, name)
        self.assertEqual(after["loss"], before["loss"])
