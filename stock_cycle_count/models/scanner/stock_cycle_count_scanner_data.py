from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import format_date

from ..constants import KEY_FIELDS, OPEN_STATES, TO_COUNT_STATES

#: Sheets of at most so many lines are sent to the device whole, so that its bins open without network.
WHOLE_SHEET = 200
#: What screens read of records: searches bring it along, so that none is read a second time.
LINE_FIELDS = (
    *KEY_FIELDS, "count_id", "sequence", "state", "round", "user_id", "counted_qty", "is_found", "skip_reason",
    "verdict", "again")
LOCATION_FIELDS = ("name", "complete_name", "barcode", "posx", "posy", "posz", "usage")
SHEET_FIELDS = ("name", "company_id", "state", "blind", "user_id", "scheduled_date", "start_date", "close_date",
                "lock_mode")
UNIT_FIELDS = ("name", "category_id", "factor", "rounding", "active")


class StockCycleCountScannerData(models.AbstractModel):
    """What each screen of the scanner shows, and nothing else.

    All reads are made as superuser, for a counter may read hardly anything of stock: callers have checked the sheet.
    Quantities are those that counters entered in the present round; what the books show appears only as
    ``expected``, of sheets that are not blind. The number of queries does not grow with the number of lines.
    """

    _name = "stock.cycle.count.scanner.data"
    _description = "What the Scanner Shows"

    @api.model
    def _data_for_home(self, sheets):
        """Sheets to choose from, late ones marked, and those that only others recount any more.

        :param sheets: sheets that the user may see
        """
        today = fields.Date.context_today(self)
        walks = self._get_walks(sheets)
        self._get_people(sheets).mapped("name")         # of all sheets together
        cards = []
        for sheet in sheets:
            walk = walks[sheet.id]
            names = [location["name"] for location in walk]
            cards.append(dict(
                self._data_for_header(sheet, walk),
                handed_on=self.env.user in sheet.closed_to_ids,
                date=format_date(self.env, sheet.scheduled_date),
                when="late" if sheet.scheduled_date < today else
                     "today" if sheet.scheduled_date == today else "later",
                locations=len(walk),
                where=" … ".join(names[:1] + names[1:][-1:])))
        return {"sheets": cards}

    @api.model
    def _get_people(self, sheets):
        """Who counts these sheets, archived users too: to leave them out would take another query."""
        sheets = sheets.with_context(active_test=False)
        return sheets.user_id | sheets.participant_ids

    @api.model
    def _data_for_header(self, sheet, walk):
        """Name, people and progress of a sheet.

        :param walk: its locations, see ``_get_walks``
        """
        people = self._get_people(sheet)
        total, todo, others, recounts = (
            sum(location[name] for location in walk) for name in ("total", "todo", "others", "recount"))
        return {
            "id": sheet.id,
            "name": sheet.name,
            "state": sheet.state,
            "blind": sheet.blind,
            "mine": self.env.user in people,
            "people": people.mapped("name"),
            "counter": sheet.user_id.name or "",
            "total": total,
            "counted": total - todo - others,
            "todo": todo,
            "recounts": recounts + others,
        }

    @api.model
    def _data_for_sheet(self, sheet, walk, location_id=None):
        """Locations of a sheet in walking order, with the lines of one of them; of all when none is named and the
        sheet is small.

        :param walk: its locations, see ``_get_walks``
        """
        header = self._data_for_header(sheet, walk)
        location_ids = [location_id]
        if not location_id:
            location_ids = [location["id"] for location in walk] if header["total"] <= WHOLE_SHEET else []
        bins = self._data_for_bins(sheet, self.env["stock.location"].browse(location_ids)) if location_ids else {}
        return {"sheet": header, "locations": walk, "bins": bins}

    @api.model
    def _get_walks(self, sheets):
        """Locations of each sheet in walking order, with how far they are: ``{sheet id: [location, ...]}``.

        ``todo`` counts the lines that this user is to count, ``others`` those that somebody else is to recount.
        """
        Line = self.env["stock.cycle.count.line"]
        walks, has_recounts = defaultdict(dict), False
        for sheet, location, state, again, number, skipped, sequence in Line._read_group(
                [("count_id", "in", sheets.ids), ("state", "!=", "cancel")],
                ["count_id", "location_id", "state", "again"], ["__count", "skip_reason:count_distinct", "sequence:min"]):
            entry = walks[sheet.id].setdefault(location, {
                "id": location.id, "name": location.name, "path": location.complete_name,
                "barcode": location.barcode or "", "total": 0, "todo": 0, "others": 0, "recount": 0,
                "skipped": bool(skipped), "sequence": sequence})
            entry["sequence"] = min(entry["sequence"], sequence)
            entry["skipped"] |= bool(skipped)
            entry["total"] += number
            if state in TO_COUNT_STATES or again == "asked":
                entry["todo"] += number
            if state == "recount":
                entry["recount"] += number
            has_recounts |= state == "recount"
        recounts = Line.search_fetch(
            [("count_id", "in", sheets.ids), ("state", "=", "recount")], LINE_FIELDS) if has_recounts else Line
        for line in self._get_barred(recounts):
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
    def _get_barred(self, lines):
        """Those of these lines that this user counted before, so that somebody else recounts them."""
        lines = lines.filtered(lambda line: line.round > 1 and line.user_id != self.env.user)
        if not lines:
            return lines
        first_rounds = dict(self.env["stock.cycle.count.entry"]._read_group(
            [("line_id", "in", lines.ids), ("user_id", "=", self.env.uid)], ["line_id"], ["round:min"]))
        return lines.filtered(lambda line: first_rounds.get(line, line.round) < line.round)

    @api.model
    def _get_visible(self, lines):
        """Those of these lines that the user may see. Of a blind sheet that was closed that is what the user recounts."""
        closed = lines.filtered(lambda line: line.count_id.blind and line.count_id.close_date)
        if not closed:
            return lines
        return lines - closed + lines.browse(lines.sudo(False).search([("id", "in", closed.ids)], order="id").ids)

    @api.model
    def _data_for_bins(self, sheet, locations):
        """Lines, products and codes of bins: ``{location id: bin}``.

        ``codes`` tells which codes count directly on one line, so that the device need not ask:
        ``{code: [line id, quantity]}``.
        """
        lines = self.env["stock.cycle.count.line"].search_fetch([
            ("count_id", "=", sheet.id), ("location_id", "in", locations.ids),
            ("state", "in", OPEN_STATES)], LINE_FIELDS, order="sequence, id")
        lines = self._get_visible(lines)
        self._fetch_products(lines.product_id)
        shown = dict(zip(lines.ids, self._data_for_lines(lines)))
        products = self._data_for_products(lines.product_id)
        by_location = lines.grouped("location_id")
        bins = {}
        for location in locations:
            own = by_location.get(location, lines.browse())
            bins[location.id] = {
                "lines": [shown[line.id] for line in own],
                "products": {product.id: products[product.id] for product in own.product_id},
                "codes": self._get_codes(own.filtered(lambda line: shown[line.id]["mine"])),
            }
        return bins

    @api.model
    def _data_for_lines(self, lines, books=None):
        """Lines as the device keeps them; ``counted`` is null for those that nobody counted in this round.

        :param books: what the books show now of some of the lines, where that is known: ``{line id: quantity}``
        """
        for name in ("lot_id", "package_id", "owner_id"):
            lines[name].fetch(["name"])
        barred = self._get_barred(lines)
        books = {**self._read_missing_books(lines, books or {}), **(books or {})}
        result = []
        for line in lines:
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
                "again": line.again == "asked",
                "mine": line._is_countable() and line not in barred,
                "found": line.is_found,
                "skipped": line.skip_reason or "",
                "expected": books[line.id] if line._shows_books() else None,
            })
        return result

    @api.model
    def _read_missing_books(self, lines, known):
        """What the books show now of the lines of open sheets: ``{line id: quantity}``.

        :param known: ids of lines that are left out
        """
        now = fields.Datetime.now()
        lines = lines.filtered(lambda line: line._shows_books() and line.id not in known)
        books = self.env["stock.cycle.count.entry"]._get_book_quantities(
            [{"line": line, "date": now} for line in lines], now) if lines else []
        return {line.id: quantity for line, (quantity, _picked) in zip(lines, books)}

    @api.model
    def _fetch_products(self, products):
        """Read what is shown of products at once: what is read when it is needed comes by the thousand."""
        products.fetch(["default_code", "barcode", "product_tmpl_id", "packaging_ids",
                        "product_template_attribute_value_ids"])
        products.product_tmpl_id.fetch(["name", "tracking", "uom_id"])
        products.packaging_ids.fetch(["name", "qty", "barcode"])

    @api.model
    def _data_for_products(self, products):
        """Names and units of products: ``{product id: product}``.

        Units are what the quantity pad offers: the product's unit first, packagings, other units of the category.
        ``factor`` is how many of the product's unit one of them is.
        """
        self._fetch_products(products)
        uoms = self.env["uom.uom"].search_fetch(
            [("category_id.uom_ids", "in", products.uom_id.ids)], UNIT_FIELDS).grouped("category_id")
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
        for line in lines:
            product = line.product_id
            if line.lot_id:
                codes[line.lot_id.name].append((line.id, 1))
            elif product.tracking == "none":
                codes[product.barcode].append((line.id, 1))
                for packaging in product.packaging_ids:
                    codes[packaging.barcode].append((line.id, packaging.qty))
        return {code: meant[0] for code, meant in codes.items() if code and len(meant) == 1}

    @api.model
    def _data_for_target(self, line, quantity=None):
        """What a scan counts on: a line, and how many where the barcode says so."""
        return {"line_id": line.id, "quantity": quantity}

    @api.model
    def _data_for_found(self, location, product, lot_name="", package=None, quantity=None):
        """What a scan counts on where no line is: all that the entry will need."""
        return {
            "line_id": False, "quantity": quantity, "location_id": location.id, "product_id": product.id,
            "lot_name": lot_name, "package_id": package.id if package else False,
            "package": package.name if package else "",
            "serial": product.tracking == "serial", "product": self._data_for_products(product)[product.id],
        }

    @api.model
    def _describe(self, product, lot_name="", package=None):
        """Name of a thing for messages."""
        name = product.display_name
        if lot_name:
            name = _("%(product)s, lot or serial number %(lot)s", product=name, lot=lot_name)
        if package:
            name = _("%(item)s in %(package)s", item=name, package=package.name)
        return name
