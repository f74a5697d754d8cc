"""How the set-up finds Odoo 17.0: the order of the search, downloads, and what it says when there is none.

The network is a server and a repository of the test.
"""

import functools
import http.server
import io
import os
import subprocess
import sys
import tarfile
import threading

import pytest

from scripts.bootstrap.errors import SetUpError
from scripts.bootstrap.odoo_source import OdooSource, find_odoo, link_into, linked_source

RELEASE = "version_info = (17, 0, 0, 'final', 0, '')\n"


def make_odoo(home, release=RELEASE, addons="odoo/addons"):
    """A folder that looks like an Odoo."""
    for folder in (home / "odoo", home / addons / "stock"):
        folder.mkdir(parents=True, exist_ok=True)
    (home / "odoo" / "release.py").write_text(release)
    (home / "odoo" / "__init__.py").write_text("")
    (home / addons / "stock" / "__manifest__.py").write_text("{}")
    return home


def make_archive(path, **options):
    """An archive like the official one: everything in one folder with a date in its name."""
    home = make_odoo(path.parent / "unpacked" / "odoo-17.0.post20240709", **options)
    with tarfile.open(path, "w:gz") as tar:
        tar.add(home, arcname=home.name)
    return path


def make_repository(folder):
    """A git repository with a branch 17.0."""
    make_odoo(folder, addons="addons")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for arguments in (["init", "-q", "-b", "17.0"], ["add", "."], ["commit", "-q", "-m", "t"]):
        subprocess.run([*git, *arguments], check=True)
    return folder.as_uri()


