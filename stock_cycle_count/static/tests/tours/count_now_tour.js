/** @odoo-module **/

import { registry } from "@web/core/registry";
import { seeAllSent, TOUR } from "./steps";

/** From a location to the first counted line: nobody planned it. */
registry.category("web_tour.tours").add("stock_cycle_count_now", {
    ...TOUR,
    steps: () => [
        { content: "Count now", trigger: 'button[name="action_count_now"]' },
        { content: "Its sheet is open", trigger: '.o_scanner_location:contains("Bin B")' },
        { content: "Open the line", trigger: '.o_scanner_line:contains("Paint")' },
        {
            content: "Type 5",
            trigger: ".o_scanner_pad",
            run: () => {
                for (const key of ["5", "Enter"]) {
                    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
                }
            },
        },
        { content: "It is counted", trigger: '.o_scanner_line:contains("Paint") .o_scanner_counted:contains("5")', isCheck: true },
        seeAllSent(),
    ],
});
