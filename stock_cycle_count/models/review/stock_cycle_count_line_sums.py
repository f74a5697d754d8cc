import json
from collections import defaultdict

from odoo import _, fields, models

from ...tools import verdict


class StockCycleCountLineSums(models.AbstractModel):
    """Many small differences are one large one: what passes is also judged together, and the second level sees the sum.
    """

    _name = "stock.cycle.count.line.sums"
    _description = "Sums of Count Lines"

    judge_date = fields.Datetime(
        "Judged On", readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="The server's time; caps go by it.")

    def _get_beyond(self, limits, small):
        """Which of these lines, though small by themselves, are too large together: surpluses or shortages of one product on
        one sheet, with those that passed before. A lot or serial number that the books have never had waits for somebody.

        :param limits: ``verdict.Limits`` by which they are judged
        :param small: those of them that are small by themselves
        :return: ``{line: name of what is broken}``
        """
        beyond = dict.fromkeys(small._get_unheard_of(), "lot")
        others = self.search([
            ("count_id", "in", small.count_id.ids), ("product_id", "in", small.product_id.ids),
            ("verdict", "=", "within"), ("state", "in", ("counted", "posted")), ("id", "not in", self.ids)])
        groups = defaultdict(self.browse)
        for line in small | others:
            if line._get_own_variance():
                groups[line.count_id, line.product_id, line._get_own_variance() > 0] |= line
        for (count, product, _over), lines in groups.items():
            if len(lines) < 2:
                continue
            variance = sum(line._get_own_variance() for line in lines)
            value = sum(line._get_own_variance() * line.unit_cost for line in lines)
            expected = sum(lines.mapped("expected_qty"))
            together = verdict.judge(verdict.Measurement(
                expected, expected + variance, value / variance, product.uom_id.rounding,
                count.currency_id.rounding), limits._replace(cap_value=None))
            if together.kind != "within":
                beyond.update({line: "sum" for line in lines & small if line not in beyond})
        return beyond

    def _get_unheard_of(self):
        """Those of these lines of sheets, on which counters name lots, that found one that was never moved."""
        found = self.filtered(
            lambda line: line.lot_id and line.variance_qty > 0 and line.count_id.origin not in ("inventory", "transfer"))
        moved = {lot for [lot] in self.env["stock.move.line"].sudo()._read_group(
            [("lot_id", "in", found.lot_id.ids), ("state", "=", "done")], ["lot_id"])}
        return found.filtered(lambda line: line.lot_id not in moved)

    def _get_own_variance(self):
        """Difference of the stock as a whole: without what a proven transfer explains."""
        return self._clean(self.variance_qty - self.proven_transfer_qty)

    def _raise_by_sheet(self):
        """Ask the second level about lines of which the sheets of these have as much together as it is to be asked about.

        :return: these lines, and those that were approved on the first level only
        """
        raised = self.browse()
        for count in self.count_id:
            lines = count._get_lines("counted", "to_approve", "approved").filtered(lambda line: line.verdict == "approval")
            total = sum(abs(line._get_own_variance() * line.unit_cost) for line in lines)
            raised |= lines.filtered(lambda line: line.approval_level == 1 and verdict.asks_second_level(
                total, line._get_level2_value(), count.currency_id.rounding))
        raised._write_judged({
            "approval_level": 2,
            "verdict_reason": _("The differences of its sheet together are for the second level.")})
        return self | raised.filtered(lambda line: line.state == "approved")

    def _get_level2_value(self):
        """Value in company currency from which the second level decides on the line, or None."""
        from_value = json.loads(self.tolerance_limits or "{}").get("level2_value")
        return self.company_id._get_cycle_count_level2_value() if from_value is None else from_value
