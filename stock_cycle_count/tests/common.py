from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.api import call_kw
from odoo.models import check_method_name
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

#: The moment at which all tests play: a Monday morning, before the real clock, by which the database stamps its rows.
NOW = datetime(2024, 3, 4, 9, 0)
TODAY = date(2024, 3, 4)

ROLES = {
    "employee": ["base.group_user"],
    "counter": ["stock_cycle_count.group_counter"],
    "worker": ["stock.group_stock_user"],
    "supervisor": ["stock_cycle_count.group_supervisor"],
    "controller": ["stock_cycle_count.group_controller"],
    "manager": ["stock.group_stock_manager"],
}


@tagged("standard", "post_install", "-at_install")
class CycleCountCase(TransactionCase):
    """A company of its own with one small warehouse, a user for every role, and a frozen clock.

    Two zones hold bins; ``bins`` are in walking order. The company's gate for adjustments stands open: what these
    tests ask is not whether a count may be posted.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = cls.startClassPatcher(freeze_time(NOW))
        cls.env = cls.env(context={"tracking_disable": True, "no_reset_password": True, "lang": "en_US"})
        cls.company = cls.env["res.company"].create({"name": "Counting Company", "cycle_count_adjustment_control": False})
        cls.other_company = cls.env["res.company"].create({"name": "Foreign Company", "cycle_count_adjustment_control": False})
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=[cls.company.id, cls.other_company.id]))
        cls.warehouse, cls.other_warehouse = (
            cls.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
            for company in (cls.company, cls.other_company))
        cls.stock = cls.warehouse.lot_stock_id
        cls.supplier = cls.env.ref("stock.stock_location_suppliers")
        cls.customer = cls.env.ref("stock.stock_location_customers")
        cls.zone_a, cls.zone_b = (cls.make_location(f"Zone {name}", cls.stock, usage="view") for name in "AB")
        cls.bins = cls.env["stock.location"].union(
            *(cls.make_location(f"A{number}", cls.zone_a, posx=1, posy=number) for number in (1, 2, 3)),
            *(cls.make_location(f"B{number}", cls.zone_b, posx=2, posy=number) for number in (1, 2, 3)))
        cls.bin = cls.bins[0]
        cls.users = {
            role: cls.make_user(f"cc_{role}", groups, cls.company) for role, groups in ROLES.items()}
        cls.stranger = cls.make_user(
            "cc_stranger", ["stock.group_stock_manager", "stock_cycle_count.group_controller"], cls.other_company)
        for role, user in cls.users.items():
            setattr(cls, role, user)
        cls.calendar = cls.make_calendar("Weekdays")

    def setUp(self):
        super().setUp()
        self.addCleanup(self.clock.move_to, NOW)

    # People

    @classmethod
    def make_user(cls, login, groups, company):
        """A user that cannot log in: hashing a password takes longer than most tests."""
        return cls.env["res.users"].create({
            "login": login, "name": login, "email": f"{login}@example.com", "tz": "UTC", "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "groups_id": [Command.set([cls.env.ref(group).id for group in groups])]})

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
    def make_warehouse(cls, name, code, company=None):
        return cls.env["stock.warehouse"].create(
            {"name": name, "code": code, "company_id": (company or cls.company).id})

    @classmethod
    def make_location(cls, name, parent, **values):
        return cls.env["stock.location"].create(
            {"name": name, "location_id": parent.id, "company_id": cls.company.id, "usage": "internal", **values})

    @classmethod
    def make_calendar(cls, name, weekdays=range(5), tz="UTC"):
        return cls.env["resource.calendar"].create({
            "name": name, "tz": tz, "company_id": cls.company.id, "attendance_ids": [Command.clear()] + [
                Command.create({"name": str(day), "dayofweek": str(day), "hour_from": 8, "hour_to": 17})
                for day in weekdays]})

    def make_holiday(self, first, last=None, calendar=None):
        """A public holiday of whole days."""
        return self.env["resource.calendar.leaves"].create({
            "name": "Holiday", "calendar_id": (calendar or self.calendar).id, "company_id": self.company.id,
            "date_from": datetime.combine(first, datetime.min.time()),
            "date_to": datetime.combine(last or first, datetime.max.time().replace(microsecond=0))})

    # Goods

    @classmethod
    def make_product(cls, name="Thing", cost=1.0, **values):
        product = cls.env["product.product"].create({"name": name, "type": "product", **values})
        product.with_company(cls.company).standard_price = cost
        return product

    @classmethod
    def make_products(cls, number, cost=1.0):
        products = cls.env["product.product"].create(
            [{"name": f"Thing {index}", "type": "product"} for index in range(number)])
        for product in products.with_company(cls.company):
            product.standard_price = cost
        return products

    @classmethod
    def make_quant(cls, product, location=None, quantity=10, **key):
        """Put stock on a location, without a move; answer its quant."""
        location = location or cls.bin
        cls.env["stock.quant"]._update_available_quantity(product, location, quantity, **key)
        domain = [("product_id", "=", product.id), ("location_id", "=", location.id)]
        domain += [(name, "=", record.id) for name, record in key.items()]
        return cls.env["stock.quant"].search(domain, order="id desc", limit=1)

    @classmethod
    def move(cls, product, quantity, source, destination, when=None, uom=None, **values):
        """A done move, at a moment of the past if one is given."""
        uom = uom or product.uom_id
        company = source.company_id or destination.company_id
        move = cls.env["stock.move"].with_company(company).create({
            "name": product.name, "product_id": product.id, "product_uom": uom.id, "product_uom_qty": quantity,
            "location_id": source.id, "location_dest_id": destination.id, "company_id": company.id, "picked": True,
            "move_line_ids": [Command.create({
                "product_id": product.id, "product_uom_id": uom.id, "quantity": quantity, "picked": True,
                "location_id": source.id, "location_dest_id": destination.id, "company_id": company.id})],
            **values,
        })
        move._action_confirm(merge=False)
        move._action_done()
        if when:
            move.date = when
            move.move_line_ids.date = when
        return move

    @classmethod
    def deliver(cls, product, quantity, when=None, source=None, **values):
        return cls.move(product, quantity, source or cls.stock, cls.customer, when, **values)

    @classmethod
    def take_back(cls, product, quantity, when=None, destination=None):
        """A customer's return."""
        return cls.move(product, quantity, cls.customer, destination or cls.stock, when)

    # Configuration

    @classmethod
    def make_profile(cls, **values):
        return cls.env["stock.abc.profile"].create({"name": "Profile", "company_id": cls.company.id, **values})

    @classmethod
    def make_plan(cls, **values):
        return cls.env["stock.cycle.count.plan"].create({
            "name": "Plan", "warehouse_id": cls.warehouse.id, "calendar_id": cls.calendar.id,
            "counter_ids": [Command.set(cls.counter.ids)], **values})

    def set_class(self, product, abc_class, warehouse=None):
        """Give a product a class, as a classification does."""
        return self.env["stock.abc.assignment"].create({
            "profile_id": abc_class.profile_id.id, "company_id": abc_class.company_id.id,
            "warehouse_id": (warehouse or self.warehouse).id, "product_id": product.id,
            "computed_class_id": abc_class.id})

    # Results

    def position(self, product, location=None):
        """What is scheduled for a product in a location, resting or not."""
        return self.env["stock.cycle.count.position"].with_context(active_test=False).search([
            ("product_id", "=", product.id), ("location_id", "=", (location or self.bin).id),
            ("company_id", "=", self.company.id)])

    def count_queries(self, function):
        """Number of queries that a call makes when nothing is cached."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.registry.clear_all_caches()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def stamp(self, records, moment="2000-01-01"):
        """Set the time of the last write far back, so that :meth:`get_written` tells what is written from now on."""
        self.env.flush_all()
        self.cr.execute(SQL(
            "UPDATE %s SET write_date = %s WHERE id = ANY(%s)", SQL.identifier(records._table), moment, records.ids))
        self.env.invalidate_all()

    def get_written(self, records, moment="2000-01-01"):
        """Records that were written since they were stamped."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.filtered(lambda record: str(record.write_date.date()) != moment)
