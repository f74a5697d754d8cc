import hashlib
import json
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ... import queries
from ...tools import notifications, spreadsheets, timezones
from ..constants import LEVEL_GROUPS
from .figure import RESULT
from .stock_cycle_count_answers import WINDOWS

#: What is kept of a tile of the page Today.
TILE = ("name", "title", "text", "sentence", "state", "count", "definition")
#: Rules in force that are kept, by model.
RULES = {
    "stock.cycle.count.plan": (
        "name", "daily_capacity", "control_target", "grace_days", "blind", "recount_rounds", "lock_mode", "uncounted_policy"),
    "stock.abc.class": ("name", "cumulative_share", "counts_per_year", "hit_tolerance"),
    "stock.cycle.count.tolerance": ("name", "passes"),
    "stock.cycle.count.reason": ("code", "name", "direction", "root_cause"),
}
#: So many misses and changes are listed; the rest is counted.
LISTED = 200


class StockCycleCountReviewDocument(models.Model):
    """What is known of a warehouse at the end of a month, as it was known then: figures, random draws, decisions, rules and
    their changes, adjustments. Rows are added, never changed; the paper is printed from what is kept, and so stays the same.
    """

    _name = "stock.cycle.count.review.document"
    _description = "Count Review"
    _order = "date_to desc, id desc"
    _inherit = [
        "stock.cycle.count.made.mixin", "stock.cycle.count.append.only.mixin", "stock.cycle.count.review.start"]
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", index=True)
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="restrict", index=True)
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True)
    date = fields.Datetime("Made On", required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Made By", required=True, ondelete="restrict")
    content = fields.Text(required=True, help="All that the paper says, as JSON.")
    content_hash = fields.Char("Hash", required=True, help="SHA-256 of the content.")
    page = fields.Html(compute="_compute_page", sanitize=False)

    @api.depends("warehouse_id", "date_from", "date_to")
    def _compute_display_name(self):
        for review in self:
            review.display_name = _(
                "%(warehouse)s, %(first)s to %(last)s", warehouse=review.warehouse_id.sudo().name,
                first=format_date(self.env, review.date_from), last=format_date(self.env, review.date_to))

    @api.depends("content")
    def _compute_page(self):
        """The paper, to be read on the screen."""
        for review in self:
            review.page = review.content and self.env["ir.qweb"]._render(
                "stock_cycle_count.count_review_page", {"known": review._get_report_content()})

    # Actions

    @api.model
    def action_make(self):
        """Review the last whole month of each warehouse of the companies that has a plan; again, it adds another row.

        :return: an action that shows the reviews
        :raise AccessError: for those who do not decide on counts
        """
        self._check_maker()
        made = self.browse().union(*(
            self._make_reviews(self._get_reviewed(company), *self._get_month(company)) for company in self.env.companies))
        return made._show(_("No warehouse of these companies has a plan: there is nothing to review."))

    def _check_maker(self):
        """:raise AccessError: for those who do not decide on counts"""
        if not self.env.user.has_group(LEVEL_GROUPS[1]):
            raise AccessError(_(
                "Reviews are made by count supervisors and controllers, and by themselves when their time is over."))

    def _show(self, nothing):
        """An action that shows these reviews, or says why there are none.

        :param nothing: the sentence for that
        """
        if not self:
            return notifications.warning(nothing)
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_review_document_action")
        return dict(action, domain=[("id", "in", self.ids)])

    def action_verify(self):
        """Say whether the content is still what was kept.

        :raise AccessError: for those who may not read these reviews
        """
        self.check_access_rights("read")
        self.check_access_rule("read")
        wrong = self.filtered(lambda review: review._hash(review.content) != review.content_hash)
        if wrong:
            return notifications.warning(
                ", ".join(wrong.mapped("display_name")), _("The content is not the one whose hash was kept"))
        return notifications.done(_("The content is the one whose hash was kept."))

    @api.model
    def _cron_make(self):
        """Review the month that has ended, once for each warehouse."""
        for company in self.env["res.company"].search([]):
            own = self.with_context(allowed_company_ids=company.ids)
            first, last = own._get_month(company)
            # Where it was the next month already, somebody may have made one before this month had ended.
            done = own.search([
                ("company_id", "=", company.id), ("kind", "=", "month"), ("date_from", "=", first),
                ("date", ">=", self._get_moment(company, last + timedelta(days=1)))]).warehouse_id
            own._make_reviews(own._get_reviewed(company) - done, first, last)

    # Business

    @api.model
    def _get_month(self, company):
        """First and last day of the last whole month where a company works."""
        first = fields.Date.start_of(company._get_cycle_count_today(), "month") - relativedelta(months=1)
        return first, fields.Date.end_of(first, "month")

    @api.model
    def _get_moment(self, company, day):
        """When a day of a company begins, as the database tells the time."""
        return timezones.to_utc(datetime.combine(day, time.min), company._get_cycle_count_zone())

    @api.model
    def _get_reviewed(self, companies):
        """Warehouses of companies that have a plan."""
        return self.env["stock.cycle.count.plan"].search([("company_id", "in", companies.ids)]).warehouse_id

    @api.model
    def _make_reviews(self, warehouses, first, last, kind="month"):
        """Reviews of warehouses and a period."""
        rows, statements = [], {}
        for warehouse in warehouses:
            company = warehouse.company_id
            own = self.with_context(allowed_company_ids=company.ids, tz=company._get_cycle_count_zone().zone)
            if company not in statements:
                statements[company] = own._get_statements(company, last)
            known = dict(own._get_content(warehouse, first, last), statement=statements[company].get(
                spreadsheets.as_text(warehouse.code)))
            if kind == "start":
                known["start"] = own._get_start_content(warehouse, first, last)
            content = json.dumps(known, sort_keys=True, ensure_ascii=False, default=str, indent=1)
            rows.append({
                "kind": kind, "company_id": company.id, "warehouse_id": warehouse.id, "date_from": first, "date_to": last,
                "user_id": self.env.uid, "content": content, "content_hash": self._hash(content)})
        return self._make(rows) if rows else self.browse()

    @api.model
    def _hash(self, content):
        return hashlib.sha256(content.encode()).hexdigest()

    def _get_report_content(self):
        """What the paper says."""
        return json.loads(self.content)

    def _get_content(self, warehouse, first, last):
        """What is known now of a warehouse and of a period."""
        pages = {days: self.env["stock.cycle.count.answers"].get_page({"days": days, "warehouse_ids": warehouse.ids})
                 for days in WINDOWS}
        begin, end = (self._get_moment(warehouse.company_id, day) for day in (first, last + timedelta(days=1)))
        moments = [("date", ">=", begin), ("date", "<", end), ("company_id", "=", warehouse.company_id.id)]
        return {
            "company": warehouse.company_id.name, "warehouse": warehouse.name, "from": first, "to": last,
            "as_of": fields.Datetime.now(), "currency": warehouse.company_id.currency_id.name,
            "figures": {str(days): [{name: tile.get(name) for name in TILE} for tile in page["tiles"]]
                        for days, page in pages.items()},
            "scrapped": {str(days): self.env["stock.cycle.count.answers"]._say_scrapped(
                {"days": days, "warehouse_ids": warehouse.ids}) for days in WINDOWS},
            "sample": self._get_sample(warehouse, first, last),
            "causes": self.env["stock.cycle.count.cause"]._get_summary(warehouse, first, last),
            "hints": self.env["stock.cycle.count.hint"]._get_summary(warehouse.company_id, begin, end),
            "decisions": self._get_decisions(moments),
            "rules": self._get_rules(warehouse),
            "changes": self._get_changes(moments),
            "adjustments": self._get_adjustments(warehouse.company_id, first, last),
        }

    def _get_sample(self, warehouse, first, last):
        """Random draws of a period, whether they hold, and what was wrong."""
        draws = self.env["stock.cycle.count.draw"].search([
            ("warehouse_id", "=", warehouse.id), ("day", ">=", first), ("day", "<=", last)], order="day, id")
        wrong = draws._verify() if draws else {}
        kinds = dict(draws._fields["kind"]._description_selection(self.env))
        misses = self.env[RESULT].search([
            ("draw_id", "in", draws.ids), ("is_answered", "=", True), "|", "&", ("is_control", "=", True), ("hit", "<", 100),
            "&", ("is_bin", "=", True), ("exact", "<", 100)]).line_id
        return {
            "draws": [{
                "day": draw.day, "plan": draw.plan_id.name, "kind": kinds[draw.kind], "number": draw.number,
                "frame": draw.frame_size,
                "answered": draw.answered_count, "unanswered": draw.unanswered_count, "seed": draw.seed or "",
                "threshold": draw.threshold_hash, "differs": " ".join(wrong.get(draw, []))} for draw in draws],
            "misses": [{
                "sheet": line.count_id.name, "what": line.display_name, "expected": line.expected_qty,
                "counted": line.counted_qty, "value": line.variance_value, "reason": line.reason_id.name or "",
                "state": dict(line._fields["state"]._description_selection(self.env))[line.state],
            } for line in misses[:LISTED]],
            "misses_in_all": len(misses),
        }

    def _get_decisions(self, moments):
        """Decisions of a company in a period, by level, and how many were of whoever counted."""
        names = dict(self.env["stock.cycle.count.approval"]._fields["decision"]._description_selection(self.env))
        return [{"level": level, "decision": names[decision], "waived": waived, "number": number}
                for level, decision, waived, number in self.env["stock.cycle.count.approval"]._read_group(
                    moments, ["level", "decision", "self_approval"], ["__count"])]

    def _get_rules(self, warehouse):
        """Rules in force now."""
        rules = {}
        for name, names in RULES.items():
            Model = self.env[name]
            domain = [("company_id", "in", (warehouse.company_id.id, False))]
            if "warehouse_id" in Model._fields:
                domain.append(("warehouse_id", "=", warehouse.id))
            labels = Model.fields_get(names, ["string"])
            rules[Model._description] = [
                {labels[one]["string"]: row[one] for one in names} for row in Model.search(domain).read(names)]
        return rules

    def _get_changes(self, moments):
        """Changes of rules, roles and settings of a company in a period, and what was refused."""
        log = self.env["stock.cycle.count.audit.log"].sudo().search(moments, order="id")
        return {"number": len(log), "rows": [
            {"date": row.date, "user": row.user_name, "how": row.attempt, "what": row.detail or ""} for row in log[:LISTED]]}

    def _get_pack(self, company, first, last):
        """A company and a period, as an audit pack asks for them."""
        return self.env["stock.cycle.count.audit.pack"].sudo().new(
            {"company_id": company.id, "date_from": first, "date_to": last})

    def _get_statements(self, company, last):
        """Statements on the year to a day, by code of the warehouse, as they are kept."""
        pack = self._get_pack(company, last - relativedelta(years=1, days=-1), last)
        Statement = self.env["stock.cycle.count.statement"].sudo()
        unplanned = Statement._get_unplanned(pack)
        return {
            code: {"from": pack.date_from, "to": last, "sentences": Statement._say(pack, code, said, unplanned),
                   "figures": Statement._list(pack, code, said)}
            for code, said in Statement._get_statements(pack).items()}

    def _get_adjustments(self, company, first, last):
        """What was posted of a company's counts of a period, and what stock moves, layers and journal entries leave of it."""
        pack = self._get_pack(company, first, last)
        self.env.flush_all()
        rows = queries.run(self.env, queries.audit_pack.reconciliation(pack))
        value = sum(row[5] or 0 for row in rows)
        rests = [sum(abs(row[index] or 0) for row in rows) for index in (4, 7, 11)]
        opened = self.env["stock.cycle.count.finding"].search_count([("company_id", "=", company.id), ("state", "=", "open")])
        digits = company.currency_id.decimal_places
        return {
            "number": len(rows), "value": f"{value:.{digits}f}", "quantity_rest": f"{float(rests[0]):g}",
            "layer_rest": f"{rests[1]:.{digits}f}", "entry_rest": f"{rests[2]:.{digits}f}", "unexplained": opened}
