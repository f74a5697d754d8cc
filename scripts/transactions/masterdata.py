"""The warehouse, its bins, the products and the customers that the moves of a file need."""

from __future__ import annotations

import re
from collections.abc import Collection

from odoo.api import Environment
from odoo.exceptions import UserError

from .layout import Layout
from .reader import Product


def find_or_create_warehouse(env: Environment, name: str):
    """The warehouse of that name, archived ones included; a new one delivers and receives in one step."""
    warehouses = env["stock.warehouse"].with_context(active_test=False)
    found = warehouses.search([("name", "=", name)], limit=1)
    if found:
        return found
    taken = set(warehouses.search([("company_id", "=", env.company.id)]).mapped("code"))
    words = re.findall(r"[A-Z0-9]+", name.upper()) or ["SALES"]
    code, suffix = words[-1][:5], 2
    while code in taken:
        code, suffix = f"{words[-1][: 5 - len(str(suffix))]}{suffix}", suffix + 1
    return warehouses.create({"name": name, "code": code, "company_id": env.company.id})


def find_or_create_bins(env: Environment, warehouse, layout: Layout) -> dict[str, int]:
    """The ids of the bins of the layout by their name, below zones and aisles of the warehouse's stock.

    A location is known by its barcode: the code of the warehouse and the name of the place.
    """
    stock_id = warehouse.lot_stock_id.id
    zones, aisles, bins = {}, {}, {}
    for place in layout.bins:
        zones[place.zone] = {"name": f"Zone {place.zone}", "location_id": stock_id}
    zone_ids = _find_or_create_locations(env, warehouse, zones)
    for place in layout.bins:
        aisles[place.aisle_name] = {
            "name": f"Aisle {place.aisle:02d}",
            "location_id": zone_ids[place.zone],
            "posx": place.aisle,
        }
    aisle_ids = _find_or_create_locations(env, warehouse, aisles)
    for place in layout.bins:
        bins[place.name] = {
            "name": place.name,
            "location_id": aisle_ids[place.aisle_name],
            "posx": place.aisle,
            "posy": place.bay,
            "posz": place.level,
        }
    return _find_or_create_locations(env, warehouse, bins)


def _find_or_create_locations(env: Environment, warehouse, wanted: dict[str, dict]) -> dict[str, int]:
    """The ids of the wanted locations by their key; `wanted` holds the values of each."""
    model = env["stock.location"].with_context(active_test=False)
    barcodes = {key: f"{warehouse.code}-{key}" for key in wanted}
    domain = [("barcode", "in", list(barcodes.values())), ("company_id", "=", warehouse.company_id.id)]
    ids = {location.barcode: location.id for location in model.search(domain)}
    missing = [key for key in wanted if barcodes[key] not in ids]
    common = {"usage": "internal", "company_id": warehouse.company_id.id}
    created = model.create([wanted[key] | common | {"barcode": barcodes[key]} for key in missing])
    ids |= {location.barcode: location.id for location in created}
    return {key: ids[barcode] for key, barcode in barcodes.items()}


def find_products(env: Environment, warehouse, codes: Collection[str]) -> dict[str, int]:
    """The ids of the products that exist, by code; of several with one code the oldest active one.

    :raises UserError: when one exists whose stock cannot be moved by quantity alone
    """
    domain = [("default_code", "in", list(codes)), ("company_id", "in", (False, warehouse.company_id.id))]
    found = env["product.product"].with_context(active_test=False).search(domain, order="active desc, id")
    products = {}
    for product in found:
        products.setdefault(product.default_code, product)
    unfit = [code for code, item in products.items() if item.detailed_type != "product" or item.tracking != "none"]
    if unfit:
        raise UserError(
            f"Products with the codes {', '.join(sorted(unfit)[:10])} exist already and are not storable products"
            " without lots or serial numbers. Change them, or load into another database."
        )
    return {code: product.id for code, product in products.items()}


def create_products(env: Environment, products: Collection[Product]) -> dict[str, int]:
    """New storable products; the code is also the barcode unless that is taken. Returns ids by code.

    Prices are rounded by the *Product Price* precision of the database; `Decimal` keeps the median exact up to there.
    """
    codes = [product.code for product in products]
    domain = [("barcode", "in", codes)]
    taken = {
        record.barcode
        for model in ("product.product", "product.packaging")
        for record in env[model].with_context(active_test=False).search(domain)
    }
    created = env["product.product"].create(
        [
            {
                "name": product.name,
                "default_code": product.code,
                "barcode": False if product.code in taken else product.code,
                "detailed_type": "product",
                "tracking": "none",
                "list_price": float(product.price),
                "standard_price": float(product.cost),
            }
            for product in products
        ]
    )
    return {product.default_code: product.id for product in created}


def find_or_create_customers(env: Environment, warehouse, countries: Collection[str]) -> dict[str, int]:
    """One customer a country, known by its reference. Returns partner ids by the country's name in the file."""
    model = env["res.partner"].with_context(active_test=False)
    references = {country: f"{warehouse.code}/{country}" for country in countries if country}
    ids = {partner.ref: partner.id for partner in model.search([("ref", "in", list(references.values()))])}
    known = {country.name: country.id for country in env["res.country"].search([("name", "in", list(references))])}
    missing = [country for country in references if references[country] not in ids]
    created = model.create(
        [
            {
                "name": f"{warehouse.name} customers, {country}",
                "ref": references[country],
                "country_id": known.get(country),
                "company_id": warehouse.company_id.id,
            }
            for country in missing
        ]
    )
    ids |= {partner.ref: partner.id for partner in created}
    return {country: ids[reference] for country, reference in references.items()}
