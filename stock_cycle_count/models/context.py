"""What the addon says in the context: four keys, whose values are objects of these classes. Clients send a context as
JSON, and so can send none of them. A fifth is sent by a button, and grants nothing.
"""
from ..tools.quant_cache import QuantCache

#: A ``Posting``: which count lines are posted here.
POSTING_KEY = "stock_cycle_count_posting"
#: Who writes on quants, one of the ``Writer`` below: what core does by itself is not taken for a person's doing.
WRITER_KEY = "stock_cycle_count_writer"
#: A ``WriteTicket``: which fields of count lines this write may write.
TICKET_KEY = "stock_cycle_count_ticket"
#: ``Refusals`` that an apply collects.
REFUSALS_KEY = "stock_cycle_count_refusals"
#: Number of the question that a button of a transfer answers: what was asked when it was pressed.
QUESTION_KEY = "stock_cycle_count_question"


class Posting:
    """Which count lines are posted, where, and what is known of the stock there. It lets moves of these lines pass the
    gate, and nothing that runs meanwhile: not even what the superuser does.
    """

    def __init__(self, line_ids, location_ids, quants: QuantCache, creating=False):
        self.line_ids = frozenset(line_ids)
        self.location_ids = frozenset(location_ids)
        self.quants = quants
        self.creating = creating
        #: Ids of the valuation layers of its moves, where stock is valued.
        self.layer_ids = []
        #: Ids of the layers that its shortages take from, by company and product, once the first of them has asked.
        self.candidate_ids = {}

    def __contains__(self, line_id):
        return line_id in self.line_ids

    def while_creating(self):
        """The same, while its moves are made: what they would reserve is released a moment later."""
        return Posting(self.line_ids, self.location_ids, self.quants, creating=True)


class Writer:
    """Marks writes on quants; each is equal to itself alone."""


#: Core writes what moved: the only way to change quantities that the gate lets pass.
CORE_STOCK = Writer()
#: Core writes the date of the next count.
DATED_BY_CORE = Writer()
#: The gate has taken a count off its quant, onto a line.
COUNT_TAKEN = Writer()


class Resolution(Writer):
    """A conflict is solved: the count is carried on, so that its counter stays, and whoever solves it says what it is
    now. ``counts`` keeps what was counted, and what the books showed then: ``{quant id: (counted, book)}``.
    """

    def __init__(self, counts):
        self.counts = counts


class WriteTicket:
    """Permission for one write of fields that nobody writes by hand.

    It is an object, which no client can send, and is spent by the write that it was made for: automation rules and
    overrides that run within that write find it in the context, and it permits them nothing.
    """

    __slots__ = ("_names",)

    def __init__(self, names):
        self._names = frozenset(names)

    def spend(self, names):
        """Whether the ticket permits to write fields of these names."""
        permitted, self._names = self._names, frozenset()
        return names <= permitted


def spend_ticket(env, names):
    """Whether the context of an environment has a ticket for fields of these names, which is spent by that."""
    ticket = env.context.get(TICKET_KEY)
    return isinstance(ticket, WriteTicket) and ticket.spend(names)


class Refusals(dict):
    """Collects, in the context of an apply, what cannot be applied: ``{quant id: message}``. A class of its own, since
    clients can send a plain ``dict``. Each is equal to itself alone: an environment whose context is equal to an
    earlier one's is that earlier one, whose refusals would be filled instead.
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def _get_message(self):
        return "\n".join(dict.fromkeys(self.values()))


def get_posting(env):
    """The ``Posting`` that runs in an environment, or None."""
    posting = env.context.get(POSTING_KEY)
    return posting if isinstance(posting, Posting) else None


def get_resolution(env):
    """The ``Resolution`` that is applied in an environment, or None."""
    writer = env.context.get(WRITER_KEY)
    return writer if isinstance(writer, Resolution) else None


def get_refusals(env):
    """The ``Refusals`` that an environment collects, or None."""
    refusals = env.context.get(REFUSALS_KEY)
    return refusals if isinstance(refusals, Refusals) else None
