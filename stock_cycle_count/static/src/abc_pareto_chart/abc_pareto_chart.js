/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CountChart, classColor, hexToRGBA, useChartData } from "../count_chart/count_chart";
import { percent as shownPercent } from "../percent";
import { Component } from "@odoo/owl";

/** Limits on the axis that are nearer to each other than this many percent would print over each other. */
const CLOSEST_LIMITS = 4;

const percent = (value) => shownPercent(value, { trailingZeros: false });

/**
 * Cut the curve into one piece a class, where it crosses the limit of the class.
 *
 * @param {Array} points `{rank, share}` by rank; ranks may be left out in between
 * @param {Array} classes `{limit}` from the lowest limit up
 * @returns {Array<Array>} points `{x, y}` for each class, each piece beginning where the one before it ends
 */
export function cutByClass(points, classes) {
    const pieces = classes.map(() => []);
    let last = { x: 0, y: 0 };
    let index = 0;
    pieces[0].push(last);
    for (const { rank, share } of points) {
        while (index < classes.length - 1 && share >= classes[index].limit) {
            const { limit } = classes[index];
            const part = share > last.y ? (limit - last.y) / (share - last.y) : 0;
            const crossing = { x: last.x + (rank - last.x) * Math.max(0, part), y: limit };
            pieces[index].push(crossing);
            pieces[++index].push(crossing);
        }
        last = { x: rank, y: share };
        pieces[index].push(last);
    }
    return pieces;
}

/** Cumulative share of the products by rank, for one warehouse, with the classes as coloured bands. */
export class AbcParetoChart extends Component {
    static template = "stock_cycle_count.AbcParetoChart";
    static components = { CountChart };
    static props = standardWidgetProps;

    setup() {
        this.chart = useChartData("get_pareto_chart");
        this.classColor = classColor;
        this.formatInteger = formatInteger;
        this.percent = percent;
    }

    get summary() {
        const { classes, total } = this.chart.data;
        const [first] = classes;
        return _t(
            "%(products)s of %(total)s products (%(part)s) are in class %(name)s and make up at least %(limit)s of the use.",
            {
                products: formatInteger(first.products),
                total: formatInteger(total),
                part: percent((100 * first.products) / total),
                name: first.name,
                limit: percent(first.limit),
            }
        );
    }

    getConfig(data, { grid }) {
        const limits = data.classes.map((abcClass) => abcClass.limit);
        const ticks = limits.filter(
            (limit, index) => index === limits.length - 1 || limits[index + 1] - limit >= CLOSEST_LIMITS
        );
        return {
            type: "line",
            data: {
                datasets: cutByClass(data.points, data.classes).map((piece, index) => ({
                    label: data.classes[index].name,
                    data: piece,
                    fill: "origin",
                    borderColor: classColor(index),
                    backgroundColor: hexToRGBA(classColor(index), 0.35),
                    borderWidth: 2,
                    pointRadius: 0,
                    pointHitRadius: 8,
                })),
            },
            options: {
                interaction: { mode: "nearest", axis: "x", intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        callbacks: {
                            title: ([item]) =>
                                item ? _t("Rank %s of %s", Math.ceil(item.parsed.x), data.total) : "",
                            label: (item) =>
                                _t("Class %s: up to here %s", item.dataset.label, percent(item.parsed.y)),
                        },
                    },
                },
                scales: {
                    x: {
                        type: "linear",
                        min: 0,
                        max: data.total,
                        title: { text: _t("Products by rank") },
                        ticks: { precision: 0, maxRotation: 0, includeBounds: false },
                        grid: { display: false },
                    },
                    y: {
                        min: 0,
                        max: 100,
                        title: { text: _t("Cumulative share") },
                        // The grid lies on the limits of the classes.
                        afterBuildTicks: (axis) => {
                            axis.ticks = [0, ...ticks].map((value) => ({ value }));
                        },
                        ticks: { autoSkip: false, callback: percent },
                        grid: { color: grid },
                        border: { dash: [4, 4] },
                    },
                },
            },
        };
    }

    onChangeWarehouse(ev) {
        return this.chart.load({ warehouse_id: Number(ev.target.value) });
    }
}

registry.category("view_widgets").add("stock_abc_pareto_chart", { component: AbcParetoChart });
