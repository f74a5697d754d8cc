/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc_service";
import { nextTick, patchWithCleanup } from "@web/../tests/helpers/utils";
import { CountOutbox } from "@stock_cycle_count/count_scanner/count_outbox";
import { CountScannerModel } from "@stock_cycle_count/count_scanner/count_scanner_model";

/** A storage as browsers have it: the one of the test helpers knows no keys. */
class Storage {
    constructor() {
        this.items = new Map();
    }

    get length() {
        return this.items.size;
    }

    key(index) {
        return [...this.items.keys()][index] || null;
    }

    getItem(name) {
        return this.items.has(name) ? this.items.get(name) : null;
    }

    setItem(name, value) {
        this.items.set(name, String(value));
    }

    removeItem(name) {
        this.items.delete(name);
    }
}

/** A server that takes each key once; `fail` says how a call ends instead: before or after it arrived. */
export class Server {
    constructor() {
        this.taken = new Map();
        this.calls = [];
        this.fail = null;
        this.judge = () => ({ status: "done", text: "" });
        this.silent = { call: (model, method, args) => this.call(method, args) };
    }

    async call(method, args) {
        this.calls.push(method);
        if (this.fail === "before") {
            throw new ConnectionLostError("/scan");
        }
        const answer = this[method](...args);
        if (this.fail === "after") {
            throw new ConnectionLostError("/scan");
        }
        return answer;
    }

    record(entries) {
        const verdicts = entries.map((entry) => {
            const verdict = { client_key: entry.client_key, ...this.judge(entry) };
            if (verdict.status === "done" && !this.taken.has(entry.client_key)) {
                this.taken.set(entry.client_key, entry);
            }
            return verdict;
        });
        return { verdicts, lines: [], gone: [], codes: {} };
    }

    show(state) {
        return { state, data: SCREEN(), message: null };
    }

    scan(state, barcode) {
        return { state, message: { type: "danger", title: "Unknown", text: barcode, sound: "error" } };
    }
}

const UNITS = [
    { key: "uom-1", name: "Units", factor: 1, pack: false },
    { key: "pack-7", name: "Box", factor: 12, pack: true },
];

/** A sheet with two bins: a widget and a drill in the first one, nothing in the second. */
export function SCREEN() {
    const line = {
        location_id: 1, lot: "", package: "", package_id: false, owner: "", serial: false, counted: null,
        recount: false, mine: true, found: false, skipped: "", expected: null,
    };
    const location = { total: 0, todo: 0, others: 0, recount: 0, skipped: false };
    return {
        sheet: { id: 5, name: "CC/5", state: "in_progress", blind: true, mine: true, people: [] },
        locations: [
            { ...location, id: 1, name: "A", path: "WH/A", barcode: "LOC-A", total: 2, todo: 2 },
            { ...location, id: 2, name: "B", path: "WH/B", barcode: "LOC-B" },
        ],
        bins: {
            1: {
                lines: [
                    { ...line, id: 11, product_id: 21 },
                    { ...line, id: 12, product_id: 22, lot: "SN1", serial: true },
                ],
                products: {
                    21: { id: 21, name: "Widget", code: "W", tracking: "none", units: UNITS, rounding: 1 },
                    22: { id: 22, name: "Drill", code: "D", tracking: "serial", units: UNITS, rounding: 1 },
                },
                codes: { WIDGET: [11, 1], BOX: [11, 12], SN1: [12, 1] },
            },
            2: { lines: [], products: {}, codes: {} },
        },
    };
}

export async function settle() {
    for (let turn = 0; turn < 5; turn++) {
        await nextTick();
    }
}

/** The device under test: its outbox and model, the server that it calls, its memory, and what is to run later. */
export const device = {};

/** The device, as it is after the page was loaded. */
export function startDevice(owner = "db/2") {
    const memory = {};
    const outbox = new CountOutbox(device.server, owner);
    const model = new CountScannerModel().setup({
        orm: device.server,
        outbox,
        memory: { get: (name) => memory[name] || null, set: (name, value) => (memory[name] = value) },
    });
    outbox.bus.addEventListener("taken", (ev) => model.onTaken(ev.detail));
    outbox.bus.addEventListener("held", (ev) => model.onHeld(ev.detail));
    Object.assign(device, { memory, outbox, model });
}

export async function openBin() {
    await device.model.open({ screen: "location", count_id: 5, location_id: 1 });
}

export async function retryNow() {
    const due = device.timers.splice(0);
    due.forEach((callback) => callback());
    await settle();
}

/** Before each test: a device of its own, with an empty storage. */
export function setUpDevice() {
    device.timers = [];
    patchWithCleanup(browser, {
        localStorage: new Storage(),
        // Retries wait until the test says so; a call that hangs is not part of it.
        setTimeout: (callback, delay) => (delay >= 2000 ? device.timers.push(callback) : setTimeout(callback, delay)),
        clearTimeout: () => {},
    });
    device.server = new Server();
    startDevice();
}
