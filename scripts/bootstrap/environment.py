"""The Python that runs Odoo: an interpreter it supports, and the virtual environment made with it."""

import hashlib
import shutil
import subprocess
import sys

from .project import SetUpError, say, step

SUPPORTED = ((3, 10), (3, 11), (3, 12))
NAMES = ("python3.12", "python3.11", "python3.10")


def version_of(python):
    """``(major, minor)`` of an interpreter, or None if it does not run."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
        return tuple(int(part) for part in done.stdout.split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def find_python():
    """The interpreter to build on: the one that runs this if Odoo supports it, otherwise one on the PATH."""
    for python in (sys.executable, *filter(None, map(shutil.which, NAMES))):
        if version_of(python) in SUPPORTED:
            return python
    raise SetUpError(
        f"Odoo 17.0 runs on Python 3.10 to 3.12; {sys.executable} is none of them, and none is on the PATH.\n"
        "To do: install one (with its venv package), or name it: make run PYTHON=/path/to/python3.11"
    )


def ensure_venv(python, folder, requirements):
    """Make ``folder`` a virtual environment with exactly these requirements; a matter of milliseconds if it is.

    :return: path of the environment's interpreter
    """
    inside = folder / "bin" / "python"
    if version_of(inside) not in SUPPORTED:
        with step(f"Virtual environment in {folder.name} ({python})"):
            done = subprocess.run([str(python), "-m", "venv", "--clear", folder], capture_output=True, text=True)
        if done.returncode:
            version = ".".join(map(str, version_of(python)))
            raise SetUpError(f"{done.stdout}{done.stderr}\nTo do: sudo apt-get install python{version}-venv")
    stamp = folder / "requirements.sha256"
    wanted = hashlib.sha256(repr(version_of(inside)).encode() + requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        with step(f"Packages of {requirements.name}"):
            pip_install(inside, "--requirement", requirements)
        stamp.write_text(wanted)
    return inside


def pip_install(python, *arguments):
    """Install with the pip of ``python``; its output is shown when it fails."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        say(done.stdout)
        raise SetUpError(
            f"pip could not install {' '.join(map(str, arguments))}; its own words are above.\n"
            "To do: see that pip reaches its package index (network, proxy, PIP_INDEX_URL), then call again."
        )
