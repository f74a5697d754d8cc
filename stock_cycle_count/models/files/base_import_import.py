import re

from odoo import api, models

#: How spreadsheet readers write numbers.
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-\d+)?")


class Import(models.TransientModel):
    _inherit = "base_import.import"

    @api.model
    def _parse_import_data(self, data, import_fields, options):
        # Cells of counts stay text: the load reports what is wrong in all rows at once, not in the first one only.
        if self.res_model != "stock.cycle.count.line" or "count_input" not in import_fields:
            return super()._parse_import_data(data, import_fields, options)
        if options.get("sheets"):
            # Spreadsheets give numbers with a decimal point, whatever the language; some readers name empty cells.
            point = self.env["stock.cycle.count.line"]._get_lang().decimal_point
            column = import_fields.index("count_input")
            for row in data:
                row[:] = ["" if cell == "None" else cell for cell in row]
                if _NUMBER.fullmatch(row[column]):
                    row[column] = f"{float(row[column]):.12f}".rstrip("0").rstrip(".").replace(".", point)
        return data
