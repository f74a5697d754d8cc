from odoo import models


class StockCycleCountPlanScope(models.AbstractModel):
    """Plans govern locations: which ones, and what becomes of their positions when they no longer do."""

    _name = "stock.cycle.count.plan.scope"
    _description = "Scope of Count Plans"

    def _get_scopes(self):
        """Locations that each active plan of these companies governs: ``{plan id: [location ids]}``.

        A location belongs to the plan with the most specific location above it; excluded locations, with all below
        them, to none. The number of queries does not depend on the number of locations.
        """
        plans = self.sudo().search([("company_id", "in", self.company_id.ids)])
        roots = {}
        for plan in reversed(plans):
            # A plan of archived locations has nothing to count; it does not become one of the whole warehouse.
            for root in plan.with_context(active_test=False).location_ids or plan.warehouse_id.view_location_id:
                roots[plan.company_id.id, root.id] = plan.id
        Location = self.env["stock.location"].sudo()
        locations = Location.search_fetch(
            [("id", "child_of", list({root for _company, root in roots}))], ["parent_path", "usage", "company_id"])
        excluded = set(Location.with_context(active_test=False).search([("cycle_count_excluded", "=", True)])._ids)
        scopes = {plan.id: [] for plan in plans}
        for location in locations:
            if location.usage not in ("internal", "transit"):
                continue
            path = [int(part) for part in location.parent_path.split("/")[:-1]]
            if not excluded.isdisjoint(path):
                continue
            for company in location.company_id or plans.company_id:
                plan_id = next(
                    (roots[company.id, ancestor] for ancestor in reversed(path) if (company.id, ancestor) in roots),
                    None)
                if plan_id:
                    scopes[plan_id].append(location.id)
        return scopes

    def _release_positions(self):
        """Let the positions of these plans rest until another plan governs them."""
        self.env["stock.cycle.count.position"].sudo().with_context(active_test=False).search(
            [("plan_id", "in", self.ids)]).write({"plan_id": False, "active": False})
