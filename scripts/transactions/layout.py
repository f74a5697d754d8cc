"""Where things lie in a made-up warehouse: zones, aisles and bins, and the bins of each stock code.

Everything follows from the code alone, so that the same code lands in the same bins in every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zlib import crc32


@dataclass(frozen=True)
class Bin:
    """One bin and its coordinates (aisle, bay and level count from 1 in walking order)."""

    zone: str
    aisle: int
    bay: int
    level: int

    @property
    def name(self) -> str:
        """What the label of the bin says.

        >>> Bin("B", 7, 3, 2).name
        'B07-03-2'
        """
        return f"{self.aisle_name}-{self.bay:02d}-{self.level}"

    @property
    def aisle_name(self) -> str:
        """The aisle with its zone."""
        return f"{self.zone}{self.aisle:02d}"


@dataclass(frozen=True)
class Layout:
    """The size of the warehouse. One code in `spread` also lies in a second bin.

    >>> layout = Layout(zones="AB", aisles=2, bays=3, levels=2)
    >>> [bin.name for bin in layout.bins][:3], len(layout.bins)
    (['A01-01-1', 'A01-01-2', 'A01-02-1'], 24)
    >>> [bin.name for bin in layout.bins_of("85123A")], [bin.name for bin in layout.bins_of("71053")]
    (['A01-01-2'], ['A02-01-2', 'B04-01-2'])
    """

    zones: str = "ABCD"
    aisles: int = 5
    bays: int = 6
    levels: int = 2
    spread: int = 5

    @cached_property
    def bins(self) -> list[Bin]:
        """All bins in walking order."""
        return [
            Bin(zone, index * self.aisles + aisle, bay, level)
            for index, zone in enumerate(self.zones)
            for aisle in range(1, self.aisles + 1)
            for bay in range(1, self.bays + 1)
            for level in range(1, self.levels + 1)
        ]

    def bins_of(self, code: str) -> list[Bin]:
        """The bin of a code, and for some codes a second one in another place."""
        hashed, first = divmod(crc32(code.encode()), len(self.bins))
        places = [self.bins[first]]
        if len(self.bins) > 1 and hashed % self.spread == 0:
            places.append(self.bins[(first + len(self.bins) // 2) % len(self.bins)])
        return places
