from odoo import api, fields, models

from ...tools import numbers, verdict


class StockCycleCountLineHits(models.AbstractModel):
    """Whether a count found the record right, by the limit that held when its line was made. No figure of the past changes
    with a rule, and nothing here decides on approval.
    """

    _name = "stock.cycle.count.line.hits"
    _description = "Hits of a Count Line"

    hit_tolerance = fields.Float(
        "Hit Tolerance (%)", compute="_compute_frozen_rules", store=True, precompute=True, copy=False, group_operator=False,
        groups="stock_cycle_count.group_approver", help="Of the class, when the line was made.")
    deadline_date = fields.Date(
        "Deadline", compute="_compute_frozen_rules", store=True, precompute=True, copy=False,
        groups="stock_cycle_count.group_approver", help="Of the position, when the line was made.")
    is_hit = fields.Boolean(
        "Hit", compute="_compute_hits", store=True, copy=False, groups="stock_cycle_count.group_approver",
        help="The record was right within the hit tolerance, by what the last count found. A rejected difference is none.")
    is_exact = fields.Boolean(
        "Exactly Right", compute="_compute_hits", store=True, copy=False, groups="stock_cycle_count.group_approver",
        help="The record was right without any tolerance, by what the last count found.")
    is_first_hit = fields.Boolean(
        "First Hit", compute="_compute_hits", store=True, copy=False, groups="stock_cycle_count.group_approver",
        help="The first count was within the hit tolerance: a figure about counting, not about the record.")

    # Of what the key is only: what is frozen here stays when the class, its limit or the deadline change.
    @api.depends("product_id", "location_id")
    def _compute_frozen_rules(self):
        for line in self.sudo():
            line.hit_tolerance = line.abc_class_id.hit_tolerance
            line.deadline_date = line.position_id.deadline_date

    @api.depends("first_variance_qty", "variance_qty", "expected_qty", "result_entry_id")
    def _compute_hits(self):
        for line in self:
            first, has_result = line._get_round_result(1), bool(line.result_entry_id)
            line.is_hit = has_result and line._was_right(line.hit_tolerance)
            line.is_exact = has_result and line._was_right(0)
            line.is_first_hit = bool(first) and line._is_right(
                line.first_variance_qty, first[1].book_quantity, line.hit_tolerance)

    def _was_right(self, tolerance):
        """Whether the record was right, as the last count says. One that finds what an earlier count of the line found confirms
        that, also where the books were put right meanwhile: it was wrong then, by more than was being picked.
        """
        last = self.result_entry_id
        if not self._is_right(self.variance_qty, self.expected_qty, tolerance):
            return False
        earlier = [self._get_round_result(number) for number in range(1, last.round)] + [
            (entry.quantity, entry) for entry in self.entry_ids - last if entry.round == last.round and entry.kind == "set"]
        return all(
            self._is_right(
                verdict.unexplained(counted - entry.book_quantity, entry.picked_quantity), entry.book_quantity, tolerance)
            for counted, entry in filter(None, earlier) if numbers.is_same(counted, self.counted_qty, self._get_digit()))

    def _is_right(self, variance, expected, tolerance):
        """Whether a difference is small enough for the record to be right."""
        return verdict.is_hit(variance, expected, tolerance, self.rounding or self.product_uom_id.rounding)
