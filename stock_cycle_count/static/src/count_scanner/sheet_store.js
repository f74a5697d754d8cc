/** @odoo-module **/

import { shownPercent } from "../percent";
import { markRaw, reactive, toRaw } from "@odoo/owl";

/** What was counted of a line, with what still waits to be sent; null when nothing was. */
function reckon(line, items) {
    let { counted } = line;
    if (!items) {
        // Most of a thousand lines.
        return counted;
    }
    for (const { entry, shown, status } of items) {
        if (status === "waiting" && entry.kind === "undo") {
            counted = shown.before;
        } else if (status === "waiting" && entry.kind !== "skip") {
            counted = (entry.kind === "add" ? counted || 0 : 0) + shown.quantity;
        }
    }
    return counted;
}

/** Why a line is not counted; empty when it is to be. */
function findSkip(line, items) {
    const skips = items ? items.filter(({ entry }) => entry.kind === "skip") : [];
    return skips.length ? skips[skips.length - 1].entry.reason : line.skipped;
}

/** Whether somebody was asked to count a line once more, and has not done it. */
function isAsked(line, items) {
    return Boolean(line.again) && !items;
}

/**
 * What the device knows of a sheet: its locations in walking order, and their lines as far as they were loaded, with
 * what waits in the outbox reckoned in.
 *
 * A bin may hold a thousand lines, so these are not watched one by one: `version` is. Whatever a getter returns is marked
 * as raw, or it would be watched all the same.
 */
export class SheetStore {
    constructor(outbox) {
        this.outbox = outbox;
        this.state = reactive({ version: 0 });
        this.forget();
    }

    forget() {
        this.raw = markRaw({
            locations: markRaw([]), bins: markRaw({}), lines: new Map(), todo: null, pending: null, touched: new Map() });
        this.onChange();
    }

    onChange() {
        this.raw.todo = null;
        this.state.version++;
    }

    /** Note that a line was counted just now. */
    touch(id) {
        this.raw.touched.delete(id);
        this.raw.touched.set(id, true);
        this.last = { id, number: (this.last ? this.last.number : 0) + 1 };
        this.onChange();
    }

    /** Ids of the lines that were counted on this device, the last one first. */
    get touched() {
        void this.state.version;
        return [...this.raw.touched.keys()].reverse();
    }

    get locations() {
        void this.state.version;
        return this.raw.locations;
    }

    get bins() {
        void this.state.version;
        return this.raw.bins;
    }

    setLocations(locations) {
        this.raw.locations = markRaw(locations);
        this.onChange();
    }

    addBins(bins) {
        for (const [id, bin] of Object.entries(bins)) {
            this.raw.bins[id] = markRaw(bin);
            bin.lines.forEach((line) => this.raw.lines.set(line.id, line));
        }
        this.onChange();
    }

    findLocation(id) {
        return this.locations.find((location) => location.id === id);
    }

    findLine(id) {
        return this.raw.lines.get(id);
    }

    getProduct(line) {
        return this.bins[line.location_id].products[line.product_id];
    }

    /** Units of what is counted, the product's own first. */
    getUnits(target) {
        return (target.line_id ? this.getProduct(this.findLine(target.line_id)) : target.product).units;
    }

    /** Name of what is counted. */
    getLabel(target) {
        if (!target.line_id) {
            return [target.product.name, target.lot_name].filter(Boolean).join(" · ");
        }
        const line = this.findLine(target.line_id);
        return [this.getProduct(line).name, line.lot, line.package].filter(Boolean).join(" · ");
    }

    /**
     * Take over lines as the server has them now, and codes that mean those which were found.
     *
     * @returns {boolean} false when there is a line of a product that the device does not know
     */
    updateLines(lines, gone, codes) {
        let isKnown = true;
        for (const line of lines) {
            const bin = this.raw.bins[line.location_id];
            if (!bin) {
                continue;
            }
            if (!bin.products[line.product_id]) {
                isKnown = false;
                continue;
            }
            if (this.findLine(line.id)) {
                bin.lines[bin.lines.findIndex(({ id }) => id === line.id)] = line;
            } else {
                bin.lines.push(line);
                this.findLocation(line.location_id).total++;
                this.raw.touched.set(line.id, true);
            }
            this.raw.lines.set(line.id, line);
        }
        for (const line of gone.map((id) => this.findLine(id)).filter(Boolean)) {
            const bin = this.raw.bins[line.location_id];
            bin.lines = bin.lines.filter((one) => one.id !== line.id);
            this.raw.lines.delete(line.id);
            this.findLocation(line.location_id).total--;
        }
        for (const [code, meant] of Object.entries(codes)) {
            const line = this.findLine(meant[0]);
            if (line) {
                this.raw.bins[line.location_id].codes[code] = meant;
            }
        }
        this.onChange();
        return isKnown;
    }

    // What was counted, what is to do

    /** What waits to be sent, by line. */
    get pending() {
        void this.outbox.state.version;
        return toRaw(this.outbox).byLine;
    }

    getCounted(line) {
        return reckon(line, this.pending.get(line.id));
    }

    getSkipped(line) {
        return findSkip(line, this.pending.get(line.id));
    }

    isAgain(line) {
        return isAsked(line, this.pending.get(line.id));
    }

    isWaiting(line) {
        return this.pending.has(line.id);
    }

    /** Those of some lines that nobody counted. What waits is looked at once, not for each of a thousand lines. */
    findUncounted(lines) {
        const { pending } = this;
        return lines.filter((line) => reckon(line, pending.get(line.id)) === null);
    }

    /** All that can change of how some lines are shown, as a text. */
    getShown(lines) {
        const { pending } = this;
        return lines.map((line) => {
            const items = pending.get(line.id);
            return [
                line.id, reckon(line, items), findSkip(line, items), isAsked(line, items), Boolean(items), line.mine,
                line.found, line.recount, line.expected,
            ].join(" ");
        }).join("/");
    }

    /** Lines of each location that this user is still to count, reckoned once for every change. */
    get todo() {
        void this.state.version;
        const { raw, pending } = this;
        if (!raw.todo || raw.pending !== pending) {
            raw.pending = pending;
            raw.todo = markRaw(new Map());
            for (const [id, bin] of Object.entries(raw.bins)) {
                raw.todo.set(Number(id), markRaw(bin.lines.filter((line) => {
                    const items = pending.get(line.id);
                    return line.mine && !findSkip(line, items)
                        && (reckon(line, items) === null || isAsked(line, items));
                })));
            }
        }
        return raw.todo;
    }

    /** Number of lines that this user is still to count in a location. */
    countToDo(location) {
        const lines = this.todo.get(location.id);
        return lines ? lines.length : location.todo;
    }

    get progress() {
        const todo = this.locations.reduce((sum, location) => sum + this.countToDo(location), 0);
        const total = this.locations.reduce((sum, location) => sum + location.total, 0);
        return { done: total - todo, total, percent: total ? shownPercent((100 * (total - todo)) / total, 0) : 0 };
    }

    /** The next location in walking order with something to count, after a present one. */
    findNext(locationId) {
        const here = this.locations.findIndex((location) => location.id === locationId);
        const order = [...this.locations.slice(here + 1), ...this.locations.slice(0, Math.max(here, 0))];
        return order.find((location) => this.countToDo(location));
    }
}
