from odoo import _, api, models
from odoo.exceptions import UserError

from ...tools import requests


class StockCycleCountRequestMixin(models.AbstractModel):
    """Checks of what clients send to forms and wizards. Values have the shape that their fields want, and name no record of
    this addon that the user may not read: forms compute with what a client claims, and partly with all rights.
    """

    _name = "stock.cycle.count.request.mixin"
    _description = "Checked Requests"

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        self._check_sent([values])
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_sent(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_sent([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """What a form shows; a form is for those who may save it, since it computes with numbers of what it is told.

        :raise AccessError: for others
        """
        self.check_access_rights("write" if self else "create")
        sent = values
        if isinstance(values, dict):
            sent = {name: value for name, value in values.items() if not self._is_new_parent(name, value)}
        self._check_sent([sent])
        return super().onchange(values, field_names, fields_spec)

    def ensure_one(self):
        """This record, where there is one.

        :raise UserError: where there are none or several
        """
        if len(self._ids) != 1:
            raise UserError(_("Choose one record: this is done with one at a time."))
        return self

    def _check_sent(self, vals_list):
        """Refuse values that cannot be, and those that name what the user may not read, unless it stands there already.

        :raise AccessError: naming the kind of record
        :raise UserError: naming the field
        """
        if self.env.su:
            return
        if not isinstance(vals_list, (list, tuple)) or not all(isinstance(vals, dict) for vals in vals_list):
            raise UserError(_("What was sent cannot be read. Reload the page."))
        for vals in vals_list:
            for name, value in vals.items():
                if not self._is_value(name, value):
                    raise UserError(_("“%(field)s” cannot be this.", field=name))
        for name, field in self._fields.items():
            if not field.relational or not field.comodel_name.startswith(("stock.cycle.count", "stock.abc")):
                continue
            ids = {record_id for vals in vals_list if vals.get(name) for record_id in requests.named_ids(vals[name])}
            records = self.env[field.comodel_name].browse(sorted(ids))
            if records:
                records -= self.sudo().mapped(name).sudo(False)
                records.check_access_rights("read")
                records.check_access_rule("read")

    @api.model
    def _is_new_parent(self, name, value):
        """Whether a row of a new form names its parent, by what is filled in there: it has no id yet."""
        field = self._fields.get(name)
        if not isinstance(value, dict) or value.get("id") or not field or not self.pool.field_inverses[field]:
            return False
        fields = self.env[field.comodel_name]._fields
        return all(key in fields and requests.is_value(fields[key].type, one) for key, one in value.items())

    @api.model
    def _is_value(self, name, value):
        """Whether a value can be one of a field of this name, with what is written on the records that it names."""
        field = self._fields.get(name)
        if not field or not requests.is_value(field.type, value):
            return False
        if field.type == "selection":
            return not value or value in field.get_values(self.env)
        if field.type in ("one2many", "many2many"):
            fields = self.env[field.comodel_name]._fields
            return all(
                key in fields and requests.is_value(fields[key].type, one)
                for content in requests.written_values(value) for key, one in content.items())
        return True
