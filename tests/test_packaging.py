"""The addon installs the ordinary ways: a wheel of it holds all of it, and Odoo finds the installed wheel."""

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import html

ADDON = Path(__file__).parents[1] / "stock_cycle_count"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from a copy of the folder alone and without a network."""
    pytest.importorskip("whool")
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ADDON, folder / ADDON.name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    command += ["--wheel-dir", folder, folder / ADDON.name]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def manifest():
    return ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))


def test_the_wheel_is_named_after_the_manifest(wheel, manifest):
    assert wheel.name == f"odoo_addon_stock_cycle_count-{manifest['version']}-py3-none-any.whl"


def test_the_wheel_holds_every_file_of_the_addon(wheel):
    prefix = f"odoo/addons/{ADDON.name}/"
    held = {name.removeprefix(prefix) for name in zipfile.ZipFile(wheel).namelist() if name.startswith(prefix)}
    files = {str(path.relative_to(ADDON)) for path in ADDON.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert held == files - {"pyproject.toml"}


def test_files_that_the_manifest_names_exist(manifest):
    named = [*manifest.get("data", ()), *manifest.get("demo", ()), *manifest.get("images", ())]
    assert named and [name for name in named if not (ADDON / name).is_file()] == []


def test_the_description_shows_every_picture_and_nothing_from_elsewhere(manifest):
    folder = ADDON / "static" / "description"
    page = html.parse(str(folder / "index.html"))
    shown = [image.get("src") for image in page.iter("img")]
    assert sorted(shown) == sorted(path.name for path in folder.iterdir() if path.name not in ("icon.png", "index.html"))
    assert [image.get("src") for image in page.iter("img") if len(image.get("alt", "")) < 20] == []
    assert [link for _node, _name, link, _position in page.getroot().iterlinks() if link not in shown] == []
    assert [Path(name).name for name in manifest["images"] if Path(name).name not in shown] == []


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in (ADDON / "static" / "description").glob("*.png")}
    assert [name for name, size in sizes.items() if size > 150_000] == []
    assert sum(sizes.values()) < 1_200_000


def test_odoo_finds_the_installed_wheel(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)  # what pip does with a wheel of pure Python
    code = """
import odoo
odoo.tools.config.parse_config(["--addons-path=" + odoo.__path__[0] + "/addons"])
print(odoo.modules.get_module_path("stock_cycle_count"))
"""
    path = f"{os.environ.get('PYTHONPATH', '')}:{tmp_path}"
    environ = {**os.environ, "PYTHONPATH": path, "ODOO_RC": str(tmp_path / "none.conf")}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split()[-1:] == [str(tmp_path / "odoo" / "addons" / ADDON.name)], done.stderr


def test_odoos_own_runner_finds_every_test():
    """It runs what the package imports; pytest finds files by their names."""
    imported = (ADDON / "tests" / "__init__.py").read_text(encoding="utf-8").split()
    assert {path.stem for path in (ADDON / "tests").glob("test_*.py")} <= set(imported)
