"""The commands behind the Makefile's targets, in the virtual environment."""

import functools
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2

from .databases import DEMO, PLAIN, Databases
from .odoo import choose_port, configure, find_odoo, log_problems, run_logged
from .postgres import PrivateCluster, named_server, running_server
from .project import ADDON, Project, SetUpError, say, step

# Processes that share the tests; pytest-odoo gives each a copy of the database. One more than a small machine has cores: some
# test always waits for its browser or its server.
WORKERS = "3"

# Failures that end a command without a traceback, and what helps where they do not say so themselves.
TO_DO = {
    SetUpError: "",
    psycopg2.Error: "correct PGHOST, PGPORT, PGUSER and PGPASSWORD, or the rights of that user; "
    "with none of them given, a private cluster is used.",
    PermissionError: "call make as the user that this checkout, its .local and .venv belong to.",
    OSError: "",
}


def _start(project):
    """Find Odoo, have a server running, and put into the environment what programs with Odoo need."""
    os.environ.update(configure(project, find_odoo(project)))
    os.environ.update(running_server(project))
    return Databases(project, private=not named_server(project))


def _call(*arguments, **options):
    """Run a Python program that talks to the person; return its exit code."""
    return subprocess.run([sys.executable, *map(str, arguments)], **options).returncode


def _become(*arguments):
    """Go on as another Python program, which has the terminal and gets its signals."""
    os.execv(sys.executable, [sys.executable, *arguments])


def run(project):
    """Serve the demo database; make it first, load a file into it, and run the main job, where that is due."""
    file = _data_file(project)
    port = choose_port(project.setting("PORT"))
    with project.hold("setup"):
        name = _demo_database(_start(project), file)
    say(
        f"""
Odoo starts: http://localhost:{port}    login admin, password admin

  Cycle Counting > Today                             the count sheets of the coming days
  Inventory > Operations > Physical Inventory         every stock position, with its class and due date
  Cycle Counting > Schedule, Configuration            plans, ABC profiles

Ctrl-C stops it; make run brings it back as it was. What follows is Odoo's log.
"""
    )
    filters = (f"--database={name}", f"--db-filter=^{re.escape(name)}$", "--no-database-list")
    _become("-m", "odoo", *filters, f"--http-port={port}")


def _data_file(project):
    given = project.setting("DATA")
    if not given:
        return None
    file = Path(given).expanduser().resolve()
    if not file.is_file():
        raise SetUpError(f"DATA={given}: there is no file {file}.\nTo do: give the path of a CSV file.")
    return file


def _demo_database(databases, file):
    """The demo database, complete and up to the present code; its own data is never thrown away."""
    name, wanted = databases.name("demo"), databases.content(DEMO)
    state = databases.state(name)
    if not state:
        databases.fresh("demo", DEMO)
    elif state != wanted:
        log = databases.project.logs / "update.log"
        run_logged(f"Update {ADDON} in {name}", log, f"--database={name}", f"--update={ADDON}")
    if file:
        say(f"==> Load {file} into {name}")
        if _call("scripts/load_transactions.py", file, "--database", name):
            raise SetUpError(f"{file} was not loaded; the reason is above.")
    if file or state != wanted:
        with step("Main job"), open("scripts/bootstrap/main_job.py") as job:
            if _call("-m", "odoo", "shell", f"--database={name}", "--no-http", "--log-level=warn", stdin=job):
                raise SetUpError("The main job did not run; the reason is above.")
        databases.set_state(name, wanted)
    return name


def test(project, long=False):
    """Install the addon afresh both ways, then run the tests; with STRICT=1, a warning in the logs fails.

    With arguments somebody wants some test's answer soon: in one process, and without demo data.
    """
    arguments = shlex.split(project.setting("ARGS"))
    strict = project.setting("STRICT") not in ("", "0")
    recipes = (PLAIN,) if arguments and not strict and not long else (PLAIN, DEMO)
    project.hold("test")
    with project.hold("setup"):
        databases = _start(project)
        with ThreadPoolExecutor() as both:
            templates = dict(zip(recipes, both.map(databases.prepared, recipes)))
        name = databases.fresh("test", PLAIN)
    problems = [problem for recipe in recipes for problem in log_problems(databases.log(recipe))]
    if problems:
        say("\n".join([f"Warnings or errors of an installation, in {project.logs}:", *problems]))
        if strict:
            return 1
    os.environ["STOCK_CYCLE_COUNT_TEST_DATABASE"] = name
    os.environ["STOCK_CYCLE_COUNT_TEMPLATE"] = templates[PLAIN]
    os.environ["STOCK_CYCLE_COUNT_DEMO_TEMPLATE"] = templates.get(DEMO, "")
    os.environ["STOCK_CYCLE_COUNT_CORE_TEMPLATE"] = databases.name(PLAIN.parent.name)
    _become(
        *("-m", "pytest", f"--odoo-database={name}", f"--odoo-config={os.environ['ODOO_RC']}", "--odoo-http"),
        # A file a worker: its classes set up once, and whoever serves a database has it alone.
        *("-n", project.setting("WORKERS") or ("0" if arguments else WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"),
        *([] if long else ("-m", "not long")),
        *arguments,
    )


def measure(project, purpose, module):
    """Run a program on a fresh database with the addon and stock_account, without demo data."""
    with project.hold("setup"):
        databases = _start(project)
        name = databases.fresh(purpose, PLAIN)
    code = _call("-m", module, "--database", name, *shlex.split(project.setting("ARGS")))
    databases.drop(name)  # gigabytes that nobody looks at again
    return code


def clean(project):
    """Drop all databases that the other commands made; the Makefile removes the folders."""
    project.hold("users")
    PrivateCluster(project).remove()
    server = named_server(project)
    if server:
        os.environ.update(server)
        Databases(project).drop_all()


COMMANDS = {
    "run": run, "test": test, "test-all": functools.partial(test, long=True), "clean": clean,
    "bench": functools.partial(measure, purpose="bench", module="benchmarks.run"),
    "simulate": functools.partial(measure, purpose="simulate", module="benchmarks.simulation.run"),
}


def main(arguments):
    """Run one command; the exit code is 0 (or None) only if all went well."""
    project = Project()
    try:
        return COMMANDS[arguments[0]](project)
    except tuple(TO_DO) as error:
        to_do = next(text for kind, text in TO_DO.items() if isinstance(error, kind))
        say(f"\n{error}" + (f"\nTo do: {to_do}" if to_do else ""))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
