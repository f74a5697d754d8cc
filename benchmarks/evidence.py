"""What is done each night, morning and month once a house has counted for years: rank, draw, note events, review, audit pack."""

from datetime import timedelta

from odoo import Command, fields

from .answers import Answers
from .harness import Benchmark, Row

#: Lines of a transfer, and of how many one gets less than it was asked for.
TRANSFER, SHORT = 500, 5
#: Rows of a screen.
PAGE = 80
#: Seconds that a nightly job and a first screen may take, and statements that events of a transfer may.
NIGHT, SCREEN, STATEMENTS = 10.0, 1.0, 1


class Evidence(Benchmark):
    """The addon's own work on all counts of ``Answers``: there is nothing that it could be measured against."""

    title = "evidence"
    tables = ("stock_cycle_count_risk", "stock_cycle_count_event")

    def prepare(self, env):
        """Counts of three years, and a ranking of last night; the plan works every day."""
        Answers(self.world).prepare(env)
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        if env["stock.cycle.count.risk"].search_count([("plan_id", "=", plan.id)], limit=1):
            return
        plan.calendar_id = env["resource.calendar"].create({
            "name": "Every day", "tz": "UTC", "company_id": self.world.company, "attendance_ids": [Command.clear()] + [
                Command.create({"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24}) for day in range(7)]})
        plan._rank()

    def ours(self, env, clock):
        env = env(context=dict(env.context, allowed_company_ids=[self.world.company], tz="UTC", lang="en_US"))
        plan = env["stock.cycle.count.plan"].browse(self.world.plan)
        with clock("night"):
            plan._rank()
        today = fields.Date.today()
        env.invalidate_all()
        with clock("draw"):
            plan._draw_control(today + timedelta(days=5))
        moves = self._make_transfer(env)
        events = env["stock.cycle.count.event"]
        short = events._get_short(moves)
        moves._action_done()
        env.flush_all()
        env.cr.execute("DELETE FROM stock_cycle_count_event")
        with clock("events"):
            events._notice(moves, short)
        noted = events.search_count([])
        env.invalidate_all()
        month = fields.Date.start_of(today, "month") - timedelta(days=1)
        with clock("review"):
            env["stock.cycle.count.review.document"]._make_reviews(
                plan.warehouse_id, fields.Date.start_of(month, "month"), month)
        env.invalidate_all()
        hints = env["stock.cycle.count.hint"]
        with clock("hints"):
            hints._look(plan.company_id)
            env.flush_all()
        env.invalidate_all()
        screen = hints.with_user(env.ref("base.user_admin"))
        with clock("hint list"):
            screen.web_search_read([("state", "=", "open")], dict.fromkeys(
                ("kind", "sentence", "value", "currency_id", "record", "state"), {}), limit=PAGE)
        causes = env["stock.cycle.count.cause"].create([
            {"name": "Cause", "company_id": self.world.company, "product_id": move.product_id.id} for move in moves[:PAGE]])
        env.invalidate_all()
        with clock("cause list"):
            causes.with_user(screen.env.user).web_search_read(
                [], {"name": {}, "date_deadline": {}, "root_cause": {}, "outcome": {}}, limit=PAGE)
        env.invalidate_all()
        with clock("pack"):
            pack = env["stock.cycle.count.audit.pack"].create({"company_id": self.world.company})
            pack.action_make()
        return [noted > 0, bool(pack.file)]

    def _make_transfer(self, env):
        """A delivery of so many lines, ready to be done."""
        kind = env["stock.picking.type"].search([
            ("warehouse_id", "=", self.world.warehouse), ("code", "=", "outgoing")], limit=1)
        stock, customer = kind.default_location_src_id, env.ref("stock.stock_location_customers")
        quants = env["stock.quant"].search([("quantity", ">", 5)], limit=TRANSFER)
        picking = env["stock.picking"].create({
            "picking_type_id": kind.id, "location_id": stock.id, "location_dest_id": customer.id})
        moves = env["stock.move"].create([{
            "name": "Item", "picking_id": picking.id, "product_id": quant.product_id.id, "product_uom_qty": 4,
            "product_uom": quant.product_uom_id.id, "location_id": stock.id, "location_dest_id": customer.id,
            "company_id": self.world.company, "state": "assigned", "picked": True, "move_line_ids": [Command.create({
                "product_id": quant.product_id.id, "product_uom_id": quant.product_uom_id.id, "picking_id": picking.id,
                "quantity": 3 if number % SHORT == 0 else 4, "location_id": quant.location_id.id,
                "location_dest_id": customer.id, "company_id": self.world.company})],
        } for number, quant in enumerate(quants)])
        moves.picked = True
        return moves

    def rows(self, samples):
        size = self.world.size
        counted = f"{size.lines:,} count lines, {size.quants:,} positions"
        for name, work, what, limit in (
            ("night", "Rank again, each night", counted, NIGHT), ("draw", "Draw of the day", f"{size.quants:,} positions", None),
            ("events", "Note events of a transfer", f"{TRANSFER} lines", None),
            ("review", "Review of a month", counted, None), ("hints", "Look for hints, each night", counted, NIGHT),
            ("hint list", "Hints, first screen", counted, SCREEN), ("cause list", "Root Causes, first screen", counted, SCREEN),
            ("pack", "Audit pack of a year", counted, None),
        ):
            sample = samples[name]
            yield Row(work, what, sample.best, sample.most_queries, "nothing", sample.best, "s", limit)
        events = samples["events"]
        yield Row("Note events of a transfer", f"{TRANSFER} lines", events.best, events.most_queries, "one statement",
                  events.most_queries, "queries", STATEMENTS)
