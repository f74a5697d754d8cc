"""Set-up of the project: what stands behind ``make run``, ``make test``, ``make bench`` and ``make simulate``.

The Makefile makes the virtual environment. ``commands`` runs in it: it finds or downloads Odoo, finds or starts PostgreSQL,
makes the databases, and then becomes Odoo or pytest.

Everything that is made lies in ``.venv`` and ``.local`` of the checkout (see ``project``), in the cache folder of the user
(Odoo's sources), or is a database that carries this checkout's mark (see ``databases``).
"""
