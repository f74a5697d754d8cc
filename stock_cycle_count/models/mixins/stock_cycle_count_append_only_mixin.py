from odoo import _, api, models


class StockCycleCountAppendOnlyMixin(models.AbstractModel):
    """Records that are evidence: added, never changed or deleted, by nobody and under ``sudo()`` neither."""

    _name = "stock.cycle.count.append.only.mixin"
    _inherit = "stock.cycle.count.protected.mixin"
    _description = "Records That Are Only Added"

    @api.model
    def _get_protected_fields(self):
        return set(self._fields)

    def write(self, vals):  # pylint: disable=method-required-super
        self._refuse_change("change evidence")

    def unlink(self):  # pylint: disable=method-required-super
        self._refuse_change("delete evidence")

    def _refuse_change(self, attempt):
        """Log and refuse a change.

        :raise UserError: always
        """
        company = self[:1].sudo().company_id if "company_id" in self._fields else None
        self.env["stock.cycle.count.audit.log"]._log_and_raise(
            attempt, f"{self._name}: {', '.join(map(str, self.ids))}", self._why_not_change(), company)

    @api.model
    def _why_not_change(self):
        """What to tell whoever tries to change or delete a record."""
        return _("%(kind)s: this is evidence, which is added and never changed or deleted.",
                 kind=self.env["ir.model"]._get(self._name).name)
