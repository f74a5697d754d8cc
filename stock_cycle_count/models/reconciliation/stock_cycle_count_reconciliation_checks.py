from collections import defaultdict

from odoo import _, api, models
from odoo.tools import format_datetime

from ... import queries
from ...tools import reconciliation
from ..constants import KEY_FIELDS

#: Models of what was moved, in the order of ``queries.fingerprints.MOVED``.
MOVED_MODELS = (
    "product.product", "stock.location", "stock.location", "stock.lot", "stock.quant.package", "stock.quant.package",
    "res.partner")


class StockCycleCountReconciliationChecks(models.AbstractModel):
    """What a check looks for, each in one statement. One change is one finding: what is listed as an edited move or as a
    move without a document is not listed once more because on hand differs from the moves.
    """

    _name = "stock.cycle.count.reconciliation.checks"
    _description = "Search for Unexplained Changes"

    def _find_all(self):
        """Values of all that is unexplained in a company.

        What is seen for the first time is kept before the moves are looked at, and so is known in the night after.
        """
        self.ensure_one()
        self.env["stock.cycle.count.fingerprint"]._remember_new(self.company_id)
        edited = queries.run(self.env, queries.reconciliation.find_edited(self.company_id.id))
        undocumented = self._get_undocumented({row[0] for row in edited})
        found = [
            *self._list_edited([row for row in edited if not row[19]]),
            *self._list_undocumented(undocumented),
            *self._list_unbalanced(self._get_known(edited, undocumented)),
            *self._list_misposted(),
        ]
        return self._add_values(found)

    def _get_undocumented(self, edited_ids):
        """Rows of moves without a document, but those that are listed as edited."""
        company = self.company_id
        rows = queries.run(self.env, queries.reconciliation.find_undocumented(
            company.id, self.since_date, company._get_cycle_count_control_start(),
            self.env["stock.move"]._get_document_fields()))
        return [row for row in rows if row[0] not in edited_ids]

    @api.model
    def _get_known(self, edited, undocumented):
        """By how much the sum of moves of each stock key differs from what it was without what is listed otherwise."""
        known = defaultdict(float)
        for row in edited:
            # A line that was added was not there, and one that is gone is not there now.
            for moved, quantity, sign in ((row[1:8], row[8], 0 if row[18] else 1), (row[9:16], row[16], -1)):
                if moved[0] and quantity:
                    product, source, destination, lot, package, result_package, owner = moved
                    known[product, destination, lot, result_package, owner] += sign * quantity
                    known[product, source, lot, package, owner] -= sign * quantity
        for _id, _kind, product, place, _other, lot, package, owner, quantity, *_rest in undocumented:
            known[product, place, lot, package, owner] -= quantity
        return known

    # What is listed

    def _list_edited(self, rows):
        for row in rows:
            before, after = (*row[1:9],), (*row[9:17],)
            seen_date, added, _count_line, move_id, reference, creator_id, user_id, date = row[17:]
            old_quantity, new_quantity = (0 if added else before[-1]), after[-1] or 0
            product_id, source, place, lot_id, package_from, package_to, owner_id = before[:7]
            inward = self.env["stock.location"].browse(place).usage in ("internal", "transit")
            if added:
                detail = _("Added to a move that was done before: %(now)s.", now=self._describe(after))
            elif after[0] is None:
                detail = _("Seen on %(date)s: %(before)s. Not done any longer.", date=self._format(seen_date),
                           before=self._describe(before))
            else:
                detail = _("Seen on %(date)s: %(before)s. Now: %(now)s.", date=self._format(seen_date),
                           before=self._describe(before), now=self._describe(after))
            yield {
                "kind": "edited", "subject": str(row[0]), "facts": repr((before, after)), "product_id": product_id,
                "location_id": place if inward else source, "other_location_id": source if inward else place,
                "lot_id": lot_id, "package_id": package_to if inward else package_from, "owner_id": owner_id,
                "quantity": (new_quantity - old_quantity) * (1 if inward else -1), "detail": detail,
                "reference": reference, "move_id": move_id, "creator_id": creator_id, "user_id": user_id,
                "event_date": date or seen_date}

    def _list_undocumented(self, rows):
        for row in rows:
            (line_id, kind, product_id, place, other, lot_id, package_id, owner_id, quantity, move_id, reference,
             creator_id, user_id, date) = row
            yield {
                "kind": kind, "subject": str(line_id), "facts": repr((place, other, self._round(quantity))),
                "product_id": product_id, "location_id": place, "other_location_id": other, "lot_id": lot_id,
                "package_id": package_id, "owner_id": owner_id, "quantity": quantity, "move_id": move_id,
                "reference": reference, "creator_id": creator_id, "user_id": user_id, "event_date": date,
                "detail": _("No transfer, order, scrap order or count explains it.") if kind == "crossing" else _(
                    "A transfer by hand moved it to or from a place where it leaves or enters the stock.")}

    def _list_unbalanced(self, known):
        # Places that belong to no company are looked at once.
        first = self.env["res.company"].search([], order="id", limit=1)
        writers, rows = {}, []
        for *key, on_hand, moved, gone, rounding, user_id, date in queries.run(
                self.env, queries.reconciliation.find_unbalanced(self.company_id.id, self.company_id == first)):
            rows.append(reconciliation.Unbalanced(tuple(key), on_hand, moved, gone, rounding))
            writers[tuple(key)] = (user_id, date)
        rows = reconciliation.leave_out_untracked(reconciliation.leave_out_known(rows, known))
        for row in rows:
            user_id, date = writers[row.key]
            yield {
                **dict(zip(KEY_FIELDS, row.key)), "kind": "on_hand",
                "subject": ",".join(str(part or 0) for part in row.key), "facts": repr(self._round(row.difference)),
                "quantity": row.difference, "user_id": user_id, "event_date": date,
                "detail": _("On hand: %(on_hand)s. Sum of all done moves: %(moved)s.", on_hand=self._say(row.on_hand),
                            moved=self._say(row.moved))}

    def _list_misposted(self):
        """Posted lines whose moves, layers or journal entries say something else, each line once."""
        parts = defaultdict(list)
        for line_id, posted, made, stray, user_id, date in queries.run(
                self.env, queries.reconciliation.find_misposted(self.company_id.id)):
            detail = _("Posted: %(posted)s. Its moves say: %(made)s.", posted=self._say(posted), made=self._say(made))
            if self._round(stray):
                detail += " " + _("Moved elsewhere: %(stray)s.", stray=self._say(stray))
            parts[line_id].append((made - posted, 0, detail, user_id, date))
        if self.env["stock.cycle.count.fingerprint"]._is_valued():
            for line_id, value, value_now, entries, entries_now, valued, valued_now in queries.run(
                    self.env, queries.reconciliation.find_misvalued(
                        self.company_id.id, self.company_id.currency_id.rounding)):
                detail = _(
                    "Valuation: %(value)s, now %(value_now)s. Journal entries: %(entries)s, now %(entries_now)s.",
                    value=self._say(value), value_now=self._say(value_now), entries=self._say(entries),
                    entries_now=self._say(entries_now))
                if self._round(valued) != self._round(valued_now):
                    detail += " " + _(
                        "Quantity that is valued: %(valued)s, now %(now)s.", valued=self._say(valued),
                        now=self._say(valued_now))
                parts[line_id].append((0, value_now - value or entries_now - entries, detail, None, None))
        lines = self.env["stock.cycle.count.line"].browse(parts).exists()
        for line in lines:
            quantities, values, details, users, dates = zip(*parts[line.id])
            yield {
                **{name: line[name].id for name in KEY_FIELDS}, "kind": "posted", "subject": str(line.id),
                "facts": repr(details), "count_line_id": line.id, "quantity": sum(quantities), "value": sum(values),
                "detail": "\n".join(details), "reference": line.count_id.name,
                "move_id": line.move_ids[:1].id, "creator_id": line.post_user_id.id,
                "user_id": next(filter(None, users), False),
                "event_date": next(filter(None, dates), False) or line.post_date}

    # Words and values

    def _add_values(self, found):
        """Give what was found the value of its quantity, at the company's cost."""
        products = self.env["product.product"].with_company(self.company_id).browse(
            {values["product_id"] for values in found})
        costs = {product.id: product.standard_price for product in products}
        for values in found:
            values["value"] = values.get("value") or self.company_id.currency_id.round(
                values["quantity"] * costs[values["product_id"]])
        return found

    def _describe(self, moved):
        """What a move line says, in words: its quantity, and the names of what is not empty."""
        names = [
            record.display_name if record.exists() else _("deleted (%(id)s)", id=record.id)
            for model, record_id in zip(MOVED_MODELS[1:], moved[1:7]) if record_id
            for record in [self.env[model].browse(record_id)]]
        return f"{self._say(moved[7])}: {' > '.join(names)}"

    @api.model
    def _round(self, number):
        """A number without what floats add to it."""
        return round(number or 0, 6) + 0.0

    @api.model
    def _say(self, number):
        """A number without what floats add to it, and without places that say nothing."""
        return f"{self._round(number):.6f}".rstrip("0").rstrip(".")

    def _format(self, moment):
        return format_datetime(self.env, moment)
