from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ...tools import requests
from ...tools.numbers import shown_percent
from .figure import DECISION, ENTRY, Window

#: Days that a page may look back.
WINDOWS = (30, 90, 365)
#: Tiles of the page in their order; each is made by ``_get_<name>_tile``.
TILES = ("right", "errors", "chart", "why", "promise", "decide", "pays")
#: What rates may be grouped by: fields of the results.
GROUPS = {
    "class": "abc_class_id", "location": "location_id", "category": "categ_id", "warehouse": "warehouse_id",
    "plan": "plan_id", "selection": "selection_reason", "reason": "reason_id", "cause": "root_cause", "counter": "counter_id"}


class StockCycleCountAnswers(models.AbstractModel):
    """What counting says: figures, each of one function that gives its value and the domain of the records behind it, so that
    tile, list and report cannot disagree. Nothing is stored; ``stock.cycle.count.result`` is what all of it is read from.
    """

    _name = "stock.cycle.count.answers"
    _description = "Figures of Counting"
    _inherit = [
        "stock.cycle.count.answers.sample", "stock.cycle.count.answers.chart", "stock.cycle.count.answers.errors",
        "stock.cycle.count.answers.causes", "stock.cycle.count.answers.promise", "stock.cycle.count.answers.decisions",
        "stock.cycle.count.answers.pays"]

    @api.model
    def get_page(self, filters=None):
        """Everything that the page of the day shows to who oversees counting, in at most a dozen statements.

        :param filters: ``days`` (30, 90 or 365), ``warehouse_ids`` and ``plan_ids`` (empty: all); companies are those of the
            switcher
        :raise AccessError: for whoever neither supervises nor controls
        :raise UserError: when the filters are none
        """
        window = self._get_window(filters)
        return {
            "as_of": fields.Datetime.to_string(window.now),
            "filters": {"days": window.days, "warehouse_ids": window.warehouse_ids, "plan_ids": window.plan_ids},
            "choices": {
                "warehouses": [[warehouse.id, warehouse.name] for warehouse in window.warehouses],
                "plans": [[plan.id, plan.name] for plan in window.plans]},
            "currency_id": window.currency.id,
            "is_set_up": bool(window.plans),
            "tiles": [getattr(self, f"_get_{name}_tile")(window) for name in TILES],
            "rates": self._get_class_rates(window),
        }

    @api.model
    def get_rates(self, group_by, filters=None):
        """Share of right records by group, with intervals. Of random counts for classes, locations, categories, warehouses
        and plans; by reason for counting, reason, cause and counter of all counts, which were chosen: no accuracy.

        :param group_by: ``class``, ``location``, ``category``, ``warehouse``, ``plan``, ``selection``, ``reason``, ``cause``
            or ``counter`` (controllers, where the company shows figures by person)
        :return: list of ``label``, ``n``, ``hits``, ``rate``, ``low``, ``high`` (percent), ``domain``; the largest first
        :raise AccessError: as ``get_page``
        :raise UserError: when the group or the filters are none
        """
        window = self._get_window(filters)
        if not isinstance(group_by, str) or group_by not in GROUPS:
            raise UserError(_("Rates are not known by that. Choose one of: %(groups)s.", groups=", ".join(GROUPS)))
        return self._get_rates(window, GROUPS[group_by])

    @api.model
    def _get_figures(self, filters=None):
        """All figures by name: ``{name: Figure}``; shares in percent, money in the currency of the company."""
        window = self._get_window(filters)
        return {
            **self._get_sample_figures(window), **self._get_cause_figures(window), **self._get_promise_figures(window),
            **self._get_decision_figures(window), **self._get_count_figures(window), **self._get_error_figures(window)}

    # What is asked

    def _check_may_read_figures(self):
        """Figures are for who supervises or controls: a counter learns from them what was expected.

        :raise AccessError: for others
        """
        if not self.env.user.has_group("stock_cycle_count.group_approver"):
            raise AccessError(_("Figures of counting are for count supervisors and controllers."))

    def _get_window(self, filters):
        """What the figures are asked of; see ``get_page``."""
        self._check_may_read_figures()
        filters = filters or {}
        if not isinstance(filters, dict) or set(filters) - {"days", "warehouse_ids", "plan_ids"}:
            raise UserError(_("These filters cannot be read. Reload the page."))
        days = filters.get("days", 90)
        if isinstance(days, bool) or days not in WINDOWS:
            raise UserError(_("Figures are of the last 30, 90 or 365 days. Choose one of them."))
        ids = {name: filters.get(name) or [] for name in ("warehouse_ids", "plan_ids")}
        if not all(isinstance(value, (list, tuple)) and all(map(requests.is_id, value)) for value in ids.values()):
            raise UserError(_("These warehouses or plans cannot be read. Reload the page."))
        return Window(self.env, days, *map(list, ids.values()))

    # How it is said

    def _make_tile(self, window, name, title, state, sentence, definition, figure=None, text="", trend=False, **more):
        """A tile of the page. Its number of records is that of its figure."""
        return {
            "name": name, "title": title, "text": text, "sentence": sentence, "trend": trend, "state": state,
            "definition": definition,
            "value": figure.value if figure and figure.value is not None else False,
            "count": figure.number if figure else 0,
            "action": self._open(figure, title) if figure else False,
            **more}

    def _open(self, figure, title, views=None):
        """The action that shows the records of a figure.

        :param views: kinds and external ids of other views than usual
        """
        kinds = ("list", "form") if figure.model in (DECISION, ENTRY) else ("list", "kanban", "form")
        views = views or [(kind, None) for kind in kinds]
        return {
            "type": "ir.actions.act_window", "name": title, "res_model": figure.model, "domain": figure.domain, "context": {},
            "views": [
                [view and self.env["ir.model.data"]._xmlid_to_res_id(view) or False, kind] for kind, view in views]}

    def _format_share(self, share, digits=1):
        return formatLang(self.env, shown_percent(share, digits), digits=digits)

    def _format_percent(self, share, digits=1):
        return f"{self._format_share(share, digits)}\N{NO-BREAK SPACE}%"

    def _format_number(self, number, digits=0):
        return formatLang(self.env, number, digits=digits)

    def _format_money(self, window, value):
        """An amount without cents."""
        amount, symbol = formatLang(self.env, value, digits=0), window.currency.symbol or ""
        parts = (symbol, amount) if window.currency.position == "before" else (amount, symbol)
        return "\N{NO-BREAK SPACE}".join(filter(None, parts))
