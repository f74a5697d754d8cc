from typing import NamedTuple

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ... import queries
from ...tools import pareto


class Current(NamedTuple):
    """What is stored about one product in one warehouse before a classification."""

    computed: "int | None" = None
    candidate: "int | None" = None
    runs: int = 0
    manual: "int | None" = None
    effective: "int | None" = None


class StockAbcAssignment(models.Model):
    """Class of a product in a warehouse by one profile.

    The classification writes rank, share and computed class; people only write the manual class, its reason and
    its end. The effective class is the manual one as long as it lasts, else the computed one.
    """

    _name = "stock.abc.assignment"
    _description = "ABC Class of a Product"
    _order = "profile_id, warehouse_id, rank, id"
    _rec_name = "product_id"

    profile_id = fields.Many2one(
        "stock.abc.profile", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, readonly=True, ondelete="cascade")
    categ_id = fields.Many2one(related="product_id.categ_id", string="Product Category")
    metric = fields.Float(readonly=True, help="What the profile measures, in the unit of its basis.")
    basis = fields.Selection(related="profile_id.basis")
    rank = fields.Integer(readonly=True, group_operator=False)
    share = fields.Float("Share (%)", readonly=True, digits=(16, 4))
    cumulative_share = fields.Float("Cumulative (%)", readonly=True, digits=(16, 4), group_operator=False)
    computed_class_id = fields.Many2one(
        "stock.abc.class", "Computed Class", readonly=True, ondelete="set null")
    candidate_class_id = fields.Many2one(
        "stock.abc.class", "Next Class", readonly=True, ondelete="set null",
        help="Class that the last classification gave, while a damped change waits to be confirmed.")
    candidate_runs = fields.Integer(readonly=True)
    manual_class_id = fields.Many2one(
        "stock.abc.class", "Manual Class", domain="[('profile_id', '=', profile_id)]",
        ondelete="set null", index="btree_not_null")
    manual_reason = fields.Char()
    manual_until = fields.Date(help="Last day of the manual class. Empty: until it is taken back.")
    effective_class_id = fields.Many2one(
        "stock.abc.class", "Class", compute="_compute_effective_class", store=True, ondelete="set null")
    differs = fields.Boolean("Overridden", compute="_compute_effective_class", store=True)

    # The only index but for rare values: a classification writes every row, and only the product tells rows apart.
    _sql_constraints = [
        ("key_unique", "UNIQUE (product_id, warehouse_id, profile_id)",
         "A product has one class per profile and warehouse."),
    ]

    @api.depends("computed_class_id", "manual_class_id", "manual_until")
    def _compute_effective_class(self):
        today = fields.Date.context_today(self)
        for assignment in self:
            lasts = assignment.manual_class_id and (
                not assignment.manual_until or assignment.manual_until >= today)
            assignment.effective_class_id = (
                assignment.manual_class_id if lasts else assignment.computed_class_id)
            assignment.differs = assignment.effective_class_id != assignment.computed_class_id

    @api.constrains("manual_class_id", "manual_reason")
    def _check_manual(self):
        for assignment in self.filtered("manual_class_id"):
            if assignment.manual_class_id.profile_id != assignment.profile_id:
                raise ValidationError(_(
                    "%(product)s: the manual class must belong to profile %(profile)s.",
                    product=assignment.product_id.display_name, profile=assignment.profile_id.name))
            if not (assignment.manual_reason or "").strip():
                raise ValidationError(_(
                    "%(product)s: say in “Manual Reason” why its class is set by hand.",
                    product=assignment.product_id.display_name))

    # CRUD

    def _get_manual_fields(self):
        """Names of the fields that a person may write."""
        return {"manual_class_id", "manual_reason", "manual_until"}

    def write(self, vals):
        if not self.env.su and set(vals) - self._get_manual_fields():
            raise AccessError(_(
                "Only the manual class, its reason and its end can be changed; classify the profile for the rest."))
        before = {assignment.id: assignment.effective_class_id for assignment in self}
        result = super().write(vals)
        self._log_changes(before, "manual")
        return result

    # Business

    def _log_changes(self, before, cause):
        """Add history rows for the assignments whose effective class is no longer ``before[id]``."""
        self.env["stock.abc.history"].sudo().create([
            {
                "profile_id": assignment.profile_id.id,
                "warehouse_id": assignment.warehouse_id.id,
                "product_id": assignment.product_id.id,
                "user_id": self.env.uid,
                "old_class": before[assignment.id].name,
                "new_class": assignment.effective_class_id.name,
                "cause": cause,
                "note": assignment.manual_reason if cause == "manual" else False,
            }
            for assignment in self if before[assignment.id] != assignment.effective_class_id
        ])

    @api.model
    def _update(self, profile, metrics, unjudged):
        """Rank and classify what was measured, and store it.

        :param metrics: ``{warehouse_id: [(product_id, metric), ...]}``
        :param unjudged: ids of products that take the profile's class for new products
        """
        abc = queries.abc_classification
        stored = queries.run(self.env, abc.current_assignments(profile.id, fields.Date.context_today(self)))
        current = {(row[0], row[1]): Current(*row[2:]) for row in stored}
        class_ids = profile.class_ids.sorted("cumulative_share").ids
        boundaries = sorted(profile.class_ids.mapped("cumulative_share"))
        class_while_new = profile.new_product_class_id.id
        needed = 2 if profile.damped else 1
        before = profile.last_classification_date
        again = bool(before) and fields.Datetime.context_timestamp(self, before).date() == fields.Date.context_today(self)
        unknown = Current()
        rows, changes = [], []
        for warehouse_id, items in metrics.items():
            for ranked in pareto.split(items, boundaries):
                found = class_while_new if ranked.key in unjudged else class_ids[ranked.class_index]
                old = current.get((warehouse_id, ranked.key), unknown)
                computed, candidate, runs = pareto.settle(found, old.computed, old.candidate, old.runs, needed, again)
                effective = old.manual or computed
                rows.append((warehouse_id, ranked.key, ranked.metric, ranked.rank, ranked.share,
                             ranked.cumulative_share, computed, candidate, runs, effective))
                if old is not unknown and old.effective != effective:
                    changes.append((warehouse_id, ranked.key, old.effective, effective))
        if rows:
            # In the order of the key: the database then fills its indexes from left to right.
            rows.sort()
            queries.run(
                self.env, abc.upsert_assignments(profile.id, profile.company_id.id, self.env.uid, zip(*rows)))
        names = {abc_class.id: abc_class.name for abc_class in profile.class_ids}
        self.env["stock.abc.history"].sudo().create([
            {"profile_id": profile.id, "warehouse_id": warehouse_id, "product_id": product_id,
             "user_id": self.env.uid, "old_class": names.get(old), "new_class": names.get(new),
             "cause": "computed"}
            for warehouse_id, product_id, old, new in changes])

    @api.model
    def _expire_manual(self):
        """Let manual classes end whose last day has passed."""
        ended = self.sudo().search([
            ("manual_class_id", "!=", False), ("manual_until", "<", fields.Date.context_today(self))])
        before = {assignment.id: assignment.effective_class_id for assignment in ended}
        self.env.add_to_compute(self._fields["effective_class_id"], ended)
        self.env.add_to_compute(self._fields["differs"], ended)
        ended._log_changes(before, "expired")
