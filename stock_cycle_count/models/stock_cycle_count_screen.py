from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import format_date

from .stock_cycle_count_line import OPEN_STATES, TO_COUNT_STATES

#: Sheets of at most so many lines are sent to the device whole, so that its bins open without network.
WHOLE_SHEET = 200


class StockCycleCountScreen(models.AbstractModel):
    """What each screen of the scanner shows, and nothing else.

    All reads are made as superuser, for a counter may read hardly anything of stock: callers have checked the sheet.
    Quantities are those that counters entered in the present round; what the books show appears only as
    ``expected``, of sheets that are not blind. The number of queries does not grow with the number of lines.
    """

    _name = "stock.cycle.count.screen"
    _description = "What the Scanner Shows"

    @api.model
    def _show_home(self, sheets):
        """Sheets to choose from, late ones marked.

        :param sheets: sheets that the user may see
        """
        sheets = sheets.sudo()
        today = fields.Date.context_today(self)
        walks = self._get_walks(sheets)
        cards = []
        for sheet in sheets:
            walk = walks[sheet.id]
            names = [location["name"] for location in walk]
            cards.append(dict(
                self._show_header(sheet),
                date=format_date(self.env, sheet.scheduled_date),
                when="late" if sheet.scheduled_date < today else
                     "today" if sheet.scheduled_date == today else "later",
                locations=len(walk),
                where=" … ".join(names[:1] + names[1:][-1:])))
        return {"sheets": cards}

    @api.model
    def _show_header(self, sheet):
        """Name, people and progress of a sheet."""
        sheet = sheet.sudo()
        people = sheet.user_id | sheet.participant_ids
        return {
            "id": sheet.id,
            "name": sheet.name,
            "state": sheet.state,
            "blind": sheet.blind,
            "mine": self.env.user in people,
            "counter": sheet.user_id.name or "",
            "people": people.mapped("name"),
            "total": sheet.line_count,
            "counted": sheet.counted_count,
            "recounts": sheet.recount_count,
        }

    @api.model
    def _show_sheet(self, sheet):
        """Locations of a sheet in walking order; their lines too when the sheet is small."""
        walk = self._get_walks(sheet)[sheet.id]
        data = {"sheet": self._show_header(sheet), "locations": walk, "bins": {}}
        if sheet.sudo().line_count <= WHOLE_SHEET:
            locations = self.env["stock.location"].browse([location["id"] for location in walk])
            data["bins"] = self._show_bins(sheet, locations)
        return data

    @api.model
    def _show_location(self, sheet, location):
        """Lines of one bin."""
        return {
            "sheet": self._show_header(sheet),
            "locations": self._get_walks(sheet)[sheet.id],
            "bins": self._show_bins(sheet, location),
        }

    @api.model
    def _get_walks(self, sheets):
        """Locations of each sheet in walking order, with how far they are: ``{sheet id: [location, ...]}``.

        ``todo`` counts the lines that this user is to count, ``others`` those that somebody else is to recount.
        """
        Line = self.env["stock.cycle.count.line"].sudo()
        walks = defaultdict(dict)
        for sheet, location, state, number, skipped, sequence in Line._read_group(
                [("count_id", "in", sheets.ids), ("state", "!=", "cancel")],
                ["count_id", "location_id", "state"], ["__count", "skip_reason:count_distinct", "sequence:min"]):
            entry = walks[sheet.id].setdefault(location, {
                "id": location.id, "name": location.name, "path": location.complete_name,
                "barcode": location.barcode or "", "total": 0, "todo": 0, "others": 0, "recount": 0,
                "skipped": bool(skipped), "sequence": sequence})
            entry["sequence"] = min(entry["sequence"], sequence)
            entry["skipped"] |= bool(skipped)
            entry["total"] += number
            if state in TO_COUNT_STATES:
                entry["todo"] += number
            if state == "recount":
                entry["recount"] += number
        for line in self._get_recounts_of_others(sheets):
            entry = walks[line.count_id.id][line.location_id]
            entry["todo"] -= 1
            entry["recount"] -= 1
            entry["others"] += 1
        return {
            sheet.id: [
                entry for location, entry in sorted(
                    walks[sheet.id].items(), key=lambda item: (item[1].pop("sequence"), item[0]._get_walking_key()))]
            for sheet in sheets}

    @api.model
    def _get_recounts_of_others(self, sheets):
        """Lines to recount that this user counted before: somebody else has to."""
        lines = self.env["stock.cycle.count.line"].sudo().search(
            [("count_id", "in", sheets.ids), ("state", "=", "recount")])
        return lines.filtered(lambda line: not self._is_mine(line))

    @api.model
    def _is_mine(self, line):
        """Whether this user may count a line as far as recounts go."""
        user = self.env.user
        return line.round == 1 or line.user_id == user or user not in line._get_counters(line.round)

    @api.model
    def _show_bins(self, sheet, locations):
        """Lines, products and codes of bins: ``{location id: bin}``.

        ``codes`` tells which codes count directly on one line, so that the device need not ask:
        ``{code: [line id, quantity]}``.
        """
        lines = self.env["stock.cycle.count.line"].sudo().search([
            ("count_id", "=", sheet.id), ("location_id", "in", locations.ids),
            ("state", "in", OPEN_STATES)], order="sequence, id")
        shown = dict(zip(lines.ids, self._show_lines(lines)))
        products = self._show_products(lines.product_id)
        by_location = lines.grouped("location_id")
        bins = {}
        for location in locations:
            own = by_location.get(location.sudo(), lines.browse())
            bins[location.id] = {
                "lines": [shown[line.id] for line in own],
                "products": {product.id: products[product.id] for product in own.product_id},
                "codes": self._get_codes(own.filtered(lambda line: shown[line.id]["mine"])),
            }
        return bins

    @api.model
    def _show_lines(self, lines):
        """Lines as the device keeps them; ``counted`` is null for those that nobody counted in this round."""
        lines = lines.sudo()
        result = []
        for line in lines:
            open_sheet = not line.count_id.blind
            result.append({
                "id": line.id,
                "location_id": line.location_id.id,
                "product_id": line.product_id.id,
                "lot": line.lot_id.name or "",
                "package_id": line.package_id.id,
                "package": line.package_id.name or "",
                "owner": line.owner_id.name or "",
                "serial": line.product_id.tracking == "serial" and bool(line.lot_id),
                "counted": None if line.state in TO_COUNT_STATES else line.counted_qty,
                "recount": line.state == "recount",
                "mine": line._is_countable() and self._is_mine(line),
                "found": line.selection_reason == "found",
                "skipped": line.skip_reason or "",
                "expected": line.shown_expected_qty if open_sheet else None,
            })
        return result

    @api.model
    def _show_products(self, products):
        """Names and units of products: ``{product id: product}``.

        Units are what the quantity pad offers: the product's unit first, packagings, other units of the category.
        ``factor`` is how many of the product's unit one of them is.
        """
        products = products.sudo()
        categories = products.uom_id.category_id
        uoms = self.env["uom.uom"].sudo().search([("category_id", "in", categories.ids)]).grouped("category_id")
        result = {}
        for product in products:
            own = product.uom_id
            units = [{"key": f"uom-{own.id}", "name": own.name, "factor": 1, "pack": False}]
            units += [
                {"key": f"pack-{packaging.id}", "name": packaging.name, "factor": packaging.qty, "pack": True}
                for packaging in product.packaging_ids if packaging.qty > 0]
            units += [
                {"key": f"uom-{uom.id}", "name": uom.name, "pack": False,
                 "factor": uom._compute_quantity(1, own, round=False)}
                for uom in uoms[own.category_id] if uom != own]
            result[product.id] = {
                "id": product.id, "name": product.with_context(display_default_code=False).display_name,
                "code": product.default_code or "", "tracking": product.tracking, "units": units,
                "rounding": own.rounding}
        return result

    @api.model
    def _get_codes(self, lines):
        """Codes that mean exactly one of these lines: ``{code: [line id, quantity]}``.

        A lot or serial number names its line; a product or packaging only where it is not tracked, for its lot is to
        be read as well.
        """
        codes = defaultdict(list)
        for line in lines.sudo():
            product = line.product_id
            if line.lot_id:
                codes[line.lot_id.name].append((line.id, 1))
            elif product.tracking == "none":
                codes[product.barcode].append((line.id, 1))
                for packaging in product.packaging_ids:
                    codes[packaging.barcode].append((line.id, packaging.qty))
        return {code: meant[0] for code, meant in codes.items() if code and len(meant) == 1}

    @api.model
    def _show_target(self, line, quantity=None):
        """What a scan counts on: a line, and how many where the barcode says so."""
        return {"line_id": line.id, "quantity": quantity}

    @api.model
    def _show_found(self, location, product, lot_name="", package=None, quantity=None):
        """What a scan counts on where no line is: all that the entry will need."""
        return {
            "line_id": False, "quantity": quantity, "location_id": location.id, "product_id": product.id,
            "lot_name": lot_name, "package_id": package.id if package else False,
            "package": package.name if package else "",
            "serial": product.tracking == "serial", "product": self._show_products(product)[product.id],
        }

    @api.model
    def _describe(self, product, lot_name="", package=None):
        """Name of a thing for messages."""
        name = product.sudo().display_name
        if lot_name:
            name = _("%(product)s, lot or serial number %(lot)s", product=name, lot=lot_name)
        if package:
            name = _("%(item)s in %(package)s", item=name, package=package.sudo().name)
        return name
