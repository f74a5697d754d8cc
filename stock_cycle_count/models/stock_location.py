from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools import sheet_packing
from .constants import HOLDING_STATES
from .context import get_posting


class StockLocation(models.Model):
    _name = "stock.location"
    _inherit = ["stock.cycle.count.logged.mixin", "stock.cycle.count.blind.mixin", "stock.location"]

    cycle_count_excluded = fields.Boolean(
        "Excluded from Cycle Counting", help="Neither this location nor those below it are scheduled.")
    cycle_count_lock_id = fields.Many2one(
        "stock.cycle.count", "Locked by Count Sheet", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null", groups="stock.group_stock_user",
        help="No stock moves in or out until this sheet ends or a supervisor releases it.")
    cycle_count_position_count = fields.Integer(
        "Count Positions", compute="_compute_cycle_count_positions", groups="stock.group_stock_user")
    cycle_count_late_count = fields.Integer(
        "Late Count Positions", compute="_compute_cycle_count_positions", groups="stock.group_stock_user")
    cycle_count_waits = fields.Char("Open Counts", compute="_compute_cycle_count_waits", groups="stock.group_stock_user")
    cycle_count_next_date = fields.Date(
        "Next Cycle Count", compute="_compute_cycle_count_positions", groups="stock.group_stock_user")

    # Core lets everybody read it; whoever counted blind would see that something was posted.
    last_inventory_date = fields.Date(groups="stock.group_stock_user")
    next_inventory_date = fields.Date(groups="stock.group_stock_user")

    # Whoever posts is the last who wrote on it.
    write_uid = fields.Many2one(prefetch=False)
    write_date = fields.Datetime(prefetch=False)

    @api.model
    def _get_blind_fields(self):
        return {"quant_ids", "incoming_move_line_ids", "outgoing_move_line_ids", "write_uid", "write_date"}

    def write(self, vals):
        if "cycle_count_lock_id" in vals and not self.env.su:
            self.env["stock.cycle.count.audit.log"]._log("lock or release a location", ", ".join(
                self.sudo().mapped("display_name")), self.sudo().company_id[:1])
            raise AccessError(_(
                "Locations are locked by the sheets that count them. Release them on the sheet."))
        self.env["stock.cycle.count.gate"]._check_location_vals(vals, self)
        result = super().write(vals)
        if vals.get("cycle_count_excluded") or not vals.get("active", True):
            self.env["stock.cycle.count.position"]._rest([("location_id", "child_of", self.ids)])
        return result

    @api.model
    def _get_logged_fields(self):
        return {"cycle_count_excluded", "active"}

    def _logs_creation(self):
        # Bins come and go by thousands; one that nobody is to count is another matter.
        return self.cycle_count_excluded

    def _compute_cycle_count_positions(self):
        """Positions in these locations themselves, not below them."""
        Position = self.env["stock.cycle.count.position"]
        domain = [("location_id", "in", self.ids)]
        found = {
            location: (count, date) for location, count, date in Position._read_group(
                domain, ["location_id"], ["__count", "scheduled_date:min"])}
        late = dict(Position._read_group(domain + [("is_late", "=", True)], ["location_id"], ["__count"]))
        for location in self:
            count, date = found.get(location, (0, False))
            location.cycle_count_position_count = count
            location.cycle_count_next_date = date
            location.cycle_count_late_count = late.get(location, 0)

    def _compute_cycle_count_waits(self):
        """Who acts next on the counts that are open here."""
        badges = self.env["stock.cycle.count.line"]._get_badges("location_id", self)
        for record in self:
            record.cycle_count_waits = badges.get(record._origin, False)

    def action_view_cycle_count_positions(self):
        """Open the count positions of these locations and those below."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_position_action")
        return dict(action, domain=[("location_id", "child_of", self.ids)], context={})

    def _is_own_stock(self):
        """Whether what lies here belongs to a company's stock, as valuation sees it: goods in transit to nobody's
        location do not.
        """
        return self.usage == "internal" or self.usage == "transit" and bool(self.company_id)

    @api.model
    def _get_own_stock_domain(self, prefix=""):
        """Domain of the locations of which ``_is_own_stock`` is true.

        :param prefix: path to the location from the model that is searched, with its dot
        """
        return ["|", (f"{prefix}usage", "=", "internal"),
                "&", (f"{prefix}usage", "=", "transit"), (f"{prefix}company_id", "!=", False)]

    def _lock_for_waiting_counts(self):
        """Give released locations to the blocking sheets that count them as well."""
        if not self:
            return
        lines = self.env["stock.cycle.count.line"].sudo().search([
            ("location_id", "in", self.ids), ("state", "!=", "cancel"), ("count_id.lock_mode", "=", "block"),
            ("count_id.state", "in", HOLDING_STATES)], order="id")
        for line in lines:
            if not line.location_id.cycle_count_lock_id:
                line.location_id.cycle_count_lock_id = line.count_id

    def _check_no_count_lock(self):
        """Refuse moves in and out of locations that a blocking sheet counts, but for the sheet's own postings.

        :raise UserError: naming locations, sheet, counter and how to release them
        """
        posting = get_posting(self.env)
        locked = self.sudo().filtered(
            lambda location: location.cycle_count_lock_id and not (posting and location.id in posting.location_ids))
        if locked:
            sheets = locked.cycle_count_lock_id
            raise UserError(_(
                "%(locations)s: stock does not move here while it is counted (%(sheets)s). Wait until the sheet is done, "
                "or ask a count supervisor to release the locations on it.",
                locations=", ".join(locked.mapped("display_name")),
                sheets=", ".join(f"{sheet.name}, {sheet.user_id.name}" for sheet in sheets)))

    def _get_picked_places(self):
        """Those of these locations in which stands what was picked: where a warehouse packs and from where it ships."""
        shipping = self.warehouse_id.wh_output_stock_loc_id | self.warehouse_id.wh_pack_stock_loc_id
        return self.filtered(lambda location: any(
            location.parent_path.startswith(place.parent_path) for place in shipping))

    def _get_walking_key(self):
        """Place of the location in walking order; see ``tools.sheet_packing.walking_key``."""
        self.ensure_one()
        return sheet_packing.walking_key(self.posx, self.posy, self.posz, self.complete_name)

    def _get_zones(self, warehouse):
        """Zone of each location: the one directly below the stock location of the warehouse that it is in.

        A location outside of the stock location belongs to the zone directly below the warehouse.

        :return: ``{location id: zone id}``
        """
        tops = {warehouse.lot_stock_id.id, warehouse.view_location_id.id}
        zones = {}
        for location in self:
            path = [int(part) for part in location.parent_path.split("/")[:-1]]
            below = [index for index, location_id in enumerate(path) if location_id in tops]
            index = below[-1] + 1 if below else len(path) - 1
            zones[location.id] = path[min(index, len(path) - 1)]
        return zones

    def action_count_now(self):
        """Begin to count these locations, with those below them, at once, on a blind sheet."""
        companies = self.sudo().company_id or self.env.company
        return self.env["stock.cycle.count"]._open_count_now(companies[:1], [("location_id", "child_of", self.ids)])
