from odoo import api, fields, models

from ... import queries


class StockCycleCountFingerprint(models.Model):
    """What a done move line said when it was first seen: at the posting of a count, before somebody edits it, or in the
    night after it was done. Whatever it says later is compared with that.

    The id is that of the move line; everything is kept as numbers, so that it stays when what it names goes.
    """

    _name = "stock.cycle.count.fingerprint"
    _description = "Done Move as First Seen"
    _inherit = "stock.cycle.count.append.only.mixin"
    _log_access = False
    _rec_name = "id"

    move_id = fields.Integer("Move")
    company_id = fields.Integer("Company")
    product_id = fields.Integer("Product")
    location_id = fields.Integer("From")
    location_dest_id = fields.Integer("To")
    lot_id = fields.Integer("Lot")
    package_id = fields.Integer("From Package")
    result_package_id = fields.Integer("To Package")
    owner_id = fields.Integer("Owner")
    quantity = fields.Float(digits=0)
    seen_date = fields.Datetime("Seen On")
    added = fields.Boolean("Added to a Done Move")
    count_line_id = fields.Integer("Count Line", index="btree_not_null")
    layer_value = fields.Float("Value of Its Layers", digits=0)
    entry_value = fields.Float("Value of Its Journal Entries", digits=0)

    @api.model
    def _remember(self, lines, added=False):
        """Keep what done move lines say now; what is known of one already stays.

        :param added: whether they were added to moves that were done before
        """
        if lines:
            queries.run(self.env, queries.fingerprints.remember_lines(
                lines.ids, added, self._is_valued(), fields.Datetime.now()))

    @api.model
    def _remember_added(self, lines):
        """Keep lines that were made done: what a move has besides them was done before, so that they were added to it."""
        others = lines.move_id.move_line_ids - lines
        if others:
            self._remember(others)
            self._remember(lines.filtered(lambda line: line.move_id in others.move_id), added=True)

    @api.model
    def _remember_new(self, company):
        """Keep what the done move lines of a company say that nobody has seen yet."""
        queries.run(self.env, queries.fingerprints.remember_new(company.id, self._is_valued(), fields.Datetime.now()))
        queries.run(self.env, queries.fingerprints.analyze_fingerprints())

    @api.model
    def _is_valued(self):
        """Whether stock moves have valuation layers here."""
        return "stock.valuation.layer" in self.env
