"""Ways past the gate by kinds, each as each role, over real JSON-RPC and in process with all rights: none changes what is
on hand, its value, what counts moved, what was decided or what the log says; each is refused with a clear message, waits
for somebody, or is named as one that does nothing.
"""

import re
from collections import Counter, defaultdict

import psycopg2
import pytest

from odoo.api import call_kw
from odoo.exceptions import UserError
from odoo.models import check_method_name
from odoo.tests import tagged
from odoo.tools import mute_logger

from .attack_ways import WaysCase
from .rpc_case import RpcCase

#: What must not change, as the database has it: what is on hand,
ON_HAND = (
    "SELECT q.product_id, q.location_id, q.lot_id, q.package_id, q.owner_id, q.company_id, SUM(q.quantity)"
    " FROM stock_quant q JOIN stock_location l ON l.id = q.location_id WHERE l.usage IN ('internal', 'transit')"
    " AND q.quantity <> 0 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6")
#: its value,
VALUE = "SELECT stock_move_id, SUM(value), SUM(quantity) FROM stock_valuation_layer {} GROUP BY 1 ORDER BY 1"
OF_COUNTS = "WHERE stock_move_id IN (SELECT id FROM stock_move WHERE cycle_count_line_id IS NOT NULL)"
#: what counts moved and people decided, what stock is, and what came from losses or went there without a count.
KEPT = (
    "SELECT id, (to_jsonb(m) - 'cycle_count_reversal_id' - 'write_uid' - 'write_date')::text FROM stock_move m"
    " WHERE cycle_count_line_id IS NOT NULL ORDER BY id",
    "SELECT l.* FROM stock_move_line l JOIN stock_move m ON m.id = l.move_id WHERE m.cycle_count_line_id IS NOT NULL"
    " ORDER BY l.id",
    "SELECT id, (to_jsonb(l) - 'user_id' - 'write_uid' - 'write_date')::text FROM stock_cycle_count_line l"
    " WHERE id <= %(line)s ORDER BY id",
    "SELECT * FROM stock_cycle_count_entry WHERE line_id <= %(line)s ORDER BY id",
    "SELECT * FROM stock_cycle_count_approval ORDER BY id",
    "SELECT * FROM stock_cycle_count_audit_log WHERE id <= %(row)s ORDER BY id",
    "SELECT id, location_id, usage, company_id, scrap_location, active FROM stock_location WHERE id = ANY(%(places)s)"
    " ORDER BY id",
    "SELECT id, product_id, company_id FROM stock_lot WHERE id = ANY(%(lots)s)",
    "SELECT id, rounding, factor, category_id FROM uom_uom WHERE id = %(unit)s",
    "SELECT l.id FROM stock_move_line l JOIN stock_move m ON m.id = l.move_id JOIN stock_location s ON s.id = l.location_id"
    " JOIN stock_location d ON d.id = l.location_dest_id WHERE l.state = 'done' AND l.quantity <> 0"
    " AND m.cycle_count_line_id IS NULL AND (s.usage = 'inventory' AND d.usage IN ('internal', 'transit', 'production')"
    " OR d.usage = 'inventory' AND NOT d.scrap_location AND s.usage IN ('internal', 'transit', 'production'))"
    " ORDER BY 1",
)
#: Kinds of documents that move stock for causes of their own: what they make and take elsewhere is theirs.
DOCUMENTS = ("manufacturing", "repairs", "purchases")
#: Ways that do nothing at all, and need no refusal.
IDLE = (
    "by a line$",                        # a line without a move moves nothing, and its state is its move's
    "^onchange",                         # a form is computed, and nothing is written
    "_available$|^lot.product_qty$",     # computed, so that nothing is written
    "copied$",                           # copies are drafts that claim no count
    "^unit ratio$",                      # computed of the factor, which it does not change here
    "^warehouse lot_stock_id$",          # where new goods go; what is there stays
    "auto_apply|^applied ",              # for stock managers, whose counts wait; core ignores it of others
    "^moved by hand$|^quant by name$",   # to nowhere; core makes nothing
    r"quant_ids by command \(4|quant_ids by command \(5,\)|stock_move_ids by command \(4",  # it is there already
    "^count undone by its transfer$",    # a return that is not made
)
#: Ways that nothing refuses to stock managers, who may write on core's layers: the nightly check finds each.
FOUND = re.compile("^layer")
#: Ways that code with all rights goes in silence: what they write decides nothing.
IDLE_WITH_ALL_RIGHTS = (*IDLE, r"^sheet\.", r"cycle\.count \['.id', 'state'\]$", "^forged row$", "^line.user_id$")
LOGGERS = ("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.models", "odoo.models.unlink")


