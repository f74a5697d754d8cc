"""Odoo's processes: their configuration file, installations, their logs, and the port to serve on."""

import configparser
import os
import re
import socket
import subprocess
import sys

from .odoo_source import linked_source
from .postgres import NAMED_BY, read_conf
from .project import SetUpError, say, show_progress, step

FIRST_PORT, PORTS = 8069, 50


def write_conf(project):
    """Write the project's ``odoo.conf`` with what holds for this checkout: paths, and who may connect.

    The server is in the environment, as libpq knows it.

    :return: its path
    """
    options = {"http_interface": "127.0.0.1", **read_conf(project.root / "odoo.conf"), "data_dir": project.data_dir}
    options["addons_path"] = ",".join(map(str, [*linked_source(project).addons_paths, project.root]))
    parser = configparser.RawConfigParser()
    parser["options"] = {name: str(value) for name, value in options.items() if name not in NAMED_BY}
    conf = project.local / "odoo.conf"
    unfinished = conf.with_suffix(f".{os.getpid()}")
    with open(unfinished, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        parser.write(file)
    return unfinished.replace(conf)


def run_logged(title, log, *arguments):
    """Run Odoo as a step; its log is new, and what it loads just now is shown while it works."""
    command = [sys.executable, "-m", "odoo", *arguments, "--no-http", "--stop-after-init"]
    with step(title), open(log, "w", encoding="utf-8") as file:
        odoo = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        with odoo:
            for line in odoo.stdout:
                file.write(line)
                loads = re.search(r"Loading module (\w+) \((\d+/\d+)\)", line)
                if loads:
                    show_progress(" ".join(loads.groups()))
    if odoo.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-25:])
        raise SetUpError(f"{title}: Odoo ended with code {odoo.returncode}.\n{tail}\nThe whole log: {log}")


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
    """The port that the person asked for, otherwise Odoo's own or the next free one after it.

    Odoo itself would go on without a port when the one it should have is taken.
    """
    if wanted:
        if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
            raise SetUpError(f"PORT={wanted} is no port.\nTo do: give a number from 1 to 65535.")
        if not is_free(int(wanted)):
            raise SetUpError(f"Port {wanted} is taken.\nTo do: give another one with PORT=, or none.")
        return int(wanted)
    port = next(filter(is_free, range(FIRST_PORT, FIRST_PORT + PORTS)), None)
    if not port:
        raise SetUpError(f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} is free.\nTo do: give one with PORT=.")
    if port != FIRST_PORT:
        say(f"Port {FIRST_PORT} is taken: Odoo will be on port {port}.")
    return port
