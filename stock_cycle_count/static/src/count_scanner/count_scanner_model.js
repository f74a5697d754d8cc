/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";

import { describeParts, formatQuantity, sumParts } from "./quantities";
import { COMMANDS } from "./scanner_commands";
import { ScannerNavigation } from "./scanner_navigation";

/** More lines than this are counted as 0 only after a question. */
const MANY_LINES = 3;

/**
 * State of the scanner screen: what is scanned, counted and asked. The server says what a scan means; what is counted
 * goes through the outbox. Codes of the bin that is open count without asking, so that counting goes on without network.
 */
export class CountScannerModel extends ScannerNavigation {
    // Scans

    /** Take a scan; each waits until those before it are understood, or have failed. */
    scan(barcode) {
        const run = this.chain.then(() => this.resolveScan(barcode));
        this.chain = run.catch(() => this.say("danger", _t("%s was not counted", barcode), _t(
            "Something went wrong there. Scan it again; if that does not help, tell a supervisor.")));
        return run;
    }

    async resolveScan(barcode) {
        const overlay = this.overlay;
        if (COMMANDS[barcode]) {
            return this.obey(COMMANDS[barcode], barcode);
        }
        if (overlay && overlay.kind === "question") {
            if (overlay.barcode === barcode) {
                return this.answer(true);
            }
            return this.say("danger", _t("Answer first"), _t("%s Scan the same label again for yes.", overlay.title));
        }
        const meant = this.position.screen === "location" && !this.position.product_id && this.bin.codes[barcode];
        if (overlay && overlay.kind === "pad" && overlay.isTouched) {
            return this.say("danger", _t("Quantity not confirmed"), _t("Press OK first, or go back."));
        }
        if (meant) {
            const line = this.store.findLine(meant[0]);
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
        const location = this.store.locations.find((one) => [one.barcode, one.name, one.path].includes(barcode));
        if (location && this.store.bins[location.id]) {
            return this.openKnown(location);
        }
        this.sayOffline(_t(
            "%s is not on the list here and cannot be looked up. Put it aside and scan it when the network is back.",
            barcode));
    }

    /** Do what a command label stands for; scanned again, it says yes to what is asked then. */
    async obey(command, barcode) {
        const { overlay } = this;
        if (overlay && overlay.kind === "question" && (command === "ok" || overlay.barcode === barcode)) {
            return this.answer(true);
        }
        if (overlay && command === "ok" && overlay.onOk) {
            return overlay.onOk();
        }
        if (overlay && overlay.kind === "outbox" && ["ok", "undo"].includes(command)) {
            const [held] = this.outbox.held;
            return held ? this.settle(held, command === "ok") : this.close();
        }
        if (overlay && command === "undo") {
            return overlay.kind === "question" ? this.answer(false) : this.close();
        }
        const act = !overlay && this.getCommands()[command];
        if (!act) {
            return this.say("danger", _t("Not now"), overlay && overlay.title
                ? overlay.title : _t("This label does nothing here."));
        }
        await act();
        if (this.overlay && this.overlay.kind === "question") {
            this.overlay.barcode = barcode;
        }
    }

    /** What the labels do on the present screen. */
    getCommands() {
        const { lastAct, nextLocation, position, sheet, untouched } = this;
        const isInBin = position.screen === "location";
        return {
            undo: lastAct && (() => this.undo()),
            empty: isInBin && untouched.length && (() => this.countEmpty()),
            next: nextLocation ? () => this.walkOn(nextLocation) : isInBin && (() => this.openSheet()),
            close: sheet && position.screen !== "home" && (() => this.act("close")),
        };
    }

    /** Open the next bin, and say so to those who do not look. */
    async walkOn(location) {
        await this.openLocation(location.id);
        if (this.position.location_id === location.id && !this.message) {
            this.say("success", location.name, _t("Scan what lies here."));
        }
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
        if (line_id && !this.store.findLine(line_id) && !(await this.loadLine(line_id))) {
            return;
        }
        const line = line_id && this.store.findLine(line_id);
        const isAgain = line && this.store.isAgain(line);
        if (line ? line.serial : target.serial) {
            if (line && !isAgain && this.store.getCounted(line) >= 1) {
                return this.say("danger", line.lot, _t(
                    "This serial number was scanned already. Another piece with the same number? Put it aside and tell a supervisor."));
            }
            return this.count(target, isAgain ? "set" : "add", [[this.store.getUnits(target)[0].key, 1]]);
        }
        if (this.mode === "pad" || isAgain) {
            return this.openPad(target);
        }
        this.count(target, "add", [[this.store.getUnits(target)[0].key, target.quantity || 1]]);
    }

    /** Load the bin again for a line that a colleague found after it was loaded; false when that does not bring it. */
    async loadLine(id) {
        if (!(await this.ask("show", [this.position]))) {
            this.sayOffline(_t("A colleague found this, and it cannot be looked up. Scan it when the network is back."));
        } else if (!this.store.findLine(id) && this.position.screen === "location") {
            this.say("danger", _t("Not counted"), _t("The list has changed in this moment. Scan it again."));
        }
        return Boolean(this.store.findLine(id));
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
        const units = this.store.getUnits(target);
        const quantity = sumParts(parts, units);
        const label = this.store.getLabel(target);
        this.overlay = null;
        this.history.count(this.position.count_id, label, [{ target, kind, parts, quantity }]);
        const line = target.line_id && this.store.findLine(target.line_id);
        if (line) {
            this.store.touch(line.id);
        }
        const total = line ? this.store.getCounted(line) : quantity;
        const text = kind === "add" && total !== quantity
            ? _t("+%(quantity)s, together %(total)s %(unit)s", {
                quantity: formatQuantity(quantity), total: formatQuantity(total), unit: units[0].name })
            : describeParts(parts, units);
        this.say("success", label, line ? [text, this.binDone].filter(Boolean).join(". ") : text);
    }

    /** What comes after the last line of a bin; empty while something is left. */
    get binDone() {
        if (this.uncounted.length) {
            return "";
        }
        const names = { here: this.location.name, next: this.nextLocation && this.nextLocation.name };
        return names.next ? _t("%(here)s is done, next is %(next)s", names) : _t("%(here)s is done, and so is the sheet", names);
    }

    /** Whether a target is all that is left to be counted on the sheet. */
    isLast({ line_id }) {
        const { uncounted } = this;
        return Boolean(line_id) && uncounted.length === 1 && uncounted[0].id === line_id && !this.nextLocation;
    }

    /** Close the sheet as soon as the server has all of its counts; where it asks something first, or there is no network,
     * the user closes it.
     */
    closeWhenSent() {
        this.closesWhenSent = this.position.count_id;
        this.closeIfSent();
    }

    closeIfSent() {
        const id = this.closesWhenSent;
        if (id && !this.outbox.items.some((item) => item.entry.count_id === id)) {
            this.closesWhenSent = null;
            if (this.position.count_id === id && !this.uncounted.length) {
                return this.act("close");
            }
        }
    }

    /** Lines of the open bin that are to be counted. */
    get uncounted() {
        return this.store.todo.get(this.position.location_id) || [];
    }

    /** Those of them that have no count at all: the others are to be counted once more. */
    get untouched() {
        return this.store.findUncounted(this.uncounted);
    }

    /** Count all that was not counted in this bin as 0: it is empty, or nothing else lies there. */
    countEmpty() {
        const lines = this.untouched;
        if (lines.length <= MANY_LINES) {
            return this.countZero(lines);
        }
        this.overlay = {
            kind: "question", title: _t("Count %s lines as 0?", lines.length), yes: _t("Count as 0"), no: _t("Look again"),
            text: _t("None of what is left on the list lies in %s.", this.location.name), run: () => this.countZero(lines),
        };
        this.say("warning", this.location.name, this.overlay.title);
    }

    countZero(lines) {
        const counts = lines.map((line) => {
            const target = { line_id: line.id };
            return { target, kind: "set", parts: [[this.store.getUnits(target)[0].key, 0]], quantity: 0 };
        });
        this.history.count(this.position.count_id, _t("%s: nothing else", this.location.name), counts);
        const text = counts.length === 1 ? _t("1 line counted as 0") : _t("%s lines counted as 0", counts.length);
        this.say("warning", this.location.name, [text, this.binDone].filter(Boolean).join(". "));
    }

    skip(line, reason) {
        const label = this.store.getLabel({ line_id: line.id });
        this.overlay = null;
        this.history.skip(this.position.count_id, line, label, reason);
        this.say("warning", label, reason ? _t("Not counted: %s", reason) : _t("To be counted after all."));
    }

    /** Last act on this sheet, or undefined. */
    get lastAct() {
        return this.history.findLast(this.position.count_id);
    }

    undo() {
        const act = this.history.undo(this.position.count_id);
        if (act) {
            this.overlay = null;
            this.say("warning", _t("Undone"), act.label);
        }
    }

    // Questions

    /** Answer the question that is open. */
    async answer(isYes) {
        const { target, state, action, item, run } = this.overlay;
        this.overlay = null;
        if (item && isYes) {
            this.outbox.retry(item, { confirmed: true });
        } else if (item) {
            this.history.discard(item);
            this.say("warning", _t("Not counted"), _t("Count it again."));
        } else if (!isYes) {
            this.message = null;
        } else if (run) {
            run();
        } else if (target) {
            await this.countTarget(target);
        } else if (state) {
            await this.open(state);
        } else if (action) {
            await this.act(action);
        }
    }

    /** Send again what the server did not take, or discard it. */
    settle(item, isRight) {
        if (isRight) {
            this.outbox.retry(item.key, item.status === "question" ? { confirmed: true } : {});
        } else {
            this.history.discard(item.key);
            this.say("warning", _t("Discarded"), item.shown.label);
        }
        if (!this.outbox.held.length) {
            this.overlay = null;
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
        if (this.message && this.message.isUntilSent && !this.outbox.items.length) {
            this.message = null;
        }
        if (!this.store.updateLines(lines, gone, codes)) {
            // Found before the page was loaded.
            this.open(this.position);
        }
        this.closeIfSent();
    }

    /** The server refused an entry or asks something about it. */
    onHeld(item) {
        this.closesWhenSent = null;
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
