/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { Reactive } from "@web/core/utils/reactive";

import { CountHistory } from "./count_history";
import { CountServer } from "./count_server";
import { play } from "./feedback";
import { SheetStore } from "./sheet_store";

const SOUNDS = { success: "ok", warning: "warning", danger: "error" };

/**
 * Where the scanner screen is, and how it gets elsewhere. The server says which screen comes next; without network, the
 * device opens those that it knows.
 *
 * `position` is the state that the server knows; `overlay` what lies over the screen: `pad`, `question`, `choices`,
 * `skip` or `outbox`. Heirs count what an answer names (`countTarget`).
 */
export class ScannerNavigation extends Reactive {
    setup({ orm, outbox, memory }) {
        this.server = new CountServer(orm, outbox);
        this.outbox = outbox;
        this.memory = memory;
        this.position = { screen: "home" };
        this.sheets = [];
        this.sheet = null;
        this.store = new SheetStore(outbox);
        this.history = new CountHistory(outbox, this.store, memory);
        this.rights = {};
        this.packageName = "";
        this.message = null;
        this.overlay = null;
        this.isBusy = false;
        this.mode = memory.get("mode") || "add";
        this.isDark = Boolean(memory.get("dark"));
        this.chain = Promise.resolve();
        return this;
    }

    // What the screens show

    get location() {
        return this.store.findLocation(this.position.location_id);
    }

    get bin() {
        return this.store.bins[this.position.location_id] || { lines: [], products: {}, codes: {} };
    }

    /** Found things that the server has not heard of yet. */
    get waitingFinds() {
        return this.outbox.items.filter(
            ({ entry, shown }) => shown.isFind && entry.location_id === this.position.location_id);
    }

    get nextLocation() {
        return this.store.findNext(this.position.location_id);
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
    async take({ state, data, message, question, choices, lot_of, target, act, ...rest }) {
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
        if (act) {
            await this.act(act);
        } else if (question) {
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
            this.store.forget();
            return;
        }
        if (!this.sheet || this.sheet.id !== data.sheet.id) {
            this.store.forget();
        }
        this.sheet = data.sheet;
        this.store.setLocations(data.locations);
        this.store.addBins(data.bins);
        this.rights = { start: data.can_start, join: data.can_join, takeOver: data.can_take_over };
    }

    // Screens

    /** Open a screen; without network, one that the device knows. */
    async open(state) {
        if (!(await this.ask("show", [state]))) {
            if (state.screen === "location" && this.store.bins[state.location_id]) {
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

    /** Open the first screen: a sheet at once where there is only one to count, started where that was asked for. */
    async begin(state, { start }) {
        await this.open(state);
        const open = this.position.screen === "home" ? this.sheets.filter((sheet) => sheet.mine || !sheet.counter) : [];
        if (open.length === 1 && open[0].mine) {
            await this.openSheet(open[0].id);
        } else if (start && this.rights.start) {
            await this.act("start");
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
        if (next && !this.store.bins[next.id] && this.outbox.state.isOnline) {
            const state = { screen: "location", count_id: this.position.count_id, location_id: next.id };
            const result = await this.server.ask("show", [state]);
            if (result && result.answer) {
                this.store.addBins(result.answer.data.bins);
            }
        }
    }

    goBack() {
        return this.position.screen === "location" ? this.openSheet() : this.openHome();
    }

    async act(action) {
        if (action === "close" && this.outbox.items.some((item) => item.entry.count_id === this.position.count_id)) {
            this.say("warning", _t("Not sent yet"), _t("Counts of this sheet still wait. See to them before you close it."));
            this.message.isUntilSent = true;
            this.overlay = { kind: "outbox" };
            return;
        }
        if (!(await this.ask("act", [this.position, action]))) {
            this.sayOffline(_t("This needs the network. Try again in a moment."));
        }
    }

    /** Count the sheet instead of whoever has it, after a question: that person is told to stop. */
    askTakeOver() {
        this.overlay = {
            kind: "question", title: _t("Take this sheet over?"), yes: _t("Take over"), no: _t("Go back"),
            text: _t("%s is told not to count it any more. To count together, join instead.", this.sheet.people.join(", ")),
            run: () => this.act("take_over"),
        };
    }

    toggleMode() {
        this.mode = this.mode === "add" ? "pad" : "add";
        this.memory.set("mode", this.mode);
    }
}
