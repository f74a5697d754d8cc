import logging

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class StockCycleCountAuditLog(models.Model):
    """An attempt to change stock past the gate, or a change of what the gate demands: who, what, how. Rows are added,
    never changed.

    What was refused is written in a transaction of its own, since the one that was refused is rolled back. The user is
    kept by id and name, so that the row stays when the user goes.
    """

    _name = "stock.cycle.count.audit.log"
    _description = "Adjustment Control Log"
    _order = "id desc"
    _inherit = "stock.cycle.count.append.only.mixin"
    _log_access = False

    date = fields.Datetime(required=True, default=fields.Datetime.now)
    uid_refused = fields.Integer("User ID", required=True)
    user_name = fields.Char("User", required=True)
    company_id = fields.Many2one("res.company", ondelete="set null", index=True)
    attempt = fields.Char("How", required=True)
    detail = fields.Char("What")

    @api.model
    def _prepare(self, attempt, detail, company=None):
        """Values of a row about what this user does."""
        return {
            "uid_refused": self.env.uid, "user_name": self.env.user.name,
            "company_id": (company or self.env.company).id, "attempt": attempt, "detail": detail}

    @api.model
    def _note(self, attempt, detail, companies):
        """Log what is done, rather than refused: it stands and falls with its transaction."""
        # Fields of the row are set here, whatever a client's context gives for defaults.
        self.sudo().create([self._prepare(attempt, detail, company) for company in companies])

    @api.model
    def _log_and_raise(self, attempt, detail, message, company=None):
        """Log an attempt and refuse it.

        :param attempt: name of the way in
        :param detail: what it tried to change
        :param company: whose controllers are to see it; without one the user's
        :raise UserError: with the message
        """
        self._log(attempt, detail, company)
        raise UserError(message)

    @api.model
    def _log(self, attempt, detail, company=None):
        """Log an attempt that is about to be refused; see ``_log_and_raise``."""
        _logger.info("refused %s by user %s: %s", attempt, self.env.uid, detail)
        values = self._prepare(attempt, detail, company)
        try:
            with self.pool.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                # A company that was made in the transaction that is refused goes with it: the row names none then.
                values["company_id"] = env["res.company"].browse(values["company_id"]).exists().id
                env[self._name].create(values)
        except psycopg2.Error:
            # The refusal must stand whatever becomes of its log.
            _logger.exception("the refusal could not be logged")
