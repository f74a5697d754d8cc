from odoo import api, models


class StockCycleCountChatter(models.AbstractModel):
    """Who learns what is said about a sheet: those who may see it. Whoever counted a blind sheet does not once it is
    closed, since its states and what is asked of others say whether books and count agree.
    """

    _name = "stock.cycle.count.chatter"
    _description = "Chatter of a Count Sheet"
    _inherit = "stock.cycle.count.logged.mixin"

    @api.model
    def _get_logged_fields(self):
        return {"blind"}

    def _logs_creation(self):
        # Plans log what they say of their sheets.
        return not self.blind and self.origin == "manual"

    def _log_change(self, attempt, detail):
        return super()._log_change(attempt, detail or f"{self._fields['blind'].string}: {'yes' if self.blind else 'no'}")

    def _log_note(self, message):
        """Note in the chatter what happened, which notifies nobody, and in the log, from which nobody deletes it."""
        for count in self:
            self.env["stock.cycle.count.audit.log"]._note(
                "count sheet", f"{count.name}: {message}", count.company_id)
        self._message_log(body=message, author_id=self._get_author().id)

    def _sign_changes(self):
        """Say whose doing the tracked changes of these sheets are."""
        for count in self:
            count._track_set_author(count._get_author())

    def _get_author(self):
        """Partner who says what becomes of the sheet. Once it is closed, Odoo does for a counter, because authors read
        all that they wrote, for ever.
        """
        is_told = self._is_approver() or not self.close_date
        return self.env.user.partner_id if is_told else self.env.ref("base.partner_root")

    def _notify_get_recipients(self, message, msg_vals, **kwargs):
        """Followers who may not read the sheet get nothing; whoever is named in a message gets it all the same."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        named = (msg_vals or {}).get("partner_ids") or message.sudo().partner_ids.ids
        users = self.env["res.users"].sudo().search([("partner_id", "in", [values["id"] for values in recipients])])
        barred = users.filtered(lambda user: not self.with_user(user).sudo(False)._may_be_read()).partner_id
        return [values for values in recipients if values["id"] in named or values["id"] not in barred.ids]

    def _may_be_read(self):
        """Whether the user may read these sheets."""
        return self.check_access_rights("read", raise_exception=False) and self == self._filter_access_rules("read")
