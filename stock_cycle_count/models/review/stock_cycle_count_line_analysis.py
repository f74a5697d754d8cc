from odoo import _, api, fields, models
from odoo.tools import format_date

from ...tools import hints, numbers

#: Moves and counts of this many days are looked at for an explanation.
HINT_DAYS = 30
#: Earlier counts of the same stock that are shown.
HISTORY = 5


class StockCycleCountLineAnalysis(models.AbstractModel):
    """What whoever decides on a difference should see beside it. Computed on demand, never stored."""

    _name = "stock.cycle.count.line.analysis"
    _description = "Analysis of a Count Line"

    book_now_qty = fields.Float(
        "On Hand Now", compute="_compute_book_now", digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver")
    moved_qty = fields.Float(
        "Moved Since", compute="_compute_book_now", digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver", help="What moved in and out since it was counted.")
    picked_now_qty = fields.Float(
        "Picked Now, Not Done", compute="_compute_book_now", digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver")
    history_ids = fields.Many2many(
        "stock.cycle.count.line", string="Earlier Counts", compute="_compute_history",
        groups="stock_cycle_count.group_approver")
    hints = fields.Text(
        "What Could Explain It", compute="_compute_hints", groups="stock_cycle_count.group_approver")

    @api.depends("result_entry_id")
    def _compute_book_now(self):
        now = fields.Datetime.now()
        books = self.env["stock.cycle.count.entry"]._get_book_quantities(
            [{"line": line, "date": now} for line in self], now) if self else []
        for line, (quantity, picked) in zip(self, books):
            line.book_now_qty = quantity
            line.picked_now_qty = picked
            line.moved_qty = line._round(quantity - line.expected_qty) if line.state in (
                "counted", "to_approve", "approved", "recount") else 0

    @api.depends("product_id", "location_id")
    def _compute_history(self):
        lines = self.search([
            ("product_id", "in", self.product_id.ids), ("location_id", "in", self.location_id.ids),
            ("count_date", "!=", False)], order="count_date desc, id desc")
        earlier = lines.grouped(lambda line: line._get_key())
        for line in self:
            same = earlier.get(line._get_key(), lines.browse())
            line.history_ids = same.filtered(lambda other: other.id != line._origin.id)[:HISTORY]

    @api.depends("variance_qty")
    def _compute_hints(self):
        found = self._get_hints()
        for line in self:
            line.hints = "\n".join(line._phrase_hint(hint) for hint in found[line]) or False

    def _get_hints(self):
        """What could explain each of these differences: ``{line: [tools.hints.Hint]}``."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=HINT_DAYS)
        moves = self.env["stock.move.line"].search([
            ("state", "=", "done"), ("date", ">=", since), ("product_id", "in", self.product_id.ids),
            ("move_id.cycle_count_line_id", "=", False),
            "|", ("location_id", "in", self.location_id.ids), ("location_dest_id", "in", self.location_id.ids)])
        others = self.search([
            ("product_id", "in", self.product_id.ids), ("count_date", ">=", since), ("variance_qty", "!=", 0)])
        return {
            line: hints.explain(
                line.variance_qty, line.expected_qty, line.counted_qty,
                moves=[
                    (move.quantity_product_uom * (1 if move.location_dest_id == line.location_id else -1), move)
                    for move in moves if move.product_id == line.product_id
                    and line.location_id in (move.location_id, move.location_dest_id)],
                packs=[(pack.qty, pack) for pack in line.product_id.packaging_ids],
                others=[(other.variance_qty, other) for other in others
                        if other.product_id == line.product_id and other != line],
                rounding=line.product_uom_id.rounding or numbers.DEFAULT_ROUNDING)
            for line in self}

    def _phrase_hint(self, hint):
        """A hint as a sentence."""
        if hint.kind == "transposed":
            return _("The same digits in another order.")
        if hint.kind == "pack":
            return _("A whole number of packs “%(pack)s” of %(quantity)g.", pack=hint.source.name,
                     quantity=hint.source.qty)
        if hint.kind == "opposite" and hint.source.location_id == self.location_id and hint.source.lot_id:
            return _("The opposite difference of lot %(lot)s in the same place: were the two mistaken for each other?",
                     lot=hint.source.lot_id.name)
        if hint.kind == "opposite":
            return _("The opposite difference at %(location)s, counted on %(sheet)s.",
                     location=hint.source.location_id.display_name, sheet=hint.source.count_id.name)
        move = hint.source.reference or hint.source.move_id.name
        if hint.kind == "reversed":
            return _("Twice the quantity of %(move)s the other way: was it booked in the wrong direction?", move=move)
        return _("The same quantity as %(move)s on %(date)s.", move=move, date=format_date(self.env, hint.source.date))
