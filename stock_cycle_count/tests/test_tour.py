from odoo.tests import HttpCase, tagged

from .common_scanner import SCANNER, ScannerCase


@tagged("post_install", "-at_install")
class TestTour(ScannerCase, HttpCase):
    """A counter's day in a real browser, by users of the counter group alone."""

    def test_a_counters_day(self):
        late = self.make_sheet((self.product, self.bin_c), user=self.env["res.users"], scheduled_date="2020-01-01")
        self.sheet.with_user(self.supervisor).action_cancel()
        self.env.flush_all()
        sheet = self.make_sheet(
            (self.product, self.bin_a), (self.lot_product, self.bin_a, self.lot),
            (self.serial_product, self.bin_b, self.serial), (self.other_product, self.bin_b), name="DAY-1", recount_rounds=1)
        plan = self.make_plan(counter_ids=(self.counter | self.second).ids)
        sheet.sudo().plan_id = plan

        self.start_tour(SCANNER, "stock_cycle_count_first_counter", login=self.counter.login)
        line, lot_line, serial_line, other_line, *found = sheet.line_ids.sorted("sequence")
        self.assertEqual(sheet.user_id, self.counter)
        self.assertEqual([line.counted_qty, lot_line.counted_qty], [41, 1])
        self.assertEqual(line.entry_ids.mapped("kind"), ["add", "add", "undo", "set"])
        self.assertEqual(set(line.entry_ids.mapped("source")), {"scanner"})
        self.assertEqual(line.entry_ids[0].book_quantity, 40)
        self.assertEqual((serial_line.counted_qty, other_line.counted_qty), (0, 0), "The bin was empty")
        self.assertEqual(
            [(line.selection_reason, line.lot_id.name, line.counted_qty, line.location_id) for line in found],
            [("found", "DRILL-9", 1, self.bin_a)])
        self.assertEqual(sheet.state, "review")
        self.assertEqual(late.state, "draft")

        self.env["stock.cycle.count.recount"].with_user(self.supervisor).create(
            {"count_id": sheet.id, "line_ids": serial_line.ids}).action_recount()
        self.assertEqual(serial_line.user_id, self.second)
        self.start_tour(SCANNER, "stock_cycle_count_second_counter", login=self.second.login)
        self.assertEqual(serial_line.counted_qty, 1)
        self.assertEqual(serial_line.counted_by_id, self.second)
        self.assertEqual(serial_line.round, 2)
        self.assertEqual((sheet.state, serial_line.state), ("review", "to_approve"), "the two counts do not agree")

    def test_hands_free(self):
        self.sheet.with_user(self.supervisor).action_cancel()
        lots = self.env["stock.lot"].create([
            {"name": f"HANDS-{number}", "product_id": self.serial_product.id, "company_id": self.company.id}
            for number in (1, 2)])
        sheet = self.make_sheet(
            (self.product, self.bin_c), *((self.serial_product, self.bin_c, lot) for lot in lots),
            (self.lot_product, self.bin_a, self.lot), name="DAY-2")
        self.start_tour(SCANNER, "stock_cycle_count_hands_free", login=self.counter.login)
        product, first, second, paint, found = sheet.line_ids.sorted("sequence")
        self.assertEqual(
            [line.counted_qty for line in (product, first, second, paint, found)], [1, 1, 0, 1, 1])
        self.assertEqual((found.product_id, found.location_id), (self.other_product, self.bin_c))
        self.assertEqual(sheet.state, "review")

    def test_a_cut_of_the_network_loses_nothing(self):
        self.start_tour(SCANNER, "stock_cycle_count_network_cut", login=self.counter.login)
        entries = self.line.entry_ids
        self.assertEqual(self.line.counted_qty, 7)
        self.assertEqual(entries.mapped("quantity"), [1, 1, 1, 1, 1, 1, 1])
        self.assertEqual(len(set(entries.mapped("client_key"))), 7)
        self.assertEqual(self.lot_line.counted_qty, 1)
