"""A warehouse at work for weeks: stock moves, sheets are made, two counters count, one goes on holiday, people decide."""

import random
from collections import Counter
from datetime import datetime, time, timedelta

from odoo import Command

from odoo.addons.stock_cycle_count.tests.common_planning import PlanningCase

#: Lines that a counter counts on a day.
STAMINA = 16
#: What part of the counts finds a difference.
ERRORS = 0.08


class QuarterCase(PlanningCase):
    """Warehouses with zones of bins, one plan each; every day is played by the people of the company."""

    gate = True
    zones, bins_a_zone = 4, 6

    @classmethod
    def set_up_world(cls, warehouses, products, sheet_size=12, capacity=22):
        cls.dice = random.Random(17)
        cls.figures = Counter()
        cls.idle = []
        cls.profile = cls.make_profile()
        cls.env["stock.cycle.count.tolerance"].search([("company_id", "=", cls.company.id)]).active = False
        cls.env["stock.cycle.count.tolerance"].create({
            "name": "Small", "company_id": cls.company.id, "has_over_qty": True, "over_qty": 1, "has_under_qty": True,
            "under_qty": 1})
        cls.reason = cls.env["stock.cycle.count.reason"].search([("code", "=", "UNK")], limit=1)
        cls.people = cls.counter | cls.second
        cls.goods = cls.make_products(products, cost=3.0)
        houses = cls.warehouse | cls.env["stock.warehouse"].union(
            *(cls.make_warehouse(f"House {number}", f"H{number}") for number in range(1, warehouses)))
        cls.plans = cls.env["stock.cycle.count.plan"]
        for house in houses:
            cls._furnish(house)
            cls.plans |= cls.make_plan(
                name=house.name, warehouse_id=house.id, profile_id=cls.profile.id, sheet_size=sheet_size, grouping="zone",
                daily_capacity=capacity, counter_ids=[Command.set(cls.people.ids)])
        cls.plans.action_schedule()

    @classmethod
    def _furnish(cls, house):
        """Bins with stock, and a class for every product."""
        places = [
            cls.make_location(f"Q{zone}-{number}", parent, posx=zone, posy=number)
            for zone in range(cls.zones)
            for parent in [cls.make_location(f"Quarter {zone}", house.lot_stock_id, usage="view")]
            for number in range(cls.bins_a_zone)]
        classes = cls.profile.class_ids.sorted("cumulative_share")
        for index, product in enumerate(cls.goods):
            for place in cls.dice.sample(places, 1 if index % 4 else 2)[: 2 if index % 7 else 1]:
                cls.make_quant(product, place, 20)
            cls.env["stock.abc.assignment"].create({
                "profile_id": cls.profile.id, "company_id": cls.company.id, "warehouse_id": house.id,
                "product_id": product.id, "computed_class_id": classes[(index % 7 > 0) + (index % 7 > 2)].id})

    def play(self, first, days, is_away):
        """Play days.

        :param is_away: whether ``second`` is on holiday on a day
        """
        for number in range(days):
            day = first + timedelta(days=number)
            self.clock.move_to(datetime.combine(day, time(4)))
            self.plans.action_schedule()
            self.plans.action_generate()
            self.env["stock.cycle.count"]._cron_hand_on()
            self.env["stock.cycle.count"]._cron_escalate()
            self.env["stock.cycle.count"]._cron_send_mails()
            self.figures["late"] = max(self.figures["late"], sum(self.plans.mapped("late_count")))
            if day.weekday() < 5:
                self.clock.move_to(datetime.combine(day, time(9)))
                self._move_stock()
                for user in self.people:
                    if user == self.counter or not is_away(day):
                        self._count_for_a_day(user, day)
                self.clock.move_to(datetime.combine(day, time(15)))
                self._decide(self.supervisor, 1)
                if day.weekday() == 4:
                    self._decide(self.controller, 2)
            self.env.flush_all()
            self.env.invalidate_all()

    def _move_stock(self):
        for quant in self.dice.sample(self.env["stock.quant"].search([
                ("location_id.warehouse_id", "in", self.plans.warehouse_id.ids), ("quantity", ">", 5),
                ("location_id.usage", "=", "internal")]), 6):
            self.deliver(quant.product_id, quant.location_id, 1)

    def _get_work(self, user, day):
        """Sheets that somebody has to count by a day, oldest first."""
        return self.env["stock.cycle.count"].search([
            ("plan_id", "in", self.plans.ids), ("state", "in", ("draft", "in_progress")), ("scheduled_date", "<=", day),
            "|", ("user_id", "=", user.id), ("line_ids.user_id", "=", user.id)], order="scheduled_date, id")

    def _count_for_a_day(self, user, day):
        done = 0
        for sheet in self._get_work(user, day):
            if done >= STAMINA:
                break
            if sheet.state == "draft":
                sheet.with_user(user).action_start()
            lines = sheet.line_ids.filtered(lambda line: line.state in ("pending", "recount") and line.user_id == user)
            for line in lines:
                truth = self.on_hand(line.product_id, line.location_id)
                wrong = self.dice.choice((-5, -3, 2)) if self.dice.random() < ERRORS and line.round == 1 else 0
                self.count(line, max(truth + wrong, 0), user)
                done += 1
            if not sheet._get_uncounted() and not sheet.with_user(user)._why_not_close():
                sheet.with_user(user).action_close()
        self.figures["lines counted"] += done
        others = self.env["stock.cycle.count"].search([
            ("plan_id", "in", self.plans.ids), ("state", "=", "draft"), ("scheduled_date", "<", day),
            ("user_id", "!=", user.id)])
        if not done and others:
            self.idle.append((day, user.name, others.mapped("name")))

    def _decide(self, user, level):
        lines = self.env["stock.cycle.count.line"].search([
            ("count_id.plan_id", "in", self.plans.ids), ("state", "=", "to_approve")])
        lines = lines.filtered(lambda line: line.pending_level == level and not line.with_user(user)._why_not_decide())
        lines.filtered(lambda line: not line.reason_id).with_user(user).write({"reason_id": self.reason.id})
        if lines:
            lines.with_user(user).action_approve("seen")
        self.env["stock.cycle.count"].search([
            ("plan_id", "in", self.plans.ids), ("state", "=", "review")]).with_user(self.supervisor).action_finalize()

    def get_table(self, first, days, is_away):
        """What became of it, as rows of words and numbers.

        :param is_away: as in ``play``
        """
        sheets = self.plans.count_ids.filtered(lambda sheet: sheet.state != "cancel")
        lines = sheets.line_ids.filtered(lambda line: line.state != "cancel")
        counted = {line: min(line.entry_ids.mapped("date")).date() for line in lines if line.entry_ids and line.due_date}
        after_due = {line: day for line, day in counted.items() if day > line.due_date}
        levelled = {line for line in after_due if line.count_id.scheduled_date > line.due_date}
        # Who is left has what two people were to count, and a week later it is done.
        short_handed = {line for line, day in after_due.items() if any(
            is_away(day - timedelta(days=number)) for number in range(8))}
        posted = lines.filtered(lambda line: line.state == "posted" and line.approval_ids)
        waits = [
            len(self.plans[0]._get_working_days(decided.date(), line.post_date.date())) - 1
            for line in posted for decided in [max(line.approval_ids.mapped("date"))]]
        mails = Counter()
        for notification in self.env["mail.notification"].search([("res_partner_id", "in", self.roles.partner_id.ids)]):
            day = notification.mail_message_id.date.date()
            if first <= day <= first + timedelta(days=days):
                mails[notification.res_partner_id.name, (day - first).days // 7] += 1
        self.figures.update({
            "sheets": len(sheets), "lines": len(lines), "first counted": len(counted), "counted after due": len(after_due),
            "of these, levelled within the grace days": len(levelled), "of these, while one is away": len(short_handed),
            "of these, for no cause": len(set(after_due) - levelled - short_handed),
            "counted after their deadline": sum(day > line.deadline_date for line, day in counted.items()),
            "approved and posted": len(posted), "working days from approval to posting": max(waits, default=0),
            "approved, not posted": len(lines.filtered(lambda line: line.state == "approved")),
            "idle beside overdue": len(self.idle), "mails a person and week, at most": max(mails.values(), default=0),
            "mails in all": sum(mails.values())})
        return {**self.figures, "lines a sheet": round(len(lines) / max(len(sheets), 1), 2)}
