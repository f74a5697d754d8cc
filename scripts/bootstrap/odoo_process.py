"""Odoo's processes: their configuration file and environment, and programs that run in them."""

import collections
import configparser
import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from .console import say, step
from .errors import SetUpError
from .odoo_source import linked_source
from .postgres import read_conf

FIRST_PORT, PORTS = 8069, 50
PATIENCE = 300  # seconds that Odoo may take to answer its first request


class OdooProcess:
    """Runs programs that import Odoo, on one PostgreSQL server, with one configuration file for all of them."""

    def __init__(self, project, server):
        self.project = project
        self.server = server
        self.source = linked_source(project)
        self.conf = project.local / "odoo.conf"
        self._write_conf()

    def _write_conf(self):
        """The project's ``odoo.conf`` with what holds for this checkout: paths, server, who may connect."""
        options = {"http_interface": "127.0.0.1"}
        options.update(read_conf(self.project.root / "odoo.conf"))
        options["addons_path"] = ",".join(map(str, [*self.source.addons_paths, self.project.root]))
        options["data_dir"] = str(self.project.data_dir)
        for name in ("db_host", "db_port", "db_user", "db_password"):
            options.pop(name, None)
        # The password stays out of the file: it is in the environment.
        for key in ("host", "port", "user"):
            if getattr(self.server, key):
                options[f"db_{key}"] = getattr(self.server, key)
        parser = configparser.RawConfigParser()
        parser["options"] = options
        unfinished = self.conf.with_suffix(f".{os.getpid()}")
        with open(unfinished, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            parser.write(file)
        unfinished.replace(self.conf)

    @property
    def environ(self):
        """The environment for a program that imports Odoo: it finds the configuration and the server by itself.

        ODOO_HOME is not in it: where it was no Odoo 17.0, another was found, which is the one to import.
        """
        given = {name: value for name, value in self.project.environ.items() if name != "ODOO_HOME"}
        return {**given, **self.server.environ(), "ODOO_RC": str(self.conf)}

    def command(self, *arguments):
        """A command line for the Python of the environment."""
        return [str(self.project.python), *map(str, arguments)]

    def call(self, *arguments, **more_environ):
        """Run a program that talks to the person; return its exit code."""
        environ = {**self.environ, **more_environ}
        with _signals_for(subprocess.Popen(self.command(*arguments), cwd=self.project.root, env=environ)) as process:
            return process.wait()

    def run_logged(self, title, log, *arguments):
        """Run Odoo as a step; its log is new, and what it loads just now is shown while it works."""
        log.unlink(missing_ok=True)
        with step(title, lambda: _last_loaded(log)), open(f"{log}.out", "w") as output:
            done = subprocess.run(
                self.command("-m", "odoo", *arguments, "--no-http", "--stop-after-init", f"--logfile={log}"),
                cwd=self.project.root,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        if done.returncode:
            raise SetUpError(f"{title}: Odoo ended with code {done.returncode}.\n{tail(log)}\nThe whole log: {log}")

    def serve(self, database, port, ready):
        """Serve a database until the person stops it; call ``ready`` as soon as it answers.

        :return: Odoo's exit code
        """
        log = self.project.logs / "server.log"
        with open(log, "w") as output:
            process = subprocess.Popen(
                self.command(
                    *("-m", "odoo", f"--database={database}", f"--db-filter=^{re.escape(database)}$"),
                    *("--no-database-list", f"--http-port={port}"),
                    *self._interface(),
                ),
                cwd=self.project.root,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        with _signals_for(process):
            if self._answers(process, port, log):
                ready(log)
            return max(process.wait(), 0)

    def _interface(self):
        interface = self.project.setting("INTERFACE")
        return [f"--http-interface={interface}"] if interface else []

    def _answers(self, process, port, log):
        """Wait until Odoo answers; False if it was stopped before it did."""
        with step("Odoo starts"):
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    if process.returncode > 0:
                        raise SetUpError(f"Odoo ended with code {process.returncode}.\n{tail(log)}\nLog: {log}")
                    return False
                try:
                    # The page for the login: with it, the first assets are ready as well.
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login", timeout=PATIENCE):
                        return True
                except urllib.error.HTTPError as error:
                    process.terminate()
                    raise SetUpError(f"Odoo answers with {error}.\n{tail(log)}\nLog: {log}") from None
                except OSError:
                    time.sleep(0.2)
            process.terminate()
            raise SetUpError(f"Odoo does not answer after {PATIENCE} s.\n{tail(log)}\nLog: {log}")


@contextlib.contextmanager
def _signals_for(process):
    """Leave it to a process to end when the person wants an end.

    Ctrl-C reaches it by itself, since the terminal sends it to both; other signals are passed on.
    """
    handlers = {signal.SIGINT: signal.SIG_IGN}
    handlers.update(dict.fromkeys((signal.SIGTERM, signal.SIGHUP), lambda *_args: process.terminate()))
    # What is ignored, as under nohup, stays so.
    heeded = [number for number in handlers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, handlers[number]) for number in heeded}
    try:
        yield process
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tail(log, lines=25):
    """The last lines of a log."""
    if not log.exists():
        return ""
    with open(log, encoding="utf-8", errors="replace") as file:
        return "".join(collections.deque(file, lines)).rstrip()


def _last_loaded(log):
    found = re.findall(r"Loading module (\w+) \((\d+/\d+)\)", tail(log, 200))
    return "{} ({})".format(*found[-1]) if found else ""


def log_problems(log):
    """The warnings and errors in a log of Odoo, each with the lines that belong to it."""
    problems, keep = [], False
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        head = re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (\w+) ", line)
        if head:
            keep = head.group(1) in ("WARNING", "ERROR", "CRITICAL")
        if keep:
            problems.append(line)
    return problems


def is_free(port):
    """Whether a port of this machine can be listened on."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
            candidate.listen()
        except OSError:
            return False
    return True


def choose_port(wanted):
    """The port that the person asked for, otherwise Odoo's own or the next free one after it."""
    if wanted:
        if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
            raise SetUpError(f"PORT={wanted} is no port.\nTo do: give a number from 1 to 65535.")
        if not is_free(int(wanted)):
            raise SetUpError(f"Port {wanted} is taken.\nTo do: give another one with PORT=, or none.")
        return int(wanted)
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        if is_free(port):
            if port != FIRST_PORT:
                say(f"Port {FIRST_PORT} is taken: Odoo will be on port {port}.")
            return port
    raise SetUpError(f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} is free.\nTo do: give one with PORT=.")
