"""What all tests share under pytest."""

import dataclasses

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
