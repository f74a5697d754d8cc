"""``make lint``: ruff over everything, pylint-odoo over the addon, each in the release that the project pins."""

import subprocess
import sys

from scripts.bootstrap.environment import ensure_venv, find_python
from scripts.bootstrap.project import ADDON, Project, SetUpError, in_words, say

CHECKS = (
    ("ruff", "check", "--quiet", "."),
    ("pylint", "--rcfile=.pylintrc", ADDON),
)


def main():
    """Run every check, also after one has failed; the exit code is 0 only if none found anything."""
    project = Project()
    try:
        project.make_local()
        with project.lock("setup-lint"):
            python = ensure_venv(find_python(), project.local / "lint", project.root / "requirements-lint.txt")
    except (SetUpError, OSError) as error:
        say(f"\n{in_words(error)}")
        return 1
    failed = [
        tool
        for tool, *arguments in CHECKS
        if subprocess.run([str(python), "-m", tool, *arguments], cwd=project.root).returncode
    ]
    say(f"Lint failed: {', '.join(failed)}" if failed else "Lint: nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
