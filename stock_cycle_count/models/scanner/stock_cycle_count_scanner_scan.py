import re

from odoo import _, api, models

from ..constants import COUNTING_STATES, OPEN_STATES, TO_COUNT_STATES
from .stock_cycle_count_scanner_barcode import Scanned
from .stock_cycle_count_scanner_data import LINE_FIELDS

#: More choices than this are not shown: the label has to be scanned.
MOST_CHOICES = 50


class StockCycleCountScannerScan(models.AbstractModel):
    """What a scan means on a screen, by what the barcode names: one method a kind, each returns an answer.

    Nothing is recorded here: a scan that counts names its target, and the device sends the entry.
    """

    _name = "stock.cycle.count.scanner.scan"
    _description = "What a Scan Means"

    # By what the barcode names

    @api.model
    def _scan_sheet(self, state, sheet, found, barcode):
        if found.record.company_id not in self.env.companies:
            return self._scan_foreign(state, sheet, found, barcode)
        if found.record.state not in COUNTING_STATES or not self._get_sheet({"count_id": found.record.id}):
            return {"message": self._message("danger", barcode, _(
                "Sheet %(name)s is closed: there is nothing to count on it.", name=barcode))}
        return self._answer(
            {"screen": "sheet", "count_id": found.record.id}, self._message("success", barcode, _("Sheet opened.")))

    @api.model
    def _scan_location(self, state, sheet, found, barcode):
        location = found.record
        name = location.display_name
        if not sheet:
            return self._scan_location_at_home(location, name)
        target = {"screen": "location", "count_id": sheet.id, "location_id": location.id, "package_id": False}
        if not self._is_counting(sheet):
            may_start = self._may_start(sheet)
            if may_start and sheet.user_id and self._is_counted(sheet, location):
                # Whoever stands in front of a bin of the own sheet with the scanner begins.
                return {"state": target, "act": "start"}
            answer = {"message": self._message("warning", name, _("Start the sheet or join it first."))}
            if may_start:
                answer["question"] = {
                    "title": _("Start counting?"), "text": _("Sheet %(name)s has not been started.", name=sheet.name),
                    "yes": _("Start"), "no": _("Not yet"), "action": "start"}
            return answer
        if not self._is_counted(sheet, location):
            here = self._get_location(state, sheet)
            return {"message": self._message("danger", _("Wrong location"), _(
                "%(name)s is not on this sheet. Go on in %(here)s.", name=name, here=here.display_name) if here else _(
                "%(name)s is not on this sheet. Scan one of the locations below.", name=name))}
        if state.get("location_id") and state["location_id"] != location.id:
            left = self.env["stock.cycle.count.line"].search_fetch([
                ("count_id", "=", sheet.id), ("location_id", "=", state["location_id"]),
                ("state", "in", TO_COUNT_STATES), ("skip_reason", "=", False)], LINE_FIELDS)
            left -= self._get_barred(left)
            if left:
                return self._answer(target, self._message("warning", name, _(
                    "Lines left to count in %(here)s: %(number)s.", here=left[0].location_id.display_name, number=len(left))))
        return self._answer(target, self._message("success", name, _("Scan what lies here.")))

    @api.model
    def _scan_location_at_home(self, location, name):
        """Open the sheet that counts a location, of those that this user may take."""
        sheets = [sheet.sudo() for sheet, in self.env["stock.cycle.count.line"].sudo(False)._read_group([
            ("location_id", "=", location.id), ("state", "in", TO_COUNT_STATES), *self._get_open_domain()], ["count_id"])]
        if not sheets:
            offer = self._offer_count_now(location, name)
            return offer or {"message": self._message("danger", name, _(
                "No sheet of yours counts this location. Scan another one, or choose a sheet below."))}
        # What is being counted already goes before what could be started.
        sheet = min(sheets, key=lambda sheet: (sheet.state != "in_progress", sheet.scheduled_date, sheet.id))
        if sheet.state == "draft" and sheet.user_id == self.env.user and self._may_start(sheet):
            return {"state": {"screen": "location", "count_id": sheet.id, "location_id": location.id}, "act": "start"}
        return self._answer(
            {"screen": "location", "count_id": sheet.id, "location_id": location.id},
            self._message("success", name, _("Sheet %(sheet)s opened.", sheet=sheet.name)))

    @api.model
    def _get_open_domain(self):
        """Domain of the lines of sheets that this user may take."""
        return [
            ("count_id.state", "in", COUNTING_STATES), "|", ("count_id.user_id", "in", (self.env.uid, False)),
            ("count_id.participant_ids", "in", self.env.uid)]

    @api.model
    def _offer_count_now(self, location, name):
        """Offer to count a location that nobody counts, to whoever may begin a count; or None."""
        company = location.company_id or self.env.company
        counted = self.env["stock.cycle.count.line"].search_count([
            ("location_id", "=", location.id), ("state", "in", TO_COUNT_STATES)], limit=1)
        if counted or self.env["stock.cycle.count"].sudo(False)._why_not_count_now(company):
            return None
        return {
            "state": {"screen": "home", "location_id": location.id},
            "message": self._message("warning", name, _("No sheet counts this location.")),
            "question": {
                "title": _("Count it now?"), "text": _("Nobody counts %(name)s today.", name=name),
                "yes": _("Count it now"), "no": _("Not now"), "action": "count_now"}}

    @api.model
    def _scan_package(self, state, sheet, found, barcode):
        location = self._get_location(state, sheet)
        if not location or not self._is_counting(sheet):
            return {"message": self._message_location_first(sheet)}
        package = found.record
        expected = self.env["stock.cycle.count.line"].search_count([
            ("count_id", "=", sheet.id), ("location_id", "=", location.id), ("package_id", "=", package.id),
            ("state", "in", OPEN_STATES)], limit=1)
        text = (
            _("Now scan what is in it. Scan the package again when it is done.") if expected else
            _("This package is not on the list here. If it lies here, scan what is in it: it becomes found stock."))
        leave = state.get("package_id") == package.id
        return {
            "state": dict(state, package_id=False if leave else package.id),
            "package": "" if leave else package.name,
            "message": self._message("success", package.name, _("Package done.")) if leave else self._message(
                "success" if expected else "warning", package.name, text)}

    @api.model
    def _scan_item(self, state, sheet, found, barcode):
        location = self._get_location(state, sheet)
        if not location or not self._is_counting(sheet):
            return {"message": self._message_location_first(sheet)}
        package = found.package or self._get_package(state, sheet)
        products = found.record
        lot_name = found.lot_name
        wanted = self._get_product(state, sheet)
        if wanted and not lot_name and products != wanted and barcode not in (wanted.barcode, wanted.default_code):
            wanted = wanted.browse()
        if wanted & products:
            products = wanted
        quantity = found.quantity if found.quantity != 1 else None
        domain = [
            ("count_id", "=", sheet.id), ("location_id", "=", location.id), ("product_id", "in", products.ids),
            ("state", "!=", "cancel")]
        if lot_name:
            domain.append(("lot_id.name", "=", lot_name))
        lines = self.env["stock.cycle.count.line"].search_fetch(domain, LINE_FIELDS, limit=MOST_CHOICES)
        if not package and len(products) == 1 and products.tracking != "serial" and lines and all(
                line.package_id for line in lines) and (lot_name or products.tracking == "none"):
            return self._question_packed(location, lines, products, lot_name, quantity)
        if package:
            lines = lines.filtered(lambda line: line.package_id == package)
        elif len(lines) > 1:
            # Loose goods are meant, unless all of them are packed.
            lines = lines.filtered(lambda line: not line.package_id) or lines
        if len(products) == 1 and products.tracking != "none" and not lot_name:
            return self._question_lot(state, lines.filtered("lot_id"), products)
        if len(lines) == 1:
            return self._count_on(state, lines, quantity)
        if lines:
            return {
                "message": self._message("warning", self._describe(products[:1], lot_name), _("Which of these is it?")),
                "choices": [self._data_for_choice(line, quantity) for line in lines]}
        if len(products) > 1:
            return {
                "message": self._message(
                    "warning", lot_name or barcode, _("More than one product has this number. Which is it?")),
                "choices": [
                    {"title": product.display_name, "text": "",
                     "target": self._data_for_found(location, product, lot_name, package, quantity)}
                    for product in products[:MOST_CHOICES]]}
        return self._question_found(state, location, products, lot_name, package, quantity)

    @api.model
    def _scan_unknown(self, state, sheet, found, barcode):
        product = self._get_product(state, sheet)
        location = self._get_location(state, sheet)
        if product and location:
            # A product was scanned and its number asked for: one that nobody knows is a new one.
            return self._question_found(state, location, product, barcode, self._get_package(state, sheet), None)
        places = self._find_places(sheet, barcode)
        if len(places) == 1:
            return self._scan_location(state, sheet, Scanned("location", places), barcode)
        if places:
            return {"message": self._message("warning", barcode, _(
                "More than one location has this name. Type all of it, such as %(name)s.", name=places[0].complete_name))}
        return {"message": self._message("danger", _("Unknown barcode"), _(
            "Nothing carries %(barcode)s. Scan another label of it, or put it aside and tell a supervisor.",
            barcode=barcode))}

    @api.model
    def _scan_foreign(self, state, sheet, found, barcode):
        return {"message": self._message("danger", _("Another company"), _(
            "%(barcode)s belongs to another company and is not counted here. Put it aside and tell a supervisor.",
            barcode=barcode))}

    # Answers to scans of things

    @api.model
    def _count_on(self, state, line, quantity):
        name = self._describe(line.product_id, line.lot_id.name, line.package_id)
        refusal = self._why_not_line(line)
        if refusal:
            return {"message": self._message("danger", name, refusal)}
        return {
            "state": dict(state, product_id=False), "message": self._message("success", name, ""),
            "target": self._data_for_target(line, quantity)}

    @api.model
    def _question_packed(self, location, lines, product, lot_name, quantity):
        """Ask whether a piece is one of those expected in a package, or lies beside it."""
        loose = {
            "title": _("Loose, in no package"), "text": _("It becomes found stock."),
            "target": self._data_for_found(location, product, lot_name, None, quantity)}
        return {
            "message": self._message("warning", self._describe(product, lot_name), _("In its package, or loose?")),
            "choices": [*(self._data_for_choice(line, quantity) for line in lines), loose]}

    @api.model
    def _find_places(self, sheet, name):
        """Locations of a sheet, else of all sheets of this user, that have a name: bins may have no label."""
        scope = [("count_id", "=", sheet.id)] if sheet else self._get_open_domain()
        pattern = re.sub(r"([\\%_])", r"\\\1", name)
        groups = self.env["stock.cycle.count.line"]._read_group([
            *scope, ("state", "!=", "cancel"), "|", ("location_id.name", "=ilike", pattern),
            ("location_id.complete_name", "=ilike", pattern)], ["location_id"])
        return self.env["stock.location"].union(*(location for location, in groups))

    @api.model
    def _data_for_choice(self, line, quantity):
        parts = [line.lot_id.name, line.package_id.name, line.owner_id.name]
        return {
            "title": line.product_id.display_name,
            "text": ", ".join(part for part in parts if part) or _("loose"),
            "target": self._data_for_target(line, quantity)}

    @api.model
    def _question_lot(self, state, lines, product):
        """Ask for the number of a tracked product; those that are on the list here can be tapped."""
        serial = product.tracking == "serial"
        return {
            "state": dict(state, product_id=product.id),
            "message": self._message("warning", product.display_name, _("Scan its serial number.") if serial else _(
                "Scan its lot number, or choose the lot.")),
            "choices": [self._data_for_choice(line, None) for line in lines],
            "lot_of": {"id": product.id, "name": product.display_name, "serial": serial}}

    @api.model
    def _question_found(self, state, location, product, lot_name, package, quantity):
        """Ask whether what no line expects is to be counted here."""
        if product.type != "product":
            return {"message": self._message("danger", product.display_name, _(
                "No stock is kept of this product, so it is not counted."))}
        name = self._describe(product, lot_name, package)
        return {
            "state": dict(state, product_id=False),
            "message": self._message("warning", _("Not on the list"), name),
            "question": {
                "title": _("Found here?"),
                "text": _("%(item)s is not on the list of %(location)s. Count it as found?",
                          item=name, location=location.display_name),
                "yes": _("Count it"), "no": _("Leave it"),
                "target": self._data_for_found(location, product, lot_name, package, quantity)}}
