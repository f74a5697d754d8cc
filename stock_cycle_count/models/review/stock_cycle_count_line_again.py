from odoo import fields, models


class StockCycleCountLineAgain(models.AbstractModel):
    """A second look on the spot: whoever counted is asked, once, to count a large difference again, and is told neither
    how large it is nor in which direction. Both entries are kept, in the same round: the same pair of eyes is no recount.
    """

    _name = "stock.cycle.count.line.again"
    _description = "Second Look at a Count Line"

    again = fields.Selection([("asked", "Asked For"), ("done", "Done")], "Second Look", readonly=True, copy=False)

    def _ask_again(self):
        """Ask for a second look at those of these lines whose tolerance wants one, and which nobody asked for yet.

        :return: the lines that are to be counted again
        """
        lines = self.sudo().filtered(lambda line: line.state == "counted" and line.round == 1 and not line.again)
        rules = self.env["stock.cycle.count.tolerance"].sudo()
        if not lines or not rules.search_count([
                ("company_id", "in", lines.company_id.ids), ("look_again", "=", True)], limit=1):
            return lines.browse()
        misses = lines.browse().union(*(
            line for line, rule, _limits, result in lines._weigh()
            if rule and rule.look_again and result.kind in ("approval", "recount")))
        misses._write_judged({"again": "asked"})
        return misses

    def _note_again(self):
        """Note that lines were counted again that somebody was asked for."""
        self.filtered(lambda line: line.again == "asked")._write_judged({"again": "done"})
