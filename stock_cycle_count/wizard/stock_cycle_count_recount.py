from odoo import _, api, fields, models
from odoo.exceptions import UserError


class StockCycleCountRecount(models.TransientModel):
    """Sends counted lines to a new round, by default to somebody who did not count them."""

    _name = "stock.cycle.count.recount"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Recount Lines"

    count_id = fields.Many2one("stock.cycle.count", "Sheet", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="count_id.company_id")
    is_assignment = fields.Boolean(help="Recounts that were asked for and that nobody makes are given to somebody.")
    line_ids = fields.Many2many(
        "stock.cycle.count.line", string="Lines", compute="_compute_line_ids", store=True, readonly=False,
        domain="[('count_id', '=', count_id), ('state', 'in', ('counted', 'to_approve', 'recount'))]")
    user_id = fields.Many2one(
        "res.users", "Counter",
        help="Empty: each line goes to the next counter of the plan who did not count it.")

    @api.depends("count_id", "is_assignment")
    def _compute_line_ids(self):
        for wizard in self.filtered("is_assignment"):
            wizard.line_ids = wizard.count_id.line_ids.filtered(lambda line: line.state == "recount" and not line.user_id)
        for wizard in self.filtered(lambda wizard: not wizard.is_assignment):
            wizard.line_ids = wizard.count_id.line_ids.filtered(
                lambda line: line.state in ("counted", "to_approve") and not line._is_match()
                and line._has_recount_left())

    def action_recount(self):
        """Send the lines to a new round.

        :raise UserError: when no line is chosen, or a chosen one belongs to another sheet
        """
        self.ensure_one()
        self.count_id._check_can("recount_choice" if self.is_assignment else "recount")
        if not self.line_ids:
            raise UserError(_("Choose at least one line to recount."))
        if self.line_ids.count_id != self.count_id:
            raise UserError(_("All lines must belong to sheet %(name)s.", name=self.count_id.name))
        if self.is_assignment:
            self._assign()
        else:
            self.count_id._send_to_recount(self.line_ids, self.user_id)
        return {"type": "ir.actions.act_window_close"}

    def _assign(self):
        """Give recounts that were asked for to the person who was chosen.

        :raise UserError: when nobody is chosen, or a line waits for no recount
        """
        if not self.user_id:
            raise UserError(_("Choose who recounts the lines."))
        if not self.user_id.has_group("stock_cycle_count.group_counter"):
            raise UserError(_("%(user)s is no counter. Choose somebody who is.", user=self.user_id.name))
        if any(line.state != "recount" for line in self.line_ids):
            raise UserError(_("Only lines that wait for a recount are given to somebody."))
        self.line_ids.sudo()._give_recount(self.user_id)
