"""Numbers of things as sentences say them."""
from odoo.tools import formatLang


def say_number(env, number: int, one: str, many: str) -> str:
    """So many things, in one form for one of them and in another for all other numbers.

    :param env: whose language says how numbers are written
    :param one: ``_("1 position")``
    :param many: ``_("%s positions")``

    >>> say_number(None, 1, "1 position", "%s positions")
    '1 position'
    """
    return one if number == 1 else many % formatLang(env, number, digits=0)
