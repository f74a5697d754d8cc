from itertools import groupby

from odoo import api, models

from ..tools import paper

# Measures of the template, in mm.
HEADING = 12.5
ROW = 13.5
#: Lot, package and owner together need more.
TALL_ROW = 18
FIRST_PAGE = 194
OTHER_PAGE = 222
#: Empty rows for what is found, and signatures.
TAIL = 76


class StockCycleCountSheet(models.AbstractModel):
    """Printed count sheets: pages cut here, so that page numbers are right whatever makes the PDF."""

    _name = "report.stock_cycle_count.count_sheet"
    _description = "Printed Count Sheet"

    @api.model
    def _get_report_values(self, docids, data=None):
        counts = self.env["stock.cycle.count"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": counts._name,
            "sheets": [self._get_sheet(count) for count in counts],
            "row_height": ROW,
            "get_symbology": paper.symbology,
        }

    @api.model
    def _get_sheet(self, count):
        """Header and pages of a sheet: what waits for a count, or the whole sheet when nothing does."""
        lines = count._get_paper_lines()
        shown = [line for line in lines if line["counted"] is None] or lines
        for line in shown:
            line["height"] = TALL_ROW if line["lot"] and (line["package"] or line["owner"]) else ROW
        groups = [list(group) for _location, group in groupby(shown, key=lambda line: line["location"])]
        return {
            **count._get_paper_header(),
            "total": len(lines),
            "shown": len(shown),
            "pages": paper.paginate(
                groups, [line["height"] for line in shown], HEADING, FIRST_PAGE, OTHER_PAGE, TAIL),
        }
