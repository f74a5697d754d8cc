"""*Count This* on what is listed each night: the sheet is made at once, by whomever and wherever it is asked for, or it is said
why not.
"""
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_answers import AnswersCase
from .common_planning import NOW


@tagged("post_install", "-at_install")
class TestCountThis(AnswersCase):

    def setUp(self):
        super().setUp()
        self.make_quant(self.product, self.bin, 36)
        for number in range(6):
            self.deliver(self.product, self.bin, 1, when=NOW - timedelta(days=200 + 10 * number))
        self.plan.action_schedule()
        self.resting = self.position(self.product)
        self.env.flush_all()
        self.hint = self.env["stock.cycle.count.hint"]._look(self.company)
        self.assertEqual((self.hint.kind, self.hint.position_id), ("phantom", self.resting))

    def get_lines(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["stock.cycle.count.line"].search([("company_id", "=", self.company.id), ("state", "=", "pending")])

    def test_a_place_that_is_archived_is_not_counted(self):
        """Nothing of it is put onto a sheet, nor into a plan again."""
        finding = self.env["stock.cycle.count.finding"].sudo().create({
            "company_id": self.company.id, "kind": "on_hand", "subject": "x", "facts": {"x": 1}, "product_id": self.product.id,
            "location_id": self.bin.id})
        self.deliver(self.product, self.bin, 30)
        self.env["stock.quant"]._unlink_zero_quants()
        self.bin.active = False
        for listed in (self.hint, finding):
            with self.subTest(listed=listed._name), self.assertRaisesRegex(UserError, "no place"):
                self.call(self.supervisor, listed, "action_count")
        self.assertFalse(self.get_lines())
        self.assertFalse(self.resting.active)

    def test_today_is_where_it_is_asked(self):
        """Where the plan works it may be yesterday still, or tomorrow."""
        self.plan.horizon_days = 0
        self.clock.move_to(datetime(2024, 3, 5, 20))
        for zone, other in (("America/Los_Angeles", "Pacific/Auckland"), ("Pacific/Auckland", "America/Los_Angeles")):
            with self.subTest(zone=zone), self.cr.savepoint() as savepoint:
                self.calendar.tz, self.supervisor.tz = zone, other
                self.call(self.supervisor, self.hint, "action_count")
                self.assertEqual(self.get_lines().position_id, self.resting)
                savepoint.rollback()
            self.env.invalidate_all()
