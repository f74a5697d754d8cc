from datetime import datetime, time

from odoo import api, fields, models

from ..tools import timezones

#: Groups that may change stock, or decide on what changes it.
ROLES = ("stock_cycle_count.group_counter", "stock_cycle_count.group_supervisor", "stock_cycle_count.group_controller",
         "stock_cycle_count.group_approver", "stock_cycle_count.group_decider", "stock_cycle_count.group_auditor",
         "stock.group_stock_user", "stock.group_stock_manager", "base.group_system")


class ResUsers(models.Model):
    _inherit = "res.users"

    cycle_count_warehouse_ids = fields.Many2many(
        "stock.warehouse", "stock_cycle_count_res_users_warehouse_rel", "user_id", "warehouse_id", "Count Warehouses",
        help="As a count supervisor, changes the plans of these warehouses; of all, when none is chosen.")

    def _get_invalidation_fields(self):
        """Rules on plans ask for the warehouses."""
        return super()._get_invalidation_fields() | {"cycle_count_warehouse_ids"}

    def may_read_stock_moves(self):
        """Whether the user may see stock by any role but counter; record rules ask this to keep counts blind."""
        return self.env["stock.move"].with_user(self).check_access_rights("read", raise_exception=False)

    def _comments_counts(self):
        """Whether the user counts or decides, and so may say something on sheets that the user reads."""
        return self.has_group("stock_cycle_count.group_counter") or self.has_group("stock_cycle_count.group_decider")

    def _is_blind_counter(self):
        """Whether the user counts, and sees stock by no other role."""
        return self.has_group("stock_cycle_count.group_counter") and not self.may_read_stock_moves()

    def _get_cycle_count_absences(self, days, zone):
        """On which days these users do not count: all, when they are archived, else those with leave at noon.

        :param zone: time zone of the days
        :return: set of ``(user id, day)``
        """
        noons = {
            day: timezones.to_utc(datetime.combine(day, time(12)), zone) for day in days}
        away = {(user.id, day) for user in self if not user.active for day in noons}
        if not noons:
            return away
        leaves = self.env["resource.calendar.leaves"].sudo().search([
            ("resource_id.user_id", "in", self.ids), ("time_type", "=", "leave"),
            ("date_from", "<=", max(noons.values())), ("date_to", ">=", min(noons.values()))])
        for leave in leaves:
            away |= {
                (leave.resource_id.user_id.id, day)
                for day, noon in noons.items() if leave.date_from <= noon <= leave.date_to}
        return away

    def _is_same_person(self, others):
        """Whether a user is one of some others, or the person behind one of them under a second login: of the same
        contact, or with the same e-mail address.
        """
        self.ensure_one()
        user, others = self.sudo(), others.sudo()
        if user in others or not others:
            return bool(others)
        # Read together, so that both take one query.
        (user | others).partner_id.mapped("email_normalized")
        return user.partner_id in others.partner_id or bool(
            user.email_normalized and user.email_normalized in others.mapped("email_normalized"))

    # Who has which role is in the log

    @api.model
    def _get_count_roles(self):
        """Who has which of the roles that may change or decide on stock: ``{user: names of groups}``."""
        roles = {}
        for name in ROLES:
            group = self.env.ref(name, raise_if_not_found=False)
            for user in group.sudo().users if group else ():
                roles.setdefault(user, set()).add(group.sudo().full_name)
        return roles

    @api.model
    def _log_count_roles(self, before):
        """Log whom the roles were given to, or taken from, since.

        :param before: what ``_get_count_roles`` gave then
        :return: what it gives now
        """
        after = self._get_count_roles()
        for user in {*before, *after}:
            given, taken = (
                ", ".join(sorted(one.get(user, set()) - other.get(user, set())))
                for one, other in ((after, before), (before, after)))
            if (given or taken) and user.exists():
                self.env["stock.cycle.count.audit.log"]._note(
                    "changed: roles", f"{user.name} ({user.login}): given {given or 'none'}; taken {taken or 'none'}",
                    user.company_ids or user.company_id)
        return after

    @api.model
    def _after_role_changes(self, before):
        """Log changes of roles, and let whoever became a counter and nothing else land on the scanner after login.

        :param before: what ``_get_count_roles`` gave then
        """
        after = self._log_count_roles(before)
        scanner = self.env.ref("stock_cycle_count.stock_cycle_count_scanner_action", raise_if_not_found=False)
        if not scanner:
            return
        counter = {self.env.ref(ROLES[0]).sudo().full_name}
        for user in {*before, *after}:
            was, is_counter = before.get(user) == counter, after.get(user) == counter
            if is_counter and not was and not user.sudo().action_id:
                user.sudo().action_id = scanner.id
            elif was and not is_counter and user.exists() and user.sudo().action_id.id == scanner.id:
                user.sudo().action_id = False

    @api.model_create_multi
    def create(self, vals_list):
        before = self._get_count_roles()
        users = super().create(vals_list)
        self._after_role_changes(before)
        return users

    def write(self, vals):
        if not any(name == "groups_id" or name.startswith(("in_group_", "sel_groups_")) for name in vals):
            return super().write(vals)
        before = self._get_count_roles()
        result = super().write(vals)
        self._after_role_changes(before)
        return result
