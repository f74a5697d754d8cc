"""Installation and removal."""
from . import queries


def uninstall_hook(env):
    """Release every locked location: the sheets that could release it are about to go. Nobody draws any more either."""
    env["stock.location"].search([("cycle_count_lock_id", "!=", False)]).write({"cycle_count_lock_id": False})
    queries.run(env, queries.draws.drop_secrets())
