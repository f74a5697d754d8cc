from odoo import _, api, models

from ..tools import notifications, numbers
from .context import get_posting


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["stock.cycle.count.gate"]._check_lines(
            lines.filtered(lambda line: line.state == "done"), "create a done move line")
        return lines

    def write(self, vals):
        guarded = {"quantity", "location_id", "location_dest_id", "product_id", "product_uom_id", "lot_id", "lot_name",
                   "package_id", "result_package_id", "owner_id", "state", "move_id"} & set(vals)
        gate = self.env["stock.cycle.count.gate"]
        if guarded:
            # Before and after: a done adjustment is not turned into something else, nor anything else into one.
            gate._check_lines(self.filtered(lambda line: line.state == "done"), "change a done move line")
        result = super().write(vals)
        if guarded:
            gate._check_lines(self.filtered(lambda line: line.state == "done"), "change a done move line")
        return result

    def _action_done(self):
        self.env["stock.cycle.count.gate"]._check_lines(
            self.filtered(lambda line: line.quantity), "transfer to or from inventory loss")
        return super()._action_done()

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
        adjusting = gate._get_adjusting(self).filtered(
            lambda line: line.is_inventory and line.state == "done" and not numbers.is_zero(
                line.quantity, line.product_uom_id.rounding))
        if not adjusting:
            return super().action_revert_inventory()
        adjusting.check_access_rights("read")
        adjusting.check_access_rule("read")
        others = (self - adjusting).filtered("is_inventory")
        if others:
            super(StockMoveLine, others).action_revert_inventory()
        lines = gate._hold_changes([gate._get_line_change(line, sign=-1) for line in adjusting])
        return notifications.warning(_("%(number)s reversals wait for approval under Cycle Counts.", number=len(lines)))
