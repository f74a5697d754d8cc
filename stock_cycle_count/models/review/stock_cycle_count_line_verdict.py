import json
from collections import defaultdict

from odoo import _, api, fields, models

from ...tools import numbers, verdict


class StockCycleCountLineVerdict(models.AbstractModel):
    """How a counted line is judged; the verdict freezes what it rests on."""

    _name = "stock.cycle.count.line.verdict"
    _description = "Verdict on a Count Line"

    currency_id = fields.Many2one("res.currency")
    verdict = fields.Selection(
        [("match", "Match"), ("within", "Within Tolerance"), ("recount", "Recount"), ("approval", "Needs Approval")],
        readonly=True, copy=False, index=True, groups="stock_cycle_count.group_supervisor")
    verdict_reason = fields.Char(
        "Because", readonly=True, copy=False, groups="stock_cycle_count.group_supervisor")
    tolerance_id = fields.Many2one(
        "stock.cycle.count.tolerance", readonly=True, copy=False, ondelete="set null", index="btree_not_null",
        groups="stock_cycle_count.group_supervisor")
    tolerance_limits = fields.Char(
        readonly=True, copy=False, groups="stock_cycle_count.group_supervisor",
        help="Limits as they were when the line was judged, as JSON.")
    approval_level = fields.Integer(
        readonly=True, copy=False, groups="stock_cycle_count.group_supervisor",
        help="Highest level of approval that is needed; 0 for none.")
    passed_value = fields.Monetary(
        readonly=True, copy=False, groups="stock_cycle_count.group_supervisor",
        help="Value that passed without approval.")
    is_hit = fields.Boolean(
        "Hit", compute="_compute_is_hit", store=True, groups="stock_cycle_count.group_supervisor",
        help="The first count was within the hit tolerance of the class. It does not decide on approval.")

    @api.depends("first_variance_qty", "result_entry_id", "abc_class_id.hit_tolerance")
    def _compute_is_hit(self):
        for line in self:
            first = line._get_round_result(1)
            expected = first[1].book_quantity if first else 0
            variance = line.first_variance_qty
            if numbers.is_zero(variance, line.product_uom_id.rounding):
                line.is_hit = bool(first)
            else:
                line.is_hit = bool(expected) and numbers.is_at_most(
                    100 * abs(variance / expected), line.abc_class_id.hit_tolerance, numbers.PERCENT_ROUNDING)

    def _accept_matches(self):
        """Judge those of these counted lines that agree with the books in their first round: most of them, and with
        nothing to weigh. In sets.

        :return: the matches
        """
        matches = self.sudo().search([
            ("id", "in", self.ids), ("state", "=", "counted"), ("round", "=", 1), ("variance_qty", "=", 0)])
        matches._write_judged({"verdict": "match", "verdict_reason": _("Counted as expected."), "approval_level": 0})
        return matches

    def _reset_verdict(self):
        """Take the verdict off lines whose numbers are about to change: it lets nothing pass that it did not see."""
        self.filtered("verdict")._write_judged({
            "verdict": False, "verdict_reason": False, "tolerance_id": False, "tolerance_limits": False,
            "approval_level": 0, "passed_value": 0})

    def _judge(self):
        """Judge counted lines, freeze the verdict on them, and send out of tolerance ones where they belong.

        Rules, caps and costs are read once for all lines.
        """
        lines = self.sudo().filtered(lambda line: line.state == "counted" and line.result_entry_id)
        rules = self.env["stock.cycle.count.tolerance"]._get_by_company(lines.company_id)
        outcomes = defaultdict(list)
        for rule, ruled in lines.grouped(lambda line: rules[line.company_id]._get_first_for(line)).items():
            limits = rule._get_limits() if rule else None
            passed = rule._get_passed_values(ruled) if rule.has_cap_value else {}
            scope = f"{rule.cap_scope or 'product'}_id"
            for line in ruled:
                place = line[scope].id
                result = line._get_verdict(limits, passed.get(place, 0))
                value = abs(line.adjustment_value) if result.kind == "within" else 0
                passed[place] = passed.get(place, 0) + value
                outcomes[rule, limits, result, line._explain(result, rule), value].append(line.id)
        for (rule, limits, result, reason, value), ids in outcomes.items():
            lines.browse(ids)._write_judged({
                "verdict": result.kind, "verdict_reason": reason, "tolerance_id": rule.id,
                "tolerance_limits": limits and json.dumps(limits._asdict()), "approval_level": result.level,
                "passed_value": value})
        lines.filtered(lambda line: line.verdict == "approval")._hold_for_approval()
        return lines

    def _get_verdict(self, limits, passed_value):
        """Verdict of one line by limits, as a pure function of frozen facts."""
        settled = self._is_settled()
        unsettled = self.round > 1 and not settled
        may_recount = (
            self._has_recount_left() and not self.recount_withdrawn and self.count_id.origin not in ("inventory", "transfer")
            and not settled)
        if not unsettled and not self._is_match() and not self._round(self.variance_qty - self.proven_transfer_qty):
            return verdict.Verdict("within", ("transfer",))
        company = self.company_id
        return verdict.judge(
            verdict.Measurement(
                # What a proven transfer explains is no difference of the stock as a whole.
                self.expected_qty, self.counted_qty - self.proven_transfer_qty, self.unit_cost,
                self.product_uom_id.rounding, company.currency_id.rounding, may_recount, passed_value,
                company._get_cycle_count_level2_value(), unsettled),
            limits)

    def _explain(self, result, rule):
        """The verdict as a sentence."""
        limits = {
            "over_qty": _("surplus quantity"), "over_percent": _("surplus percentage"),
            "over_value": _("surplus value"), "under_qty": _("shortage quantity"),
            "under_percent": _("shortage percentage"), "under_value": _("shortage value")}
        if result.broken == ("transfer",):
            return _("The same piece was found in another place; stock as a whole does not change.")
        if result.kind == "match":
            return _("Counted as expected.")
        if result.kind == "within":
            return _("Within tolerance “%(rule)s”.", rule=rule.name)
        if result.broken == ("none",):
            return _("No tolerance covers it, so every difference needs approval.")
        if result.broken == ("unsettled",):
            return _("The counts do not agree.")
        if result.broken == ("cap",):
            return _("Small, but together with what passed in the last %(days)s days above the cap of tolerance "
                     "“%(rule)s”.", days=rule.cap_days, rule=rule.name)
        return _("Out of tolerance “%(rule)s”: %(limits)s.", rule=rule.name,
                 limits=", ".join(limits[name] for name in result.broken))
