from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .common import CountCase

#: What only supervisors may see on any screen.
SECRETS = {"expected_qty", "variance_qty", "variance_percent", "variance_value", "unit_cost", "book_quantity", "quant_id"}


class TestCountScreens(CountCase):
    """Sheets and lines in the web client, as every role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.product, cls.bin_a, 40)
        cls.sheet = cls.make_sheet((cls.product,), (cls.other_product,), (cls.product, cls.bin_b))
        cls.line, cls.gadget_line, cls.line_b = cls.sheet.line_ids
        cls.sheet.with_user(cls.counter).action_start()

    def _open(self, name, user, **context):
        """Open an action as a user; the records and field names of each of its views."""
        action = self.env.ref(f"stock_cycle_count.{name}")
        model = self.env[action.res_model].with_user(user).with_context(**context)
        views = [(view, kind.replace("tree", "list")) for view, kind in action.views]
        loaded = model.get_views([*views, (False, "search")])
        names = {
            kind: {node.get("name") for node in etree.fromstring(loaded["views"][kind]["arch"]).iter("field")
                   if not any(parent.tag == "field" for parent in node.iterancestors())}
            for _view, kind in views}
        domain = safe_eval(action.domain or "[]", {"uid": user.id, "active_id": self.sheet.id})
        found = {
            kind: model.web_search_read(domain, {name: {} for name in names[kind]})["records"]
            for _view, kind in views if kind in ("list", "kanban", "form", "calendar")}
        return found, set().union(*names.values())

    def test_every_role_opens_its_screens(self):
        self.count(self.gadget_line, 2)
        self.company.cycle_count_self_approval = True
        self.sheet._send_to_recount(self.gadget_line, self.counter)
        self.sheet.with_user(self.counter)._add_found(self.bin_a, self.serial_product, self.serial)
        for name, users in [
            ("stock_cycle_count_action_mine", self.counter),
            ("stock_cycle_count_action", self.worker | self.supervisor | self.controller | self.manager),
            ("stock_cycle_count_line_action_count", self.counter | self.worker | self.supervisor),
            ("stock_cycle_count_line_action_paper", self.counter | self.worker | self.supervisor),
            ("stock_cycle_count_line_action_recount", self.counter),
            ("stock_cycle_count_line_action_found", self.supervisor | self.manager),
            ("stock_cycle_count_entry_action", self.supervisor | self.controller),
            ("stock_cycle_count_entry_action_sheet", self.supervisor),
        ]:
            for user in users:
                with self.subTest(action=name, user=user.login):
                    found, names = self._open(name, user)
                    self.assertTrue(all(found.values()), found)
                    if user not in self.supervisor | self.controller:
                        self.assertFalse(names & SECRETS)

    def test_a_counter_opens_a_line_of_a_lot(self):
        sheet = self.make_sheet((self.lot_product, self.bin_c, self.lot), start=True)
        names = {"display_name": {}, "lot_id": {"fields": {"display_name": {}}}}
        [values] = sheet.line_ids.with_user(self.counter).web_read(names)
        self.assertIn(self.lot.name, values["display_name"])
        self.assertEqual(values["lot_id"]["display_name"], self.lot.name)

    def test_approvers_open_their_screens(self):
        self.count(self.line, 3)
        self.sheet.with_user(self.counter).action_close()
        self.env["stock.cycle.count.tolerance"].create(
            {"name": "Any", "company_id": self.company.id, "no_over_limit": True, "no_under_limit": True})
        for name, users in [
            ("stock_cycle_count_line_action_approve", self.supervisor | self.controller | self.finance),
            ("stock_cycle_count_tolerance_action", self.controller | self.finance | self.manager),
            ("stock_cycle_count_reason_action", self.controller | self.finance | self.manager),
        ]:
            for user in users:
                with self.subTest(action=name, user=user.login):
                    found, names = self._open(name, user)
                    self.assertIn("kanban", found, "A list is cut off on a phone")
                    self.assertTrue(all(found.values()), found)
        found, _names = self._open("stock_cycle_count_audit_log_action", self.controller)
        self.assertEqual(set(found), {"list", "kanban"})

    def test_nobody_else_opens_them(self):
        for name in ("stock_cycle_count_action", "stock_cycle_count_line_action_count"):
            with self.assertRaises(AccessError):
                self._open(name, self.outsider)
        found, _names = self._open("stock_cycle_count_action", self.second)
        self.assertFalse(any(found.values()), "the sheet is somebody else's")
        found, _names = self._open("stock_cycle_count_entry_action", self.second)
        self.assertFalse(any(found.values()))

    def test_menus_follow_roles(self):
        Menu = self.env["ir.ui.menu"]
        for name, users in {
            "stock_cycle_count_menu_mine": self.roles - self.outsider - self.finance,
            "stock_cycle_count_line_menu_recount": self.roles - self.outsider - self.finance,
            "stock_cycle_count_line_menu_found": self.supervisor | self.controller | self.finance,
            "stock_cycle_count_entry_menu": self.supervisor | self.controller | self.finance,
        }.items():
            menu = self.env.ref(f"stock_cycle_count.{name}")
            seen = self.roles.filtered(lambda user, menu=menu: menu.id in Menu.with_user(user)._visible_menu_ids())
            self.assertEqual(seen, users, name)

    def test_a_supervisor_makes_a_sheet_by_hand(self):
        with Form(self.env["stock.cycle.count"].with_user(self.supervisor)) as form:
            form.user_id = self.second
            form.blind = False
            with form.line_ids.new() as line:
                line.location_id = self.bin_c
                line.product_id = self.product
        sheet = form.record
        self.assertEqual((sheet.state, sheet.line_ids.user_id, sheet.can_cancel), ("draft", self.second, True))
        self.assertTrue(sheet.with_user(self.second).can_start)

    def test_a_sheet_shows_who_may_do_what(self):
        def can(user, sheet=self.sheet):
            own = sheet.with_user(user)
            return {name for name in (
                "start", "join", "take_over", "close", "reopen", "recount", "cancel") if own[f"can_{name}"]}

        self.count(self.line, 3)
        self.assertEqual(can(self.counter), {"close"})
        self.assertEqual(can(self.worker), {"join", "take_over"})
        self.assertEqual(can(self.supervisor), {"join", "take_over", "close", "recount", "cancel"})
        self.sheet.with_user(self.worker).action_join()
        self.assertEqual(can(self.worker), {"take_over", "close"})

    def test_boards_begin_with_sheets(self):
        groups = self.env["stock.cycle.count"].with_user(self.supervisor).web_read_group(
            [("id", "in", self.sheet.ids)], ["state"], ["state"])["groups"]
        self.assertEqual([group["state"] for group in groups], ["in_progress"])

    def test_approvers_read_once_what_was_counted(self):
        self.count(self.line, 3)
        for user, state, shown in (
            (self.counter, "counted", True), (self.supervisor, "counted", True),
            (self.counter, "posted", True), (self.supervisor, "posted", False),
        ):
            self.line._write_judged({"state": state})
            with self.subTest(user=user.login, state=state):
                form = Form(self.line.with_user(user))
                self.assertEqual(not form._get_modifier("count_input", "invisible"), shown)

    def test_the_list_shows_what_was_typed_as_a_quantity(self):
        for text, shown in [("3x12+5", "41"), ("1234567", "1234567"), ("0", "0"), ("2.50", "2.5")]:
            [saved] = self.line.with_user(self.counter).web_save({"count_input": text}, {"count_input": {}})
            self.assertEqual(saved["count_input"], shown)
        self.assertEqual(self.line.entry_ids.mapped("source"), ["web"] * 4)

    # Paper

    def _type_in(self, line, user=None, **values):
        return line.with_user(user or self.counter).web_save(values, {"state": {}, "late_input": {}, "late_date": {}})

    def test_paper_is_typed_in_with_its_time(self):
        self.sheet.start_date = fields.Datetime.now() - timedelta(hours=3)
        moves = self.env["stock.move"].search([("product_id", "=", self.product.id)])
        moves.move_line_ids.date = fields.Datetime.now() - timedelta(hours=5)
        self.deliver(self.product, self.bin_a, 15).move_line_ids.date = fields.Datetime.now() - timedelta(hours=1)
        date = fields.Datetime.now().replace(microsecond=0) - timedelta(hours=2)
        [saved] = self._type_in(self.line, late_input="3x12+4", late_date=fields.Datetime.to_string(date))
        self.assertEqual((saved["state"], saved["late_input"]), ("counted", "40"))
        entry = self.line.entry_ids
        self.assertEqual((len(entry), entry.source, entry.quantity, entry.book_quantity), (1, "paper", 40, 40))
        self.assertLess(abs(entry.date - date), timedelta(seconds=2))
        self.assertEqual(self.line.variance_qty, 0)

    def test_paper_without_a_time_was_counted_now(self):
        self._type_in(self.line, late_input="40")
        self.assertLess(fields.Datetime.now() - self.line.entry_ids.date, timedelta(minutes=1))
        self._type_in(self.line, note="torn")
        self.assertEqual((len(self.line.entry_ids), self.line.note), (1, "torn"))

    def test_a_time_that_is_corrected_is_another_entry(self):
        self.sheet.start_date = fields.Datetime.now() - timedelta(hours=3)
        self._type_in(self.line, late_input="40")
        self._type_in(self.line, late_date=fields.Datetime.to_string(fields.Datetime.now() - timedelta(hours=1)))
        self.assertEqual(self.line.entry_ids.mapped("quantity"), [40, 40])
        self.assertGreater(fields.Datetime.now() - self.line.count_date, timedelta(minutes=59))

    def test_paper_is_refused_like_any_count(self):
        now = fields.Datetime.now()
        for values, refusal in [
            ({"late_input": "-1"}, "cannot be negative"),
            ({"late_input": "many"}, "not a number"),
            ({"late_input": "1", "late_date": fields.Datetime.to_string(now + timedelta(hours=1))}, "still to come"),
            ({"late_input": "1", "late_date": fields.Datetime.to_string(now - timedelta(days=1))}, "before the sheet"),
        ]:
            with self.assertRaisesRegex(UserError, refusal), self.cr.savepoint():
                self._type_in(self.line, **values)
        with self.assertRaisesRegex(UserError, "Join it or take it over"):
            self._type_in(self.line, user=self.worker, late_input="1")
        self.assertFalse(self.line.entry_ids)

    # Around the sheet

    def test_counters_say_something_on_their_sheet(self):
        sheet = self.make_sheet((self.product, self.bin_c))
        photo = self.env["ir.attachment"].with_user(self.counter).create(
            {"name": "shelf.png", "raw": b"x", "res_model": "mail.compose.message", "res_id": 0})
        message = sheet.with_user(self.counter).message_post(body="The aisle is closed.", attachment_ids=photo.ids)
        self.assertEqual(message.sudo().author_id, self.counter.partner_id)
        with self.assertRaises(AccessError):
            sheet.with_user(self.outsider).message_post(body="Hello")

    def test_transfers_and_locations_tell_who_counts(self):
        sheet = self.make_sheet((self.product, self.bin_c), lock_mode="block", start=True)
        move = self.prepare_move(self.product, self.bin_c, self.customer, 1)
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.out_type_id.id, "location_id": self.bin_c.id,
            "location_dest_id": self.customer.id})
        move.picking_id = picking
        move.move_line_ids.picking_id = picking
        picking.invalidate_recordset()
        self.assertIn("Floor Counter", picking.with_user(self.worker).cycle_count_warning)
        form = Form(picking.with_user(self.worker))
        self.assertIn(sheet.name, form.cycle_count_warning)
        location = Form(self.bin_c.with_user(self.manager), "stock.view_location_form")
        self.assertEqual(location.cycle_count_lock_id, sheet)

    def test_activities_follow_the_sheet(self):
        def activities():
            return self.sheet.activity_ids.filtered(
                lambda activity: activity.activity_type_id == self.env.ref("stock_cycle_count.mail_activity_count"))

        self.assertEqual(activities().user_id, self.counter)
        self.sheet.with_user(self.supervisor).scheduled_date += timedelta(days=4)
        self.assertEqual(activities().date_deadline, self.sheet.scheduled_date)
        for line in self.sheet.line_ids:
            self.count(line, 7)
        self.sheet.recount_rounds = 0
        self.sheet.with_user(self.counter).action_close()
        self.assertEqual((self.sheet.state, len(activities())), ("review", 0))
        self.sheet.with_user(self.supervisor).action_reopen()
        self.assertEqual(activities().user_id, self.counter)
