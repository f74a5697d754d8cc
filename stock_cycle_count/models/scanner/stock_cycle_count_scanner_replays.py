from odoo import _, api, models
from odoo.exceptions import UserError

from ...tools import numbers, requests


class StockCycleCountScannerReplays(models.AbstractModel):
    """Entries whose key is known: a device that had no answer sends them again. Nothing else may come under such a key,
    for it would be lost, and none is answered to another than who sent it first.
    """

    _name = "stock.cycle.count.scanner.replays"
    _description = "Repeated Entries of the Scanner Screen"

    @api.model
    def _find_received(self, entries):
        """What was recorded before of these entries and of those that they undo: ``{client key: entry}``."""
        keys = [entry.get(name) for entry in entries for name in ("client_key", "undone_key")]
        found = self.env["stock.cycle.count.entry"].search_fetch(
            [("client_key", "in", list(filter(None, keys)))],
            ["client_key", "line_id", "user_id", "date", "book_quantity", "kind", "quantity", "entered_text", "undone_id"])
        return {entry.client_key: entry for entry in found}

    @api.model
    def _get_hidden(self, entries, received):
        """Lines of repeated entries that the user may not see any more: they are closed, or somebody else counts them."""
        Line = self.env["stock.cycle.count.line"]
        known = Line.union(*(
            received[entry["client_key"]].line_id for entry in entries if entry["client_key"] in received))
        return known - Line.sudo(False).search([("id", "in", known.ids)]).sudo() if known else known

    @api.model
    def _refuse(self, entry):
        """Verdict on what has not the shape of an entry; those that came with it are taken."""
        key = entry.get("client_key") if isinstance(entry, dict) else None
        return {"client_key": key if requests.is_text(key) else False, "status": "refused",
                "text": _("This count cannot be read and was not taken. Count it again.")}

    @api.model
    def _check_replay(self, entry, known):
        """Refuse what comes under the key of something else.

        :param known: the entry that was recorded under this key
        :raise UserError: saying what to do
        """
        if known.user_id != self.env.user or not self._is_same(entry, known):
            raise UserError(_("Another count came under the same key before, so this one was not taken. Count it again."))

    @api.model
    def _is_same(self, entry, known):
        """Whether an entry says what was recorded under its key."""
        if entry.get("kind") != known.kind:
            return False
        if known.kind == "undo":
            return entry.get("undone_key") == known.undone_id.client_key
        line = known.line_id
        if entry.get("line_id"):
            if entry["line_id"] != line.id:
                return False
        elif (entry.get("product_id"), entry.get("location_id"), entry.get("package_id") or False,
              entry.get("lot_name") or "") != (
                line.product_id.id, line.location_id.id, line.package_id.id, line.lot_id.name or ""):
            return False
        try:
            quantity, text, _units = self._read_parts(entry, line.product_id)
        except UserError:
            # A pack that is gone since: nothing is left to compare.
            return True
        return text == known.entered_text or numbers.is_same(
            quantity, known.quantity, line.product_uom_id.rounding)
