from odoo import fields, models
from odoo.tools import SQL

from ... import queries

#: Who sees figures by person, where the company shows them.
BY_PERSON = "stock_cycle_count.group_controller,stock_cycle_count.group_auditor"


class StockCycleCountResult(models.Model):
    """What counts came to, a row for each line that was posted or rejected, and for random ones from their count on, cancelled
    later or not; opening stock is no result. For pivots, graphs and lists, and the one table that all figures of counts come
    from. It has no data of its own.

    Shares are 0 or 100 a row, so that their average is one in percent; what says nothing about a share is empty. Values are
    in the currency of the company, those of rejected differences are 0.
    """

    _name = "stock.cycle.count.result"
    _description = "Count Result"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "product_id"
    _depends = {
        "stock.cycle.count.line": [], "stock.cycle.count": [], "stock.cycle.count.reason": [],
        "stock.cycle.count.draw": [], "stock.cycle.count.approval": [], "stock.cycle.count.entry": ["line_id", "date"],
        "stock.location": ["warehouse_id"],
        "product.product": ["product_tmpl_id"], "product.template": ["categ_id"]}

    line_id = fields.Many2one("stock.cycle.count.line", "Count Line", readonly=True)
    count_id = fields.Many2one("stock.cycle.count", "Sheet", readonly=True)
    plan_id = fields.Many2one("stock.cycle.count.plan", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True)
    location_id = fields.Many2one("stock.location", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", "Product Category", readonly=True)
    abc_class_id = fields.Many2one("stock.abc.class", "Class", readonly=True)
    state = fields.Selection(
        lambda self: self.env["stock.cycle.count.line"]._fields["state"]._description_selection(self.env), readonly=True)
    selection_reason = fields.Selection(
        lambda self: self.env["stock.cycle.count.line"]._fields["selection_reason"]._description_selection(self.env),
        "Why", readonly=True)
    is_control = fields.Boolean("Random", readonly=True, help="Drawn at random, to measure by.")
    is_bin = fields.Boolean("Empty Bin", readonly=True, help="An empty bin that was drawn at random, or what was found in it.")
    draw_id = fields.Many2one("stock.cycle.count.draw", readonly=True)
    draw_date = fields.Date("Drawn On", readonly=True)
    answer_by = fields.Date("Count By", readonly=True, help="A random position that is counted later is unanswered.")
    is_answered = fields.Boolean("Answered", readonly=True,
        help="Drawn at random, and all lots of the position counted in time, decided on, cancelled or not.")
    reason_id = fields.Many2one("stock.cycle.count.reason", "Reason", readonly=True)
    root_cause = fields.Selection(
        lambda self: self.env["stock.cycle.count.reason"]._fields["root_cause"]._description_selection(self.env),
        "Cause", readonly=True, help="Of a difference; unknown where nobody gave a reason.")
    counter_id = fields.Many2one(
        "res.users", "Counter", readonly=True, groups=BY_PERSON,
        help="Where the company lets figures be shown by person.")
    approver_id = fields.Many2one(
        "res.users", "Approver", readonly=True, groups=BY_PERSON,
        help="Who decided last, where the company lets figures be shown by person.")
    date = fields.Datetime("Counted On", readonly=True)
    deadline_date = fields.Date("Deadline", readonly=True)

    lines = fields.Integer(readonly=True)
    hit = fields.Float("Right (%)", readonly=True, group_operator="avg", help="Within the hit tolerance, in the end.")
    exact = fields.Float("Exactly Right (%)", readonly=True, group_operator="avg")
    first_hit = fields.Float("First Count Right (%)", readonly=True, group_operator="avg")
    slip = fields.Float("Counting Slips (%)", readonly=True, group_operator="avg", help="Right in the end, not at first.")
    recounted = fields.Float("Recounted (%)", readonly=True, group_operator="avg")
    reversed = fields.Float("Changed by Recount (%)", readonly=True, group_operator="avg")
    on_time = fields.Float("On Time (%)", readonly=True, group_operator="avg", help="Counted by the deadline it had when made.")
    difference = fields.Integer("Differences", readonly=True, help="Posted lines with one.")
    difference_value = fields.Monetary("Differences (Value)", readonly=True, help="Without sign, transfers included.")
    gross = fields.Monetary("Gross", readonly=True, help="Adjustments without sign.")
    gain = fields.Monetary(readonly=True)
    loss = fields.Monetary(readonly=True, help="Below 0.")
    net = fields.Monetary("Net", readonly=True, help="Adjustments, gains less losses.")
    transfer_value = fields.Monetary("Transferred", readonly=True, help="Found in another place; without sign.")
    book_value = fields.Monetary("Expected (Value)", readonly=True)
    value_at_risk = fields.Monetary("At Risk", readonly=True, help="What was foretold to be wrong, when the line was made.")
    auto = fields.Integer("Passed Alone", readonly=True, help="Differences that passed within a tolerance, without a person.")
    auto_value = fields.Monetary("Passed Alone (Value)", readonly=True, help="Without sign.")
    lead_hours = fields.Float(
        "Hours to Decide", readonly=True, group_operator="avg", help="From the wait to the last decision.")

    def init(self):
        queries.run(self.env, queries.answers.final_lines_by_date())

    @property
    def _table_query(self):
        return SQL("(%s)", queries.answers.results())

    def action_make_cause(self):
        """Open a new root cause with what these results have in common."""
        return self.line_id.action_make_cause()

    def action_open_line(self):
        """Open the count line of a result."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": self.line_id._name, "res_id": self.line_id.id,
            "views": [[False, "form"]], "name": self.line_id.display_name}
