"""Cut a walk through the warehouse into sheets."""
import re
from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby

_NUMBERS = re.compile(r"(\d+)")


def walking_key(posx: int, posy: int, posz: int, complete_name: str) -> tuple:
    """Order in which bins are met: corridor, shelf, height, then the name with its numbers read as numbers.

    >>> walking_key(0, 0, 0, "A/2") < walking_key(0, 0, 0, "A/10")
    True
    >>> walking_key(0, 0, 0, "A 1/right") < walking_key(0, 0, 0, "A 2/left")
    True
    >>> walking_key(1, 9, 9, "z") < walking_key(2, 0, 0, "a")
    True
    """
    path = [
        [int(part) if index % 2 else part for index, part in enumerate(_NUMBERS.split(name))]
        for name in complete_name.split("/")]
    return (posx, posy, posz, path)


def pack(lines: Sequence, size: int, group, wall=lambda line: None) -> list[list]:
    """Pack lines, in their order, into sheets of at most ``size`` lines.

    Lines of one ``group`` (consecutive ones) stay together unless the group alone is larger than a sheet; a
    change of ``wall`` always begins a new sheet.

    >>> pack(["a1", "a2", "b1", "b2", "b3", "c1"], 3, group=lambda line: line[0])
    [['a1', 'a2'], ['b1', 'b2', 'b3'], ['c1']]
    >>> pack(["a1", "a2", "a3"], 2, group=lambda line: line[0])
    [['a1', 'a2'], ['a3']]
    >>> pack(["a1", "b1"], 9, group=lambda line: line[0], wall=lambda line: line[0])
    [['a1'], ['b1']]
    """
    sheets: list[list] = []
    for _wall, walled in groupby(lines, key=wall):
        sheet: list = []
        for _group, members in groupby(walled, key=group):
            block = list(members)
            if sheet and len(sheet) + len(block) > size:
                sheets.append(sheet)
                sheet = []
            while len(block) > size:
                sheets.append(block[:size])
                block = block[size:]
            sheet = sheet + block
        if sheet:
            sheets.append(sheet)
    return sheets


def take_turns(
    days: Iterable[Hashable], people: Sequence[Hashable], start: int, is_away=lambda person, day: False,
) -> Iterable[Hashable]:
    """Somebody for each of these days in turn, beginning after the ``start`` turns that were taken before.

    :param is_away: whether a person is not there on a day; when nobody is, it is the turn of the next all the same

    >>> list(take_turns([1, 2, 3], ["ann", "bob"], 1))
    ['bob', 'ann', 'bob']
    >>> list(take_turns([1, 2, 3], ["ann", "bob"], 1, lambda person, day: person == "bob" and day < 3))
    ['ann', 'ann', 'bob']
    >>> list(take_turns([1, 2], ["ann"], 0, lambda person, day: True))
    ['ann', 'ann']
    """
    for day in days:
        turns = [(start + step) % len(people) for step in range(len(people))]
        turn = next((turn for turn in turns if not is_away(people[turn], day)), turns[0])
        start = turn + 1
        yield people[turn]
