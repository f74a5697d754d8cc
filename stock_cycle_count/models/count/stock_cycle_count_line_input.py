from datetime import datetime

import pytz

from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.models import fix_import_export_id_paths
from odoo.tools import format_datetime
from odoo.tools.misc import get_lang

from ...tools import counting, requests, timezones
from ..constants import TO_COUNT_STATES
from .stock_cycle_count_entry import LONGEST_WAIT


class StockCycleCountLineInput(models.AbstractModel):
    """Counts that were not made at a screen: typed in from paper, or loaded from a file.

    Both know the time at which it was counted, since the books may have moved on since.
    """

    _name = "stock.cycle.count.line.input"
    _description = "Late Counts of a Line"

    late_input = fields.Char(
        "Counted on Paper", compute="_compute_paper_input", inverse="_inverse_paper_input",
        help="What the paper sheet says: a number in the product's unit, packs like 3x12+5, or 2 Dozens + 5.")
    late_date = fields.Datetime(
        "Counted At", compute="_compute_paper_input", inverse="_inverse_paper_input",
        help="When it was counted; the difference is taken against what the books showed then. Empty: now.")

    @api.depends("state", "counted_qty", "count_date")
    def _compute_paper_input(self):
        for line in self:
            line.late_input, line.late_date = line._get_shown_count()

    def _inverse_paper_input(self):
        self.env["stock.cycle.count.entry"]._record(
            [line._prepare_count(line.late_input, line.late_date) for line in self.filtered("late_input")],
            "paper")
        self.invalidate_recordset(["late_input", "late_date"], flush=False)

    @api.model
    def load(self, fields, data):
        """Take counts from a file where it has a column for them; see ``stock.cycle.count.import``.

        :raise UserError: for what is no file
        """
        if not requests.is_table(fields, data):
            raise UserError(_("This file has no columns of texts and rows of cells. Save it as CSV or Excel again."))
        if "count_input" in fields:
            return self.env["stock.cycle.count.import"]._load(fields, data)
        unknown = [name for name in fields if fix_import_export_id_paths(name)[0] not in (*self._fields, "id", ".id")]
        if unknown:
            raise UserError(_("Count lines have no column “%(name)s”.", name=unknown[0]))
        return super().load(fields, data)

    @api.model
    def get_import_templates(self):
        """The sheet that the import was opened from, as a file to fill in."""
        count = self.env["stock.cycle.count"].browse(
            filter(requests.is_id, [self.env.context.get("default_count_id")])).exists()
        return [
            {"label": _("Sheet %(name)s to fill in (%(kind)s)", name=count.name, kind=label),
             "template": count._get_file_url(extension)}
            for label, extension in (("Excel", "xlsx"), ("CSV", "csv")) if count]

    # Business

    def _get_shown_count(self):
        """Text and time of what was counted in this round; False as long as nothing was. What a form claims of the line
        does not matter: whoever recounts it is not to know what the round before found.
        """
        line = self._origin.sudo()
        if line.state in TO_COUNT_STATES or not line.count_date:
            return False, False
        return line._format_quantity(line.counted_qty), line.count_date

    @api.model
    def _get_lang(self):
        # A user may have no language, or one that was archived; a database may be without English.
        return get_lang(self.env, self.env.user.lang)

    @api.model
    def _format_quantity(self, quantity):
        """A quantity as a person of this language would type it."""
        return f"{quantity:.15g}".replace(".", self._get_lang().decimal_point)

    def _read_quantity(self, text, units=None):
        """Quantity that was typed for the line, in the unit of its product.

        :param units: what ``_get_units`` gives, if it is known
        :raise UserError: when nobody can have counted that
        """
        lang = self._get_lang()
        quantity = counting.parse_quantity(text, lang.decimal_point, lang.thousands_sep, units or self._get_units())
        line = self.sudo()
        self.env["stock.cycle.count.entry"]._check_quantity(line, float("nan") if quantity is None else quantity)
        return line._round(quantity)

    def _get_units(self):
        """Names of what the product may be counted in, and how many of its unit one of it is: packagings, and the
        units of its unit's category.
        """
        product = self.sudo().product_id
        units = {
            uom.name: uom._compute_quantity(1, product.uom_id, round=False)
            for uom in product.uom_id.category_id.uom_ids}
        units.update((packaging.name, packaging.qty) for packaging in product.packaging_ids if packaging.qty > 0)
        return units

    def _prepare_count(self, text, date=None):
        """Request for ``stock.cycle.count.entry._record``.

        :param date: when it was counted, in UTC
        :raise UserError: when quantity or date cannot be
        """
        self.ensure_one()
        units = self._get_units()
        request = {
            "line": self, "quantity": self._read_quantity(text, units), "entered_text": text,
            "entered_units": self._write_units(counting.named_units(text, units))}
        if date:
            self._check_late_date(date)
            request.update(age=(fields.Datetime.now() - date).total_seconds(), earliest=self._get_earliest_date())
        return request

    @api.model
    def _write_units(self, units):
        """What packs held, as a text; those of one are no packs.

        :param units: ``{name: how many of the product's unit one is}``
        """
        return ", ".join(
            f"{name} = {self._format_quantity(factor)}" for name, factor in units.items() if factor != 1)

    def _get_earliest_date(self):
        """When the line can have been counted on paper at the earliest: a sheet may be printed before it is started."""
        count = self.sudo().count_id
        return min(count.create_date.replace(microsecond=0), count.start_date or count.create_date)

    def _check_late_date(self, date):
        """Refuse a time at which the line cannot have been counted.

        :raise UserError: naming the line, the time and what would do
        """
        now = fields.Datetime.now()
        values = {"line": self.sudo().display_name, "date": format_datetime(self.env, date, dt_format="short")}
        if date > now:
            raise UserError(_("%(line)s: %(date)s is still to come. Type when it was counted.", **values))
        if date < self._get_earliest_date():
            raise UserError(_(
                "%(line)s: it cannot have been counted on %(date)s, before the sheet was made.", **values))
        if now - date > LONGEST_WAIT:
            raise UserError(_(
                "%(line)s: %(date)s is more than %(days)s days ago. Too much may have moved since: count it again.",
                days=LONGEST_WAIT.days, **values))

    @api.model
    def _read_date(self, text):
        """Time that was written in a file, in UTC; None when it is none. A time without a day is of today.

        Days and times stand in the user's time zone, and in the user's format or the ISO one.
        """
        zone = pytz.timezone(self.env.user.tz or "UTC")
        lang = self._get_lang()
        text = text.strip()
        for form in (
            "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", f"{lang.date_format} {lang.time_format}",
            f"{lang.date_format} %H:%M", "%H:%M:%S", "%H:%M", lang.time_format,
        ):
            try:
                date = datetime.strptime(text, form)
            except ValueError:
                continue
            if "%d" not in form:
                date = datetime.combine(datetime.now(zone).date(), date.time())
            # The first and the last days of the calendar have no other time zone.
            return timezones.to_utc(date, zone) if 1 < date.year < 9999 else None
        return None
