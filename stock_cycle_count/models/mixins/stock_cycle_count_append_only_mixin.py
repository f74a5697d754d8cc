from odoo import _, api, models
from odoo.exceptions import UserError


class StockCycleCountAppendOnlyMixin(models.AbstractModel):
    """Records that are evidence: added, never changed or deleted, by nobody and under ``sudo()`` neither."""

    _name = "stock.cycle.count.append.only.mixin"
    _inherit = "stock.cycle.count.protected.mixin"
    _description = "Records That Are Only Added"

    @api.model
    def _get_protected_fields(self):
        return set(self._fields)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self._why_not_change())

    def unlink(self):  # pylint: disable=method-required-super
        raise UserError(self._why_not_change())

    @api.model
    def _why_not_change(self):
        """What to tell whoever tries to change or delete a record."""
        return _("%(kind)s: this is evidence, which is added and never changed or deleted.",
                 kind=self.env["ir.model"]._get(self._name).name)
