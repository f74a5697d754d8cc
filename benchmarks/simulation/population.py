"""Whether the interval of *Records right* is right, over more quarters than the addon could be driven through.

Positions go wrong by chances of their own, and those that are most likely wrong are counted each day, as ranking does. Some are
drawn by ``tools.draw``, and their interval is that of ``tools.statistics``.
"""

from heapq import nlargest
from random import Random
from typing import NamedTuple

from odoo.addons.stock_cycle_count.tools import draw, statistics

#: Working days of a quarter.
WORKDAYS = 65


class Quarter(NamedTuple):
    """Random counts of a quarter, those that were right, and the share of right positions in truth."""

    number: int
    hits: int
    truth: float

    @property
    def is_told(self):
        """Whether the interval holds the truth."""
        share = statistics.wilson(self.hits, self.number)
        return share.low <= self.truth <= share.high


def play(level, share, quarters, seed, positions=500, capacity=10):
    """Quarters of one population; the first one, in which everything is right at its beginning, is left out.

    :param level: chance a day to go wrong, in the mean of the positions
    :param share: of the counts that are drawn at random

    >>> [quarter] = play(0.001, 0.2, 1, 1, positions=100)
    >>> quarter.number, 0.5 < quarter.truth < 1
    (130, True)
    """
    dice = Random(f"{seed} {level} {share}")
    rates = [level * dice.lognormvariate(-0.5, 1) for _position in range(positions)]
    right, last, found = [True] * positions, [0] * positions, []
    for quarter in range(quarters + 1):
        number = hits = truth = 0
        for workday in range(1, WORKDAYS + 1):
            today = quarter * WORKDAYS + workday
            for position, rate in enumerate(rates):
                if dice.random() < rate:
                    right[position] = False
            truth += sum(right)
            pace = draw.Pace(round(share * capacity * WORKDAYS), capacity, workday, WORKDAYS)
            drawn = [position for _rank, position in draw.pick(f"{seed} {today}", range(positions), pace.number)]
            number += len(drawn)
            hits += sum(right[position] for position in drawn)
            likely = nlargest(
                capacity - len(drawn), range(positions), key=lambda position: rates[position] * (today - last[position]))
            for position in {*drawn, *likely}:
                right[position], last[position] = True, today
        found.append(Quarter(number, hits, truth / WORKDAYS / positions))
    return found[1:]
