"""Ways past the gate by kinds. A way is a list of calls ``(model, method, args)``, which a client makes one after the other;
``CREATED`` stands for the record that the last call made.
"""

import os

from odoo.addons.stock_cycle_count.tests.common_gate import GateCase

from .attack_module_ways import CREATED, ModuleWays

KINDS = ("frozen", "bare", "forged", "kinds", "evidence", "quants", "relations", "buttons", "files",
         "manufacturing", "repairs", "purchases", "costs")
#: What is asked for at least.
WAYS = 400


class WaysCase(ModuleWays, GateCase):
    """A floor with a posted adjustment, a posted transfer and a held difference, and ways to get at them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.make_admin()
        cls.loss = cls.product.with_company(cls.company).property_stock_inventory
        own = [("company_id", "=", cls.company.id)]
        cls.scrap = cls.env["stock.location"].search([("scrap_location", "=", True), *own], limit=1)
        cls.production = cls.env["stock.location"].search([("usage", "=", "production"), *own], limit=1)
        cls.nobodys = cls.env["stock.location"].create({"name": "Sea", "usage": "transit", "company_id": False})
        cls.outside = (cls.customer, cls.supplier, cls.loss, cls.scrap, cls.production, cls.nobodys)
        cls.elsewhere = cls.env["stock.warehouse"].create({"name": "Other", "code": "OTH", "company_id": cls.company.id})
        cls.receive(cls.serial_product, cls.bin_a, 1, lot=cls.serial)
        cls.receive(cls.other_product, cls.bin_b, 40)
        posted, found, held = (cls.make_sheet(key, start=True) for key in (
            (cls.product,), (cls.serial_product, cls.bin_b, cls.serial), (cls.other_product, cls.bin_b)))
        for sheet, quantity in ((posted, 99), (found, 1), (held, 10)):
            cls.env["stock.cycle.count.entry"].with_user(cls.counter)._record(
                [{"line": sheet.line_ids.with_user(cls.counter), "quantity": quantity}], "scanner")
            sheet.with_user(cls.counter).action_close()
        found.with_user(cls.supervisor).action_finalize()
        cls.held = held.line_ids
        cls.moves = (posted | found).line_ids.move_ids
        cls.held.with_user(cls.supervisor).reason_id = cls.reason
        cls.row = cls.env["stock.cycle.count.audit.log"].search([], limit=1)
        cls.quant = cls.env["stock.quant"].search(
            [("product_id", "=", cls.product.id), ("location_id", "=", cls.bin_a.id)])
        # Documents that a forger may name: a done delivery, an open receipt, a scrap order.
        cls.delivery, cls.receipt = (cls._make_picking(*ends) for ends in (
            (cls.warehouse.out_type_id, cls.bin_a, cls.customer), (cls.warehouse.in_type_id, cls.supplier, cls.bin_a)))
        cls.delivery._action_done()
        cls.scrapped = cls.env["stock.scrap"].create({
            "product_id": cls.product.id, "scrap_qty": 1, "location_id": cls.bin_a.id,
            "product_uom_id": cls.product.uom_id.id})
        cls.scrapped.do_scrap()
        cls.env.flush_all()

    @classmethod
    def _make_picking(cls, kind, source, target):
        """A transfer of one piece that is ready to be done."""
        picking = cls.env["stock.picking"].create({
            "picking_type_id": kind.id, "location_id": source.id, "location_dest_id": target.id})
        move = cls.prepare_move(cls.product, source, target, 1, picking_id=picking.id)
        move.move_line_ids.picking_id = picking
        return picking

    def get_ways(self):
        """``{(kind, name): calls}``, of some kinds where ``STOCK_CYCLE_COUNT_KINDS`` names them."""
        kinds = os.environ.get("STOCK_CYCLE_COUNT_KINDS")
        ways = {(kind, name): calls for kind in (kinds.split(",") if kinds else KINDS)
                for name, calls in getattr(self, f"_get_{kind}")()}
        self.assertTrue(kinds or len(ways) >= WAYS)
        return ways

    def _get_ends(self, source, target, quantity=5):
        """Values that a move and its line share, and the line's."""
        ends = {"product_id": self.product.id, "location_id": source.id, "location_dest_id": target.id,
                "company_id": self.company.id}
        return ends, {**ends, "product_uom_id": self.product.uom_id.id, "quantity": quantity}

    def _get_move(self, source, target, **claims):
        """Values of a move without a transfer."""
        ends, line = self._get_ends(source, target)
        return {**ends, "name": "x", "state": "done", "product_uom_qty": 5, "product_uom": self.product.uom_id.id,
                "move_line_ids": [(0, 0, line)], **claims}

    # Moves

    def _get_frozen(self):
        """Everything about moves of counts, both kinds."""
        for kind, move in zip(("adjustment", "transfer"), self.moves):
            ends = {"move_id": move.id, "product_id": move.product_id.id, "location_id": move.location_id.id,
                    "location_dest_id": move.location_dest_id.id, "quantity": 50, "company_id": self.company.id,
                    "product_uom_id": move.product_uom.id}
            detail = move.move_line_ids.id
            for name, value in {
                "state": "draft", "date": "2019-01-01", "origin": "x", "name": "x", "is_inventory": False, "quantity": 40,
                "product_uom_qty": 40, "location_id": self.bin_c.id, "location_dest_id": self.bin_c.id,
                "product_id": self.other_product.id, "reference": "x", "lot_ids": [(5,)], "scrapped": True, "price_unit": 9,
                "picked": False, "company_id": self.env.company.id + 1, "restrict_partner_id": 1, "move_line_ids": [(5,)],
                "cycle_count_line_id": self.held.id, "cycle_count_reason_id": self.reason.id,
                "cycle_count_transfer_id": False, "cycle_count_reversal_id": self.held.id, "scrap_id": self.scrapped.id,
                "picking_id": self.delivery.id, "picking_type_id": self.warehouse.in_type_id.id,
                "warehouse_id": self.elsewhere.id, "partner_id": 1, "to_refund": True, "date_deadline": "2019-01-01",
                "move_dest_ids": [(6, 0, self.receipt.move_ids.ids)], "origin_returned_move_id": self.receipt.move_ids.id,
                "description_picking": "x", "product_uom": self.ref("uom.product_uom_dozen"), "group_id": False,
                "rule_id": self.warehouse.reception_route_id.rule_ids[:1].id,
            }.items():
                yield f"{kind}.{name}", [("stock.move", "write", [[move.id], {name: value}])]
            for command in ((1, detail, {"quantity": 40}), (2, detail), (3, detail), (0, 0, ends)):
                yield f"{kind} by command {command[0]}", [
                    ("stock.move", "write", [[move.id], {"move_line_ids": [command]}])]
            for name, value in {
                "quantity": 40, "lot_id": False, "lot_name": "x", "location_id": self.bin_c.id,
                "location_dest_id": self.bin_c.id, "date": "2019-01-01", "owner_id": 1, "state": "draft", "picked": False,
                "package_id": self.package.id, "result_package_id": self.package.id,
                "product_uom_id": self.ref("uom.product_uom_dozen"), "move_id": (self.moves - move).id,
                "picking_id": self.delivery.id, "quantity_product_uom": 40, "is_inventory": False, "reference": "x",
                "description_picking": "x", "cycle_count_done_date": "2019-01-01", "product_id": self.other_product.id,
            }.items():
                yield f"{kind} line.{name}", [("stock.move.line", "write", [[detail], {name: value}])]
            yield f"{kind} deleted", [("stock.move", "unlink", [[move.id]])]
            yield f"{kind} line deleted", [("stock.move.line", "unlink", [[detail]])]
            yield f"{kind} line added", [("stock.move.line", "create", [ends])]
            yield f"{kind} saved", [("stock.move.line", "web_save", [[detail], {"quantity": 40}, {}])]
            yield f"{kind} copied", [("stock.move", "copy", [move.id, {"state": "done", "is_inventory": True}])]

    def _get_bare(self):
        """Moves without a document, in and out, whatever they claim."""
        for place in self.outside:
            for source, target in ((self.bin_a, place), (place, self.bin_a)):
                name = f"{source.name} to {target.name}"
                for claims in ({}, {"is_inventory": True}, {"scrapped": True}):
                    yield f"{name} {claims}", [("stock.move", "create", [self._get_move(source, target, **claims)])]
                _ends, line = self._get_ends(source, target)
                yield f"{name} by a line", [("stock.move.line", "create", [{**line, "state": "done"}])]
                yield f"{name} in two steps", [
                    ("stock.move", "create", [self._get_move(source, target, state="draft")]),
                    ("stock.move", "write", [CREATED, {"state": "done"}]),
                    ("stock.move", "write", [CREATED, {"quantity": 40}])]
                yield f"{name} undone", [
                    ("stock.move", "create", [self._get_move(source, target, state="draft")]),
                    ("stock.move", "write", [CREATED, {"state": "done"}]),
                    ("stock.move", "write", [CREATED, {"quantity": 0}])]
            yield f"lot to {place.name}", [("stock.lot", "write", [[self.serial.id], {"location_id": place.id}])]
            yield f"relocated to {place.name}", [
                ("stock.quant.relocate", "create", [{
                    "quant_ids": [(6, 0, self.quant.ids)], "dest_location_id": place.id}]),
                ("stock.quant.relocate", "action_relocate_quants", [CREATED])]

    def _get_forged(self):
        """Moves that claim a document that is not theirs, and documents that are none."""
        for place in (self.customer, self.supplier, self.production, self.nobodys):
            for source, target in ((self.bin_a, place), (place, self.bin_a)):
                if (source, target) == (self.bin_a, self.customer):
                    continue  # Core lets people add to a done delivery what it delivered as well; it is found afterwards.
                name = f"{source.name} to {target.name}"
                for document, claim in (
                        ("a done delivery", {"picking_id": self.delivery.id}),
                        ("an open receipt", {"picking_id": self.receipt.id}),
                        ("a scrap order", {"scrap_id": self.scrapped.id})):
                    yield f"{name} by {document}", [("stock.move", "create", [self._get_move(source, target, **claim)])]
                    yield f"{name} by {document}, an inventory move", [
                        ("stock.move", "create", [self._get_move(source, target, is_inventory=True, **claim)])]
                    yield f"{name} by {document}, in two steps", [
                        ("stock.move", "create", [self._get_move(source, target, state="draft", **claim)]),
                        ("stock.move", "write", [CREATED, {"state": "done"}]),
                        ("stock.move", "write", [CREATED, {"quantity": 40}])]
                _ends, line = self._get_ends(source, target)
                yield f"{name} by a line of a done delivery", [
                    ("stock.move.line", "create", [{**line, "state": "done", "picking_id": self.delivery.id}])]
                yield f"scrapped, {name}", [
                    ("stock.scrap", "create", [{
                        "product_id": self.product.id, "scrap_qty": 5, "location_id": source.id,
                        "scrap_location_id": target.id, "product_uom_id": self.product.uom_id.id}]),
                    ("stock.scrap", "do_scrap", [CREATED])]
        for source, target in ((self.loss, self.bin_a), (self.bin_a, self.loss), (self.scrap, self.bin_a)):
            yield f"scrapped, {source.name} to {target.name}", [
                ("stock.scrap", "create", [{
                    "product_id": self.product.id, "scrap_qty": 5, "location_id": source.id,
                    "scrap_location_id": target.id, "product_uom_id": self.product.uom_id.id}]),
                ("stock.scrap", "do_scrap", [CREATED])]

    # What stock is

    def _get_kinds(self):
        """Kind, place and unit of stock."""
        bin_a = [self.bin_a.id]
        for usage in ("customer", "supplier", "inventory", "production", "view", "transit"):
            yield f"usage {usage}", [("stock.location", "write", [bin_a, {"usage": usage}])]
        for name, parent in (
                ("virtual", self.loss.location_id.id), ("elsewhere", self.elsewhere.lot_stock_id.id), ("top", False)):
            yield f"under {name}", [("stock.location", "write", [bin_a, {"location_id": parent}])]
            if parent:
                yield f"child of {name}", [("stock.location", "write", [[parent], {"child_ids": [(4, self.bin_a.id)]}])]
        yield "its stock under virtual", [
            ("stock.location", "write", [[self.stock.id], {"location_id": self.loss.location_id.id}])]
        yield "company of a bin", [("stock.location", "write", [bin_a, {"company_id": False}])]
        yield "return location", [("stock.location", "write", [bin_a, {"scrap_location": True}])]
        for name, record in (("bin", self.bin_a), ("its parent", self.stock)):
            yield f"{name} archived", [("stock.location", "write", [record.ids, {"active": False}])]
            yield f"{name} toggled", [("stock.location", "toggle_active", [record.ids])]
            yield f"{name} deleted", [("stock.location", "unlink", [record.ids])]
        for name in ("lot_stock_id", "view_location_id"):
            yield f"warehouse {name}", [("stock.warehouse", "write", [[self.warehouse.id], {name: self.elsewhere[name].id}])]
        yield "warehouse archived", [("stock.warehouse", "write", [[self.warehouse.id], {"active": False}])]
        template = self.product.product_tmpl_id
        yield "template", [("product.product", "write", [[self.product.id], {
            "product_tmpl_id": self.other_product.product_tmpl_id.id}])]
        yield "template by its variants", [("product.template", "write", [
            [self.other_product.product_tmpl_id.id], {"product_variant_ids": [(4, self.product.id)]}])]
        for name, value in {
                "tracking": "serial", "detailed_type": "consu", "type": "consu",
                "uom_id": self.ref("uom.product_uom_dozen")}.items():
            yield f"template {name}", [("product.template", "write", [[template.id], {name: value}])]
            yield f"product {name}", [("product.product", "write", [[self.product.id], {name: value}])]
        unit = self.product.uom_id
        for name, value in {"rounding": 1000.0, "factor": 12.0, "factor_inv": 12.0, "category_id": self.ref(
                "uom.product_uom_categ_kgm"), "uom_type": "bigger", "ratio": 12.0}.items():
            yield f"unit {name}", [("uom.uom", "write", [[unit.id], {name: value}])]
        yield "lot of another product", [("stock.lot", "write", [[self.serial.id], {"product_id": self.lot_product.id}])]
        yield "company of a lot", [("stock.lot", "write", [[self.serial.id], {"company_id": self.env.company.id + 1}])]

    # Rows that stay

    def _get_evidence(self):
        entry, held = self.held.entry_ids[:1].id, self.held.id
        for model, record in (
                ("stock.cycle.count.entry", entry), ("stock.cycle.count.audit.log", self.row.id)):
            for name in ("write_date", "user_id", "quantity", "detail", "date"):
                yield f"{model}.{name}", [
                    (model, "write", [[record], {name: 1 if name in ("user_id", "quantity") else "x"}])]
            yield f"{model} deleted", [(model, "unlink", [[record]])]
        for name, value in {
                "state": "posted", "verdict": "within", "counted_qty": 40, "expected_qty": 10, "variance_qty": 0,
                "unit_cost": 0, "approval_level": 0, "tolerance_id": False, "tolerance_limits": "{}", "round": 2,
                "result_entry_id": False, "judge_date": "2019-01-01", "replaces_held": True, "location_id": self.bin_c.id,
                "product_id": self.product.id, "passed_value": 0, "review_number": 9, "adjustment_qty": 0,
                "count_id": self.moves[0].cycle_count_id.id, "category_path": "1/", "rounding": 100, "user_id": 1,
                "move_ids": [(6, 0, self.moves.ids)], "entry_ids": [(5,)], "approval_ids": [(5,)],
                "target_transfer_ids": [(0, 0, {"location_id": self.bin_a.id, "quantity": 30, "selected": True})]}.items():
            yield f"line.{name}", [("stock.cycle.count.line", "write", [[held], {name: value}])]
        yield "line saved", [("stock.cycle.count.line", "web_save", [[held], {"counted_qty": 40}, {}])]
        yield "line loaded", [("stock.cycle.count.line", "load", [[".id", "counted_qty"], [[str(held), "40"]]])]
        yield "line deleted", [("stock.cycle.count.line", "unlink", [[held]])]
        yield "line copied", [("stock.cycle.count.line", "copy", [held, {"state": "approved"}])]
        yield "sheet deleted", [("stock.cycle.count", "unlink", [[self.held.count_id.id]])]
        for name, value in {
                "state": "done", "origin": "inventory", "close_date": False, "company_id": self.env.company.id + 1,
                "line_ids": [(1, held, {"verdict": "within"})], "start_date": "2019-01-01"}.items():
            yield f"sheet.{name}", [("stock.cycle.count", "write", [[self.held.count_id.id], {name: value}])]
        for decision in ("approve", "reject"):
            yield f"forged {decision}", [("stock.cycle.count.approval", "create", [{
                "line_id": held, "level": 1, "decision": decision, "user_id": self.supervisor.id}])]
        yield "forged entry", [("stock.cycle.count.entry", "create", [{
            "line_id": held, "quantity": 40, "kind": "set", "user_id": self.counter.id}])]
        yield "forged row", [("stock.cycle.count.audit.log", "create", [{
            "uid_refused": 1, "user_name": "x", "attempt": "x"}])]
        yield "forged transfer", [("stock.cycle.count.transfer", "create", [{
            "target_line_id": held, "location_id": self.bin_a.id, "quantity": 30, "selected": True}])]
        for method in ("_post", "_write_judged", "_transition", "_hold_for_approval", "_finish", "_make_moves"):
            yield f"private {method}", [("stock.cycle.count.line", method, [[held]])]
        for model, method in (("gate", "_pass"), ("adjustment", "_hold_changes"), ("entry", "_record"),
                              ("fingerprint", "_remember")):
            yield f"private {model} {method}", [(f"stock.cycle.count.{model}", method, [[]])]

    # Quants

    def _get_quants(self):
        quant = self.quant.id
        for name, value in {
                "quantity": 5, "reserved_quantity": 5, "location_id": self.bin_c.id, "product_id": self.other_product.id,
                "lot_id": self.serial.id, "package_id": 1, "owner_id": 1, "in_date": "2019-01-01",
                "company_id": self.env.company.id + 1}.items():
            yield f"quant.{name}", [("stock.quant", "write", [[quant], {name: value}])]
            yield f"quant.{name} saved", [("stock.quant", "web_save", [[quant], {name: value}, {}])]
        yield "quant deleted", [("stock.quant", "unlink", [[quant]])]
        yield "quant created", [("stock.quant", "create", [{
            "product_id": self.product.id, "location_id": self.bin_c.id, "quantity": 5}])]
        yield "quant saved anew", [("stock.quant", "web_save", [[], {
            "product_id": self.product.id, "location_id": self.bin_c.id, "quantity": 5}, {}])]
        yield "quant copied", [("stock.quant", "copy", [quant, {"location_id": self.bin_c.id}])]
        yield "quant by name", [("stock.quant", "name_create", ["x"])]
        yield "moved by hand", [("stock.quant", "move_quants", [[quant]])]
        for name in ("action_set_inventory_quantity", "action_set_inventory_quantity_zero"):
            yield name, [("stock.quant", name, [[quant]]), ("stock.quant", "action_apply_inventory", [[quant]])]
        yield "set to zero by its wizard", [
            ("stock.inventory.warning", "create", [{"quant_ids": [(6, 0, [quant])]}]),
            ("stock.inventory.warning", "action_set", [CREATED]),
            ("stock.quant", "action_apply_inventory", [[quant]])]
        yield "zeroed in one write", [
            ("stock.quant", "write", [[quant], {"inventory_quantity": 0, "inventory_quantity_set": True}]),
            ("stock.quant", "action_apply_inventory", [[quant]])]
        yield "applied as it is created", [("stock.quant", "create", [{
            "product_id": self.product.id, "location_id": self.bin_c.id, "inventory_quantity_auto_apply": 50}])]
        yield "applied by its form", [("stock.quant", "web_save", [[quant], {"inventory_quantity_auto_apply": 5}, {}])]

    def _get_relations(self):
        """The same by way of records that stock belongs to."""
        quant, detail = self.quant.id, self.moves[0].move_line_ids.id
        new = {"product_id": self.product.id, "location_id": self.bin_c.id, "quantity": 5}
        for model, record, name in (
                ("product.product", self.product, "stock_quant_ids"), ("stock.location", self.bin_a, "quant_ids"),
                ("stock.lot", self.serial, "quant_ids"), ("stock.quant.package", self.package, "quant_ids")):
            for command in ((1, quant, {"quantity": 5}), (1, quant, {"reserved_quantity": 90}), (2, quant), (3, quant),
                            (4, quant), (0, 0, new), (5,)):
                yield f"{model}.{name} by command {command}", [(model, "write", [record.ids, {name: [command]}])]
        for model, record, name in (
                ("product.product", self.product, "stock_move_ids"), ("stock.picking", self.delivery, "move_ids"),
                ("stock.scrap", self.scrapped, "move_ids")):
            for command in ((1, self.moves[0].id, {"quantity": 40}), (2, self.moves[0].id), (4, self.moves[0].id)):
                yield f"{model}.{name} by command {command}", [(model, "write", [record.ids, {name: [command]}])]
        for model, record, name in (
                ("stock.picking", self.delivery, "move_line_ids"), ("stock.picking", self.receipt, "move_line_ids"),
                ("stock.move", self.receipt.move_ids, "move_line_ids")):
            for command in ((1, detail, {"quantity": 40}), (2, detail), (4, detail)):
                yield f"{model}.{name} by command {command}", [(model, "write", [record.ids, {name: [command]}])]

    # What screens and files offer

    def _get_buttons(self):
        """Buttons and methods of core that move stock or write on it."""
        detail = self.moves.move_line_ids.ids
        yield "reverted", [("stock.move.line", "action_revert_inventory", [detail])]
        yield "reverted twice", 2 * [("stock.move.line", "action_revert_inventory", [detail])]
        yield "kept as counted", [
            ("stock.quant", "write", [[self.quant.id], {"inventory_quantity": 10}]),
            ("stock.inventory.conflict", "create", [{
                "quant_ids": [(6, 0, self.quant.ids)], "quant_to_fix_ids": [(6, 0, self.quant.ids)]}]),
            ("stock.inventory.conflict", "action_keep_counted_quantity", [CREATED])]
        yield "counted by a request", [
            ("stock.request.count", "create", [{"quant_ids": [(6, 0, self.quant.ids)], "set_count": "set"}]),
            ("stock.request.count", "action_request_count", [CREATED]),
            ("stock.quant", "write", [self.quant.ids, {"inventory_quantity": 3}]),
            ("stock.quant", "action_apply_inventory", [self.quant.ids])]
        yield "quantity updated", [
            ("stock.change.product.qty", "create", [{
                "product_id": self.product.id, "product_tmpl_id": self.product.product_tmpl_id.id, "new_quantity": 999}]),
            ("stock.change.product.qty", "change_product_qty", [CREATED])]
        for name in ("qty_available", "virtual_available"):
            yield f"product.{name}", [("product.product", "write", [self.product.ids, {name: 5}])]
            yield f"template.{name}", [("product.template", "write", [self.product.product_tmpl_id.ids, {name: 5}])]
        yield "lot.product_qty", [("stock.lot", "write", [self.serial.ids, {"product_qty": 5}])]
        yield "count undone by its transfer", [
            ("stock.return.picking", "create", [{"picking_id": self.delivery.id, "product_return_moves": [(0, 0, {
                "product_id": self.product.id, "quantity": 5, "move_id": self.moves[0].id})]}])]
        yield "onchange of a quant", [("stock.quant", "onchange", [
            self.quant.ids, {"inventory_quantity_auto_apply": 5}, ["inventory_quantity_auto_apply"],
            {"inventory_quantity_auto_apply": {}, "quantity": {}}])]
        yield "onchange of a line", [("stock.cycle.count.line", "onchange", [
            self.held.ids, {"count_input": "40"}, ["count_input"], {"count_input": {}}])]

    def _get_files(self):
        """Rows of files."""
        quant, move, detail = str(self.quant.id), str(self.moves[0].id), str(self.moves[0].move_line_ids.id)
        for model, names, values in (
                ("stock.quant", [".id", "quantity"], [quant, "5"]),
                ("stock.quant", [".id", "reserved_quantity"], [quant, "5"]),
                ("stock.quant", [".id", "location_id/.id"], [quant, str(self.bin_c.id)]),
                ("stock.quant", ["product_id/.id", "location_id/.id", "quantity"],
                 [str(self.product.id), str(self.bin_c.id), "5"]),
                ("stock.quant", ["product_id/.id", "location_id/.id", "inventory_quantity_auto_apply"],
                 [str(self.product.id), str(self.bin_a.id), "5"]),
                ("stock.move", [".id", "date"], [move, "2019-01-01"]),
                ("stock.move", [".id", "state"], [move, "draft"]),
                ("stock.move.line", [".id", "quantity"], [detail, "40"]),
                ("stock.location", [".id", "usage"], [str(self.bin_a.id), "customer"]),
                ("stock.location", [".id", "location_id/.id"], [str(self.bin_a.id), str(self.loss.location_id.id)]),
                ("stock.lot", [".id", "location_id/.id"], [str(self.serial.id), str(self.customer.id)]),
                ("product.product", [".id", "uom_id/.id"],
                 [str(self.product.id), str(self.ref("uom.product_uom_dozen"))]),
                ("stock.cycle.count", [".id", "state"], [str(self.held.count_id.id), "done"]),
                ("stock.cycle.count.approval", ["line_id/.id", "level", "decision"], [str(self.held.id), "1", "approve"]),
                ("stock.cycle.count.entry", ["line_id/.id", "quantity"], [str(self.held.id), "40"])):
            yield f"{model} {names}", [(model, "load", [names, [values]])]
