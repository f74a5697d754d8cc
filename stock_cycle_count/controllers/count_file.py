import csv
import io

from werkzeug.exceptions import NotFound

from odoo import _
from odoo.http import Controller, content_disposition, request, route
from odoo.tools.misc import xlsxwriter

from ..tools import requests, spreadsheets

#: Columns that are empty or may be written over.
TO_FILL_IN = ("count_input", "late_date", "skip_reason", "note")
WIDTHS = {"id": 8, "count_id": 12, "location_id": 28, "product_id": 44, "note": 24, "skip_reason": 24}


class CountFile(Controller):
    """Sheets as files to fill in and import again."""

    @route("/stock_cycle_count/<int:count_id>/counts.<any(csv, xlsx):extension>", type="http", auth="user", readonly=True)
    def download(self, count_id, extension):
        """The lines of a sheet, with empty columns for what is counted.

        :raise AccessError: when the user cannot see the sheet
        :raise NotFound: when there is none
        """
        count = request.env["stock.cycle.count"].browse(filter(requests.is_id, [count_id])).exists()
        if not count:
            raise NotFound()
        rows = self._get_rows(count)
        make, kind = {
            "csv": (self._make_csv, "text/csv;charset=utf-8"),
            "xlsx": (self._make_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        }[extension]
        name = f"{count.name.replace('/', '-')}.{extension}"
        return request.make_response(
            make(rows), [("Content-Type", kind), ("Content-Disposition", content_disposition(name))])

    def _get_rows(self, count):
        """Rows as ``{column: text}`` by the names of the fields that they are imported to, titles first."""
        lines = count._get_paper_lines()
        labels = count.env["stock.cycle.count.line"].fields_get(attributes=["string"])
        rows = []
        for line in lines:
            product = line["product"]
            rows.append({
                "id": str(line["id"]),
                "count_id": line["sheet"],
                "location_id": line["location"],
                "product_id": f"[{line['product_code']}] {product}" if line["product_code"] else product,
                "lot_id": line["lot"],
                "package_id": line["package"],
                "owner_id": line["owner"],
                **({} if count.blind else {"shown_expected_qty": line["expected"] or ""}),
                "product_uom_id": line["unit"],
                **dict.fromkeys(TO_FILL_IN[:2], ""),
                "skip_reason": line["skip_reason"],
                "note": line["note"],
            })
        for name in ("package_id", "owner_id"):
            if not any(row[name] for row in rows):
                for row in rows:
                    del row[name]
        titles = {name: labels[name]["string"] if name != "id" else "ID" for name in (rows[0] if rows else ())}
        return [titles, *rows]

    def _make_csv(self, rows):
        """Spreadsheets that write a decimal comma separate cells by semicolons."""
        lang = request.env["stock.cycle.count.line"]._get_lang()
        content = io.StringIO()
        writer = csv.writer(content, delimiter=";" if lang.decimal_point == "," else ",")
        for row in rows:
            writer.writerow(map(spreadsheets.as_text, row.values()))
        return content.getvalue().encode("utf-8-sig")

    def _make_xlsx(self, rows):
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
            sheet = workbook.add_worksheet(_("Counts"))
            title = workbook.add_format({"bold": True, "bottom": 1})
            text = workbook.add_format({"num_format": "@"})
            box = workbook.add_format({"border": 1})
            text_box = workbook.add_format({"border": 1, "num_format": "@"})
            for column, name in enumerate(rows[0]):
                sheet.set_column(column, column, WIDTHS.get(name, 16), text)
            for number, row in enumerate(rows):
                for column, (name, value) in enumerate(row.items()):
                    form = title if not number else box if name == "count_input" else (
                        text_box if name in TO_FILL_IN else text)
                    sheet.write_string(number, column, value, form) if value else sheet.write_blank(number, column, None, form)
            sheet.freeze_panes(1, 0)
        return content.getvalue()
