"""A simulated warehouse in Odoo, and the people who count it: only the addon says what is counted, and changes the books."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from odoo import Command, fields
from odoo.tools import SQL

from .world import CATEGORIES, ZONES

#: Bins of a zone: more than the places of a product, so that none has two positions in one bin.
BINS = 10
#: Goods move at noon of working days; short picks are told on Fridays. On Mondays crons run, counters count before anything
#: moves, and whoever decides does.
MOVING, TELLING, NIGHT, COUNTING, DECIDING = time(12), time(16), time(4), time(6), time(8)
#: What no figure of the simulation depends on, and takes time.
QUIET = {"tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True, "no_reset_password": True}
#: Mondays of a quarter.
QUARTER = 13
#: Tables that grow fast.
TABLES = (
    "stock_move", "stock_move_line", "stock_quant", "stock_cycle_count_position", "stock_cycle_count_line",
    "stock_cycle_count_entry", "stock_cycle_count", "stock_cycle_count_risk")
CLASSES = (("A", 80), ("B", 95), ("C", 100))


class Setting(NamedTuple):
    """What a plan is told: counts a year of the classes A, B and C, and whether it ranks, draws and hears of events."""

    counts: tuple
    ranking: str = "none"
    random_share: float = 0.0                            # of the lines of a day
    event_share: int = 0                                 # percent
    #: Counts by class are scaled until they take what can be counted.
    is_scaled: bool = True


SETTINGS = {
    "by class and risk": Setting((2, 1, 1), "value", 0.1, 10, is_scaled=False),
    "by class, 12/4/1": Setting((12, 4, 1)),
    "by class, 4/2/1": Setting((4, 2, 1)),
}
OURS = next(iter(SETTINGS))


class Counted(NamedTuple):
    """A posted line: of which position, why, and what it found."""

    number: int
    reason: str
    is_drawn: bool
    units: float


class House:
    """The warehouse of a world, with a plan of a setting.

    :param clock: of ``freezegun``
    :param capacity: positions that are counted on a working day
    """

    def __init__(self, env, world, clock, setting, capacity):
        self.env = env(context=dict(env.context, **QUIET))
        self.world, self.clock, self.setting, self.capacity = world, clock, setting, capacity
        self.company = self.env.company
        self.company.write({
            "cycle_count_setup_date": fields.Datetime.now() - timedelta(days=1), "cycle_count_activities": False,
            "cycle_count_daily_mail": False, "cycle_count_bin_share": 0})
        self.calendar = self.env["resource.calendar"].create({
            "name": "Mondays", "tz": "UTC", "company_id": self.company.id, "attendance_ids": [Command.clear(), Command.create({
                "name": "Monday", "dayofweek": "0", "hour_from": 5, "hour_to": 9})]})
        self.warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.reason = self.env["stock.cycle.count.reason"].search([("code", "=", "UNK")], limit=1)
        self.counter, self.supervisor, self.controller = (
            self._make_user(role) for role in ("counter", "supervisor", "controller"))
        self.suppliers, self.customers = (
            self.env.ref(f"stock.stock_location_{name}") for name in ("suppliers", "customers"))
        self._furnish()
        self.plan = self.env["stock.cycle.count.plan"]

    def _make_user(self, role):
        return self.env["res.users"].create({
            "name": role.title(), "login": role, "tz": "UTC",
            "groups_id": [Command.link(self.env.ref(f"stock_cycle_count.group_{role}").id)]})

    def _furnish(self):
        """Zones, bins, and a product and a bin for every position."""
        env, positions = self.env, self.world.positions
        zones = env["stock.location"].create([
            {"name": f"Zone {zone}", "usage": "view", "location_id": self.warehouse.lot_stock_id.id, "posx": zone}
            for zone in range(ZONES)])
        bins = env["stock.location"].create([
            {"name": f"{zone.posx}-{number}", "location_id": zone.id, "posx": zone.posx, "posy": number}
            for zone in zones for number in range(BINS)])
        categories = env["product.category"].create([{"name": f"Category {number}"} for number in range(CATEGORIES)])
        firsts = {one.product: one for one in reversed(positions)}
        products = env["product.product"].create([
            {"name": f"Product {number}", "type": "product", "categ_id": categories[one.category].id,
             "standard_price": one.cost} for number, one in sorted(firsts.items())])
        self.products = [products[one.product].id for one in positions]
        self.bins = [bins[BINS * one.zone + number % BINS].id for number, one in enumerate(positions)]
        self.numbers = {key: number for number, key in enumerate(zip(self.products, self.bins))}

    def fill(self, day):
        """Let the stock arrive that the world begins with."""
        moment = datetime.combine(day, NIGHT)
        self._write_moves([
            (number, one.book, self.suppliers.id, self.bins[number], moment)
            for number, one in enumerate(self.world.positions)])

    def open(self, day):
        """Set the plan up in the night of a day, when stock has moved for a while."""
        self.clock.move_to(datetime.combine(day, NIGHT))
        self._read_books()
        self.tidy()
        profile = self.env["stock.abc.profile"].create({
            "name": "Simulation", "company_id": self.company.id, "class_ids": [
                Command.create({"name": name, "cumulative_share": share, "counts_per_year": counts, "hit_tolerance": 0})
                for (name, share), counts in zip(CLASSES, self.setting.counts)]})
        profile.action_classify()
        if self.setting.is_scaled:
            self._scale(profile)
        self.plan = self.env["stock.cycle.count.plan"].create({
            "name": "Simulation", "warehouse_id": self.warehouse.id, "profile_id": profile.id,
            "calendar_id": self.calendar.id, "daily_capacity": self.capacity,
            "ranking": self.setting.ranking, "event_share": self.setting.event_share, "recount_rounds": 0,
            "control_target": round(self.setting.random_share * self.capacity * QUARTER),
            "counter_ids": [Command.set(self.counter.ids)]})

    def _scale(self, profile):
        """Scale the counts a year of the classes so that the positions want just what can be counted."""
        classes = dict(self.env["stock.abc.assignment"]._read_group(
            [("profile_id", "=", profile.id)], ["product_id"], ["effective_class_id:recordset"]))
        names = {product.id: abc_class.name for product, abc_class in classes.items()}
        wanted = dict(zip((name for name, _share in CLASSES), self.setting.counts))
        a_year = sum(wanted[names[product]] for product in self.products)
        # A hundredth more is wanted than 52 Mondays can take, so that none is left with less.
        scale = 1.01 * self.capacity * 52 / a_year
        for abc_class in profile.class_ids:
            abc_class.counts_per_year = round(scale * abc_class.counts_per_year, 2)

    def tidy(self):
        """Let PostgreSQL know what the tables are like by now, as autovacuum would."""
        self.env.flush_all()
        for table in TABLES:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))

    # Goods move

    def move(self, days):
        """Let goods move as the world says, and tell the short picks on the last day.

        Done moves are written as core would leave them, all of a week at once: by the ORM each takes a twentieth of a second,
        and there are tens of thousands.

        :param days: ``[(day, [Movement])]``
        """
        rows, short = [], {}
        for day, movements in days:
            moment = datetime.combine(day, MOVING)
            for one in movements:
                place = self.bins[one.number]
                rows += [(one.number, quantity, place, self.customers.id, moment) for quantity in one.picks]
                if one.received:
                    rows.append((one.number, one.received, self.suppliers.id, place, moment))
                if one.is_reported:
                    short[one.number] = one.wanted - sum(one.picks)
        self._write_moves(rows)
        if short and self.plan.event_short and self.plan.ranking != "none":
            self.clock.move_to(datetime.combine(days[-1][0], TELLING))
            self._tell_short(short)

    def _tell_short(self, short):
        """What was not found is cancelled, and the addon learns of it as it does when a transfer is done.

        :param short: ``{position: quantity}``
        """
        moves = self.env["stock.move"].create([{
            "name": "Simulation", "product_id": self.products[number], "product_uom_qty": quantity,
            "location_id": self.bins[number], "location_dest_id": self.customers.id, "company_id": self.company.id,
            "state": "cancel"} for number, quantity in short.items()])
        self.env["stock.cycle.count.event"]._notice(moves, {
            (move, move.location_id): quantity for move, quantity in zip(moves, short.values())})

    def _write_moves(self, rows):
        self.env.flush_all()
        products = [self.products[number] for number, *_row in rows]
        _numbers, quantities, sources, targets, moments = (list(column) for column in zip(*rows))
        parameters = {
            "company": self.company.id, "unit": self.env.ref("uom.product_uom_unit").id, "moments": moments,
            "products": products, "quantities": quantities, "sources": sources, "targets": targets}
        self.env.cr.execute(
            """
            WITH moved AS (
                INSERT INTO stock_move (name, company_id, product_id, product_uom, product_uom_qty, product_qty, quantity,
                                        location_id, location_dest_id, is_inventory, procure_method, state, picked, date,
                                        create_date, write_date)
                SELECT 'Simulation', %(company)s, product, %(unit)s, quantity, quantity, quantity, source, target, FALSE,
                       'make_to_stock', 'done', TRUE, moment, moment, moment
                  FROM unnest(%(products)s, %(quantities)s, %(sources)s, %(targets)s, %(moments)s)
                       AS row (product, quantity, source, target, moment)
                RETURNING *
            )
            INSERT INTO stock_move_line (move_id, company_id, product_id, product_uom_id, quantity, quantity_product_uom,
                                         location_id, location_dest_id, state, picked, date, cycle_count_done_date,
                                         create_date, write_date)
            SELECT id, company_id, product_id, product_uom, quantity, quantity, location_id, location_dest_id, state, TRUE,
                   date, date, date, date
              FROM moved
            """, parameters)
        self.env.cr.execute(
            """
            WITH changed AS (
                SELECT product_id, location_id, SUM(quantity) AS quantity
                  FROM unnest(%(products)s || %(products)s, %(sources)s || %(targets)s,
                              %(taken)s || %(quantities)s) AS row (product_id, location_id, quantity)
                 WHERE location_id = ANY(%(bins)s)
                 GROUP BY product_id, location_id
            ),
            updated AS (
                UPDATE stock_quant quant SET quantity = quant.quantity + changed.quantity
                  FROM changed
                 WHERE quant.product_id = changed.product_id AND quant.location_id = changed.location_id
                RETURNING quant.product_id, quant.location_id
            )
            INSERT INTO stock_quant (product_id, company_id, location_id, quantity, reserved_quantity, inventory_quantity_set,
                                     inventory_date, in_date, create_date, write_date)
            SELECT product_id, %(company)s, location_id, quantity, 0, FALSE, %(now)s, %(now)s, %(now)s, %(now)s
              FROM changed
             WHERE NOT EXISTS (SELECT FROM updated WHERE updated.product_id = changed.product_id
                                                     AND updated.location_id = changed.location_id)
            """, {**parameters, "taken": [-quantity for quantity in quantities], "bins": self.bins, "now": moments[-1]})
        self.env.invalidate_all()

    # People count

    def plan_day(self, day):
        """What the crons do in the night of a day."""
        self.clock.move_to(datetime.combine(day, NIGHT))
        self.plan.action_schedule()
        self.plan.action_generate()

    def count(self, day):
        """Count what is planned until a day, decide on it, and post it.

        :return: ``Counted`` of each line that was posted
        """
        self.clock.move_to(datetime.combine(day, COUNTING))
        sheets = self.env["stock.cycle.count"].search([
            ("plan_id", "=", self.plan.id), ("state", "=", "draft"), ("scheduled_date", "<=", day)])
        for sheet in sheets.with_user(self.counter):
            sheet.action_start()
            self._scan(sheet)
            sheet.action_close()
        self.clock.move_to(datetime.combine(day, DECIDING))
        for user in (self.supervisor, self.controller):
            self._decide(sheets, user)
        # Where counting found what may have been carried from one place to another, somebody looks before it is posted.
        sheets.filtered(lambda sheet: sheet.state == "review").with_user(self.supervisor).action_finalize()
        self.env.flush_all()
        self.env.invalidate_all()
        self._read_books()
        lines = sheets.line_ids
        waiting = lines.filtered(lambda line: line.state != "posted")
        if waiting or set(sheets.mapped("state")) - {"done"}:
            raise RuntimeError(f"{day}: not posted: {[(line.display_name, line.state, line.post_error) for line in waiting]}")
        return [
            Counted(self.numbers[line.product_id.id, line.location_id.id], line.selection_reason, bool(line.draw_id),
                    line.variance_qty) for line in lines]

    def _scan(self, sheet):
        """What a counter's device sends: what is there."""
        positions = self.world.positions
        verdicts = self.env["stock.cycle.count.scanner"].with_user(self.counter).record([
            {"client_key": f"line-{line.id}", "kind": "set", "age": 0, "line_id": line.id, "confirmed": True, "parts": [[
                f"uom-{line.product_uom_id.id}",
                positions[self.numbers[line.product_id.id, line.location_id.id]].real]]}
            for line in sheet.line_ids])["verdicts"]
        assert {verdict["status"] for verdict in verdicts} <= {"done"}, verdicts

    def _decide(self, sheets, user):
        lines = sheets.line_ids.filtered(lambda line: line.state == "to_approve").with_user(user)
        lines = lines.filtered("can_decide")
        lines.filtered(lambda line: not line.reason_id).write({"reason_id": self.reason.id})
        if lines:
            lines.action_approve("Simulation")

    def _read_books(self):
        """Let the world know what the books show."""
        self.env.cr.execute(
            "SELECT product_id, location_id, SUM(quantity) FROM stock_quant WHERE location_id = ANY(%s) GROUP BY 1, 2",
            [self.bins])
        books = {(product, place): quantity for product, place, quantity in self.env.cr.fetchall()}
        for key, number in self.numbers.items():
            self.world.positions[number].book = round(books.get(key, 0))

    # What the addon says

    def get_right(self):
        """Records right as the page shows it to a supervisor: share and interval of the last 90 days, from 0 to 1; None where
        there is nothing to say.
        """
        figure = self.env["stock.cycle.count.answers"].with_user(self.supervisor)._get_figures({"days": 90})["right"]
        return None if figure.value is None else (figure.value / 100, figure.low / 100, figure.high / 100)

    def get_offenders(self):
        """Positions that keep erring, as the list of what to count next shows them."""
        rows = self.env["stock.cycle.count.risk"].search([("plan_id", "=", self.plan.id), ("is_offender", "=", True)])
        return {self.numbers[row.product_id.id, row.location_id.id] for row in rows}
