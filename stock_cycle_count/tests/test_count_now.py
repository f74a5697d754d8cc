"""Counting at once what no plan asks for, and filling a sheet by what is wanted."""
from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from ..models.count import stock_cycle_count_now
from .common_gate import GateCase


class CountNowCase(GateCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.other_product, cls.bin_a, 7)
        cls.receive(cls.lot_product, cls.bin_b, 5, lot=cls.lot)
        cls.position = cls.env["stock.cycle.count.position"].create(
            {"company_id": cls.company.id, "location_id": cls.bin_a.id, "product_id": cls.product.id})

    def _count_now(self, record, user=None):
        """The sheet that a button opens."""
        self._forget()
        action = self.as_user(user or self.supervisor, record).action_count_now()
        then = action["params"].get("next", action)
        self.assertEqual(then["tag"], "stock_cycle_count.scanner")
        return self.env["stock.cycle.count"].browse(then["params"]["count_id"])

    def _keys(self, sheet):
        return {(line.product_id, line.location_id, line.lot_id) for line in sheet.line_ids}


@tagged("post_install", "-at_install")
class TestCountNow(CountNowCase):

    def test_every_button_begins_a_blind_sheet_of_what_lies_there(self):
        none = self.env["stock.lot"]
        widget, gadget = (self.product, self.bin_a, none), (self.other_product, self.bin_a, none)
        paint = (self.lot_product, self.bin_b, self.lot)
        quant = self.env["stock.quant"].search([("lot_id", "=", self.lot.id), ("location_id", "=", self.bin_b.id)])
        for record, keys in (
            (self.bin_a, {widget, gadget}), (self.stock, {widget, gadget, paint}), (self.product, {widget}),
            (self.lot_product.product_tmpl_id, {paint}), (self.position, {widget}), (quant, {paint}), (self.lot, {paint}),
        ):
            with self.subTest(record=record._name):
                sheet = self._count_now(record)
                self.assertEqual(
                    (sheet.state, sheet.blind, sheet.user_id, sheet.origin, sheet.warehouse_id),
                    ("in_progress", True, self.supervisor, "manual", self.warehouse))
                self.assertEqual(self._keys(sheet), keys)
                self.assertEqual(len(sheet.line_ids), len(keys))
                sheet.action_cancel()

    def test_what_is_counted_already_is_not_counted_twice(self):
        other = self.make_sheet((self.product,), start=True)
        self._forget()
        action = self.as_user(self.supervisor, self.bin_a).action_count_now()
        self.assertIn(other.name, action["params"]["message"])
        sheet = self._count_now(self.other_product)
        self.assertEqual(sheet.line_ids.product_id, self.other_product)
        self.assertEqual(self._count_now(self.product), other)
        self.assertEqual(self.env["stock.cycle.count.line"].search_count([("product_id", "=", self.product.id)]), 1)
        self.count(other.line_ids, 50)
        other.with_user(self.counter).action_close()
        with self.assertRaisesRegex(UserError, "Waits for .* [(]level 1[)]"):
            self._count_now(self.product)

    def test_only_whom_the_company_lets_begins_a_count(self):
        for user in (self.worker, self.manager, self.second):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self._count_now(self.bin_a, user)
        self.company.cycle_count_ad_hoc = True
        self.assertEqual(self._count_now(self.bin_a, self.worker).user_id, self.worker)
        with self.assertRaises(UserError):
            self._count_now(self.bin_b, self.outsider)

    def test_nothing_and_too_much_are_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "nothing to count there"):
            self._count_now(self.bin_c)
        self.patch(stock_cycle_count_now, "MOST_LINES", 1)
        with self.assertRaisesRegex(UserError, "Choose a smaller place"):
            self._count_now(self.stock)
        self.assertFalse(self.env["stock.cycle.count"].search([("company_id", "=", self.company.id)]))

    def test_another_company_stays_another(self):
        foreign = self.make_company("Foreign")
        place = self.get_warehouse(foreign).lot_stock_id
        self.env["stock.quant"].sudo()._update_available_quantity(self.product, place, 5)
        with self.assertRaises(UserError):
            self._count_now(place)
        self.assertEqual(self._count_now(self.product).line_ids.location_id, self.bin_a)

    # In the scanner

    def _scan(self, user, place):
        self._forget()
        scanner = self.as_user(user, self.env["stock.cycle.count.scanner"])
        return scanner, scanner.scan({"screen": "home"}, place.barcode)

    def test_a_bin_that_nobody_counts_is_offered_to_who_may(self):
        for user in (self.counter, self.worker):
            self.assertNotIn("question", self._scan(user, self.bin_a)[1])
        scanner = self._scan(self.counter, self.bin_a)[0]
        forced = scanner.act({"screen": "home", "location_id": self.bin_a.id}, "count_now")
        self.assertEqual((forced["state"]["screen"], forced["message"]["type"]), ("home", "danger"))
        self.company.cycle_count_ad_hoc = True
        scanner, answer = self._scan(self.counter, self.bin_a)
        self.assertIn("Nobody counts", answer["question"]["text"])
        opened = scanner.act(answer["state"], answer["question"]["action"])
        self.assertEqual(opened["state"]["screen"], "location")
        sheet = self.env["stock.cycle.count"].browse(opened["state"]["count_id"])
        self.assertEqual((sheet.user_id, sheet.state, sheet.blind), (self.counter, "in_progress", True))
        self.assertEqual({line["expected"] for line in opened["data"]["bins"][self.bin_a.id]["lines"]}, {None})
        self.assertNotIn("question", self._scan(self.second, self.bin_a)[1], "somebody counts it now")

    # Asked for by Physical Inventory

    def test_a_request_without_a_plan_makes_a_sheet_for_whom_it_names(self):
        """Whoever counts need not work in Inventory."""
        today = fields.Date.context_today(self.env.user)
        for person, product in ((self.worker, self.product), (self.counter, self.other_product)):
            with self.subTest(person=person.name):
                quant = self.env["stock.quant"].search([("product_id", "=", product.id), ("location_id", "=", self.bin_a.id)])
                wizard = self.as_user(self.manager, self.env["stock.request.count"])
                offered = wizard.fields_get(["user_id"])["user_id"]["domain"]
                self.assertIn(person, self.as_user(self.manager, person).search(offered))
                answer = wizard.create({
                    "quant_ids": [Command.set(quant.ids)], "user_id": person.id, "inventory_date": today}).action_request_count()
                self._forget()
                sheet = self.env["stock.cycle.count.line"].search([("product_id", "=", product.id)]).count_id
                self.assertEqual(
                    answer["params"]["message"], f"To be counted: 1 line, on {sheet.name} for {person.name}.")
                self.assertEqual((sheet.user_id, sheet.scheduled_date, sheet.state, sheet.blind), (person, today, "draft", True))
                shown = self.as_user(person, self.env["stock.cycle.count.scanner"]).show({"screen": "home"})["data"]["sheets"]
                self.assertIn(sheet.id, [card["id"] for card in shown])

    def test_my_counts_are_those_of_ones_sheets(self):
        """And who has none is told so, rather than that stock is empty."""
        sheet = self.make_sheet(
            (self.product, self.bin_a), (self.lot_product, self.bin_b, self.lot), user=self.worker, start=True)
        self.count(sheet.line_ids[1], 5, self.worker)
        action = self.call(self.worker, self.env["stock.quant"], "action_view_inventory")
        self.assertIn("Nothing to count for you", action["help"])
        arch = self.call(self.worker, self.env["stock.quant"], "get_views", [(False, "search")])["views"]["search"]["arch"]
        [shown] = etree.fromstring(arch).xpath("//filter[@name='my_count']")
        for user, expected in ((self.worker, self.product), (self.supervisor, self.product.browse())):
            with self.subTest(user=user.name):
                self._forget()
                quants = self.as_user(user, self.env["stock.quant"])
                found = quants.search(safe_eval(shown.get("domain"), {"uid": user.id}))
                self.assertEqual(found.product_id, expected)
                here = quants.search([("location_id", "in", (self.bin_a | self.bin_b).ids)])
                self.assertEqual(here.filtered("cycle_count_is_mine"), found)
                self.assertEqual(quants.search([("id", "in", here.ids), ("cycle_count_is_mine", "=", False)]), here - found)


