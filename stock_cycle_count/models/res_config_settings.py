from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cycle_count_adjustment_control = fields.Boolean(related="company_id.cycle_count_adjustment_control", readonly=False)
    cycle_count_control_date = fields.Date(related="company_id.cycle_count_control_date", readonly=False)
    cycle_count_manual_moves = fields.Selection(related="company_id.cycle_count_manual_moves", readonly=False)
    cycle_count_border_moves = fields.Selection(related="company_id.cycle_count_border_moves", readonly=False)
    cycle_count_scrap_orders = fields.Selection(related="company_id.cycle_count_scrap_orders", readonly=False)
    cycle_count_reason_policy = fields.Selection(related="company_id.cycle_count_reason_policy", readonly=False)
    cycle_count_self_approval = fields.Boolean(related="company_id.cycle_count_self_approval", readonly=False)
    cycle_count_post_approved = fields.Boolean(related="company_id.cycle_count_post_approved", readonly=False)
    cycle_count_ad_hoc = fields.Boolean(related="company_id.cycle_count_ad_hoc", readonly=False)
    cycle_count_activities = fields.Boolean(related="company_id.cycle_count_activities", readonly=False)
    cycle_count_daily_mail = fields.Boolean(related="company_id.cycle_count_daily_mail", readonly=False)
    cycle_count_level2 = fields.Boolean(related="company_id.cycle_count_level2", readonly=False)
    cycle_count_level2_value = fields.Monetary(
        related="company_id.cycle_count_level2_value", readonly=False, currency_field="company_currency_id")
    cycle_count_evidence = fields.Boolean(related="company_id.cycle_count_evidence", readonly=False)
    cycle_count_evidence_value = fields.Monetary(
        related="company_id.cycle_count_evidence_value", readonly=False, currency_field="company_currency_id")
    cycle_count_entry_per_sheet = fields.Boolean(related="company_id.cycle_count_entry_per_sheet", readonly=False)
    cycle_count_has_valuation = fields.Boolean(compute="_compute_cycle_count_has_valuation")
    cycle_count_figures_by_person = fields.Boolean(related="company_id.cycle_count_figures_by_person", readonly=False)
    cycle_count_evidence_small = fields.Boolean(related="company_id.cycle_count_evidence_small", readonly=False)
    cycle_count_escalation_days = fields.Integer(
        related="company_id.cycle_count_escalation_days", readonly=False)
    cycle_count_bin_share = fields.Integer(related="company_id.cycle_count_bin_share", readonly=False)
    cycle_count_sampling_limit = fields.Float(related="company_id.cycle_count_sampling_limit", readonly=False)
    cycle_count_deviation_limit = fields.Float(related="company_id.cycle_count_deviation_limit", readonly=False)
    cycle_count_setup_date = fields.Datetime(related="company_id.cycle_count_setup_date")
    cycle_count_setup_user_id = fields.Many2one(related="company_id.cycle_count_setup_user_id")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")

    @api.depends("company_id")
    def _compute_cycle_count_has_valuation(self):
        self.cycle_count_has_valuation = "stock.valuation.layer" in self.env
