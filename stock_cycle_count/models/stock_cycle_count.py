from odoo import _, api, fields, models
from odoo.exceptions import UserError

#: Which state may follow which; ``_transition`` is the only way from one to the next.
TRANSITIONS = {
    "draft": ("in_progress", "cancel"),
    "in_progress": ("review", "cancel"),
    "review": ("in_progress", "done", "cancel"),
    "done": (),
    "cancel": (),
}


class StockCycleCount(models.Model):
    """A count sheet: stock keys for one counter on one day.

    Plans make sheets; supervisors may make, reassign and cancel them; counters see their own.
    """

    _name = "stock.cycle.count"
    _description = "Count Sheet"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "scheduled_date, id"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, index="trigram", default=lambda self: _("New"))
    plan_id = fields.Many2one("stock.cycle.count.plan", readonly=True, ondelete="restrict", index=True)
    origin = fields.Selection(
        [("plan", "Plan"), ("manual", "Made by hand")], required=True, readonly=True, default="manual")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company)
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True, index=True)
    user_id = fields.Many2one("res.users", "Counter", tracking=True, index=True)
    scheduled_date = fields.Date(required=True, default=fields.Date.context_today, tracking=True, index=True)
    blind = fields.Boolean("Blind Count", default=True, tracking=True)
    state = fields.Selection(
        [("draft", "To Count"), ("in_progress", "Counting"), ("review", "Counted"), ("done", "Done"),
         ("cancel", "Cancelled")],
        required=True, readonly=True, copy=False, default="draft", tracking=True, index=True)
    line_ids = fields.One2many("stock.cycle.count.line", "count_id", "Lines")
    line_count = fields.Integer("Lines Count", compute="_compute_line_count", store=True)
    location_summary = fields.Char("Where", compute="_compute_location_summary")

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(self.env["stock.cycle.count.line"]._read_group(
            [("count_id", "in", self.ids)], ["count_id"], ["__count"]))
        for count in self:
            count.line_count = counts.get(count, 0)

    def _compute_location_summary(self):
        """First and last location in walking order."""
        for count in self:
            locations = count.line_ids.sorted("sequence").location_id
            names = [locations[0].display_name, locations[-1].display_name] if len(locations) > 1 else (
                locations.mapped("display_name"))
            count.location_summary = " … ".join(names)

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("name") or vals["name"] == _("New"):
                vals["name"] = self.env["ir.sequence"].next_by_code("stock.cycle.count")
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        started = self.filtered(lambda count: count.state not in ("draft", "cancel"))
        if started:
            raise UserError(_(
                "Count sheet %(name)s has been started and is evidence. Cancel it instead.", name=started[0].name))

    # Actions

    def action_cancel(self):
        """Cancel sheets; their positions are due again at the next schedule."""
        self._transition("cancel")
        self.line_ids._cancel()

    # Business

    def _transition(self, to):
        """Move sheets to a state.

        :raise UserError: when the state cannot follow the present one
        """
        names = dict(self._fields["state"]._description_selection(self.env))
        for count in self:
            if to not in TRANSITIONS[count.state]:
                raise UserError(_(
                    "Count sheet %(name)s is “%(state)s” and cannot become “%(to)s”.",
                    name=count.name, state=names[count.state], to=names[to]))
        self.write({"state": to})
