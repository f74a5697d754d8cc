"""The main job, once, in a database: classify, schedule, generate. Runs in a process of its own, with Odoo."""

import argparse
import sys
import time

import odoo
from odoo.api import Environment

STEPS = (
    ("Classify products", "stock.abc.profile", "action_classify"),
    ("Schedule positions", "stock.cycle.count.plan", "action_schedule"),
    ("Generate count sheets", "stock.cycle.count.plan", "action_generate"),
)
RESULTS = (
    ("products classified", "stock.abc.assignment"),
    ("positions with a due date", "stock.cycle.count.position"),
    ("count sheets", "stock.cycle.count"),
    ("lines to count", "stock.cycle.count.line"),
)


def main(arguments=None):
    """Run the steps in one transaction; a step that fails is named, and nothing of the job stays."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--logfile", required=True)
    options = parser.parse_args(arguments)
    odoo.tools.config.parse_config([f"--database={options.database}", f"--logfile={options.logfile}"])
    with odoo.registry(options.database).cursor() as cr:
        env = Environment(cr, odoo.SUPERUSER_ID, {})
        for title, model, method in STEPS:
            start = time.monotonic()
            try:
                getattr(env[model].search([]), method)()
                env.flush_all()
            except Exception as error:
                odoo.netsvc.logging.getLogger(__name__).exception("%s.%s() failed", model, method)
                cr.rollback()
                print(f"    {title}: {model}.{method}() failed: {error}\n    Log: {options.logfile}", flush=True)
                return 1
            print(f"    {title}: {time.monotonic() - start:.1f} s", flush=True)
        print("    " + ", ".join(f"{env[model].search_count([])} {what}" for what, model in RESULTS), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
