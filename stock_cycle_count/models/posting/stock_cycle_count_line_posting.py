from functools import partial

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import UserError

from ...tools import numbers
from ..context import DATED_BY_CORE, POSTING_KEY, WRITER_KEY
from .halving import do_in_halves, split_connected


class StockCycleCountLinePosting(models.AbstractModel):
    """Lines that may pass become stock moves: their *difference*, so that what moved meanwhile stays right.

    A match posts nothing. What a transfer explains is moved from the other place, the rest is an adjustment; a line
    has at most one adjustment, which the database ensures.
    """

    _name = "stock.cycle.count.line.posting"
    _description = "Posting of a Count Line"

    target_transfer_ids = fields.One2many(
        "stock.cycle.count.transfer", "target_line_id", "Comes From", groups="stock_cycle_count.group_approver")
    source_transfer_ids = fields.One2many(
        "stock.cycle.count.transfer", "source_line_id", "Goes To", groups="stock_cycle_count.group_approver")
    transfer_qty = fields.Float(
        "Transferred Quantity", compute="_compute_adjustment", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver", help="Part of the difference that was found in another place.")
    proven_transfer_qty = fields.Float(
        compute="_compute_adjustment", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver")
    adjustment_qty = fields.Float(
        "Adjustment Quantity", compute="_compute_adjustment", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver", help="Part of the difference that changes the stock in total.")
    move_ids = fields.One2many(
        "stock.move", "cycle_count_line_id", "Stock Moves", readonly=True, groups="stock.group_stock_user")
    post_date = fields.Datetime("Posted On", readonly=True, copy=False)
    post_user_id = fields.Many2one(
        "res.users", "Posted By", readonly=True, copy=False, ondelete="restrict",
        groups="stock_cycle_count.group_approver",
        help="Whoever closed, approved or finalized last. The moves themselves are made by the system.")
    post_error = fields.Char(
        "Cannot Be Posted", readonly=True, copy=False, groups="stock_cycle_count.group_approver")

    @api.depends("variance_qty", "target_transfer_ids.selected", "target_transfer_ids.quantity",
                 "source_transfer_ids.selected", "source_transfer_ids.quantity")
    def _compute_adjustment(self):
        for line in self:
            incoming = line.target_transfer_ids.filtered("selected")
            outgoing = line.source_transfer_ids.filtered("selected")
            line.transfer_qty = sum(incoming.mapped("quantity")) - sum(outgoing.mapped("quantity"))
            line.proven_transfer_qty = sum(incoming.filtered("proven").mapped("quantity")) - sum(
                outgoing.filtered("proven").mapped("quantity"))
            line.adjustment_qty = line._clean(line.variance_qty - line.transfer_qty)

    # Posting

    def _may_post(self):
        """Whether database state lets the line pass: judged small enough, or approved as it stands."""
        self.ensure_one()
        if self.state == "approved":
            return self._is_approved() and not self._why_not_without_cause(
                self._get_valid_approvals()[:1].comment)
        return self.state == "counted" and self.verdict in ("match", "within") and not self._why_not_without_cause()

    def _get_postable(self):
        """Those of these lines that may pass, and whose transfers end at lines that may pass too."""
        passing = self.filtered(lambda line: line._may_post())
        while True:
            ready = passing | self.filtered(lambda line: line.state == "posted")
            stuck = passing.filtered(lambda line: any(
                other and other not in ready and other.state != "posted"
                for transfer in (line.target_transfer_ids | line.source_transfer_ids) if transfer.selected
                for other in (transfer.target_line_id, transfer.source_line_id)))
            if not stuck:
                return passing
            passing -= stuck

    def _post(self, whole=False, judged=None):
        """Post those of these lines that may pass; the others are left as they are.

        Rows are locked in the order of their ids, so that two processes cannot post one line twice.

        :param whole: raise what keeps a line from being posted, rather than note it on the line
        :param judged: see ``_recheck``
        :return: the lines that were posted
        """
        if not self:
            return self
        lines = self.sudo()
        lines |= lines._get_transfer_partners()
        lines._lock_rows()
        # Of the matches, which are nearly all, nothing else is read.
        lines.fetch([
            "state", "verdict", "company_id", "count_id", "is_opening", "position_id", "location_id", "count_date"])
        # A match changes nothing, so that there is nothing to check on it but that it still is one.
        matches = lines.filtered(lambda line: line.state == "counted" and line.verdict == "match")
        matches._finish()
        passing = (lines - matches)._get_postable().sorted("id")._recheck(judged)
        moving = passing.filtered(lambda line: line.adjustment_qty or line.transfer_qty)
        dearer = {}
        posted = passing - moving | moving._post_moving(dearer, whole)
        posted._finish()
        (lines.browse(dearer) - posted)._return_dearer(dearer)
        (matches | posted).filtered(lambda line: not line.is_opening).company_id._finish_cycle_count_setup()
        return matches | posted

    def _post_moving(self, dearer, whole):
        """Make the moves of these lines, and the journal entries of sheets that have one for all of them.

        :param dearer: see ``_check_booked``
        :return: the lines that are posted; of a sheet that cannot be booked none is
        """
        if whole:
            for chunk in split_connected(self):
                chunk._make_moves()
                chunk._check_booked(dearer)
            return self
        sheets = self.filtered(lambda line: line.company_id.cycle_count_entry_per_sheet)
        return (self - sheets)._post_chunks(dearer).union(*do_in_halves(
            self.env, list(split_connected(sheets, 1, by_sheet=True)), partial(self._post_sheets, dearer),
            self._note_error))

    def _post_sheets(self, dearer, groups):
        """Make the moves of lines, given as groups of whole sheets, and one journal entry a sheet."""
        lines = self.browse().sudo().union(*groups)._post_chunks(dearer)
        for count, booked in lines.grouped("count_id").items():
            count._book(booked.move_ids)
        return lines

    def _post_chunks(self, dearer):
        """Make the moves of these lines but of those that cannot be posted, which say so.

        :return: the lines that are posted
        """
        posted = self.browse()
        for chunk in split_connected(self):
            posted = posted.union(*do_in_halves(
                self.env, list(split_connected(chunk, 1)), partial(self._post_blocks, dearer), self._note_error))
        return posted

    def _post_blocks(self, dearer, blocks):
        """Make the moves of lines, given as blocks that are posted together.

        :param dearer: see ``_check_booked``
        """
        lines = self.browse().sudo().union(*blocks)
        lines._make_moves()
        lines._check_booked(dearer)
        return lines

    def _note_error(self, lines, message):
        """Note on lines why they cannot be posted."""
        lines.write({"post_error": message})

    def _make_moves(self):
        """Create the moves of these lines and do them."""
        for line in self:
            refusal = line._why_not_post()
            if refusal:
                raise UserError(refusal)
        transfers = (self.target_transfer_ids | self.source_transfer_ids).filtered(
            lambda transfer: transfer.selected and not transfer.move_ids)
        transfers._carry_reservations()
        adjusted = self.filtered(lambda line: not numbers.is_zero(line.adjustment_qty, line.product_uom_id.rounding))
        # What a request's context says about prices, dates and pickings is no part of a posting.
        context = {name: self.env.context[name] for name in ("lang", "tz") if name in self.env.context}
        for (company, date), lines in self.grouped(
                lambda line: (line.company_id, line.count_id.accounting_date)).items():
            # Whoever posts may have no right to what valuation asks for: who decided is checked, and on the line.
            moves = self.env["stock.move"].with_user(SUPERUSER_ID).with_context(
                context, inventory_mode=False, allowed_company_ids=company.ids)
            dated = moves.with_context(force_period_date=date) if date else moves
            moved = transfers & lines.target_transfer_ids
            quants = (moved.target_line_id | adjusted & lines)._get_quants(dated.env)
            values = [transfer._prepare_move_vals(quants[transfer.target_line_id]) for transfer in moved]
            values += [line._prepare_adjustment_vals(quants[line]) for line in adjusted & lines]
            posting = lines._make_posting(dated.env, [vals["move_line_ids"][0][2] for vals in values])
            created = dated.with_context(**{POSTING_KEY: posting.while_creating()}).create(values)
            created.with_context(**{POSTING_KEY: posting})._action_done()
            created._book_layers(posting.layer_ids)
            self.env["stock.cycle.count.fingerprint"]._remember(created.move_line_ids)

    def _prepare_adjustment_vals(self, quant):
        """Values of the move that adjusts the stock by the line's adjustment quantity."""
        loss = self._get_loss_location()
        none = self.package_id.browse()
        if self.adjustment_qty > 0:
            ends = (self.adjustment_qty, loss, self.location_id, none, self.package_id)
        else:
            ends = (-self.adjustment_qty, self.location_id, loss, self.package_id, none)
        return self._prepare_inventory_move_vals(quant, *ends)

    def _get_move_name(self):
        """What the moves of the line are called; False leaves it to core."""
        if self.count_id.origin == "inventory":
            return self.count_id.inventory_name
        name = _("Cycle count %(sheet)s", sheet=self.count_id.name)
        return f"{name}: {self.reason_id.name}" if self.reason_id else name

    def _prepare_inventory_move_vals(self, quant, quantity, location, location_dest, package, package_dest, **extra):
        """Values of an inventory move of this line, with one move line: what core and other modules give the moves of
        an applied count, and what the line says over it.

        :param quant: see ``_get_quants``
        :param quantity: positive, in the product's unit
        """
        given = quant._get_inventory_move_values(quantity, location, location_dest, package, package_dest)
        details = [command[2] for command in given.get("move_line_ids", []) if command[0] == fields.Command.CREATE]
        common = {
            "product_id": self.product_id.id,
            "company_id": self.company_id.id,
            "location_id": location.id,
            "location_dest_id": location_dest.id,
            "picked": True,
        }
        return {
            **given,
            **common,
            "origin": self.count_id.name,
            "product_uom": self.product_uom_id.id,
            "product_uom_qty": quantity,
            "state": "confirmed",
            "is_inventory": True,
            "restrict_partner_id": self.owner_id.id,
            "cycle_count_line_id": self.id,
            "cycle_count_reason_id": self.reason_id.id,
            **extra,
            "move_line_ids": [fields.Command.create({
                **(details[0] if details else {}),
                **common,
                "product_uom_id": self.product_uom_id.id,
                "quantity": quantity,
                "lot_id": self.lot_id.id,
                "package_id": package.id,
                "result_package_id": package_dest.id,
                "owner_id": self.owner_id.id,
            })],
        }

    def _get_loss_location(self):
        """Counterpart of the adjustment: the reason's, else the product's.

        :raise UserError: when that is no inventory loss location
        """
        location = (self.reason_id.with_company(self.company_id).location_id
                    or self.product_id.with_company(self.company_id).property_stock_inventory)
        if location.usage != "inventory":
            raise UserError(_(
                "%(line)s: %(location)s is no inventory loss location. Correct the inventory location of the product "
                "or of the reason.", line=self.display_name, location=location.display_name or "-"))
        return location

    def _finish(self):
        """Mark lines as posted and note on their positions and locations that they were counted."""
        if not self:
            return
        self._transition("posted", post_date=fields.Datetime.now(), post_user_id=self.env.uid, post_error=False)
        self._note_count_days()
        self._reset_quants()

    def _note_count_days(self):
        """Note on positions and locations when they were counted, however long a decision took; opening stock was not."""
        moments, counted = {}, self.filtered(lambda line: not line.is_opening)
        for line in counted:
            moment = line.count_date
            for place in (line.position_id, line.location_id):
                moments[place] = max(moments.get(place, moment), moment)
        counted.position_id._set_counted(moments)
        days = {location: moments[location].date() for location in counted.location_id}
        earlier = counted.location_id.filtered(
            lambda location: not location.last_inventory_date or location.last_inventory_date < days[location])
        for day, locations in earlier.grouped(days.get).items():
            locations.last_inventory_date = day

    def _reset_quants(self):
        """Give the counted quants the dates of their next counts, and nobody to count them, as core does when it applies
        a count. Who counts what was entered on one meanwhile stays.
        """
        # Positions show their dates on quants themselves.
        self.position_id.fetch(["active", "scheduled_date"])
        undated = self.filtered(lambda line: not (line.position_id.active and line.position_id.scheduled_date))
        quants = self.env["stock.quant"].sudo().search([
            ("product_id", "in", self.product_id.ids), ("location_id", "in", self.location_id.ids),
            "|", ("user_id", "!=", False), ("location_id", "in", undated.location_id.ids)])
        if not quants:
            return
        keys, undated_keys = ({line._get_key() for line in lines} for lines in (self, undated))
        found = {quant: quant._get_stock_key() for quant in quants}
        quants.filtered(
            lambda quant: found[quant] in keys and quant.user_id and not quant.inventory_quantity_set).user_id = False
        counted = quants.filtered(lambda quant: found[quant] in undated_keys)
        dates = {location: location._get_next_inventory_date() for location in counted.location_id}
        changed = counted.filtered(lambda quant: quant.inventory_date != dates[quant.location_id])
        for date, dated in changed.grouped(lambda quant: dates[quant.location_id]).items():
            dated.with_context(**{WRITER_KEY: DATED_BY_CORE}).inventory_date = date
