from collections import Counter, defaultdict
from datetime import timedelta

from odoo import SUPERUSER_ID, _, fields, models

from ... import queries
from ...tools import sheet_packing, visits
from ..constants import KEY_FIELDS, OPEN_STATES
from ..mixins.stock_cycle_count_policy_mixin import POLICIES


class StockCycleCountPlanSheets(models.AbstractModel):
    """Plans make count sheets: what is scheduled within the horizon and not yet on an open sheet, and what is due near
    it in place and time.
    """

    _name = "stock.cycle.count.plan.sheets"
    _description = "Making of Count Sheets"

    def action_generate(self):
        """Make the sheets of these plans; run again, it adds nothing.

        :return: an action that says what was made, or why nothing was
        :raise AccessError: when the user is no supervisor
        """
        self._check_may_run()
        return self._answer({plan: plan.sudo()._say_made(plan.sudo()._generate()) for plan in self})

    def _generate(self):
        """Make the sheets of one plan, and return them; see ``action_generate``."""
        self.ensure_one()
        self.env.flush_all()
        self._begin_job()
        self._check_counters()
        is_ranked = self.ranking != "none"
        if is_ranked:
            self._rank()
        until = self._get_sheets_until()
        work_days = self._get_work_days(until, until)

        def get_grace_end(day):
            """Last due day of what may be counted on a day already: its grace days later, in working days."""
            return work_days.day(work_days.slot_before(day) + self.grace_days, day)

        def get_joining_end(day):
            """Where plans rank, what is likely wrong is worth more than what is due soon."""
            return day if is_ranked else get_grace_end(day)

        control = self._draw_control(get_grace_end(until))
        drawn = {line["position_id"] for line in control}
        rows = queries.run(self.env, queries.schedule.positions_to_count(
            self.id, until, get_joining_end(until), OPEN_STATES))
        lines = self._prepare_lines(self.env["stock.cycle.count.position"].browse(
            row[0] for row in rows if row[0] not in drawn))
        planned = self._plan_visits(lines, until, get_joining_end, len(drawn))
        planned.update(self._join_visits(control, planned))
        lines = control + [line for line in lines if line["position_id"] in planned] + self._pick_ranked(planned)
        made = self._make_sheets(lines, planned) if lines else self.env["stock.cycle.count"]
        self.write({"last_generate_date": fields.Datetime.now()})
        return made

    def _generate_requested(self, positions):
        """Make sheets at once of positions of one plan that somebody asked for within the horizon. Neither sheets nor lines
        say who did: they are the superuser's, like all that the night makes.
        """
        self.ensure_one()
        plan = self.with_user(SUPERUSER_ID)
        positions = positions.with_env(plan.env)
        # Whose day it is may have begun before it does where the plan works.
        asked = fields.Date.context_today(self)
        plan._begin_job()
        plan._check_counters()
        today = plan._get_today()
        zones = positions.location_id._get_zones(plan.warehouse_id)
        planned = {
            position.id: visits.Visit(max(position.scheduled_date, today), plan._get_area(position, zones))
            for position in positions
            if position.scheduled_date and position.scheduled_date <= max(today, asked) + timedelta(days=plan.horizon_days)}
        lines = plan._join_open_sheets(plan._prepare_lines(positions.browse(planned)), planned)
        return plan._make_sheets(lines, planned) if lines else plan.count_ids.browse()

    def _join_open_sheets(self, lines, planned):
        """Put lines onto sheets of the plan that count their bins anyway by their days, unless they name somebody else.

        :return: the lines that want a sheet of their own
        """
        sheets = self._get_untouched_sheets([("line_ids.location_id", "in", [line["location_id"] for line in lines])])
        places = {sheet: sheet.line_ids.location_id._ids for sheet in sheets}
        return self._put_onto(lines, sheets, lambda line, sheet: (
            line["location_id"] in places[sheet] and sheet.scheduled_date <= planned[line["position_id"]].day
            and line["user_id"] in (False, None, sheet.user_id.id)))

    def _get_untouched_sheets(self, domain):
        """Sheets of the plan that nobody has begun, nor noted anything on."""
        return self.env["stock.cycle.count"].search([
            ("plan_id", "=", self.id), ("state", "=", "draft"), *domain,
            ("line_ids", "not any", ["|", ("state", "!=", "pending"), "|", ("note", "!=", False), (
                "evidence_ids", "!=", False)])])

    def _put_onto(self, values, sheets, may_take=lambda line, sheet: True):
        """Put lines onto sheets that nobody has touched, those near in place and short first. Their lines are made anew, all
        at once and in walking order: neither a number nor a time of one tells that it came later.

        :param may_take: whether a sheet may take a line
        :return: the values that no sheet takes
        """
        contents = {sheet: sheet.line_ids._get_made_values() for sheet in sheets}
        locations = self.env["stock.location"].browse(
            {line["location_id"] for lines in (values, *contents.values()) for line in lines})
        zones = locations._get_zones(self.warehouse_id)
        walk = self._get_walk(locations)
        changed, left = set(), []
        for line in values:
            def distance(sheet, line=line):
                places = {other["location_id"] for other in contents[sheet]}
                return (line["location_id"] not in places,
                        zones[line["location_id"]] not in {zones[place] for place in places}, len(contents[sheet]))

            sheet = min((sheet for sheet in sheets if may_take(line, sheet)), key=distance, default=None)
            if not sheet:
                left.append(line)
                continue
            rank = next(
                (rank for rank, other in enumerate(contents[sheet]) if walk(other) > walk(line)), len(contents[sheet]))
            contents[sheet].insert(rank, dict(line, count_id=sheet.id, user_id=sheet.user_id.id))
            changed.add(sheet)
        self.env["stock.cycle.count.line"].union(*(sheet.line_ids for sheet in changed))._replace([
            dict(line, sequence=number)
            for sheet in sheets if sheet in changed for number, line in enumerate(contents[sheet], start=1)])
        return left

    def _withdraw_lines(self, scope):
        """Take lines of places that the plan no longer governs off its sheets that are not started, so that others may
        count them.

        :param scope: ids of the locations that the plan governs
        """
        lines = self.env["stock.cycle.count.line"].search([
            ("count_id.plan_id", "=", self.id), ("count_id.state", "=", "draft"), ("state", "=", "pending"),
            ("location_id", "not in", scope)])
        sheets = lines.count_id
        lines._cancel()
        empty = sheets.filtered(lambda sheet: not sheet._get_lines(*OPEN_STATES))
        empty._transition("cancel")
        empty._sync_count_activities()
        for sheet in sheets:
            sheet._log_note(_("%(plan)s does not count these places any more.", plan=self.name))

    def _plan_visits(self, lines, until, get_grace_end, drawn=0):
        """Visits on which the positions of these lines are counted, by position; see ``tools.visits``.

        What is scheduled later than ``until`` is counted only when it lies by the way.

        :param get_grace_end: gives for a day the last due day of what may be counted on it already
        :param drawn: positions that are counted today besides
        """
        today = self._get_today()
        zones = self.env["stock.location"].browse({line["location_id"] for line in lines})._get_zones(self.warehouse_id)
        numbers = Counter(line["position_id"] for line in lines)
        positions = self.env["stock.cycle.count.position"].browse(numbers)
        by_product = self.grouping == "product"
        load = self._get_load()
        days = {until, *(max(position.scheduled_date or until, today) for position in positions)}
        load += self._get_reserved_load(days, drawn) + self._get_missing(days)
        planned = visits.join(
            [visits.Stop(
                position.id, max(position.scheduled_date or until, today), position.due_date or until,
                position.product_id.id if by_product else position.location_id.id,
                self._get_area(position, zones),
                numbers[position.id], not position.scheduled_date or position.scheduled_date > until)
             for position in positions],
            self.sheet_size, self.daily_capacity, load, get_grace_end)
        moved = positions.filtered(
            lambda position: position.id in planned and position.scheduled_date > planned[position.id].day)
        for day, earlier in moved.grouped(lambda position: planned[position.id].day).items():
            earlier.scheduled_date = day
        moved._sync_quants()
        return planned

    def _get_area(self, position, zones):
        """What belongs together on a visit: the bins of a product, of a zone, or of the warehouse."""
        if self.grouping == "product":
            return position.product_id.id
        return zones[position.location_id.id] if self.grouping == "zone" else 0

    def _get_load(self):
        """Positions on open sheets of the plan by day."""
        return self._count_by_day([("state", "in", OPEN_STATES)])

    def _count_by_day(self, domain):
        """Positions on sheets of the plan by day; those of several lines of a sheet once.

        :param domain: of the lines that are looked at
        """
        numbers = Counter()
        for count, number in self.env["stock.cycle.count.line"]._read_group(
                [("count_id.plan_id", "=", self.id), *domain], ["count_id"], ["position_id:count_distinct"]):
            numbers[count.scheduled_date] += number
        return numbers

    def _prepare_lines(self, positions):
        """Values of one line for every stock key of the positions; an empty position has one, without a lot.

        Keys that stand on an open line already, of whatever origin, are left out.
        """
        keys = defaultdict(list)
        company = self.company_id
        groups = self.env["stock.quant"]._read_group(
            [("location_id", "in", positions.location_id.ids), ("product_id", "in", positions.product_id.ids),
             ("company_id", "in", (company.id, False)),
             "|", ("quantity", "!=", 0), "|", ("reserved_quantity", "!=", 0), ("inventory_quantity_set", "=", True)],
            ["location_id", "product_id", "lot_id", "package_id", "owner_id"], ["id:min"])
        for location, product, lot, package, owner, quant_id in groups:
            keys[location.id, product.id].append((lot.id, package.id, owner.id, quant_id))
        opened = {
            tuple(record.id for record in key)
            for key in self.env["stock.cycle.count.line"]._read_group(
                [("state", "in", OPEN_STATES), ("location_id", "in", positions.location_id.ids)], KEY_FIELDS)
        }
        # Whom a request names counts it.
        people = {
            quant.id: quant.user_id.id for quant in self.env["stock.quant"].search([
                ("user_id", "!=", False), ("location_id", "in", positions.location_id.ids),
                ("user_id.groups_id", "in", self.env.ref("stock_cycle_count.group_counter").id)])}
        lines = []
        for position in positions:
            place = (position.location_id.id, position.product_id.id)
            for lot_id, package_id, owner_id, quant_id in keys.get(place) or [(False, False, False, False)]:
                key = (position.product_id.id, position.location_id.id, lot_id, package_id, owner_id)
                if key not in opened:
                    lines.append(dict(
                        zip(KEY_FIELDS, key), quant_id=quant_id, position_id=position.id, company_id=company.id,
                        user_id=people.get(quant_id),
                        selection_reason=position.due_reason, abc_class_id=position.abc_class_id.id,
                        due_date=position.due_date))
        self.env["stock.cycle.count.risk"]._note_facts(lines)
        return lines

    def _make_sheets(self, lines, planned):
        """Create sheets for line values: a day, a person whom a request names and, where zones are kept apart, a visit
        to a sheet, in walking order.

        :param planned: visits on which the positions of the lines are counted, by their ids
        """
        walk = self._get_walk(self.env["stock.location"].browse({line["location_id"] for line in lines}))
        by_product = self.grouping == "product"

        def wall(line):
            visit = planned[line["position_id"]]
            return (visit.day, line["user_id"] or 0, visit.number if self.grouping == "zone" else 0)

        lines.sort(key=lambda line: (wall(line), walk(line)))
        packed = sheet_packing.pack(
            lines, self.sheet_size,
            group=lambda line: line["product_id"] if by_product else line["location_id"], wall=wall)
        Count = self.env["stock.cycle.count"].with_context(
            tracking_disable=True, mail_auto_subscribe_no_notify=True)
        turns = Count.with_context(active_test=False).search_count([("plan_id", "=", self.id)])
        dates = [planned[sheet[0]["position_id"]].day for sheet in packed]
        is_away = self.counter_ids._get_cycle_count_absences(dates, self._get_zone()).__contains__
        counters = sheet_packing.take_turns(
            dates, self.counter_ids.sorted("id").ids, turns, lambda person, day: is_away((person, day)))
        made = Count.create([
            dict(self._prepare_count(), name=name, user_id=sheet[0]["user_id"] or counter_id, scheduled_date=date)
            for name, sheet, counter_id, date in zip(self._next_names(len(packed)), packed, counters, dates)])
        self.env["stock.cycle.count.line"]._create_drawn([
            dict(line, count_id=count.id, user_id=count.user_id.id, sequence=number)
            for count, sheet in zip(made, packed) for number, line in enumerate(sheet, start=1)])
        return made

    def _get_walk(self, locations):
        """Key by which line values of these locations are put in walking order."""
        places = {location.id: location._get_walking_key() for location in locations}
        by_product = self.grouping == "product"
        return lambda line: (line["product_id"] if by_product else 0, places[line["location_id"]], line["product_id"],
                             line["quant_id"] or 0)

    def _next_names(self, number):
        """Names of so many new sheets, drawn at once where the sequence allows it."""
        sequence = self.env.ref("stock_cycle_count.sequence_stock_cycle_count").sudo()
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence._next() for _sheet in range(number)]
        return [
            sequence.get_next_char(value)
            for value, in queries.run(self.env, queries.sequences.next_values(sequence.id, number))]

    def _prepare_count(self):
        """Values that every sheet takes from the plan, frozen at the time it is made."""
        return {
            "plan_id": self.id,
            "origin": "plan",
            "company_id": self.company_id.id,
            "warehouse_id": self.warehouse_id.id,
            **{name: self[name] for name in POLICIES},
        }

