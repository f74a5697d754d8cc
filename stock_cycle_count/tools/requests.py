"""What clients send: any JSON at all."""


def named_ids(value) -> "list[int]":
    """Ids of the records that the value of a relational field names: an id, or commands of a list of records.

    >>> named_ids(5), named_ids(False), named_ids([[6, 0, [1, 2]], [4, 3], [1, 7, {}], [0, "virtual_1", {}], [5]])
    ([5], [], [1, 2, 3, 7])
    >>> named_ids([8, "x", None, [], True]), named_ids({"id": 4}), named_ids("x")
    ([8], [4], [])
    """
    if isinstance(value, dict):
        value = value.get("id")
    items = value if isinstance(value, (list, tuple)) else [value]
    ids = []
    for item in items:
        if isinstance(item, (list, tuple)) and item:
            kind, *rest = item
            if kind == 6:
                ids += rest[1] if len(rest) > 1 and isinstance(rest[1], (list, tuple)) else []
            elif kind:
                ids += rest[:1]
        else:
            ids.append(item)
    return [record_id for record_id in ids if isinstance(record_id, int) and not isinstance(record_id, bool)]
