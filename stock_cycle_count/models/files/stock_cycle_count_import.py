import hashlib
from collections import defaultdict

from odoo import _, api, models
from odoo.exceptions import UserError

from ...tools import counting, numbers, requests
from ..constants import KEY_FIELDS

#: Columns that say which line a row is about.
NAMING_COLUMNS = ("id", ".id", "count_id", "product_uom_id", *KEY_FIELDS)
#: Columns that say what was counted there.
COUNT_COLUMNS = ("count_input", "late_date", "skip_reason", "note")


class CountRow:
    """A row of a file: its number there, its cells, and what they came to."""

    def __init__(self, number, cells):
        self.number = number
        self.cells = cells
        self.sheet = None
        self.line = None
        #: Location, product, lot, package and owner of what no line expects.
        self.found = None
        self.refusal = ""


class StockCycleCountImport(models.AbstractModel):
    """Takes counts from the rows of a file, all of them or none.

    A row names a line by its ID, or by what is counted: location, product, lot, package and owner by name, barcode or
    reference, as far as needed. What lies in a location of the sheet and is on no line becomes a found line. The same
    file again adds nothing: the client key of an entry is made of line, round and file.
    """

    _name = "stock.cycle.count.import"
    _inherit = "stock.cycle.count.import.lines"
    _description = "Counts from Files"

    @api.model
    def _load(self, fields, data):
        """Load as ``load`` of a model does, with its result.

        The context may name the sheet (``default_count_id``); else each row does, by its ID or in a column.
        """
        rows = self._read_rows(fields, data)
        problems = self._check_columns(fields, rows)
        if not problems:
            with self.env.cr.savepoint() as savepoint:
                lines = self._take(rows, hashlib.sha256(repr((fields, data)).encode()).hexdigest()[:32])
                # The import's own screen says which row it is.
                is_told = bool(self.env.context.get("import_file"))
                problems = [
                    (row.number, row.refusal if is_told else
                     _("Row %(number)s: %(problem)s", number=row.number, problem=row.refusal))
                    for row in rows if row.refusal]
                if problems:
                    # Nothing is taken half.
                    savepoint.rollback()
        messages = [
            {"type": "error", "message": text, "record": number, "rows": {"from": number, "to": number}}
            for number, text in problems]
        return {"ids": False if messages else lines.ids, "messages": messages, "nextrow": 0}

    @api.model
    def _read_rows(self, fields, data):
        """Rows that say something, numbered as in the file, whose first row are the titles of an imported one."""
        first = 2 if self.env.context.get("import_file") else 1
        rows = []
        for number, values in enumerate(data, first):
            # An apostrophe keeps spreadsheets from reading a text as a formula.
            cells = {name: requests.read_text(value).removeprefix("'") for name, value in zip(fields, values)}
            if any(cells.get(name) for name in COUNT_COLUMNS):
                rows.append(CountRow(number, cells))
        return rows

    @api.model
    def _check_columns(self, fields, rows):
        """What is wrong with the file as a whole: ``[(row number, sentence)]``."""
        unknown = [name for name in fields if name not in NAMING_COLUMNS + COUNT_COLUMNS]
        if unknown:
            return [(1, _(
                "These columns cannot be loaded with counts: %(columns)s. Leave them out of the import.",
                columns=", ".join(unknown)))]
        if not rows:
            return [(1, _("No row has a quantity. Fill in the column of what was counted."))]
        return []

    @api.model
    def _take(self, rows, digest):
        """Record what the rows say; where a row is wrong, its refusal says why, and what was recorded must be undone.

        :return: the lines of the rows
        """
        self._find_lines(rows)
        for row in rows:
            if row.found and not row.refusal:
                self._attempt(row, self._add_found)
        self._mark_duplicates(rows)
        requests = []
        for row in rows:
            if row.line:
                requests.append(self._attempt(row, self._prepare, digest))
        lines = self.env["stock.cycle.count.line"].union(*(row.line for row in rows if row.line))
        if not any(row.refusal for row in rows):
            self.env["stock.cycle.count.entry"]._record([request for request in requests if request], "import")
            self._write_texts(rows)
        return lines

    @api.model
    def _attempt(self, row, method, *args):
        """Result of a method on a row; why it refuses goes to the row."""
        try:
            return method(row, *args)
        except UserError as error:
            row.refusal = row.refusal or str(error)
            return None

    # What no line expects

    @api.model
    def _find_things(self, rows, names):
        """Find what rows name that fits no line; only in locations of their sheets something can be found."""
        domains = {
            "location_id": lambda texts: ["|", "|", ("complete_name", "in", texts), ("name", "in", texts),
                                          ("barcode", "in", texts)],
            "product_id": lambda texts: ["|", "|", ("default_code", "in", self._get_codes(texts)),
                                         ("barcode", "in", texts), ("name", "in", texts)],
            "lot_id": lambda texts: [("name", "in", texts)],
            "package_id": lambda texts: [("name", "in", texts)],
            "owner_id": lambda texts: [("name", "in", texts)],
        }
        things = {}
        for name, get_domain in domains.items():
            texts = list({row.cells[name] for row in rows if row.cells.get(name)})
            model = self.env["stock.cycle.count.line"]._fields[name].comodel_name
            records = self.env[model].sudo().search(get_domain(texts)) if texts else self.env[model].sudo()
            things[name] = self._index(records)
        for row in rows:
            row.refusal = self._resolve_found(row, things, names[row.sheet])

    @api.model
    def _get_codes(self, names):
        """References among names, those in the brackets of “[REF] Name” included."""
        return [*names, *(name[1:].split("]")[0] for name in names if name.startswith("["))]

    @api.model
    def _resolve_found(self, row, things, names):
        """Why what a row names cannot be counted as found on its sheet; empty when it can, and the row holds it then."""
        company = row.sheet.company_id
        found = {}
        for name in KEY_FIELDS:
            text = row.cells.get(name)
            if not text:
                continue
            records = self._look_up(things[name], text)
            if "company_id" in records._fields:
                records = records.filtered(lambda record: not record.company_id or record.company_id in company.sudo().parent_ids)
            if name == "location_id":
                on_sheet = self._look_up(names[name], text).location_id
                if records and not on_sheet:
                    return _("location %(name)s is not on sheet %(sheet)s.", name=text, sheet=row.sheet.name)
                records = on_sheet
            if name == "lot_id" and "product_id" in found:
                records = records.filtered(lambda lot: lot.product_id == found["product_id"])
            labels = {
                "location_id": _("location"), "product_id": _("product"), "lot_id": _("lot or serial number"),
                "package_id": _("package"), "owner_id": _("owner")}
            if not records:
                return _("no %(kind)s is called %(name)s. Check it, or ask a supervisor.", kind=labels[name], name=text)
            if len(records) > 1:
                return _("more than one %(kind)s is called %(name)s. Use its barcode or reference.",
                         kind=labels[name], name=text)
            found[name] = records
        if found["product_id"].type != "product":
            return _("no stock is kept of %(name)s, so it is not counted.", name=found["product_id"].display_name)
        if found["product_id"].tracking != "none" and "lot_id" not in found:
            return _("%(name)s is counted by lot or serial number: name it.", name=found["product_id"].display_name)
        row.found = [found.get(name) for name in ("location_id", "product_id", "lot_id", "package_id", "owner_id")]
        return ""

    @api.model
    def _add_found(self, row):
        # One by one: each is looked for on all sheets, and there are few in a file.
        row.sheet._check_mine()
        row.line = row.sheet._add_found(*row.found)

    # What was counted

    @api.model
    def _mark_duplicates(self, rows):
        """A line is counted in one row."""
        first = {}
        for row in rows:
            if not row.line:
                continue
            earlier = first.setdefault(row.line, row)
            if earlier is not row and not row.refusal:
                row.refusal = _(
                    "it is about the same as row %(row)s. Add the two up in one row.", row=earlier.number)

    @api.model
    def _prepare(self, row, digest):
        """Request for ``stock.cycle.count.entry._record``; None when the row adds nothing new.

        :raise UserError: when it cannot be counted, or nobody can have counted that
        """
        line = row.line
        line._check_may_count()
        text, reason = row.cells.get("count_input"), row.cells.get("skip_reason")
        if text and reason:
            raise UserError(_("it has a quantity, and a reason why it was not counted. Empty one of them."))
        if not text:
            return None
        unit = line.sudo().product_uom_id.name
        if (row.cells.get("product_uom_id") or unit).casefold() != unit.casefold():
            raise UserError(_(
                "it is counted in %(unit)s, not in %(other)s.", unit=unit, other=row.cells["product_uom_id"]))
        date = None
        if row.cells.get("late_date"):
            date = self.env["stock.cycle.count.line"]._read_date(row.cells["late_date"])
            if not date:
                raise UserError(_(
                    "%(text)s is no time. Write it like 2024-12-31 14:30, or 14:30 for today.",
                    text=row.cells["late_date"]))
        request = line._prepare_count(text, date)
        self._check_slip(text, request["quantity"])
        stored = line.sudo()
        if stored.state == "counted" and (not date or date == stored.count_date) and numbers.is_same(
                stored.counted_qty, request["quantity"], stored.product_uom_id.rounding):
            return None
        return dict(request, client_key=f"import-{line.id}-{stored.round}-{digest}")

    @api.model
    def _check_slip(self, text, quantity):
        """Nobody can be asked here: what looks like a barcode must be written another way when it is meant.

        :raise UserError: naming that way
        """
        if text.isdigit() and counting.looks_like_slip(quantity) == "barcode":
            raise UserError(_(
                "%(text)s is as long as a barcode. Was a label scanned into the quantity? If it is meant, write "
                "1x%(text)s.", text=text))

    @api.model
    def _write_texts(self, rows):
        """Notes, and why lines were not counted, where they changed."""
        values = defaultdict(self.env["stock.cycle.count.line"].browse)
        for row in rows:
            for name in ("note", "skip_reason"):
                text = row.cells.get(name)
                if text and text != row.line.sudo()[name]:
                    values[name, text] |= row.line
        for (name, text), lines in values.items():
            lines.write({name: text})
