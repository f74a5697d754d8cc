"""First stage: ``python3 -m scripts.bootstrap run|test|bench|clean``, with the standard library alone."""

import os
import sys

from .console import say
from .environment import ensure_venv, find_python
from .errors import SetUpError, in_words
from .odoo_source import find_odoo, installed_pythons, link_into
from .project import Project


def prepare(project):
    """Make the environment and Odoo in it; return the interpreter for the second stage."""
    project.make_local()
    with project.lock("setup"):
        chosen = find_python()
        source = find_odoo(project, installed_pythons(project, chosen))
        python = ensure_venv(chosen, project.venv, project.root / "requirements.txt")
        link_into(project, source)
    return python


def main(arguments):
    """Prepare, then hand over to the second stage; the exit code is 0 only if all went well."""
    project = Project()
    try:
        python = prepare(project)
    except (SetUpError, OSError) as error:
        say(f"\n{in_words(error)}")
        return 1
    except KeyboardInterrupt:
        return 130
    # What the caller's Python was told to import is not for ours.
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    os.chdir(project.root)
    os.execve(python, [str(python), "-m", "scripts.bootstrap.commands", *arguments], environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
