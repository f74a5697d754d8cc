from werkzeug.urls import url_quote_plus

from odoo import _, api, fields, models

from ...tools import presets
from ...tools.words import say_number
from ..constants import LEVEL_GROUPS, STOCK_USAGES

#: So many places or plans are named.
NAMED = 5


class StockCycleCountSetupSentences(models.AbstractModel):
    """What the page says: what passes, who may decide, what no plan covers, and which rights are needed."""

    _name = "stock.cycle.count.setup.sentences"
    _description = "Sentences of the Set-Up of Counting"

    basis_note = fields.Char(compute="_compute_basis_note")
    tolerance_note = fields.Char(compute="_compute_tolerance_note")
    tolerance_test = fields.Char(compute="_compute_tolerance_note")
    approval_note = fields.Char(compute="_compute_approval_note")
    rights_note = fields.Char(compute="_compute_rights_note")
    uncovered_note = fields.Char(compute="_compute_uncovered_note")
    is_planned = fields.Boolean(compute="_compute_is_planned", help="Whether every warehouse has a plan, and none is chosen.")
    scanner_url = fields.Char(compute="_compute_scanner_url")
    scanner_code = fields.Char(compute="_compute_scanner_url", help="Address of the picture with the code of the scanner.")

    def _say_workload(self, positions, year):
        """How much work it is."""
        if not self.warehouse_ids:
            return False
        if not positions:
            return _("Nothing is in stock there yet: enter or receive it, and its first counts follow.")
        return _(
            "Positions to count (a product in a location): %(positions)s. To count each at least as often as its class says "
            "takes %(counts)s a year; the other counts go where most value is likely wrong.",
            positions=positions, counts=say_number(self.env, year, _("1 count"), _("%s counts")))

    @api.depends("warehouse_ids", "basis")
    def _compute_basis_note(self):
        for setup in self:
            idle = setup.warehouse_ids.browse()
            for company, members in setup.warehouse_ids._origin.grouped("company_id").items():
                idle |= setup._prepare_draft_profile(company)._measure_all(members)[1]
            setup.basis_note = _(
                "Nothing was consumed in %(warehouses)s yet, so on-hand value is taken there until something is.",
                warehouses=self._name_some(idle.mapped("name"))) if idle else False

    @api.depends("tolerance", "warehouse_ids")
    def _compute_tolerance_note(self):
        for setup in self:
            company = setup.warehouse_ids._origin.company_id[:1] or self.env.company
            rule = setup._prepare_draft_tolerance(company)
            setup.tolerance_note = rule.passes if rule else _("The tolerances that there are stay as they are.")
            setup.tolerance_test = setup._try_tolerance(company, rule)

    def _prepare_draft_tolerance(self, company):
        """The tolerance of the preset, not saved; none where what there is stays."""
        Tolerance = self.env["stock.cycle.count.tolerance"]
        if self.tolerance not in presets.PRESETS:
            return Tolerance
        return Tolerance.new({
            "name": "-", "company_id": company.id,
            **presets.tolerance_values(self.tolerance, company.currency_id.decimal_places)})

    def _try_tolerance(self, company, rule):
        """What a tolerance would have meant for the past differences of a company, for who may see them."""
        if not rule or not self.env.user.has_group(LEVEL_GROUPS[1]):
            return False
        lines = self.env["stock.cycle.count.line"].search([
            ("company_id", "=", company.id), ("variance_qty", "!=", 0), ("is_opening", "=", False),
            ("count_date", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=365)),
            ("state", "in", ("to_approve", "approved", "rejected", "posted"))])
        if not lines:
            return _("There are no past differences to try it on yet.")
        passed = [
            abs(one.value) for one in self.env["stock.cycle.count.backtest"]._replay(lines, rule._get_limits(), rule)
            if one.kind == "within"]
        return _(
            "Of %(differences)s of the last year %(passed)s would have passed, worth %(value)s.", passed=len(passed),
            differences=say_number(self.env, len(lines), _("1 difference"), _("%s differences")),
            value=company.currency_id.format(sum(passed)))

    @api.depends("approval", "supervisor_ids", "controller_ids")
    def _compute_approval_note(self):
        for setup in self:
            approvers = setup.supervisor_ids | setup.controller_ids
            if setup.approval == "alone":
                setup.approval_note = _(
                    "You may approve what you counted yourself, on one level. Every such decision says so.")
            elif not approvers:
                setup.approval_note = _("Choose at least one person who approves: nobody decides on what they counted.")
            elif setup._has_one_level():
                setup.approval_note = _(
                    "Differences that do not pass wait for %(person)s, on one level: a second level needs a second person. "
                    "Nobody decides on what they counted.", person=approvers.name)
            else:
                setup.approval_note = _(
                    "Differences that do not pass wait for %(people)s. Nobody decides on what they counted.",
                    people=setup._name_some(approvers.mapped("name")))

    def _has_one_level(self):
        """Whether one person approves alone, and the user may say so in the settings: nobody is left for a second level."""
        approvers = self.supervisor_ids._origin | self.controller_ids._origin
        return self.approval == "others" and len(approvers) == 1 and self.env["res.company"].check_access_rights(
            "write", raise_exception=False)

    @api.depends("approval", "supervisor_ids", "controller_ids", "warehouse_ids", "control", "control_date")
    def _compute_rights_note(self):
        for setup in self:
            setup.rights_note = setup._why_not_start() or False

    def _why_not_start(self):
        """What this user may not do of what is chosen, and who may; or False."""
        may_set = self.env["res.company"].check_access_rights("write", raise_exception=False)
        if self._get_setting_changes() and not may_set:
            return _(
                "Self-approval and the control of adjustments are settings of the company, which you may not change. "
                "Ask %(people)s, or leave them as they are.", people=self._name_granters())
        missing = [user.name for users in self._get_missing_roles().values() for user in users]
        if missing and not self.env["res.users"].check_access_rights("write", raise_exception=False):
            return _(
                "%(people)s cannot approve yet, and only who may grant roles can change that: ask %(granters)s, or choose "
                "somebody who has the role.", people=self._name_some(missing), granters=self._name_granters())
        return False

    @api.model
    def _name_granters(self):
        granters = self.env.ref("base.group_erp_manager").sudo().users.filtered(lambda user: not user.share)
        return self._name_some(granters.mapped("name")) or _("an administrator")

    @api.depends("warehouse_ids")
    def _compute_uncovered_note(self):
        for setup in self:
            setup.uncovered_note = setup._say_uncovered() or False

    @api.depends("warehouse_ids")
    def _compute_is_planned(self):
        for setup in self:
            setup.is_planned = not setup.warehouse_ids and not setup._propose_warehouses()

    def _say_uncovered(self):
        """Stock that no plan counts, and plans that count nothing; or nothing."""
        companies = self.warehouse_ids._origin.company_id | self.env.companies
        plans = self.env["stock.cycle.count.plan"].search([("company_id", "in", companies.ids)])
        scopes = plans._get_scopes()
        covered = {location_id for scope in scopes.values() for location_id in scope}
        stocked = self.env["stock.quant"].sudo()._read_group([
            ("location_id.usage", "in", STOCK_USAGES), ("quantity", "!=", 0), ("company_id", "in", companies.ids)],
            ["location_id"])
        found = {location.id for location, in stocked}
        open_places = [
            location.display_name for location, in stocked
            if location.id not in covered and location.warehouse_id not in self.warehouse_ids._origin]
        idle = plans.filtered(lambda plan: not found.intersection(scopes.get(plan.id, ())))
        sentences = []
        if open_places:
            sentences.append(_("Stock that nobody will count: %(places)s.", places=self._name_some(open_places)))
        if idle:
            sentences.append(_("Plans without stock: %(plans)s.", plans=self._name_some(idle.mapped("name"))))
        return " ".join(sentences)

    @api.model
    def _name_some(self, names):
        """The first names of many, and how many more there are."""
        shown = ", ".join(names[:NAMED])
        return shown if len(names) <= NAMED else _("%(names)s and %(number)s more", names=shown, number=len(names) - NAMED)

    def _compute_scanner_url(self):
        for setup in self:
            setup.scanner_url = f"{setup.get_base_url()}/web#action=stock_cycle_count.stock_cycle_count_scanner_action"
            setup.scanner_code = (
                f"/report/barcode/?barcode_type=QR&value={url_quote_plus(setup.scanner_url)}&width=200&height=200")
