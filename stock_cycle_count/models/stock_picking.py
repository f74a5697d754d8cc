from odoo import _, api, fields, models

from .constants import HOLDING_STATES


class StockPicking(models.Model):
    _inherit = "stock.picking"

    cycle_count_warning = fields.Char(compute="_compute_cycle_count_warning")

    @api.depends("state", "move_line_ids.location_id", "move_line_ids.location_dest_id")
    def _compute_cycle_count_warning(self):
        """Who counts what in the locations of an open transfer, where the sheet wants it to be known."""
        opened = self.filtered(lambda picking: picking.state not in ("done", "cancel"))
        (self - opened).cycle_count_warning = False
        lines = opened.move_line_ids
        counted = {}
        for location, sheet in self.env["stock.cycle.count.line"].sudo()._read_group(
                [("location_id", "in", (lines.location_id | lines.location_dest_id).ids),
                 ("state", "!=", "cancel"), ("count_id.lock_mode", "in", ("warn", "block")),
                 ("count_id.state", "in", HOLDING_STATES),
                 "|", ("count_id.state", "=", "in_progress"), ("count_id.lock_mode", "=", "block")],
                ["location_id", "count_id"]):
            counted.setdefault(location.id, sheet)
        for picking in opened:
            locations = picking.move_line_ids.location_id | picking.move_line_ids.location_dest_id
            picking.cycle_count_warning = "\n".join(
                _("%(location)s is being counted by %(counter)s (%(sheet)s).", location=location.display_name,
                  counter=counted[location.id].user_id.name, sheet=counted[location.id].name)
                for location in locations if location.id in counted)
