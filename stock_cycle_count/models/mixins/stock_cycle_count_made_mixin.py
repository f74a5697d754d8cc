from odoo import _, api, models
from odoo.exceptions import AccessError

from ..context import TICKET_KEY, WriteTicket, spend_ticket

#: What a ticket permits that is to make records.
MAKE = "make"


class StockCycleCountMadeMixin(models.AbstractModel):
    """Records that count or decide something: this addon's own code makes them, after it asked whoever counts or decides.
    Neither ``sudo()`` nor being the superuser is enough, so that no automation forges one.
    """

    _name = "stock.cycle.count.made.mixin"
    _description = "Records That Only Counting Makes"

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list and not spend_ticket(self.env, {MAKE}):
            kind = self.env["ir.model"]._get(self._name).name
            self.env["stock.cycle.count.audit.log"]._log("forge evidence", kind)
            raise AccessError(_("%(kind)s: counting and deciding make these, nobody else.", kind=kind))
        return super().create(vals_list)

    def _make(self, vals_list):
        """Create records: ``create`` for this addon's own code."""
        made = self.sudo().with_context(**{TICKET_KEY: WriteTicket({MAKE})}).create(vals_list)
        return made.with_env(self.env).sudo()
