/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { Component, onWillStart } from "@odoo/owl";

/** The day of who counts: what is left, what was done, and one button to go on. */
export class MyDay extends Component {
    static template = "stock_cycle_count.MyDay";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatInteger = formatInteger;
        onWillStart(async () => {
            this.day = await this.orm.call("stock.cycle.count.day", "get_my_day", []);
        });
    }

    /** Open the scanner on the sheet that comes next, and begin it. */
    onCount() {
        const { next } = this.day;
        this.action.doAction({
            type: "ir.actions.client",
            tag: "stock_cycle_count.scanner",
            name: _t("Scan"),
            params: next ? { count_id: next.id, start: !next.is_started } : {},
        });
    }
}
