from collections import Counter
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from ..models.posting import halving
from .common_valued import AccountCase


@tagged("post_install", "-at_install")
class TestJournal(AccountCase):
    """Where the company wants it, a sheet is one journal entry: the same money to the cent, in one place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cycle_count_entry_per_sheet = True

    def _buy_all(self, *methods, price=3.33):
        products = [self._make_product(method, "real_time") for method in methods]
        for product in products:
            self._buy(product, 10, price)
        return products

    def _get_balances(self, entries):
        balances = Counter()
        for item in entries.line_ids:
            balances[item.account_id] += item.balance
        return {account: round(balance, 2) for account, balance in balances.items()}

    def _assert_booked(self, sheet):
        """All differences are in one posted entry, whose items are their layers to the cent.

        :return: the entry
        """
        self._forget()
        self.assertEqual((sheet.state, set(sheet.line_ids.mapped("state"))), ("done", {"posted"}))
        layers = sheet.line_ids.move_ids.stock_valuation_layer_ids
        self.assertEqual(len(layers), len(sheet.line_ids.move_ids))
        entry = layers.account_move_id
        self.assertEqual((len(entry), entry.state, len(entry.line_ids)), (1, "posted", 2 * len(layers)))
        self.assertEqual(entry.stock_valuation_layer_ids, layers)
        for layer in layers:
            items = entry.line_ids.filtered(lambda item: item.product_id == layer.product_id)
            self.assertAlmostEqual(
                sum(items.filtered(lambda item: item.account_id == self.valuation).mapped("balance")), layer.value, 2)
            self.assertAlmostEqual(sum(items.mapped("balance")), 0, 2)
        self.assertAlmostEqual(sum(entry.line_ids.mapped("debit")), sum(abs(layer.value) for layer in layers), 2)
        self.assertAlmostEqual(sum(entry.line_ids.mapped("credit")), sum(abs(layer.value) for layer in layers), 2)
        return entry

    def test_every_costing_method_both_ways(self):
        products = self._buy_all("standard", "standard", "average", "average", "fifo", "fifo")
        for product in products[4:]:
            self._buy(product, 1, 7.77)
        counts = [9, 12, 7, 13, 8, 13]
        sheet = self._close_with(*((counted, product, self.bin_b) for counted, product in zip(counts, products)))
        entry = self._assert_booked(sheet)
        self.assertEqual((entry.journal_id, entry.company_id, entry.ref), (self.journal, self.company, sheet.name))
        self.assertEqual(
            self._get_balances(entry)[self.valuation],
            round(sum(sheet.line_ids.move_ids.stock_valuation_layer_ids.mapped("value")), 2))

    def test_same_money_as_core(self):
        """What the setting changes is the number of entries, and nothing else."""
        booked = {}
        for together in (True, False):
            with self.cr.savepoint() as savepoint:
                self.company.cycle_count_entry_per_sheet = together
                products = self._buy_all("standard", "average", "fifo")
                sheet = self._close_with(*((counted, product, self.bin_b) for counted, product in zip((8, 13, 9), products)))
                self._forget()
                entries = sheet.line_ids.move_ids.stock_valuation_layer_ids.account_move_id
                self.assertEqual(len(entries), 1 if together else 3)
                booked[together] = sorted(
                    (item.account_id.code, item.product_id.name, item.debit, item.credit, item.quantity, item.name.split(":")[0],
                     item.partner_id.id, str(item.date), item.move_id.journal_id.code)
                    for item in entries.line_ids)
                savepoint.rollback()
        without_names = [[(*row[:5], *row[6:]) for row in rows] for rows in booked.values()]
        self.assertEqual(*without_names)

    def test_many_chunks_are_one_entry(self):
        products = self._buy_all(*["standard"] * 5)
        with patch.object(halving.split_connected, "__defaults__", (2, False)):
            sheet = self._close_with(*((9, product, self.bin_b) for product in products))
        self._assert_booked(sheet)

    def test_loss_location_of_the_reason(self):
        theft, = self.env["account.account"].create([
            {"code": "CNT9", "name": "Theft", "account_type": "expense", "company_id": self.company.id}])
        location = self.env["stock.location"].create({
            "name": "Theft", "usage": "inventory", "company_id": self.company.id,
            "valuation_in_account_id": theft.id, "valuation_out_account_id": theft.id})
        self.reason.location_id = location
        stolen, lost = self._buy_all("average", "average", price=5)
        sheet = self.make_sheet((stolen, self.bin_b), (lost, self.bin_b), start=True)
        for line in sheet.line_ids:
            self.count(line, 8)
        sheet.line_ids[0].with_user(self.counter).reason_id = self.reason
        sheet.with_user(self.counter).action_close()
        entry = self._assert_booked(sheet)
        self.assertEqual(self._get_balances(entry), {theft: 10, self.valuation: -20, self.output: 10})

    def test_accounting_date_and_period(self):
        product, = self._buy_all("standard")
        sheet = self.make_sheet((product, self.bin_b), (self.product, self.bin_a), start=True)
        self.count(sheet.line_ids[0], 9)
        self.count(sheet.line_ids[1], 40)
        sheet.with_user(self.supervisor).accounting_date = "2026-01-15"
        self.company.sudo().fiscalyear_lock_date = "2026-01-31"
        sheet.with_user(self.counter).action_close()
        sheet.with_user(self.supervisor).action_finalize()
        line = sheet.line_ids[0]
        self._forget()
        self.assertEqual((line.state, line.move_ids.ids, self.on_hand(product, self.bin_b)), ("counted", [], 10))
        for part in (sheet.name, "01/15/2026", "01/31/2026", "Choose a later accounting date"):
            self.assertIn(part, line.post_error)
        sheet.with_user(self.supervisor).accounting_date = "2026-02-15"
        sheet.with_user(self.supervisor).action_finalize()
        self._forget()
        entry = line.move_ids.stock_valuation_layer_ids.account_move_id
        self.assertEqual((line.state, str(entry.date), set(map(str, entry.line_ids.mapped("date")))),
                         ("posted", "2026-02-15", {"2026-02-15"}))

    def test_what_cannot_be_posted_stops_no_other(self):
        good, bad, better = self._buy_all("standard", "standard", "average")
        bad.with_company(self.company).property_stock_inventory = self.bin_c
        sheet = self._close_with(*((9, product, self.bin_b) for product in (good, bad, better)))
        self._forget()
        self.assertEqual(sheet.line_ids.mapped("state"), ["posted", "counted", "posted"])
        self.assertTrue(sheet.line_ids[1].post_error)
        entries = sheet.line_ids.move_ids.stock_valuation_layer_ids.account_move_id
        self.assertEqual((len(entries), len(entries.line_ids)), (1, 4))

    def test_physical_inventory_is_booked_as_core_does(self):
        products = self._buy_all("standard", "average")
        quants = self.env["stock.quant"].search([
            ("product_id", "in", [product.id for product in products]), ("location_id", "=", self.bin_b.id)])
        self.manager.groups_id |= self.env.ref("account.group_account_manager")
        quants = quants.with_user(self.manager).with_context(inventory_mode=True)
        for quant in quants:
            quant.inventory_quantity = 9
        quants.action_apply_inventory()
        self._forget()
        lines = self.env["stock.cycle.count.line"].search([("product_id", "in", [product.id for product in products])])
        self.assertEqual(lines.mapped("state"), ["posted"] * 2)
        entries = lines.move_ids.stock_valuation_layer_ids.account_move_id
        self.assertEqual((len(entries), entries.stock_move_id), (2, lines.move_ids))

    def test_drill_down(self):
        products = self._buy_all("standard", "average")
        sheet = self._close_with(*((9, product, self.bin_b) for product in products))
        entry = self._assert_booked(sheet)
        self.supervisor.groups_id |= self.env.ref("account.group_account_readonly")
        self._forget()
        for record in (sheet, *sheet.line_ids):
            record = record.with_user(self.supervisor)
            self.assertEqual(record.journal_entry_count, 1)
            self.assertEqual(
                self.env["account.move"].with_user(self.supervisor).search(
                    record.action_view_journal_entries()["domain"]), entry)
        for move in sheet.line_ids.move_ids:
            self.assertEqual(self.env["account.move"].search(move.action_get_account_moves()["domain"]), entry)
            self.assertEqual(move.stock_valuation_layer_ids.action_open_journal_entry()["res_id"], entry.id)

    def test_drill_down_is_for_those_who_read_the_books(self):
        product, = self._buy_all("standard")
        sheet = self._close_with((9, product, self.bin_b))
        self._assert_booked(sheet)
        self.assertEqual(sheet.with_user(self.supervisor).journal_entry_count, 0)
        self.assertEqual(sheet.with_user(self.supervisor).action_view_journal_entries()["domain"], [("id", "in", [])])

    def test_reversed_as_core_allows(self):
        products = self._buy_all("standard", "average")
        entry = self._assert_booked(self._close_with(*((9, product, self.bin_b) for product in products)))
        reversal = entry._reverse_moves(cancel=True)
        self.assertEqual((reversal.state, self._get_balances(entry | reversal)), ("posted", {
            self.valuation: 0, self.output: 0}))

    def test_a_branch_books_for_itself(self):
        """By its own setting, in its own name, with the accounts of its parent."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.company.cycle_count_entry_per_sheet = False
        self.tolerance.copy({"company_id": branch.id})
        self.counter.company_ids |= branch
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", branch.id)], limit=1)
        products = self.env["product.product"]
        for together in (False, True):
            branch.cycle_count_entry_per_sheet = together
            products = products.with_company(branch).union(
                *(self._make_product("standard", "real_time", company=branch) for _number in range(2)))[-2:]
            for product in products:
                self.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 10)
            sheet = self.env["stock.cycle.count"].create({
                "company_id": branch.id, "warehouse_id": warehouse.id, "user_id": self.counter.id, "line_ids": [
                    Command.create({"product_id": product.id, "location_id": warehouse.lot_stock_id.id})
                    for product in products]})
            as_counter = sheet.with_user(self.counter).with_context(allowed_company_ids=branch.ids)
            as_counter.action_start()
            for line in sheet.line_ids:
                self.count(line, 9)
            as_counter.action_close()
            self._forget()
            entries = sheet.line_ids.move_ids.stock_valuation_layer_ids.account_move_id
            self.assertEqual((len(entries), entries.company_id), (1 if together else 2, branch))

    def test_the_setting_is_logged(self):
        self.company.with_user(self.env.ref("base.user_admin")).write({"cycle_count_entry_per_sheet": False})
        row = self.env["stock.cycle.count.audit.log"].search([], limit=1)
        self.assertEqual(row.company_id, self.company)
        self.assertIn("One Journal Entry per Sheet: yes > no", row.detail)
