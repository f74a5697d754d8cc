
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ... import queries
from ...tools import numbers, transfers
from ..constants import OPEN_STATES


class StockCycleCountTransfer(models.Model):
    """It is here, not there: what was found in one place moves there from where the books have it.

    A *proven* transfer rests on a serial number or a package, which cannot be in two places; others pair opposite
    differences of one product. Supervisors can untick each before the sheet is finalized.
    """

    _name = "stock.cycle.count.transfer"
    _inherit = "stock.cycle.count.made.mixin"
    _description = "Transfer Found by Counting"
    _order = "id"

    count_id = fields.Many2one(related="target_line_id.count_id", store=True, index=True)
    company_id = fields.Many2one(related="target_line_id.company_id", store=True, index=True)
    target_line_id = fields.Many2one(
        "stock.cycle.count.line", "Found", required=True, readonly=True, ondelete="cascade", index=True)
    source_line_id = fields.Many2one(
        "stock.cycle.count.line", "Missing", readonly=True, ondelete="cascade", index="btree_not_null",
        help="Empty where the other place was not counted.")
    product_id = fields.Many2one(related="target_line_id.product_id")
    lot_id = fields.Many2one(related="target_line_id.lot_id")
    location_id = fields.Many2one("stock.location", "From", required=True, readonly=True)
    location_dest_id = fields.Many2one(related="target_line_id.location_id", string="To")
    package_id = fields.Many2one("stock.quant.package", "From Package", readonly=True)
    from_place = fields.Char("From Where", compute="_compute_places")
    to_place = fields.Char("To Where", compute="_compute_places")
    quantity = fields.Float(required=True, readonly=True, digits="Product Unit of Measure")
    product_uom_id = fields.Many2one(related="target_line_id.product_uom_id")
    proven = fields.Boolean(readonly=True, help="A serial number or package cannot be in two places.")
    selected = fields.Boolean("Transfer", default=True)
    move_ids = fields.One2many("stock.move", "cycle_count_transfer_id", "Moves", readonly=True)

    @api.depends("location_id", "package_id", "target_line_id")
    @api.depends_context("lang")
    def _compute_places(self):
        """Places with their packages; what stays in its bin is told by its packages alone."""
        for transfer in self:
            packages = (transfer.package_id, transfer.target_line_id.package_id)
            places = (transfer.location_id, transfer.location_dest_id)
            is_same = places[0] == places[1]
            told = [
                ", ".join(filter(None, (
                    not is_same and place.display_name, package.name or is_same and _("no package"))))
                for place, package in zip(places, packages)]
            transfer.from_place, transfer.to_place = told

    def init(self):
        queries.run(self.env, queries.indexes.one_transfer_per_source())

    def write(self, vals):
        if not self.env.su:
            if set(vals) != {"selected"}:
                raise AccessError(_("Of a proposed transfer only the tick can be changed."))
            self.count_id._check_can("finalize")
        if "selected" in vals:
            self._check_open()
        result = super().write(vals)
        if "selected" in vals:
            (self.target_line_id | self.source_line_id).sudo()._judge_again()
        return result

    # Business

    def _check_open(self):
        """What was posted, or let go, rests on its transfers as they were then.

        :raise UserError: naming the line
        """
        for line in (self.target_line_id | self.source_line_id).sudo():
            if line.state not in OPEN_STATES:
                raise UserError(_(
                    "%(line)s is settled: its transfers can no longer be changed.", line=line.display_name))

    @api.model
    def _propose(self, lines):
        """Propose transfers for what these counted lines found. What was proposed before and still holds stays, with its
        tick; what no longer does is taken back.

        Opposite differences of one product, lot and owner are paired within these lines and with counted lines of other
        open sheets; serials and packages found are looked up where the books have them. Where somebody counts a place
        from which a transfer waits, that count becomes the transfer's other end.

        :return: lines at the other ends, which are to be judged again
        """
        lines = lines.sudo()
        # Nearly all match: of those nothing else is read.
        lines.fetch(["product_id", "location_id", "variance_qty"])
        before = self.sudo().search(
            ["|", ("target_line_id", "in", lines.ids), ("source_line_id", "in", lines.ids), ("move_ids", "=", False)])
        before |= self._get_waiting_from(lines)
        partners = (before.target_line_id | before.source_line_id) - lines
        different = lines.filtered(lambda line: not line._is_match()).with_prefetch().filtered(
            lambda line: line.product_id.type == "product")
        pairs = self._get_pairs(different, partners, before) if different or partners else []
        found = {pair.target for pair in pairs}
        wanted = [
            {
                "target_line_id": pair.target, "source_line_id": pair.source, "quantity": pair.quantity,
                "location_id": source.location_id.id, "package_id": source.package_id.id,
                "proven": source._is_same_piece(target),
                # What differs in another warehouse hardly went there by mistake; a person may tick it.
                "selected": source.location_id.warehouse_id == target.location_id.warehouse_id
                or source._is_same_piece(target),
            }
            for pair in pairs for source, target in [(lines.browse(pair.source), lines.browse(pair.target))]]
        lone = different.filtered(
            lambda line: line.id not in found and line.variance_qty > 0 and line._is_unique_item())
        made = before._bring_to(wanted + self._prepare_from_books(lone))
        return partners | (made.target_line_id | made.source_line_id) - lines

    def _bring_to(self, values):
        """Let these proposals be those of ``values``: change what is there, make what is not, delete what is too much.

        :return: all of them
        """
        there = {one._get_place(): one for one in self}
        kept, new = self.browse(), []
        for vals in values:
            same = there.get((vals["target_line_id"], vals["location_id"], vals["package_id"]))
            if same:
                ends = {name: vals.get(name, False) for name in ("source_line_id", "quantity", "proven")}
                if (same.source_line_id.id, same.proven) != (ends["source_line_id"], ends["proven"]) or not numbers.is_same(
                        same.quantity, ends["quantity"], same.product_uom_id.rounding):
                    same.write(ends)
                kept |= same
            else:
                new.append(vals)
        (self - kept).unlink()
        return kept | self._make(new)

    def _get_place(self):
        """What there is one proposal of."""
        return (self.target_line_id.id, self.location_id.id, self.package_id.id)

    @api.model
    def _get_waiting_from(self, lines):
        """Transfers that wait to take from where these lines count, and which nobody's count explains yet."""
        waiting = self.sudo().search([
            ("source_line_id", "=", False), ("move_ids", "=", False), ("location_id", "in", lines.location_id.ids),
            ("target_line_id.product_id", "in", lines.product_id.ids), ("target_line_id.state", "in", OPEN_STATES)])
        keys = {line._get_key() for line in lines} if waiting else ()
        return waiting.filtered(lambda transfer: transfer._get_source_key() in keys)

    @api.model
    def _get_pairs(self, lines, partners, before):
        """Opposite differences among these lines, those that were their partners, and counted lines of other open sheets
        that have none.

        :param before: proposals that are made anew; others keep what they explain
        """
        partners = partners.filtered(lambda line: line.state in OPEN_STATES)
        others = lines.search([
            ("company_id", "in", lines.company_id.ids), ("product_id", "in", lines.product_id.ids),
            ("state", "in", ("counted", "to_approve")), ("id", "not in", (lines | partners).ids), ("variance_qty", "!=", 0)])
        taken = self.browse()
        if others or partners:
            taken = self.sudo().search(["|", *(
                (end, "in", (others | partners).ids) for end in ("target_line_id", "source_line_id"))]) - before
        others -= taken.target_line_id | taken.source_line_id
        explained = defaultdict(float)
        for transfer in taken:
            explained[transfer.target_line_id] += transfer.quantity
            explained[transfer.source_line_id] -= transfer.quantity
        pairs = []
        for product, members in (lines | others | partners).grouped("product_id").items():
            pairs += transfers.pair(
                [transfers.Difference(line.id, line._get_item(), line.variance_qty - explained[line]) for line in members],
                product.uom_id.rounding)
        return pairs

    @api.model
    def _prepare_from_books(self, lines):
        """Where the books have serials and packages that were found elsewhere, and nobody counted: values of proposals.
        What was picked to be shipped is not taken back.
        """
        if not lines:
            return []
        quants = self.env["stock.quant"].sudo().search([
            ("product_id", "in", lines.product_id.ids), ("quantity", ">", 0), ("location_id.usage", "=", "internal"),
            "|", ("lot_id", "in", lines.lot_id.ids), ("package_id", "in", lines.package_id.ids)])
        picked = quants.location_id._get_picked_places()
        quants = quants.filtered(lambda quant: quant.location_id not in picked)
        values = []
        for line in lines:
            wanted = line.variance_qty
            for quant in quants:
                same = (quant.product_id == line.product_id and quant.owner_id == line.owner_id
                        and quant.lot_id == line.lot_id and quant.company_id == line.company_id)
                here = quant.location_id == line.location_id and quant.package_id == line.package_id
                proves = line.tracking == "serial" and line.lot_id or (
                    line.package_id and quant.package_id == line.package_id)
                if not same or here or not proves or wanted <= 0:
                    continue
                values.append({
                    "target_line_id": line.id, "quantity": min(wanted, quant.quantity), "proven": True,
                    "location_id": quant.location_id.id, "package_id": quant.package_id.id})
                wanted -= quant.quantity
        return values

    def _get_source_key(self):
        """Stock key that the transfer takes from, as ids in the order of ``KEY_FIELDS``."""
        target = self.target_line_id
        return (target.product_id.id, self.location_id.id, target.lot_id.id, self.package_id.id, target.owner_id.id)

    def _prepare_move_vals(self, quant):
        """Values of the move that makes the transfer.

        :param quant: of the line that was found; see the line's ``_get_quants``
        """
        self.ensure_one()
        line = self.target_line_id
        return line._prepare_inventory_move_vals(
            quant, self.quantity, self.location_id, line.location_id, self.package_id, line.package_id,
            cycle_count_transfer_id=self.id)

    def _carry_reservations(self):
        """Point open transfers that hold what is moved at its new place, so that they keep the same serial.

        Only where all of it moves: then nobody can be left without.
        """
        for transfer in self:
            line = transfer.target_line_id
            if not transfer.proven:
                continue
            domain = [
                ("product_id", "=", line.product_id.id), ("lot_id", "=", line.lot_id.id),
                ("location_id", "=", transfer.location_id.id), ("package_id", "=", transfer.package_id.id),
                ("owner_id", "=", line.owner_id.id)]
            recorded = sum(self.env["stock.quant"].sudo().search(domain).mapped("quantity"))
            if not numbers.is_at_most(recorded, transfer.quantity, line.product_uom_id.rounding):
                continue
            self.env["stock.move.line"].sudo().search(
                domain + [("state", "not in", ("done", "cancel", "draft"))]
            ).write({"location_id": line.location_id.id, "package_id": line.package_id.id})
