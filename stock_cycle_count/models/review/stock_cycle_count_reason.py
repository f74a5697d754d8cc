from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import hints

#: So many reasons are offered to choose from by one touch, found in so many counts.
MOST_PROPOSED = 4
LOOKED_AT = 40


class StockCycleCountReason(models.Model):
    """Why books and shelf differed. Controllers keep the list; counters and supervisors choose from it."""

    _name = "stock.cycle.count.reason"
    _description = "Count Reason"
    _inherit = ["stock.cycle.count.request.mixin", "stock.cycle.count.logged.mixin"]
    _order = "sequence, code, id"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    direction = fields.Selection(
        [("both", "Surplus and shortage"), ("gain", "Surplus"), ("loss", "Shortage")], required=True, default="both")
    root_cause = fields.Selection(
        [("receiving", "Receiving"), ("putaway", "Putaway"), ("picking", "Picking"), ("shipping", "Shipping"),
         ("returns", "Returns"), ("production", "Production"), ("damage", "Damage"), ("theft", "Theft"),
         ("expiry", "Expiry"), ("uom", "Unit of Measure"), ("data_entry", "Data Entry"), ("misplaced", "Misplaced"),
         ("pos_offline", "Point of Sale: Sold Offline"), ("pos_location", "Point of Sale: Wrong Location"),
         ("pos_negative", "Point of Sale: Sold Below Zero"),
         ("unknown", "Unknown"), ("opening", "Opening Stock")],
        required=True, default="unknown")
    note_required = fields.Boolean(help="The line must say more in its note.")
    evidence_required = fields.Boolean(help="The line must have an attachment, such as a photo.")
    location_id = fields.Many2one(
        "stock.location", "Loss Location", company_dependent=True,
        domain="[('usage', '=', 'inventory'), ('scrap_location', '=', False)]",
        help="Counterpart of the adjustment, so that accounting books by cause. Empty: that of the product.")
    line_count = fields.Integer("Count Lines", compute="_compute_line_count")

    _sql_constraints = [
        ("code_unique", "UNIQUE (code, company_id)", "The code of a reason must be unique."),
    ]

    @api.constrains("code", "company_id")
    def _check_code(self):
        """To the database no two reasons without a company have the same one."""
        for code, _company in self.sudo().with_context(active_test=False)._read_group(
                [("code", "in", self.mapped("code"))], ["code", "company_id"], having=[("__count", ">", 1)]):
            raise ValidationError(_("There is a reason with the code %(code)s already.", code=code))

    @api.constrains("root_cause")
    def _check_opening(self):
        """The shipped reason is the only one of opening stock, and of nothing else."""
        shipped = self.env.ref("stock_cycle_count.stock_cycle_count_reason_opening", raise_if_not_found=False)
        for reason in self:
            # While it is installed it has no name yet.
            if shipped and (reason.root_cause == "opening") != (reason == shipped):
                raise ValidationError(_("Opening stock has one reason, which comes with the app and explains nothing else."))

    def _check_choosable(self):
        """Refuse the reason of opening stock, which nobody chooses.

        :raise ValidationError: naming it
        """
        opening = self.filtered(lambda reason: reason.root_cause == "opening")
        if opening:
            raise ValidationError(_(
                "%(reason)s cannot be chosen: the first stock of a product gets it by itself, and nothing else does.",
                reason=opening.display_name))

    @api.model
    def _get_logged_fields(self):
        return {"code", "name", "active", "company_id", "direction", "root_cause", "note_required", "evidence_required",
                "location_id"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """What explains a line is archived, not deleted."""
        used = self.env["stock.cycle.count.line"].sudo().search([("reason_id", "in", self.ids)], limit=1).reason_id
        if used:
            raise UserError(_("Reason %(name)s explains counts. Archive it instead.", name=used.display_name))

    def _compute_line_count(self):
        counts = dict(self.env["stock.cycle.count.line"]._read_group(
            [("reason_id", "in", self.ids)], ["reason_id"], ["__count"]))
        for reason in self:
            reason.line_count = counts.get(reason, 0)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for reason in self:
            reason.display_name = f"[{reason.code}] {reason.name}"

    @api.constrains("location_id")
    def _check_location(self):
        for reason in self:
            location = reason.location_id
            if location and (location.usage != "inventory" or location.scrap_location):
                raise ValidationError(_(
                    "Reason %(reason)s: %(location)s is no inventory loss location. Choose one of type “Inventory "
                    "Loss” that is not a scrap location.", reason=reason.display_name, location=location.display_name))

    @api.model
    def name_search(self, name="", args=None, operator="ilike", limit=100):
        """As core; reasons that are named by their ids come in the order in which they are named, as proposals do."""
        found = super().name_search(name, args, operator, limit)
        if not name and args and len(args) == 1 and tuple(args[0][:2]) == ("id", "in"):
            ids = list(args[0][2])
            found.sort(key=lambda pair: ids.index(pair[0]))
        return found

    @api.model
    def _propose(self, lines):
        """The few reasons that most probably explain these differences: what hints speak for, then what was said last of the
        same products or places, then what is said most.
        """
        kinds = {hint.kind for found in lines._get_hints().values() for hint in found}
        causes = [hints.ROOT_CAUSES[kind] for kind in hints.ROOT_CAUSES if kind in kinds]
        everything = self.search([("company_id", "in", (*lines.company_id.ids, False))])
        proposed = self.browse().union(*(
            everything.filtered(lambda reason, cause=cause: reason.root_cause == cause)[:1] for cause in causes))
        near = [("reason_id", "!=", False), ("company_id", "in", lines.company_id.ids), ("id", "not in", lines.ids)]
        Line = self.env["stock.cycle.count.line"]
        for domain in (["|", ("product_id", "in", lines.product_id.ids), ("location_id", "in", lines.location_id.ids)], []):
            recent = Line.search([*near, *domain], order="count_date desc, id desc", limit=LOOKED_AT)
            proposed |= recent.reason_id & everything
        proposed |= everything
        variances = lines.mapped("variance_qty")
        return proposed.filtered(lambda reason: not any(map(reason._why_not, variances)))[:MOST_PROPOSED]

    def _why_not(self, variance):
        """Why this reason does not fit a difference, or False."""
        self.ensure_one()
        if self.direction == "gain" and variance < 0:
            return _("reason %(reason)s is for a surplus, and this is a shortage.", reason=self.display_name)
        if self.direction == "loss" and variance > 0:
            return _("reason %(reason)s is for a shortage, and this is a surplus.", reason=self.display_name)
        return False
