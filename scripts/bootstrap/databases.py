"""The databases of this checkout.

Each carries a comment with the mark of the checkout that made it, what it was made from and whether it is complete.
A database without our mark is never changed or dropped; one of ours that is not complete is made again.
"""

import contextlib
import hashlib
import shutil
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql

from .console import step
from .errors import SetUpError
from .odoo_process import log_problems
from .project import ADDON

# Parts of the addon that do not enter a database.
NOT_INSTALLED = {"tests", "readme", "__pycache__"}


@dataclass(frozen=True)
class Recipe:
    """A database to copy others from: modules installed on top of a parent, or in an empty one."""

    name: str
    modules: str
    demo: bool
    parent: "Recipe | None" = None


# Without demo data but with stock_account, and alone on stock with demo data: the two ways in which it must install.
CORE_PLAIN = Recipe("core_plain", "stock_account", demo=False)
CORE_DEMO = Recipe("core_demo", "stock", demo=True)
PLAIN = Recipe("addon_plain", ADDON, demo=False, parent=CORE_PLAIN)
DEMO = Recipe("addon_demo", ADDON, demo=True, parent=CORE_DEMO)


class Databases:
    """Makes, copies and drops databases on one server."""

    def __init__(self, odoo):
        self.odoo = odoo
        self.project = odoo.project
        self._check_role()

    # The server

    @contextlib.contextmanager
    def _cursor(self):
        """A cursor that is not in a transaction, which creating a database does not allow."""
        server = self.odoo.server
        try:
            connection = psycopg2.connect(
                dbname="postgres", host=server.host, port=server.port, user=server.user, password=server.password
            )
        except psycopg2.OperationalError as error:
            raise SetUpError(
                f"PostgreSQL does not let us in ({server}):\n{error}"
                "To do: correct PGHOST, PGPORT, PGUSER and PGPASSWORD (or db_* in odoo.conf); "
                "with none of them given, a private cluster is used."
            ) from None
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def _check_role(self):
        with self._cursor() as cursor:
            cursor.execute("SELECT rolname, rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
            role, may_create = cursor.fetchone()
        if role == "postgres":
            raise SetUpError(
                "Odoo refuses to work as the database user postgres.\n"
                "To do: createuser --createdb odoo, then call with PGUSER=odoo."
            )
        if not may_create:
            raise SetUpError(
                f"The database user {role} may not create databases.\n"
                f'To do: as an administrator of the server, ALTER ROLE "{role}" CREATEDB.'
            )

    # Names and marks

    def name(self, purpose):
        """The name of a database; on a server that is shared it is this checkout's alone."""
        own = "" if self.odoo.server.private else f"_{self.project.checkout_id}"
        return f"{ADDON}_{purpose}{own}"

    @property
    def _mark(self):
        return f"made by {ADDON}, checkout {self.project.checkout_id}"

    def state(self, name):
        """What a database is complete for: None if there is none, empty if it is unfinished.

        :raise SetUpError: it is there, but this checkout did not make it
        """
        with self._cursor() as cursor:
            cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
            row = cursor.fetchone()
        if not row:
            return None
        mark, _separator, state = (row[0] or "").partition(": ")
        if mark != self._mark:
            raise SetUpError(
                f"The database {name} is on the server ({self.odoo.server}), but this checkout did not make it, "
                "so it is left alone.\nTo do: rename or drop it yourself, or name another server."
            )
        return state

    def set_state(self, name, state):
        """Note in the database's comment what it is complete for."""
        with self._cursor() as cursor:
            comment = f"{self._mark}: {state}"
            cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(name)), [comment])

    # Making and dropping

    def create(self, name, template=None):
        """Make a database, empty or as a copy with its files, in place of an earlier one of ours."""
        self.drop(name)
        origin = sql.SQL("ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0")
        if template:
            origin = sql.SQL("TEMPLATE {}").format(sql.Identifier(template))
        with self._cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} ").format(sql.Identifier(name)) + origin)
        self.set_state(name, "")
        if template and self._files(template).exists():
            shutil.copytree(self._files(template), self._files(name))

    def drop(self, name):
        """Drop a database of ours and its files, if it is there."""
        if self.state(name) is not None:
            with self._cursor() as cursor:
                cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        shutil.rmtree(self._files(name), ignore_errors=True)

    def drop_all(self):
        """Drop every database that this checkout made."""
        with self._cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(shobj_description(oid, 'pg_database'), %s)",
                [self._mark],
            )
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            self.drop(name)

    def _files(self, name):
        return self.project.data_dir / "filestore" / name

    # Installing

    def prepared(self, recipe):
        """The name of a database made by the recipe, new only if what it is made from has changed."""
        name = self.name(recipe.name)
        wanted = self.content(recipe)
        if self.state(name) != wanted:
            parent = self.prepared(recipe.parent) if recipe.parent else None
            self.create(name, template=parent)
            title = f"Install {recipe.modules} {'with' if recipe.demo else 'without'} demo data in {name}"
            demo = [] if recipe.demo else ["--without-demo=all"]
            self.odoo.run_logged(title, self.log(recipe), f"--database={name}", f"--init={recipe.modules}", *demo)
            self._check_installed(name, recipe)
            self.set_state(name, wanted)
        return name

    def fresh(self, purpose, recipe):
        """A new database that is a copy of a prepared one."""
        template = self.prepared(recipe)
        name = self.name(purpose)
        with step(f"Database {name}: a fresh copy of {template}"):
            self.create(name, template)
            self.set_state(name, self.content(recipe))
        return name

    def log(self, recipe):
        """The log of the installation that made the recipe's database."""
        return self.project.logs / f"install-{recipe.name}.log"

    def install_problems(self, recipe):
        """The warnings and errors that Odoo wrote when it made the recipe's database."""
        self.prepared(recipe)
        return log_problems(self.log(recipe))

    def update(self, name):
        """Bring the addon in a database up to the present code."""
        log = self.project.logs / "update.log"
        self.odoo.run_logged(f"Update {ADDON} in {name}", log, f"--database={name}", f"--update={ADDON}")

    def _check_installed(self, name, recipe):
        """Odoo ends with code 0 also when it did not find the module."""
        server = self.odoo.server
        connection = psycopg2.connect(
            dbname=name, host=server.host, port=server.port, user=server.user, password=server.password
        )
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT state FROM ir_module_module WHERE name = %s", [recipe.modules])
            state = (cursor.fetchone() or ["not found"])[0]
        if state != "installed":
            problems = "\n".join(log_problems(self.log(recipe)))
            raise SetUpError(
                f"Module {recipe.modules} is not installed ({state}).\n{problems}\nThe whole log: {self.log(recipe)}"
            )

    def content(self, recipe):
        """What a recipe's database is made from, as a hash: Odoo, and the addon if it is installed."""
        source = self.odoo.source
        digest = hashlib.sha256(str(source.package.resolve()).encode())
        digest.update((source.package / "release.py").read_bytes())
        if recipe.modules == ADDON:
            digest.update(addon_hash(self.project.addon).encode())
        return digest.hexdigest()[:16]


def addon_hash(folder):
    """A hash of the files of the addon that an installation reads."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not NOT_INSTALLED.intersection(path.relative_to(folder).parts):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
