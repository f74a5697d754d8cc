from odoo import _, models
from odoo.exceptions import AccessError


class StockCycleCountFollowersMixin(models.AbstractModel):
    """Records that those follow who count or decide. Auditors read all, and leave no trace on what they audit."""

    _name = "stock.cycle.count.followers.mixin"
    _description = "Followers Who Count or Decide"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Add followers.

        :raise AccessError: for whoever neither counts nor decides
        """
        # Whom this addon asks to count follows the sheet, whoever caused it.
        if not self.env.su and not self.env.user._comments_counts():
            raise AccessError(_("Only those who count or decide follow counts."))
        return super().message_subscribe(partner_ids, subtype_ids)