@tagged("standard", "post_install", "-at_install")
class TestAttackKinds(WaysCase, RpcCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whoever may do what the modules that are there allow besides.
        groups = [name for name in (
            "stock.group_stock_user", "account.group_account_manager", "mrp.group_mrp_manager", "purchase.group_purchase_manager",
            "sales_team.group_sale_manager") if cls.env.ref(name, raise_if_not_found=False)]
        cls.accountant = cls.make_user("floor_accountant", ",".join(groups))
        cls.admin.groups_id |= cls.accountant.groups_id

    def _read_all(self, kind=None):
        """What a way must not change.

        :param kind: of the way
        """
        self.env.flush_all()
        found = []
        of_all = kind not in DOCUMENTS
        values = (VALUE.format("" if of_all else OF_COUNTS),) if "stock.valuation.layer" in self.env else ()
        for query in (*((ON_HAND,) if of_all else ()), *KEPT, *values):
            self.env.cr.execute(query, {
                "line": self.held.id, "row": self.row.id, "places": (self.bin_a | self.bin_b | self.stock).ids,
                "lots": self.serial.ids, "unit": self.product.uom_id.id})
            found.append(self.env.cr.fetchall())
        return found

    def _inside(self, user, model, method, *args, **kwargs):
        """Call a method in process, with all rights but those of the superuser; as ``_rpc``."""
        try:
            check_method_name(method)
            with self.cr.savepoint():
                result = call_kw(self.as_user(user, self.env[model]).sudo(), method, list(args), kwargs)
                self.env.flush_all()
        except (UserError, psycopg2.Error) as error:  # the heirs are for access and validation
            return None, str(error)
        return result, None

    def _try_ways(self, send, roles, step=1, idle=IDLE):
        """Try ways as some roles: none changes anything, and those that are neither refused nor held are named.

        :param step: how many ways there are to one that is tried
        :param idle: patterns of the names of those that do nothing
        """
        ways, named, ends = self.get_ways(), defaultdict(set), Counter()
        before = {kind: self._read_all(kind) for kind in {kind for kind, _name in ways}}
        for (kind, name), calls in list(ways.items())[::step]:
            for user in roles:
                savepoint = self.cr.savepoint()
                errors = self._make_calls(send, user, calls)
                if self._read_all(kind) != before[kind]:
                    end = "found" if FOUND.search(name) and self._is_found() else "passed"
                elif errors:
                    end = "refused"
                else:
                    waits = self.env["stock.cycle.count.line"].search_count([("id", ">", self.held.id)])
                    end = "held" if waits else "done" if kind in DOCUMENTS else "silent"
                named[end].add((kind, name, user.login))
                ends[kind, user.login, end] += 1
                savepoint.close(rollback=True)
                self.env.invalidate_all()
        self._show(ends, roles)
        self.assertFalse(named["passed"])
        self.assertFalse([way for way in named["silent"] if not any(re.search(one, way[1]) for one in idle)])

    def _is_found(self):
        """Whether the nightly check finds that what was posted says something else now."""
        Check = self.env["stock.cycle.count.reconciliation"]
        check = Check.search([("company_id", "=", self.company.id)]) or Check.create({"company_id": self.company.id})
        check._reconcile()
        return bool(self.env["stock.cycle.count.finding"].search_count(
            [("company_id", "=", self.company.id), ("kind", "=", "posted"), ("state", "!=", "closed")]))

    def _show(self, ends, roles):
        """Say how each kind of way ended for each role."""
        for kind in dict.fromkeys(kind for kind, _login, _end in ends):
            for user in roles:
                told = (f"{ends[kind, user.login, end]} {end}" for end in (
                    "passed", "found", "held", "refused", "silent", "done"))
                print(f"{kind:14} {user.login:20} {', '.join(told)}")  # noqa: T201

    def _get_roles(self):
        return (self.outsider, self.counter, self.worker, self.manager, self.supervisor, self.controller, self.accountant,
                self.admin)

    def test_by_rpc(self):
        with mute_logger(*LOGGERS):
            self._try_ways(self._rpc, (self.admin,), step=5)

    def test_with_all_rights(self):
        with mute_logger(*LOGGERS):
            self._try_ways(self._inside, (self.worker,), step=4, idle=IDLE_WITH_ALL_RIGHTS)

    @pytest.mark.long
    def test_by_rpc_as_every_role(self):
        with mute_logger(*LOGGERS):
            self._try_ways(self._rpc, self._get_roles())

    @pytest.mark.long
    def test_with_all_rights_as_every_role(self):
        with mute_logger(*LOGGERS):
            self._try_ways(self._inside, self._get_roles(), idle=IDLE_WITH_ALL_RIGHTS)
