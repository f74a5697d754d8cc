from odoo import api, fields, models

from .. import queries
from .context import POSTING_KEY, get_posting
from .gate.stock_cycle_count_gate_moves import LIVE_MOVE_FIELDS, MOVE_FIELDS
from .posting.companies import is_consistent


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
    cycle_count_reversal_id = fields.Many2one(
        "stock.cycle.count.line", "Reverted By", readonly=True, copy=False, ondelete="set null", index="btree_not_null",
        help="Count line that takes this move back, or waits to.")

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
        moves = super().create(vals_list)
        gate._check_done_by_hand(
            moves.filtered(lambda move: move.state == "done" and move.picking_id.state != "done"))
        return moves

    def write(self, vals):
        gate = self.env["stock.cycle.count.gate"]
        gate._check_move_names(set(vals))
        if set(vals) - LIVE_MOVE_FIELDS:
            gate._check_frozen(self, "change a move of a count")
        if vals.get("state") == "done":
            gate._check_done_by_hand(self.filtered(lambda move: move.state != "done" and not all(
                move.move_line_ids.filtered("quantity").mapped("cycle_count_done_date"))))
        elif "state" in vals:
            lines = self.filtered(lambda move: move.state == "done").move_line_ids
            self.env["stock.cycle.count.fingerprint"]._remember(lines)
            lines._note_done(False)
        return super().write(vals)

    def unlink(self):
        self.env["stock.cycle.count.gate"]._check_frozen(self, "delete a move of a count")
        return super().unlink()

    def _inverse_picked(self):  # pylint: disable=missing-return
        moves, posting = self, get_posting(self.env)
        if posting and posting.creating:
            # Their lines, which were made along with them, say it already.
            moves = self.filtered(lambda move: any(line.picked != move.picked for line in move.move_line_ids))
        super(StockMove, moves)._inverse_picked()

    def _check_company(self, fnames=None):  # pylint: disable=missing-return
        if fnames or not get_posting(self.env) or not is_consistent(self):
            super()._check_company(fnames)

    @api.model
    def _get_document_fields(self):
        """Names of the fields by which a move without a transfer says which document it belongs to."""
        return [name for name in (
            "scrap_id", "production_id", "raw_material_production_id", "unbuild_id", "consume_unbuild_id", "repair_id",
        ) if name in self._fields]

    def _has_document(self):
        """Whether a transfer or another document says why the stock moves."""
        self.ensure_one()
        move = self.sudo()
        return bool(move.picking_id) or any(move[name] for name in self._get_document_fields())

    def _action_done(self, cancel_backorder=False):
        held = self.env["stock.cycle.count.gate"]._hold_moves(self)
        moves = self - held
        posting = get_posting(self.env)
        # One message for all locked bins, before any work; the quants would refuse one by one.
        lines = moves.move_line_ids.filtered(
            lambda line: line.picked and line.quantity and line.product_id.type == "product"
            and not (posting and line.move_id.cycle_count_line_id.id in posting))
        (lines.location_id | lines.location_dest_id).with_context(**{POSTING_KEY: False})._check_no_count_lock()
        events = self.env["stock.cycle.count.event"].sudo()
        short = events._get_short(moves, cancel_backorder)
        done = super(StockMove, moves)._action_done(cancel_backorder=cancel_backorder)
        events._notice(done, short)
        return done

    # Where stock is valued. These methods are those of stock_account, on which this addon does not depend: nobody calls
    # them where it is not installed.

    def _create_in_svl(self, forced_quantity=None):
        return self._keep_layers(super()._create_in_svl(forced_quantity))

    def _create_out_svl(self, forced_quantity=None):
        return self._keep_layers(super()._create_out_svl(forced_quantity))

    def _keep_layers(self, layers):
        """Keep the layers of a posting for it to book them; core books what is returned."""
        posting = get_posting(self.env)
        if not posting:
            return layers
        kept = layers.filtered(lambda layer: layer.stock_move_id.cycle_count_line_id.id in posting)
        posting.layer_ids += kept.ids
        return layers - kept

    def _book_layers(self, layer_ids):
        """Do for layers of a posting what core does for others. Those that are valued by hand have no journal entries,
        nor anything to reconcile, for which core would look product by product; those of a sheet that has one entry are
        booked with it.
        """
        if not layer_ids:
            return
        layers = self.env["stock.valuation.layer"].sudo().browse(layer_ids)
        layers.filtered(lambda layer: (
            layer.product_id.with_company(layer.company_id).valuation == "real_time"
            and not layer.stock_move_id.cycle_count_id._is_booked_as_one()))._validate_accounting_entries()
        layers._validate_analytic_accounting_entries()
        if not is_consistent(layers):
            layers._check_company()

    def _get_journal_entries(self):
        """Journal entries of these moves, be they theirs alone or their sheet's; none where stock is not valued."""
        if "stock_valuation_layer_ids" not in self._fields:
            return self.browse()
        return self.account_move_ids | self.stock_valuation_layer_ids.account_move_id

    def action_get_account_moves(self):
        action = super().action_get_account_moves()
        return dict(action, domain=[("id", "in", self._get_journal_entries().ids)])
