from odoo import _, api, fields, models
from odoo.exceptions import UserError


class StockCycleCountFound(models.TransientModel):
    """Counts what is there and stands on no line, at a desk: the scanner does the same on the spot."""

    _name = "stock.cycle.count.found"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Add Found Stock"

    count_id = fields.Many2one("stock.cycle.count", "Sheet", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="count_id.company_id")
    location_ids = fields.Many2many("stock.location", string="Locations of the Sheet", compute="_compute_location_ids")
    location_id = fields.Many2one(
        "stock.location", "Location", required=True, domain="[('id', 'in', location_ids)]",
        compute="_compute_location_id", store=True, precompute=True, readonly=False)
    product_id = fields.Many2one(
        "product.product", "Product", required=True,
        domain="[('type', '=', 'product'), '|', ('company_id', '=', False), ('company_id', 'parent_of', company_id)]")
    tracking = fields.Selection(related="product_id.tracking")
    # A name: counters may not read lots, and one that nobody knows is made.
    lot_name = fields.Char("Lot or Serial Number")
    package_id = fields.Many2one("stock.quant.package", "Package")
    quantity = fields.Char(
        "Counted", required=True,
        help="A number in the product's unit, packs like 3x12+5, or other units like 2 Dozens + 5.")
    counted_date = fields.Datetime("Counted At", help="When it was counted, if it was noted on paper. Empty: now.")

    @api.depends("count_id")
    def _compute_location_ids(self):
        for wizard in self:
            wizard.location_ids = wizard._get_locations()

    @api.depends("count_id")
    def _compute_location_id(self):
        """Where there is nothing to choose, it is chosen."""
        for wizard in self:
            locations = wizard._get_locations()
            wizard.location_id = locations if len(locations) == 1 else False

    def _get_locations(self):
        """Where something can be found: the locations of the sheet."""
        return self.count_id.sudo().line_ids.filtered(lambda line: line.state != "cancel").location_id.sudo(False)

    def action_add(self):
        """Add the line and count it.

        :raise UserError: when the user does not count the sheet, or it cannot be counted there
        """
        self.ensure_one()
        count = self.count_id
        count.check_access_rights("read")
        count.check_access_rule("read")
        count._check_mine()
        if self.location_id not in self.location_ids:
            raise UserError(_("This location is not on sheet %(sheet)s.", sheet=count.name))
        lot = self.env["stock.cycle.count.scanner.found"].sudo()._get_or_create_lot(
            {"lot_name": self.lot_name}, self.product_id, count.company_id)
        line = count._add_found(self.location_id, self.product_id, lot, self.package_id)
        if line.sudo().state not in ("pending", "recount"):
            raise UserError(_("%(line)s is on this sheet and counted already. Correct it there.", line=line.display_name))
        self.env["stock.cycle.count.entry"]._record(
            [line._prepare_count(self.quantity, self.counted_date)], "paper" if self.counted_date else "web")
        return {"type": "ir.actions.act_window_close"}
