"""How a statement meets the ORM."""
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import NamedTuple

from odoo.tools import SQL


class Query(NamedTuple):
    """A statement and what it touches: ``{model: fields}``, where no fields stand for all."""

    sql: SQL
    reads: Mapping[str, tuple[str, ...]]
    writes: Mapping[str, tuple[str, ...]]


def query(reads: Iterable[str] = (), writes: Iterable[str] = ()) -> Callable:
    """Turn a function that returns SQL into one that returns a ``Query``.

    :param reads: names of models, or ``{model: fields}``; what the ORM has not written yet is written before
    :param writes: likewise; what the ORM remembers of it is forgotten after
    """
    def touched(given):
        return given if isinstance(given, Mapping) else dict.fromkeys(given, ())

    def decorate(build):
        @wraps(build)
        def made(*args, **kwargs):
            return Query(build(*args, **kwargs), touched(reads), touched(writes))

        return made

    return decorate


def run(env, statement: Query) -> list[tuple]:
    """Run a statement between a flush and an invalidation, which no caller can forget.

    :return: its rows; none when it gives none
    """
    for model, names in (*statement.reads.items(), *statement.writes.items()):
        env[model].flush_model(names or None)
    env.cr.execute(statement.sql)
    rows = env.cr.fetchall() if env.cr.description else []
    for model, names in statement.writes.items():
        env[model].invalidate_model(names or None)
    return rows


def stream(env, statement: Query, file):
    """Write the rows of a statement to a file as CSV, with a first row of names, without holding them in memory."""
    for model, names in statement.reads.items():
        env[model].flush_model(names or None)
    code = env.cr.mogrify(statement.sql.code, statement.sql.params).decode()
    env.cr.copy_expert(f"COPY ({code}) TO STDOUT WITH (FORMAT csv, HEADER)", file)
