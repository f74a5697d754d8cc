import base64
import inspect
import io

from dateutil.relativedelta import relativedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from .. import queries
from ..tools import audit_check
from ..tools.audit_pack import Pack

README = """Audit pack of stock counting: {company}, {first} to {last}, made {now} UTC

    python3 audit_check.py .

checks all of it with nothing but Python 3: that no file was changed since, that each random draw comes to the same positions,
that each of these has a line, that nobody approved an own count, that adjustments agree with stock moves, valuation layers
and journal entries, and that root causes and hints were answered as they say. manifest.csv lists each file with its SHA-256;
the hash of the manifest itself is in the adjustment control log of the company, by the instant at which the pack was made.

population.csv      every position (a product in a location), active or resting, with its quantity and value on the last day:
                    what the books show now, less what moved since, at the cost of today; goods of others have no value
unplanned.csv       stock of today in own places that no plan counts
draws.csv           random draws: what could be drawn (frame), the seed, the highest hash drawn, and the positions drawn. To draw
                    again: SHA-256 of the seed with a position's number behind it, lowest first
lines.csv           count lines that were counted, drawn, or to be counted in the period; names of counters where the company
                    shows figures by person, else their numbers
entries.csv         what was counted, act by act, with what the books showed at that instant
decisions.csv       who decided on which numbers, on which level
moves.csv           stock moves of these lines
strata.csv          what the statement rests on: the positions with the first 30 % of the value, which are to be counted in full,
                    and the others by plan and class, with what was counted of each and what random counts found
statement.csv       the statement on the company and each warehouse: value of the books, estimate of the true one, how far off
                    either may be; statement.txt says it in words
roll_forward.csv    the last counts of the period, and auditors' own: what was counted, and what moved since without what that
                    count posted, beside what the books showed on the last day, with what is left: a rejected difference,
                    or what moved unseen. A count is of one lot, package and owner, an auditor's of all in the place
auditor_counts.csv  what auditors counted themselves, beside the books and the last count of the warehouse at that moment
reconciliation.csv  posted adjustments against moves, layers and entries, with what is left: 0 where they agree. One entry may
                    book a whole sheet: what it debits, and no entry of the period reversed, is compared with all layers that
                    it books
rule_changes.csv    the adjustment control log: changes of rules, roles and settings, and what was refused
unexplained.csv     changes of stock that no document explained when they were found, and what was said to them since
root_causes.csv     what makes records wrong, of all that was open at some time of the period: who found it, who sees that it is
                    changed and until when, what was changed, who closed it; the hint and the lines that led to it
hints.csv           what was too odd to be chance, of the period or open in it: its numbers (facts), what was answered (dismissed
                    and why, a root cause made, a count asked for) and whether it was right. Those about people, and their root
                    causes, where the company shows figures by person

Days are those of the company's calendar ({zone}), moments those of UTC. Whether all this is enough is for the auditor to say.
"""


class StockCycleCountAuditPack(models.TransientModel):
    """Gives an auditor what it takes to check a period without access to Odoo."""

    _name = "stock.cycle.count.audit.pack"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Audit Pack"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", default=lambda self: self.env.company)
    date_from = fields.Date("From", required=True, default=lambda self: self._get_first_day())
    date_to = fields.Date("To", required=True, default=lambda self: self.env.company._get_cycle_count_today())
    file = fields.Binary("Pack", readonly=True)
    file_name = fields.Char(readonly=True)
    manifest_hash = fields.Char("Hash of the Manifest", readonly=True, help="SHA-256; it is in the adjustment control log, too.")

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for pack in self:
            if pack.date_from > pack.date_to:
                raise ValidationError(_("“From” is later than “To”."))

    def _get_first_day(self):
        """A year back: what an auditor asks for first."""
        return self.env.company._get_cycle_count_today() - relativedelta(years=1, days=-1)

    def action_make(self):
        """Make the pack.

        :return: an action that shows it
        :raise AccessError: for a company that is not among the user's
        """
        self.ensure_one()
        self.env.flush_all()
        if self.company_id not in self.env.companies:
            raise AccessError(_("%(company)s is not among your companies.", company=self.company_id.name))
        target = io.BytesIO()
        pack = Pack(target)
        for table in queries.audit_pack.FILES:
            pack.add(f"{table.__name__}.csv", lambda file, table=table: queries.stream(self.sudo().env, table(self), file))
        self._add_statement(pack)
        pack.add("audit_check.py", lambda file: file.write(inspect.getsource(audit_check).encode()))
        pack.add("README.txt", lambda file: file.write(README.format(
            company=self.company_id.name, first=self.date_from, last=self.date_to, now=fields.Datetime.now(),
            zone=self.company_id._get_cycle_count_zone().zone).encode()))
        manifest_hash = pack.close()
        self.env["stock.cycle.count.audit.log"]._note(
            "make an audit pack", f"{self.date_from} - {self.date_to}: SHA-256 of the manifest {manifest_hash}", self.company_id)
        self.write({
            "file": base64.b64encode(target.getvalue()), "manifest_hash": manifest_hash,
            "file_name": f"audit-{self.date_from}-{self.date_to}.zip"})
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "views": [[False, "form"]],
            "target": "new", "name": self._description}

    def _add_statement(self, pack):
        """Add the statement of the company and of each warehouse, as figures and in words."""
        Statement = self.env["stock.cycle.count.statement"].sudo().with_context(lang="en_US")
        known, unplanned = Statement._get_statements(self), Statement._get_unplanned(self)
        said = [
            f"{code or self.company_id.name}\n{' '.join(Statement._say(self, code, one, unplanned))}\n"
            for code, one in known.items()]
        pack.add("statement.csv", lambda file: file.write(Statement._write(self, known).encode()))
        pack.add("statement.txt", lambda file: file.write("\n".join(said).encode()))

    # What the statements ask for

    @property
    def _facts(self):
        plans = self.env["stock.cycle.count.plan"].sudo().with_context(active_test=False).search([
            ("company_id", "=", self.company_id.id)])
        return {
            "company": self.company_id.id, "first": self.date_from, "last": self.date_to,
            "zone": self.company_id._get_cycle_count_zone().zone,
            "cost": queries.abc_classification.cost_in(self.company_id),
            "others": SQL("owner_id <> %s", self.company_id.partner_id.id), "digits": self.company_id.currency_id.decimal_places,
            "today": min((plan._get_today() for plan in plans), default=fields.Date.today())}

    @property
    def _named(self):
        """Whether people are named."""
        return self.company_id.cycle_count_figures_by_person

    @property
    def _valued(self):
        return self.env["stock.cycle.count.fingerprint"]._is_valued()
