import secrets

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ... import queries
from ...tools import draw as drawing
from ...tools import notifications, numbers
from ..constants import KEY_FIELDS, STOCK_USAGES
from ..context import TICKET_KEY, WriteTicket, spend_ticket

#: What an auditor draws or chooses at once.
MOST = 200


class StockCycleCountAuditCount(models.Model):
    """A product in a place that an auditor counts, all lots, packages and owners of it together: from the books to the floor,
    chosen or drawn, or from the floor to the books. What was counted is kept beside what the books said at that moment, and
    beside the last count with what moved since; neither is shown before. It posts nothing, teaches no ranking and is no part of
    any figure: when books and floor differ, the place is asked to be counted.
    """

    _name = "stock.cycle.count.audit.count"
    _description = "Auditor's Count"
    _inherit = ["stock.cycle.count.made.mixin", "stock.cycle.count.protected.mixin"]
    _order = "state desc, id desc"
    _rec_name = "product_id"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict", index=True)
    selection = fields.Selection(
        [("chosen", "Books to floor, chosen"), ("drawn", "Books to floor, drawn"), ("floor", "Floor to books")], "Kind",
        required=True, readonly=True)
    position_id = fields.Many2one(
        "stock.cycle.count.position", "Position", readonly=True, ondelete="set null", index="btree_not_null")
    product_id = fields.Many2one("product.product", required=True, readonly=True, ondelete="restrict", index=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    location_id = fields.Many2one("stock.location", required=True, readonly=True, ondelete="restrict")
    make_date = fields.Datetime("Made On", required=True, readonly=True, default=fields.Datetime.now)
    make_user_id = fields.Many2one("res.users", "Made By", required=True, readonly=True, ondelete="restrict")
    seed = fields.Char(
        readonly=True, help="The SHA-256 of this with a position's number behind it ranks the positions; the lowest are drawn.")
    frame_size = fields.Integer("Could Be Drawn", readonly=True, help="Positions of the warehouse that the plans count.")
    frame_hash = fields.Char(
        "Hash of What Could Be Drawn", readonly=True, help="SHA-256 of their numbers in order, with a comma between two of them.")
    state = fields.Selection(
        [("to_count", "To Count"), ("counted", "Counted")], required=True, readonly=True, default="to_count", index=True)

    # What was found
    count_date = fields.Datetime("Counted On", readonly=True)
    count_user_id = fields.Many2one("res.users", "Counted By", readonly=True, ondelete="restrict")
    counted_qty = fields.Float("Counted", readonly=True, digits="Product Unit of Measure")
    book_qty = fields.Float(
        "In the Books", readonly=True, digits="Product Unit of Measure", help="What was on hand at the moment of the count.")
    book_difference_qty = fields.Float(
        "Counted Less Books", readonly=True, digits="Product Unit of Measure")
    unit_cost = fields.Float(readonly=True, digits="Product Price")
    currency_id = fields.Many2one(related="company_id.currency_id")
    difference_value = fields.Monetary("Difference (Value)", readonly=True)
    last_count_date = fields.Datetime("Last Count", readonly=True)
    last_counted_qty = fields.Float("Counted Then", readonly=True, digits="Product Unit of Measure")
    moved_qty = fields.Float(
        "Moved Since", readonly=True, digits="Product Unit of Measure", help="Without what that count posted itself.")
    last_difference_qty = fields.Float(
        "Counted Less Last Count", readonly=True, digits="Product Unit of Measure",
        help="Counted, less what was counted last and moved since.")
    note = fields.Text(readonly=True)
    request_date = fields.Datetime(
        "Asked to Count Again", readonly=True, help="When the difference became a requested count of the warehouse.")
    has_difference = fields.Boolean("Differs from the Books", readonly=True)

    # CRUD

    def write(self, vals):
        """Written once, by counting.

        :raise UserError: for whoever writes by hand
        """
        if not spend_ticket(self.env, set(vals)):
            self._refuse("change an auditor's count")
        return super().write(vals)

    def unlink(self):
        """Nobody takes one back.

        :raise UserError: always
        """
        self._refuse("delete an auditor's count")
        return super().unlink()

    def _refuse(self, attempt):
        self.env["stock.cycle.count.audit.log"]._log_and_raise(
            attempt, ", ".join(map(str, self.ids)), _("An auditor's count is evidence: it is made and counted, never changed or "
                                                      "deleted."), self.sudo().company_id[:1])

    # Making

    @api.model
    def _check_auditor(self, company):
        """Refuse whoever is no auditor of a company; to be the superuser is no role.

        :raise AccessError: with the reason
        """
        if self.env.uid == SUPERUSER_ID or not self.env.user.has_group("stock_cycle_count.group_auditor"):
            raise AccessError(_("Only auditors make an auditor's count."))
        if company not in self.env.companies:
            raise AccessError(_("%(company)s is not among your companies.", company=company.sudo().name))

    @api.model
    def _add(self, positions, selection, **values):
        """Have an auditor count positions; those that wait to be counted already are not added again.

        :raise UserError: when they are too many at once
        """
        if len(positions) > MOST:
            raise UserError(_("These are more than %(most)s positions. Choose fewer.", most=MOST))
        waiting = self.sudo().search([("position_id", "in", positions.ids), ("state", "=", "to_count")]).position_id
        return self._make([{
            "company_id": position.company_id.id, "position_id": position.id, "product_id": position.product_id.id,
            "location_id": position.location_id.id, "selection": selection, "make_user_id": self.env.uid, **values,
        } for position in positions.sudo() - waiting])

    @api.model
    def _draw(self, warehouse, number):
        """Draw positions of a warehouse at random, from all active ones of plans.

        :raise UserError: when there are none, or more are asked for than can be counted at once
        """
        self._check_auditor(warehouse.sudo().company_id)
        if not 0 < number <= MOST:
            raise UserError(_("Draw between 1 and %(most)s positions.", most=MOST))
        frame = self.env["stock.cycle.count.position"].sudo().search([
            ("warehouse_id", "=", warehouse.id), ("company_id", "=", warehouse.sudo().company_id.id), ("plan_id", "!=", False),
        ], order="id")
        if not frame:
            raise UserError(_("No plan knows any stock of this warehouse yet: there is nothing to draw from."))
        seed = secrets.token_hex(32)
        picked = drawing.pick(seed, frame.ids, number)
        return self._add(
            frame.browse(position_id for _rank, position_id in picked), "drawn", seed=seed, frame_size=len(frame),
            frame_hash=drawing.hash_frame(frame.ids))

    # Counting

    def action_enter(self):
        """Open the dialog that takes what was counted.

        :raise AccessError: for whoever is no auditor
        """
        self.ensure_one()
        self._check_auditor(self.company_id)
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_audit_entry_action")
        return dict(action, context={"default_test_id": self.id})

    def action_view_lines(self):
        """Open what the warehouse counted there."""
        self.ensure_one()
        self.check_access_rule("read")
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_line_action")
        return dict(action, domain=[
            ("product_id", "=", self.product_id.id), ("location_id", "=", self.location_id.id),
            ("company_id", "=", self.company_id.id)], context={})

    @api.model
    def _find_on_floor(self, location, product):
        """What an auditor found in a place: from the floor to the books.

        :raise UserError: when no stock can be there
        """
        company = location.sudo().company_id
        self._check_auditor(company or self.env.company)
        # What is between companies is nobody's stock, and no plan's.
        if not company or location.usage not in STOCK_USAGES or product.type != "product":
            raise UserError(_("Choose a product that is stored, and a place of stock."))
        position = self.env["stock.cycle.count.position"].sudo().with_context(active_test=False).search([
            ("location_id", "=", location.id), ("product_id", "=", product.id), ("company_id", "=", company.id)])
        return self._make([{
            "company_id": company.id, "position_id": position.id, "product_id": product.id, "location_id": location.id,
            "selection": "floor", "make_user_id": self.env.uid}])

    def _enter(self, quantity, note):
        """Keep what was counted, once, with what the books and the last count say now; ask for a count where books and floor
        differ.

        :param quantity: in the product's unit
        :return: an action that says what came of it
        :raise UserError: when it was counted already, or nothing can be so many
        """
        self.ensure_one()
        company = self.sudo().company_id
        self._check_auditor(company)
        queries.run(self.env, queries.locks.lock_rows(self._table, self.ids))
        test = self.sudo()
        test.invalidate_recordset()
        product, rounding = test.product_id, test.product_uom_id.rounding
        if test.state == "counted":
            raise UserError(_("%(product)s in %(location)s was counted already.", product=product.display_name,
                              location=test.location_id.display_name))
        if quantity < 0 or not numbers.is_same(quantity, numbers.rounded(quantity, rounding), 1e-9):
            raise UserError(_("Nothing can be counted as %(quantity)s %(unit)s.", quantity=quantity, unit=product.uom_id.name))
        values = test._compare(quantity)
        values.update(
            state="counted", count_date=fields.Datetime.now(), count_user_id=self.env.uid, counted_qty=quantity,
            note=note or False)
        if values["has_difference"]:
            test._request()
            values["request_date"] = values["count_date"]
        test.with_context(**{TICKET_KEY: WriteTicket(values)}).write(values)
        return test._tell()

    def _compare(self, quantity):
        """What the books and the last count say of a quantity now, as values."""
        quants = self.env["stock.quant"].search(self._get_quant_domain())
        rounding = self.product_uom_id.rounding
        book = numbers.rounded(sum(quants.mapped("quantity")), rounding)
        cost = self.product_id.with_company(self.company_id).standard_price
        difference = numbers.rounded(quantity - book, rounding)
        values = {
            "book_qty": book, "book_difference_qty": difference, "unit_cost": cost,
            "difference_value": self.currency_id.round(difference * cost),
            "has_difference": not numbers.is_zero(difference, rounding)}
        [(counted, moment, moved)] = queries.run(self.env, queries.roll_forward.last_count(
            self.company_id.id, self.product_id.id, self.location_id.id,
            fields.Datetime.add(fields.Datetime.now(), days=1)))
        if moment:
            counted, moved = float(counted), float(moved or 0)
            values.update(
                last_count_date=moment, last_counted_qty=counted, moved_qty=numbers.rounded(moved, rounding),
                last_difference_qty=numbers.rounded(quantity - counted - moved, rounding))
        return values

    def _get_quant_domain(self):
        return [("product_id", "=", self.product_id.id), ("location_id", "=", self.location_id.id),
                ("company_id", "=", self.company_id.id)]

    def _request(self):
        """Have the place counted today by the warehouse, as for whoever asks. What keeps sheets from being made, such as a plan
        without counters, keeps nobody from counting as an auditor: the position stays asked for.
        """
        quants = self.env["stock.quant"].search(self._get_quant_domain())
        key = dict.fromkeys(KEY_FIELDS, False)
        key.update(product_id=self.product_id.id, location_id=self.location_id.id)
        today = fields.Date.context_today(self)
        (quants or quants.new(dict(key, company_id=self.company_id.id)))._request_count(today)
        # Archived positions are asked for as well, archived plans count nothing.
        position = self.env["stock.cycle.count.position"].with_context(active_test=False).search(
            self._get_quant_domain()).with_env(self.env)
        try:
            with self.env.cr.savepoint():
                position._make_requested(today)
        except UserError:
            self.env.invalidate_all()

    def _tell(self):
        """What a count came to, for whoever made it."""
        facts = {
            "product": self.product_id.display_name, "unit": self.product_uom_id.name,
            **{name: formatLang(self.env, quantity, dp="Product Unit of Measure")
               for name, quantity in (("counted", self.counted_qty), ("book", self.book_qty))}}
        if not self.has_difference:
            return notifications.done(_("%(product)s: %(counted)s %(unit)s, as the books show.", **facts))
        return notifications.warning(
            _("%(product)s: %(counted)s %(unit)s were counted, and the books show %(book)s. The warehouse is asked to count it.",
              **facts), None, {"type": "ir.actions.act_window_close"})
