"""Where things are, and what the person asked for."""

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

from .errors import SetUpError

ADDON = "stock_cycle_count"


class Project:
    """One checkout of the project and the environment its commands were called in."""

    def __init__(self, root=None, environ=None):
        self.root = Path(root or Path(__file__).parents[2]).resolve()
        self.environ = dict(os.environ if environ is None else environ)
        self.addon = self.root / ADDON
        self.venv = self.root / ".venv"
        self.python = self.venv / "bin" / "python"
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

    @contextlib.contextmanager
    def lock(self, name, busy=None):
        """Hold a lock of this checkout; wait for it, or raise ``busy`` when somebody else holds it."""
        with open(self.local / f"{name}.lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
            except BlockingIOError:
                raise SetUpError(busy) from None
            yield
