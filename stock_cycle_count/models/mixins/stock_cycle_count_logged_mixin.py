from odoo import api, models

#: What the log shows of values; it is in English whoever writes it, with days and moments (UTC) as in ISO 8601.
YES, NO, NOTHING = "yes", "no", "-"


class StockCycleCountLoggedMixin(models.AbstractModel):
    """Records that decide what the gate demands: who made, changed or deleted them, and how, is in the log of the company
    that they decide for.
    """

    _name = "stock.cycle.count.logged.mixin"
    _description = "Logged Changes"

    @api.model
    def _get_logged_fields(self):
        """Names of the fields that decide."""
        return set()

    def _get_logged_companies(self):
        """Companies in whose logs a record's changes belong: its own, or all of them where it has none."""
        self.ensure_one()
        return self.sudo().company_id or self.env["res.company"].sudo().search([])

    def _logs_creation(self):
        """Whether it matters that the record was made."""
        return True

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records.filtered(lambda record: record._logs_creation()):
            values = record._get_logged_values(self._get_logged_fields())
            record._log_change("made", ", ".join(
                f"{label}: {value}" for label, value in values.items() if value not in (NOTHING, NO)))
        return records

    def write(self, vals):
        names = self._get_logged_fields() & set(vals)
        before = {record: record._get_logged_values(names) for record in self} if names else {}
        result = super().write(vals)
        for record, old in before.items():
            new = record._get_logged_values(names)
            changes = [f"{label}: {old[label]} > {value}" for label, value in new.items() if value != old[label]]
            if changes:
                record._log_change("changed", ", ".join(changes))
        return result

    def unlink(self):
        for record in self.filtered(lambda record: record._logs_creation()):
            record._log_change("deleted", "")
        return super().unlink()

    def _get_logged_values(self, names):
        """Values of fields as people read them, by their labels."""
        self.ensure_one()
        record = self.sudo()
        values = {}
        for field in sorted((self._fields[name] for name in names), key=lambda field: field.string):
            value = record[field.name]
            if field.relational:
                value = ", ".join(value.mapped("display_name"))
            elif field.type == "boolean":
                value = YES if value else NO
            elif field.type == "selection":
                value = dict(field._description_selection(self.with_context(lang=None).env)).get(value)
            values[field.string] = NOTHING if value in (None, False, "") else value
        return values

    def _log_change(self, attempt, detail):
        """Add a row about a change of this record to the logs where it belongs."""
        kind = self.env["ir.model"]._get(self._name).name
        self.env["stock.cycle.count.audit.log"]._note(
            f"{attempt}: {kind}", f"{self.sudo().display_name}: {detail}", self._get_logged_companies())
