from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    cycle_count_due_count = fields.Integer("Count Sheets Due", compute="_compute_cycle_count_due_count")

    def _compute_cycle_count_due_count(self):
        """Sheets to count today or before, on the warehouse's card of internal transfers; on that of receipts where
        internal transfers are archived, which they are as long as a warehouse has one location only.
        """
        due = dict(self.env["stock.cycle.count"]._read_group(
            self._get_due_count_domain() + [("warehouse_id", "in", self.warehouse_id.ids)],
            ["warehouse_id"], ["__count"]))
        for kind in self:
            warehouse = kind.warehouse_id
            card = warehouse.int_type_id if warehouse.int_type_id.active else warehouse.in_type_id
            kind.cycle_count_due_count = due.get(warehouse, 0) if kind == card else 0

    def _get_due_count_domain(self):
        return [("state", "in", ("draft", "in_progress")), ("scheduled_date", "<=", fields.Date.context_today(self))]

    def action_view_cycle_count_due(self):
        """Open the sheets of these warehouses that are due."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_action")
        return dict(
            action, domain=[("warehouse_id", "in", self.warehouse_id.ids)], context={"search_default_due": 1})
