"""``python -m odoo``, but hashing a password takes no time: tests log many users in, once each."""

import odoo.cli

from odoo.addons.base.models import res_users

res_users.MIN_ROUNDS = 1
odoo.cli.main()
