/** @odoo-module **/

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

    onCount() {
        const { next } = this.day;
        this.action.doAction("stock_cycle_count.stock_cycle_count_scanner_action", {
            additionalContext: next ? { active_model: "stock.cycle.count", active_id: next.id } : {},
        });
    }
}
