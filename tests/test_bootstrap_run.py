"""``make run`` as a person meets it: in a copy of the checkout, from nothing to a page in the browser."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg2
import pytest

from scripts.bootstrap import commands
from scripts.bootstrap.databases import Databases
from scripts.bootstrap.odoo_process import choose_port, log_problems
from scripts.bootstrap.project import Project, SetUpError, in_words

ROOT = Path(__file__).parents[1]
PATIENCE = 600  # seconds for all of ``make run``


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the checkout without what earlier commands made, but with the packages."""
    if not (ROOT / ".venv").exists():
        pytest.skip("not run by make: there is no .venv to copy")
    root = tmp_path_factory.mktemp("checkout") / "copy"
    made = shutil.ignore_patterns(".local", ".git", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, root, symlinks=True, ignore=made)
    yield root
    if (root / ".local").exists():
        Databases(Project(root)).drop_all()


class Run:
    """``make run`` in a checkout, as a process."""

    def __init__(self, root, *arguments, **environ):
        self.start = time.monotonic()
        # What an outer make was asked for is not for this one.
        outer = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKEOVERRIDES", "DATA")}
        self.process = subprocess.Popen(
            ["make", "run", *arguments],
            cwd=root,
            # Odoo is where this run has it, so that nothing is downloaded.
            env={**outer, "ODOO_HOME": str(Project(ROOT).odoo_link.resolve().parent), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = []

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.communicate()

    def until_up(self):
        """Read until it says where it is; return the address and the seconds that it took."""
        for line in self.process.stdout:
            self.said.append(line)
            if "HTTP service (werkzeug) running" in line:
                address = re.search(r"Odoo starts: (\S+)", "".join(self.said)).group(1)
                while time.monotonic() < self.start + PATIENCE:
                    with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/web/login") as page:
                        assert page.status == 200
                        return address, time.monotonic() - self.start
                    time.sleep(0.1)
        raise AssertionError("".join(self.said))

    def stop(self):
        """What Ctrl-C in a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.said.append(self.process.communicate(timeout=60)[0])
        return "".join(self.said)


def ask(database, query):
    """The first value that a query returns."""
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def free_port():
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return str(candidate.getsockname()[1])


@pytest.mark.long
def test_run_makes_and_serves_the_demo_and_comes_back_with_everything(checkout):
    with Run(checkout, f"PORT={free_port()}") as first:
        first.until_up()
        name = re.search(r"(stock_cycle_count_demo\w*): a fresh copy", "".join(first.said)).group(1)
        assert ask(name, "SELECT count(*) FROM stock_cycle_count_line") > 0, "the main job made no line to count"
        ask(name, "UPDATE res_company SET name = 'Kept' WHERE id = 1 RETURNING 1")
        assert "Main job" in first.stop()

    with Run(checkout, f"PORT={free_port()}") as second:
        _address, seconds = second.until_up()
        said = second.stop()
    assert seconds < 30 and "Main job" not in said and "Install" not in said
    assert ask(name, "SELECT name FROM res_company WHERE id = 1") == "Kept"


def test_a_file_that_is_not_there_is_named_before_anything_is_made(tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    command = [sys.executable, "-m", "scripts.bootstrap.commands", "run"]
    environ = {**os.environ, "DATA": "no.csv", "INVOKED_FROM": str(tmp_path / "caller")}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"there is no file {tmp_path / 'caller' / 'no.csv'}" in done.stdout and "To do:" in done.stdout
    assert not (tmp_path / ".local").exists()


def test_a_path_is_relative_to_where_the_person_called(project, tmp_path):
    for folder in ("caller", "elsewhere"):
        (tmp_path / folder).mkdir()
    (tmp_path / "caller" / "sales.csv").write_text("")
    project.environ.update(INVOKED_FROM=str(tmp_path / "caller"), DATA="sales.csv")
    assert commands._data_file(project) == tmp_path / "caller" / "sales.csv"
    project.environ["INVOKED_FROM"] = str(tmp_path / "elsewhere")
    with pytest.raises(SetUpError, match="there is no file"):
        commands._data_file(project)


def test_ports(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(SetUpError, match=f"Port {port} is taken"):
            choose_port(port)
    assert choose_port(port) == int(port)
    for wrong in ("web", "0", "70000"):
        with pytest.raises(SetUpError, match="is no port"):
            choose_port(wrong)


def test_the_next_free_port_is_taken_and_said(monkeypatch, capsys):
    monkeypatch.setattr("scripts.bootstrap.odoo_process.is_free", lambda port: port == 8071)
    assert choose_port("") == 8071
    assert "Port 8069 is taken: Odoo will be on port 8071" in capsys.readouterr().out
    monkeypatch.setattr("scripts.bootstrap.odoo_process.is_free", lambda port: False)
    with pytest.raises(SetUpError, match="To do: give one with PORT="):
        choose_port("")


def test_warnings_and_errors_of_a_log_are_found_with_their_tracebacks(tmp_path):
    log = tmp_path / "install.log"
    lines = [
        "2025-01-01 00:00:00,000 1 INFO db odoo.modules: a WARNING in words is none",
        "2025-01-01 00:00:00,000 1 WARNING db odoo.models: two fields have the same label",
        "2025-01-01 00:00:00,000 1 INFO db odoo.modules: loaded",
        "2025-01-01 00:00:00,000 1 ERROR db odoo.sql_db: bad query",
        "Traceback (most recent call last):",
        "ValueError: x",
        "2025-01-01 00:00:00,000 1 INFO db odoo.modules: done",
    ]
    log.write_text("\n".join(lines))
    assert log_problems(log) == [lines[1], *lines[3:6]]


def test_the_main_job_that_fails_says_where(database):
    ask(database, "ALTER TABLE stock_cycle_count_plan RENAME TO stock_cycle_count_plan_away; SELECT 1")
    with open(ROOT / "scripts" / "bootstrap" / "main_job.py") as job:
        command = [sys.executable, "-m", "odoo", "shell", f"--database={database}", "--no-http", "--log-level=warn"]
        done = subprocess.run(command, stdin=job, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1].strip() == "Schedule positions: stock.cycle.count.plan.action_schedule()"
    assert 'relation "stock_cycle_count_plan" does not exist' in done.stderr


def test_a_checkout_of_somebody_else_says_who_has_to_call():
    error = PermissionError(13, "Permission denied", "/somewhere/.local/setup.lock")
    assert in_words(error).startswith("[Errno 13] Permission denied: '/somewhere/.local/setup.lock'\nTo do: call make as")
