import json

from odoo import Command, _, api, fields, models
from odoo.exceptions import UserError


class StockCycleCountSetupUndo(models.AbstractModel):
    """*Undo* of a set-up, as long as nothing was counted from it or drawn at random: what *Start* made goes, what it changed is
    as before. Draws begin a day later.
    """

    _name = "stock.cycle.count.setup.undo"
    _description = "Undo of the Set-Up of Counting"

    can_undo = fields.Boolean(compute="_compute_can_undo")
    undo_note = fields.Char("Why It Stays", compute="_compute_can_undo")

    @api.depends_context("allowed_company_ids")
    def _compute_can_undo(self):
        for setup in self:
            setup.undo_note = setup.state == "done" and setup._why_not_undo()
            setup.can_undo = setup.state == "done" and not setup.undo_note

    def _note_started(self, before, plans, profiles, tolerances, sentences):
        """Keep what *Start* made, and what was there before; what scheduling and making sheets say alike is said once."""
        self.sudo().write({
            "state": "done", "before": json.dumps(before, default=fields.Date.to_string),
            "result": "\n".join(dict.fromkeys(sentences)),
            "plan_ids": [Command.set(plans.ids)], "profile_ids": [Command.set(profiles.ids)],
            "tolerance_ids": [Command.set(tolerances.ids)]})

    def _get_made(self):
        """Plans, profiles and tolerances that *Start* made, archived ones too, whatever the user sees of them at the moment."""
        self.invalidate_recordset(["plan_ids", "profile_ids", "tolerance_ids"])
        made = self.sudo().with_context(active_test=False)
        return made.plan_ids, made.profile_ids, made.tolerance_ids

    def _why_not_undo(self):
        """Why a set-up cannot be undone, and what to do; or False."""
        if self.state != "done":
            return _("There is nothing to undo.")
        self.invalidate_recordset(["company_ids"])
        if self.sudo().company_ids - self.env.companies:
            return _("It was made for several companies. Choose all of them at the top of the page, and undo it then.")
        plans, profiles, tolerances = self._get_made()
        env = plans.env
        entry = env["stock.cycle.count.entry"].search([("line_id.count_id.plan_id", "in", plans.ids)], limit=1)
        if entry:
            return _(
                "%(user)s has counted on %(sheet)s already: what was counted is evidence. Change or archive the plans instead.",
                user=entry.user_id.name, sheet=entry.line_id.count_id.name)
        drawn = env["stock.cycle.count.draw"].search([("plan_id", "in", plans.ids)], limit=1)
        if drawn:
            return _(
                "%(plan)s has drawn positions at random already, which stay so that the draw can be checked. Change or archive "
                "the plans instead.", plan=drawn.plan_id.name)
        judged = env["stock.cycle.count.line"].search([("tolerance_id", "in", tolerances.ids)], limit=1)
        if judged:
            return _("Its tolerance has judged %(sheet)s already. Change or archive what it made instead.",
                     sheet=judged.count_id.name)
        begun = env["stock.cycle.count"].search([
            ("plan_id", "in", plans.ids), ("state", "not in", ("draft", "cancel"))], limit=1)
        if begun:
            return _("%(user)s has begun %(sheet)s. Cancel that sheet first, and undo then.",
                     user=begun.user_id.name, sheet=begun.name)
        other = plans.search([("profile_id", "in", profiles.ids), ("id", "not in", plans.ids)], limit=1)
        if other:
            return _("%(plan)s, made later, has its classes. Delete that plan first, or give it other classes.", plan=other.name)
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
        plans, profiles, tolerances = (made.with_env(self.env) for made in self._get_made())
        plans.check_access_rights("unlink")
        plans.check_access_rule("unlink")
        # Nothing was counted on them, as was just made sure of; whoever may delete a plan need not be a supervisor.
        plans.sudo().count_ids.unlink()
        plans.unlink()
        profiles.unlink()
        tolerances.unlink()
        for company_id, values in before["settings"].items():
            self.env["res.company"].browse(int(company_id)).write(values)
        for user_id, group_ids in before["roles"].items():
            self.env["res.users"].browse(int(user_id)).exists().write({
                "groups_id": [Command.unlink(group_id) for group_id in group_ids]})
        self.env["res.company"].browse(before["finished"])._reopen_cycle_count_setup()
        self.sudo().state = "undone"
        return True
