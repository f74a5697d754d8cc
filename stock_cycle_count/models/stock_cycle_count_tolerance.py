from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ..tools import verdict

#: Limits that a tolerance may set; each has a field of its name, and a ``has_`` field that says whether it tests.
LIMITS = ("over_qty", "over_percent", "over_value", "under_qty", "under_percent", "under_value", "level2_value",
          "cap_value")


class StockCycleCountTolerance(models.Model):
    """What is small enough. Rules are read in order; the first that matches a line judges it.

    Controllers keep tolerances. A limit that is not set does not test; breaking any one needs approval.
    """

    _name = "stock.cycle.count.tolerance"
    _description = "Count Tolerance"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")

    # What it judges
    abc_class_ids = fields.Many2many(
        "stock.abc.class", string="ABC Classes", check_company=True, help="Empty: every class, and no class.")
    categ_ids = fields.Many2many("product.category", string="Product Categories", help="With all below them.")
    product_ids = fields.Many2many("product.product", string="Products", check_company=True)
    location_ids = fields.Many2many(
        "stock.location", string="Locations", check_company=True, help="With all below them.")

    # Limits
    has_over_qty = fields.Boolean("Limit surplus quantity")
    over_qty = fields.Float("Surplus Quantity", digits="Product Unit of Measure", tracking=True)
    has_over_percent = fields.Boolean("Limit surplus percentage")
    over_percent = fields.Float("Surplus (%)", tracking=True)
    has_over_value = fields.Boolean("Limit surplus value")
    over_value = fields.Monetary("Surplus Value", tracking=True)
    has_under_qty = fields.Boolean("Limit shortage quantity")
    under_qty = fields.Float("Shortage Quantity", digits="Product Unit of Measure", tracking=True)
    has_under_percent = fields.Boolean("Limit shortage percentage")
    under_percent = fields.Float("Shortage (%)", tracking=True)
    has_under_value = fields.Boolean("Limit shortage value")
    under_value = fields.Monetary("Shortage Value", tracking=True)
    recount = fields.Boolean(
        "Recount First", tracking=True, help="What is out of tolerance is recounted before anybody is asked.")
    has_level2_value = fields.Boolean("Own value for the second level")
    level2_value = fields.Monetary(
        "Second Level From", tracking=True,
        help="From this value on a controller approves as well. 0: always, for instance for a class.")
    has_cap_value = fields.Boolean("Limit what passes in sum")
    cap_value = fields.Monetary(
        "Cap", tracking=True,
        help="What passes without approval stays under this value; beyond it even small differences need approval.")
    cap_days = fields.Integer("Cap Days", default=90)
    cap_scope = fields.Selection(
        [("product", "Product"), ("location", "Location")], "Cap Per", default="product", required=True)

    _sql_constraints = [
        ("limits_positive",
         "CHECK (over_qty >= 0 AND over_percent >= 0 AND over_value >= 0 AND under_qty >= 0 AND under_percent >= 0 "
         "AND under_value >= 0 AND level2_value >= 0 AND cap_value >= 0)",
         "Limits cannot be negative; surplus and shortage have limits of their own."),
    ]

    @api.constrains("has_cap_value", "cap_days")
    def _check_cap_days(self):
        for tolerance in self:
            if tolerance.has_cap_value and tolerance.cap_days < 1:
                raise ValidationError(_(
                    "Tolerance %(name)s: “Cap Days” must be at least 1.", name=tolerance.name))

    # Business

    def _get_limits(self):
        """The limits as the verdict takes them."""
        self.ensure_one()
        return verdict.Limits(
            recount=self.recount, **{name: self[name] if self[f"has_{name}"] else None for name in LIMITS})

    def _matches(self, line):
        """Whether this rule judges a line."""
        self.ensure_one()
        if self.abc_class_ids and line.abc_class_id not in self.abc_class_ids:
            return False
        if self.product_ids and line.product_id not in self.product_ids:
            return False
        return (not self.categ_ids or _is_below(line.product_id.categ_id, self.categ_ids)) and (
            not self.location_ids or _is_below(line.location_id, self.location_ids))

    @api.model
    def _get_by_company(self, companies):
        """Rules of companies in their order: ``{company: rules}``."""
        rules = self.sudo().search([("company_id", "in", companies.ids)])
        return {company: rules.filtered(lambda rule: rule.company_id == company) for company in companies}

    def _get_passed_values(self, lines):
        """Value that passed this rule without approval within the days of its cap, for the caps of these lines.

        :return: ``{product or location id: value}``
        """
        self.ensure_one()
        field = f"{self.cap_scope}_id"
        since = fields.Datetime.now() - timedelta(days=self.cap_days)
        groups = self.env["stock.cycle.count.line"].sudo()._read_group(
            [("company_id", "=", self.company_id.id), ("verdict", "=", "within"), ("count_date", ">=", since),
             ("state", "in", ("counted", "posted")), (field, "in", lines[field].ids), ("id", "not in", lines.ids)],
            [field], ["passed_value:sum"])
        return {record.id: value for record, value in groups}


def _is_below(record, ancestors):
    """Whether a record of a tree stands at or below one of some others."""
    path = record.parent_path or ""
    return any(path.startswith(ancestor.parent_path) for ancestor in ancestors)
