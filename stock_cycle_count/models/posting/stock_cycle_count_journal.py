from collections import defaultdict

from odoo import SUPERUSER_ID, Command, _, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class StockCycleCountJournal(models.AbstractModel):
    """The books of a sheet, where stock is valued automatically: an entry a move as core makes them, or, where the
    company wants it, one for all differences that are posted together, per journal.
    """

    _name = "stock.cycle.count.journal"
    _inherit = "stock.cycle.count.line.journal"
    _description = "Journal Entries of a Count Sheet"

    def _get_readable_entries(self):
        return self.line_ids._get_readable_entries()

    def _get_posted_moves(self):
        return self.line_ids._get_posted_moves()

    def _is_booked_as_one(self):
        """Whether the differences of the sheet are one journal entry. What was counted or held outside of sheets is
        booked as core does, one entry a move.
        """
        return self.company_id.cycle_count_entry_per_sheet and self.origin in ("plan", "manual")

    def _book(self, moves):
        """Make the journal entry of the sheet for moves that have none yet: one for each journal.

        The lines are those that core makes for each move, to the cent; the valuation layers stay one a move and point
        to the entry.

        :raise UserError: when the period is closed; nothing is booked on another day than was approved
        """
        if not self._is_booked_as_one() or "stock_valuation_layer_ids" not in moves._fields:
            return
        moves = moves.with_user(SUPERUSER_ID).with_context(
            allowed_company_ids=self.company_id.ids, force_period_date=self.accounting_date)
        layers = moves.stock_valuation_layer_ids.filtered(lambda layer: not layer.account_move_id)
        entries = {}
        for layer in layers:
            if layer.product_id.valuation != "real_time" or layer.currency_id.is_zero(layer.value):
                continue
            for vals in layer.stock_move_id._account_entry_move(layer.quantity, layer.description, layer.id, layer.value):
                self._check_open(vals["date"])
                entry = entries.setdefault((vals["journal_id"], vals["date"]), {
                    **vals, "ref": self.name, "stock_move_id": False, "line_ids": [], "stock_valuation_layer_ids": []})
                entry["line_ids"] += vals["line_ids"]
                entry["stock_valuation_layer_ids"].append(Command.link(layer.id))
        if entries:
            booked = moves.env["account.move"].create(list(entries.values()))
            booked._post()
            self._reconcile(booked)

    def _check_open(self, date):
        """Refuse a date in a period that is closed to whoever posts; core would take another day.

        :raise UserError: naming the sheet and what to do
        """
        closed_until = self.company_id.with_env(self.env).sudo()._get_user_fiscal_lock_date()
        if date <= closed_until:
            raise UserError(_(
                "Sheet %(sheet)s cannot be booked on %(date)s: the books are closed until %(closed)s. Choose a later "
                "accounting date, or ask an accountant to open the period.", sheet=self.name,
                date=format_date(self.env, date), closed=format_date(self.env, closed_until)))

    def _reconcile(self, entries):
        """Reconcile what entries have on both sides of one account for one product, as core does for its entries."""
        groups = defaultdict(entries.line_ids.browse)
        for item in entries.filtered(lambda entry: entry.state == "posted").line_ids:
            if item.account_id.reconcile:
                groups[item.product_id, item.account_id] |= item
        for items in groups.values():
            if len(set(items.mapped(lambda item: item.balance > 0))) > 1:
                items.reconcile()
