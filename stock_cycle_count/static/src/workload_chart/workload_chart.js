/** @odoo-module **/

import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CountChart, classColor, useChartData } from "../count_chart/count_chart";
import { Component } from "@odoo/owl";

export function fullDate(day) {
    return formatDate(deserializeDate(day));
}

/** Counts to come by day and class, stacked, with the capacity of the plan as a line. */
export class WorkloadChart extends Component {
    static template = "stock_cycle_count.WorkloadChart";
    static components = { CountChart };
    static props = standardWidgetProps;

    setup() {
        this.chart = useChartData("get_forecast_chart");
        this.formatInteger = formatInteger;
        this.fullDate = fullDate;
    }

    /** Counts of each day, all classes together. */
    get totals() {
        const { classes, days } = this.chart.data;
        return days.map((_day, index) => classes.reduce((sum, { counts }) => sum + counts[index], 0));
    }

    get summary() {
        const { capacity, days } = this.chart.data;
        const totals = this.totals;
        const sum = totals.reduce((before, total) => before + total, 0);
        const values = {
            from: fullDate(days[0]),
            until: fullDate(days[days.length - 1]),
            counts: sum === 1 ? _t("1 count") : _t("%s counts", formatInteger(sum)),
            most: formatInteger(Math.max(...totals)),
            capacity: formatInteger(capacity),
            above: formatInteger(totals.filter((total) => total > capacity).length),
        };
        return Math.max(...totals) > capacity
            ? _t(
                  "%(counts)s from %(from)s to %(until)s, up to %(most)s a day. Days above the capacity of %(capacity)s: %(above)s.",
                  values
              )
            : _t(
                  "%(counts)s from %(from)s to %(until)s, up to %(most)s a day. All days are within the capacity of %(capacity)s.",
                  values
              );
    }

    getConfig(data, { text, grid }) {
        const { capacity, classes, days } = data;
        return {
            data: {
                labels: days,
                datasets: [
                    {
                        type: "line",
                        label: _t("Capacity"),
                        data: days.map(() => capacity),
                        borderColor: text,
                        backgroundColor: text,
                        borderDash: [5, 4],
                        borderWidth: 2,
                        pointRadius: 0,
                        pointHitRadius: 0,
                        pointStyle: "line",
                        stack: "capacity",
                    },
                    ...classes.map(({ id, name, counts }, index) => ({
                        type: "bar",
                        label: name,
                        data: counts,
                        backgroundColor: classColor(id ? index : -1),
                        pointStyle: "rect",
                        maxBarThickness: 40,
                        stack: "counts",
                    })),
                ],
            },
            options: {
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { position: "bottom", labels: { color: text, usePointStyle: true } },
                    tooltip: { callbacks: { title: ([item]) => (item ? fullDate(item.label) : "") } },
                },
                scales: {
                    x: {
                        stacked: true,
                        ticks: {
                            maxRotation: 0,
                            autoSkipPadding: 12,
                            callback: (_value, index) =>
                                deserializeDate(days[index]).toLocaleString({ month: "short", day: "numeric" }),
                        },
                        grid: { display: false },
                    },
                    y: {
                        stacked: true,
                        beginAtZero: true,
                        title: { text: _t("Counts a day") },
                        ticks: { precision: 0 },
                        grid: { color: grid },
                    },
                },
            },
        };
    }
}

registry.category("view_widgets").add("stock_cycle_count_workload_chart", { component: WorkloadChart });
