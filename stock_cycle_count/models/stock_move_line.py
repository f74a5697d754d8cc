from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.osv import expression

from ..tools import notifications, numbers
from .context import get_posting
from .gate.stock_cycle_count_gate_moves import MOVED_FIELDS
from .posting.companies import is_consistent


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    cycle_count_done_date = fields.Datetime(
        "Done On", readonly=True, copy=False,
        help="When the stock moved. Unlike the date, which may be told later, nobody writes it.")

    @api.model_create_multi
    def create(self, vals_list):
        gate = self.env["stock.cycle.count.gate"]
        gate._check_frozen(
            self.move_id.browse({vals["move_id"] for vals in vals_list if vals.get("move_id")}),
            "add to a move of a count")
        lines = super().create([
            {name: value for name, value in vals.items() if name != "cycle_count_done_date"} for vals in vals_list])
        done = lines.filtered(lambda line: line.state == "done")
        done._note_done(fields.Datetime.now())
        gate._check_lines(done, "create a done move line")
        gate._check_added(done)
        self.env["stock.cycle.count.fingerprint"]._remember_added(done)
        return lines

    def write(self, vals):
        gate = self.env["stock.cycle.count.gate"]
        gate._check_frozen(self.move_id | self.move_id.browse(vals.get("move_id") or []), "change a move of a count")
        changed = MOVED_FIELDS & set(vals)
        if changed:
            done = self.filtered(lambda line: line.state == "done")
            # Before and after: a done adjustment is not turned into something else, nor anything else into one.
            gate._check_lines(done, "change a done move line")
            self.env["stock.cycle.count.fingerprint"]._remember(done)
        vals = {name: value for name, value in vals.items() if name != "cycle_count_done_date"}
        if "date" in vals and self.env.uid == SUPERUSER_ID:
            # What the books showed at a moment does not change with a date that is told later; what a migration tells of the
            # past is true.
            self.filtered(lambda line: line.state == "done")._note_done(vals["date"])
        result = super().write(vals)
        if changed:
            gate._check_lines(self.filtered(lambda line: line.state == "done"), "change a done move line")
        return result

    def unlink(self):
        self.env["stock.cycle.count.gate"]._check_frozen(self.move_id, "delete a move of a count")
        return super().unlink()

    def _check_company(self, fnames=None):  # pylint: disable=missing-return
        if fnames or not get_posting(self.env) or not is_consistent(self):
            super()._check_company(fnames)

    # The border of own stock

    @api.model
    def _get_border_domain(self):
        """Domain of the lines that cross the border of own stock; see ``_crosses_border``."""
        def lies_outside(name):
            return ["!", *expression.normalize_domain(self.env["stock.location"]._get_own_stock_domain(f"{name}."))]

        def lies_inside(name):
            return self.env["stock.location"]._get_own_stock_domain(f"{name}.")

        return expression.OR([
            expression.AND([lies_inside("location_id"), lies_outside("location_dest_id")]),
            expression.AND([lies_outside("location_id"), lies_inside("location_dest_id")])])

    def _crosses_border(self):
        """Whether the line takes stock in or out: one of its ends is own stock, the other is not."""
        self.ensure_one()
        return self.location_id._is_own_stock() != self.location_dest_id._is_own_stock()

    def _is_moved_by_hand(self):
        """Whether the line takes stock in or out by no more of a document than an internal transfer."""
        self.ensure_one()
        return self._crosses_border() and not self.move_id.is_inventory and (
            not self.move_id._has_document() or self.picking_id.picking_type_id.code == "internal"
            and not self.move_id.scrap_id)

    def _action_done(self):
        self.env["stock.cycle.count.gate"]._check_lines(
            self.filtered(lambda line: line.quantity), "move stock without a count")
        # Core deletes the others.
        moved = self.filtered(lambda line: line.quantity or line.is_inventory)
        result = super()._action_done()
        moved._note_done(fields.Datetime.now())
        return result

    def _note_done(self, date):
        """Note when stock moved."""
        return not self or super().write({"cycle_count_done_date": date})

    def _synchronize_quant(self, quantity, location, action="available", *args, **kwargs):
        # The lines of a posting reserved nothing when they were made, so that they release nothing.
        posting = get_posting(self.env)
        if action == "reserved" and posting and self.move_id.cycle_count_line_id.id in posting:
            return 0, False
        return super()._synchronize_quant(quantity, location, action, *args, **kwargs)

    def _get_revert_inventory_move_values(self):
        values = super()._get_revert_inventory_move_values()
        if self.move_id.cycle_count_transfer_id:
            # Core takes what it reverts from the package that it came from, and puts it there again.
            for _command, _id, line in values["move_line_ids"]:
                line.update(package_id=self.result_package_id.id, result_package_id=self.package_id.id)
        return values

    def action_revert_inventory(self):
        gate = self.env["stock.cycle.count.gate"]
        moved = self.filtered(
            lambda line: line.is_inventory and line.state == "done" and not numbers.is_zero(
                line.quantity, line.product_uom_id.rounding))
        held = gate._get_adjusting(moved) | gate._filter_gated(moved.filtered("move_id.cycle_count_line_id"))
        if not held:
            return super().action_revert_inventory()
        held.check_access_rights("read")
        held.check_access_rule("read")
        # Who may not move stock asks for no reversal either, though core lets every employee read and write lines of moves.
        self.env["stock.move"].check_access_rights("create")
        others = (self - held).filtered("is_inventory")
        if others:
            super(StockMoveLine, others).action_revert_inventory()
        lines = gate._hold_reversals(held)
        return notifications.warning(_("Reversals that wait for approval under Cycle Counting: %(number)s", number=len(lines)))
