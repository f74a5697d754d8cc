from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.api import Environment, call_kw
from odoo.models import check_method_name
from odoo.tests import TransactionCase, tagged

from odoo.addons.base.models import res_users

COUNTER = "stock_cycle_count.group_counter"
#: A controller who plans and counts as well; ``finance`` is one alone.
CONTROLLER = "stock_cycle_count.group_supervisor,stock_cycle_count.group_controller"

#: What the classes' own environment says.
CONTEXT = {"tracking_disable": True, "no_reset_password": True, "lang": "en_US"}
#: A phone's screen and a desk's, on which pages are seen in a browser.
SCREEN_SIZES = ("360x740", "1440x900")
#: Where an action of the addon opens in the web client.
PAGE = "/web#action=stock_cycle_count.stock_cycle_count_{}_action"
#: Group of the user of each role.
ROLES = {
    "outsider": "base.group_user",
    "counter": COUNTER,
    "worker": "stock.group_stock_user",
    "supervisor": "stock_cycle_count.group_supervisor",
    "controller": CONTROLLER,
    "finance": "stock_cycle_count.group_controller",
    "manager": "stock.group_stock_manager",
}


@tagged("standard", "post_install", "-at_install")
class CountCase(TransactionCase):
    """A company of its own, whose warehouse has bins, with products of every kind and one user a role."""

    #: Whether the company controls adjustments.
    gate = True
    #: Whether the first stock of a product passes as opening stock; to other tests companies are past it.
    takes_opening_stock = False
    #: Whether the last decision on a sheet posts it; where not, what is between decision and posting can be looked at.
    posts_approved = False
    #: What was made once for all classes, by the method that makes it: model and ids by name. Else each class makes it.
    kept = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # To hash a password as for a real user takes longer than most tests.
        cls.startClassPatcher(patch.object(res_users, "MIN_ROUNDS", 1))
        if not cls.takes_opening_stock:
            cls.startClassPatcher(patch.object(
                cls.registry["res.company"], "_takes_opening_stock", lambda company: False, create=False))
        cls.env = cls.env(context=CONTEXT)
        cls.have("make_floor")
        cls.company.write({"cycle_count_adjustment_control": cls.gate, "cycle_count_post_approved": cls.posts_approved})
        cls.users = {role: getattr(cls, role) for role in ROLES}
        cls.roles = cls.env["res.users"].union(*cls.users.values(), cls.second)

    @classmethod
    def have(cls, maker):
        """Have what a method makes for each class, as it was kept or made now.

        :return: the records, by the names that they have in the class
        """
        kept = cls.kept.get(maker, {})
        records = {name: cls.env[model].browse(ids) for name, (model, ids) in kept.items()} or getattr(cls, maker)()
        for name, record in records.items():
            setattr(cls, name, record)
        return records

    @classmethod
    def keep(cls, maker, cr):
        """Make it once, on top of what is kept, and let all classes of this process that come later have it."""
        case = type("Kept", (cls,), {"env": Environment(cr, SUPERUSER_ID, CONTEXT)})
        for earlier in cls.kept:
            case.have(earlier)
        with patch.object(res_users, "MIN_ROUNDS", 1):
            cls.kept[maker] = {name: (record._name, record.ids) for name, record in case.have(maker).items()}

    @classmethod
    def make_floor(cls):
        """Make what each class begins with.

        :return: the records, by the names that they have in the classes
        """
        # Where demonstration data has given the superuser a zone, calendars of companies would get it.
        cls.env.user.tz = "UTC"
        cls.company = company = cls.make_company("Counting Company")
        warehouse = cls.get_warehouse(company)
        warehouse.write({"name": "Floor", "code": "FLR"})
        stock = warehouse.lot_stock_id
        bins = {f"bin_{letter.lower()}": cls.make_location(f"Bin {letter}", stock, barcode=f"FLR-{letter}") for letter in "ABC"}
        lot_product = cls.make_product("Paint", 0, tracking="lot")
        serial_product = cls.make_product("Drill", 0, tracking="serial")
        lot, other_lot, serial = cls.env["stock.lot"].create([
            {"name": name, "product_id": product.id, "company_id": company.id}
            for name, product in (("PAINT-1", lot_product), ("PAINT-2", lot_product), ("DRILL-1", serial_product))])
        people = {**ROLES, "second": COUNTER}
        # No context names companies, so that each user acts in the user's own.
        cls.env.user.write({"company_ids": [Command.link(company.id)], "company_id": company.id})
        return {
            "company": company, "warehouse": warehouse, "stock": stock, **bins,
            "supplier": cls.env.ref("stock.stock_location_suppliers"),
            "customer": cls.env.ref("stock.stock_location_customers"),
            "product": cls.make_product("Widget", 5, default_code="WIDGET"),
            "other_product": cls.make_product("Gadget", 5, default_code="GADGET"),
            "lot_product": lot_product, "lot": lot, "other_lot": other_lot,
            "serial_product": serial_product, "serial": serial,
            **dict(zip(people, cls.make_users({f"floor_{role}": group for role, group in people.items()}))),
        }

    # People

    @classmethod
    def make_company(cls, name):
        """A company whose set-up is finished: what is entered first there is no opening stock once it counted."""
        return cls.env["res.company"].create({
            "name": name, "cycle_count_adjustment_control": cls.gate, "cycle_count_setup_date": "2020-01-01",
            # Tests that draw say themselves how many empty bins are drawn besides.
            "cycle_count_bin_share": 0,
            "cycle_count_post_approved": cls.posts_approved})

    @classmethod
    def make_users(cls, groups, **values):
        """Users of the company, or of the one that is given, each with the login as password.

        :param groups: their groups by login: external ids with commas between them
        """
        company = {"company_id": cls.company.id, "company_ids": [Command.link(values.get("company_id", cls.company.id))]}
        return cls.env["res.users"].create([{
            "login": login, "name": login.replace("_", " ").title(), "email": f"{login}@example.com", "tz": "UTC",
            "password": login.ljust(8, "x"), "groups_id": [Command.set([cls.env.ref(name).id for name in names.split(",")])],
            **company, **values} for login, names in groups.items()])

    @classmethod
    def make_user(cls, login, groups, **values):
        """One such user."""
        return cls.make_users({login: groups}, **values)

    def as_user(self, user, record, **context):
        """The record as this user has it, in the user's companies and without ``sudo``."""
        context = dict({"allowed_company_ids": user.company_ids.ids}, **context)
        return record.with_env(self.env(user=user.id, su=False, context=context))

    def call(self, user, record, method, *args, **kwargs):
        """Call a method as a client of this user does: by name, with plain values, if clients may call it at all."""
        self.env.flush_all()
        check_method_name(method)
        ids = [record.ids] if record.ids else []
        return call_kw(self.as_user(user, record).browse(), method, ids + list(args), kwargs)

    # Places

    @classmethod
    def get_warehouse(cls, company):
        """The warehouse that comes with a company."""
        return cls.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)

    @classmethod
    def make_location(cls, name, parent, **values):
        return cls.env["stock.location"].create(
            {"name": name, "location_id": parent.id, "company_id": cls.company.id, "usage": "internal", **values})

    # Goods

    @classmethod
    def make_product(cls, name="Thing", cost=1.0, **values):
        product = cls.env["product.product"].create({"name": name, "type": "product", **values})
        product.with_company(cls.company).standard_price = cost
        return product

    @classmethod
    def move(cls, *args, when=None, **kwargs):
        """Move stock, now or at a moment of the past, and return the done move; see ``prepare_move``."""
        move = cls.prepare_move(*args, **kwargs)
        move._action_done()
        assert move.state == "done"
        if when:
            move.date = when
            move.move_line_ids.date = when
        return move

    @classmethod
    def prepare_move(
        cls, product, source, target, quantity, lot=None, package=None, target_package=None, owner=None, uom=None, **values,
    ):
        """A move with a picked line, ready to be done."""
        uom = uom or product.uom_id
        company = source.company_id or target.company_id or cls.company
        ends = {
            "product_id": product.id, "location_id": source.id, "location_dest_id": target.id, "company_id": company.id}
        move = cls.env["stock.move"].with_company(company).create({
            **ends, "name": product.name, "product_uom_qty": quantity, "product_uom": uom.id, **values,
            "move_line_ids": [Command.create({
                **ends, "product_uom_id": uom.id, "quantity": quantity,
                "lot_id": lot and lot.id, "owner_id": owner and owner.id, "package_id": package and package.id,
                "result_package_id": target_package and target_package.id})],
        })
        move._action_confirm(merge=False)
        move.picked = True
        return move

    @classmethod
    def receive(cls, product, location, quantity, package=None, **key):
        """Let stock arrive in a location."""
        return cls.move(product, cls.supplier, location, quantity, target_package=package, **key)

    @classmethod
    def deliver(cls, product, location, quantity, **key):
        """Let stock leave a location."""
        return cls.move(product, location, cls.customer, quantity, **key)

    def on_hand(self, product, location):
        """What the books show, of all lots, packages and owners."""
        return sum(self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "=", location.id)]).mapped("quantity"))

    # Sheets

    @classmethod
    def make_plan(cls, **values):
        return cls.env["stock.cycle.count.plan"].create({
            "name": "Floor", "warehouse_id": cls.warehouse.id, "counter_ids": [Command.set(cls.counter.ids)],
            # Tests that plan say themselves what is drawn at random besides.
            "control_target": 0,
            # And whether what is likely wrong is counted besides what is due.
            "ranking": "none", **values})

    @classmethod
    def make_sheet(cls, *keys, user=None, start=False, **values):
        """A sheet for stock keys, each ``(product, location, lot)`` or less."""
        user = cls.counter if user is None else user
        sheet = cls.env["stock.cycle.count"].create({
            "user_id": user.id, "warehouse_id": cls.warehouse.id, **values,
            "line_ids": [Command.create(cls.key_values(*key, sequence=number)) for number, key in enumerate(keys)],
        })
        if start:
            sheet.with_user(user).action_start()
        return sheet

    @classmethod
    def key_values(cls, product, location=None, lot=None, **values):
        return {
            "product_id": product.id, "location_id": (location or cls.bin_a).id, "lot_id": lot and lot.id, **values}

    @classmethod
    def add_draw(cls, plan, day, number=1, **values):
        """A random draw of so many positions, as it is stored."""
        return cls.env["stock.cycle.count.draw"]._make([{
            "plan_id": plan.id, "company_id": plan.company_id.id, "warehouse_id": plan.warehouse_id.id, "day": day,
            "answer_by": day, "control_target": 200, "daily_capacity": 50, "workday": 1, "workdays": 65,
            "method": "test", "number": number, "frame_size": number, "frame": "1", "frame_hash": "x", "stored_seed": "x",
            "threshold_hash": "x", "drawn_positions": "1", **values}])

    def count(self, line, quantity, user=None, source="scanner", **request):
        """One entry of a user, the sheet's counter when none is named."""
        user = user or line.count_id.user_id
        entry = self.env["stock.cycle.count.entry"].with_user(user)._record(
            [{"line": line.with_user(user), "quantity": quantity, **request}], source)
        return entry.sudo()

    def type_count(self, line, text, user=None):
        """Type a quantity in the list, as a user."""
        line.with_user(user or line.count_id.user_id).write({"count_input": text})

    # Results

    def count_queries(self, function):
        """Number of queries that a call makes when nothing is cached."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.registry.clear_all_caches()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before
