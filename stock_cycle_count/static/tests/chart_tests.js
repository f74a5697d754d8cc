/** @odoo-module **/

import { click, clickDiscard, clickSave, editInput, editSelect, getFixture } from "@web/../tests/helpers/utils";
import { makeView, setupViewRegistries } from "@web/../tests/views/helpers";
import { cutByClass } from "@stock_cycle_count/abc_pareto_chart/abc_pareto_chart";
import { classColor } from "@stock_cycle_count/count_chart/count_chart";

const CLASSES = [
    { id: 1, name: "A", products: 1, limit: 80 },
    { id: 2, name: "B", products: 1, limit: 95 },
    { id: 3, name: "C", products: 2, limit: 100 },
];
const PARETO = {
    warehouses: [
        { id: 7, name: "North" },
        { id: 8, name: "South" },
    ],
    warehouse_id: 7,
    total: 4,
    used: 3,
    points: [
        { rank: 1, share: 85, class_id: 1 },
        { rank: 2, share: 97, class_id: 2 },
        { rank: 3, share: 100, class_id: 3 },
        { rank: 4, share: 100, class_id: 3 },
    ],
    classes: CLASSES,
};
const WORKLOAD = {
    capacity: 3,
    days: ["2024-03-04", "2024-03-05"],
    classes: [
        { id: 1, name: "A", counts: [2, 1] },
        { id: false, name: "No class", counts: [2, 0] },
    ],
};

let fixture, serverData, calls;

/** A form with a chart, on a server that answers with these data and notes what it is asked for. */
function makeForm(widget, data, resId = 1) {
    return makeView({
        type: "form",
        resModel: "plan",
        resId,
        serverData,
        arch: `<form><field name="name"/><widget name="${widget}"/></form>`,
        async mockRPC(route, { args, kwargs, method }) {
            if (method === "get_pareto_chart" || method === "get_forecast_chart") {
                calls.push([method, args[0], kwargs.warehouse_id]);
                return typeof data === "function" ? data(kwargs) : data;
            }
        },
    });
}

QUnit.module("Cycle Counting: charts", (hooks) => {
    hooks.beforeEach(() => {
        calls = [];
        fixture = getFixture();
        setupViewRegistries();
        serverData = {
            models: {
                plan: {
                    fields: { name: { string: "Name", type: "char" } },
                    records: [{ id: 1, name: "Plan" }],
                },
            },
        };
    });

    QUnit.test("the curve is cut where it crosses the limits", (assert) => {
        const points = [
            { rank: 10, share: 90 },
            { rank: 20, share: 100 },
            { rank: 30, share: 100 },
        ];
        assert.deepEqual(cutByClass(points, CLASSES), [
            [
                { x: 0, y: 0 },
                { x: (10 * 80) / 90, y: 80 },
            ],
            [
                { x: (10 * 80) / 90, y: 80 },
                { x: 10, y: 90 },
                { x: 15, y: 95 },
            ],
            [
                { x: 15, y: 95 },
                { x: 20, y: 100 },
                { x: 30, y: 100 },
            ],
        ]);
    });

    QUnit.test("one step may cross two limits", (assert) => {
        const pieces = cutByClass([{ rank: 1, share: 100 }], CLASSES);
        assert.deepEqual(
            pieces.map((piece) => piece.map(({ y }) => y)),
            [
                [0, 80],
                [80, 95],
                [95, 100],
            ]
        );
    });

    QUnit.test("classes have different colours, no class has one of its own", (assert) => {
        const colors = [-1, 0, 1, 2, 3, 4].map(classColor);
        assert.strictEqual(new Set(colors).size, colors.length);
    });

    QUnit.test("the Pareto chart says in words what it shows", async (assert) => {
        await makeForm("stock_abc_pareto_chart", PARETO);
        const canvas = fixture.querySelector("canvas[role=img]");
        assert.ok(canvas.getAttribute("aria-label").startsWith("1 of 4 products (25 %) are in class A"));
        assert.deepEqual(
            [...fixture.querySelectorAll("tbody tr")].map((row) =>
                [...row.children].map((cell) => cell.innerText.trim())
            ),
            [
                ["A", "80 %", "1", "25 %"],
                ["B", "95 %", "1", "25 %"],
                ["C", "100 %", "2", "50 %"],
            ]
        );
    });

    QUnit.test("the Pareto chart follows the warehouse that is chosen, also after saving", async (assert) => {
        await makeForm("stock_abc_pareto_chart", ({ warehouse_id }) => ({
            ...PARETO,
            warehouse_id: warehouse_id || 7,
            used: warehouse_id === 8 ? 0 : 3,
        }));
        await editSelect(fixture, ".o_widget_stock_abc_pareto_chart select", "8");
        assert.containsNone(fixture, "canvas");
        assert.strictEqual(fixture.querySelector("[role=status]").innerText.slice(0, 15), "Nothing to rank");
        await editInput(fixture, "[name=name] input", "Other");
        await clickSave(fixture);
        assert.deepEqual(calls, [
            ["get_pareto_chart", 1, undefined],
            ["get_pareto_chart", 1, 8],
            ["get_pareto_chart", 1, 8],
        ]);
    });

    QUnit.test("the workload chart says in words what it shows", async (assert) => {
        await makeForm("stock_cycle_count_workload_chart", WORKLOAD);
        const label = fixture.querySelector("canvas[role=img]").getAttribute("aria-label");
        assert.strictEqual(
            label,
            "5 counts from 03/04/2024 to 03/05/2024, up to 4 a day. Days above the capacity of 3: 1."
        );
        await click(fixture, "details summary");
        assert.deepEqual(
            [...fixture.querySelectorAll("tbody tr")].map((row) =>
                [...row.children].map((cell) => cell.innerText.trim())
            ),
            [
                ["03/04/2024", "2", "2", "4", "3"],
                ["03/05/2024", "1", "0", "1", "3"],
            ]
        );
        assert.hasClass(fixture.querySelector("tbody tr"), "table-warning");
    });

    QUnit.test("a chart is asked for again when the record is saved, and not while it is typed in", async (assert) => {
        await makeForm("stock_cycle_count_workload_chart", WORKLOAD);
        await editInput(fixture, "[name=name] input", "Typed");
        assert.strictEqual(calls.length, 1);
        await clickSave(fixture);
        assert.strictEqual(calls.length, 2);
        assert.strictEqual(Object.keys(Chart.instances).length, 1, "The chart before was destroyed");
    });

    QUnit.test("a record that is new or has nothing to show says what to do", async (assert) => {
        await makeForm("stock_cycle_count_workload_chart", WORKLOAD, false);
        assert.strictEqual(calls.length, 0);
        assert.containsNone(fixture, "canvas");
        assert.ok(fixture.querySelector("[role=status]").innerText.includes("press Schedule"));
        await clickDiscard(fixture);
    });
});
