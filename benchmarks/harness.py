"""Runs variants of one piece of work by turns, each from the same state of the database, and keeps their cost."""

import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass, field

import psycopg2
from psycopg2 import sql

import odoo
from odoo.api import Environment


@dataclass
class Samples:
    """What one step cost in every repetition."""

    seconds: list = field(default_factory=list)
    queries: list = field(default_factory=list)

    @property
    def best(self):
        """The shortest time: what else the machine does only ever adds to one."""
        return min(self.seconds)

    @property
    def most_queries(self):
        return max(self.queries)


@dataclass(frozen=True)
class Row:
    """One line of the table of results.

    ``figure`` is what is judged, in ``unit``; it does not depend on how fast the machine is, but for what a person waits for,
    in seconds (``s``). ``limit`` is None where a figure is only reported.
    """

    work: str
    size: str
    seconds: float
    queries: int
    compared: str
    figure: float
    unit: str
    limit: "float | None" = None

    @property
    def passed(self):
        return self.limit is None or self.figure <= self.limit


class Benchmark:
    """Work of the addon that is measured: what it needs, how the addon does it, and how else it could be done.

    A variant is a method that gets an environment and a clock, does its steps each in ``with clock(name):``, and
    returns what came out of it. All variants must come to the same, or the comparison would say nothing.
    """

    title = ""
    #: Tables that the variants write; they are cleaned of what the previous variant left behind.
    tables = ()
    #: Names of the methods to be measured.
    variants = ("ours",)

    def __init__(self, world):
        self.world = world

    def prepare(self, env):
        """Bring the database in the state in which every variant starts; this is committed."""

    def rows(self, samples):
        """Results for the table, from ``{step: Samples}``."""
        raise NotImplementedError


class Database:
    """The database that is measured in."""

    def __init__(self, name):
        self.name = name
        self.registry = odoo.registry(name)

    @contextlib.contextmanager
    def environment(self, commit=True):
        """The superuser's environment, as crons have it, in a transaction of its own."""
        with self.registry.cursor() as cr:
            # What is rolled back must not live on in the registry's caches.
            self.registry.clear_all_caches()
            yield Environment(cr, odoo.SUPERUSER_ID, {})
            if not commit:
                cr.rollback()

    def tidy(self, tables):
        """Remove dead rows and bring the statistics up to date, as autovacuum would between two nights."""
        _name, parameters = odoo.sql_db.connection_info_for(self.name)
        with contextlib.closing(psycopg2.connect(**parameters)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for table in tables:
                    cursor.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


def measure(database, benchmark, repetitions, progress):
    """Measure the variants of a benchmark by turns; none leaves anything in the database.

    What else the machine does then hits all of them alike, and of each the best time counts.

    :param progress: called with a text before every run
    :return: ``{step: Samples}``
    :raise RuntimeError: variants come to different results
    """
    samples = defaultdict(Samples)
    outcomes = {}
    for repetition in range(repetitions):
        # Who goes first changes, so that nobody always finds the warmer caches.
        turn = benchmark.variants[:: -1 if repetition % 2 else 1]
        for name in turn:
            progress(f"{benchmark.title}: {name} {repetition + 1}/{repetitions}")
            database.tidy(benchmark.tables)
            with database.environment(commit=False) as env:
                # The addon does so itself; bare SQL shall not be slower for want of it.
                env.cr.execute("SET LOCAL jit = off")
                outcomes[name] = getattr(benchmark, name)(env, _clock(env, samples))
    if any(outcome != outcomes["ours"] for outcome in outcomes.values()):
        raise RuntimeError(f"{benchmark.title}: the variants do not come to the same: {outcomes}")
    return samples


def _clock(env, samples):
    @contextlib.contextmanager
    def clock(step):
        queries, start = env.cr.sql_log_count, time.perf_counter()
        yield
        env.flush_all()
        samples[step].seconds.append(time.perf_counter() - start)
        samples[step].queries.append(env.cr.sql_log_count - queries)

    return clock
