"""Ways past the gate that other modules of core offer, where they are installed."""

#: What the last call of a way made.
CREATED = "created"


class ModuleWays:
    """Documents of manufacturing, repairs, purchases and landed costs, turned against the gate."""

    def _get_manufacturing(self):
        """Orders that make stock of losses."""
        if "mrp.production" not in self.env:
            return
        order = {"product_id": self.product.id, "product_qty": 5, "product_uom_id": self.product.uom_id.id,
                 "company_id": self.company.id}
        component = {"product_id": self.other_product.id, "product_uom_qty": 5, "name": "x",
                     "product_uom": self.other_product.uom_id.id}
        for source, target in ((self.loss, self.bin_a), (self.bin_a, self.loss), (self.bin_a, self.customer)):
            yield f"made, {source.name} to {target.name}", [
                ("mrp.production", "create", [{
                    **order, "location_src_id": source.id, "location_dest_id": target.id, "move_raw_ids": [(0, 0, {
                        **component, "location_id": source.id, "location_dest_id": self.production.id})]}]),
                ("mrp.production", "action_confirm", [CREATED]),
                ("mrp.production", "write", [CREATED, {"qty_producing": 5}]),
                ("mrp.production", "button_mark_done", [CREATED])]
            yield f"unbuilt, {source.name} to {target.name}", [
                ("mrp.unbuild", "create", [{
                    **order, "location_id": source.id, "location_dest_id": target.id}]),
                ("mrp.unbuild", "action_unbuild", [CREATED])]
        done = self.env["mrp.production"].search([("state", "=", "done")], limit=1)
        for name in ("production_id", "raw_material_production_id"):
            yield f"claims {name}", [("stock.move", "create", [
                self._get_move(self.customer, self.bin_a, **{name: done.id or 1})])]
            yield f"a count's {name}", [("stock.move", "write", [self.moves[0].ids, {name: done.id or 1}])]

    def _get_repairs(self):
        """Repairs that take parts from losses, add what nobody has, or claim moves."""
        if "repair.order" not in self.env:
            return
        kind = self.env["stock.picking.type"].search(
            [("code", "=", "repair_operation"), ("warehouse_id", "=", self.warehouse.id)], limit=1)
        order = {
            "product_id": self.other_product.id, "product_qty": 1, "product_uom": self.other_product.uom_id.id,
            "picking_type_id": kind.id, "location_id": self.bin_b.id}
        for source, target in ((self.loss, self.bin_a), (self.bin_a, self.loss)):
            for part in ("add", "remove", "recycle"):
                yield f"repaired, {part} {source.name} to {target.name}", [
                    ("repair.order", "create", [{**order, "move_ids": [(0, 0, {
                        "product_id": self.product.id, "product_uom_qty": 5, "quantity": 5, "picked": True,
                        "product_uom": self.product.uom_id.id, "repair_line_type": part, "name": "x",
                        "location_id": source.id, "location_dest_id": target.id})]}]),
                    ("repair.order", "action_validate", [CREATED]),
                    ("repair.order", "action_repair_start", [CREATED]),
                    ("repair.order", "action_repair_end", [CREATED])]
        for name in ("location_id", "parts_location_id", "recycle_location_id", "location_dest_id"):
            yield f"repaired at {name}", [
                ("repair.order", "create", [{**order, name: self.loss.id, "move_ids": [(0, 0, {
                    "product_id": self.product.id, "product_uom_qty": 5, "quantity": 5, "picked": True, "name": "x",
                    "product_uom": self.product.uom_id.id,
                    "repair_line_type": "remove" if name == "location_id" else "recycle"})]}]),
                ("repair.order", "write", [CREATED, {name: self.loss.id}]),
                ("repair.order", "action_repair_done", [CREATED])]
        order = self.env["repair.order"].create(order)
        for source, target in ((self.customer, self.bin_a), (self.bin_a, self.customer), (self.loss, self.bin_a)):
            yield f"claims a repair, {source.name} to {target.name}", [("stock.move", "create", [
                self._get_move(source, target, repair_id=order.id)])]
        yield "a count's repair", [("stock.move", "write", [self.moves[0].ids, {"repair_id": order.id}])]
        yield "a count's move in a repair", [("repair.order", "write", [order.ids, {"move_ids": [(4, self.moves[0].id)]}])]
        yield "a count's move of a repair", [
            ("repair.order", "write", [order.ids, {"move_ids": [(1, self.moves[0].id, {"quantity": 40})]}])]
        yield "a count's move as the repair's", [
            ("repair.order", "write", [order.ids, {"move_ids": [(4, self.moves[0].id)]}]),
            ("repair.order", "action_repair_cancel", [order.ids])]

    def _get_purchases(self):
        """Orders of vendors that claim what was counted, or what was never delivered."""
        if "purchase_line_id" not in self.env["stock.move"]._fields:
            return
        order = self.env["purchase.order"].create({
            "partner_id": self.env["res.partner"].create({"name": "Vendor"}).id, "order_line": [(0, 0, {
                "product_id": self.product.id, "product_qty": 5, "price_unit": 900, "name": "x",
                "product_uom": self.product.uom_id.id})]})
        order.button_confirm()
        line, picking = order.order_line, order.picking_ids
        for kind, move in zip(("adjustment", "transfer"), self.moves):
            yield f"{kind} of a purchase", [("stock.move", "write", [move.ids, {"purchase_line_id": line.id}])]
            yield f"{kind} linked to a purchase", [
                ("purchase.order.line", "write", [line.ids, {"move_ids": [(4, move.id)]}])]
            yield f"{kind} rewritten by a purchase", [
                ("purchase.order.line", "write", [line.ids, {"move_ids": [(1, move.id, {"quantity": 40, "price_unit": 9})]}])]
            yield f"{kind} into its receipt", [("stock.picking", "write", [picking.ids, {"move_ids": [(4, move.id)]}])]
        for claims in ({}, {"is_inventory": True}):
            yield f"claims a purchase {claims}", [("stock.move", "create", [
                self._get_move(self.supplier, self.bin_a, purchase_line_id=line.id, **claims)])]
        yield "claims a purchase by a line", [("purchase.order.line", "write", [line.ids, {"move_ids": [
            (0, 0, self._get_move(self.supplier, self.bin_a))]}])]
        yield "receipt from losses", [
            ("stock.picking", "write", [picking.ids, {"location_id": self.loss.id}]),
            ("stock.move", "write", [picking.move_ids.ids, {"location_id": self.loss.id, "quantity": 5, "picked": True}]),
            ("stock.picking", "button_validate", [picking.ids])]

    def _get_costs(self):
        """Landed costs and revaluations of what counts moved, and layers by hand."""
        layers = "stock.valuation.layer"
        if layers not in self.env:
            return
        values = {"product_id": self.product.id, "company_id": self.company.id, "quantity": 0, "value": 99,
                  "stock_move_id": self.moves[0].id}
        yield "layer made", [(layers, "create", [values])]
        for layer in self.moves.stock_valuation_layer_ids:
            for name, value in {"value": 99, "quantity": 9, "stock_move_id": False}.items():
                yield f"layer.{name}", [(layers, "write", [layer.ids, {name: value}])]
            yield "layer deleted", [(layers, "unlink", [layer.ids])]
        yield "layer by its move", [("stock.move", "write", [self.moves[0].ids, {
            "stock_valuation_layer_ids": [(0, 0, values)]}])]
        if "stock.landed.cost" not in self.env:
            return
        service = self.env["product.product"].create({"name": "Freight", "type": "service", "landed_cost_ok": True})
        journal = self.env["account.journal"].create(
            {"name": "Costs", "code": "LANDC", "type": "general", "company_id": self.company.id})
        cost = {"account_journal_id": journal.id, "cost_lines": [(0, 0, {
            "product_id": service.id, "price_unit": 50, "split_method": "equal", "name": "x"})]}
        yield "costs of what was counted", [
            ("stock.landed.cost", "create", [{**cost, "picking_ids": [(6, 0, self.receipt.ids)]}]),
            ("stock.landed.cost", "write", [CREATED, {"valuation_adjustment_lines": [(0, 0, {
                "move_id": self.moves[0].id, "product_id": self.product.id, "quantity": 1, "former_cost": 5,
                "additional_landed_cost": 50})]}]),
            ("stock.landed.cost", "button_validate", [CREATED])]
        yield "costs by the count's move in a receipt", [
            ("stock.move", "write", [self.moves[0].ids, {"picking_id": self.receipt.id}]),
            ("stock.landed.cost", "create", [{**cost, "picking_ids": [(6, 0, self.receipt.ids)]}]),
            ("stock.landed.cost", "compute_landed_cost", [CREATED]),
            ("stock.landed.cost", "button_validate", [CREATED])]
