from odoo import models


class StockCycleCountLineTransfers(models.AbstractModel):
    """What a line has to do with transfers that counting found."""

    _name = "stock.cycle.count.line.transfers"
    _description = "Transfers of a Count Line"

    def _is_unique_item(self):
        """Whether what was counted cannot be in two places: a serial number, or the content of a package."""
        return bool(self.tracking == "serial" and self.lot_id or self.package_id)

    def _is_same_piece(self, other):
        """Whether another line of the same item is of the same piece. What lies elsewhere without its package, or in
        another one, may be any.
        """
        return self._is_unique_item() and (
            self.tracking == "serial" and bool(self.lot_id) or self.package_id == other.package_id)

    def _get_item(self):
        """What a transfer keeps: product, lot and owner; a package only where it is what was found elsewhere."""
        return (self.product_id.id, self.lot_id.id, self.owner_id.id, self.company_id.id)

    def _drop_transfers(self):
        """Drop proposals of lines that end here, and judge anew what rested on them."""
        transfers = (self.target_transfer_ids | self.source_transfer_ids).filtered(lambda one: not one.move_ids)
        others = (transfers.target_line_id | transfers.source_line_id) - self
        transfers.unlink()
        others._judge_again()

    def _judge_again(self):
        """Judge lines whose adjustment changed; not those that were not judged yet, or decided to their end, nor what was
        approved as it is.
        """
        lines = self.filtered(lambda line: line.verdict and (
            line.state in ("counted", "to_approve") or line.state == "approved" and not line._is_approved()))
        # What came from outside of a sheet waits for a person, as small as it may be.
        held = {line: line.verdict_reason for line in lines
                if line.state == "to_approve" and line.count_id.origin in ("inventory", "held_move")}
        lines.filtered(lambda line: line.state != "counted")._transition("counted")
        lines._judge()
        for line, reason in held.items():
            if line.state == "counted":
                line._write_judged({"verdict": "approval", "approval_level": 1, "verdict_reason": reason})
                line._hold_for_approval()
        self.env["stock.cycle.count"]._send_to_recount(lines.filtered(lambda line: line.verdict == "recount"))

    def _get_transfer_partners(self):
        """Lines at the other ends of the transfers of these lines."""
        transfers = self.env["stock.cycle.count.transfer"].sudo().search([
            "|", ("target_line_id", "in", self.ids), ("source_line_id", "in", self.ids)])
        return transfers.source_line_id | transfers.target_line_id
