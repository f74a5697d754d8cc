from datetime import datetime

from .common_abc import AbcCase


class ScheduleCase(AbcCase):
    """A plan for the whole warehouse with more capacity than work, and classes of 30, 91 and 365 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.make_plan(profile_id=cls.profile.id)

    def make_stock(self, abc_class=None, location=None, quantity=10, **values):
        """A product of a class with stock in one bin."""
        product = self.make_product(**values)
        self.make_quant(product, location, quantity)
        if abc_class:
            self.set_class(product, abc_class)
        return product

    def schedule(self, plan=None):
        (plan or self.plan).action_schedule()

    def scheduled(self, product, location=None):
        return self.position(product, location).scheduled_date

    def set_last_count(self, product, day, location=None):
        """Say when a product was counted last; the schedule has to know the position already."""
        position = self.position(product, location)
        position.last_count_date = datetime.combine(day, datetime.min.time()).replace(hour=6)
        position.since_date = min(position.since_date, day)

    def count_in_inventory(self, product, quantity=None, location=None, user=None):
        """Count in core's Physical Inventory, as a stock administrator; what is there unless a quantity is given."""
        quant = self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "=", (location or self.bin).id)])
        quant = self.as_user(user or self.manager, quant, inventory_mode=True)
        quant.inventory_quantity = quant.quantity if quantity is None else quantity
        quant.action_apply_inventory()
