from odoo import fields, models

from ...tools.quant_cache import QuantCache
from ..constants import KEY_FIELDS
from ..context import Posting


class StockCycleCountLineQuants(models.AbstractModel):
    """The quants that a posting of lines moves, read and made for all of them at once."""

    _name = "stock.cycle.count.line.quants"
    _description = "Stock of a Count Line"

    def _get_quants(self, env):
        """A quant of each line's stock, through which other modules say what they know of its moves: one that is not
        stored where there is none.

        :param env: the environment in which the moves are made
        :return: ``{line: quant}``
        """
        stored = {
            tuple(quant[name].id for name in KEY_FIELDS): quant
            for quant in env["stock.quant"].search([
                ("product_id", "in", self.product_id.ids), ("location_id", "in", self.location_id.ids)])}
        return {
            line: stored.get(line._get_key()) or env["stock.quant"].new(
                {**{name: line[name].id for name in KEY_FIELDS}, "company_id": line.company_id.id})
            for line in self}

    def _make_posting(self, env, vals_list):
        """A posting of these lines, which knows the quants at both ends of its moves; core looks them up eight times a
        line.

        :param env: the environment in which the moves are made
        :param vals_list: values of the move lines to be made
        """
        ends = {(vals["product_id"], vals[name]) for vals in vals_list for name in ("location_id", "location_dest_id")}
        products, locations = map(set, zip(*ends)) if ends else ((), ())
        quants = env["stock.quant"].sudo().search(
            [("product_id", "in", list(products)), ("location_id", "in", list(locations))], order="in_date, id")
        quants |= self._make_quants(quants, vals_list)
        cache = QuantCache(ends, (((quant.product_id.id, quant.location_id.id), quant.id) for quant in quants))
        return Posting(self.ids, locations, cache)

    def _make_quants(self, quants, vals_list):
        """Make quants of nothing, at once, where moves will bring or take what no quant holds; core would make them one
        by one. Not for lots, which take from stock without a lot where they have none.

        :param quants: what there is
        """
        found = {tuple(quant[name].id for name in KEY_FIELDS) for quant in quants}
        wanted = {
            (vals["product_id"], vals[location], False, vals[package], vals["owner_id"])
            for vals in vals_list if not vals["lot_id"]
            for location, package in (("location_id", "package_id"), ("location_dest_id", "result_package_id"))}
        now = fields.Datetime.now()
        # Core's own create works one by one too, for what quants of nothing have not: counts and numbers.
        return models.BaseModel.create(quants, [dict(zip(KEY_FIELDS, key), in_date=now) for key in sorted(wanted - found)])
