/** @odoo-module **/

import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_service/tour_utils";
import { click, see, seeAllSent, TOUR } from "./steps";

const ROW = '.o_data_row:contains("Motor")';

/** The way to a screen by the menus of the app. */
function openMenu(...xmlids) {
    return [
        stepUtils.showAppsMenuItem(),
        click('.o_app[data-menu-xmlid="stock_cycle_count.stock_cycle_count_menu_root"]'),
        ...xmlids.map((xmlid) => click(`.o_main_navbar [data-menu-xmlid="stock_cycle_count.${xmlid}"]`)),
    ];
}

/** Say something to a decision, and approve. */
function approve(comment) {
    return [
        { ...click('[name="comment"] input'), run: `text ${comment}` },
        click('button[name="action_approve"]'),
    ];
}

registry.category("web_tour.tours").add("stock_cycle_count_approval_count", {
    ...TOUR,
    steps: () => [
        // The only sheet is open, and its only bin once it is started.
        click(".o_scanner_start"),
        click('.o_scanner_line:contains("Motor")'),
        {
            content: "Type 60",
            trigger: ".o_scanner_pad",
            run: () => {
                for (const key of ["6", "0", "Enter"]) {
                    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
                }
            },
        },
        see('.o_scanner_line:contains("Motor") .o_scanner_counted:contains("60 Units")'),
        seeAllSent(),
        click(".o_scanner_overview"),
        click(".o_scanner_close"),
        see(".o_scanner_message.alert-success:contains('Closed')"),
    ],
});

/** Opened on the line itself, which a counter may read: nothing there or in the menus lets it pass. */
registry.category("web_tour.tours").add("stock_cycle_count_approval_counter_looks", {
    ...TOUR,
    steps: () => [
        see('.o_form_view [name="product_id"]:contains("Motor")'),
        see('.o_form_view .o_arrow_button_current:contains("To Approve"), .o_form_view [name="state"]:contains("To Approve")'),
        see('.o_form_view:not(:has(button[name="action_decide"]))'),
        stepUtils.showAppsMenuItem(),
        see('.o_navbar_apps_menu:has(.o_app[data-menu-xmlid="stock_cycle_count.stock_cycle_count_menu_root"])'),
        see('.o_navbar_apps_menu:not(:has(.o_app[data-menu-xmlid="stock.menu_stock_root"]))'),
        click('.o_app[data-menu-xmlid="stock_cycle_count.stock_cycle_count_menu_root"]'),
        see('.o_menu_sections:has([data-menu-xmlid="stock_cycle_count.stock_cycle_count_menu_sheets"])'),
        see('.o_menu_sections:not(:has([data-menu-xmlid*="menu_approve"]))'),
    ],
});

registry.category("web_tour.tours").add("stock_cycle_count_approval_supervisor", {
    ...TOUR,
    steps: () => [
        ...openMenu("stock_cycle_count_line_menu_approve"),
        see(`${ROW} [name="waits_for"]:contains("level 1")`),
        click(`${ROW} button[name="action_decide"]`),
        // Without a reason it does not pass.
        click('button[name="action_approve"]'),
        see('.modal-content:contains("choose a reason")'),
        click('.modal-footer button:contains("Close")'),
        { ...click('[name="reason_id"] input'), run: "text Stolen" },
        click('.o-autocomplete--dropdown-item:contains("Stolen from the yard")'),
        ...approve("The fence was cut"),
        see(`${ROW} [name="waits_for"]:contains("level 2")`),
        see(`${ROW}:not(:has(button[name="action_decide"]:visible))`),
    ],
});

registry.category("web_tour.tours").add("stock_cycle_count_approval_controller", {
    ...TOUR,
    steps: () => [
        ...openMenu("stock_cycle_count_line_menu_approve"),
        see(`${ROW} [name="reason_id"]:contains("Stolen from the yard")`),
        click(`${ROW} button[name="action_decide"]`),
        see('[name="loss_value"]:contains("2,000.00")'),
        ...approve("Reported to the police"),
        see(`.o_action_manager:not(:has(${ROW}))`),
        ...openMenu("stock_cycle_count_menu_sheets", "stock_cycle_count_menu"),
        click('.o_data_row:contains("DOOR-1") td[name="name"]'),
        click('button[name="action_finalize"]'),
        see('.o_statusbar_status .o_arrow_button_current:contains("Done")'),
        {
            content: "What is downloaded from now on is looked into",
            trigger: ".o_form_view",
            run: () => {
                download._download = async ({ url, data }) => {
                    const body = new FormData();
                    for (const [name, value] of Object.entries({ ...data, csrf_token: odoo.csrf_token })) {
                        body.append(name, value);
                    }
                    const answer = await fetch(url, { method: "POST", body });
                    document.body.dataset.downloaded = (await answer.text()).slice(0, 5);
                };
            },
        },
        click(".o_cp_action_menus .dropdown-toggle:has(.fa-cog)"),
        click('.o_cp_action_menus .dropdown-toggle:contains("Print")'),
        click('.o_cp_action_menus .dropdown-item:contains("Adjustment Voucher")'),
        // A PDF takes its time where much else runs.
        { ...see('body[data-downloaded="%PDF-"]'), timeout: 60000 },
    ],
});
