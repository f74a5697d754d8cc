"""Which quants stand where, while a batch of moves is posted."""
from collections.abc import Iterable

Place = tuple[int, int]


class QuantCache:
    """Ids of the quants of some products in some locations, in the order in which they came in.

    An object of this class in the context answers look-ups; clients send a context as JSON and cannot send one.

    >>> cache = QuantCache([(1, 8)], [((1, 8), 5)])
    >>> cache.add((1, 8), 6)
    >>> cache.get((1, 8)), cache.get((2, 8))
    ([5, 6], None)
    """

    def __init__(self, places: Iterable[Place], quants: Iterable[tuple[Place, int]]):
        self._ids: dict[Place, list[int]] = {place: [] for place in places}
        for place, quant_id in quants:
            self.add(place, quant_id)

    def add(self, place: Place, quant_id: int) -> None:
        """Note a quant; places that are not covered stay so."""
        if place in self._ids:
            self._ids[place].append(quant_id)

    def get(self, place: Place) -> "list[int] | None":
        """Ids at a place, None when the place is not covered."""
        return self._ids.get(place)
