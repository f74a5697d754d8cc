from odoo import api, fields, models
from odoo.tools import SQL

#: What a stock key is made of.
KEY_FIELDS = ("product_id", "location_id", "lot_id", "package_id", "owner_id")
#: States in which a line claims its stock key.
OPEN_STATES = ("pending", "counted", "recount", "to_approve", "approved")


class StockCycleCountLine(models.Model):
    """One stock key to count. At most one line per key is open, which the database ensures."""

    _name = "stock.cycle.count.line"
    _description = "Count Line"
    _order = "count_id, sequence, id"
    _rec_name = "product_id"
    _check_company_auto = True

    count_id = fields.Many2one("stock.cycle.count", "Sheet", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    product_id = fields.Many2one("product.product", required=True, index=True, check_company=True)
    location_id = fields.Many2one("stock.location", required=True, index=True, check_company=True)
    lot_id = fields.Many2one("stock.lot", "Lot/Serial Number", check_company=True, index="btree_not_null")
    package_id = fields.Many2one("stock.quant.package", "Package", check_company=True, index="btree_not_null")
    owner_id = fields.Many2one("res.partner", "Owner", check_company=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    position_id = fields.Many2one("stock.cycle.count.position", ondelete="set null", index=True)
    quant_id = fields.Many2one("stock.quant", ondelete="set null", index="btree_not_null")
    abc_class_id = fields.Many2one("stock.abc.class", "Class", ondelete="set null")
    selection_reason = fields.Selection(
        [("class", "Interval of its class"),
         ("location", "Frequency of its location"),
         ("annual", "Yearly inventory"),
         ("manual", "Asked for by a person"),
         ("found", "Found while counting")],
        "Why", required=True, readonly=True, default="manual")
    due_date = fields.Date("Due", readonly=True)
    scheduled_date = fields.Date(related="count_id.scheduled_date", store=True, index=True)
    user_id = fields.Many2one(related="count_id.user_id", store=True, index=True)
    state = fields.Selection(
        [("pending", "To Count"), ("counted", "Counted"), ("recount", "To Recount"), ("to_approve", "To Approve"),
         ("approved", "Approved"), ("rejected", "Rejected"), ("posted", "Posted"), ("cancel", "Cancelled")],
        required=True, readonly=True, copy=False, default="pending", index=True)

    def init(self):
        self.env.cr.execute(SQL(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS stock_cycle_count_line_open_key
                ON stock_cycle_count_line (
                    company_id, product_id, location_id, COALESCE(lot_id, 0), COALESCE(package_id, 0),
                    COALESCE(owner_id, 0))
             WHERE state IN ('pending', 'counted', 'recount', 'to_approve', 'approved')
            """))

    @api.depends("product_id", "location_id", "lot_id")
    def _compute_display_name(self):
        for line in self:
            parts = [line.product_id.display_name, line.lot_id.name, line.location_id.display_name]
            line.display_name = " / ".join(part for part in parts if part)

    def _cancel(self):
        """Release the stock keys of lines that are still open."""
        self.filtered(lambda line: line.state in OPEN_STATES).write({"state": "cancel"})
