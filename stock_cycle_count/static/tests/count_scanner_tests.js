/** @odoo-module **/

import { device, openBin, retryNow, SCREEN, Server, settle, setUpDevice } from "./scanner_device";

QUnit.module("Cycle Counting Scanner", { beforeEach: setUpDevice });

QUnit.test("codes of the bin count without asking, also without network", async (assert) => {
    await openBin();
    device.server.calls = [];
    device.server.fail = "before";
    await device.model.scan("WIDGET");
    await device.model.scan("BOX");
    const [widget] = device.model.bin.lines;
    assert.strictEqual(device.model.store.getCounted(widget), 13);
    assert.notOk(device.server.calls.includes("scan"));
    assert.strictEqual(device.model.message.type, "success");
    await device.model.scan("OTHER");
    assert.strictEqual(device.model.message.type, "danger");
    assert.ok(device.model.message.text.includes("OTHER"));
    assert.strictEqual(device.outbox.items.length, 2, "What is not known is not counted");
    await device.model.scan("LOC-B");
    assert.strictEqual(device.model.position.location_id, 2, "Bins of the sheet open all the same");
});

QUnit.test("the same serial number twice is refused at once", async (assert) => {
    await openBin();
    device.server.fail = "before";
    await device.model.scan("SN1");
    await device.model.scan("SN1");
    assert.strictEqual(device.model.message.type, "danger");
    assert.strictEqual(device.outbox.items.length, 1);
});

/** A colleague found a line here after the bin was loaded; scans of GLUE mean it. */
function findElsewhere() {
    device.server.scan = (state) => ({ state, message: null, target: { line_id: 13, quantity: null } });
    device.server.show = (state) => {
        const data = SCREEN();
        data.bins[1].lines.push({ ...data.bins[1].lines[0], id: 13, product_id: 23, found: true });
        data.bins[1].products[23] = { ...data.bins[1].products[21], id: 23, name: "Glue", code: "G" };
        data.bins[1].codes.GLUE = [13, 1];
        return { state, data, message: null };
    };
}

function getCountedLines() {
    return [...device.server.taken.values()].map((entry) => entry.line_id);
}

QUnit.test("what a colleague found is looked up when it is scanned", async (assert) => {
    await openBin();
    findElsewhere();
    await device.model.scan("GLUE");
    assert.strictEqual(device.model.message.title, "Glue");
    device.server.calls = [];
    await device.model.scan("GLUE");
    assert.notOk(device.server.calls.includes("scan"), "Now the bin knows its code");
    await settle();
    assert.deepEqual(getCountedLines(), [13, 13]);
});

QUnit.test("what a colleague found can be chosen, and typed", async (assert) => {
    await openBin();
    findElsewhere();
    device.model.mode = "pad";
    await device.model.choose({ title: "Glue", target: { line_id: 13, quantity: null } });
    assert.strictEqual(device.model.overlay.kind, "pad");
    device.model.count(device.model.overlay.target, "set", [["uom-1", 4]]);
    await settle();
    assert.deepEqual(getCountedLines(), [13]);
});

QUnit.test("what a colleague found is not counted when it cannot be looked up", async (assert) => {
    await openBin();
    const { call } = device.server;
    findElsewhere();
    device.server.call = (method, args) => {
        device.server.fail = method === "show" ? "before" : null;
        return call.call(device.server, method, args);
    };
    await device.model.scan("GLUE");
    assert.strictEqual(device.model.message.title, "No network");
    assert.strictEqual(device.outbox.items.length, 0);

    device.server.call = call;
    device.server.fail = null;
    device.server.show = Server.prototype.show;
    await device.model.scan("GLUE");
    assert.strictEqual(device.model.message.title, "Not counted", "The line is gone again");
    assert.strictEqual(device.outbox.items.length, 0);
    await device.model.scan("WIDGET");
    await settle();
    assert.deepEqual(getCountedLines(), [11]);
});

QUnit.test("a scan that fails does not stop those after it", async (assert) => {
    await openBin();
    device.server.scan = () => {
        throw new TypeError("a mistake in the code");
    };
    await assert.rejects(device.model.scan("OTHER"), /mistake/, "Mistakes are reported");
    assert.ok(device.model.message.title.includes("OTHER"), "The person is told");
    assert.strictEqual(device.model.message.type, "danger");
    await device.model.scan("WIDGET");
    await settle();
    assert.deepEqual(getCountedLines(), [11]);
});

