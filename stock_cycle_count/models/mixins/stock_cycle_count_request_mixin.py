from odoo import api, models

from ...tools.requests import named_ids


class StockCycleCountRequestMixin(models.AbstractModel):
    """Checks of what clients send to forms: these compute with the records that a client names, stored ones and those that
    it claims, and partly with all rights. So a client names none of this addon that its user may not read.
    """

    _name = "stock.cycle.count.request.mixin"
    _description = "Checked Requests"

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        self._check_named([values])
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_named(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_named([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        self._check_named([values])
        return super().onchange(values, field_names, fields_spec)

    def _check_named(self, vals_list):
        """Refuse values that name what the user may not read, unless it stands there already.

        :raise AccessError: naming it
        """
        if self.env.su:
            return
        for name, field in self._fields.items():
            if not field.relational or not field.comodel_name.startswith(("stock.cycle.count", "stock.abc")):
                continue
            ids = {record_id for vals in vals_list if vals.get(name) for record_id in named_ids(vals[name])}
            records = self.env[field.comodel_name].browse(sorted(ids))
            if records:
                records -= self.sudo().mapped(name).sudo(False)
                records.check_access_rights("read")
                records.check_access_rule("read")
