import base64
import io
from itertools import groupby

from PIL import Image

from odoo import api, models

from ..tools import paper

# Measures of the template, in mm.
HEADING = 12.5
SHORTEST_ROW = 13.5
TEXT_LINE = 3.8
BARCODE = 7.5
FIRST_PAGE = 212
OTHER_PAGE = 240
#: Empty rows for what is found, signatures, and labels for the scanner.
TAIL = 72
#: Characters that a line of a cell holds.
PRODUCT_CHARS = {True: 32, False: 26}
LONG_PRODUCT_CHARS = {True: 40, False: 33}
KEY_CHARS = {True: 17, False: 16}


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
            "get_symbology": paper.symbology,
            "is_long": self._is_long,
            "draw_code": self._draw_code,
        }

    @api.model
    def _draw_code(self, kind, code, width, height):
        """A barcode as an address of a drawing: of a picture, PDF makes one in colours that takes ten times the room.

        :param width: in pixels, as the height
        """
        picture = Image.open(io.BytesIO(self.env["ir.actions.report"].barcode(
            kind, code, width=width, height=height, quiet=kind == "QR"))).convert("L").point(lambda grey: grey > 127)
        rows = [picture.crop((0, top, picture.width, top + 1)).tobytes() for top in range(picture.height)]
        path, top = [], 0
        for row, same in groupby(rows):
            deep, left = len(list(same)), 0
            for is_white, run in groupby(row):
                wide = len(list(run))
                if not is_white:
                    path.append(f"M{left} {top}h{wide}v{deep}h-{wide}z")
                left += wide
            top += deep
        drawing = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{picture.width}" height="{picture.height}" '
            f'viewBox="0 0 {picture.width} {picture.height}" preserveAspectRatio="none"><path d="{"".join(path)}"/></svg>')
        return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()

    @api.model
    def _get_sheet(self, count):
        """Header and pages of a sheet: what waits for a count, or the whole sheet when nothing does."""
        lines = count._get_paper_lines()
        shown = [line for line in lines if line["counted"] is None] or lines
        for line in shown:
            line["height"] = self._get_height(line, count.blind)
        groups = [list(group) for _location, group in groupby(shown, key=lambda line: line["location"])]
        return {
            **count._get_paper_header(),
            "total": len(lines),
            "shown": len(shown),
            "pages": paper.paginate(
                groups, [line["height"] for line in shown], HEADING, FIRST_PAGE, OTHER_PAGE, TAIL),
        }

    @api.model
    def _get_height(self, line, blind):
        """Height that a row needs for all of its text, in mm."""
        chars = (LONG_PRODUCT_CHARS if self._is_long(line["product"]) else PRODUCT_CHARS)[blind]
        product = -(-len(line["product"]) // chars) + bool(line["product_code"])
        keys = [line[name] for name in ("lot", "package", "owner") if line[name]]
        # A word of eight letters says what each of them is.
        key = sum(-(-(len(text) + 8) // KEY_CHARS[blind]) for text in keys)
        return max(
            SHORTEST_ROW, 1 + TEXT_LINE * product,
            1 + TEXT_LINE * key + BARCODE * bool(line["lot"] or line["package"]))

    @api.model
    def _is_long(self, name):
        """Whether a name is printed in small letters."""
        return len(name) > 60
