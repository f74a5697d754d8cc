"""A warehouse with a year of moves, made by bulk SQL: only what the addon reads has to be as Odoo would have made it."""

import dataclasses
from dataclasses import dataclass

from odoo import Command, fields
from odoo.tools import SQL

ZONES, AISLES, BINS = 5, 20, 20
LINES_A_MOVE = 4
DAYS = 400
TABLES = ("product_template", "product_product", "ir_property", "stock_quant", "stock_move", "stock_move_line")

# Kind of move, its share, where it takes from and where it brings to.
KINDS = (
    (0.85, "stock", "customer"),
    (0.03, "customer", "stock"),
    (0.07, "supplier", "stock"),
    (0.04, "stock", "stock"),
    (0.01, "stock", "inventory"),
)


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    products: int = 100_000
    lines: int = 1_000_000
    quants: int = 200_000
    sheet_lines: int = 10_000
    matching: int = 5_000
    different: int = 1_000

    def divided(self, by):
        return Size(*(number // by for number in dataclasses.astuple(self)))


@dataclass(frozen=True)
class World:
    """What was made, by id; every benchmark works on it."""

    size: Size
    company: int
    warehouse: int
    bins: list
    counters: list
    profile: int
    plan: int


def make_world(env, size):
    """Fill a database that has the addon but no product in it yet.

    Every product lies in two bins. Each has one small move; all others go to few products, so that the classes have
    the usual shape (about a fifth of the products make 80 % of the value).
    """
    warehouse = env["stock.warehouse"].search([], limit=1)
    bins = _make_bins(env, warehouse.lot_stock_id)
    env.flush_all()
    places = {
        "stock": warehouse.lot_stock_id.id,
        "customer": env.ref("stock.stock_location_customers").id,
        "supplier": env.ref("stock.stock_location_suppliers").id,
        "inventory": env["stock.location"].search([("usage", "=", "inventory"), ("scrap_location", "=", False)])[0].id,
    }
    env.cr.execute("SELECT setseed(0.42)")
    env.cr.execute(
        """
        CREATE TEMPORARY TABLE bench_bin ON COMMIT DROP AS
        SELECT id, ordinality - 1 AS n FROM unnest(%s) WITH ORDINALITY AS bin (id)
        """,
        [bins],
    )
    _make_products(env, size.products, warehouse.company_id.id)
    _make_quants(env, warehouse.company_id.id, len(bins))
    _make_moves(env, size, warehouse.company_id.id, places)
    _make_lines(env, len(bins), places["stock"])
    env.invalidate_all()
    counters = [
        env["res.users"].create({
            "name": f"Counter {number}", "login": f"counter{number}",
            "groups_id": [Command.link(env.ref("stock_cycle_count.group_counter").id)],
        }).id
        for number in range(1, 5)
    ]
    profile = env["stock.abc.profile"].create({"name": "Consumption", "company_id": warehouse.company_id.id})
    plan = env["stock.cycle.count.plan"].create({
        "name": "Whole warehouse", "warehouse_id": warehouse.id, "profile_id": profile.id,
        "counter_ids": [Command.set(counters)], "daily_capacity": size.quants // 40,
        "ranking": "none",
    })
    return World(size, warehouse.company_id.id, warehouse.id, bins, counters, profile.id, plan.id)


def _make_bins(env, stock):
    def below(parents, letter, number):
        return env["stock.location"].create([
            {"name": f"{letter}{n:02}", "location_id": parent.id, "posx": n}
            for parent in parents for n in range(1, number + 1)
        ])

    return below(below(below(stock, "Z", ZONES), "A", AISLES), "B", BINS).ids


def _make_products(env, number, company_id):
    unit = env.ref("uom.product_uom_unit").id
    env.cr.execute(
        """
        INSERT INTO product_template (name, default_code, type, detailed_type, categ_id, uom_id, uom_po_id, tracking,
                                      active, sale_ok, purchase_ok, create_date, write_date)
        SELECT jsonb_build_object('en_US', 'Item ' || n), 'ITEM' || n, 'product', 'product', %s, %s, %s, 'none',
               TRUE, TRUE, TRUE, now(), now()
          FROM generate_series(1, %s) n
        """,
        [env.ref("product.product_category_all").id, unit, unit, number],
    )
    env.cr.execute(
        """
        INSERT INTO product_product (product_tmpl_id, default_code, combination_indices, active, create_date, write_date)
        SELECT id, default_code, '', TRUE, now(), now() FROM product_template WHERE default_code LIKE 'ITEM%'
        """
    )
    env.cr.execute(
        """
        CREATE TEMPORARY TABLE bench_product ON COMMIT DROP AS
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM product_product WHERE default_code LIKE 'ITEM%'
        """
    )
    env.cr.execute(
        """
        INSERT INTO ir_property (name, type, fields_id, company_id, res_id, value_float)
        SELECT 'standard_price', 'float', %s, %s, 'product.product,' || id, round((1 + 99 * random())::numeric, 2)
          FROM bench_product
        """,
        [env["ir.model.fields"]._get("product.product", "standard_price").id, company_id],
    )


def _make_quants(env, company_id, bins):
    env.cr.execute(
        """
        INSERT INTO stock_quant (product_id, company_id, location_id, quantity, reserved_quantity,
                                 inventory_quantity_set, inventory_date, in_date, create_date, write_date)
        SELECT product.id, %(company)s, bin.id, 1 + product.n %% 50, 0, FALSE, %(annual)s, now(), now(), now()
          FROM bench_product product
         CROSS JOIN generate_series(0, 1) half
          JOIN bench_bin bin ON bin.n = (product.n + half * %(bins)s / 2) %% %(bins)s
        """,
        {"company": company_id, "bins": bins, "annual": fields.Date.today().replace(month=12, day=31)},
    )


def _make_moves(env, size, company_id, places):
    kinds, until = [], 0.0
    for share, source, destination in KINDS:
        kinds.append((until, until + share, places[source], places[destination], destination == "inventory"))
        until += share
    env.cr.execute(SQL(
        """
        INSERT INTO stock_move (name, company_id, product_id, product_uom, product_uom_qty, product_qty, quantity,
                                location_id, location_dest_id, is_inventory, procure_method, state, picked, date,
                                create_date, write_date)
        SELECT 'Item', %(company)s, product.id, %(unit)s, drawn.quantity, drawn.quantity, drawn.quantity,
               kind.source, kind.destination, kind.is_inventory, 'make_to_stock', 'done', TRUE, drawn.date,
               drawn.date, drawn.date
          FROM (
            SELECT CASE WHEN n < %(products)s THEN n ELSE floor(%(products)s * random() ^ 5) END AS product,
                   %(per_move)s * CASE WHEN n < %(products)s THEN 1 ELSE 1 + mod(n, 19) END AS quantity,
                   random() AS kind,
                   date_trunc('second', now() AT TIME ZONE 'UTC' - random() * make_interval(days => %(days)s)) AS date
              FROM generate_series(0, %(moves)s - 1) n
          ) drawn
          JOIN bench_product product ON product.n = drawn.product
          JOIN (VALUES %(kinds)s) AS kind (above, below, source, destination, is_inventory)
               ON drawn.kind >= kind.above AND drawn.kind < kind.below
        """,
        company=company_id, unit=env.ref("uom.product_uom_unit").id, products=size.products, per_move=LINES_A_MOVE,
        days=DAYS, moves=size.lines // LINES_A_MOVE, kinds=SQL(", ").join(SQL("%s", kind) for kind in kinds),
    ))


def _make_lines(env, bins, stock_id):
    """Lines of each move, by turns from and to the two bins of the product."""
    env.cr.execute(
        """
        INSERT INTO stock_move_line (move_id, company_id, product_id, product_uom_id, quantity, quantity_product_uom,
                                     location_id, location_dest_id, state, picked, date, create_date, write_date)
        SELECT move.id, move.company_id, move.product_id, move.product_uom, move.quantity / %(per_move)s,
               move.quantity / %(per_move)s,
               CASE WHEN move.location_id = %(stock)s THEN one.id ELSE move.location_id END,
               CASE WHEN move.location_dest_id = %(stock)s THEN other.id ELSE move.location_dest_id END,
               move.state, TRUE, move.date, move.date, move.date
          FROM stock_move move
          JOIN bench_product product ON product.id = move.product_id
         CROSS JOIN generate_series(1, %(per_move)s) number
          JOIN bench_bin one ON one.n = (product.n + number %% 2 * %(bins)s / 2) %% %(bins)s
          JOIN bench_bin other ON other.n = (product.n + (number + 1) %% 2 * %(bins)s / 2) %% %(bins)s
        """,
        {"per_move": LINES_A_MOVE, "bins": bins, "stock": stock_id},
    )


def lengthen_history(env, quants, times):
    """Let the products of some quants have moved so many times more often, and quants have been counted as often.

    Every move of them, old or copied, gets a layer of its value and a journal entry.
    """
    products, company = quants.product_id.ids, quants.company_id
    env.cr.execute(
        """
        WITH copied AS (
            INSERT INTO stock_move (name, origin, company_id, product_id, product_uom, product_uom_qty, product_qty, quantity,
                                    location_id, location_dest_id, is_inventory, procure_method, state, picked, date,
                                    create_date, write_date)
            SELECT name, id, company_id, product_id, product_uom, product_uom_qty, product_qty, quantity,
                   location_id, location_dest_id, is_inventory, procure_method, state, picked, date,
                   create_date, write_date
              FROM stock_move CROSS JOIN generate_series(1, %s) WHERE product_id = ANY(%s)
            RETURNING *
        )
        INSERT INTO stock_move_line (move_id, company_id, product_id, product_uom_id, quantity, quantity_product_uom,
                                     location_id, location_dest_id, state, picked, date, create_date, write_date)
        SELECT copied.id, line.company_id, line.product_id, line.product_uom_id, line.quantity, line.quantity_product_uom,
               line.location_id, line.location_dest_id, line.state, line.picked, line.date, line.create_date,
               line.write_date
          FROM copied JOIN stock_move_line line ON line.move_id = copied.origin::int
        """,
        [times, products],
    )
    env.cr.execute(
        """
        INSERT INTO stock_valuation_layer (company_id, product_id, stock_move_id, quantity, unit_cost, value,
                                           create_date, write_date)
        SELECT company_id, product_id, id, quantity, 1, quantity, date, date FROM stock_move
         WHERE product_id = ANY(%s)
        """,
        [products],
    )
    name = f"P{env['account.journal'].search_count([])}"
    journal = env["account.journal"].create({"name": name, "code": name, "type": "general"})
    accounts = env["account.account"].create([
        {"name": f"{name} {side}", "code": f"{name}.{side}", "account_type": "asset_current"} for side in ("in", "out")
    ])
    env.flush_all()
    env.cr.execute(
        """
        WITH entry AS (
            INSERT INTO account_move (name, journal_id, company_id, currency_id, state, move_type, auto_post, date,
                                      stock_move_id, create_date, write_date)
            SELECT 'Past ' || id, %(journal)s, company_id, %(currency)s, 'posted', 'entry', 'no', date, id, date, date
              FROM stock_move WHERE product_id = ANY(%(products)s)
            RETURNING *
        )
        INSERT INTO account_move_line (move_id, journal_id, company_id, currency_id, company_currency_id, account_id,
                                       parent_state, display_type, date, debit, credit, balance, create_date, write_date)
        SELECT entry.id, journal_id, company_id, currency_id, currency_id, side.account_id, state, 'product', date,
               GREATEST(side.sign, 0), GREATEST(-side.sign, 0), side.sign, create_date, write_date
          FROM entry CROSS JOIN unnest(%(accounts)s, ARRAY[1, -1]) side (account_id, sign)
        """,
        {"journal": journal.id, "currency": company.currency_id.id, "products": products, "accounts": accounts.ids},
    )
    sheets = env["stock.cycle.count"].create([{"state": "done"} for _number in range(times)])
    env.flush_all()
    env.cr.execute(
        """
        WITH line AS (
            INSERT INTO stock_cycle_count_line (
                count_id, company_id, product_id, location_id, quant_id, user_id, sequence, selection_reason, round, state,
                verdict, counted_qty, expected_qty, count_date, post_date, create_date, write_date)
            SELECT sheet.id, quant.company_id, quant.product_id, quant.location_id, quant.id, %(user)s, 10, 'class', 1,
                   'posted', 'match', quant.quantity, quant.quantity, day, day, day, day
              FROM stock_quant quant
             CROSS JOIN unnest(%(sheets)s) WITH ORDINALITY sheet (id, number)
             CROSS JOIN LATERAL (SELECT now() AT TIME ZONE 'UTC' - make_interval(days => 30 * number::int) AS day) past
             WHERE quant.id = ANY(%(quants)s)
            RETURNING *
        )
        INSERT INTO stock_cycle_count_entry (
            line_id, count_id, company_id, round, kind, user_id, date, quantity, book_quantity, source)
        SELECT id, count_id, company_id, 1, 'set', user_id, count_date, counted_qty, expected_qty, 'scanner' FROM line
        """,
        {"user": env.uid, "sheets": sheets.ids, "quants": quants.ids},
    )
    env.invalidate_all()
