/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { Reactive } from "@web/core/utils/reactive";

import { CountActs } from "./count_acts";
import { CountKnowledge } from "./count_knowledge";
import { CountServer } from "./count_server";
import { play } from "./feedback";
import { describeParts, formatQuantity, sumParts } from "./quantities";

const SOUNDS = { success: "ok", warning: "warning", danger: "error" };

/**
 * State of the scanner screen. The server says what a scan means and which screen comes next; what is counted goes
 * through the outbox. Codes of the bin that is open count without asking, so that counting goes on without network.
 *
 * `position` is the state that the server knows; `overlay` what lies over the screen: `pad`, `question`, `choices`,
 * `skip` or `outbox`.
 */
export class CountScannerModel extends Reactive {
    setup({ orm, outbox, memory }) {
        this.server = new CountServer(orm, outbox);
        this.outbox = outbox;
        this.memory = memory;
        this.position = { screen: "home" };
        this.sheets = [];
        this.sheet = null;
        this.known = new CountKnowledge(outbox);
        this.acts = new CountActs(outbox, this.known, memory);
        this.rights = {};
        this.packageName = "";
        this.message = null;
        this.overlay = null;
        this.isBusy = false;
        this.mode = memory.get("mode") || "add";
        this.chain = Promise.resolve();
        return this;
    }

    // What the screens show

    get location() {
        return this.known.findLocation(this.position.location_id);
    }

    get bin() {
        return this.known.bins[this.position.location_id] || { lines: [], products: {}, codes: {} };
    }

    /** Found things that the server has not heard of yet. */
    get waitingFinds() {
        return this.outbox.items.filter(
            ({ entry, shown }) => shown.isFind && entry.location_id === this.position.location_id);
    }

