"""``make simulate``: let the addon count seeded years of a warehouse, and write ``SIMULATION.md`` and its plot.

Each world is counted by a plan that ranks and by plans of two class settings, all with the same counts a day, each in a copy
of the database that is named. A quick run is too short to be judged, and writes nothing.
"""

import argparse
import contextlib
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from typing import NamedTuple

import freezegun
import psycopg2
from psycopg2 import sql

import odoo
from odoo.api import Environment

from . import report
from .accounts import Course, Day, Find, Told
from .house import NIGHT, OURS, QUARTER, SETTINGS, House
from .world import BEFORE, MODELS, WEEK, YEAR, World

#: A Monday; all that happens is before the real clock, by which PostgreSQL stamps rows.
FIRST = date(2023, 7, 3)
#: Weeks after which PostgreSQL is told anew what the tables are like.
TIDY = 4
#: Chances a day by which positions of a population go wrong, on average, and shares of the counts that are drawn at random.
LEVELS, SHARES = (0.0012, 0.0004), (0.1, 0.2)
#: Models and seeds unless others are asked for; quarters of each kind of population.
USUAL_MODELS, SEEDS, QUARTERS = ("moves", "theft", "mixed"), 3, 400


class Job(NamedTuple):
    """One world that is counted by one setting."""

    template: str
    model: str
    seed: int
    setting: str
    positions: int
    capacity: int
    weeks: int


def get_day(week, number=0):
    """Working day of a week from the beginning.

    >>> get_day(0).isoformat(), get_day(1, 4).isoformat()
    ('2023-07-03', '2023-07-14')
    """
    return FIRST + timedelta(weeks=week, days=number)


def play(job):
    """Count one world for some weeks, and say what came of it."""
    with copy_of(job.template) as name:
        registry = odoo.registry(name)
        try:
            with freezegun.freeze_time(datetime.combine(FIRST, NIGHT)) as clock, registry.cursor() as cr:
                return _play(Environment(cr, odoo.SUPERUSER_ID, {}), clock, job)
        finally:
            odoo.modules.registry.Registry.delete(name)
            odoo.sql_db.close_db(name)


def _play(env, clock, job):
    world = World(MODELS[job.model], job.seed, job.positions)
    house = House(env, world, clock, SETTINGS[job.setting], job.capacity)
    house.fill(get_day(0))
    for week in range(BEFORE):
        house.move([(get_day(week, number), world.step()) for number in range(WEEK)])
    env.cr.commit()
    house.open(get_day(BEFORE))
    course = Course(job.model, job.seed, job.setting, offences=[one.offence for one in world.positions])
    for week in range(job.weeks):
        _count(house, world, course, week)
        moved = []
        for number in range(WEEK):
            moved.append((get_day(BEFORE + week, number), world.step()))
            course.days.append(_look(world))
        house.move(moved)
        if week % TIDY == TIDY - 1:
            house.tidy()
        env.cr.commit()
    return course


def _look(world):
    return Day(world.outstanding(), world.right(), world.phantoms())


def _count(house, world, course, week):
    """Count on a Monday, and look at what the addon says then.

    :raise RuntimeError: when the addon found anything else than what differs
    """
    day = get_day(BEFORE + week)
    house.plan_day(day)
    course.mondays.append(_look(world))
    errors = [one.error for one in world.positions]
    for line in house.count(day):
        if errors[line.number] != line.units:
            raise RuntimeError(f"{day}: position {line.number} was found to differ by {line.units}, not {errors[line.number]}")
        course.finds.append(Find(week, line.reason, line.is_drawn, abs(line.units) * world.positions[line.number].cost))
    if course.setting != OURS:
        return
    for index in house.get_offenders():
        course.shown.setdefault(index, week + 1)
    if week % QUARTER == QUARTER - 1:
        _share, low, high = house.get_right()
        truth = [one.right for one in course.mondays[-QUARTER:]]
        course.told.append(Told(low, high, sum(truth) / QUARTER))


