from odoo import api, fields, models

from .. import queries
from .context import POSTING_KEY, get_posting
from .gate.stock_cycle_count_gate import MOVE_FIELDS


class StockMove(models.Model):
    _inherit = "stock.move"

    cycle_count_line_id = fields.Many2one(
        "stock.cycle.count.line", "Count Line", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null")
    cycle_count_id = fields.Many2one(related="cycle_count_line_id.count_id", string="Count Sheet")
    cycle_count_reason_id = fields.Many2one(
        "stock.cycle.count.reason", "Count Reason", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null")
    cycle_count_transfer_id = fields.Many2one(
        "stock.cycle.count.transfer", "Transfer Found by Counting", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null")

    def init(self):
        queries.run(self.env, queries.indexes.one_move_per_posting())

    @api.model_create_multi
    def create(self, vals_list):
        gate = self.env["stock.cycle.count.gate"]
        if not gate._is_exempt():
            # A context and a user's own defaults fill fields as well; False claims nothing.
            claims = [self.default_get(list(MOVE_FIELDS)), *vals_list]
            posting = get_posting(self.env)
            gate._check_move_names({
                name for vals in claims for name in MOVE_FIELDS
                if vals.get(name) and not (posting and vals.get("cycle_count_line_id") in posting)})
        return super().create(vals_list)

    def write(self, vals):
        self.env["stock.cycle.count.gate"]._check_move_names(set(vals))
        return super().write(vals)

    def _action_done(self, cancel_backorder=False):
        held = self.env["stock.cycle.count.gate"]._hold_moves(self)
        moves = self - held
        posting = get_posting(self.env)
        # One message for all locked bins, before any work; the quants would refuse one by one.
        lines = moves.move_line_ids.filtered(
            lambda line: line.picked and line.quantity and line.product_id.type == "product"
            and not (posting and line.move_id.cycle_count_line_id.id in posting))
        (lines.location_id | lines.location_dest_id).with_context(**{POSTING_KEY: False})._check_no_count_lock()
        return super(StockMove, moves)._action_done(cancel_backorder=cancel_backorder)
