from odoo import _, fields, models


class StockCycleCountLineJournal(models.AbstractModel):
    """The journal entries in which differences are booked: those of a line here, those of a sheet on top."""

    _name = "stock.cycle.count.line.journal"
    _description = "Journal Entries of a Count Line"

    journal_entry_count = fields.Integer(
        "Journal Entries", compute="_compute_journal_entry_count", groups="stock_cycle_count.group_approver")

    def _compute_journal_entry_count(self):
        for record in self:
            record.journal_entry_count = len(record._get_readable_entries())

    def _get_readable_entries(self):
        """Journal entries of these records, for those who may read any."""
        entries = self.sudo().move_ids._get_journal_entries().with_env(self.env)
        return entries if entries.check_access_rights("read", raise_exception=False) else entries.browse()

    def action_view_journal_entries(self):
        """Open the journal entries in which these records are booked."""
        return {
            "type": "ir.actions.act_window",
            "name": _("Journal Entries"),
            "res_model": "account.move",
            "view_mode": "tree,form",
            "domain": [("id", "in", self._get_readable_entries().ids)],
        }
