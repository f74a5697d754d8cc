from markupsafe import Markup

from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.osv import expression

from .. import queries
from ..tools import notifications, numbers
from .constants import KEY_FIELDS
from .context import (
    CORE_STOCK,
    COUNT_TAKEN,
    DATED_BY_CORE,
    REFUSALS_KEY,
    WRITER_KEY,
    Refusals,
    get_posting,
    get_refusals,
    get_resolution,
)


class StockQuant(models.Model):
    _name = "stock.quant"
    _inherit = ["stock.quant", "stock.quant.open.count"]

    abc_class_id = fields.Many2one(
        "stock.abc.class", "ABC Class", compute="_compute_abc_class_id", store=True, ondelete="set null",
        index="btree_not_null", help="Class by which the count plan of this location schedules the product.")

    cycle_count_counter_id = fields.Many2one(
        "res.users", "Counted By", readonly=True, copy=False, ondelete="set null",
        help="Whoever entered the counted quantity; set by the server.")
    cycle_count_reason_id = fields.Many2one(
        "stock.cycle.count.reason", "Count Reason", copy=False, ondelete="set null", check_company=True,
        domain="[('root_cause', '!=', 'opening')]")

    @api.depends("location_id", "product_id")
    def _compute_abc_class_id(self):
        positions = self._get_count_positions()
        if not positions:
            self.abc_class_id = False
            return
        for quant in self:
            position = positions.get(quant._get_position_key())
            quant.abc_class_id = position and position.abc_class_id

    @api.depends("location_id")
    def _compute_inventory_date(self):  # pylint: disable=missing-return
        undated = self.filtered(lambda quant: not quant.inventory_date)
        super()._compute_inventory_date()
        positions = undated._get_count_positions()
        for quant in undated:
            position = positions.get(quant._get_position_key())
            if position and position.active and position.scheduled_date:
                quant.inventory_date = position.scheduled_date

    @api.constrains("cycle_count_reason_id")
    def _check_cycle_count_reason(self):
        self.cycle_count_reason_id._check_choosable()

    # CRUD

    @api.model
    def name_create(self, name):
        return False  # Core of 2024 takes a name for the number of a product.

    @api.model_create_multi
    def create(self, vals_list):
        gate = self.env["stock.cycle.count.gate"]
        defaults = {}
        writer = self.env.context.get(WRITER_KEY)
        if writer is not CORE_STOCK and not gate._is_exempt():
            # A context and a user's own defaults fill fields as well.
            defaults = self.default_get(["quantity", "reserved_quantity", "location_id"])
        filled = {name for name in ("quantity", "reserved_quantity") if defaults.get(name)}
        locations = self.location_id
        for vals in vals_list:
            vals.pop("cycle_count_counter_id", None)
            names = set(vals) & {"quantity", "reserved_quantity", "in_date", "company_id"} | filled
            location = self.location_id.browse(vals.get("location_id") or defaults.get("location_id"))
            if writer is not CORE_STOCK:
                gate._check_quant_vals(names, location, "create a quant")
                locations |= location
        # What a count names must be visible to whoever counts: the key is checked before core uses sudo.
        if not self.env.su:
            self._check_key_access(vals_list)
        creating = self.with_context(**{WRITER_KEY: DATED_BY_CORE})
        if self.env.context.get("import_file") and gate._get_gated_locations(locations):
            quants = creating._create_counted(vals_list)
        else:
            quants = super(StockQuant, creating).create(vals_list)
        posting = get_posting(self.env)
        if posting:
            for quant in quants:
                posting.quants.add(quant._get_stock_key(), quant.id)
        return quants.with_context(self.env.context)  # pylint: disable=context-overridden

    @api.model
    def _create_counted(self, vals_list):
        """Create quants from a file that is imported. One that is there takes the count, as when a person enters it;
        core would make a second one. Rows that count the same stock add up.
        """
        self.env["stock.lot"]._name_own_lots(vals_list)
        merged, places = {}, []
        for number, vals in enumerate(vals_list):
            counted = {"inventory_quantity", "inventory_quantity_auto_apply"} & set(vals)
            place = tuple(vals.get(name) or False for name in KEY_FIELDS) if counted else number
            places.append(place)
            if place in merged:
                for name in counted:
                    merged[place][name] = (merged[place].get(name) or 0) + (vals[name] or 0)
            else:
                merged[place] = vals
        created = {
            place: self.with_context(import_file=False).create([vals]).id for place, vals in merged.items()}
        return self.browse([created[place] for place in places])

    def write(self, vals):
        quants = self
        gate = self.env["stock.cycle.count.gate"]
        writer = self.env.context.get(WRITER_KEY)
        if writer not in (CORE_STOCK, COUNT_TAKEN):
            locations = self.sudo().location_id | self.location_id.browse(vals.get("location_id"))
            gate._check_quant_vals(set(vals), locations, "write on a quant")
            vals = {name: value for name, value in vals.items() if name != "cycle_count_counter_id"}
            if not vals.get("inventory_quantity_set", True):
                quants = self._get_clearable(vals)
                quants._check_may_clear()
                vals["cycle_count_counter_id"] = False
            elif ({"inventory_quantity", "inventory_diff_quantity", "inventory_quantity_set"} & set(vals)
                  and not get_resolution(self.env)):
                vals["cycle_count_counter_id"] = self.env.uid
        result = super(StockQuant, quants).write(vals)
        if vals.get("inventory_date") and writer is not DATED_BY_CORE:
            self._request_count(fields.Date.to_date(vals["inventory_date"]))
        return result

    # Business

    def _get_stock_key(self):
        """What a quant holds, as ids in the order of ``KEY_FIELDS``."""
        return tuple(self[name].id for name in KEY_FIELDS)

    def _get_position_key(self):
        """What a quant is scheduled by."""
        return (self.location_id.id, self.product_id.id)

    def _get_count_positions(self):
        """Positions of these quants, resting ones included: ``{(location id, product id): position}``."""
        counted = self.filtered(lambda quant: quant.location_id.usage in ("internal", "transit"))
        if not counted:
            return {}
        positions = self.env["stock.cycle.count.position"].sudo().with_context(active_test=False).search([
            ("location_id", "in", counted.location_id.ids), ("product_id", "in", counted.product_id.ids),
            ("company_id", "in", (counted.company_id or self.env.company).ids)])
        return {(position.location_id.id, position.product_id.id): position for position in positions}

    def _request_count(self, date):
        """Take a date that a person gave to quants for a request to count them by then."""
        quants = self.sudo().filtered(lambda quant: quant.location_id.usage in ("internal", "transit"))
        positions = quants._get_count_positions()
        new = {
            quant._get_position_key(): {
                "location_id": quant.location_id.id, "product_id": quant.product_id.id,
                "company_id": (quant.company_id or self.env.company).id}
            for quant in quants if quant._get_position_key() not in positions}
        Position = self.env["stock.cycle.count.position"].sudo()
        Position.create(list(new.values())).union(*positions.values()).write({"manual_date": date})

    def unlink(self):
        self.env["stock.cycle.count.gate"]._check_unlink(self)
        return super().unlink()

    # The first layer of the gate

    def action_apply_inventory(self):
        """Apply counts: what is in tolerance is posted, what is not waits for approval. What core asks about is asked
        apart, and what cannot be applied is named; neither stops the rest.

        :return: an action that asks or names, or nothing
        :raise UserError: when nothing at all can be applied
        """
        if not self.env["stock.cycle.count.gate"]._get_gated_quants(self):
            return super().action_apply_inventory()
        asking = self.filtered(lambda quant: quant.is_outdated or quant._lacks_lot())
        refusals = Refusals()
        ready = (self - asking).with_context(**{REFUSALS_KEY: refusals})
        result = super(StockQuant, ready).action_apply_inventory() if ready else None
        if refusals and len(refusals) == len(self):
            raise UserError(refusals._get_message())
        if asking:
            result = super(StockQuant, asking).action_apply_inventory() or result
        if not refusals:
            return result
        return notifications.warning(
            refusals._get_message(), _("Counts not applied: %(number)s", number=len(refusals)),
            result or {"type": "ir.actions.act_window_close"})

    def _lacks_lot(self):
        """Whether core asks if found stock of a tracked product is meant to have no lot."""
        return (self.product_id.tracking != "none" and not self.lot_id and not self.quantity
                and not numbers.is_same(self.inventory_quantity, self.quantity, self.product_uom_id.rounding))

    def _set_inventory_quantity(self):  # pylint: disable=missing-return
        gated = self.env["stock.cycle.count.gate"]._get_gated_quants(self)
        super(StockQuant, self - gated)._set_inventory_quantity()
        # One by one: core drops what applying many of them answers, but not what refuses one.
        for quant in gated:
            super(StockQuant, quant)._set_inventory_quantity()
        # What waits is not on hand.
        gated.invalidate_recordset(["inventory_quantity_auto_apply"])

    def _apply_inventory(self):
        gate = self.env["stock.cycle.count.gate"]
        gated = gate._get_gated_quants(self)
        if not gated or not self.user_has_groups("stock.group_stock_manager"):
            self._apply_ungated()
            return
        if self - gated:
            (self - gated)._apply_ungated()
        refusals = Refusals(gate._apply(gated))
        collected = get_refusals(self.env)
        if collected is not None:
            collected.update(refusals)
        elif refusals:
            # Core's wizards have no place for a message and take everything for applied.
            raise UserError(refusals._get_message())

    def _apply_ungated(self):  # pylint: disable=missing-return
        """Let core post these quants and note that their positions were counted."""
        super(StockQuant, self.with_context(**{WRITER_KEY: DATED_BY_CORE}))._apply_inventory()
        positions = self.env["stock.cycle.count.position"].sudo().union(*self._get_count_positions().values())
        positions._set_counted(dict.fromkeys(positions, fields.Datetime.now()))

    @api.model
    def _get_inventory_fields_write(self):
        return super()._get_inventory_fields_write() + ["cycle_count_reason_id"]

    def action_clear_inventory_quantity(self):
        self._check_may_clear()
        return super().action_clear_inventory_quantity()

    def _get_clearable(self, vals):
        """Those of these quants whose counts a write may clear: core takes all for applied that it was to apply."""
        refusals = get_refusals(self.env)
        if refusals is not None and set(vals) == {"inventory_quantity_set"}:
            return self.filtered(lambda quant: quant.id not in refusals)
        return self

    def _check_may_clear(self):
        """Refuse to erase somebody else's count.

        :raise UserError: naming whose it is
        """
        gate = self.env["stock.cycle.count.gate"]
        if self.env.user.has_group("stock_cycle_count.group_supervisor"):
            return
        for quant in gate._get_gated_quants(self).sudo().filtered("inventory_quantity_set"):
            counter = quant.cycle_count_counter_id
            if counter and counter != self.env.user:
                raise UserError(_(
                    "%(quant)s was counted by %(counter)s. Only a count supervisor can clear it.",
                    quant=quant.display_name, counter=counter.name))

    @api.model
    def _check_key_access(self, vals_list):
        """Refuse quants that name stock which the user cannot see; core would create them as superuser.

        :raise AccessError: naming the record
        """
        for name in KEY_FIELDS:
            records = self[name].browse({vals[name] for vals in vals_list if vals.get(name)})
            records.check_access_rule("read")

    @api.model
    def _update_available_quantity(self, product_id, location_id, quantity=False, *args, **kwargs):
        # Every document changes stock here; reservations may change, so that transfers can be unreserved.
        if quantity:
            location_id._check_no_count_lock()
        # This is core's own way to write quants, the only one that the third layer of the gate lets pass.
        quants = self.with_context(**{WRITER_KEY: CORE_STOCK})
        return super(StockQuant, quants)._update_available_quantity(product_id, location_id, quantity, *args, **kwargs)

    @api.model
    def _update_reserved_quantity(self, *args, **kwargs):
        posting = get_posting(self.env)
        if posting and posting.creating:
            return []
        return super()._update_reserved_quantity(*args, **kwargs)

    @api.model
    def _get_gather_domain(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False):
        domain = super()._get_gather_domain(product_id, location_id, lot_id, package_id, owner_id, strict)
        if not strict:
            # What is being counted is not promised to anybody new.
            locked = self.env["stock.location"].sudo()._search([("cycle_count_lock_id", "!=", False)])
            if self.ids:
                # Core of 2024 picks in memory from quants that it has read, where a query is no value.
                locked = list(locked)
            domain = expression.AND([[("location_id", "not in", locked)], domain])
        return domain

    def _gather(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False, qty=0):
        posting = get_posting(self.env)
        ids = None
        if strict and not self.ids and posting:
            ids = posting.quants.get((
                product_id.id, location_id.id, *(record.id if record else False for record in (lot_id, package_id, owner_id))))
        if ids is None:
            return super()._gather(
                product_id, location_id, lot_id=lot_id, package_id=package_id, owner_id=owner_id, strict=strict, qty=qty)
        return self.browse(ids)

    @api.model
    def _sync_positions(self, where):
        """Show the next count and class of positions on their quants.

        :param where: SQL condition on ``position``: ``queries.schedule.of_plan`` or ``of_positions``
        """
        queries.run(self.env, queries.schedule.sync_quants(where))

    def action_count_now(self):
        """Begin to count this stock at once, on a blind sheet."""
        company = self.sudo().company_id[:1] or self.env.company
        return self.env["stock.cycle.count"]._open_count_now(company, [("id", "in", self.ids)])

    @api.model
    def action_view_inventory(self):
        """As core. Whoever is shown what they are to count, and has nothing, is not told that stock is empty."""
        action = super().action_view_inventory()
        if action["context"].get("search_default_my_count"):
            action["help"] = Markup("<p class='o_view_nocontent_smiling_face'>%s</p><p>%s</p>") % (
                _("Nothing to count for you"), _("Remove the filter My Counts to see all that is there."))
        return action
