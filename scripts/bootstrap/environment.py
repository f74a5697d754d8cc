"""The Python that runs Odoo: an interpreter it supports, and the virtual environment made with it."""

import hashlib
import shutil
import subprocess
import sys

from .console import say, step
from .errors import SetUpError

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
    running = sys.version_info[:2]
    if running in SUPPORTED:
        return sys.executable
    for name in NAMES:
        python = shutil.which(name)
        # A launcher of that name may be there without its Python behind it.
        if python and version_of(python) in SUPPORTED:
            return python
    raise SetUpError(
        f"Odoo 17.0 runs on Python 3.10 to 3.12; this is Python {running[0]}.{running[1]} "
        f"({sys.executable}), and none of {', '.join(NAMES)} is on the PATH.\n"
        "To do: install one of them (with its venv package), or name it: make run PYTHON=/path/to/python3.11"
    )


def _has_module(python, name):
    return subprocess.run([str(python), "-c", f"import {name}"], capture_output=True).returncode == 0


def _create(python, folder):
    """Make the environment, with ``venv`` or, where a distribution leaves pip out of it, with ``virtualenv``."""
    if _has_module(python, "ensurepip"):
        maker = "venv"
    elif _has_module(python, "virtualenv"):
        maker = "virtualenv"
    else:
        major, minor = version_of(python)
        raise SetUpError(
            f"{python} cannot make virtual environments (it has no ensurepip module).\n"
            f"To do: sudo apt-get install python{major}.{minor}-venv"
        )
    done = subprocess.run([str(python), "-m", maker, "--clear", str(folder)], capture_output=True, text=True)
    if done.returncode:
        raise SetUpError(f"The virtual environment {folder} could not be made:\n{done.stdout}{done.stderr}")


def ensure_venv(python, folder, requirements):
    """Make ``folder`` a virtual environment with exactly these requirements; a matter of milliseconds if it is.

    :return: path of the environment's interpreter
    """
    inside = folder / "bin" / "python"
    version = version_of(inside) if inside.exists() else None
    if version not in SUPPORTED:
        with step(f"Virtual environment in {folder.name} ({python})"):
            _create(python, folder)
        version = version_of(inside)
    stamp = folder / "requirements.sha256"
    wanted = hashlib.sha256(repr(version).encode() + requirements.read_bytes()).hexdigest()
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
