"""How the set-up finds Python and Odoo 17.0, or downloads it, and what it says when there is none."""

import functools
import http.server
import io
import os
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from scripts.bootstrap import environment
from scripts.bootstrap.odoo_source import OdooSource, find_odoo, link_into, linked_source
from scripts.bootstrap.project import SetUpError

ROOT = Path(__file__).parents[1]
RELEASE = "version_info = (17, 0, 0, 'final', 0, '')\n"


def make_odoo(home, release=RELEASE, addons="odoo/addons"):
    """A folder that looks like an Odoo."""
    for folder in (home / "odoo", home / addons / "stock"):
        folder.mkdir(parents=True, exist_ok=True)
    (home / "odoo" / "release.py").write_text(release)
    (home / addons / "stock" / "__manifest__.py").write_text("{}")
    return home


@pytest.fixture(autouse=True)
def nothing_importable(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


@pytest.fixture
def web(project, tmp_path):
    """A folder that is served, from which the set-up downloads."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    project.environ["ODOO_ARCHIVE_URL"] = f"http://127.0.0.1:{server.server_port}/odoo.tar.gz"
    yield folder
    server.shutdown()
    server.server_close()


def make_archive(folder, release=RELEASE):
    """An archive like the official one: everything in one folder with a date in its name."""
    home = make_odoo(folder.parent / "unpacked" / "odoo-17.0.post20240709", release)
    with tarfile.open(folder / "odoo.tar.gz", "w:gz") as tar:
        tar.add(home, arcname=home.name)
    return folder / "odoo.tar.gz"


def test_the_order_is_home_importable_cache(project, tmp_path, monkeypatch):
    named, installed, cached = map(make_odoo, (tmp_path / "caller" / "named", tmp_path / "installed", project.cache))
    project.environ.update(INVOKED_FROM=str(tmp_path / "caller"), ODOO_HOME="named")
    assert find_odoo(project).home == named, "relative to the caller"
    del project.environ["ODOO_HOME"]
    assert find_odoo(project).home == cached
    found = type("Spec", (), {"submodule_search_locations": [str(installed / "odoo")]})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found)
    assert find_odoo(project).home == installed


def test_an_odoo_of_another_series_is_passed_over_aloud(project, tmp_path, capsys):
    old = make_odoo(tmp_path / "old", release="version_info = (16, 0, 0, 'final', 0, '')\n")
    make_odoo(project.cache)
    project.environ["ODOO_HOME"] = str(old)
    assert find_odoo(project).home == project.cache
    assert f"ODOO_HOME is passed over: {old} holds Odoo 16.0" in capsys.readouterr().out


def test_what_an_odoo_is(tmp_path):
    checkout = OdooSource(make_odoo(tmp_path / "checkout", addons="addons"))
    assert OdooSource(make_odoo(tmp_path / "archive")).objection() == checkout.objection() == ""
    assert checkout.addons_paths == [checkout.home / "addons"]
    for release, objection in (("version_info = ('saas~17', 2, 0)\n", "holds Odoo saas~17.2"), ("", "of no known series")):
        assert objection in OdooSource(make_odoo(tmp_path / "other", release=release)).objection()
    framework = OdooSource(make_odoo(tmp_path / "framework", addons="elsewhere"))
    assert framework.objection() == "holds Odoo's framework without its addons"


def test_the_archive_is_downloaded_into_the_cache(project, web):
    make_archive(web)
    project.cache.mkdir(parents=True)
    assert find_odoo(project).home == project.cache and not OdooSource(project.cache).objection()
    assert os.listdir(project.cache.parent) == ["17.0"]


def test_what_somebody_keeps_in_the_cache_stays(project, web):
    make_archive(web)
    project.cache.mkdir(parents=True)
    (project.cache / "mine.txt").write_text("mine")
    with pytest.raises(SetUpError, match="cache: .* holds no Odoo.*\n.*not empty"):
        find_odoo(project)
    assert os.listdir(project.cache) == ["mine.txt"]


@pytest.mark.parametrize("damage", ["broken off", "not an archive", "another series", "outside its folder"])
def test_a_bad_archive_never_reaches_the_cache(project, web, tmp_path, damage):
    archive = make_archive(web, RELEASE.replace("17", "18") if damage == "another series" else RELEASE)
    if damage == "broken off":
        archive.write_bytes(archive.read_bytes()[:-40])
    elif damage == "not an archive":
        archive.write_bytes(b"<html>Sorry</html>")
    elif damage == "outside its folder":
        with tarfile.open(archive, "w:gz") as tar:
            member = tarfile.TarInfo("../../../../escaped.txt")
            member.size = 4
            tar.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(SetUpError):
        find_odoo(project)
    assert list(project.cache.parent.iterdir()) == [] and not list(tmp_path.rglob("escaped.txt"))


def test_not_found_says_what_was_tried_and_the_one_thing_to_do(project, tmp_path):
    project.environ.update(ODOO_HOME=str(tmp_path / "nowhere"), ODOO_ARCHIVE_URL="http://127.0.0.1:9/odoo.tar.gz")
    with pytest.raises(SetUpError) as failure:
        find_odoo(project)
    tried, to_do = str(failure.value).split("To do: ")
    places = [tried.find(what) for what in ("ODOO_HOME", "no such folder", "cache:", "127.0.0.1:9/odoo.tar.gz", "refused")]
    assert -1 not in places and places == sorted(places), tried
    assert str(project.cache) in to_do and "ODOO_HOME=" in to_do


def test_only_the_odoo_of_an_installation_is_linked(project, tmp_path):
    for home in (tmp_path / "first", tmp_path / "second"):
        link_into(project, OdooSource(make_odoo(home)))
        assert linked_source(project).home == home
    assert os.listdir(project.odoo_link.parent) == ["odoo"]


# The Python that Odoo runs on


def test_a_python_that_odoo_runs_on_is_found(tmp_path, monkeypatch):
    assert environment.find_python() == sys.executable
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    for name, does in (("python3.12", "exit 127"), ("python3.11", "echo 3 11")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    assert environment.find_python() == str(tmp_path / "python3.11"), "a launcher without its Python is passed over"
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SetUpError, match="(?s)Python 3.10 to 3.12.*To do: install"):
        environment.find_python()


def test_an_environment_is_made_once_and_again_when_requirements_change(tmp_path, monkeypatch):
    installed = []
    requirements = tmp_path / "requirements.txt"

    def ensure(text, install=lambda *arguments: installed.append(arguments)):
        requirements.write_text(text)
        monkeypatch.setattr(environment, "pip_install", install)
        return environment.ensure_venv(sys.executable, tmp_path / "venv", requirements)

    with pytest.raises(ZeroDivisionError):
        ensure("a==1", lambda *_arguments: 1 / 0)
    assert ensure("a==1") == ensure("a==1") and len(installed) == 1, "one that failed is tried again"
    ensure("a==2")
    assert len(installed) == 2


def test_pip_that_fails_is_shown(capsys):
    with pytest.raises(SetUpError, match="To do: see that pip reaches its package index"):
        environment.pip_install(sys.executable, "--no-index", "no-such-package-anywhere")
    assert "no-such-package-anywhere" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-lint.txt", "requirements-postgresql.txt"])
def test_every_requirement_is_pinned_and_needs_no_compiler(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
    assert lines and [line for line in lines if "==" not in line.partition(";")[0]] == []
    assert not {line.partition("==")[0].lower() for line in lines} & {"psycopg2", "python-ldap"}


def test_the_first_stage_needs_the_standard_library_alone():
    code = "import scripts.bootstrap.__main__, scripts.lint"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
