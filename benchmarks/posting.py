"""Confirm what was counted, so that the differences are in the books."""

import contextlib
from types import FunctionType

from odoo import Command

from .data import lengthen_history
from .harness import Benchmark, Row

ADDON = "stock_cycle_count"
HISTORY = 10
LIMIT_HISTORY, LIMIT_HISTORY_QUERIES = 1.3, 1.01


class Posting(Benchmark):
    """The addon's closing of a counted sheet against core's ``action_apply_inventory`` for the same positions.

    Each by whoever does it, at once for all positions of a batch: a counter closes the sheet, by which its lines are judged and,
    being within tolerance, posted; a stock manager applies. What they counted is entered before. Both make valuation
    layers, and journal entries where products are valued in real time. A third variant closes a sheet of other
    products, with a history that is many times as long.
    """

    tables = (
        "stock_quant", "stock_move", "stock_move_line", "stock_valuation_layer", "account_move", "account_move_line",
        "stock_cycle_count", "stock_cycle_count_line", "stock_cycle_count_entry", "stock_cycle_count_position",
    )
    variants = ("ours", "core", "long")
    work = ""
    limit = 0.8
    valuation = "manual_periodic"
    #: One in so many positions differs from the books, by one piece.
    differing = 1
    #: How many positions a sheet has, and core applies at once; None: all of them.
    batch = None

    @property
    def number(self):
        """How many positions are confirmed."""
        raise NotImplementedError

    @property
    def skipped(self):
        """How many products are left for another benchmark, counted from the last one."""
        return 0

    def prepare(self, env):
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        if not env["stock.cycle.count.position"].search_count([("plan_id", "=", plan.id)], limit=1):
            plan.action_schedule()
        env.cr.execute(
            """
            SELECT MIN(id) FROM stock_quant WHERE location_id = ANY(%s)
             GROUP BY product_id ORDER BY product_id DESC OFFSET %s LIMIT %s
            """,
            [self.world.bins, self.skipped, 2 * self.number],
        )
        quants = env["stock.quant"].browse([quant_id for quant_id, in env.cr.fetchall()])
        self._make_valued(env, quants.product_id)
        lengthen_history(env, quants[1::2], HISTORY)
        self.counts = {
            history: [self._count(env, batch) for batch in self._split(chosen)]
            for history, chosen in (("short", quants[::2]), ("long", quants[1::2]))}
        self.manager = env["res.users"].create({
            "name": self.title, "login": self.title, "groups_id": [Command.link(env.ref("stock.group_stock_manager").id)],
        }).id

    def _split(self, quants):
        """Quants in the batches in which they are confirmed."""
        size = self.batch or len(quants)
        return [quants[start:start + size] for start in range(0, len(quants), size)]

    def _make_valued(self, env, products):
        """Value products at standard cost, and let differences of one piece pass."""
        stock, incoming, outgoing = env["account.account"].create([
            {"name": name, "code": f"{self.title}.{name}", "account_type": kind}
            for name, kind in (("stock", "asset_current"), ("in", "expense"), ("out", "expense"))
        ])
        journal = env["account.journal"].create({"name": self.title, "code": self.title[:5], "type": "general"})
        category = env["product.category"].create({
            "name": self.title, "property_cost_method": "standard", "property_valuation": self.valuation,
            "property_stock_valuation_account_id": stock.id, "property_stock_account_input_categ_id": incoming.id,
            "property_stock_account_output_categ_id": outgoing.id, "property_stock_journal": journal.id,
        })
        env.flush_all()
        # The ORM would value all products of the world anew.
        env.cr.execute(
            "UPDATE product_template SET categ_id = %s WHERE id = ANY(%s)", [category.id, products.product_tmpl_id.ids])
        env.invalidate_all()
        env["stock.cycle.count.tolerance"].create({
            "name": "One piece", "sequence": 0, "categ_ids": [Command.set(category.ids)],
            "has_over_qty": True, "over_qty": 1, "has_under_qty": True, "under_qty": 1,
        })

    def _count(self, env, quants):
        """Count quants on one sheet.

        :return: the sheet's id and what was counted, ``{quant id: quantity}``
        """
        counter = env["res.users"].browse(self.world.counters[0])
        positions = quants._get_count_positions()
        sheet = env["stock.cycle.count"].create({
            "warehouse_id": self.world.warehouse, "user_id": counter.id, "line_ids": [
                Command.create({
                    "product_id": quant.product_id.id, "location_id": quant.location_id.id, "quant_id": quant.id,
                    "position_id": positions[quant._get_position_key()].id, "user_id": counter.id, "sequence": number,
                }) for number, quant in enumerate(quants)
            ]})
        sheet.with_user(counter).action_start()
        counted = {
            quant.id: quant.quantity + (0 if number % self.differing else (-1) ** (number // self.differing))
            for number, quant in enumerate(quants)
        }
        env["stock.cycle.count.entry"].with_user(counter)._record([
            {"line": line, "quantity": counted[line.sudo().quant_id.id]} for line in sheet.line_ids.with_user(counter)
        ], "scanner")
        return sheet.id, counted

    def ours(self, env, clock):
        return self._close(env, clock, "ours", "short")

    def long(self, env, clock):
        return self._close(env, clock, "long", "long")

    def _close(self, env, clock, step, history):
        sheets = env["stock.cycle.count"].with_user(self.world.counters[0])
        with clock(step):
            for sheet_id, _counted in self.counts[history]:
                sheets.browse(sheet_id).action_close()
        return self._outcome(env, self._get_counted(history))

    def _get_counted(self, history):
        """What was counted on all sheets, ``{quant id: quantity}``."""
        return {quant: quantity for _sheet, counted in self.counts[history] for quant, quantity in counted.items()}

    def core(self, env, clock):
        """Core itself: nothing that the addon overrides in core's models runs, so its gate does not stand in the way."""
        counted = self._get_counted("short")
        env.cr.execute(
            """
            UPDATE stock_quant quant
               SET inventory_quantity = counted.quantity, inventory_diff_quantity = counted.quantity - quant.quantity,
                   inventory_quantity_set = TRUE, user_id = %s
              FROM unnest(%s, %s::float8[]) counted (id, quantity)
             WHERE quant.id = counted.id
            """,
            [self.manager, list(counted), list(counted.values())],
        )
        env.invalidate_all()
        quants = env["stock.quant"].with_user(self.manager).browse(counted)
        with core_alone(env.registry), clock("core"):
            actions = [batch.action_apply_inventory() for batch in self._split(quants)]
        if any(actions):
            raise RuntimeError(f"{self.title}: core asks {actions}")
        return self._outcome(env, counted)

    def _outcome(self, env, counted):
        """How many quants are as counted, and what was made of it: moves, layers, journal items, and their value less
        what the differences are worth.
        """
        env.cr.execute(
            """
            WITH counted AS (
                SELECT quant.* FROM stock_quant quant
                  JOIN unnest(%(quants)s, %(quantities)s::float8[]) counted (id, quantity)
                    ON counted.id = quant.id AND counted.quantity = quant.quantity
            ),
            move AS (
                SELECT move.*, move.quantity * cost.value_float AS worth FROM stock_move move
                  JOIN ir_property cost ON cost.res_id = 'product.product,' || move.product_id
                   AND cost.fields_id = %(cost)s AND cost.company_id = %(company)s
                 WHERE move.create_date >= %(now)s AND move.state = 'done' AND move.quantity <> 0
            ),
            layer AS (SELECT * FROM stock_valuation_layer WHERE create_date >= %(now)s AND quantity <> 0),
            item AS (SELECT * FROM account_move_line WHERE create_date >= %(now)s AND parent_state = 'posted')
            SELECT (SELECT COUNT(*) FROM counted),
                   (SELECT COUNT(*) FROM move),
                   (SELECT COUNT(*) FROM layer), (SELECT COUNT(*) FROM item),
                   (SELECT round((SELECT SUM(worth) FROM move)::numeric - SUM(ABS(value)), 2) FROM layer),
                   (SELECT round((SELECT SUM(worth) FROM move)::numeric - SUM(debit), 2) FROM item)
            """,
            {
                "quants": list(counted), "quantities": list(counted.values()), "company": self.world.company,
                "cost": env["ir.model.fields"]._get("product.product", "standard_price").id, "now": env.cr.now(),
            },
        )
        return env.cr.fetchall()

    def rows(self, samples):
        ours, core, long = samples["ours"], samples["core"], samples["long"]
        counted = f"{self.number:,} positions"
        yield Row(
            self.work, counted, ours.best, ours.most_queries,
            f"core, {core.best:.2f} s", ours.best / core.best, "x", self.limit,
        )
        lengthened = f"{self.work}, {1 + HISTORY} x the history"
        yield Row(
            lengthened, counted, long.best, long.most_queries,
            f"the time of short history, {ours.best:.2f} s", long.best / ours.best, "x", LIMIT_HISTORY,
        )
        yield Row(
            lengthened, counted, long.best, long.most_queries,
            f"the queries of short history, {ours.most_queries}", long.most_queries / ours.most_queries, "x",
            LIMIT_HISTORY_QUERIES,
        )


class Matches(Posting):
    """Nearly all is as expected: core makes a move of zero for each match, the addon none."""

    title = "matches"
    work = "Confirm counts, 97 % match"
    limit = 0.15
    differing = 33

    @property
    def number(self):
        return self.world.size.matching


class Differences(Posting):
    """Nothing is as expected."""

    title = "differences"
    work = "Confirm counts, all differ"
    limit = 0.7

    @property
    def number(self):
        return self.world.size.different

    @property
    def skipped(self):
        return 2 * self.world.size.matching


class Booked(Differences):
    """The same with a journal entry for each difference, which the same code of core makes in both."""

    title = "booked"
    work = "Confirm counts, all differ, with journal entries"
    valuation = "real_time"
    variants = (*Differences.variants, "sheet")
    limit = 0.9
    limit_sheet = 0.4

    @property
    def skipped(self):
        return super().skipped + 2 * self.number

    def sheet(self, env, clock):
        """One journal entry for the sheet, with the same items."""
        env["res.company"].browse(self.world.company).cycle_count_entry_per_sheet = True
        env.flush_all()
        return self._close(env, clock, "sheet", "short")

    def rows(self, samples):
        yield from super().rows(samples)
        sheet, core = samples["sheet"], samples["core"]
        yield Row(
            "Confirm counts, all differ, with one journal entry per sheet", f"{self.number:,} positions", sheet.best,
            sheet.most_queries, f"core, {core.best:.2f} s", sheet.best / core.best, "x", self.limit_sheet,
        )


class Sheets(Differences):
    """The same on sheets as a day has them, closed one after the other; core applies as many at once."""

    title = "sheets"
    work = "Confirm counts, all differ, on sheets of 40"
    batch = 40

    @property
    def skipped(self):
        return super().skipped + 4 * self.number


@contextlib.contextmanager
def core_alone(registry):
    """Take what the addon overrides in core's models out of their classes for a while."""
    taken = {}
    for model in registry.values():
        ancestors = model.__mro__
        for place, ancestor in enumerate(ancestors):
            if vars(ancestor).get("_module") == ADDON and model._original_module != ADDON:
                taken |= {
                    (ancestor, name): value for name, value in vars(ancestor).items()
                    if isinstance(value, FunctionType) and any(name in vars(other) for other in ancestors[place + 1:])
                }
    for ancestor, name in taken:
        delattr(ancestor, name)
    try:
        yield
    finally:
        for (ancestor, name), value in taken.items():
            setattr(ancestor, name, value)
