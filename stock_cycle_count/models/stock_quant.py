from odoo import api, fields, models
from odoo.osv import expression

from .. import queries

#: Marks core's own writes of the date of the next count in the context. Clients send a context as JSON, so none
#: can send this object; it grants nothing, it only keeps such a date from being taken for a person's request.
_DATED_BY_CORE = object()


class StockQuant(models.Model):
    _inherit = "stock.quant"

    abc_class_id = fields.Many2one(
        "stock.abc.class", "ABC Class", compute="_compute_abc_class_id", store=True, ondelete="set null",
        index="btree_not_null", help="Class by which the count plan of this location schedules the product.")

    @api.depends("location_id", "product_id")
    def _compute_abc_class_id(self):
        positions = self._get_count_positions()
        for quant in self:
            position = positions.get(quant._get_position_key())
            quant.abc_class_id = position and position.abc_class_id

    @api.depends("location_id")
    def _compute_inventory_date(self):
        undated = self.filtered(lambda quant: not quant.inventory_date)
        super()._compute_inventory_date()
        positions = undated._get_count_positions()
        for quant in undated:
            position = positions.get(quant._get_position_key())
            if position and position.active and position.scheduled_date:
                quant.inventory_date = position.scheduled_date

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        quants = super(StockQuant, self.with_context(stock_cycle_count_dated=_DATED_BY_CORE)).create(vals_list)
        return quants.with_context(self.env.context)

    def write(self, vals):
        result = super().write(vals)
        by_core = self.env.context.get("stock_cycle_count_dated") is _DATED_BY_CORE
        if vals.get("inventory_date") and not by_core:
            self._request_count(fields.Date.to_date(vals["inventory_date"]))
        return result

    # Business

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
        missing = {}
        for quant in quants:
            if quant._get_position_key() not in positions:
                missing[quant._get_position_key()] = {
                    "location_id": quant.location_id.id, "product_id": quant.product_id.id,
                    "company_id": (quant.company_id or self.env.company).id}
        created = self.env["stock.cycle.count.position"].sudo().create(list(missing.values()))
        created.union(*positions.values()).write({"manual_date": date})

    def _apply_inventory(self):
        result = super(StockQuant, self.with_context(stock_cycle_count_dated=_DATED_BY_CORE))._apply_inventory()
        positions = self._get_count_positions()
        self.env["stock.cycle.count.position"].sudo().union(*positions.values())._set_counted()
        return result

    @api.model
    def _update_available_quantity(self, product_id, location_id, quantity=False, *args, **kwargs):
        # Every document changes stock here; reservations may change, so that transfers can be unreserved.
        if quantity:
            location_id._check_no_count_lock()
        return super()._update_available_quantity(product_id, location_id, quantity, *args, **kwargs)

    @api.model
    def _get_gather_domain(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False):
        domain = super()._get_gather_domain(product_id, location_id, lot_id, package_id, owner_id, strict)
        if not strict:
            # What is being counted is not promised to anybody new.
            domain = expression.AND([[("location_id.cycle_count_lock_id", "=", False)], domain])
        return domain

    @api.model
    def _mirror_positions(self, where):
        """Show the next count and class of positions on their quants.

        :param where: SQL condition on ``position``
        """
        self.flush_model(["inventory_date", "abc_class_id", "location_id", "product_id", "company_id"])
        self.env["stock.cycle.count.position"].flush_model()
        self.env.cr.execute(queries.schedule.mirror_to_quants(where))
        self.invalidate_model(["inventory_date", "abc_class_id"])
