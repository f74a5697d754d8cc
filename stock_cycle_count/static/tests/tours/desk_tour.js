/** @odoo-module **/

import { registry } from "@web/core/registry";
import { TOUR } from "./steps";

/** A difference on its own sheet: three clicks from the sheet to the books. */
registry.category("web_tour.tours").add("stock_cycle_count_desk", {
    ...TOUR,
    steps: () => [
        { content: "It says for whom it waits", trigger: '[name="waits_for"]:contains("level 1")', isCheck: true },
        { content: "Decide", trigger: '.o_statusbar_buttons button[name="action_decide"]:contains("Decide (1)")' },
        { content: "Choose a reason by touch", trigger: '.o_selection_badge:contains("[TEST] Lost")' },
        { content: "Approve", trigger: 'button[name="action_approve"]' },
        { content: "It is posted", trigger: '.o_statusbar_status .o_arrow_button_current:contains("Done")', isCheck: true },
        {
            content: "Nothing is left to do", isCheck: true,
            trigger: '.o_form_view:not(:has(button[name="action_finalize"])):not(:has(button[name="action_decide"]))',
        },
    ],
});
