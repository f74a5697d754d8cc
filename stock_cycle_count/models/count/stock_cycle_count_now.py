from odoo import SUPERUSER_ID, _, api, models
from odoo.exceptions import UserError

from ...tools import notifications
from ..constants import COUNTING_STATES, KEY_FIELDS, OPEN_STATES, STOCK_USAGES

#: What one person counts at once, without a plan.
MOST_LINES = 500


class StockCycleCountNow(models.AbstractModel):
    """Counting at once what no plan asks for: a blind sheet of its own, begun in one act. What stands on an open sheet is
    counted there.
    """

    _name = "stock.cycle.count.now"
    _description = "Counting at Once"

    @api.model
    def _open_count_now(self, company, domain):
        """Begin to count stock, and open the scanner on its sheet.

        :param domain: of the quants to count
        :raise UserError: when the user may not, or there is nothing or too much to count
        """
        count, taken = self._count_now(company, domain)
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_scanner_action")
        action["params"] = {"count_id": count.id}
        if not taken:
            return action
        return notifications.warning(
            _("Counted on other sheets already: %(sheets)s.", sheets=", ".join(sorted(set(taken.count_id.mapped("name"))))),
            _("Left out: %(number)s", number=len(taken)), action)

    @api.model
    def _count_now(self, company, domain):
        """Begin a sheet of what is free of the stock of a company; where nothing is, the sheet that counts it.

        :return: the sheet, and lines of other sheets on which the rest stands
        :raise UserError: see ``_open_count_now``
        """
        refusal = self._why_not_count_now(company)
        if refusal:
            raise UserError(refusal)
        keys = self._find_keys(company, domain)
        if not keys:
            raise UserError(_("The books show nothing to count there. What lies there all the same is entered in Physical "
                              "Inventory, or added to a sheet that counts the place."))
        free, taken = self._split_taken(keys)
        if free:
            count = self._make_ad_hoc(company, free, self.env.user)
            count.action_start()
            return count, taken
        counting = taken.count_id.filtered(lambda count: count.state in COUNTING_STATES)
        if not counting:
            raise UserError(_("It was counted on %(sheet)s. %(waiting)s", sheet=taken.count_id[0].name,
                              waiting=taken.count_id[0].with_env(self.env).waits_for))
        own = counting.filtered(lambda count: count.user_id == self.env.user) or counting.filtered(
            lambda count: not count.user_id) or counting
        return own[0].with_env(self.env), taken.browse()

    @api.model
    def _why_not_count_now(self, company):
        """Why this user begins no count in a company without being asked to; or False."""
        if company not in self.env.companies:
            return _("This is stock of another company. Choose that company first.")
        if self.env.user.has_group("stock_cycle_count.group_supervisor"):
            return False
        if self.env.user.has_group("stock_cycle_count.group_counter") and company.sudo().cycle_count_ad_hoc:
            return False
        return _("Only count supervisors begin a count that nobody planned. Ask one, or let counters do it in the settings.")

    @api.model
    def _find_keys(self, company, domain):
        """Stock keys of quants of a company in walking order, as values of lines.

        :raise UserError: when there are too many for one sheet
        """
        quants = self.env["stock.quant"].sudo().search([
            ("company_id", "=", company.id), ("location_id.usage", "in", STOCK_USAGES),
            ("product_id.active", "=", True), ("quantity", "!=", 0), *domain], limit=10 * MOST_LINES)
        places = {location: location._get_walking_key() for location in quants.location_id}
        keys = {}
        for quant in quants.sorted(lambda quant: (places[quant.location_id], quant.product_id.id, quant.id)):
            keys.setdefault(quant._get_stock_key(), quant.id)
        if len(keys) > MOST_LINES:
            raise UserError(_("More than %(most)s things lie there. Choose a smaller place, or let a plan spread them.",
                              most=MOST_LINES))
        return [dict(zip(KEY_FIELDS, key), quant_id=quant_id) for key, quant_id in keys.items()]

    @api.model
    def _split_taken(self, keys):
        """Those of these keys that are free, and the open lines on which the others stand."""
        opened = self.env["stock.cycle.count.line"].sudo().search([
            ("state", "in", OPEN_STATES), ("location_id", "in", [key["location_id"] for key in keys]),
            ("product_id", "in", [key["product_id"] for key in keys])])
        by_key = {line._get_key(): line for line in opened}

        def find(key):
            return by_key.get(tuple(key[name] for name in KEY_FIELDS), opened.browse())

        return [key for key in keys if not find(key)], opened.browse().union(*map(find, keys))

    @api.model
    def _make_ad_hoc(self, company, keys, user, **values):
        """Make a blind sheet of stock keys for somebody, in the superuser's name: who may was asked before."""
        count = self.with_user(SUPERUSER_ID).with_company(company).create(
            {"company_id": company.id, "user_id": user.id, "blind": True, **values})
        count.line_ids.create([
            dict(key, count_id=count.id, sequence=number) for number, key in enumerate(keys, start=1)])
        count._derive_warehouse()
        return count.with_env(self.env)

    def _derive_warehouse(self):
        """A sheet made by hand, of which nobody says it, belongs to the warehouse of its lines, where that is one."""
        for count in self.filtered(lambda count: not count.warehouse_id and count.line_ids):
            warehouses = count.line_ids.location_id.warehouse_id
            count.sudo().warehouse_id = len(warehouses) == 1 and warehouses
