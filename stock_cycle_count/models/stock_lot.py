from odoo import _, api, models
from odoo.exceptions import UserError


class StockLot(models.Model):
    _inherit = "stock.lot"

    def action_count_now(self):
        """Begin to count these lots wherever they lie at once, on a blind sheet."""
        return self.env["stock.cycle.count"]._open_count_now(
            self.sudo().company_id[:1] or self.env.company, [("lot_id", "in", self.ids)])

    @api.model
    def _name_own_lots(self, vals_list):
        """Let rows of a file name the lot of their own product. Lots of several products may have one name, and the
        import takes the first that has it.

        :param vals_list: values with ``product_id`` and ``lot_id``; the latter is set right
        :raise UserError: naming lot and product, when the product has no such lot
        """
        def is_foreign(vals):
            return vals.get("lot_id") and vals.get("product_id") not in (None, self.browse(vals["lot_id"]).product_id.id)

        foreign = [vals for vals in vals_list if is_foreign(vals)]
        own = {
            (lot.product_id.id, lot.name): lot
            for lot in self.search([
                ("product_id", "in", [vals["product_id"] for vals in foreign]),
                ("name", "in", self.browse([vals["lot_id"] for vals in foreign]).mapped("name"))])} if foreign else {}
        for vals in foreign:
            name = self.browse(vals["lot_id"]).name
            lot = own.get((vals["product_id"], name))
            if not lot:
                raise UserError(_(
                    "%(product)s has no lot or serial number %(lot)s: that is one of %(other)s.", lot=name,
                    product=self.env["product.product"].browse(vals["product_id"]).display_name,
                    other=self.browse(vals["lot_id"]).product_id.display_name))
            vals["lot_id"] = lot.id
