from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.base.models import res_users

COUNTER = "stock_cycle_count.group_counter"
SUPERVISOR = "stock_cycle_count.group_supervisor"


class FloorCase(TransactionCase):
    """A warehouse with bins, products of every kind and one user a role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # To hash a password as for a real user takes longer than most tests.
        cls.startClassPatcher(patch.object(res_users, "MIN_ROUNDS", 1))
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.warehouse = cls.env["stock.warehouse"].create({"name": "Floor", "code": "FLR"})
        cls.company = cls.warehouse.company_id
        cls.stock = cls.warehouse.lot_stock_id
        cls.supplier = cls.env.ref("stock.stock_location_suppliers")
        cls.customer = cls.env.ref("stock.stock_location_customers")
        cls.bin_a, cls.bin_b, cls.bin_c = cls.env["stock.location"].create([
            {"name": f"Bin {letter}", "barcode": f"FLR-{letter}", "location_id": cls.stock.id} for letter in "ABC"])
        Product = cls.env["product.product"]
        cls.product, cls.other_product = Product.create([
            {"name": name, "type": "product", "default_code": name.upper(), "standard_price": 5}
            for name in ("Widget", "Gadget")])
        cls.lot_product = Product.create({"name": "Paint", "type": "product", "tracking": "lot"})
        cls.serial_product = Product.create({"name": "Drill", "type": "product", "tracking": "serial"})
        cls.lot, cls.other_lot = cls.env["stock.lot"].create([
            {"name": name, "product_id": cls.lot_product.id, "company_id": cls.company.id}
            for name in ("PAINT-1", "PAINT-2")])
        cls.serial = cls.env["stock.lot"].create(
            {"name": "DRILL-1", "product_id": cls.serial_product.id, "company_id": cls.company.id})
        cls.counter = cls._make_user("floor_counter", COUNTER)
        cls.second = cls._make_user("floor_second", COUNTER)
        cls.worker = cls._make_user("floor_worker", "stock.group_stock_user")
        cls.supervisor = cls._make_user("floor_supervisor", SUPERVISOR)
        cls.controller = cls._make_user("floor_controller", "stock_cycle_count.group_controller")
        cls.manager = cls._make_user("floor_manager", "stock.group_stock_manager")
        cls.outsider = cls._make_user("floor_outsider", "base.group_user")
        cls.roles = (
            cls.counter | cls.second | cls.worker | cls.supervisor | cls.controller | cls.manager | cls.outsider)

    @classmethod
    def _make_user(cls, login, groups, **values):
        return new_test_user(cls.env, login=login, groups=groups, name=login.replace("_", " ").title(), **values)

    # Stock

    @classmethod
    def _move(cls, *args, **kwargs):
        """Move stock now, and return the done move; see ``_prepare_move``."""
        move = cls._prepare_move(*args, **kwargs)
        move._action_done()
        assert move.state == "done"
        return move

    @classmethod
    def _prepare_move(cls, product, source, target, quantity, lot=None, package=None, target_package=None, owner=None):
        """A move with a picked line, ready to be done."""
        ends = {"product_id": product.id, "location_id": source.id, "location_dest_id": target.id}
        move = cls.env["stock.move"].create({
            **ends, "name": product.name, "product_uom_qty": quantity, "product_uom": product.uom_id.id,
            "move_line_ids": [Command.create({
                **ends, "product_uom_id": product.uom_id.id, "quantity": quantity,
                "lot_id": lot and lot.id, "owner_id": owner and owner.id, "package_id": package and package.id,
                "result_package_id": target_package and target_package.id})],
        })
        move._action_confirm(merge=False)
        move.picked = True
        return move

    @classmethod
    def _receive(cls, product, location, quantity, package=None, **key):
        """Let stock arrive in a location."""
        return cls._move(product, cls.supplier, location, quantity, target_package=package, **key)

    @classmethod
    def _deliver(cls, product, location, quantity, **key):
        """Let stock leave a location."""
        return cls._move(product, location, cls.customer, quantity, **key)

    def _on_hand(self, product, location):
        """What the books show, of all lots, packages and owners."""
        return sum(self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "=", location.id)]).mapped("quantity"))

    # Sheets

    @classmethod
    def _make_sheet(cls, *keys, user=None, start=False, **values):
        """A sheet for stock keys, each ``(product, location, lot)`` or less."""
        user = cls.counter if user is None else user
        sheet = cls.env["stock.cycle.count"].create({
            "user_id": user.id, "warehouse_id": cls.warehouse.id, **values,
            "line_ids": [Command.create(cls._key_values(*key, sequence=number)) for number, key in enumerate(keys)],
        })
        if start:
            sheet.with_user(user).action_start()
        return sheet

    @classmethod
    def _key_values(cls, product, location=None, lot=None, **values):
        return {
            "product_id": product.id, "location_id": (location or cls.bin_a).id, "lot_id": lot and lot.id, **values}

    def _make_plan(self, counters, **values):
        """A plan whose counters recounts go to."""
        return self.env["stock.cycle.count.plan"].create({
            "name": "Floor", "warehouse_id": self.warehouse.id, "counter_ids": [Command.set(counters.ids)], **values})

    def _count(self, line, quantity, user=None, source="scanner", **request):
        """One entry of a user, the sheet's counter when none is named."""
        user = user or line.count_id.user_id
        entry = self.env["stock.cycle.count.entry"].with_user(user)._record(
            [{"line": line.with_user(user), "quantity": quantity, **request}], source)
        return entry.sudo()

    def _type(self, line, text, user=None):
        """Type a quantity in the list, as a user."""
        line.with_user(user or line.count_id.user_id).write({"count_input": text})
