"""What goes where on a printed count sheet."""
from collections.abc import Iterable, Sequence

#: Bars of so many characters (two digits count as one) fit 36 mm with 0.2 mm a module, which ordinary scanners read.
LONGEST_BARS = 13


def symbology(code: str) -> str:
    """Kind of barcode for a code: bars, or a QR code for what bars would be too fine for, or cannot hold.

    >>> symbology("5901234123457"), symbology("SHELF-A-1"), symbology("Regal Ä"), symbology("BOX-7991-M8X40-A4")
    ('auto', 'auto', 'QR', 'QR')
    """
    length = len(code) / 2 if code.isdigit() else len(code)
    return "auto" if code.isascii() and code.isprintable() and length <= LONGEST_BARS else "QR"


def paginate(
    groups: Iterable[Sequence], heights: Sequence[float], heading: float, first: float, rest: float, tail: float,
) -> list[list[list]]:
    """Put grouped rows on pages. All measures are of one unit, of any kind.

    A heading stands above each group, and again where a group goes on; no heading stands alone at the foot of a page.

    :param groups: groups of rows, in their order
    :param heights: height of every row, through all groups
    :param heading: height of the heading of a group
    :param first: room on the first page
    :param rest: room on every other page
    :param tail: room to keep for the end of the sheet, on the last page
    :return: pages of groups; a page without groups carries the end of the sheet alone

    >>> paginate([["a1", "a2"], ["b1"]], [2, 2, 2], heading=1, first=8, rest=8, tail=0)
    [[['a1', 'a2'], ['b1']]]
    >>> paginate([["a1", "a2"], ["b1"]], [2, 2, 2], heading=1, first=6, rest=8, tail=5)
    [[['a1', 'a2']], [['b1']]]
    >>> paginate([["a1", "a2", "a3"]], [2, 2, 2], heading=1, first=5, rest=5, tail=0)
    [[['a1', 'a2']], [['a3']]]
    >>> paginate([["a1"]], [2], heading=1, first=5, rest=5, tail=3), paginate([], [], 1, 5, 5, 3)
    ([[['a1']], []], [[]])
    """
    pages: list[list[list]] = [[]]
    room = first
    height = iter(heights)
    for group in groups:
        opened = False
        for row in group:
            need = next(height)
            if need + (0 if opened else heading) > room and pages[-1]:
                pages.append([])
                room, opened = rest, False
            if not opened:
                pages[-1].append([])
                room -= heading
                opened = True
            pages[-1][-1].append(row)
            room -= need
    if tail > room:
        pages.append([])
    return pages
