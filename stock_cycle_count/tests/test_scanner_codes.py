from odoo.tests import tagged

from .common_scanner import ScannerCase


@tagged("post_install", "-at_install")
class TestScannerCodes(ScannerCase):
    """Codes that name several things: active before archived, exact before near, and a question between equals."""

    def _make(self, name, **values):
        return self.env["product.product"].create({"name": name, "type": "product", **values})

    def _list(self, *products):
        """The counter's sheet with more products in bin A."""
        self.env["stock.cycle.count.line"].create([
            dict(self.key_values(product), count_id=self.sheet.id) for product in products])
        return self.sheet.line_ids.filtered(lambda line: line.product_id in self.env["product.product"].union(*products))

    def test_active_goes_before_archived(self):
        for name, code in (("default_code", "REF-1"), ("barcode", "00020001")):
            with self.subTest(code=name):
                # A barcode is free again once its product lost it to another length of the same number.
                self._make("Discontinued", active=False, **{name: code if name == "default_code" else "20001"})
                line = self._list(self._make("Successor", **{name: code}))
                for scanned in {code, code.lstrip("0")}:
                    self.assertEqual(self._scan(self.at_a, scanned)["target"]["line_id"], line.id)

    def test_an_archived_product_is_found_where_no_other_has_its_code(self):
        archived = self._make("Discontinued", default_code="REF-9", active=False)
        answer = self._scan(self.at_a, "REF-9")
        self.assertEqual(answer["question"]["target"]["product_id"], archived.id)

    def test_it_is_asked_between_equals(self):
        one, other = (self._make(name, default_code="REF-2") for name in "AB")
        found = self._scan(self.at_a, "REF-2")
        self.assertEqual({choice["target"]["product_id"] for choice in found["choices"]}, {one.id, other.id})
        self.assertEqual(found["message"]["title"], "REF-2")
        lines = self._list(one, other)
        listed = self._scan(self.at_a, "REF-2")
        self.assertEqual({choice["target"]["line_id"] for choice in listed["choices"]}, set(lines.ids))

    def test_exact_goes_before_near(self):
        """A serial number, a package or a reference with leading zeros is not the product with the short barcode."""
        line = self._list(self._make("Screw", barcode="1234"))
        self.assertEqual(self._scan(self.at_a, "00001234")["target"]["line_id"], line.id)
        reference = self._make("Bolt", default_code="0000000001234")
        self.assertEqual(
            self._scan(self.at_a, "0000000001234")["question"]["target"]["product_id"], reference.id)
        self.env["stock.lot"].create(
            {"name": "00001234", "product_id": self.serial_product.id, "company_id": self.company.id})
        self.assertEqual(
            self._scan(self.at_a, "00001234")["question"]["target"]["product_id"], self.serial_product.id)
        package = self.env["stock.quant.package"].create({"name": "000000001234"})
        self.assertEqual(self._scan(self.at_a, "000000001234")["package"], package.name)
        self.assertEqual(self._scan(self.at_a, "1234")["target"]["line_id"], line.id)
