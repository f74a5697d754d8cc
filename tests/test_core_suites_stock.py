"""Odoo's own tests of ``stock`` with the addon installed; what they show is in ``core_suites``."""

import pytest

from .core_suites import check_closed, check_in_force

pytestmark = pytest.mark.long


def test_closed_nothing_changes(database):
    check_closed(database, "stock")


def test_in_force_only_ordinary_adjustments_are_held(database):
    check_in_force(database, "stock")
