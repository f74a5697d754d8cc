from odoo import Command, _, api, fields, models


class StockCycleCountPlanTemplates(models.AbstractModel):
    """Plans that later warehouses get when they are made: those of the company, and of new companies."""

    _name = "stock.cycle.count.plan.templates"
    _description = "Templates of Count Plans"

    template_for = fields.Selection(
        [("company", "Later warehouses of the company"), ("all", "Later warehouses, of new companies too")],
        "Template For", copy=False,
        help="A new warehouse gets a plan like this one, for all of its locations. Empty: none does.")

    @api.model
    def _plan_new_warehouses(self, warehouses):
        """Give new warehouses a plan like the template of their company, or else like one for new companies."""
        templates = self.sudo().search([("template_for", "!=", False)])
        for company, members in warehouses.grouped("company_id").items() if templates else ():
            own = templates.filtered(lambda plan, company=company: plan.company_id == company)
            template = (own or templates.filtered(lambda plan: plan.template_for == "all"))[:1]
            if template:
                template._copy_for(company, members)

    def _copy_for(self, company, warehouses):
        """Plan new warehouses of a company as this plan does its own. Where nobody can count, the plan says so."""
        counters = self.counter_ids.filtered(lambda user: company in user.company_ids)
        if not counters and self.env.user.active and company in self.env.user.company_ids:
            counters = self.env.user
        if not counters:
            self._message_log(body=_(
                "%(warehouses)s got no plan like this one: none of its counters works for %(company)s.",
                warehouses=", ".join(warehouses.mapped("name")), company=company.name))
            return self.browse()
        values = {
            "location_ids": [Command.clear()], "counter_ids": [Command.set(counters.ids)],
            "profile_id": self._get_profile_for(company, warehouses).id,
            "calendar_id": (self.calendar_id if self.company_id == company else company.resource_calendar_id).id}
        return self.create([
            data for warehouse in warehouses
            for data in self.copy_data(dict(values, name=warehouse.name, warehouse_id=warehouse.id))])

    def _get_profile_for(self, company, warehouses):
        """The profile of this plan, or its twin in another company; it takes these warehouses in."""
        profile = self.profile_id
        if profile and profile.company_id != company:
            profile = profile.search([("company_id", "=", company.id), ("name", "=", profile.name)], limit=1) or (
                profile.copy({"name": profile.name, "company_id": company.id, "warehouse_ids": [Command.clear()]}))
        if profile.warehouse_ids:
            profile.warehouse_ids |= warehouses
        return profile
