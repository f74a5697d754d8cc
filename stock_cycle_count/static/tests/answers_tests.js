/** @odoo-module **/

import { session } from "@web/session";
import { currencies } from "@web/core/currency";
import { ormService } from "@web/core/orm_service";
import { registry } from "@web/core/registry";
import { makeTestEnv } from "@web/../tests/helpers/mock_env";
import { makeFakeLocalizationService, makeFakeUserService } from "@web/../tests/helpers/mock_services";
import { click, editSelect, getFixture, makeDeferred, mount, nextTick, patchWithCleanup } from "@web/../tests/helpers/utils";
import { percent } from "@stock_cycle_count/percent";
import { AnswersPage } from "@stock_cycle_count/answers_page/answers_page";
import { MyDay } from "@stock_cycle_count/my_day/my_day";

const ACTION = {
    type: "ir.actions.act_window",
    name: "Counts",
    res_model: "stock.cycle.count.line",
    domain: [["all", "=", true]],
    views: [[false, "list"]],
};
const POINTS = [
    { label: "Week 36", n: 60, hits: 57, rate: 95, low: false, high: false, warn: false, signal: "", domain: [["w", "=", 36]] },
    { label: "Week 37", n: 60, hits: 48, rate: 80, low: 81.2, high: false, warn: 85, signal: "low", domain: [["w", "=", 37]] },
    { label: "Week 38", n: 60, hits: 51, rate: 85, low: 81.2, high: 99.5, warn: 85.2, signal: "warn", domain: [["w", "=", 38]] },
];
const BARS = [
    { label: "Picking", value: 1234.5, share: 60, cumulative: 60, lines: 12, domain: [["c", "=", "p"]], is_unknown: false },
    { label: "Unknown", value: 823, share: 40, cumulative: 100, lines: 1, domain: [["c", "=", "u"]], is_unknown: true },
];

function makeTile(name, values) {
    return {
        name, title: `Title ${name}`, value: false, text: "", sentence: `Sentence ${name}.`, trend: false, state: "good",
        definition: `Definition ${name}.`, count: 2, action: ACTION, ...values,
    };
}

function makePage(values) {
    return {
        as_of: "2026-11-27 20:00:00",
        filters: { days: 90, warehouse_ids: [], plan_ids: [] },
        choices: { warehouses: [[1, "North"], [2, "South"]], plans: [[7, "Floor"]] },
        currency_id: 1,
        is_set_up: true,
        tiles: [
            makeTile("right", { text: "93.5 %", trend: "no clear change", count: 1234 }),
            makeTile("chart", { state: "bad", points: POINTS, centre: 93 }),
            makeTile("why", { state: "warn", bars: BARS }),
            makeTile("decide", { state: "none", count: 0 }),
            makeTile("pays", { rows: [{ label: "Ranked", text: "5.8 times", action: { ...ACTION, domain: [["r", "=", 1]] } }] }),
        ],
        rates: [{ label: "A", n: 60, hits: 55, rate: 91.7, low: 81.9, high: 96.4, domain: [["class", "=", "A"]] }],
        ...values,
    };
}

let fixture, asked, opened, saved;

/** Mount a component on a server that answers with what `answer` makes of its arguments, on a screen of some size. */
async function open(Component, answer, { isSmall = false, settings = {} } = {}) {
    const services = registry.category("services");
    patchWithCleanup(session, { user_settings: { id: 5, ...settings } });
    patchWithCleanup(currencies, { 1: { symbol: "€", position: "after", digits: [69, 2] } });
    services.add("localization", makeFakeLocalizationService({ grouping: [3, 0] }));
    services.add("user", makeFakeUserService());
    services.add("orm", ormService);
    services.add("ui", { start: () => ({ isSmall }) });
    services.add("action", { start: () => ({ doAction: (...action) => opened.push(action) }) });
    const env = await makeTestEnv({
        async mockRPC(route, { method, args, kwargs }) {
            if (method === "set_res_users_settings") {
                saved.push(kwargs.new_settings);
                return kwargs.new_settings;
            }
            asked.push(args[0]);
            return answer(args[0]);
        },
    });
    await mount(Component, fixture, { env });
}