@contextlib.contextmanager
def copy_of(template):
    """A copy of a database, dropped in the end; it carries the comment of the original, by which it is known as ours."""
    name = f"{template}_{time.time_ns()}"
    _name, parameters = odoo.sql_db.connection_info_for("postgres")
    with contextlib.closing(psycopg2.connect(**parameters)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            copy = sql.Identifier(name)
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, sql.Identifier(template)))
            try:
                cursor.execute(
                    "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [template])
                cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(copy), cursor.fetchone())
                yield name
            finally:
                cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copy))


def play_population(level, share, quarters):
    """Quarters of a population; see ``population``."""
    from . import population  # rests on the addon, which can be imported when Odoo is configured

    return population.play(level, share, quarters, 1)


def _configure(arguments):
    odoo.tools.config.parse_config(arguments)


def main(arguments=None):
    """Simulate, print and write what came of it; return the exit code."""
    options = _parse(arguments)
    start = time.monotonic()

    def progress(text):
        print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)

    jobs = [
        Job(options.database, model, seed, setting, options.positions, options.capacity, options.weeks)
        for seed in range(1, options.seeds + 1) for model in options.models for setting in SETTINGS]
    config = [f"--database={options.database}", "--log-level=warn", *([f"--config={options.config}"] if options.config else [])]
    _configure(config)  # what workers answer is read with the addon
    worlds, courses, cells = {}, [], {}
    # Odoo is loaded in processes of their own: none of them was forked from one that holds connections.
    with ProcessPoolExecutor(options.workers, get_context("spawn"), _configure, [config]) as pool:
        quarters = {pool.submit(play_population, level, share, options.quarters): (level, share)
                    for level in LEVELS for share in SHARES}
        for future in as_completed([*quarters, *(pool.submit(play, job) for job in jobs)]):
            if future in quarters:
                cells[quarters[future]] = future.result()
                progress("a population")
            else:
                course = future.result()
                courses.append(course)
                progress(f"{course.model}, seed {course.seed}, {course.setting}: {course.mean('outstanding'):,.0f} outstanding, "
                         f"{course.mean('right'):.1%} right, {len(course.finds)} counts")
            worlds = report.group(courses)
            whole = len(jobs) // len(SETTINGS)
            done = sum(len(by_setting[OURS]) for by_setting in worlds.values())
            size = (f"{done} of {whole} worlds, {options.positions} positions, {options.capacity} counts a week, "
                    f"{options.weeks} weeks, {(time.monotonic() - start) / 60:.0f} minutes in {options.workers} processes")
            if worlds and not options.quick:
                # What is complete so far: a run that is stopped leaves it.
                report.write(worlds, cells, size)
    print(f"\n{report.compose(worlds, cells, size)}\n")
    return 0


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulation.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--database", required=True, help="a database with the addon and no demo data; copies of it are used")
    parser.add_argument("--config", help="Odoo's configuration file; without it, the one that ODOO_RC names")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(USUAL_MODELS), help="how errors come about")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"worlds of each model ({SEEDS})")
    parser.add_argument("--weeks", type=int, default=YEAR, help=f"weeks ({YEAR})")
    parser.add_argument("--positions", type=int, default=300, help="positions of a warehouse (300)")
    parser.add_argument("--capacity", type=int, default=15, help="counts a week (15)")
    parser.add_argument("--quarters", type=int, default=QUARTERS, help=f"quarters of each population ({QUARTERS})")
    parser.add_argument("--workers", type=int, default=1, help="processes (1)")
    parser.add_argument("--quick", action="store_true", help="some weeks of one small world, to try it, without writing anything")
    options = parser.parse_args(arguments)
    if options.quick:
        options.models, options.seeds, options.weeks, options.quarters = ["moves"], 1, 3, 5
        options.positions, options.capacity = 120, 10
    return options


if __name__ == "__main__":
    sys.exit(main())
