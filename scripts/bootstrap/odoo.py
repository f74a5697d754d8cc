"""Odoo 17.0: found or downloaded, its configuration, its installations with their logs, and the port to serve on."""

import re
import runpy
import socket
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from .project import SetUpError, say, show_progress, step

SERIES = "17.0"
ARCHIVE_URL = "https://nightly.odoo.com/17.0/nightly/src/odoo_17.0.latest.tar.gz"
TIMEOUT = 30  # seconds without an answer
PORTS = range(8069, 8119)


def addons_folders(home):
    """The folders with Odoo's addons: a git checkout has two, an archive has them all in the package."""
    return [folder for folder in (home / "addons", home / "odoo" / "addons") if folder.is_dir()]


def objection(home):
    """Why this folder is not the Odoo that is looked for; empty if it is."""
    release = home / "odoo" / "release.py"
    if not release.is_file():
        return "it holds no Odoo (no odoo/release.py)" if home.is_dir() else "there is no such folder"
    series = runpy.run_path(str(release)).get("series", "of no known series")
    if series != SERIES:
        return f"it holds Odoo {series}"
    if not any((folder / "stock" / "__manifest__.py").is_file() for folder in addons_folders(home)):
        return "it holds Odoo's framework without its addons"
    return ""


def find_odoo(project):
    """Look for Odoo where ODOO_HOME says, then in the cache; download it into that if it is in neither.

    :return: a folder that holds the package ``odoo``: a git checkout, an unpacked archive or a site-packages
    :raise SetUpError: it is nowhere
    """
    named = project.setting("ODOO_HOME")
    places = {"ODOO_HOME": Path(named).expanduser().absolute()} if named else {}
    for where, home in {**places, "cache": project.cache}.items():
        why_not = objection(home)
        say(f"Odoo {SERIES}: {home} ({where})" + (f" is passed over: {why_not}" if why_not else ""))
        if not why_not:
            return home
    url = project.setting("ODOO_ARCHIVE_URL") or ARCHIVE_URL
    try:
        return _download(url, project.cache)
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        raise SetUpError(
            f"Odoo {SERIES} could not be downloaded from {url}: {getattr(error, 'reason', None) or error}\n"
            f"To do: put a source tree of it into {project.cache}, or name one that you have: "
            "make run ODOO_HOME=/path/to/odoo"
        ) from None


def _download(url, cache):
    """Fetch and unpack the official source archive; the cache gets it whole or not at all."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    socket.setdefaulttimeout(TIMEOUT)
    with tempfile.TemporaryDirectory(prefix="17.0.part-", dir=cache.parent) as folder:
        with step(f"Download Odoo {SERIES} from {url}"):
            archive, _headers = urllib.request.urlretrieve(url, Path(folder, "odoo.tar.gz"), _show_download)
        tree = Path(folder, "tree")
        with step("Unpack it"), tarfile.open(archive) as tar:
            # In every 3.12, and in the last releases of 3.10 and 3.11.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(tree)
        home = next(tree.iterdir(), tree)
        if objection(home):
            raise ValueError(objection(home))
        # Onto an empty folder, or none: what else somebody keeps there stays.
        return home.rename(cache)


def _show_download(blocks, block_size, size):
    show_progress(f"{blocks * block_size / 1e6:.0f} of {size / 1e6:.0f} MB")


def configure(project, home):
    """Make an Odoo importable for this checkout, and write its configuration. The server is named in the environment.

    :return: the variables of the environment that programs with Odoo need
    """
    link = project.odoo_link
    if link.resolve() != (home / "odoo").resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(home / "odoo")
    conf = project.local / "odoo.conf"
    conf.write_text(
        "[options]\n"
        f"addons_path = {','.join(map(str, [*addons_folders(home), project.root]))}\n"
        f"data_dir = {project.data_dir}\n"
        f"http_interface = {project.setting('INTERFACE') or '127.0.0.1'}\n"
    )
    # What ODOO_HOME names may be no Odoo, or not alone in its folder.
    return {"PYTHONPATH": str(link.parent), "ODOO_HOME": "", "ODOO_RC": str(conf)}


def run_logged(title, log, *arguments):
    """Run Odoo as a step; its log is new, and what it loads just now is shown while it works."""
    command = [sys.executable, "-m", "odoo", *arguments, "--no-http", "--stop-after-init"]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    odoo = subprocess.Popen(command, **pipes, encoding="utf-8", errors="replace")
    with step(title), log.open("w", encoding="utf-8") as file, odoo:
        for line in odoo.stdout:
            file.write(line)
            loads = re.search(r"Loading module (\w+ \(\d+/\d+\))", line)
            if loads:
                show_progress(loads.group(1))
    if odoo.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-25:])
        raise SetUpError(f"{title}: Odoo ended with code {odoo.returncode}.\n{tail}\nTo do: read the whole log, {log}")


def log_problems(log):
    """The warnings and errors in a log of Odoo, each with the lines that belong to it."""
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ "
    problem = rf"^{time}\d+ (?:WARNING|ERROR|CRITICAL) .*(?:\n(?!{time}).*)*"
    return re.findall(problem, log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)


def is_free(port):
    """Whether a port of this machine can be listened on."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def choose_port(wanted):
    """The port that the person asked for, otherwise Odoo's own or the next free one after it.

    Odoo itself would go on without a port when the one it should have is taken.
    """
    if wanted and not (wanted.isdecimal() and 0 < int(wanted) < 65536):
        raise SetUpError(f"PORT={wanted} is no port.\nTo do: give a number from 1 to 65535.")
    port = next(filter(is_free, [int(wanted)] if wanted else PORTS), None)
    if not port:
        raise SetUpError(f"Port {wanted or f'{PORTS[0]} to {PORTS[-1]}'} is taken.\nTo do: give another one with PORT=.")
    if not wanted and port != PORTS[0]:
        say(f"Port {PORTS[0]} is taken: Odoo will be on port {port}.")
    return port
