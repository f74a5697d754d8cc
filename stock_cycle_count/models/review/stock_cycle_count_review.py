from odoo import Command, _, fields, models

from ..constants import OPEN_STATES, TO_COUNT_STATES


class StockCycleCountReview(models.AbstractModel):
    """From the end of counting to the end of the sheet: close, judge, recount, ask who decides, finalize, end."""

    _name = "stock.cycle.count.review"
    _description = "Review of a Count Sheet"

    def _get_lines(self, *states):
        """Lines of these sheets in some states, found in the database: a sheet may have thousands."""
        return self.env["stock.cycle.count.line"].sudo().search(
            [("count_id", "in", self.ids), ("state", "in", states)])

    def _get_uncounted(self):
        """Lines that wait for a count; those skipped with a cause have an answer already."""
        return self._get_lines(*TO_COUNT_STATES).filtered(lambda line: not line.skip_reason)

    def _close(self, policy="leave"):
        """End counting.

        :param policy: ``zero`` counts the lines that nobody counted as 0; ``leave`` leaves them due: they are
            cancelled here, and come back with the next schedule. A line that waits for a recount keeps the result of
            its last round.
        """
        self.ensure_one()
        count = self.sudo()
        # First of all: what was read before is forgotten when something is deleted.
        count.activity_unlink(["stock_cycle_count.mail_activity_count", "stock_cycle_count.mail_activity_overdue"])
        waiting = count._get_lines(*TO_COUNT_STATES)
        pending = waiting.filtered(lambda line: line.state == "pending" and not line.skip_reason)
        if policy == "zero" and pending:
            if self.env.user not in count.user_id | count.participant_ids:
                # Whoever counts lines as 0 is a counter of them, and does not approve them.
                self._join()
            self.env["stock.cycle.count.entry"]._record(
                [{"line": line.with_env(self.env), "quantity": 0} for line in pending], "close")
        waiting.filtered(lambda line: line.state == "recount")._withdraw_recount()
        waiting.filtered(lambda line: line.state == "pending")._transition("cancel")
        people = count.user_id | count.participant_ids
        count.write({"close_date": fields.Datetime.now(), "closed_to_ids": [Command.set(people.ids)]})
        count._track_set_log_message(_("Closed by %(user)s.", user=self.env.user.name))
        count._transition("review")
        count._judge_lines()

    def _judge_lines(self):
        """Judge what was counted: recounts go out, what needs approval is held, the rest is posted when nothing
        else waits on the sheet, so that what is small passes at once.
        """
        lines = self._get_lines("counted")
        transfers = self.env["stock.cycle.count.transfer"]
        # What was proposed for earlier numbers, also of lines that match by now, is looked at again.
        partners = transfers._propose(lines)
        matches = lines._find_matches()
        lines -= matches
        lines._fetch_columns()
        lines._judge()
        partners._judge_again()
        self._send_to_recount(lines.filtered(lambda line: line.verdict == "recount"))
        # Last, so that each is written once, with what becomes of it.
        matches._accept()
        own = lines.grouped("count_id")
        passing = self.filtered(
            lambda count: count.state == "review" and not count.waiting_count and not count.transfer_ids and not any(
                line.source_transfer_ids or line._why_not_without_cause() for line in own.get(count, ())))
        for count in passing:
            count._finalize(lines)
            # Costs and caps are what the first left of them.
            lines = lines.browse()
        # What agrees waits for nobody's decision on the rest.
        matches.filtered(lambda line: line.count_id not in passing)._post()
        self.filtered(lambda count: count.state == "review")._sync_approval_activities()

    def _finalize(self, judged=None):
        """Post what may pass of these sheets, and end those of which nothing waits; the others say on themselves why.

        :param judged: lines that were judged a moment ago; see the line's ``_recheck``
        """
        lines = self._get_lines("counted", "approved")
        posted = lines._post(judged=judged)
        for line in lines.filtered(lambda line: line.state in ("counted", "approved") and not line.post_error):
            refusal = line._why_not_without_cause((line._get_valid_approvals()[:1]).comment)
            if refusal:
                line.post_error = _("%(line)s: %(refusal)s", line=line.display_name, refusal=refusal)
        # What a transfer joins is posted together, whichever sheet it stands on.
        (self | posted.count_id)._end_if_settled()
        self.filtered(lambda count: count.state == "review")._sync_approval_activities()

    def _end_if_settled(self):
        """End counted sheets whose lines are all posted, rejected or cancelled."""
        for count in self.sudo():
            if count.state == "review" and not count._get_lines(*OPEN_STATES):
                count._transition("done")
                count.activity_unlink([
                    "stock_cycle_count.mail_activity_count", "stock_cycle_count.mail_activity_approve"])

    def _after_decisions(self):
        """After a decision: the last one posts the sheet, unless the company or a choice of transfers wants it finalized.
        Counts made outside of a sheet are posted by every decision.
        """
        for count in self.sudo():
            if count.origin in ("inventory", "held_move") or count._is_decided():
                count._finalize()
            else:
                count._sync_approval_activities()
            count._end_if_settled()

    def _is_decided(self):
        """Whether nothing of the sheet waits for a person any more, so that its last decision posts it."""
        return (self.state == "review" and self.company_id.cycle_count_post_approved and not self.transfer_ids
                and not self._get_lines(*TO_COUNT_STATES, "to_approve"))

    def _send_to_recount(self, lines, user=None):
        """Start a new round for lines of these sheets and let the sheets be counted on."""
        if not lines:
            return
        lines.sudo()._start_round(user)
        sheets = lines.sudo().count_id
        lines._admit_recounters()
        sheets.filtered(lambda count: count.state == "review")._transition("in_progress")
        for count in sheets:
            own = lines.sudo().filtered(lambda line: line.count_id == count)
            counters = own.user_id
            count._log_note(_(
                "Recounted by %(counters)s, lines: %(lines)s.", lines=len(own),
                counters=", ".join(counters.mapped("name")) or _("whoever did not count them")))
            for counter in counters:
                number = len(own.filtered(lambda line: line.user_id == counter))
                count._schedule_activities(lambda _count: (counter, _("Lines to recount: %(lines)s", lines=number)))
            count._schedule_recounter_activity(own.filtered(lambda line: not line.user_id))

    def _schedule_recounter_activity(self, lines):
        """Let a supervisor find somebody for lines that no counter of the plan may recount."""
        if not lines:
            return
        asked = self.env.user if self.env.user.has_group("stock_cycle_count.group_supervisor") else (
            self._get_supervisors(lines)[:1])
        if asked:
            self._schedule_activities(lambda _count: (asked, _(
                "Choose who recounts. Lines: %(lines)s", lines=len(lines))))
