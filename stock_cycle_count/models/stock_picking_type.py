from collections import defaultdict

from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    cycle_count_due_count = fields.Integer("Count Sheets Due", compute="_compute_cycle_count_due_count")
    cycle_count_waiting_count = fields.Integer(
        "Differences to Approve", compute="_compute_cycle_count_waiting", groups="stock_cycle_count.group_approver")
    cycle_count_oldest_days = fields.Integer(
        "Oldest Waiting (days)", compute="_compute_cycle_count_waiting", groups="stock_cycle_count.group_approver")

    def _compute_cycle_count_due_count(self):
        """Sheets to count today or before, on the warehouse's card of internal transfers; on that of receipts where
        internal transfers are archived, which they are as long as a warehouse has one location only.
        """
        due = dict(self.env["stock.cycle.count"]._read_group(
            self._get_due_count_domain() + [("warehouse_id", "in", self.warehouse_id.ids)],
            ["warehouse_id"], ["__count"]))
        for kind in self:
            kind.cycle_count_due_count = due.get(kind.warehouse_id, 0) if kind._is_count_card() else 0

    def _compute_cycle_count_waiting(self):
        """Differences that wait for approval, on the same card, and for how many days the oldest does."""
        waiting = defaultdict(list)
        for count, number, since in self.env["stock.cycle.count.line"]._read_group(
                [("state", "=", "to_approve"), ("count_id.warehouse_id", "in", self.warehouse_id.ids)],
                ["count_id"], ["__count", "to_approve_date:min"]):
            waiting[count.warehouse_id].append((number, since))
        now = fields.Datetime.now()
        for kind in self:
            found = waiting[kind.warehouse_id] if kind._is_count_card() else []
            kind.cycle_count_waiting_count = sum(number for number, _since in found)
            kind.cycle_count_oldest_days = max(((now - since).days for _number, since in found), default=0)

    def _is_count_card(self):
        """Whether this type's card is the one of its warehouse that speaks of counts."""
        warehouse = self.warehouse_id
        return self == (warehouse.int_type_id if warehouse.int_type_id.active else warehouse.in_type_id)

    def _get_due_count_domain(self):
        return [("state", "in", ("draft", "in_progress")), ("scheduled_date", "<=", fields.Date.context_today(self))]

    def action_view_cycle_count_waiting(self):
        """Open the differences of these warehouses that wait for approval."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_line_action_approve")
        return dict(action, domain=[("count_id.warehouse_id", "in", self.warehouse_id.ids)])

    def action_view_cycle_count_due(self):
        """Open the sheets of these warehouses that are due."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_action")
        return dict(
            action, domain=[("warehouse_id", "in", self.warehouse_id.ids)], context={"search_default_due": 1})
