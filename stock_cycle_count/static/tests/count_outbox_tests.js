/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { RPCError } from "@web/core/network/rpc_service";
import { patchWithCleanup } from "@web/../tests/helpers/utils";
import { parseQuantity } from "@stock_cycle_count/count_scanner/quantities";
import { device, openBin, retryNow, Server, settle, setUpDevice, startDevice } from "./scanner_device";

QUnit.module("Cycle Counting Outbox", { beforeEach: setUpDevice });

QUnit.test("quantities are numbers or packs", (assert) => {
    assert.deepEqual(
        ["5", "1.5", "1,5", "3x12", "3 × 12", ".5", "", "x", "1e3", "-1", "4x"].map(parseQuantity),
        [5, 1.5, 1.5, 36, 36, 0.5, null, null, null, null, null]);
});

QUnit.test("counts are sent in their order and leave the device when they were taken", async (assert) => {
    for (const key of ["a", "b", "c"]) {
        device.outbox.add({ client_key: key, kind: "add" });
    }
    assert.strictEqual(browser.localStorage.length, 3);
    await settle();
    assert.deepEqual([...device.server.taken.keys()], ["a", "b", "c"]);
    assert.ok(device.server.taken.get("a").age >= 0);
    assert.strictEqual(browser.localStorage.length, 0);
});

QUnit.test("a lost answer does not count twice, a reload loses nothing", async (assert) => {
    device.server.fail = "after";
    device.outbox.add({ client_key: "a", kind: "add" });
    device.outbox.add({ client_key: "b", kind: "add" });
    await settle();
    assert.strictEqual(device.outbox.waiting.length, 2);
    assert.notOk(device.outbox.state.isOnline);

    startDevice();
    assert.deepEqual(device.outbox.items.map((item) => item.key), ["a", "b"]);
    device.server.fail = null;
    await device.outbox.flush();
    assert.deepEqual([...device.server.taken.keys()], ["a", "b"]);
    assert.strictEqual(device.outbox.items.length, 0);
    assert.ok(device.outbox.state.isOnline);
});

QUnit.test("counts belong to their user and database", async (assert) => {
    device.server.fail = "before";
    device.outbox.add({ client_key: "a", kind: "add" });
    await settle();
    startDevice("db/3");
    assert.strictEqual(device.outbox.items.length, 0);
    startDevice("db/2");
    assert.strictEqual(device.outbox.items.length, 1);
});

QUnit.test("a refused count stays until the user decides", async (assert) => {
    await openBin();
    device.server.judge = ({ client_key }) =>
        client_key === "bad" ? { status: "refused", text: "Bob counts this" } : { status: "done", text: "" };
    for (const key of ["one", "bad", "two"]) {
        device.outbox.add({ client_key: key, kind: "add", line_id: 11 }, { line_id: 11, quantity: 1, label: "Widget" });
    }
    await settle();
    assert.deepEqual([...device.server.taken.keys()], ["one", "two"]);
    assert.deepEqual(device.outbox.held.map((item) => [item.key, item.text]), [["bad", "Bob counts this"]]);
    assert.ok(device.model.message.text.includes("Bob counts this"));
    startDevice();
    assert.strictEqual(device.outbox.held.length, 1, "It survives a reload");
    device.server.judge = () => ({ status: "done", text: "" });
    device.outbox.retry("bad");
    await settle();
    assert.ok(device.server.taken.has("bad"));
});

QUnit.test("a count that the server fails on does not hold up the others", async (assert) => {
    const { record } = Server.prototype;
    device.server.record = (entries) => {
        if (entries.some((entry) => entry.client_key === "poison")) {
            const error = new RPCError("crash");
            error.exceptionName = "builtins.ValueError";
            throw error;
        }
        return record.call(device.server, entries);
    };
    for (const key of ["a", "poison", "z"]) {
        device.outbox.add({ client_key: key, kind: "add" }, { label: key });
    }
    for (let turn = 0; turn < 10; turn++) {
        await settle();
        await retryNow();
    }
    assert.deepEqual([...device.server.taken.keys()], ["a", "z"]);
    assert.deepEqual(device.outbox.held.map((item) => item.key), ["poison"]);
});

QUnit.test("a device that keeps nothing says so", async (assert) => {
    patchWithCleanup(browser.localStorage, {
        setItem() {
            throw new DOMException("full", "QuotaExceededError");
        },
    });
    device.server.fail = "before";
    device.outbox.add({ client_key: "a", kind: "add" });
    assert.notOk(device.outbox.state.isKept);
    await settle();
    device.server.fail = null;
    await retryNow();
    assert.ok(device.server.taken.has("a"));
});
