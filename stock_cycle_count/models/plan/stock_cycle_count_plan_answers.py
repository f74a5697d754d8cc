from odoo import _, models
from odoo.tools import format_date

from ...tools import notifications
from ...tools.words import say_number
from ..constants import OPEN_STATES
from .stock_cycle_count_plan_ranking import AGAIN_DAYS


class StockCycleCountPlanAnswers(models.AbstractModel):
    """What plans answer to who runs them: what was made, or why nothing was, and what to do."""

    _name = "stock.cycle.count.plan.answers"
    _description = "Answers of Count Plans"

    def _answer(self, sentences):
        """Action that tells the user one sentence a plan, by its name where there are several, and shows them anew.

        :param sentences: ``{plan: sentence}``
        """
        lines = [f"{plan.name}: {text}" if len(sentences) > 1 else text for plan, text in sentences.items()]
        return notifications.tell(" ".join(lines), {"type": "ir.actions.act_window_close"})

    def _say_scheduled(self):
        """What a schedule found to count, and when that begins."""
        [(number, first)] = self.env["stock.cycle.count.position"]._read_group(
            [("plan_id", "=", self.id)], [], ["__count", "scheduled_date:min"])
        if not number:
            return self._say_empty()
        if not first:
            return self._say_undated()
        names = {"day": self._name_day(first), "positions": self._say_positions(number)}
        if self.ranking == "none":
            return _("Scheduled: %(positions)s, the first of them %(day)s.", **names)
        # Its sheets begin before that day, with what the ranking chooses.
        return _("Scheduled by class: %(positions)s, the first of them %(day)s. Besides, what is likely wrong is counted each "
                 "day.", **names)

    def _say_made(self, sheets):
        """What was made, and who begins when; or why nothing was."""
        if not sheets:
            return self._why_no_sheets()
        first = min(sheets, key=lambda sheet: (sheet.scheduled_date, sheet.id))
        return _(
            "%(sheets)s, %(lines)s, first %(day)s for %(counter)s.",
            sheets=say_number(self.env, len(sheets), _("1 sheet"), _("%s sheets")),
            lines=say_number(self.env, len(sheets.line_ids), _("1 line"), _("%s lines")),
            day=self._name_day(first.scheduled_date), counter=first.user_id.name or _("everybody"))

    def _why_no_sheets(self):
        """Why a plan has no sheet to make now, and what to do."""
        Position = self.env["stock.cycle.count.position"]
        domain = [("plan_id", "=", self.id)]
        if not self.last_schedule_date:
            return _("No sheet: nothing is scheduled yet. Press Schedule first.")
        if not Position.search_count(domain, limit=1):
            return self._say_empty()
        if self.ranking != "none":
            return _(
                "No sheet: what can be counted %(day)s stands on sheets, or was counted in the last %(days)s days.",
                day=self._name_day(self._get_sheets_until()), days=AGAIN_DAYS)
        opened = self.env["stock.cycle.count.line"]._read_group(
            [("position_id.plan_id", "=", self.id), ("state", "in", OPEN_STATES)], ["position_id"])
        free = [*domain, ("id", "not in", [position.id for position, in opened])]
        [(first,)] = Position._read_group(free, [], ["scheduled_date:min"])
        if first:
            return _(
                "No sheet: nothing more is scheduled before %(day)s. To make sheets of it now, raise “Sheets ahead (days)”, "
                "which is %(days)s.", day=self._name_day(first), days=self.horizon_days)
        if Position.search_count(free, limit=1):
            return self._say_undated()
        return _("No sheet: all that there is to count is on open sheets.")

    def _say_empty(self):
        return _("Nothing to count: its locations hold no stock. Receive some or enter it; the next schedule will find it.")

    def _say_undated(self):
        return _("Nothing says how often to count. Give the plan an ABC profile, its locations a frequency, or the company a "
                 "day of yearly inventory.")

    def _say_positions(self, number):
        return say_number(self.env, number, _("1 position"), _("%s positions"))

    def _name_day(self, day):
        """A day for people; what was to be done before today is done today."""
        return _("today") if day <= self._get_today() else format_date(self.env, day)
