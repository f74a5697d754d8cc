"""What all tests share under pytest."""

import dataclasses
import fcntl
import os
from unittest import mock

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Classes of the addon say by Odoo's own tags that they take long."""
    for item in items:
        if "long" in getattr(item.cls, "test_tags", ()):
            item.add_marker("long")


@pytest.hookimpl(tryfirst=True)
def pytest_report_to_serializable(report):
    """Let parameters of subtests travel from a worker to whoever reports them, as text: records and dates cannot."""
    context = getattr(report, "context", None)
    if context:
        report.context = dataclasses.replace(
            context,
            msg=None if context.msg is None else str(context.msg),
            kwargs={name: str(value) for name, value in context.kwargs.items()},
        )


@pytest.fixture(scope="session", autouse=True)
def keep_files():
    """Workers share the files of one database: none throws away what another one has not committed yet."""
    if not os.getenv("PYTEST_XDIST_WORKER"):
        yield
        return
    from odoo.tests import TransactionCase
    with mock.patch.object(TransactionCase, "_gc_filestore"):
        yield


@pytest.fixture(scope="session", autouse=True)
def floor(load_registry):
    """Make once what most classes begin with, in this process's own database; it stays, and so no other one gets it."""
    import odoo
    from odoo.tests.common import get_db_name

    from odoo.addons.stock_cycle_count.tests.common import CountCase
    from odoo.addons.stock_cycle_count.tests.common_planning import PlanningCase
    if get_db_name().rsplit("-gw", 1)[0] != os.getenv("STOCK_CYCLE_COUNT_TEST_DATABASE"):
        return
    with odoo.registry(get_db_name()).cursor() as cr:
        CountCase.keep("make_floor", cr)
        PlanningCase.keep("make_neighbours", cr)


@pytest.fixture(scope="session")
def bundles(load_registry):
    """The web client's scripts and styles, made once: else each tour makes them anew, since it keeps nothing.

    One worker after the other: they share their files, and one would compare with what another has half written.
    """
    import odoo
    from odoo.tests.common import get_db_name
    # Requests that come at once would read manifests at once, and Python 3.11 cannot parse in two threads.
    assert odoo.http.root.statics
    with open(__file__) as lock, odoo.registry(get_db_name()).cursor() as cr:
        fcntl.flock(lock, fcntl.LOCK_EX)
        templates = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})["ir.qweb"]
        for name in ("web.assets_web", "web.assets_tests"):
            templates._get_asset_bundle(name, css=False, js=True).js()
        templates._get_asset_bundle("web.assets_web", css=True, js=False).css()


@pytest.fixture(scope="class", autouse=True)
def have_bundles(request):
    """Have them before the first class that opens pages begins its transaction."""
    from odoo.tests import HttpCase
    if request.cls and issubclass(request.cls, HttpCase):
        request.getfixturevalue("bundles")
