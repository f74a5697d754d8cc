/** @odoo-module **/

import { registry } from "@web/core/registry";
import { click, see, TOUR } from "./steps";

function type(key) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

/** With stock: one button, and the first count on the scanner. */
registry.category("web_tour.tours").add("stock_cycle_count_setup_stocked", {
    ...TOUR,
    steps: () => [
        see('[name="warehouse_ids"] .o_tag:contains("Floor")'),
        see('[name="tolerance_note"]:contains("Without approval pass")'),
        see('[name="workload_note"]:contains("location): 1.")'),
        see(".o_count_chart canvas"),
        click('[name="tolerance"] .o_radio_item:contains("Strict") input'),
        see('[name="tolerance_note"]:contains("up to 1 of")'),
        click('button[name="action_start"]'),
        see('[name="result"]:contains("1 sheet, 1 line, first")'),
        see('[name="scanner_code"] img[src*="barcode_type=QR"]'),
        click('button[name="action_count"]'),
        // Started, and in the only bin.
        click(".o_scanner_line"),
        {
            content: "Type 10",
            trigger: ".o_scanner_pad",
            run: () => ["1", "0"].forEach(type),
        },
        click(".o_scanner_ok_close"),
        see(".o_scanner_message.alert-success:contains('Closed')"),
    ],
});

/** Nothing in stock: the page says so before and after, and takes itself back. */
registry.category("web_tour.tours").add("stock_cycle_count_setup_empty", {
    ...TOUR,
    steps: () => [
        click('.o_view_nocontent a:contains("Set up counting")'),
        see('[name="workload_note"]:contains("Nothing is in stock")'),
        click('button[name="action_start"]'),
        see('[name="result"]:contains("hold no stock")'),
        click('button[name="action_undo"]'),
        click(".modal-footer .btn-primary"),
        see('.o_arrow_button_current:contains("Undone")'),
    ],
});
