from collections import defaultdict

from odoo import api, fields, models

from .context import get_posting

#: Models that say what stock there is, and what moved.
STOCK_MODELS = ("stock.quant", "stock.move", "stock.move.line", "stock.valuation.layer")


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["stock.cycle.count.blind.mixin", "product.product"]

    # Whoever may not read classes and positions reads products all the same, with all their other fields.
    abc_assignment_ids = fields.One2many(
        "stock.abc.assignment", "product_id", "ABC Classes", groups="stock.group_stock_user")
    abc_class_summary = fields.Char(
        "ABC Class", compute="_compute_abc_class_summary", groups="stock.group_stock_user",
        help="Class of the product by warehouse, of all profiles.")
    cycle_count_position_count = fields.Integer(
        "Count Positions", compute="_compute_cycle_count_positions", groups="stock.group_stock_user")
    cycle_count_waits = fields.Char("Open Counts", compute="_compute_cycle_count_waits", groups="stock.group_stock_user")
    cycle_count_next_date = fields.Date(
        "Next Cycle Count", compute="_compute_cycle_count_positions", groups="stock.group_stock_user")

    @api.model
    def _get_blind_fields(self):
        # Of other modules, too: layers of valuation, lines of orders and whatever else says that there is some.
        return {name for name, field in self._fields.items() if field.comodel_name in STOCK_MODELS}

    def write(self, vals):
        if "product_tmpl_id" in vals:
            self.env["stock.cycle.count.gate"]._check_product_vals(
                self.filtered(lambda product: product.product_tmpl_id.id != vals["product_tmpl_id"]), {"product_tmpl_id"})
        result = super().write(vals)
        if not vals.get("active", True):
            self.env["stock.cycle.count.position"]._rest([("product_id", "in", self.ids)])
        return result

    # Where stock is valued. This method is one of stock_account, as those of ``stock.move``.

    def _get_fifo_candidates(self, company):
        posting = get_posting(self.env)
        common = [("remaining_qty", ">", 0), ("company_id", "=", company.id)]
        # Where another module chooses them, it is asked for each product.
        if not posting or self._get_fifo_candidates_domain(company) != [("product_id", "=", self.id), *common]:
            return super()._get_fifo_candidates(company)
        Layer = self.env["stock.valuation.layer"].sudo()
        if company.id not in posting.candidate_ids:
            candidate_ids = posting.candidate_ids[company.id] = defaultdict(list)
            for layer in Layer.search([("product_id", "in", list(posting.quants.get_products())), *common]):
                candidate_ids[layer.product_id.id].append(layer.id)
        layers = Layer.browse(posting.candidate_ids[company.id][self.id]).filtered_domain(common)
        return layers.sorted(lambda layer: layer._candidate_sort_key()) if hasattr(layers, "_candidate_sort_key") else layers

    def _compute_abc_class_summary(self):
        assignments = self.env["stock.abc.assignment"].search([("product_id", "in", self.ids)])
        by_product = assignments.grouped("product_id")
        for product in self:
            own = by_product.get(product, assignments.browse()).filtered("effective_class_id")
            names = {assignment.effective_class_id.name for assignment in own}
            if len(names) <= 1:
                product.abc_class_summary = "".join(names)
            else:
                product.abc_class_summary = ", ".join(
                    f"{assignment.warehouse_id.code}: {assignment.effective_class_id.name}" for assignment in own)

    def _compute_cycle_count_positions(self):
        found = {
            product: (count, date) for product, count, date in self.env["stock.cycle.count.position"]._read_group(
                [("product_id", "in", self.ids)], ["product_id"], ["__count", "scheduled_date:min"])}
        for product in self:
            product.cycle_count_position_count, product.cycle_count_next_date = found.get(product, (0, False))

    def _compute_cycle_count_waits(self):
        """Who acts next on the counts that are open here."""
        badges = self.env["stock.cycle.count.line"]._get_badges("product_id", self)
        for record in self:
            record.cycle_count_waits = badges.get(record._origin, False)

    def action_view_cycle_count_positions(self):
        """Open the count positions of these products."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_position_action")
        return dict(action, domain=[("product_id", "in", self.ids)], context={})

    def action_view_abc_assignments(self):
        """Open the ABC classes of these products."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_abc_assignment_action")
        return dict(action, domain=[("product_id", "in", self.ids)], context={})

    def action_count_now(self):
        """Begin to count these products wherever they lie at once, on a blind sheet."""
        return self.env["stock.cycle.count"]._open_count_now(self.env.company, [("product_id", "in", self.ids)])
