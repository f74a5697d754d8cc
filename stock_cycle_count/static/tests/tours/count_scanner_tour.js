/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { click, see, seeAllSent, TOUR } from "./steps";

/** Keys as a wedge scanner sends them, to whatever has the focus. */
function typeLikeScanner(code) {
    for (const key of [...code, "Enter"]) {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
}

/** Scan, and see the message that it brings. */
function scan(code, type, text) {
    return [
        {
            content: `Scan ${code}`,
            trigger: ".o_stock_cycle_count_scanner",
            run: () => typeLikeScanner(code),
        },
        {
            content: `It says: ${text}`,
            trigger: `.o_scanner_message.alert-${type}:contains("${text}")`,
            isCheck: true,
        },
    ];
}

/** Nothing that the books show is on the screen. */
function seeNoExpectation() {
    return {
        content: "No expected quantity",
        trigger: ".o_stock_cycle_count_scanner",
        run() {
            if (/On hand|40/.test(this.$anchor[0].innerText)) {
                throw new Error("A blind count shows what is expected");
            }
        },
    };
}

registry.category("web_tour.tours").add("stock_cycle_count_first_counter", {
    ...TOUR,
    steps: () => [
        see('.o_scanner_sheet:contains("DAY-1") .badge:contains("Today")'),
        see('.o_scanner_sheet .badge:contains("Late")'),
        click('.o_scanner_sheet:contains("DAY-1")'),
        click(".o_scanner_start"),
        see(".o_scanner_message.alert-success:contains('Started')"),
        seeNoExpectation(),
        ...scan("2990000000019", "danger", "No location yet"),
        ...scan("FLR-C", "danger", "Wrong location"),
        ...scan("FLR-A", "success", "Bin A"),
        seeNoExpectation(),
        ...scan("2990000000019", "success", "Widget"),
        see('.o_scanner_line:contains("Widget") .o_scanner_counted:contains("1 Units")'),
        ...scan("BOX12", "success", "together 13 Units"),
        click(".o_scanner_undo"),
        see('.o_scanner_line:contains("Widget") .o_scanner_counted:contains("1 Units")'),
        ...scan("NO-SUCH-CODE", "danger", "Unknown barcode"),
        ...scan("PAINT", "warning", "Scan its lot number"),
        ...scan("PAINT-1", "success", "Paint"),
        // A total by the pad, in boxes and units.
        click('.o_scanner_line:contains("Widget")'),
        click('.o_scanner_unit:contains("Box of 12")'),
        {
            content: "Type 3 boxes and 5",
            trigger: ".o_scanner_pad",
            run: () => {
                for (const key of ["3", "+", "5", "Enter"]) {
                    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
                }
            },
        },
        see('.o_scanner_line:contains("Widget") .o_scanner_counted:contains("41 Units")'),
        // A serial number that nobody knows.
        ...scan("DRILL", "warning", "Scan its serial number"),
        ...scan("DRILL-9", "warning", "Not on the list"),
        click(".o_scanner_yes"),
        see('.o_scanner_line:contains("DRILL-9"):contains("Found")'),
        ...scan("DRILL-9", "danger", "scanned already"),
        // The next bin is empty.
        ...scan("FLR-B", "success", "Bin B"),
        click('.o_scanner_empty:contains("Bin is empty")'),
        see(".o_scanner_message:contains('2 lines counted as 0')"),
        seeAllSent(),
        click(".o_scanner_overview"),
        click(".o_scanner_close"),
        see(".o_scanner_message.alert-success:contains('Closed')"),
    ],
});

registry.category("web_tour.tours").add("stock_cycle_count_second_counter", {
    ...TOUR,
    steps: () => [
        click('.o_scanner_sheet:contains("DAY-1"):contains("Recount")'),
        click('.o_scanner_location:contains("Bin B"):contains("Recount")'),
        see('.o_scanner_line:contains("Drill"):contains("Recount"):not(:has(.o_scanner_counted))'),
        ...scan("DRILL-1", "success", "DRILL-1"),
        see('.o_scanner_line:contains("Drill") .o_scanner_counted:contains("1 Units")'),
        seeAllSent(),
        click(".o_scanner_overview"),
        click(".o_scanner_close"),
        see(".o_scanner_message.alert-success:contains('Closed')"),
    ],
});

/** From the first screen to the closed sheet by scans alone. */
registry.category("web_tour.tours").add("stock_cycle_count_hands_free", {
    ...TOUR,
    steps: () => [
        see('header:contains("DAY-2")'),
        ...scan("FLR-C", "success", "Started"),
        ...scan("2990000000019", "success", "1 Units"),
        ...scan("2990000000019", "success", "together 2 Units"),
        ...scan("O-BTN.undo", "warning", "Undone"),
        see('.o_scanner_line:contains("Widget").o_scanner_flash .o_scanner_counted:contains("1 Units")'),
        ...scan("2990000000026", "warning", "Not on the list"),
        ...scan("2990000000026", "success", "1 Units"),
        see('.o_scanner_left:contains("2 left here")'),
        see('.o_scanner_serials:contains("0 of 2")'),
        ...scan("HANDS-1", "success", "HANDS-1"),
        see('.o_scanner_serials:contains("1 of 2") .o_scanner_chip.btn-success:contains("HANDS-1")'),
        ...scan("O-BTN.empty", "warning", "1 line counted as 0"),
        see('.o_scanner_message:contains("is done, next is Bin A")'),
        see('.o_scanner_done:contains("Done (3)")'),
        ...scan("O-BTN.ok", "danger", "Not now"),
        ...scan("O-BTN.next", "success", "Bin A"),
        ...scan("PAINT-1", "success", "and so is the sheet"),
        seeAllSent(),
        ...scan("O-BTN.close", "success", "Closed"),
    ],
});

const { XMLHttpRequest } = browser;
/** Requests fail as they do without network; some of them reach the server all the same, but their answer is lost. */
class BrokenRequest extends XMLHttpRequest {
    send(body) {
        BrokenRequest.number = (BrokenRequest.number || 0) + 1;
        if (BrokenRequest.number % 2) {
            const request = new XMLHttpRequest();
            request.open("POST", this.url);
            request.setRequestHeader("Content-Type", "application/json");
            request.send(body);
        }
        setTimeout(() => this.dispatchEvent(new Event("error")), 50);
    }

    open(method, url) {
        this.url = url;
        super.open(method, url);
    }
}

registry.category("web_tour.tours").add("stock_cycle_count_network_cut", {
    ...TOUR,
    steps: () => [
        ...scan("FLR-A", "success", "Bin A"),
        ...scan("2990000000019", "success", "1 Units"),
        seeAllSent(),
        {
            content: "Cut the network",
            trigger: ".o_stock_cycle_count_scanner",
            run: () => (browser.XMLHttpRequest = BrokenRequest),
        },
        ...[2, 3, 4, 5].flatMap((number) => scan("2990000000019", "success", `together ${number} Units`)),
        see(".o_scanner_offline"),
        see('.o_scanner_outbox:contains("4")'),
        ...scan("PAINT-1", "success", "PAINT-1"),
        ...scan("UNHEARD-OF", "danger", "No network"),
        {
            content: "The page is reloaded, and the network is back",
            trigger: ".o_stock_cycle_count_scanner",
            run: () => browser.location.reload(),
        },
        see('.o_scanner_line:contains("Widget") .o_scanner_counted:contains("5 Units")'),
        seeAllSent(),
        ...scan("2990000000019", "success", "together 6 Units"),
        ...scan("2990000000019", "success", "together 7 Units"),
        seeAllSent(),
    ],
});
