from odoo import _, api, fields, models
from odoo.exceptions import UserError


class StockCycleCountLineRemedies(models.AbstractModel):
    """What helps a line that could not be posted: the refusal says why, the button leads to where it is put right."""

    _name = "stock.cycle.count.line.remedies"
    _description = "Remedies of a Count Line"

    remedy = fields.Selection(
        [("return", "Make the Return"), ("unarchive", "Open What Is Archived"), ("decide", "Decide Anew"),
         ("explain", "Explain")],
        compute="_compute_remedy", groups="stock_cycle_count.group_approver", help="What helps where it cannot be posted.")

    @api.depends("post_error", "state")
    @api.depends_context("uid")
    def _compute_remedy(self):
        for line in self:
            line.remedy = line.post_error and line.state in ("counted", "approved") and line._get_remedy()

    def _get_remedy(self):
        """What helps, as a value of ``remedy``."""
        line = self.sudo()
        if line._get_archived():
            return "unarchive"
        if self.env["stock.picking"].check_access_rights("write", raise_exception=False) and line._get_departure():
            return "return"
        return "decide" if self.can_decide else "explain"

    def _get_archived(self):
        """Place or product of the line that is archived, or none."""
        places = self.location_id | self._get_selected_transfers().location_id
        return next((record for record in (*places, self.product_id) if not record.active), None)

    def _get_departure(self):
        """Transfer by which the piece that was found left the stock, or none."""
        if not self.lot_id or not self._why_not_departed_serial():
            return self.env["stock.picking"]
        return self.env["stock.move.line"].sudo().search([
            ("lot_id", "=", self.lot_id.id), ("state", "=", "done"), ("picking_id", "!=", False)],
            order="date desc, id desc", limit=1).picking_id

    def action_remedy(self):
        """Open what helps.

        :raise UserError: when nothing is to be helped
        """
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        if not self.remedy:
            raise UserError(_("%(line)s: nothing keeps it from being posted.", line=self.display_name))
        if self.remedy == "decide":
            return self.action_decide()
        line = self.sudo()
        record = {"unarchive": line._get_archived, "return": line._get_departure}.get(self.remedy, lambda: line)()
        return {
            "type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id, "view_mode": "form",
            "views": [(False, "form")], "target": "current"}
