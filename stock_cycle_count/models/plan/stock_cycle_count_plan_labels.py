from collections import Counter

from odoo import _, fields, models
from odoo.exceptions import UserError

#: What a label of a bin would be taken for, and the fields that the scanner looks for codes in.
CODES = (("product.product", "barcode"), ("product.product", "default_code"), ("product.packaging", "barcode"),
         ("stock.lot", "name"), ("stock.quant.package", "name"))


class StockCycleCountPlanLabels(models.AbstractModel):
    """Bins without a barcode get their names as barcodes, so that they can be labelled and scanned."""

    _name = "stock.cycle.count.plan.labels"
    _description = "Labels of the Bins of Count Plans"

    unlabelled_count = fields.Integer("Bins without a Barcode", compute="_compute_unlabelled_count")

    def _compute_unlabelled_count(self):
        scopes = self._get_scopes()
        for plan in self:
            plan.unlabelled_count = plan.env["stock.location"].sudo().search_count(plan._get_unlabelled_domain(scopes))

    def _get_unlabelled_domain(self, scopes):
        return [("id", "in", scopes.get(self._origin.id, [])), ("barcode", "in", (False, ""))]

    def action_label_bins(self):
        """Give bins without a barcode their names as barcodes, with the user's own rights, and print their labels: the
        short name where nothing else has it, or else the whole one.

        :raise UserError: when all bins have a barcode, or no name is free
        """
        self.ensure_one()
        bins = self.env["stock.location"].search(self._get_unlabelled_domain(self._get_scopes()))
        if not bins:
            raise UserError(_("All bins of this plan have a barcode."))
        named = bins.browse()
        for place, code in self._choose_codes(bins).items():
            place.barcode = code
            named |= place
        if not named:
            raise UserError(_("Other things have the names of these bins as their codes. Rename the bins, or type barcodes in."))
        return self.env.ref("stock.action_report_location_barcode").report_action(named)

    def _choose_codes(self, bins):
        """A code for each of these bins for which there is one that names nothing else: ``{bin: code}``."""
        candidates = {code for place in bins for code in (place.name, place.complete_name)}
        Location = self.env["stock.location"].sudo().with_context(active_test=False)
        others = Location.search_fetch([("company_id", "in", (self.company_id.id, False))], ["name", "barcode"])
        names = Counter(others.mapped("name"))
        taken = set(others.mapped("barcode"))
        for model, name in CODES:
            taken.update(value for value, in self.env[model].sudo().with_context(active_test=False)._read_group(
                [(name, "in", list(candidates))], [name]))
        codes = {}
        for place in bins:
            short = (place.name,) if names[place.name] == 1 else ()
            code = next((code for code in (*short, place.complete_name) if code not in taken), None)
            if code:
                codes[place] = code
                taken.add(code)
        return codes
