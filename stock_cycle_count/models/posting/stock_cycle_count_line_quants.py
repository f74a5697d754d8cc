from odoo import models

from ...tools.quant_cache import QuantCache
from ..constants import KEY_FIELDS
from ..context import Posting


class StockCycleCountLineQuants(models.AbstractModel):
    """The quants that a posting of lines moves, read for all of them at once."""

    _name = "stock.cycle.count.line.quants"
    _description = "Stock of a Count Line"

    def _get_quants(self, env):
        """A quant of each line's stock, through which other modules say what they know of its moves: one that is not
        stored where there is none. It knows what the moves are called.

        :param env: the environment in which the moves are made
        :return: ``{line: quant}``
        """
        stored = {
            quant._get_stock_key(): quant
            for quant in env["stock.quant"].search([
                ("product_id", "in", self.product_id.ids), ("location_id", "in", self.location_id.ids)])}
        quants = {}
        for lines in self.grouped(lambda line: (line.count_id, line.reason_id)).values():
            name = lines[0]._get_move_name()
            for line in lines:
                quant = stored.get(line._get_key()) or env["stock.quant"].new(
                    {**{name: line[name].id for name in KEY_FIELDS}, "company_id": line.company_id.id})
                quants[line] = quant.with_context(inventory_name=name)
        return quants

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
        cache = QuantCache(ends, ((quant._get_stock_key(), quant.id) for quant in quants))
        return Posting(self.ids, locations, cache)
