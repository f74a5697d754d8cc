from odoo import _, models
from odoo.exceptions import UserError

from ...tools import counting


class StockCycleCountLineRounds(models.AbstractModel):
    """Rounds of counting a line: what each came to, who counts the next, and whether two agree."""

    _name = "stock.cycle.count.line.rounds"
    _description = "Rounds of a Count Line"

    def _get_round_result(self, number):
        """Quantity that a round came to and the entry it rests on, None when nothing was counted in it."""
        result = self._get_round_entries(number)
        return result and (result[0], result[1][-1])

    def _get_round_entries(self, number):
        """Quantity that a round came to and the entries that it is made of, None when nothing was counted in it."""
        entries = {
            entry._origin.id: entry
            for entry in self.entry_ids.filtered(lambda entry: entry.round == number).sorted(
                lambda entry: entry._origin.id)}
        result = counting.fold(
            counting.Entry(key, entry.kind, entry.quantity, entry.undone_id._origin.id) for key, entry in entries.items())
        return result and (result[0], [entries[key].sudo() for key in result[1]])

    def _get_moved_between(self, number):
        """What moved between the entries of a round: whether before or after it was counted, nobody can tell."""
        result = self._get_round_entries(number)
        books = [entry.book_quantity for entry in result[1]] if result else []
        return sum(abs(after - before) for before, after in zip(books, books[1:]))

    def _get_round_variances(self):
        """Differences that the rounds found, in their order; rounds without a result are left out."""
        results = (self._get_round_result(number) for number in range(1, self.round + 1))
        return [counted - entry.book_quantity for counted, entry in filter(None, results)]

    def _start_round(self, user=None):
        """Send lines to a new round, to a user or to the next counter of the plan who did not count them yet.

        :raise UserError: when a line has not been counted, is decided, or has had all its recounts, and when the user
            counted it in an earlier round
        """
        load = self._get_recount_load()
        for line in self:
            if line.state not in ("counted", "to_approve") and not line._has_post_error():
                raise UserError(_(
                    "%(line)s: only counted lines can be recounted.", line=line.display_name))
            if not line._has_recount_left():
                raise UserError(_(
                    "%(line)s was recounted %(rounds)s times, as often as its sheet allows. Decide on what was counted.",
                    line=line.display_name, rounds=line.round - 1))
            refusal = user and line._why_not_recount_by(user, line.round + 1)
            if refusal:
                raise UserError(refusal)
            counter = user or line._get_next_counter(load)
            if counter.id in load:
                load[counter.id] += 1
            line._transition(
                "recount", round=line.round + 1, user_id=counter.id, skip_reason=False, recount_withdrawn=False)
            line.count_id.participant_ids |= counter

    def _why_not_recount_by(self, user, number=None):
        """Why a round is not for this user, the last one if none is named: two rounds of one person agree with nobody else;
        or False.
        """
        line = self.sudo()
        if line.company_id.cycle_count_self_approval or not user._is_same_person(line._get_counters(number or line.round)):
            return False
        return _("%(line)s: %(user)s counted it before. Choose somebody else to recount it.",
                 line=line.display_name, user=user.name)

    def _hand_on_recount(self):
        """Give recounts to others; where there is nobody, a supervisor chooses."""
        load = self._get_recount_load()
        chosen = {}
        for line in self:
            counter = chosen[line] = line._get_next_counter(load)
            if counter:
                load[counter.id] += 1
        for counter, lines in self.grouped(chosen.get).items():
            lines._give_recount(counter)

    def _give_recount(self, counter):
        """Let somebody recount these lines and know of it; where there is nobody, a supervisor chooses."""
        self.write({"user_id": counter.id})
        for count in self.count_id:
            count.participant_ids |= counter
        self._admit_recounters()
        for count, lines in self.grouped("count_id").items():
            if counter:
                count._schedule_activities(
                    lambda _count, lines=lines: (counter, _("Lines to recount: %(lines)s", lines=len(lines))))
            else:
                count._schedule_recounter_activity(lines)

    def _admit_recounters(self):
        """Show the sheets again to those who recount these lines: to whoever was chosen, else to all who did not count
        them.
        """
        for count, lines in self.sudo().grouped("count_id").items():
            chosen = lines.user_id
            for line in lines.filtered(lambda line: not line.user_id):
                chosen |= count.closed_to_ids - line._get_counters()
            count.closed_to_ids -= chosen

    def _has_recount_left(self):
        """Whether another round is within the sheet's maximum."""
        return self.round <= self.count_id.recount_rounds

    def _is_settled(self):
        """Whether a recount found what an earlier round found."""
        return self.round > 1 and counting.agree(self._get_round_variances(), self.product_uom_id.rounding)

    def _withdraw_recount(self):
        """Take a recount back that was not made: the line keeps the result of the round before, and no further
        recount is sent out without somebody asking for it.
        """
        for line in self:
            line._transition("counted", round=line.round - 1, recount_withdrawn=True)

    def _get_recount_load(self):
        """How many lines those counters of the plans who are there have to recount: ``{user id: number}``."""
        away, counters = set(), self.env["res.users"]
        for plan in self.count_id.plan_id:
            counters |= plan.counter_ids
            away |= plan.counter_ids._get_cycle_count_absences([plan._get_today()], plan._get_zone())
        load = dict.fromkeys(set(counters.ids) - {user_id for user_id, _day in away}, 0)
        load.update((user.id, number) for user, number in self._read_group(
            [("user_id", "in", list(load)), ("state", "=", "recount")], ["user_id"], ["__count"]))
        return load

    def _get_next_counter(self, load):
        """A counter of the plan who is there and did not count the line; nobody when there is none. Whoever counted other
        lines of the sheet could see what was counted of this one, and so comes after those who could not.

        :param load: number of lines to recount that each user who is there has already: who has least is next
        """
        candidates = (self.count_id.plan_id.counter_ids - self._get_counters()).filtered(lambda user: user.id in load)
        saw_it = self.count_id.closed_to_ids if self.count_id.close_date else self.count_id.participant_ids
        return candidates.sorted(lambda user: (user in saw_it, load[user.id], user.id))[:1]
