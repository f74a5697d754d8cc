/** @odoo-module **/

import { Component } from "@odoo/owl";

import { formatQuantity } from "./quantities";

/**
 * One line, or all serial numbers of a product. It is drawn anew only when `shown` differs, see `SheetStore.getShown`, so
 * that a scan is shown at once in a bin of a thousand lines.
 */
export class LineCard extends Component {
    static template = "stock_cycle_count.LineCard";
    static props = { lines: Array, shown: String, store: Object, onLine: Function };

    setup() {
        this.formatQuantity = formatQuantity;
    }

    /** What the serial numbers have in common, besides the product's name. */
    get description() {
        const { lines: [line], store } = this.props;
        return [store.getProduct(line).code, line.package, line.owner].filter(Boolean).join(" · ");
    }

    get doneCount() {
        const { lines, store } = this.props;
        return lines.filter((line) => store.getCounted(line) > 0).length;
    }
}
