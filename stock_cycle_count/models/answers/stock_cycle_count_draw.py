from odoo import api, fields, models


class StockCycleCountDraw(models.Model):
    """Which positions of a plan were drawn at random on a day, and all that it takes to draw them again. Rows are added,
    never changed, by nobody.

    The lines of a draw are those whose ``draw_id`` it is: of a product that is tracked, several lines are one position.
    """

    _name = "stock.cycle.count.draw"
    _description = "Random Draw"
    _order = "day desc, id desc"
    _inherit = ["stock.cycle.count.made.mixin", "stock.cycle.count.append.only.mixin"]
    _log_access = False
    _rec_name = "day"

    plan_id = fields.Many2one("stock.cycle.count.plan", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", index=True)
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="restrict", index=True)
    day = fields.Date(required=True, help="By the calendar of the plan.")
    date = fields.Datetime("Drawn On", required=True, default=fields.Datetime.now)
    method = fields.Char(required=True, help="How it was drawn; see the documentation.")
    number = fields.Integer(required=True, help="So many positions were drawn.")
    frame_size = fields.Integer("Drawn From", required=True, help="So many active positions had the plan that day.")
    frame = fields.Text(
        required=True, help="Numbers of the positions that could be drawn, in order: first-last where there is no gap.")
    frame_hash = fields.Char(required=True, help="SHA-256 of those numbers, each with a comma after it but the last.")
    stored_seed = fields.Char(required=True, groups=fields.NO_ACCESS)
    seed = fields.Char(compute="_compute_seed", help="Shown from the day after on: until then it would tell what is random.")
    threshold_hash = fields.Char(
        required=True, help="The highest hash that was drawn: who has a lower one is in the sample.")
    drawn_positions = fields.Text(required=True, help="Numbers of the positions that were drawn, lowest hash first.")
    line_ids = fields.One2many("stock.cycle.count.line", "draw_id", "Lines")

    _sql_constraints = [("plan_day_unique", "UNIQUE (plan_id, day)", "A plan draws once a day.")]

    @api.depends("stored_seed", "day")
    def _compute_seed(self):
        for draw in self:
            draw.seed = draw.sudo().stored_seed if draw.day < draw.plan_id.sudo()._get_today() else False
