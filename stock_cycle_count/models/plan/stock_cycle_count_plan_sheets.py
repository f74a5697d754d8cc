from collections import defaultdict
from datetime import timedelta

from odoo import fields, models

from ... import queries
from ...tools import sheets
from ..constants import KEY_FIELDS, OPEN_STATES
from ..mixins.stock_cycle_count_policy_mixin import POLICIES


class StockCycleCountPlanSheets(models.AbstractModel):
    """Plans make count sheets: what is scheduled within the horizon and not yet on an open sheet."""

    _name = "stock.cycle.count.plan.sheets"
    _description = "Making of Count Sheets"

    def action_generate(self):
        """Make the sheets of these plans; run again, it adds nothing.

        :raise AccessError: when the user is no supervisor
        """
        self._check_may_run()
        for plan in self:
            plan.sudo()._generate()
        return True

    def _generate(self):
        """Make the sheets of one plan, and return them."""
        self.ensure_one()
        self.env.flush_all()
        self._begin_job()
        self._check_counters()
        positions = self._get_positions_to_count()
        made = self.env["stock.cycle.count"]
        if positions:
            made = self._make_sheets(self._prepare_lines(positions))
        self.write({"last_generate_date": fields.Datetime.now()})
        return made

    def _get_positions_to_count(self):
        """Active positions that are scheduled within the horizon and on no open sheet."""
        until = self._get_today() + timedelta(days=self.horizon_days)
        rows = queries.run(self.env, queries.schedule.positions_to_count(self.id, until, OPEN_STATES))
        return self.env["stock.cycle.count.position"].browse(row[0] for row in rows)

    def _prepare_lines(self, positions):
        """Values of one line for every stock key of the positions; an empty position has one, without a lot.

        Keys that stand on an open line already, of whatever origin, are left out.
        """
        keys = defaultdict(list)
        company = self.company_id
        groups = self.env["stock.quant"]._read_group(
            [("location_id", "in", positions.location_id.ids), ("product_id", "in", positions.product_id.ids),
             ("company_id", "in", (company.id, False)),
             "|", ("quantity", "!=", 0), "|", ("reserved_quantity", "!=", 0), ("inventory_quantity_set", "=", True)],
            ["location_id", "product_id", "lot_id", "package_id", "owner_id"], ["id:min"])
        for location, product, lot, package, owner, quant_id in groups:
            keys[location.id, product.id].append((lot.id, package.id, owner.id, quant_id))
        opened = {
            tuple(record.id for record in key)
            for key in self.env["stock.cycle.count.line"]._read_group(
                [("state", "in", OPEN_STATES), ("location_id", "in", positions.location_id.ids)], KEY_FIELDS)
        }
        lines = []
        for position in positions:
            place = (position.location_id.id, position.product_id.id)
            for lot_id, package_id, owner_id, quant_id in keys.get(place) or [(False, False, False, False)]:
                key = (position.product_id.id, position.location_id.id, lot_id, package_id, owner_id)
                if key not in opened:
                    lines.append(dict(
                        zip(KEY_FIELDS, key), quant_id=quant_id, position_id=position.id, company_id=company.id,
                        selection_reason=position.due_reason, abc_class_id=position.abc_class_id.id,
                        due_date=position.due_date))
        return lines

    def _make_sheets(self, lines):
        """Create sheets for line values: a day and, where wanted, a zone to a sheet, in walking order."""
        today = self._get_today()
        locations = self.env["stock.location"].browse({line["location_id"] for line in lines})
        places = {location.id: location._get_walking_key() for location in locations}
        zones = locations._get_zones(self.warehouse_id)
        days = {
            position.id: max(position.scheduled_date, today)
            for position in self.env["stock.cycle.count.position"].browse({line["position_id"] for line in lines})}
        by_product = self.grouping == "product"

        def order(line):
            walk = (places[line["location_id"]], line["product_id"], line["quant_id"] or 0)
            first = line["product_id"] if by_product else zones[line["location_id"]]
            return (days[line["position_id"]], first if by_product or self.grouping == "zone" else 0, walk)

        lines.sort(key=order)
        packed = sheets.pack(
            lines, self.sheet_size,
            group=lambda line: line["product_id"] if by_product else line["location_id"],
            wall=lambda line: (days[line["position_id"]],
                               zones[line["location_id"]] if self.grouping == "zone" else 0))
        Count = self.env["stock.cycle.count"].with_context(
            tracking_disable=True, mail_auto_subscribe_no_notify=True)
        turns = Count.with_context(active_test=False).search_count([("plan_id", "=", self.id)])
        counters = sheets.take_turns(len(packed), self.counter_ids.sorted("id").ids, turns)
        made = Count.create([
            dict(self._prepare_count(), name=name, user_id=counter_id, scheduled_date=days[sheet[0]["position_id"]])
            for name, sheet, counter_id in zip(self._next_names(len(packed)), packed, counters)])
        self.env["stock.cycle.count.line"].create([
            dict(line, count_id=count.id, user_id=count.user_id.id, sequence=number)
            for count, sheet in zip(made, packed) for number, line in enumerate(sheet, start=1)])
        return made

    def _next_names(self, number):
        """Names of so many new sheets, drawn at once where the sequence allows it."""
        sequence = self.env.ref("stock_cycle_count.sequence_stock_cycle_count").sudo()
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence._next() for _sheet in range(number)]
        return [
            sequence.get_next_char(value)
            for value, in queries.run(self.env, queries.sequences.next_values(sequence.id, number))]

    def _prepare_count(self):
        """Values that every sheet takes from the plan, frozen at the time it is made."""
        return {
            "plan_id": self.id,
            "origin": "plan",
            "company_id": self.company_id.id,
            "warehouse_id": self.warehouse_id.id,
            **{name: self[name] for name in POLICIES},
        }

