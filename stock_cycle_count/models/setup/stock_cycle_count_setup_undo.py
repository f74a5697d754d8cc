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

    @api.depends("state")
    @api.depends_context("uid", "lang", "allowed_company_ids")
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
        self.invalidate_recordset(["company_ids", "plan_ids", "profile_ids", "tolerance_ids"])
        made = self.sudo().with_context(active_test=False)
        return made.plan_ids, made.profile_ids, made.tolerance_ids

    def _why_not_undo(self):
        """Why a set-up cannot be undone, and what to do; or False."""
        if self.state != "done":
            return _("There is nothing to undo.")
        plans, profiles, tolerances = self._get_made()
        if (self.sudo().company_ids | plans.company_id | profiles.company_id | tolerances.company_id) - self.env.companies:
            return _(
                "It was made for several companies. Choose all of them at the top of the page and undo it then, or ask somebody "
                "who works for all of them.")
        return self._why_evidence(plans, tolerances) or self._why_needed(plans, profiles)

    def _why_evidence(self, plans, tolerances):
        """Which evidence there is of what these plans and tolerances did, or False."""
        entry = self._find("stock.cycle.count.entry", ("line_id.count_id.plan_id", "in", plans.ids))
        if entry:
            return _(
                "%(user)s has counted on %(sheet)s already: what was counted is evidence. Change or archive the plans instead.",
                user=entry.user_id.name, sheet=entry.line_id.count_id.name)
        drawn = self._find(
            "stock.cycle.count.draw", "|", ("plan_id", "in", plans.ids), ("line_ids.count_id.plan_id", "in", plans.ids))
        if drawn:
            return _(
                "%(plan)s has drawn positions at random already, which stay so that the draw can be checked. Change or archive "
                "the plans instead.", plan=drawn.plan_id.name)
        judged = self._find("stock.cycle.count.line", ("tolerance_id", "in", tolerances.ids))
        if judged:
            return _("Its tolerance has judged %(sheet)s already. Change or archive what it made instead.",
                     sheet=judged.count_id.name)
        noted = self._find("stock.cycle.count.line", ("count_id.plan_id", "in", plans.ids), "|", "|", "|", (
            "count_id.state", "=", "done"), ("note", "!=", False), ("skip_reason", "!=", False), ("evidence_ids", "!=", False))
        if noted:
            return _("%(sheet)s was closed already, or somebody has noted something on it. Change or archive the plans instead.",
                     sheet=noted.count_id.name)
        return False

    def _why_needed(self, plans, profiles):
        """What has to go before these plans and profiles can, or False."""
        begun = self._find("stock.cycle.count", ("plan_id", "in", plans.ids), ("state", "not in", ("draft", "cancel")))
        if begun:
            return _("%(user)s has begun %(sheet)s. Cancel that sheet first, and undo then.",
                     user=begun.user_id.name, sheet=begun.name)
        other = self._find("stock.cycle.count.plan", ("profile_id", "in", profiles.ids), ("id", "not in", plans.ids))
        if other:
            return _("Plan %(plan)s uses the classes that Start made. Delete that plan first, or give it other classes.",
                     plan=other.name)
        return False

    def _find(self, model, *domain):
        """A record, archived or not, whether or not the user sees it."""
        return self.env[model].sudo().with_context(active_test=False).search(list(domain), limit=1)

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
