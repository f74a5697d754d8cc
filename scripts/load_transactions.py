#!/usr/bin/env python3
"""Load a sales file into an Odoo database: `load_transactions.py FILE --database NAME` (`--help` tells more)."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.transactions.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
