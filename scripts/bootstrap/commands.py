"""Second stage, in the virtual environment: the commands behind the Makefile's targets."""

import fcntl
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys

import psycopg2

from .databases import DEMO, PLAIN, Databases
from .odoo_process import choose_port, log_problems, run_logged, write_conf
from .postgres import PrivateCluster, named_server, running_server
from .project import ADDON, Project, SetUpError, in_words, say, step

# What takes long first, so that no process waits for the other in the end.
TEST_FOLDERS = ("tests", f"{ADDON}/tests")
# Processes that share the tests; pytest-odoo gives each a copy of the database.
WORKERS = "2"


def _start(project):
    """Have a server running, and everything in the environment that programs with Odoo need."""
    project.hold("commands", fcntl.LOCK_SH)
    os.environ.update(running_server(project), ODOO_RC=str(write_conf(project)))
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
    databases = _start(project)
    with project.lock("setup"):
        name = _demo_database(databases, file)
    say(
        f"""
Odoo starts: http://localhost:{port}    login admin, password admin

  Cycle Counting > Today                             the count sheets of the coming days
  Inventory > Operations > Physical Inventory         every stock position, with its class and due date
  Cycle Counting > Schedule, Configuration            plans, ABC profiles

Ctrl-C stops it; make run brings it back as it was. What follows is Odoo's log.
"""
    )
    interface = project.setting("INTERFACE")
    _become(
        *("-m", "odoo", f"--database={name}", f"--db-filter=^{re.escape(name)}$", "--no-database-list"),
        *(f"--http-port={port}", *([f"--http-interface={interface}"] if interface else [])),
    )


def _data_file(project):
    given = project.setting("DATA")
    if not given:
        return None
    file = project.path_from_caller(given)
    if not file.is_file():
        raise SetUpError(f"DATA={given}: there is no file {file}.\nTo do: give the path of a CSV file.")
    return file.resolve()


def _demo_database(databases, file):
    """The demo database, complete and up to the present code; its own data is never thrown away."""
    name, wanted = databases.name("demo"), databases.content(DEMO)
    state = databases.state(name)
    if not state:
        databases.fresh("demo", DEMO)
    elif state.split()[0] != wanted:
        log = databases.project.logs / "update.log"
        run_logged(f"Update {ADDON} in {name}", log, f"--database={name}", f"--update={ADDON}")
    if file:
        say(f"==> Load {file} into {name}")
        if _call("scripts/load_transactions.py", file, "--database", name):
            raise SetUpError(f"{file} was not loaded; the reason is above.")
    if file or state != f"{wanted} job-done":
        with step("Main job"), open("scripts/bootstrap/main_job.py") as job:
            if _call("-m", "odoo", "shell", f"--database={name}", "--no-http", "--log-level=warn", stdin=job):
                raise SetUpError("The main job did not run; the reason is above.")
        databases.set_state(name, f"{wanted} job-done")
    return name


def test_all(project):
    """Everything that ``test`` does, with the tests that take long."""
    test(project, long=True)


def test(project, long=False):
    """Install the addon afresh both ways, then run the tests; with STRICT=1, a warning in the logs fails.

    With arguments somebody wants some test's answer soon: in one process, and without demo data.
    """
    arguments = shlex.split(project.setting("ARGS"))
    strict = project.setting("STRICT") not in ("", "0")
    project.hold("test", busy="make test already runs in this checkout.\nTo do: wait for it.")
    databases = _start(project)
    with project.lock("setup"):
        recipes = (PLAIN,) if arguments and not strict and not long else (PLAIN, DEMO)
        for recipe in recipes:
            databases.prepared(recipe)
            _report_problems(databases.log(recipe), strict)
        name = databases.fresh("test", PLAIN)
    os.environ["STOCK_CYCLE_COUNT_TEMPLATE"] = databases.name(PLAIN.name)
    os.environ["STOCK_CYCLE_COUNT_DEMO_TEMPLATE"] = databases.name(DEMO.name) if DEMO in recipes else ""
    _become(
        *("-m", "pytest", f"--odoo-database={name}", f"--odoo-config={os.environ['ODOO_RC']}", "--odoo-http"),
        # A file a worker: its classes set up once, and whoever serves a database has it alone.
        *("-n", project.setting("WORKERS") or ("0" if arguments else WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"),
        *([] if long else ("-m", "not long")),
        *([] if _names_tests(project, arguments) else TEST_FOLDERS),
        *arguments,
    )


def _names_tests(project, arguments):
    return any((project.root / argument.partition("::")[0]).exists() for argument in arguments if argument[0] != "-")


def _report_problems(log, strict):
    problems = log_problems(log)
    if problems:
        text = "\n".join([f"{log} of an installation has warnings or errors:", *problems])
        if strict:
            raise SetUpError(text)
        say(text)


def bench(project):
    """Measure on a fresh database with the addon and stock_account, without demo data."""
    databases = _start(project)
    with project.lock("setup"):
        name = databases.fresh("bench", PLAIN)
    code = _call("-m", "benchmarks.run", "--database", name, *shlex.split(project.setting("ARGS")))
    databases.drop(name)  # gigabytes that nobody looks at again
    return code


def clean(project):
    """Remove everything that the other commands made in this checkout and on the server that is named."""
    project.hold("commands", busy="Another command of this checkout uses its databases.\nTo do: end it first.")
    PrivateCluster(project).remove()
    server = named_server(project)
    if server:
        os.environ.update(server)
        Databases(project).drop_all()
    for folder in (project.local, project.venv):
        shutil.rmtree(folder)
    say(f"Removed {project.local}, {project.venv} and the databases of this checkout.")
    return 0


COMMANDS = {command.__name__.replace("_", "-"): command for command in (run, test, test_all, bench, clean)}


def main(arguments):
    """Run one command; the exit code is 0 only if all went well."""
    # To be terminated, or to lose the terminal, is no reason to leave half a step behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        return COMMANDS[arguments[0]](Project())
    except psycopg2.Error as error:
        say(
            f"\nPostgreSQL does not let us work:\n{error}"
            "To do: correct PGHOST, PGPORT, PGUSER and PGPASSWORD (or db_* in odoo.conf), or the rights of that user; "
            "with none of them given, a private cluster is used."
        )
        return 1
    except (SetUpError, OSError) as error:
        say(f"\n{in_words(error)}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
