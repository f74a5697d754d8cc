from odoo import _, api, fields, models

from .constants import HOLDING_STATES


class StockPicking(models.Model):
    _inherit = "stock.picking"

    cycle_count_warning = fields.Char(compute="_compute_cycle_count_warning")

    @api.depends("state", "move_ids.state", "move_line_ids.location_id", "move_line_ids.location_dest_id")
    def _compute_cycle_count_warning(self):
        """Who counts what in the locations of an open transfer, where the sheet wants it to be known."""
        opened = self.filtered(lambda picking: picking.state not in ("done", "cancel"))
        (self - opened).cycle_count_warning = False
        touched = opened._get_touched_locations()
        counted = {}
        for location, sheet in self.env["stock.cycle.count.line"].sudo()._read_group(
                [("location_id", "in", [location.id for locations in touched.values() for location in locations]),
                 ("state", "!=", "cancel"), ("count_id.lock_mode", "in", ("warn", "block")),
                 ("count_id.state", "in", HOLDING_STATES),
                 "|", ("count_id.state", "=", "in_progress"), ("count_id.lock_mode", "=", "block")],
                ["location_id", "count_id"]):
            counted.setdefault(location.id, sheet)
        for picking in opened:
            picking.cycle_count_warning = "\n".join(
                _("%(location)s is being counted by %(counter)s (%(sheet)s).", location=location.display_name,
                  counter=counted[location.id].user_id.name, sheet=counted[location.id].name)
                for location in touched[picking] if location.id in counted)

    def _get_touched_locations(self):
        """Locations that each of these transfers moves goods in or out of, and locked ones that hold what it still
        lacks, for nothing is reserved there.
        """
        touched = {picking: picking.move_line_ids.location_id | picking.move_line_ids.location_dest_id for picking in self}
        lacking = self.move_ids.filtered(lambda move: move.state in ("confirmed", "partially_available"))
        held = self.env["stock.quant"].sudo().search([
            ("location_id.cycle_count_lock_id", "!=", False), ("location_id", "child_of", lacking.location_id.ids),
            ("product_id", "in", lacking.product_id.ids), ("quantity", ">", 0)]) if lacking else self.env["stock.quant"]
        for product, quants in held.grouped("product_id").items():
            for move in lacking.filtered(lambda move: move.product_id == product):
                touched[move.picking_id] |= quants.location_id.sudo(False).filtered(
                    lambda location: location.parent_path.startswith(move.location_id.parent_path))
        return touched
