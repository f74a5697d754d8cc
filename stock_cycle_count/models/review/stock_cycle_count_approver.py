from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ...tools import trees
from ..constants import LEVEL_GROUPS


class StockCycleCountApprover(models.Model):
    """Who is asked first to decide on which differences. The first rule that fits counts; when all whom it names are away,
    the next one. Whoever else has the role may decide as well: a rule asks, it excludes nobody.
    """

    _name = "stock.cycle.count.approver"
    _description = "Approver"
    _inherit = ["stock.cycle.count.logged.mixin", "stock.cycle.count.request.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    level = fields.Selection([("1", "First"), ("2", "Second")], required=True, default="1")
    user_ids = fields.Many2many("res.users", string="Who Is Asked", required=True, check_company=True)
    warehouse_ids = fields.Many2many("stock.warehouse", string="Warehouses", check_company=True, help="Empty: all.")
    categ_ids = fields.Many2many("product.category", string="Product Categories", help="With all below them. Empty: all.")
    from_value = fields.Monetary("From Value", help="For differences that are worth at least so much, up or down.")

    _sql_constraints = [("value_positive", "CHECK (from_value >= 0)", "“From Value” cannot be negative.")]

    @api.depends("level", "user_ids")
    def _compute_display_name(self):
        for rule in self:
            people = ", ".join(rule.user_ids.mapped("name"))
            rule.display_name = people and _("Level %(level)s: %(people)s", level=rule.level, people=people)

    @api.constrains("level", "user_ids")
    def _check_roles(self):
        """Nobody is asked who may not decide."""
        for rule in self:
            group = self.env.ref(LEVEL_GROUPS[int(rule.level)]).sudo()
            lacking = rule.user_ids - group.users
            if not rule.user_ids or lacking:
                raise ValidationError(_(
                    "Choose people who have the role %(role)s; these have not: %(people)s.", role=group.name,
                    people=", ".join(lacking.mapped("name")) or "-"))

    @api.model
    def _get_logged_fields(self):
        return {"active", "company_id", "level", "user_ids", "warehouse_ids", "categ_ids", "from_value"}

    def _matches(self, line):
        """Whether the rule is for a line."""
        self.ensure_one()
        warehouse = line.count_id.warehouse_id or line.location_id.warehouse_id
        return ((not self.warehouse_ids or warehouse in self.warehouse_ids)
                and (not self.categ_ids or trees.is_below(line.category_path or "", self.categ_ids.mapped("parent_path")))
                and abs(line.variance_value) >= self.from_value)
