from collections import Counter

from odoo import _, api, fields, models
from odoo.tools.misc import format_date, formatLang

from ... import queries
from ...tools import risk
from ...tools.words import say_number
from ..plan.stock_cycle_count_position import MANY


class StockCycleCountRisk(models.Model):
    """What to count next: for each position what is likely wrong by now, and what that is worth.

    A row has the id of its position, and is computed anew each night and before sheets are made: nothing of it is kept.
    What lines were chosen by is kept on them.
    """

    _name = "stock.cycle.count.risk"
    _description = "What to Count Next"
    _order = "rank_index desc, days_since desc, id"
    _rec_name = "product_id"
    _log_access = False

    position_id = fields.Many2one("stock.cycle.count.position", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_id = fields.Many2one("stock.cycle.count.plan", required=True, readonly=True, ondelete="cascade")
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True, ondelete="cascade")
    location_id = fields.Many2one("stock.location", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, readonly=True, ondelete="cascade", index=True)
    categ_id = fields.Many2one("product.category", "Product Category", readonly=True, ondelete="cascade")
    abc_class_id = fields.Many2one("stock.abc.class", "Class", readonly=True, ondelete="set null")

    moves_since = fields.Integer("Moves Since", readonly=True, help="In and out since the last count.")
    days_since = fields.Float(
        "Days Since", readonly=True, digits=(16, 1),
        help="Since the moment of the last count. Never counted: since the first move of the last year, or since a plan "
             "governs it.")
    moves_year = fields.Integer("Moves a Year", readonly=True)
    usual_move = fields.Float(
        "Usual Move", readonly=True, digits="Product Unit of Measure", group_operator=False,
        help="Mean quantity of a move of the last year; that of the product where nothing moved here.")
    on_hand = fields.Float("On Hand", readonly=True, digits="Product Unit of Measure", help="When this was computed.")
    unit_cost = fields.Float(
        "Cost", readonly=True, digits="Product Price", group_operator=False,
        help="Of a unit there on average: those that belong to others have none.")
    is_of_others = fields.Boolean("Belongs to Others", readonly=True, help="All that is there.")
    counts = fields.Integer(readonly=True, help="Counts of all time.")
    misses = fields.Integer(readonly=True, help="Counts that found something wrong.")
    units = fields.Float(
        "Units Wrong", readonly=True, digits="Product Unit of Measure",
        help="Found by all counts. One large difference counts for ten usual ones at most.")
    exposure = fields.Float(
        "Errors Expected", readonly=True, digits=(16, 3),
        help="So many errors the house would have made until the last count.")
    multiplier = fields.Float(
        "Errs so Many Times", readonly=True, digits=(16, 2), group_operator=False, help="Beside the house, which is 1.")
    value_at_risk = fields.Monetary("At Risk", readonly=True, help="Expected value of what is wrong now, at cost.")
    value_a_day = fields.Monetary("At Risk a Day", readonly=True, help="By so much what is wrong grows a day, at cost.")
    rank_index = fields.Float(
        "Rank", readonly=True, digits=(16, 1), group_operator=False,
        help="What a count now spares: the highest is counted first.")
    offender_chance = fields.Float(
        "Keeps Erring", readonly=True, digits=(16, 3), group_operator="avg",
        help="Chance that it errs more than twice as often as the house.")
    is_offender = fields.Boolean("Repeat Offender", compute="_compute_is_offender", search="_search_is_offender")
    is_costless = fields.Boolean("Without a Cost", compute="_compute_is_costless", search="_search_is_costless")
    facts = fields.Char("Why", compute="_compute_facts")
    computed_at = fields.Datetime("As Of", readonly=True)

    def init(self):
        queries.run(self.env, queries.indexes.best_first())

    @api.depends("offender_chance")
    def _compute_is_offender(self):
        for row in self:
            row.is_offender = row.offender_chance >= risk.OFFENDER_CHANCE

    def _search_is_offender(self, operator, value):
        wanted = (operator in ("=", "in")) == bool(value)
        return [("offender_chance", ">=" if wanted else "<", risk.OFFENDER_CHANCE)]

    @api.depends("unit_cost", "is_of_others")
    def _compute_is_costless(self):
        for row in self:
            row.is_costless = row.unit_cost <= 0 and not row.is_of_others

    def _search_is_costless(self, operator, value):
        wanted = (operator in ("=", "in")) == bool(value)
        costless = [("unit_cost", "<=", 0), ("is_of_others", "=", False)]
        return costless if wanted else ["!", "&", *costless]

    @api.depends("position_id.last_count_date", "counts", "misses", "moves_since", "days_since", "value_at_risk")
    @api.depends_context("lang")
    def _compute_facts(self):
        for row in self:
            row.facts = self._say_facts(row._get_facts())

    # Actions

    def action_count_now(self):
        """Begin to count these positions at once, on a blind sheet."""
        return self.position_id.action_count_now()

    def action_view_lines(self):
        """Open the count lines of these positions."""
        return self.position_id.action_view_lines()

    # Business

    def _get_facts(self):
        """By what the row is ranked: plain values, to be kept on a line."""
        self.ensure_one()
        return {
            "counted": bool(self.position_id.last_count_date), "counts": self.counts, "misses": self.misses,
            "moves": self.moves_since, "days": round(self.days_since, 1),
            "value": self.currency_id.round(self.value_at_risk), "cost": self.unit_cost,
            "of_others": self.is_of_others}

    @api.model
    def _note_facts(self, lines):
        """Add to values of lines what is known of their positions; lines of one position share what is at risk."""
        rows = {row.id: row for row in self.search([("id", "in", [line["position_id"] for line in lines])])}
        numbers = Counter(line["position_id"] for line in lines)
        for line in lines:
            row = rows.get(line["position_id"])
            if row:
                line.update(
                    selection_facts=row._get_facts(), value_at_risk=row.value_at_risk / numbers[row.id])

    @api.model
    def _say_facts(self, facts):
        """Facts as one sentence in the user's language.

        :param facts: as ``_get_facts`` gives them
        """
        moves = say_number(self.env, facts["moves"], _("1 move"), _("%s moves"))
        days = say_number(self.env, round(facts["days"]), _("1 day"), _("%s days"))
        if facts["counts"]:
            since = _(
                "%(misses)s in %(counts)s, %(moves)s and %(days)s since", moves=moves, days=days,
                misses=say_number(self.env, facts["misses"], _("1 miss"), _("%s misses")),
                counts=say_number(self.env, facts["counts"], _("1 count"), _("%s counts")))
        elif facts["counted"]:
            # In Physical Inventory, say: what it found is on no line.
            since = _("%(moves)s and %(days)s since the last count", moves=moves, days=days)
        else:
            since = _("Never counted, %(moves)s", moves=moves)
        value = risk.about(facts["value"])
        if facts["cost"]:
            said = _("%(since)s: about %(value)s at risk.", since=since, value=formatLang(
                self.env, value, digits=0 if value >= 1 else 2))
        elif facts.get("of_others"):
            said = _("%(since)s. It belongs to others, so that none of the value is at risk.", since=since)
        else:
            said = _("%(since)s. It has no cost, so that nobody can tell what is at risk.", since=since)
        if not facts.get("event"):
            return said
        kinds = dict(self.env["stock.cycle.count.event"]._fields["kind"]._description_selection(self.env))
        return _("%(event)s on %(day)s. %(facts)s", event=kinds[facts["event"]], facts=said, day=format_date(
            self.env, facts["event_day"]))

    @api.model
    def _compute_for(self, plan):
        """Compute anew what to count next of one plan, from what moved and from what counts of its warehouse found."""
        now = fields.Datetime.now()
        statements = queries.risk
        queries.run(self.env, statements.freeze_exposure(plan))
        if self.env.cr.rowcount >= MANY:
            queries.run(self.env, statements.analyze_lines())
        queries.run(self.env, statements.observe(plan, now, queries.abc_classification.cost_in(plan.company_id)))
        queries.run(self.env, statements.forget(plan))
        cells = queries.run(self.env, statements.cells(plan.warehouse_id.id, fields.Datetime.subtract(now, days=365)))
        queries.run(self.env, statements.rate(
            plan, now, risk.learn(map(risk.Cell._make, cells)), plan.ranking == "accuracy"))
