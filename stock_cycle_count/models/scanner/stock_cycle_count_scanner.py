from odoo import _, api, models
from odoo.exceptions import AccessError, UserError

from ...tools import requests
from .stock_cycle_count_scanner_data import SHEET_FIELDS

#: So many sheets are offered, and so many of other counters to those who may see them.
MOST_SHEETS = 50
MOST_OTHERS = 10
#: So many lines are named in a message.
MOST_NAMES = 5


class StockCycleCountScanner(models.AbstractModel):
    """The only gate of the scanner screen.

    The device keeps a state, ``{"screen", "count_id", "location_id", "package_id", "product_id"}``, and sends it with
    every call. Answers are dicts: ``state`` (the next one), ``data`` (what the screen may show, absent when nothing
    changed), ``message`` (``{type, title, text, sound}``, types ``success``, ``warning``, ``danger``), and where they
    apply ``target`` (what a scan counts on), ``choices`` (targets to choose from) and ``question`` (``{title, text,
    yes, no}`` with what follows the yes: a ``target``, a ``state`` or an ``action``).

    ``show`` and ``scan`` read only and may be repeated. What is counted comes through ``record``, where a client key
    makes each entry safe to repeat; ``act`` does what the buttons of a sheet do.

    A counter may read hardly anything of stock. So these four look at who calls, and go on as superuser, which only
    finds and reads: what the user may find, start, count or close is asked and done without it, by ``sudo(False)``.
    """

    _name = "stock.cycle.count.scanner"
    _description = "Scanner Screen"
    _inherit = [
        "stock.cycle.count.scanner.barcode", "stock.cycle.count.scanner.scan", "stock.cycle.count.scanner.data",
        "stock.cycle.count.scanner.found", "stock.cycle.count.scanner.replays", "stock.cycle.count.scanner.entries"]

    # What the device calls

    @api.model
    def show(self, state):
        """Open a screen.

        :raise AccessError: for users who are no counters
        """
        return self._cross()._answer(requests.read_state(state) or {"screen": "home"})

    @api.model
    def scan(self, state, barcode):
        """What a scan means on a screen; nothing is recorded. Stays under 25 queries.

        :raise AccessError: for users who are no counters
        """
        self = self._cross()
        state, barcode = requests.read_state(state), requests.read_text(barcode)
        sheet = self._get_sheet(state)
        for company in sheet.company_id or self.env.company | self.env.companies:
            found = self._resolve(barcode, company)
            if found.kind not in ("foreign", "unknown"):
                break
        answer = getattr(self, f"_scan_{found.kind}")(state, sheet, found, barcode)
        return {"state": state, **answer}

    @api.model
    def act(self, state, action):
        """Do what a button of a sheet does: start, join, take_over or close.

        :param action: its name, or ``close_anyway`` once the question of ``close`` was answered; ``count_now`` begins to
            count the location of the state
        :raise AccessError: for users who are no counters
        """
        self = self._cross()
        state = requests.read_state(state)
        if action == "count_now":
            return self._act_count_now(state)
        sheet = self._get_sheet(state)
        if not sheet:
            return self._answer({"screen": "home"}, self._message_no_sheet())
        if action not in ("start", "join", "take_over", "close", "close_anyway"):
            raise UserError(_("The scanner screen knows no action “%(name)s”. Reload the page.", name=action))
        try:
            with self.env.cr.savepoint():
                return getattr(self, f"_act_{action}")(state, sheet)
        except UserError as error:
            return self._answer(state, self._message("danger", sheet.name, str(error)))

    # Sheets

    def _cross(self):
        """The scanner as superuser, for a user who is a counter: the one way in.

        :raise AccessError: for users who are no counters
        """
        if not self.env.user.has_group("stock_cycle_count.group_counter"):
            raise AccessError(_("Only counters use the scanner screen. Ask an administrator for the Counter role."))
        return self.sudo()

    @api.model
    def _get_sheet(self, state):
        """Sheet of a state, in the companies of the user; one of other counters may be joined. One that the user counted
        blind is none any more once it is closed, unless it is shown again for a recount.
        """
        sheet = self._get_own("stock.cycle.count", state.get("count_id"), self.env.user._get_company_ids(), SHEET_FIELDS)
        is_own = sheet.blind and sheet.close_date and self.env.user in self._get_people(sheet)
        return sheet.browse() if is_own and not sheet.sudo(False)._may_be_read() else sheet

    @api.model
    def _get_own(self, model, record_id, company_ids, field_names=("name",)):
        """Record that a device names, with these fields read; none when it is of another company or none at all."""
        Model = self.env[model]
        if not record_id:
            return Model
        return Model.browse(Model.with_context(active_test=False).search_fetch(
            [("id", "=", record_id), *Model._check_company_domain(company_ids)], field_names).ids)

    @api.model
    def _get_package(self, state, sheet):
        return self._get_own("stock.quant.package", state.get("package_id"), sheet.company_id.ids)

    @api.model
    def _get_product(self, state, sheet):
        return self._get_own("product.product", state.get("product_id"), sheet.company_id.ids)

    @api.model
    def _get_location(self, state, sheet):
        """Location of a state when the sheet counts it."""
        location = self.env["stock.location"].browse(state.get("location_id") or [])
        return location if location and self._is_counted(sheet, location) else location.browse()

    @api.model
    def _is_counted(self, sheet, location):
        """Whether a sheet counts a location."""
        return bool(self.env["stock.cycle.count.line"].search_count([
            ("count_id", "=", sheet.id), ("location_id", "=", location.id), ("state", "!=", "cancel")], limit=1))

    @api.model
    def _is_counting(self, sheet):
        return sheet.state == "in_progress" and self.env.user in self._get_people(sheet)

    @api.model
    def _answer(self, state, message=None):
        """Answer with the screen of a state, or with the nearest one that can be shown."""
        sheet = self._get_sheet(state)
        screen = state.get("screen")
        if screen == "home" or not sheet or sheet.state not in ("draft", "in_progress"):
            if screen != "home" and not message:
                message = self._message_no_sheet()
            return {"state": {"screen": "home"}, "data": self._data_for_home(self._find_sheets()), "message": message}
        walk = self._get_walks(sheet)[sheet.id]
        answer = {"state": {"screen": "sheet", "count_id": sheet.id}, "message": message}
        if not self._is_counting(sheet):
            return dict(answer, data=self._data_for_non_counter(sheet, walk))
        location_id = state.get("location_id")
        if screen == "location" and any(location["id"] == location_id for location in walk):
            answer["state"] = {
                "screen": "location", "count_id": sheet.id, "location_id": location_id,
                "package_id": state.get("package_id") or False}
            return dict(answer, data=self._data_for_sheet(sheet, walk, location_id))
        return dict(answer, data=self._data_for_sheet(sheet, walk))

    @api.model
    def _find_sheets(self):
        """Sheets for the first screen: own ones, those that nobody has, and a few of others that the user may see."""
        Sheet = self.env["stock.cycle.count"].sudo(False)
        is_open = ("state", "in", ("draft", "in_progress"))
        has_lines = ("line_count", ">", 0)
        own = Sheet.search([is_open, has_lines, "|", ("is_mine", "=", True), ("user_id", "=", False)], limit=MOST_SHEETS)
        return (own | Sheet.search([is_open, has_lines, ("id", "not in", own.ids)], limit=MOST_OTHERS)).sudo()

    @api.model
    def _data_for_non_counter(self, sheet, walk):
        """A sheet that is not being counted by this user: who has it, and what can be done about that.

        :param walk: its locations, see ``_get_walks``
        """
        can_start = self._may_start(sheet)
        return {
            "sheet": self._data_for_header(sheet, walk), "bins": {},
            "locations": walk if can_start else [],
            "can_start": can_start,
            "can_join": not sheet._why_not_join(),
            "can_take_over": not can_start and not sheet._why_not_take_over(),
        }

    @api.model
    def _may_start(self, sheet):
        # As superuser a sheet may always be started: somebody else's is to be taken over first.
        return sheet.user_id in (self.env.user, sheet.user_id.browse()) and not sheet._why_not_start()

    # Buttons

    @api.model
    def _act_start(self, state, sheet):
        sheet.sudo(False).action_start()
        if self._get_location(state, sheet):
            # Its label was scanned, by somebody who stands there.
            return self._answer(
                dict(state, screen="location", count_id=sheet.id),
                self._message("success", sheet.name, _("Started. Scan what lies here.")))
        places = sheet.sudo().line_ids.location_id
        if len(places) == 1:
            return self._answer(
                {"screen": "location", "count_id": sheet.id, "location_id": places.id},
                self._message("success", sheet.name, _("Started. All of it lies in %(place)s.", place=places.name)))
        return self._answer(
            {"screen": "sheet", "count_id": sheet.id},
            self._message("success", sheet.name, _("Started. Go to the first location and scan its label.")))

    @api.model
    def _act_count_now(self, state):
        """Begin to count a location that nobody planned."""
        location = self._get_own("stock.location", state.get("location_id"), self.env.companies.ids)
        if not location:
            return self._answer({"screen": "home"}, self._message_no_sheet())
        try:
            with self.env.cr.savepoint():
                sheet, _taken = self.env["stock.cycle.count"].sudo(False)._count_now(
                    location.company_id or self.env.company, [("location_id", "=", location.id)])
        except UserError as error:
            return self._answer({"screen": "home"}, self._message("danger", location.display_name, str(error)))
        return self._answer(
            {"screen": "location", "count_id": sheet.id, "location_id": location.id},
            self._message("success", location.display_name, _("Sheet %(sheet)s opened.", sheet=sheet.name)))

    @api.model
    def _act_join(self, state, sheet):
        # The sheet of another counter cannot be read before it was joined.
        sheet.action_join()
        return self._answer(
            {"screen": "sheet", "count_id": sheet.id},
            self._message("success", sheet.name, _("You count along with %(counter)s.", counter=sheet.user_id.name)))

    @api.model
    def _act_take_over(self, state, sheet):
        sheet.action_take_over()
        return self._answer(
            {"screen": "sheet", "count_id": sheet.id}, self._message("success", sheet.name, _("The sheet is yours now.")))

    @api.model
    def _act_close(self, state, sheet):
        sheet.sudo(False)._check_can("close")
        again = sheet._get_lines("counted")._ask_again()
        if again:
            names = "; ".join(
                f"{line.location_id.name}: {self._describe(line.product_id, line.lot_id.name, line.package_id)}"
                for line in again[:MOST_NAMES])
            answer = self._answer(
                {"screen": "location", "count_id": sheet.id, "location_id": again[:1].location_id.id},
                self._message("warning", _("Please count once more"), names + (" …" if len(again) > MOST_NAMES else "")))
            # The device knows the other bins, as counted.
            answer["data"]["bins"] = self._data_for_bins(sheet, again.location_id)
            return answer
        if not sheet._get_uncounted():
            return self._act_close_anyway(state, sheet)
        wizard = self.env["stock.cycle.count.close"].sudo(False).create({"count_id": sheet.id})
        return {"state": state, "message": None, "question": {
            "title": _("Close sheet %(name)s?", name=sheet.name), "text": wizard.message,
            "yes": _("Close"), "no": _("Go on counting"), "action": "close_anyway"}}

    @api.model
    def _act_close_anyway(self, state, sheet):
        self.env["stock.cycle.count.close"].sudo(False).create({"count_id": sheet.id}).action_close()
        return self._answer({"screen": "home"}, self._message("success", sheet.name, self._phrase_closed(sheet)))

    @api.model
    def _phrase_closed(self, sheet):
        """What is said to whoever closed a sheet: how it goes on, unless that tells a blind counter of differences."""
        left = sheet.recount_count if sheet.sudo(False)._tells_results() and not sheet.blind else 0
        if left:
            return _("Closed. Lines that somebody else counts again: %(number)s.", number=left)
        return _("Closed. Thank you for counting.")

    # Messages

    @api.model
    def _message(self, kind, title, text, sound=None):
        """A message: what happened, and what to do. Every type has its sound."""
        sounds = {"success": "ok", "warning": "warning", "danger": "error"}
        return {"type": kind, "title": title, "text": text, "sound": sound or sounds[kind]}

    @api.model
    def _message_location_first(self, sheet):
        if not sheet:
            return self._message("danger", _("No location yet"), _("Scan a location, or choose a sheet below."))
        if not self._is_counting(sheet):
            return self._message("danger", sheet.name, _("Start the sheet or join it first."))
        return self._message("danger", _("No location yet"), _("Scan the label of the location first."))

    @api.model
    def _message_no_sheet(self):
        return self._message("warning", _("Sheet closed"), _("That sheet is not being counted any more."))
