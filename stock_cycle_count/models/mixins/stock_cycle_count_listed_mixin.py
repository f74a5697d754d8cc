from odoo import SUPERUSER_ID, _, fields, models
from odoo.exceptions import AccessError

from ...tools import notifications


class StockCycleCountListedMixin(models.AbstractModel):
    """What a look at the stock lists each night for people, who answer it or have its places counted. Models say by
    ``_get_quants`` where that is, and keep in ``count_date`` when somebody asked.
    """

    _name = "stock.cycle.count.listed.mixin"
    _description = "Listed Each Night for People"

    def _check_reader(self, group, message):
        """Refuse whoever is not of a group, or may not read these records; to be the superuser is no role.

        :raise AccessError: with the message
        """
        if self.env.uid == SUPERUSER_ID or not self.env.user.has_group(group):
            raise AccessError(message)
        self.sudo(False).check_access_rights("read")
        self.sudo(False).check_access_rule("read")

    def _ask_for_counts(self):
        """Have the places that these records name counted today, on sheets made at once, as for whoever requests a count.

        :return: an action that says so
        :raise UserError: when a plan can make no sheets
        """
        today = fields.Date.context_today(self)
        for company, own in self.grouped("company_id").items():
            quants = own.with_company(company)._get_quants()
            quants._request_count(today)
            self.env["stock.cycle.count.position"].sudo().union(
                *quants._get_count_positions().values())._make_requested(today)
        self.write({"count_date": fields.Datetime.now()})
        return notifications.warning(
            _("Counts asked for today: %(number)s", number=len(self)), _("Count This"),
            {"type": "ir.actions.act_window_close"})
