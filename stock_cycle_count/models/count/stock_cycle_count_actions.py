from odoo import SUPERUSER_ID, _, fields, models
from odoo.exceptions import UserError

from ...tools import notifications
from ..constants import LEVEL_GROUPS

#: Of so many lines at most a warning says why they could not be posted.
MOST_TOLD = 5


class StockCycleCountActions(models.AbstractModel):
    """What people do with a sheet: for every action ``x`` a sentence that says why it is refused (or False), and a check
    that raises it.
    """

    _name = "stock.cycle.count.actions"
    _description = "Actions of a Count Sheet"

    def action_start(self):
        """Begin counting; a sheet that nobody has becomes the user's."""
        for count in self:
            count._check_can("start")
            counter = count.user_id or self.env.user
            count.sudo().write({"user_id": counter.id, "start_date": fields.Datetime.now()})
            count.sudo()._transition("in_progress")
        return True

    def action_join(self):
        """Count along with whoever has the sheet."""
        for count in self:
            count._check_can("join")
            count._join()
        return True

    def action_take_over(self):
        """Count instead of whoever has the sheet."""
        for count in self:
            count._check_can("take_over")
            previous = count.user_id
            count.sudo().write({"user_id": self.env.uid})
            count.sudo()._log_note(_(
                "%(user)s took the sheet over from %(previous)s.", user=self.env.user.name,
                previous=previous.name or "-"))
            if previous:
                # A note to the colleague, who would go on counting otherwise.
                count.sudo().message_notify(
                    partner_ids=previous.partner_id.ids, subject=_("%(sheet)s was taken over", sheet=count.name),
                    body=_("%(user)s counts sheet %(sheet)s now. You need not count it any more.",
                           user=self.env.user.name, sheet=count.name))
        return True

    def action_close(self):
        """End counting. Lines that nobody counted are asked about first.

        :return: an action that asks, or True when the sheet is closed
        """
        self.ensure_one()
        self._check_can("close")
        if self._get_uncounted():
            return self._ask_close(_("Lines Not Counted"))
        self._close()
        return self._leave_closed()

    def _leave_closed(self):
        """What a form does next: it stays open for those who may see the closed sheet."""
        if self._may_be_read():
            return True
        return self.env["ir.actions.act_window"]._for_xml_id("stock_cycle_count.stock_cycle_count_action_mine")

    def _ask_close(self, name, **defaults):
        """Say what closing means before it is done."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "stock.cycle.count.close",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_count_id": self.id, **{f"default_{key}": value for key, value in defaults.items()}},
        }

    def action_reopen(self):
        """Let a counted sheet be counted on."""
        for count in self:
            count._check_can("reopen")
            count.sudo().closed_to_ids = False
            count.sudo()._transition("in_progress")
            count._get_lines("counted")._reset_verdict()
            count._sync_count_activities()
        return True

    def action_recount(self):
        """Open the choice of lines and counter for a recount."""
        self.ensure_one()
        self._check_can("recount")
        return self._open_recount(_("Recount"))

    def _open_recount(self, name, **defaults):
        """Open the wizard of recounts for this sheet.

        :param defaults: of its fields, besides the sheet
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "stock.cycle.count.recount",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_count_id": self.id, **{f"default_{field}": value for field, value in defaults.items()}},
        }

    def action_cancel(self):
        """Cancel sheets: nothing of them is posted, and their positions are due again at the next schedule."""
        for count in self:
            count._check_can("cancel")
            counted = count._get_lines("counted", "to_approve", "approved", "recount").filtered("variance_qty")
            if counted:
                count.sudo()._log_note(_(
                    "%(user)s cancelled the sheet. Differences counted on it: %(lines)s.", user=self.env.user.name,
                    lines=len(counted)))
            count.sudo()._transition("cancel")
            count.sudo().line_ids._cancel()
            count.sudo().activity_unlink(["stock_cycle_count.mail_activity_approve"])
            count._sync_count_activities()
        return True

    def action_finalize(self):
        """Post what may pass; the sheet is done when nothing of it waits any more.

        :return: an action that says what remains and asks when the sheet is still being counted, else True
        """
        for count in self:
            count._check_can("finalize")
            if count.state == "in_progress":
                count._check_can("close")
                return count._ask_close(_("Finalize"), finalize=True)
        self.sudo()._finalize()
        return self._notify_post_errors() or True

    def _notify_post_errors(self):
        """Say which lines could not be posted, and why; an action, or None when there are none."""
        lines = self._get_lines("counted", "approved").filtered("post_error")
        if not lines:
            return None
        return notifications.warning(
            "\n".join(lines[:MOST_TOLD].mapped("post_error")), _("Lines that could not be posted: %(lines)s", lines=len(lines)),
            {"type": "ir.actions.client", "tag": "soft_reload"})

    def _is_supervisor(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group("stock_cycle_count.group_supervisor")

    def _is_approver(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(LEVEL_GROUPS[1])

    def _why_not_start(self):
        if self.state != "draft":
            return _("Sheet %(name)s has been started already.", name=self.name)
        if not self.line_ids:
            return _("Sheet %(name)s has no lines. Add what is to be counted.", name=self.name)
        if self.env.uid == SUPERUSER_ID:
            return False
        if self.user_id and self.user_id != self.env.user:
            return _("Sheet %(name)s is %(counter)s's. Take it over first.",
                     name=self.name, counter=self.user_id.name)
        return self._why_not_counter()

    def _why_not_join(self):
        if self.state not in ("draft", "in_progress") or not self.user_id:
            return _("Sheet %(name)s is not being counted by anybody.", name=self.name)
        if self.env.user in self.user_id | self.participant_ids:
            return _("You count sheet %(name)s already.", name=self.name)
        return self._why_not_counter()

    def _why_not_take_over(self):
        if self.state not in ("draft", "in_progress"):
            return _("Sheet %(name)s is not being counted any more.", name=self.name)
        if self.user_id == self.env.user:
            return _("Sheet %(name)s is yours already.", name=self.name)
        return self._why_not_counter()

    def _why_not_close(self):
        if self.state != "in_progress":
            return _("Sheet %(name)s is not being counted.", name=self.name)
        if self.env.user not in self.user_id | self.participant_ids and not self._is_supervisor():
            return _("Sheet %(name)s is counted by %(counter)s.", name=self.name, counter=self.user_id.name)
        if not self._is_supervisor():
            others = self._get_lines("recount").filtered(
                lambda line: line.user_id != self.env.user and (line.user_id or self.env.user in line._get_counters()))
            if others:
                return _("Still to be recounted by somebody else on sheet %(name)s: %(lines)s.",
                         lines=len(others), name=self.name)
        return False

    def _why_not_reopen(self):
        if self.state != "review":
            return _("Only a counted sheet can be reopened; %(name)s is not.", name=self.name)
        return self._why_not_supervisor()

    def _why_not_recount(self):
        if self.state not in ("in_progress", "review"):
            return _("Sheet %(name)s has nothing to recount now.", name=self.name)
        if not self.line_ids.filtered(lambda line: line.state in ("counted", "to_approve")):
            return _("No line of sheet %(name)s has been counted yet.", name=self.name)
        return self._why_not_supervisor()

    def _why_not_cancel(self):
        if self.state in ("done", "cancel"):
            return _("Sheet %(name)s has ended already.", name=self.name)
        return self._why_not_supervisor() or self._why_not_drop()

    def _why_not_drop(self):
        """Why this user cannot make the differences of the sheet disappear: whoever found one does not, or False."""
        if self.company_id.cycle_count_self_approval or self.env.uid == SUPERUSER_ID:
            return False
        differing = self._get_lines("counted", "to_approve", "approved", "recount").filtered("variance_qty")
        if differing and self.env.user._is_same_person(differing._get_counters()):
            return _("You counted differences on sheet %(name)s, so somebody else cancels it.", name=self.name)
        return False

    def _why_not_finalize(self):
        if self.state not in ("in_progress", "review"):
            return _("Sheet %(name)s has nothing to post.", name=self.name)
        if not self._is_approver():
            return _("Only count supervisors and controllers can do this.")
        return False

    def _why_not_counter(self):
        if not self.env.user.has_group("stock_cycle_count.group_counter"):
            return _("Only counters can do this.")
        return False

    def _why_not_supervisor(self):
        if not self._is_supervisor():
            return _("Only count supervisors can do this.")
        return False

    def _check_can(self, action):
        """Raise what refuses an action.

        :raise UserError: with the reason
        :raise AccessError: when the user cannot see the sheet
        """
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        refusal = getattr(self, f"_why_not_{action}")()
        if refusal:
            raise UserError(refusal)
