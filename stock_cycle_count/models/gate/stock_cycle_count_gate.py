
from odoo import SUPERUSER_ID, _, api, models

from ...tools import numbers
from ..constants import KEY_FIELDS
from ..context import get_posting


class StockCycleCountGate(models.AbstractModel):
    """The one gate: no quantity changes by a count or an inventory adjustment unless a count line says so.

    Three layers end here: the inventory mechanism of quants (``_apply``), moves across the border of own stock
    (``_check_lines``), and direct writes on quants (``_check_quant_vals``). What this addon posts itself carries a Python
    object in its context that no client can send. Exempt is the superuser itself (data files, crons); ``sudo()`` is not,
    since it keeps the user.
    """

    _name = "stock.cycle.count.gate"
    _inherit = ["stock.cycle.count.adjustment", "stock.cycle.count.gate.moves", "stock.cycle.count.gate.kinds"]
    _description = "Gate of Inventory Adjustments"

    @api.model
    def _is_exempt(self):
        """Whether the gate is open whatever is moved: to the superuser itself. Not while this addon posts as superuser:
        then the moves of its lines pass, and what else runs meanwhile was not decided by anybody.
        """
        return self.env.uid == SUPERUSER_ID and not get_posting(self.env)

    @api.model
    def _get_gated_locations(self, locations):
        """Those of these locations in which the gate holds for this user.

        A location's own company decides, whatever companies a client names. One that belongs to no company is gated
        when any company of the user guards.
        """
        if not locations or self._is_exempt():
            return locations.browse()
        return locations.filtered(lambda location: self._get_company(location)._controls_adjustments())

    @api.model
    def _get_company(self, location):
        """Company whose gate guards a location: its own, else one of the user's, if possible one that guards."""
        own = location.sudo().company_id
        if own:
            return own
        companies = (self.env.company | self.env.user.company_ids).sudo()
        return companies.filtered(lambda company: company._controls_adjustments())[:1] or companies[:1]

    @api.model
    def _get_gated_quants(self, quants):
        """Those of these quants whose stock the gate guards for this user."""
        gated = self._get_gated_locations(quants.sudo().location_id)
        return quants.filtered(lambda quant: quant.sudo().location_id in gated) if gated else quants.browse()

    # Third layer: direct writes on quants

    @api.model
    def _check_quant_vals(self, names, locations, attempt):
        """Refuse to write what stock moves write.

        :param names: names of the fields that are written
        :param locations: where the stock stands, or is to stand
        :raise UserError: saying how stock is changed
        """
        forbidden = names & {"quantity", "reserved_quantity", "in_date", "company_id", *KEY_FIELDS}
        if forbidden and self._get_gated_locations(locations):
            self.env["stock.cycle.count.audit.log"]._log_and_raise(
                attempt, f"{', '.join(sorted(forbidden))}: {', '.join(locations.sudo().mapped('display_name'))}",
                _("Quantities on hand are changed by transfers and counts only. Enter a counted quantity instead."),
                locations.sudo().company_id[:1])

    @api.model
    def _check_unlink(self, quants):
        """Refuse to delete stock.

        :raise UserError: saying what to do
        """
        holding = self._get_gated_quants(quants).filtered(lambda quant: not numbers.is_zero(
            quant.quantity, quant.product_uom_id.rounding))
        if holding:
            self.env["stock.cycle.count.audit.log"]._log_and_raise(
                "delete a quant", self._name_quants(holding),
                _("%(quants)s still holds stock. Count it as 0 instead of deleting it.",
                  quants=self._name_quants(holding)), holding.sudo().company_id[:1])

    @api.model
    def _name_quants(self, quants):
        """Names of quants for people; a quant's own name lacks its product."""
        return ", ".join(f"{quant.product_id.display_name} / {quant.display_name}" for quant in quants)
