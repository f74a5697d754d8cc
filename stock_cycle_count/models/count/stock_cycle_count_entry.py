from collections import defaultdict
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ... import queries
from ...tools import counting

#: What waited longer than this is not taken: too much may have moved since.
LONGEST_WAIT = timedelta(days=7)
#: Entries younger than this are of this instant, for times are kept to the second: no move is looked for in between.
SHORTEST_WAIT = timedelta(seconds=1)

#: What the result of a line is made of.
RESULT_FIELDS = ("line_id", "round", "kind", "quantity", "undone_id", "user_id", "date", "book_quantity", "picked_quantity")


class StockCycleCountEntry(models.Model):
    """One act of counting, with what the books showed at that instant. Rows are added, never changed, by nobody.

    ``_record`` is the only way in; it checks who counts what, so callers may use it for any user.
    """

    _name = "stock.cycle.count.entry"
    _description = "Count Entry"
    _order = "id"
    _inherit = ["stock.cycle.count.made.mixin", "stock.cycle.count.append.only.mixin"]
    _log_access = False

    line_id = fields.Many2one("stock.cycle.count.line", required=True, ondelete="restrict", index=True)
    count_id = fields.Many2one(related="line_id.count_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True, precompute=True)
    product_uom_id = fields.Many2one(related="line_id.product_uom_id")
    round = fields.Integer(required=True)
    kind = fields.Selection([("set", "Total"), ("add", "Added"), ("undo", "Undone")], required=True, default="set")
    undone_id = fields.Many2one("stock.cycle.count.entry", "Undone Entry", ondelete="restrict")
    user_id = fields.Many2one("res.users", "Counter", required=True, ondelete="restrict", index=True)
    date = fields.Datetime("Counted On", required=True, help="When it was counted, not when it was received.")
    received_date = fields.Datetime(
        "Received On", default=fields.Datetime.now, help="When the server took it; the time of counting may be told.")
    quantity = fields.Float(digits="Product Unit of Measure", help="In the unit of the product.")
    entered_text = fields.Char("As Entered")
    entered_units = fields.Char("Packs Held", help="How much of the product's unit a pack was when it was counted.")
    book_quantity = fields.Float(
        "Expected", digits="Product Unit of Measure", groups="stock_cycle_count.group_approver",
        help="What the books showed when it was counted.")
    picked_quantity = fields.Float(
        "Picked, Not Done", digits="Product Unit of Measure", groups="stock_cycle_count.group_approver",
        help="Part of the expected quantity that was picked on transfers which were not done yet.")
    source = fields.Selection(
        [("scanner", "Scanner"), ("web", "Web Client"), ("paper", "Paper"), ("import", "Import"),
         ("inventory", "Physical Inventory"), ("close", "Closing of the Sheet")],
        required=True)
    client_key = fields.Char(
        copy=False, index=True, help="Names the act of counting on the device, so that sending it again adds nothing.")

    _sql_constraints = [
        ("client_key_unique", "UNIQUE (client_key)", "This entry was received already."),
    ]

    # Business

    @api.model
    def _record(self, requests, source, are_new=False):
        """Add entries, each once, and bring their lines up to date.

        :param requests: list of dicts: ``line`` (record), ``kind``, ``quantity`` (in the product's unit), and where
            known ``entered_text``, ``entered_units``, ``client_key``, ``age`` (seconds since it was counted),
            ``earliest`` (when it can have been counted at the earliest; the sheet's start if there is none), ``undone``
            (entry)
        :param are_new: whether the client keys were looked up already, and none is known
        :return: the entries that were added; a request whose client key is known adds none
        :raise UserError: when a line cannot be counted now, or not by this user, or when nobody can have counted such
            a quantity; then nothing is added
        """
        requests = requests if are_new else self._drop_replays(requests)
        if not requests:
            return self.browse()
        lines = self.env["stock.cycle.count.line"].browse(sorted({request["line"].id for request in requests}))
        lines._lock_rows()
        lines._check_may_count()
        now = fields.Datetime.now()
        for request in requests:
            line = request["line"].sudo()
            self._check_quantity(line, request.get("quantity", 0))
            request.update(date=self._get_counted_date(request, now), quantity=line._round(request.get("quantity", 0)))
        books = self._get_book_quantities(requests, now)
        self._prefetch_results(lines.sudo())
        entries = self._make([
            {
                "line_id": request["line"].id,
                "round": request["line"].sudo().round,
                "kind": request.get("kind", "set"),
                "undone_id": request["undone"].id if request.get("undone") else False,
                "user_id": self.env.uid,
                "date": request["date"],
                "quantity": request["quantity"],
                "entered_text": request.get("entered_text"),
                "entered_units": request.get("entered_units"),
                "book_quantity": book,
                "picked_quantity": picked,
                "source": source,
                "client_key": request.get("client_key"),
            }
            for request, (book, picked) in zip(requests, books)])
        lines.sudo()._sync_state()
        lines.sudo()._note_again()
        for line in lines.sudo():
            # What was added up is to be possible too, such as a serial number that was scanned twice.
            self._check_quantity(line, line.counted_qty)
        return entries

    @api.model
    def _prefetch_results(self, lines):
        """Read what the results of lines rest on, in one query a kind. The ORM would take one more for each field that
        only supervisors read, and one for each end of a transfer.
        """
        counted = lines.filtered("result_entry_id")
        if counted:
            self.sudo().search_fetch([("line_id", "in", counted.ids)], RESULT_FIELDS)
        ends = {"target_transfer_ids": "target_line_id", "source_transfer_ids": "source_line_id"}
        # What was made just now is known to have none.
        lines = lines.browse(self.env.cache.get_missing_ids(lines, lines._fields["target_transfer_ids"]))
        if not lines:
            return
        transfers = self.env["stock.cycle.count.transfer"].sudo().search_fetch(
            ["|", *((end, "in", lines.ids) for end in ends.values())], [*ends.values(), "selected", "quantity", "proven"])
        for name, end in ends.items():
            by_line = transfers.grouped(end)
            self.env.cache.insert_missing(
                lines, lines._fields[name], [by_line.get(line, transfers.browse())._ids for line in lines])

    @api.model
    def _drop_replays(self, requests):
        """Requests whose client key is not known yet, each key once."""
        keys = [request["client_key"] for request in requests if request.get("client_key")]
        known = set()
        if keys:
            known.update(self.sudo().search([("client_key", "in", keys)]).mapped("client_key"))
        fresh = []
        for request in requests:
            key = request.get("client_key")
            if key not in known:
                fresh.append(request)
                if key:
                    known.add(key)
        return fresh

    @api.model
    def _get_counted_date(self, request, now):
        """When it was counted: a device without network tells how long it has waited.

        :raise UserError: when that is longer than ``LONGEST_WAIT``, naming the line
        """
        age = request.get("age") or 0
        if counting.quantity_problem(age) in ("number", "negative"):
            age = 0
        date = now - timedelta(seconds=min(age, counting.LARGEST))
        if now - date > LONGEST_WAIT:
            request["line"]._check_late_date(date)
        return max(date, request.get("earliest") or request["line"].sudo().count_id.start_date or now)

    @api.model
    def _get_book_quantities(self, requests, now):
        """What the books showed for each request when it was counted: ``[(quantity, picked), ...]``.

        That is what they show now, less what was moved since. Two queries, however many requests.
        """
        lines = self.env["stock.cycle.count.line"].sudo().union(*(request["line"].sudo() for request in requests))
        shown = self._read_book_quantities(lines)
        moved = self._get_moves_since(lines, min(request["date"] for request in requests), now)
        books = []
        for request in requests:
            key = request["line"].sudo()._get_key()
            quantity, picked = shown.get(key, (0, 0))
            since = sum(quantity for date, quantity in moved[key] if date > request["date"])
            books.append((quantity - since, picked))
        return books

    @api.model
    def _read_book_quantities(self, lines):
        """What the books show now of the products of lines in their locations: ``{key: (quantity, picked)}``."""
        rows = queries.run(self.env, queries.book_quantity.read_book_quantities(
            lines.product_id.ids, lines.location_id.ids))
        return {
            tuple(record_id or False for record_id in key): (float(quantity), float(picked))
            for *key, quantity, picked in rows}

    @api.model
    def _get_moves_since(self, lines, date, now):
        """Done changes of the lines' stock keys after a date: ``{key: [(date, quantity), ...]}``."""
        moved = defaultdict(list)
        if now - date < SHORTEST_WAIT:
            return moved
        locations = lines.location_id.ids
        for line in self.env["stock.move.line"].sudo().search([
            ("state", "=", "done"), "|", ("cycle_count_done_date", ">", date),
            "&", ("cycle_count_done_date", "=", False), ("date", ">", date), ("product_id", "in", lines.product_id.ids),
            "|", ("location_id", "in", locations), ("location_dest_id", "in", locations),
        ]):
            rest = (line.lot_id.id, line.owner_id.id)
            for location, package, sign in (
                (line.location_id, line.package_id, -1), (line.location_dest_id, line.result_package_id, 1),
            ):
                key = (line.product_id.id, location.id, rest[0], package.id, rest[1])
                moved[key].append((line.cycle_count_done_date or line.date, sign * line.quantity_product_uom))
        return moved

    @api.model
    def _check_quantity(self, line, quantity):
        """Refuse what nobody can have counted.

        :raise UserError: naming the line and what to do
        """
        messages = {
            "number": _("that is not a number. Type digits, or packs like 3x12+5."),
            "negative": _("a count cannot be negative. Type what is there, or 0."),
            "large": _("that is more than any bin holds. Was a barcode scanned into the quantity?"),
            "serial": _("of a serial number there is 1 or 0."),
        }
        problem = counting.quantity_problem(quantity, serial=line.product_id.tracking == "serial" and bool(line.lot_id))
        if problem:
            raise UserError(_("%(line)s: %(problem)s", line=line.display_name, problem=messages[problem]))

