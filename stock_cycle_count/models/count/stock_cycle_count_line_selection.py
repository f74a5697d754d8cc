from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS

from ..constants import OPEN_STATES
from ..context import TICKET_KEY, WriteTicket, spend_ticket

#: What only a draw gives to a line.
DRAWN_FIELDS = ("draw_id", "draw_weight")


class StockCycleCountLineSelection(models.AbstractModel):
    """Why a line is there. Whoever counts learns nothing of it, lest some lines be counted with more care than others."""

    _name = "stock.cycle.count.line.selection"
    _description = "Why a Line Is Counted"

    selection_reason = fields.Selection(
        [("class", "Interval of its class"),
         ("location", "Frequency of its location"),
         ("annual", "Yearly inventory"),
         ("manual", "Asked for by a person"),
         ("found", "Found while counting"),
         ("control", "Drawn at random"),
         ("bin", "Empty bin, drawn at random"),
         ("event", "Something that happened"),
         ("asked", "Its picker was asked"),
         ("ranked", "Likely to be wrong")],
        "Why", required=True, readonly=True, default="manual", groups="stock_cycle_count.group_approver")
    is_found = fields.Boolean(
        "Found", compute="_compute_is_found", compute_sudo=True, store=True, precompute=True,
        help="No line expected it: its counter found it.")
    due_date = fields.Date("Due", readonly=True, groups="stock_cycle_count.group_approver")
    draw_id = fields.Many2one(
        "stock.cycle.count.draw", "Random Draw", readonly=True, copy=False, ondelete="restrict", index="btree_not_null",
        groups="stock_cycle_count.group_approver",
        help="The draw that chose the position at random. A line that is counted for another reason besides keeps that one.")
    draw_weight = fields.Float(
        readonly=True, copy=False, digits=0, group_operator=False, groups="stock_cycle_count.group_approver",
        help="For how many positions of its stratum a drawn one stands, in relation to others: 1, where all have equal chances.")
    currency_id = fields.Many2one("res.currency")
    selection_facts = fields.Json(
        readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="What was known of the position when the line was made.")
    selection_text = fields.Char(
        "What Was Known", compute="_compute_selection_text", groups="stock_cycle_count.group_approver",
        help="Of the position, when the line was made.")
    value_at_risk = fields.Monetary(
        "At Risk", readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="Expected value of what was wrong, at cost, when the line was made; the lines of a position share it.")
    since_moves = fields.Integer(
        "Moves Before", readonly=True, copy=False, group_operator="avg", groups="stock_cycle_count.group_approver",
        help="In and out between the last count of the position and this one. Noted the night after it was posted.")
    since_days = fields.Float(
        "Days Before", readonly=True, copy=False, group_operator="avg", groups="stock_cycle_count.group_approver",
        help="Between the last count of the position and this one. Noted the night after it was posted.")

    @api.depends("selection_facts")
    @api.depends_context("lang")
    def _compute_selection_text(self):
        Risk = self.env["stock.cycle.count.risk"]
        for line in self:
            line.selection_text = Risk._say_facts(line.selection_facts) if line.selection_facts else False

    @api.depends("selection_reason")
    def _compute_is_found(self):
        for line in self:
            line.is_found = line.selection_reason == "found"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        if not spend_ticket(self.env, {"draw_id"}):
            self._check_not_drawn()

    def _check_not_drawn(self):
        """What was drawn at random stays, or else the draw could not be checked.

        :raise UserError: naming the line
        """
        for line in self.sudo().filtered("draw_id"):
            raise UserError(_(
                "%(line)s was drawn at random, and has to stay what it is for the draw to be checked. Cancel the sheet instead.",
                line=line.display_name))

    @api.model
    def _create_drawn(self, vals_list):
        """Create lines of which some may be drawn at random."""
        return self.with_context(**{TICKET_KEY: WriteTicket(DRAWN_FIELDS)}).create(vals_list)

    @api.model
    def _create_found(self, values):
        """Create the line of what no line expected. At a position, or in an empty bin, that was drawn at random it is one of the
        draw: more than the books know is wrong, whatever the other lots say.
        """
        company = self.env["stock.cycle.count"].browse(values["count_id"]).company_id
        drawn = self.search_fetch([
            ("location_id", "=", values["location_id"]), ("company_id", "=", company.id), ("state", "in", OPEN_STATES),
            "|", ("draw_id.kind", "=", "bin"), "&", ("product_id", "=", values["product_id"]), ("draw_id", "!=", False)],
            DRAWN_FIELDS, limit=1)
        return self._create_drawn([dict(values, draw_id=drawn.draw_id.id, draw_weight=drawn.draw_weight)])

    def _get_made_values(self):
        """Values that would make these lines anew, nobody having touched them: with what was frozen when they were made."""
        self._fetch_columns()
        names = [
            name for name, field in self._fields.items()
            if field.store and field.column_type and not field.related and name not in MAGIC_COLUMNS
            and (field.precompute or not field.compute)]
        return [{name: self._fields[name].convert_to_write(line[name], line) for name in names} for line in self]

    def _replace(self, vals_list):
        """Delete these lines, which nobody has touched, and make them anew, with what is among them now."""
        names = {name for vals in vals_list for name in vals}
        self.with_context(**{TICKET_KEY: WriteTicket({"draw_id"})}).unlink()
        self.browse().with_context(**{TICKET_KEY: WriteTicket(names)}).create(vals_list)
