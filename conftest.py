"""What all tests share under pytest."""

import dataclasses
import os
from unittest import mock

import pytest


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
