from odoo import _, api, models
from odoo.exceptions import AccessError, UserError

from ..constants import KEY_FIELDS, LINE_TRANSITIONS
from ..context import TICKET_KEY, WriteTicket, spend_ticket

#: What code with all rights may write besides what people do: it lets nothing pass.
TECHNICAL_FIELDS = {
    "abc_class_id", "count_id", "due_date", "escalated", "position_id", "post_error", "quant_id", "reminder_step",
    "selection_reason"}


class StockCycleCountLineState(models.AbstractModel):
    """The states of a count line, and who writes what its fate depends on: this addon's own code, whatever rights others
    have. Neither ``sudo()`` nor being the superuser is enough, so that an automation rule posts nothing.
    """

    _name = "stock.cycle.count.line.state"
    _description = "State of a Count Line"

    @api.model
    def _get_judged_fields(self):
        """Names of the fields on which depends what becomes of a line: state, verdict, level and numbers."""
        return self._get_protected_fields() - TECHNICAL_FIELDS

    def _transition(self, to, **values):
        """Move lines to a state, with what changes along.

        :raise UserError: when the state cannot follow the present one, naming the line; then none is moved
        """
        for line in self:
            if to not in LINE_TRANSITIONS[line.state]:
                names = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(_(
                    "%(line)s is “%(state)s” and cannot become “%(to)s”.",
                    line=line.display_name, state=names[line.state], to=names[to]))
        self._write_judged(dict(values, state=to))
        if to == "cancel":
            self.env.add_to_compute(self.count_id._fields["line_count"], self.count_id)

    def _write_judged(self, vals):
        """Write fields that nobody writes by hand."""
        if self:
            self.with_context(**{TICKET_KEY: WriteTicket(vals)}).write(vals)

    @api.model
    def _check_ticket(self, names):
        """Refuse writes with all rights that are not this addon's own.

        :raise AccessError: naming the fields
        """
        forbidden = names & self._get_judged_fields()
        if forbidden and not spend_ticket(self.env, forbidden):
            self._raise_protected(forbidden)

    @api.model
    def _check_created(self, vals_list):
        """Lines begin at the beginning: with what nobody has counted, judged or decided. What was drawn at random has a
        ticket for that.

        :raise AccessError: naming the fields
        """
        defaults = {"state": "pending", "round": 1}
        given = {name for vals in vals_list for name, value in vals.items() if value and value != defaults.get(name)}
        # The company is that of the sheet, whatever is named; what a line was chosen by is said once.
        forbidden = given & self._get_judged_fields() - {"company_id", "selection_facts", "value_at_risk"}
        if not spend_ticket(self.env, forbidden) and forbidden:
            self._raise_protected(forbidden)

    @api.model
    def _raise_protected(self, names):
        """Note down and refuse a write by hand.

        :raise AccessError: naming the fields
        """
        self.env["stock.cycle.count.audit.log"]._log("write on a count line", ", ".join(sorted(names)))
        raise AccessError(_(
            "On count lines, %(fields)s cannot be written: results come from counting, states from the buttons.",
            fields=", ".join(sorted(names))))

    def _check_key_free_to_change(self, names):
        """What was counted stays the count of its stock, whoever writes.

        :raise UserError: naming the sheet
        """
        if names & {"count_id", *KEY_FIELDS}:
            self.count_id._check_not_started()
            self._check_not_drawn()
