from odoo import _, api, fields, models

from ... import queries
from ...tools import numbers
from ..constants import OPEN_STATES
from ..context import get_posting

#: What happens, in the order in which it is counted.
KINDS = ("short", "left", "negative", "offender", "found", "zero", "low")
#: What became of events of so many days is said on the plan.
OUTCOME_DAYS = 30


class StockCycleCountEvent(models.Model):
    """Something happened at a position that makes a count worth while. Events wait until a sheet takes them, or until what
    they said no longer holds; each waits once.

    Stock moves add them by one statement, whatever their number; nothing that this addon posts does. They name no plan, so
    that no transfer waits for one that is being scheduled.

    One kind waits for a person: whoever took the last of a place is asked whether it is empty now.
    """

    _name = "stock.cycle.count.event"
    _description = "Event That Asks for a Count"
    _inherit = "stock.cycle.count.event.asked"
    _order = "id desc"
    _rec_name = "position_id"
    _log_access = False

    position_id = fields.Many2one(
        "stock.cycle.count.position", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    plan_id = fields.Many2one(related="position_id.plan_id")
    location_id = fields.Many2one(related="position_id.location_id")
    product_id = fields.Many2one(related="position_id.product_id")
    kind = fields.Selection(
        [("short", "Short pick"),
         ("asked", "Picker is asked"),
         ("left", "Not empty, said its picker"),
         ("negative", "Negative stock"),
         ("offender", "Repeat offender"),
         ("found", "Found elsewhere"),
         ("zero", "Empty by the books"),
         ("low", "Low stock")],
        required=True, readonly=True)
    date = fields.Datetime("Happened On", required=True, readonly=True)
    move_id = fields.Many2one("stock.move", readonly=True, ondelete="set null", index="btree_not_null")
    state = fields.Selection(
        [("waiting", "Waiting"), ("used", "On a Sheet"), ("stale", "No Longer True")], required=True, readonly=True,
        default="waiting")
    end_date = fields.Datetime("Ended On", readonly=True, help="When a sheet took it, or when it no longer held.")

    def init(self):
        queries.run(self.env, queries.indexes.one_waiting_event())

    # What moves say

    @api.model
    def _get_short(self, moves, is_final=False):
        """What picks are about to get less than they were asked for, before core splits them: ``{(move, place): quantity in
        the product's unit}``.

        :param is_final: whether nobody waits for what they do not get
        """
        short = {}
        if get_posting(self.env):
            return short
        for move in moves:
            if not move.picked or move.is_inventory or move.picking_code not in ("outgoing", "internal"):
                continue
            picked = sum(line.quantity_product_uom for line in move.move_line_ids if line.picked)
            missing = move.product_qty - picked
            if missing > 0 and not numbers.is_zero(missing, move.product_id.uom_id.rounding):
                short.update(((move, place), missing) for place in move.move_line_ids.location_id)
        # Who types 0 makes core delete the line that told the place. With a backorder it may not have been looked for yet.
        lost = moves.filtered(lambda move: is_final and move.picked and not move.move_line_ids and move.picking_code in (
            "outgoing", "internal"))
        short.update(((move, place), move.product_qty) for move, place in self._find_places(lost).items())
        return short

    @api.model
    def _find_places(self, moves):
        """Where moves that have no line would be taken from: where there is enough, what came first: ``{move: location}``."""
        quants = self.env["stock.quant"].sudo().search([
            ("product_id", "in", moves.product_id.ids), ("location_id", "child_of", moves.location_id.ids),
            ("quantity", ">", 0)], order="in_date, id") if moves else ()
        places = {}
        for move in moves:
            for quant in quants:
                if quant.product_id == move.product_id and quant.location_id.parent_path.startswith(
                        move.location_id.parent_path) and quant.available_quantity >= move.product_qty:
                    places[move] = quant.location_id
                    break
        return places

    @api.model
    def _notice(self, moves, short):
        """Note what done moves say of the places that they took from.

        :param short: of ``_get_short``
        """
        if get_posting(self.env):
            return
        lines = moves.filtered(lambda move: move.state == "done" and not move.is_inventory).move_line_ids
        taken = {(line.move_id, line.location_id): 0 for line in lines if line.location_id.usage in ("internal", "transit")}
        rows = [
            (move.id, move.company_id.id, move.product_id.id, place.id, missing)
            for (move, place), missing in {**taken, **short}.items()]
        if rows:
            queries.run(self.env, queries.events.notice(
                zip(*rows), fields.Datetime.now(), self._get_asked_user(), OPEN_STATES))

    # What counts say

    @api.model
    def _refresh(self, plan):
        """Note what counts of a plan say, and let go of what no longer holds; after the plan was ranked."""
        now = fields.Datetime.now()
        queries.run(self.env, queries.events.reopen(plan, now, OPEN_STATES))
        queries.run(self.env, queries.events.notice_counts(plan, now))
        queries.run(self.env, queries.events.retire(plan, now))

    @api.model
    def _get_waiting(self, plan, limit):
        """Events that wait to be counted, most urgent first, one a position; not those that stand on an open sheet."""
        rows = queries.run(self.env, queries.events.waiting(plan, KINDS, OPEN_STATES, limit))
        return self.browse(row[0] for row in rows)

    @api.model
    def _take(self, position_ids):
        """Sheets take whatever waits at positions."""
        queries.run(self.env, queries.events.take(list(position_ids), fields.Datetime.now()))

    @api.model
    def _say_outcomes(self, plans):
        """What became of the events of plans: ``{plan: sentence}``, none where nothing happened."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=OUTCOME_DAYS)
        outcomes = {plan: {} for plan in plans}
        for plan_id, state, number in queries.run(self.env, queries.events.outcomes(plans.ids, since)):
            outcomes[plans.browse(plan_id)][state] = number
        return {plan: _(
            "Events of the last %(days)s days: %(used)s counted, %(stale)s no longer true, %(waiting)s waiting.",
            days=OUTCOME_DAYS, used=found.get("used", 0), stale=found.get("stale", 0), waiting=found.get("waiting", 0),
        ) for plan, found in outcomes.items() if found}
