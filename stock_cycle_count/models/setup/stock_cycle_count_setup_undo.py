import json

from odoo import Command, _, fields, models
from odoo.exceptions import UserError


class StockCycleCountSetupUndo(models.AbstractModel):
    """*Undo* of a set-up, as long as nothing was counted from it or drawn at random: what *Start* made goes, what it changed is
    as before.
    """

    _name = "stock.cycle.count.setup.undo"
    _description = "Undo of the Set-Up of Counting"

    can_undo = fields.Boolean(compute="_compute_can_undo")

    def _compute_can_undo(self):
        for setup in self:
            setup.can_undo = setup.state == "done" and not setup._why_not_undo()

    def _note_started(self, before, plans, profiles, tolerances, sentences):
        """Keep what *Start* made, and what was there before; what scheduling and making sheets say alike is said once."""
        self.sudo().write({
            "state": "done", "before": json.dumps(before, default=fields.Date.to_string),
            "result": "\n".join(dict.fromkeys(sentences)),
            "plan_ids": [Command.set(plans.ids)], "profile_ids": [Command.set(profiles.ids)],
            "tolerance_ids": [Command.set(tolerances.ids)]})

    def _why_not_undo(self):
        """Why a set-up cannot be undone, and what to do; or False."""
        if self.state != "done":
            return _("There is nothing to undo.")
        entry = self.env["stock.cycle.count.entry"].sudo().search(
            [("line_id.count_id.plan_id", "in", self.plan_ids.ids)], limit=1)
        if entry:
            return _(
                "%(user)s has counted on %(sheet)s already: what was counted is evidence. Change or archive the plans instead.",
                user=entry.user_id.name, sheet=entry.line_id.count_id.name)
        drawn = self.env["stock.cycle.count.draw"].sudo().search([("plan_id", "in", self.plan_ids.ids)], limit=1)
        if drawn:
            return _(
                "%(plan)s has drawn positions at random already, which stay so that the draw can be checked. Change or archive "
                "the plans instead.", plan=drawn.plan_id.name)
        judged = self.env["stock.cycle.count.line"].sudo().search([("tolerance_id", "in", self.tolerance_ids.ids)], limit=1)
        if judged:
            return _("Its tolerance has judged %(sheet)s already. Change or archive what it made instead.",
                     sheet=judged.count_id.name)
        return False

    def action_undo(self):
        """Take back what *Start* made, with the user's own rights.

        :raise UserError: saying why not, and what to do
        """
        self.ensure_one()
        refusal = self._why_not_undo()
        if refusal:
            raise UserError(refusal)
        before = json.loads(self.before)
        plans = self.plan_ids
        plans.check_access_rights("unlink")
        plans.check_access_rule("unlink")
        # Nothing was counted on them, as was just made sure of; whoever may delete a plan need not be a supervisor.
        plans.sudo().count_ids.unlink()
        plans.unlink()
        self.profile_ids.unlink()
        self.tolerance_ids.unlink()
        for company_id, values in before["settings"].items():
            self.env["res.company"].browse(int(company_id)).write(values)
        for user_id, group_ids in before["roles"].items():
            self.env["res.users"].browse(int(user_id)).exists().write({
                "groups_id": [Command.unlink(group_id) for group_id in group_ids]})
        self.env["res.company"].browse(before["finished"])._reopen_cycle_count_setup()
        self.sudo().state = "undone"
        return True
