"""Users, companies and goods that are not as usual: no language, no address, a branch, other owners, lots of one name."""
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestUnusualData(GateCase):

    def test_quantities_are_read_without_english(self):
        """A user without a language types as the database's only language has it."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["res.partner"].with_context(active_test=False).search([]).lang = "de_DE"
        self.env.ref("base.lang_en").active = False
        self.counter.partner_id.lang = False
        line = self.make_sheet((self.product,), start=True).line_ids
        self.type_count(line.with_context(lang=False), "7,5")
        self.assertEqual(line.counted_qty, 7.5)
        self.assertEqual(line.with_user(self.counter).with_context(lang=False)._format_quantity(7.5), "7,5")

    def test_a_transfer_of_somebody_without_address_is_held(self):
        self.worker.partner_id.email = False
        self.company.cycle_count_manual_moves = "hold"
        loss = self.product.property_stock_inventory
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.int_type_id.id, "location_id": self.bin_a.id,
            "location_dest_id": loss.id, "move_ids": [Command.create({
                "name": "Out", "product_id": self.product.id, "product_uom_qty": 3,
                "product_uom": self.product.uom_id.id, "location_id": self.bin_a.id, "location_dest_id": loss.id})]})
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.picked = True
        with mute_logger("odoo.addons.mail.models.mail_mail"):  # no address to write from
            picking.with_user(self.worker).button_validate()
        line = self.env["stock.cycle.count.line"].search([("product_id", "=", self.product.id)])
        self.assertEqual((line.state, line.variance_qty, picking.state), ("to_approve", -3, "cancel"))
        message = picking.message_ids.filtered(lambda message: line.count_id.name in message.body)
        self.assertEqual(message.author_id, self.worker.partner_id)

    def test_what_waits_is_escalated_in_a_company_without_working_hours(self):
        line = self._close_with((90, self.product)).line_ids
        self.company.resource_calendar_id = False
        self.company.cycle_count_escalation_days = 3
        Count = self.env["stock.cycle.count"]
        for days, escalated in ((2, False), (4, True)):
            with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=days)):
                Count._cron_escalate()
            self.assertEqual(line.escalated, escalated, f"after {days} days")

    def test_swapped_lots_are_named(self):
        for lot in (self.lot, self.other_lot):
            self.receive(self.lot_product, self.bin_a, 10, lot=lot)
        sheet = self._close_with(
            (8, self.lot_product, self.bin_a, self.lot), (12, self.lot_product, self.bin_a, self.other_lot))
        less, more = sheet.line_ids.with_user(self.supervisor)
        self.assertIn("opposite difference of lot PAINT-2 in the same place", less.hints)
        self.assertIn("opposite difference of lot PAINT-1 in the same place", more.hints)

    def test_owners_whose_goods_are_counted_are_not_merged(self):
        one, other, third = self.env["res.partner"].create([{"name": name} for name in ("Ada", "Ada B.", "Ada C.")])
        for owner in (one, other):
            self.receive(self.other_product, self.bin_a, 5, owner=owner)
        sheet = self.env["stock.cycle.count"].create({
            "user_id": self.counter.id, "warehouse_id": self.warehouse.id, "line_ids": [
                Command.create(dict(self.key_values(self.other_product), owner_id=owner.id)) for owner in (one, other)]})
        sheet.with_user(self.counter).action_start()
        for line in sheet.line_ids:
            self.count(line, 5)
        Merge = self.env["base.partner.merge.automatic.wizard"]
        with self.assertRaisesRegex(UserError, f"Finish or cancel {sheet.name}"):
            Merge._merge((one | other).ids, one)
        Merge._merge((one | third).ids, one)
        self.assertFalse(third.exists())
        sheet.with_user(self.counter).action_close()
        self.assertEqual(sheet.state, "done")
        Merge._merge((one | other).ids, one)
        self.env.invalidate_all()
        self.assertEqual(sheet.line_ids.owner_id, one)

    def test_a_file_names_the_lot_of_its_product(self):
        """Two products have lots of one name: each row means its own; a lot that the product lacks is refused."""
        twin = self.env["product.product"].create({"name": "Twin", "type": "product", "tracking": "lot"})
        lots = self.env["stock.lot"].create([
            {"name": "SAME", "product_id": product.id, "company_id": self.company.id}
            for product in (self.lot_product, twin)])
        Quant = self.env["stock.quant"].with_user(self.supervisor).with_context(import_file=True, inventory_mode=True)
        names = ["product_id/.id", "location_id/.id", "lot_id", "inventory_quantity"]
        result = Quant.load(names, [
            [str(product.id), str(self.bin_a.id), "SAME", "4"] for product in (self.lot_product, twin)])
        self.assertTrue(result["ids"], result["messages"])
        quants = Quant.browse(result["ids"])
        self.assertEqual(quants.product_id, self.lot_product | twin)
        for quant in quants:
            self.assertEqual((quant.lot_id.product_id, quant.lot_id.name), (quant.product_id, "SAME"))
        self.assertEqual(quants.lot_id, lots)
        refused = Quant.load(names, [[str(twin.id), str(self.bin_a.id), "PAINT-1", "4"]])
        self.assertFalse(refused["ids"])
        self.assertIn("Twin has no lot or serial number PAINT-1", refused["messages"][0]["message"])

    def test_a_transfer_says_why_nothing_is_reserved(self):
        """Nothing is reserved in a locked bin: the delivery names who counts there, though no line of it does."""
        self.make_sheet((self.product,), start=True, lock_mode="block")
        picking = self.env["stock.picking"].create({
            "picking_type_id": self.warehouse.out_type_id.id, "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.customer.id, "move_ids": [Command.create({
                "name": "Out", "product_id": product.id, "product_uom_qty": 3,
                "product_uom": product.uom_id.id, "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.customer.id}) for product in (self.product, self.other_product)]})
        picking.action_confirm()
        picking.action_assign()
        self.assertFalse(picking.move_line_ids)
        self.assertIn(self.bin_a.display_name, picking.cycle_count_warning)
        self.assertIn(self.counter.name, picking.cycle_count_warning)
        picking.move_ids.filtered(lambda move: move.product_id == self.product).unlink()
        picking.invalidate_recordset(["cycle_count_warning"])
        self.assertFalse(picking.cycle_count_warning, "what the locked bin does not hold")

    def test_no_stock_is_made_by_a_name(self):
        """Core of 2024 would try to, and fail on what it takes for a product."""
        for user in (self.worker, self.manager):
            for quants in (self.as_user(user, self.env["stock.quant"]), self.as_user(user, self.env["stock.quant"]).sudo()):
                self.assertIs(self.call(user, quants, "name_create", "Widget"), False)
                self.assertIs(quants.name_create("Widget"), False)

    def test_a_branch_counts_products_of_its_parent(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", branch.id)], limit=1) or self.env[
            "stock.warehouse"].create({"name": "Branch", "code": "BRN", "company_id": branch.id})
        product = self.env["product.product"].create(
            {"name": "Parent Thing", "type": "product", "default_code": "PARENT", "company_id": self.company.id})
        self.env["stock.quant"].with_company(branch)._update_available_quantity(product, warehouse.lot_stock_id, 5)
        profile = self.env["stock.abc.profile"].with_company(branch).create(
            {"name": "Branch", "company_id": branch.id, "basis": "onhand_value"})
        manager = self.make_user("floor_branch_boss", "stock.group_stock_manager", company_id=branch.id)
        self.call(manager, profile, "action_classify")
        self.assertIn(product, self.env["stock.abc.assignment"].search([("profile_id", "=", profile.id)]).product_id)
        counter = self.make_user("floor_branch", "stock_cycle_count.group_counter", company_id=branch.id,
                                 company_ids=[Command.set(branch.ids)])
        other = self.env["product.product"].create({"name": "Branch Thing", "type": "product"})
        sheet = self.env["stock.cycle.count"].with_company(branch).create({
            "user_id": counter.id, "warehouse_id": warehouse.id,
            "line_ids": [Command.create(self.key_values(other, warehouse.lot_stock_id))]})
        sheet = sheet.with_user(counter)
        sheet.action_start()
        # What the parent is called is not the branch's to read.
        self.env.invalidate_all()
        result = self.env["stock.cycle.count.line"].with_user(counter).with_context(default_count_id=sheet.id).load(
            ["location_id", "product_id", "count_input"],
            [[warehouse.lot_stock_id.complete_name, "PARENT", "5"]])
        self.assertTrue(result["ids"], result["messages"])
        wizard = self.env["stock.cycle.count.found"].with_user(counter).with_context(default_count_id=sheet.id)
        domain = wizard.fields_get(["product_id"], ["domain"])["product_id"]["domain"]
        offered = self.env["product.product"].with_user(counter).search(safe_eval(domain, {"company_id": branch.id}))
        self.assertIn(product, offered)

    def test_consigned_goods_are_not_consumed(self):
        """Goods of another owner that leave are not of the company's consumption."""
        owner = self.env["res.partner"].create({"name": "Consignor"})
        own, consigned = self.env["product.product"].create([
            {"name": name, "type": "product", "standard_price": 10} for name in ("Own", "Consigned")])
        for product, key in ((own, {}), (consigned, {"owner": owner})):
            self.receive(product, self.bin_a, 50, **key)
            self.deliver(product, self.bin_a, 40, **key)
        profile = self.env["stock.abc.profile"].create(
            {"name": "Consumption", "company_id": self.company.id, "basis": "consumption_value"})
        profile.action_classify()
        found = {
            row.product_id: row.metric for row in self.env["stock.abc.assignment"].search([
                ("profile_id", "=", profile.id), ("product_id", "in", (own | consigned).ids)])}
        self.assertEqual(found, {own: 400, consigned: 0})
