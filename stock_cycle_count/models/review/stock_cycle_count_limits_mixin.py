from odoo import fields, models

from ...tools import verdict

#: Limits that a tolerance may set; each has a field of its name, and a ``has_`` field that says whether it tests.
LIMITS = ("over_qty", "over_percent", "over_value", "under_qty", "under_percent", "under_value", "level2_value",
          "cap_value")


class StockCycleCountLimitsMixin(models.AbstractModel):
    """Limits that may be set or not: of a tolerance, and of what is tried out for one."""

    _name = "stock.cycle.count.limits.mixin"
    _description = "Limits of a Tolerance"

    currency_id = fields.Many2one("res.currency")
    has_over_qty = fields.Boolean("Limit surplus quantity")
    over_qty = fields.Float("Surplus Quantity", digits="Product Unit of Measure")
    has_over_percent = fields.Boolean("Limit surplus percentage")
    over_percent = fields.Float("Surplus (%)")
    has_over_value = fields.Boolean("Limit surplus value")
    over_value = fields.Monetary("Surplus Value")
    has_under_qty = fields.Boolean("Limit shortage quantity")
    under_qty = fields.Float("Shortage Quantity", digits="Product Unit of Measure")
    has_under_percent = fields.Boolean("Limit shortage percentage")
    under_percent = fields.Float("Shortage (%)")
    has_under_value = fields.Boolean("Limit shortage value")
    under_value = fields.Monetary("Shortage Value")
    recount = fields.Boolean(
        "Recount First", help="What is out of tolerance is recounted before anybody is asked.")
    has_level2_value = fields.Boolean("Own value for the second level")
    level2_value = fields.Monetary(
        "Second Level From",
        help="From this value on a controller approves as well. 0: always, for instance for a class.")
    has_cap_value = fields.Boolean("Limit what passes in sum")
    cap_value = fields.Monetary(
        "Cap",
        help="What passes without approval stays under this value; beyond it even small differences need approval.")

    _sql_constraints = [
        ("limits_positive",
         "CHECK (over_qty >= 0 AND over_percent >= 0 AND over_value >= 0 AND under_qty >= 0 AND under_percent >= 0 "
         "AND under_value >= 0 AND level2_value >= 0 AND cap_value >= 0)",
         "Limits cannot be negative; surplus and shortage have limits of their own."),
    ]

    def _get_limits(self):
        """The limits as the verdict takes them."""
        self.ensure_one()
        return verdict.Limits(
            recount=self.recount, **{name: self[name] if self[f"has_{name}"] else None for name in LIMITS})
