from odoo import fields, models

from ...tools import numbers

#: What a decision is bound to, besides the count and the reason.
JUDGED_NUMBERS = ("expected_qty", "counted_qty", "variance_qty", "adjustment_qty", "unit_cost")


class StockCycleCountApproval(models.Model):
    """One decision on a line, with the numbers it was made on. Rows are added, never changed, by nobody.

    An approval holds for its numbers and its reason only: when the line's differ, it is void.
    """

    _name = "stock.cycle.count.approval"
    _description = "Count Approval"
    _order = "id"
    _inherit = ["stock.cycle.count.made.mixin", "stock.cycle.count.append.only.mixin"]
    _log_access = False

    line_id = fields.Many2one("stock.cycle.count.line", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    level = fields.Integer(required=True)
    decision = fields.Selection(
        [("approve", "Approved"), ("reject", "Rejected"), ("recount", "Sent to recount")], required=True)
    user_id = fields.Many2one("res.users", "Decided By", required=True, ondelete="restrict")
    date = fields.Datetime("Decided On", required=True, default=fields.Datetime.now)
    comment = fields.Char()
    self_approval = fields.Boolean(
        "Segregation of Duties Waived", help="A company setting allowed whoever counted, or approved before, to decide.")
    entry_id = fields.Many2one("stock.cycle.count.entry", "Count", ondelete="restrict")
    expected_qty = fields.Float("Expected", digits="Product Unit of Measure")
    counted_qty = fields.Float("Counted", digits="Product Unit of Measure")
    variance_qty = fields.Float("Difference", digits="Product Unit of Measure")
    adjustment_qty = fields.Float("Adjustment", digits="Product Unit of Measure")
    reason_id = fields.Many2one("stock.cycle.count.reason", "Reason", ondelete="restrict")
    unit_cost = fields.Float()
    review_number = fields.Integer(readonly=True, help="How often the line had come back to review.")

    def _holds(self):
        """Whether the decision was made on the numbers and the reason that the line has now."""
        self.ensure_one()
        line = self.line_id.sudo()
        return (self.entry_id == line.result_entry_id and self.reason_id == line.reason_id
                and self.review_number == line.review_number
                and all(self._is_unchanged(name, line[name]) for name in JUDGED_NUMBERS))

    def _is_unchanged(self, name, number):
        """Whether a number is the one that was decided on, in all digits that are stored of it."""
        digits = self._fields[name].get_digits(self.env)
        return numbers.is_same(self[name], number, 10 ** -digits[1] if digits else numbers.COST_ROUNDING)
