import json
from collections import defaultdict
from typing import Any, NamedTuple

from odoo import _, api, fields, models

from ... import queries
from ...tools import verdict


class Scope(NamedTuple):
    """What chooses the rule that judges a line: a class, and the paths of a category and a location."""

    abc_class: Any
    category_path: str
    location_path: str


class StockCycleCountLineVerdict(models.AbstractModel):
    """How a counted line is judged; the verdict freezes what it rests on."""

    _name = "stock.cycle.count.line.verdict"
    _description = "Verdict on a Count Line"

    currency_id = fields.Many2one("res.currency")
    verdict = fields.Selection(
        [("match", "Match"), ("within", "Within Tolerance"), ("recount", "Recount"), ("approval", "Out of Tolerance")],
        readonly=True, copy=False, index=True, groups="stock_cycle_count.group_approver")
    verdict_reason = fields.Char(
        "Because", readonly=True, copy=False, groups="stock_cycle_count.group_approver")
    tolerance_id = fields.Many2one(
        "stock.cycle.count.tolerance", readonly=True, copy=False, ondelete="set null", index="btree_not_null",
        groups="stock_cycle_count.group_approver")
    tolerance_limits = fields.Char(
        readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="Limits as they were when the line was judged, as JSON.")
    approval_level = fields.Integer(
        readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="Highest level of approval that is needed; 0 for none.")
    passed_value = fields.Monetary(
        readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="Value that passed without approval.")
    category_path = fields.Char(
        compute="_compute_scope", store=True, precompute=True, copy=False, groups="stock_cycle_count.group_approver",
        help="Path of the product's category when the line was made.")
    location_path = fields.Char(
        compute="_compute_scope", store=True, precompute=True, copy=False, groups="stock_cycle_count.group_approver",
        help="Path of the location when the line was made.")
    rounding = fields.Float(
        compute="_compute_scope", store=True, precompute=True, copy=False, groups="stock_cycle_count.group_approver",
        help="Rounding of the product's unit when the line was made.")

    # Whoever moves a category, a bin or a unit does not choose the rule that judges what is being counted.
    @api.depends("product_id", "location_id")
    def _compute_scope(self):
        for line in self.sudo():
            line.category_path = line.product_id.categ_id.parent_path
            line.location_path = line.location_id.parent_path
            line.rounding = line.product_id.uom_id.rounding

    def _find_matches(self):
        """Those of these counted lines that agree with the books in their first round: most of them, and with nothing to
        weigh.
        """
        return self.sudo().search([
            ("id", "in", self.ids), ("state", "=", "counted"), ("round", "=", 1), ("variance_qty", "=", 0)])

    def _accept(self):
        """Judge matches. In sets."""
        self._write_judged({"verdict": "match", "verdict_reason": _("Counted as expected."), "approval_level": 0})

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
        lines._revalue()
        outcomes, values, reasons = defaultdict(list), {}, {}
        for line, rule, limits, result in lines._weigh():
            values[line.id] = abs(line.adjustment_value) if result[:2] == ("within", ()) else 0
            said = (result, rule, line.between_qty)
            if said not in reasons:
                reasons[said] = line._explain(result, rule)
            outcomes[rule, limits, result, reasons[said]].append(line.id)
        for (rule, limits, result, reason), ids in outcomes.items():
            lines.browse(ids)._write_judged({
                "verdict": result.kind, "verdict_reason": reason, "tolerance_id": rule.id,
                "tolerance_limits": limits and json.dumps(limits._asdict()), "approval_level": result.level,
                "judge_date": fields.Datetime.now()})
        # Nearly every line has a value of its own, which the ORM would write one by one.
        if values:
            queries.run(self.env, queries.lines.write_passed_values(values))
        lines.filtered(lambda line: line.verdict == "approval")._hold_for_approval()
        return lines

    def _weigh(self, may_recount=True):
        """Verdict on each of these lines by the strictest of the rules that judge it: of those for what it was when it
        was made and for what it is now.

        :param may_recount: whether a recount is an answer
        :return: list of ``(line, rule, limits, verdict)``
        """
        rules = self.env["stock.cycle.count.tolerance"]._get_by_company(self.company_id)
        judging = {line: rules[line.company_id]._get_all_for(line) for line in self}
        ruled = defaultdict(list)
        for line, members in judging.items():
            for rule in members:
                ruled[rule].append(line.id)
        ruled = {rule: self.browse(ids) for rule, ids in ruled.items()}
        limits = {rule: rule._get_limits() if rule else None for rule in ruled}
        # What others let pass weighs on caps alone.
        passed = {
            rule: rule._get_passed_values(ruled[rule])
            for rule in sorted(ruled, key=lambda rule: rule.id) if rule.has_cap_value}
        alone = {
            (line, rule): line._get_verdict(limits[rule], 0, may_recount)
            for line, members in judging.items() for rule in members}
        beyond = {}
        for rule, lines in ruled.items():
            small = lines.filtered(lambda line, rule=rule: alone[line, rule][:2] == ("within", ()))
            beyond.update(lines._get_beyond(limits[rule], small))
        weighed = []
        for line, members in judging.items():
            places = {rule: line[f"{rule.cap_scope}_id"].id for rule in members if rule in passed}
            result, rule = verdict.get_strictest(
                (line._get_verdict(limits[rule], passed[rule].get(places[rule], 0), may_recount)
                 if rule in places else alone[line, rule], rule) for rule in members)
            if result.kind == "within" and line in beyond:
                result = verdict.Verdict("approval", (beyond[line],), 1)
            if result[:2] == ("within", ()) and line.state == "counted":
                for one, place in places.items():
                    passed[one][place] = passed[one].get(place, 0) + abs(line.adjustment_value)
            weighed.append((line, rule, limits[rule], result))
        return weighed

    def _get_scopes(self):
        """What chooses the rule: as it was when the line was made, and as it is now."""
        position_class = self.position_id.abc_class_id
        return (
            Scope(self.abc_class_id, self.category_path or "", self.location_path or ""),
            Scope(position_class or self.abc_class_id, self.product_id.categ_id.parent_path or "",
                  self.location_id.parent_path or ""))

    def _get_rounding(self):
        """Rounding of the unit: the finer of that when the line was made and that of now, for a coarse one hides."""
        rounding = self.product_uom_id.rounding
        return min(self.rounding, rounding) if self.rounding else rounding

    def _get_verdict(self, limits, passed_value, may_recount=True):
        """Verdict of one line by limits, as a pure function of frozen facts."""
        settled = self._is_settled()
        unsettled = self.round > 1 and not settled
        may_recount = may_recount and (
            self._has_recount_left() and not self.recount_withdrawn and self.count_id.origin not in ("inventory", "held_move")
            and not settled)
        if self.is_opening and not self._is_match():
            return verdict.Verdict("within", ("opening",))
        if not unsettled and not self._is_match() and not self._clean(self.variance_qty - self.proven_transfer_qty):
            return verdict.Verdict("within", ("transfer",))
        company = self.company_id
        return verdict.judge(
            verdict.Measurement(
                # What a proven transfer explains is no difference of the stock as a whole.
                self.expected_qty, self.counted_qty - self.proven_transfer_qty, self.unit_cost,
                min(self._get_rounding(), self._get_digit()), company.currency_id.rounding, may_recount, passed_value,
                company._get_cycle_count_level2_value(), unsettled,
                bool(self.between_qty) and not settled),
            limits)

    def _explain(self, result, rule):
        """The verdict as a sentence."""
        limits = {
            "over_qty": _("surplus quantity"), "over_percent": _("surplus percentage"),
            "over_value": _("surplus value"), "under_qty": _("shortage quantity"),
            "under_percent": _("shortage percentage"), "under_value": _("shortage value")}
        fixed = {
            ("transfer",): _("The same piece was found in another place; stock as a whole does not change."),
            ("opening",): _("Opening stock: the first of this product in the books of the company."),
            ("none",): _("No tolerance covers it, so every difference needs approval."),
            ("lot",): _("A lot or serial number that the books have never had."),
            ("unsettled",): _("The counts do not agree."),
        }
        if result.broken in fixed:
            return fixed[result.broken]
        if result.kind == "match":
            return _("Counted as expected.")
        if result.kind == "within":
            return _("Within tolerance “%(rule)s”.", rule=rule.name)
        if result.broken == ("sum",):
            return _("Small, but together with the others of this product on the sheet out of tolerance “%(rule)s”.",
                     rule=rule.name)
        if result.broken == ("moved",):
            return _("%(quantity)s moved while it was counted, between its entries, so that the difference may be none.",
                     quantity=self._format_quantity(self.between_qty))
        if result.broken == ("alone",):
            return _("Tolerance “%(rule)s” has a limit in percent only: a percentage alone lets nothing pass.",
                     rule=rule.name)
        if result.broken == ("no_cost",):
            return _("It has no cost, so a limit in value alone lets nothing pass (tolerance “%(rule)s”).", rule=rule.name)
        if result.broken == ("cap",):
            return _("Small, but together with what passed in the last %(days)s days above the cap of tolerance "
                     "“%(rule)s”.", days=rule.cap_days, rule=rule.name)
        return _("Out of tolerance “%(rule)s”: %(limits)s.", rule=rule.name,
                 limits=", ".join(limits[name] for name in result.broken))
