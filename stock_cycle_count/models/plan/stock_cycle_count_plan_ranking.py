from collections import Counter
from datetime import timedelta
from math import ceil

from odoo import _, api, fields, models

from ... import queries
from ...tools import risk, visits
from ...tools.numbers import whole_percent
from ..constants import OPEN_STATES, TO_COUNT_STATES

#: What was counted so few days ago is not counted again because it is likely wrong.
AGAIN_DAYS = 7
#: Minimums that take more of the capacity leave too little for what is likely wrong.
LARGE_SHARE = 60


class StockCycleCountPlanRanking(models.AbstractModel):
    """Plans count what is likely wrong, and worth most, with what their minimums leave of the capacity of a day.

    Sheets of such plans are made for the day, whole: nobody can tell from a sheet why a line is on it.
    """

    _name = "stock.cycle.count.plan.ranking"
    _description = "Ranking of Count Plans"

    ranking = fields.Selection(
        [("none", "By class"),
         ("value", "By class and risk: value that is likely wrong"),
         ("accuracy", "By class and risk: records that are likely wrong")],
        "What to Count", required=True, default="value", tracking=True,
        help="By class: each product as often as its class says. By class and risk: at least so often, and with the rest of the "
             "counts of a day what is likely wrong. To count by records rather than by value brings a few more right records, "
             "and leaves much more value wrong.")
    pick_days = fields.Integer(
        "Sheets ahead (working days)", required=True, default=1,
        help="Sheets are made for so many working days, today included. What is likely wrong is best chosen on the day.")
    event_share = fields.Integer(
        "Share of Events (%)", required=True, default=10, tracking=True,
        help="At most so much of the counts of a day goes where something happened; the rest waits.")
    event_short = fields.Boolean(
        "Short Picks", default=True,
        help="A pick got less than it was asked for, and the books still show the rest in that very place.")
    event_negative = fields.Boolean("Negative Stock", default=True, help="The books show less than nothing.")
    event_offender = fields.Boolean(
        "Repeat Offenders", default=True, help="Once in 30 days, as long as they err more than twice as often as the house.")
    event_found = fields.Boolean(
        "Found Elsewhere", help="A count found the product where the books had none: its other places are counted.")
    event_zero = fields.Boolean(
        "Empty by the Books", help="A move took the last. It costs as much as any count, and finds little.")
    event_asked = fields.Boolean(
        "Ask Pickers",
        help="Whoever takes the last of a bin is asked on the transfer whether it is empty: one tap, which is a count of 0, or "
             "else the place is counted. As many a day as the share of events.")
    event_low = fields.Boolean("Low Stock", help="A move left little, so that it is counted fast.")
    low_quantity = fields.Float(
        "Low Up To", default=3, digits="Product Unit of Measure", help="In the unit of the product.")
    last_rank_date = fields.Datetime("Ranked On", readonly=True, copy=False)
    minimum_share = fields.Integer("Share of Minimums (%)", compute="_compute_minimum_share")
    ranking_message = fields.Char(compute="_compute_minimum_share")

    ranking_note = fields.Text(
        "What Ranking Says", compute="_compute_ranking_note", groups="stock_cycle_count.group_approver")

    _sql_constraints = [
        ("event_share_range", "CHECK (event_share BETWEEN 0 AND 100)", "“Share of Events (%)” must be from 0 to 100."),
        ("pick_days_range", "CHECK (pick_days BETWEEN 1 AND 20)", "“Sheets ahead (working days)” must be from 1 to 20."),
    ]

    @api.model
    def _init_column(self, column_name):  # pylint: disable=missing-return
        # Plans that there are keep counting by class until somebody says otherwise.
        if column_name == "ranking":
            queries.run(self.env, queries.risk.keep_unranked())
        super()._init_column(column_name)

    @api.depends("ranking", "daily_capacity", "calendar_id", "profile_id.class_ids.interval_days")
    def _compute_minimum_share(self):
        """How much of the capacity the minimums of the classes take, and what to do when it is a lot."""
        for plan in self:
            plan.minimum_share = plan._get_minimum_share() if plan.ranking != "none" else 0
            plan.ranking_message = _(
                "The minimums of the classes take %(share)s %% of what can be counted; %(rest)s %% is left for what is likely "
                "wrong. Lower the counts per year of the classes, or raise “Counts per Day”.",
                share=plan.minimum_share, rest=max(100 - plan.minimum_share, 0),
            ) if plan.minimum_share > LARGE_SHARE else False

    @api.depends("last_rank_date")
    def _compute_ranking_note(self):
        """What cannot be ranked, who keeps erring, and what became of events."""
        Risk = self.env["stock.cycle.count.risk"]
        costless = dict(Risk._read_group(
            [("plan_id", "in", self.ids), ("is_costless", "=", True)], ["plan_id"], ["__count"]))
        offenders = {plan: found for plan, *found in Risk._read_group(
            [("plan_id", "in", self.ids), ("is_offender", "=", True)], ["plan_id"], ["__count", "offender_chance:avg"])}
        events = self.env["stock.cycle.count.event"]._say_outcomes(self._origin) if self._origin else {}
        for plan in self:
            known = plan._origin
            sentences = [events.get(known)]
            if known in costless:
                sentences.append(_("Without a cost, so that they cannot be ranked: %(number)s.", number=costless[known]))
            if known in offenders:
                number, chance = offenders[known]
                sentences.append(_(
                    "Repeat offenders: %(number)s. As far as counts tell, %(chance)s %% of them truly err more than twice as "
                    "often as the house.", number=number, chance=whole_percent(chance)))
            plan.ranking_note = "\n".join(filter(None, sentences)) or False

    def _get_minimum_share(self):
        """Counts that the classes of the plan's positions ask for, in percent of the capacity."""
        self.ensure_one()
        known = self._origin
        if not known or not self.calendar_id or self.daily_capacity < 1:
            return 0
        classes = self.env["stock.cycle.count.position"].sudo()._read_group(
            [("plan_id", "=", known.id), ("abc_class_id", "in", known.profile_id.class_ids.ids)],
            ["abc_class_id"], ["__count"])
        hands = self._get_year_hands()
        yearly = sum(number * 365 / abc_class.interval_days for abc_class, number in classes)
        return round(100 * yearly / hands) if hands else 0

    def _rank(self):
        """Compute anew what to count next."""
        for plan in self:
            self.env["stock.cycle.count.risk"]._compute_for(plan)
            plan.last_rank_date = fields.Datetime.now()

    def action_rank(self):
        """Compute anew what to count next, of plans that the user may run.

        :raise AccessError: when the user is no supervisor
        """
        self._check_may_run()
        for plan in self.sudo():
            plan._begin_job()
            plan._rank()
        return True

    @api.model
    def _cron_rank(self):
        """Rank what to count next of every active plan once a day; those that rank did so when their sheets were made."""
        self._run_pending("action_rank", "last_rank_date")

    def action_what_if(self):
        """Try other settings of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_what_if_action")
        return dict(action, context={"default_plan_id": self.id})

    def action_view_events(self):
        """Open what happened at the positions of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_event_action")
        return dict(action, domain=[("position_id.plan_id", "=", self.id)], context={})

    def action_view_risks(self):
        """Open what to count next of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_risk_action")
        return dict(action, domain=[("plan_id", "=", self.id)], context={})

    # Sheets

    def _get_pick_days(self):
        """Working days for which sheets of a plan that ranks are made."""
        today = self._get_today()
        days = self._get_work_days(today, today)
        return [days[slot] for slot in range(min(self.pick_days, days.ahead))]

    def _get_sheets_until(self):
        """Last day for which sheets are made."""
        if self.ranking == "none":
            return self._get_today() + timedelta(days=self.horizon_days)
        return self._get_pick_days()[-1]

    def _get_due_capacity(self):
        capacity = super()._get_due_capacity()
        if self.ranking == "none":
            return capacity
        return max(capacity - ceil(self.daily_capacity * self.event_share / 100), 1)

    def _pick_ranked(self, planned):
        """Values of lines for what happened, up to its share of a day, and then for what is likely wrong: so many positions
        as the capacity of the days still takes.

        :param planned: visits of what is counted anyway, by position; those of what is chosen are added
        """
        if self.ranking == "none":
            return []
        Event = self.env["stock.cycle.count.event"]
        Event._refresh(self)
        days = self._get_pick_days()
        taken = self._get_taken(days[0])
        taken.update(max(visit.day, days[0]) for visit in planned.values())
        # What due counts leave free for events is free for them here; draws of later days are to come.
        taken.update(dict.fromkeys((day for day in days if day > self._get_today()), self._get_draw_room()))
        taken.update(self._get_missing(days))
        rooms = {day: max(self.daily_capacity - taken[day], 0) for day in days}
        happened = self._pick_events(rooms, planned)
        places = [day for day, room in rooms.items() for _place in range(room)]
        known = {*planned, *happened}
        rows = queries.run(self.env, queries.risk.to_count(self, OPEN_STATES, AGAIN_DAYS, len(places) + len(known)))
        chosen = {position_id: day for position_id, (day, _event) in happened.items()}
        chosen.update(zip([row[0] for row in rows if row[0] not in known], places))
        positions = self.env["stock.cycle.count.position"].browse(chosen)
        self._visit_on({position: chosen[position.id] for position in positions}, planned)
        Event._take(planned)
        lines = self._prepare_lines(positions)
        for line in lines:
            _day, event = happened.get(line["position_id"], (None, None))
            line["selection_reason"] = "event" if event else "ranked"
            if event:
                line["selection_facts"] = dict(
                    line["selection_facts"], event=event.kind, event_day=fields.Date.to_string(self._get_day(event.date)))
        return lines

    def _pick_events(self, rooms, planned):
        """Events that are counted: ``{position id: (day, event)}``, of each day no more than its share.

        :param rooms: counts that each day still takes; what is chosen takes its part of them
        :param planned: what is counted anyway
        """
        counted = self._count_by_day([
            ("state", "!=", "cancel"), ("scheduled_date", "in", list(rooms)), ("selection_reason", "=", "event")])
        shares = {
            day: max(min(room, risk.daily_share(self.event_share, self.daily_capacity, day.toordinal()) - counted[day]), 0)
            for day, room in rooms.items()}
        events = self.env["stock.cycle.count.event"]._get_waiting(self, sum(shares.values()) + len(planned))
        places = [day for day, share in shares.items() for _place in range(share)]
        happened = {
            event.position_id.id: (day, event)
            for event, day in zip((event for event in events if event.position_id.id not in planned), places)}
        for day, _event in happened.values():
            rooms[day] -= 1
        return happened

    def _visit_on(self, days, planned):
        """Plan visits of positions on days, where one goes there anyway on the same walk.

        :param days: ``{position: day}``
        :param planned: visits by position, to which these are added
        """
        Position = self.env["stock.cycle.count.position"]
        going = Position.browse(planned)
        positions = Position.concat(*days)
        zones = (going | positions).location_id._get_zones(self.warehouse_id)
        walks = {
            (planned[position.id].day, self._get_area(position, zones)): planned[position.id].number for position in going}
        for position, day in days.items():
            area = self._get_area(position, zones)
            planned[position.id] = visits.Visit(day, walks.get((day, area), -area))
        for day, members in positions.grouped(days.get).items():
            members.scheduled_date = day
        positions._sync_quants()

    def _get_taken(self, first):
        """Positions by day on sheets of the plan, of what is counted already, too. What earlier days left to count is work of
        the first day.
        """
        taken = Counter()
        for day, number in self._count_by_day([
                ("state", "!=", "cancel"), "|", ("scheduled_date", ">=", first), ("state", "in", TO_COUNT_STATES)]).items():
            taken[max(day, first)] += number
        return taken
