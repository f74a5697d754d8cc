from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    abc_class_summary = fields.Char("ABC Class", compute="_compute_cycle_count", groups="stock.group_stock_user")
    cycle_count_position_count = fields.Integer(
        "Count Positions", compute="_compute_cycle_count", groups="stock.group_stock_user")
    cycle_count_waits = fields.Char("Open Counts", compute="_compute_cycle_count", groups="stock.group_stock_user")
    cycle_count_next_date = fields.Date(
        "Next Cycle Count", compute="_compute_cycle_count", groups="stock.group_stock_user")

    def write(self, vals):
        for name in {"tracking", "type", "detailed_type", "uom_id"} & set(vals):
            changed = self.filtered(lambda template: template[name] != (
                template[name].browse(vals[name]) if name == "uom_id" else vals[name]))
            self.env["stock.cycle.count.gate"]._check_product_vals(
                changed.with_context(active_test=False).product_variant_ids, {name})
        return super().write(vals)

    def _compute_cycle_count(self):
        """What the variants say, together."""
        for template in self:
            variants = template.product_variant_ids
            dates = [date for date in variants.mapped("cycle_count_next_date") if date]
            template.cycle_count_position_count = sum(variants.mapped("cycle_count_position_count"))
            template.cycle_count_waits = " ".join(filter(None, variants.mapped("cycle_count_waits")))
            template.cycle_count_next_date = min(dates, default=False)
            template.abc_class_summary = ", ".join(
                sorted({summary for summary in variants.mapped("abc_class_summary") if summary}))

    def action_view_cycle_count_positions(self):
        """Open the count positions of all variants."""
        return self.product_variant_ids.action_view_cycle_count_positions()

    def action_view_abc_assignments(self):
        """Open the ABC classes of all variants."""
        return self.product_variant_ids.action_view_abc_assignments()

    def action_count_now(self):
        """Begin to count all variants wherever they lie at once, on a blind sheet."""
        return self.product_variant_ids.action_count_now()
