from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tools import SQL

from .common import CONTROLLER, CountCase

#: The moment at which planning plays: a Monday morning, before the real clock, by which the database stamps its rows.
NOW = datetime(2024, 3, 4, 9, 0)
TODAY = date(2024, 3, 4)


class PlanningCase(CountCase):
    """A frozen clock, a calendar, zones with bins, and a second company.

    ``bins`` are in walking order. The gate stands open: what these tests ask is not whether a count may be posted.
    """

    gate = False

    @classmethod
    def setUpClass(cls):
        cls.clock = cls.startClassPatcher(freeze_time(NOW))
        super().setUpClass()
        cls.have("make_neighbours")
        cls.other_company.write(
            {"cycle_count_adjustment_control": cls.gate, "cycle_count_post_approved": cls.posts_approved})
        cls.zone_a, cls.zone_b = (cls.make_location(f"Zone {name}", cls.stock, usage="view") for name in "AB")
        cls.bins = cls.env["stock.location"].union(
            *(cls.make_location(f"A{number}", cls.zone_a, posx=1, posy=number) for number in (1, 2, 3)),
            *(cls.make_location(f"B{number}", cls.zone_b, posx=2, posy=number) for number in (1, 2, 3)))
        cls.bin = cls.bins[0]
        cls.calendar = cls.make_calendar("Weekdays")

    @classmethod
    def make_neighbours(cls):
        """A company that has nothing to do with the first one, and somebody who may do everything there."""
        company = cls.make_company("Company Next Door")
        return {
            "other_company": company, "other_warehouse": cls.get_warehouse(company),
            "stranger": cls.make_user(
                "next_door", f"stock.group_stock_manager,{CONTROLLER}", company_id=company.id)}

    def setUp(self):
        super().setUp()
        self.addCleanup(self.clock.move_to, NOW)

    @classmethod
    def make_warehouse(cls, name, code, company=None):
        return cls.env["stock.warehouse"].create(
            {"name": name, "code": code, "company_id": (company or cls.company).id})

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

    def grant_leave(self, users, first, last=None):
        """Leave of people for whole days, as time off makes it."""
        for user in users:
            resource = self.env["resource.resource"].create({
                "name": user.name, "user_id": user.id, "company_id": self.company.id, "calendar_id": self.calendar.id})
            self.env["resource.calendar.leaves"].create({
                "name": "Time off", "resource_id": resource.id, "calendar_id": self.calendar.id, "company_id": self.company.id,
                "date_from": datetime.combine(first, datetime.min.time()),
                "date_to": datetime.combine(last or first, datetime.max.time().replace(microsecond=0))})

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
    def take_back(cls, product, quantity, when=None, destination=None):
        """A customer's return."""
        return cls.move(product, cls.customer, destination or cls.stock, quantity, when=when)

    @classmethod
    def make_profile(cls, **values):
        return cls.env["stock.abc.profile"].create({"name": "Profile", "company_id": cls.company.id, **values})

    @classmethod
    def make_plan(cls, **values):
        return super().make_plan(**{"calendar_id": cls.calendar.id, **values})

    def set_class(self, product, abc_class, warehouse=None):
        """Give a product a class, as a classification does."""
        return self.env["stock.abc.assignment"].create({
            "profile_id": abc_class.profile_id.id, "company_id": abc_class.company_id.id,
            "warehouse_id": (warehouse or self.warehouse).id, "product_id": product.id,
            "computed_class_id": abc_class.id})

    def position(self, product, location=None):
        """What is scheduled for a product in a location, resting or not."""
        return self.env["stock.cycle.count.position"].with_context(active_test=False).search([
            ("product_id", "=", product.id), ("location_id", "=", (location or self.bin).id),
            ("company_id", "=", self.company.id)])

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
