from odoo import SUPERUSER_ID, _, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        self._check_count_evidence()
        return super().write(vals)

    def unlink(self):
        self._check_count_evidence()
        return super().unlink()

    def _check_count_evidence(self):
        """What a difference was decided on stays as it was, wherever the file hangs; before, it is its author's and
        supervisors'.

        :raise UserError: naming the file
        """
        if not self.ids or self.env.uid == SUPERUSER_ID:
            return
        lines = self.env["stock.cycle.count.line"].sudo().search([("evidence_ids", "in", self.ids)])
        supervises = self.env.user.has_group("stock_cycle_count.group_decider")
        for line in lines:
            decided = line._is_evidence_fixed()
            for file in line.evidence_ids & self.sudo():
                if decided:
                    raise UserError(_(
                        "%(file)s is evidence of a difference that is decided; it is kept as it is.", file=file.name))
                if not supervises and file.create_uid != self.env.user:
                    raise UserError(_(
                        "%(file)s is evidence that %(author)s gave for a difference.", file=file.name,
                        author=file.create_uid.name))
