from odoo import _, api, fields, models
from odoo.exceptions import UserError

from .constants import HOLDING_STATES
from .context import QUESTION_KEY


class StockPicking(models.Model):
    _inherit = "stock.picking"

    cycle_count_warning = fields.Char(compute="_compute_cycle_count_warning")
    cycle_count_question = fields.Char("Is It Empty?", compute="_compute_cycle_count_question")
    cycle_count_question_id = fields.Integer("Question", compute="_compute_cycle_count_question")

    @api.depends("state", "move_ids.state", "move_line_ids.location_id", "move_line_ids.location_dest_id")
    def _compute_cycle_count_warning(self):
        """Who counts what in the locations of an open transfer, where the sheet wants it to be known."""
        opened = self.filtered(lambda picking: picking.state not in ("done", "cancel"))
        (self - opened).cycle_count_warning = False
        touched = opened._get_touched_locations()
        counted = {}
        for location, sheet in self.env["stock.cycle.count.line"].sudo()._read_group(
                [("location_id", "in", [location.id for locations in touched.values() for location in locations]),
                 ("state", "!=", "cancel"), ("count_id.lock_mode", "in", ("warn", "block")),
                 ("count_id.state", "in", HOLDING_STATES),
                 "|", ("count_id.state", "=", "in_progress"), ("count_id.lock_mode", "=", "block")],
                ["location_id", "count_id"]):
            counted.setdefault(location.id, sheet)
        for picking in opened:
            picking.cycle_count_warning = "\n".join(
                _("%(location)s is being counted by %(counter)s (%(sheet)s).", location=location.display_name,
                  counter=counted[location.id].user_id.name, sheet=counted[location.id].name)
                for location in touched[picking] if location.id in counted)

    @api.depends("state")
    @api.depends_context("uid", "lang")
    def _compute_cycle_count_question(self):
        """Whether a place is empty of which this user took the last, one place after the other."""
        questions = self.env["stock.cycle.count.event"]._get_questions(self.filtered(lambda picking: picking.state == "done"))
        for picking in self:
            question = questions.get(picking._origin, self.env["stock.cycle.count.event"])[:1]
            picking.cycle_count_question_id = question.id
            picking.cycle_count_question = bool(question) and _(
                "You took the last of %(product)s. Is %(location)s empty of it now?",
                product=question.product_id.display_name, location=question.location_id.display_name)

    def action_cycle_count_empty(self):
        """Say that a place is empty of which the user took the last.

        :raise UserError: when it is not this user who is asked
        """
        return self._answer_cycle_count(True)

    def action_cycle_count_left(self):
        """Say that something is left in a place of which the user took the last.

        :raise UserError: when it is not this user who is asked
        """
        return self._answer_cycle_count(False)

    def _answer_cycle_count(self, is_empty):
        if len(self) != 1:
            raise UserError(_("Choose one record: this is done with one at a time."))
        self.check_access_rights("read")
        self.check_access_rule("read")
        answer = self.env["stock.cycle.count.event"]._answer(self, self.env.context.get(QUESTION_KEY), is_empty)
        self.invalidate_recordset(["cycle_count_question", "cycle_count_question_id"])
        return answer

    def _get_touched_locations(self):
        """Locations that each of these transfers moves goods in or out of, and locked ones that hold what it still
        lacks, for nothing is reserved there.
        """
        touched = {picking: picking.move_line_ids.location_id | picking.move_line_ids.location_dest_id for picking in self}
        lacking = self.move_ids.filtered(lambda move: move.state in ("confirmed", "partially_available"))
        held = self.env["stock.quant"].sudo().search([
            ("location_id.cycle_count_lock_id", "!=", False), ("location_id", "child_of", lacking.location_id.ids),
            ("product_id", "in", lacking.product_id.ids), ("quantity", ">", 0)]) if lacking else self.env["stock.quant"]
        for product, quants in held.grouped("product_id").items():
            for move in lacking.filtered(lambda move: move.product_id == product):
                touched[move.picking_id] |= quants.location_id.sudo(False).filtered(
                    lambda location: location.parent_path.startswith(move.location_id.parent_path))
        return touched
