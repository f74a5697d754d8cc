"""How the set-up finds Python and Odoo 17.0, or downloads it, and what it says when there is none."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from scripts.bootstrap.odoo import addons_folders, configure, find_odoo, objection
from scripts.bootstrap.project import SetUpError

ROOT = Path(__file__).parents[1]


def make_odoo(home, series="17.0", addons="odoo/addons"):
    """A folder that looks like an Odoo."""
    for folder in (home / "odoo", home / addons / "stock"):
        folder.mkdir(parents=True, exist_ok=True)
    (home / "odoo" / "release.py").write_text(f"series = {series!r}\n")
    (home / addons / "stock" / "__manifest__.py").write_text("{}")
    return home


def make_archive(project, series="17.0"):
    """An archive like the official one, to be downloaded: everything in one folder with a date in its name."""
    archive = project.root / "web" / "odoo.tar.gz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(make_odoo(project.root / "unpacked", series), arcname="odoo-17.0.post20240709")
    project.environ["ODOO_ARCHIVE_URL"] = archive.as_uri()
    return archive


def test_the_order_is_home_cache(project, tmp_path, monkeypatch):
    named, cached = map(make_odoo, (tmp_path / "named", project.cache))
    monkeypatch.chdir(tmp_path)
    project.environ["ODOO_HOME"] = "named"
    assert find_odoo(project) == named
    project.environ["ODOO_HOME"] = " "
    assert find_odoo(project) == cached


@pytest.mark.parametrize(
    ("odoo", "why_not"),
    [
        ({"series": "16.0"}, "it holds Odoo 16.0"),
        ({"series": "saas~17.2"}, "it holds Odoo saas~17.2"),
        ({"addons": "elsewhere"}, "it holds Odoo's framework without its addons"),
        (None, "there is no such folder"),
    ],
)
def test_what_is_no_odoo_is_passed_over_aloud(project, tmp_path, capsys, odoo, why_not):
    cached = make_odoo(project.cache)
    if odoo:
        make_odoo(tmp_path / "named", **odoo)
    project.environ["ODOO_HOME"] = str(tmp_path / "named")
    assert find_odoo(project) == cached
    assert f"{tmp_path / 'named'} (ODOO_HOME) is passed over: {why_not}" in capsys.readouterr().out


def test_a_git_checkout_and_an_archive_are_both_an_odoo(tmp_path):
    checkout, archive = make_odoo(tmp_path / "checkout", addons="addons"), make_odoo(tmp_path / "archive")
    assert objection(checkout) == objection(archive) == ""
    assert addons_folders(checkout) == [checkout / "addons"]
    assert addons_folders(archive) == [archive / "odoo" / "addons"]


def test_the_archive_is_downloaded_into_the_cache(project):
    make_archive(project)
    project.cache.mkdir(parents=True)
    assert find_odoo(project) == project.cache and not objection(project.cache)
    assert os.listdir(project.cache.parent) == ["17.0"]


def test_what_somebody_keeps_in_the_cache_stays(project, capsys):
    make_archive(project)
    project.cache.mkdir(parents=True)
    (project.cache / "mine.txt").write_text("mine")
    with pytest.raises(SetUpError, match="not empty"):
        find_odoo(project)
    assert "(cache) is passed over: it holds no Odoo" in capsys.readouterr().out
    assert os.listdir(project.cache) == ["mine.txt"]


def escape(archive):
    """Make an archive one that writes outside of its folder."""
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../../../escaped.txt"))


@pytest.mark.parametrize(
    ("damage", "series"),
    [
        (lambda archive: archive.write_bytes(archive.read_bytes()[:-40]), "17.0"),
        (lambda archive: archive.write_bytes(b"<html>Sorry</html>"), "17.0"),
        (lambda archive: None, "18.0"),
        (escape, "17.0"),
    ],
    ids=["broken off", "not an archive", "another series", "outside its folder"],
)
def test_a_bad_archive_never_reaches_the_cache(project, tmp_path, damage, series):
    damage(make_archive(project, series))
    with pytest.raises(SetUpError):
        find_odoo(project)
    assert list(project.cache.parent.iterdir()) == [] and not list(tmp_path.rglob("escaped.txt"))


def test_not_found_says_what_was_tried_and_the_one_thing_to_do(project, tmp_path, capsys):
    project.environ.update(ODOO_HOME=str(tmp_path / "nowhere"), ODOO_ARCHIVE_URL="http://127.0.0.1:9/odoo.tar.gz")
    with pytest.raises(SetUpError) as failure:
        find_odoo(project)
    tried, to_do = (capsys.readouterr().out + str(failure.value)).split("To do: ")
    places = [tried.find(what) for what in ("ODOO_HOME", "no such folder", "(cache)", "127.0.0.1:9/odoo.tar.gz", "refused")]
    assert -1 not in places and places == sorted(places), tried
    assert str(project.cache) in to_do and "ODOO_HOME=" in to_do


def test_only_the_odoo_of_an_installation_is_linked(project, tmp_path):
    for home in (tmp_path / "first", tmp_path / "second"):
        python_path = configure(project, make_odoo(home))["PYTHONPATH"]
        assert os.listdir(python_path) == ["odoo"] and os.path.samefile(f"{python_path}/odoo", home / "odoo")


# The virtual environment


@pytest.fixture
def make(tmp_path):
    """Call the Makefile for the environment, with ``pythons`` that end with a code; return what they and it say."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("python3", "python3.12", "python3.11", "python3.10", "pip"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 127\n")  # a launcher without its Python
        (tmp_path / name).chmod(0o755)

    def call(pythons, pip="true"):
        for name, code in pythons.items():
            install = f"mkdir -p $3/bin && cp {tmp_path}/pip $3/bin && echo made by {name}"
            (tmp_path / name).write_text(f"#!/bin/sh\n[ $1 = -m ] || exit {code}\n{install}\n")
        (tmp_path / "pip").write_text(f"#!/bin/sh\necho pip $*\n{pip}\n")
        environ = {"PATH": f"{tmp_path}:/bin:/usr/bin"}
        done = subprocess.run(["make", ".venv/installed"], cwd=tmp_path, env=environ, capture_output=True, text=True)
        return done.stdout + done.stderr

    (tmp_path / "requirements.txt").write_text("a==1")
    return call


def test_a_python_that_odoo_runs_on_is_found(make):
    assert "Odoo 17.0 runs on Python 3.10 to 3.12, and there is none here. To do: install" in make({"python3": 1})
    assert "made by python3.11\n" in make({"python3": 1, "python3.11": 0})


def test_an_environment_is_made_once_and_again_when_requirements_change(make, tmp_path):
    said = make({"python3": 0}, pip="echo no such package; false")
    assert "no such package" in said and "Error 1" in said
    assert "--requirement requirements.txt" in make({"python3": 0}), "one that failed is tried again"
    assert "up to date" in make({"python3": 0})
    os.utime(tmp_path / "requirements.txt", (2e9, 2e9))
    assert "--requirement requirements.txt" in make({"python3": 0})


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-lint.txt", "requirements-postgresql.txt"])
def test_every_requirement_is_pinned_and_needs_no_compiler(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
    assert lines and [line for line in lines if "==" not in line.partition(";")[0]] == []
    assert not {line.partition("==")[0].lower() for line in lines} & {"psycopg2", "python-ldap"}
