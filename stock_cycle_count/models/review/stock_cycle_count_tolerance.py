from contextlib import nullcontext
from datetime import timedelta

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ... import queries
from ...tools import trees
from .stock_cycle_count_limits_mixin import LIMITS

#: No cap looks back further.
MOST_DAYS = 36500


class StockCycleCountTolerance(models.Model):
    """What is small enough. Rules are read in order; the first that matches a line judges it.

    Controllers keep tolerances. A limit that is not set does not test; breaking any one needs approval.
    """

    _name = "stock.cycle.count.tolerance"
    _description = "Count Tolerance"
    _inherit = ["stock.cycle.count.request.mixin", "stock.cycle.count.logged.mixin", "stock.cycle.count.limits.mixin",
                "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")

    # What it judges
    abc_class_ids = fields.Many2many(
        "stock.abc.class", string="ABC Classes", check_company=True, help="Empty: every class, and no class.")
    categ_ids = fields.Many2many("product.category", string="Product Categories", help="With all below them.")
    product_ids = fields.Many2many("product.product", string="Products", check_company=True)
    location_ids = fields.Many2many(
        "stock.location", string="Locations", check_company=True, help="With all below them.")

    no_over_limit = fields.Boolean("No limit for surpluses", help="Every surplus passes without anybody being asked.")
    no_under_limit = fields.Boolean("No limit for shortages", help="Every shortage passes without anybody being asked.")
    look_again = fields.Boolean(
        "Ask for a Second Look",
        help="Before the scanner closes a sheet, it asks the counter to count what is out of tolerance once more, without "
             "saying by how much it differs. Slips of a finger need no approver then.")
    passes = fields.Char("What Passes", compute="_compute_passes")

    # What passes in sum
    cap_days = fields.Integer("Cap Days", default=90)
    cap_scope = fields.Selection(
        [("product", "Product"), ("location", "Location")], "Cap Per", default="product", required=True)

    @api.depends("currency_id", "no_over_limit", "no_under_limit", "cap_days", "cap_scope", *LIMITS,
                 *(f"has_{name}" for name in LIMITS))
    def _compute_passes(self):
        """One sentence that says what nobody is asked about."""
        for rule in self:
            parts = [
                _("surpluses %(limit)s", limit=rule._phrase_limits("over")),
                _("shortages %(limit)s", limit=rule._phrase_limits("under"))]
            if rule.has_cap_value:
                values = {"value": rule.currency_id.format(rule.cap_value), "days": rule.cap_days}
                parts.append(_("in all %(value)s in %(days)s days for each location", **values) if (
                    rule.cap_scope == "location") else _("in all %(value)s in %(days)s days for each product", **values))
            rule.passes = _("Without approval pass: %(parts)s.", parts="; ".join(parts))

    def _phrase_limits(self, side):
        """How large a difference of a side, ``over`` or ``under``, may be."""
        limits = []
        quantity, percent, value = (self[f"{side}_{kind}"] for kind in ("qty", "percent", "value"))
        if self[f"has_{side}_qty"]:
            limits.append(_("%(quantity)g of the product's unit", quantity=quantity))
        if self[f"has_{side}_percent"]:
            limits.append(_("%(percent)g %% of what is expected", percent=percent))
        if self[f"has_{side}_value"]:
            limits.append(self.currency_id.format(value))
        if limits:
            return _("up to %(limits)s", limits=", ".join(limits))
        return _("of any size") if self[f"no_{side}_limit"] else _("(not said yet)")

    @api.constrains("name", "no_over_limit", "no_under_limit", *(f"has_{name}" for name in LIMITS))
    def _check_bites(self):
        """A rule that limits nothing does so because somebody said it."""
        for rule in self:
            for side, label in (("over", _("surpluses")), ("under", _("shortages"))):
                limited = any(rule[f"has_{side}_{kind}"] for kind in ("qty", "percent", "value"))
                if limited == rule[f"no_{side}_limit"]:
                    raise ValidationError(_(
                        "Tolerance %(name)s: say up to which quantity, percentage or value %(side)s pass, or tick that there "
                        "is no limit for them; not both.", name=rule.name, side=label))

    @api.constrains("has_cap_value", "cap_days")
    def _check_cap_days(self):
        for tolerance in self:
            if tolerance.has_cap_value and tolerance.cap_days < 1:
                raise ValidationError(_(
                    "Tolerance %(name)s: “Cap Days” must be at least 1.", name=tolerance.name))

    @api.model
    def _get_logged_fields(self):
        return {
            "name", "sequence", "active", "company_id", "abc_class_ids", "categ_ids", "product_ids", "location_ids",
            "cap_days", "cap_scope", "recount", "look_again", "no_over_limit", "no_under_limit", *LIMITS,
            *(f"has_{name}" for name in LIMITS)}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """What judged a line is archived, not deleted."""
        used = self.env["stock.cycle.count.line"].sudo().search(
            [("tolerance_id", "in", self.ids)], limit=1).tolerance_id
        if used:
            raise UserError(_("Tolerance %(name)s has judged counts. Archive it instead.", name=used.name))

    def _track_get_fields(self):
        # A changed limit decides on money: the chatter says who changed which.
        return super()._track_get_fields() | {"recount", *LIMITS, *(f"has_{name}" for name in LIMITS)}

    def action_backtest(self):
        """Open the replay of past lines under other limits."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Backtest"),
            "res_model": "stock.cycle.count.backtest",
            "view_mode": "form",
            "target": "new",
            "context": {"default_tolerance_id": self.id},
        }

    # Business

    def _matches(self, line, scope=None):
        """Whether this rule judges a line.

        :param scope: what is judged, one of the line's ``_get_scopes()``; as it is now when none is given
        """
        self.ensure_one()
        scope = scope or line._get_scopes()[-1]
        if self.abc_class_ids and scope.abc_class not in self.abc_class_ids:
            return False
        if self.product_ids and line.product_id not in self.product_ids:
            return False
        return (not self.categ_ids or trees.is_below(scope.category_path, self.categ_ids.mapped("parent_path"))) and (
            not self.location_ids or trees.is_below(scope.location_path, self.location_ids.mapped("parent_path")))

    def _get_first_for(self, line, scope=None):
        """The first of these rules that judges a line, or none; see ``_matches``."""
        return next((rule for rule in self if rule._matches(line, scope)), self.browse())

    def _get_all_for(self, line):
        """The rules that judge a line: the one for what it was when it was made, and the one for what it is now."""
        return list(dict.fromkeys(self._get_first_for(line, scope) for scope in dict.fromkeys(line._get_scopes())))

    @api.model
    def _get_by_company(self, companies):
        """Rules of companies in their order: ``{company: rules}``."""
        rules = self.sudo().search([("company_id", "in", companies.ids)])
        return {company: rules.filtered(lambda rule: rule.company_id == company) for company in companies}

    def _get_passed_values(self, lines):
        """Value that passed this rule without approval within the days of its cap, for the caps of these lines.

        Who judges under the rule at the same time waits until this transaction ends. What others let pass is read as
        it is now, rather than as it was when this transaction began.

        :return: ``{product or location id: value}``
        """
        self.ensure_one()
        queries.run(self.env, queries.locks.wait_in_turn(self._table, self.id))
        field = f"{self.cap_scope}_id"
        since = fields.Datetime.now() - timedelta(days=min(self.cap_days, MOST_DAYS))
        domain = [
            ("company_id", "=", self.company_id.id), ("verdict", "=", "within"), ("judge_date", ">=", since),
            ("state", "in", ("counted", "posted")), (field, "in", lines[field].ids), ("id", "not in", lines.ids)]
        passed = {}
        # While modules are loaded nobody else counts, and to others there may be no tables yet.
        with self.pool.cursor() if self.pool.ready else nullcontext(self.env.cr) as cr:
            for env in (api.Environment(cr, SUPERUSER_ID, {}), self.env):
                for line in env["stock.cycle.count.line"].sudo().search_read(domain, [field, "passed_value"]):
                    passed[line["id"]] = (line[field][0], line["passed_value"])
        values = {}
        for place, value in passed.values():
            values[place] = values.get(place, 0) + value
        return values
