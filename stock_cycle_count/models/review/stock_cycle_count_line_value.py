from odoo import SUPERUSER_ID, api, fields, models

from ...tools import numbers, valuation


class StockCycleCountLineValue(models.AbstractModel):
    """What a difference is worth: what valuation will book for it, and once it is posted, what valuation booked.

    A shortage of FIFO goods is worth the layers that it will take, others their cost; goods of another owner, and stock
    that no company values, are worth nothing in the books. Without valuation it is the cost of the product.
    """

    _name = "stock.cycle.count.line.value"
    _description = "Value of a Count Line"

    currency_id = fields.Many2one("res.currency")
    unit_cost = fields.Float(
        compute="_compute_unit_cost", store=True, group_operator=False, groups="stock_cycle_count.group_approver",
        help="What one unit of the difference is worth in the books. Of FIFO goods the mean of the layers that it takes.")
    variance_value = fields.Monetary(
        "Difference (Value)", compute="_compute_values", store=True, groups="stock_cycle_count.group_approver")
    transfer_value = fields.Monetary(
        "Transferred Value", compute="_compute_values", store=True, groups="stock_cycle_count.group_approver")
    adjustment_value = fields.Monetary(
        "Adjustment Value", compute="_compute_values", store=True, groups="stock_cycle_count.group_approver",
        help="What is booked. Once it is posted, the sum of its valuation layers, corrections included.")

    @api.depends("result_entry_id")
    def _compute_unit_cost(self):
        for line in self:
            # Where the bin stands is asked when the line is judged: every scan would read it.
            own = line.result_entry_id and line._is_own()
            line.unit_cost = line.product_id.with_company(line.company_id).standard_price if own else 0

    @api.model
    def _get_layer_depends(self):
        """What the value of a posted line follows, where stock is valued at all."""
        valued = "stock_valuation_layer_ids" in self.env["stock.move"]._fields
        return ("move_ids.stock_valuation_layer_ids.value",) if valued else ()

    @api.depends(lambda self: (
        "variance_qty", "transfer_qty", "adjustment_qty", "unit_cost", *self._get_layer_depends()))
    def _compute_values(self):
        valued = self._get_layer_depends()
        for line in self:
            # While it is counted it has none, and every scan would look for them.
            layers = line.sudo().move_ids.stock_valuation_layer_ids if valued and line.verdict else ()
            line.transfer_value = line._round_value(line.transfer_qty * line.unit_cost)
            line.adjustment_value = sum(layers.mapped("value")) if layers else line._round_value(
                line.adjustment_qty * line.unit_cost)
            line.variance_value = line.adjustment_value + line.transfer_value

    def _round_value(self, value):
        """An amount of the company's currency, in its cents."""
        return self.currency_id.round(value) if value and self.currency_id else value

    def _is_own(self):
        """Whether what is counted belongs to the company."""
        return not self.owner_id or self.owner_id == self.company_id.partner_id

    def _is_valued(self):
        """Whether the books of the company hold what is counted: not what belongs to others, nor what is valued nowhere."""
        location = self.location_id
        return self._is_own() and (not hasattr(location, "_should_be_valued") or location._should_be_valued())

    def _revalue(self):
        """Value what these lines will book at the cost of now, one after the other: each takes what those before leave."""
        for line, cost in self._get_unit_costs().items():
            if not numbers.is_same(line.unit_cost, cost, numbers.COST_ROUNDING):
                line._write_judged({"unit_cost": cost})

    def _get_unit_costs(self):
        """What one unit of each of these lines is worth if they are posted in their order: ``{line: cost}``."""
        # Costs are the superuser's to read: what is judged does not depend on who counts.
        lines = self.with_user(SUPERUSER_ID)
        valued = lines.filtered(lambda line: line._is_valued())
        costs = dict.fromkeys(lines, 0.0)
        costs.update({line: line.product_id.with_company(line.company_id).standard_price for line in valued})
        for company, members in valued.filtered(lambda line: line._get_booked_qty() < 0).grouped("company_id").items():
            stocks = members._get_valued_stocks(company)
            for line in members:
                stock = stocks.get(line.product_id)
                if stock:
                    quantity = -line._get_booked_qty()
                    costs[line] = stock.take(quantity) / quantity
        return {self.browse(line.id): cost for line, cost in costs.items()}

    def _get_booked_qty(self):
        """What the line changes the stock by; where all of it only changes place, the difference that is judged."""
        return self.adjustment_qty or self.variance_qty - self.proven_transfer_qty

    def _get_valued_stocks(self, company):
        """What valuation holds of products whose cost is not a fixed one: ``{product: tools.valuation stock}``."""
        products = self.product_id.with_company(company)
        if "stock.valuation.layer" not in self.env:
            return {}
        Layer = self.env["stock.valuation.layer"]
        domain = [("company_id", "=", company.id)]
        by_method = products.grouped("cost_method")
        stocks = {}
        fifo = by_method.get("fifo", products.browse())
        if fifo:
            layers = Layer.search([*domain, ("product_id", "in", fifo.ids), ("remaining_qty", ">", 0)])
            if hasattr(layers, "_candidate_sort_key"):
                layers = layers.sorted(lambda layer: layer._candidate_sort_key())
            by_product = layers.grouped("product_id")
            for product in fifo:
                stocks[product] = valuation.FifoStock(
                    [(layer.remaining_qty, layer.remaining_value) for layer in by_product.get(product, Layer)],
                    product.standard_price, company.currency_id.rounding)
        average = by_method.get("average", products.browse())
        if average:
            totals = {product: sums for product, *sums in Layer._read_group(
                [*domain, ("product_id", "in", average.ids)], ["product_id"], ["quantity:sum", "value:sum"])}
            rounds_limit = self._rounds_limit()
            for product in average:
                stocks[product] = valuation.AverageStock(
                    *totals.get(product, (0, 0)), product.standard_price, company.currency_id.rounding, rounds_limit)
        return stocks

    @api.model
    def _rounds_limit(self):
        """Whether this core rounds the limit up to which it corrects cents of average costs. No version says so."""
        from odoo.addons.stock_account.models.product import ProductProduct

        return "threshold" in ProductProduct._prepare_out_svl_vals.__code__.co_varnames
