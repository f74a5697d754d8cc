"""Every menu of every role is opened on a phone and at a desk: nothing fails, complains, or is a dead end."""

import json
import time

import pytest

from .browser import DESK, PHONE, window
from .servers import served, shell

pytestmark = pytest.mark.long

#: Groups of people as they are in companies; what a role implies comes with it.
ROLES = {
    "counter": "stock_cycle_count.group_counter",
    "supervisor": "stock_cycle_count.group_supervisor",
    "controller": "stock_cycle_count.group_controller",
    "stock_user": "stock.group_stock_user",
    "stock_manager": "stock.group_stock_manager",
}
USERS = f"""
env.ref("base.user_admin").write({{"login": "admin", "password": "admin"}})
for login, group in {ROLES}.items():
    env["res.users"].with_context(no_reset_password=True).create({{
        "name": login, "login": login, "password": login, "groups_id": [(6, 0, env.ref(group).ids)]}})
env.cr.commit()
"""
SERVICES = "odoo.__WOWL_DEBUG__.root.env.services"
#: Menus of the app that open something: ids and names, as the client was given them.
MENUS = f"""Object.values({SERVICES}.menu.getAll()).filter(
    (menu) => menu.actionID && (menu.xmlid || "").startsWith("stock_cycle_count.")).map((menu) => [menu.id, menu.xmlid])"""
OPEN = f"{SERVICES}.menu.selectMenu({SERVICES}.menu.getMenu(%s))"
#: What is wrong with the screen that is open; empty when nothing is.
LOOK = """(() => {
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length);
    const problems = shown(".o_error_dialog, .o_notification.border-danger").map((one) => "error: " + one.innerText);
    const screen = shown(".modal .modal-content")[0] || shown(".o_action_manager > .o_action, .o_view_controller")[0];
    if (!screen) return [...problems, "nothing is there"];
    const width = document.documentElement.scrollWidth;
    if (width > window.innerWidth) problems.push("is wider than the screen: " + width);
    const renderer = screen.querySelector(".o_list_renderer, .o_kanban_renderer");
    const rows = screen.querySelectorAll(".o_data_row, .o_group_header, .o_kanban_record:not(.o_kanban_ghost), .o_kanban_group");
    if (renderer && !rows.length) {
        const help = shown(".o_view_nocontent")[0];
        // What is empty says why, and what comes next: in a sentence more, or by a link.
        if (!help) problems.push("is empty and says nothing");
        else if (help.querySelectorAll("p").length < 2 && !help.querySelector("a, button")) {
            problems.push("is a dead end: " + help.innerText);
        }
    }
    if (screen.innerText.trim().length < 20) problems.push("is blank: " + screen.innerText);
    return problems;
})()"""


def look_at_menus(browser, client):
    """Open all menus of the app that a user has.

    :return: what is wrong, by menu
    """
    browser.log_in(client)
    browser.see(".o_main_navbar")
    found = {}
    menus = browser.evaluate(MENUS)
    assert menus
    for menu, name in menus:
        browser.messages.clear()
        browser.evaluate(OPEN % json.dumps(menu))
        deadline = time.monotonic() + 10
        browser.wait_until_quiet()
        # What is still being drawn may look wrong for a moment.
        while (problems := browser.evaluate(LOOK)) and time.monotonic() < deadline:
            time.sleep(0.2)
        problems += browser.messages
        if problems:
            found[name] = problems
        browser.evaluate(f"{SERVICES}.action.doAction({{ type: 'ir.actions.act_window_close' }})")
    return found


def look_as_everybody(login):
    """What is wrong with the menus of each role and of the administrator, on a phone and at a desk."""
    found = {}
    for name in (*ROLES, "admin"):
        client = login(name, name)
        for size in (PHONE, DESK):
            with window(size) as browser:
                for menu, problems in look_at_menus(browser, client).items():
                    found[f"{name}, {size[0]} wide, {menu}"] = problems
    return found


def test_all_menus_where_nothing_is_there_yet(database, tmp_path):
    shell(database, USERS)
    with served(database, tmp_path / "odoo.log") as login:
        assert look_as_everybody(login) == {}


def test_all_menus_with_demo_data(demo_database, tmp_path):
    shell(demo_database, USERS)
    with served(demo_database, tmp_path / "odoo.log") as login:
        assert look_as_everybody(login) == {}
