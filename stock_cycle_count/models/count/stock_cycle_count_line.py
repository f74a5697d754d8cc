
from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ... import queries
from ...tools import counting, numbers
from ..constants import COUNTING_STATES, KEY_FIELDS, OPEN_STATES


class StockCycleCountLine(models.Model):
    """One stock key to count. At most one line per key is open, which the database ensures; companies that share a
    location share its keys.

    The result follows from the entries of the present round. Expected quantity and difference are for supervisors;
    a counter sees them nowhere on a blind sheet, and in ``shown_expected_qty`` on an open one.
    """

    _name = "stock.cycle.count.line"
    _description = "Count Line"
    _inherit = [
        "stock.cycle.count.protected.mixin", "stock.cycle.count.line.state", "stock.cycle.count.line.input",
        "stock.cycle.count.line.selection", "stock.cycle.count.line.rounds", "stock.cycle.count.line.checks",
        "stock.cycle.count.line.value", "stock.cycle.count.line.sums", "stock.cycle.count.line.hits",
        "stock.cycle.count.line.verdict", "stock.cycle.count.line.again", "stock.cycle.count.line.decision",
        "stock.cycle.count.line.waits", "stock.cycle.count.line.analysis", "stock.cycle.count.line.transfers",
        "stock.cycle.count.line.recheck", "stock.cycle.count.line.refusals", "stock.cycle.count.line.remedies",
        "stock.cycle.count.line.posting", "stock.cycle.count.line.quants", "stock.cycle.count.line.journal",
        "stock.cycle.count.line.causes"]
    _order = "count_id, sequence, id"
    _rec_name = "product_id"
    _check_company_auto = True

    # What is counted
    count_id = fields.Many2one("stock.cycle.count", "Sheet", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="count_id.company_id", store=True, index=True, precompute=True)
    product_id = fields.Many2one("product.product", required=True, index=True, check_company=True)
    location_id = fields.Many2one("stock.location", required=True, index=True, check_company=True)
    lot_id = fields.Many2one(
        "stock.lot", "Lot or Serial Number", check_company=True, ondelete="restrict", index="btree_not_null")
    package_id = fields.Many2one(
        "stock.quant.package", "Package", check_company=True, ondelete="restrict", index="btree_not_null")
    owner_id = fields.Many2one("res.partner", "Owner", check_company=True, ondelete="restrict")
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    tracking = fields.Selection(related="product_id.tracking")
    # Its number would tell that an empty bin was drawn: positions of these are made for it.
    position_id = fields.Many2one(
        "stock.cycle.count.position", ondelete="set null", index=True,
        groups="stock.group_stock_user,stock_cycle_count.group_approver")
    quant_id = fields.Many2one(
        "stock.quant", ondelete="set null", index="btree_not_null", groups="stock_cycle_count.group_approver")
    abc_class_id = fields.Many2one("stock.abc.class", "Class", ondelete="set null")

    # Who counts it, when
    scheduled_date = fields.Date(related="count_id.scheduled_date", store=True, index=True)
    user_id = fields.Many2one("res.users", "Counter", index=True, check_company=True)
    round = fields.Integer(readonly=True, default=1, copy=False)
    recount_withdrawn = fields.Boolean(
        readonly=True, copy=False, help="The sheet was closed without a recount that was asked for.")
    entry_ids = fields.One2many("stock.cycle.count.entry", "line_id", "Entries", readonly=True)
    count_input = fields.Char(
        "Counted", compute="_compute_count_input", inverse="_inverse_count_input",
        help="What is there: a number in the product's unit, packs like 3x12+5, or other units like 2 Dozens + 5.")
    skip_reason = fields.Char("Not Counted Because", copy=False)
    note = fields.Char(copy=False)
    replaces_held = fields.Boolean(
        readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="The same person counted another difference before, which waited, and gave no reason for counting anew.")
    is_opening = fields.Boolean(
        "Opening Stock", readonly=True, copy=False, groups="stock_cycle_count.group_approver",
        help="The first stock of the product in the company's books: it passes, for there was nothing to differ from.")

    # Result
    result_entry_id = fields.Many2one(
        "stock.cycle.count.entry", compute="_compute_result", store=True, ondelete="restrict")
    counted_qty = fields.Float(
        "Counted Quantity", compute="_compute_result", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver",
        help="While a line waits for its recount, what the round before found: whoever recounts it is not to know.")
    count_date = fields.Datetime("Counted On", compute="_compute_result", store=True)
    counted_by_id = fields.Many2one("res.users", "Counted By", compute="_compute_result", store=True)
    expected_qty = fields.Float(
        "Expected", compute="_compute_result", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver", help="What the books showed when it was counted.")
    shown_expected_qty = fields.Float(
        "On Hand", compute="_compute_shown_expected_qty", digits="Product Unit of Measure",
        help="What the books show now, while it is to be counted; nothing on a blind sheet.")
    picked_qty = fields.Float(
        "Picked, Not Done", compute="_compute_result", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver")
    variance_qty = fields.Float(
        "Difference", compute="_compute_result", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver", help="Counted less expected.")
    between_qty = fields.Float(
        "Moved While Counted", compute="_compute_result", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver",
        help="What moved in and out between the entries of this count. Nobody can tell whether what was counted before it "
             "was part of it.")
    variance_percent = fields.Float(
        "Difference (%)", compute="_compute_result", store=True, group_operator=False,
        groups="stock_cycle_count.group_approver", help="Of the expected quantity; empty when that is 0.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_variance_qty = fields.Float(
        "First Difference", compute="_compute_result", store=True, digits="Product Unit of Measure",
        groups="stock_cycle_count.group_approver", help="Difference of the first round.")
    state = fields.Selection(
        [("pending", "To Count"), ("counted", "Counted"), ("recount", "To Recount"), ("to_approve", "To Approve"),
         ("approved", "Approved"), ("rejected", "Rejected"), ("posted", "Posted"), ("cancel", "Cancelled")],
        required=True, readonly=True, copy=False, default="pending", index=True)

    def init(self):
        queries.run(self.env, queries.indexes.one_open_line_per_key())

    @api.depends("product_id", "location_id", "lot_id")
    def _compute_display_name(self):
        # Counters have no access to lots, and read on the label what they are to count: of stored lines, for a form
        # may send any lot to compute with.
        for line in self:
            line = line.sudo() if line.id else line
            parts = [line.product_id.display_name, line.lot_id.name, line.location_id.display_name]
            line.display_name = " / ".join(part for part in parts if part)

    @api.depends("state", "counted_qty")
    def _compute_count_input(self):
        for line in self:
            line.count_input, _date = line._get_shown_count()

    def _inverse_count_input(self):
        self.env["stock.cycle.count.entry"]._record(
            [line._prepare_count(line.count_input) for line in self.filtered("count_input")], "web")
        # What was typed gives way to what it came to.
        self.invalidate_recordset(["count_input"], flush=False)

    @api.onchange("count_input", "late_input")
    def _onchange_count_input(self):
        """Ask once about what looks like a slip; on a blind sheet no question depends on the books."""
        lang = self._get_lang()
        typed = self.late_input if self.late_input != self._origin.late_input else self.count_input
        quantity = counting.parse_quantity(
            typed or "", lang.decimal_point, lang.thousands_sep, self._get_units())
        if quantity is None or counting.quantity_problem(quantity) or not counting.looks_like_slip(
                quantity, self.shown_expected_qty or None):
            return None
        return {"warning": {
            "title": _("%(quantity)s?", quantity=self._format_quantity(quantity)),
            "message": _("%(line)s: is a digit too many, missing or swapped, or was a label scanned into the quantity? "
                         "Correct it if so.", line=self.display_name)}}

    @api.depends("entry_ids", "round")
    def _compute_result(self):
        for line in self:
            number = line.round if line._get_round_result(line.round) else line.round - 1
            result = line._get_round_result(number)
            first = line._get_round_result(1)
            line.first_variance_qty = first[0] - first[1].book_quantity if first else 0
            if not result:
                line.update(dict.fromkeys((
                    "result_entry_id", "counted_qty", "count_date", "counted_by_id", "expected_qty", "picked_qty",
                    "variance_qty", "between_qty", "variance_percent"), False))
                continue
            counted, entry = result
            variance = line._clean(counted - entry.book_quantity)
            line.update({
                "result_entry_id": entry.id,
                "counted_qty": counted,
                "count_date": entry.date,
                "counted_by_id": entry.user_id.id,
                "expected_qty": entry.book_quantity,
                "picked_qty": entry.picked_quantity,
                "variance_qty": variance,
                "between_qty": line._clean(line._get_moved_between(number)),
                "variance_percent": 100 * variance / abs(entry.book_quantity) if entry.book_quantity else 0,
            })

    @api.depends("state", "count_id.state", "count_id.blind", *KEY_FIELDS)
    def _compute_shown_expected_qty(self):
        # Of stored lines only: a form may send any product, location and sheet to compute with.
        shown = self.filtered(lambda line: line._origin and line._origin._shows_books())
        (self - shown).shown_expected_qty = False
        if shown:
            now = fields.Datetime.now()
            books = self.env["stock.cycle.count.entry"]._get_book_quantities(
                [{"line": line._origin, "date": now} for line in shown], now)
            for line, (quantity, _picked) in zip(shown, books):
                line.shown_expected_qty = quantity

    # CRUD

    @api.model
    def _get_counter_fields(self):
        """Names of the fields that whoever counts a line may write."""
        return {
            "count_input", "late_input", "late_date", "skip_reason", "note", "reason_id", "evidence_ids"}

    @api.model
    def _get_planner_fields(self):
        """Names of the fields that a supervisor may write besides, on a sheet that is not started."""
        return {"sequence", "user_id", *KEY_FIELDS}

    @api.model
    def _get_protected_fields(self):
        return set(self._fields) - self._get_planner_fields() - self._get_counter_fields() - {"count_id"}

    @api.model_create_multi
    def create(self, vals_list):
        self._check_sent(vals_list)
        if not self.env.su:
            for vals in vals_list:
                self._check_written(set(vals) - {"count_id"}, self._get_planner_fields() | self._get_counter_fields())
            counts = self.env["stock.cycle.count"].browse({vals.get("count_id") for vals in vals_list})
            counts._check_not_started()
            self._check_free([tuple(vals.get(name) or False for name in KEY_FIELDS) for vals in vals_list])
        else:
            self._check_created(vals_list)
        lone = [
            vals for vals in vals_list
            if "position_id" not in vals and vals.get("location_id") and vals.get("product_id")]
        positions = self.env["stock.cycle.count.position"]._get_line_values(lone)
        vals_list = [
            {**positions.get((vals.get("location_id"), vals.get("product_id")), {}), **vals} for vals in vals_list]
        # Keys that were released just now are free for the database too.
        self.flush_model(["state"])
        lines = super().create(vals_list)
        if not self.env.su:
            lines._check_key()
            lines._adopt_evidence()
        for line in lines.sudo().filtered(lambda line: not line.user_id and line.count_id.user_id):
            line.user_id = line.count_id.user_id
        return lines

    def write(self, vals):
        self._check_sent([vals])
        if self.env.su:
            self._check_ticket(set(vals))
            self._check_key_free_to_change(set(vals))
        else:
            allowed = self._get_counter_fields()
            if set(vals) - allowed and self.env.user.has_group("stock_cycle_count.group_supervisor"):
                allowed |= self._get_planner_fields()
            self._check_written(set(vals), allowed)
            self._check_key_free_to_change(set(vals))
            if set(vals) & set(KEY_FIELDS):
                keys = [
                    tuple(vals.get(name, current) for name, current in zip(KEY_FIELDS, line._get_key())) for line in self]
                self._check_free([key for key, line in zip(keys, self) if key != line._get_key()])
            if "skip_reason" in vals:
                self._check_may_count()
                self.env["stock.cycle.count.audit.log"]._note(
                    "skip a line", ", ".join(f"{line.count_id.name}, {line.display_name}: {vals['skip_reason'] or '-'}"
                                             for line in self.sudo()), self.company_id)
            if {"reason_id", "evidence_ids", "note"} & set(vals):
                self._check_undecided()
            if {"evidence_ids", "note"} & set(vals):
                self._check_not_approved_on()
            if "user_id" in vals:
                self._check_unfinished()
        result = super().write(vals)
        if "evidence_ids" in vals:
            self._adopt_evidence()
        if not self.env.su and set(vals) & set(KEY_FIELDS):
            self._check_key()
        return result

    def _adopt_evidence(self):
        """Whoever reads a line reads its evidence, and nobody changes it elsewhere: it becomes the line's own.

        :raise UserError: naming files that are somebody else's, or hang on something else
        """
        for line in self.sudo():
            foreign = line.evidence_ids.filtered(lambda file: (file.res_model, file.res_id) != (self._name, line.id))
            for file in foreign:
                if file.res_id or file.res_field or file.create_uid != self.env.user:
                    raise UserError(_(
                        "%(line)s: attach the file itself. A file that hangs elsewhere, or is somebody else's, could be "
                        "changed there.", line=line.display_name))
            foreign.write({"res_model": self._name, "res_id": line.id})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        self.count_id._check_not_started()

    # Business

    def _get_key(self):
        """Stock key of the line, as ids in the order of ``KEY_FIELDS``."""
        return tuple(self[name].id for name in KEY_FIELDS)

    def _shows_books(self):
        """Whether whoever counts this line is shown what the books show: as long as it is to be counted, lest a line of
        long ago tells what a blind one of the same stock does not.
        """
        line = self.sudo()
        return line.state in OPEN_STATES and line.count_id.state in COUNTING_STATES and not line.count_id.blind

    def _round(self, quantity):
        """Round what was counted by the unit of the product."""
        return numbers.rounded(quantity, self.sudo()._get_rounding())

    def _clean(self, quantity):
        """A difference in all the digits that quantities have: rounded by its unit it would leave the books beside the
        count.
        """
        return numbers.rounded(quantity, self._get_digit())

    def _get_digit(self):
        """The smallest difference of two quantities."""
        return 10 ** -self.env["decimal.precision"].precision_get("Product Unit of Measure")

    def _is_match(self):
        """Whether the count agrees with the books."""
        return numbers.is_zero(self.variance_qty, self._get_digit())

    def _fetch_columns(self):
        """Read all columns of these lines in one query; the ORM would take one more for those of supervisors."""
        self.fetch([name for name, field in self._fields.items() if field.store and field.column_type])

    def _lock_rows(self):
        """Lock these lines in the order of their ids, so that no two processes wait for each other.

        What was read of them stays right: a line that another transaction changed since ours began cannot be locked,
        and the request starts over.
        """
        queries.run(self.env, queries.locks.lock_rows(self._table, self.ids))

    def _get_counters(self, before_round=None):
        """Users who counted these lines, in the rounds before one, or in any."""
        return self.sudo().entry_ids.filtered(
            lambda entry: before_round is None or entry.round < before_round).user_id

    def _sync_state(self):
        """States after entries were added: counted when the present round has a result, else waiting for one."""
        self.invalidate_recordset(["entry_ids"])
        self._reset_verdict()
        counted = self.filtered(lambda line: line._get_round_result(line.round))
        counted.filtered("skip_reason").write({"skip_reason": False})
        counted.filtered(lambda line: line.state != "counted")._transition("counted")
        waiting = self - counted
        waiting.filtered(lambda line: line.round > 1 and line.state != "recount")._transition("recount")
        waiting.filtered(lambda line: line.round == 1 and line.state != "pending")._transition("pending")

    def _cancel(self):
        """Release the stock keys of lines that are still open."""
        lines = self.filtered(lambda line: line.state in OPEN_STATES)
        lines._transition("cancel")
        lines._drop_transfers()
