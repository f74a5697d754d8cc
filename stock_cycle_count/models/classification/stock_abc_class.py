from odoo import api, fields, models

from ...tools import due


class StockAbcClass(models.Model):
    """One class of a profile: up to which cumulative share, and how often it is counted."""

    _name = "stock.abc.class"
    _description = "ABC Class"
    _order = "profile_id, cumulative_share, id"

    name = fields.Char(required=True)
    profile_id = fields.Many2one("stock.abc.profile", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    cumulative_share = fields.Float(
        "Cumulative share (%)", required=True, digits=(16, 4),
        help="The class holds the products up to this share of the metric, counted from the largest. The product "
             "that crosses the boundary belongs to this class. The last class has 100.")
    counts_per_year = fields.Float(
        required=True, default=1, digits=(16, 2),
        help="Plans that count by class count it so often; those that count by class and risk, at least so often.")
    interval_days = fields.Integer(
        "Interval (days)", compute="_compute_interval_days", store=True,
        help="Longest distance between two counts.")
    hit_tolerance = fields.Float(
        "Hit tolerance (%)", digits=(16, 4),
        help="A first count that differs by no more than this percentage is a hit in accuracy figures. It does not "
             "decide on approval.")

    _sql_constraints = [
        ("name_unique", "UNIQUE (profile_id, name)", "Two classes of one profile cannot have the same name."),
        ("share_range", "CHECK (cumulative_share > 0 AND cumulative_share <= 100)",
         "“Cumulative share (%)” must be above 0 and at most 100."),
        ("counts_positive", "CHECK (counts_per_year > 0)", "“Counts per year” must be above 0."),
        ("hit_positive", "CHECK (hit_tolerance >= 0)", "“Hit tolerance (%)” cannot be negative."),
    ]

    @api.depends("counts_per_year")
    def _compute_interval_days(self):
        for abc_class in self:
            abc_class.interval_days = (
                due.interval_days(abc_class.counts_per_year) if abc_class.counts_per_year > 0 else 0)

    @api.depends("name", "profile_id.name")
    @api.depends_context("abc_class_with_profile")
    def _compute_display_name(self):
        with_profile = self.env.context.get("abc_class_with_profile")
        for abc_class in self:
            abc_class.display_name = (
                f"{abc_class.name} ({abc_class.profile_id.name})" if with_profile else abc_class.name)

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        classes = super().create(vals_list)
        classes.profile_id._check_classes_at_commit()
        return classes

    def write(self, vals):
        result = super().write(vals)
        if "cumulative_share" in vals or "profile_id" in vals:
            self.profile_id._check_classes_at_commit()
        return result

    def unlink(self):
        profiles = self.profile_id
        result = super().unlink()
        profiles._check_classes_at_commit()
        return result
