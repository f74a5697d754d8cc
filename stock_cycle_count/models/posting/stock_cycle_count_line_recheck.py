import json
from collections import defaultdict

from odoo import _, fields, models
from odoo.exceptions import UserError

from ... import queries
from ...tools import numbers, verdict


class StockCycleCountLineRecheck(models.AbstractModel):
    """Nothing is posted on facts that have gone stale: before lines are posted, all that their verdicts and approvals
    rest on is locked and looked at again. What no longer holds goes back to a person, with a sentence that says why.
    """

    _name = "stock.cycle.count.line.recheck"
    _description = "Second Look at a Count Line"

    review_number = fields.Integer(
        "Came Back", readonly=True, copy=False, default=0, groups="stock_cycle_count.group_approver",
        help="How often it came back to review when it was to be posted. Decisions made before hold no longer.")

    def _recheck(self, judged=None):
        """Send those of these lines back to review that cannot be posted as they were judged or approved.

        :param judged: lines that were judged a moment ago in this transaction, since which nothing was posted: the rules
            have not changed for it since
        :return: the others
        """
        self._lock_stock()
        causes, fallen = self._find_moved()
        fallen.unlink()
        for line, cause in causes.items():
            line._return_to_review(cause, max(line.approval_level, 1))
        rest = self - self.browse().union(*causes)
        worse = rest._find_worse(self.browse() if judged is None else judged)
        for line, (cause, level) in worse.items():
            line._return_to_review(cause, level)
        back = self.browse().union(*causes, *worse)
        back._hold_for_approval()
        # What rested on a transfer that fell is judged without it.
        return (self - back)._get_postable() if back else self

    def _return_to_review(self, cause, level):
        """Let a person decide anew, whatever was decided before."""
        self._write_judged({
            "verdict": "approval", "verdict_reason": cause, "approval_level": level, "passed_value": 0,
            "review_number": self.review_number + 1, "post_error": False, "reminder_step": 0})

    # Is it still there?

    def _get_selected_transfers(self):
        """Transfers of these lines that posting them makes."""
        return (self.target_transfer_ids | self.source_transfer_ids).filtered(
            lambda transfer: transfer.selected and not transfer.move_ids)

    def _lock_stock(self):
        """Lock the stock at both ends of what is posted. What another transaction changed since ours began cannot be
        locked, and the request starts over.
        """
        transfers = self._get_selected_transfers()
        keys = {*(line._get_key() for line in self), *(transfer._get_source_key() for transfer in transfers)}
        quants = self.env["stock.quant"].sudo().search([
            ("product_id", "in", self.product_id.ids), ("location_id", "in", (self.location_id | transfers.location_id).ids),
        ]).filtered(lambda quant: quant._get_stock_key() in keys)
        queries.run(self.env, queries.locks.lock_rows(quants._table, quants.ids))

    def _get_books(self, transfers):
        """What the books show now where these lines and transfers take stock or bring it: ``{key: quantity}``."""
        locations = self.location_id | transfers.location_id
        rows = queries.run(self.env, queries.book_quantity.read_book_quantities(self.product_id.ids, locations.ids))
        return defaultdict(float, {
            tuple(record_id or False for record_id in key): float(quantity) for *key, quantity, _picked in rows})

    def _find_moved(self):
        """Lines whose stock moved by documents after the count, so that posting would write it off or move it again.

        :return: ``({line: why it cannot be posted}, transfers that have lost their source)``
        """
        transfers = self._get_selected_transfers()
        books = self._get_books(transfers)
        changes = defaultdict(float)
        keys = {line: line._get_key() for line in self}
        for line, key in keys.items():
            changes[key] += line.adjustment_qty
        for transfer in transfers:
            changes[transfer._get_source_key()] -= transfer.quantity
            changes[transfer.target_line_id._get_key()] += transfer.quantity
        short = {
            key for key, change in changes.items()
            if change < 0 and not numbers.is_at_most(0, books[key] + change, self._get_digit())}
        fallen = transfers.filtered(lambda transfer: transfer._get_source_key() in short)
        moved = {
            line for line, key in keys.items()
            if key in short and changes[key] < 0 or line._has_arrived(books[key], changes[key])}
        moved |= {*fallen.target_line_id, *fallen.source_line_id}
        since = self.browse().union(*moved)._get_moves_after_count() if moved else {}
        return {line: line._explain_moved(books[keys[line]], since.get(line)) for line in moved & {*self}}, fallen

    def _has_arrived(self, book, change):
        """Whether a document brought the piece that was found, so that it would be booked in twice."""
        if change <= 0 or not self._is_unique_item() or numbers.is_at_most(book, self.expected_qty, self._get_digit()):
            return False
        return bool(self.tracking == "serial" and self.lot_id) or not self.expected_qty

    def _get_moves_after_count(self):
        """The last document that moved what each of these lines counted: ``{line: move line}``."""
        details = self.env["stock.move.line"].sudo().search([
            ("state", "=", "done"), ("product_id", "in", self.product_id.ids), ("date", ">=", min(self.mapped("count_date"))),
            ("move_id.cycle_count_line_id", "=", False)], order="date, id")
        found = {}
        for line in self:
            places = line.location_id | line._get_selected_transfers().location_id
            for detail in details:
                if (detail.product_id == line.product_id and detail.lot_id == line.lot_id
                        and detail.date >= line.count_date and places & (detail.location_id | detail.location_dest_id)):
                    found[line] = detail
        return found

    def _explain_moved(self, book, detail):
        """Why stock that moved after the count is not posted."""
        values = {
            "line": self.display_name, "quantity": self._format_quantity(book),
            "document": detail and (detail.reference or detail.move_id.name) or _("another document")}
        if self._is_unique_item():
            return _(
                "%(line)s: %(document)s moved it after it was counted, so it is neither written off nor moved again. "
                "Reject the difference, or have it counted once more.", **values)
        return _(
            "%(line)s: the books show %(quantity)s now, less than this difference takes away: %(document)s moved stock after "
            "it was counted. Reject the difference, or have it counted once more.", **values)

    # Is it still as small?

    def _find_worse(self, judged):
        """Lines that became worth more than was judged or approved, or that the rules of now judge more strictly.

        :param judged: see ``_recheck``
        :return: ``{line: (why, level that has to decide)}``
        """
        before = {line: line.unit_cost for line in self}
        # What else was judged along may not be posted along, so that these take other layers.
        risen = self._raise_costs()
        worse = {}
        for line, rule, _limits, result in (self - judged | risen)._weigh(may_recount=False):
            frozen = line._get_frozen_verdict()
            strictest, judging = verdict.get_strictest([(result, rule), (frozen, line.tolerance_id)])
            if line.state == "approved" and (strictest.kind != "approval" or strictest.level <= line.approval_level):
                cause = False
            else:
                cause = strictest.kind == "approval" and line._explain(strictest, judging)
            if line in risen and (cause or line.state == "approved"):
                cause = " ".join(filter(None, [line._explain_rise(before[line]), cause]))
            if cause:
                worse[line] = (cause, max(strictest.level, line.approval_level, 1))
            elif line in risen:
                line._write_judged({"passed_value": abs(line.adjustment_value)})
        return worse

    def _raise_costs(self):
        """Take over the costs at which these lines would be booked, where they are worth more by them than they were
        judged by. What became worth less passes as it was judged.

        :return: the lines that are worth more
        """
        risen = self.browse()
        for line, cost in self._get_unit_costs().items():
            if abs(cost) <= abs(line.unit_cost):
                continue
            quantity = line._get_booked_qty()
            judged, booked = (abs(line._round_value(quantity * one)) for one in (line.unit_cost, cost))
            if not numbers.is_at_most(booked, judged, line.currency_id.rounding):
                line._write_judged({"unit_cost": cost})
                risen |= line
        return risen

    def _get_frozen_verdict(self):
        """Verdict by the limits of when the line was judged."""
        limits = verdict.Limits(**json.loads(self.tolerance_limits)) if self.tolerance_limits else None
        return self._get_verdict(limits and limits._replace(cap_value=None), 0, may_recount=False)

    # Was it booked as it was judged?

    def _check_booked(self, costs):
        """Refuse a posting that valuation booked at more than was judged.

        :param costs: takes what one unit of such lines was booked at
        :raise UserError: naming the line; what was posted is to be rolled back
        """
        for line in self:
            judged = abs(line._round_value(line.adjustment_qty * line.unit_cost))
            if line.adjustment_qty and not numbers.is_at_most(abs(line.adjustment_value), judged, line.currency_id.rounding):
                costs[line.id] = abs(line.adjustment_value / line.adjustment_qty)
                raise UserError(_(
                    "%(line)s: valuation books %(value)s for it, more than was judged.", line=line.display_name,
                    value=line.currency_id.format(line.adjustment_value)))

    def _return_dearer(self, costs):
        """Send lines back to review at the costs at which valuation booked them.

        :param costs: see ``_check_booked``
        """
        for line in self:
            before = line.unit_cost
            line._write_judged({"unit_cost": costs[line.id]})
            level = line._get_frozen_verdict().level
            line._return_to_review(line._explain_rise(before), max(level, line.approval_level, 1))
        self._hold_for_approval()

    def _explain_rise(self, before):
        return _(
            "Its cost rose from %(before)s to %(now)s a unit since it was judged, so it is decided anew.",
            before=self.currency_id.format(before), now=self.currency_id.format(self.unit_cost))
