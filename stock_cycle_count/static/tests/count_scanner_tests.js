/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc_service";
import { nextTick, patchWithCleanup } from "@web/../tests/helpers/utils";
import { CountOutbox } from "@stock_cycle_count/count_scanner/count_outbox";
import { CountScannerModel } from "@stock_cycle_count/count_scanner/count_scanner_model";
import { parseQuantity } from "@stock_cycle_count/count_scanner/quantities";

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
class Server {
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
function SCREEN() {
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

async function settle() {
    for (let turn = 0; turn < 5; turn++) {
        await nextTick();
    }
}

let server, outbox, model, memory, timers;

/** The device, as it is after the page was loaded. */
function startDevice(owner = "db/2") {
    outbox = new CountOutbox(server, owner);
    memory = {};
    model = new CountScannerModel().setup({
        orm: server,
        outbox,
        memory: { get: (name) => memory[name] || null, set: (name, value) => (memory[name] = value) },
    });
    outbox.bus.addEventListener("taken", (ev) => model.onTaken(ev.detail));
    outbox.bus.addEventListener("held", (ev) => model.onHeld(ev.detail));
}

async function openBin() {
    await model.open({ screen: "location", count_id: 5, location_id: 1 });
}

async function retryNow() {
    const due = timers.splice(0);
    due.forEach((callback) => callback());
    await settle();
}

QUnit.module("Cycle Counting Scanner", {
    beforeEach() {
        timers = [];
        patchWithCleanup(browser, {
            localStorage: new Storage(),
            // Retries wait until the test says so; a call that hangs is not part of it.
            setTimeout: (callback, delay) => (delay >= 2000 ? timers.push(callback) : setTimeout(callback, delay)),
            clearTimeout: () => {},
        });
        server = new Server();
        startDevice();
    },
});

QUnit.test("quantities are numbers or packs", (assert) => {
    assert.deepEqual(
        ["5", "1.5", "1,5", "3x12", "3 × 12", ".5", "", "x", "1e3", "-1", "4x"].map(parseQuantity),
        [5, 1.5, 1.5, 36, 36, 0.5, null, null, null, null, null]);
});

QUnit.test("counts are sent in their order and leave the device when they were taken", async (assert) => {
    for (const key of ["a", "b", "c"]) {
        outbox.add({ client_key: key, kind: "add" });
    }
    assert.strictEqual(browser.localStorage.length, 3);
    await settle();
    assert.deepEqual([...server.taken.keys()], ["a", "b", "c"]);
    assert.ok(server.taken.get("a").age >= 0);
    assert.strictEqual(browser.localStorage.length, 0);
});

QUnit.test("a lost answer does not count twice, a reload loses nothing", async (assert) => {
    server.fail = "after";
    outbox.add({ client_key: "a", kind: "add" });
    outbox.add({ client_key: "b", kind: "add" });
    await settle();
    assert.strictEqual(outbox.waiting.length, 2);
    assert.notOk(outbox.state.isOnline);

    startDevice();
    assert.deepEqual(outbox.items.map((item) => item.key), ["a", "b"]);
    server.fail = null;
    await outbox.flush();
    assert.deepEqual([...server.taken.keys()], ["a", "b"]);
    assert.strictEqual(outbox.items.length, 0);
    assert.ok(outbox.state.isOnline);
});

QUnit.test("counts belong to their user and database", async (assert) => {
    server.fail = "before";
    outbox.add({ client_key: "a", kind: "add" });
    await settle();
    startDevice("db/3");
    assert.strictEqual(outbox.items.length, 0);
    startDevice("db/2");
    assert.strictEqual(outbox.items.length, 1);
});

QUnit.test("a refused count stays until the user decides", async (assert) => {
    await openBin();
    server.judge = ({ client_key }) =>
        client_key === "bad" ? { status: "refused", text: "Bob counts this" } : { status: "done", text: "" };
    for (const key of ["one", "bad", "two"]) {
        outbox.add({ client_key: key, kind: "add", line_id: 11 }, { line_id: 11, quantity: 1, label: "Widget" });
    }
    await settle();
    assert.deepEqual([...server.taken.keys()], ["one", "two"]);
    assert.deepEqual(outbox.held.map((item) => [item.key, item.text]), [["bad", "Bob counts this"]]);
    assert.ok(model.message.text.includes("Bob counts this"));
    startDevice();
    assert.strictEqual(outbox.held.length, 1, "It survives a reload");
    server.judge = () => ({ status: "done", text: "" });
    outbox.retry("bad");
    await settle();
    assert.ok(server.taken.has("bad"));
});

QUnit.test("a count that the server fails on does not hold up the others", async (assert) => {
    const { record } = Server.prototype;
    server.record = (entries) => {
        if (entries.some((entry) => entry.client_key === "poison")) {
            const error = new RPCError("crash");
            error.exceptionName = "builtins.ValueError";
            throw error;
        }
        return record.call(server, entries);
    };
    for (const key of ["a", "poison", "z"]) {
        outbox.add({ client_key: key, kind: "add" }, { label: key });
    }
    for (let turn = 0; turn < 10; turn++) {
        await settle();
        await retryNow();
    }
    assert.deepEqual([...server.taken.keys()], ["a", "z"]);
    assert.deepEqual(outbox.held.map((item) => item.key), ["poison"]);
});

QUnit.test("a device that keeps nothing says so", async (assert) => {
    patchWithCleanup(browser.localStorage, {
        setItem() {
            throw new DOMException("full", "QuotaExceededError");
        },
    });
    server.fail = "before";
    outbox.add({ client_key: "a", kind: "add" });
    assert.notOk(outbox.state.isKept);
    await settle();
    server.fail = null;
    await retryNow();
    assert.ok(server.taken.has("a"));
});

QUnit.test("codes of the bin count without asking, also without network", async (assert) => {
    await openBin();
    server.calls = [];
    server.fail = "before";
    await model.scan("WIDGET");
    await model.scan("BOX");
    const [widget] = model.bin.lines;
    assert.strictEqual(model.store.getCounted(widget), 13);
    assert.notOk(server.calls.includes("scan"));
    assert.strictEqual(model.message.type, "success");
    await model.scan("OTHER");
    assert.strictEqual(model.message.type, "danger");
    assert.ok(model.message.text.includes("OTHER"));
    assert.strictEqual(outbox.items.length, 2, "What is not known is not counted");
    await model.scan("LOC-B");
    assert.strictEqual(model.position.location_id, 2, "Bins of the sheet open all the same");
});

QUnit.test("the same serial number twice is refused at once", async (assert) => {
    await openBin();
    server.fail = "before";
    await model.scan("SN1");
    await model.scan("SN1");
    assert.strictEqual(model.message.type, "danger");
    assert.strictEqual(outbox.items.length, 1);
});

/** A colleague found a line here after the bin was loaded; scans of GLUE mean it. */
function findElsewhere() {
    server.scan = (state) => ({ state, message: null, target: { line_id: 13, quantity: null } });
    server.show = (state) => {
        const data = SCREEN();
        data.bins[1].lines.push({ ...data.bins[1].lines[0], id: 13, product_id: 23, found: true });
        data.bins[1].products[23] = { ...data.bins[1].products[21], id: 23, name: "Glue", code: "G" };
        data.bins[1].codes.GLUE = [13, 1];
        return { state, data, message: null };
    };
}

function getCountedLines() {
    return [...server.taken.values()].map((entry) => entry.line_id);
}

QUnit.test("what a colleague found is looked up when it is scanned", async (assert) => {
    await openBin();
    findElsewhere();
    await model.scan("GLUE");
    assert.strictEqual(model.message.title, "Glue");
    server.calls = [];
    await model.scan("GLUE");
    assert.notOk(server.calls.includes("scan"), "Now the bin knows its code");
    await settle();
    assert.deepEqual(getCountedLines(), [13, 13]);
});

QUnit.test("what a colleague found can be chosen, and typed", async (assert) => {
    await openBin();
    findElsewhere();
    model.mode = "pad";
    await model.choose({ title: "Glue", target: { line_id: 13, quantity: null } });
    assert.strictEqual(model.overlay.kind, "pad");
    model.count(model.overlay.target, "set", [["uom-1", 4]]);
    await settle();
    assert.deepEqual(getCountedLines(), [13]);
});

QUnit.test("what a colleague found is not counted when it cannot be looked up", async (assert) => {
    await openBin();
    const { call } = server;
    findElsewhere();
    server.call = (method, args) => {
        server.fail = method === "show" ? "before" : null;
        return call.call(server, method, args);
    };
    await model.scan("GLUE");
    assert.strictEqual(model.message.title, "No network");
    assert.strictEqual(outbox.items.length, 0);

    server.call = call;
    server.fail = null;
    server.show = Server.prototype.show;
    await model.scan("GLUE");
    assert.strictEqual(model.message.title, "Not counted", "The line is gone again");
    assert.strictEqual(outbox.items.length, 0);
    await model.scan("WIDGET");
    await settle();
    assert.deepEqual(getCountedLines(), [11]);
});

QUnit.test("a scan that fails does not stop those after it", async (assert) => {
    await openBin();
    server.scan = () => {
        throw new TypeError("a mistake in the code");
    };
    await assert.rejects(model.scan("OTHER"), /mistake/, "Mistakes are reported");
    assert.ok(model.message.title.includes("OTHER"), "The person is told");
    assert.strictEqual(model.message.type, "danger");
    await model.scan("WIDGET");
    await settle();
    assert.deepEqual(getCountedLines(), [11]);
});

QUnit.test("undo takes the last act back, before and after it was sent", async (assert) => {
    await openBin();
    const [widget] = model.bin.lines;
    server.fail = "before";
    await model.scan("WIDGET");
    await model.scan("BOX");
    model.undo();
    assert.strictEqual(model.store.getCounted(widget), 1);
    model.undo();
    assert.strictEqual(model.store.getCounted(widget), null);
    model.undo();
    assert.strictEqual(outbox.items.length, 4, "There is nothing more to undo");
    const [first, second, third, fourth] = outbox.items.map((item) => item.entry);
    assert.deepEqual([third.undone_key, fourth.undone_key], [second.client_key, first.client_key]);
});

QUnit.test("an empty bin is one act", async (assert) => {
    await openBin();
    model.countEmpty();
    assert.deepEqual(outbox.items.map((item) => item.entry.parts), [[["uom-1", 0]], [["uom-1", 0]]]);
    assert.strictEqual(model.uncounted.length, 0);
    assert.strictEqual(model.store.progress.percent, 100);
    model.undo();
    assert.strictEqual(model.uncounted.length, 2);
});

QUnit.test("questions are answered once", async (assert) => {
    await openBin();
    server.judge = ({ confirmed }) =>
        confirmed ? { status: "done", text: "" } : { status: "question", title: "12345678?", text: "A barcode?" };
    model.count({ line_id: 11 }, "set", [["uom-1", 12345678]]);
    await settle();
    assert.strictEqual(model.overlay.kind, "question");
    await model.scan("WIDGET");
    assert.strictEqual(model.message.title, "Answer first");
    await model.answer(true);
    await settle();
    assert.strictEqual(server.taken.size, 1);
    assert.strictEqual(outbox.items.length, 0);
});

QUnit.test("command labels do what the buttons do, and say yes", async (assert) => {
    await openBin();
    server.act = () => ({ state: { screen: "home" }, data: { sheets: [] }, message: null });
    server.fail = "before";
    await model.scan("O-BTN.ok");
    assert.strictEqual(model.message.title, "Not now", "Nothing is to be confirmed");
    await model.scan("WIDGET");
    await model.scan("O-BTN.undo");
    assert.strictEqual(model.store.getCounted(model.bin.lines[0]), null);
    model.openPad({ line_id: 11 });
    let confirmed = 0;
    model.overlay.onOk = () => confirmed++;
    await model.scan("O-BTN.ok");
    assert.strictEqual(confirmed, 1);
    await model.scan("O-BTN.undo");
    assert.strictEqual(model.overlay, null, "It leaves the pad");
    await model.scan("O-BTN.empty");
    assert.strictEqual(model.uncounted.length, 0);
    await model.scan("O-BTN.empty");
    assert.strictEqual(model.message.title, "Not now", "Nothing is left to be counted as 0");
    await model.scan("O-BTN.next");
    assert.strictEqual(model.position.screen, "sheet", "No bin has anything left");
    server.fail = null;
    await outbox.flush();
    await model.scan("O-BTN.close");
    assert.strictEqual(model.position.screen, "home");
});

QUnit.test("many lines become 0 only after a question", async (assert) => {
    await openBin();
    const { lines } = model.bin;
    for (let id = 101; id <= 104; id++) {
        lines.push({ ...lines[0], id });
    }
    model.store.addBins({ 1: model.bin });
    server.fail = "before";
    await model.scan("O-BTN.empty");
    assert.strictEqual(model.overlay.kind, "question");
    assert.strictEqual(outbox.items.length, 0);
    await model.scan("O-BTN.undo");
    assert.deepEqual([model.overlay, outbox.items.length], [null, 0], "That is a no");
    await model.scan("O-BTN.empty");
    await model.scan("O-BTN.empty");
    assert.deepEqual([model.overlay, model.uncounted.length], [null, 0], "The same label again is a yes");
    assert.strictEqual(model.message.type, "warning");
});

QUnit.test("the last line of a bin says what comes next", async (assert) => {
    const { show } = Server.prototype;
    server.show = (state) => {
        const answer = show.call(server, state);
        answer.data.locations[1].todo = answer.data.locations[1].total = 3;
        delete answer.data.bins[2];
        return answer;
    };
    await openBin();
    server.fail = "before";
    await model.scan("WIDGET");
    assert.notOk(model.message.text.includes("done"));
    await model.scan("SN1");
    assert.ok(model.message.text.includes("A is done, next is B"), model.message.text);
    assert.deepEqual(model.store.touched, [12, 11], "The last one comes first");
});

QUnit.test("what says that counts wait goes when they are sent", async (assert) => {
    await openBin();
    server.fail = "before";
    await model.scan("WIDGET");
    await settle();
    await model.act("close");
    assert.strictEqual(model.message.title, "Not sent yet");
    server.fail = null;
    await retryNow();
    assert.strictEqual(outbox.items.length, 0);
    assert.strictEqual(model.message, null);
});