QUnit.test("undo takes the last act back, before and after it was sent", async (assert) => {
    await openBin();
    const [widget] = device.model.bin.lines;
    device.server.fail = "before";
    await device.model.scan("WIDGET");
    await device.model.scan("BOX");
    device.model.undo();
    assert.strictEqual(device.model.store.getCounted(widget), 1);
    device.model.undo();
    assert.strictEqual(device.model.store.getCounted(widget), null);
    device.model.undo();
    assert.strictEqual(device.outbox.items.length, 4, "There is nothing more to undo");
    const [first, second, third, fourth] = device.outbox.items.map((item) => item.entry);
    assert.deepEqual([third.undone_key, fourth.undone_key], [second.client_key, first.client_key]);
});

QUnit.test("an empty bin is one act", async (assert) => {
    await openBin();
    device.model.countEmpty();
    assert.deepEqual(device.outbox.items.map((item) => item.entry.parts), [[["uom-1", 0]], [["uom-1", 0]]]);
    assert.strictEqual(device.model.uncounted.length, 0);
    assert.strictEqual(device.model.store.progress.percent, 100);
    device.model.undo();
    assert.strictEqual(device.model.uncounted.length, 2);
});

QUnit.test("questions are answered once", async (assert) => {
    await openBin();
    device.server.judge = ({ confirmed }) =>
        confirmed ? { status: "done", text: "" } : { status: "question", title: "12345678?", text: "A barcode?" };
    device.model.count({ line_id: 11 }, "set", [["uom-1", 12345678]]);
    await settle();
    assert.strictEqual(device.model.overlay.kind, "question");
    await device.model.scan("WIDGET");
    assert.strictEqual(device.model.message.title, "Answer first");
    await device.model.answer(true);
    await settle();
    assert.strictEqual(device.server.taken.size, 1);
    assert.strictEqual(device.outbox.items.length, 0);
});

QUnit.test("command labels do what the buttons do, and say yes", async (assert) => {
    await openBin();
    device.server.act = () => ({ state: { screen: "home" }, data: { sheets: [] }, message: null });
    device.server.fail = "before";
    await device.model.scan("O-BTN.ok");
    assert.strictEqual(device.model.message.title, "Not now", "Nothing is to be confirmed");
    await device.model.scan("WIDGET");
    await device.model.scan("O-BTN.undo");
    assert.strictEqual(device.model.store.getCounted(device.model.bin.lines[0]), null);
    device.model.openPad({ line_id: 11 });
    let confirmed = 0;
    device.model.overlay.onOk = () => confirmed++;
    await device.model.scan("O-BTN.ok");
    assert.strictEqual(confirmed, 1);
    await device.model.scan("O-BTN.undo");
    assert.strictEqual(device.model.overlay, null, "It leaves the pad");
    await device.model.scan("O-BTN.empty");
    assert.strictEqual(device.model.uncounted.length, 0);
    await device.model.scan("O-BTN.empty");
    assert.strictEqual(device.model.message.title, "Not now", "Nothing is left to be counted as 0");
    await device.model.scan("O-BTN.next");
    assert.strictEqual(device.model.position.screen, "sheet", "No bin has anything left");
    device.server.fail = null;
    await device.outbox.flush();
    await device.model.scan("O-BTN.close");
    assert.strictEqual(device.model.position.screen, "home");
});

QUnit.test("labels settle what the server did not take, one by one", async (assert) => {
    await openBin();
    const right = { status: "done", text: "" };
    device.server.judge = () => ({ status: "refused", text: "It is on another sheet" });
    device.model.count({ line_id: 11 }, "set", [["uom-1", 3]]);
    await settle();
    device.model.count({ line_id: 11 }, "set", [["uom-1", 4]]);
    await settle();
    assert.strictEqual(device.outbox.items.length, 2);
    device.model.overlay = { kind: "outbox" };
    const [first, second] = device.outbox.items.map((item) => item.entry.client_key);
    await device.model.scan("O-BTN.undo");
    assert.deepEqual([device.model.message.title, device.model.overlay.kind], ["Discarded", "outbox"]);
    assert.deepEqual(device.outbox.items.map((item) => item.key), [second]);
    device.server.judge = () => right;
    await device.model.scan("O-BTN.ok");
    await settle();
    assert.deepEqual([device.model.overlay, device.outbox.items.length], [null, 0], "Sent again, and nothing is left to see to");
    assert.deepEqual([device.server.taken.has(first), device.server.taken.has(second)], [false, true]);
    device.model.overlay = { kind: "outbox" };
    await device.model.scan("O-BTN.ok");
    assert.strictEqual(device.model.overlay, null, "The list was read");
});

