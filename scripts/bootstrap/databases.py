"""The databases of this checkout, on the server that the environment names.

Each carries a comment with the mark of the checkout that made it, and what it is complete for. A database without our mark
is never changed or dropped; one of ours that is not complete is made again.
"""

import contextlib
import hashlib
import shutil
from dataclasses import dataclass

import psycopg2

from .odoo import log_problems, run_logged
from .project import ADDON, SetUpError, step

# Parts of the addon that do not enter a database.
NOT_INSTALLED = {"tests", "readme", "__pycache__"}


@dataclass(frozen=True)
class Recipe:
    """A database to copy others from: a module installed on top of a parent, or in an empty one."""

    name: str
    module: str
    demo: bool
    parent: "Recipe | None" = None


# Without demo data but with stock_account, and alone on stock with demo data: the two ways in which it must install.
PLAIN = Recipe("addon_plain", ADDON, demo=False, parent=Recipe("core_plain", "stock_account", demo=False))
DEMO = Recipe("addon_demo", ADDON, demo=True, parent=Recipe("core_demo", "stock", demo=True))


class Databases:
    """Makes, copies and drops databases.

    :param private: whether nobody else has databases on the server
    """

    def __init__(self, project, private=False):
        self.project = project
        self.suffix = "" if private else f"_{project.checkout_id}"
        self.mark = f"made by {ADDON}, checkout {project.checkout_id}: "

    @staticmethod
    def query(database, query, parameters=()):
        """Rows that a query returns, outside a transaction, which creating a database does not allow."""
        with contextlib.closing(psycopg2.connect(dbname=database)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query, parameters)
                return cursor.fetchall() if cursor.description else []

    def name(self, purpose):
        """The name of a database; on a server that is shared it is this checkout's alone."""
        return f"{ADDON}_{purpose}{self.suffix}"

    def state(self, name):
        """What a database is complete for: None if there is none, empty if it is unfinished.

        :raise SetUpError: it is there, but this checkout did not make it
        """
        comments = "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s"
        for (comment,) in self.query("postgres", comments, [name]):
            if comment.startswith(self.mark):
                return comment.removeprefix(self.mark)
            raise SetUpError(
                f"The database {name} is on the server, but this checkout did not make it, so it is left alone.\n"
                "To do: rename or drop it yourself, or name another server."
            )
        return None

    def set_state(self, name, state):
        """Note in the database's comment what it is complete for."""
        self.query("postgres", f'COMMENT ON DATABASE "{name}" IS %s', [self.mark + state])

    def create(self, name, template=None):
        """Make a database, empty or as a copy with its files, in place of an earlier one of ours."""
        self.drop(name)
        source = f'TEMPLATE "{template}"' if template else "ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0"
        self.query("postgres", f'CREATE DATABASE "{name}" {source}')
        self.set_state(name, "")
        if template and self._files(template).exists():
            shutil.copytree(self._files(template), self._files(name))

    def drop(self, name):
        """Drop a database of ours and its files, if it is there."""
        if self.state(name) is not None:
            self.query("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')
        shutil.rmtree(self._files(name), ignore_errors=True)

    def drop_all(self):
        """Drop every database that carries our mark."""
        marked = "SELECT datname FROM pg_database WHERE starts_with(shobj_description(oid, 'pg_database'), %s)"
        for (name,) in self.query("postgres", marked, [self.mark]):
            self.drop(name)

    def _files(self, name):
        return self.project.data_dir / "filestore" / name

    def prepared(self, recipe):
        """The name of a database made by the recipe, new only if what it is made from has changed."""
        name, log, wanted = self.name(recipe.name), self.log(recipe), self.content(recipe)
        if self.state(name) != wanted:
            self.create(name, template=self.prepared(recipe.parent) if recipe.parent else None)
            title = f"Install {recipe.module} {'with' if recipe.demo else 'without'} demo data in {name}"
            demo = [] if recipe.demo else ["--without-demo=all"]
            run_logged(title, log, f"--database={name}", f"--init={recipe.module}", *demo)
            # Odoo ends with code 0 also when it did not find the module.
            if self.query(name, "SELECT state FROM ir_module_module WHERE name = %s", [recipe.module]) != [("installed",)]:
                raise SetUpError("\n".join([f"{recipe.module} is not installed.", *log_problems(log), f"To do: read {log}"]))
            self.set_state(name, wanted)
        return name

    def fresh(self, purpose, recipe):
        """A new database that is a copy of a prepared one; whoever works in it says when it is complete for that."""
        template, name = self.prepared(recipe), self.name(purpose)
        with step(f"Database {name}: a fresh copy of {template}"):
            self.create(name, template)
        return name

    def log(self, recipe):
        """The log of the installation that made the recipe's database."""
        return self.project.logs / f"install-{recipe.name}.log"

    def content(self, recipe):
        """What a recipe's database is made from, as a hash: Odoo, and the files of the addon that an installation reads."""
        package = self.project.odoo_link.resolve()
        digest = hashlib.sha256(str(package).encode() + (package / "release.py").read_bytes())
        if recipe.module == ADDON:
            for path in sorted(self.project.addon.rglob("*")):
                name = path.relative_to(self.project.addon)
                if path.is_file() and not NOT_INSTALLED.intersection(name.parts):
                    digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]
