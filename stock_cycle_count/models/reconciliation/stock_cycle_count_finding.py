from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ... import queries
from ..constants import KEY_FIELDS

#: What the check looks for, in the order of the screen.
KINDS = [
    ("on_hand", "On hand differs from moves"),
    ("crossing", "Moved without a document"),
    ("by_hand", "Transferred by hand"),
    ("edited", "Changed after it was done"),
    ("posted", "Count no longer as posted"),
]


class StockCycleCountFinding(models.Model):
    """A change of stock that nothing explains, as the last check found it.

    It is listed once while it is true, and closes itself when it is true no longer. An explanation holds for its numbers:
    when these change, it is open again. Only the check and the two actions write it.
    """

    _name = "stock.cycle.count.finding"
    _description = "Unexplained Change"
    _order = "state desc, event_date desc, id desc"
    _inherit = ["stock.cycle.count.listed.mixin", "stock.cycle.count.protected.mixin"]
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, "What", required=True, readonly=True)
    subject = fields.Char(required=True, readonly=True, help="What it is about, for the check to know it again.")
    facts = fields.Char(required=True, readonly=True, help="Its numbers, for the check to see whether they change.")
    state = fields.Selection(
        [("open", "Open"), ("explained", "Explained"), ("closed", "Closed")], required=True, readonly=True,
        default="open", index=True)
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict", index=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    location_id = fields.Many2one("stock.location", "Place", readonly=True, ondelete="restrict")
    other_location_id = fields.Many2one("stock.location", "Other Place", readonly=True, ondelete="restrict")
    lot_id = fields.Many2one("stock.lot", "Lot or Serial Number", readonly=True, ondelete="set null", index="btree_not_null")
    package_id = fields.Many2one(
        "stock.quant.package", "Package", readonly=True, ondelete="set null", index="btree_not_null")
    owner_id = fields.Many2one("res.partner", "Owner", readonly=True, ondelete="set null")
    quantity = fields.Float(
        readonly=True, digits="Product Unit of Measure", help="By how much stock changed, or differs; negative: less.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary(readonly=True, help="The quantity at the cost of the day on which it was found.")
    detail = fields.Text("What Was Found", readonly=True)
    reference = fields.Char(readonly=True)
    move_id = fields.Many2one("stock.move", "Stock Move", readonly=True, ondelete="set null", index="btree_not_null")
    count_line_id = fields.Many2one(
        "stock.cycle.count.line", readonly=True, ondelete="set null", index="btree_not_null")
    creator_id = fields.Many2one("res.users", "Made By", readonly=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", "Last Changed By", readonly=True, ondelete="restrict",
        help="As the database has it. Whoever writes past Odoo leaves no name there.")
    event_date = fields.Datetime("When", readonly=True)
    found_date = fields.Datetime("Found On", required=True, readonly=True, default=fields.Datetime.now)
    closed_date = fields.Datetime("Closed On", readonly=True)
    count_date = fields.Datetime("Count Asked For On", readonly=True)
    explanation_ids = fields.One2many("stock.cycle.count.explanation", "finding_id", "Explanations", readonly=True)
    advice = fields.Text("What to Do", compute="_compute_advice")

    def init(self):
        queries.run(self.env, queries.indexes.one_open_finding_per_subject())

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_advice(self):
        advice = {
            "on_hand": _(
                "The books contradict themselves: somebody wrote quantities or moves past Odoo. Count it, so that the "
                "quantity is right; then find out who did it, and explain it."),
            "crossing": _(
                "Stock entered or left without a transfer, an order, a scrap order or a count. Ask who made it for the "
                "document. If there is none, count the place, and explain it."),
            "by_hand": _(
                "An internal transfer by hand took stock in or out. Ask why there was no receipt, delivery, order or "
                "count; then explain it, or count the place."),
            "edited": _(
                "What was done says something else now. Compare it with the papers of that day; then explain it, or "
                "count the place."),
            "posted": _(
                "What a count posted was changed afterwards. Restore the moves, the valuation or the journal entry, or "
                "count it again; then explain it."),
        }
        for finding in self:
            finding.advice = advice.get(finding.kind)

    # Actions

    def action_open_explain(self):
        """Ask for the explanation of these changes."""
        return {
            "type": "ir.actions.act_window", "name": _("Explain"), "res_model": "stock.cycle.count.explain",
            "view_mode": "form", "target": "new", "context": {"default_finding_ids": self.ids}}

    def action_explain(self, note):
        """Explain these changes; all of them or none.

        :param note: the explanation
        :raise AccessError: for whoever is no controller
        :raise UserError: when one was made by this user, or is closed, or without a note
        """
        self._check_reader("stock_cycle_count.group_controller", _("Only controllers explain changes of stock."))
        if not (isinstance(note, str) and note.strip()):
            raise UserError(_("Say why the change is right."))
        findings = self.sudo()
        for finding in findings:
            finding._check_explain()
        self.env["stock.cycle.count.explanation"].sudo().create([
            {"finding_id": finding.id, "user_id": self.env.uid, "note": note.strip(), "quantity": finding.quantity,
             "value": finding.value, "facts": finding.facts} for finding in findings])
        findings.write({"state": "explained"})
        findings.env["stock.cycle.count.reconciliation"]._sync_activities(findings.company_id)
        return True

    def action_count(self):
        """Have these places counted today, as *Request a Count* does.

        :raise AccessError: for whoever is no supervisor
        :raise UserError: for what is closed, or names no place of stock
        """
        self._check_reader("stock_cycle_count.group_decider", _("Only count supervisors ask for counts."))
        findings = self.sudo()
        for finding in findings:
            finding._check_count()
        return findings._ask_for_counts()

    # Business

    def _why_not_explain(self):
        """Why the present user does not explain this change; or False."""
        self.ensure_one()
        if self.state == "closed":
            return _("%(change)s is closed.", change=self.display_name)
        involved = (self.creator_id | self.user_id) - self.env.ref("base.user_root")
        if self.env.user._is_same_person(involved):
            return _(
                "%(change)s: you made or changed it yourself. Somebody else explains it.", change=self.display_name)
        return False

    def _check_explain(self):
        """:raise UserError: when the present user may not explain this change"""
        refusal = self._why_not_explain()
        if refusal:
            raise UserError(refusal)

    def _check_count(self):
        """:raise UserError: when there is nothing to count"""
        self.ensure_one()
        if self.state == "closed":
            raise UserError(_("%(change)s is closed.", change=self.display_name))
        if not self.product_id or self.location_id.usage not in ("internal", "transit") or not self.location_id.active:
            raise UserError(_("%(change)s names no place of stock that could be counted.", change=self.display_name))

    def _get_quants(self):
        """The quants that these changes are about; of a stock key that has none, one that is not stored."""
        stored = self.env["stock.quant"].search([
            ("product_id", "in", self.product_id.ids), ("location_id", "in", self.location_id.ids)])
        by_key = stored.grouped(lambda quant: quant._get_stock_key())
        keys = {tuple(finding[name].id for name in KEY_FIELDS): finding.company_id for finding in self}
        missing = [
            self.env["stock.quant"].new({**dict(zip(KEY_FIELDS, key)), "company_id": company.id})
            for key, company in keys.items() if key not in by_key]
        return stored.browse().union(*(by_key[key] for key in keys if key in by_key), *missing)

    @api.model
    def _update(self, company, found):
        """Bring the list of a company up to date with what a check found.

        :param found: list of values; those of one kind and subject once
        :return: what is new, or open again because its numbers changed
        """
        listed = {
            (finding.kind, finding.subject): finding
            for finding in self.search([("company_id", "=", company.id), ("state", "!=", "closed")])}
        fresh, news = [], self.browse()
        for values in found:
            known = listed.pop((values["kind"], values["subject"]), None)
            if known is None:
                fresh.append({**values, "company_id": company.id})
            elif known.facts != values["facts"]:
                known.write({**values, "state": "open"})
                news |= known
        gone = self.browse().union(*listed.values())
        gone.write({"state": "closed", "closed_date": fields.Datetime.now()})
        return news | self.create(fresh)
