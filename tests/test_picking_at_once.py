"""One who picked answers on two devices while others put the same places onto sheets: each place is counted once, each answer
is kept or refused in words.
"""

import contextlib
from functools import partial

import psycopg2
import pytest

from .servers import at_once, served

PLACES = 12


@pytest.mark.long
def test_answering_and_asking_at_once(database, tmp_path):
    with served(database, tmp_path / "odoo.log") as login:
        floor = Floor(login)
        picker = [login("at_once_picker", "at_once_picker") for _device in range(3)]
        at_once(
            range(PLACES), partial(floor.tap, picker[0], answer="empty"), partial(floor.tap, picker[1], answer="left"),
            partial(floor.tap, picker[2], answer="empty"), partial(floor.plan_count, login("admin", "admin")))
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        for product in floor.products:
            cursor.execute("SELECT state FROM stock_cycle_count_event JOIN stock_cycle_count_position position"
                           " ON position.id = position_id WHERE product_id = %s ORDER BY kind", [product])
            states = [state for [state] in cursor.fetchall()]
            cursor.execute("SELECT selection_reason, state, (SELECT COUNT(*) FROM stock_cycle_count_entry"
                           " WHERE line_id = line.id) FROM stock_cycle_count_line line WHERE product_id = %s", [product])
            lines = cursor.fetchall()
            answered = ("asked", "posted", 1) in lines
            assert len(lines) == len(set(lines)) <= 2 and set(lines) <= {("asked", "posted", 1), ("manual", "pending", 0)}
            # One answer: a count of nothing, or a wish; none where a sheet came first.
            assert answered + (len(states) == 2) <= 1
            assert answered or len(states) == 2 or lines


class Floor:
    """Places whose last was taken by a picker, who is asked about each."""

    def __init__(self, login):
        admin = login("admin", "admin")
        group = admin.call("ir.model.data", "check_object_reference", "stock", "group_stock_user")[1]
        admin.call("res.users", "create", [{
            "name": "Picker", "login": "at_once_picker", "password": "at_once_picker", "groups_id": [(6, 0, [group])]}])
        [warehouse] = admin.call("stock.warehouse", "search_read", [], ["lot_stock_id", "out_type_id"], limit=1)
        self.warehouse, self.place = warehouse["id"], warehouse["lot_stock_id"][0]
        [company] = admin.call("res.company", "search", [], limit=1)
        admin.call("res.company", "write", [company], {"cycle_count_adjustment_control": False})
        self.products = admin.call("product.product", "create", [
            {"name": f"Part {number}", "type": "product"} for number in range(PLACES)])
        quants = [admin.call(
            "stock.quant", "create", {"product_id": product, "location_id": self.place, "inventory_quantity": 2},
            context={"inventory_mode": True}) for product in self.products]
        admin.call("stock.quant", "action_apply_inventory", quants)
        plan = admin.call("stock.cycle.count.plan", "create", {
            "name": "At Once", "warehouse_id": self.warehouse, "ranking": "value", "event_asked": True, "event_share": 100,
            "daily_capacity": 100, "counter_ids": [(6, 0, [admin.call("res.users", "search", [("login", "=", "admin")])[0]])]})
        admin.call("stock.cycle.count.plan", "action_schedule", [plan])
        customers = admin.call("ir.model.data", "check_object_reference", "stock", "stock_location_customers")[1]
        picker = login("at_once_picker", "at_once_picker")
        self.pickings, self.questions = [], []
        for product in self.products:
            ends = {"location_id": self.place, "location_dest_id": customers}
            picking = picker.call("stock.picking", "create", {
                "picking_type_id": warehouse["out_type_id"][0], **ends, "move_ids": [(0, 0, {
                    "name": "Pick", "product_id": product, "product_uom_qty": 2, **ends})]})
            picker.call("stock.picking", "action_confirm", [picking])
            picker.call("stock.picking", "action_assign", [picking])
            picker.call("stock.picking", "button_validate", [picking])
            [values] = picker.call("stock.picking", "read", [picking], ["cycle_count_question_id"])
            assert values["cycle_count_question_id"]
            self.pickings.append(picking)
            self.questions.append(values["cycle_count_question_id"])

    def tap(self, client, number, answer):
        client.call("stock.picking", f"action_cycle_count_{answer}", [self.pickings[number]], context={
            "stock_cycle_count_question": self.questions[number]})

    def plan_count(self, client, number):
        client.call("stock.cycle.count", "create", {
            "warehouse_id": self.warehouse, "line_ids": [(0, 0, {
                "product_id": self.products[number], "location_id": self.place})]})
