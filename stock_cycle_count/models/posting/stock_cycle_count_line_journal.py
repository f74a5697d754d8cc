from odoo import _, api, fields, models


class StockCycleCountLineJournal(models.AbstractModel):
    """What became of differences in stock and in the books: moves, valuation layers and journal entries; those of a line
    here, those of a sheet on top.
    """

    _name = "stock.cycle.count.line.journal"
    _description = "Journal Entries of a Count Line"

    journal_entry_count = fields.Integer(
        "Journal Entries", compute="_compute_journal_entry_count", groups="stock_cycle_count.group_approver")

    move_count = fields.Integer(
        "Number of Stock Moves", compute="_compute_journal_entry_count", groups="stock_cycle_count.group_approver")
    layer_count = fields.Integer(
        "Valuation", compute="_compute_journal_entry_count", groups="stock_cycle_count.group_approver")

    def _compute_journal_entry_count(self):
        for record in self:
            record.journal_entry_count = len(record._get_readable_entries())
            record.move_count = len(record._get_posted_moves())
            record.layer_count = len(record._get_readable_layers())

    def _get_posted_moves(self):
        """Stock moves of these lines, adjustments and transfers alike."""
        lines = self.sudo()
        return (lines.move_ids | lines.target_transfer_ids.move_ids).with_env(self.env)

    def _get_readable_layers(self):
        """Valuation layers of their moves, for those who may read any; nothing where stock is not valued."""
        if "stock.valuation.layer" not in self.env:
            return self._get_posted_moves().browse()
        layers = self._get_posted_moves().sudo().stock_valuation_layer_ids.with_env(self.env)
        return layers if layers.check_access_rights("read", raise_exception=False) else layers.browse()

    def action_view_moves(self):
        """Open the stock moves that these records made, for those who may read any."""
        moves = self._get_posted_moves()
        may_read = moves.check_access_rights("read", raise_exception=False)
        return self._view_records(_("Stock Moves"), moves if may_read else moves.browse())

    def action_view_layers(self):
        """Open the valuation layers of what these records posted."""
        return self._view_records(_("Valuation"), self._get_readable_layers())

    @api.model
    def _view_records(self, name, records):
        return {
            "type": "ir.actions.act_window", "name": name, "res_model": records._name, "view_mode": "tree,form",
            "domain": [("id", "in", records.ids)]}

    def _get_readable_entries(self):
        """Journal entries of these records, for those who may read any."""
        entries = self.sudo().move_ids._get_journal_entries().with_env(self.env)
        return entries if entries.check_access_rights("read", raise_exception=False) else entries.browse()

    def action_view_journal_entries(self):
        """Open the journal entries in which these records are booked."""
        return self._view_records(_("Journal Entries"), self._get_readable_entries())
