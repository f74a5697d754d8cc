"""Random draws that nobody can foresee and everybody can check: positions are ranked by a hash of a seed.

The seed of a plan's day follows from a secret of the company, which nobody reads. Whoever has the seed, the frame (the
numbers of all positions that could be drawn) and how many were drawn can draw again, with nothing but SHA-256.
"""
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from heapq import nsmallest
from itertools import groupby
from typing import NamedTuple

#: How is drawn, as it stands on each draw, by what is drawn.
METHODS = {
    "position": "sha256(seed + position), lowest first; seed = hmac-sha256(secret, plan + ' ' + day)",
    "bin": "sha256(seed + place), lowest first; seed = hmac-sha256(secret, plan + ' ' + day + ' bin')",
}
#: Least and greatest part of a day's capacity that is drawn.
LEAST, GREATEST = Fraction(2, 100), Fraction(20, 100)


class Pace(NamedTuple):
    """What says how many are drawn on a day: counts wanted a quarter, counts a day, and which of the working days of its
    quarter it is: 0, where nobody works. Of empty bins, how many are drawn beside 100 positions.
    """

    target: int
    capacity: int
    workday: int
    workdays: int
    share: int = 100

    @property
    def rate(self) -> Fraction:
        """Positions a working day, between ``LEAST`` and ``GREATEST`` of the capacity; none where none are wanted. Of empty bins
        their share of that.

        >>> [str(Pace(target, 50, 1, 65).rate) for target in (0, 1, 200, 5000)]
        ['0', '1', '40/13', '10']
        >>> str(Pace(200, 50, 1, 65, 10).rate), str(Pace(200, 50, 1, 65, 0).rate)
        ('4/13', '0')
        """
        if not self.target or not self.workdays:
            return Fraction(0)
        rate = min(max(Fraction(self.target, self.workdays), self.capacity * LEAST), self.capacity * GREATEST)
        return rate * self.share / 100

    @property
    def number(self) -> int:
        """Positions to draw on this day; what is left of one is carried on to the next days.

        >>> days = [Pace(200, 50, day, 65).number for day in range(1, 66)]
        >>> days[:6], sum(days)
        ([3, 3, 3, 3, 3, 3], 200)
        >>> [Pace(10, 50, day, 40).number for day in range(1, 4)], [Pace(10, 4, day, 40).number for day in range(1, 9)]
        ([1, 1, 1], [0, 0, 0, 1, 0, 0, 0, 1])
        >>> Pace(200, 50, 0, 65).number
        0
        >>> sum(Pace(200, 50, day, 65, 10).number for day in range(1, 66))
        20
        """
        if not self.workday:
            return 0
        return int(self.rate * self.workday) - int(self.rate * (self.workday - 1))


def make_seed(secret: str, plan_id: int, day: date, kind: str = "position") -> str:
    """Seed of a plan's day, another one for empty bins.

    >>> make_seed("secret", 7, date(2024, 3, 4))[:16]
    '928b3397b715c616'
    >>> monday, tuesday = date(2024, 3, 4), date(2024, 3, 5)
    >>> len({make_seed("secret", 7, monday), make_seed("secret", 7, tuesday), make_seed("secret", 8, monday), make_seed(
    ...     "", 7, monday), make_seed("secret", 7, monday, "bin")})
    5
    """
    text = f"{plan_id} {day.isoformat()}" + (f" {kind}" if kind != "position" else "")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def get_rank(seed: str, position_id: int) -> str:
    """Hash by which a position, or a place, is ranked.

    >>> get_rank("ab", 12) == hashlib.sha256(b"ab12").hexdigest()
    True
    """
    return hashlib.sha256(f"{seed}{position_id}".encode()).hexdigest()


def pick(seed: str, position_ids: Iterable[int], number: int) -> list[tuple[str, int]]:
    """The positions with the lowest hashes, each after its hash; all, where there are no more.

    >>> picked = pick("seed", range(1, 1001), 3)
    >>> [position for _rank, position in picked], [position for _rank, position in pick("other", range(1, 1001), 3)]
    ([663, 485, 557], [788, 191, 288])
    >>> pick("seed", reversed(range(1, 1001)), 3) == picked == sorted(picked)
    True
    >>> len(pick("seed", [4, 5], 3)), pick("seed", [], 3)
    (2, [])
    """
    return nsmallest(number, ((get_rank(seed, position_id), position_id) for position_id in position_ids))


def write_frame(position_ids: Iterable[int]) -> str:
    """Numbers of positions in order, those without a gap as first-last.

    >>> write_frame([9, 1, 2, 3, 5])
    '1-3,5,9'
    """
    parts = []
    for _gap, run in groupby(enumerate(sorted(position_ids)), lambda pair: pair[1] - pair[0]):
        run = [position_id for _index, position_id in run]
        parts.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}")
    return ",".join(parts)


def read_frame(text: str) -> list[int]:
    """Numbers that ``write_frame`` wrote.

    >>> read_frame("1-3,5,9")
    [1, 2, 3, 5, 9]
    >>> read_frame("")
    []
    """
    numbers = []
    for part in filter(None, text.split(",")):
        first, _dash, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def hash_frame(position_ids: Iterable[int]) -> str:
    """SHA-256 of numbers in order with commas between them.

    >>> hash_frame([2, 1]) == hashlib.sha256(b"1,2").hexdigest()
    True
    """
    return hashlib.sha256(",".join(map(str, sorted(position_ids))).encode()).hexdigest()


class Drawn(NamedTuple):
    """A draw as it is kept, and the positions that have a line of it or stood on one of an earlier draw."""

    seed: str
    pace: Pace
    number: int
    frame: str
    frame_size: int
    frame_hash: str
    threshold: str
    positions: Sequence[int]
    lined: Iterable[int]


def find_differences(drawn: Drawn) -> dict[str, list]:
    """What differs from the same draw made again: ``{what: [what it says, what it should say]}``, of positions those that
    should not be there and those that are missing. Empty when the draw holds.

    :raise ValueError: when the frame cannot be read

    >>> pace = Pace(200, 50, 1, 65)
    >>> ranks = pick("seed", range(1, 1001), 3)
    >>> good = Drawn("seed", pace, 3, "1-1000", 1000, hash_frame(range(1, 1001)), ranks[-1][0], [663, 485, 557], {663, 485, 557})
    >>> find_differences(good)
    {}
    >>> find_differences(good._replace(positions=[663, 485, 558]))
    {'positions': [[558], [557]], 'lines': [[557], [558]]}
    >>> find_differences(good._replace(lined={663, 485}))
    {'lines': [[], [557]]}
    >>> sorted(find_differences(good._replace(seed="tampered")))
    ['positions', 'threshold']
    >>> sorted(find_differences(good._replace(frame="1-484,486-1000")))
    ['frame_hash', 'frame_size', 'positions', 'threshold']
    >>> find_differences(good._replace(number=2))
    {'number': [2, 3]}
    """
    frame = read_frame(drawn.frame)
    number = min(drawn.pace.number, len(frame))
    again = pick(drawn.seed, frame, number)
    positions = {position_id for _rank, position_id in again}
    kept, lined = set(drawn.positions), set(drawn.lined)
    told = {
        "number": [drawn.number, number],
        "frame_size": [drawn.frame_size, len(frame)],
        "frame_hash": [drawn.frame_hash, hash_frame(frame)],
        "threshold": [drawn.threshold, again[-1][0] if again else ""],
        "positions": [sorted(kept - positions), sorted(positions - kept)],
        "lines": [sorted(lined - kept), sorted(kept - lined)],
    }
    return {name: pair for name, pair in told.items() if pair[0] != pair[1]}
