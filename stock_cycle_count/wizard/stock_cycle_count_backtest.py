from datetime import timedelta
from statistics import median

from odoo import _, api, fields, models

from ..models.review.stock_cycle_count_limits_mixin import LIMITS
from ..tools import numbers, replay, verdict
from ..tools.words import say_number

#: Nothing was counted longer ago.
MOST_DAYS = 36500


class StockCycleCountBacktest(models.TransientModel):
    """Replays past lines of a tolerance under other limits, in the order of time, with caps and recounts; what they would have
    meant, without changing anything.
    """

    _name = "stock.cycle.count.backtest"
    _description = "Backtest of a Tolerance"
    _inherit = ["stock.cycle.count.limits.mixin", "stock.cycle.count.request.mixin"]

    tolerance_id = fields.Many2one("stock.cycle.count.tolerance", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="tolerance_id.currency_id")
    cap_days = fields.Integer(related="tolerance_id.cap_days")
    days = fields.Integer(default=365, required=True)
    line_count = fields.Integer("Differences", compute="_compute_result", help="Of the first count or the last.")
    approval_count = fields.Integer("Need Approval", compute="_compute_result")
    approval_count_before = fields.Integer("Need Approval Now", compute="_compute_result")
    weekly_hours = fields.Float(
        "Hours of Waiting a Week", compute="_compute_result", digits=(16, 1),
        help="Approvals a week, times the hours within which half of those of this time were decided.")
    weekly_hours_before = fields.Float("Hours of Waiting a Week Now", compute="_compute_result", digits=(16, 1))
    recount_count = fields.Integer("Counted Again", compute="_compute_result")
    recount_count_before = fields.Integer("Counted Again Now", compute="_compute_result")
    passed_value = fields.Monetary("Value That Passes", compute="_compute_result", help="Without sign.")
    passed_value_before = fields.Monetary("Value That Passes Now", compute="_compute_result")
    passed_net = fields.Monetary("Net of It", compute="_compute_result", help="Gains less losses.")
    passed_net_before = fields.Monetary("Net of It Now", compute="_compute_result")
    note = fields.Text(compute="_compute_result")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        tolerance = self.env["stock.cycle.count.tolerance"].browse(values.get("tolerance_id"))
        for name in ("recount", *LIMITS, *(f"has_{name}" for name in LIMITS)):
            if tolerance and name in fields_list:
                values[name] = tolerance[name]
        return values

    @api.depends("tolerance_id", "days", "recount", *LIMITS, *(f"has_{name}" for name in LIMITS))
    def _compute_result(self):
        for wizard in self:
            lines, rule = wizard._get_lines(), wizard.tolerance_id
            hours = wizard._get_usual_hours(lines)
            then, now = (wizard._replay(lines, some._get_limits(), rule) for some in (wizard, rule)) if rule else ([], [])
            wizard.line_count = len(lines)
            for suffix, outcomes in (("", then), ("_before", now)):
                passing = [one.value for one in outcomes if one.kind == "within"]
                needed = sum(one.kind == "approval" for one in outcomes)
                wizard.update({
                    f"approval_count{suffix}": needed, f"passed_value{suffix}": sum(map(abs, passing)),
                    f"passed_net{suffix}": sum(passing), f"recount_count{suffix}": sum(one.is_recounted for one in outcomes),
                    f"weekly_hours{suffix}": 7 * needed * hours / max(wizard.days, 1)})
            wizard.note = wizard._say_spared(lines, then, now)

    def _say_spared(self, lines, then, now):
        """What the approvals were good for that the limits would spare."""
        if not lines:
            return _("There is nothing to replay: no differences in these days.")
        spared = [line for line, one, before in zip(lines, then, now) if before.kind == "approval" and one.kind == "within"]
        if not spared:
            return _("These limits spare no approval of these days.")
        useful = [line for line in spared if line.state == "rejected" or not numbers.is_same(
            line.first_variance_qty, line.variance_qty, line._get_rounding())]
        return _(
            "These limits spare %(spared)s. Of them %(needless)s changed nothing, and %(useful)s were rejected or "
            "changed by another count, worth %(value)s: that is the price.", spared=say_number(
                self.env, len(spared), _("1 approval"), _("%s approvals")),
            needless=len(spared) - len(useful), useful=len(useful), value=self.currency_id.format(sum(
                abs((line.variance_qty if line.state == "rejected" else line.first_variance_qty - line.variance_qty)
                    * line.unit_cost) for line in useful)))

    def _get_usual_hours(self, lines):
        """Hours within which half of the decisions on these lines came, 0 where none was made."""
        waits = [
            (max(line.approval_ids.mapped("date")) - line.to_approve_date).total_seconds() / 3600
            for line in lines if line.to_approve_date and line.approval_ids]
        return max(median(waits), 0) if waits else 0

    def _get_lines(self):
        """Differences of the last days that the tolerance would judge: no rule before it matches them."""
        if not self.tolerance_id:
            return self.env["stock.cycle.count.line"]
        since = fields.Datetime.now() - timedelta(days=min(max(self.days, 0), MOST_DAYS))
        lines = self.env["stock.cycle.count.line"].search([
            ("company_id", "=", self.tolerance_id.company_id.id), ("count_date", ">=", since),
            ("state", "in", ("to_approve", "approved", "rejected", "posted")), ("is_opening", "=", False),
            "|", ("variance_qty", "!=", 0), ("first_variance_qty", "!=", 0)])
        company = self.tolerance_id.company_id
        rules = (self.tolerance_id | self.tolerance_id._get_by_company(company)[company]).sorted(
            lambda rule: (rule.sequence, rule.id))
        return lines.filtered(
            lambda line: rules._get_first_for(line) == self.tolerance_id)

    @api.model
    def _replay(self, lines, limits, rule):
        """What limits would have made of lines: list of ``tools.replay.Outcome``.

        :param rule: the tolerance whose caps these would be; it says for what and for how many days they add up
        """
        return replay.replay([
            replay.Past(line.count_date, line[f"{rule.cap_scope}_id"].id, *(
                verdict.Measurement(
                    line.expected_qty, line.expected_qty + variance - line.variance_qty + line.adjustment_qty, line.unit_cost,
                    line._get_rounding(), line.currency_id.rounding)
                for variance in (line.first_variance_qty, line.variance_qty)))
            for line in lines], limits, rule.cap_days)

    def action_apply(self):
        """Take the limits over into the tolerance; who may is decided there."""
        self.ensure_one()
        self.tolerance_id.write({
            name: self[name] for name in ("recount", *LIMITS, *(f"has_{name}" for name in LIMITS))})
        return {"type": "ir.actions.act_window_close"}
