from collections import defaultdict
from typing import NamedTuple

from odoo import _, api, fields, models

from ..tools.words import say_number
from .constants import LEVEL_GROUPS

#: What leads out of an empty day: for who may set counting up, and for who may make plans.
SET_UP_ACTIONS = {
    "stock.cycle.count.setup": "stock_cycle_count.stock_cycle_count_setup_action",
    "stock.cycle.count.plan": "stock_cycle_count.stock_cycle_count_plan_action"}


class Figure(NamedTuple):
    """A number on the card of a warehouse, and the records behind it."""

    action: str                                          # that shows the records
    domain: list
    value: int = 0
    note: str = ""


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    @api.model_create_multi
    def create(self, vals_list):
        warehouses = super().create(vals_list)
        self.env["stock.cycle.count.plan"]._plan_new_warehouses(warehouses)
        return warehouses

    def write(self, vals):
        if "view_location_id" in vals:
            self.env["stock.cycle.count.gate"]._check_view_location(vals["view_location_id"], self)
        return super().write(vals)

    @api.model
    def action_open_cycle_count_today(self):
        """Open what the user's day begins with: the page of the day for who oversees counting, else the scanner."""
        oversees = any(map(self.env.user.has_group, ("stock_cycle_count.group_approver", "stock.group_stock_manager")))
        return self.env["ir.actions.actions"]._for_xml_id(
            f"stock_cycle_count.stock_cycle_count_{'today' if oversees else 'scanner'}_action")

    @api.model
    def get_cycle_count_today(self):
        """The cards of the user's warehouses, of those where counting is planned or something is to be done.

        :return: ``cards``, each with ``figures`` in their order, and what the user may do
        """
        warehouses = self.search([])
        figures = warehouses._get_cycle_count_figures()
        planned = warehouses._get_cycle_count_plans()
        labels = self._get_cycle_count_labels()
        may_plan = self.env["stock.cycle.count.plan"].check_access_rights("write", raise_exception=False)
        cards = [
            {
                "id": warehouse.id,
                "name": warehouse.name,
                "company": warehouse.company_id.name if len(warehouses.company_id) > 1 else False,
                "can_make": may_plan and warehouse in planned,
                "figures": [
                    {"name": name, "label": labels[name], "value": figure.value, "note": figure.note}
                    for name, figure in figures[warehouse].items()],
            }
            for warehouse in warehouses
            if warehouse in planned or any(figure.value for figure in figures[warehouse].values())]
        return {
            "cards": cards,
            "can_count": self.env.user.has_group("stock_cycle_count.group_counter"),
            "set_up": next((action for model, action in SET_UP_ACTIONS.items() if self.env[model].check_access_rights(
                "create", raise_exception=False)), False),
        }

    def action_open_cycle_count_figure(self, name):
        """Open the records behind a number of the card.

        :param name: of the figure
        """
        self.ensure_one()
        figure = self._get_cycle_count_figures()[self].get(name)
        if not figure:
            return False
        action = self.env["ir.actions.actions"]._for_xml_id(figure.action)
        return dict(
            action, name=f"{self.name}: {self._get_cycle_count_labels()[name]}", domain=figure.domain, context={})

    def action_make_cycle_count_sheets(self):
        """Make the sheets of the plans of these warehouses, and say what was made.

        :raise AccessError: for whoever may not change these plans
        """
        plans = self._get_cycle_count_plans().get(self, self.env["stock.cycle.count.plan"])
        return plans.action_generate()

    # Business

    @api.model
    def _get_cycle_count_labels(self):
        """What the figures of a card are called."""
        return {
            "today": _("Due Today"), "late": _("Late"), "counting": _("Counting Now"), "approve": _("To Approve"),
            "never": _("Never Counted")}

    def _get_cycle_count_plans(self):
        """Active plans that the user may read, by warehouse."""
        return self.env["stock.cycle.count.plan"].search([("warehouse_id", "in", self.ids)]).grouped("warehouse_id")

    def _get_cycle_count_figures(self):
        """Numbers of the day, and the domains of what they count: ``{warehouse: {name: Figure}}``.

        The number of queries does not depend on the number of warehouses. What the user may not see is left out.
        """
        today = fields.Date.context_today(self)
        to_count = [("state", "in", ("draft", "in_progress"))]
        sheets, lines, positions = (f"stock_cycle_count.stock_cycle_count_{name}action" for name in (
            "", "line_", "position_"))
        found = {
            "today": self._count_by_warehouse(
                sheets, "stock.cycle.count", [*to_count, ("scheduled_date", "=", today)]),
            "late": self._count_by_warehouse(
                sheets, "stock.cycle.count", [*to_count, ("scheduled_date", "<", today)]),
            "counting": self._count_by_warehouse(
                sheets, "stock.cycle.count", [("state", "=", "in_progress")], "user_id",
                lambda users: ", ".join(sorted({user.name for user in users if user}))),
        }
        if self.env.user.has_group(LEVEL_GROUPS[1]):
            found["approve"] = self._count_by_warehouse(
                f"{lines}_approve", "stock.cycle.count.line", [("state", "=", "to_approve")], "to_approve_date:day",
                self._phrase_oldest, field="location_id.warehouse_id")
        if self.env["stock.cycle.count.position"].check_access_rights("read", raise_exception=False):
            found["never"] = self._count_by_warehouse(
                positions, "stock.cycle.count.position", [("last_count_date", "=", False)])
        return {warehouse: {name: by_warehouse[warehouse] for name, by_warehouse in found.items()} for warehouse in self}

    def _count_by_warehouse(self, action, model, domain, noted=None, phrase=None, field="warehouse_id"):
        """Records of a model by warehouse: ``{warehouse: Figure}``.

        :param noted: field, grouped by, whose values the note is made of
        :param phrase: makes the note of these values
        :param field: of the records, that names the warehouse
        """
        first, *path = field.split(".")
        numbers, notes = defaultdict(int), defaultdict(list)
        for owner, *value, number in self.env[model]._read_group(
                [*domain, (field, "in", self.ids)], [first, *([noted] if noted else [])], ["__count"]):
            warehouse = owner.sudo()[path[0]] if path else owner
            numbers[warehouse] += number
            notes[warehouse] += value
        return {
            warehouse: Figure(
                action, [*domain, (field, "=", warehouse.id)], numbers[warehouse],
                phrase(notes[warehouse]) if phrase and numbers[warehouse] else "")
            for warehouse in self}

    def _phrase_oldest(self, dates):
        """For how many days the first of these dates is gone, as a note; nothing on its day."""
        days = max(((fields.Datetime.now() - date).days for date in dates if date), default=0)
        return _("oldest waits %(days)s", days=say_number(self.env, days, _("1 day"), _("%s days"))) if days else ""
