from datetime import timedelta

from odoo import api, fields, models

from ..models.review.stock_cycle_count_limits_mixin import LIMITS
from ..tools import verdict

#: Nothing was counted longer ago.
MOST_DAYS = 36500


class StockCycleCountBacktest(models.TransientModel):
    """Replays past lines of a tolerance under other limits; what they would have meant, without changing anything.

    Caps and recounts are left out of the replay: each line is judged on its own, by the numbers frozen on it.
    """

    _name = "stock.cycle.count.backtest"
    _description = "Backtest of a Tolerance"
    _inherit = ["stock.cycle.count.limits.mixin", "stock.cycle.count.request.mixin"]

    tolerance_id = fields.Many2one("stock.cycle.count.tolerance", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="tolerance_id.currency_id")
    days = fields.Integer(default=365, required=True)
    line_count = fields.Integer("Differences", compute="_compute_result")
    approval_count = fields.Integer("Would Need Approval", compute="_compute_result")
    approval_count_before = fields.Integer("Need Approval Now", compute="_compute_result")
    passed_value = fields.Monetary("Value That Would Pass", compute="_compute_result")
    passed_value_before = fields.Monetary("Value That Passes Now", compute="_compute_result")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        tolerance = self.env["stock.cycle.count.tolerance"].browse(values.get("tolerance_id"))
        for name in ("recount", *LIMITS, *(f"has_{name}" for name in LIMITS)):
            if tolerance and name in fields_list:
                values[name] = tolerance[name]
        return values

    @api.depends("tolerance_id", "days", *LIMITS, *(f"has_{name}" for name in LIMITS))
    def _compute_result(self):
        for wizard in self:
            lines = wizard._get_lines()
            then = wizard._replay(lines, wizard._get_limits())
            now = wizard._replay(lines, wizard.tolerance_id._get_limits())
            wizard.line_count = len(lines)
            wizard.approval_count, wizard.passed_value = then
            wizard.approval_count_before, wizard.passed_value_before = now

    def _get_lines(self):
        """Differences of the last days that the tolerance would judge: no rule before it matches them."""
        if not self.tolerance_id:
            return self.env["stock.cycle.count.line"]
        since = fields.Datetime.now() - timedelta(days=min(max(self.days, 0), MOST_DAYS))
        lines = self.env["stock.cycle.count.line"].search([
            ("company_id", "=", self.tolerance_id.company_id.id), ("count_date", ">=", since),
            ("state", "in", ("to_approve", "approved", "rejected", "posted")), ("variance_qty", "!=", 0)])
        company = self.tolerance_id.company_id
        rules = (self.tolerance_id | self.tolerance_id._get_by_company(company)[company]).sorted(
            lambda rule: (rule.sequence, rule.id))
        return lines.filtered(
            lambda line: rules._get_first_for(line) == self.tolerance_id)

    def _replay(self, lines, limits):
        """How many lines would need approval by limits, and the gross value that would pass."""
        limits = limits._replace(recount=False, cap_value=None)
        needed, passed = 0, 0.0
        for line in lines:
            result = verdict.judge(verdict.Measurement(
                line.expected_qty, line.expected_qty + line.adjustment_qty, line.unit_cost,
                line.product_uom_id.rounding, line.currency_id.rounding), limits)
            if result.kind == "approval":
                needed += 1
            else:
                passed += abs(line.adjustment_value)
        return needed, passed

    def action_apply(self):
        """Take the limits over into the tolerance; who may is decided there."""
        self.ensure_one()
        self.tolerance_id.write({
            name: self[name] for name in ("recount", *LIMITS, *(f"has_{name}" for name in LIMITS))})
        return {"type": "ir.actions.act_window_close"}
