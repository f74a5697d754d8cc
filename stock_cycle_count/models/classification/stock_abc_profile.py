from collections import defaultdict
from datetime import timedelta

from odoo import Command, _, api, fields, models
from odoo.exceptions import ValidationError

from ... import queries
from ...tools import notifications, pareto


class StockAbcProfile(models.Model):
    """How the products of some warehouses are classified, and into which classes.

    Stock administrators configure profiles; supervisors read them. Classifying asks for the right to write the
    profile, so a cron does it as superuser.
    """

    _name = "stock.abc.profile"
    _description = "ABC Profile"
    _inherit = ["stock.cycle.count.cron.mixin", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company)
    warehouse_ids = fields.Many2many(
        "stock.warehouse", string="Warehouses", check_company=True,
        help="Warehouses to classify. Empty: every warehouse of the company.")
    basis = fields.Selection(
        [("consumption_value", "Consumption value"),
         ("consumption_quantity", "Consumption quantity"),
         ("move_count", "Number of moves"),
         ("onhand_value", "On-hand value")],
        required=True, default="consumption_value", tracking=True,
        help="Consumption is what leaves a warehouse for customers, production or another warehouse, less what "
             "customers return; its value is at cost. Moves are counted when they consume. A warehouse in which nothing was "
             "consumed yet is classified by on-hand value until something is.")
    onhand_warehouse_ids = fields.Many2many(
        "stock.warehouse", "stock_abc_profile_onhand_warehouse_rel", string="Without Consumption", readonly=True, copy=False,
        help="Warehouses that the last classification took by on-hand value, since nothing was consumed there.")
    history_days = fields.Integer(
        "History (days)", required=True, default=365, tracking=True,
        help="How far back consumption and moves are looked at.")
    class_ids = fields.One2many(
        "stock.abc.class", "profile_id", "Classes", copy=True, default=lambda self: self._default_class_ids())
    onhand_message = fields.Char(compute="_compute_onhand_message")
    new_product_days = fields.Integer(
        "New Product Period (days)", copy=False,
        help="A product whose first move is younger than this is not judged yet. 0: judge every product.")
    new_product_class_id = fields.Many2one(
        "stock.abc.class", "Class while new", domain="[('profile_id', '=', id)]", copy=False,
        help="Class of a product until it is judged.")
    damped = fields.Boolean(
        "Damp class changes", tracking=True,
        help="A product changes class only when two classifications in a row give the same new class.")
    last_classification_date = fields.Datetime(readonly=True, copy=False)
    assignment_ids = fields.One2many("stock.abc.assignment", "profile_id", "Assignments")
    assignment_count = fields.Integer(compute="_compute_assignment_count")
    differing_count = fields.Integer("Overridden Classes", compute="_compute_assignment_count")

    _sql_constraints = [
        ("history_positive", "CHECK (history_days > 0)", "The history must be at least one day."),
        ("new_days_positive", "CHECK (new_product_days >= 0)", "“New Product Period (days)” cannot be negative."),
    ]

    def _default_class_ids(self, counts_per_year=(12, 4, 1)):
        return [
            Command.create({
                "name": name, "cumulative_share": share, "counts_per_year": counts, "hit_tolerance": tolerance})
            for (name, share, tolerance), counts in zip(
                (("A", 80, 0.2), ("B", 95, 1), ("C", 100, 5)), counts_per_year)]

    def _compute_assignment_count(self):
        counts = dict(self.env["stock.abc.assignment"]._read_group(
            [("profile_id", "in", self.ids)], ["profile_id"], ["__count"]))
        differing = dict(self.env["stock.abc.assignment"]._read_group(
            [("profile_id", "in", self.ids), ("differs", "=", True)], ["profile_id"], ["__count"]))
        for profile in self:
            profile.assignment_count = counts.get(profile, 0)
            profile.differing_count = differing.get(profile, 0)

    @api.constrains("class_ids")
    def _check_class_shares(self):
        messages = {
            "empty": _("it has no class. Add at least one with a cumulative share of 100."),
            "range": _("every cumulative share must be above 0 and at most 100."),
            "order": _("cumulative shares must rise from class to class, and no two may be the same."),
            "last": _("the cumulative share of the last class must be 100."),
        }
        for profile in self:
            shares = sorted(profile.class_ids.mapped("cumulative_share"))
            problem = pareto.check_boundaries(shares)
            if problem:
                raise ValidationError(_(
                    "ABC profile %(profile)s, field “Cumulative share” (%(shares)s): %(problem)s",
                    profile=profile.name, shares=", ".join(f"{share:g}" for share in shares) or "-",
                    problem=messages[problem]))

    def _check_classes(self):
        """Check that the classes can be used.

        :raise ValidationError: naming the field
        """
        self._check_class_shares()
        self._check_new_product_class()

    def _check_classes_at_commit(self):
        """Check the classes when the transaction ends: the rows of one save are written one after the other."""
        precommit = self.env.cr.precommit
        pending = precommit.data.setdefault("stock_abc_profile.classes", set())
        if not pending:
            precommit.add(lambda: self.browse(sorted(pending)).exists()._check_classes())
        pending.update(self.ids)

    @api.constrains("new_product_days", "new_product_class_id")
    def _check_new_product_class(self):
        for profile in self:
            if profile.new_product_days and not profile.new_product_class_id:
                raise ValidationError(_(
                    "ABC profile %(profile)s: choose the “Class while new”, or set “New Product Period (days)” to 0.",
                    profile=profile.name))
            if profile.new_product_class_id and profile.new_product_class_id.profile_id != profile:
                raise ValidationError(_(
                    "ABC profile %(profile)s: “Class while new” must be one of its own classes.",
                    profile=profile.name))

    # Actions

    def action_classify(self):
        """Classify every product of the profile's warehouses.

        :return: an action that says how many products are in which class
        :raise AccessError: when the user may not write the profile
        :raise ValidationError: when the classes are not usable
        """
        self.check_access_rights("write")
        self.check_access_rule("write")
        self._check_classes()
        self.env["stock.abc.assignment"]._expire_manual()
        for profile in self:
            profile._classify()
        return notifications.tell(
            " ".join(profile._say_classified() for profile in self), {"type": "ir.actions.act_window_close"})

    def action_view_assignments(self):
        """Open the classes of the profile's products."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_abc_assignment_action")
        return dict(action, domain=[("profile_id", "=", self.id)],
                    context={"default_profile_id": self.id})

    @api.model
    def get_pareto_chart(self, profile_id, warehouse_id=False, points=200):
        """Data of the Pareto chart of one warehouse: cumulative share by rank.

        :param points: at most so many points, evenly spread over the ranking
        :return: dict with ``warehouses`` (``id``, ``name``), ``warehouse_id``, ``total`` products, ``used`` of them,
            ``points`` (``rank``, ``share``, ``class_id``) and ``classes`` (``id``, ``name``, ``products``, ``limit``)
        """
        profile = self.browse(profile_id)
        profile.check_access_rule("read")
        Assignment = self.env["stock.abc.assignment"]
        counts = Assignment._read_group([("profile_id", "=", profile.id)], ["warehouse_id"], ["__count"])
        warehouses = [warehouse for warehouse, _count in counts]
        result = {
            "warehouses": [{"id": warehouse.id, "name": warehouse.display_name} for warehouse in warehouses],
            "warehouse_id": False, "total": 0, "used": 0, "points": [], "classes": [],
        }
        if not warehouses:
            return result
        if warehouse_id not in [warehouse.id for warehouse in warehouses]:
            warehouse_id = max(counts, key=lambda item: item[1])[0].id
        domain = [("profile_id", "=", profile.id), ("warehouse_id", "=", warehouse_id)]
        total = Assignment.search_count(domain)
        step = max(1, -(-total // points))
        ranks = sorted({*range(1, total + 1, step), total})
        rows = Assignment.search_read(
            domain + [("rank", "in", ranks)], ["rank", "cumulative_share", "computed_class_id"],
            order="rank", load=None)
        members = dict(Assignment._read_group(domain, ["computed_class_id"], ["__count"]))
        result.update(
            warehouse_id=warehouse_id, total=total, used=Assignment.search_count(domain + [("metric", ">", 0)]),
            points=[{"rank": row["rank"], "share": row["cumulative_share"], "class_id": row["computed_class_id"]}
                    for row in rows],
            classes=[{"id": abc_class.id, "name": abc_class.name, "products": members.get(abc_class, 0),
                      "limit": abc_class.cumulative_share} for abc_class in profile.class_ids])
        return result

    # Business

    def _get_warehouses(self):
        """Warehouses of the profile; all of its company when none is named."""
        self.ensure_one()
        return self.warehouse_ids or self.env["stock.warehouse"].sudo().search(
            [("company_id", "=", self.company_id.id)])

    def _classify(self):
        """Classify one profile; two processes wait for each other at the profile's row."""
        self.ensure_one()
        self.env.flush_all()
        self._begin_job()
        warehouses = self._get_warehouses()
        if warehouses:
            queries.run(self.env, queries.abc_classification.retire_assignments(self.id, warehouses.ids))
            metrics, idle = self._measure_all(warehouses)
            self.env["stock.abc.assignment"]._update(self, metrics, self._get_unjudged(metrics))
            if idle != self.onhand_warehouse_ids:
                self.sudo().onhand_warehouse_ids = idle
        self.sudo().write({"last_classification_date": fields.Datetime.now(), "last_error": False})

    def _classify_first(self):
        """Classify anew where the last classification found nothing: the first products would wait for the next month."""
        for profile in self.filtered("last_classification_date"):
            if not self.env["stock.abc.assignment"].search_count([("profile_id", "=", profile.id)], limit=1):
                profile._classify()

    def _say_classified(self):
        """How many products a profile has in which class, and where nothing was consumed."""
        groups = self.env["stock.abc.assignment"]._read_group(
            [("profile_id", "=", self.id)], ["effective_class_id"], ["__count"])
        if not groups:
            return _("%(profile)s: there is no product to classify; enter or receive stock first.", profile=self.name)
        sentence = _("%(profile)s: %(classes)s.", profile=self.name, classes=", ".join(
            f"{abc_class.name} {number}" for abc_class, number in groups))
        if self.onhand_warehouse_ids:
            sentence += " " + self.onhand_message
        return sentence

    @api.depends("onhand_warehouse_ids")
    def _compute_onhand_message(self):
        for profile in self:
            warehouses = ", ".join(profile.onhand_warehouse_ids.mapped("name"))
            profile.onhand_message = _(
                "Nothing was consumed in %(warehouses)s, so it is classified by on-hand value until something is.",
                warehouses=warehouses) if warehouses else False

    def _measure_all(self, warehouses):
        """What there is to rank in each warehouse; where nothing was consumed, by on-hand value until something is.

        :return: ``({warehouse id: [(product id, metric), ...]}, the warehouses without consumption)``
        """
        metrics = self._measure(warehouses)
        idle = warehouses.filtered(
            lambda warehouse: self.basis != "onhand_value" and all(metric <= 0 for _product, metric in metrics[warehouse.id]))
        if idle:
            metrics.update(self._measure(idle, "onhand_value"))
        return metrics, idle

    def _measure(self, warehouses, basis=None):
        """What a basis, by default the profile's, says of products: ``{warehouse id: [(product id, metric), ...]}``."""
        metrics = defaultdict(list)
        for warehouse_id, product_id, metric in queries.run(self.env, self._get_metrics_query(warehouses, basis)):
            metrics[warehouse_id].append((product_id, metric))
        return metrics

    def _get_metrics_query(self, warehouses, basis=None):
        """The statement that gives ``warehouse_id, product_id, metric`` for a basis, by default the profile's."""
        basis = basis or self.basis
        abc = queries.abc_classification
        since = fields.Datetime.now() - timedelta(days=self.history_days)
        if basis == "onhand_value":
            measured = abc.on_hand(self.company_id.id, warehouses.ids)
        else:
            measured = abc.consumption(self.company_id.id, warehouses.ids, since, basis == "move_count")
        cost = abc.cost_in(self.company_id) if basis in ("consumption_value", "onhand_value") else None
        return abc.metrics(self._origin.id or 0, self.company_id.sudo().parent_ids.ids, warehouses.ids, measured, cost)

    def _get_unjudged(self, metrics):
        """Ids of the products that are too new to be judged."""
        if not self.new_product_days:
            return frozenset()
        before = fields.Datetime.now() - timedelta(days=self.new_product_days)
        known = {product_id for product_id, in queries.run(
            self.env, queries.abc_classification.products_with_history(self.company_id.id, before))}
        return frozenset(
            product_id for items in metrics.values() for product_id, _metric in items if product_id not in known)

    # Cron

    @api.model
    def _cron_classify(self):
        """Classify all profiles, each on its own: one that fails says so on itself and stops no other."""
        self._run_pending("action_classify", "last_classification_date")
