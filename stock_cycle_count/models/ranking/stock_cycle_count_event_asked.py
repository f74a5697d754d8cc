from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import UserError

from ... import queries
from ...tools import notifications, requests
from ..constants import OPEN_STATES


class StockCycleCountEventAsked(models.AbstractModel):
    """Whoever took the last of a place, by the books, is asked on the transfer whether it is empty: one who stands before it
    says so for the price of a tap. *Yes* is a count of 0, *no* an event that asks for one.
    """

    _name = "stock.cycle.count.event.asked"
    _description = "Question to Pickers"

    user_id = fields.Many2one(
        "res.users", "Asked", readonly=True, ondelete="set null", help="Who picked, and so is asked.")

    @api.model
    def _get_asked_user(self):
        """Id of the user who may be asked about what is picked now: a counter; or None."""
        user = self.env.user
        is_asked = self.env.uid != SUPERUSER_ID and user.has_group("stock_cycle_count.group_counter")
        return user.id if is_asked else None

    @api.model
    def _get_questions(self, pickings):
        """What this user is asked on transfers: ``{transfer: questions, the oldest first}``."""
        user_id = self._get_asked_user() if pickings.ids else None
        asked = self.sudo().search([
            ("kind", "=", "asked"), ("state", "=", "waiting"), ("user_id", "=", user_id),
            ("move_id.picking_id", "in", pickings.ids)], order="id") if user_id else self.sudo().browse()
        return asked._filter_asked().grouped(lambda question: question.move_id.picking_id.sudo(False))

    def _filter_asked(self):
        """Those of these that can still be answered: of the last day, at a place that is counted by a plan that asks, where the
        books show nothing, nothing moved since, and no sheet counts it anyway.
        """
        if not self:
            return self
        since = fields.Datetime.subtract(fields.Datetime.now(), days=queries.events.ASKED_DAYS)
        fresh = self.search([
            ("id", "in", self.ids), ("date", ">=", since), ("position_id.active", "=", True),
            ("position_id.plan_id.event_asked", "=", True), ("position_id.plan_id.ranking", "!=", "none")], order="id")
        if not fresh:
            return fresh
        products, places = ("product_id", "in", fresh.product_id.ids), fresh.location_id.ids
        passed = {
            (place, product)
            for model, domain in (("stock.quant", [("quantity", "!=", 0)]),
                                  ("stock.cycle.count.line", [("state", "in", OPEN_STATES)]))
            for place, product in self.env[model].sudo()._read_group(
                [("location_id", "in", places), products, *domain], ["location_id", "product_id"])}
        moved = {}
        for end in ("location_id", "location_dest_id"):
            for place, product, date in self.env["stock.move.line"].sudo()._read_group(
                    [("state", "=", "done"), products, (end, "in", places),
                     ("cycle_count_done_date", ">", min(fresh.mapped("date")))],
                    [end, "product_id"], ["cycle_count_done_date:max"]):
                moved[place, product] = max(moved.get((place, product), date), date)

        def is_asked(question):
            place = (question.location_id, question.product_id)
            return place not in passed and moved.get(place, question.date) <= question.date

        return fresh.filtered(is_asked)

    @api.model
    def _answer(self, picking, question_id, is_empty):
        """Take the answer of whoever picked.

        :param question_id: what was asked when the answer was given
        :return: an action that says what came of it
        :raise UserError: when nothing was asked, was answered already, or somebody else was asked
        """
        question = self.sudo().search([
            ("id", "=", question_id), ("kind", "=", "asked"), ("move_id.picking_id", "=", picking.id)
        ]) if requests.is_id(question_id) else self.browse()
        if not question:
            raise UserError(_("Nothing is asked here. Reload the page."))
        if self.env.uid == SUPERUSER_ID or question.user_id != self.env.user or not self._get_asked_user():
            raise UserError(_("%(user)s picked, and is asked: nobody else can tell.", user=question.user_id.name))
        queries.run(self.env, queries.locks.lock_rows(self._table, question.ids))
        question.invalidate_recordset()
        counted = _("This is answered already, or is counted otherwise. Reload the page.")
        if question.state != "waiting":
            raise UserError(counted)
        is_asked = bool(question._filter_asked())
        question.write({"state": "used" if is_asked else "stale", "end_date": fields.Datetime.now()})
        if not is_asked:
            return notifications.warning(
                _("Something moved there since, it is counted otherwise, or nobody asks any more: nothing is to be confirmed."),
                then={"type": "ir.actions.client", "tag": "soft_reload"})
        if is_empty:
            try:
                with self.env.cr.savepoint():
                    question._count_empty()
            except UniqueViolation as error:
                # Somebody put it onto a sheet at the same moment.
                raise UserError(counted) from error
            said = _("%(product)s: counted as 0 in %(location)s. Thank you.")
        else:
            queries.run(self.env, queries.events.notice_left(question.id, fields.Datetime.now()))
            said = _("%(product)s: somebody will count it in %(location)s. Thank you.")
        return notifications.done(said % {
            "product": question.product_id.display_name, "location": question.location_id.display_name})

    def _count_empty(self):
        """Count 0 where a picker said that nothing is left, as that picker, on a sheet of its own."""
        position = self.position_id
        count = self.env["stock.cycle.count"].with_user(self.user_id)._make_ad_hoc(
            position.company_id,
            [{"product_id": position.product_id.id, "location_id": position.location_id.id, "position_id": position.id,
              "abc_class_id": position.abc_class_id.id, "selection_reason": "asked"}],
            self.user_id, plan_id=position.plan_id.id, warehouse_id=position.warehouse_id.id).sudo(False)
        count.action_start()
        self.env["stock.cycle.count.entry"].with_user(self.user_id)._record(
            [{"line": line, "quantity": 0} for line in count.line_ids], "web")
        count.action_close()
