import io

from odoo import api, models

from odoo.addons.base_import.models import base_import


class Import(models.TransientModel):
    _inherit = "base_import.import"

    def _read_xls(self, options):
        length, rows = super()._read_xls(options)
        if self._imports_counts():
            book = base_import.xlrd.open_workbook(file_contents=self.file or b"")
            self._write_numbers(rows, map(book.sheet_by_name(options["sheet"]).row_values, range(length)))
        return length, rows

    def _read_xlsx(self, options):
        length, rows = super()._read_xlsx(options)
        # With an old reader core reads both kinds alike.
        if self._imports_counts() and not base_import.xlsx:
            book = base_import.load_workbook(io.BytesIO(self.file or b""), data_only=True)
            self._write_numbers(rows, book[options["sheet"]].iter_rows(values_only=True))
        return length, rows

    @api.model
    def get_fields_tree(self, model, depth=base_import.FIELDS_RECURSION_LIMIT):
        """The unit, which nobody writes, is in the file to fill in: it is taken, and looked at."""
        tree = super().get_fields_tree(model, depth)
        if model == "stock.cycle.count.line" and not any(field["name"] == "product_uom_id" for field in tree):
            unit = self.env[model].fields_get(["product_uom_id"], ["string", "type"])["product_uom_id"]
            tree.append({"id": "product_uom_id", "name": "product_uom_id", "string": unit["string"], "required": False,
                         "fields": [], "type": unit["type"], "model_name": model})
        return tree

    def _imports_counts(self):
        return self.res_model == "stock.cycle.count.line"

    @api.model
    def _write_numbers(self, rows, values):
        """Write numbers of a spreadsheet as the user would type them, for texts are read like that: with a point
        between thousands, the text 1.500 is another number than the number 1.5. Tables of OpenDocument need none of
        this: core reads what they show.

        :param rows: texts of the rows that are not empty, changed here
        :param values: what the cells of all rows hold
        """
        point = self.env["stock.cycle.count.line"]._get_lang().decimal_point
        filled = (row for row in values if any(str(value).strip() for value in row if value is not None))
        for texts, row in zip(rows, filled):
            for column, value in enumerate(row):
                if isinstance(value, float) and value % 1:
                    texts[column] = f"{value:.12f}".rstrip("0").replace(".", point)

    @api.model
    def _parse_import_data(self, data, import_fields, options):
        # Cells of counts stay text: the load reports what is wrong in all rows at once, not in the first one only.
        if not self._imports_counts() or "count_input" not in import_fields:
            return super()._parse_import_data(data, import_fields, options)
        # Some readers name empty cells.
        return [["" if cell == "None" else cell for cell in row] for row in data]
