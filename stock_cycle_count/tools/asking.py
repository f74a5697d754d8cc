"""Who is asked to decide first."""
from collections.abc import Collection, Iterable, Mapping


def order(people: Iterable[int], named: Iterable[Collection[int]] = (), away: Collection[int] = (),
          spared: Collection[int] = (), held: Collection[int] = (), load: "Mapping[int, int] | None" = None) -> "list[int]":
    """People in the order in which they are asked: who is there before who is away, whom the company named before others,
    who is to be spared last, who is asked already first, and of equals who has least to decide.

    :param named: people whom the rules that fit name, in the order of the rules
    :param spared: whom the next level needs
    :param held: who is asked already
    :param load: how much each has to decide already

    >>> order([1, 2, 3]), order([1, 2, 3], away={1}), order([1, 2, 3], spared={1, 2})
    ([1, 2, 3], [2, 3, 1], [3, 1, 2])
    >>> order([1, 2, 3], [{3}, {2}]), order([1, 2, 3], [{3}, {2}], away={3}), order([1, 2, 3], load={1: 2, 2: 1})
    ([3, 2, 1], [2, 1, 3], [3, 2, 1])
    >>> order([1, 2, 3], held={3}, load={3: 9}), order([1, 2, 3], held={3}, spared={3})
    ([3, 1, 2], [1, 2, 3])
    """
    ranks = {}
    for rank, group in enumerate(named):
        for person in group:
            ranks.setdefault(person, rank)
    last = len(ranks)
    return sorted(people, key=lambda person: (
        person in away, ranks.get(person, last), person in spared, person not in held,
        load.get(person, 0) if load else 0, person))


def widen(people: "list[int]", step: int, seniors: Collection[int] = ()) -> "list[int]":
    """Who is asked after so many reminders: first one person, then one more, a senior if there is one, then everybody.

    :param people: in the order in which they are asked

    >>> widen([1, 2, 3], 0), widen([1, 2, 3], 1), widen([1, 2, 3], 1, {3}), widen([1, 2, 3], 2)
    ([1], [1, 2], [1, 3], [1, 2, 3])
    >>> widen([1], 1), widen([], 3)
    ([1], [])
    """
    if step > 1:
        return people
    others = people[1:] if step else []
    return people[:1] + ([person for person in others if person in seniors] or others)[:1]
