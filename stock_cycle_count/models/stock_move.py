from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        # One message for all locked bins, before any work; the quants would refuse one by one.
        lines = self.move_line_ids.filtered("quantity")
        (lines.location_id | lines.location_dest_id)._check_no_count_lock()
        return super()._action_done(cancel_backorder=cancel_backorder)
