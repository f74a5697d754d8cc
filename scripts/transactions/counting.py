"""The cycle counting of a loaded warehouse: an ABC profile whose horizon reaches its first sale, and a plan."""

from __future__ import annotations

from datetime import datetime

from odoo import fields
from odoo.api import Environment
from odoo.fields import Command

# The profile still sees the first sale of the file a year from now.
HORIZON_SPARE_DAYS = 365
# With the default classes a position is counted about four times in a year of 200 working days or more.
POSITIONS_PER_DAILY_COUNT = 50
LEAST_DAILY_CAPACITY = 20


def ensure_counting(env: Environment, warehouse_id: int, first_date: datetime) -> list[str]:
    """Makes a profile and a plan for the warehouse where it has none; returns what was done, for people.

    Nothing happens in a database without the addon.
    """
    if "stock.abc.profile" not in env:
        return ["stock_cycle_count is not installed in this database: no ABC profile and no count plan were made."]
    warehouse = env["stock.warehouse"].browse(warehouse_id)
    env = env(context=dict(env.context, allowed_company_ids=warehouse.company_id.ids))
    done = []
    profile = env["stock.abc.profile"].search([("warehouse_ids", "in", warehouse.ids)], limit=1)
    if not profile:
        days = max((fields.Datetime.now() - first_date).days, 0) + HORIZON_SPARE_DAYS
        profile = env["stock.abc.profile"].create(
            {
                "name": warehouse.name,
                "company_id": warehouse.company_id.id,
                "warehouse_ids": [Command.set(warehouse.ids)],
                "basis": "consumption_value",
                "history_days": days,
            }
        )
        done.append(f"ABC profile {profile.name}: consumption value of the last {days:,} days.")
    plans = env["stock.cycle.count.plan"]
    if not plans.search_count([("warehouse_id", "=", warehouse.id)], limit=1):
        company = warehouse.company_id
        counters = env.ref("stock_cycle_count.group_counter").users.filtered(
            lambda user: not user.share and company in user.company_ids
        )
        if not counters:
            return [*done, f"No count plan was made: no active user of {company.name} is in Cycle Counting / Counter."]
        stock = [("location_id", "child_of", warehouse.lot_stock_id.id), ("location_id.usage", "=", "internal")]
        positions = env["stock.quant"].search_count(stock)
        plan = plans.create(
            {
                "name": warehouse.name,
                "warehouse_id": warehouse.id,
                "profile_id": profile.id,
                "daily_capacity": max(LEAST_DAILY_CAPACITY, -(-positions // POSITIONS_PER_DAILY_COUNT)),
                "counter_ids": [Command.set(counters.ids)],
            }
        )
        done.append(f"Count plan {plan.name}: {plan.daily_capacity} counts a day for {positions:,} positions.")
    return done
