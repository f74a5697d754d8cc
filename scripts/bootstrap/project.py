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


def say(text):
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def show_progress(text):
    """Show what a step is doing just now, in a line of a terminal that the next text replaces."""
    if sys.stdout.isatty():
        print(f"\r    {text:<60.60}\r", end="", flush=True)


@contextlib.contextmanager
def step(title):
    """Announce a long step, and say how long it took; another may be under way."""
    start = time.monotonic()
    say(f"==> {title}")
    yield
    show_progress("")
    say(f"    done in {time.monotonic() - start:.1f} s: {title}")


class Project:
    """One checkout of the project and the environment its commands were called in."""

    held = []  # files that stay open as long as this process

    def __init__(self, root=None, environ=None):
        self.root = Path(root or Path(__file__).parents[2]).resolve()
        self.environ = dict(os.environ if environ is None else environ)
        self.addon = self.root / ADDON
        self.local = self.root / ".local"
        self.logs = self.local / "log"
        self.data_dir = self.local / "data"
        # Alone in its folder: a site-packages with an Odoo brings no other package along.
        self.odoo_link = self.local / "python" / "odoo"

    def setting(self, name):
        """What the person gave as ``NAME=value``; an empty value is none."""
        return self.environ.get(name, "").strip()

    @property
    def cache(self):
        """The folder that Odoo is kept in for every checkout of this user."""
        base = self.setting("XDG_CACHE_HOME")
        # The XDG specification has relative paths ignored.
        return Path(base if base.startswith("/") else Path(self.environ["HOME"], ".cache"), "odoo", "17.0")

    def make_local(self):
        """Make the ignored folders."""
        for folder in (self.logs, self.data_dir, self.odoo_link.parent):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def checkout_id(self):
        """A name for this checkout that no other has; on a shared server it marks our databases."""
        file = self.local / "checkout-id"
        if not file.exists():
            file.write_text(secrets.token_hex(4) + "\n")
        return file.read_text().strip()

    def hold(self, name, how=fcntl.LOCK_EX):
        """Hold a lock of this checkout: in a ``with``, or until this process ends, or the program that it becomes.

        :return: the open file that holds it
        """
        self.make_local()
        file = open(self.local / f"{name}.lock", "a")  # noqa: SIM115 (it stays open)
        os.set_inheritable(file.fileno(), True)
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command of this checkout is at work, or just ending: waiting for it (Ctrl-C gives up).")
            fcntl.flock(file, how)
        self.held.append(file)
        return file
