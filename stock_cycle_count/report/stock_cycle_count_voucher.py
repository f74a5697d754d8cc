from odoo import _, api, models
from odoo.exceptions import AccessError


class StockCycleCountVoucher(models.AbstractModel):
    """Adjustment vouchers: for supervisors, since who may not see the lines would get the paper that says all is well."""

    _name = "report.stock_cycle_count.count_voucher"
    _description = "Adjustment Voucher"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Values of the report.

        :raise AccessError: for those who may not see what was adjusted
        """
        if not self.env.user.has_group("stock_cycle_count.group_approver"):
            raise AccessError(_("Adjustment vouchers are for count supervisors and controllers."))
        counts = self.env["stock.cycle.count"].browse(docids)
        counts.check_access_rule("read")
        return {"doc_ids": docids, "doc_model": counts._name, "docs": counts}