@tagged("post_install", "-at_install")
class TestFill(CountNowCase):

    def _fill(self, by, user=None, sheet=None, **values):
        sheet = sheet or self.env["stock.cycle.count"].create(
            {"company_id": self.company.id, "user_id": self.counter.id, "warehouse_id": self.warehouse.id})
        self._forget()
        self.as_user(user or self.supervisor, self.env["stock.cycle.count.fill"]).create(
            {"count_id": sheet.id, "by": by, **values}).action_add()
        return sheet

    def test_each_way_adds_what_it_says(self):
        category = self.env["product.category"].create({"name": "Metal"})
        self.product.categ_id = category
        profile = self.env["stock.abc.profile"].create({"name": "By value", "company_id": self.company.id})
        top = profile.class_ids[:1]
        quant = self.env["stock.quant"].search([("product_id", "=", self.other_product.id), ("location_id", "=", self.bin_a.id)])
        quant.sudo().abc_class_id = top
        self.position.last_count_date = fields.Datetime.now()
        self.env["stock.quant"].sudo()._update_available_quantity(self.serial_product, self.bin_c, -1, lot_id=self.serial)
        for by, values, products in (
            ("location", {"location_ids": [Command.set(self.bin_b.ids)]}, self.lot_product),
            ("category", {"categ_ids": [Command.set(category.ids)]}, self.product),
            ("product", {"product_ids": [Command.set(self.lot_product.ids)]}, self.lot_product),
            ("class", {"abc_class_ids": [Command.set(top.ids)]}, self.other_product),
            ("negative", {}, self.serial_product),
            ("never", {}, self.other_product | self.lot_product | self.serial_product),
            ("never", {"location_ids": [Command.set(self.bin_b.ids)]}, self.lot_product),
        ):
            with self.subTest(by=by, values=values):
                sheet = self._fill(by, **values)
                self.assertEqual(sheet.line_ids.product_id, products)
                self.assertEqual((sheet.state, sheet.line_ids.user_id), ("draft", self.counter))
                sheet.action_cancel()

    def test_it_adds_to_what_is_there_and_leaves_what_others_count(self):
        self.make_sheet((self.product,))
        sheet = self._fill("location", location_ids=[Command.set(self.stock.ids)])
        self.assertEqual(sheet.line_ids.product_id, self.other_product | self.lot_product)
        with self.assertRaisesRegex(UserError, "Nothing to add"):
            self._fill("location", sheet=sheet, location_ids=[Command.set(self.stock.ids)])

    def test_refusals(self):
        with self.assertRaisesRegex(UserError, "Say first"):
            self._fill("category")
        started = self.make_sheet((self.product,), start=True)
        with self.assertRaisesRegex(UserError, "has been started"):
            self._fill("location", sheet=started, location_ids=[Command.set(self.bin_b.ids)])
        for user in (self.counter, self.worker, self.finance):
            with self.assertRaises(AccessError):
                self._fill("negative", user=user)


@tagged("post_install", "-at_install")
class TestCountNowTour(CountNowCase, HttpCase):

    browser_size = "1440x900"

    def test_count_a_location_at_once(self):
        self.supervisor.write({"groups_id": [Command.link(self.env.ref("stock.group_stock_multi_locations").id)]})
        self.start_tour(
            f"/web#id={self.bin_b.id}&model=stock.location&view_type=form", "stock_cycle_count_now",
            login=self.supervisor.login)
        line = self.env["stock.cycle.count.line"].search([("lot_id", "=", self.lot.id)])
        self.assertEqual((line.count_id.user_id, line.counted_qty, line.count_id.blind), (self.supervisor, 5, True))
