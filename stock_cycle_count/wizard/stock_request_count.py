from odoo import _, api, fields, models

from ..models.constants import KEY_FIELDS, OPEN_STATES
from ..tools import notifications
from ..tools.words import say_number

#: So many sheets are named.
NAMED = 3


class StockRequestCount(models.TransientModel):
    _inherit = "stock.request.count"

    # Whoever counts need be no user of Inventory, whom alone core offers.
    user_id = fields.Many2one(domain=lambda self: [("groups_id", "in", self.env.ref("stock_cycle_count.group_counter").id)])

    def action_request_count(self):
        """As core, and make the sheets at once: for whoever is named, else for the next in turn.

        :return: an action that says on which sheets it stands, where core's says nothing
        """
        result = super().action_request_count()
        positions = self.env["stock.cycle.count.position"].sudo().union(*self.quant_ids._get_count_positions().values())
        positions._make_requested(self.inventory_date, self.user_id, [("id", "in", self.quant_ids.ids)])
        lines = self.env["stock.cycle.count.line"].sudo().search([
            ("position_id", "in", positions.ids), ("state", "in", OPEN_STATES)])
        # What else lies there of the same product was not asked for.
        keys = {tuple(quant[name].id for name in KEY_FIELDS) for quant in self.quant_ids.sudo()}
        lines = lines.filtered(lambda line: line._get_key() in keys)
        return result or (notifications.done(self._say_requested(lines)) if lines else result)

    @api.model
    def _say_requested(self, lines):
        """What is asked for now, on which sheets, and who counts them."""
        sheets = lines.count_id.sorted("id")
        named = ", ".join(
            _("%(sheet)s for %(counter)s", sheet=sheet.name, counter=sheet.user_id.name or _("everybody")) for sheet in sheets)
        return _(
            "To be counted: %(lines)s, on %(sheets)s.", lines=say_number(self.env, len(lines), _("1 line"), _("%s lines")),
            sheets=named if len(sheets) <= NAMED else say_number(self.env, len(sheets), _("1 sheet"), _("%s sheets")))
