from odoo import _, api, models
from odoo.exceptions import UserError

from .stock_cycle_count_scanner_barcode import PRODUCT_FIELDS


class StockCycleCountScannerFound(models.AbstractModel):
    """What was scanned and stands on no line: the product, its lot, and the line that it gets."""

    _name = "stock.cycle.count.scanner.found"
    _description = "Found Stock of the Scanner Screen"

    @api.model
    def _make_found(self, entry, product):
        """Line for what no line expects, made on the spot; a lot or serial number that nobody knows is made too.

        :raise UserError: when it cannot be counted there
        """
        sheet = self._get_sheet(entry)
        self._check_counting(sheet)
        location = self._get_location(entry, sheet)
        if not location:
            raise UserError(_("This location is not on sheet %(sheet)s.", sheet=sheet.name))
        company = sheet.company_id
        if not self._is_of(product, company.ids):
            raise UserError(_("No stock is kept of this product here, so it is not counted."))
        lot = self._get_or_create_lot(entry, product, company)
        return sheet.sudo(False)._add_found(location, product, lot, self._get_package(entry, sheet)).sudo()

    @api.model
    def _find_product_of(self, entry):
        """Product of an entry without a line.

        :raise UserError: when no stock is kept of it in the companies that the user works in
        """
        if entry.get("line_id"):
            raise UserError(_("The sheet was changed and this line is gone. Open the location and count it again."))
        Product = self.env["product.product"].with_context(active_test=False)
        product = Product.search_fetch(
            [("id", "=", entry.get("product_id")), ("type", "=", "product")], PRODUCT_FIELDS)
        if not product or not self._is_of(product, self.env.user._get_company_ids()):
            raise UserError(_("No stock is kept of this product here, so it is not counted."))
        return product

    @api.model
    def _is_of(self, product, company_ids):
        """Whether a product is one of some companies; what has no company is, with nothing to look up."""
        return not product.company_id or bool(product.filtered_domain(product._check_company_domain(company_ids)))

    @api.model
    def _get_or_create_lot(self, entry, product, company):
        """Lot of a found thing.

        :raise UserError: when a tracked product comes without one
        """
        Lot = self.env["stock.lot"]
        name = str(entry.get("lot_name") or "").strip()
        if product.tracking == "none":
            return Lot
        if not name:
            raise UserError(_(
                "%(product)s is counted by lot or serial number. Scan its number.", product=product.display_name))
        values = {"name": name, "product_id": product.id, "company_id": company.id}
        lot = Lot.search_fetch([(key, "=", value) for key, value in values.items()], ["name"], limit=1)
        # Who made it stands on the lot; a note in its chatter would cost more queries than the count.
        return lot or Lot.with_context(tracking_disable=True).create(values)
