/** @odoo-module **/

import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { CountChart, getScheme } from "../count_chart/count_chart";
import { percent } from "../percent";
import { Component, useState } from "@odoo/owl";

/** Mark and word of each signal, so that none is told by its colour alone. */
const SIGNALS = {
    low: { word: _t("below its limit"), style: "triangle", rotation: 180 },
    high: { word: _t("above its limit"), style: "triangle", rotation: 0 },
    warn: { word: _t("near its lower limit"), style: "rectRot", rotation: 0 },
};

/** Control chart of records right: a point a period, its exact limits, and the mean of those before. */
export class AnswersChart extends Component {
    static template = "stock_cycle_count.AnswersChart";
    static components = { CountChart };
    static props = {
        tile: Object,
        // (domain, label)
        onOpen: Function,
    };

    setup() {
        this.ui = useState(useService("ui"));
        this.getConfig = this.getConfig.bind(this);
        this.percent = percent;
    }

    get signals() {
        return this.props.tile.points.filter(({ signal }) => signal).map((point) => this.phrase(point));
    }

    get summary() {
        const { centre, points } = this.props.tile;
        const values = {
            from: points[0].label,
            until: points[points.length - 1].label,
            lowest: percent(Math.min(...points.map(({ rate }) => rate))),
            highest: percent(Math.max(...points.map(({ rate }) => rate))),
            centre: centre && percent(centre),
        };
        return centre
            ? _t("%(from)s to %(until)s: between %(lowest)s and %(highest)s right, around %(centre)s.", values)
            : _t("%(from)s to %(until)s: between %(lowest)s and %(highest)s right.", values);
    }

    /** What a point says, as a sentence. */
    phrase({ label, n, hits, rate, signal }) {
        const values = { label, hits: formatInteger(hits), n: formatInteger(n), rate: percent(rate), signal: this.word(signal) };
        return signal
            ? _t("%(label)s: %(hits)s of %(n)s right (%(rate)s), %(signal)s.", values)
            : _t("%(label)s: %(hits)s of %(n)s right (%(rate)s).", values);
    }

    word(signal) {
        return signal ? SIGNALS[signal].word : "";
    }

    limits({ low, high }) {
        return low === false && high === false
            ? ""
            : _t("%(low)s to %(high)s", { low: percent(low || 0), high: percent(high === false ? 100 : high) });
    }

    getConfig({ centre, points }, { text, grid }) {
        const [red, orange] = [6, 1].map((index) => getColor(index, getScheme()));
        const values = (name) => points.map((point) => (point[name] === false ? null : point[name]));
        const line = (label, data, color, borderDash) => ({
            label, data, borderDash, borderColor: color, backgroundColor: color,
            borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0, pointStyle: "line", stepped: "middle",
        });
        const datasets = [
            {
                label: _t("Right"),
                data: values("rate"),
                borderColor: text,
                backgroundColor: points.map(({ signal }) => (signal ? (signal === "warn" ? orange : red) : text)),
                borderWidth: 2,
                pointStyle: points.map(({ signal }) => (signal ? SIGNALS[signal].style : "circle")),
                pointRotation: points.map(({ signal }) => (signal ? SIGNALS[signal].rotation : 0)),
                pointRadius: points.map(({ signal }) => (signal ? 8 : 3)),
                pointHitRadius: 12,
                // Points at 100 % are seen whole.
                clip: 10,
            },
            line(_t("Mean before"), points.map(() => centre || null), grid.replace("0.15", "0.6"), []),
            line(_t("Limits"), values("low"), red, [6, 4]),
            line("", values("high"), red, [6, 4]),
            line(_t("Warning"), values("warn"), orange, [2, 3]),
        ].filter(({ data }) => data.some((value) => value !== null));
        const lowest = Math.min(...points.flatMap(({ rate, low }) => (low === false ? [rate] : [rate, low])));
        return {
            type: "line",
            data: { labels: points.map(({ label }) => label), datasets },
            options: {
                interaction: { mode: "index", intersect: false },
                onClick: (_event, [element]) => element && this.onOpenPoint(points[element.index]),
                onHover: (event, elements) => (event.native.target.style.cursor = elements.length ? "pointer" : ""),
                plugins: {
                    legend: {
                        position: "bottom",
                        // As lines with their dashes: not told by colour alone either.
                        labels: {
                            usePointStyle: true,
                            pointStyleWidth: 28,
                            generateLabels: (chart) =>
                                datasets
                                    .map(({ label, borderColor, borderDash = [] }, datasetIndex) => ({
                                        text: label,
                                        datasetIndex,
                                        hidden: !chart.isDatasetVisible(datasetIndex),
                                        fontColor: text,
                                        strokeStyle: borderColor,
                                        lineWidth: 2,
                                        lineDash: borderDash,
                                        pointStyle: "line",
                                    }))
                                    .filter((item) => item.text),
                        },
                    },
                    tooltip: {
                        filter: ({ datasetIndex }) => datasetIndex === 0,
                        callbacks: { title: () => "", label: ({ dataIndex }) => this.phrase(points[dataIndex]) },
                    },
                },
                scales: {
                    x: { ticks: { maxRotation: 0, autoSkipPadding: 12 }, grid: { display: false } },
                    y: { min: Math.max(0, Math.floor(lowest / 5) * 5 - 5), max: 100, ticks: { callback: (value) => `${value} %` } },
                },
            },
        };
    }

    onOpenPoint(point) {
        this.props.onOpen(point.domain, point.label);
    }
}
