"""Odoo's own tests of modules that build on ``stock``, with the addon installed; what they show is in ``core_suites``."""

import pytest

from .conftest import copy_of
from .core_suites import check_closed, check_in_force, install

pytestmark = pytest.mark.long


@pytest.fixture(scope="module", params=("mrp", "stock_landed_costs", "repair", "point_of_sale"))
def module(request):
    """A module of core."""
    return request.param


@pytest.fixture(scope="module")
def without(module):
    """A database with the module but not with the addon."""
    with copy_of("template0") as name:
        install(name, module)
        yield name


@pytest.fixture
def database(without):
    """A database with the module and the addon."""
    with copy_of(without) as name:
        install(name, "stock_cycle_count")
        yield name


def test_closed_nothing_changes(database, module, without):
    check_closed(database, module, without=without)


def test_in_force_only_ordinary_adjustments_are_held(database, module, without):
    check_in_force(database, module, without=without)
