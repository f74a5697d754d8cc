from odoo import fields, models


class StockCycleCountPlanDraw(models.AbstractModel):
    """Plans draw some of their positions at random: how right the records are is read off these alone."""

    _name = "stock.cycle.count.plan.draw"
    _description = "Random Draws of Count Plans"

    control_target = fields.Integer(
        "Random Counts a Quarter", required=True, default=200, tracking=True,
        help="So many positions are drawn at random each quarter, and counted blind among the others: how right the records "
             "are is known from these alone. 200 say it to within 3 points where 95 of 100 are right. 0: none.")

    _sql_constraints = [
        ("control_positive", "CHECK (control_target >= 0)", "“Random Counts a Quarter” cannot be negative."),
    ]