const texts = (selector) => [...fixture.querySelectorAll(selector)].map((node) => node.innerText.trim());
const tile = (name, selector = "") => fixture.querySelector(`[data-tile=${name}] ${selector}`);

QUnit.module("Cycle Counting: Today", (hooks) => {
    hooks.beforeEach(() => {
        asked = [];
        opened = [];
        saved = [];
        fixture = getFixture();
    });

    QUnit.test("a share below 100 never reads 100, and one above 0 never 0", (assert) => {
        const shown = [0, 1e-9, 0.04, 0.06, 50, 99.94, 99.96, 100 - 1e-9, 100, 100.04, 250, -0.04, -99.96].map((share) => percent(share));
        assert.deepEqual(shown, [
            "0.0 %", "0.0 %", "0.1 %", "0.1 %", "50.0 %", "99.9 %", "99.9 %", "100.0 %", "100.0 %", "100.0 %", "250.0 %",
            "-0.1 %", "-99.9 %",
        ]);
        assert.deepEqual([0.2, 99.6, 100].map((share) => percent(share, { digits: 0 })), ["1 %", "99 %", "100 %"]);
    });

    QUnit.test("each tile says its figure, its state in a word, and opens its records", async (assert) => {
        await open(AnswersPage, () => makePage());
        assert.deepEqual(asked, [{ days: 90, warehouse_ids: [], plan_ids: [] }]);
        assert.strictEqual(tile("right", ".o_answers_figure").innerText, "93.5 %");
        assert.strictEqual(tile("right", ".o_answers_sentence").innerText, "Sentence right.");
        assert.strictEqual(tile("right", ".o_answers_trend").innerText, "no clear change");
        assert.deepEqual(texts(".o_answers_state"), ["Good", "Act", "Look closer", "Nothing yet", "Good"]);
        assert.containsN(fixture, ".o_answers_state i[aria-hidden=true]", 5);
        assert.strictEqual(tile("right", ".o_answers_open").innerText.trim(), "Show 1,234 records");
        assert.notOk(tile("decide", ".o_answers_open"), "Nothing is behind it");
        assert.notOk(tile("decide", ".o_answers_figure"), "No figure is shown where there is none");
        await click(tile("right", ".o_answers_open"));
        assert.deepEqual(opened, [[ACTION]]);
    });

    QUnit.test("headings are in order, and every definition opens by a button that says so", async (assert) => {
        await open(AnswersPage, () => makePage());
        assert.deepEqual(
            [...fixture.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(({ tagName }) => tagName),
            ["H2", "H2", "H2", "H2", "H2", "H2"]
        );
        const button = tile("why", "h2 button");
        const definition = document.getElementById(button.getAttribute("aria-controls"));
        assert.strictEqual(button.getAttribute("aria-expanded"), "false");
        assert.isNotVisible(definition);
        await click(button);
        assert.strictEqual(button.getAttribute("aria-expanded"), "true");
        assert.isVisible(definition);
        assert.strictEqual(definition.innerText, "Definition why.");
        await click(button);
        assert.isNotVisible(definition);
    });

    QUnit.test("a filter asks again, and is remembered for the user", async (assert) => {
        await open(AnswersPage, (filters) => makePage({ filters }));
        assert.containsNone(fixture, "select[name=plan_ids]", "There is only one plan");
        await editSelect(fixture, "select[name=days]", "365");
        await editSelect(fixture, "select[name=warehouse_ids]", "2");
        const filters = { days: 365, warehouse_ids: [2], plan_ids: [] };
        assert.deepEqual(asked.slice(1), [{ ...filters, warehouse_ids: [] }, filters]);
        assert.deepEqual(saved[1], { cycle_count_filters: filters });
        assert.strictEqual(fixture.querySelector("select[name=warehouse_ids]").value, "2");
        await editSelect(fixture, "select[name=warehouse_ids]", "");
        assert.deepEqual(asked.pop().warehouse_ids, []);
    });

    QUnit.test("the answer to the last filter is shown, in whatever order answers arrive", async (assert) => {
        const slow = makeDeferred();
        await open(AnswersPage, async (filters) => {
            if (filters.days === 365) {
                await slow;
            }
            return makePage({ filters });
        });
        await editSelect(fixture, "select[name=days]", "365");
        assert.strictEqual(fixture.querySelector(".o_answers_page").getAttribute("aria-busy"), "true");
        await editSelect(fixture, "select[name=days]", "30");
        slow.resolve();
        await nextTick();
        assert.strictEqual(fixture.querySelector("select[name=days]").value, "30");
        assert.strictEqual(fixture.querySelector(".o_answers_page").getAttribute("aria-busy"), "false");
        assert.deepEqual(saved.map(({ cycle_count_filters: { days } }) => days), [30]);
    });

    QUnit.test("the page opens as it was left", async (assert) => {
        const left = { days: 30, warehouse_ids: [2], plan_ids: [7] };
        await open(AnswersPage, (filters) => makePage({ filters }), { settings: { cycle_count_filters: left } });
        assert.deepEqual(asked, [left]);
        assert.strictEqual(fixture.querySelector("select[name=days]").value, "30");
        assert.strictEqual(fixture.querySelector("select[name=warehouse_ids]").value, "2");
    });

    QUnit.test("what was chosen once and is gone is forgotten", async (assert) => {
        const left = { days: 30, warehouse_ids: [99], plan_ids: [] };
        await open(AnswersPage, (filters) => makePage({ filters }), { settings: { cycle_count_filters: left } });
        assert.deepEqual(asked.map(({ days }) => days), [30, 90]);
        assert.strictEqual(fixture.querySelector("select[name=days]").value, "90");
    });

    QUnit.test("what cannot be asked any more is forgotten", async (assert) => {
        await open(
            AnswersPage,
            (filters) => {
                if (filters.days === 7) {
                    throw new Error("Nobody looks back for a week any more");
                }
                return makePage({ filters });
            },
            { settings: { cycle_count_filters: { days: 7, warehouse_ids: [], plan_ids: [] } } }
        );
        assert.deepEqual(asked.map(({ days }) => days), [7, 90]);
    });

    QUnit.test("the chart is told in words and numbers, and each of its points opens", async (assert) => {
        await open(AnswersPage, () => makePage());
        assert.strictEqual(
            tile("chart", "canvas[role=img]").getAttribute("aria-label"),
            "Week 36 to Week 38: between 80.0 % and 95.0 % right, around 93.0 %."
        );
        assert.deepEqual(
            [...tile("chart").querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent.trim())),
            [
                ["Week 36", "57", "60", "95.0 %", "", ""],
                ["Week 37", "48", "60", "80.0 %", "81.2 % to 100.0 %", "below its limit"],
                ["Week 38", "51", "60", "85.0 %", "81.2 % to 99.5 %", "near its lower limit"],
            ]
        );
        const [chart] = Object.values(Chart.instances);
        assert.deepEqual(chart.data.datasets[0].pointStyle, ["circle", "triangle", "rectRot"], "Signals have shapes of their own");
        chart.options.onClick({}, [{ index: 2 }]);
        await click(tile("chart", "summary"));
        await click(tile("chart", "tbody tr:nth-child(2) button"));
        assert.deepEqual(
            opened.map(([{ domain, name, res_model }]) => [domain, name, res_model]),
            [
                [[["w", "=", 38]], "Title chart: Week 38", ACTION.res_model],
                [[["w", "=", 37]], "Title chart: Week 37", ACTION.res_model],
            ]
        );
    });

    QUnit.test("on a phone the chart is sentences", async (assert) => {
        await open(AnswersPage, () => makePage(), { isSmall: true });
        assert.containsNone(fixture, "canvas");
        assert.deepEqual(texts("[data-tile=chart] li"), [
            "Week 37: 48 of 60 right (80.0 %), below its limit.",
            "Week 38: 51 of 60 right (85.0 %), near its lower limit.",
        ]);
        assert.containsN(fixture, "[data-tile=chart] tbody tr", 3);
    });

    QUnit.test("causes name what nobody explained, in the user's format, and open their lines", async (assert) => {
        await open(AnswersPage, () => makePage());
        assert.deepEqual(
            [...fixture.querySelectorAll(".o_answers_bar")].map((bar) => bar.textContent.replace(/\s+/g, " ").trim()),
            [
                "Picking1,234.50 € on 12 lines60.0 %, down to here 60.0 %",
                "Unknown823.00 € on 1 line40.0 %, down to here 100.0 %",
            ]
        );
        assert.containsOnce(fixture, ".o_answers_unknown");
        await click(fixture.querySelectorAll(".o_answers_bar")[1]);
        await click(tile("pays", ".o_answers_rows button"));
        await click(fixture, ".o_answers_rates button");
        assert.deepEqual(opened.map(([{ domain }]) => domain), [[["c", "=", "u"]], [["r", "=", 1]], [["class", "=", "A"]]]);
    });

    QUnit.test("causes of what costs nothing have no shares, but lines", async (assert) => {
        const bars = [{ ...BARS[0], value: 0, share: false, cumulative: false }];
        await open(AnswersPage, () => makePage({ tiles: [makeTile("why", { bars })] }));
        assert.strictEqual(fixture.querySelector(".o_answers_bar").textContent.trim().replace(/\s+/g, " "), "Picking0.00 € on 12 lines");
        assert.containsNone(fixture, ".o_answers_track .o_answers_fill");
    });

    QUnit.test("before anything is set up nothing is shown", async (assert) => {
        await open(AnswersPage, () => makePage({ is_set_up: false }));
        assert.strictEqual(fixture.innerText.trim(), "");
    });

    QUnit.test("a counter's day leads to the sheet that comes next", async (assert) => {
        const day = { sheets: 2, lines: 14, overdue: 1, counted_today: 1205 };
        await open(MyDay, () => ({ ...day, next: { id: 3, name: "CC/3", zone: "A-01 … A-09", is_started: true } }));
        assert.deepEqual(texts("[data-figure]").map((text) => text.replace(/\s+/g, " ")), [
            "1,205 counted today", "14 left to count", "2 open sheets", "1 late",
        ]);
        assert.strictEqual(fixture.querySelector(".o_my_day_count").innerText, "Go on counting");
        await click(fixture, ".o_my_day_count");
        assert.strictEqual(opened[0][0].tag, "stock_cycle_count.scanner");
        assert.deepEqual(opened[0][0].params, { count_id: 3, start: false });
    });

    QUnit.test("a sheet that nobody began is begun with the same touch", async (assert) => {
        const day = { sheets: 1, lines: 4, overdue: 0, counted_today: 0 };
        await open(MyDay, () => ({ ...day, next: { id: 4, name: "CC/4", zone: "", is_started: false } }));
        assert.strictEqual(fixture.querySelector(".o_my_day_count").innerText, "Start counting");
        await click(fixture, ".o_my_day_count");
        assert.deepEqual(opened[0][0].params, { count_id: 4, start: true });
    });

    QUnit.test("a day without sheets says so and leads to the scanner", async (assert) => {
        await open(MyDay, () => ({ sheets: 0, lines: 0, overdue: 0, counted_today: 0, next: false }));
        assert.ok(fixture.innerText.includes("Nothing to count for you"));
        await click(fixture, ".o_my_day_count");
        assert.deepEqual(opened[0][0].params, {});
    });
});
