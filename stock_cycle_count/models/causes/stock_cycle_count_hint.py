from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang

from ... import queries
from ...tools import anomalies
from ...tools.numbers import whole_percent
from ...tools.words import say_number
from ..constants import LEVEL_GROUPS

KINDS = [
    ("losses", "Repeated losses"),
    ("pair", "Offsetting differences"),
    ("phantom", "Phantom stock"),
    ("odd", "Odd difference"),
    ("rounding", "Rounded counts"),
    ("watch", "Losses on the rise"),
]
#: What somebody may say of a hint; the first means that it was wrong.
DISMISSALS = [
    ("not_so", "It is not so"),
    ("known", "It is known and dealt with"),
    ("small", "It is not worth the work"),
]


class StockCycleCountHint(models.Model):
    """Something in what counts found, or in what did not move, that is too odd to be chance. It is said to people, and does
    nothing by itself. Each kind shows how often it was right: by what was counted after it, or by who answered it.
    """

    _name = "stock.cycle.count.hint"
    _description = "Hint"
    _inherit = [
        "stock.cycle.count.hint.search", "stock.cycle.count.listed.mixin", "stock.cycle.count.protected.mixin"]
    _order = "state desc, value desc, id desc"
    _rec_name = "sentence"
    _rec_names_search = ["product_id"]

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    subject = fields.Char(required=True, readonly=True, help="What it is about, for the next night to know it again.")
    state = fields.Selection(
        [("open", "Open"), ("gone", "No Longer So"), ("dismissed", "Dismissed"), ("cause", "Root Cause Made")],
        required=True, readonly=True, default="open", index=True)
    verdict = fields.Selection([("right", "Was Right"), ("wrong", "Was Wrong")], readonly=True)
    date = fields.Datetime("Since", required=True, readonly=True, default=fields.Datetime.now)
    value = fields.Monetary(readonly=True, help="What it is about is worth so much.")
    facts = fields.Json(readonly=True)
    product_id = fields.Many2one("product.product", readonly=True, ondelete="cascade", index="btree_not_null")
    location_id = fields.Many2one("stock.location", readonly=True, ondelete="cascade")
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True, ondelete="cascade")
    position_id = fields.Many2one(
        "stock.cycle.count.position", readonly=True, ondelete="cascade", index="btree_not_null")
    counter_id = fields.Many2one("res.users", "Counter", readonly=True, ondelete="cascade")
    line_id = fields.Many2one(
        "stock.cycle.count.line", "Count Line", readonly=True, ondelete="cascade", index="btree_not_null")
    line_ids = fields.Many2many("stock.cycle.count.line", string="Count Lines", readonly=True)
    cause_ids = fields.One2many("stock.cycle.count.cause", "hint_id", "Root Causes", readonly=True)
    count_date = fields.Datetime("Count Asked For On", readonly=True)
    dismissal = fields.Selection(DISMISSALS, "Dismissed Because", readonly=True)
    dismissal_note = fields.Char("Note", readonly=True)
    dismissed_by_id = fields.Many2one("res.users", "Dismissed By", readonly=True, ondelete="restrict")
    ended_date = fields.Datetime("Answered On", readonly=True)
    sentence = fields.Text("What Is Odd", compute="_compute_sentence")
    record = fields.Char(
        "How Often Right", compute="_compute_record", help="Hints of this kind that turned out right, in this company.")

    @api.depends("kind", "facts", "value")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for hint in self:
            hint.sentence = getattr(hint, f"_say_{hint.kind}")(hint.facts) if hint.kind else False

    def _compute_record(self):
        """Counted anew, for it changes with other hints."""
        known = {}
        for company, kind, verdict, number in self._read_group(
                [("company_id", "in", self.company_id.ids), ("verdict", "!=", False)],
                ["company_id", "kind", "verdict"], ["__count"]):
            known.setdefault((company, kind), {})[verdict] = number
        for hint in self:
            answers = known.get((hint.company_id, hint.kind), {})
            number = sum(answers.values())
            hint.record = _("was right %(right)s of %(number)s times", right=answers.get("right", 0), number=number) if (
                number >= anomalies.LEAST_ANSWERS) else _("too few to say, %(number)s so far", number=number)

    # Sentences

    def _say_losses(self, facts):
        return _(
            "%(product)s: %(losses)s of %(number)s differences in 12 months are losses, worth %(value)s; of the house's, "
            "%(share)s %%. Is it taken, or never booked out?", product=self.product_id.display_name, losses=facts["losses"],
            number=facts["number"], value=self._say_money(self.value),
            share=whole_percent(facts["share"]))

    def _say_pair(self, facts):
        return _(
            "%(product)s: %(loser)s lost %(quantity)s, %(winner)s gained as many, %(days)s apart. Misplaced?",
            product=self.product_id.display_name, loser=facts["loser"], winner=facts["winner"],
            days=say_number(self.env, facts["days"], _("1 day"), _("%s days")), quantity=self._say_number(facts["quantity"]))

    def _say_phantom(self, facts):
        return _(
            "%(product)s, %(location)s: %(quantity)s by the books, moved on %(moves)s of half a year, and not for "
            "%(days)s. Is it there? Elsewhere 1 in 5 of such hints is right.", product=self.product_id.display_name,
            location=self.location_id.display_name, quantity=self._say_number(facts["quantity"]),
            moves=say_number(self.env, facts["moves"], _("1 day"), _("%s days")),
            days=say_number(self.env, facts["days"], _("1 day"), _("%s days")))

    def _say_odd(self, facts):
        return _(
            "%(product)s, %(location)s: a difference of %(quantity)s, worth %(value)s, is %(times)s usual moves, and among the "
            "largest 1 %% of the year. Was it counted right?", product=self.product_id.display_name,
            location=self.location_id.display_name, quantity=self._say_number(facts["quantity"]),
            value=self._say_money(self.value), times=round(facts["times"]))

    def _say_rounding(self, facts):
        return _(
            "%(person)s: of %(number)s counts of 20 and more, %(rounded)s end with 0 or 5; of the books of the same lines, "
            "%(book)s. Estimated rather than counted?", person=self.counter_id.name, number=facts["number"],
            rounded=facts["rounded"], book=facts["book"])

    def _say_watch(self, facts):
        return _(
            "%(warehouse)s: unexplained losses add up to more than chance in the week from %(day)s: %(value)s; usual are "
            "%(usual)s a week. What changed?", warehouse=self.warehouse_id.name, value=self._say_money(self.value),
            day=format_date(self.env, facts["week"]), usual=self._say_money(facts["usual"]))

    def _say_money(self, value):
        return formatLang(self.env, value, currency_obj=self.currency_id)

    def _say_number(self, number):
        return formatLang(self.env, number, dp="Product Unit of Measure").rstrip("0").rstrip(".,") if (
            number != int(number)) else formatLang(self.env, number, digits=0)

    # Actions

    def action_view_records(self):
        """Open what the hint rests on: count lines, or what is known of a position."""
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        position = self.position_id
        if position:
            return {
                "type": "ir.actions.act_window", "name": position.display_name, "res_model": position._name,
                "res_id": position.id, "views": [[False, "form"]]}
        return {
            "type": "ir.actions.act_window", "name": _("Count Lines"), "res_model": "stock.cycle.count.line",
            "domain": [("id", "in", self.line_ids.ids)], "context": {},
            "views": [[False, "list"], [False, "kanban"], [False, "form"]]}

    def action_count(self):
        """Ask that the places of these hints are counted today.

        :raise AccessError: for those who do not decide on counts
        :raise UserError: for hints that name no place
        """
        hints = self._get_own(_("Only count supervisors and controllers ask for counts."))
        for hint in hints:
            if not hint._get_places():
                raise UserError(_("%(hint)s This names no place that could be counted.", hint=hint.sentence))
        return hints._ask_for_counts()

    def action_open_dismiss(self):
        """Ask why these hints are dismissed."""
        return {
            "type": "ir.actions.act_window", "name": _("Dismiss"), "res_model": "stock.cycle.count.dismiss",
            "view_mode": "form", "views": [[False, "form"]], "target": "new", "context": {"default_hint_ids": self.ids}}

    def action_dismiss(self, dismissal, note=False):
        """Take hints from the list, all of them or none.

        :param dismissal: one of ``DISMISSALS``
        :raise AccessError: for those who do not decide on counts
        :raise UserError: for an unknown reason, and for hints that are not open
        """
        hints = self._get_own(_("Only count supervisors and controllers dismiss hints."))
        if dismissal not in dict(DISMISSALS):
            raise UserError(_("Say why the hint is dismissed."))
        for hint in hints:
            hint._check_open()
        hints.write({
            "state": "dismissed", "dismissal": dismissal, "dismissal_note": note, "dismissed_by_id": self.env.uid,
            "ended_date": fields.Datetime.now()})
        if dismissal == "not_so":
            hints.filtered(lambda hint: not hint.verdict).verdict = "wrong"
        return True

    def action_make_cause(self):
        """Open a new root cause for what the hint is about.

        :raise AccessError: for those who do not decide on counts
        """
        self.ensure_one()
        hint = self._get_own(_("Only count supervisors and controllers own root causes."))
        causes = {"rounding": "data_entry", "watch": "unknown"}
        action = self.env["stock.cycle.count.cause"]._open_new(hint.line_ids if hint.line_id else hint.line_id, {
            "product_id": hint.product_id, "location_id": hint.location_id, "warehouse_id": hint.warehouse_id,
            "root_cause": causes.get(hint.kind, False)})
        action["context"].update(default_hint_id=hint.id, default_company_id=hint.company_id.id, default_name=hint.sentence)
        return action

    # Business

    def _get_own(self, message):
        """These hints, for whoever may answer them.

        :raise AccessError: with the message, or for hints that the user may not read
        """
        self._check_reader(LEVEL_GROUPS[1], message)
        return self.sudo()

    def _check_open(self):
        """:raise UserError: when it was answered already"""
        if self.state != "open":
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(_("%(hint)s This is not open: %(state)s.", hint=self.sentence, state=states[self.state]))

    def _lead_to_cause(self):
        """Somebody changes what these hints are about: they were right, unless a count said otherwise."""
        self.write({"state": "cause", "ended_date": fields.Datetime.now()})
        self.filtered(lambda hint: not hint.verdict).verdict = "right"

    def _lose_cause(self):
        """Nobody changes what these hints are about any more: they stand as before, and counts say again what they were."""
        for hint in self.filtered(lambda hint: hint.state == "cause" and not hint.cause_ids):
            hint.write({
                "state": "dismissed" if hint.dismissal else "open", "verdict": hint.dismissal == "not_so" and "wrong",
                "ended_date": hint.dismissal and hint.ended_date})

    def _get_places(self):
        """Products with the places, archived ones aside, in which they are to be counted: ``{(product, place)}``."""
        places = {(hint.product_id, hint.location_id) for hint in self if hint.product_id and hint.location_id}
        pairs = self.filtered(lambda hint: hint.kind == "pair")
        places |= {(line.product_id, line.location_id) for line in pairs.line_ids}
        losing = self.filtered(lambda hint: hint.kind == "losses").product_id
        positions = self.env["stock.cycle.count.position"].search([
            ("product_id", "in", losing.ids), ("company_id", "in", self.company_id.ids)]) if losing else ()
        places |= {(position.product_id, position.location_id) for position in positions}
        return {(product, place) for product, place in places if place.active}

    def _get_quants(self):
        """What stands in these places; where nothing does, a quant that is not stored."""
        return self.env["stock.quant"].union(*(
            self.env["stock.quant"].new({
                "product_id": product.id, "location_id": location.id, "company_id": self.company_id.id})
            for product, location in self._get_places()))

    @api.model
    def _get_summary(self, company, first, last):
        """What a review keeps of the hints of a company: by kind those that are open, those that a period brought, and how
        often the kind was right. Those about people are nobody's but the controllers'.
        """
        domain = [("company_id", "=", company.id), ("counter_id", "=", False)]
        period = [("date", ">=", first), ("date", "<", last)]
        by_kind = [
            dict(self._read_group([*domain, *more], ["kind"], ["__count"]))
            for more in ([("state", "=", "open")], period, [("verdict", "=", "right")], [("verdict", "=", "wrong")])]
        names = dict(self._fields["kind"]._description_selection(self.env))
        return [
            dict(zip(("kind", "open", "new", "right", "wrong"), (name, *(numbers.get(kind, 0) for numbers in by_kind))))
            for kind, name in names.items() if any(kind in numbers for numbers in by_kind)]

    @api.model
    def _cron_look(self):
        """Look for hints in every company."""
        for company in self.env["res.company"].search([]):
            self.with_context(allowed_company_ids=company.ids).with_company(company)._look(company)

    @api.model
    def _look(self, company):
        """Answer hints of a company by what was counted since, and bring the list up to date with what is odd now.

        :return: what is new
        """
        now = fields.Datetime.now()
        self._settle(company, now)
        quiet = now - timedelta(days=anomalies.QUIET_DAYS)
        # What comes back before anything answered it is told as the same hint: it is right or wrong once. The open one counts.
        known = {(hint.kind, hint.subject): hint for hint in self.search([
            ("company_id", "=", company.id), "|", "|", ("state", "=", "open"), ("ended_date", ">", quiet),
            "&", ("state", "=", "gone"), ("verdict", "=", False)], order="state, id")}
        fresh = []
        for values in self._find_all(company, now):
            hint = known.pop((values["kind"], values["subject"]), None)
            if hint is None:
                fresh.append({**values, "company_id": company.id})
            elif hint.state in ("open", "gone"):
                hint.write({**values, "state": "open"})
        self.browse().union(*(hint for hint in known.values() if hint.state == "open")).write({"state": "gone"})
        return self.create(fresh)

    @api.model
    def _settle(self, company, now):
        """Note which hints turned out right, and which wrong."""
        answers = dict(queries.run(self.env, queries.hints.answers_to(company.id, now)))
        for is_right, verdict in ((True, "right"), (False, "wrong")):
            self.browse(hint_id for hint_id, found in answers.items() if found is is_right).write({"verdict": verdict})
