from datetime import datetime, time, timedelta

from odoo import fields, models

from ... import queries
from ...tools import anomalies, charts

#: Differences of so many days are compared; what is odd is told while it is so new.
YEAR, NEW = timedelta(days=365), timedelta(days=30)
#: An alarm of losses is told for so many weeks.
TOLD_WEEKS = 4


class StockCycleCountHintSearch(models.AbstractModel):
    """How each kind of hint is found: facts by one statement, and a test of ``tools.anomalies`` or ``tools.charts``."""

    _name = "stock.cycle.count.hint.search"
    _description = "Search for Hints"

    def _find_all(self, company, now):
        """Values of all hints of a company that hold now; each kind has a subject once."""
        found = [
            *self._find_losses(company, now), *self._find_pairs(company, now), *self._find_phantoms(company, now),
            *self._find_odd(company, now), *self._find_watch(company, now)]
        if company.cycle_count_figures_by_person:
            found += self._find_rounding(company, now)
        return found

    def _find_losses(self, company, now):
        """Products that lose oftener than the house, and more than what people usually decide on."""
        rows = queries.run(self.env, queries.hints.losses(company.id, now - YEAR))
        if not rows:
            return []
        [(house, lost, usual)] = {row[5:] for row in rows}
        share = lost / house
        known = {row[0]: row[1:5] for row in rows}
        shown = anomalies.repeated_losses(
            (anomalies.Losses(product, number, losses) for product, number, losses, *_rest in rows), share)
        return [
            {"kind": "losses", "subject": str(product), "product_id": product, "value": value,
             "facts": {"number": number, "losses": losses, "share": share}, "line_id": lines[0],
             "line_ids": [fields.Command.set(lines)]}
            for product in shown for number, losses, value, lines in [known[product]] if value > usual]

    def _find_pairs(self, company, now):
        """Differences of a product in two places that make up for each other."""
        found = []
        rows = queries.run(self.env, queries.hints.pairs(company.id, now))
        lines = self.env["stock.cycle.count.line"].browse([line for row in rows for line in row[:2]])
        places = {line.id: line.location_id.display_name for line in lines}
        lost = {line.id: line.adjustment_qty < 0 for line in lines}
        for first, second, product, quantity, value, days in rows:
            loser, winner = (first, second) if lost[first] else (second, first)
            found.append({
                "kind": "pair", "subject": f"{first}-{second}", "product_id": product, "value": value, "line_id": second,
                "line_ids": [fields.Command.set([first, second])],
                "facts": {"loser": places[loser], "winner": places[winner], "quantity": quantity, "days": days}})
        return found

    def _find_phantoms(self, company, now):
        """Stock that rests for so long that it may not be there."""
        rows = queries.run(self.env, queries.hints.silences(company.id, now))
        costs = self._get_costs_of([row[1] for row in rows])
        return [
            {"kind": "phantom", "subject": str(position), "position_id": position, "product_id": product,
             "location_id": location, "value": quantity * costs[product],
             "facts": {"quantity": quantity, "moves": moves, "days": round(days)}}
            for position, product, location, quantity, moves, days in rows if anomalies.is_silent(moves, days)]

    def _get_costs_of(self, product_ids):
        return {product.id: product.standard_price for product in self.env["product.product"].browse(product_ids)}

    def _find_odd(self, company, now):
        """Differences that are many usual moves large and among the largest of the year."""
        return [
            {"kind": "odd", "subject": str(line), "line_id": line, "line_ids": [fields.Command.set([line])],
             "product_id": product, "location_id": location, "value": abs(value),
             "facts": {"quantity": quantity, "times": abs(quantity) / usual}}
            for line, product, location, quantity, value, usual in queries.run(
                self.env, queries.hints.odd(company.id, now - YEAR, now - NEW))]

    def _find_rounding(self, company, now):
        """People whose counts end with 0 or 5 oftener than the books of the same lines."""
        return [
            {"kind": "rounding", "subject": str(user), "counter_id": user, "line_ids": [fields.Command.set(lines)],
             "facts": {"number": number, "rounded": rounded, "book": book}}
            for user, number, rounded, book, lines in queries.run(self.env, queries.hints.habits(company.id, now - YEAR))
            if anomalies.is_habit(number, rounded, book)]

    def _find_watch(self, company, now):
        """Warehouses whose unexplained losses add up to more than chance: the newest alarm of the last weeks."""
        today = now.date()
        monday = datetime.combine(today - timedelta(days=today.weekday()), time.min)
        found = []
        for warehouse, losses in queries.run(self.env, queries.hints.weekly_losses(company.id, monday)):
            alarms = charts.loss_alarms(losses)
            ago = next((ago for ago in range(1, TOLD_WEEKS + 1) if ago <= len(alarms) and alarms[-ago]), None)
            if ago:
                week = monday - timedelta(weeks=ago)
                found.append({
                    "kind": "watch", "subject": f"{warehouse} {week.date()}", "warehouse_id": warehouse, "value": losses[-ago],
                    "facts": {"week": str(week.date()), "usual": charts.usual_loss(losses[:-ago])},
                    "line_ids": [fields.Command.set(self._get_lost_lines(company, warehouse, week))]})
        return found

    def _get_lost_lines(self, company, warehouse, week):
        """Count lines that lost most in the month up to the end of a week."""
        return self.env["stock.cycle.count.result"].search([
            ("company_id", "=", company.id), ("warehouse_id", "=", warehouse), ("root_cause", "in", ("unknown", "theft")),
            ("difference", "=", 1), ("date", ">=", week - timedelta(weeks=TOLD_WEEKS)),
            ("date", "<", week + timedelta(weeks=1))], order="net", limit=queries.hints.LISTED).ids
