"""Second stage, in the virtual environment: the commands behind the Makefile's targets."""

import contextlib
import shlex
import shutil
import signal
import sys

from .console import say, step
from .databases import DEMO, PLAIN, Databases
from .errors import SetUpError, in_words
from .odoo_process import OdooProcess, choose_port
from .postgres import PrivateCluster, given_server, running_server
from .project import ADDON, Project

TEST_FOLDERS = (f"{ADDON}/tests", "tests")
# Processes that share the tests; pytest-odoo gives each a copy of the database.
WORKERS = "2"


@contextlib.contextmanager
def _databases(project):
    with running_server(project) as server:
        yield Databases(OdooProcess(project, server))


def run(project):
    """Serve the demo database; make it first, load a file into it, and run the main job, where that is due."""
    file = _data_file(project)
    port = choose_port(project.setting("PORT"))
    with _databases(project) as databases:
        odoo = databases.odoo
        with project.lock("setup"):
            name = _demo_database(databases, file)
        return odoo.serve(name, port, lambda log: _message_where(project, port, log))


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
    odoo, name = databases.odoo, databases.name("demo")
    wanted = databases.content(DEMO)
    state = databases.state(name)
    if not state:
        databases.fresh("demo", DEMO)
    elif state.split()[0] != wanted:
        databases.update(name)
    if file:
        say(f"==> Load {file} into {name}")
        if odoo.call("scripts/load_transactions.py", file, "--database", name):
            raise SetUpError(f"{file} was not loaded; the reason is above.")
    if file or state != f"{wanted} job-done":
        with step("Main job"):
            log = odoo.project.logs / "main-job.log"
            if odoo.call("-m", "scripts.bootstrap.main_job", "--database", name, "--logfile", log):
                raise SetUpError("The main job did not run; the reason is above.")
        databases.set_state(name, f"{wanted} job-done")
    return name


def _message_where(project, port, log):
    url = f"http://localhost:{port}"
    say(
        f"""
Odoo is up: {url}    login admin, password admin

  Inventory > Operations > Cycle Counts               the count sheets of the coming days
  Inventory > Operations > Physical Inventory         every stock position, with its class and due date
  Inventory > Configuration > Cycle Counting          plans, ABC profiles

Log: {log.relative_to(project.root)}. Ctrl-C stops it; make run brings it back as it was."""
    )


def test_all(project):
    """Everything that ``test`` does, with the tests that take long."""
    return test(project, long=True)


def test(project, long=False):
    """Install the addon afresh both ways, then run the tests; with STRICT=1, a warning in the logs fails.

    With arguments somebody wants some test's answer soon: in one process, and without demo data.
    """
    arguments = shlex.split(project.setting("ARGS"))
    strict = project.setting("STRICT") not in ("", "0")
    turn = project.lock("test", busy="make test already runs in this checkout.\nTo do: wait for it.")
    with turn, _databases(project) as databases:
        with project.lock("setup"):
            recipes = (PLAIN,) if arguments and not strict and not long else (PLAIN, DEMO)
            for recipe in recipes:
                _report_problems(databases, recipe, strict)
            name = databases.fresh("test", PLAIN)
        return databases.odoo.call(
            *("-m", "pytest", f"--odoo-database={name}", f"--odoo-config={databases.odoo.conf}", "--odoo-http"),
            # A file a worker: its classes set up once, and whoever serves a database has it alone.
            *("-n", project.setting("WORKERS") or ("0" if arguments else WORKERS), "--dist", "loadfile"),
            *([] if long else ("-m", "not long")),
            *([] if _names_tests(project, arguments) else TEST_FOLDERS),
            *arguments,
            STOCK_CYCLE_COUNT_TEMPLATE=databases.name(PLAIN.name),
            STOCK_CYCLE_COUNT_DEMO_TEMPLATE=databases.name(DEMO.name) if DEMO in recipes else "",
        )


def _names_tests(project, arguments):
    return any((project.root / argument.partition("::")[0]).exists() for argument in arguments if argument[0] != "-")


def _report_problems(databases, recipe, strict):
    problems = databases.install_problems(recipe)
    if problems:
        kind = "with" if recipe.demo else "without"
        text = "\n".join([f"Odoo's log of installing {ADDON} {kind} demo data has warnings or errors:", *problems])
        if strict:
            raise SetUpError(f"{text}\nThe whole log: {databases.log(recipe)}")
        say(text)


def bench(project):
    """Measure on a fresh database with the addon and stock_account, without demo data."""
    with _databases(project) as databases:
        with project.lock("setup"):
            name = databases.fresh("bench", PLAIN)
        arguments = shlex.split(project.setting("ARGS"))
        code = databases.odoo.call("-m", "benchmarks.run", "--database", name, *arguments)
        databases.drop(name)  # gigabytes that nobody looks at again
        return code


def clean(project):
    """Remove everything that the other commands made in this checkout and on the server that is named."""
    PrivateCluster(project).remove()
    server = given_server(project)
    if server:
        Databases(OdooProcess(project, server)).drop_all()
    for folder in (project.local, project.venv):
        shutil.rmtree(folder)
    say(f"Removed {project.local}, {project.venv} and the databases of this checkout.")
    return 0


COMMANDS = {command.__name__.replace("_", "-"): command for command in (run, test, test_all, bench, clean)}


def main(arguments):
    """Run one command; the exit code is 0 only if all went well."""
    # To be terminated, or to lose the terminal, is no reason to leave a server or half a step behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        return COMMANDS[arguments[0]](Project())
    except (SetUpError, OSError) as error:
        say(f"\n{in_words(error)}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
