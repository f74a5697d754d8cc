from odoo import _, api, models
from odoo.exceptions import AccessError


class StockCycleCountBlindMixin(models.AbstractModel):
    """Records of core that everybody reads, with fields that tell what the books show or that something was posted. Those are
    hidden from whoever counts and sees stock by no other role, in reading, searching and grouping alike.

    Fields that are prefetched must not be: declare them again with ``prefetch=False``.
    """

    _name = "stock.cycle.count.blind.mixin"
    _description = "Fields Hidden from Counters"

    @api.model
    def _get_blind_fields(self):
        """Names of the fields that are hidden."""
        return set()

    @api.model
    def check_field_access_rights(self, operation, field_names):
        """Refuse the hidden fields, too.

        :raise AccessError: naming them
        """
        names = super().check_field_access_rights(operation, field_names)
        hidden = self._get_hidden_fields().intersection(names)
        if not hidden:
            return names
        if field_names:
            raise AccessError(_(
                "%(kind)s: counters do not see %(fields)s, which would tell what the books show.",
                kind=self.env["ir.model"]._get(self._name).name,
                fields=", ".join(sorted(self._fields[name].string for name in hidden))))
        return [name for name in names if name not in hidden]

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        hidden = self._get_hidden_fields()
        return {
            name: field for name, field in super().fields_get(allfields, attributes).items() if name not in hidden}

    @api.model
    def _get_hidden_fields(self):
        """Names of the fields that this user does not see."""
        is_blind = not self.env.su and self.env.user._is_blind_counter()
        return self._get_blind_fields() if is_blind else set()
