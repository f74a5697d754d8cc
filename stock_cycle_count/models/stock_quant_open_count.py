from odoo import _, api, fields, models
from odoo.exceptions import UserError

from .constants import OPEN_STATES, TO_COUNT_STATES


class StockQuantOpenCount(models.AbstractModel):
    """The count of a quant that is not finished, and whose it is."""

    _name = "stock.quant.open.count"
    _description = "Open Count of a Quant"

    cycle_count_line_id = fields.Many2one(
        "stock.cycle.count.line", "Open Count Line", compute="_compute_cycle_count_line_id",
        search="_search_cycle_count_line_id", groups="stock_cycle_count.group_counter",
        help="The count of this stock that is not finished, if there is one.")
    cycle_count_line_state = fields.Selection(
        related="cycle_count_line_id.state", string="Count", groups="stock_cycle_count.group_counter")
    cycle_count_is_mine = fields.Boolean(
        "On My Sheets", compute="_compute_cycle_count_is_mine", search="_search_cycle_count_is_mine",
        groups="stock_cycle_count.group_counter", help="Whether the user is still to count it.")

    @api.depends("product_id", "location_id", "lot_id", "package_id", "owner_id")
    def _compute_cycle_count_line_id(self):
        lines = self.env["stock.cycle.count.line"].search([
            ("state", "in", OPEN_STATES), ("location_id", "in", self.location_id.ids),
            ("product_id", "in", self.product_id.ids)])
        opened = {line._get_key(): line for line in lines}
        for quant in self:
            quant.cycle_count_line_id = opened.get(quant._get_stock_key(), False)

    def _search_cycle_count_line_id(self, operator, value):
        """Quants with an open count line that fits a condition on its id or state."""
        if operator not in ("=", "!=", "in", "not in") or not isinstance(value, (bool, int, list, tuple)):
            raise UserError(_("Search for open count lines by their state."))
        domain = [("state", "in", OPEN_STATES)]
        if not isinstance(value, bool):
            domain.append(("id", operator.replace("!=", "=").replace("not in", "in"), value))
        lines = self.env["stock.cycle.count.line"].search(domain)
        wanted = {line._get_key() for line in lines}
        quants = self.search([("location_id", "in", lines.location_id.ids), ("product_id", "in", lines.product_id.ids)])
        quants = quants.filtered(lambda quant: quant._get_stock_key() in wanted)
        positive = operator in ("=", "in") if not isinstance(value, bool) else (operator == "!=") != value
        return [("id", "in" if positive else "not in", quants.ids)]

    @api.depends("cycle_count_line_id")
    @api.depends_context("uid")
    def _compute_cycle_count_is_mine(self):
        mine = self._search_own_lines()
        for quant in self:
            quant.cycle_count_is_mine = quant.cycle_count_line_id in mine

    def _search_cycle_count_is_mine(self, operator, value):
        lines = self._search_own_lines()
        return self._search_cycle_count_line_id("in" if (operator == "=") == bool(value) else "not in", lines.ids)

    @api.model
    def _search_own_lines(self):
        return self.env["stock.cycle.count.line"].search(
            [("state", "in", TO_COUNT_STATES), ("count_id.is_mine", "=", True)])
