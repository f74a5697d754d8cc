from odoo import _, api, fields, models

from ..tools.numbers import shown_percent

#: KPIs that say how things stand, whatever the time that the mail is of.
STANDING = ("kpi_cycle_count_right", "kpi_cycle_count_overdue", "kpi_cycle_count_waiting")


class Digest(models.Model):
    """How right the records are, what is overdue and what waits, in the mail of who may read figures of counting."""

    _inherit = "digest.digest"

    kpi_cycle_count_right = fields.Boolean("Stock Records Right (%)")
    kpi_cycle_count_right_value = fields.Float(compute="_compute_kpi_cycle_count_right_value")
    kpi_cycle_count_overdue = fields.Boolean("Positions Overdue for a Count")
    kpi_cycle_count_overdue_value = fields.Integer(compute="_compute_kpi_cycle_count_overdue_value")
    kpi_cycle_count_waiting = fields.Boolean("Count Differences to Decide")
    kpi_cycle_count_waiting_value = fields.Integer(compute="_compute_kpi_cycle_count_waiting_value")

    def _compute_kpi_cycle_count_right_value(self):
        for digest in self:
            answers, window = digest._get_cycle_count_answers()
            digest.kpi_cycle_count_right_value = shown_percent(answers._get_right(window).value or 0)

    def _compute_kpi_cycle_count_overdue_value(self):
        for digest in self:
            answers, window = digest._get_cycle_count_answers()
            digest.kpi_cycle_count_overdue_value = answers.env["stock.cycle.count.position"].search_count(
                answers._get_overdue_domain(window))

    def _compute_kpi_cycle_count_waiting_value(self):
        for digest in self:
            answers, window = digest._get_cycle_count_answers()
            digest.kpi_cycle_count_waiting_value = answers.env["stock.cycle.count.line"].search_count(
                answers._get_waiting_domain(window))

    def _get_cycle_count_answers(self):
        """The answers in the company of the digest, else of the reader, and the days that they are asked of.

        :raise AccessError: for who may not read figures of counting there; the mail then leaves them out
        """
        company = self.company_id or self.env.company
        answers = self.env["stock.cycle.count.answers"].with_context(allowed_company_ids=company.ids)
        return answers, answers._get_window({})

    def _compute_kpis(self, company, user):
        kpis = []
        for kpi in super()._compute_kpis(company, user):
            if kpi["kpi_name"] in STANDING:
                column = kpi["kpi_col1"]
                # Without random counts nothing is known; a house that is wrong throughout does not exist.
                if kpi["kpi_name"] == "kpi_cycle_count_right" and not float(column["value"]):
                    continue
                kpi.update(kpi_col1=dict(column, margin=0, col_subtitle=self._name_cycle_count_time(kpi["kpi_name"])),
                           kpi_col2={}, kpi_col3={})
            kpis.append(kpi)
        return kpis

    @api.model
    def _name_cycle_count_time(self, name):
        return _("Last 90 Days") if name == "kpi_cycle_count_right" else _("Now")

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("stock_cycle_count.stock_cycle_count_menu_root").id
        return {
            **super()._compute_kpis_actions(company, user),
            **{name: f"stock_cycle_count.stock_cycle_count_{action}&menu_id={menu}" for name, action in zip(
                STANDING, ("today_action", "today_action", "line_action_approve"))},
        }
