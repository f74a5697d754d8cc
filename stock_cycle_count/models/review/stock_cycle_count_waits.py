from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import AccessError

from ...tools import waits
from ..constants import LEVEL_GROUPS

#: Who may know what became of a blind sheet, besides its counter.
INFORMED = ("stock.group_stock_user", *LEVEL_GROUPS.values())


class StockCycleCountWaits(models.AbstractModel):
    """Who acts next on a sheet, as one sentence with names: what its lines wait for, the most urgent first."""

    _name = "stock.cycle.count.waits"
    _description = "Who Acts Next on a Count Sheet"

    waits_for = fields.Char("Who Acts Next", compute="_compute_waits_for")
    nobody_decides = fields.Boolean(
        compute="_compute_nobody_decides", groups="stock_cycle_count.group_approver",
        help="Differences wait for a decision, and nobody has the role or the distance to make it.")

    @api.depends("state", "line_ids.state")
    @api.depends_context("uid", "lang", "tz")
    def _compute_waits_for(self):
        told = self.filtered(lambda count: count._origin and count._tells_results())
        lines = told._get_lines("recount", "to_approve", "approved", "counted")
        asked = lines._get_asked()
        by_sheet = lines.grouped("count_id")
        for count in self:
            if count in told:
                own = by_sheet.get(count._origin.sudo(), lines.browse())
                count.waits_for = count._phrase_lines(own, asked) or count._phrase_sheet(own)
            else:
                count.waits_for = count._phrase_blind()

    @api.depends("line_ids.state")
    def _compute_nobody_decides(self):
        lines = self._get_lines("to_approve")
        stuck = lines.filtered("nobody_decides").count_id
        for count in self:
            count.nobody_decides = count._origin.sudo() in stuck

    def _tells_results(self):
        """Whether the user may learn what became of the sheet's lines."""
        count = self.sudo()
        return (not count.blind or not count.close_date or self.env.uid == SUPERUSER_ID
                or any(self.env.user.has_group(group) for group in INFORMED))

    def _phrase_lines(self, lines, asked):
        """What the lines wait for that somebody has to decide, recount or mend; empty when there are none.

        :param asked: see ``_get_asked`` of the lines
        """
        sentences = {}
        for line in lines:
            step = waits.line_step(line.state, self.state, bool(line.user_id), line._is_blocked())
            if step in ("decide", "recount", "choose", "solve"):
                sentence = (
                    _("Waits for a supervisor to post what could not be posted.") if step == "solve"
                    else line._phrase_waits(asked.get(line)))
                sentences.setdefault(sentence, []).append(line)
        ordered = sorted(sentences.items(), key=lambda item: item[1][0].state != "to_approve")
        return " ".join(
            sentence if len(own) == 1 else _("%(sentence)s Lines: %(number)s.", sentence=sentence, number=len(own))
            for sentence, own in ordered)

    def _phrase_sheet(self, lines):
        """What the sheet as a whole waits for."""
        count = self.sudo()
        step = waits.sheet_step(count.state, bool(count.line_count), count.line_count - count.counted_count)
        people = lines._phrase_people(count.user_id) or _("whoever takes it")
        return {
            "fill": _("Has no lines yet: add what is to be counted."),
            "start": _("Waits for %(people)s to start it.", people=people),
            "count": _("Is being counted by %(people)s. Lines left: %(number)s.", people=people,
                       number=count.line_count - count.counted_count),
            "close": _("All is counted. Waits for %(people)s to close it.", people=people),
            "finalize": _("Waits for a supervisor to finalize it."),
            "done": _("Done. Nobody has to do anything."),
            "cancel": _("Cancelled. What it held is due again."),
        }[step]

    def _phrase_blind(self):
        """The sentence for whoever counted the sheet blind: of what is still his to count alone."""
        count = self.sudo()
        own = count.line_ids.filtered(lambda line: line.state == "recount" and line.user_id == self.env.user)
        if own:
            return _("Waits for a recount by %(people)s. Lines: %(number)s.", people=own._phrase_people(self.env.user),
                     number=len(own))
        return _("Counted. Thank you.")

    # What helps where nobody may decide

    def action_give_role(self):
        """Open the users, to give somebody the role that is missing. Who may change them is decided there."""
        return {
            "type": "ir.actions.act_window",
            "name": _("Give a Role"),
            "res_model": "res.users",
            "view_mode": "tree,form",
            "views": [(False, "tree"), (False, "form")],
            "domain": [("share", "=", False)],
        }

    def action_allow_self_approval(self):
        """Let whoever counted decide, in the companies of these sheets. Decisions will say so.

        :raise AccessError: for whoever may not change settings
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(_("Only who may change settings can allow self-approval."))
        self.company_id.write({"cycle_count_self_approval": True})
        self._sync_approval_activities()
        return True
