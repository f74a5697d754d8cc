import uuid

from .common import PAGE, CountCase

#: Where the scanner opens in the web client. A tour begins there, not at /web: that opens the counter's scanner too, and
#: what is pressed on it before the tour goes on to its own address is gone with it.
SCANNER = PAGE.format("scanner")


class ScannerCase(CountCase):
    """A sheet of two bins with a product, a lot and a serial number, and a device of the counter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.barcode = "2990000000019"
        cls.other_product.barcode = "2990000000026"
        cls.serial_product.barcode = "DRILL"
        cls.lot_product.barcode = "PAINT"
        cls.box = cls.env["product.packaging"].create(
            {"name": "Box of 12", "product_id": cls.product.id, "qty": 12, "barcode": "BOX12"})
        for product, location, quantity, lot in (
            (cls.product, cls.bin_a, 40, None), (cls.lot_product, cls.bin_a, 7, cls.lot),
            (cls.serial_product, cls.bin_b, 1, cls.serial),
        ):
            cls.env["stock.quant"]._update_available_quantity(product, location, quantity, lot_id=lot)
        cls.sheet = cls.make_sheet(
            (cls.product, cls.bin_a), (cls.lot_product, cls.bin_a, cls.lot),
            (cls.serial_product, cls.bin_b, cls.serial), start=True)
        cls.line, cls.lot_line, cls.serial_line = cls.sheet.line_ids.sorted("sequence")
        cls.at_a = {"screen": "location", "count_id": cls.sheet.id, "location_id": cls.bin_a.id}
        cls.at_b = dict(cls.at_a, location_id=cls.bin_b.id)

    def _scanner(self, user=None):
        return self.env["stock.cycle.count.scanner"].with_user(user or self.counter)

    def _scan(self, state, barcode, user=None):
        return self._scanner(user).scan(state, barcode)

    def _entry(self, target=None, kind="add", quantity=1, **values):
        """An entry as the device makes it of a line or of a target."""
        if target and hasattr(target, "_name"):
            target = {"line_id": target.id}
        target = target or {}
        product = self.env["product.product"].browse(target.get("product_id")) if target.get("product_id") else (
            self.env["stock.cycle.count.line"].browse(target.get("line_id")).product_id)
        parts = [(f"uom-{product.uom_id.id}", quantity)]
        return {"client_key": str(uuid.uuid4()), "kind": kind, "count_id": self.sheet.id, "parts": parts,
                **target, **values}

    def _send(self, *entries, user=None):
        return self._scanner(user).record(list(entries))

    def _send_one(self, *args, user=None, **values):
        return self._send(self._entry(*args, **values), user=user)["verdicts"][0]
