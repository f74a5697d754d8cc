from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    cycle_count_filters = fields.Json(
        "Filters of Cycle Counting", help="What the page Today was filtered by, for the next time it is opened.")
