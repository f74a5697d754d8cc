"""A warehouse whose stock moves and whose books go wrong: what is there, what the books show, and why they differ.

Nothing here knows the addon. A day is a working day. The dice of a position on a day follow from the seed, the day and the
position alone, so that those who count differently are compared in the same world; they fall on what is there and what the books
show.
"""
import math
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

#: Working days of a week, weeks of a year, and those that pass before anybody counts.
WEEK, YEAR, BEFORE = 5, 50, 24
CATEGORIES, ZONES, MOST_PLACES = 12, 8, 4
#: Share of the errors by which something is lost, and share of short picks that pickers report.
LOSSES, REPORTED = 0.65, 0.7
#: Chances of an error: of a move, of a theft a day, of a day, of a move into the wrong place.
A_MOVE, A_THEFT, A_DAY, A_PAIR = 0.008, 0.003, 0.004, 0.006
MOST = 0.5


class Model(NamedTuple):
    """How errors come about: multiples of the usual chances, 0 where they do not come that way."""

    moves: float = 0.0                                   # with a move
    theft: float = 0.0                                   # losses of what is worth much, whatever moves
    pairs: float = 0.0                                   # put into another place of the same product: two at once
    days: float = 0.0                                    # with time, whatever moves
    alike: bool = False                                  # all positions have the same chances
    slow: bool = False                                   # the slower, the more often
    large: float = 0.0                                   # share of the errors that are ten times as large


MODELS = {
    "moves": Model(moves=1),
    "alike": Model(moves=1, alike=True),
    "theft": Model(theft=1),
    "pairs": Model(pairs=1.3),
    "mixed": Model(moves=0.4, theft=0.4, pairs=0.5, large=0.03),
    "time": Model(days=1),
    "slow": Model(days=1, slow=True),
}


@dataclass
class Position:
    """A product in a place: what it is like, what the books show of it, and what is there."""

    product: int
    category: int
    zone: int
    cost: float
    speed: float                                         # moves a day
    size: float                                          # mean quantity of a move
    order: int                                           # quantity of a receipt
    low: int                                             # where it is ordered
    book: int
    real: int
    sibling: "int | None" = None                         # another place of the product
    by_move: float = 0.0
    by_theft: float = 0.0
    by_day: float = 0.0
    by_pair: float = 0.0
    offence: float = 1.0                                 # errs so many times as often as the house

    @property
    def error(self):
        """Units that are there beyond what the books show."""
        return self.real - self.book


class Movement(NamedTuple):
    """What moved at a position on a day: quantities of picks, quantity received, what a short pick did not find."""

    number: int
    picks: list
    received: int
    wanted: int
    is_reported: bool


def poisson(dice, mean):
    """A number of events of which so many come on average.

    >>> numbers = [poisson(Random(seed), 3.0) for seed in range(2000)]
    >>> 2.9 < sum(numbers) / 2000 < 3.1, poisson(Random(1), 0)
    (True, 0)
    """
    limit, number, product = math.exp(-mean), 0, dice.random()
    while product > limit:
        number += 1
        product *= dice.random()
    return number


