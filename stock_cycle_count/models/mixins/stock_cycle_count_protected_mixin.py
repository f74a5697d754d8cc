from odoo import api, models


class StockCycleCountProtectedMixin(models.AbstractModel):
    """Fields that only the addon's own code writes.

    Their defaults are the declared ones: neither a request's context nor a user's own defaults reach them, since both
    come from the client and pass through ``sudo()``.
    """

    _name = "stock.cycle.count.protected.mixin"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Protected Fields"

    @api.model
    def _get_protected_fields(self):
        """Names of the fields that nobody fills by hand."""
        return {name for name, field in self._fields.items() if field.readonly}

    @api.model
    def default_get(self, fields_list):
        protected = self._get_protected_fields()
        values = super().default_get([name for name in fields_list if name not in protected])
        for name in protected.intersection(fields_list):
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                values[name] = field.convert_to_write(value, self)
        return values
