from odoo import api, models
from odoo.osv import expression


class StockCycleCountPositionNow(models.AbstractModel):
    """Positions are counted, or rest, at once, without waiting for their day or for a schedule."""

    _name = "stock.cycle.count.position.now"
    _description = "Counting a Position at Once"

    @api.model
    def _rest(self, domain):
        """Let positions rest at once that are not to be counted any longer: nothing of them is drawn, chosen or put onto sheets
        before a schedule takes them up again.
        """
        self.sudo().search(domain).write({"active": False})

    def _generate_requested(self):
        """Make the sheets of positions that somebody asked for.

        :return: those that no plan governs, of which none is made
        """
        self._place_in_plans()
        unplanned = self.filtered(lambda position: not position.plan_id)
        for plan, positions in (self - unplanned).grouped("plan_id").items():
            plan._generate_requested(positions)
        return unplanned

    def action_count_now(self):
        """Begin to count these positions at once, on a blind sheet."""
        places = expression.OR([
            [("location_id", "=", position.location_id.id), ("product_id", "=", position.product_id.id)]
            for position in self])
        return self.env["stock.cycle.count"]._open_count_now(self.company_id[:1], places)

    def action_audit(self):
        """Choose these positions for an auditor's count.

        :return: an action that shows what auditors are to count
        :raise AccessError: for whoever is no auditor of their companies
        :raise UserError: when they are too many
        """
        self.check_access_rights("read")
        self.check_access_rule("read")
        tests = self.env["stock.cycle.count.audit.count"]
        for company in self.company_id or self.env.company:
            tests._check_auditor(company)
        tests._add(self, "chosen")
        return self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_audit_count_action")
