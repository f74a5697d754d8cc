from collections import Counter

from odoo import _, models
from odoo.exceptions import UserError

from .constants import OPEN_STATES


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Refuse to merge owners whose goods are counted side by side: one line would have to stand for two counts.

        :raise UserError: naming the sheets to end first
        """
        lines = self.env["stock.cycle.count.line"].sudo().search(
            [("owner_id", "in", partner_ids), ("state", "in", OPEN_STATES)])
        places = Counter(line._get_key()[:-1] for line in lines)
        meeting = lines.filtered(lambda line: places[line._get_key()[:-1]] > 1)
        if meeting:
            raise UserError(_(
                "%(owners)s own the same product in the same place, which is being counted. Finish or cancel %(sheets)s, "
                "then merge.", owners=", ".join(meeting.owner_id.mapped("display_name")),
                sheets=", ".join(meeting.count_id.mapped("name"))))
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
