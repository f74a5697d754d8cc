from collections import Counter, defaultdict
from typing import Any, NamedTuple

import pytz

from odoo import SUPERUSER_ID, _, api, fields, models

from ...tools import asking
from ..constants import LEVEL_GROUPS


class Board(NamedTuple):
    """Who may be asked, read once for many lines: users with the role of each level, and the rules of each company; ids of
    those who are away today, of those who are asked by sheet, and how many sheets each is asked about.
    """

    users: "dict[int, Any]"
    rules: "dict[Any, Any]"
    away: "set[int]"
    held: "dict[int, set[int]]"
    load: "Counter[int]"


class StockCycleCountAsking(models.AbstractModel):
    """Who is asked to decide on a sheet, and reminded: one person first, more as days go by, and where nobody may decide,
    whoever can give somebody the role.
    """

    _name = "stock.cycle.count.asking"
    _description = "Asking for Decisions on a Count Sheet"

    @api.model
    def _get_board(self, companies):
        """Who may be asked in these companies."""
        users = {
            level: self.env.ref(group).sudo().users.filtered(lambda user: user.active and user.id != SUPERUSER_ID)
            for level, group in LEVEL_GROUPS.items()}
        everybody = users[1] | users[2]
        today = fields.Date.today()
        rules = self.env["stock.cycle.count.approver"].sudo().search([("company_id", "in", companies.ids)])
        held, load = defaultdict(set), Counter()
        for user, count_id in self.env["mail.activity"].sudo()._read_group(
                [("user_id", "in", everybody.ids), self._get_approval_kind_leaf()], ["user_id", "res_id"]):
            held[count_id].add(user.id)
            load[user.id] += 1
        return Board(
            users, rules.grouped("company_id"),
            {user_id for user_id, _day in everybody._get_cycle_count_absences([today], pytz.utc)}, held, load)

    @api.model
    def _get_approval_kind_leaf(self):
        return ("activity_type_id", "=", self.env.ref("stock_cycle_count.mail_activity_approve").id)

    def _get_approvers(self, level, lines, board=None):
        """Users who may decide on lines of a company on a level, in the order in which they are asked.

        :param board: see ``_get_board``, for many lines
        """
        company = self.company_id
        board = board or self._get_board(company)
        involved = lines._get_counters() | lines._get_valid_approvals().user_id
        users = board.users[level].filtered(lambda user: company in user.company_ids)
        if not company.cycle_count_self_approval:
            users = users.filtered(lambda user: not user._is_same_person(involved))
        rules = board.rules.get(company, self.env["stock.cycle.count.approver"])
        named = [
            set(rule.user_ids.ids) for rule in rules
            if int(rule.level) == level and lines and all(rule._matches(line) for line in lines.sudo())]
        spared = set(board.users[2].ids) if level == 1 else ()
        return users.browse(asking.order(
            users.ids, named, board.away, spared, board.held.get(self.id, ()), board.load))

    def _get_supervisors(self, lines):
        """Supervisors whom to ask about lines of a company, in the order in which they are asked."""
        approvers = self._get_approvers(1, lines)
        return approvers.filtered(lambda user: user.has_group("stock_cycle_count.group_supervisor"))

    def _sync_approval_activities(self):
        """Give those who are asked an activity on each of these sheets, and take it from others. What stays is not made
        anew, and no mail is sent for each.
        """
        if not self:
            return
        kind = self.env.ref("stock_cycle_count.mail_activity_approve")
        # Not the counter's: whoever made an activity may read and delete it.
        activities = self.env["mail.activity"].with_user(SUPERUSER_ID).with_context(mail_activity_quick_update=True)
        present = activities.search([
            ("res_model", "=", "stock.cycle.count"), ("res_id", "in", self.ids), self._get_approval_kind_leaf()])
        summaries = self.sudo()._get_wanted_approvals()
        kept = {}
        for activity in present:
            kept.setdefault((activity.res_id, activity.user_id.id), activity)
        present.filtered(lambda activity: (activity.res_id, activity.user_id.id) not in summaries or kept[
            activity.res_id, activity.user_id.id] != activity).unlink()
        for key, summary in summaries.items():
            if key in kept and kept[key].summary != summary:
                kept[key].summary = summary
        model_id = self.env["ir.model"]._get_id("stock.cycle.count")
        names = {count.id: count.name for count in self.sudo()}
        made = activities.create([
            {"res_model_id": model_id, "res_id": count_id, "res_name": names[count_id], "activity_type_id": kind.id,
             "automated": True, "user_id": user_id, "summary": summary, "date_deadline": fields.Date.add(
                 fields.Date.today(), days=kind.delay_count)}
            for (count_id, user_id), summary in summaries.items() if (count_id, user_id) not in kept])
        # Whoever has Odoo open is told at once, and decides from there.
        self.env["bus.bus"]._sendmany([
            (activity.user_id.partner_id, "stock_cycle_count.waiting", {
                "title": activity.res_name, "message": activity.summary, "count_ids": [activity.res_id], "decide": True})
            for activity in made])

    def _get_wanted_approvals(self):
        """Who is to have an activity: ``{(sheet id, user id): its summary}``."""
        self = self.filtered("company_id.cycle_count_activities")
        numbers, stuck = defaultdict(Counter), self.browse()
        waiting = self._get_lines("to_approve")
        for line, users in waiting._get_asked().items():
            for user in users:
                numbers[line.count_id.id, user.id][line._get_pending_level()] += 1
            if not users:
                stuck |= line.count_id
        wanted = {
            key: ", ".join(
                _("Differences to approve on level %(level)s: %(lines)s", level=level, lines=number)
                for level, number in sorted(levels.items()))
            for key, levels in numbers.items()}
        for company, counts in stuck.grouped("company_id").items():
            for user in self._get_role_givers(company):
                wanted.update({(count.id, user.id): _("Nobody may decide: give somebody a role") for count in counts})
        # What waits for nobody's decision, and is not posted all the same, is not forgotten.
        left = (self - waiting.count_id)._get_lines("counted", "approved").filtered(
            lambda line: line.count_id.state == "review").grouped("count_id")
        board = left and self._get_board(self.company_id)
        for count, lines in left.items():
            for user in count._get_approvers(1, lines, board)[:1]:
                wanted[count.id, user.id] = _("Finalize the sheet")
        return wanted

    @api.model
    def _get_role_givers(self, company):
        """Who is told that nobody may decide in a company: one who can change that."""
        return self.env.ref("base.group_erp_manager").sudo().users.filtered(
            lambda user: user.active and user.id != SUPERUSER_ID and company in user.company_ids)[:1]

    @api.model
    def _cron_escalate(self):
        """Remind of what waits for a multiple of the company's working days, and each time ask more people; it ends with
        the decision. In a company without working hours every day is one.
        """
        now = fields.Datetime.now()
        for company in self.env["res.company"].search([("cycle_count_escalation_days", ">", 0)]):
            lines = self.env["stock.cycle.count.line"].search([
                ("company_id", "=", company.id), ("state", "=", "to_approve"),
                ("to_approve_date", "!=", False)])
            steps = {moment: company._get_cycle_count_reminders(moment, now) for moment in set(lines.mapped("to_approve_date"))}
            due = lines.filtered(lambda line: line.reminder_step < steps[line.to_approve_date])
            for step, risen in due.grouped(lambda line: steps[line.to_approve_date]).items():
                risen.reminder_step = step
            for count, waiting in due.grouped("count_id").items():
                count._log_note(_(
                    "Differences that have been waiting for approval for more than %(days)s working days: %(lines)s. More "
                    "people are asked.", lines=len(waiting), days=company.cycle_count_escalation_days))
            # Also where nothing has risen: whoever is away today hands on.
            lines.count_id._sync_approval_activities()
