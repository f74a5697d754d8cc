"""Where things are, what the person asked for, and what the set-up says while it works."""

import contextlib
import fcntl
import os
import secrets
import sys
import time
from pathlib import Path

ADDON = "stock_cycle_count"


class SetUpError(Exception):
    """Something that stops the set-up: its text says what happened and the one thing to do."""


def in_words(error):
    """What to print of a failure that ends a command."""
    if isinstance(error, PermissionError):
        return f"{error}\nTo do: call make as the user that this checkout, its .local and .venv belong to."
    return str(error)


def say(text=""):
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def show_progress(text):
    """Show what a step is doing just now, in a line of a terminal that the next text replaces."""
    if sys.stdout.isatty():
        print(f"\r    {text:<60.60}\r", end="", flush=True)


@contextlib.contextmanager
def step(title):
    """Announce a long step, and say how long it took."""
    start = time.monotonic()
    say(f"==> {title}")
    yield
    show_progress("")
    say(f"    done in {time.monotonic() - start:.1f} s")


class Project:
    """One checkout of the project and the environment its commands were called in."""

    def __init__(self, root=None, environ=None):
        self.root = Path(root or Path(__file__).parents[2]).resolve()
        self.environ = dict(os.environ if environ is None else environ)
        self.addon = self.root / ADDON
        self.venv = self.root / ".venv"
        self.local = self.root / ".local"
        self.logs = self.local / "log"
        self.data_dir = self.local / "data"
        self.odoo_link = self.local / "python" / "odoo"

    def setting(self, name):
        """What the person gave as ``NAME=value``; an empty value is none."""
        return self.environ.get(name, "").strip()

    @property
    def cache(self):
        """The folder that Odoo is kept in for every checkout of this user."""
        base = self.setting("XDG_CACHE_HOME")
        # The XDG specification has relative paths ignored.
        base = Path(base) if base.startswith("/") else Path(self.setting("HOME") or Path.home()) / ".cache"
        return base / "odoo" / "17.0"

    def path_from_caller(self, text):
        """A path as typed: relative to the folder in which the person called make.

        make does not always tell that folder (a program may call it), so its own is tried next.
        """
        path = Path(text).expanduser()
        tried = [Path(base) / path for base in (self.setting("INVOKED_FROM"), os.getcwd()) if base]
        return next((candidate for candidate in tried if candidate.exists()), tried[0])

    def make_local(self):
        """Make the ignored folders."""
        for folder in (self.local, self.logs, self.data_dir):
            folder.mkdir(exist_ok=True)

    @property
    def checkout_id(self):
        """A name for this checkout that no other has; on a shared server it marks our databases."""
        file = self.local / "checkout-id"
        if not file.exists():
            file.write_text(secrets.token_hex(4) + "\n")
        return file.read_text().strip()

    def hold(self, name, how=fcntl.LOCK_EX, busy=None):
        """Hold a lock of this checkout until this process ends, or the program that it becomes by ``exec``.

        :param busy: what to say if somebody else holds it; without it, wait
        :return: number of the open file that holds it
        """
        number = os.open(self.local / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        os.set_inheritable(number, True)
        try:
            fcntl.flock(number, how | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            os.close(number)
            raise SetUpError(busy) from None
        return number

    @contextlib.contextmanager
    def lock(self, name):
        """Hold a lock of this checkout for a while."""
        number = self.hold(name)
        try:
            yield
        finally:
            os.close(number)
