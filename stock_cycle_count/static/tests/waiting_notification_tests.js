/** @odoo-module **/

import { EventBus } from "@odoo/owl";
import { waitingNotification } from "@stock_cycle_count/waiting_notification/waiting_notification";

QUnit.module("Cycle Counting Notifications");

QUnit.test("sheets to decide on share one notification, and so do those that hold what was entered", (assert) => {
    const shown = new Map();
    const done = [];
    let number = 0;
    let tell;
    const notification = {
        add(message, options) {
            const id = ++number;
            shown.set(id, { message, ...options });
            return () => {
                if (shown.delete(id)) {
                    options.onClose();
                }
            };
        },
    };
    const action = { doAction: (what) => done.push(what), doActionButton: ({ resId }) => done.push(resId) };
    waitingNotification.start({ bus: new EventBus() }, {
        bus_service: { subscribe: (name, callback) => (tell = callback), start() {} }, notification, action,
    });
    const ask = (title, id) => tell({ title, message: "Differences", count_ids: [id], decide: true });
    const only = () => {
        assert.strictEqual(shown.size, 1);
        return [...shown.values()][0];
    };
    ask("CC/1", 1);
    assert.strictEqual(only().title, "CC/1");
    ask("CC/2", 2);
    ask("CC/2", 2);
    assert.strictEqual(only().message, "CC/1, CC/2");
    only().buttons[0].onClick();
    assert.strictEqual(shown.size, 0);
    ask("CC/3", 3);
    assert.strictEqual(only().title, "CC/3", "What was closed is not told again");
    only().buttons[0].onClick();
    assert.deepEqual(done, ["stock_cycle_count.stock_cycle_count_line_action_approve", 3]);
    tell({ title: "Waits", message: "It was held", count_ids: [4], decide: false });
    ask("CC/5", 5);
    assert.strictEqual(shown.size, 2, "What the user entered is told apart");
    tell({ title: "Waits", message: "It was held", count_ids: [6] });
    tell({ title: "Waits", message: "It was held", count_ids: [6] });
    assert.strictEqual(shown.size, 2, "and in one notification, however often");
    const held = [...shown.values()].pop();
    assert.ok(held.message.includes("2 sheets"));
    held.buttons[0].onClick();
    const opened = done.pop();
    assert.deepEqual(opened.domain, [["id", "in", [4, 6]]]);
    assert.strictEqual(opened.mobile_view_mode, "kanban", "A phone shows them as cards");
    assert.strictEqual(shown.size, 1);
});
