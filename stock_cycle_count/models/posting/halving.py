"""What cannot be posted stops nothing else."""
import psycopg2

from odoo.exceptions import RedirectWarning, UserError

#: Lines that are posted in one savepoint. One that cannot be posted is found by halving.
CHUNK = 200


def do_in_halves(env, units, work, refuse):
    """Do work in one savepoint; when that fails, on halves of the units, down to the one that cannot be done.

    :param units: list of what is done or left as a whole
    :param work: is given a list of units
    :param refuse: is given a unit that cannot be done, and why as a sentence
    :return: what ``work`` returned, one a savepoint that held
    """
    if not units:
        return []
    try:
        with env.cr.savepoint():
            done = work(units)
            env.flush_all()
        return [done]
    except (UserError, RedirectWarning, psycopg2.IntegrityError) as error:
        env.invalidate_all(flush=False)
        if len(units) == 1:
            refuse(units[0], env["stock.cycle.count.gate"]._explain_error(error))
            return []
        middle = len(units) // 2
        return do_in_halves(env, units[:middle], work, refuse) + do_in_halves(env, units[middle:], work, refuse)


def split_connected(lines, size=CHUNK, by_sheet=False):
    """Cut lines into chunks; lines that transfers join stay together.

    :param by_sheet: lines of one sheet stay together as well
    """
    blocks = {line: [line] for line in lines}
    transfers = (lines.target_transfer_ids | lines.source_transfer_ids).filtered("selected")
    pairs = [(transfer.target_line_id, transfer.source_line_id) for transfer in transfers]
    if by_sheet:
        pairs += [(members[0], other) for members in lines.grouped("count_id").values() for other in members]
    for one, other in pairs:
        small, large = sorted((blocks.get(one, []), blocks.get(other, [])), key=len)
        if small and small is not large:
            large += small
            blocks.update(dict.fromkeys(small, large))
    chunk = []
    for members in {id(members): members for members in blocks.values()}.values():
        if chunk and len(chunk) + len(members) > size:
            yield lines.browse().concat(*chunk)
            chunk = []
        chunk += members
    if chunk:
        yield lines.browse().concat(*chunk)
