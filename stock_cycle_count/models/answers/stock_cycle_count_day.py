from pytz import UTC

from odoo import api, fields, models


class StockCycleCountDay(models.AbstractModel):
    """The day of who counts: what is left to do, and how much was done. It says nothing of what counting found."""

    _name = "stock.cycle.count.day"
    _description = "Day of a Counter"

    @api.model
    def get_my_day(self):
        """Work of the user, in the companies of the switcher.

        :return: ``sheets``, ``lines`` (still to be counted by this user), ``overdue`` (sheets), ``counted_today`` (lines),
            and ``next``: the sheet to go on with, ``{id, name, zone, is_started}``, or False
        :raise AccessError: for users who are no counters
        """
        home = self.env["stock.cycle.count.scanner"].show({"screen": "home"})["data"]
        sheets = [sheet for sheet in home["sheets"] if sheet["mine"]]
        # What was begun is ended first; the scanner has the rest in the order of their dates.
        first = sorted(sheets, key=lambda sheet: sheet["state"] != "in_progress")[:1]
        return {
            "sheets": len(sheets),
            "lines": sum(sheet["todo"] for sheet in sheets),
            "overdue": sum(sheet["when"] == "late" for sheet in sheets),
            "counted_today": self._count_today(),
            "next": {
                "id": first[0]["id"], "name": first[0]["name"], "zone": first[0]["where"],
                "is_started": first[0]["state"] == "in_progress"} if first else False,
        }

    @api.model
    def _count_today(self):
        """Number of lines that the user counted since midnight, by the user's clock; what was undone is not among them.

        Acts of counting alone are asked: what became of their lines afterwards is not for a blind counter.
        """
        midnight = fields.Datetime.context_timestamp(self, fields.Datetime.now()).replace(hour=0, minute=0, second=0)
        start = fields.Datetime.to_string(midnight.astimezone(UTC))
        entries = self.env["stock.cycle.count.entry"].sudo().search_fetch(
            [("user_id", "=", self.env.uid), ("company_id", "in", self.env.companies.ids), ("date", ">=", start)],
            ["line_id", "kind", "undone_id"])
        return len((entries.filtered(lambda entry: entry.kind != "undo") - entries.undone_id).line_id)
