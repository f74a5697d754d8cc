/** @odoo-module **/

import { Component } from "@odoo/owl";

import { formatQuantity } from "./quantities";

/**
 * What a card shows of its lines and can change, as a text: a card is drawn anew only when this differs, so that a scan is
 * shown at once in a bin of a thousand lines.
 */
export function getShown(store, lines) {
    return lines.map((line) => [
        line.id, store.getCounted(line), store.getSkipped(line), store.isAgain(line), store.isWaiting(line), line.mine,
        line.found, line.recount, line.expected,
    ].join(" ")).join("/");
}

/** One line, or all serial numbers of a product. */
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
