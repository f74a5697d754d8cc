"""Which quants stand where, while a batch of moves is posted."""
from collections.abc import Iterable

#: Ids of product, location, lot, package and owner; False where there is none.
Key = tuple[int, int, "int | bool", "int | bool", "int | bool"]


class QuantCache:
    """Ids of the quants of some products in some locations, by their stock key, in the order in which they came in.

    An object of this class in the context answers look-ups; clients send a context as JSON and cannot send one.

    >>> cache = QuantCache([(1, 8)], [((1, 8, False, False, False), 5)])
    >>> cache.add((1, 8, 3, False, False), 6)
    >>> cache.get((1, 8, 3, False, False)), cache.get((1, 8, False, False, False)), cache.get((1, 8, 4, 7, False))
    ([6, 5], [5], [])
    >>> cache.get((2, 8, False, False, False)) is None
    True
    """

    def __init__(self, places: "Iterable[tuple[int, int]]", quants: "Iterable[tuple[Key, int]]"):
        self._places = frozenset(places)
        self._ids: dict[Key, list[int]] = {}
        for key, quant_id in quants:
            self.add(key, quant_id)

    def add(self, key: Key, quant_id: int) -> None:
        """Note a quant; places that are not covered stay so."""
        if key[:2] in self._places:
            self._ids.setdefault(key, []).append(quant_id)

    def get_products(self) -> "set[int]":
        """Ids of the products that are covered."""
        return {product for product, _location in self._places}

    def get(self, key: Key) -> "list[int] | None":
        """Ids as core's exact look-up finds them: those of the lot first, then those of no lot. None when the place is
        not covered.
        """
        if key[:2] not in self._places:
            return None
        product, location, lot, *rest = key
        loose = self._ids.get((product, location, False, *rest), [])
        return [*self._ids.get(key, []), *loose] if lot else list(loose)
