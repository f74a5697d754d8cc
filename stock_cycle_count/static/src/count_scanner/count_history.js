/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";

import { formatQuantity } from "./quantities";

/** So many acts can be undone. */
const LONGEST_HISTORY = 50;

/** Key that names an act of counting, for ever and everywhere. Plain http has no `randomUUID`. */
function makeKey() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Acts of counting: each puts entries into the outbox, and can be undone as a whole.
 *
 * What is counted is a target: `{ line_id }`, or all that the server needs to make the line of something found.
 */
export class CountHistory {
    constructor(outbox, store, memory) {
        this.outbox = outbox;
        this.store = store;
        this.memory = memory;
        this.history = memory.get("history") || [];
    }

    setHistory(history) {
        this.history = history.slice(-LONGEST_HISTORY);
        this.memory.set("history", this.history);
    }

    /** Last act on a sheet, or undefined. */
    findLast(countId) {
        return this.history.filter((act) => act.count_id === countId).pop();
    }

    /**
     * Count targets in one act.
     *
     * @param {number} countId
     * @param {string} label what the act is called
     * @param {Array} counts `{ target, kind, parts, quantity }`: parts as the server takes them, and what they come to
     */
    count(countId, label, counts) {
        const keys = counts.map(({ target, kind, parts, quantity }) => {
            const entry = { client_key: makeKey(), kind, parts, count_id: countId };
            const amount = `${kind === "add" ? "+" : ""}${formatQuantity(quantity)}`;
            const line = target.line_id && this.store.findLine(target.line_id);
            const before = line ? this.store.getCounted(line) : null;
            if (line) {
                const place = this.store.findLocation(line.location_id).name;
                this.outbox.add(
                    { ...entry, line_id: line.id },
                    { line_id: line.id, quantity, label, text: `${place}: ${amount}` });
            } else {
                this.countFind(entry, target, { quantity, label, amount });
            }
            return { key: entry.client_key, line_id: line ? line.id : false, before };
        });
        this.setHistory([...this.history, { count_id: countId, label, keys }]);
    }

    countFind(entry, target, { quantity, label, amount }) {
        const { location_id, product_id, lot_name, package_id } = target;
        this.store.bins[location_id].products[product_id] = target.product;
        this.outbox.add(
            { ...entry, location_id, product_id, lot_name, package_id },
            { isFind: true, quantity, label, text: `${this.store.findLocation(location_id).name}: ${amount}` });
    }

    /** Note why a line is not counted; no reason takes that back. */
    skip(countId, line, label, reason) {
        this.outbox.add(
            { client_key: makeKey(), kind: "skip", line_id: line.id, count_id: countId, reason },
            { line_id: line.id, label, text: reason });
    }

    /** Take the last act on a sheet back, and return it. */
    undo(countId) {
        const act = this.findLast(countId);
        if (!act) {
            return undefined;
        }
        this.setHistory(this.history.filter((one) => one !== act));
        for (const { key, line_id, before } of [...act.keys].reverse()) {
            if (this.outbox.held.some((item) => item.key === key)) {
                this.outbox.remove(key);
            } else {
                const entry = { client_key: makeKey(), kind: "undo", undone_key: key, count_id: countId };
                this.outbox.add(
                    line_id ? { ...entry, line_id } : entry, { line_id, before, label: _t("Undo: %s", act.label), text: "" });
            }
        }
        return act;
    }

    /** Discard an entry that the user did not confirm. */
    discard(key) {
        this.outbox.remove(key);
        this.setHistory(this.history.filter((act) => !act.keys.some((one) => one.key === key)));
    }
}
