from odoo import SUPERUSER_ID, _, api, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..constants import KEY_FIELDS, LEVEL_GROUPS, OPEN_STATES, TO_COUNT_STATES


class StockCycleCountLineChecks(models.AbstractModel):
    """What a count line refuses: writes by hand, keys that are taken, and people who do not count it."""

    _name = "stock.cycle.count.line.checks"
    _description = "Checks of a Count Line"

    @api.constrains("reason_id", "variance_qty")
    def _check_reason_direction(self):
        """Refuse a reason for the other direction to those who may know which it is; approval asks again."""
        lines = self.sudo().filtered(lambda line: line.reason_id and line.result_entry_id)
        if not self.env.user.has_group("stock_cycle_count.group_approver"):
            lines = lines.filtered(lambda line: not line.count_id.blind)
        for line in lines:
            refusal = line.state in OPEN_STATES and line.variance_qty and line.reason_id._why_not(line.variance_qty)
            if refusal:
                raise ValidationError(_("%(line)s: %(refusal)s", line=line.display_name, refusal=refusal))

    @api.constrains("reason_id", "is_opening")
    def _check_reason_of_opening(self):
        self.sudo().filtered(lambda line: not line.is_opening).reason_id._check_choosable()

    @api.model
    def _check_written(self, names, allowed):
        """Nobody writes results or states by hand, whatever rights on the model say."""
        forbidden = names - allowed
        if forbidden:
            self._raise_protected(forbidden)

    def _check_undecided(self):
        """What a decision was made on stays as it was; before, those who counted and supervisors explain a difference.

        :raise AccessError: for others, naming the line
        :raise UserError: when it is decided, naming the line
        """
        explains_all = self.env.uid == SUPERUSER_ID or self.env.user.has_group(LEVEL_GROUPS[1])
        for line in self.sudo():
            count = line.count_id
            if not explains_all and self.env.user not in count.user_id | count.participant_ids | line._get_counters():
                raise AccessError(_(
                    "%(line)s: those who count it and supervisors say what the difference comes from.",
                    line=line.display_name))
            if line.state not in (*TO_COUNT_STATES, "counted", "to_approve"):
                raise UserError(_(
                    "%(line)s is decided: its reason, note and evidence can no longer be changed.",
                    line=line.display_name))

    def _is_evidence_fixed(self):
        """Whether somebody decided on the line, on the first level at least: its evidence stays as it was seen."""
        line = self.sudo()
        return line.state not in (*TO_COUNT_STATES, "counted", "to_approve") or (
            line.state == "to_approve" and bool(line._get_valid_approvals()))

    def _check_not_approved_on(self):
        """Refuse to change the note or the evidence that somebody approved on: another reason voids the approval, these
        would not.

        :raise UserError: naming the line
        """
        for line in self.sudo():
            if line.state == "to_approve" and line._get_valid_approvals():
                raise UserError(_(
                    "%(line)s is approved on the first level: its note and evidence stay as they were seen.",
                    line=line.display_name))

    def _check_unfinished(self):
        """Who counts can be changed as long as it is to be counted.

        :raise UserError: naming the line
        """
        for line in self:
            if line.state not in (*TO_COUNT_STATES, "counted") or line.count_id.state not in ("draft", "in_progress"):
                raise UserError(_("%(line)s is counted: who counts it can no longer be changed.", line=line.display_name))

    @api.model
    def _check_free(self, keys):
        """Refuse stock keys (ids in the order of ``KEY_FIELDS``) that stand on an open line, or twice among these.

        :raise UserError: naming the sheet
        """
        lines = self.sudo().search([
            ("state", "in", OPEN_STATES), ("product_id", "in", [key[0] for key in keys]),
            ("location_id", "in", [key[1] for key in keys])])
        for line in lines.filtered(lambda line: line._get_key() in set(keys)):
            line._raise_taken()
        if len(set(keys)) < len(keys):
            raise UserError(_("The same stock stands on two lines. Remove one of them."))

    def _raise_taken(self):
        """Say which sheet counts the stock of this line.

        :raise UserError: always
        """
        raise UserError(_(
            "%(line)s is on sheet %(sheet)s, which %(counter)s counts. Leave it to that sheet.",
            line=self.display_name, sheet=self.count_id.name,
            counter=self.count_id.user_id.name or _("nobody yet")))

    def _check_key(self):
        """Ids can be sent that no form offers: a line names stock that its author can see, and that can be.

        :raise AccessError: for what the user cannot see
        :raise UserError: naming the line
        """
        for name in KEY_FIELDS:
            records = self[name]
            records.check_access_rights("read")
            records.check_access_rule("read")
        for line in self:
            if line.product_id.type != "product":
                raise UserError(_("%(line)s: no stock is kept of this product.", line=line.display_name))
            # What stands in the books of old may be counted out.
            if line._is_kit() and not self.env["stock.quant"].sudo().search_count(
                    [(name, "=", line[name].id) for name in KEY_FIELDS] + [("quantity", "!=", 0)], limit=1):
                raise UserError(line.sudo()._explain_kit())
            if line.location_id.usage not in ("internal", "transit"):
                raise UserError(_("%(line)s: no own stock lies in this location.", line=line.display_name))
            if line.lot_id and line.lot_id.product_id != line.product_id:
                raise UserError(_(
                    "%(line)s: lot or serial number %(lot)s is of another product.",
                    line=line.display_name, lot=line.lot_id.name))

    def _check_may_count(self):
        """Refuse to count lines that are not open for it, or not by this user.

        :raise UserError: naming the line and what to do
        """
        for line in self.sudo():
            count = line.count_id
            if count.state == "draft":
                raise UserError(_(
                    "%(line)s: sheet %(sheet)s is not being counted. Start it first.",
                    line=line.display_name, sheet=count.name))
            if count.state != "in_progress" or (
                    count.blind and count.close_date and self.env.user in count.closed_to_ids):
                raise UserError(_(
                    "%(line)s: sheet %(sheet)s has been closed, so nothing is counted on it any more. Tell a count "
                    "supervisor what you counted.", line=line.display_name, sheet=count.name))
            if not line._is_countable():
                raise UserError(_(
                    "%(line)s: this line is decided and cannot be counted again. Ask a supervisor for a recount.",
                    line=line.display_name))
            if self.env.user not in count.user_id | count.participant_ids and self.env.uid != SUPERUSER_ID:
                raise UserError(_(
                    "%(line)s: sheet %(sheet)s is counted by %(counter)s. Join it or take it over first.",
                    line=line.display_name, sheet=count.name, counter=count.user_id.name or "-"))
            if line.round > 1 and line._why_not_recount_by(self.env.user):
                raise UserError(_(
                    "%(line)s: you counted it before, so somebody else recounts it.", line=line.display_name))

    def _is_countable(self):
        """Whether the line waits for a count, or for the verdict on one, which may still be corrected."""
        line = self.sudo()
        return line.state in TO_COUNT_STATES or line.state == "counted" and not line.verdict
