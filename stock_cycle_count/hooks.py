"""Installation and removal."""


def uninstall_hook(env):
    """Release every locked location: the sheets that could release it are about to go."""
    env["stock.location"].search([("cycle_count_lock_id", "!=", False)]).write({"cycle_count_lock_id": False})
