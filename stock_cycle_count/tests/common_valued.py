from .common_gate import GateCase

METHODS = ("standard", "average", "fifo")


class ValuedCase(GateCase):
    """Goods that are valued, where that is installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "stock.valuation.layer" not in cls.env:
            cls.skipTest(cls, "stock_account is not installed")

    def _buy(self, product, quantity, price, location=None, **key):
        move = self.prepare_move(product, self.supplier, location or self.bin_b, quantity, **key)
        move.price_unit = price
        move._action_done()


class CostCase(ValuedCase):
    """Products of every costing method, bought at prices that rounding does not give back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tolerance.write({"over_qty": 1000, "under_qty": 1000})
        cls.company.cycle_count_level2_value = 1e9

    def _make_valued(self, method, **values):
        category = self.env["product.category"].create({"name": method})
        category.property_cost_method = method
        return self.env["product.product"].create({
            "name": f"Of {method} cost", "type": "product", "categ_id": category.id,
            **({"standard_price": 1.7} if method == "standard" else {}), **values})

    def _stock(self, method, *lots):
        """A product bought in lots of quantity and price."""
        product = self._make_valued(method)
        for quantity, price in lots or ((4, 1), (3, 2), (2, 3)):
            self._buy(product, quantity, price)
        return product

    def _get_layers(self, lines):
        return sum(lines.move_ids.sudo().stock_valuation_layer_ids.mapped("value"))

    def _assert_booked(self, line, voucher=True):
        """Line, sheet and voucher show what valuation booked, to the cent."""
        self._forget()
        self.assertEqual((line.state, line.post_error), ("posted", False))
        booked = round(self._get_layers(line), 2)
        self.assertEqual(round(line.adjustment_value, 2), booked)
        self.assertEqual(round(line.variance_value, 2), booked + round(line.transfer_value, 2))
        if line.count_id.state == "done":
            self.assertEqual(
                round(line.count_id.adjustment_value, 2), round(self._get_layers(line.count_id.line_ids), 2))
        if not voucher:
            return booked
        html, _kind = self.env["ir.actions.report"].with_user(self.supervisor)._render_qweb_html(
            "stock_cycle_count.count_voucher", line.count_id.ids)
        self.assertIn(f"{abs(booked):,.2f}", html.decode())
        return booked


class AccountCase(ValuedCase):
    """Products of each costing method, valued by hand or automatically."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tolerance.write({"over_qty": 5, "under_qty": 5})
        cls.journal = cls.env["account.journal"].create(
            {"name": "Counted", "code": "CNTD", "type": "general", "company_id": cls.company.id})
        cls.valuation, cls.input, cls.output, cls.expense = cls.env["account.account"].create([
            {"code": f"CNT{number}", "name": name, "account_type": kind, "company_id": cls.company.id}
            for number, (name, kind) in enumerate((
                ("Valuation", "asset_current"), ("Input", "asset_current"), ("Output", "asset_current"),
                ("Expense", "expense")))])

    def _make_product(self, method, valuation, company=None):
        env = self.env["res.company"].with_company(company or self.company).env
        category = env["product.category"].create({"name": f"{method} {valuation}"})
        category.property_cost_method = method
        if valuation == "real_time":
            category.write({
                "property_stock_journal": self.journal.id, "property_stock_valuation_account_id": self.valuation.id,
                "property_stock_account_input_categ_id": self.input.id,
                "property_stock_account_output_categ_id": self.output.id,
                "property_account_expense_categ_id": self.expense.id, "property_valuation": "real_time"})
        return env["product.product"].create({
            "name": category.name, "type": "product", "categ_id": category.id,
            **({"standard_price": 5} if method == "standard" else {})})
