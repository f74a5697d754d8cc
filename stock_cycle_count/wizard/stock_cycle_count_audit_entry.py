from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ..tools import notifications


class StockCycleCountAuditEntry(models.TransientModel):
    """Takes what an auditor counted, of what waits to be counted, or of what lies on the floor."""

    _name = "stock.cycle.count.audit.entry"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Enter an Auditor's Count"

    test_id = fields.Many2one("stock.cycle.count.audit.count", "To Count", ondelete="cascade")
    location_id = fields.Many2one(
        "stock.location", "Location", compute="_compute_place", store=True, readonly=False, ondelete="cascade",
        domain="[('usage', 'in', ('internal', 'transit'))]")
    product_id = fields.Many2one(
        "product.product", "Product", compute="_compute_place", store=True, readonly=False, ondelete="cascade",
        domain="[('type', '=', 'product')]")
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    quantity = fields.Float("Counted", digits="Product Unit of Measure", help="All lots, packages and owners together.")
    note = fields.Text()

    @api.depends("test_id")
    def _compute_place(self):
        for entry in self:
            entry.location_id, entry.product_id = entry.test_id.location_id, entry.test_id.product_id

    def action_enter(self):
        """Keep what was counted.

        :return: an action that says what came of it
        :raise AccessError: for whoever is no auditor
        :raise UserError: when it was counted already or cannot be, or when no number was typed in
        """
        self.ensure_one()
        if not self.quantity:
            raise UserError(_("Type in what was counted. When nothing of it is there, press “Nothing Is There”."))
        return self._enter(self.quantity)

    def action_enter_nothing(self):
        """Keep that nothing of it is there: 0 is said, never left over.

        :return: an action that says what came of it
        :raise AccessError: for whoever is no auditor
        :raise UserError: when it was counted already or cannot be
        """
        self.ensure_one()
        return self._enter(0)

    def _enter(self, quantity):
        if not self.location_id or not self.product_id:
            raise UserError(_("Say what was counted, and where."))
        test = self.test_id or self.test_id._find_on_floor(self.location_id, self.product_id)
        return test.with_env(self.env)._enter(quantity, self.note)


class StockCycleCountAuditDraw(models.TransientModel):
    """Draws positions at random for an auditor to count."""

    _name = "stock.cycle.count.audit.draw"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Draw for an Auditor's Count"

    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="cascade", default=lambda self: self.env[
        "stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1))
    number = fields.Integer("Positions", required=True, default=10)

    def action_draw(self):
        """Draw, and show what is to be counted.

        :raise AccessError: for whoever is no auditor of the warehouse's company
        :raise UserError: when there is nothing to draw from
        """
        self.ensure_one()
        drawn = self.env["stock.cycle.count.audit.count"]._draw(self.warehouse_id, self.number)
        return notifications.done(
            _("Drawn to be counted: %(number)s", number=len(drawn)), None, dict(
                self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_audit_count_action"),
                target="main"))
