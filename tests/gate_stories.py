"""What people do one after the other, in an order that chance alone comes across too seldom."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from odoo import Command

from .count_machine import CHOICE
from .gate_ways import GateWays

#: So many pieces are worth more than the limit of the second level, at any price but the lowest.
LARGE = st.sampled_from([15, 21.5])


class GateStories(GateWays):
    """Each act of a story is looked at by itself, as if it were a step of its own."""

    def act(self, action, *args):
        action(*args)
        self.everything_holds()

    def decide_on(self, line, user):
        """Approve a line that waits, if this user may."""
        if line.state != "to_approve":
            return
        line.reason_id = line.reason_id or self.case.reason
        if self.attempt(user, lambda: line.with_user(user).action_approve("seen")):
            self.tally[f"approved on level {line.approval_ids[-1].level}"] += 1

    def find_free(self, product):
        """Stock keys of a product that are not on a sheet; where all are, somebody cancels one of their sheets."""
        keys = [key for key in self.keys if key.product == product]
        free = [key for key in keys if not self.get_open_line(key)]
        if free:
            return free
        user, sheet = self.case.second_supervisor, self.get_open_line(keys[0]).count_id
        self.act(self.attempt, user, sheet.with_user(user).action_cancel)
        return [key for key in keys if not self.get_open_line(key)]

    def count_apart(self, keys, counter, off):
        """Count stock keys on a sheet of their own, each off the books by so much, and close it.

        :return: the lines
        """
        before = self.lines
        self.act(self.start_sheet, {self.keys.index(key) for key in keys}, counter, 0)
        lines = self.lines - before
        for line in lines:
            key = self.get_key(line)
            self.act(self.record, line.count_id.user_id, line.count_id, [(line, self.get_counted(key, off), "set", 0)])
        if lines:
            self.act(self.close_sheet, lines.count_id, lines.count_id.user_id, "leave")
        return lines.exists()

    @rule(choice=CHOICE, off=LARGE, counter=st.integers(0, 1), change=st.sampled_from(["count", "cost", "rest"]))
    def change_between_two_levels(self, choice, off, counter, change):
        """A surplus is approved on the first level, is then another one, and is approved on the second."""
        product = self.pick((self.case.product, self.case.other_product), choice)
        free = self.find_free(product)
        if not free:
            return
        self.act(self.change_limits, {"qty": 2, "value": None, "cap": None, "level2": 25}, False, True)
        for line in self.count_apart([self.pick(free, choice)], counter, off):
            self.act(self.decide_on, line, self.case.second_supervisor)
            if change == "count":
                self.act(self.count_again, line, 1 - counter, off + 1)
            elif change == "cost":
                self.act(self.change_a_cost, self.case.products.ids.index(product.id), 9)
            elif change == "rest":
                key = self.get_key(line)
                self.act(self.move_in_or_out, self.keys.index(key), 2, 0, True)
            self.act(self.decide_on, line, self.case.controller)
            self.act(self.attempt, self.case.boss, line.count_id.with_user(self.case.boss).action_finalize)

    def count_again(self, line, counter, off):
        """Let another counter count a line, and close its sheet."""
        counter, supervisor = self.case.people[counter], self.case.second_supervisor
        wizards = self.case.env["stock.cycle.count.recount"].with_user(supervisor)
        if self.attempt(supervisor, lambda: wizards.create({
                "count_id": line.count_id.id, "line_ids": [Command.set(line.ids)], "user_id": counter.id}).action_recount()):
            self.everything_holds()
            self.record(counter, line.count_id, [(line, self.get_counted(self.get_key(line), off), "set", 0)])
            self.everything_holds()
            self.close_sheet(line.count_id, counter, "leave")

    @rule(counter=st.integers(0, 1), off=st.sampled_from([2, -2, 3]))
    def pass_one_by_one(self, counter, off):
        """Differences of a product that pass each by itself, and are more together than their cap lets pass."""
        self.act(self.change_limits, {"qty": 4, "value": None, "cap": 15, "level2": 1000}, False, True)
        for key in self.find_free(self.case.other_product) + self.find_free(self.case.product):
            self.count_apart([key], counter, off)

    @rule(choice=CHOICE, off=LARGE, person=CHOICE)
    def decide_alone(self, choice, off, person):
        """Somebody of every rank counts, and decides on both levels."""
        free = self.find_free(self.pick((self.case.product, self.case.other_product), choice))
        if free:
            boss = self.case.boss
            for line in self.count_apart([self.pick(free, choice)], self.case.people.index(boss), off):
                self.act(self.decide_on, line, boss)
                self.act(self.decide_on, line, self.pick(self.case.deciders, person))
                self.act(self.decide_on, line, boss)
