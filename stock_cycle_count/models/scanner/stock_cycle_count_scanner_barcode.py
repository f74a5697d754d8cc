from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import ValidationError

from .stock_cycle_count_scanner_data import LOCATION_FIELDS, SHEET_FIELDS

#: What is read of a product that was scanned, by the search that finds it.
PRODUCT_FIELDS = ("default_code", "barcode", "active", "product_tmpl_id")
#: Retail codes are printed with more or fewer leading zeros (GTIN-8, UPC-A, EAN-13, GTIN-14): all lengths are the same.
GTIN_LENGTHS = (8, 12, 13, 14)


class Scanned(NamedTuple):
    """What a barcode names.

    ``kind`` is ``location``, ``sheet`` or ``package`` (``record`` is it), ``item`` (``record`` are the products it may
    be), ``foreign`` (something of another company) or ``unknown``.
    """

    kind: str
    record: models.Model = None
    lot_name: str = ""
    #: In the unit of the product.
    quantity: float = 1
    package: models.Model = None
    #: Whether it carries the very code, not one that differs by leading zeros.
    exact: bool = True


class StockCycleCountScannerBarcode(models.AbstractModel):
    """Finds what a barcode names: what carries exactly this code, else what the company's nomenclature makes of it.

    Nomenclatures come second because their types mislead: a rule for anything calls a shelf label a product, and any
    code that begins with the digits of an application identifier decodes as one.
    """

    _name = "stock.cycle.count.scanner.barcode"
    _description = "What a Barcode Names"

    @api.model
    def _resolve(self, barcode, company):
        """What a barcode names in a company. At most 15 queries.

        :return: ``Scanned``
        """
        self = self.with_context(active_test=False)
        barcode = barcode.strip()
        return (
            self._find_exact(barcode, company)
            or self._find_parsed(barcode, company)
            or Scanned("foreign" if self._is_foreign(barcode, company) else "unknown"))

    @api.model
    def _find_exact(self, barcode, company):
        """What has this code. A product whose barcode differs by leading zeros comes after all that has it exactly."""
        domain = [("company_id", "in", (company.id, False))]
        location = self.env["stock.location"].search_fetch(
            [("barcode", "=", barcode), *domain], LOCATION_FIELDS, limit=1)
        if location:
            return Scanned("location", location)
        product = self._find_product(barcode, company)
        if product and product.exact:
            return product
        return (
            self._find_lot(barcode, company)
            or self._find_one("package", "stock.quant.package", [("name", "=", barcode), *domain])
            or self._find_one("sheet", "stock.cycle.count", [("name", "=", barcode), *domain], SHEET_FIELDS)
            or self._find_reference(barcode, company)
            or product)

    @api.model
    def _find_one(self, kind, model, domain, field_names=("name",)):
        record = self.env[model].search_fetch(domain, field_names, limit=1)
        return Scanned(kind, record) if record else None

    @api.model
    def _find_product(self, barcode, company):
        """Product or packaging with a code, whatever the number of leading zeros: active before archived, and exact
        before near.
        """
        codes = self._get_equal_codes(barcode)
        Product = self.env["product.product"]
        products = Product.search_fetch(
            [("barcode", "in", codes), *Product._check_company_domain(company)], PRODUCT_FIELDS,
        ).sorted(lambda product: (not product.active, product.barcode != barcode))
        if products:
            return Scanned("item", products[0], exact=products[0].barcode == barcode)
        packagings = self.env["product.packaging"].search_fetch(
            [("barcode", "in", codes), ("company_id", "in", (company.id, False)), ("product_id", "!=", False)],
            ["product_id", "qty", "barcode"],
        ).sorted(lambda packaging: (not packaging.product_id.active, packaging.barcode != barcode))
        return Scanned(
            "item", packagings[0].product_id, quantity=packagings[0].qty, exact=packagings[0].barcode == barcode,
        ) if packagings else None

    @api.model
    def _find_reference(self, reference, company):
        """Products with an internal reference; archived ones only where no other has it."""
        Product = self.env["product.product"]
        products = Product.search_fetch(
            [("default_code", "=", reference), *Product._check_company_domain(company)], PRODUCT_FIELDS)
        products = products.filtered("active") or products
        return Scanned("item", products) if products else None

    @api.model
    def _find_lot(self, name, company):
        """Products that have a lot or serial number of this name."""
        lots = self.env["stock.lot"].search_fetch(
            [("name", "=", name), ("company_id", "=", company.id)], ["name", "product_id"])
        return Scanned("item", lots.product_id, lot_name=name) if lots else None

    @api.model
    def _get_equal_codes(self, barcode):
        if not (barcode.isascii() and barcode.isdigit()):
            return [barcode]
        digits = barcode.lstrip("0")
        return list({barcode, digits, *(digits.zfill(length) for length in GTIN_LENGTHS)} - {""})

    @api.model
    def _parse(self, barcode, company):
        """What the nomenclature of the company reads in a barcode: ``{type: value}``.

        Quantities are ``(number, unit of measure)``.
        """
        nomenclature = company.nomenclature_id
        try:
            parsed = nomenclature.parse_barcode(barcode) if nomenclature else None
        except (ValidationError, ValueError, IndexError):
            # A date that does not exist, a rule that is no regular expression: the code is not of this nomenclature.
            return {}
        if not isinstance(parsed, dict):
            values = {}
            for part in parsed or []:
                rule = part["rule"]
                value = (part["value"], rule.associated_uom_id) if rule.type == "quantity" else part["value"]
                values.setdefault(rule.type, value)
            return values
        if parsed["type"] == "weight":
            return {"product": parsed["base_code"], "quantity": (parsed["value"], self.env["uom.uom"])}
        return {parsed["type"]: parsed["base_code"]}

    @api.model
    def _find_parsed(self, barcode, company):
        """What the parts of a barcode name, None when they name nothing."""
        values = self._parse(barcode, company)
        if values == {"product": barcode}:
            return None
        package = self.env["stock.quant.package"]
        if values.get("package"):
            package = package.search(
                [("name", "=", values["package"]), ("company_id", "in", (company.id, False))], limit=1)
        found = None
        if values.get("product"):
            found = self._find_product(values["product"], company)
            if found and values.get("lot"):
                found = found._replace(lot_name=values["lot"])
        elif values.get("lot"):
            found = self._find_lot(values["lot"], company)
        if found:
            quantity = self._convert(values.get("quantity"), found.record[:1])
            return found._replace(
                package=package, quantity=found.quantity if quantity is None else quantity * found.quantity)
        if package:
            return Scanned("package", package)
        for kind in ("location", "location_dest"):
            if values.get(kind):
                return self._find_one("location", "stock.location", [
                    ("barcode", "=", values[kind]), ("company_id", "in", (company.id, False))], LOCATION_FIELDS)
        return None

    @api.model
    def _convert(self, quantity, product):
        """Quantity that a barcode states, in the unit of the product; None when it states none that fits."""
        if not quantity:
            return None
        number, uom = quantity
        if not uom or uom == product.uom_id:
            return number
        if uom.category_id != product.uom_id.category_id:
            return None
        return uom._compute_quantity(number, product.uom_id)

    @api.model
    def _is_foreign(self, barcode, company):
        """Whether something of another company carries this code."""
        elsewhere = [("company_id", "not in", (company.id, False))]
        codes = self._get_equal_codes(barcode)
        return any(
            self.env[model].search_count([(name, "in", codes), *elsewhere], limit=1)
            for model, name in (
                ("product.product", "barcode"), ("stock.location", "barcode"), ("stock.lot", "name"),
                ("stock.quant.package", "name")))