    get nextLocation() {
        return this.known.findNext(this.position.location_id);
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

    /** Ask the server and show its answer; false when it was not reached. */
    async ask(method, args) {
        this.isBusy = true;
        const result = await this.server.ask(method, args).finally(() => (this.isBusy = false));
        if (result && result.answer) {
            await this.take(result.answer);
        } else if (result && result.refusal) {
            this.say("danger", _t("The server refused"), result.refusal);
        }
        return Boolean(result);
    }

    /** Take an answer of the server over: next state, data, message, and what it asks. */
    async take({ state, data, message, question, choices, lot_of, target, ...rest }) {
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
        this.message = null;
        if (message) {
            this.say(message.type, message.title, message.text, message.sound);
        }
        if (question) {
            this.overlay = { kind: "question", ...question };
        } else if (choices) {
            this.overlay = { kind: "choices", choices, lotOf: lot_of };
        } else if (target) {
            await this.countTarget(target);
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
            this.known.forget();
            return;
        }
        if (!this.sheet || this.sheet.id !== data.sheet.id) {
            this.known.forget();
        }
        this.sheet = data.sheet;
        this.known.setLocations(data.locations);
        this.known.addBins(data.bins);
        this.rights = { start: data.can_start, join: data.can_join, takeOver: data.can_take_over };
    }

    // Screens

    /** Open a screen; without network, one that the device knows. */
    async open(state) {
        if (!(await this.ask("show", [state]))) {
            if (state.screen === "location" && this.known.bins[state.location_id]) {
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
        if (next && !this.known.bins[next.id] && this.outbox.state.isOnline) {
            const state = { screen: "location", count_id: this.position.count_id, location_id: next.id };
            const result = await this.server.ask("show", [state]);
            if (result && result.answer) {
                this.known.addBins(result.answer.data.bins);
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

    /** Take a scan; each waits until those before it are understood, or have failed. */
    scan(barcode) {
        const run = this.chain.then(() => this.understand(barcode));
        this.chain = run.catch(() => this.say("danger", _t("%s was not counted", barcode), _t(
            "Something went wrong there. Scan it again; if that does not help, tell a supervisor.")));
        return run;
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
            const line = this.known.findLine(meant[0]);
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
        const location = this.known.locations.find((one) => one.barcode === barcode);
        if (location && this.known.bins[location.id]) {
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
    async countTarget(target) {
        const { line_id } = target;
        if (line_id && !this.known.findLine(line_id) && !(await this.learnLine(line_id))) {
            return;
        }
        const serial = target.line_id ? this.known.findLine(target.line_id).serial : target.serial;
        if (serial) {
            const line = target.line_id && this.known.findLine(target.line_id);
            if (line && this.known.getCounted(line) >= 1) {
                return this.say("danger", line.lot, _t(
                    "This serial number was scanned already. Another piece with the same number? Put it aside and tell a supervisor."));
            }
            return this.count(target, "add", [[this.known.getUnits(target)[0].key, 1]]);
        }
        if (this.mode === "pad") {
            return this.openPad(target);
        }
        this.count(target, "add", [[this.known.getUnits(target)[0].key, target.quantity || 1]]);
    }

    /** Load the bin again for a line that a colleague found after it was loaded; false when that does not bring it. */
    async learnLine(id) {
        if (!(await this.ask("show", [this.position]))) {
            this.sayOffline(_t("A colleague found this, and it cannot be looked up. Scan it when the network is back."));
        } else if (!this.known.findLine(id) && this.position.screen === "location") {
            this.say("danger", _t("Not counted"), _t("The list has changed in this moment. Scan it again."));
        }
        return Boolean(this.known.findLine(id));
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
        const units = this.known.getUnits(target);
        const quantity = sumParts(parts, units);
        const label = this.known.getLabel(target);
        this.overlay = null;
        this.acts.count(this.position.count_id, label, [{ target, kind, parts, quantity }]);
        const line = target.line_id && this.known.findLine(target.line_id);
        const total = line ? this.known.getCounted(line) : quantity;
        const text = kind === "add" && total !== quantity
            ? _t("+%(quantity)s, together %(total)s %(unit)s", {
                quantity: formatQuantity(quantity), total: formatQuantity(total), unit: units[0].name })
            : describeParts(parts, units);
        this.say("success", label, text);
    }

    /** Lines of the open bin that nobody counted yet. */
    get uncounted() {
        return this.known.todo.get(this.position.location_id) || [];
    }

    /** Count all that was not counted in this bin as 0: it is empty, or nothing else lies there. */
    countEmpty() {
        const counts = this.uncounted.map((line) => {
            const target = { line_id: line.id };
            return { target, kind: "set", parts: [[this.known.getUnits(target)[0].key, 0]], quantity: 0 };
        });
        this.acts.count(this.position.count_id, _t("%s: nothing else", this.location.name), counts);
        this.say("success", this.location.name, _t("%s lines counted as 0.", counts.length));
    }

    skip(line, reason) {
        const label = this.known.getLabel({ line_id: line.id });
        this.overlay = null;
        this.acts.skip(this.position.count_id, line, label, reason);
        this.say("warning", label, reason ? _t("Not counted: %s", reason) : _t("To be counted after all."));
    }

    /** Last act on this sheet, or undefined. */
    get lastAct() {
        return this.acts.findLast(this.position.count_id);
    }

    undo() {
        const act = this.acts.undo(this.position.count_id);
        if (act) {
            this.overlay = null;
            this.say("warning", _t("Undone"), act.label);
        }
    }

    // Questions

    /** Answer the question that is open. */
    async answer(isYes) {
        const { target, state, action, item } = this.overlay;
        this.overlay = null;
        if (item && isYes) {
            this.outbox.retry(item, { confirmed: true });
        } else if (item) {
            this.acts.discard(item);
            this.say("warning", _t("Not counted"), _t("Count it again."));
        } else if (!isYes) {
            this.message = null;
        } else if (target) {
            await this.countTarget(target);
        } else if (state) {
            await this.open(state);
        } else if (action) {
            await this.act(action);
        }
    }

    choose(choice) {
        this.overlay = null;
        this.goTo({ ...this.position, product_id: false });
        return this.countTarget(choice.target);
    }

    close() {
        this.overlay = null;
        if (this.position.product_id) {
            this.goTo({ ...this.position, product_id: false });
        }
    }

    // What the outbox tells

    /** The server took entries: lines as they are now. */
    onTaken({ lines, gone, codes }) {
        if (!this.known.updateLines(lines, gone, codes)) {
            // Found before the page was loaded.
            this.open(this.position);
        }
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
