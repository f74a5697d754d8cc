from collections import defaultdict

from odoo import _, api, models

from ...tools import requests
from ..constants import KEY_FIELDS


class StockCycleCountImportLines(models.AbstractModel):
    """Which line a row of a file means: by its ID, or by sheet, location, product and lot."""

    _name = "stock.cycle.count.import.lines"
    _description = "Lines of a Count File"

    @api.model
    def _find_lines(self, rows):
        """Find the line of each row, or what it found. Queries do not grow with the number of rows."""
        known = self._find_by_id(rows)
        sheets = self._find_sheets(rows, known)
        lines = self.env["stock.cycle.count.line"].search(
            [("count_id", "in", [sheet.id for sheet in sheets.values()])]).sudo()
        by_sheet = lines.grouped("count_id")
        names = {
            sheet: {name: self._index(own, lambda line, name=name: line[name]) for name in KEY_FIELDS}
            for sheet, own in by_sheet.items()}
        unmatched = []
        for row in rows:
            row.sheet = sheets.get(row)
            if row.refusal:
                continue
            if not row.sheet:
                row.refusal = _("name its sheet in a column, or open the sheet and press Import Counts there.")
            elif row.sheet not in by_sheet:
                row.refusal = _("sheet %(sheet)s has no lines.", sheet=row.sheet.name)
            elif not self._match(row, known.get(row), by_sheet[row.sheet], names[row.sheet]):
                unmatched.append(row)
        self._find_things(unmatched, names)

    @api.model
    def _find_by_id(self, rows):
        """Lines that rows name by ID, of those that the user can see: ``{row: line}``."""
        external = {row.cells["id"] for row in rows if row.cells.get("id") and not row.cells["id"].isdecimal()}
        data = self.env["ir.model.data"].sudo().search([
            ("model", "=", "stock.cycle.count.line"), ("name", "in", [name.split(".")[-1] for name in external])])
        ids = {name: record.res_id for record in data for name in (record.name, record.complete_name)}
        wanted = {}
        for row in rows:
            text = row.cells.get("id") or row.cells.get(".id")
            if text:
                wanted[row] = requests.read_id(text) or ids.get(text, 0)
        lines = self.env["stock.cycle.count.line"].search([("id", "in", list(wanted.values()))])
        visible = {line.id: line for line in lines}
        for row, line_id in wanted.items():
            if line_id not in visible:
                row.refusal = _("no line of your sheets has ID %(id)s.", id=row.cells.get("id") or row.cells.get(".id"))
        return {row: visible[line_id] for row, line_id in wanted.items() if line_id in visible}

    @api.model
    def _find_sheets(self, rows, known):
        """Sheet of each row, of those that the user can see: ``{row: sheet}``."""
        Count = self.env["stock.cycle.count"]
        opened = Count.browse(list(filter(requests.is_id, [self.env.context.get("default_count_id")])))
        opened.check_access_rights("read")
        opened.check_access_rule("read")
        named = {sheet.name: sheet for sheet in Count.search(
            [("name", "in", list({row.cells["count_id"] for row in rows if row.cells.get("count_id")}))])}
        sheets = {}
        for row in rows:
            name = row.cells.get("count_id")
            own = named.get(name) or (known[row].count_id if row in known else opened)
            if name and not named.get(name):
                row.refusal = row.refusal or _("no sheet of yours is called %(name)s.", name=name)
            elif own and (opened or own) != own:
                row.refusal = row.refusal or _(
                    "it is for sheet %(other)s, this is %(sheet)s. Import it there.", other=own.name, sheet=opened.name)
            elif own:
                sheets[row] = own
        return sheets

    @api.model
    def _index(self, records, get_named=lambda record: record):
        """Records by the names of what they hold, to be asked by ``_look_up``."""
        index = defaultdict(records.browse)
        for named, own in records.grouped(get_named).items():
            for name in self._get_names(named):
                index["exact", name] |= own
                index["near", self._drop_zeros(name)] |= own
        return index

    @api.model
    def _look_up(self, index, name):
        """Records of an index that have exactly this name; where none has, those whose name differs by leading zeros."""
        name = name.strip().casefold()
        return index["exact", name] or index["near", self._drop_zeros(name)]

    @api.model
    def _get_names(self, record):
        """How people and scanners name a record, in small letters."""
        names = {record.display_name}
        for name in ("name", "complete_name", "barcode", "default_code"):
            if name in record._fields:
                names.add(record[name])
        return {name.strip().casefold() for name in names if name}

    @api.model
    def _drop_zeros(self, name):
        """Digits without the leading zeros that spreadsheets drop."""
        return (name.lstrip("0") or "0") if name.isdigit() else name

    @api.model
    def _match(self, row, known, lines, names):
        """Find the line of a row among those of its sheet.

        :param known: the line that the row names by ID
        :param names: index of the lines by the names of each field of their keys
        :return: False when no line is about it, and what it found is to be looked for
        """
        if not known and not (row.cells.get("location_id") and row.cells.get("product_id")):
            row.refusal = _("name location and product, or the ID of the line.")
            return True
        matching = known.sudo() if known else lines.filtered(lambda line: line.state != "cancel")
        for name in KEY_FIELDS:
            if row.cells.get(name):
                matching &= self._look_up(names[name], row.cells[name])
        if not matching:
            if known:
                row.refusal = _(
                    "its ID is that of %(line)s, but it names something else. Was a column sorted or shifted?",
                    line=known.sudo().display_name)
            return bool(known)
        if len(matching) > 1:
            # Loose goods without a lot are meant where nothing else is said.
            empty = [name for name in KEY_FIELDS if name not in ("location_id", "product_id") and not row.cells.get(name)]
            matching = matching.filtered(lambda line: not any(line[name] for name in empty)) or matching
        if len(matching) > 1:
            row.refusal = _(
                "%(number)s lines of the sheet fit. Add lot, package or owner, or the ID of the line.",
                number=len(matching))
        else:
            row.line = matching.with_env(self.env)
        return True
