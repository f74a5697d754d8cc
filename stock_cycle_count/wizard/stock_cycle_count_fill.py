from odoo import _, fields, models
from odoo.exceptions import UserError
from odoo.osv import expression

from ..tools import notifications

#: Which field says what each way of filling adds.
CHOICES = {"category": "categ_ids", "product": "product_ids", "class": "abc_class_ids", "location": "location_ids"}


class StockCycleCountFill(models.TransientModel):
    """Fills a sheet that is not started with stock: of places, categories, products or classes, what is negative, or what was
    never counted. What stands on another open sheet is left to that one.
    """

    _name = "stock.cycle.count.fill"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Add Lines to a Count Sheet"

    count_id = fields.Many2one("stock.cycle.count", "Sheet", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="count_id.company_id")
    by = fields.Selection(
        [("location", "Location"), ("category", "Product category"), ("product", "Product"), ("class", "ABC class"),
         ("negative", "Negative stock"), ("never", "Never counted")],
        "Add By", required=True, default="location")
    location_ids = fields.Many2many(
        "stock.location", string="Locations", check_company=True, domain="[('usage', 'in', ('view', 'internal', 'transit'))]",
        help="With all below them. Empty: those of the sheet's warehouse.")
    categ_ids = fields.Many2many("product.category", string="Categories", help="With all below them.")
    product_ids = fields.Many2many("product.product", string="Products", check_company=True)
    abc_class_ids = fields.Many2many("stock.abc.class", string="Classes")

    def _get_domain(self):
        """Quants that are to be counted.

        :raise UserError: when it is not said of what
        """
        name = CHOICES.get(self.by)
        if name and not self[name]:
            raise UserError(_("Say first what is to be added."))
        places = self.location_ids or self.count_id.warehouse_id.view_location_id
        domain = [("location_id", "child_of", places.ids)] if places else []
        chosen = {
            "category": [("product_id.categ_id", "child_of", self.categ_ids.ids)],
            "product": [("product_id", "in", self.product_ids.ids)],
            "class": [("abc_class_id", "in", self.abc_class_ids.ids)],
            "negative": [("quantity", "<", 0)],
        }.get(self.by, [])
        return expression.AND([domain, chosen, self._get_never_counted_domain() if self.by == "never" else []])

    def _get_never_counted_domain(self):
        """Quants of which no count is known."""
        counted = self.env["stock.cycle.count.position"].sudo().with_context(active_test=False).search([
            ("company_id", "=", self.company_id.id), ("last_count_date", "!=", False)])
        known = {(position.location_id.id, position.product_id.id) for position in counted}
        quants = self.env["stock.quant"].sudo().search([
            ("company_id", "=", self.company_id.id), ("location_id", "in", counted.location_id.ids)])
        return [("id", "not in", quants.filtered(lambda quant: quant._get_position_key() in known).ids)]

    def action_add(self):
        """Add what is free.

        :raise UserError: when the sheet is started, or nothing is found
        """
        self.ensure_one()
        count = self.count_id
        count._check_not_started()
        keys = count._find_keys(self.company_id, self._get_domain())
        free, taken = count._split_taken(keys) if keys else ([], count.line_ids)
        if not free:
            raise UserError(_("Nothing to add: the books show nothing of it, or it stands on open sheets already."))
        last = max(count.line_ids.mapped("sequence"), default=0)
        for key in free:
            key.pop("quant_id")
        self.env["stock.cycle.count.line"].create([
            dict(key, count_id=count.id, sequence=number) for number, key in enumerate(free, start=last + 1)])
        count._derive_warehouse()
        message = _("Lines added: %(number)s.", number=len(free))
        if taken:
            message += " " + _("Left to other sheets: %(number)s.", number=len(taken))
        return notifications.done(message, count.name)
