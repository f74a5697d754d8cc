"""``make run`` as a person meets it: in a copy of the checkout, from nothing to a page in the browser."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from unittest import mock

import psycopg2
import pytest

from scripts.bootstrap import commands
from scripts.bootstrap.databases import Databases
from scripts.bootstrap.odoo import choose_port, is_free, log_problems
from scripts.bootstrap.project import Project, SetUpError

from .servers import free_port

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout without what earlier commands made, but with the packages."""
    if not (ROOT / ".venv").exists():
        pytest.skip("not run by make: there is no .venv to copy")
    made = shutil.ignore_patterns(".local", ".git", "__pycache__", ".*_cache")
    yield shutil.copytree(ROOT, tmp_path / "copy", symlinks=True, ignore=made)
    Databases(Project(tmp_path / "copy")).drop_all()


@contextlib.contextmanager
def running(root):
    """``make run``, ended by Ctrl-C; yields what it said until it was up, and the seconds that this took."""
    start, said = time.monotonic(), ""
    # What an outer make was asked for is not for this one, and Odoo is where this run has it.
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKEOVERRIDES", "DATA")}
    environ["ODOO_HOME"] = str(Project(ROOT).odoo_link.resolve().parent)
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = ["make", "run", f"PORT={free_port()}"]
    with subprocess.Popen(command, cwd=root, env=environ, start_new_session=True, **output) as process:
        try:
            while "HTTP service (werkzeug) running" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            address, answered = re.search(r"Odoo starts: (\S+)", said).group(1), None
            while not answered and process.poll() is None:  # Odoo says that it runs a moment before it listens
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/web/login") as page:
                    answered = page.status
            assert answered == 200
            yield said, time.monotonic() - start
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.long
def test_run_makes_and_serves_the_demo_and_comes_back_with_everything(checkout):
    query = Databases.query
    with running(checkout) as (said, _seconds):
        assert "Main job" in said
        name = re.search(r"(stock_cycle_count_demo\w*): a fresh copy", said).group(1)
        assert query(name, "SELECT id FROM stock_cycle_count_line"), "the main job made no line to count"
        query(name, "UPDATE res_company SET name = 'Kept' WHERE id = 1")
    with running(checkout) as (said, seconds):
        assert seconds < 30 and "Main job" not in said and "Install" not in said
    assert query(name, "SELECT name FROM res_company WHERE id = 1") == [("Kept",)]


def test_a_file_that_is_not_there_is_named_before_anything_is_made(tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    command = [sys.executable, "-m", "scripts.bootstrap.commands", "run"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "DATA": "no.csv"}, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"there is no file {tmp_path / 'no.csv'}" in done.stdout and "To do:" in done.stdout
    assert not (tmp_path / ".local").exists()


@pytest.mark.parametrize(
    ("wanted", "free", "chosen", "said"),
    [
        ("8123", {8069, 8123}, 8123, ""),
        ("", {8069, 8071}, 8069, ""),
        ("", {8071, 8072}, 8071, "Port 8069 is taken: Odoo will be on port 8071.\n"),
        ("8123", {8069}, None, "Port 8123 is taken.\nTo do: give another one with PORT="),
        ("", {9000}, None, "Port 8069 to 8118 is taken.\nTo do: give another one with PORT="),
        *((wrong, {0, 70000}, None, f"PORT={wrong} is no port.\nTo do:") for wrong in ("web", "0", "70000")),
    ],
)
def test_ports(monkeypatch, capsys, wanted, free, chosen, said):
    monkeypatch.setattr("scripts.bootstrap.odoo.is_free", free.__contains__)
    if chosen:
        assert choose_port(wanted) == chosen and capsys.readouterr().out == said
    else:
        with pytest.raises(SetUpError, match=re.escape(said)):
            choose_port(wanted)


def test_a_port_that_somebody_listens_on_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_warnings_and_errors_of_a_log_are_found_with_their_tracebacks(tmp_path):
    lines = [
        "2025-01-01 00:00:00,000 1 INFO db odoo.modules: a WARNING in words is none",
        "2025-01-01 00:00:00,000 1 WARNING db odoo.models: two fields have the same label",
        "2025-01-01 00:00:00,000 1 INFO db odoo.modules: loaded",
        "2025-01-01 00:00:00,000 1 ERROR db odoo.sql_db: bad query",
        "Traceback (most recent call last):",
        "ValueError: x",
        "2025-01-01 00:00:00,000 1 INFO db odoo.modules: done",
    ]
    (tmp_path / "install.log").write_text("\n".join(lines))
    assert log_problems(tmp_path / "install.log") == [lines[1], "\n".join(lines[3:6])]


def test_the_main_job_that_fails_says_where(database):
    Databases.query(database, "ALTER TABLE stock_cycle_count_plan RENAME TO stock_cycle_count_plan_away")
    with open(ROOT / "scripts" / "bootstrap" / "main_job.py") as job:
        command = [sys.executable, "-m", "odoo", "shell", f"--database={database}", "--no-http", "--log-level=warn"]
        done = subprocess.run(command, stdin=job, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1].strip() == "Schedule positions: stock.cycle.count.plan.action_schedule()"
    assert 'relation "stock_cycle_count_plan" does not exist' in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SetUpError("It is broken.\nTo do: mend it."), 1, "It is broken.\nTo do: mend it."),
        (PermissionError(13, "Permission denied", ".local"), 1, "denied: '.local'\nTo do: call make as the user that"),
        (OSError(28, "No space left on device"), 1, "[Errno 28] No space left on device"),
        (psycopg2.OperationalError("no password supplied"), 1, "no password supplied\nTo do: correct PGHOST"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_ends_a_command_is_told_in_words(monkeypatch, capsys, error, code, said):
    monkeypatch.setitem(commands.COMMANDS, "run", mock.Mock(side_effect=error))
    assert commands.main(["run"]) == code
    assert said in capsys.readouterr().out


def test_commands_wait_for_each_other(project, capsys):
    with project.hold("setup"):
        waiting = threading.Thread(target=Project(project.root).hold, args=["setup"])
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive() and "waiting for it" in capsys.readouterr().out
    waiting.join(10)
    assert not waiting.is_alive()
