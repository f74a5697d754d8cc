"""Trees of records, such as categories and locations, by their paths."""
from collections.abc import Iterable


def is_below(path: str, ancestors: Iterable[str]) -> bool:
    """Whether the record that has this path stands at or below one of some others, named by their paths.

    >>> is_below("1/7/9/", ["2/", "1/7/"]), is_below("1/7/", ["1/7/"]), is_below("1/70/", ["1/7/"]), is_below("", ["1/"])
    (True, True, False, False)
    """
    return any(map(path.startswith, ancestors))
