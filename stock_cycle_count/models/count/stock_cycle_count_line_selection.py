from odoo import api, fields, models


class StockCycleCountLineSelection(models.AbstractModel):
    """Why a line is there. Whoever counts learns nothing of it, lest some lines be counted with more care than others."""

    _name = "stock.cycle.count.line.selection"
    _description = "Why a Line Is Counted"

    selection_reason = fields.Selection(
        [("class", "Interval of its class"),
         ("location", "Frequency of its location"),
         ("annual", "Yearly inventory"),
         ("manual", "Asked for by a person"),
         ("found", "Found while counting"),
         ("control", "Drawn at random")],
        "Why", required=True, readonly=True, default="manual", groups="stock_cycle_count.group_approver")
    is_found = fields.Boolean(
        "Found", compute="_compute_is_found", compute_sudo=True, store=True, precompute=True,
        help="No line expected it: its counter found it.")
    due_date = fields.Date("Due", readonly=True, groups="stock_cycle_count.group_approver")
    draw_id = fields.Many2one(
        "stock.cycle.count.draw", "Random Draw", readonly=True, copy=False, ondelete="restrict", index="btree_not_null",
        groups="stock_cycle_count.group_approver",
        help="The draw that chose the position at random. A line that is counted for another reason besides keeps that one.")
    draw_weight = fields.Float(
        readonly=True, copy=False, digits=0, group_operator=False, groups="stock_cycle_count.group_approver",
        help="For how many positions of its stratum a drawn one stands, in relation to others: 1, where all have equal chances.")

    @api.depends("selection_reason")
    def _compute_is_found(self):
        for line in self:
            line.is_found = line.selection_reason == "found"
