"""Set-up of the project: what stands behind ``make run``, ``make test`` and ``make bench``.

It works in two stages.

1. ``__main__`` needs the standard library alone. It finds a Python that Odoo 17.0 runs on, makes the
   virtual environment with it, finds or downloads Odoo and makes it importable there.
2. ``commands`` runs in that environment. It finds or starts PostgreSQL, makes the databases and runs,
   serves, tests or measures the addon.

Everything that is made lies in ``.venv`` and ``.local`` of the checkout (see ``project``), in the cache
folder of the user (Odoo's sources), or is a database that carries this checkout's mark (see ``databases``).
"""
