"""Many values as one parameter."""


def literal(values):
    """Text of a PostgreSQL array of numbers, dates or plain words, to be cast to its type.

    A Python list would become one expression an element, which PostgreSQL takes several times as long to read.

    :raise ValueError: for a text that is no plain word, which would have to be quoted

    >>> literal([1, None, 2.5, "class"])
    '{1,NULL,2.5,class}'
    >>> literal(["a,b"])
    Traceback (most recent call last):
    ValueError: not a plain word: 'a,b'
    """
    values = list(values)
    for value in values:
        if isinstance(value, str) and not value.isidentifier():
            raise ValueError(f"not a plain word: {value!r}")
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