QUnit.test("many lines become 0 only after a question", async (assert) => {
    await openBin();
    const { lines } = device.model.bin;
    for (let id = 101; id <= 104; id++) {
        lines.push({ ...lines[0], id });
    }
    device.model.store.addBins({ 1: device.model.bin });
    device.server.fail = "before";
    await device.model.scan("O-BTN.empty");
    assert.strictEqual(device.model.overlay.kind, "question");
    assert.strictEqual(device.outbox.items.length, 0);
    await device.model.scan("O-BTN.undo");
    assert.deepEqual([device.model.overlay, device.outbox.items.length], [null, 0], "That is a no");
    await device.model.scan("O-BTN.empty");
    await device.model.scan("O-BTN.empty");
    assert.deepEqual([device.model.overlay, device.model.uncounted.length], [null, 0], "The same label again is a yes");
    assert.strictEqual(device.model.message.type, "warning");
});

QUnit.test("the last line of a bin says what comes next", async (assert) => {
    const { show } = Server.prototype;
    device.server.show = (state) => {
        const answer = show.call(device.server, state);
        answer.data.locations[1].todo = answer.data.locations[1].total = 3;
        delete answer.data.bins[2];
        return answer;
    };
    await openBin();
    device.server.fail = "before";
    await device.model.scan("WIDGET");
    assert.notOk(device.model.message.text.includes("done"));
    await device.model.scan("SN1");
    assert.ok(device.model.message.text.includes("A is done, next is B"), device.model.message.text);
    assert.deepEqual(device.model.store.touched, [12, 11], "The last one comes first");
});

QUnit.test("a colleague's sheet is taken over after a question", async (assert) => {
    await openBin();
    device.model.sheet.people = ["Nina"];
    device.server.act = (state, action) => ({ state, message: { type: "success", title: action, text: "" } });
    device.model.askTakeOver();
    assert.ok(device.model.overlay.text.includes("Nina"));
    await device.model.answer(false);
    assert.notOk(device.server.calls.includes("act"));
    device.model.askTakeOver();
    await device.model.answer(true);
    await settle();
    assert.strictEqual(device.model.message.title, "take_over");
});

QUnit.test("what says that counts wait goes when they are sent", async (assert) => {
    await openBin();
    device.server.fail = "before";
    await device.model.scan("WIDGET");
    await settle();
    await device.model.act("close");
    assert.strictEqual(device.model.message.title, "Not sent yet");
    device.server.fail = null;
    await retryNow();
    assert.strictEqual(device.outbox.items.length, 0);
    assert.strictEqual(device.model.message, null);
});

QUnit.test("a card is drawn anew when what it shows has changed, and only then", async (assert) => {
    await openBin();
    const { model } = device;
    const shown = () => model.bin.lines.map((line) => model.store.getShown([line]));
    const before = shown();
    assert.deepEqual(shown(), before, "Nothing has changed");
    device.server.fail = "before";
    await model.scan("WIDGET");
    const [widget, drill] = shown();
    assert.notEqual(widget, before[0], "It was counted, and waits to be sent");
    assert.strictEqual(drill, before[1]);
    await settle();
    device.server.fail = null;
    await device.outbox.flush();
    assert.notEqual(shown()[0], widget, "It is sent");
    for (const change of [{ skipped: "No label" }, { recount: true }, { mine: false }, { found: true }, { expected: 5 }, { again: "asked" }]) {
        const line = { ...model.bin.lines[1], ...change };
        assert.notEqual(model.store.getShown([line]), drill, Object.keys(change)[0]);
    }
});
