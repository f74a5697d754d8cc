"""The state machine of the gate notices when the gate is broken: each promise is broken on purpose, and the run fails."""

from contextlib import ExitStack
from unittest.mock import patch

import pytest
from hypothesis.errors import FlakyFailure

from odoo.tools import mute_logger

from odoo.addons.stock_cycle_count.models.posting.stock_cycle_count_line_recheck import StockCycleCountLineRecheck
from odoo.addons.stock_cycle_count.models.res_users import ResUsers
from odoo.addons.stock_cycle_count.models.review.stock_cycle_count_approval import StockCycleCountApproval
from odoo.addons.stock_cycle_count.models.review.stock_cycle_count_line_value import StockCycleCountLineValue
from odoo.addons.stock_cycle_count.models.review.stock_cycle_count_tolerance import StockCycleCountTolerance

from . import test_gate_invariants

#: Steps within which each broken promise is noticed.
STEPS = 1000


def compute_half(lines):
    """Values of shortages that are not those of the layers. More than was judged would not be posted at all."""
    for line in lines:
        line.transfer_value = line._round_value(line.transfer_qty * line.unit_cost)
        line.adjustment_value = line._round_value(line.adjustment_qty * line.unit_cost) * (0.5 if line.adjustment_qty < 0 else 1)
        line.variance_value = line.adjustment_value + line.transfer_value


@pytest.mark.long
class TestGateMutants(test_gate_invariants.TestGateInvariants):

    test_whatever_people_do = None

    @mute_logger("odoo.models.unlink", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def _break(self, *broken):
        """Run the machine with methods replaced; what a sequence did is taken back at its end.

        :param broken: host, method, and what stands there instead
        """
        with ExitStack() as stack:
            for one in broken:
                stack.enter_context(patch.object(*one))
            try:
                self._run(STEPS)
            except (AssertionError, FlakyFailure) as error:
                # Who repeats a failure finds the clock further on, so that it may be another failure.
                failures = getattr(error, "exceptions", [error])
                print(f"after {self.tally['steps']} steps: {failures[0]!r}"[:200], flush=True)  # noqa: T201
            else:
                self.fail("nobody noticed")
        self.assertTrue(any(isinstance(failure, AssertionError) for failure in failures), failures)

    def test_an_approval_holds_only_for_what_it_saw(self):
        self._break((StockCycleCountApproval, "_holds", lambda self: True))

    def test_posted_value_is_that_of_the_layers(self):
        self._break((StockCycleCountLineValue, "_compute_values", compute_half))

    def test_nothing_is_posted_at_more_than_was_judged(self):
        self._break((StockCycleCountLineRecheck, "_find_worse", lambda self, judged: {}),
                    (StockCycleCountLineRecheck, "_check_booked", lambda self, costs: None))

    def test_a_cap_is_never_passed(self):
        self._break((StockCycleCountTolerance, "_get_passed_values", lambda self, lines: {}))

    def test_four_eyes(self):
        self._break((ResUsers, "_is_same_person", lambda self, others: False))
