/** @odoo-module **/

import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_service/tour_utils";
import { click, see, TOUR } from "./steps";

const MENU = '[data-menu-xmlid="stock_cycle_count.stock_cycle_count_menu_today"]';

/** A counter opens the app and can count at once; Today shows the day, and one button leads back. */
registry.category("web_tour.tours").add("stock_cycle_count_my_day", {
    ...TOUR,
    steps: () => [
        stepUtils.showAppsMenuItem(),
        click('.o_app[data-menu-xmlid="stock_cycle_count.stock_cycle_count_menu_root"]'),
        see(".o_stock_cycle_count_scanner .o_scanner_body"),
        {
            content: "Open Today",
            trigger: ".o_main_navbar",
            // On a phone the menu lies behind two buttons.
            run: async () => {
                const press = (selector) => document.querySelector(selector).click();
                const appear = async (selector) => {
                    while (!document.querySelector(selector)) {
                        await new Promise((resolve) => setTimeout(resolve, 50));
                    }
                };
                if (document.querySelector(".o_mobile_menu_toggle")) {
                    press(".o_mobile_menu_toggle");
                    await appear(`.o_burger_menu ${MENU}`);
                }
                press(MENU);
            },
        },
        see('.o_my_day [data-figure="counted_today"]:contains("1")'),
        see('.o_my_day [data-figure="lines"]:contains("2")'),
        see('.o_my_day:not(:contains("40"))'),
        click('.o_my_day_count:contains("Go on counting")'),
        see('.o_scanner_location:contains("Bin A")'),
    ],
});
