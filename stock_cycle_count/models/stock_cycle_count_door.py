from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_is_zero

from .states import KEY_FIELDS, OPEN_STATES
from .stock_location import POSTING

#: Where stock stands that a company owns.
STOCK_USAGES = ("internal", "transit")
#: What a stock move says about the count that made it.
MOVE_FIELDS = {"cycle_count_line_id", "cycle_count_reason_id", "cycle_count_transfer_id"}


class StockCycleCountDoor(models.AbstractModel):
    """The one door: no quantity changes by a count or an inventory adjustment unless a count line says so.

    Three layers end here: the inventory mechanism of quants (``_pass``), done move lines between stock and inventory
    loss (``_check_lines``), and direct writes on quants (``_check_quant_vals``). What this addon posts itself carries a
    Python object in its context that no client can send. Exempt is the superuser itself (data files, crons);
    ``sudo()`` is not, since it keeps the user.
    """

    _name = "stock.cycle.count.door"
    _description = "Door of Inventory Adjustments"

    @api.model
    def _is_posting(self):
        """Whether this addon itself is posting what has passed."""
        return self.env.context.get("stock_cycle_count_posting") is POSTING

    @api.model
    def _is_exempt(self):
        """Whether the door is open whatever is moved: to the superuser itself and to what this addon posts."""
        return self.env.uid == SUPERUSER_ID or self._is_posting()

    @api.model
    def _get_guarded_locations(self, locations):
        """Those of these locations in which the door holds for this user.

        A location's own company decides, whatever companies a client names. One that belongs to no company is guarded
        when any company of the user guards.
        """
        if not locations or self._is_exempt():
            return locations.browse()
        return locations.filtered(lambda location: self._get_company(location).cycle_count_door)

    @api.model
    def _get_company(self, location):
        """Company whose door guards a location: its own, else one of the user's, if possible one that guards."""
        own = location.sudo().company_id
        if own:
            return own
        companies = (self.env.company | self.env.user.company_ids).sudo()
        return companies.filtered("cycle_count_door")[:1] or companies[:1]

    @api.model
    def _get_guarded_quants(self, quants):
        """Those of these quants whose stock the door guards for this user."""
        guarded = self._get_guarded_locations(quants.sudo().location_id)
        return quants.filtered(lambda quant: quant.sudo().location_id in guarded) if guarded else quants.browse()

    # First layer: the inventory mechanism of quants

    @api.model
    def _pass(self, quants):
        """Make a count line of every counted quant, judge it, and say which quants may be applied.

        What may not is held on its line until it is approved; the count is taken off its quant, so that it is not
        lost when quants are merged or cleaned up.

        :return: ``(quants that may be applied, {quant id: line id})``
        :raise UserError: when a count is not what it says, or its stock is on an open sheet
        """
        for quant in quants:
            self._check_count(quant)
        lines = self._make_lines([self._get_quant_count(quant) for quant in quants], "inventory")
        by_quant = dict(zip(quants.ids, lines))
        judged = lines._judge()
        lacking = judged.filtered(lambda line: line.state == "counted" and line._refuse_without_cause())
        if lacking:
            lacking.write({"approval_level": 1, "verdict_reason": _("A reason is wanted.")})
            lacking._ask_approval()
        passing = quants.filtered(lambda quant: by_quant[quant.id].state == "counted")
        self._hold(quants - passing)
        return passing, {quant.id: by_quant[quant.id].id for quant in passing}

    @api.model
    def _check_count(self, quant):
        """A count must have been entered, and be of the stock as it is.

        Core posts the stored difference; one that was never counted, or was forged, would be posted as it stands.
        """
        rounding = quant.product_uom_id.rounding
        if not quant.inventory_quantity_set:
            self.env["stock.cycle.count.refusal"]._refuse(
                "apply without a count", self._name_quants(quant),
                _("%(quant)s has no counted quantity. Enter it before you apply it.", quant=self._name_quants(quant)))
        difference = quant.inventory_quantity - quant.quantity
        if float_compare(quant.inventory_diff_quantity, difference, precision_rounding=rounding):
            self.env["stock.cycle.count.refusal"]._refuse(
                "apply another difference", self._name_quants(quant),
                _("%(quant)s: stock has moved since it was counted. Apply it from Physical Inventory, which asks how to "
                  "solve the conflict.", quant=self._name_quants(quant)))

    @api.model
    def _get_quant_count(self, quant):
        """What was counted on a quant: values of a line, and of its entry."""
        line = {name: quant[name].id for name in KEY_FIELDS}
        line.update(company_id=self._get_company(quant.location_id).id, quant_id=quant.id,
                    reason_id=quant.cycle_count_reason_id.id)
        user = quant.sudo().cycle_count_counter_id or self.env.user
        return line, {"quantity": quant.inventory_quantity, "book_quantity": quant.quantity, "user_id": user.id}

    @api.model
    def _hold(self, quants):
        """Take counts off their quants and tell the user that they wait."""
        if not quants:
            return
        quants.sudo().with_context(stock_cycle_count_posting=POSTING).write({
            "inventory_quantity": 0, "inventory_quantity_set": False, "user_id": False,
            "cycle_count_counter_id": False, "cycle_count_reason_id": False})
        quants.sudo().with_context(stock_cycle_count_posting=POSTING).write({"inventory_diff_quantity": 0})
        self.env["bus.bus"]._sendone(self.env.user.partner_id, "simple_notification", {
            "type": "warning",
            "title": _("Waiting for approval"),
            "message": _("%(number)s differences are out of tolerance and were not posted. They wait for approval "
                         "under Cycle Counts.", number=len(quants)),
        })

    @api.model
    def _make_lines(self, counts, origin):
        """Make a sheet per company for counts that were made outside of one.

        :param counts: list of ``(values of a line, values of its entry)``
        :param origin: ``inventory`` or ``transfer``
        :return: the lines in the order of the counts
        """
        self._clear_keys([values for values, _entry in counts])
        now = fields.Datetime.now()
        companies = sorted({values["company_id"] for values, _entry in counts})
        sheets = self.env["stock.cycle.count"].sudo().with_context(tracking_disable=True).create([
            {"company_id": company_id, "origin": origin, "user_id": self.env.uid, "blind": False, "state": "review",
             "start_date": now, "close_date": now}
            for company_id in companies])
        by_company = {sheet.company_id.id: sheet.id for sheet in sheets}
        positions = self._get_positions([values for values, _entry in counts])
        lines = self.env["stock.cycle.count.line"].sudo().create([
            dict({name: value for name, value in values.items() if name != "company_id"},
                 count_id=by_company[values["company_id"]], user_id=entry["user_id"], state="counted",
                 sequence=number, **positions.get((values["location_id"], values["product_id"]), {}))
            for number, (values, entry) in enumerate(counts, start=1)])
        self.env["stock.cycle.count.entry"].sudo().create([
            dict(entry, line_id=line.id, round=1, kind="set", date=now, source="inventory")
            for line, (_values, entry) in zip(lines, counts)])
        return lines

    @api.model
    def _get_positions(self, values_list):
        """Position and class of stock keys: ``{(location id, product id): values of a line}``."""
        positions = self.env["stock.cycle.count.position"].sudo().with_context(active_test=False).search([
            ("location_id", "in", [values["location_id"] for values in values_list]),
            ("product_id", "in", [values["product_id"] for values in values_list])])
        return {
            (position.location_id.id, position.product_id.id): {
                "position_id": position.id, "abc_class_id": position.abc_class_id.id}
            for position in positions}

    @api.model
    def _clear_keys(self, values_list):
        """Let new counts take the place of held ones; what stands on a sheet is counted there.

        :raise UserError: naming the sheet
        """
        opened = self.env["stock.cycle.count.line"].sudo().search([
            ("state", "in", OPEN_STATES),
            ("location_id", "in", [values["location_id"] for values in values_list]),
            ("product_id", "in", [values["product_id"] for values in values_list])])
        keys = {tuple(values.get(name) or False for name in KEY_FIELDS) for values in values_list}
        opened = opened.filtered(lambda line: line._get_key() in keys)
        for line in opened.filtered(lambda line: line.count_id.origin not in ("inventory", "transfer")):
            raise UserError(_(
                "%(line)s is on count sheet %(sheet)s of %(counter)s. Count it there, or cancel the sheet first.",
                line=line.display_name, sheet=line.count_id.name, counter=line.user_id.name or "-"))
        opened._cancel()
        opened.count_id._end_if_settled()

    # Other documents that would adjust stock

    @api.model
    def _hold_changes(self, changes):
        """Make count lines to approve of changes that somebody wants to make without counting.

        :param changes: list of ``(values of a line, change in the product's unit)``
        :return: the lines
        """
        keys = self.env["stock.cycle.count.line"].sudo()
        books = self._get_books([values for values, _change in changes])
        counts = [
            (values, {"quantity": books[index] + change, "book_quantity": books[index], "user_id": self.env.uid})
            for index, (values, change) in enumerate(changes)]
        lines = self._make_lines(counts, "transfer")
        lines._judge()
        small = lines.filtered(lambda line: line.state == "counted")
        small.write({"approval_level": 1, "verdict": "approval", "verdict_reason": _("Nobody counted it.")})
        small._ask_approval()
        return keys | lines

    @api.model
    def _get_books(self, values_list):
        """What the books show for stock keys, in their order."""
        groups = self.env["stock.quant"].sudo()._read_group(
            [("location_id", "in", [values["location_id"] for values in values_list]),
             ("product_id", "in", [values["product_id"] for values in values_list])],
            KEY_FIELDS, ["quantity:sum"])
        books = {tuple(record.id for record in key): quantity for *key, quantity in groups}
        return [books.get(tuple(values.get(name) or False for name in KEY_FIELDS), 0) for values in values_list]

    # Second layer: done move lines between stock and inventory loss

    @api.model
    def _get_adjusting(self, lines):
        """Those guarded move lines that change the stock in total by an inventory loss location; scrapping is free."""
        def adjusts(line):
            source, destination = line.location_id, line.location_dest_id
            if destination.usage == "inventory":
                return source.usage in STOCK_USAGES and not destination.scrap_location
            return source.usage == "inventory" and destination.usage in STOCK_USAGES

        adjusting = lines.filtered(adjusts)
        guarded = self._get_guarded_locations(
            adjusting.location_id.union(*(self._get_stock_side(line) for line in adjusting)))
        return adjusting.filtered(lambda line: self._get_stock_side(line) in guarded)

    @api.model
    def _get_stock_side(self, line):
        """Where the stock stands that a move line from or to inventory loss changes."""
        return line.location_dest_id if line.location_id.usage == "inventory" else line.location_id

    @api.model
    def _check_lines(self, lines, attempt):
        """Refuse done move lines between stock and inventory loss that no count line lets pass.

        :raise UserError: saying how such a change is made
        """
        adjusting = self._get_adjusting(lines)
        if adjusting:
            self.env["stock.cycle.count.refusal"]._refuse(
                attempt, ", ".join(adjusting.product_id.mapped("display_name")),
                _("%(products)s: stock is not moved to or from an inventory loss location by hand. Count it under Cycle "
                  "Counts or Physical Inventory, or use a scrap order.",
                  products=", ".join(adjusting.product_id.mapped("display_name"))))

    @api.model
    def _hold_moves(self, moves):
        """Make count lines of moves between stock and inventory loss, where the company holds rather than refuses.

        :return: the moves that are held; they are cancelled
        """
        adjusting = self._get_adjusting(moves.move_line_ids.filtered("quantity")).filtered(
            lambda line: self._get_company(self._get_stock_side(line)).cycle_count_manual_moves == "hold")
        held = adjusting.move_id
        if held:
            self._hold_changes([self._get_line_change(line) for line in adjusting])
            held._action_cancel()
        return held

    @api.model
    def _get_line_change(self, line, sign=1):
        """What a move line changes at its stock side: values of a count line, and the change."""
        gain = line.location_id.usage == "inventory"
        package = line.result_package_id if gain else line.package_id
        location = self._get_stock_side(line)
        change = line.quantity_product_uom * (1 if gain else -1) * sign
        return {
            "company_id": self._get_company(location).id, "product_id": line.product_id.id, "location_id": location.id,
            "lot_id": line.lot_id.id, "package_id": package.id, "owner_id": line.owner_id.id,
        }, change

    # Third layer: direct writes on quants

    @api.model
    def _check_quant_vals(self, names, locations, attempt):
        """Refuse to write what stock moves write.

        :param names: names of the fields that are written
        :param locations: where the stock stands, or is to stand
        :raise UserError: saying how stock is changed
        """
        forbidden = names & {"quantity", "reserved_quantity", "in_date", "company_id", *KEY_FIELDS}
        if forbidden and self._get_guarded_locations(locations):
            self.env["stock.cycle.count.refusal"]._refuse(
                attempt, f"{', '.join(sorted(forbidden))}: {', '.join(locations.sudo().mapped('display_name'))}",
                _("Quantities on hand are changed by transfers and counts only. Enter a counted quantity instead."))

    @api.model
    def _check_location_vals(self, vals, locations):
        """Refuse to turn a location that holds stock into one of another kind: what lies in it would appear in the
        books, or be gone, without a count.

        :raise UserError: naming the locations
        """
        changed = self._get_guarded_locations(locations.filtered(lambda location: (
            location.usage != vals.get("usage", location.usage)
            or location.usage == "inventory" and location.scrap_location != vals.get(
                "scrap_location", location.scrap_location))))
        holding = self.env["stock.quant"].sudo().search(
            [("location_id", "in", changed.ids), ("quantity", "!=", 0)]).location_id if changed else changed
        if holding:
            names = ", ".join(holding.mapped("display_name"))
            self.env["stock.cycle.count.refusal"]._refuse("change the kind of a location", names, _(
                "%(locations)s: there is stock on record, so the kind of location cannot be changed. Move or count it "
                "to 0 first.", locations=names))

    @api.model
    def _check_move_names(self, names):
        """Refuse to claim that a move was made by counting, or to change what it says about its count.

        :param names: names of the fields that are written
        :raise UserError: when one of them is such a field
        """
        claimed = MOVE_FIELDS & names
        if claimed and not self._is_exempt():
            self.env["stock.cycle.count.refusal"]._refuse("claim a count for a move", ", ".join(sorted(claimed)), _(
                "Which count made a stock move, and why, is not written by hand."))

    @api.model
    def _check_unlink(self, quants):
        """Refuse to delete stock.

        :raise UserError: saying what to do
        """
        holding = self._get_guarded_quants(quants).filtered(lambda quant: not float_is_zero(
            quant.quantity, precision_rounding=quant.product_uom_id.rounding or 0.01))
        if holding:
            self.env["stock.cycle.count.refusal"]._refuse(
                "delete a quant", self._name_quants(holding),
                _("%(quants)s still holds stock. Count it as 0 instead of deleting it.",
                  quants=self._name_quants(holding)))

    @api.model
    def _name_quants(self, quants):
        """Names of quants for people; a quant's own name lacks its product."""
        return ", ".join(f"{quant.product_id.display_name} / {quant.display_name}" for quant in quants)

