from odoo import models
from odoo.tools import email_normalize


class ResUsers(models.Model):
    _inherit = "res.users"

    def may_read_stock_moves(self):
        """Whether the user may see stock by any role but counter; record rules ask this to keep counts blind."""
        return self.env["stock.move"].with_user(self).check_access_rights("read", raise_exception=False)

    def _is_same_person(self, others):
        """Whether a user is one of some others, or the person behind one of them under a second login: of the same
        contact, or with the same e-mail address.
        """
        self.ensure_one()
        return bool(self._get_logins() & others)

    def _get_logins(self):
        """These users and all others that are the same persons, archived ones too."""
        users = self.sudo().with_context(active_test=False)
        emails = {email for user in users if (email := email_normalize(user.email or ""))}
        same = users.search([("partner_id", "in", users.partner_id.ids)])
        if emails:
            same |= users.search([("email_normalized", "in", list(emails))])
        return (users | same).sudo(False)
