from odoo import _, api, fields, models

from ..constants import HOLDING_STATES


class StockCycleCountLock(models.AbstractModel):
    """Sheets that block hold their locations from start to end; the lock is written with the state, so that no crash
    leaves one behind. Where it refuses a move stands in ``stock.quant`` and ``stock.move``.
    """

    _name = "stock.cycle.count.lock"
    _description = "Lock of Counted Locations"

    locked_location_ids = fields.One2many(
        "stock.location", "cycle_count_lock_id", "Locked Locations", readonly=True, groups="stock.group_stock_user")
    can_release = fields.Boolean(compute="_compute_can_release")

    @api.depends("locked_location_ids")
    @api.depends_context("uid")
    def _compute_can_release(self):
        for count in self:
            count.can_release = not count._why_not_release()

    def _why_not_release(self):
        if not self.sudo().locked_location_ids:
            return _("Sheet %(name)s blocks no location.", name=self.name)
        return self._why_not_supervisor()

    def action_release(self):
        """Let stock move again in the locations of these sheets; counting goes on."""
        for count in self:
            count._check_can("release")
            count.sudo().lock_mode = "none"
            count.sudo()._sync_locks()
            count.sudo()._log_note(_("%(user)s released the locked locations.", user=self.env.user.name))
        return True

    def _sync_locks(self):
        """Lock or release locations as the states of these sheets demand.

        A location that another sheet holds stays with that sheet until it ends, and goes to the next one then.
        """
        for count in self.sudo():
            wanted = self.env["stock.location"].sudo()
            if count.lock_mode == "block" and count.state in HOLDING_STATES:
                wanted = count.line_ids.filtered(lambda line: line.state != "cancel").location_id
            released = count.locked_location_ids - wanted
            released.cycle_count_lock_id = False
            wanted.filtered(lambda location: not location.cycle_count_lock_id).cycle_count_lock_id = count
            released._lock_for_waiting_counts()
