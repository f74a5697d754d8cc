import psycopg2

from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ...tools import numbers
from ..constants import KEY_FIELDS, OPEN_STATES
from ..context import COUNT_TAKEN, WRITER_KEY, get_resolution
from ..posting.halving import do_in_halves


class StockCycleCountAdjustment(models.AbstractModel):
    """Counts that come from outside of sheets become count lines: those of Physical Inventory, of imports and of
    *Update Quantity*, and moves and reversals that the company holds. They are judged and posted as any other.
    """

    _name = "stock.cycle.count.adjustment"
    _inherit = "stock.cycle.count.opening"
    _description = "Adjustments from Outside of Count Sheets"

    @api.model
    def _apply(self, quants):
        """Post the counts of quants that pass, and hold those that do not until they are approved.

        One that cannot be applied stops no other: it is found by halving, and keeps its count.

        :return: ``{quant id: why it cannot be applied}``
        """
        refusals = {}
        for quant in quants:
            try:
                self._check_count(quant)
            except UserError as error:
                refusals[quant.id] = str(error)
        # Quants that core has not merged yet are one stock key, and one count.
        groups = quants.filtered(lambda quant: quant.id not in refusals).grouped(
            lambda quant: quant._get_stock_key())
        held = self.env["stock.cycle.count.line"].union(*do_in_halves(
            self.env, list(groups.values()), self._pass,
            lambda group, message: refusals.update(dict.fromkeys(group.ids, message))))
        if held:
            self._notify_held(held)
        return refusals

    @api.model
    def _explain_error(self, error):
        """Why something could not be posted, as a sentence."""
        if isinstance(error, psycopg2.Error):
            return _("The database does not take it (%(constraint)s). Tell an administrator.",
                     constraint=error.diag.constraint_name)
        return str(error.args[0])

    @api.model
    def _pass(self, groups):
        """Make a count line of every counted stock key, judge it, and post those that pass.

        What does not is held on its line; the count is taken off its quant, so that it is not lost when quants are
        merged or cleaned up.

        :param groups: list of recordsets, the quants of one stock key each
        :return: the lines that are held
        :raise UserError: when one of them cannot be applied
        """
        quants = groups[0].union(*groups)
        # A locked bin is counted on its sheet, whoever else would adjust it.
        quants.filtered("inventory_diff_quantity").location_id._check_no_count_lock()
        lines = self._make_lines([self._get_count(group) for group in groups], "inventory")
        for line in lines:
            self.env["stock.cycle.count.entry"]._check_quantity(line, line.counted_qty)
        self._judge(lines)
        posted = lines.filtered(lambda line: line.state == "counted")._post(whole=True)
        posted.count_id._end_if_settled()
        self._take_counts_off(quants)
        return lines - posted

    @api.model
    def _judge(self, lines):
        """Judge lines of Physical Inventory, which have no second round: what a person has to see is held.

        :raise UserError: when a serial number was found in two places
        """
        pieces = lines.filtered(lambda line: line.tracking == "serial" and line.lot_id)
        self._check_found_once(pieces)
        partners = self.env["stock.cycle.count.transfer"]._propose(lines)
        lines._judge()
        partners._judge_again()
        causes = {line: self._get_hold_cause(line) for line in lines if line.state == "counted"}
        held = lines.filtered(causes.get)
        for cause, caused in held.grouped(causes.get).items():
            caused._write_judged({"approval_level": 1, "verdict": "approval", "verdict_reason": cause})
        held._hold_for_approval()

    @api.model
    def _get_hold_cause(self, line):
        """Why a line waits for a person although its difference is small; or False."""
        if line.replaces_held:
            return _("It takes the place of a count of the same person that waited, and no reason is given.")
        if line._why_not_without_cause():
            return _("A reason is wanted.")
        # Its own, or one that waits to take the same piece away from here.
        if line.tracking == "serial" and line.lot_id and self.env["stock.cycle.count.transfer"].sudo().search_count(
                [("target_line_id.state", "in", OPEN_STATES), ("lot_id", "=", line.lot_id.id)], limit=1):
            return _("The same piece was found in another place than the books have it: a transfer is proposed.")
        proposed = line.sudo().target_transfer_ids | line.sudo().source_transfer_ids
        if proposed:
            return _("An opposite difference was found in %(places)s: a transfer is proposed.", places=", ".join(
                (proposed.location_id | proposed.target_line_id.location_id - line.location_id).mapped("display_name")))
        return line._why_not_departed_serial()

    @api.model
    def _check_found_once(self, pieces):
        """Refuse to find a serial number where another count that waits has found it elsewhere.

        :raise UserError: naming the places
        """
        found = pieces.search([
            ("lot_id", "in", pieces.lot_id.ids), ("state", "in", OPEN_STATES), ("variance_qty", ">", 0)])
        for lot, lines in found.grouped("lot_id").items():
            if len(lines) > 1:
                raise UserError(_(
                    "Serial number %(lot)s was found in several places: %(lines)s. It is in one only: settle the other "
                    "count first, or clear this one.",
                    lot=lot.display_name,
                    lines=", ".join(f"{line.location_id.display_name} ({line.count_id.name})" for line in lines)))

    @api.model
    def _check_count(self, quant):
        """A count must have been entered, and be of the stock as it is.

        Core posts the stored difference; one that was never counted, or was forged, would be posted as it stands.
        """
        rounding = quant.product_uom_id.rounding
        if not quant.inventory_quantity_set:
            self.env["stock.cycle.count.audit.log"]._log_and_raise(
                "apply without a count", self._name_quants(quant),
                _("%(quant)s has no counted quantity. Enter it before you apply it.", quant=self._name_quants(quant)))
        difference = quant.inventory_quantity - quant.quantity
        if not numbers.is_same(quant.inventory_diff_quantity, difference, rounding):
            self.env["stock.cycle.count.audit.log"]._log_and_raise(
                "apply another difference", self._name_quants(quant),
                _("%(quant)s: stock has moved since it was counted. Apply it from Physical Inventory, which asks how to "
                  "solve the conflict.", quant=self._name_quants(quant)))

    @api.model
    def _get_count(self, quants):
        """What was counted of one stock key: values of a line, and of its entries."""
        line = {name: quants[0][name].id for name in KEY_FIELDS}
        # Only with stock_account quants have a date of their journal entries.
        dated = quants.filtered("accounting_date") if "accounting_date" in quants._fields else quants.browse()
        line.update(
            company_id=self._get_company(quants.location_id).id, quant_id=quants[0].id,
            accounting_date=dated and dated[0].accounting_date, reason_id=quants.cycle_count_reason_id[:1].id)
        entries = [
            {"kind": "add" if number else "set", "quantity": quant.inventory_quantity,
             "user_id": (quant.sudo().cycle_count_counter_id or self.env.user).id}
            for number, quant in enumerate(quants)]
        resolution = get_resolution(self.env)
        if resolution and all(quant.id in resolution.counts for quant in quants):
            # What was counted stays what was counted, then; whoever solved the conflict says what it is now.
            said = [dict(entry, user_id=self.env.uid) for entry in entries]
            for entry, quant in zip(entries, quants):
                entry["quantity"], entry["book"] = resolution.counts[quant.id]
            entries += said
        return line, entries

    @api.model
    def _take_counts_off(self, quants):
        """Clear quants whose counts stand on lines now; core leaves some of it behind where a wizard applies."""
        quants = quants.sudo().with_context(**{WRITER_KEY: COUNT_TAKEN})
        cleared = {
            "inventory_quantity": 0, "inventory_quantity_set": False, "user_id": False,
            "cycle_count_counter_id": False, "cycle_count_reason_id": False}
        if "accounting_date" in quants._fields:
            cleared["accounting_date"] = False
        quants.write(cleared)
        quants.write({"inventory_diff_quantity": 0})

    @api.model
    def _notify_held(self, lines):
        """Tell the user that differences wait, and for whom; with a link to them."""
        sentences = dict.fromkeys(lines.with_env(self.env).count_id.mapped("waits_for"))
        self.env["bus.bus"]._sendone(self.env.user.partner_id, "stock_cycle_count.waiting", {
            "title": _("Not posted yet"),
            "message": _("Differences out of tolerance: %(number)s. %(waiting)s", number=len(lines),
                         waiting=" ".join(sentences)),
            "count_ids": lines.count_id.ids,
        })

    @api.model
    def _make_lines(self, counts, origin):
        """Make sheets for counts that were made outside of one: one per company and accounting date.

        :param counts: list of ``(values of a line, values of its entries)``, each stock key once; an entry has either
            the ``quantity`` that was counted or the ``change`` of the books that is asked for
        :param origin: ``inventory`` or ``held_move``
        :return: the lines in the order of the counts
        """
        replaced = self._clear_keys(counts)
        now = fields.Datetime.now()
        heads = [(values["company_id"], values.get("accounting_date") or False) for values, _entries in counts]
        sheets = self.env["stock.cycle.count"].sudo().with_context(tracking_disable=True).create([
            {"company_id": company_id, "accounting_date": date, "origin": origin, "user_id": self.env.uid,
             "inventory_name": self.env.context.get("inventory_name"), "blind": False, "state": "review",
             "start_date": now, "close_date": now}
            for company_id, date in dict.fromkeys(heads)])
        by_head = {(sheet.company_id.id, sheet.accounting_date): sheet.id for sheet in sheets}
        lines = self.env["stock.cycle.count.line"].sudo().create([
            dict({name: value for name, value in values.items() if name not in ("company_id", "accounting_date")},
                 count_id=by_head[head], user_id=entries[0]["user_id"], sequence=number)
            for number, (head, (values, entries)) in enumerate(zip(heads, counts), start=1)])
        lines._transition("counted")
        Entry = self.env["stock.cycle.count.entry"].sudo()
        books = Entry._get_book_quantities([{"line": line, "date": now} for line in lines], now)
        Entry._make([
            {"line_id": line.id, "round": 1, "kind": entry.get("kind", "set"), "user_id": entry["user_id"], "date": now,
             "source": "inventory", "book_quantity": entry.get("book", book), "picked_quantity": picked,
             "quantity": entry["quantity"] if "quantity" in entry else book + entry["change"]}
            for line, (_values, entries), (book, picked) in zip(lines, counts, books) for entry in entries])
        lines.filtered(lambda line: line._get_key() in replaced)._write_judged({"replaces_held": True})
        if origin == "inventory":
            self._mark_opening(lines)
        return lines

    @api.model
    def _clear_keys(self, counts):
        """Let new counts take the place of held ones of the same people; what stands on a sheet is counted there.

        :param counts: see ``_make_lines``
        :return: the stock keys whose differences the same people count anew without a reason: that is for others to see
        :raise UserError: naming the line and whom to ask
        """
        counters = {
            tuple(values.get(name) or False for name in KEY_FIELDS): {entry["user_id"] for entry in entries}
            for values, entries in counts}
        opened = self.env["stock.cycle.count.line"].sudo().search([
            ("state", "in", OPEN_STATES),
            ("location_id", "in", [values["location_id"] for values, _entries in counts]),
            ("product_id", "in", [values["product_id"] for values, _entries in counts])])
        opened = opened.filtered(lambda line: line._get_key() in counters)
        supervises = self.env.user.has_group("stock_cycle_count.group_supervisor")
        for line in opened:
            if line.count_id.origin not in ("inventory", "held_move"):
                raise UserError(_(
                    "%(line)s is on count sheet %(sheet)s of %(counter)s. Count it there, or cancel the sheet first.",
                    line=line.display_name, sheet=line.count_id.name, counter=line.user_id.name or "-"))
            before = line._get_counters()
            if not supervises and not before & self.env.user.union(
                    self.env.user.browse(counters[line._get_key()])):
                raise UserError(_(
                    "%(line)s was counted by %(counters)s and waits for approval on %(sheet)s. Only they or a count "
                    "supervisor can put another count in its place.",
                    line=line.display_name, counters=", ".join(before.mapped("name")), sheet=line.count_id.name))
        for line in opened:
            self.env["stock.cycle.count.audit.log"]._note("replace a held count", _(
                "%(line)s (%(sheet)s): the difference of %(difference)s gives way to another count.",
                line=line.display_name, sheet=line.count_id.name, difference=line.variance_qty), line.company_id)
        explained = {
            tuple(values.get(name) or False for name in KEY_FIELDS)
            for values, _entries in counts if values.get("reason_id")}
        same = {line._get_key() for line in opened if self.env.user._is_same_person(line._get_counters())} - explained
        opened._cancel()
        opened.count_id._end_if_settled()
        return same

    @api.model
    def _hold_changes(self, changes):
        """Make count lines to approve of changes that somebody wants to make without counting.

        :param changes: list of ``(values of a line, change in the product's unit)``; those of one stock key add up
        :return: the lines
        """
        summed = {}
        for values, change in changes:
            key = tuple(values[name] for name in KEY_FIELDS)
            summed[key] = (values, change + (summed[key][1] if key in summed else 0))
        counts = [
            (values, [{"change": change, "user_id": self.env.uid}])
            for values, change in summed.values() if not numbers.is_zero(
                change, self.env["product.product"].browse(values["product_id"]).uom_id.rounding)]
        if not counts:
            return self.env["stock.cycle.count.line"]
        lines = self._make_lines(counts, "held_move")
        lines._judge()
        small = lines.filtered(lambda line: line.state == "counted")
        small._write_judged({"approval_level": 1, "verdict": "approval", "verdict_reason": _("Nobody counted it.")})
        small._hold_for_approval()
        return lines
