"""Several workers at once, each with a connection of its own, on a database that is thrown away."""

import contextlib
import threading
from collections import Counter
from datetime import timedelta

import psycopg2
import pytest

import odoo
from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

#: Seconds after which a worker that waits for another gives up: something is wrong then.
PATIENCE = 60
PLANS, PRODUCTS = 4, 3


@pytest.fixture
def registry(database, monkeypatch):
    """The registry of a database with some plans, each with stock in a bin of its own that is due today."""
    monkeypatch.setitem(odoo.tools.config.options, "test_enable", False)
    registry = Registry(database)
    with environment(registry) as env:
        make_plans(env)
    yield registry
    Registry.delete(database)
    odoo.sql_db.close_db(database)


@contextlib.contextmanager
def environment(registry):
    """A transaction of the superuser, committed at the end."""
    with registry.cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})


def make_plans(env):
    warehouse = env["stock.warehouse"].search([], limit=1)
    counters = env["res.users"].create([
        {"name": name, "login": name, "groups_id": [Command.set(env.ref("stock_cycle_count.group_counter").ids)]}
        for name in ("ann", "bob")])
    products = env["product.product"].create(
        [{"name": f"Thing {number}", "type": "product"} for number in range(PRODUCTS)])
    calendar = env["resource.calendar"].create({"name": "Every day", "tz": "UTC", "attendance_ids": [Command.clear()] + [
        Command.create({"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24}) for day in range(7)]})
    for number in range(PLANS):
        place = env["stock.location"].create(
            {"name": f"Bin {number}", "location_id": warehouse.lot_stock_id.id, "cyclic_inventory_frequency": 1})
        for product in products:
            env["stock.quant"]._update_available_quantity(product, place, 5)
        env["stock.cycle.count.plan"].create({
            "name": f"Plan {number}", "warehouse_id": warehouse.id, "location_ids": [Command.set(place.ids)],
            "calendar_id": calendar.id, "counter_ids": [Command.set(counters.ids)], "sheet_size": 1,
            "daily_capacity": 100})


class Worker(threading.Thread):
    """Runs one function with an environment of its own, as a cron's process or a request does."""

    def __init__(self, registry, function):
        super().__init__(daemon=True)
        self.registry_of_database, self.function, self.error = registry, function, None
        self.start()

    def run(self):
        try:
            with environment(self.registry_of_database) as env:
                self.function(env)
        except Exception as error:
            self.error = error

    def finish(self):
        """Wait until it is done, and raise what it raised."""
        self.join(PATIENCE)
        assert not self.is_alive(), "a worker waits for ever"
        if self.error:
            raise self.error


def schedule(env):
    env["stock.cycle.count.plan"]._cron_schedule()


def generate(env):
    env["stock.cycle.count.plan"]._cron_generate()


def press(env):
    """What a person's click does: one request for all plans, tried again when it collides."""
    plans = env["stock.cycle.count.plan"].search([])
    retrying(plans.action_generate, env)


def prepare_sheets(registry):
    """Schedule everything, so that there are sheets to make."""
    with environment(registry) as env:
        schedule(env)


def check_sheets(registry):
    """Every stock key that is due stands on one open line, on one sheet of its plan."""
    with environment(registry) as env:
        lines = env["stock.cycle.count.line"].search([("state", "=", "pending")])
        keys = Counter((line.product_id, line.location_id) for line in lines)
        assert len(keys) == PLANS * PRODUCTS
        assert set(keys.values()) == {1}
        draws = env["stock.cycle.count.draw"].search([])
        assert len(draws) == len(draws.plan_id) == PLANS, "each plan draws once a day"
        assert not draws._verify()
        sheets = env["stock.cycle.count"].search([])
        assert len(sheets) == PLANS * PRODUCTS, "no sheet is left without its lines"
        assert len(set(sheets.mapped("name"))) == len(sheets)
        assert Counter(sheets.user_id.mapped("login")) == {"ann": 1, "bob": 1}


def generate_at_once(registry, monkeypatch, *functions):
    """Run two functions, both of which look at the database before either takes its first lock."""
    plan_class = registry["stock.cycle.count.plan"]
    lock, barrier, met = plan_class._begin_job, threading.Barrier(2), set()

    def wait_then_lock(plan):
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            plan.env.cr.execute("SELECT 1")
            barrier.wait(PATIENCE)
        return lock(plan)

    monkeypatch.setattr(plan_class, "_begin_job", wait_then_lock)
    for worker in [Worker(registry, function) for function in functions]:
        worker.finish()


@pytest.mark.parametrize("functions", [(press, press), (generate, generate), (generate, press)])
def test_generating_at_once_adds_nothing_twice(registry, monkeypatch, functions):
    prepare_sheets(registry)
    generate_at_once(registry, monkeypatch, *functions)
    check_sheets(registry)


def test_two_who_set_up_one_warehouse_make_one_plan(registry, monkeypatch):
    """Each on a page of their own, in a company with empty shelves: neither settings nor classes change."""
    with environment(registry) as env:
        env["product.product"].search([]).active = False
        company = env["res.company"].create({
            "name": "Shop", "cycle_count_setup_date": fields.Date.today(), "cycle_count_adjustment_control": False})
        warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)])
        people = {name: env["res.users"].create({
            "name": name, "login": name, "company_ids": [Command.set(company.ids)], "company_id": company.id,
            "groups_id": [Command.set(env.ref(f"stock_cycle_count.group_{name}").ids)],
        }).ids for name in ("counter", "controller")}
        pages = env["stock.cycle.count.setup"].create([{
            "warehouse_ids": [Command.set(warehouse.ids)], "counter_ids": [Command.set(people["counter"])],
            "approval": "others", "controller_ids": [Command.set(people["controller"])], "supervisor_ids": [Command.clear()],
            "tolerance": "keep", "control": "later", "daily_capacity": 10,
        } for _person in range(2)]).ids
    setup_class = registry["stock.cycle.count.setup"]
    start, barrier, met = setup_class.action_start, threading.Barrier(2), set()

    def look_then_start(page):
        if page.id not in met:
            met.add(page.id)
            page.env.cr.execute("SELECT 1")
            barrier.wait(PATIENCE)
        return start(page)

    monkeypatch.setattr(setup_class, "action_start", look_then_start)
    refusals = []
    for worker in [Worker(registry, lambda env, page=page: retrying(
            env["stock.cycle.count.setup"].browse(page).action_start, env)) for page in pages]:
        try:
            worker.finish()
        except UserError as error:
            refusals.append(str(error))
    assert [text for text in refusals if "there is a plan of the whole warehouse already" in text] == refusals
    assert len(refusals) == 1
    with environment(registry) as env:
        assert len(env["stock.cycle.count.plan"].search([("warehouse_id", "=", warehouse.id)])) == 1


def test_the_database_itself_refuses_a_second_open_line(registry):
    prepare_sheets(registry)
    with environment(registry) as env:
        generate(env)
    check_sheets(registry)
    with pytest.raises(psycopg2.errors.UniqueViolation), environment(registry) as env:
        env.cr.execute("""
            INSERT INTO stock_cycle_count_line (
                count_id, company_id, product_id, location_id, state, selection_reason, round)
            SELECT count_id, company_id, product_id, location_id, state, selection_reason, round
              FROM stock_cycle_count_line LIMIT 1
        """)


def record_runs(registry, monkeypatch, before=lambda plan: None):
    """Note which worker does which plan: ``[(thread id, plan name), ...]``."""
    plan_class = registry["stock.cycle.count.plan"]
    run_one, runs = plan_class._run_one, []

    def record(plan, action):
        runs.append((threading.get_ident(), plan.name))
        before(plan)
        return run_one(plan, action)

    monkeypatch.setattr(plan_class, "_run_one", record)
    return runs


def test_two_schedule_crons_share_the_plans(registry, monkeypatch):
    """While one worker is busy with a plan, another does all the rest, and neither does one twice."""
    holding, others_done = threading.Event(), threading.Event()
    first_thread = []

    def hold(_plan):
        if not first_thread:
            first_thread.append(threading.get_ident())
            holding.set()
            assert others_done.wait(PATIENCE)

    runs = record_runs(registry, monkeypatch, hold)
    first = Worker(registry, schedule)
    assert holding.wait(PATIENCE)
    second = Worker(registry, schedule)
    second.finish()
    others_done.set()
    first.finish()
    assert Counter(name for _thread, name in runs) == {f"Plan {number}": 1 for number in range(PLANS)}
    assert [name for thread, name in runs if thread == first_thread[0]] == ["Plan 0"]
    check_schedule(registry)


def check_schedule(registry):
    """All plans are done today, and every stock key has one position with a date."""
    with environment(registry) as env:
        plans = env["stock.cycle.count.plan"].search([])
        assert all(plan.last_schedule_date.date() == fields.Date.today() for plan in plans)
        assert not any(plans.mapped("last_error"))
        positions = env["stock.cycle.count.position"].search([])
        assert Counter(positions.plan_id.mapped("name")) == {f"Plan {number}": 1 for number in range(PLANS)}
        assert len(positions) == PLANS * PRODUCTS
        assert all(positions.mapped("scheduled_date"))


def test_many_schedule_crons_at_once(registry, monkeypatch):
    runs = record_runs(registry, monkeypatch)
    workers = [Worker(registry, schedule) for _number in range(6)]
    for worker in workers:
        worker.finish()
    assert Counter(name for _thread, name in runs) == {f"Plan {number}": 1 for number in range(PLANS)}
    check_schedule(registry)


def test_a_worker_that_dies_leaves_its_plan_to_the_next(registry, monkeypatch):
    """The server kills the connection when the second plan is written but not committed."""
    plan_class = registry["stock.cycle.count.plan"]
    commit, commits = plan_class._commit_progress, []

    def die_on_the_second(plans):
        commits.append(plans)
        if len(commits) == 2:
            plans.env.flush_all()
            pid = plans.env.cr._cnx.get_backend_pid()
            with registry.cursor() as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
        return commit(plans)

    with monkeypatch.context() as patching:
        patching.setattr(plan_class, "_commit_progress", die_on_the_second)
        worker = Worker(registry, schedule)
        with pytest.raises(psycopg2.Error):
            worker.finish()
    with environment(registry) as env:
        done = env["stock.cycle.count.plan"].search([("last_schedule_date", "!=", False)])
        assert done.mapped("name") == ["Plan 0"], "what was committed stays, the rest is as if it never was"
        assert env["stock.cycle.count.position"].search([]).plan_id == done
        before = done.last_schedule_date
    runs = record_runs(registry, monkeypatch)
    Worker(registry, schedule).finish()
    assert [name for _thread, name in runs] == [f"Plan {number}" for number in range(1, PLANS)]
    check_schedule(registry)
    with environment(registry) as env:
        first = env["stock.cycle.count.plan"].search([("name", "=", "Plan 0")])
        assert first.last_schedule_date - before < timedelta(seconds=1), "the first plan is not done again"


def test_scheduling_meets_a_count(registry, monkeypatch):
    """Somebody counts in Physical Inventory while a plan is scheduled: both are kept, whoever is first."""
    prepare_sheets(registry)
    counted, scheduled = threading.Event(), threading.Event()
    with environment(registry) as env:
        env["stock.cycle.count.plan"].search([]).last_schedule_date = fields.Datetime.now() - timedelta(days=2)
        position = env["stock.cycle.count.position"].search([], limit=1)
        quant_id = env["stock.quant"].search(
            [("product_id", "=", position.product_id.id), ("location_id", "=", position.location_id.id)]).id
        position_id = position.id

    def count(env):
        def apply():
            quant = env["stock.quant"].browse(quant_id)
            quant.inventory_quantity = 4
            quant.action_apply_inventory()
            env.flush_all()
            if not counted.is_set():
                counted.set()
                assert scheduled.wait(PATIENCE)
        retrying(apply, env)

    counter = Worker(registry, count)
    assert counted.wait(PATIENCE)
    looked = threading.Event()

    def tell(_plan):
        looked.set()

    record_runs(registry, monkeypatch, tell)
    planner = Worker(registry, schedule)
    assert looked.wait(PATIENCE)
    scheduled.set()
    counter.finish()
    planner.finish()
    with environment(registry) as env:
        position = env["stock.cycle.count.position"].browse(position_id)
        assert position.last_count_date.date() == fields.Date.today()
        assert position.scheduled_date == fields.Date.today() + timedelta(days=1)
        assert env["stock.quant"].browse(quant_id).quantity == 4
