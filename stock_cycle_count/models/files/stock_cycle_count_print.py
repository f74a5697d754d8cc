from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from ..constants import TO_COUNT_STATES


class StockCycleCountPrint(models.AbstractModel):
    """Count sheets that leave the screen: printed, or as a file to fill in, and back.

    Whoever may read a sheet may print and export it, and of its lines those that may be read. What a line shows is read as
    superuser, since counters may read hardly anything of stock; what the books show is among it only while a line of an
    open sheet is to be counted, for nobody on blind ones.
    """

    _name = "stock.cycle.count.print"
    _description = "Count Sheet on Paper and in Files"

    def action_print(self):
        """Print these sheets."""
        return self.env.ref("stock_cycle_count.action_report_count_sheet").report_action(self, config=False)

    def action_export(self):
        """Download the sheet as a file to fill in."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self._get_file_url("xlsx"), "target": "download"}

    def action_import(self):
        """Open Odoo's import for the counts of the sheet."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "import",
            "name": self.name,
            "params": {"model": "stock.cycle.count.line", "context": {"default_count_id": self.id}},
        }

    def _get_file_url(self, extension):
        return f"/stock_cycle_count/{self.id}/counts.{extension}"

    def _get_paper_lines(self):
        """Lines of the sheet in walking order, as dicts of what paper and files show of them.

        ``number`` stays the same from print to print. ``expected`` is None where it is not shown, ``counted`` is None as
        long as a line waits for a count.

        :raise AccessError: when the user cannot see the sheet
        """
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        visible = self.line_ids
        lines = self.sudo().line_ids.filtered(lambda line: line.state != "cancel")
        places = {location: location._get_walking_key() for location in lines.location_id}
        lines = lines.sorted(lambda line: (line.sequence, places[line.location_id], line.product_id.id, line.id))
        return [self._prepare_print_line(number, line) for number, line in enumerate(lines, start=1) if line in visible]

    @api.model
    def _prepare_print_line(self, number, line):
        product = line.product_id.with_context(display_default_code=False)
        waiting = line.state in TO_COUNT_STATES
        return {
            "id": line.id,
            "number": number,
            "sheet": line.count_id.name,
            "location": line.location_id.complete_name,
            "location_code": line.location_id.barcode or "",
            "product": product.display_name,
            "product_code": product.default_code or "",
            "product_barcode": product.barcode or product.default_code or "",
            "lot": line.lot_id.name or "",
            "serial": line.tracking == "serial",
            "package": line.package_id.name or "",
            "owner": line.owner_id.display_name or "",
            "unit": line.product_uom_id.name,
            "expected": line._format_quantity(line.shown_expected_qty) if line._shows_books() else None,
            "counted": None if waiting else line._format_quantity(line.counted_qty),
            "skip_reason": line.skip_reason or "",
            "note": line.note or "",
        }

    def _get_paper_header(self):
        """What stands on top of the printed sheet."""
        self.ensure_one()
        sheet = self.sudo()
        people = sheet.user_id | sheet.participant_ids
        return {
            "name": sheet.name,
            "company": sheet.company_id.name,
            "warehouse": sheet.warehouse_id.name or "",
            "date": format_date(self.env, sheet.scheduled_date),
            "counters": ", ".join(people.mapped("name")),
            "state": dict(sheet._fields["state"]._description_selection(self.env))[sheet.state],
            "blind": sheet.blind,
            "printed": format_datetime(self.env, fields.Datetime.now(), dt_format="short"),
        }
