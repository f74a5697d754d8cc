from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError

from ...tools import counting, requests
from ..constants import OPEN_STATES

#: So many entries are taken in one call; the device sends the rest in the next one.
LARGEST_BATCH = 50
#: What the books showed to an entry so young is shown on the device, without asking again.
JUST_NOW = timedelta(seconds=5)
#: A serial number that was counted elsewhere within this time is asked about.
JUST_COUNTED = timedelta(days=1)


class StockCycleCountScannerEntries(models.AbstractModel):
    """Takes what scanners counted, each entry once.

    An entry is a dict: ``client_key``; ``kind`` (``add``, ``set``, ``undo``, ``skip``); ``age`` (seconds since it was
    counted); ``line_id``, or ``count_id``, ``location_id``, ``product_id``, ``lot_name`` and ``package_id`` for what no
    line expects; ``parts``, pairs of a unit's key and how many of it; ``confirmed`` (questions were answered);
    ``undone_key`` for ``undo`` and ``reason`` for ``skip``.
    """

    _name = "stock.cycle.count.scanner.entries"
    _description = "Entries of the Scanner Screen"

    @api.model
    def record(self, entries):
        """Record entries in their order. One call with one entry stays under 25 queries, and entries on lines are
        taken together; what makes a line or a lot on the spot costs more.

        :return: ``verdicts``, one for each entry that was taken (``{client_key, status, text}`` where status is
            ``done``, ``refused``, ``question`` or ``again``), and, as they are now, ``lines`` that changed, ids of those
            that are ``gone``, and ``codes`` of those that were found
        :raise AccessError: for users who are no counters
        """
        self = self._cross()
        if not isinstance(entries, list):
            raise UserError(_("This call carries no counts. Reload the page."))
        sent = entries[:LARGEST_BATCH]
        entries = [entry for entry in sent if requests.is_entry(entry)]
        lines = self._find_lines(entries)
        received = self._find_received(entries)
        hidden = self._get_hidden(entries, received)
        verdicts, touched = {}, self.env["stock.cycle.count.line"]
        for batch in self._batches(entries, lines):
            touched |= self._record_or_bisect(batch, lines, received, verdicts)
        shown = touched.filtered(lambda line: line.state in OPEN_STATES) - hidden
        return {
            "verdicts": [
                verdicts[id(entry)] if requests.is_entry(entry) else self._refuse(entry) for entry in sent],
            "lines": self._data_for_lines(shown, self._get_fresh_book_quantities(received.values())),
            "gone": (touched - shown).ids,
            "codes": self._get_codes(shown - shown.browse(lines)),
        }

    @api.model
    def _find_lines(self, entries):
        """Lines that entries name: ``{id: line}``."""
        ids = [entry["line_id"] for entry in entries if entry.get("line_id")]
        lines = self.env["stock.cycle.count.line"].browse(ids)
        # Not only the companies that are looked at now: what waited on the device may be of another one.
        company_ids = self.env.user._get_company_ids()
        try:
            lines._fetch_columns()
            own = lines.filtered(lambda line: line.company_id.id in company_ids)
        except MissingError:
            own = lines.exists().filtered(lambda line: line.company_id.id in company_ids)
        return {line.id: line for line in own}

    @api.model
    def _get_fresh_book_quantities(self, entries):
        """What the books showed to entries of this instant: ``{line id: quantity}``."""
        since = fields.Datetime.now() - JUST_NOW
        return {entry.line_id.id: entry.book_quantity for entry in entries if entry.date > since}

    @api.model
    def _batches(self, entries, lines):
        """Entries in lists that can be taken together, in their order.

        What is found, undone or skipped is taken by itself. A serial number stands in a list once: what was counted of
        it before may refuse what comes after.
        """
        batch, serials, keys = [], set(), set()
        for entry in entries:
            line = lines.get(entry.get("line_id"))
            # The same key a second time is looked at when the first one is recorded.
            is_plain = line and entry.get("kind") in ("add", "set") and entry["client_key"] not in keys
            serial = is_plain and self._is_serial(line) and (line.product_id, line.lot_id.name)
            if batch and (not is_plain or serial in serials):
                yield batch
                batch, serials = [], set()
            keys.add(entry["client_key"])
            if is_plain:
                batch.append(entry)
                serials.update([serial] if serial else [])
            else:
                yield [entry]
        if batch:
            yield batch

    @api.model
    def _record_or_bisect(self, entries, lines, received, verdicts):
        """Take entries together, or one by one when something is wrong with one of them.

        :param received: dict of the entries that are recorded, by client key; new ones are added to it
        :param verdicts: dict that a verdict for each entry is added to, by the ``id()`` of the entry
        :return: the lines that changed
        """
        Line = self.env["stock.cycle.count.line"]
        try:
            with self.env.cr.savepoint():
                touched, recorded, taken = self._record_entries(entries, lines, received)
        except (UserError, AccessError, ValidationError, UniqueViolation) as error:
            if len(entries) > 1:
                return Line.union(*(self._record_or_bisect([entry], lines, received, verdicts) for entry in entries))
            # Somebody else sends the same at this moment: who comes second finds it recorded.
            status = "again" if isinstance(error, UniqueViolation) else "refused"
            verdicts[id(entries[0])] = {
                "client_key": entries[0]["client_key"], "status": status, "text": "" if status == "again" else str(error)}
            return Line
        received.update((entry.client_key, entry) for entry in recorded)
        verdicts.update((id(entry), verdict) for entry, verdict in zip(entries, taken))
        return touched

    @api.model
    def _record_entries(self, entries, lines, received):
        """Record entries: the lines they are on, what was recorded, and verdicts.

        :raise UserError: when one is refused
        """
        touched = self.env["stock.cycle.count.line"]
        prepared, verdicts = [], []
        for entry in entries:
            key = entry["client_key"]
            verdicts.append({"client_key": key, "status": "done", "text": ""})
            line = lines.get(entry.get("line_id"))
            if key in received:
                self._check_replay(entry, received[key])
                touched |= received[key].line_id
                continue
            kind = entry.get("kind")
            if kind == "undo":
                undone = self._find_undone(entry, received)
                touched |= undone.line_id
                prepared.append(self._prepare_undo(entry, undone))
            elif kind == "skip":
                touched |= self._skip(entry, line)
            elif kind in ("add", "set"):
                product = line.product_id if line else self._find_product_of(entry)
                question = self._question(entry, line, product)
                if question:
                    # A question tells what only those may know who count here.
                    if line:
                        line.sudo(False)._check_may_count()
                    else:
                        self._check_counting(self._get_sheet(entry))
                    verdicts[-1].update(question, status="question")
                    continue
                line = line or self._make_found(entry, product)
                touched |= line
                prepared.append(self._prepare(entry, line))
            else:
                raise UserError(_("This kind of count is unknown here. Reload the page."))
        recorded = self.env["stock.cycle.count.entry"].sudo(False)._record(prepared, "scanner", are_new=True).sudo()
        # A found line that nothing is left of goes.
        recorded.filtered(lambda entry: entry.kind == "undo").line_id.filtered(
            lambda line: line.is_found and line.state == "pending")._cancel()
        return touched, recorded, verdicts

    # Entries

    @api.model
    def _prepare(self, entry, line):
        """Request for ``_record``.

        :raise UserError: when the quantity cannot be
        """
        quantity, text, units = self._read_parts(entry, line.product_id)
        self.env["stock.cycle.count.entry"]._check_quantity(line, quantity)
        if entry["kind"] == "add" and quantity and self._is_serial(line):
            refusal = self._why_not_line(line)
            if refusal:
                raise UserError(refusal)
        return {
            "line": line.sudo(False), "kind": entry["kind"], "quantity": line._round(quantity), "entered_text": text,
            "entered_units": line._write_units(units), "client_key": entry["client_key"], "age": entry.get("age")}

    @api.model
    def _read_parts(self, entry, product):
        """Quantity in the product's unit, how it was entered, and what the packs held; a number that cannot be is
        returned as it is.

        :raise UserError: when a unit is not one of the product
        """
        total, texts, units = 0, [], {}
        for key, number in entry.get("parts") or [(None, float("nan"))]:
            if counting.quantity_problem(number):
                return number, "", {}
            name, factor = self._read_unit(key, product)
            total += number * factor
            texts.append(f"{self._write_number(number)} {name}")
            units[name] = factor
        return total, " + ".join(texts), units

    @api.model
    def _write_number(self, number):
        """A number with all its digits, as a person of this language would type it. Nothing has to be looked up for
        whole ones, which most are.
        """
        return str(int(number)) if number == int(number) else self.env["stock.cycle.count.line"]._format_quantity(number)

    @api.model
    def _read_unit(self, key, product):
        """Name of a unit, and how many of the product's unit it is.

        :raise UserError: when it is no unit of the product
        """
        kind, _dash, number = str(key).partition("-")
        unit_id = requests.read_id(number)
        if unit_id and kind == "uom":
            uom = product.uom_id
            if uom.id != unit_id:
                uom = uom.search([("id", "=", unit_id), ("category_id", "=", uom.category_id.id)])
            if uom:
                return uom.name, uom._compute_quantity(1, product.uom_id, round=False)
        if unit_id and kind == "pack":
            packaging = product.packaging_ids.filtered(lambda packaging: packaging.id == unit_id)
            if packaging:
                return packaging.name, packaging.qty
        raise UserError(_("%(product)s is not counted in this unit any more. Count it again.",
                          product=product.display_name))

    @api.model
    def _find_undone(self, entry, received):
        """Entry of this user that another one undoes.

        :raise UserError: when there is none
        """
        undone = received.get(entry.get("undone_key"))
        if not undone or undone.user_id != self.env.user:
            raise UserError(_("What is to be undone was never recorded: there is nothing to do."))
        return undone

    @api.model
    def _prepare_undo(self, entry, undone):
        """Request for ``_record``."""
        return {
            "line": undone.line_id.sudo(False), "kind": "undo", "undone": undone, "client_key": entry["client_key"],
            "age": entry.get("age")}

    @api.model
    def _skip(self, entry, line):
        """Note why a line is not counted; an empty reason takes that back.

        :raise UserError: when the line cannot be counted by this user
        """
        if not line:
            raise UserError(_("This line is gone. Nothing is left to skip."))
        line.sudo(False).skip_reason = str(entry.get("reason") or "").strip() or False
        return line

    # What is asked or refused

    @api.model
    def _check_counting(self, sheet):
        """Refuse who does not count a sheet.

        :raise UserError: saying what to do
        """
        if not self._is_counting(sheet):
            raise UserError(_("The sheet is not being counted by you. Open it, and start it or join it first."))

    @api.model
    def _is_serial(self, line):
        return bool(line.lot_id) and line.product_id.tracking == "serial"

    @api.model
    def _why_not_line(self, line):
        """Why a scan does not count on a line, False when it does."""
        if not line._is_countable():
            return _("This line is decided and cannot be counted again. Ask a supervisor for a recount.")
        if self._get_barred(line):
            return _("You counted it before, so somebody else recounts it.")
        if self._is_serial(line) and line.state == "counted" and line.counted_qty >= 1:
            return _(
                "Serial number %(serial)s was scanned already. Another piece with the same number? Put it aside and "
                "tell a supervisor.", serial=line.lot_id.name)
        return False

    @api.model
    def _question(self, entry, line, product):
        """What to ask once before an entry is taken: ``{title, text}``, None when nothing.

        On a blind sheet no question depends on what the books show.
        """
        if entry.get("confirmed"):
            return None
        quantity, *_text = self._read_parts(entry, product)
        if counting.quantity_problem(quantity):
            return None
        expected = None
        if line and not line.count_id.blind and entry["kind"] == "set":
            expected = line.shown_expected_qty
        slip = counting.looks_like_slip(quantity, expected)
        if not slip:
            return self._question_serial(entry, line, product) if quantity else None
        name = self._describe(product)
        if slip == "barcode":
            return {"title": _("%(quantity).0f pieces?", quantity=quantity), "text": _(
                "%(item)s: that is as long as a barcode. Was a label scanned into the quantity?", item=name)}
        return {"title": _("%(quantity)s?", quantity=self._write_number(quantity)), "text": _(
            "%(item)s: the books show %(expected)s. Is a digit too many, missing or swapped?",
            item=name, expected=self._write_number(expected))}

    @api.model
    def _question_serial(self, entry, line, product):
        """Ask about a serial number that was counted in another place: a piece lies in one place only."""
        if product.tracking != "serial":
            return None
        name = line.lot_id.name if line else str(entry.get("lot_name") or "").strip()
        location_id = line.location_id.id if line else entry.get("location_id")
        if not name:
            return None
        # Of whatever became of it: whether it waits is not for everybody to know.
        other = self.env["stock.cycle.count.line"].search([
            ("product_id", "=", product.id), ("lot_id.name", "=", name), ("location_id", "!=", location_id),
            ("company_id", "in", self.env.user._get_company_ids()), ("count_date", ">", fields.Datetime.now() - JUST_COUNTED),
            ("counted_qty", ">", 0)], limit=1)
        if not other:
            return None
        return {"title": _("Serial number %(serial)s twice?", serial=name), "text": _(
            "It was counted in %(location)s already (%(sheet)s). Count it here too?",
            location=other.location_id.display_name, sheet=other.count_id.name)}
