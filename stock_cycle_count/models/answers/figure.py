"""What the slices of the answers have in common."""
from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import fields
from odoo.osv import expression

from ...tools import timezones

#: Models that figures are of.
RESULT, LINE, POSITION, DECISION, ENTRY, RISK = (
    f"stock.cycle.count.{name}" for name in ("result", "line", "position", "approval", "entry", "risk"))
MOVE = "stock.move"
#: States of a line that is settled.
FINAL = ("posted", "rejected")


class Figure(NamedTuple):
    """A number, and the records behind it: ``number`` is how many of ``model`` the domain finds.

    ``value`` is None where nothing can be said; ``low`` and ``high`` hold the true one 19 times in 20.
    """

    model: str
    domain: list
    number: int
    value: "float | None" = None
    low: "float | None" = None
    high: "float | None" = None


class Window:
    """What figures are asked of: a time, warehouses and plans. It keeps what was read for them, so that several figures of the
    same facts read them once.
    """

    def __init__(self, env, days, warehouse_ids, plan_ids):
        self.env, self.days, self.warehouse_ids, self.plan_ids = env, days, warehouse_ids, plan_ids
        self.now = fields.Datetime.now()
        self.zone = pytz.timezone(env.context.get("tz") or env.user.tz or "UTC")
        self.today = timezones.day_of(self.now, self.zone)
        self.first = self.today - timedelta(days=days - 1)
        self.year = self.today - timedelta(days=364)
        self.company_ids = env.companies.ids
        self.company = env.company
        self.currency = self.company.currency_id
        self._read = {}

    def get(self, name, read):
        """Facts that are read once."""
        if name not in self._read:
            self._read[name] = read()
        return self._read[name]

    @property
    def warehouses(self):
        return self.get("warehouses", lambda: self.env["stock.warehouse"].search_fetch(
            [("company_id", "in", self.company_ids)], ["name"]))

    @property
    def plans(self):
        return self.get("plans", lambda: self.env["stock.cycle.count.plan"].search_fetch(
            [("company_id", "in", self.company_ids)],
            ["name", "company_id", "warehouse_id", "control_target", "late_count", "uncounted_count"]))

    @property
    def asked_plans(self):
        """Plans that the filters leave."""
        return self.plans.filtered_domain(self.scope(plan="id"))

    def start_of(self, day):
        """When a day of the user begins, as the database tells the time."""
        return timezones.to_utc(datetime.combine(day, time.min), self.zone)

    def scope(self, warehouse="warehouse_id", plan="plan_id"):
        """Domain of what lies within the companies, warehouses and plans."""
        return expression.AND([
            [("company_id", "in", self.company_ids)],
            [(warehouse, "in", self.warehouse_ids)] if self.warehouse_ids else [],
            [(plan, "in", self.plan_ids)] if self.plan_ids else []])

    def since(self, name="date"):
        """Domain of moments within the time that is asked of."""
        return [(name, ">=", fields.Datetime.to_string(self.start_of(self.first)))]

    def convert(self, company_id, amount):
        """An amount of a company in the currency of the page."""
        if not amount or company_id == self.company.id:
            return amount or 0.0
        rate = self.get(("rate", company_id), lambda: self._get_rate(company_id))
        return amount * rate

    def _get_rate(self, company_id):
        company = self.env["res.company"].browse(company_id)
        return self.env["res.currency"]._get_conversion_rate(
            company.currency_id, self.currency, self.company, self.today)
