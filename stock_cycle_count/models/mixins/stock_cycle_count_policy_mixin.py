from odoo import fields, models

#: Fields of the mixin, which a sheet takes from its plan when it is made.
POLICIES = ("blind", "uncounted_policy", "recount_rounds", "lock_mode")


class StockCycleCountPolicyMixin(models.AbstractModel):
    """How is counted: what a plan says for its sheets, and every sheet for itself."""

    _name = "stock.cycle.count.policy.mixin"
    _description = "Policies of Counting"

    blind = fields.Boolean(
        "Blind Count", default=True, tracking=True, help="Counters are not shown the quantity that is expected.")
    uncounted_policy = fields.Selection(
        [("leave", "Leave them due"), ("zero", "Count them as 0")], "Lines Not Counted", required=True,
        default="leave", help="What closing a sheet does with lines that nobody counted; it asks first.")
    recount_rounds = fields.Integer(
        "Recounts", required=True, default=2,
        help="At most so many recounts of a line; two counts that agree settle it earlier.")
    lock_mode = fields.Selection(
        [("none", "None: stock may move"), ("warn", "Warn: transfers show who counts"),
         ("block", "Block: no move in or out")],
        "While Counting", required=True, default="none", tracking=True,
        help="What happens to transfers in and out of locations that are being counted. The difference is right in "
             "any case, since every count remembers what the books showed at its instant.")
