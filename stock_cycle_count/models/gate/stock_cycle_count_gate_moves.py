from markupsafe import Markup

from odoo import SUPERUSER_ID, _, api, models

from ..constants import KEY_FIELDS, STOCK_USAGES
from ..context import get_posting

#: What a stock move says about the count that made it, or that takes it back.
MOVE_FIELDS = {
    "cycle_count_line_id", "cycle_count_reason_id", "cycle_count_transfer_id", "cycle_count_reversal_id"}
#: What of a move that a count made is no evidence: what takes it back, and what analytic accounting notes later.
LIVE_MOVE_FIELDS = {"cycle_count_reversal_id", "analytic_account_line_ids"}
#: What of a line says what was moved, where and when.
MOVED_FIELDS = {
    "product_id", "product_uom_id", "quantity", "location_id", "location_dest_id", "lot_id", "lot_name", "package_id",
    "result_package_id", "owner_id", "state", "date", "move_id", "picking_id", "company_id", "picked"}


class StockCycleCountGateMoves(models.AbstractModel):
    """The second layer of the gate: moves.

    Whatever is or claims to be an inventory move, or has an end in inventory loss, and crosses the border of own stock
    needs a count line. What documents move across it is theirs, but for transfers by hand, about which the company has
    a policy. Moves that a count made are evidence.
    """

    _name = "stock.cycle.count.gate.moves"
    _description = "Gate of Moves"

    @api.model
    def _get_adjusting(self, lines):
        """Those gated move lines that change the stock in total without a document that says why."""
        posting = get_posting(self.env)
        if posting:
            lines = lines.filtered(lambda line: line.move_id.cycle_count_line_id.id not in posting)
        return self._filter_gated(lines.filtered(self._is_adjusting))

    @api.model
    def _is_adjusting(self, line):
        """Whether a move line is for a count to make: by the inventory mechanism, from or to inventory loss (what goes
        there from production comes out of stock in the end), or done without ever having been a transfer.
        """
        source, destination, move = line.location_id, line.location_dest_id, line.move_id
        counted = (*STOCK_USAGES, "production")
        if source.usage == "inventory":
            return destination.usage in counted
        if destination.usage == "inventory" and not destination.scrap_location:
            return source.usage in counted
        if not line._crosses_border():
            return False
        # A scrap order takes stock out to scrap; whatever else claims to be one is none.
        if move.scrap_id and not (source._is_own_stock() and destination.scrap_location):
            return True
        return move.is_inventory or (
            not move._has_document() and (line.state == "done" or destination.scrap_location))

    @api.model
    def _get_by_hand(self, lines):
        """Those gated move lines by which somebody moves stock to or from where it is nobody's or another's, with no
        more of a document than an internal transfer, where the company does not allow it.
        """
        posting = get_posting(self.env)
        lines = lines.filtered(
            lambda line: not (posting and line.move_id.cycle_count_line_id.id in posting) and line._is_moved_by_hand())
        return self._filter_gated(lines).filtered(
            lambda line: self._get_company(self._get_stock_side(line)).cycle_count_border_moves != "allow")

    @api.model
    def _filter_gated(self, lines):
        """Those of these move lines whose stock the gate holds for this user."""
        gated = self._get_gated_locations(
            lines.location_id.union(*(self._get_stock_side(line) for line in lines)))
        return lines.filtered(lambda line: self._get_stock_side(line) in gated)

    @api.model
    def _get_stock_side(self, line):
        """Where the stock stands that a move line across the border changes."""
        if line.location_id.usage == "inventory":
            return line.location_dest_id
        if line.location_dest_id.usage == "inventory" or line.location_id._is_own_stock():
            return line.location_id
        return line.location_dest_id

    @api.model
    def _check_lines(self, lines, attempt):
        """Refuse move lines that need a count line, or a document.

        :raise UserError: saying how such a change is made
        """
        adjusting = self._get_adjusting(lines)
        if adjusting:
            names = ", ".join(adjusting.product_id.mapped("display_name"))
            self.env["stock.cycle.count.audit.log"]._log_and_raise(attempt, names, _(
                "%(products)s: stock is not moved to or from an inventory loss location by hand, nor taken in or out by "
                "moves without a document. Count it under Cycle Counting or Physical Inventory, or use a transfer or a scrap "
                "order.", products=names), self._get_company(self._get_stock_side(adjusting[0])))
        by_hand = self._get_by_hand(lines)
        if by_hand:
            names = ", ".join(by_hand.product_id.mapped("display_name"))
            self.env["stock.cycle.count.audit.log"]._log_and_raise("transfer by hand out of or into stock", names, _(
                "%(products)s: your company does not let internal transfers take stock to or from %(places)s. Use a "
                "receipt, a delivery, a return, a manufacturing order or a scrap order, or count it.", products=names,
                places=", ".join((by_hand.location_id | by_hand.location_dest_id).filtered(
                    lambda location: not location._is_own_stock()).mapped("display_name"))),
                self._get_company(self._get_stock_side(by_hand[0])))

        self._check_scraps(lines)

    @api.model
    def _check_done_by_hand(self, moves):
        """Refuse moves that somebody says are done: a transfer or an order does them. Core adds done moves to transfers that
        are done already.

        :raise UserError: naming the products
        """
        lines = self._filter_gated(moves.move_line_ids.filtered(
            lambda line: line.quantity and line.product_id.type == "product" and (
                line.location_id._is_own_stock() or line.location_dest_id._is_own_stock())))
        if lines:
            names = ", ".join(lines.product_id.mapped("display_name"))
            self.env["stock.cycle.count.audit.log"]._log_and_raise("say that a move is done", names, _(
                "%(products)s: nobody writes that stock has moved. Validate the transfer or the order that moves it.",
                products=names), lines.company_id[:1])

    @api.model
    def _check_added(self, lines):
        """Refuse to add to a done transfer or order what goes elsewhere than it went: it is no document of that.

        :param lines: done move lines that were just made
        :raise UserError: naming the products and the document
        """
        def strays(line):
            document = line.move_id.picking_id or line.move_id
            return line._crosses_border() and not all(
                line[name].parent_path.startswith(document[name].parent_path)
                for name in ("location_id", "location_dest_id"))

        astray = self._filter_gated(lines.filtered(strays))
        if astray:
            names = ", ".join(astray.product_id.mapped("display_name"))
            self.env["stock.cycle.count.audit.log"]._log_and_raise("add to a done transfer", names, _(
                "%(products)s: %(document)s went from %(start)s to %(target)s. Make a transfer of its own for what goes "
                "elsewhere.", products=names, document=astray[0].reference or astray[0].move_id.name,
                start=(astray[0].picking_id or astray[0].move_id).location_id.display_name,
                target=(astray[0].picking_id or astray[0].move_id).location_dest_id.display_name),
                self._get_company(self._get_stock_side(astray[0])))

    @api.model
    def _check_scraps(self, lines):
        """Refuse scrap orders that the company's policy does not let this user validate.

        :raise UserError: naming the orders and who can
        """
        scrapping = self._filter_gated(lines.filtered(lambda line: line.move_id.scrap_id and line._crosses_border()))
        for line in scrapping:
            scrap = line.move_id.sudo().scrap_id
            policy = self._get_company(self._get_stock_side(line)).cycle_count_scrap_orders
            if policy == "refuse":
                refusal = _("your company writes nothing off by scrap orders. Count it.")
            elif policy == "approve" and not self.env.user.has_group("stock_cycle_count.group_supervisor"):
                refusal = _("a count supervisor validates scrap orders.")
            elif policy == "approve" and self.env.user._is_same_person(scrap.create_uid):
                refusal = _("you made this order, so another count supervisor validates it.")
            else:
                continue
            self.env["stock.cycle.count.audit.log"]._log_and_raise("scrap", line.product_id.display_name, _(
                "%(scrap)s: %(refusal)s", scrap=scrap.name, refusal=refusal), scrap.company_id)

    @api.model
    def _hold_moves(self, moves):
        """Make count lines of moves that need one, where the company holds rather than refuses.

        :return: the moves that are held; they are cancelled
        """
        lines = moves.move_line_ids.filtered("quantity")
        held = self._get_adjusting(lines).filtered(
            lambda line: self._get_stock_side(line).usage in STOCK_USAGES and not line.move_id.scrap_id
            and self._get_company(self._get_stock_side(line)).cycle_count_manual_moves == "hold")
        held |= self._get_by_hand(lines).filtered(
            lambda line: self._get_company(self._get_stock_side(line)).cycle_count_border_moves == "hold")
        held_moves = held.move_id
        if held:
            counted = self._hold_changes([self._get_line_change(line) for line in held])
            held_moves._action_cancel()
            self._post_on_pickings(held_moves, counted)
        return held_moves

    @api.model
    def _post_on_pickings(self, moves, lines):
        """Say on the transfers of moves that are held where these wait."""
        sheets = Markup(", ").join(sheet._get_html_link() for sheet in lines.count_id)
        for picking, held in moves.grouped("picking_id").items():
            if picking:
                # Whoever validates needs no e-mail address for it.
                picking.sudo().message_post(author_id=self.env.user.partner_id.id, body=Markup("%s") % _(
                    "Not done: %(products)s. Such a transfer changes stock without a count, so it waits for approval on "
                    "%(sheets)s.", products=", ".join(held.product_id.mapped("display_name")), sheets=sheets))

    @api.model
    def _get_line_change(self, line, sign=1):
        """What a move line changes at its stock side: values of a count line, and the change."""
        return self._get_end_change(line, self._get_stock_side(line) == line.location_dest_id, sign)

    @api.model
    def _get_end_change(self, line, arrives, sign=1):
        """What a move line changes at the end where it arrives, or at the other: values of a count line, and the
        change.
        """
        package = line.result_package_id if arrives else line.package_id
        location = line.location_dest_id if arrives else line.location_id
        return {
            "company_id": self._get_company(location).id, "product_id": line.product_id.id, "location_id": location.id,
            "lot_id": line.lot_id.id, "package_id": package.id, "owner_id": line.owner_id.id,
        }, line.quantity_product_uom * (1 if arrives else -1) * sign

    # Moves of counts

    @api.model
    def _hold_reversals(self, move_lines):
        """Make count lines to approve that take back what counts and others adjusted, each move once.

        :return: the lines
        :raise UserError: naming what was taken back already
        """
        waiting = self.env["stock.cycle.count.line"]
        for line in move_lines:
            reversal = line.move_id.sudo().cycle_count_reversal_id
            if reversal.state == "posted":
                self.env["stock.cycle.count.audit.log"]._log_and_raise("revert twice", line.reference, _(
                    "%(product)s: %(move)s was reverted on %(sheet)s already. Count the stock if it is still not right.",
                    product=line.product_id.display_name, move=line.reference, sheet=reversal.count_id.name))
            if reversal and reversal.state not in ("cancel", "rejected"):
                waiting |= reversal
                move_lines -= line
        changes = {
            line: [self._get_end_change(line, False, -1), self._get_end_change(line, True, -1)]
            if line.move_id.cycle_count_transfer_id else [self._get_line_change(line, -1)] for line in move_lines}
        held = self._hold_changes([change for pair in changes.values() for change in pair])
        by_key = {line._get_key(): line for line in held}
        for line, pair in changes.items():
            reversals = [by_key.get(tuple(values[name] for name in KEY_FIELDS)) for values, _change in pair]
            line.move_id.with_user(SUPERUSER_ID).cycle_count_reversal_id = reversals[0]
            if len(pair) > 1 and all(reversals):
                self._propose_return(line, *reversals)
        return held | waiting

    @api.model
    def _propose_return(self, move_line, target, source):
        """Let what a transfer of counting moved go back where it came from, rather than be lost here and found there.

        :param target: count line of the place that it goes back to; source: of the one where it is
        """
        transfer = move_line.move_id.sudo().cycle_count_transfer_id
        transfer._make({
            "target_line_id": target.id, "source_line_id": source.id, "proven": transfer.proven,
            "location_id": source.location_id.id, "package_id": source.package_id.id,
            "quantity": move_line.quantity_product_uom})

    @api.model
    def _check_move_names(self, names):
        """Refuse to claim that a move was made by counting, or to change what it says about its count.

        :param names: names of the fields that are written
        :raise UserError: when one of them is such a field
        """
        claimed = MOVE_FIELDS & names
        if claimed and not self._is_exempt():
            self.env["stock.cycle.count.audit.log"]._log_and_raise("claim a count for a move", ", ".join(sorted(claimed)), _(
                "Which count made a stock move, and why, is not written by hand."))

    @api.model
    def _check_frozen(self, moves, attempt):
        """Refuse to change moves that a count made: they are what was approved. Nobody is exempt.

        :raise UserError: naming the sheets and what to do
        """
        posting = get_posting(self.env)
        frozen = moves.filtered(lambda move: move.state == "done" and move.cycle_count_line_id and not (
            posting and move.cycle_count_line_id.id in posting))
        if frozen:
            sheets = ", ".join(frozen.sudo().cycle_count_line_id.count_id.mapped("name"))
            self.env["stock.cycle.count.audit.log"]._log_and_raise(attempt, sheets, _(
                "%(sheets)s: what a count moved is evidence and stays as it is. Revert the adjustment, or count again.",
                sheets=sheets), frozen.company_id[:1])
