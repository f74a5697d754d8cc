from odoo import models


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        """Note who is given a role, or loses it, by way of a group."""
        if not {"users", "implied_ids"} & set(vals):
            return super().write(vals)
        users = self.env["res.users"]
        before = users._get_count_roles()
        result = super().write(vals)
        users._after_role_changes(before)
        return result
