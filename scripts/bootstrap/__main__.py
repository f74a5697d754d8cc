"""First stage: ``python3 -m scripts.bootstrap run|test|bench|clean``, with the standard library alone."""

import os
import sys

from .environment import ensure_venv, find_python
from .odoo_source import find_odoo, link_into
from .project import Project, SetUpError, in_words, say


def main(arguments):
    """Make the environment and Odoo in it, then become the second stage."""
    project = Project()
    try:
        project.make_local()
        with project.lock("setup"):
            python = ensure_venv(find_python(), project.venv, project.root / "requirements.txt")
            link_into(project, find_odoo(project))
    except (SetUpError, OSError) as error:
        say(f"\n{in_words(error)}")
        return 1
    except KeyboardInterrupt:
        return 130
    # What the caller's Python was told to import is not for ours; where ODOO_HOME was no Odoo, another was found.
    environ = {name: value for name, value in os.environ.items() if name not in ("ODOO_HOME", "PYTHONHOME")}
    environ["PYTHONPATH"] = str(project.odoo_link.parent)
    os.chdir(project.root)
    os.execve(python, [str(python), "-m", "scripts.bootstrap.commands", *arguments], environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
