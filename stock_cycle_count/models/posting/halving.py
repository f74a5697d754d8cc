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


def split_connected(lines, size=CHUNK):
    """Cut lines into chunks; lines that transfers join stay together."""
    group = {}
    for line in lines:
        joined = {line, *(
            other for transfer in (line.target_transfer_ids | line.source_transfer_ids) if transfer.selected
            for other in (transfer.target_line_id | transfer.source_line_id) if other in lines)}
        merged = set().union(joined, *(group[other] for other in joined if other in group))
        for other in merged:
            group[other] = merged
    blocks = {id(members): members for members in group.values()}.values()
    chunk = lines.browse()
    for members in blocks:
        if chunk and len(chunk) + len(members) > size:
            yield chunk
            chunk = lines.browse()
        chunk = chunk.union(*members)
    if chunk:
        yield chunk
