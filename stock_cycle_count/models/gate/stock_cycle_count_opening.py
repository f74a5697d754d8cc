from odoo import api, models

from ...tools import numbers

#: The shipped reason of opening stock.
REASON = "stock_cycle_count.stock_cycle_count_reason_opening"


class StockCycleCountOpening(models.AbstractModel):
    """The first stock of a product is no difference: there was nothing in the books to differ from.

    It passes, marked as opening stock, as long as the set-up of its company is not finished, or nothing was counted there
    yet. What moved once in the company, by whatever document, or was counted, is no opening any more. Only the bins of a
    product that are entered one after the other during the set-up are all of them.
    """

    _name = "stock.cycle.count.opening"
    _description = "Opening Stock"

    @api.model
    def _mark_opening(self, lines):
        """Mark those of these new lines of counts from outside that enter opening stock, and log them."""
        for company, members in lines.sudo().grouped("company_id").items():
            entered = members.filtered(
                lambda line: line.variance_qty > 0 and numbers.is_zero(line.expected_qty, line._get_digit()))
            if not entered or not company._takes_opening_stock():
                continue
            known = self._get_known_products(company, entered.product_id, members)
            opening = entered.filtered(lambda line: line.product_id not in known)
            if opening:
                reason = self.env.ref(REASON, raise_if_not_found=False)
                opening._write_judged({"is_opening": True, "reason_id": reason and reason.id})
                self.env["stock.cycle.count.audit.log"]._note("opening stock", "; ".join(
                    f"{line.display_name}: {line._format_quantity(line.counted_qty)}" for line in opening), company)

    @api.model
    def _get_known_products(self, company, products, lines):
        """Those of these products that the company had in its books or counted before.

        :param lines: count lines that are being made
        """
        of_company = [("company_id", "=", company.id), ("product_id", "in", products.ids)]
        counted = [*of_company, ("id", "not in", lines.ids), ("state", "not in", ("pending", "cancel"))]
        moved = [*of_company, ("state", "=", "done")]
        stocked = [*of_company, ("quantity", "!=", 0), ("location_id.usage", "in", ("internal", "transit"))]
        if not company.cycle_count_setup_date:
            # Bins are entered one after the other, and each is the first.
            counted.append(("is_opening", "=", False))
            moved += ["|", ("move_id.cycle_count_line_id", "=", False), (
                "move_id.cycle_count_line_id.is_opening", "=", False)]
            opened = self.env["stock.cycle.count.line"].sudo().search(
                [*of_company, ("is_opening", "=", True), ("state", "=", "posted")])
            stocked.append(("location_id", "not in", opened.location_id.ids))
        known = self.env["product.product"].sudo()
        for model, domain in (
                ("stock.cycle.count.line", counted), ("stock.move.line", moved), ("stock.quant", stocked)):
            for product, in self.env[model].sudo()._read_group(domain, ["product_id"]):
                known |= product
        return known
