from odoo import fields, models


class StockCycleCountLineCauses(models.AbstractModel):
    """From a difference to whoever sees that it does not happen again."""

    _name = "stock.cycle.count.line.causes"
    _description = "Root Causes of a Count Line"

    cause_ids = fields.Many2many(
        "stock.cycle.count.cause", "stock_cycle_count_cause_line_rel", "line_id", "cause_id", "Root Causes", readonly=True,
        copy=False, groups="stock_cycle_count.group_approver", help="What was found to go wrong, and who changes it.")

    def action_make_cause(self):
        """Open a new root cause with what these lines have in common.

        :raise AccessError: for those who do not decide on counts
        """
        Cause = self.env["stock.cycle.count.cause"]
        Cause.check_access_rights("create")
        self.check_access_rule("read")
        reasons = self.reason_id
        return Cause._open_new(self, {
            "product_id": self.product_id if len(self.product_id) == 1 else False,
            "location_id": self.location_id if len(self.location_id) == 1 else False,
            "reason_id": reasons if len(reasons) == 1 and all(line.reason_id for line in self) else False})
