"""Odoo 17.0: looked for where a person may have it, otherwise downloaded into the cache."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from .console import say, step
from .errors import SetUpError

SERIES = "17.0"
ARCHIVE_URL = "https://nightly.odoo.com/17.0/nightly/src/odoo_17.0.latest.tar.gz"
GIT_URL = "https://github.com/odoo/odoo"
TIMEOUT = 30  # seconds without an answer

# Run by the interpreters that may have an Odoo installed: where is its package? Odoo itself is not imported.
WHERE_IS_ODOO = """
import importlib.util
spec = importlib.util.find_spec("odoo")
print(*(spec.submodule_search_locations or () if spec else ()), sep="\\n")
"""


class OdooSource:
    """A folder that holds the ``odoo`` package: a git checkout, an unpacked archive or a site-packages."""

    def __init__(self, home):
        self.home = Path(home)
        self.package = self.home / "odoo"

    @property
    def addons_paths(self):
        """The folders with Odoo's addons: a git checkout has two, an archive has them all in the package."""
        return [path for path in (self.home / "addons", self.package / "addons") if path.is_dir()]

    @property
    def series(self):
        """``17.0`` and the like, read from the release file without running it; None if there is none."""
        try:
            text = (self.package / "release.py").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        found = re.search(r"^version_info\s*=\s*\(\s*['\"]?([\w~]+)['\"]?\s*,\s*(\d+)", text, re.MULTILINE)
        return ".".join(found.groups()) if found else None

    def objection(self):
        """Why this is not the Odoo that is looked for; empty if it is."""
        if not self.home.is_dir():
            return "no such folder"
        if self.series is None:
            return "holds no Odoo (no odoo/release.py)"
        if self.series != SERIES:
            return f"holds Odoo {self.series}"
        if not any((path / "stock" / "__manifest__.py").is_file() for path in self.addons_paths):
            return "holds Odoo's framework without its addons"
        return ""


def find_odoo(project, pythons=()):
    """Look for Odoo in the documented order, and download it if it is nowhere.

    :param pythons: interpreters that may have an Odoo installed, in order
    :raise SetUpError: says everything that was tried and what to do
    """
    tried = []
    for where, source in _candidates(project, pythons, tried):
        objection = source.objection()
        if not objection:
            say(f"Odoo {SERIES}: {source.home} ({where})")
            return source
        tried.append(f"{where}: {source.home} {objection}")
        if where == "ODOO_HOME":
            say(f"ODOO_HOME is passed over: {source.home} {objection}.")
    return _download(project, tried)


def _candidates(project, pythons, tried):
    """Yield (where, source) in order; what is not even a candidate is noted in ``tried``."""
    if project.setting("ODOO_HOME"):
        yield "ODOO_HOME", OdooSource(project.path_from_caller(project.setting("ODOO_HOME")).absolute())
    else:
        tried.append("ODOO_HOME: not set")
    for python in dict.fromkeys(map(str, pythons)):
        packages = _importable(python, project)
        for package in packages:
            yield f"importable by {python}", OdooSource(package.parent)
        if not packages:
            tried.append(f"an odoo importable by {python}: none")
    yield "cache", OdooSource(project.cache)


def _importable(python, project):
    """Folders of the ``odoo`` package that an interpreter can import; our own link to it does not count."""
    try:
        done = subprocess.run([python, "-c", WHERE_IS_ODOO], capture_output=True, text=True, cwd="/")
    except OSError:
        return []
    named = [Path(line) for line in done.stdout.splitlines() if project.local not in Path(line).parents]
    # What is imported may be a link, as it is in our own environments: its addons may lie beside its target.
    return [package for package in map(Path.resolve, named) if package.name == "odoo"]


def installed_pythons(project, chosen):
    """The interpreters that may have an Odoo: of the active environment, the running one, the chosen one."""
    active = project.setting("VIRTUAL_ENV")
    return [*([Path(active) / "bin" / "python"] if active else []), sys.executable, chosen]


