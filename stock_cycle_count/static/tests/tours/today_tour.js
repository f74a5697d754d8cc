/** @odoo-module **/

import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_service/tour_utils";
import { click, see, TOUR } from "./steps";

const tile = (name) => `.o_answers_tile[data-tile="${name}"]`;

function openApp() {
    return [
        stepUtils.showAppsMenuItem(),
        click('.o_app[data-menu-xmlid="stock_cycle_count.stock_cycle_count_menu_root"]'),
        see(`${tile("right")} .o_answers_figure`),
    ];
}

/** A chart where there is room for it; sentences and a table on a phone. */
function seeChart() {
    return {
        content: "The chart is drawn where there is room",
        trigger: tile("chart"),
        run() {
            const isDrawn = Boolean(this.$anchor[0].querySelector("canvas[role=img]"));
            if (isDrawn !== window.innerWidth >= 768) {
                throw new Error(`The chart is ${isDrawn ? "" : "not "}drawn at ${window.innerWidth} pixels`);
            }
            if (document.querySelector(".o_content").scrollWidth > window.innerWidth) {
                throw new Error("The page is wider than the screen");
            }
        },
    };
}

registry.category("web_tour.tours").add("stock_cycle_count_today_supervisor", {
    ...TOUR,
    steps: () => [
        ...openApp(),
        seeChart(),
        // What a figure means, at its title.
        see(`${tile("right")}:has(.o_answers_definition[hidden])`),
        click(`${tile("right")} .o_answers_title[aria-expanded=false]`),
        see(`${tile("right")}:has([aria-expanded=true]) .o_answers_definition:contains("drawn at random")`),
        // Another period.
        { ...click(".o_answers_filters select[name=days]"), run: "text 30 days" },
        see(`${tile("right")} .o_answers_sentence:contains("last 30 days")`),
        // One click to the records of a cause, and back to the page as it was left.
        see(`${tile("why")} .o_answers_bar:contains("Misplaced"):contains("100.0 %")`),
        click(`${tile("why")} .o_answers_bar:contains("Misplaced")`),
        see('.o_breadcrumb:contains("Why: Misplaced")'),
        see('.o_data_row:contains("Gadget")'),
        click(".o_back_button"),
        see(`${tile("right")} .o_answers_sentence:contains("last 30 days")`),
        // A cause is given somebody who changes it.
        click(`${tile("why")} .o_answers_own[aria-label="Make Misplaced a root cause"]`),
        see('.o_form_view .o_field_widget[name=root_cause] select'),
        click(".o_form_button_cancel, .o_back_button"),
        see(`${tile("right")} .o_answers_sentence:contains("last 30 days")`),
        click(`${tile("decide")} .o_answers_open:contains("Show 1 record")`),
        see('.o_data_row:contains("Widget"), .o_kanban_record:contains("Widget")'),
        click(".o_back_button"),
        see('.o_count_card [data-figure="approve"]:contains("1")'),
    ],
});

registry.category("web_tour.tours").add("stock_cycle_count_today_controller", {
    ...TOUR,
    steps: () => [
        ...openApp(),
        seeChart(),
        click(`${tile("chart")} summary`),
        click(`${tile("chart")} tbody button`),
        see('.o_data_row:contains("Gadget")'),
        click(".o_back_button"),
        see(`${tile("promise")} .o_answers_state`),
        // Who plans nothing is offered nothing to plan.
        see(".o_count_card:not(:has(.o_count_card_make))"),
    ],
});
