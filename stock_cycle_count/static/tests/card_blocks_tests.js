/** @odoo-module **/

import { makeTestEnv } from "@web/../tests/helpers/mock_env";
import { getFixture, mount, nextTick } from "@web/../tests/helpers/utils";
import { LocationScreen } from "@stock_cycle_count/count_scanner/count_screens";
import { device, openBin, setUpDevice } from "./scanner_device";

const LINES = 500;

/** Wait until something is on the screen; a second at most. */
async function appear(target, selector) {
    for (let turn = 0; turn < 60 && !target.querySelector(selector); turn++) {
        await nextTick();
    }
    return target.querySelector(selector);
}

QUnit.module("Cycle Counting Blocks of Cards", { beforeEach: setUpDevice });

QUnit.test("of many lines only those near the view are drawn", async (assert) => {
    await openBin();
    const { model } = device;
    const [widget] = model.bin.lines;
    const lines = Array.from({ length: LINES }, (_value, index) => ({ ...widget, id: 1000 + index }));
    model.bin.codes.LAST = [1000 + LINES - 1, 1];
    model.store.addBins({ 1: { ...model.bin, lines } });
    const target = getFixture();
    target.style.cssText = "display: flex; flex-direction: column; height: 500px; width: 360px";
    await mount(LocationScreen, target, { env: await makeTestEnv(), props: { model } });
    const body = target.querySelector(".o_scanner_body");
    const count = () => target.querySelectorAll(".o_scanner_line").length;
    assert.ok(await appear(target, "[data-line-id='1000']"));
    assert.ok(count() < 60, `${count()} cards are drawn`);
    assert.ok(body.scrollHeight > 50 * LINES, "The others keep their room");

    body.scrollTop = body.scrollHeight / 2;
    assert.ok(await appear(target, `[data-line-id='${1000 + LINES / 2}']`), "What comes into view is drawn");
    body.scrollTop = body.scrollHeight;
    assert.ok(await appear(target, `[data-line-id='${1000 + LINES - 1}']`));
    body.scrollTop = 0;
    await appear(target, "[data-line-id='1000']");
    assert.notOk(target.querySelector(`[data-line-id='${1000 + LINES / 2}']`), "What left it is not");
    assert.ok(count() < 100, `${count()} cards are drawn`);

    device.server.fail = "before";
    await model.scan("LAST");
    const last = await appear(target, ".o_scanner_flash");
    assert.strictEqual(last.dataset.lineId, String(1000 + LINES - 1), "What was counted is brought into view");
    const box = last.getBoundingClientRect();
    const frame = body.getBoundingClientRect();
    assert.ok(box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1);
});
