from odoo import _, api, models
from odoo.exceptions import UserError

from ...tools import numbers
from ..constants import OPEN_STATES


class StockCycleCountGateKinds(models.AbstractModel):
    """What stock *is* does not change beside the gate: the kind and place of locations that hold it, and what one piece
    of a product is.
    """

    _name = "stock.cycle.count.gate.kinds"
    _description = "Gate of Places and Products"

    @api.model
    def _get_holding(self, locations, below=False):
        """Those gated locations, of some or of all below them, on which stock is on record."""
        if not locations or self._is_exempt():
            return locations.browse()
        domain = [("location_id", "child_of" if below else "in", locations.ids), ("quantity", "!=", 0)]
        return self._get_gated_locations(self.env["stock.quant"].sudo().search(domain).location_id)

    @api.model
    def _raise_holding(self, attempt, locations, message):
        """Log and refuse what would change the stock in locations without a move.

        :raise UserError: with the message
        """
        names = ", ".join(locations.mapped("display_name"))
        self.env["stock.cycle.count.audit.log"]._log_and_raise(
            attempt, names, _("%(locations)s: %(message)s", locations=names, message=message), locations.company_id[:1])

    @api.model
    def _check_location_vals(self, vals, locations):
        """Refuse to turn a location that holds stock into one of another kind, or to hang it elsewhere: what lies in it
        would appear in the books, or be gone, without a count.

        :raise UserError: naming the locations
        """
        changed = locations.filtered(lambda location: (
            location.usage != vals.get("usage", location.usage)
            or location.scrap_location != vals.get("scrap_location", location.scrap_location)))
        if not vals.get("active", True):
            self._check_not_counted(locations.filtered("active"))
        holding = self._get_holding(changed)
        if holding:
            self._raise_holding("change the kind of a location", holding, _(
                "there is stock on record, so the kind of location cannot be changed. Move or count it to 0 first."))
        if "location_id" in vals:
            parent = locations.browse(vals["location_id"] or []).sudo()
            holding = self._get_holding(
                locations.filtered(lambda location: location.sudo().warehouse_id != parent.warehouse_id), below=True)
            if holding:
                self._raise_holding("move a location", holding, _(
                    "there is stock on record, so the location stays in its warehouse. Make a transfer of what lies there."))

    @api.model
    def _check_not_counted(self, locations):
        """Refuse to archive locations that are being counted, or from which a transfer waits that counting found: what was
        found there could not be posted any more.

        :raise UserError: naming the locations, the sheets and what to do
        """
        if not locations or self._is_exempt():
            return
        lines = self.env["stock.cycle.count.line"].sudo().search([
            ("location_id", "in", locations.ids), ("state", "in", OPEN_STATES)])
        lines |= self.env["stock.cycle.count.transfer"].sudo().search([
            ("location_id", "in", locations.ids), ("selected", "=", True),
            ("target_line_id.state", "in", OPEN_STATES)]).target_line_id
        if lines:
            raise UserError(_(
                "%(locations)s: sheets %(sheets)s count it or wait to move stock from it. Finish, reject or cancel these counts "
                "first, then archive the location.",
                locations=", ".join(locations.mapped("display_name")),
                sheets=", ".join(dict.fromkeys(
                    f"{sheet.name} ({sheet.user_id.name or '-'})" for sheet in lines.count_id))))

    @api.model
    def _check_view_location(self, view, warehouses):
        """Refuse to give warehouses another view location: their stock would no longer be theirs.

        :raise UserError: naming the locations that hold stock
        """
        changed = warehouses.filtered(lambda warehouse: warehouse.view_location_id.id != view).view_location_id
        holding = self._get_holding(changed | changed.browse(view or []), below=True)
        if holding:
            self._raise_holding("change the view location of a warehouse", holding, _(
                "there is stock on record, so the warehouse keeps its locations. Make a transfer of what lies there."))

    @api.model
    def _check_product_vals(self, products, names):
        """Refuse to change what one piece of products is that stock is on record of.

        :param products: those that change
        :param names: names of the fields that are changed
        :raise UserError: naming the products
        """
        if not products or self._is_exempt():
            return
        quants = self.env["stock.quant"].sudo().search([
            ("product_id", "in", products.ids), ("quantity", "!=", 0),
            ("location_id.usage", "in", ("internal", "transit"))])
        quants = self._get_gated_quants(quants)
        if quants:
            held = ", ".join(quants.product_id.mapped("display_name"))
            self.env["stock.cycle.count.audit.log"]._log_and_raise(
                "change what stock is", f"{', '.join(sorted(names))}: {held}", _(
                    "%(products)s: there is stock on record, so what one piece of it is cannot be changed. Count it to 0 "
                    "first and count it again after, or archive the product and make a new one.", products=held),
                quants.company_id[:1])

    @api.model
    def _check_rounding(self, rounding, units):
        """Refuse to make units coarser that stock is kept in: what lies there would no longer be counted as it is.

        :raise UserError: naming products
        """
        coarser = units.filtered(lambda unit: not numbers.is_at_most(rounding, unit.rounding, unit.rounding / 100))
        if coarser:
            self._check_product_vals(
                self.env["product.product"].sudo().with_context(active_test=False).search([("uom_id", "in", coarser.ids)]),
                {"rounding"})
