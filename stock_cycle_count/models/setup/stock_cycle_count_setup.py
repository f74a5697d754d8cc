from datetime import timedelta

from odoo import Command, _, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ... import queries
from ...tools import presets
from ..constants import COUNTING_STATES

#: Fields of the page that give a role, and the group.
ROLES = {"supervisor_ids": "stock_cycle_count.group_supervisor", "controller_ids": "stock_cycle_count.group_controller"}


class StockCycleCountSetup(models.Model):
    """The set-up of counting on one page: what is chosen, and what *Start* made of it, so that it can be undone.

    Everything is made with the rights of whoever presses *Start*; what they may not do is said, and done by nobody.
    """

    _name = "stock.cycle.count.setup"
    _description = "Set-Up of Counting"
    _inherit = ["stock.cycle.count.protected.mixin", "stock.cycle.count.setup.proposals",
                "stock.cycle.count.setup.sentences", "stock.cycle.count.setup.undo"]
    _order = "id desc"

    state = fields.Selection(
        [("draft", "To Start"), ("done", "Started"), ("undone", "Undone")], required=True, readonly=True, default="draft",
        copy=False)
    warehouse_ids = fields.Many2many(
        "stock.warehouse", string="Warehouses", default=lambda self: self._propose_warehouses(),
        help="Each gets a plan of its own. They may belong to several companies.")
    company_id = fields.Many2one(
        "res.company", "Made In", required=True, readonly=True, default=lambda self: self.env.company)
    company_ids = fields.Many2many("res.company", compute="_compute_company_ids", store=True)
    counter_ids = fields.Many2many(
        "res.users", "stock_cycle_count_setup_counter_rel", string="Who Counts",
        domain=lambda self: [("groups_id", "in", self.env.ref("stock_cycle_count.group_counter").ids)],
        default=lambda self: self._propose_counters(),
        help="Sheets are given to them in turn.")
    approval = fields.Selection(
        [("alone", "Yes: I approve what I counted"), ("others", "No: somebody else approves")], "Are you alone?",
        required=True, default=lambda self: "alone" if self._may_be_alone() else "others")
    supervisor_ids = fields.Many2many(
        "res.users", "stock_cycle_count_setup_supervisor_rel", string="Approve (Supervisors)",
        domain="[('share', '=', False)]", default=lambda self: self._get_people("group_supervisor"),
        help="They plan the day and approve on the first level.")
    controller_ids = fields.Many2many(
        "res.users", "stock_cycle_count_setup_controller_rel", string="Approve Large Ones (Controllers)",
        domain="[('share', '=', False)]", default=lambda self: self._get_people("group_controller"),
        help="They approve large differences on the second level, and keep tolerances and reasons.")
    basis = fields.Selection(
        selection=lambda self: self.env["stock.abc.profile"]._fields["basis"]._description_selection(self.env),
        string="Classes By", required=True, default="consumption_value")
    daily_capacity = fields.Integer(
        "Counts a Day", compute="_compute_daily_capacity", store=True, readonly=False, precompute=True,
        help="In each warehouse: positions (a product in a location) that can be counted on a working day.")
    tolerance = fields.Selection(
        [("strict", "Strict"), ("usual", "Usual"), ("relaxed", "Relaxed"), ("keep", "As it is")], "Small Differences",
        required=True, default=lambda self: self._propose_tolerance())
    control = fields.Selection(
        [("now", "At once: what does not pass waits for approval"),
         ("from", "From a day on: until then adjustments stay free"),
         ("later", "Later: adjustments stay free until it is switched on in the settings")], "Control Adjustments",
        required=True, default=lambda self: self._propose_control())
    control_date = fields.Date(
        "Controlled From", default=lambda self: self._propose_control_date(),
        help="The first day on which what does not pass waits for approval.")
    template_for = fields.Selection(
        selection=lambda self: self.env["stock.cycle.count.plan"]._fields["template_for"]._description_selection(self.env),
        string="The Same For", default="company",
        help="Warehouses that are made later get a plan like the first of their company by themselves. Empty: none does.")

    # What it made
    plan_ids = fields.Many2many("stock.cycle.count.plan", readonly=True, copy=False)
    profile_ids = fields.Many2many("stock.abc.profile", readonly=True, copy=False)
    tolerance_ids = fields.Many2many("stock.cycle.count.tolerance", readonly=True, copy=False)
    before = fields.Text(readonly=True, copy=False, help="What was changed of companies and roles, as JSON.")
    result = fields.Text("What Was Made", readonly=True, copy=False)
    can_count = fields.Boolean(compute="_compute_can_count", help="Whether the user has one of the sheets that were made.")

    _sql_constraints = [
        ("capacity_positive", "CHECK (daily_capacity > 0)", "“Counts a Day” must be at least 1."),
    ]

    @api.depends("create_date")
    def _compute_display_name(self):
        for setup in self:
            setup.display_name = _("Set-up of %(day)s", day=format_date(
                self.env, fields.Datetime.context_timestamp(setup, setup.create_date or fields.Datetime.now())))

    @api.depends("warehouse_ids")
    def _compute_company_ids(self):
        for setup in self:
            setup.company_ids = setup.warehouse_ids.company_id

    @api.depends("warehouse_ids", "basis", "counter_ids")
    def _compute_daily_capacity(self):
        for setup in self:
            setup.daily_capacity = setup._propose_capacity(
                setup.warehouse_ids._origin, setup.basis or "consumption_value", len(setup.counter_ids))

    @api.model
    def _may_be_alone(self):
        """Whether self-approval can be proposed: nobody else is here, and the user may set it or it is set."""
        may_set = self.env["res.company"].check_access_rights("write", raise_exception=False)
        return self._is_alone() and (may_set or all(self.env.companies.mapped("cycle_count_self_approval")))

    @api.model
    def _propose_tolerance(self):
        known = self.env["stock.cycle.count.tolerance"].search_count(
            [("company_id", "in", self.env.companies.ids)], limit=1)
        return "keep" if known else "usual"

    @api.model
    def _propose_control(self):
        companies = self.env.companies
        if not all(companies.mapped("cycle_count_adjustment_control")):
            return "later"
        return "now" if all(company._controls_adjustments() for company in companies) else "from"

    @api.model
    def _propose_control_date(self):
        """The day that is set, else one in a week: until then people learn to count."""
        today = fields.Date.context_today(self)
        return max([day for day in self.env.companies.mapped("cycle_count_control_date") if day and day > today],
                   default=today + timedelta(days=7))

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_open(set(vals))
        return super().create(vals_list)

    def write(self, vals):
        self._check_open(set(vals))
        return super().write(vals)

    def _check_open(self, names):
        """What was started stays as it was: it says what is to be undone.

        :raise UserError: saying so
        """
        if not self.env.su and (
                names & self._get_protected_fields() or self.filtered(lambda setup: setup.state != "draft")):
            raise UserError(_("What a set-up made is not changed by hand. Undo it, or change its plans."))

    # Actions

    def action_start(self):
        """Make profiles, tolerances, plans, classes, the schedule and the first sheets, with the user's own rights.

        :raise UserError: saying what is missing, or which rights are
        """
        self.ensure_one()
        # Two who press at once make one set-up: the second waits here, and starts over.
        queries.run(self.env, queries.locks.lock_rows(self._table, self.ids))
        if self.state != "draft":
            raise UserError(_("It is started already."))
        problem = self._why_incomplete() or self._why_not_start()
        if problem:
            raise UserError(problem)
        before = self._change_settings()
        before["roles"] = self._give_roles()
        tolerances = self._make_tolerances()
        profiles, made = self._make_profiles()
        plans = self._make_plans(profiles)
        sentences = [answer["params"]["message"] for answer in (
            (profiles and made.union(*profiles.values()).action_classify()), plans.action_schedule(),
            plans.action_generate())]
        before["finished"] = self.company_ids.filtered(lambda company: not company.cycle_count_setup_date).ids
        self.company_ids._finish_cycle_count_setup()
        self._note_started(before, plans, made, tolerances, sentences)
        return True

    def action_count(self):
        """Open the scanner, and begin with the first sheet of those that were made that the user counts."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_scanner_action")
        return dict(action, params={"count_id": self._find_own_sheet().id, "start": True})

    def _find_own_sheet(self):
        """The first sheet of those that were made that the user counts."""
        return self.env["stock.cycle.count"].search(
            [("plan_id", "in", self.plan_ids.ids), ("user_id", "=", self.env.uid), ("state", "in", COUNTING_STATES)],
            order="scheduled_date, id", limit=1)

    @api.depends_context("uid")
    def _compute_can_count(self):
        for setup in self:
            setup.can_count = setup.state == "done" and bool(setup._find_own_sheet())

    def action_view_sheets(self):
        """Open the sheets that were made."""
        return self.plan_ids.action_view_counts() if len(self.plan_ids) == 1 else dict(
            self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_action"),
            domain=[("plan_id", "in", self.plan_ids.ids)], context={})

    # Business

    def _why_incomplete(self):
        """What is missing on the page; or False."""
        if not self.warehouse_ids:
            return _("Choose at least one warehouse.")
        planned = self.env["stock.cycle.count.plan"].search(
            [("warehouse_id", "in", self.warehouse_ids.ids), ("location_ids", "=", False)]).warehouse_id
        if planned:
            return _("%(warehouses)s: there is a plan of the whole warehouse already. Take it off the page, or change its plan.",
                     warehouses=self._name_some(planned.mapped("name")))
        for company in self.company_ids:
            if not self._get_counters(company):
                return _("Choose somebody who counts and works for %(company)s.", company=company.name)
            if not self._get_calendar(company):
                return _("%(company)s has no working hours: let somebody enter some first.", company=company.name)
        if self.control == "from" and not self.control_date:
            return _("Say from which day on adjustments are controlled.")
        if self.approval == "others" and not self.supervisor_ids | self.controller_ids:
            return _("Choose at least one person who approves, or say that you are alone.")
        return False

    def _get_counters(self, company):
        """Those who count and work for a company."""
        return self.counter_ids.filtered(lambda user: company in user.company_ids)

    def _get_setting_changes(self):
        """What the page changes of each company: ``{company: values}``."""
        wanted = {}
        if self.approval == "alone":
            wanted.update(cycle_count_self_approval=True, cycle_count_level2=False)
        elif self._has_one_level():
            wanted.update(cycle_count_level2=False)
        changes = {
            company: {
                name: value for name, value in {**wanted, **self._get_control_of(company)}.items() if company[name] != value}
            for company in self.warehouse_ids._origin.company_id}
        return {company: values for company, values in changes.items() if values}

    def _get_control_of(self, company):
        """How the page has adjustments of a company controlled, as values of it."""
        if self.control == "later":
            return {"cycle_count_adjustment_control": False}
        if self.control == "now" and company._controls_adjustments():
            return {}
        return {"cycle_count_adjustment_control": True,
                "cycle_count_control_date": self.control == "from" and self.control_date}

    def _get_missing_roles(self):
        """Who is chosen for a role without having it: ``{name of the group: users}``."""
        if self.approval == "alone":
            return {}
        missing = {
            name: self[field]._origin.filtered(lambda user, name=name: not user.has_group(name)) for field, name in ROLES.items()}
        return {name: users for name, users in missing.items() if users}

    def _change_settings(self):
        """Change the companies, with the user's rights.

        :return: what was there before
        """
        before = {}
        for company, values in self._get_setting_changes().items():
            before[company.id] = {name: company[name] for name in values}
            company.write(values)
        return {"settings": before}

    def _give_roles(self):
        """Give the roles that are missing, with the user's rights.

        :return: ``{id of a user: ids of the groups that came}``
        """
        given = self._get_missing_roles()
        people = self.env["res.users"].union(*given.values())
        before = {user: user.groups_id for user in people}
        for name, users in given.items():
            users.write({"groups_id": [Command.link(self.env.ref(name).id)]})
        return {user.id: (user.groups_id - before[user]).ids for user in people}

    def _make_tolerances(self):
        """A tolerance of the preset for each company."""
        if self.tolerance not in presets.PRESETS:
            return self.env["stock.cycle.count.tolerance"]
        names = dict(self._fields["tolerance"]._description_selection(self.env))
        return self.env["stock.cycle.count.tolerance"].create([
            {"name": names[self.tolerance], "company_id": company.id, "sequence": 100,
             **presets.tolerance_values(self.tolerance, company.currency_id.decimal_places)} for company in self.company_ids])

    def _make_profiles(self):
        """A profile for each company that lacks one for these warehouses.

        :return: ``({company: profile}, those that were made)``
        """
        Profile = self.env["stock.abc.profile"]
        known = Profile.search([("company_id", "in", self.company_ids.ids)])
        result, made = {}, Profile
        for company, members in self.warehouse_ids.grouped("company_id").items():
            fitting = known.filtered(lambda profile, company=company, members=members: (
                profile.company_id == company and profile.basis == self.basis
                and (not profile.warehouse_ids or members <= profile.warehouse_ids)))[:1]
            if not fitting:
                names = dict(self._fields["basis"]._description_selection(self.env))
                fitting = Profile.create({
                    "name": names[self.basis], "company_id": company.id, "basis": self.basis,
                    "class_ids": Profile._default_class_ids(presets.MINIMUMS)})
                made |= fitting
            result[company] = fitting
        return result, made

    def _make_plans(self, profiles):
        """A plan for each warehouse; the first of a company without a template is one for later ones."""
        plans = self.env["stock.cycle.count.plan"].create([
            {"name": warehouse.name, "warehouse_id": warehouse.id, "profile_id": profiles[warehouse.company_id].id,
             "calendar_id": self._get_calendar(warehouse.company_id).id, "daily_capacity": self.daily_capacity,
             "counter_ids": [Command.set(self._get_counters(warehouse.company_id).ids)]}
            for warehouse in self.warehouse_ids])
        for plan in plans:
            # What was drawn at random stays for good, and so would the set-up.
            plan.draws_from = plan._get_today() + timedelta(days=1)
        planned = plans.search([("template_for", "!=", False), ("company_id", "in", self.company_ids.ids)]).company_id
        for company, members in plans.grouped("company_id").items():
            if company not in planned:
                members[0].template_for = self.template_for
        return plans
