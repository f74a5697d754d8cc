"""The set-up's databases: only those with this checkout's mark are ever changed or dropped."""

import dataclasses
import os

import pytest
from psycopg2 import sql

from scripts.bootstrap.databases import Databases, Recipe, addon_hash
from scripts.bootstrap.errors import SetUpError
from scripts.bootstrap.odoo_source import OdooSource
from scripts.bootstrap.postgres import Server

from .conftest import administration
from .test_bootstrap_odoo import make_odoo


class FakeOdoo:
    """Installs nothing, and remembers what it was asked for."""

    def __init__(self, project, tmp_path):
        self.project = project
        self.server = Server(
            host=os.environ.get("PGHOST"), port=os.environ.get("PGPORT"), user=os.environ.get("PGUSER")
        )
        self.source = OdooSource(make_odoo(tmp_path / "odoo"))
        self.calls = []

    def run_logged(self, title, log, *arguments):
        self.calls.append(arguments)


@pytest.fixture
def databases(project, tmp_path, monkeypatch):
    monkeypatch.setattr(Databases, "_check_installed", lambda self, name, recipe: None)
    project.addon.mkdir()
    (project.addon / "__manifest__.py").write_text("{}")
    made = Databases(FakeOdoo(project, tmp_path))
    yield made
    made.drop_all()


@pytest.fixture
def foreign(databases):
    """A database under a name of ours that somebody else made."""
    name = databases.name("foreign")
    with administration() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield name
        cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def exists(name):
    with administration() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() == (1,)


@pytest.mark.parametrize("comment", [None, "mine", "made by stock_cycle_count, checkout another: complete"])
def test_a_database_of_somebody_else_is_left_alone(databases, foreign, comment):
    with administration() as cursor:
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(foreign)), [comment])
    for attempt in (databases.state, databases.drop, databases.create):
        with pytest.raises(SetUpError, match="this checkout did not make it.*\nTo do:"):
            attempt(foreign)
    databases.drop_all()
    assert exists(foreign)


def test_a_database_is_complete_only_when_it_says_so(databases):
    name = databases.name("own")
    assert databases.state(name) is None
    databases.create(name)
    assert databases.state(name) == ""
    databases.set_state(name, "complete")
    assert databases.state(name) == "complete"
    databases.create(name)
    assert databases.state(name) == "", "made again"
    databases.drop(name)
    assert databases.state(name) is None


def test_a_copy_has_the_files_too(databases):
    template, name = databases.name("template"), databases.name("copy")
    databases.create(template)
    file = databases.project.data_dir / "filestore" / template / "ab" / "abcd"
    file.parent.mkdir(parents=True)
    file.write_text("picture")
    databases.create(name, template)
    assert (databases.project.data_dir / "filestore" / name / "ab" / "abcd").read_text() == "picture"
    databases.drop(name)
    assert not (databases.project.data_dir / "filestore" / name).exists() and file.exists()


def test_a_recipe_is_made_again_only_when_its_ingredients_change(databases):
    core = Recipe("core", "stock", demo=False)
    addon = Recipe("addon", "stock_cycle_count", demo=False, parent=core)
    for _again in range(2):
        databases.prepared(addon)
    assert [call[1] for call in databases.odoo.calls] == ["--init=stock", "--init=stock_cycle_count"]
    (databases.project.addon / "models.py").write_text("changed")
    databases.prepared(addon)
    assert [call[1] for call in databases.odoo.calls[2:]] == ["--init=stock_cycle_count"]
    release = databases.odoo.source.package / "release.py"
    release.write_text(release.read_text() + "version += '-20250101'\n")
    databases.prepared(addon)
    assert [call[1] for call in databases.odoo.calls[3:]] == ["--init=stock", "--init=stock_cycle_count"]


def test_an_installation_that_broke_off_is_made_again(databases, monkeypatch):
    recipe = Recipe("core", "stock", demo=True)

    def fails(*_arguments):
        raise SetUpError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(databases.odoo, "run_logged", fails)
        with pytest.raises(SetUpError):
            databases.prepared(recipe)
    databases.prepared(recipe)
    assert len(databases.odoo.calls) == 1


def test_names_are_this_checkouts_alone_on_a_shared_server(databases):
    assert databases.name("demo") == f"stock_cycle_count_demo_{databases.project.checkout_id}"
    databases.odoo.server = dataclasses.replace(databases.odoo.server, private=True)
    assert databases.name("demo") == "stock_cycle_count_demo"


def test_the_hash_is_of_what_an_installation_reads(tmp_path):
    (tmp_path / "views.xml").write_text("<odoo/>")
    before = addon_hash(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text("")
    assert addon_hash(tmp_path) == before
    (tmp_path / "views.xml").rename(tmp_path / "other.xml")
    assert addon_hash(tmp_path) != before


def test_a_server_that_does_not_let_us_in_says_what_to_correct(databases, monkeypatch):
    with monkeypatch.context() as away:
        away.setattr(databases.odoo, "server", Server(host="127.0.0.1", port="9", user="me"))
        with pytest.raises(SetUpError, match="(?s)127.0.0.1, port 9, user me.*To do: correct PGHOST"):
            databases.state("any")


@pytest.mark.parametrize(
    ("role", "message"),
    [(("postgres", True), "To do: createuser --createdb odoo"), (("me", False), 'ALTER ROLE "me" CREATEDB')],
)
def test_a_role_that_cannot_do_is_told_what_is_missing(databases, monkeypatch, role, message):
    class Cursor:
        def __enter__(self):
            return self

        def __exit__(self, *_args):
            pass

        def execute(self, *_args):
            pass

        def fetchone(self):
            return role

    with monkeypatch.context() as away:
        away.setattr(Databases, "_cursor", lambda self: Cursor())
        with pytest.raises(SetUpError, match=message):
            databases._check_role()