def split(quantity, parts):
    """A quantity in at most so many whole parts, none of them 0.

    >>> split(7, 3), split(2, 5), split(0, 3)
    ([3, 2, 2], [1, 1], [])
    """
    parts = min(parts, quantity)
    return [quantity // parts + (part < quantity % parts) for part in range(parts)]


class World:
    """Positions under one error model, from one seed."""

    def __init__(self, model, seed, number):
        self.model, self.seed, self.day = model, seed, 0
        dice = Random(f"{seed} world")
        self.positions = []
        while len(self.positions) < number:
            self._add_product(dice, min(dice.randint(1, MOST_PLACES), number - len(self.positions)))
        self._set_chances(dice)

    def _add_product(self, dice, places):
        first = len(self.positions)
        product = self.positions[-1].product + 1 if first else 0
        category, cost, size = dice.randrange(CATEGORIES), dice.lognormvariate(2, 1.2), 1 + dice.lognormvariate(0.3, 0.8)
        for place in range(places):
            speed = min(30, dice.lognormvariate(-1.2, 1.3))
            order = math.ceil(max(speed * size * dice.uniform(15, 60), 4))
            low = math.floor(speed * size * 5)
            book = math.ceil(low + dice.random() * order)
            self.positions.append(Position(
                product, category, dice.randrange(ZONES), round(cost, 2), speed, size, order, low, book, book,
                first + (place + 1) % places if places > 1 else None))

    def _set_chances(self, dice):
        model, positions = self.model, self.positions
        by_category = _even(dice.lognormvariate(0, 0.6) for _category in range(CATEGORIES))
        by_zone = _even(dice.lognormvariate(0, 0.5) for _zone in range(ZONES))
        own = [dice.betavariate(0.5, 9.5) / 0.05 * by_category[one.category] for one in positions]
        if model.alike:
            own = [1.0] * len(positions)
        worth = _even((one.cost * one.order) ** 0.6 for one in positions)
        slow = _even(one.speed ** -0.5 for one in positions) if model.slow else [1.0] * len(positions)
        for one, rate, value, slowness in zip(positions, own, worth, slow):
            one.by_move = min(MOST, model.moves * A_MOVE * rate)
            one.by_theft = min(MOST, model.theft * A_THEFT * value * by_zone[one.zone] * dice.lognormvariate(0, 0.6))
            one.by_day = min(MOST, model.days * A_DAY * rate * slowness)
            one.by_pair = min(MOST, model.pairs * A_PAIR * rate) if one.sibling is not None else 0.0
        self._set_offences()

    def _set_offences(self):
        """How often each errs beside a house that errs with the moves and days of its positions."""
        with_moves = [(one.by_move + one.by_pair) * one.speed for one in self.positions]
        for one in self.positions:
            if one.sibling is not None:
                with_moves[one.sibling] += one.by_pair * one.speed
        with_days = [one.by_theft + one.by_day for one in self.positions]
        a_move = sum(with_moves) / sum(one.speed for one in self.positions)
        a_day = sum(with_days) / len(self.positions)
        for one, moves, days in zip(self.positions, with_moves, with_days):
            one.offence = (moves + days) / (a_move * one.speed + a_day)

    # A day

    def step(self):
        """Let a day pass: what moves, and what goes wrong.

        :return: a ``Movement`` of each position where anything moved
        """
        movements = []
        for number, one in enumerate(self.positions):
            dice = Random(f"{self.seed} {self.day} {number}")
            moves = poisson(dice, one.speed)
            movement = self._move(dice, number, one, moves)
            if movement.picks or movement.received or movement.wanted:
                movements.append(movement)
            self._err(dice, one, moves + bool(movement.received))
        self.day += 1
        return movements

    def _move(self, dice, number, one, moves):
        """Picks take what is there, and no more than the books show; what is low is filled up."""
        wanted = min(moves + poisson(dice, moves * (one.size - 1)), max(one.book, 0)) if moves else 0
        got = min(wanted, one.real)
        is_reported = got < wanted and dice.random() < REPORTED
        received = one.order if one.book - got <= one.low else 0
        one.book += received - got
        one.real += received - got
        return Movement(number, split(got, moves), received, wanted, is_reported)

    def _err(self, dice, one, moves):
        model = self.model
        for _error in range(sum(dice.random() < one.by_move for _move in range(moves)) + (dice.random() < one.by_day)):
            size = self._size(dice, one) * (10 if dice.random() < model.large else 1)
            one.real = max(0, one.real + (-size if dice.random() < LOSSES else size))
        if one.real and dice.random() < one.by_theft:
            one.real = max(0, one.real - 1 - poisson(dice, one.size / 2))
        if any(dice.random() < one.by_pair for _move in range(moves)):
            size = min(self._size(dice, one), one.real)
            one.real -= size
            self.positions[one.sibling].real += size

    @staticmethod
    def _size(dice, one):
        return 1 + poisson(dice, one.size - 1)

    # What is wrong

    def outstanding(self):
        """Value of what is wrong in the books, without sign."""
        return sum(abs(one.error) * one.cost for one in self.positions)

    def right(self):
        """Share of the positions that the books show as they are."""
        return sum(not one.error for one in self.positions) / len(self.positions)

    def phantoms(self):
        """Share of the positions that are empty where the books show stock."""
        return sum(one.real <= 0 < one.book for one in self.positions) / len(self.positions)


def _even(numbers):
    """Numbers with a mean of 1."""
    numbers = list(numbers)
    mean = sum(numbers) / len(numbers)
    return [number / mean for number in numbers]