@pytest.fixture
def web(tmp_path):
    """A folder that is served, and its address."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def offline(project):
    """Nothing answers."""
    project.environ.update(ODOO_ARCHIVE_URL="http://127.0.0.1:9/odoo.tar.gz", ODOO_GIT_URL="http://127.0.0.1:9/odoo")
    return project


def python_with(tmp_path, package_parent):
    """An interpreter that can import what is in a folder."""
    launcher = tmp_path / "python-with-odoo"
    launcher.write_text(f'#!/bin/sh\nPYTHONPATH="{package_parent}" exec "{sys.executable}" -S "$@"\n')
    launcher.chmod(0o755)
    return launcher


def test_the_order_is_home_importable_cache(offline, tmp_path):
    named, installed = make_odoo(tmp_path / "named"), make_odoo(tmp_path / "installed")
    cached = make_odoo(offline.cache)
    python = python_with(tmp_path, installed)
    offline.environ["ODOO_HOME"] = str(named)
    assert find_odoo(offline, [python]).home == named
    del offline.environ["ODOO_HOME"]
    assert find_odoo(offline, [python]).home == installed
    assert find_odoo(offline, []).home == cached


def test_odoo_home_may_be_relative_to_the_caller(offline, tmp_path):
    make_odoo(tmp_path / "caller" / "named")
    offline.environ.update(INVOKED_FROM=str(tmp_path / "caller"), ODOO_HOME="named")
    assert find_odoo(offline).home == tmp_path / "caller" / "named"


def test_an_odoo_of_another_series_is_passed_over_aloud(offline, tmp_path, capsys):
    old = make_odoo(tmp_path / "old", release="version_info = (16, 0, 0, 'final', 0, '')\n")
    cached = make_odoo(offline.cache)
    offline.environ["ODOO_HOME"] = str(old)
    assert find_odoo(offline, [python_with(tmp_path, old)]).home == cached
    assert f"ODOO_HOME is passed over: {old} holds Odoo 16.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("release", "series"),
    [(RELEASE, "17.0"), ("version_info = ('saas~17', 2, 0, FINAL, 0, '')\n", "saas~17.2"), ("nothing\n", None)],
)
def test_series_is_read_from_the_release_file(tmp_path, release, series):
    assert OdooSource(make_odoo(tmp_path / "odoo", release=release)).series == series


def test_both_layouts_of_the_addons_are_known(tmp_path):
    archive = OdooSource(make_odoo(tmp_path / "archive"))
    checkout = OdooSource(make_odoo(tmp_path / "checkout", addons="addons"))
    (checkout.package / "addons").mkdir()
    assert archive.addons_paths == [archive.home / "odoo" / "addons"]
    assert checkout.addons_paths == [checkout.home / "addons", checkout.home / "odoo" / "addons"]
    assert not archive.objection() and not checkout.objection()


def test_a_framework_without_addons_is_no_odoo(tmp_path):
    home = make_odoo(tmp_path / "odoo", addons="elsewhere")
    assert OdooSource(home).objection() == "holds Odoo's framework without its addons"


def test_the_archive_is_downloaded_into_the_cache(project, web):
    folder, address = web
    make_archive(folder / "odoo.tar.gz")
    project.environ["ODOO_ARCHIVE_URL"] = f"{address}/odoo.tar.gz"
    assert find_odoo(project).home == project.cache
    assert not OdooSource(project.cache).objection()
    assert [path.name for path in project.cache.parent.iterdir()] == ["17.0"], "a temporary folder was left"


def test_the_branch_is_cloned_when_the_archive_does_not_answer(offline, tmp_path):
    offline.environ["ODOO_GIT_URL"] = make_repository(tmp_path / "repository")
    assert find_odoo(offline).addons_paths == [offline.cache / "addons"]
    assert [path.name for path in offline.cache.parent.iterdir()] == ["17.0"]


@pytest.mark.parametrize("damage", ["broken off", "not an archive", "another series"])
def test_a_bad_archive_never_reaches_the_cache(project, web, tmp_path, damage):
    folder, address = web
    project.environ.update(ODOO_ARCHIVE_URL=f"{address}/odoo.tar.gz", ODOO_GIT_URL="http://127.0.0.1:9/odoo")
    archive = make_archive(
        folder / "odoo.tar.gz", release=RELEASE.replace("17", "18") if damage == "another series" else RELEASE
    )
    if damage == "broken off":
        archive.write_bytes(archive.read_bytes()[:-40])
    elif damage == "not an archive":
        archive.write_bytes(b"<html>Sorry</html>")
    with pytest.raises(SetUpError):
        find_odoo(project)
    assert list(project.cache.parent.iterdir()) == []


def test_what_lay_in_the_cache_is_kept_beside_a_download(offline, tmp_path):
    offline.cache.mkdir(parents=True)
    (offline.cache / "mine.txt").write_text("mine")
    offline.environ["ODOO_GIT_URL"] = make_repository(tmp_path / "repository")
    assert not find_odoo(offline).objection()
    (kept,) = offline.cache.parent.glob("17.0.replaced-*/mine.txt")
    assert kept.read_text() == "mine"


def test_not_found_says_what_was_tried_and_the_one_thing_to_do(offline, tmp_path):
    offline.environ["ODOO_HOME"] = str(tmp_path / "nowhere")
    with pytest.raises(SetUpError) as failure:
        find_odoo(offline, [python_with(tmp_path, tmp_path / "empty")])
    tried, to_do = str(failure.value).split("To do: ")
    order = ["ODOO_HOME", "importable by", "cache", "127.0.0.1:9/odoo.tar.gz", "127.0.0.1:9/odoo:"]
    places = [tried.find(what) for what in order]
    assert -1 not in places and places == sorted(places), tried
    assert "no such folder" in tried and "refused" in tried
    assert str(offline.cache) in to_do and "ODOO_HOME=" in to_do


def test_a_cache_that_cannot_be_written_is_among_what_was_tried(offline, tmp_path):
    (tmp_path / "file").write_text("")
    offline.environ["XDG_CACHE_HOME"] = str(tmp_path / "file")
    with pytest.raises(SetUpError, match=r"(?s)download from .*Not a directory.*To do: "):
        find_odoo(offline)


def test_the_cache_follows_the_xdg_rules(project, tmp_path):
    assert project.cache == tmp_path / "home" / ".cache" / "odoo" / "17.0"
    project.environ["XDG_CACHE_HOME"] = str(tmp_path / "xdg")
    assert project.cache == tmp_path / "xdg" / "odoo" / "17.0"
    project.environ["XDG_CACHE_HOME"] = "relative"
    assert project.cache == tmp_path / "home" / ".cache" / "odoo" / "17.0"


def test_only_the_odoo_of_an_installation_is_linked(project, tmp_path):
    site_packages = project.venv / "lib" / "python3.11" / "site-packages"
    site_packages.mkdir(parents=True)
    for home in (tmp_path / "first", tmp_path / "second"):
        link_into(project, OdooSource(make_odoo(home)))
        assert linked_source(project).home == home
        assert project.odoo_link.resolve() == home / "odoo"
    (named,) = (site_packages / "odoo-link.pth").read_text().splitlines()
    assert os.listdir(named) == ["odoo"]


def test_our_own_link_is_not_taken_for_an_installed_odoo(offline, tmp_path):
    offline.venv.joinpath("lib", "python3.11", "site-packages").mkdir(parents=True)
    link_into(offline, OdooSource(make_odoo(tmp_path / "earlier")))
    cached = make_odoo(offline.cache)
    assert find_odoo(offline, [python_with(tmp_path, offline.odoo_link.parent)]).home == cached


def test_a_link_to_an_odoo_is_followed(offline, tmp_path):
    home = make_odoo(tmp_path / "checkout", addons="addons")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "odoo").symlink_to(home / "odoo")
    assert find_odoo(offline, [python_with(tmp_path, tmp_path / "linked")]).home == home


def test_an_archive_cannot_write_outside_its_folder(project, web, tmp_path):
    if not hasattr(tarfile, "data_filter"):
        pytest.skip("this Python's tarfile has no filters")
    folder, address = web
    with tarfile.open(folder / "odoo.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("../../../../escaped.txt")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    project.environ.update(ODOO_ARCHIVE_URL=f"{address}/odoo.tar.gz", ODOO_GIT_URL="http://127.0.0.1:9/odoo")
    with pytest.raises(SetUpError):
        find_odoo(project)
    assert not list(tmp_path.rglob("escaped.txt"))