def _download(project, tried):
    """Fetch the archive or, if it does not answer, clone; the cache gets it whole or not at all."""
    archive_url = project.setting("ODOO_ARCHIVE_URL") or ARCHIVE_URL
    git_url = project.setting("ODOO_GIT_URL") or GIT_URL
    for fetch, url in ((_fetch_archive, archive_url), (_clone, git_url)):
        try:
            project.cache.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="17.0.part-", dir=project.cache.parent) as folder:
                source = OdooSource(fetch(url, Path(folder)))
                objection = source.objection()
                if not objection:
                    return _move_into_cache(source, project.cache)
        except (OSError, EOFError, tarfile.TarError, subprocess.CalledProcessError) as error:
            objection = _reason(error)
        say(f"    {url}: {objection}")
        tried.append(f"download from {url}: {objection}")
    raise SetUpError(
        f"Odoo {SERIES} was not found. Tried:\n"
        + "".join(f"  - {line}\n" for line in tried)
        + f"To do: put a source tree of Odoo {SERIES} into {project.cache}, or name one that you have: "
        "make run ODOO_HOME=/path/to/odoo"
    )


def _reason(error):
    if isinstance(error, subprocess.CalledProcessError):
        return error.stderr.strip().rpartition("\n")[2] or str(error)
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return str(error.reason)
    return str(error)


def _move_into_cache(source, cache):
    """Put a complete tree in its place. What lay there was no Odoo 17.0: it is kept beside it, not deleted."""
    if cache.is_dir() and any(cache.iterdir()):
        aside = Path(tempfile.mkdtemp(prefix="17.0.replaced-", dir=cache.parent))
        say(f"    {cache} held something else: it is now {aside}")
        cache.rename(aside)
    source.home.rename(cache)
    say(f"Odoo {SERIES}: {cache} (downloaded)")
    return OdooSource(cache)


def _fetch_archive(url, folder):
    """Download and unpack the official source archive; return the tree in it."""
    archive = folder / "odoo.tar.gz"
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, open(archive, "wb") as file:
        size = int(answer.headers.get("Content-Length") or 0)

        def progress():
            return f"{archive.stat().st_size / 1e6:.0f} of {size / 1e6:.0f} MB"

        with step(f"Download Odoo {SERIES} from {url}", progress):
            shutil.copyfileobj(answer, file, 1 << 20)
    if size and archive.stat().st_size != size:
        raise OSError(f"broke off after {archive.stat().st_size} of {size} bytes")
    with step("Unpack it"), tarfile.open(archive) as tar:
        # The filter is in every 3.12, and in the last releases of 3.10 and 3.11.
        tar.extractall(folder / "tree", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return next((path for path in (folder / "tree").iterdir() if path.is_dir()), folder / "tree")


def _clone(url, folder):
    """Clone the newest commit of the branch."""
    if not shutil.which("git"):
        raise OSError("git is not installed")
    tree = folder / "tree"
    # A server that stops talking must not hold us up for ever.
    patience = ["-c", "http.lowSpeedLimit=1000", "-c", f"http.lowSpeedTime={TIMEOUT}"]
    with step(f"Clone branch {SERIES} of {url}"):
        subprocess.run(
            ["git", *patience, "clone", "--quiet", "--depth", "1", "--branch", SERIES, url, str(tree)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    return tree


def link_into(project, source):
    """Make ``import odoo`` work in the virtual environment.

    The environment's path names a folder of ours with nothing but a link to the package in it: a site-packages
    that holds an installed Odoo brings no other package along.
    """
    link = project.odoo_link
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or Path(os.readlink(link)) != source.package:
        link.unlink(missing_ok=True)
        link.symlink_to(source.package)
    for site_packages in project.venv.glob("lib/python3*/site-packages"):
        (site_packages / "odoo-link.pth").write_text(f"{link.parent}\n")


def linked_source(project):
    """The Odoo that ``link_into`` made importable."""
    return OdooSource(Path(os.readlink(project.odoo_link)).parent)
