/** @odoo-module **/

import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { WorkloadChart, fullDate } from "../workload_chart/workload_chart";

/** The workload that is proposed on the set-up page: it follows what is chosen there, before anything is saved. */
export class SetupWorkload extends WorkloadChart {
    setup() {
        this.formatInteger = formatInteger;
        this.fullDate = fullDate;
        this.parsed = { text: null, data: null };
    }

    /** Parsed once a change: the chart is drawn anew whenever its data are other ones. */
    get chart() {
        const text = this.props.record.data.workload;
        if (text !== this.parsed.text) {
            this.parsed = { text, data: text ? JSON.parse(text) : null };
        }
        return this.parsed;
    }
}

registry.category("view_widgets").add("stock_cycle_count_setup_workload", { component: SetupWorkload });
