import time

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ... import queries


class StockCycleCountReconciliation(models.Model):
    """The nightly check of a company: does all that changed its stock have an explanation?"""

    _name = "stock.cycle.count.reconciliation"
    _description = "Stock Reconciliation"
    _inherit = ["stock.cycle.count.cron.mixin", "stock.cycle.count.reconciliation.checks", "stock.cycle.count.comments.mixin",
                "mail.thread", "mail.activity.mixin"]
    _rec_name = "company_id"
    _order = "company_id"

    active = fields.Boolean(default=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    since_date = fields.Datetime(
        "Documents Wanted Since", required=True, readonly=True, default=fields.Datetime.now, tracking=True,
        help="Moves that were made and done before need no document. Controllers can set it back, not forward.")
    last_run_date = fields.Datetime("Last Check", readonly=True, copy=False)
    last_duration = fields.Float("Seconds", readonly=True, copy=False)
    open_count = fields.Integer("Open", compute="_compute_counts")
    explained_count = fields.Integer("Explained", compute="_compute_counts")

    _sql_constraints = [("company_unique", "UNIQUE (company_id)", "A company has one check.")]

    @api.depends_context("uid")
    def _compute_counts(self):
        counts = {
            (company.id, state): number for company, state, number in self.env["stock.cycle.count.finding"]._read_group(
                [("company_id", "in", self.company_id.ids)], ["company_id", "state"], ["__count"])}
        for check in self:
            check.open_count = counts.get((check.company_id.id, "open"), 0)
            check.explained_count = counts.get((check.company_id.id, "explained"), 0)

    def write(self, vals):
        if not self.env.su and set(vals) - {"since_date"}:
            raise AccessError(_("Of a check only the day from which on documents are wanted can be changed."))
        if "since_date" in vals:
            moment = fields.Datetime.to_datetime(vals["since_date"])
            if not moment or any(moment > check.since_date for check in self):
                raise UserError(_("The day from which on documents are wanted can be set back only."))
        return super().write(vals)

    # Actions

    def action_reconcile(self):
        """Check now.

        :raise AccessError: for whoever is no controller
        """
        if self.env.uid == SUPERUSER_ID or not self.env.user.has_group("stock_cycle_count.group_controller"):
            raise AccessError(_("Only controllers start the check; it runs every night."))
        self.check_access_rights("read")
        self.check_access_rule("read")
        for check in self.sudo():
            check.with_company(check.company_id)._reconcile()
        return self.action_view_findings()

    def action_view_findings(self):
        """Open what was found."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_finding_action")
        return dict(action, domain=[("company_id", "in", self.company_id.ids)])

    # Work

    @api.model
    def _ensure_companies(self):
        """Give every company its check. One that came later wants documents from its first day on."""
        known = self.with_context(active_test=False).search([])
        missing = self.env["res.company"].search([("id", "not in", known.company_id.ids)])
        self.create([
            {"company_id": company.id, "since_date": company.create_date if known else fields.Datetime.now()}
            for company in missing])

    @api.model
    def _cron_reconcile(self):
        """Check every company that was not checked today."""
        self._ensure_companies()
        self._commit_progress()
        self._run_pending("_reconcile", "last_run_date")

    def _reconcile(self):
        """Check one company and tell its controllers what is new."""
        self.ensure_one()
        start = time.monotonic()
        self._begin_job()
        queries.run(self.env, queries.locks.with_memory())
        news = self.env["stock.cycle.count.finding"]._update(self.company_id, self._find_all())
        self._sync_activities(self.company_id, news)
        self.write({"last_run_date": fields.Datetime.now(), "last_duration": time.monotonic() - start})

    @api.model
    def _sync_activities(self, companies, news=None):
        """Give the controllers of companies an activity for what is new, and take it from them when nothing is open."""
        checks = self.search([("company_id", "in", companies.ids)])
        for check in checks:
            if not check.open_count:
                check.activity_unlink(["stock_cycle_count.mail_activity_explain"])
            elif news:
                check.activity_unlink(["stock_cycle_count.mail_activity_explain"])
                controllers = self.env.ref("stock_cycle_count.group_controller").users.filtered(
                    lambda user: user.active and check.company_id in user.company_ids and user.id != SUPERUSER_ID)
                for user in controllers:
                    check.with_context(mail_activity_quick_update=True).activity_schedule(
                        "stock_cycle_count.mail_activity_explain", user_id=user.id,
                        summary=_("Unexplained changes of stock: %(new)s new, %(open)s open", new=len(news),
                                  open=check.open_count))
