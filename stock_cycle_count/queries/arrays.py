"""Many values as one parameter."""


def literal(values):
    """Text of a PostgreSQL array of numbers, dates or plain words, to be cast to its type.

    A Python list would become one expression an element, which PostgreSQL takes several times as long to read.

    >>> literal([1, None, 2.5])
    '{1,NULL,2.5}'
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
