"""What tests of the system share. They run under ``make test``, which gives them a server and databases."""

import contextlib
import os
import secrets
from unittest import mock

import psycopg2
import pytest
from hypothesis.internal.conjecture import providers
from psycopg2 import sql

from scripts.bootstrap.project import Project


@pytest.fixture
def project(tmp_path):
    """An empty checkout of the project, called without any setting."""
    made = Project(root=tmp_path, environ={"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]})
    made.make_local()
    return made


@pytest.fixture(scope="session", autouse=True)
def own_constants():
    """Hypothesis tries constants of the code under test, which is the addon's; to read those of all of Odoo takes long."""
    is_local = providers.is_local_module_file
    with mock.patch.object(
            providers, "is_local_module_file", lambda path: "/stock_cycle_count/" in path and is_local(path)):
        yield


@contextlib.contextmanager
def administration():
    """A cursor on the server of this run, outside a transaction."""
    with contextlib.closing(psycopg2.connect(dbname="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


@contextlib.contextmanager
def copied(setting):
    """A copy of the database that a setting of ``make test`` names, dropped in the end."""
    template = os.environ.get(setting)
    if not template:
        pytest.skip(f"make test names the database to copy in {setting}")
    with copy_of(template) as name:
        yield name


@contextlib.contextmanager
def copy_of(template):
    """A copy of a database, without its files, dropped in the end; of ``template0`` an empty one."""
    prefix = "stock_cycle_count" if template == "template0" else template
    name = f"{prefix}_{secrets.token_hex(4)}"
    with administration() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE {}").format(
            *map(sql.Identifier, (name, template))))
        try:
            yield name
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database():
    """A fresh database with the addon and stock_account, without demo data; dropped after the test."""
    with copied("STOCK_CYCLE_COUNT_TEMPLATE") as name:
        yield name


@pytest.fixture
def demo_database():
    """A fresh database with the addon and all demo data; dropped after the test. Some runs have none."""
    with copied("STOCK_CYCLE_COUNT_DEMO_TEMPLATE") as name:
        yield name


@pytest.fixture
def core_database():
    """A fresh database with stock_account and without the addon and demo data; dropped after the test."""
    with copied("STOCK_CYCLE_COUNT_CORE_TEMPLATE") as name:
        yield name
