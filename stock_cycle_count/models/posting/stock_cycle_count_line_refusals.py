from odoo import _, models

from ...tools import numbers


class StockCycleCountLineRefusals(models.AbstractModel):
    """What cannot be posted however it was decided: each says why, and what to do, as a sentence or False. They are asked
    before anything moves, on every way that posts.
    """

    _name = "stock.cycle.count.line.refusals"
    _description = "What Keeps a Count Line from Being Posted"

    def _why_not_post(self):
        """Why the line cannot be posted, or False."""
        return (self._why_not_retired() or self._why_not_kit() or self._why_not_exact() or self._why_not_departed_serial()
                or self._why_not_split_package())

    def _why_not_retired(self):
        """Why stock of this kind no longer moves: its bin, its product or its unit is archived; or False."""
        places = self.location_id | self._get_selected_transfers().location_id
        for record in (*places, self.product_id, self.product_uom_id):
            if not record.active:
                return _(
                    "%(line)s: %(kind)s %(name)s is archived. Unarchive it, or reject the difference.",
                    line=self.display_name, kind=self.env["ir.model"]._get(record._name).name, name=record.display_name)
        return False

    def _why_not_kit(self):
        """Why a kit cannot be booked in: manufacturing, where it is there, keeps stock of its parts; or False. What stands
        in the books of old may be counted out.
        """
        if self.adjustment_qty <= 0 and not self.transfer_qty or not self._is_kit():
            return False
        return self._explain_kit()

    def _is_kit(self):
        product = self.product_id.with_company(self.company_id)
        return "is_kits" in product._fields and product.is_kits

    def _explain_kit(self):
        """Why a kit is not counted, and what is."""
        parts = ""
        if "mrp.bom" in self.env:
            kits = self.env["mrp.bom"].sudo()._bom_find(self.product_id, company_id=self.company_id.id, bom_type="phantom")
            parts = ", ".join(kits[self.product_id].bom_line_ids.product_id.mapped("display_name"))
        return _("%(line)s: this is a kit, of which no stock is kept. Count its components: %(parts)s.",
                 line=self.display_name, parts=parts or "-")

    def _why_not_exact(self):
        """Why the difference cannot be booked to its last digit: moves are rounded by the unit; or False."""
        unit = self.product_uom_id
        moved = [self.adjustment_qty, *self._get_selected_transfers().mapped("quantity")]
        if all(numbers.is_same(quantity, numbers.rounded(quantity, unit.rounding), self._get_digit())
               for quantity in moved):
            return False
        return _(
            "%(line)s: the books show %(expected)s and %(counted)s were counted. Unit %(unit)s is rounded to %(rounding)s, so "
            "that no move is of the difference. Give the unit a finer rounding.",
            line=self.display_name, expected=self._format_quantity(self.expected_qty),
            counted=self._format_quantity(self.counted_qty), unit=unit.name,
            rounding=self._format_quantity(unit.rounding))

    def _why_not_departed_serial(self):
        """Why a serial that was found cannot simply be booked in: the books say that it has left; or False."""
        if self.tracking != "serial" or not self.lot_id or self.adjustment_qty <= 0:
            return False
        away = self.env["stock.quant"].sudo().search([
            ("lot_id", "=", self.lot_id.id), ("quantity", ">", 0), ("location_id", "!=", self.location_id.id),
            ("location_id.usage", "not in", ("inventory", "supplier", "view", "production")),
        ], limit=1) or self.env["stock.quant"].sudo().search([
            ("lot_id", "=", self.lot_id.id), ("quantity", ">", 0), ("location_id.scrap_location", "=", True)], limit=1)
        if not away:
            return False
        if away.location_id._get_picked_places():
            return self._explain_picked(away)
        return _(
            "%(line)s: the books have this serial number at %(location)s. If it came back, make the return of that "
            "transfer; if it is another piece, give it a new serial number.",
            line=self.display_name, location=away.location_id.display_name)

    def _explain_picked(self, quant):
        """Why what was picked to be shipped is not taken back by a count."""
        return _(
            "%(line)s: the books have it at %(location)s, picked to be shipped. Put it back there, or cancel or return its "
            "transfer; then count it again.", line=self.display_name, location=quant.location_id.display_name)

    def _why_not_split_package(self):
        """Why what was found in a package cannot be booked in: the books have the rest of the package elsewhere, and a
        package is in one place; or False.
        """
        package = self.package_id
        if not package or self.variance_qty <= 0:
            return False
        # What this sheet, or another that is posted together with it, moves or writes off there does not stay.
        elsewhere = package.sudo().quant_ids.filtered(
            lambda quant: quant.location_id != self.location_id and quant.quantity > 0)
        moved = self.search([("package_id", "=", package.id), ("state", "in", ("counted", "approved"))])
        left = elsewhere.filtered(lambda quant: not numbers.is_zero(
            quant.quantity - moved._get_leaving(quant), self._get_digit()))
        if not left:
            return False
        if left.location_id._get_picked_places():
            return self._explain_picked(left[0])
        return _(
            "%(line)s: the books have %(package)s in %(location)s, with %(quantity)s of %(product)s that stay there. Count the "
            "whole package here and there, make the return if it was delivered, or count what is here without the package.",
            line=self.display_name, package=package.name, location=left[0].location_id.display_name,
            quantity=self._format_quantity(left[0].quantity), product=left[0].product_id.display_name)

    def _get_leaving(self, quant):
        """What posting these lines takes from a quant."""
        leaving = -sum(self.filtered(
            lambda line: line.location_id == quant.location_id and line.product_id == quant.product_id
            and line.lot_id == quant.lot_id and line.owner_id == quant.owner_id).mapped("adjustment_qty"))
        return leaving + sum((self.target_transfer_ids | self.source_transfer_ids).filtered(
            lambda transfer: transfer.selected and transfer.location_id == quant.location_id
            and transfer.package_id == quant.package_id and transfer.product_id == quant.product_id
            and transfer.lot_id == quant.lot_id and transfer.target_line_id.owner_id == quant.owner_id).mapped("quantity"))
