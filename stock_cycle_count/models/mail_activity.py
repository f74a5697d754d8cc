from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _filter_access_rules_remaining(self, valid, operation, filter_access_rules_method):
        """Whoever may say something on a sheet does not take away what others are asked to do there: those who decide, and
        who it is for, do. Who only reads sheets asks nobody anything there.
        """
        allowed = super()._filter_access_rules_remaining(valid, operation, filter_access_rules_method)
        if operation == "create" and not self.env.user._comments_counts():
            return allowed.filtered(lambda activity: not (activity.sudo().res_model or "").startswith("stock.cycle.count"))
        if operation not in ("write", "unlink") or self.env.user.has_group("stock_cycle_count.group_decider"):
            return allowed
        return allowed.filtered(lambda activity: activity in valid or activity.sudo().res_model != "stock.cycle.count")
