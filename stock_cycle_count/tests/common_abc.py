

from .common_planning import PlanningCase


class AbcCase(PlanningCase):
    """A profile of all warehouses of the company, and helpers to say who is in which class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.make_profile()
        cls.class_a, cls.class_b, cls.class_c = cls.profile.class_ids

    def assignment(self, product, warehouse=None, profile=None):
        return self.env["stock.abc.assignment"].search([
            ("profile_id", "=", (profile or self.profile).id), ("product_id", "=", product.id),
            ("warehouse_id", "=", (warehouse or self.warehouse).id)])

    def metrics(self, products, warehouse=None):
        """What the profile measured, product by product."""
        return [self.assignment(product, warehouse).metric for product in products]

    def classes(self, products, warehouse=None):
        """Letters of the effective classes, in the order of the products; a dot for none."""
        return "".join(
            self.assignment(product, warehouse).effective_class_id.name or "." for product in products)

    def deliver_all(self, products, quantities, source=None):
        """Let some of each product leave a location, the warehouse's stock if none is given."""
        for product, quantity in zip(products, quantities):
            if quantity:
                self.deliver(product, source or self.stock, quantity)
