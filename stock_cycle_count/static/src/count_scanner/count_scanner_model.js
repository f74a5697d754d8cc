/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Reactive } from "@web/core/utils/reactive";
import { markRaw, toRaw } from "@odoo/owl";

import { callWithin, isLogout, isNetworkError, isRefusal } from "./count_outbox";
import { play } from "./feedback";
import { describeParts, formatQuantity, sumParts } from "./quantities";

const SCANNER = "stock.cycle.count.scanner";
/** A screen or a scan that takes longer (ms) counts as without network: the device goes on with what it knows. */
const CALL_TIMEOUT = 6000;
/** The same while there is no network: nobody is to wait at every scan. */
const OFFLINE_TIMEOUT = 2000;
/** So many acts can be undone. */
const LONGEST_HISTORY = 50;

const SOUNDS = { success: "ok", warning: "warning", danger: "error" };

/** Key that names an act of counting, for ever and everywhere. */
function makeKey() {
    if (browser.crypto && browser.crypto.randomUUID) {
        return browser.crypto.randomUUID();
    }
    // Plain http offers no randomUUID.
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What was counted of a line, with what still waits to be sent; null when nothing was. */
function reckon(line, items = []) {
    let counted = line.counted;
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
function findSkip(line, items = []) {
    const skips = items.filter(({ entry }) => entry.kind === "skip");
    return skips.length ? skips[skips.length - 1].entry.reason : line.skipped;
}

/**
 * State of the scanner screen. The server says what a scan means and which screen comes next; what is counted goes
 * through the outbox. Codes of the bin that is open count without asking, so that counting goes on without network.
 *
 * `position` is the state that the server knows; `overlay` what lies over the screen: `pad`, `question`, `choices`,
 * `skip` or `outbox`.
 */
export class CountScannerModel extends Reactive {
    setup({ orm, outbox, memory }) {
        this.orm = orm;
        this.outbox = outbox;
        this.memory = memory;
        this.position = { screen: "home" };
        this.sheets = [];
        this.sheet = null;
        this.version = 0;
        this.forget();
        this.rights = {};
        this.packageName = "";
        this.message = null;
        this.overlay = null;
        this.isBusy = false;
        this.mode = memory.get("mode") || "add";
        this.history = memory.get("history") || [];
        this.chain = Promise.resolve();
        return this;
    }

    // What the device knows of the sheet. A bin may hold a thousand lines, which are not watched one by one: `version` is.

    forget() {
        this.known = markRaw({ locations: [], bins: {}, lines: new Map() });
        this.version++;
    }

    get locations() {
        void this.version;
        return this.known.locations;
    }

    get bins() {
        void this.version;
        return this.known.bins;
    }

    learnBins(bins) {
        for (const [id, bin] of Object.entries(bins)) {
            this.known.bins[id] = bin;
            bin.lines.forEach((line) => this.known.lines.set(line.id, line));
        }
        this.version++;
    }

    findLine(id) {
        return this.known.lines.get(id);
    }

    // What the screens show

    get location() {
        return this.locations.find((location) => location.id === this.position.location_id);
    }

    get bin() {
        return this.bins[this.position.location_id] || { lines: [], products: {}, codes: {} };
    }

    getProduct(line) {
        return this.bins[line.location_id].products[line.product_id];
    }

    /** What waits to be sent, by line. */
    get pending() {
        void this.outbox.state.version;
        return toRaw(this.outbox).byLine;
    }

    /** What was counted of a line, with what still waits to be sent; null when nothing was. */
    getCounted(line) {
        return reckon(line, this.pending.get(line.id));
    }

    getSkipped(line) {
        return findSkip(line, this.pending.get(line.id));
    }

    isWaiting(line) {
        return this.pending.has(line.id);
    }

    /** Lines of each location that this user is still to count, reckoned once for every change. */
    get todo() {
        const { known, pending, version } = this;
        if (known.todo === undefined || known.pending !== pending || known.todoVersion !== version) {
            known.todo = new Map();
            for (const [id, bin] of Object.entries(known.bins)) {
                known.todo.set(Number(id), bin.lines.filter((line) => {
                    const items = pending.get(line.id);
                    return line.mine && reckon(line, items) === null && !findSkip(line, items);
                }));
            }
            Object.assign(known, { pending, todoVersion: version });
        }
        return known.todo;
    }

    /** Found things that the server has not heard of yet. */
    get waitingFinds() {
        return this.outbox.items.filter(
            ({ entry, shown }) => shown.isFind && entry.location_id === this.position.location_id);
    }

    /** Number of lines that this user is still to count in a location. */
    getToDo(location) {
        const lines = this.todo.get(location.id);
        return lines ? lines.length : location.todo;
    }

    get progress() {
        const todo = this.locations.reduce((sum, location) => sum + this.getToDo(location), 0);
        const total = this.locations.reduce((sum, location) => sum + location.total, 0);
        return { done: total - todo, total, percent: total ? Math.round((100 * (total - todo)) / total) : 0 };
    }

    /** The next location in walking order with something to count, after the present one. */
    get nextLocation() {
        const here = this.locations.findIndex((location) => location.id === this.position.location_id);
        const order = [...this.locations.slice(here + 1), ...this.locations.slice(0, Math.max(here, 0))];
        return order.find((location) => this.getToDo(location));
    }

    // Messages

    say(type, title, text = "", sound = SOUNDS[type]) {
        this.message = { type, title, text };
        play(sound);
    }

    sayOffline(text) {
        this.say("danger", _t("No network"), text);
    }

    // Calls

    /** Call the server and show its answer; false when it was not reached. */
    async ask(method, args) {
        this.isBusy = true;
        try {
            const time = this.outbox.state.isOnline ? CALL_TIMEOUT : OFFLINE_TIMEOUT;
            const answer = await callWithin(this.orm.silent.call(SCANNER, method, args), time);
            this.outbox.state.isOnline = this.outbox.state.isLoggedIn = true;
            this.take(answer);
            return true;
        } catch (error) {
            if (isNetworkError(error)) {
                this.outbox.goOffline();
                return false;
            }
            if (!error.exceptionName) {
                throw error;
            }
            if (isLogout(error)) {
                this.outbox.state.isLoggedIn = false;
            } else {
                this.say("danger", _t("The server refused"), isRefusal(error) ? error.data.message : _t("Try again."));
            }
            return true;
        } finally {
            this.isBusy = false;
        }
    }

    /** Take an answer of the server over: next state, data, message, and what it asks. */
    take({ state, data, message, question, choices, lot_of, target, ...rest }) {
        this.overlay = null;
        if (state) {
            this.goTo(state);
        }
        if ("package" in rest) {
            this.packageName = rest.package;
        }
        if (data) {
            this.takeData(data);
        }
        if (message) {
            this.say(message.type, message.title, message.text, message.sound);
        }
        if (question) {
            this.overlay = { kind: "question", ...question };
        } else if (choices) {
            this.overlay = { kind: "choices", choices, lotOf: lot_of };
        } else if (target) {
            this.countTarget(target);
        }
    }

    goTo(state) {
        if (state.location_id !== this.position.location_id) {
            this.packageName = "";
        }
        this.position = state;
        this.memory.set("position", state);
    }

    takeData(data) {
        if (data.sheets) {
            this.sheets = data.sheets;
            this.sheet = null;
            this.forget();
            return;
        }
        if (!this.sheet || this.sheet.id !== data.sheet.id) {
            this.forget();
        }
        this.sheet = data.sheet;
        this.known.locations = data.locations;
        this.learnBins(data.bins);
        this.rights = { start: data.can_start, join: data.can_join, takeOver: data.can_take_over };
    }

    // Screens

    /** Open a screen; without network, one that the device knows. */
    async open(state) {
        if (!(await this.ask("show", [state]))) {
            if (state.screen === "location" && this.bins[state.location_id]) {
                this.overlay = null;
                this.goTo(state);
                this.say("warning", this.location.name, _t("No network: you can count what is on the list."));
            } else if (state.screen === "sheet" && this.sheet && this.sheet.id === state.count_id) {
                this.overlay = null;
                this.goTo(state);
            } else {
                this.sayOffline(_t("This screen cannot be opened now. Go on where you are."));
            }
        }
    }

    openHome() {
        return this.open({ screen: "home" });
    }

    openSheet(id = this.position.count_id) {
        return this.open({ screen: "sheet", count_id: id });
    }

    async openLocation(id) {
        await this.open({ screen: "location", count_id: this.position.count_id, location_id: id });
        await this.prefetch();
    }

    /** Get the lines of the next bin, so that it opens without network. */
    async prefetch() {
        const next = this.position.screen === "location" && this.nextLocation;
        if (next && !this.bins[next.id] && this.outbox.state.isOnline) {
            const state = { screen: "location", count_id: this.position.count_id, location_id: next.id };
            try {
                const { data } = await this.orm.silent.call(SCANNER, "show", [state]);
                this.learnBins(data.bins);
            } catch (error) {
                if (!isNetworkError(error) && !error.exceptionName) {
                    throw error;
                }
            }
        }
    }

    goBack() {
        return this.position.screen === "location" ? this.openSheet() : this.openHome();
    }

    async act(action) {
        if (action === "close" && this.outbox.items.some((item) => item.entry.count_id === this.position.count_id)) {
            this.say("warning", _t("Not sent yet"), _t("Counts of this sheet still wait. See to them before you close it."));
            this.overlay = { kind: "outbox" };
            return;
        }
        if (!(await this.ask("act", [this.position, action]))) {
            this.sayOffline(_t("This needs the network. Try again in a moment."));
        }
    }

    toggleMode() {
        this.mode = this.mode === "add" ? "pad" : "add";
        this.memory.set("mode", this.mode);
    }

    // Scans

    /** Take a scan; each waits until those before it are understood. */
    scan(barcode) {
        this.chain = this.chain.then(() => this.understand(barcode));
        return this.chain;
    }

    async understand(barcode) {
        const overlay = this.overlay;
        if (overlay && overlay.kind === "question") {
            if (overlay.barcode === barcode) {
                return this.answer(true);
            }
            return this.say("danger", _t("Answer first"), overlay.title);
        }
        const meant = this.position.screen === "location" && !this.position.product_id && this.bin.codes[barcode];
        if (overlay && overlay.kind === "pad" && overlay.isTouched) {
            return this.say("danger", _t("Quantity not confirmed"), _t("Press OK first, or go back."));
        }
        if (meant) {
            const line = this.findLine(meant[0]);
            if (line && (line.package_id || false) === (this.position.package_id || false)) {
                this.overlay = null;
                return this.countTarget({ line_id: line.id, quantity: meant[1] === 1 ? null : meant[1] });
            }
        }
        if (await this.ask("scan", [this.position, barcode])) {
            if (this.overlay && this.overlay.kind === "question") {
                this.overlay.barcode = barcode;
            }
            return this.prefetch();
        }
        const location = this.locations.find((one) => one.barcode === barcode);
        if (location && this.bins[location.id]) {
            return this.openKnown(location);
        }
        this.sayOffline(_t(
            "%s is not on the list here and cannot be looked up. Put it aside and scan it when the network is back.",
            barcode));
    }

    openKnown(location) {
        this.overlay = null;
        this.goTo({ screen: "location", count_id: this.position.count_id, location_id: location.id });
        this.say("success", location.name, _t("No network: you can count what is on the list."));
    }

    leavePackage() {
        this.packageName = "";
        this.goTo({ ...this.position, package_id: false });
    }

    // Counting

    /** Count what was scanned: add it, or ask how many. */
    countTarget(target) {
        const serial = target.line_id ? this.findLine(target.line_id).serial : target.serial;
        if (serial) {
            const line = target.line_id && this.findLine(target.line_id);
            if (line && this.getCounted(line) >= 1) {
                return this.say("danger", line.lot, _t(
                    "This serial number was scanned already. Another piece with the same number? Put it aside and tell a supervisor."));
            }
            return this.count(target, "add", [[this.getUnits(target)[0].key, 1]]);
        }
        if (this.mode === "pad") {
            return this.openPad(target);
        }
        this.count(target, "add", [[this.getUnits(target)[0].key, target.quantity || 1]]);
    }

    getUnits(target) {
        return (target.line_id ? this.getProduct(this.findLine(target.line_id)) : target.product).units;
    }

    getLabel(target) {
        if (!target.line_id) {
            return [target.product.name, target.lot_name].filter(Boolean).join(" · ");
        }
        const line = this.findLine(target.line_id);
        return [this.getProduct(line).name, line.lot, line.package].filter(Boolean).join(" · ");
    }

    openPad(target) {
        // The pad needs the room.
        this.message = null;
        this.overlay = { kind: "pad", target, isTouched: false };
    }

    /**
     * Count on a line, or on something found.
     *
     * @param {Object} target of a scan, or `{ line_id }`
     * @param {"add"|"set"} kind
     * @param {Array} parts pairs of a unit's key and how many of it
     */
    count(target, kind, parts) {
        const units = this.getUnits(target);
        const quantity = sumParts(parts, units);
        const label = this.getLabel(target);
        this.overlay = null;
        this.record([this.makeEntry(target, kind, parts, quantity)], label);
        const line = target.line_id && this.findLine(target.line_id);
        const total = line ? this.getCounted(line) : quantity;
        const text = kind === "add" && total !== quantity
            ? _t("+%(quantity)s, together %(total)s %(unit)s", {
                quantity: formatQuantity(quantity), total: formatQuantity(total), unit: units[0].name })
            : describeParts(parts, units);
        this.say("success", label, text);
    }

    makeEntry(target, kind, parts, quantity) {
        const entry = { client_key: makeKey(), kind, parts, count_id: this.position.count_id };
        if (target.line_id) {
            const line = this.findLine(target.line_id);
            return { entry: { ...entry, line_id: line.id }, shown: { line_id: line.id, quantity } };
        }
        const { location_id, product_id, lot_name, package_id } = target;
        this.bins[location_id].products[product_id] = target.product;
        return {
            entry: { ...entry, location_id, product_id, lot_name, package_id },
            shown: { isFind: true, quantity },
        };
    }

    /** Put entries into the outbox, as one act that can be undone. */
    record(made, label) {
        const keys = [];
        for (const { entry, shown } of made) {
            const line = shown.line_id && this.findLine(shown.line_id);
            keys.push({ key: entry.client_key, line_id: shown.line_id || false, before: line ? this.getCounted(line) : null });
            const amount = entry.kind === "add" ? `+${formatQuantity(shown.quantity)}` : formatQuantity(shown.quantity);
            this.outbox.add(entry, { ...shown, label, text: `${this.location.name}: ${amount}` });
        }
        this.history = [...this.history, { count_id: this.position.count_id, label, keys }].slice(-LONGEST_HISTORY);
        this.memory.set("history", this.history);
    }

    /** Last act of this sheet, or undefined. */
    get lastAct() {
        return this.history.filter((act) => act.count_id === this.position.count_id).pop();
    }

    undo() {
        const act = this.lastAct;
        if (!act) {
            return;
        }
        this.history = this.history.filter((one) => one !== act);
        this.memory.set("history", this.history);
        for (const { key, line_id, before } of [...act.keys].reverse()) {
            const held = this.outbox.held.find((item) => item.key === key);
            if (held) {
                this.outbox.remove(key);
                continue;
            }
            this.outbox.add(
                { client_key: makeKey(), kind: "undo", undone_key: key, count_id: act.count_id, ...(line_id && { line_id }) },
                { line_id, before, label: _t("Undo: %s", act.label) });
        }
        this.overlay = null;
        this.say("warning", _t("Undone"), act.label);
    }

    /** Lines of the open bin that nobody counted yet. */
    get uncounted() {
        return this.todo.get(this.position.location_id) || [];
    }

    /** Count all that was not counted in this bin as 0: it is empty, or nothing else lies there. */
    countEmpty() {
        const lines = this.uncounted;
        const made = lines.map((line) => {
            const target = { line_id: line.id };
            return this.makeEntry(target, "set", [[this.getUnits(target)[0].key, 0]], 0);
        });
        this.record(made, _t("%s: nothing else", this.location.name));
        this.say("success", this.location.name, _t("%s lines counted as 0.", lines.length));
    }

    skip(line, reason) {
        this.overlay = null;
        this.outbox.add(
            { client_key: makeKey(), kind: "skip", line_id: line.id, count_id: this.position.count_id, reason },
            { line_id: line.id, label: this.getLabel({ line_id: line.id }) });
        this.say("warning", this.getLabel({ line_id: line.id }), reason ? _t("Not counted: %s", reason) : _t("To be counted after all."));
    }

    // Questions

    /** Answer the question that is open. */
    async answer(isYes) {
        const { target, state, action, item } = this.overlay;
        this.overlay = null;
        if (item && isYes) {
            this.outbox.retry(item, { confirmed: true });
        } else if (item) {
            this.outbox.remove(item);
            this.history = this.history.filter((act) => !act.keys.some(({ key }) => key === item));
            this.say("warning", _t("Not counted"), _t("Count it again."));
        } else if (!isYes) {
            this.message = null;
        } else if (target) {
            this.countTarget(target);
        } else if (state) {
            await this.open(state);
        } else if (action) {
            await this.act(action);
        }
    }

    choose(choice) {
        this.overlay = null;
        this.goTo({ ...this.position, product_id: false });
        this.countTarget(choice.target);
    }

    close() {
        this.overlay = null;
        if (this.position.product_id) {
            this.goTo({ ...this.position, product_id: false });
        }
    }

    // What the outbox tells

    /** The server took entries: lines as they are now. */
    onTaken({ lines, gone }) {
        for (const line of lines) {
            const bin = this.bins[line.location_id];
            if (!bin) {
                continue;
            }
            if (this.findLine(line.id)) {
                bin.lines[bin.lines.findIndex(({ id }) => id === line.id)] = line;
            } else if (bin.products[line.product_id]) {
                bin.lines.push(line);
                this.locations.find(({ id }) => id === line.location_id).total++;
            } else {
                // Found before the page was loaded: its product is not known here.
                this.open(this.position);
                continue;
            }
            this.known.lines.set(line.id, line);
        }
        for (const id of gone) {
            const line = this.findLine(id);
            if (line) {
                this.known.lines.delete(id);
                const bin = this.bins[line.location_id];
                bin.lines = bin.lines.filter((one) => one.id !== id);
                this.locations.find((location) => location.id === line.location_id).total--;
            }
        }
        this.version++;
    }

    /** The server refused an entry or asks something about it. */
    onHeld(item) {
        if (item.status === "question" && !this.overlay) {
            this.overlay = {
                kind: "question", item: item.key, title: item.title, text: item.text,
                yes: _t("Yes, that is right"), no: _t("No"),
            };
            this.say("warning", item.title, item.shown.label);
        } else {
            this.say("danger", item.status === "question" ? item.title : _t("Not taken"), `${item.shown.label}: ${item.text}`);
        }
    }
}
