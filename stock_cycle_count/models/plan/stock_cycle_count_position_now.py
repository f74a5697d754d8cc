from odoo import api, models
from odoo.osv import expression

from ..constants import KEY_FIELDS


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

    def _make_requested(self, date, user=None, domain=()):
        """Make the sheets at once of positions that somebody asked for: plans make those of what they govern, the rest stands on
        one sheet a company.

        :param date: day of that sheet
        :param user: who counts it; nobody is named when None
        :param domain: of the quants that are asked for, where it is not all that stands there
        :raise UserError: when a plan can make none, or more lies there than one sheet takes
        """
        Count = self.env["stock.cycle.count"]
        for company, own in self._generate_requested().grouped("company_id").items():
            keys = Count._find_keys(company, expression.AND([list(domain), expression.OR([
                [("location_id", "=", position.location_id.id), ("product_id", "=", position.product_id.id)]
                for position in own])]))
            known = {(key["location_id"], key["product_id"]) for key in keys}
            keys += [
                dict.fromkeys(KEY_FIELDS, False) | {"location_id": position.location_id.id, "product_id": position.product_id.id}
                for position in own if (position.location_id.id, position.product_id.id) not in known]
            free, _taken = Count._split_taken(keys)
            if free:
                Count._make_ad_hoc(company, free, user or self.env["res.users"], scheduled_date=date)

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
