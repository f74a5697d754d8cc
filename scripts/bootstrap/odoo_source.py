"""Odoo 17.0: looked for where a person may have it, otherwise downloaded into the cache."""

import importlib.util
import os
import re
import socket
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from .project import SetUpError, say, show_progress, step

SERIES = "17.0"
ARCHIVE_URL = "https://nightly.odoo.com/17.0/nightly/src/odoo_17.0.latest.tar.gz"
TIMEOUT = 30  # seconds without an answer


class OdooSource:
    """A folder that holds the ``odoo`` package: a git checkout, an unpacked archive or a site-packages."""

    def __init__(self, home):
        self.home = Path(home)
        self.package = self.home / "odoo"

    @property
    def addons_paths(self):
        """The folders with Odoo's addons: a git checkout has two, an archive has them all in the package."""
        return [path for path in (self.home / "addons", self.package / "addons") if path.is_dir()]

    def objection(self):
        """Why this is not the Odoo that is looked for; empty if it is. Odoo itself is not imported."""
        try:
            text = (self.package / "release.py").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "holds no Odoo (no odoo/release.py)" if self.home.is_dir() else "no such folder"
        found = re.search(r"^version_info\s*=\s*\(\s*['\"]?([\w~]+)['\"]?\s*,\s*(\d+)", text, re.MULTILINE)
        series = ".".join(found.groups()) if found else "of no known series"
        if series != SERIES:
            return f"holds Odoo {series}"
        if not any((path / "stock" / "__manifest__.py").is_file() for path in self.addons_paths):
            return "holds Odoo's framework without its addons"
        return ""


def find_odoo(project):
    """Look for Odoo in the documented order, and download it if it is nowhere.

    :raise SetUpError: says everything that was tried and what to do
    """
    tried = []
    for where, source in _candidates(project):
        objection = source.objection()
        if not objection:
            say(f"Odoo {SERIES}: {source.home} ({where})")
            return source
        tried.append(f"{where}: {source.home} {objection}")
        if where == "ODOO_HOME":
            say(f"ODOO_HOME is passed over: {source.home} {objection}.")
    url = project.setting("ODOO_ARCHIVE_URL") or ARCHIVE_URL
    try:
        return _download(url, project.cache)
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        tried.append(f"download from {url}: {getattr(error, 'reason', None) or error}")
    raise SetUpError(
        f"Odoo {SERIES} was not found. Tried:\n"
        + "".join(f"  - {line}\n" for line in tried)
        + f"To do: put a source tree of Odoo {SERIES} into {project.cache}, or name one that you have: "
        "make run ODOO_HOME=/path/to/odoo"
    )


def _candidates(project):
    """Yield (where, source) in order."""
    if project.setting("ODOO_HOME"):
        yield "ODOO_HOME", OdooSource(project.path_from_caller(project.setting("ODOO_HOME")).absolute())
    spec = importlib.util.find_spec("odoo")
    for package in spec.submodule_search_locations or () if spec else ():
        # What is imported may be a link, as ours is: addons may lie beside its target.
        yield "importable", OdooSource(Path(package).resolve().parent)
    yield "cache", OdooSource(project.cache)


def _download(url, cache):
    """Fetch and unpack the official source archive; the cache gets it whole or not at all."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="17.0.part-", dir=cache.parent) as folder:
        tree = Path(folder, "tree")
        socket.setdefaulttimeout(TIMEOUT)
        with step(f"Download Odoo {SERIES} from {url}"):
            archive, _headers = urllib.request.urlretrieve(url, Path(folder, "odoo.tar.gz"), _show_download)
        with step("Unpack it"), tarfile.open(archive) as tar:
            # The filter is in every 3.12, and in the last releases of 3.10 and 3.11.
            tar.extractall(tree, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        source = OdooSource(next((path for path in tree.iterdir() if path.is_dir()), tree))
        if source.objection():
            raise ValueError(source.objection())
        # Onto an empty folder, or none: what else somebody keeps there stays.
        source.home.rename(cache)
    return OdooSource(cache)


def _show_download(blocks, block_size, size):
    show_progress(f"{blocks * block_size / 1e6:.0f} of {size / 1e6:.0f} MB")


def link_into(project, source):
    """Make ``import odoo`` work for programs that have the link's folder in PYTHONPATH.

    It holds nothing but a link to the package: a site-packages with an installed Odoo brings no other package along.
    """
    link = project.odoo_link
    link.parent.mkdir(exist_ok=True)
    if not link.is_symlink() or Path(os.readlink(link)) != source.package:
        link.unlink(missing_ok=True)
        link.symlink_to(source.package)


def linked_source(project):
    """The Odoo that ``link_into`` made importable."""
    return OdooSource(Path(os.readlink(project.odoo_link)).parent)
