from odoo import SUPERUSER_ID, _, models
from odoo.exceptions import UserError

from .constants import TO_COUNT_STATES


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        self._check_count_evidence()
        return super().write(vals)

    def unlink(self):
        self._check_count_evidence()
        return super().unlink()

    def _check_count_evidence(self):
        """What a difference was decided on stays as it was.

        :raise UserError: naming the file
        """
        files = self.sudo().filtered(lambda file: file.res_model == "stock.cycle.count.line")
        if not files or self.env.uid == SUPERUSER_ID:
            return
        lines = self.env["stock.cycle.count.line"].sudo().search([
            ("evidence_ids", "in", files.ids), ("state", "not in", (*TO_COUNT_STATES, "counted", "to_approve"))])
        for file in lines.evidence_ids & files:
            raise UserError(_("%(file)s is evidence of a difference that is decided; it is kept as it is.", file=file.name))
