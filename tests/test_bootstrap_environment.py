"""The Python that the set-up builds on, and the environment that it makes once."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bootstrap import environment
from scripts.bootstrap.environment import ensure_venv, find_python
from scripts.bootstrap.errors import SetUpError

ROOT = Path(__file__).parents[1]


def launcher(folder, name, version):
    """A program that says it is a Python of a version; of none if it does not run."""
    program = folder / name
    program.write_text(f"#!/bin/sh\necho {version}\n" if version else "#!/bin/sh\nexit 127\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def only(tmp_path, monkeypatch):
    """A PATH with nothing but what the test puts there, and a Python too new for Odoo that runs the set-up."""
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    return tmp_path


def test_a_supported_python_that_runs_is_taken():
    assert find_python() == sys.executable


def test_otherwise_one_on_the_path_is_taken(only, monkeypatch):
    monkeypatch.setenv("PATH", f"{only}:/bin:/usr/bin")
    launcher(only, "python3.12", None)
    expected = launcher(only, "python3.11", "3 11")
    assert find_python() == expected


def test_no_supported_python_says_which_and_what_to_do(only):
    with pytest.raises(SetUpError, match=r"(?s)3\.10 to 3\.12; this is Python 3\.13.*To do: install"):
        find_python()


def test_an_environment_is_made_once_and_again_when_requirements_change(tmp_path, monkeypatch):
    installed = []
    monkeypatch.setattr(environment, "pip_install", lambda *arguments: installed.append(arguments))
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1\n")
    for _again in range(2):
        python = ensure_venv(sys.executable, tmp_path / "venv", requirements)
    assert len(installed) == 1 and python.exists()
    requirements.write_text("a==2\n")
    ensure_venv(sys.executable, tmp_path / "venv", requirements)
    assert len(installed) == 2


def test_an_installation_that_failed_is_tried_again(tmp_path, monkeypatch):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1\n")

    def fails(*_arguments):
        raise SetUpError("no network")

    monkeypatch.setattr(environment, "pip_install", fails)
    for _again in range(2):
        with pytest.raises(SetUpError):
            ensure_venv(sys.executable, tmp_path / "venv", requirements)


def test_a_python_without_ensurepip_says_which_package_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "_has_module", lambda python, name: False)
    (tmp_path / "requirements.txt").write_text("")
    with pytest.raises(SetUpError, match=r"To do: sudo apt-get install python3\.1\d-venv"):
        ensure_venv(sys.executable, tmp_path / "venv", tmp_path / "requirements.txt")


def test_pip_that_fails_is_shown(tmp_path, capsys):
    with pytest.raises(SetUpError, match="To do: see that pip reaches its package index"):
        environment.pip_install(sys.executable, "--no-index", "no-such-package-anywhere")
    assert "no-such-package-anywhere" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-lint.txt", "requirements-postgresql.txt"])
def test_every_requirement_is_pinned_and_needs_no_compiler(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
    assert lines and [line for line in lines if "==" not in line.partition(";")[0]] == []
    names = {line.partition("==")[0].lower() for line in lines}
    assert not names & {"psycopg2", "python-ldap"}


def test_the_first_stage_needs_the_standard_library_alone():
    code = "import scripts.bootstrap.__main__, scripts.lint"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_make_without_python_says_what_to_install(tmp_path):
    command = ["make", "run", "PYTHON=no-such-python"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0 and "To do: sudo apt-get install" in done.stdout
